/* host.c -- one host of a lab (lab.sh): serves, or asks, and says on stdout what happens, one fact
 * a line. The shell test compares what the hosts have said.
 *
 *     host serve URL IDLE_MS DEAD_MS
 *     host call URL IDLE_MS DEAD_MS TIMEOUT_MS
 *     host both URL IDLE_MS DEAD_MS TIMEOUT_MS OWN_URL        calls there, and serves at its own
 *
 *     listening URL
 *     asked N         a call has begun
 *     handled N       call N was handled
 *     ended N CODE    a call has ended: OK, ELOST ..
 *     because TEXT    why the next ones have failed
 *     back CODE       a call to who asks has ended
 *     log TEXT        what kmsg logs
 *     quiet           after "quiet" on stdin: all have ended; others are still answered
 *     done            after "stop": all have ended, and that was it
 *
 * Who calls asks a question every TICK_MS, whatever became of those before. The line "back" on the
 * stdin of `call` lets the server ask in return, a call that is never answered: so the server, too,
 * has one that ends when the link is given up.
 */
#define _POSIX_C_SOURCE 200809L

#include "talk.kmsg.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define TICK_MS   10
#define BACK_MS   600000u /* longer than any test */
#define ASKED_MAX 100000
#define WORD      "a word that is known"

static int64_t clock_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void say_log(void *ctx, kmsg_log_level level, const char *text)
{
    (void)ctx;
    (void)level;
    printf("log %s\n", text);
}

static kmsg_node *new_node(char **args)
{
    kmsg_node *node = kmsg_node_new();

    kmsg_must(kmsg_node_set_keepalive(node, (uint32_t)strtoul(args[1], NULL, 10),
                                      (uint32_t)strtoul(args[2], NULL, 10)));
    return node;
}

/* ---- serving --------------------------------------------------------------------------------- */

static void back_done(void *ctx, kmsg_err err, const talk_Note *result)
{
    (void)ctx;
    (void)result;
    printf("back %s\n", kmsg_err_name(err));
}

static kmsg_err echo(void *ctx, kmsg_call *call, const talk_Note *note, talk_Note *ret)
{
    kmsg_peer *peer = kmsg_call_peer(call);

    (void)ctx;
    printf("handled %lld\n", (long long)note->number);
    *ret = *note;
    if (strcmp(note->text.data, "back") != 0)
        return KMSG_OK;
    kmsg_peer_set_timeout_ms(peer, BACK_MS);
    talk_Talk_echo_async(peer, note, NULL, back_done);
    return KMSG_OK;
}

static void serve_at(kmsg_node *node, const char *url)
{
    static const talk_Talk_impl impl = {.echo = echo};
    kmsg_listener              *listener;

    kmsg_must(talk_Talk_serve(node, &impl, NULL));
    kmsg_must(kmsg_listen(node, url, &listener));
    printf("listening %s\n", kmsg_listener_url(listener));
}

static void serve(char **args)
{
    kmsg_node *node = new_node(args);

    serve_at(node, args[0]);
    kmsg_must(kmsg_run(node));
}

/* ---- asking ---------------------------------------------------------------------------------- */

typedef struct asker {
    kmsg_node *node;
    kmsg_peer *peer;
    long       asked;
    long       ended;
    bool       quiet; /* asks no more, and says so when all have ended */
    bool       told;
    bool       stopping;
} asker;

static asker me;

/* Why it has ended is said once for each reason: there may be thousands. */
static void echo_done(void *ctx, kmsg_err err, const talk_Note *result)
{
    static kmsg_err last;

    (void)result;
    me.ended++;
    if (err != KMSG_OK && err != last)
        printf("because %s\n", kmsg_last_error());
    last = err;
    printf("ended %ld %s\n", (long)(intptr_t)ctx, kmsg_err_name(err));
}

static void ask(const char *text)
{
    talk_Note note = {.text = kmsg_str(text), .number = me.asked};

    printf("asked %ld\n", me.asked);
    talk_Talk_echo_async(me.peer, &note, (void *)(intptr_t)me.asked++, echo_done);
}

static kmsg_err never_answer(void *ctx, kmsg_call *call, const talk_Note *note, talk_Note *ret)
{
    (void)ctx;
    (void)call;
    (void)note;
    (void)ret;
    return KMSG_LATER;
}

static void obey(void)
{
    char    line[64];
    ssize_t size = read(STDIN_FILENO, line, sizeof line - 1);

    line[size > 0 ? size : 0] = '\0';
    if (strcmp(line, "back\n") == 0)
        ask("back");
    else if (strcmp(line, "quiet\n") == 0)
        me.quiet = true;
    else
        me.stopping = true;
}

static void ask_in_time(int64_t *next_ms)
{
    if (me.quiet && me.ended == me.asked && !me.told) {
        printf("quiet\n");
        me.told = true;
    }
    if (me.quiet || me.stopping || clock_ms() < *next_ms || me.asked >= ASKED_MAX)
        return;
    *next_ms += TICK_MS;
    ask(WORD);
}

/* Whom it asks may ask it in return, until the end. */
static void call(char **args)
{
    struct pollfd fds[] = {{.fd = STDIN_FILENO, .events = POLLIN},
                           {.fd = kmsg_node_fd(me.node), .events = POLLIN}};
    int64_t       next_ms = clock_ms();

    kmsg_must(kmsg_dial(me.node, args[0], &me.peer));
    kmsg_peer_set_timeout_ms(me.peer, (uint32_t)strtoul(args[3], NULL, 10));
    while (!me.stopping || me.ended < me.asked) {
        int wait_ms = kmsg_node_wait_ms(me.node);
        if (wait_ms < 0 || wait_ms > TICK_MS)
            wait_ms = TICK_MS;
        poll(fds, 2, wait_ms);
        if (fds[0].revents != 0 && !me.stopping)
            obey();
        ask_in_time(&next_ms);
        kmsg_must(kmsg_node_step(me.node));
    }
    printf("done\n");
    kmsg_node_free(me.node);
}

int main(int argc, char **argv)
{
    static const talk_Talk_impl mute = {.echo = never_answer};

    setvbuf(stdout, NULL, _IOLBF, 0);
    kmsg_set_log(say_log, NULL);
    if (argc == 5 && strcmp(argv[1], "serve") == 0) {
        serve(argv + 2);
    } else if (argc == 6 && strcmp(argv[1], "call") == 0) {
        me.node = new_node(argv + 2);
        kmsg_must(talk_Talk_serve(me.node, &mute, NULL));
        call(argv + 2);
    } else if (argc == 7 && strcmp(argv[1], "both") == 0) {
        me.node = new_node(argv + 2);
        serve_at(me.node, argv[6]);
        call(argv + 2);
    } else {
        fprintf(stderr, "usage: see host.c\n");
        return 2;
    }
    return 0;
}
