/* call_test.c -- calls, and every way in which one can end, over each kind of link. */
#include "talk.h"

#include "core/core.h"

/* ---- each link ----------------------------------------------------------------------------- */

static const char *link_url(int i)
{
    static char name[64];

    snprintf(name, sizeof name, "inproc:call-test-%d", (int)getpid());
    return i == 0 ? name : i == 1 ? new_path() : i == 2 ? "tcp:127.0.0.1:0" : new_name();
}

/* A server on its own thread, a node of ours, a peer between them. */
typedef struct pair {
    server      server;
    kmsg_node  *node;
    kmsg_peer  *peer;
    kmsg_arena *mem;
} pair;

static void pair_init(pair *p, const char *url)
{
    server_start(&p->server, url);
    p->node = kmsg_node_new();
    p->mem = kmsg_arena_new();
    p->peer = dial(p->node, &p->server);
}

static void pair_done(pair *p)
{
    kmsg_node_free(p->node);
    server_done(&p->server);
    kmsg_arena_free(p->mem);
}

static kmsg_err echo(pair *p, const char *text, talk_Note *ret)
{
    talk_Note note = note_of(text, 42);

    kmsg_arena_reset(p->mem);
    return talk_Talk_echo(p->peer, &note, p->mem, ret);
}

static void talk_over(const char *url)
{
    pair         p;
    talk_Note    back = {.number = 5};
    talk_Refused refused;
    int64_t      sum;

    pair_init(&p, url);
    OK(echo(&p, "hello", &back));
    EQ_STR(back.text.data, "hello");
    EQ_INT(back.number, 42);
    for (int i = 1; i <= 1000; i++)
        OK(talk_Talk_push(p.peer, i));
    OK(talk_Talk_sum(p.peer, p.mem, &sum));
    EQ_INT(sum, 500500);
    back.number = 5;
    FAILS(echo(&p, "fail", &back), KMSG_ENOENT);
    EQ_STR(kmsg_last_error(), "nobody is called Bob");
    EQ_INT(back.number, 5);
    FAILS(echo(&p, "throw", &back), KMSG_ETHROWN);
    CHECK(talk_Refused_caught(p.peer, p.mem, &refused));
    EQ_STR(refused.reason.data, "tired");
    EQ_INT(refused.code, 7);
    OK(echo(&p, "", &back));
    CHECK(!talk_Refused_caught(p.peer, p.mem, &refused));
    pair_done(&p);
}

TEST(calls_tells_failures_and_errors_cross_each_link)
{
    for (int i = 0; i < 4; i++)
        talk_over(link_url(i));
}

TEST(a_node_talks_to_itself)
{
    server       s;
    kmsg_arena  *mem = kmsg_arena_new();
    talk_Note    note = note_of("hello", 1), back;
    talk_Refused refused;
    int64_t      sum;

    server_init(&s, NULL);
    OK(talk_Talk_echo(kmsg_self(s.node), &note, mem, &back));
    EQ_STR(back.text.data, "hello");
    OK(talk_Talk_push(kmsg_self(s.node), 3));
    OK(talk_Talk_push(kmsg_self(s.node), 4));
    OK(talk_Talk_sum(kmsg_self(s.node), mem, &sum));
    EQ_INT(sum, 7);
    note = note_of("throw", 1);
    FAILS(talk_Talk_echo(kmsg_self(s.node), &note, mem, &back), KMSG_ETHROWN);
    CHECK(talk_Refused_caught(kmsg_self(s.node), mem, &refused));
    EQ_INT(refused.code, 7);
    server_done(&s);
    kmsg_arena_free(mem);
}

