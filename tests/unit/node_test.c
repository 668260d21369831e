/* node_test.c -- nodes: their limits, their loops, their ends. */
#define _DEFAULT_SOURCE
#include "talk.h"

#include "core/core.h"

#include <pthread.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

TEST(limits_have_limits)
{
    kmsg_node *node = kmsg_node_new();

    FAILS(kmsg_node_set_message_max(node, 63), KMSG_EINVAL);
    OK(kmsg_node_set_message_max(node, 64));
    OK(kmsg_node_set_message_max(node, KMSG_MESSAGE_MAX));
    FAILS(kmsg_node_set_message_max(node, KMSG_MESSAGE_MAX + 1), KMSG_EINVAL);
    FAILS(kmsg_node_set_mailbox_max(node, 0), KMSG_EINVAL);
    OK(kmsg_node_set_mailbox_max(node, 1));
    FAILS(kmsg_node_set_keepalive(node, 0, 10), KMSG_EINVAL);
    FAILS(kmsg_node_set_keepalive(node, 10, 10), KMSG_EINVAL);
    OK(kmsg_node_set_keepalive(node, 10, 11));
    OK(kmsg_node_set_keepalive(node, KMSG_KEEPALIVE_FAST));
    EQ_INT(node->net.session.idle_ns, 1000 * KMI_MS);
    EQ_INT(node->net.session.dead_ns, 3000 * KMI_MS);
    kmsg_node_free(node);
    kmsg_node_free(NULL);
}

/* ---- running ------------------------------------------------------------------------------- */

static kmsg_node *to_stop;

static void stop_it(int number)
{
    (void)number;
    kmsg_stop_ts(to_stop);
}

static kmsg_err raise_it(void *ctx, kmsg_call *call, int64_t number)
{
    (void)ctx;
    (void)call;
    raise((int)number);
    return KMSG_OK;
}

TEST(a_signal_handler_may_stop_a_node)
{
    static const talk_Talk_impl impl = {.push = raise_it};
    void (*before)(int) = signal(SIGUSR1, stop_it);

    to_stop = kmsg_node_new();
    OK(talk_Talk_serve(to_stop, &impl, NULL));
    OK(talk_Talk_push(kmsg_self(to_stop), SIGUSR1));
    OK(kmsg_run(to_stop));
    kmsg_stop_ts(to_stop); /* before it runs: it returns at once, and that uses it up */
    OK(kmsg_run(to_stop));
    OK(talk_Talk_push(kmsg_self(to_stop), SIGUSR1));
    OK(kmsg_run(to_stop));
    kmsg_node_free(to_stop);
    signal(SIGUSR1, before);
}

static void *stop_soon(void *arg)
{
    kmsg_stop_ts(arg);
    return NULL;
}

TEST(another_thread_may_stop_a_node)
{
    kmsg_node *node = kmsg_node_new();
    pthread_t  thread;

    CHECK(pthread_create(&thread, NULL, stop_soon, node) == 0);
    OK(kmsg_run(node));
    pthread_join(thread, NULL);
    kmsg_node_free(node);
}

TEST(a_started_node_is_stopped_by_freeing_it)
{
    for (int i = 0; i < 50; i++) {
        kmsg_node *node = kmsg_node_new();
        OK(kmsg_start(node));
        kmsg_node_free(node);
    }
}

TEST(a_foreign_loop_needs_no_more_than_the_descriptor_and_the_time)
{
    server     s;
    kmsg_node *node = kmsg_node_new();
    kmsg_peer *peer;
    outcome    o = {0}, late = {0};
    talk_Note  note = note_of("later", 1);

    EQ_INT(kmsg_node_wait_ms(node), 0); /* what has been set up since the last step */
    OK(kmsg_node_step(node));
    EQ_INT(kmsg_node_wait_ms(node), -1);
    server_init(&s, new_path());
    peer = dial(node, &s);
    talk_Talk_sum_async(peer, &o, sum_done);
    DRIVE(node, s.node, o.count == 1);
    EQ_INT(o.err, KMSG_OK);
    kmsg_peer_set_timeout_ms(peer, 30);
    talk_Talk_echo_async(peer, &note, &late, echo_done);
    OK(kmsg_node_step(node));
    OK(kmsg_node_step(node));
    CHECK(kmsg_node_wait_ms(node) > 0 && kmsg_node_wait_ms(node) <= 30);
    DRIVE(node, s.node, late.count == 1);
    EQ_INT(late.err, KMSG_ETIMEDOUT);
    kmsg_node_free(node);
    server_done(&s);
}

/* ---- ends ---------------------------------------------------------------------------------- */

TEST(freeing_a_node_ends_each_call_once_whatever_its_state)
{
    outcome    o[5] = {{0}};
    server     s;
    kmsg_node *node = kmsg_node_new();
    kmsg_peer *up, *nobody;
    talk_Note  later = note_of("later", 1);

    server_init(&s, new_path());
    up = dial(node, &s);
    talk_Talk_echo_async(up, &later, &o[0], echo_done);
    DRIVE(node, s.node, s.later != NULL);
    talk_Talk_echo_async(up, &later, &o[1], echo_done);   /* not sent */
    talk_Talk_sum_async(dial(node, &s), &o[2], sum_done); /* not connected */
    OK(kmsg_dial(node, "unix:/nonexistent/x", &nobody));
    talk_Talk_sum_async(nobody, &o[3], sum_done);          /* refused, not told yet */
    talk_Talk_sum_async(kmsg_self(node), &o[4], sum_done); /* to itself */
    kmsg_node_free(node);
    for (int i = 0; i < 5; i++)
        EQ_INT(o[i].count, 1);
    for (int i = 0; i < 5; i++)
        EQ_INT(o[i].err, i == 3 ? KMSG_EREFUSED : KMSG_ECLOSED);
    server_done(&s); /* with a call that was left for later */
}

