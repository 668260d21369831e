/* peer_test.c -- peers whose links come, go and come again, and strangers who speak for themselves.
 * */
#define _GNU_SOURCE
#include "talk.h"

#include "core/core.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>

/* ---- either side --------------------------------------------------------------------------- */

TEST(who_was_dialled_can_ask_back_after_the_call)
{
    server     s, mine;
    kmsg_peer *peer;
    outcome    o = {0}, back = {0};
    talk_Note  note = note_of("x", 1);

    server_init(&s, "tcp:127.0.0.1:0");
    server_init(&mine, NULL);
    peer = dial(mine.node, &s);
    talk_Talk_echo_async(peer, &note, &o, echo_done);
    DRIVE(mine.node, s.node, o.count == 1);
    CHECK(strncmp(kmsg_peer_url(s.back), "tcp:127.0.0.1:", 14) == 0);
    note = note_of("back", 2);
    talk_Talk_echo_async(s.back, &note, &back, echo_done);
    DRIVE(mine.node, s.node, back.count == 1);
    EQ_STR(back.text, "back");
    server_done(&mine);
    server_done(&s);
}

TEST(both_sides_ask_each_other_at_the_same_time)
{
    enum { COUNT = 500 };
    static outcome there[COUNT], here[COUNT];
    server         s, mine;
    kmsg_peer     *peer;
    talk_Note      note = note_of("x", 1);

    memset(there, 0, sizeof there);
    memset(here, 0, sizeof here);
    server_init(&s, new_path());
    server_init(&mine, NULL);
    peer = dial(mine.node, &s);
    talk_Talk_echo_async(peer, &note, &there[0], echo_done);
    DRIVE(mine.node, s.node, there[0].count == 1);
    for (int i = 1; i < COUNT; i++) {
        note.number = i;
        talk_Talk_echo_async(peer, &note, &there[i], echo_done);
        talk_Talk_echo_async(s.back, &note, &here[i], echo_done);
    }
    DRIVE(mine.node, s.node, there[COUNT - 1].count == 1 && here[COUNT - 1].count == 1);
    for (int i = 1; i < COUNT; i++) {
        EQ_INT(there[i].number, i);
        EQ_INT(here[i].number, i);
    }
    server_done(&mine);
    server_done(&s);
}

/* ---- losing and finding again -------------------------------------------------------------- */

static void lose_over(const char *url)
{
    server     s;
    kmsg_node *node = kmsg_node_new();
    kmsg_peer *peer;
    outcome    lost = {0}, after = {0};
    talk_Note  later = note_of("later", 1);

    server_init(&s, url);
    OK(kmsg_dial(node, url, &peer));
    talk_Talk_echo_async(peer, &later, &lost, echo_done);
    DRIVE(node, s.node, s.later != NULL);
    server_done(&s);
    DRIVE(node, node, lost.count == 1);
    EQ_INT(lost.err, KMSG_ELOST);
    HAS(lost.words, url);
    server_init(&s, url);
    talk_Talk_sum_async(peer, &after, sum_done);
    DRIVE(node, s.node, after.count == 1);
    EQ_INT(after.err, KMSG_OK);
    kmsg_node_free(node);
    server_done(&s);
}

TEST(a_call_in_flight_is_lost_with_its_link_and_the_next_one_dials_again)
{
    lose_over(new_path());
    lose_over("inproc:lose");
}

static char logged[4096];

static void keep_log(void *ctx, kmsg_log_level level, const char *text)
{
    size_t at = strlen(logged);

    (void)ctx;
    snprintf(logged + at, sizeof logged - at, "%d %s\n", (int)level, text);
}

TEST(a_server_that_was_started_anew_is_noticed)
{
    logged[0] = '\0';
    kmsg_set_log(keep_log, NULL);
    lose_over(new_path());
    kmsg_set_log(NULL, NULL);
    HAS(logged, "started anew");
}