TEST(messages_of_every_size_arrive_over_each_link)
{
    static const size_t sizes[] = {0,    1,     7,     8,      9,       4095,
                                   4096, 65535, 65536, 262144, 1000000, 4000000};
    uint8_t            *blob = malloc(4000000);

    for (size_t i = 0; i < 4000000; i++)
        blob[i] = (uint8_t)(i * 7 + i / 251);
    for (int l = 0; l < 3; l++) {
        pair p;
        pair_init(&p, link_url(l));
        for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
            talk_Note note = note_of("x", 0), back;
            note.blob = (kmsg_bytes){blob, sizes[i]};
            OK(talk_Talk_echo(p.peer, &note, p.mem, &back));
            EQ_MEM(back.blob.data, back.blob.size, blob, sizes[i]);
            kmsg_arena_reset(p.mem);
        }
        pair_done(&p);
    }
    free(blob);
}

/* ---- sizes --------------------------------------------------------------------------------- */

/* The largest blob that fits into a request of at most `limit` bytes. */
static size_t blob_for(size_t limit)
{
    talk_Note note = note_of("x", 0);
    size_t    size;

    OK(kmsg_encoded_size(talk_Talk_service.methods[0].args, &note, &size));
    return limit - size - 24; /* what the method's own wrapping takes is measured below */
}

/* A note whose echo request takes exactly `wanted` bytes. */
static talk_Note note_of_size(size_t wanted, const uint8_t *bytes)
{
    talk_Note note = note_of("x", 0);
    size_t    size = 0;

    for (size_t n = blob_for(wanted); size < wanted; n++) {
        note.blob = (kmsg_bytes){bytes, n};
        OK(kmsg_encoded_size(talk_Talk_service.methods[0].args, &note, &size));
    }
    EQ_UINT(size, wanted);
    return note;
}

static void at_the_limit(const char *url)
{
    static const uint8_t bytes[5000] = {1};
    server               s;
    kmsg_node           *node = kmsg_node_new();
    kmsg_peer           *peer;
    kmsg_arena          *mem = kmsg_arena_new();
    talk_Note            back, note;

    server_init(&s, url);
    OK(kmsg_node_set_message_max(s.node, 2000));
    OK(kmsg_start(s.node));
    peer = dial(node, &s);
    note = note_of_size(2001, bytes);
    FAILS(talk_Talk_echo(peer, &note, mem, &back), KMSG_ETOOBIG); /* before the hello is there */
    note = note_of_size(1999, bytes);
    OK(talk_Talk_echo(peer, &note, mem, &back));
    note = note_of_size(2000, bytes);
    OK(talk_Talk_echo(peer, &note, mem, &back));
    note = note_of_size(2001, bytes);
    FAILS(talk_Talk_echo(peer, &note, mem, &back), KMSG_ETOOBIG); /* and after */
    HAS(kmsg_last_error(), "2001 bytes, and the limit is 2000");
    kmsg_node_free(node);
    server_done(&s);
    kmsg_arena_free(mem);
}

TEST(the_limit_of_messages_is_exact_and_its_sender_is_told)
{
    for (int l = 0; l < 3; l++)
        at_the_limit(link_url(l));
}

TEST(an_answer_larger_than_its_caller_takes_is_an_error_at_the_caller)
{
    static const uint8_t bytes[5000] = {1};
    pair                 p;
    talk_Note            note = note_of("later", 0), back;

    server_start(&p.server, new_path());
    p.node = kmsg_node_new();
    p.mem = kmsg_arena_new();
    OK(kmsg_node_set_message_max(p.node, 1000));
    p.peer = dial(p.node, &p.server);
    note = note_of_size(1000, bytes); /* the answer is smaller than the request: it is lengthened */
    OK(talk_Talk_echo(p.peer, &note, p.mem, &back));
    OK(kmsg_node_set_message_max(p.node, 4000)); /* for sending; the link still takes 1000 */
    note = note_of_size(2000, bytes);
    FAILS(talk_Talk_echo(p.peer, &note, p.mem, &back), KMSG_ETOOBIG);
    pair_done(&p);
}

/* ---- failures ------------------------------------------------------------------------------ */

TEST(what_a_handler_may_not_return_is_a_failure_of_the_handler)
{
    pair      p;
    talk_Note back;

    pair_init(&p, link_url(0));
    FAILS(echo(&p, "odd", &back), KMSG_EFAILED);
    FAILS(echo(&p, "throw nothing", &back), KMSG_EFAILED);
    FAILS(echo(&p, "not utf-8", &back), KMSG_EFAILED);
    HAS(kmsg_last_error(), "text");
    OK(echo(&p, "still there", &back));
    pair_done(&p);
}

