/* steps_test.c -- the process at the other side is killed, or stopped and continued later, at each
 * step of the protocol: before, within and after its N-th read, write, accept, connect, wait, close
 * and handler, for every N until its part of the scene is over. So it goes before the hello, in the
 * middle of a request or an answer, and while it closes, wherever that is in the code.
 *
 * Each call of this process ends exactly once, and what it was told is what has happened; a stopped
 * side is noticed by keep-alive; then the same peer and the same server go on. The clock of this
 * process is put forward while the other one does not run: nothing is waited for in real time.
 */
#define _GNU_SOURCE
#include "fault/child.h"
#include "fault/seam.h"

#define CALLS     4
#define AGAIN     20
#define LARGE     1500000
#define LARGE_ONE 1 /* the number of the call that is large */
#define TOLD_ONE  3 /* that is a one-way message, acknowledged */

static uint8_t large[LARGE];

typedef struct role {
    char      url[64];
    seam_plan plan;  /* of the process at the other side */
    int       first; /* the number of its first call */
} role;

static kmsg_node *new_node(void)
{
    kmsg_node *node = seam_node_new();

    kmsg_must(kmsg_node_set_keepalive(node, 1000, 3000));
    return node;
}

static talk_Note numbered(int number)
{
    talk_Note note = note_of("x", number);

    if (number % CALLS == LARGE_ONE)
        note.blob = (kmsg_bytes){large, sizeof large};
    return note;
}

/* While the other side does not run, nothing will come: then the clock runs faster. */
static void step(kmsg_node *node, child *c)
{
    child_look(c);
    if (c->stopped || c->dead)
        seam_step(node, node);
    else
        step_both(node, node, 2);
}

#define STEP_UNTIL(node, c, condition)                                                             \
    do {                                                                                           \
        int64_t until_ms = clock_ms() + PATIENCE_MS;                                               \
        while (!(condition) && clock_ms() < until_ms)                                              \
            step((node), (c));                                                                     \
        CHECK(condition);                                                                          \
    } while (0)

/* ---- the other side serves ------------------------------------------------------------------- */

static kmsg_err echo_there(void *ctx, kmsg_call *call, const talk_Note *note, talk_Note *ret)
{
    seam_harm harm = seam_meet(SEAM_HANDLER);

    (void)ctx;
    (void)call;
    child_say((uint8_t)note->number);
    *ret = *note;
    seam_after(harm);
    return KMSG_OK;
}

static kmsg_err push_there(void *ctx, kmsg_call *call, int64_t number)
{
    seam_harm harm = seam_meet(SEAM_HANDLER);

    (void)ctx;
    (void)call;
    child_say((uint8_t)number);
    seam_after(harm);
    return KMSG_OK;
}

static void serve(void *ctx)
{
    static const talk_Talk_impl impl = {.echo = echo_there, .push = push_there};
    role                       *r = ctx;
    kmsg_node                  *node = new_node();

    kmsg_must(talk_Talk_serve(node, &impl, NULL));
    kmsg_must(kmsg_listen(node, r->url, NULL));
    seam_begin(r->plan);
    child_say('l');
    kmsg_must(kmsg_run(node));
}

typedef struct caller {
    kmsg_node *node;
    kmsg_peer *peer;
    outcome    o[CALLS + AGAIN];
    int        handled[CALLS + AGAIN];
    int        asked;
} caller;

static void hear_handled(caller *s, const child *c)
{
    while (child_has_said(c))
        s->handled[child_hear(c)]++;
}

static void push_done(void *ctx, kmsg_err err)
{
    outcome *o = ctx;

    o->count++;
    o->err = err;
}

static void ask(caller *s)
{
    talk_Note note = numbered(s->asked);

    if (s->asked % CALLS == TOLD_ONE) {
        talk_Talk_push_async(s->peer, s->asked, &s->o[s->asked], push_done);
        s->asked++;
        return;
    }
    talk_Talk_echo_async(s->peer, &note, &s->o[s->asked++], echo_done);
}