TEST(what_was_not_sent_goes_out_on_the_next_connection_in_order)
{
    const char *url = new_path();
    server      s;
    kmsg_node  *node = kmsg_node_new();
    kmsg_peer  *peer;
    outcome     up = {0}, sums[3] = {{0}};

    server_init(&s, url);
    OK(kmsg_dial(node, url, &peer));
    talk_Talk_sum_async(peer, &up, sum_done);
    DRIVE(node, s.node, up.count == 1);
    server_done(&s); /* the node has not been told yet */
    for (int i = 0; i < 3; i++) {
        OK(talk_Talk_push(peer, i + 1));
        talk_Talk_sum_async(peer, &sums[i], sum_done);
    }
    kmi_conn_events.down(peer->conn->link, KMSG_ELOST, "cut"); /* before a byte of it was written */
    EQ_INT(sums[0].count, 0);
    server_init(&s, url);
    DRIVE(node, s.node, sums[2].count == 1);
    EQ_INT(sums[0].number, 1);
    EQ_INT(sums[1].number, 3);
    EQ_INT(sums[2].number, 6);
    kmsg_node_free(node);
    server_done(&s);
}

static int  listen_raw(const char *url);
static void say_hello(int fd);

TEST(what_the_system_had_taken_is_lost_and_the_rest_arrives_once)
{
    enum { COUNT = 100 };
    static uint8_t bytes[50000];
    const char    *url = new_path();
    int            listener = listen_raw(url), fd, lost = 0;
    server         s;
    kmsg_node     *node = kmsg_node_new();
    kmsg_peer     *peer;
    outcome        o[COUNT] = {{0}};
    talk_Note      note = note_of("x", 0);

    OK(kmsg_dial(node, url, &peer));
    note.blob = (kmsg_bytes){bytes, sizeof bytes};
    for (int i = 0; i < COUNT; i++) {
        note.number = i;
        talk_Talk_echo_async(peer, &note, &o[i], echo_done);
    }
    fd = accept(listener, NULL, NULL);
    say_hello(fd);
    DRIVE(node, node, peer->conn->out.sent > 0); /* as much as the system takes: nobody reads it */
    close(listener);
    close(fd);
    DRIVE(node, node, o[0].count == 1);
    unlink(url + 5);
    server_init(&s, url);
    DRIVE(node, s.node, o[COUNT - 1].count == 1);
    while (lost < COUNT && o[lost].err == KMSG_ELOST)
        lost++;
    CHECK(lost > 0 && lost < COUNT);
    for (int i = 0; i < COUNT; i++) {
        EQ_INT(o[i].count, 1);
        EQ_INT(o[i].err, i < lost ? KMSG_ELOST : KMSG_OK);
        EQ_INT(o[i].number, i < lost ? 0 : i);
    }
    EQ_INT(s.handled, COUNT - lost);
    kmsg_node_free(node);
    server_done(&s);
}

TEST(a_full_backlog_fails_no_call)
{
    const char *url = new_path();
    int         listener = listen_raw(url), fd;
    server      s;
    kmsg_node  *node = kmsg_node_new();
    kmsg_peer  *peers[40];
    outcome     o[40] = {{0}};

    for (int i = 0; i < 40; i++) { /* six of them find room */
        OK(kmsg_dial(node, url, &peers[i]));
        talk_Talk_sum_async(peers[i], &o[i], sum_done);
        EQ_INT(o[i].count, 0);
    }
    OK(kmsg_node_step(node));
    EQ_INT(o[39].count, 0);
    fd = accept(listener, NULL, NULL);
    close(fd);
    close(listener);
    unlink(url + 5);
    server_init(&s, url);
    DRIVE(node, s.node, o[39].count == 1);
    EQ_INT(o[39].err, KMSG_OK);
    kmsg_node_free(node);
    server_done(&s);
}

TEST(a_dial_that_fails_fails_the_oldest_call_and_only_that)
{
    const char *url = new_path();
    server      s;
    kmsg_node  *node = kmsg_node_new();
    kmsg_peer  *peer;
    outcome     o[4] = {{0}};
    int64_t     began_ms = clock_ms();

    OK(kmsg_dial(node, url, &peer));
    talk_Talk_sum_async(peer, &o[0], sum_done); /* refused at once */
    OK(talk_Talk_push(peer, 5));                /* this refused dial has no call to fail */
    for (int i = 1; i < 4; i++)
        talk_Talk_sum_async(peer, &o[i], sum_done);
    DRIVE(node, node, o[1].count == 1); /* by the next try */
    CHECK(clock_ms() - began_ms >= 49);
    EQ_INT(o[0].err, KMSG_EREFUSED);
    EQ_INT(o[1].err, KMSG_EREFUSED);
    EQ_INT(o[2].count + o[3].count, 0);
    server_init(&s, url);
    DRIVE(node, s.node, o[3].count == 1);
    EQ_INT(o[2].err, KMSG_OK);
    EQ_INT(o[3].number, 5);
    kmsg_node_free(node);
    server_done(&s);
}