TEST(nobody_serves_it_and_nobody_wrote_it_are_told_apart)
{
    static const talk_Talk_impl half = {.push = talk_push};
    kmsg_node                  *server_node = kmsg_node_new(), *node = kmsg_node_new();
    kmsg_arena                 *mem = kmsg_arena_new();
    kmsg_listener              *listener;
    kmsg_peer                  *peer;
    int64_t                     number;

    OK(talk_Talk_serve(server_node, &half, NULL));
    FAILS(talk_Talk_serve(server_node, &half, NULL), KMSG_EEXIST);
    HAS(kmsg_last_error(), "talk.Talk");
    OK(kmsg_listen(server_node, new_path(), &listener));
    OK(kmsg_dial(node, kmsg_listener_url(listener), &peer));
    OK(kmsg_start(server_node));
    FAILS(talk_Other_twice(peer, 1, mem, &number), KMSG_ENOSERVICE);
    HAS(kmsg_last_error(), "talk.Other.twice");
    FAILS(talk_Talk_sum(peer, mem, &number), KMSG_ENOMETHOD);
    kmsg_node_free(node);
    kmsg_node_free(server_node);
    kmsg_arena_free(mem);
}

TEST(a_value_that_violates_its_schema_is_not_sent)
{
    pair      p;
    talk_Note back;

    pair_init(&p, link_url(0));
    FAILS(echo(&p, "\xff", &back), KMSG_EVALUE);
    HAS(kmsg_last_error(), "text");
    OK(echo(&p, "still there", &back));
    pair_done(&p);
}

/* A method of Talk as somebody with another schema sees it. */
static kmsg_method other_view(const kmsg_layout *args, const kmsg_layout *result, uint32_t number)
{
    kmsg_method m = talk_Talk_service.methods[number];

    m.args = args;
    m.result = result;
    return m;
}

TEST(a_request_that_cannot_be_read_is_told_with_the_place)
{
    const kmsg_layout *sum_result = talk_Talk_service.methods[2].result;
    kmsg_method        wrong = other_view(&talk_Refused_layout, sum_result, 0);
    talk_Refused       args = {.reason = KMSG_STR("not a note"), .code = 3};
    pair               p;
    int64_t            number;

    pair_init(&p, link_url(1));
    FAILS(kmsg_ask(p.peer, &talk_Talk_service, &wrong, &args, p.mem, &number), KMSG_EREQUEST);
    HAS(kmsg_last_error(), "note");
    pair_done(&p);
}

/* Note as somebody sees it whose schema says that the blob is a string. */
static kmsg_layout wrong_note(kmsg_field fields[3])
{
    kmsg_layout layout = talk_Note_layout;

    memcpy(fields, layout.fields, 3 * sizeof *fields);
    fields[2].type = &kmsg_type_string;
    layout.fields = fields;
    layout.row_end = NULL;
    layout.row_put = NULL;
    layout.row_get = NULL;
    return layout;
}

TEST(an_answer_that_cannot_be_read_is_told_apart_from_the_request)
{
    kmsg_field  fields[3];
    kmsg_layout layout = wrong_note(fields);
    kmsg_method wrong = other_view(talk_Talk_service.methods[0].args, &layout, 0);
    talk_Note   note = note_of("as it came", 1), back = {.number = 5};
    outcome     o = {0};
    pair        p;

    pair_init(&p, link_url(1));
    note.blob = (kmsg_bytes){(const uint8_t *)"\xff", 1};
    FAILS(kmsg_ask(p.peer, &talk_Talk_service, &wrong, &note, p.mem, &back), KMSG_EDECODE);
    HAS(kmsg_last_error(), "blob");
    EQ_INT(back.number, 5);
    talk_Talk_sum_async(p.peer, &o, sum_done); /* the link has not suffered */
    while (o.count == 0)
        step_both(p.node, p.node, 100);
    EQ_INT(o.err, KMSG_OK);
    pair_done(&p);
}

