/* fork_test.c -- a child of fork() that goes on without exec has copies of all that its parent has,
 * and speaks for nobody.
 *
 * A check that fails in a child ends it with the line as its status: the test's own checks would go
 * on with the parent's list of tests.
 */
#define _GNU_SOURCE
#include "talk.h"

#include <kmsg/object.h>
#include <kmsg/peer.h>

#include "base/err.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#define MUST(condition)                                                                            \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            fprintf(stderr, "# in the child, line %d: %s: %s\n", __LINE__, #condition,             \
                    kmsg_last_error());                                                            \
            _exit(1);                                                                              \
        }                                                                                          \
    } while (0)

#define FOREIGN(call) MUST((call) == KMSG_EFORKED)

static pid_t fork_child(void)
{
    pid_t pid;

    fflush(stdout);
    pid = fork();
    CHECK(pid >= 0);
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        alarm(PATIENCE_MS / 1000);
    }
    return pid;
}

static void join_child(pid_t pid)
{
    int status = -1;

    CHECK(waitpid(pid, &status, 0) == pid);
    EQ_INT(status, 0);
}

/* ---- what both sides have ----------------------------------------------------------------------
 */

typedef struct family {
    server     s;
    kmsg_node *node;
    kmsg_peer *peer;
    outcome    later; /* of a call that is under way */
    int        downs;
} family;

static void count_downs(void *ctx, kmsg_peer *peer, kmsg_peer_event event, kmsg_err err)
{
    (void)peer;
    (void)err;
    *(int *)ctx += event == KMSG_PEER_DOWN;
}

/* Two nodes that are connected, with a call under way. */
static void family_init(family *f, const char *url)
{
    talk_Note note = note_of("later", 1);

    *f = (family){.node = kmsg_node_new()};
    server_init(&f->s, url);
    f->peer = dial(f->node, &f->s);
    kmsg_node_watch(f->s.node, &f->downs, count_downs);
    OK(kmsg_peer_watch(f->peer, &f->downs, count_downs));
    talk_Talk_echo_async(f->peer, &note, &f->later, echo_done);
    DRIVE(f->node, f->s.node, f->s.later != NULL);
}

static bool exists(const char *url)
{
    struct stat info;

    return strncmp(url, "unix:/", 6) != 0 || lstat(url + 5, &info) == 0;
}

/* All is as it was: the old connection, the call, the timers, and others may come. */
static void family_goes_on(family *f)
{
    talk_Note  note = note_of("answer", 2);
    kmsg_node *other = kmsg_node_new();
    kmsg_peer *peer = dial(other, &f->s);
    outcome    sums[2] = {{0}};

    CHECK(exists(kmsg_listener_url(f->s.listener)));
    talk_Talk_sum_async(f->peer, &sums[0], sum_done);
    DRIVE(f->node, f->s.node, sums[0].count == 1);
    EQ_INT(sums[0].err, KMSG_OK);
    talk_Talk_sum_async(peer, &sums[1], sum_done);
    DRIVE(other, f->s.node, sums[1].count == 1);
    EQ_INT(sums[1].err, KMSG_OK);
    EQ_INT(f->later.count, 0);
    talk_Talk_echo_reply(f->s.later, &note);
    DRIVE(f->node, f->s.node, f->later.count == 1);
    EQ_INT(f->later.err, KMSG_OK);
    EQ_INT(f->downs, 0);
    kmsg_node_free(other);
}

static void family_done(family *f)
{
    kmsg_node_free(f->node);
    server_done(&f->s);
}

static void each_way(void (*run)(const char *url))
{
    run(new_path());
    run(new_name());
    run("tcp:127.0.0.1:0");
}

/* ---- refused -----------------------------------------------------------------------------------
 */

static void never(void *ctx)
{
    (void)ctx;
    MUST(false);
}

static kmsg_err never_told(void *ctx, kmsg_object *self, kmsg_message *message)
{
    (void)ctx;
    (void)self;
    (void)message;
    MUST(false);
}

