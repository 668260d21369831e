/* write_test.c -- the N-th read, write, accept, connect, ... fails, ends or does less than it
 * should, for every N, until the scene ends without having met it: each call ends exactly once,
 * with an error that is true, the same peer goes on afterwards, and nothing is left open or
 * allocated.
 */
#define _GNU_SOURCE
#include "fault/seam.h"
#include "keys.h"

#define CALLS 9
#define AGAIN 10 /* calls of which one must succeed when the fault is over */
#define LARGE 1500000

/* ---- memory ---------------------------------------------------------------------------------- */

static long live;

static void *resize(void *ctx, void *old, size_t size)
{
    void *p;

    (void)ctx;
    if (size == 0) {
        live--;
        free(old);
        return NULL;
    }
    p = realloc(old, size);
    live += old == NULL && p != NULL;
    return p;
}

__attribute__((constructor(101))) static void count_allocations(void)
{
    kmsg_set_allocator((kmsg_allocator){resize, NULL});
}

/* ---- the scene ------------------------------------------------------------------------------- */

typedef struct scene {
    kmsg_node     *server, *node;
    kmsg_listener *listener;
    kmsg_peer     *peer;
    outcome        o[CALLS + AGAIN];
    int            asked;
    int            handled[CALLS + AGAIN];
    int            pushed; /* one-way without acknowledgement: asked for, and arrived */
    int            arrived;
    kmsg_ticket    held;
} scene;

static kmsg_err echo(void *ctx, kmsg_call *call, const talk_Note *note, talk_Note *ret)
{
    scene *s = ctx;

    (void)call;
    s->handled[note->number]++;
    *ret = *note;
    return KMSG_OK;
}

#define NO_NUMBER -1

/* Every other one is held, until the next step. */
static kmsg_err push(void *ctx, kmsg_call *call, int64_t number)
{
    scene *s = ctx;

    if (number == NO_NUMBER) {
        s->arrived++;
        return KMSG_OK;
    }
    s->handled[number]++;
    return number % 2 == 0 ? kmsg_hold(call, &s->held) : KMSG_OK;
}

static const talk_Talk_impl impl = {.echo = echo, .push = push};

/* The server's address; by a name that has to be looked up, if that is what is to fail. */
static kmsg_err dial_server(scene *s)
{
    const char *url = kmsg_listener_url(s->listener);
    char        name[64];

    if (seam.plan.use == SEAM_RESOLVE) {
        snprintf(name, sizeof name, "tcp:127.1%s?insecure", strrchr(url, ':'));
        url = name;
    }
    return kmsg_dial(s->node, url, &s->peer);
}

static bool secret; /* tcp is encrypted */

static kmsg_err set_up(scene *s, const char *url)
{
    const kmsg_security security = {.folder = test_keys(), .encrypt_loopback = true};
    kmsg_err            err = KMSG_ENOMEM;

    s->server = seam_node_new();
    s->node = seam_node_new();
    if (s->server == NULL || s->node == NULL)
        return err;
    OK(kmsg_node_set_keepalive(s->server, 1000, 3000));
    OK(kmsg_node_set_keepalive(s->node, 1000, 3000));
    if (secret) {
        OK(kmsg_node_set_security(s->server, &security));
        OK(kmsg_node_set_security(s->node, &security));
    }
    OK(talk_Talk_serve(s->server, &impl, s));
    err = kmsg_listen(s->server, url, &s->listener);
    if (err == KMSG_OK)
        OK(dial_server(s));
    return err;
}

static void ask(scene *s, size_t blob)
{
    static uint8_t bytes[LARGE];
    talk_Note      note = note_of("x", s->asked);

    note.blob = (kmsg_bytes){bytes, blob};
    talk_Talk_echo_async(s->peer, &note, &s->o[s->asked++], echo_done);
}

static void push_done(void *ctx, kmsg_err err)
{
    outcome *o = ctx;

    o->count++;
    o->err = err;
}

