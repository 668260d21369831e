/* loop_test.c -- a node in a loop of the program's own, by its descriptor alone: nothing is missed,
 * and nothing turns in circles. The other side is another process.
 *
 * Each way of waiting goes through the same scenes. It may wait for as long as the test has
 * patience, and no step is made but when it says so: what it would miss is a test that fails.
 */
#define _GNU_SOURCE
#include "exec.h"
#include "talk.h"

#include <kmsg/object.h>
#include <kmsg/peer.h>

#include <pthread.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <uv.h>

/* ---- the other process ----------------------------------------------------------------------- */

static void be_child(const char *url)
{
    server     s = {.node = kmsg_node_new()};
    talk_Note  note = note_of("hello", 1);
    kmsg_peer *peer;

    kmsg_must(talk_Talk_serve(s.node, &talk_impl, &s));
    kmsg_must(kmsg_dial(s.node, url, &peer));
    kmsg_must(kmsg_connect(peer, PATIENCE_MS));
    kmsg_must(talk_Talk_echo(peer, &note, NULL, &note));
    kmsg_must(kmsg_run(s.node));
}

EXEC_CHILD(be_child)

/* ---- ways of waiting ------------------------------------------------------------------------- */

/* Is it readable within that time? */
typedef bool wait_fn(int fd, int ms);

static bool with_select(int fd, int ms)
{
    struct timeval limit = {.tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000};
    fd_set         set;

    FD_ZERO(&set);
    FD_SET(fd, &set);
    return select(fd + 1, &set, NULL, NULL, &limit) == 1;
}

static bool with_poll(int fd, int ms)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};

    return poll(&p, 1, ms) == 1;
}

static bool with_epoll(int fd, int ms)
{
    struct epoll_event event = {.events = EPOLLIN};
    int                epoll = epoll_create1(EPOLL_CLOEXEC), n;

    CHECK(epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) == 0);
    n = epoll_wait(epoll, &event, 1, ms);
    close(epoll);
    return n == 1;
}

static void on_readable(uv_poll_t *poll, int status, int events)
{
    *(bool *)poll->data = status == 0 && (events & UV_READABLE) != 0;
    uv_poll_stop(poll);
}

static void on_limit(uv_timer_t *timer)
{
    uv_stop(timer->loop);
}

/* One uv_poll_t is all that a node needs; the timer is this test's patience. */
static bool with_uv(int fd, int ms)
{
    uv_loop_t  loop;
    uv_poll_t  poll;
    uv_timer_t timer;
    bool       readable = false;

    CHECK(uv_loop_init(&loop) == 0);
    CHECK(uv_poll_init(&loop, &poll, fd) == 0);
    CHECK(uv_timer_init(&loop, &timer) == 0);
    poll.data = &readable;
    uv_poll_start(&poll, UV_READABLE, on_readable);
    uv_timer_start(&timer, on_limit, (uint64_t)ms, 0);
    uv_run(&loop, UV_RUN_ONCE);
    uv_close((uv_handle_t *)&poll, NULL);
    uv_close((uv_handle_t *)&timer, NULL);
    uv_run(&loop, UV_RUN_DEFAULT);
    CHECK(uv_loop_close(&loop) == 0);
    return readable;
}

/* ---- scenes ---------------------------------------------------------------------------------- */

typedef struct scene {
    server     s;
    wait_fn   *wait;
    int        fd;
    kmsg_peer *child;
    pid_t      pid;
    int        steps;
    int        deferred;
    int        downs;
} scene;

#define UNTIL(scene, condition)                                                                    \
    while (!(condition)) {                                                                         \
        CHECK((scene)->wait((scene)->fd, PATIENCE_MS));                                            \
        OK(kmsg_node_step((scene)->s.node));                                                       \
        (scene)->steps++;                                                                          \
    }

/* After this nothing is left to be done, and that is seen. */
static void calm_down(scene *c)
{
    int steps = 0;

    while (c->wait(c->fd, 0)) {
        OK(kmsg_node_step(c->s.node));
        CHECK(++steps <= 5);
    }
}

static void count_downs(void *ctx, kmsg_peer *peer, kmsg_peer_event event, kmsg_err err)
{
    (void)peer;
    (void)err;
    ((scene *)ctx)->downs += event == KMSG_PEER_DOWN;
}

static void begin(scene *c, wait_fn *wait)
{
    int fd;

    exec_or_skip();
    *c = (scene){.wait = wait};
    server_init(&c->s, NULL);
    c->fd = kmsg_node_fd(c->s.node);
    CHECK(c->fd >= 0);
    EQ_INT(kmsg_node_fd(c->s.node), c->fd);
    OK(kmsg_pair(c->s.node, &c->child, &fd));
    OK(kmsg_peer_watch(c->child, c, count_downs));
    c->pid = exec_start("fd:3", fd);
    close(fd);
}

static void a_request_comes(scene *c)
{
    UNTIL(c, c->s.handled == 1);
    calm_down(c);
}

static void an_answer_comes(scene *c)
{
    outcome sum = {0};

    talk_Talk_sum_async(c->child, &sum, sum_done); /* from outside of a step */
    UNTIL(c, sum.count == 1);
    EQ_INT(sum.err, KMSG_OK);
    calm_down(c);
}

static void much_comes_at_once(scene *c)
{
    enum { COUNT = 2000 };
    static outcome sums[COUNT];

    memset(sums, 0, sizeof sums);
    for (int i = 0; i < COUNT; i++)
        talk_Talk_sum_async(c->child, &sums[i], sum_done);
    UNTIL(c, sums[COUNT - 1].count == 1);
    calm_down(c);
}