TEST(a_node_can_be_freed_with_nothing_ever_done)
{
    kmsg_node *node = kmsg_node_new();
    kmsg_peer *peer;

    OK(kmsg_dial(node, "inproc:nobody", &peer));
    OK(kmsg_listen(node, new_path(), NULL));
    OK(kmsg_listen(node, "inproc:some name", NULL));
    kmsg_node_free(node);
}

/* ---- listeners ----------------------------------------------------------------------------- */

TEST(a_port_of_the_systems_choice_is_told)
{
    kmsg_node     *node = kmsg_node_new();
    kmsg_listener *a, *b;

    OK(kmsg_listen(node, "tcp:127.0.0.1:0", &a));
    OK(kmsg_listen(node, "tcp:localhost:0", &b));
    CHECK(strncmp(kmsg_listener_url(a), "tcp:127.0.0.1:", 14) == 0);
    CHECK(strtol(kmsg_listener_url(a) + 14, NULL, 10) > 0);
    CHECK(strcmp(kmsg_listener_url(a), kmsg_listener_url(b)) != 0);
    FAILS(kmsg_listen(node, kmsg_listener_url(a), NULL), KMSG_EINUSE);
    kmsg_listener_close(a);
    kmsg_listener_close(NULL);
    kmsg_node_free(node);
}

static void note_line(void *ctx, kmsg_log_level level, const char *text)
{
    EQ_INT(level, KMSG_WARNING);
    snprintf(ctx, 200, "%s", text);
}

TEST(what_is_called_insecure_is_told_each_time)
{
    static const char *const urls[] = {"tcp:0.0.0.0:0?insecure", "udp:0.0.0.0:0?insecure"};
    kmsg_node               *node = kmsg_node_new();
    char                     line[200];

    kmsg_set_log(note_line, line);
    for (int i = 0; i < 4; i++) {
        line[0] = '\0';
        OK(kmsg_listen(node, urls[i % 2], NULL));
        HAS(line, "0.0.0.0:");
        HAS(line, "can read and change what is said");
    }
    kmsg_set_log(NULL, NULL);
    kmsg_node_free(node);
}

TEST(listening_beyond_loopback_needs_a_key_or_must_be_called_insecure)
{
    kmsg_node     *node = kmsg_node_new();
    kmsg_listener *l;

    FAILS(kmsg_listen(node, "tcp:0.0.0.0:0", &l), KMSG_EKEY);
    HAS(kmsg_last_error(), "kmsg key new");
    FAILS(kmsg_listen(node, "udp:0.0.0.0:0", &l), KMSG_EPERM);
    FAILS(kmsg_listen(node, "tcp:somewhere.example:0?insecure", &l), KMSG_EADDRESS);
    FAILS(kmsg_listen(node, "smtp:x", &l), KMSG_EADDRESS);
    FAILS(kmsg_listen(node, "unix:/nonexistent/x", &l), KMSG_ESYSTEM);
    OK(kmsg_listen(node, "tcp:0.0.0.0:0?insecure", &l));
    HAS(kmsg_listener_url(l), "?insecure");
    kmsg_node_free(node);
}

TEST(a_name_is_listened_to_once_at_a_time)
{
    kmsg_node     *a = kmsg_node_new(), *b = kmsg_node_new();
    kmsg_listener *l;

    OK(kmsg_listen(a, "inproc:once", &l));
    FAILS(kmsg_listen(b, "inproc:once", NULL), KMSG_EINUSE);
    kmsg_listener_close(l);
    OK(kmsg_listen(b, "inproc:once", NULL));
    kmsg_node_free(b);
    OK(kmsg_listen(a, "inproc:once", NULL));
    kmsg_node_free(a);
}

static bool exists(const char *path)
{
    struct stat info;

    return lstat(path, &info) == 0;
}

static void leave_socket(const char *path)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    int                fd = socket(AF_UNIX, SOCK_STREAM, 0);

    snprintf(a.sun_path, sizeof a.sun_path, "%s", path);
    CHECK(bind(fd, (struct sockaddr *)&a, sizeof a) == 0);
    close(fd);
}

TEST(a_path_that_nobody_listens_at_any_more_is_taken_over_and_removed_at_the_end)
{
    const char *url = new_path(), *path = url + 5;
    char        lock[80];
    kmsg_node  *node = kmsg_node_new();

    snprintf(lock, sizeof lock, "%s.lock", path);
    leave_socket(path);
    OK(kmsg_listen(node, url, NULL));
    FAILS(kmsg_listen(node, url, NULL), KMSG_EINUSE);
    HAS(kmsg_last_error(), path);
    CHECK(exists(path));
    kmsg_node_free(node);
    CHECK(!exists(path));
    CHECK(!exists(lock));
}

TEST(a_path_where_somebody_else_listens_or_a_file_lies_is_left_alone)
{
    const char        *url = new_path(), *path = url + 5;
    kmsg_node         *node = kmsg_node_new();
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    int                fd = socket(AF_UNIX, SOCK_STREAM, 0);
    FILE              *file;

    snprintf(a.sun_path, sizeof a.sun_path, "%s", path);
    CHECK(bind(fd, (struct sockaddr *)&a, sizeof a) == 0 && listen(fd, 5) == 0);
    FAILS(kmsg_listen(node, url, NULL), KMSG_EINUSE);
    CHECK(exists(path));
    close(fd);
    unlink(path);
    file = fopen(path, "w");
    fclose(file);
    FAILS(kmsg_listen(node, url, NULL), KMSG_EINUSE);
    CHECK(exists(path));
    unlink(path);
    kmsg_node_free(node);
}