static void use_foreign_node(family *f)
{
    kmsg_address  address;
    kmsg_message *message;
    kmsg_peer    *peer;
    int           fd;

    FOREIGN(kmsg_listen(f->node, "unix:", NULL));
    FOREIGN(kmsg_dial(f->node, "inproc:x", &peer));
    FOREIGN(kmsg_dial(f->node, "fd:0", &peer));
    FOREIGN(kmsg_pair(f->node, &peer, &fd));
    FOREIGN(kmsg_node_step(f->node));
    FOREIGN(kmsg_run(f->node));
    FOREIGN(kmsg_start(f->node));
    FOREIGN(kmsg_defer_ts(f->node, NULL, never));
    FOREIGN(kmsg_object_new(kmsg_root(f->node), never_told, NULL, NULL, &address));
    FOREIGN(kmsg_receive(kmsg_root(f->node), PATIENCE_MS, &message));
    FOREIGN(kmsg_wait_children(kmsg_root(f->node), PATIENCE_MS));
    kmsg_stop_ts(f->node);
}

static void use_foreign_peer(family *f)
{
    talk_Note    note = note_of("x", 1);
    kmsg_pending pending = {0};
    outcome      none = {0};
    int64_t      sum;

    FOREIGN(talk_Talk_sum(f->peer, NULL, &sum));
    FOREIGN(talk_Talk_push(f->peer, 1));
    FOREIGN(talk_Talk_sum(kmsg_self(f->node), NULL, &sum));
    FOREIGN(kmsg_ping(f->peer, PATIENCE_MS, NULL));
    FOREIGN(kmsg_connect(f->peer, PATIENCE_MS));
    FOREIGN(kmsg_flush(f->peer));
    talk_Talk_sum_begin(f->peer, &pending);
    FOREIGN(talk_Talk_sum_end(&pending, NULL, &sum));
    talk_Talk_echo_async(f->peer, &note, &none, echo_done);
    talk_Talk_echo_reply(f->s.later, &note);
    MUST(none.count == 0);
}

static void refuse_in_child(const char *url)
{
    family f;
    pid_t  pid;

    family_init(&f, url);
    pid = fork_child();
    if (pid == 0) {
        use_foreign_node(&f);
        use_foreign_peer(&f);
        MUST(strstr(kmsg_last_error(), "forked") != NULL);
        _exit(0);
    }
    join_child(pid);
    family_goes_on(&f);
    family_done(&f);
}

TEST(what_a_forked_child_does_with_its_parents_node_is_refused)
{
    each_way(refuse_in_child);
}

/* ---- closed ------------------------------------------------------------------------------------
 */

static void close_in_child(const char *url)
{
    family f;
    pid_t  pid;

    family_init(&f, url);
    pid = fork_child();
    if (pid == 0) {
        kmsg_peer_close(f.peer);
        kmsg_listener_close(f.s.listener);
        kmsg_node_free(f.node);
        kmsg_node_free(f.s.node);
        MUST(f.later.count == 0);
        MUST(f.downs == 0);
        _exit(0);
    }
    join_child(pid);
    family_goes_on(&f);
    family_done(&f);
}

TEST(what_a_forked_child_closes_is_its_own_copy_and_nobody_hears_of_it)
{
    each_way(close_in_child);
}

static void free_in_child(const char *url)
{
    family f;
    pid_t  pid;
    int    copy;

    family_init(&f, url);
    copy = kmsg_node_fd(f.node);
    pid = fork_child();
    if (pid == 0) {
        kmsg_node_free(f.node);
        kmsg_node_free(f.s.node);
        MUST(fcntl(copy, F_GETFD) < 0);
        for (int fd = 0; fd < 256; fd++) {
            int       is_socket = 0;
            socklen_t size = sizeof is_socket;
            MUST(getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &is_socket, &size) != 0);
        }
        _exit(0);
    }
    join_child(pid);
    family_goes_on(&f);
    family_done(&f);
}

TEST(a_forked_child_that_frees_its_parents_nodes_keeps_no_socket_of_them)
{
    each_way(free_in_child);
}

static void exit_in_child(const char *url)
{
    family f;
    pid_t  pid;

    family_init(&f, url);
    pid = fork_child();
    if (pid == 0)
        _exit(0);
    join_child(pid);
    family_goes_on(&f);
    family_done(&f);
}

TEST(a_forked_child_that_ends_disturbs_nobody)
{
    each_way(exit_in_child);
}