static void a_blocking_call_leaves_nothing_behind(scene *c)
{
    outcome sum = {0};
    int64_t number;

    talk_Talk_sum_async(kmsg_self(c->s.node), &sum, sum_done);
    OK(talk_Talk_sum(c->child, NULL, &number));
    UNTIL(c, sum.count == 1);
    calm_down(c);
}

static void time_passes(scene *c)
{
    kmsg_object  *root = kmsg_root(c->s.node);
    kmsg_message *m;
    int64_t       from_ms = clock_ms();

    OK(kmsg_set_timer(root, 1, 60000, 0));
    OK(kmsg_set_timer(root, 2, 50, 0)); /* sooner than what it sleeps for */
    c->steps = 0;
    UNTIL(c, kmsg_receive(root, 0, &m) == KMSG_OK);
    CHECK(clock_ms() - from_ms >= 50);
    CHECK(c->steps <= 3); /* it was not woken again and again meanwhile */
    kmsg_stop_timer(root, 1);
    FAILS(kmsg_receive(root, 0, &m), KMSG_ETIMEDOUT);
    calm_down(c);
}

static void a_call_times_out(scene *c)
{
    talk_Note note = note_of("later", 1);
    outcome   late = {0};

    kmsg_peer_set_timeout_ms(c->child, 30);
    talk_Talk_echo_async(c->child, &note, &late, echo_done);
    UNTIL(c, late.count == 1);
    EQ_INT(late.err, KMSG_ETIMEDOUT);
    kmsg_peer_set_timeout_ms(c->child, KMSG_CALL_TIMEOUT_MS);
    calm_down(c);
}

static void a_dial_fails_and_is_tried_again(scene *c)
{
    const char *url = new_path();
    kmsg_peer  *peer;
    outcome     first = {0}, second = {0};
    server      other;

    OK(kmsg_dial(c->s.node, url, &peer));
    talk_Talk_sum_async(peer, &first, sum_done);
    UNTIL(c, first.count == 1);
    EQ_INT(first.err, KMSG_EREFUSED);
    OK(talk_Talk_push(peer, 1)); /* waits for the next try, and with it: */
    talk_Talk_sum_async(peer, &second, sum_done);
    server_start(&other, url);
    UNTIL(c, second.count == 1);
    EQ_INT(second.err, KMSG_OK);
    EQ_INT(second.number, 1);
    kmsg_peer_close(peer);
    server_done(&other);
    calm_down(c);
}

static void deferred(void *ctx)
{
    ((scene *)ctx)->deferred++;
}

static void *defer(void *ctx)
{
    scene *c = ctx;

    return kmsg_defer_ts(c->s.node, c, deferred) == KMSG_OK ? NULL : c;
}

static void mail_comes_from_another_thread(scene *c)
{
    pthread_t thread;
    void     *failed;

    CHECK(pthread_create(&thread, NULL, defer, c) == 0);
    UNTIL(c, c->deferred == 1);
    pthread_join(thread, &failed);
    CHECK(failed == NULL);
    calm_down(c);
}

static void the_other_goes(scene *c)
{
    CHECK(kill(c->pid, SIGKILL) == 0);
    UNTIL(c, c->downs == 1);
    CHECK(waitpid(c->pid, NULL, 0) == c->pid);
    calm_down(c);
}

static void in_a_loop(wait_fn *wait)
{
    scene c;

    begin(&c, wait);
    a_request_comes(&c);
    an_answer_comes(&c);
    much_comes_at_once(&c);
    a_blocking_call_leaves_nothing_behind(&c);
    time_passes(&c);
    a_call_times_out(&c);
    a_dial_fails_and_is_tried_again(&c);
    mail_comes_from_another_thread(&c);
    the_other_goes(&c);
    server_done(&c.s);
}

TEST(select_sees_all_that_a_step_is_needed_for_and_nothing_else)
{
    in_a_loop(with_select);
}

TEST(poll_sees_all_that_a_step_is_needed_for_and_nothing_else)
{
    in_a_loop(with_poll);
}

TEST(epoll_sees_all_that_a_step_is_needed_for_and_nothing_else)
{
    in_a_loop(with_epoll);
}

TEST(one_handle_of_libuv_sees_all_that_a_step_is_needed_for_and_nothing_else)
{
    in_a_loop(with_uv);
}

/* ---- at rest --------------------------------------------------------------------------------- */

TEST(a_node_at_rest_does_not_wake_its_loop)
{
    kmsg_node    *node = kmsg_node_new();
    int           fd = kmsg_node_fd(node), wakes = 0;
    kmsg_message *m;

    OK(kmsg_set_timer(kmsg_root(node), 1, 300, 0));
    while (kmsg_receive(kmsg_root(node), 0, &m) != KMSG_OK) {
        CHECK(with_poll(fd, PATIENCE_MS));
        OK(kmsg_node_step(node));
        wakes++;
    }
    CHECK(wakes <= 3);
    CHECK(!with_poll(fd, 0));
    kmsg_node_free(node);
}

TEST(the_descriptor_can_be_asked_for_late)
{
    server     s;
    kmsg_node *node = kmsg_node_new();
    kmsg_peer *peer;
    outcome    sum = {0};

    server_start(&s, new_path());
    peer = dial(node, &s);
    talk_Talk_sum_async(peer, &sum, sum_done); /* is waiting to be written */
    while (sum.count == 0) {
        CHECK(with_poll(kmsg_node_fd(node), PATIENCE_MS));
        OK(kmsg_node_step(node));
    }
    EQ_INT(sum.err, KMSG_OK);
    kmsg_node_free(node);
    server_done(&s);
}
