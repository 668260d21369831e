/* pair_test.c -- a process and one that it starts: who gets in, who does not, and what is left when
 * one of them goes. */
#define _GNU_SOURCE
#include "exec.h"
#include "fault/raw.h"

#include <kmsg/object.h>
#include <kmsg/peer.h>

#include <netinet/in.h>
#include <spawn.h>
#include <sys/stat.h>

/* ---- the child ------------------------------------------------------------------------------- */

static void stop_when_down(void *ctx, kmsg_peer *peer, kmsg_peer_event event, kmsg_err err)
{
    (void)ctx;
    (void)err;
    if (event == KMSG_PEER_DOWN)
        kmsg_stop_ts(kmsg_peer_node(peer));
}

/* Asks its parent once, then answers it until that goes. The word is where the parent is. */
static void be_child(const char *url)
{
    kmsg_node *node = kmsg_node_new();
    server     s = {.node = node};
    talk_Note  note = note_of("from the child", 1), answer;
    kmsg_peer *peer;

    kmsg_must(talk_Talk_serve(node, &talk_impl, &s));
    kmsg_must(kmsg_dial(node, url, &peer));
    kmsg_must(kmsg_peer_watch(peer, NULL, stop_when_down));
    kmsg_must(kmsg_peer_set_retry(peer, &(kmsg_retry){.first_ms = 3000, .limit = 2}));
    kmsg_must(kmsg_connect(peer, 9000));
    kmsg_must(talk_Talk_echo(peer, &note, NULL, &answer));
    kmsg_must(kmsg_run(node));
    kmsg_node_free(node);
}

EXEC_CHILD(be_child)

/* ---- the parent ------------------------------------------------------------------------------ */

static void ask_the_child(server *s, kmsg_peer *peer)
{
    talk_Note   note = note_of("from the parent", 2), answer;
    kmsg_arena *mem = kmsg_arena_new();

    OK(talk_Talk_echo(peer, &note, mem, &answer));
    EQ_STR(answer.text.data, "from the parent");
    DRIVE(s->node, s->node, s->handled == 1);
    kmsg_arena_free(mem);
}

static bool exists(const char *path)
{
    struct stat info;

    return lstat(path, &info) == 0;
}

static void refuse(const char *url)
{
    kmsg_node *node = kmsg_node_new();
    kmsg_peer *peer;

    OK(kmsg_dial(node, url, &peer));
    FAILS(kmsg_ping(peer, PATIENCE_MS, NULL), KMSG_EREFUSED);
    kmsg_node_free(node);
}

static void pair_by_address(const char *url)
{
    server     s;
    kmsg_peer *peer;
    pid_t      pid;

    exec_or_skip();
    server_init(&s, NULL);
    OK(kmsg_listen_once(s.node, url, &s.listener));
    pid = exec_start(kmsg_listener_url(s.listener), -1);
    OK(kmsg_accept(s.listener, PATIENCE_MS, &peer));
    ask_the_child(&s, peer);
    refuse(kmsg_listener_url(s.listener));
    if (strncmp(kmsg_listener_url(s.listener), "unix:/", 6) == 0)
        CHECK(!exists(kmsg_listener_url(s.listener) + 5));
    kmsg_listener_close(s.listener);
    server_done(&s);
    exec_end(pid);
}

TEST(a_parent_and_a_child_that_was_told_an_address_ask_each_other)
{
    pair_by_address(NULL);
    pair_by_address("unix:");
    pair_by_address(new_path());
    pair_by_address(new_name());
    pair_by_address("tcp:127.0.0.1:0");
}

TEST(a_parent_and_a_child_that_was_given_a_descriptor_ask_each_other)
{
    server     s;
    kmsg_peer *peer;
    pid_t      pid;
    int        fd;

    exec_or_skip();
    server_init(&s, NULL);
    OK(kmsg_pair(s.node, &peer, &fd));
    pid = exec_start("fd:3", fd);
    close(fd);
    ask_the_child(&s, peer);
    server_done(&s);
    exec_end(pid);
}

