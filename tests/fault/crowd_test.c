/* crowd_test.c -- more who want in than there is place for: strangers who say nothing, more
 * connections than the node takes, and no descriptors left. Who is there goes on, who is turned
 * away is told why, and when there is place again the next one is let in.
 */
#define _GNU_SOURCE
#include "fault/child.h"
#include "fault/raw.h"
#include "fault/seam.h"

#include "net/guests.h"

#include <kmsg/object.h>

#include <netinet/in.h>
#include <sys/resource.h>

/* ---- what the log says ----------------------------------------------------------------------- */

static int  lines;
static char last_line[512];

static void keep_line(void *ctx, kmsg_log_level level, const char *text)
{
    (void)ctx;
    if (level < KMSG_WARNING)
        return;
    lines++;
    snprintf(last_line, sizeof last_line, "%s", text);
}

static void keep_log(void)
{
    lines = 0;
    last_line[0] = '\0';
    kmsg_set_log(keep_line, NULL);
}

/* ---- the silent ------------------------------------------------------------------------------ */

static kmsg_node_facts facts_of(const kmsg_node *node)
{
    kmsg_node_facts facts;

    kmsg_node_info(node, &facts);
    return facts;
}

static void serve_seam(server *s, const char *url)
{
    *s = (server){.node = seam_node_new()};
    OK(talk_Talk_serve(s->node, &talk_impl, s));
    OK(kmsg_listen(s->node, url, &s->listener));
}

static int sit_silently(server *s)
{
    int fd = raw_connect(kmsg_listener_url(s->listener));

    OK(kmsg_node_step(s->node)); /* so that they do not wait for one another */
    return fd;
}

/* With so many that are silent: is a guest let in, without the clock having moved? In the end he
 * is, when the oldest had his time. */
static bool lets_in_beside(uint32_t count)
{
    static int fds[KMI_SILENT_MAX + 1];
    server     s;
    kmsg_node *node = kmsg_node_new();
    kmsg_peer *peer;
    outcome    o = {0};
    bool       at_once;

    seam_begin((seam_plan){.at = 0});
    serve_seam(&s, new_name());
    for (uint32_t i = 0; i < count; i++)
        fds[i] = sit_silently(&s);
    peer = dial(node, &s);
    kmsg_peer_set_timeout_ms(peer, PATIENCE_MS);
    talk_Talk_sum_async(peer, &o, sum_done);
    for (int i = 0; i < 20; i++)
        step_both(node, s.node, 0);
    CHECK(facts_of(s.node).silent <= KMI_SILENT_MAX);
    at_once = o.count == 1;
    seam.ahead_ns += KMI_SILENT_NS;
    DRIVE(node, s.node, o.count == 1);
    EQ_INT(o.err, KMSG_OK);
    for (uint32_t i = 0; i < count; i++)
        close(fds[i]);
    kmsg_node_free(node);
    server_done(&s);
    return at_once;
}

TEST(so_many_strangers_are_let_in_before_they_say_who_they_are_and_no_more)
{
    CHECK(lets_in_beside(KMI_SILENT_MAX - 1));
    CHECK(!lets_in_beside(KMI_SILENT_MAX));
    CHECK(!lets_in_beside(KMI_SILENT_MAX + 1));
}

static int sit_silently_over_tcp(server *s)
{
    const char        *port = strrchr(kmsg_listener_url(s->listener), ':') + 1;
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    int                fd = socket(AF_INET, SOCK_STREAM, 0);

    at.sin_port = htons((uint16_t)strtoul(port, NULL, 10));
    CHECK(connect(fd, (struct sockaddr *)&at, sizeof at) == 0);
    OK(kmsg_node_step(s->node));
    return fd;
}