TEST(a_forked_child_writes_nothing_into_the_memory_that_its_parent_shares)
{
    static const uint8_t blob[1 << 20];
    family               f;
    outcome              o = {0};
    kmsg_peer_facts      facts;
    pid_t                pid;

    family_init(&f, new_name());
    talk_Talk_sum_async(f.peer, &o, sum_done);
    DRIVE(f.node, f.s.node, o.count == 1);
    kmsg_peer_info(f.s.back, &facts);
    CHECK(facts.shared_memory);
    pid = fork_child();
    if (pid == 0) { /* more than waits for the end of a turn */
        talk_Talk_echo_reply(f.s.later, &(talk_Note){.text = KMSG_STR("from the child"),
                                                     .blob = {blob, sizeof blob}});
        _exit(0);
    }
    join_child(pid);
    family_goes_on(&f);
    family_done(&f);
}

TEST(a_forked_child_sends_no_datagram_of_its_parent)
{
    kmsg_node *node = kmsg_node_new();
    server     s;
    kmsg_peer *peer;
    pid_t      pid;

    server_init(&s, "udp:127.0.0.1:0");
    OK(kmsg_dial(node, kmsg_listener_url(s.listener), &peer));
    OK(talk_Talk_push(peer, 1)); /* waits to be sent */
    pid = fork_child();
    if (pid == 0) {
        FOREIGN(talk_Talk_push(peer, 40));
        FOREIGN(kmsg_flush(peer));
        kmsg_node_free(node);
        kmsg_node_free(s.node);
        _exit(0);
    }
    join_child(pid);
    OK(talk_Talk_push(peer, 2));
    DRIVE(node, s.node, s.sum >= 3);
    EQ_INT(s.sum, 3);
    kmsg_node_free(node);
    server_done(&s);
}

/* ---- a node of its own -------------------------------------------------------------------------
 */

static void live_in_child(family *f)
{
    server     own;
    kmsg_node *node = kmsg_node_new();
    kmsg_peer *peer, *inside;
    int64_t    sum = -1;

    own = (server){.node = kmsg_node_new()};
    MUST(talk_Talk_serve(own.node, &talk_impl, &own) == KMSG_OK);
    MUST(kmsg_listen(own.node, "inproc:family", NULL) == KMSG_OK); /* the parent has one as well */
    MUST(kmsg_start(own.node) == KMSG_OK);
    MUST(kmsg_dial(node, "inproc:family", &inside) == KMSG_OK);
    MUST(talk_Talk_sum(inside, NULL, &sum) == KMSG_OK && sum == 0);
    MUST(kmsg_dial(node, kmsg_listener_url(f->s.listener), &peer) == KMSG_OK);
    MUST(talk_Talk_push(peer, 41) == KMSG_OK);
    MUST(kmsg_flush(peer) == KMSG_OK);
    kmsg_node_free(node);
    kmsg_node_free(own.node);
    kmsg_node_free(f->node);
    kmsg_node_free(f->s.node);
}

static void live(const char *url)
{
    family f;
    pid_t  pid;

    family_init(&f, url);
    kmsg_node_watch(f.s.node, NULL, NULL); /* the child comes and goes */
    OK(kmsg_listen(f.node, "inproc:family", NULL));
    pid = fork_child();
    if (pid == 0) {
        live_in_child(&f);
        _exit(0);
    }
    DRIVE(f.node, f.s.node, f.s.sum == 41);
    join_child(pid);
    family_goes_on(&f);
    family_done(&f);
}

TEST(a_forked_child_makes_nodes_of_its_own_and_reaches_its_parent)
{
    each_way(live);
}

/* ---- the other way round -----------------------------------------------------------------------
 */

static void refused_at(const char *url)
{
    kmsg_node *node = kmsg_node_new();
    kmsg_peer *peer;

    OK(kmsg_dial(node, url, &peer));
    FAILS(kmsg_ping(peer, PATIENCE_MS, NULL), KMSG_EREFUSED);
    kmsg_node_free(node);
}

/* A child that does nothing with what it has inherited, until it is let go. */
static void close_in_parent(const char *url)
{
    family f;
    char   at[128];
    pid_t  pid;
    int    ends[2];

    family_init(&f, url);
    CHECK(pipe(ends) == 0);
    pid = fork_child();
    if (pid == 0) {
        char c;
        close(ends[1]);
        _exit(read(ends[0], &c, 1) == 0 ? 0 : 1);
    }
    snprintf(at, sizeof at, "%s", kmsg_listener_url(f.s.listener));
    kmsg_listener_close(f.s.listener);
    refused_at(at);
    kmsg_node_free(f.node); /* its good-bye is heard, although the child has the socket as well */
    DRIVE(f.s.node, f.s.node, f.downs == 1);
    EQ_INT(f.later.err, KMSG_ECLOSED);
    close(ends[0]);
    close(ends[1]);
    join_child(pid);
    server_done(&f.s);
}