TEST(what_spawns_without_fork_hands_the_descriptor_on_as_well)
{
    server                     s;
    kmsg_peer                 *peer;
    posix_spawn_file_actions_t actions;
    char                      *arguments[] = {(char *)(uintptr_t)exec_path(), NULL};
    pid_t                      pid;
    int                        fd;

    exec_or_skip();
    server_init(&s, NULL);
    OK(kmsg_pair(s.node, &peer, &fd));
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, fd, 3);
    EQ_INT(posix_spawn(&pid, arguments[0], &actions, NULL, arguments, exec_environment("fd:3")), 0);
    posix_spawn_file_actions_destroy(&actions);
    close(fd);
    ask_the_child(&s, peer);
    server_done(&s);
    exec_end(pid);
}

TEST(no_other_child_inherits_a_descriptor_of_a_pair_and_its_number_is_out_of_the_way)
{
    kmsg_node *node = kmsg_node_new();
    kmsg_peer *peer;
    int        fd;

    OK(kmsg_pair(node, &peer, &fd));
    CHECK((fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0);
    CHECK(fd >= 16);
    close(fd);
    kmsg_node_free(node);
}

/* ---- who gets in ----------------------------------------------------------------------------- */

static void count_ups(void *ctx, kmsg_peer *peer, kmsg_peer_event event, kmsg_err err)
{
    (void)peer;
    (void)err;
    *(int *)ctx += event == KMSG_PEER_UP;
}

static void let_in_one_of(const char *url)
{
    enum { COUNT = 8 };
    server     s;
    kmsg_node *node = kmsg_node_new();
    kmsg_peer *peers[COUNT], *came;
    outcome    sums[COUNT];
    int        in = 0, ups = 0, over = 0;

    test_at("%s", url == NULL ? "a path of its own" : url);
    memset(sums, 0, sizeof sums);
    server_init(&s, NULL);
    kmsg_node_watch(s.node, &ups, count_ups);
    OK(kmsg_listen_once(s.node, url, &s.listener));
    for (int i = 0; i < COUNT; i++) {
        OK(kmsg_dial(node, kmsg_listener_url(s.listener), &peers[i]));
        talk_Talk_sum_async(peers[i], &sums[i], sum_done);
    }
    for (int64_t until_ms = clock_ms() + PATIENCE_MS; over < COUNT && clock_ms() < until_ms;) {
        step_both(node, s.node, 100);
        over = 0;
        for (int i = 0; i < COUNT; i++)
            over += sums[i].count;
    }
    for (int i = 0; i < COUNT; i++) {
        EQ_INT(sums[i].count, 1);
        in += sums[i].err == KMSG_OK;
        if (sums[i].err != KMSG_OK)
            EQ_INT(sums[i].err, KMSG_EREFUSED);
    }
    EQ_INT(in, 1);
    EQ_INT(ups, 1);
    OK(kmsg_accept(s.listener, 0, &came));
    FAILS(kmsg_accept(s.listener, 0, &came), KMSG_EEXIST);
    kmsg_peer_close(came);
    kmsg_node_free(node);
    server_done(&s);
}

TEST(exactly_one_gets_in_whoever_comes_at_the_same_time)
{
    let_in_one_of(NULL);
    let_in_one_of(new_name());
    let_in_one_of("tcp:127.0.0.1:0");
    let_in_one_of("inproc:one");
}

TEST(strangers_do_not_use_up_the_one_and_are_cut_off_when_he_has_come)
{
    static raw_ear ears[2];
    server         s;
    kmsg_node     *node = kmsg_node_new();
    kmsg_peer     *peer, *came;
    outcome        sum = {0};
    int            silent, loud;
    kmi_frame      frame;

    memset(ears, 0, sizeof ears);
    server_init(&s, NULL);
    OK(kmsg_listen_once(s.node, NULL, &s.listener));
    silent = raw_connect(kmsg_listener_url(s.listener));
    loud = raw_connect(kmsg_listener_url(s.listener));
    raw_send(loud, (const uint8_t *)"GET / HTTP/1.0\r\n\r\n", 18);
    DRIVE(s.node, node, (raw_hear(&ears[1], loud, KMI_BYE, &frame), ears[1].over));
    CHECK(!ears[0].over);
    OK(kmsg_dial(node, kmsg_listener_url(s.listener), &peer));
    talk_Talk_sum_async(peer, &sum, sum_done);
    DRIVE(s.node, node, sum.count == 1);
    EQ_INT(sum.err, KMSG_OK);
    DRIVE(s.node, node, (raw_hear(&ears[0], silent, KMI_BYE, &frame), ears[0].over));
    OK(kmsg_accept(s.listener, 0, &came));
    close(silent);
    close(loud);
    kmsg_node_free(node);
    server_done(&s);
}

TEST(who_waits_in_line_behind_the_one_is_refused)
{
    static raw_ear ear;
    server         s;
    kmsg_node     *node = kmsg_node_new();
    kmsg_peer     *peer, *came;
    int            late;
    kmi_frame      frame;

    ear = (raw_ear){.size = 0};
    server_init(&s, NULL);
    OK(kmsg_listen_once(s.node, NULL, &s.listener));
    OK(kmsg_dial(node, kmsg_listener_url(s.listener), &peer));
    FAILS(kmsg_connect(peer, 1), KMSG_ETIMEDOUT); /* it has said hello, and nobody looks yet */
    late = raw_connect(kmsg_listener_url(s.listener));
    OK(kmsg_accept(s.listener, PATIENCE_MS, &came));
    CHECK(!raw_hear(&ear, late, KMI_BYE, &frame)); /* at once, not when his time to speak is over */
    CHECK(ear.over);
    close(late);
    kmsg_node_free(node);
    server_done(&s);
}

TEST(who_was_let_in_alone_is_not_shared_with_who_is_dialled)
{
    server          s, other;
    kmsg_peer      *there, *came, *dialled;
    outcome         sums[2] = {{0}};
    kmsg_peer_facts facts;
    int64_t         sum;

    server_init(&s, NULL);
    server_init(&other, "tcp:127.0.0.1:0");
    OK(kmsg_listen_once(s.node, "tcp:127.0.0.1:0", &s.listener));
    there = dial(other.node, &s);
    talk_Talk_sum_async(there, &sums[0], sum_done);
    DRIVE(s.node, other.node, sums[0].count == 1);
    OK(kmsg_accept(s.listener, 0, &came));
    dialled = dial(s.node, &other);
    talk_Talk_sum_async(dialled, &sums[1], sum_done);
    DRIVE(s.node, other.node, sums[1].count == 1);
    kmsg_peer_info(dialled, &facts);
    CHECK(!facts.accepted);
    server_done(&other);
    DRIVE(s.node, s.node, (kmsg_peer_info(came, &facts), facts.state == KMSG_PEER_CLOSED));
    FAILS(talk_Talk_sum(came, NULL, &sum), KMSG_ECLOSED);
    server_done(&s);
}

/* ---- who does not come ----------------------------------------------------------------------- */

TEST(a_child_that_does_not_come_is_told_in_time_and_may_come_later)
{
    server     s;
    kmsg_node *node = kmsg_node_new();
    kmsg_peer *peer, *came = NULL;
    outcome    sum = {0};
    int64_t    from_ms = clock_ms();

    server_init(&s, NULL);
    OK(kmsg_listen_once(s.node, NULL, &s.listener));
    FAILS(kmsg_accept(s.listener, 0, &came), KMSG_ETIMEDOUT);
    FAILS(kmsg_accept(s.listener, 30, &came), KMSG_ETIMEDOUT);
    CHECK(clock_ms() - from_ms >= 30);
    HAS(kmsg_last_error(), "nobody came within 30 ms");
    CHECK(came == NULL);
    OK(kmsg_dial(node, kmsg_listener_url(s.listener), &peer));
    talk_Talk_sum_async(peer, &sum, sum_done);
    DRIVE(s.node, node, sum.count == 1);
    EQ_INT(sum.err, KMSG_OK);
    OK(kmsg_accept(s.listener, 0, &came));
    kmsg_node_free(node);
    server_done(&s);
}

TEST(who_has_not_said_hello_when_its_listener_closes_does_not_get_in)
{
    static raw_ear  ear;
    static uint8_t  hello[RAW_MAX];
    server          s;
    kmsg_node_facts facts = {0};
    kmi_frame       frame;
    int             late;
    bool            is_in = false;

    ear = (raw_ear){.size = 0};
    server_init(&s, NULL);
    OK(kmsg_listen_once(s.node, NULL, &s.listener));
    late = raw_connect(kmsg_listener_url(s.listener));
    DRIVE(s.node, s.node, (kmsg_node_info(s.node, &facts), facts.silent == 1));
    kmsg_listener_close(s.listener);
    (void)send(late, hello, raw_hello(hello), MSG_NOSIGNAL);
    DRIVE(s.node, s.node, (is_in |= raw_hear(&ear, late, KMI_HELLO, &frame), is_in || ear.over));
    CHECK(!is_in);
    close(late);
    server_done(&s);
}

static void close_listener(void *ctx)
{
    server *s = ctx;

    kmsg_listener_close(s->listener);
}

TEST(who_waits_at_a_listener_that_is_closed_meanwhile_is_told)
{
    server     s;
    kmsg_peer *came = NULL;

    server_init(&s, NULL);
    OK(kmsg_listen_once(s.node, NULL, &s.listener));
    OK(kmsg_defer_ts(s.node, &s, close_listener));
    FAILS(kmsg_accept(s.listener, PATIENCE_MS, &came), KMSG_ECLOSED);
    CHECK(came == NULL);
    server_done(&s);
}

TEST(a_listener_for_all_is_not_one_for_one)
{
    server     s;
    kmsg_peer *came;

    server_init(&s, new_path());
    FAILS(kmsg_accept(s.listener, 0, &came), KMSG_EINVAL);
    FAILS(kmsg_listen_once(s.node, "udp:127.0.0.1:0", &s.listener), KMSG_EDATAGRAM);
    server_done(&s);
}

static void folder_of(const kmsg_listener *listener, char *ret, size_t size)
{
    snprintf(ret, size, "%s", kmsg_listener_url(listener) + 5);
    *strrchr(ret, '/') = '\0';
}

static mode_t mode_of(const char *path)
{
    struct stat info;

    CHECK(lstat(path, &info) == 0);
    return info.st_mode & 0777;
}

TEST(a_path_that_is_chosen_lies_in_a_folder_of_ones_own_and_both_go_with_the_listener)
{
    kmsg_node     *node = kmsg_node_new();
    kmsg_listener *a, *b;
    char           folders[2][128];

    OK(kmsg_listen_once(node, NULL, &a));
    OK(kmsg_listen(node, "unix:", &b));
    CHECK(strcmp(kmsg_listener_url(a), kmsg_listener_url(b)) != 0);
    folder_of(a, folders[0], sizeof folders[0]);
    folder_of(b, folders[1], sizeof folders[1]);
    EQ_INT(mode_of(folders[0]), 0700);
    kmsg_listener_close(a);
    CHECK(!exists(folders[0]));
    CHECK(exists(folders[1]));
    kmsg_node_free(node);
    CHECK(!exists(folders[1]));
}

/* ---- trying again ---------------------------------------------------------------------------- */

static int refusals;

static void count_refusals(void *ctx, kmsg_log_level level, const char *text)
{
    (void)ctx;
    (void)level;
    refusals += strstr(text, "Connection refused") != NULL || strstr(text, "No such file") != NULL;
}

TEST(who_waits_for_a_connection_has_as_many_tries_as_the_rule_says)
{
    kmsg_node *node = kmsg_node_new();
    kmsg_peer *peer;

    refusals = 0;
    kmsg_set_log(count_refusals, NULL);
    OK(kmsg_dial(node, new_path(), &peer));
    OK(kmsg_peer_set_retry(peer, &(kmsg_retry){.first_ms = 5, .limit = 2}));
    FAILS(kmsg_connect(peer, PATIENCE_MS), KMSG_EREFUSED);
    EQ_INT(refusals, 3);
    FAILS(kmsg_connect(peer, PATIENCE_MS), KMSG_EREFUSED); /* begins anew */
    EQ_INT(refusals, 6);
    kmsg_set_log(NULL, NULL);
    OK(kmsg_peer_set_retry(peer, &(kmsg_retry){.first_ms = 5}));
    FAILS(kmsg_connect(peer, 30), KMSG_ETIMEDOUT);
    HAS(kmsg_last_error(), "connection refused");
    kmsg_node_free(node);
}

typedef struct latecomer {
    server s;
    bool   there;
} latecomer;

static void come_late(void *ctx, kmsg_peer *peer, kmsg_peer_event event, kmsg_err err)
{
    latecomer *l = ctx;

    (void)err;
    if (event != KMSG_PEER_UNREACHED || l->there)
        return;
    l->there = true;
    server_start(&l->s, kmsg_peer_url(peer));
}

TEST(who_waits_for_a_connection_gets_it_when_the_other_comes)
{
    kmsg_node *node = kmsg_node_new();
    kmsg_peer *peer;
    latecomer  l = {.there = false};
    int64_t    sum = -1;

    OK(kmsg_dial(node, new_path(), &peer));
    OK(kmsg_peer_set_retry(peer, &(kmsg_retry){.first_ms = 20}));
    OK(kmsg_peer_watch(peer, &l, come_late));
    OK(kmsg_connect(peer, PATIENCE_MS));
    OK(kmsg_connect(peer, PATIENCE_MS)); /* it is there */
    OK(talk_Talk_sum(peer, NULL, &sum));
    EQ_INT(sum, 0);
    kmsg_node_free(node);
    server_done(&l.s);
}

/* ---- descriptors that are none --------------------------------------------------------------- */

static void refuse_fd(kmsg_node *node, const char *url, const char *words)
{
    kmsg_peer *peer = NULL;

    FAILS(kmsg_dial(node, url, &peer), KMSG_EADDRESS);
    HAS(kmsg_last_error(), words);
    CHECK(peer == NULL);
}

/* It is refused, and is as it was. */
static void refuse_this(kmsg_node *node, int fd, const char *words)
{
    char url[32];

    CHECK(fd >= 0);
    snprintf(url, sizeof url, "fd:%d", fd);
    refuse_fd(node, url, words);
    CHECK(fcntl(fd, F_GETFD) >= 0);
    CHECK((fcntl(fd, F_GETFL) & O_NONBLOCK) == 0);
    close(fd);
    refuse_fd(node, url, "it is not open");
}

TEST(what_is_no_connected_socket_is_refused_with_words_and_left_alone)
{
    kmsg_node *node = kmsg_node_new();
    int        ends[2];

    refuse_fd(node, "fd:", "a descriptor is a number");
    refuse_fd(node, "fd:-1", "a descriptor is a number");
    refuse_fd(node, "fd:three", "a descriptor is a number");
    refuse_fd(node, "fd:3x", "a descriptor is a number");
    refuse_fd(node, "fd:99999999999999999999", "a descriptor is a number");
    refuse_fd(node, "fd:1048576", "it is not open");
    refuse_fd(node, NULL, "NULL");
    FAILS(kmsg_listen(node, "fd:3", NULL), KMSG_EADDRESS);
    refuse_this(node, open("/dev/null", O_RDWR), "it is not a socket");
    refuse_this(node, socket(AF_INET, SOCK_STREAM, 0), "it is not a unix socket");
    refuse_this(node, socket(AF_UNIX, SOCK_DGRAM, 0), "it is not a stream socket");
    refuse_this(node, socket(AF_UNIX, SOCK_STREAM, 0), "it is not connected");
    CHECK(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends) == 0);
    refuse_this(node, ends[0], "it is not a stream socket");
    close(ends[1]);
    kmsg_node_free(node);
}