TEST(calls_that_wait_for_a_connection_keep_their_deadlines)
{
    kmsg_node *node = kmsg_node_new();
    kmsg_peer *peer;
    outcome    first = {0}, second = {0};
    int64_t    began_ms = clock_ms();

    OK(kmsg_dial(node, new_name(), &peer));
    talk_Talk_sum_async(peer, &first, sum_done);
    OK(talk_Talk_push(peer, 1));        /* keeps the peer trying */
    kmsg_peer_set_timeout_ms(peer, 20); /* sooner than the next try */
    talk_Talk_sum_async(peer, &second, sum_done);
    DRIVE(node, node, second.count == 1);
    CHECK(clock_ms() - began_ms >= 19);
    EQ_INT(first.err, KMSG_EREFUSED);
    EQ_INT(second.err, KMSG_ETIMEDOUT);
    kmsg_node_free(node);
}

TEST(an_accepted_peer_goes_with_its_link)
{
    server     s;
    kmsg_node *node = kmsg_node_new();
    kmsg_peer *peer;
    outcome    o = {0}, sent = {0}, unsent = {0};
    talk_Note  note = note_of("later", 1);
    int64_t    number;

    server_init(&s, new_path());
    peer = dial(node, &s);
    talk_Talk_echo_async(peer, &note, &o, echo_done);
    DRIVE(node, s.node, s.later != NULL);
    talk_Talk_sum_async(s.back, &sent, sum_done);
    OK(kmsg_node_step(s.node));
    talk_Talk_sum_async(s.back, &unsent, sum_done);
    kmi_conn_events.down(s.back->conn->link, KMSG_ELOST, "cut");
    EQ_PTR(kmsg_call_peer(s.later), s.back); /* the call that is left keeps it in memory */
    CHECK(kmsg_call_is_over(s.later));
    FAILS(talk_Talk_sum(s.back, NULL, &number), KMSG_ECLOSED);
    FAILS(talk_Talk_push(s.back, 1), KMSG_ECLOSED);
    DRIVE(s.node, s.node, unsent.count == 1);
    EQ_INT(sent.err, KMSG_ELOST);
    EQ_INT(unsent.err, KMSG_EUNSENT);
    talk_Talk_echo_reply(s.later, &note);
    kmsg_node_free(node);
    server_done(&s);
}

/* ---- names --------------------------------------------------------------------------------- */

TEST(a_host_name_is_looked_up)
{
    server     s;
    kmsg_node *node = kmsg_node_new();
    kmsg_peer *peer;
    outcome    o = {0};
    char       url[400], host[256];

    if (gethostname(host, sizeof host) != 0)
        SKIP("this host has no name");
    server_init(&s, "tcp:0.0.0.0:0?insecure");
    snprintf(url, sizeof url, "tcp:%s:%s", host,
             strrchr(kmsg_listener_url(s.listener), ':') + 1); /* with its ?insecure */
    OK(kmsg_dial(node, url, &peer));
    talk_Talk_sum_async(peer, &o, sum_done);
    DRIVE(node, s.node, o.count == 1);
    kmsg_node_free(node);
    server_done(&s);
    if (o.err == KMSG_EUNREACHABLE || o.err == KMSG_ETIMEDOUT)
        SKIP("this host's name leads nowhere");
    EQ_INT(o.err, KMSG_OK);
}

TEST(a_node_may_end_while_a_name_is_looked_up)
{
    kmsg_node *node = kmsg_node_new();
    kmsg_peer *peer;
    outcome    o = {0};

    OK(kmsg_dial(node, "tcp:localhost.:1?insecure", &peer));
    talk_Talk_sum_async(peer, &o, sum_done);
    kmsg_node_free(node);
    EQ_INT(o.count, 1);
    EQ_INT(o.err, KMSG_ECLOSED);
}

/* ---- closing ------------------------------------------------------------------------------- */