/* ---- among threads -------------------------------------------------------------------------- */

typedef struct busy {
    pthread_t   thread;
    atomic_bool over;
} busy;

/* Has the locks of the library nearly all the time. */
static void *listen_again_and_again(void *ctx)
{
    busy      *b = ctx;
    kmsg_node *node = kmsg_node_new();

    while (!atomic_load(&b->over)) {
        kmsg_listener *listener;
        kmsg_must(kmsg_listen(node, "inproc:fork-busy", &listener));
        kmsg_listener_close(listener);
    }
    kmsg_node_free(node);
    return NULL;
}

TEST(a_child_that_is_forked_among_threads_can_do_all_that_its_parent_can)
{
    busy b;

    atomic_init(&b.over, false);
    CHECK(pthread_create(&b.thread, NULL, listen_again_and_again, &b) == 0);
    for (size_t i = test_rounds(100); i > 0; i--) {
        pid_t pid = fork_child();
        if (pid == 0) {
            kmsg_node *node = kmsg_node_new();
            kmsg_peer *peer;
            MUST(kmsg_listen(node, "inproc:fork-busy", NULL) == KMSG_OK);
            MUST(kmsg_dial(node, "inproc:fork-busy", &peer) == KMSG_OK);
            MUST(kmsg_connect(peer, PATIENCE_MS) == KMSG_OK);
            kmsg_node_free(node);
            _exit(0);
        }
        join_child(pid);
    }
    atomic_store(&b.over, true);
    pthread_join(b.thread, NULL);
}

TEST(what_a_parent_closes_is_closed_although_a_forked_child_has_copies)
{
    each_way(close_in_parent);
}

static void answer_over(int fd)
{
    server     s = {.node = kmsg_node_new()};
    kmsg_peer *peer;
    char       url[32];

    snprintf(url, sizeof url, "fd:%d", fd);
    MUST(talk_Talk_serve(s.node, &talk_impl, &s) == KMSG_OK);
    MUST(kmsg_dial(s.node, url, &peer) == KMSG_OK);
    MUST(kmsg_run(s.node) == KMSG_OK);
}

TEST(a_copy_that_a_forked_child_has_works_when_the_parent_has_closed_its_own)
{
    kmsg_node *node = kmsg_node_new();
    kmsg_peer *peer;
    int64_t    sum = -1;
    pid_t      pid;
    int        fd;

    OK(kmsg_pair(node, &peer, &fd));
    pid = fork_child();
    if (pid == 0) {
        kmsg_node_free(node);
        answer_over(fd);
        _exit(1);
    }
    close(fd);
    OK(talk_Talk_sum(peer, NULL, &sum));
    EQ_INT(sum, 0);
    kill(pid, SIGKILL);
    CHECK(waitpid(pid, NULL, 0) == pid);
    FAILS(talk_Talk_sum(peer, NULL, &sum), KMSG_EUNSENT);
    kmsg_node_free(node);
}

TEST(a_copy_that_the_parent_has_works_when_a_forked_child_has_closed_its_own)
{
    server     s;
    kmsg_node *node = kmsg_node_new();
    kmsg_peer *peer, *back;
    char       url[32];
    outcome    sum = {0};
    pid_t      pid;
    int        fd;

    server_init(&s, NULL);
    OK(kmsg_pair(node, &peer, &fd));
    pid = fork_child();
    if (pid == 0) {
        close(fd);
        kmsg_node_free(node);
        kmsg_node_free(s.node);
        _exit(0);
    }
    join_child(pid);
    snprintf(url, sizeof url, "fd:%d", fd);
    OK(kmsg_dial(s.node, url, &back));
    talk_Talk_sum_async(peer, &sum, sum_done);
    DRIVE(node, s.node, sum.count == 1);
    EQ_INT(sum.err, KMSG_OK);
    kmsg_node_free(node);
    server_done(&s);
}