TEST(a_socket_that_listens_is_refused)
{
    const char *url = new_path();
    kmsg_node  *node = kmsg_node_new();
    int         fd = raw_listen(url);

    fcntl(fd, F_SETFL, 0);
    refuse_this(node, fd, "it listens");
    unlink(url + 5);
    kmsg_node_free(node);
}

TEST(a_descriptor_is_taken_once)
{
    kmsg_node *a = kmsg_node_new(), *b = kmsg_node_new();
    kmsg_peer *peer, *other;
    char       url[32];
    int        fd;

    OK(kmsg_pair(a, &peer, &fd));
    snprintf(url, sizeof url, "fd:%d", fd);
    OK(kmsg_dial(b, url, &other));
    EQ_STR(kmsg_peer_url(other), url);
    refuse_fd(b, url, "it is not open");
    DRIVE(a, b, kmsg_connect(other, 1) == KMSG_OK);
    kmsg_node_free(a);
    kmsg_node_free(b);
}

/* ---- who goes -------------------------------------------------------------------------------- */

TEST(a_pair_whose_other_end_is_closed_unused_ends_what_waits_for_it)
{
    kmsg_node *node = kmsg_node_new();
    kmsg_peer *peer;
    int64_t    sum;
    int        fd;

    OK(kmsg_pair(node, &peer, &fd));
    OK(talk_Talk_push(peer, 1));
    close(fd);
    FAILS(talk_Talk_sum(peer, NULL, &sum), KMSG_EREFUSED);
    FAILS(talk_Talk_sum(peer, NULL, &sum), KMSG_ECLOSED);
    HAS(kmsg_last_error(), "has gone");
    FAILS(kmsg_connect(peer, PATIENCE_MS), KMSG_ECLOSED);
    kmsg_peer_close(peer);
    kmsg_node_free(node);
}