TEST(closing_a_peer_ends_its_calls_and_still_writes_what_was_told)
{
    static uint8_t bytes[300000];
    server         s;
    kmsg_node     *node = kmsg_node_new();
    kmsg_peer     *peer, *other;
    outcome        up = {0}, ended = {0}, sum = {0};
    talk_Note      later = note_of("later", 1);

    server_init(&s, new_path());
    peer = dial(node, &s);
    other = dial(node, &s);
    talk_Talk_sum_async(peer, &up, sum_done);
    DRIVE(node, s.node, up.count == 1);
    later.blob = (kmsg_bytes){bytes, sizeof bytes};
    talk_Talk_echo_async(peer, &later, &ended, echo_done);
    for (int i = 0; i < 20000; i++)
        OK(talk_Talk_push(peer, 1));
    kmsg_peer_close(peer);
    EQ_INT(ended.count, 0);
    OK(kmsg_node_step(node));
    EQ_INT(ended.count, 1);
    EQ_INT(ended.err, KMSG_ECLOSED);
    kmsg_peer_close(NULL);
    for (up.number = 0; up.number < 20000; up.number = sum.number) {
        sum.count = 0;
        talk_Talk_sum_async(other, &sum, sum_done);
        DRIVE(node, s.node, sum.count == 1);
    }
    EQ_INT(s.sum, 20000);
    kmsg_node_free(node);
    server_done(&s);
}

/* ---- flushing ------------------------------------------------------------------------------ */

static void collect(void *ctx, kmsg_log_level level, const char *text)
{
    char  *said = ctx;
    size_t size = strlen(said);

    if (level >= KMSG_WARNING)
        snprintf(said + size, 1000 - size, "%s\n", text);
}

/* The shortest program there is: dial, tell, go. */
TEST(what_was_told_and_flushed_arrives_although_its_node_ends_at_once)
{
    static const char *const urls[] = {"inproc:flush", "unix:@kmsg-flush", "tcp:127.0.0.1:0"};

    for (size_t i = 0; i < 3; i++) {
        server     s;
        kmsg_node *node = kmsg_node_new();
        kmsg_peer *peer;
        server_init(&s, urls[i]);
        OK(kmsg_dial(node, kmsg_listener_url(s.listener), &peer));
        OK(kmsg_start(s.node));
        for (int k = 1; k <= 100; k++)
            OK(talk_Talk_push(peer, k));
        OK(kmsg_flush(peer));
        OK(kmsg_flush(peer)); /* nothing to do is fine */
        kmsg_node_free(node);
        node = kmsg_node_new(); /* another connection, behind what the first has said */
        OK(kmsg_dial(node, kmsg_listener_url(s.listener), &peer));
        {
            kmsg_arena *mem = kmsg_arena_new();
            int64_t     sum = 0, until = clock_ms() + PATIENCE_MS;
            while (sum != 5050 && clock_ms() < until)
                OK(talk_Talk_sum(peer, mem, &sum));
            EQ_INT(sum, 5050);
            kmsg_arena_free(mem);
        }
        kmsg_node_free(node);
        server_done(&s);
    }
}

TEST(a_flush_that_cannot_be_ends_with_the_timeout_and_what_is_dropped_is_logged)
{
    char       said[1000] = "";
    kmsg_node *node = kmsg_node_new();
    kmsg_peer *peer;

    OK(kmsg_dial(node, "unix:@kmsg-nobody-there", &peer));
    kmsg_peer_set_timeout_ms(peer, 30);
    OK(talk_Talk_push(peer, 1));
    FAILS(kmsg_flush(peer), KMSG_ETIMEDOUT);
    HAS(kmsg_last_error(), "not written yet: there is no connection");
    kmsg_set_log(collect, said);
    kmsg_node_free(node);
    kmsg_set_log(NULL, NULL);
    HAS(said, "unix:@kmsg-nobody-there: dropped 1 one-way message: not written");
}

TEST(closing_a_peer_that_is_not_connected_ends_its_calls)
{
    kmsg_node *node = kmsg_node_new();
    kmsg_peer *peer;
    server     s;
    outcome    o = {0};

    server_init(&s, new_path());
    peer = dial(node, &s);
    talk_Talk_sum_async(peer, &o, sum_done);
    kmsg_peer_close(peer);
    EQ_INT(o.count, 0);
    OK(kmsg_node_step(node));
    EQ_INT(o.err, KMSG_ECLOSED);
    server_done(&s);
    kmsg_node_free(node);
}