static bool all_ended(const caller *s)
{
    for (int i = 0; i < s->asked; i++)
        if (s->o[i].count == 0)
            return false;
    return true;
}

static child start_server(role *r)
{
    child c = child_start(serve, r);

    EQ_INT(child_hear(&c), 'l');
    return c;
}

static void wait_for_all(caller *s, child *c)
{
    STEP_UNTIL(s->node, c, all_ended(s));
}

/* Who was stopped goes on; who was killed is followed by another one. */
static void revive(caller *s, child *c, const role *r)
{
    role well = *r;

    child_look(c);
    if (c->stopped)
        child_continue(c);
    if (!c->dead)
        return;
    hear_handled(s, c);
    child_end(c);
    well.plan.at = 0;
    *c = start_server(&well);
    c->met = true;
}

/* A call that fails tells of the other side's end sooner than the system does. */
static void go_on(caller *s, child *c, const role *r)
{
    bool ok = false;

    while (!ok && s->asked < CALLS + AGAIN) {
        revive(s, c, r);
        ask(s);
        wait_for_all(s, c);
        ok = s->o[s->asked - 1].err == KMSG_OK;
        if (!ok)
            STEP_UNTIL(s->node, c, c->met);
    }
    OK(s->o[s->asked - 1].err);
    hear_handled(s, c);
}

static void judge(const caller *s)
{
    for (int i = 0; i < s->asked; i++) {
        kmsg_err err = s->o[i].err;
        EQ_INT(s->o[i].count, 1);
        if (err == KMSG_OK)
            EQ_INT(s->handled[i], 1);
        else if (err == KMSG_ELOST)
            CHECK(s->handled[i] <= 1);
        else
            EQ_INT(s->handled[i], 0);
        CHECK(err == KMSG_OK || err == KMSG_ELOST || err == KMSG_EREFUSED ||
              err == KMSG_EUNREACHABLE);
    }
}

static void dial_it(caller *s, const role *r)
{
    OK(kmsg_dial(s->node, r->url, &s->peer));
    kmsg_peer_set_timeout_ms(s->peer, 60000);
}

/* True if the server was met by the plan. */
static bool call_a_server(role *r)
{
    child  c = start_server(r);
    caller s = {.node = new_node()};

    dial_it(&s, r);
    for (int i = 0; i < CALLS; i++) {
        ask(&s);
        if (i != LARGE_ONE) /* another one waits behind that */
            wait_for_all(&s, &c);
    }
    kmsg_peer_close(s.peer);
    dial_it(&s, r);
    go_on(&s, &c, r);
    kmsg_node_free(s.node);
    child_look(&c);
    child_end(&c);
    judge(&s);
    EQ_INT(seam.sockets, 0);
    EQ_INT(seam.memories, 0);
    return c.met;
}

/* ---- the other side asks --------------------------------------------------------------------- */

enum { REPORT_OK = 0, REPORT_LOST = 64, REPORT_UNSENT = 128, REPORT_OTHER = 192, NUMBERS = 64 };

static uint8_t report_of(kmsg_err err)
{
    switch (err) {
    case KMSG_OK: return REPORT_OK;
    case KMSG_ELOST: return REPORT_LOST;
    case KMSG_EREFUSED:
    case KMSG_EUNREACHABLE: return REPORT_UNSENT;
    default: return REPORT_OTHER;
    }
}

static kmsg_err call_once(kmsg_peer *peer, int number)
{
    kmsg_arena *mem = kmsg_arena_new();
    talk_Note   note = numbered(number), back;
    kmsg_err    err = talk_Talk_echo(peer, &note, mem, &back);

    kmsg_arena_free(mem);
    child_say((uint8_t)(report_of(err) | (uint8_t)number));
    return err;
}