typedef struct ending {
    int      count;
    kmsg_err err;
} ending;

static void hear_end(void *ctx, kmsg_peer *peer, kmsg_peer_event event, kmsg_err err)
{
    ending *e = ctx;

    (void)peer;
    if (event != KMSG_PEER_DOWN)
        return;
    e->count++;
    e->err = err;
}

static void lose_child(bool by_address, int signal, kmsg_err wanted)
{
    server     s;
    kmsg_peer *peer;
    ending     e = {0};
    int64_t    sum;
    pid_t      pid;
    int        fd;

    exec_or_skip();
    server_init(&s, NULL);
    if (by_address) {
        OK(kmsg_listen_once(s.node, NULL, &s.listener));
        pid = exec_start(kmsg_listener_url(s.listener), -1);
        OK(kmsg_accept(s.listener, PATIENCE_MS, &peer));
    } else {
        OK(kmsg_pair(s.node, &peer, &fd));
        pid = exec_start("fd:3", fd);
        close(fd);
    }
    ask_the_child(&s, peer);
    OK(kmsg_peer_watch(peer, &e, hear_end));
    CHECK(kill(pid, signal) == 0);
    DRIVE(s.node, s.node, e.count == 1);
    EQ_INT(e.err, wanted);
    FAILS(talk_Talk_sum(peer, NULL, &sum),
          KMSG_ECLOSED); /* the peer is the caller's, and harmless */
    FAILS(talk_Talk_push(peer, 1), KMSG_ECLOSED);
    kmsg_peer_close(peer);
    CHECK(waitpid(pid, NULL, 0) == pid);
    server_done(&s);
}

TEST(a_child_that_dies_is_told_and_its_peer_stays_until_it_is_closed)
{
    lose_child(true, SIGKILL, KMSG_ELOST);
    lose_child(false, SIGKILL, KMSG_ELOST);
}

TEST(a_parent_may_close_what_it_kept_at_any_time_or_leave_it_to_the_node)
{
    kmsg_node *a = kmsg_node_new(), *b = kmsg_node_new();
    kmsg_peer *peers[3], *other;
    char       url[32];
    int        fd;

    for (int i = 0; i < 3; i++) {
        OK(kmsg_pair(a, &peers[i], &fd));
        snprintf(url, sizeof url, "fd:%d", fd);
        OK(kmsg_dial(b, url, &other));
        if (i == 2)
            kmsg_peer_close(peers[i]); /* before hello */
        else
            DRIVE(a, b, kmsg_connect(other, 1) == KMSG_OK);
    }
    kmsg_peer_close(peers[1]); /* while it is up; the first one is the node's to close */
    kmsg_node_free(a);
    kmsg_node_free(b);
}