TEST(one_way_and_two_way_are_not_taken_for_each_other)
{
    kmsg_method m = talk_Talk_service.methods[1];
    pair        p;
    int64_t     number = 7;

    pair_init(&p, link_url(1));
    m.oneway = false;
    m.result = talk_Talk_service.methods[2].result;
    FAILS(kmsg_ask(p.peer, &talk_Talk_service, &m, &number, p.mem, &number), KMSG_EREQUEST);
    HAS(kmsg_last_error(), "one-way message there");
    OK(kmsg_tell(p.peer, &talk_Talk_service, &talk_Talk_service.methods[2], &number));
    OK(talk_Talk_sum(p.peer, p.mem, &number));
    EQ_INT(number, 7); /* the first one was taken for an acknowledged message */
    pair_done(&p);
}

TEST(refused_unreachable_and_malformed_addresses)
{
    kmsg_node  *node = kmsg_node_new();
    kmsg_arena *mem = kmsg_arena_new();
    kmsg_peer  *peer = NULL;
    int64_t     number;
    const char *urls[] = {"inproc:nobody", "unix:/nonexistent/x", "unix:@kmsg-nobody",
                          "tcp:127.0.0.1:1", "tcp:localhost:1"};

    for (size_t i = 0; i < 5; i++) {
        OK(kmsg_dial(node, urls[i], &peer));
        EQ_STR(kmsg_peer_url(peer), urls[i]);
        EQ_PTR(kmsg_peer_node(peer), node);
        FAILS(talk_Other_twice(peer, 1, mem, &number), KMSG_EREFUSED);
        HAS(kmsg_last_error(), urls[i]);
    }
    FAILS(kmsg_dial(node, "nonsense", &peer), KMSG_EADDRESS);
    FAILS(kmsg_dial(node, "tcp:10.0.0.1:7000", &peer), KMSG_EKEY);
    FAILS(kmsg_dial(node, "udp:10.0.0.1:7000", &peer), KMSG_EPERM);
    FAILS(kmsg_dial(node, "tcp:127.0.0.1:0", &peer), KMSG_EADDRESS);
    EQ_STR(kmsg_peer_url(peer), "tcp:localhost:1");
    kmsg_node_free(node);
    kmsg_arena_free(mem);
}

/* ---- time ---------------------------------------------------------------------------------- */

TEST(a_call_that_nobody_answers_times_out_and_not_early)
{
    pair      p;
    talk_Note back;
    int64_t   began_ms;

    pair_init(&p, link_url(1));
    kmsg_peer_set_timeout_ms(p.peer, 60);
    began_ms = clock_ms();
    FAILS(echo(&p, "later", &back), KMSG_ETIMEDOUT);
    CHECK(clock_ms() - began_ms >= 59);
    HAS(kmsg_last_error(), "talk.Talk.echo");
    kmsg_peer_set_timeout_ms(p.peer, 5000);
    OK(echo(&p, "the next one", &back));
    pair_done(&p);
}

TEST(a_late_answer_reaches_no_later_call)
{
    server     s;
    kmsg_node *node = kmsg_node_new();
    kmsg_peer *peer;
    outcome    up = {0}, first = {0}, second = {0};
    talk_Note  note = note_of("later", 1), late = note_of("late", 1);
    kmsg_call *left;

    server_init(&s, new_path());
    peer = dial(node, &s);
    talk_Talk_sum_async(peer, &up, sum_done);
    DRIVE(node, s.node, up.count == 1);
    kmsg_peer_set_timeout_ms(peer, 300);
    talk_Talk_echo_async(peer, &note, &first, echo_done);
    DRIVE(node, s.node, s.later != NULL);
    left = s.later;
    while (first.count == 0) /* the server is not driven: it hears of nothing */
        step_both(node, node, 100);
    EQ_INT(first.err, KMSG_ETIMEDOUT);
    CHECK(!left->over);
    CHECK(kmsg_call_is_over(left)); /* by its own clock */
    EQ_UINT(kmsg_call_remaining_ms(left), 0);
    kmsg_peer_set_timeout_ms(peer, 5000);
    s.later = NULL;
    note = note_of("later", 2);
    talk_Talk_echo_async(peer, &note, &second, echo_done);
    talk_Talk_echo_reply(left, &late);
    DRIVE(node, s.node, s.later != NULL);
    EQ_INT(second.count, 0);
    late = note_of("in time", 3);
    talk_Talk_echo_reply(s.later, &late);
    DRIVE(node, s.node, second.count > 0);
    EQ_STR(second.text, "in time");
    EQ_INT(first.count, 1);
    kmsg_node_free(node);
    server_done(&s);
}