TEST(who_comes_when_the_node_has_slept_for_long_has_his_time_too)
{
    int    fds[KMI_SILENT_EACH + 1];
    server s;

    seam_begin((seam_plan){.at = 0});
    serve_seam(&s, "tcp:127.0.0.1:0");
    OK(kmsg_node_step(s.node));
    seam.ahead_ns += 2 * KMI_SILENT_NS;
    for (unsigned i = 0; i < KMI_SILENT_EACH + 1; i++)
        fds[i] = sit_silently_over_tcp(&s);
    EQ_UINT(facts_of(s.node).silent, KMI_SILENT_EACH + 1);
    for (unsigned i = 0; i < KMI_SILENT_EACH + 1; i++)
        close(fds[i]);
    server_done(&s);
}

TEST(a_flood_of_the_silent_is_logged_once)
{
    static int fds[2 * KMI_SILENT_MAX];
    server     s;

    keep_log();
    seam_begin((seam_plan){.at = 0});
    serve_seam(&s, new_name());
    for (unsigned i = 0; i < 2 * KMI_SILENT_MAX; i++) {
        if (i == KMI_SILENT_MAX)
            seam.ahead_ns += KMI_SILENT_NS;
        fds[i] = sit_silently(&s);
    }
    EQ_UINT(facts_of(s.node).silent, KMI_SILENT_MAX);
    EQ_INT(lines, 1);
    HAS(last_line, "say nothing");
    for (unsigned i = 0; i < 2 * KMI_SILENT_MAX; i++)
        close(fds[i]);
    server_done(&s);
    kmsg_set_log(NULL, NULL);
}

/* ---- as many as the node takes --------------------------------------------------------------- */

static void ask(kmsg_node *node, kmsg_node *other, kmsg_peer *peer, outcome *o)
{
    *o = (outcome){0};
    talk_Talk_echo_async(peer, &(talk_Note){.text = KMSG_STR("x"), .blob = {(uint8_t *)"", 0}}, o,
                         echo_done);
    DRIVE(node, other, o->count == 1);
}

static void one_too_many(const char *url)
{
    server     s;
    kmsg_node *node = kmsg_node_new();
    kmsg_peer *first, *second, *third;
    outcome    o;

    keep_log();
    server_init(&s, NULL);
    FAILS(kmsg_node_set_connections_max(s.node, 0), KMSG_EINVAL);
    OK(kmsg_node_set_connections_max(s.node, 2));
    OK(kmsg_listen(s.node, url, &s.listener));
    first = dial(node, &s);
    second = dial(node, &s);
    third = dial(node, &s);
    ask(node, s.node, first, &o);
    EQ_INT(o.err, KMSG_OK);
    ask(node, s.node, second, &o);
    EQ_INT(o.err, KMSG_OK);
    for (int i = 0; i < 3; i++) {
        ask(node, s.node, third, &o);
        EQ_INT(o.err, KMSG_EOVERLOADED);
        HAS(o.words, "it has as many connections as it takes");
    }
    EQ_INT(lines, 1);
    HAS(last_line, "kmsg_node_set_connections_max");
    EQ_UINT(facts_of(s.node).accepted, 2);
    EQ_UINT(facts_of(s.node).turned_away, 3);
    ask(node, s.node, first, &o);
    EQ_INT(o.err, KMSG_OK);
    kmsg_peer_close(second);
    DRIVE(node, s.node, facts_of(s.node).accepted == 1);
    ask(node, s.node, third, &o);
    EQ_INT(o.err, KMSG_OK);
    kmsg_node_free(node);
    server_done(&s);
    kmsg_set_log(NULL, NULL);
}

TEST(one_more_than_the_node_takes_is_told_so_and_let_in_when_another_has_gone_over_unix)
{
    one_too_many(new_path());
}

TEST(one_more_than_the_node_takes_is_told_so_and_let_in_when_another_has_gone_over_tcp)
{
    one_too_many("tcp:127.0.0.1:0");
}

/* ---- no descriptors -------------------------------------------------------------------------- */

/* The server of this process takes all descriptors when it is told "take", and lets go of them when
 * it is told "give". The answer's number is how many lines it has logged. */
#define TAKEN_MAX 4096

static int    taken[TAKEN_MAX];
static size_t taken_count;