static kmsg_peer *dial_there(kmsg_node *node, const role *r)
{
    kmsg_peer *peer;

    kmsg_must(kmsg_dial(node, r->url, &peer));
    kmsg_peer_set_timeout_ms(peer, 60000);
    return peer;
}

static void call_again_and_again(void *ctx)
{
    role      *r = ctx;
    kmsg_node *node = new_node();
    kmsg_peer *peer = dial_there(node, r);
    int        number = r->first;

    (void)child_wait(); /* for who answers */
    seam_begin(r->plan);
    for (int i = 0; i < CALLS; i++)
        (void)call_once(peer, number++);
    kmsg_peer_close(peer);
    peer = dial_there(node, r);
    while (call_once(peer, number++) != KMSG_OK && number < r->first + NUMBERS / 2)
        continue;
    kmsg_must(kmsg_run(node));
}

typedef struct answerer {
    kmsg_node *node;
    kmsg_call *later;
    int        handled[NUMBERS];
    int        reports[NUMBERS];
    int        said[NUMBERS]; /* how it ended */
    bool       finished;
} answerer;

static kmsg_err echo_here(void *ctx, kmsg_call *call, const talk_Note *note, talk_Note *ret)
{
    answerer *s = ctx;

    s->handled[note->number]++;
    if (note->number % CALLS == LARGE_ONE + 1) {
        s->later = call;
        return KMSG_LATER;
    }
    *ret = *note;
    return KMSG_OK;
}

static void hear_reports(answerer *s, const child *c, const role *r)
{
    while (child_has_said(c)) {
        uint8_t said = child_hear(c);
        int     number = said % NUMBERS;
        s->reports[number]++;
        s->said[number] = said - number;
        s->finished |= said - number == REPORT_OK && number >= r->first + CALLS;
    }
}

static void serve_step(answerer *s, child *c, const role *r)
{
    talk_Note note = note_of("later", 0);

    step(s->node, c);
    hear_reports(s, c, r);
    if (s->later != NULL)
        (void)talk_Talk_echo_reply(s->later, &note);
    s->later = NULL;
}

#define SERVE_UNTIL(s, c, r, condition)                                                            \
    do {                                                                                           \
        int64_t until_ms = clock_ms() + PATIENCE_MS;                                               \
        while (!(condition) && clock_ms() < until_ms)                                              \
            serve_step((s), (c), (r));                                                             \
        CHECK(condition);                                                                          \
    } while (0)

static void judge_reports(const answerer *s)
{
    for (int i = 0; i < NUMBERS; i++) {
        CHECK(s->handled[i] <= 1);
        CHECK(s->reports[i] <= 1);
        if (s->reports[i] == 0)
            continue;
        CHECK(s->said[i] != REPORT_OTHER);
        if (s->said[i] == REPORT_OK)
            EQ_INT(s->handled[i], 1);
        if (s->said[i] == REPORT_UNSENT)
            EQ_INT(s->handled[i], 0);
    }
    for (int i = 1; i < NUMBERS / 2; i++) /* they were made one after the other */
        CHECK(s->reports[i] <= s->reports[i - 1]);
}

/* Who does not run any more is given up, whatever he was about to do. */
static void give_up(answerer *s, child *c, role *r)
{
    SERVE_UNTIL(s, c, r, seam.sockets == 1);
    if (c->stopped) {
        child_continue(c);
        return;
    }
    child_end(c);
    r->first = NUMBERS / 2;
    r->plan.at = 0;
    *c = child_start(call_again_and_again, r);
    child_tell(c, 'g');
    c->met = true;
}

static bool answer_a_caller(role *r)
{
    static const talk_Talk_impl impl = {.echo = echo_here};
    answerer                    s = {.node = new_node()};
    child                       c = child_start(call_again_and_again, r);
    bool                        met;

    OK(talk_Talk_serve(s.node, &impl, &s));
    OK(kmsg_listen(s.node, r->url, NULL));
    child_tell(&c, 'g');
    SERVE_UNTIL(&s, &c, r, s.finished || c.met);
    met = c.met;
    if (!s.finished)
        give_up(&s, &c, r);
    SERVE_UNTIL(&s, &c, r, s.finished);
    child_end(&c);
    kmsg_node_free(s.node);
    judge_reports(&s);
    EQ_INT(seam.sockets, 0);
    EQ_INT(seam.memories, 0);
    return met;
}