/* ---- cancelling ---------------------------------------------------------------------------- */

TEST(cancelling_ends_the_calls_of_that_ctx_and_the_handler_can_see_it)
{
    server     s;
    kmsg_node *node = kmsg_node_new();
    kmsg_peer *peer;
    outcome    mine = {0}, other = {0};
    talk_Note  later = note_of("later", 1);

    server_init(&s, new_path());
    peer = dial(node, &s);
    talk_Talk_echo_async(peer, &later, &mine, echo_done);
    DRIVE(node, s.node, s.later != NULL);
    talk_Talk_sum_async(peer, &other, sum_done);
    CHECK(!kmsg_call_is_over(s.later));
    EQ_UINT(kmsg_cancel(peer, &mine), 1);
    EQ_UINT(kmsg_cancel(peer, &mine), 0);
    EQ_INT(mine.count, 0);
    DRIVE(node, s.node, mine.count == 1 && other.count == 1 && kmsg_call_is_over(s.later));
    EQ_INT(mine.err, KMSG_ECANCELED);
    EQ_INT(other.err, KMSG_OK);
    talk_Talk_echo_reply(s.later, &later);
    kmsg_node_free(node);
    server_done(&s);
}

TEST(a_call_cancelled_before_it_is_sent_never_reaches_its_handler)
{
    server     s;
    kmsg_node *node = kmsg_node_new();
    kmsg_peer *peer;
    outcome    mine = {0}, other = {0};
    talk_Note  note = note_of("x", 1);

    server_init(&s, new_path());
    peer = dial(node, &s);
    talk_Talk_echo_async(peer, &note, &mine, echo_done);
    talk_Talk_echo_async(peer, &note, &other, echo_done);
    EQ_UINT(kmsg_cancel(peer, &mine), 1);
    DRIVE(node, s.node, mine.count == 1 && other.count == 1);
    EQ_INT(s.handled, 1);
    EQ_INT(mine.err, KMSG_ECANCELED);
    kmsg_node_free(node);
    server_done(&s);
}

/* ---- later --------------------------------------------------------------------------------- */

static void answer_later(server *s, kmsg_node *node, kmsg_peer *peer, int how, outcome *o)
{
    talk_Note note = note_of("later", 9);

    *o = (outcome){0};
    s->later = NULL;
    talk_Talk_echo_async(peer, &note, o, echo_done);
    DRIVE(node, s->node, s->later != NULL);
    note.text = kmsg_printf(kmsg_call_arena(s->later), "at %s", "last");
    if (how == 0)
        talk_Talk_echo_reply(s->later, &note);
    else if (how == 1)
        (void)kmsg_fail(s->later, KMSG_EBUSY, "%d left", 3);
    else if (how == 2)
        (void)talk_Refused_throw(s->later, &(talk_Refused){.reason = kmsg_str("r"), .code = 1});
    else
        talk_Talk_echo_reply(s->later, &(talk_Note){.text = KMSG_STR("\xff")});
    DRIVE(node, s->node, o->count == 1);
}