static void take_all(void)
{
    struct rlimit limit;
    int           fd;

    CHECK(getrlimit(RLIMIT_NOFILE, &limit) == 0);
    limit.rlim_cur = limit.rlim_cur < 256 ? limit.rlim_cur : 256;
    CHECK(setrlimit(RLIMIT_NOFILE, &limit) == 0);
    while (taken_count < TAKEN_MAX && (fd = dup(0)) >= 0)
        taken[taken_count++] = fd;
    CHECK(errno == EMFILE);
}

static void give_all(void)
{
    while (taken_count > 0)
        close(taken[--taken_count]);
}

static kmsg_err take_or_give(void *ctx, kmsg_call *call, const talk_Note *note, talk_Note *ret)
{
    (void)ctx;
    (void)call;
    if (strcmp(note->text.data, "take") == 0)
        take_all();
    if (strcmp(note->text.data, "give") == 0)
        give_all();
    *ret = *note;
    ret->number = lines;
    return KMSG_OK;
}

static void serve_greedily(void *ctx)
{
    static const talk_Talk_impl impl = {.echo = take_or_give};
    kmsg_node                  *node = kmsg_node_new();

    keep_log();
    kmsg_must(talk_Talk_serve(node, &impl, NULL));
    kmsg_must(kmsg_listen(node, ctx, NULL));
    lines = 0; /* ?insecure is told */
    child_say('l');
    kmsg_must(kmsg_run(node));
}

static int64_t say(kmsg_peer *peer, const char *text)
{
    kmsg_arena *mem = kmsg_arena_new();
    talk_Note   note = note_of(text, 0), back = {.number = -1};

    OK(talk_Talk_echo(peer, &note, mem, &back));
    kmsg_arena_free(mem);
    return back.number;
}

static void run_out(const char *url)
{
    child      c = child_start(serve_greedily, (void *)(uintptr_t)url);
    kmsg_node *node = kmsg_node_new();
    kmsg_peer *there, *late;
    int64_t    sum;

    EQ_INT(child_hear(&c), 'l');
    OK(kmsg_dial(node, url, &there));
    OK(kmsg_dial(node, url, &late));
    EQ_INT(say(there, "take"), 0);
    for (int i = 0; i < 3; i++) {
        FAILS(talk_Talk_sum(late, NULL, &sum), KMSG_EOVERLOADED);
        HAS(kmsg_last_error(), "too many open files");
        EQ_INT(say(there, "are you there?"), 1);
    }
    EQ_INT(say(there, "give"), 1);
    EQ_INT(say(late, "and now?"), 1);
    kmsg_node_free(node);
    child_end(&c);
}

TEST(who_has_no_descriptor_left_turns_guests_away_and_serves_on_over_unix)
{
    run_out(new_name());
}

TEST(who_has_no_descriptor_left_turns_guests_away_and_serves_on_over_tcp)
{
    char     url[64];
    unsigned id = (unsigned)getpid() & 0x7fff;

    snprintf(url, sizeof url, "tcp:127.%u.%u.3:9998?insecure", 64 + (id >> 8), id & 0xff);
    run_out(url);
}

TEST(who_has_no_descriptor_left_cannot_dial_and_is_told_what_to_do)
{
    struct rlimit before;
    server        s;
    kmsg_node    *node = kmsg_node_new();
    kmsg_peer    *peer;
    outcome       o;

    server_init(&s, new_name());
    peer = dial(node, &s);
    CHECK(getrlimit(RLIMIT_NOFILE, &before) == 0);
    take_all();
    ask(node, s.node, peer, &o);
    EQ_INT(o.err, KMSG_EDESCRIPTORS);
    HAS(o.words, "ulimit -n");
    FAILS(kmsg_listen(s.node, "tcp:127.0.0.1:0", NULL), KMSG_EDESCRIPTORS);
    CHECK(kmsg_node_new() == NULL);
    give_all();
    CHECK(setrlimit(RLIMIT_NOFILE, &before) == 0);
    ask(node, s.node, peer, &o);
    EQ_INT(o.err, KMSG_OK);
    kmsg_node_free(node);
    server_done(&s);
}