/* One-way, and acknowledged. */
static void tell(scene *s)
{
    int number = s->asked++;

    talk_Talk_push_async(s->peer, number, &s->o[number], push_done);
}

static bool all_ended(const scene *s)
{
    for (int i = 0; i < s->asked; i++)
        if (s->o[i].count == 0)
            return false;
    return true;
}

static void wait_for_all(scene *s)
{
    int64_t until_ms = clock_ms() + PATIENCE_MS;

    while (!all_ended(s) && clock_ms() < until_ms) {
        seam_step(s->node, s->server);
        if (s->held.node == 0)
            continue;
        kmsg_release_ts(s->held); /* its link may be gone */
        s->held = (kmsg_ticket){0};
    }
    CHECK(all_ended(s));
}

static void play(scene *s)
{
    ask(s, 0);
    s->pushed += talk_Talk_push(s->peer, NO_NUMBER) == KMSG_OK;
    ask(s, LARGE);
    ask(s, 100);
    tell(s);
    wait_for_all(s);
    tell(s);
    ask(s, 0);
    s->pushed += talk_Talk_push(s->peer, NO_NUMBER) == KMSG_OK;
    ask(s, 0);
    wait_for_all(s);
    tell(s);
    wait_for_all(s);
    kmsg_peer_close(s->peer); /* in an orderly way, and with a new peer */
    OK(dial_server(s));
    ask(s, 0);
    wait_for_all(s);
}

/* The peers go on; the first calls may still meet what has come of the fault. */
static void go_on(scene *s)
{
    do {
        ask(s, 0);
        wait_for_all(s);
    } while (s->o[s->asked - 1].err != KMSG_OK && s->asked < CALLS + AGAIN);
    OK(s->o[s->asked - 1].err);
}

/* Nothing stays open but what listens. */
static void hang_up(scene *s)
{
    int64_t until_ms = clock_ms() + PATIENCE_MS;

    kmsg_peer_close(s->peer);
    while (seam.sockets > 1 && clock_ms() < until_ms)
        seam_step(s->node, s->server);
    EQ_INT(seam.sockets, 1);
}

/* What the callers were told is what has happened; that nobody had to wait for his deadline is part
 * of it: they are longer than any of these faults. */
static void judge(const scene *s)
{
    for (int i = 0; i < s->asked; i++) {
        kmsg_err err = s->o[i].err;
        EQ_INT(s->o[i].count, 1);
        CHECK(err != KMSG_ETIMEDOUT);
        if (err == KMSG_OK)
            EQ_INT(s->handled[i], 1);
        else if (err == KMSG_ELOST)
            CHECK(s->handled[i] <= 1);
        else
            EQ_INT(s->handled[i], 0);
    }
    CHECK(s->arrived <= s->pushed);
}

static void run_scene(const char *url, seam_plan plan)
{
    scene s = {0};
    long  before = live;

    seam_begin(plan);
    if (set_up(&s, url) == KMSG_OK) {
        play(&s);
        go_on(&s);
        hang_up(&s);
    }
    kmsg_node_free(s.node);
    kmsg_node_free(s.server);
    judge(&s);
    if (!seam.met) { /* nothing went wrong: nothing may be missing */
        for (int i = 0; i < s.asked; i++)
            OK(s.o[i].err);
        EQ_INT(s.arrived, 2);
    }
    EQ_INT(seam.sockets, 0);
    EQ_INT(seam.memories, 0);
    EQ_INT(live, before);
}

static void every_n(const char *url, seam_use use, seam_harm harm)
{
    unsigned n = 0;

    do {
        n++;
        test_at("%s: %s number %u %s", url, seam_names[use], n, seam_harms[harm]);
        run_scene(url, (seam_plan){use, harm, n, 0});
    } while (seam.met);
    CHECK(n > 1); /* it was met at all */
}

/* The same with nothing but the socket. */
static void every_n_apart(seam_use use, seam_harm harm)
{
    seam.apart = true;
    every_n(new_name(), use, harm);
    seam.apart = false;
}