TEST(a_call_left_for_later_is_answered_failed_or_thrown_once)
{
    server     s;
    kmsg_node *node = kmsg_node_new();
    kmsg_peer *peer;
    outcome    o;

    server_init(&s, new_path());
    peer = dial(node, &s);
    answer_later(&s, node, peer, 0, &o);
    EQ_STR(o.text, "at last");
    answer_later(&s, node, peer, 1, &o);
    EQ_INT(o.err, KMSG_EBUSY);
    HAS(o.words, "3 left");
    answer_later(&s, node, peer, 2, &o);
    EQ_INT(o.err, KMSG_ETHROWN);
    answer_later(&s, node, peer, 3, &o);
    EQ_INT(o.err, KMSG_EFAILED);
    HAS(o.words, "text");
    kmsg_node_free(node);
    server_done(&s);
}

TEST(many_calls_in_flight_end_each_with_its_own_answer)
{
    enum { COUNT = 2000 };
    static outcome outcomes[COUNT];
    server         s;
    kmsg_node     *node = kmsg_node_new();
    kmsg_peer     *peer;
    int            ended = 0;
    int64_t        until_ms = clock_ms() + PATIENCE_MS;

    memset(outcomes, 0, sizeof outcomes);
    server_start(&s, new_path());
    peer = dial(node, &s);
    for (int i = 0; i < COUNT; i++) {
        talk_Note note = note_of("x", i);
        talk_Talk_echo_async(peer, &note, &outcomes[i], echo_done);
    }
    while (ended < COUNT && clock_ms() < until_ms) {
        step_both(node, node, 100);
        for (ended = 0; ended < COUNT && outcomes[ended].count == 1; ended++)
            EQ_INT(outcomes[ended].number, ended);
    }
    EQ_INT(ended, COUNT);
    kmsg_node_free(node);
    server_done(&s);
}

TEST(calls_in_flight_have_a_limit)
{
    static int last, full;
    server     s;
    kmsg_node *node = kmsg_node_new();
    kmsg_peer *peer;
    outcome   *outcomes = calloc(KMSG_CALLS_MAX + 1, sizeof *outcomes);

    server_init(&s, new_path());
    peer = dial(node, &s);
    kmsg_peer_set_timeout_ms(peer, PATIENCE_MS);
    for (uint32_t i = 0; i <= KMSG_CALLS_MAX; i++)
        talk_Talk_sum_async(peer, &outcomes[i], sum_done);
    OK(kmsg_node_step(node));
    EQ_INT(outcomes[KMSG_CALLS_MAX].err, KMSG_EFULL);
    EQ_INT(outcomes[KMSG_CALLS_MAX].count, 1);
    DRIVE(node, s.node, outcomes[KMSG_CALLS_MAX - 1].count == 1);
    for (uint32_t i = 0; i < KMSG_CALLS_MAX; i++) {
        last += outcomes[i].count;
        full += outcomes[i].err != KMSG_OK;
    }
    EQ_INT(last, KMSG_CALLS_MAX);
    EQ_INT(full, 0);
    kmsg_node_free(node);
    server_done(&s);
    free(outcomes);
}

TEST(bytes_that_wait_to_be_sent_have_a_limit)
{
    enum { COUNT = 70 };
    static uint8_t bytes[1 << 20];
    kmsg_node     *node = kmsg_node_new();
    kmsg_peer     *peer;
    talk_Note      note = note_of("x", 1);
    outcome        outcomes[COUNT] = {{0}};
    int            full = 0;

    OK(kmsg_dial(node, "tcp:127.0.0.1:1", &peer)); /* refused; but until the loop turns all waits */
    note.blob = (kmsg_bytes){bytes, sizeof bytes - 1000};
    for (int i = 0; i < COUNT; i++)
        talk_Talk_echo_async(peer, &note, &outcomes[i], echo_done);
    OK(kmsg_node_step(node));
    for (int i = 0; i < COUNT; i++) {
        CHECK(i >= 64 || outcomes[i].err != KMSG_EFULL);
        full += outcomes[i].err == KMSG_EFULL;
    }
    EQ_INT(full, COUNT - 64);
    OK(talk_Talk_push(peer, 1)); /* what is small still fits */
    kmsg_node_free(node);
}
