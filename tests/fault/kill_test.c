/* kill_test.c -- real processes, killed where it hurts. Synchronised by pipes and answers alone. */
#define _GNU_SOURCE
#include "unit/talk.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>

/* A server in a process of its own, which says through a pipe that it listens, and that a call of
 * it has been left for later. */
typedef struct child {
    pid_t pid;
    int   says;
} child;

static int child_says;

static kmsg_err tell_and_wait(void *ctx, kmsg_call *call, const talk_Note *note, talk_Note *ret)
{
    (void)ctx;
    (void)call;
    *ret = *note;
    if (strcmp(note->text.data, "hold") != 0)
        return KMSG_OK;
    return write(child_says, "h", 1) == 1 ? KMSG_LATER : KMSG_EFAILED;
}

static const talk_Talk_impl holding = {.echo = tell_and_wait};

static void be_server(const char *url)
{
    kmsg_node *node = kmsg_node_new();

    kmsg_must(talk_Talk_serve(node, &holding, NULL));
    kmsg_must(kmsg_listen(node, url, NULL));
    if (write(child_says, "l", 1) == 1)
        kmsg_must(kmsg_run(node));
    _exit(1);
}

/* A child that dies with this test, however it ends. */
static pid_t fork_child(void)
{
    pid_t pid;

    fflush(stdout);
    pid = fork();
    CHECK(pid >= 0);
    if (pid == 0)
        prctl(PR_SET_PDEATHSIG, SIGKILL);
    return pid;
}

static void hear(const child *c, char wanted)
{
    char said = 0;

    EQ_INT(read(c->says, &said, 1), 1);
    EQ_INT(said, wanted);
}

static child start_child(const char *url)
{
    int   fds[2];
    child c;

    CHECK(pipe(fds) == 0);
    c.pid = fork_child();
    if (c.pid == 0) {
        close(fds[0]);
        child_says = fds[1];
        be_server(url);
    }
    close(fds[1]);
    c.says = fds[0];
    hear(&c, 'l');
    return c;
}

static void kill_child(child *c)
{
    int status;

    kill(c->pid, SIGKILL);
    CHECK(waitpid(c->pid, &status, 0) == c->pid);
    CHECK(WIFSIGNALED(status));
    close(c->says);
}

static void kill_in_a_call(const char *url)
{
    kmsg_node  *node;
    kmsg_peer  *peer;
    kmsg_arena *mem = kmsg_arena_new();
    child       c = start_child(url);
    talk_Note   note = note_of("hold", 1), back;
    outcome     o = {0};
    int64_t     killed_ms;

    node = kmsg_node_new();
    OK(kmsg_dial(node, url, &peer));
    kmsg_peer_set_timeout_ms(peer, 60000);
    talk_Talk_echo_async(peer, &note, &o, echo_done);
    while (!(poll(&(struct pollfd){.fd = c.says, .events = POLLIN}, 1, 0) == 1))
        step_both(node, node, 10);
    hear(&c, 'h');
    EQ_INT(o.count, 0);
    killed_ms = clock_ms();
    kill_child(&c);
    DRIVE(node, node, o.count == 1);
    EQ_INT(o.err, KMSG_ELOST);
    CHECK(clock_ms() - killed_ms < 2000);
    note = note_of("anybody?", 1);
    FAILS(talk_Talk_echo(peer, &note, mem, &back), KMSG_EREFUSED);
    c = start_child(url); /* over the path that the killed one has left behind */
    OK(talk_Talk_echo(peer, &note, mem, &back));
    EQ_STR(back.text.data, "anybody?");
    kill_child(&c);
    kmsg_node_free(node);
    kmsg_arena_free(mem);
}

TEST(a_call_is_lost_promptly_when_its_server_is_killed_and_the_next_server_is_found)
{
    const char *url = new_path();
    char        lock[80];

    kill_in_a_call(url);
    unlink(url + 5); /* the last one was killed too */
    snprintf(lock, sizeof lock, "%s.lock", url + 5);
    unlink(lock);
    kill_in_a_call(new_name());
}

TEST(a_blocking_call_ends_when_its_server_is_killed)
{
    kmsg_node  *node;
    kmsg_peer  *peer;
    kmsg_arena *mem;
    const char *url = new_name();
    child       c = start_child(url);
    talk_Note   note = note_of("hold", 1), back;
    pid_t       killer;
    int         status;

    killer = fork_child();
    if (killer == 0) { /* kills the server as soon as it has the call */
        char said;
        _exit(read(c.says, &said, 1) == 1 && kill(c.pid, SIGKILL) == 0 ? 0 : 1);
    }
    node = kmsg_node_new();
    mem = kmsg_arena_new();
    OK(kmsg_dial(node, url, &peer));
    kmsg_peer_set_timeout_ms(peer, 60000);
    FAILS(talk_Talk_echo(peer, &note, mem, &back), KMSG_ELOST);
    CHECK(waitpid(killer, &status, 0) == killer && status == 0);
    kill_child(&c);
    kmsg_node_free(node);
    kmsg_arena_free(mem);
}

/* The child asks, and is killed: the server of this process must go on. */
TEST(a_server_survives_callers_that_are_killed_in_the_middle)
{
    server      s;
    kmsg_node  *node;
    kmsg_arena *mem = kmsg_arena_new();
    const char *url = new_name();
    talk_Note   note = note_of("x", 1), back;

    for (int i = 0; i < 10; i++) {
        int   fds[2];
        char  said;
        pid_t pid;
        CHECK(pipe(fds) == 0);
        pid = fork_child(); /* before there is a thread in this process */
        if (pid == 0) {
            static uint8_t bytes[1000000];
            kmsg_node     *mine = kmsg_node_new();
            kmsg_peer     *peer;
            kmsg_must(kmsg_dial(mine, url, &peer));
            kmsg_peer_set_timeout_ms(peer, 60000);
            note.blob = (kmsg_bytes){bytes, sizeof bytes};
            close(fds[0]);
            for (bool told = false;;) { /* refused until the server is there */
                if (talk_Talk_echo(peer, &note, mem, &back) == KMSG_OK && !told)
                    told = write(fds[1], "x", 1) == 1;
                kmsg_arena_reset(mem);
            }
        }
        close(fds[1]);
        server_start(&s, url);
        EQ_INT(read(fds[0], &said, 1), 1);
        kill(pid, SIGKILL);
        CHECK(waitpid(pid, NULL, 0) == pid);
        close(fds[0]);
        node = kmsg_node_new();
        OK(talk_Talk_echo(dial(node, &s), &note, mem, &back));
        kmsg_node_free(node);
        server_done(&s);
    }
    kmsg_arena_free(mem);
}