/* ---- every step ------------------------------------------------------------------------------ */

/* Another one each time, so that nothing that is left of the last one is in the way: a loopback
 * address of this process' own. */
static void new_url(char *ret, size_t size, bool tcp)
{
    static unsigned count;
    unsigned        id = (unsigned)getpid() & 0x7fff;

    if (tcp)
        snprintf(ret, size, "tcp:127.%u.%u.1:%u?insecure", 64 + (id >> 8), id & 0xff,
                 10000 + count++);
    else
        snprintf(ret, size, "%s", new_name());
}

/* Where processes take long to make, not every one. */
static unsigned stride(void)
{
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    return 5;
#else
    return 20 / test_rounds(20);
#endif
}

static void every_n(bool scene(role *r), bool tcp, seam_use use, seam_harm harm, int signal)
{
    bool met = true;

    for (unsigned n = 1; met; n += stride()) {
        role r = {.plan = {use, harm, n, signal}};
        new_url(r.url, sizeof r.url, tcp);
        test_at("%s: %s at %s number %u", r.url, seam_harms[harm], seam_names[use], n);
        met = scene(&r);
        CHECK(met || n > 1); /* it was met at all */
    }
}

static void every_step(bool scene(role *r), bool tcp, seam_use opens, int signal)
{
    const seam_use uses[] = {opens, SEAM_READ, SEAM_WRITE, SEAM_CLOSE};

    for (size_t i = 0; i < sizeof uses / sizeof *uses; i++) {
        every_n(scene, tcp, uses[i], SEAM_SIGNAL_BEFORE, signal);
        every_n(scene, tcp, uses[i], SEAM_SIGNAL_AFTER, signal);
    }
    every_n(scene, tcp, SEAM_POLL, SEAM_SIGNAL_BEFORE, signal);
    every_n(scene, tcp, SEAM_READ, SEAM_SIGNAL_HALF, signal);
    every_n(scene, tcp, SEAM_WRITE, SEAM_SIGNAL_HALF, signal);
}

static void every_step_of_a_server(bool tcp, int signal)
{
    every_step(call_a_server, tcp, SEAM_ACCEPT, signal);
    every_n(call_a_server, tcp, SEAM_HANDLER, SEAM_SIGNAL_BEFORE, signal);
    every_n(call_a_server, tcp, SEAM_HANDLER, SEAM_SIGNAL_AFTER, signal);
}

TEST(a_server_may_be_killed_at_any_step_over_unix)
{
    every_step_of_a_server(false, SIGKILL);
}

TEST(a_server_may_be_killed_at_any_step_over_tcp)
{
    every_step_of_a_server(true, SIGKILL);
}

TEST(a_server_may_be_stopped_at_any_step_over_unix)
{
    every_step_of_a_server(false, SIGSTOP);
}

TEST(a_server_may_be_stopped_at_any_step_over_tcp)
{
    every_step_of_a_server(true, SIGSTOP);
}

TEST(a_caller_may_be_killed_at_any_step_over_unix)
{
    every_step(answer_a_caller, false, SEAM_CONNECT, SIGKILL);
}

TEST(a_caller_may_be_killed_at_any_step_over_tcp)
{
    every_step(answer_a_caller, true, SEAM_CONNECT, SIGKILL);
}

TEST(a_caller_may_be_stopped_at_any_step_over_unix)
{
    every_step(answer_a_caller, false, SEAM_CONNECT, SIGSTOP);
}

TEST(a_caller_may_be_stopped_at_any_step_over_tcp)
{
    every_step(answer_a_caller, true, SEAM_CONNECT, SIGSTOP);
}