/* The same encrypted. */
static void every_n_in_secret(seam_use use, seam_harm harm)
{
    (void)test_keys(); /* is not what is tested */
    secret = true;
    every_n("tcp:127.0.0.1:0", use, harm);
    secret = false;
}

#define TCP  "tcp:127.0.0.1:0"
#define TCP6 "tcp:[::1]:0"

TEST(any_one_read_may_fail)
{
    every_n(new_name(), SEAM_READ, SEAM_FAILS);
    every_n_apart(SEAM_READ, SEAM_FAILS);
    every_n(TCP, SEAM_READ, SEAM_FAILS);
    every_n(TCP6, SEAM_READ, SEAM_FAILS);
    every_n_in_secret(SEAM_READ, SEAM_FAILS);
}

TEST(the_other_side_may_hang_up_at_any_read)
{
    every_n(new_name(), SEAM_READ, SEAM_ENDS);
    every_n(TCP, SEAM_READ, SEAM_ENDS);
    every_n_in_secret(SEAM_READ, SEAM_ENDS);
}

TEST(any_one_read_may_bring_nothing_or_a_byte)
{
    every_n(new_name(), SEAM_READ, SEAM_NOT_NOW);
    every_n(new_name(), SEAM_READ, SEAM_ONE_BYTE);
    every_n_apart(SEAM_READ, SEAM_NOT_NOW);
    every_n_apart(SEAM_READ, SEAM_ONE_BYTE);
    every_n_in_secret(SEAM_READ, SEAM_NOT_NOW);
    every_n_in_secret(SEAM_READ, SEAM_ONE_BYTE);
}

TEST(any_one_write_may_fail)
{
    every_n(new_name(), SEAM_WRITE, SEAM_FAILS);
    every_n_apart(SEAM_WRITE, SEAM_FAILS);
    every_n(TCP, SEAM_WRITE, SEAM_FAILS);
    every_n_in_secret(SEAM_WRITE, SEAM_FAILS);
}

TEST(any_one_write_may_take_nothing_or_a_byte)
{
    every_n(new_name(), SEAM_WRITE, SEAM_NOT_NOW);
    every_n(new_name(), SEAM_WRITE, SEAM_ONE_BYTE);
    every_n_apart(SEAM_WRITE, SEAM_NOT_NOW);
    every_n_apart(SEAM_WRITE, SEAM_ONE_BYTE);
    every_n_in_secret(SEAM_WRITE, SEAM_NOT_NOW);
    every_n_in_secret(SEAM_WRITE, SEAM_ONE_BYTE);
}

TEST(there_may_be_no_memory_to_share)
{
    every_n(new_name(), SEAM_MEMORY, SEAM_FAILS);
}

TEST(any_one_accept_may_fail)
{
    every_n(new_name(), SEAM_ACCEPT, SEAM_FAILS);
    every_n(TCP, SEAM_ACCEPT, SEAM_FAILS);
    every_n(new_name(), SEAM_ACCEPT, SEAM_NOT_NOW);
}

TEST(any_one_dial_may_fail)
{
    every_n(new_name(), SEAM_CONNECT, SEAM_FAILS);
    every_n(new_name(), SEAM_CONNECT, SEAM_NOT_NOW);
    every_n(TCP, SEAM_CONNECTED, SEAM_FAILS);
}

TEST(a_name_may_not_be_found)
{
    every_n(TCP, SEAM_RESOLVE, SEAM_FAILS);
}

TEST(waiting_may_end_early_for_no_reason)
{
    every_n(new_name(), SEAM_POLL, SEAM_NOT_NOW);
}

TEST(a_node_may_get_no_loop_and_a_listener_no_socket)
{
    every_n(new_name(), SEAM_LOOP, SEAM_FAILS);
    every_n(new_path(), SEAM_LISTEN, SEAM_FAILS);
}