/* ---- strangers ----------------------------------------------------------------------------- */

static int listen_raw(const char *url)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    int                fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    snprintf(a.sun_path, sizeof a.sun_path, "%s", url + 5);
    unlink(a.sun_path);
    CHECK(bind(fd, (struct sockaddr *)&a, sizeof a) == 0 && listen(fd, 5) == 0);
    return fd;
}

static int connect_raw(const char *url)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    int                fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    snprintf(a.sun_path, sizeof a.sun_path, "%s", url + 5);
    CHECK(connect(fd, (struct sockaddr *)&a, sizeof a) == 0);
    return fd;
}

static void say_hello(int fd)
{
    const kmi_session_options options = {
        .own = {.instance = 1, .message_max = 100000, .credit = 1 << 30, .credit_bytes = 1 << 30}};
    kmi_session session;
    uint8_t     preamble[KMI_PREAMBLE_SIZE];

    kmi_session_init(&session, &options, 0);
    kmi_session_preamble(&session, preamble);
    EQ_INT(write(fd, preamble, sizeof preamble), sizeof preamble);
}

TEST(a_silent_link_is_given_up_for_dead)
{
    const char *url = new_path();
    int         listener = listen_raw(url), fd;
    kmsg_node  *node = kmsg_node_new();
    kmsg_peer  *peer;
    outcome     o = {0};
    int64_t     began_ms;

    OK(kmsg_node_set_keepalive(node, 20, 60));
    OK(kmsg_dial(node, url, &peer));
    talk_Talk_sum_async(peer, &o, sum_done);
    fd = accept(listener, NULL, NULL);
    say_hello(fd);
    began_ms = clock_ms();
    DRIVE(node, node, o.count == 1);
    CHECK(clock_ms() - began_ms < 3000); /* long before the call's own deadline */
    EQ_INT(o.err, KMSG_ELOST);
    kmsg_node_free(node);
    close(fd);
    close(listener);
    unlink(url + 5);
}

static int listen_tcp(char *ret_url, size_t size)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t          length = sizeof a;
    int                fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    CHECK(bind(fd, (struct sockaddr *)&a, sizeof a) == 0 && listen(fd, 5) == 0);
    CHECK(getsockname(fd, (struct sockaddr *)&a, &length) == 0);
    snprintf(ret_url, size, "tcp:127.0.0.1:%u", ntohs(a.sin_port));
    return fd;
}

/* What the system still holds of it would come behind what is said on the next link. */
TEST(a_link_that_is_given_up_is_reset)
{
    char       url[64], bytes[4096];
    int        listener = listen_tcp(url, sizeof url), fd;
    kmsg_node *node = kmsg_node_new();
    kmsg_peer *peer;
    outcome    o = {0};
    ssize_t    n;

    OK(kmsg_node_set_keepalive(node, 20, 60));
    OK(kmsg_dial(node, url, &peer));
    talk_Talk_sum_async(peer, &o, sum_done);
    fd = accept(listener, NULL, NULL);
    say_hello(fd);
    DRIVE(node, node, o.count == 1);
    EQ_INT(o.err, KMSG_ELOST);
    do
        n = recv(fd, bytes, sizeof bytes, 0);
    while (n > 0);
    CHECK(n < 0 && errno == ECONNRESET);
    kmsg_node_free(node);
    close(fd);
    close(listener);
}

/* Credit that is given back in pieces of nothing would be given back for ever. */
TEST(a_credit_of_one_does_not_keep_two_nodes_talking)
{
    server        s;
    kmsg_node    *node = kmsg_node_new();
    struct pollfd fd;
    outcome       o = {0};

    server_init(&s, new_name());
    s.node->net.session.own.credit = 1;
    node->net.session.own.credit_bytes = 1;
    talk_Talk_sum_async(dial(node, &s), &o, sum_done);
    DRIVE(node, s.node, o.count == 1);
    for (int i = 0; i < 20; i++)
        step_both(node, s.node, 0);
    fd = (struct pollfd){.fd = kmsg_node_fd(node), .events = POLLIN};
    EQ_INT(poll(&fd, 1, 0), 0);
    kmsg_node_free(node);
    server_done(&s);
}

static void dial_a_stranger(const char *says, size_t size, kmsg_err err)
{
    const char *url = new_path();
    int         listener = listen_raw(url), fd;
    kmsg_node  *node = kmsg_node_new();
    kmsg_peer  *peer;
    outcome     o = {0};

    OK(kmsg_dial(node, url, &peer));
    talk_Talk_sum_async(peer, &o, sum_done);
    fd = accept(listener, NULL, NULL);
    EQ_INT(write(fd, says, size), (int)size);
    if (size == 0)
        close(fd);
    DRIVE(node, node, o.count == 1);
    EQ_INT(o.err, err);
    kmsg_node_free(node);
    if (size > 0)
        close(fd);
    close(listener);
    unlink(url + 5);
}

TEST(dialling_a_stranger_fails_with_the_reason)
{
    dial_a_stranger("SSH-2.0-OpenSSH\r\n", 17, KMSG_EPROTOCOL);
    dial_a_stranger("KMSG\0w\2\0", 8, KMSG_EVERSION);
    dial_a_stranger("", 0, KMSG_EREFUSED);
}

TEST(a_call_whose_id_is_in_use_ends_that_link_and_no_other)
{
    server    s;
    int       fd;
    uint8_t   bytes[64];
    kmi_frame f = {.size = 24,
                   .kind = KMI_CALL,
                   .aux = 1000,
                   .call = 7,
                   .method = 0,
                   .target = talk_Talk_service.id};
    talk_Note note = note_of("later", 1);
    struct {
        talk_Note note;
    } args = {note};
    uint8_t request[256];
    size_t  size;
    int64_t sum;

    server_init(&s, new_path());
    fd = connect_raw(kmsg_listener_url(s.listener));
    say_hello(fd);
    OK(kmsg_encode_into(talk_Talk_service.methods[0].args, &args, request + 24, 200, &size));
    f.size = 24 + size;
    memset(request + f.size, 0, 8);
    kmi_frame_put(request, &f);
    EQ_INT(write(fd, request, kmi_frame_room(f.size)), (int)kmi_frame_room(f.size));
    DRIVE(s.node, s.node, s.later != NULL);
    EQ_INT(write(fd, request, kmi_frame_room(f.size)), (int)kmi_frame_room(f.size));
    DRIVE(s.node, s.node, kmsg_call_is_over(s.later));
    EQ_INT(read(fd, bytes, sizeof bytes), KMI_PREAMBLE_SIZE);
    EQ_INT(read(fd, bytes, sizeof bytes), 0);
    close(fd);
    OK(talk_Talk_sum(kmsg_self(s.node), NULL, &sum));
    server_done(&s);
}

/* ---- many ---------------------------------------------------------------------------------- */

TEST(a_thousand_connections_are_served)
{
    enum { COUNT = 1000 };
    static outcome outcomes[COUNT];
    struct rlimit  limit;
    server         s;
    kmsg_node     *node;
    int            ended = 0, again = 0;
    int64_t        until_ms = clock_ms() + PATIENCE_MS;

    getrlimit(RLIMIT_NOFILE, &limit);
    if (limit.rlim_max < 2 * COUNT + 100)
        SKIP("too few descriptors are allowed");
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    memset(outcomes, 0, sizeof outcomes);
    server_start(&s, new_path());
    node = kmsg_node_new();
    for (int i = 0; i < COUNT; i++) {
        talk_Note  note = note_of("x", i);
        kmsg_peer *peer = dial(node, &s);
        kmsg_peer_set_timeout_ms(peer, 20000);
        talk_Talk_echo_async(peer, &note, &outcomes[i], echo_done);
    }
    while (ended < COUNT && clock_ms() < until_ms) {
        step_both(node, node, 100);
        for (ended = 0; ended < COUNT && outcomes[ended].count == 1; ended++)
            continue;
    }
    EQ_INT(ended, COUNT);
    for (int i = 0; i < COUNT; i++) {
        again += outcomes[i].err != KMSG_OK;
        EQ_INT(outcomes[i].number, outcomes[i].err == KMSG_OK ? i : 0);
    }
    EQ_INT(again, 0);
    kmsg_node_free(node);
    server_done(&s);
}
