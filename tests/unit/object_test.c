/* object_test.c -- objects on one node and on threads: messages, order, children, timers. */
#include "test.h"

#include "core/object.h"
#include "crew.kmsg.h"

#include <pthread.h>
#include <stdlib.h>

#define FOR_EVER 20000 /* a test that waits so long has failed */

__attribute__((constructor)) static void open_what_stays_open(void)
{
    kmsg_node_free(kmsg_node_new());
}

/* Turns the node until the condition holds. */
#define DRIVE(node, condition)                                                                     \
    do {                                                                                           \
        kmi_limit until;                                                                           \
        OK(kmi_limit_init(&until, (node), FOR_EVER));                                              \
        while (!(condition) && !until.over)                                                        \
            kmi_node_turn((node), true, &until.over);                                              \
        kmi_limit_done(&until, (node));                                                            \
        CHECK(condition);                                                                          \
    } while (0)

/* ---- one that notes what it was sent ------------------------------------------------------- */

typedef struct notes {
    char     text[512]; /* "start; word 1; ..." */
    int      depth;     /* of its handler on the stack */
    int      overlaps;
    kmsg_err answer;
    int64_t  last;
    int      count;
} notes;

static void note(notes *n, const char *format, ...)
{
    size_t  at = strlen(n->text);
    va_list args;

    va_start(args, format);
    vsnprintf(n->text + at, sizeof n->text - at, format, args);
    va_end(args);
}

static kmsg_err take_notes(void *ctx, kmsg_object *self, kmsg_message *message)
{
    notes      *n = ctx;
    kmsg_arena *mem = kmsg_arena_new();
    crew_Word   word;
    crew_Job    job;
    kmsg_err    err = n->answer;

    n->overlaps += n->depth++ > 0;
    n->count++;
    if (kmsg_is(message, &kmsg_Start_layout)) {
        note(n, "start; ");
    } else if (kmsg_is(message, &kmsg_Timer_layout)) {
        note(n, "timer; ");
    } else if (kmsg_is(message, &crew_Word_layout)) {
        OK(kmsg_read(message, &crew_Word_layout, mem, &word));
        if (word.text.size > 0)
            note(n, "%s %d; ", word.text.data, (int)word.number);
        n->last = word.number;
    } else if (kmsg_is(message, &crew_Job_layout)) {
        OK(kmsg_read(message, &crew_Job_layout, mem, &job));
        OK(kmsg_send(self, kmsg_message_from(message), &crew_Done_layout,
                     &(crew_Done){.number = job.number, .by = kmsg_object_address(self)}));
    } else if (kmsg_is(message, &crew_Quit_layout)) {
        kmsg_return(self, &crew_Word_layout, &(crew_Word){.text = kmsg_str("bye"), .number = 7});
    } else {
        err = KMSG_ENOMETHOD;
    }
    n->depth--;
    kmsg_arena_free(mem);
    return err;
}

typedef struct ending {
    int      count;
    kmsg_err err;
    char     words[128];
    char     type[64];
} ending;

static void ended(void *ctx, kmsg_address child, kmsg_err err, const kmsg_any *value)
{
    ending *e = ctx;

    (void)child;
    e->count++;
    e->err = err;
    snprintf(e->words, sizeof e->words, "%s", err == KMSG_OK ? "" : kmsg_last_error());
    snprintf(e->type, sizeof e->type, "%s", value->type.data);
}

static crew_Word word_of(const char *text, int64_t number)
{
    return (crew_Word){.text = kmsg_str(text), .number = number};
}

static void say(kmsg_object *from, kmsg_address to, const char *text, int64_t number)
{
    crew_Word word = word_of(text, number);

    OK(kmsg_send(from, to, &crew_Word_layout, &word));
}

/* ---- messages ------------------------------------------------------------------------------ */

TEST(a_function_hears_start_first_and_then_each_message_in_order)
{
    kmsg_node   *node = kmsg_node_new();
    kmsg_object *root = kmsg_root(node);
    notes        n = {.text = ""};
    kmsg_address a;

    OK(kmsg_object_new(root, take_notes, &n, NULL, &a));
    say(root, a, "one", 1);
    say(root, a, "two", 2);
    EQ_STR(n.text, ""); /* never from inside the function that sends */
    DRIVE(node, n.last == 2);
    EQ_STR(n.text, "start; one 1; two 2; ");
    kmsg_node_free(node);
}

TEST(an_acknowledged_message_ends_when_its_handler_has_returned)
{
    kmsg_node   *node = kmsg_node_new();
    kmsg_object *root = kmsg_root(node);
    notes        n = {.text = ""};
    kmsg_address a;
    crew_Word    word = word_of("hello", 1);

    OK(kmsg_object_new(root, take_notes, &n, NULL, &a));
    OK(kmsg_send_wait(root, a, &crew_Word_layout, &word));
    EQ_STR(n.text, "start; hello 1; ");
    n.answer = KMSG_EBUSY;
    FAILS(kmsg_send_wait(root, a, &crew_Word_layout, &word), KMSG_EBUSY);
    FAILS(kmsg_send_wait(root, a, &crew_Done_layout, &(crew_Done){.number = 1}), KMSG_ENOMETHOD);
    kmsg_node_free(node);
}

static void count_sent(void *ctx, kmsg_err err)
{
    *(int *)ctx += err == KMSG_OK ? 1 : 100;
}

TEST(a_dead_address_is_harmless_and_whoever_asks_is_told)
{
    kmsg_node      *node = kmsg_node_new();
    kmsg_object    *root = kmsg_root(node);
    notes           n = {.text = ""};
    ending          e = {0};
    kmsg_spawn      how = {.returned = ended, .ctx = &e};
    kmsg_arena     *mem = kmsg_arena_new();
    kmsg_address    a;
    crew_Word       word = word_of("x", 1);
    kmsg_node_facts facts;
    int             told = 0;

    OK(kmsg_object_new(root, take_notes, &n, &how, &a));
    a = kmsg_address_copy(mem, a);
    OK(kmsg_send(root, a, &crew_Quit_layout, &(crew_Quit){0}));
    DRIVE(node, e.count == 1);
    EQ_INT(e.err, KMSG_OK);
    EQ_STR(e.type, "crew.Word");
    OK(kmsg_send(root, a, &crew_Word_layout, &word));
    FAILS(kmsg_send_wait(root, a, &crew_Word_layout, &word), KMSG_ENOENT);
    kmsg_send_async(root, a, &crew_Word_layout, &word, &told, count_sent);
    DRIVE(node, told == 100);
    kmsg_node_info(node, &facts);
    EQ_UINT(facts.dead_letters, 1);
    EQ_UINT(facts.objects, 0);
    FAILS(kmsg_send(root, (kmsg_address){(const uint8_t *)"x", 1}, &crew_Word_layout, &word),
          KMSG_EADDRESS);
    kmsg_arena_free(mem);
    kmsg_node_free(node);
}

TEST(a_question_gets_its_answer_and_a_late_one_reaches_no_later_question)
{
    kmsg_node    *node = kmsg_node_new();
    kmsg_object  *root = kmsg_root(node);
    notes         n = {.text = ""};
    kmsg_arena   *mem = kmsg_arena_new();
    kmsg_address  a;
    kmsg_message *m;
    crew_Done     done;

    OK(kmsg_object_new(root, take_notes, &n, NULL, &a));
    for (uint32_t i = 0; i < 3; i++) {
        OK(kmsg_request(root, a, &crew_Job_layout, &(crew_Job){.number = i}, FOR_EVER, &m));
        OK(kmsg_read(m, &crew_Done_layout, mem, &done));
        EQ_UINT(done.number, i);
        CHECK(kmsg_address_equal(done.by, a));
        CHECK(kmsg_address_equal(kmsg_message_from(m), a));
    }
    FAILS(kmsg_request(root, a, &crew_Word_layout, &(crew_Word){.number = 1}, 20, &m),
          KMSG_ETIMEDOUT); /* it does not answer that */
    FAILS(kmsg_receive(root, 0, &m), KMSG_ETIMEDOUT);
    kmsg_arena_free(mem);
    kmsg_node_free(node);
}

typedef struct slow_worker {
    kmsg_ticket  ticket;
    kmsg_arena  *mem;
    kmsg_address back;
} slow_worker;

/* Answers when its timer has run down, and holds the question until then. */
static kmsg_err work_slowly(void *ctx, kmsg_object *self, kmsg_message *message)
{
    slow_worker *w = ctx;

    if (kmsg_is(message, &crew_Job_layout)) {
        w->back = kmsg_address_copy(w->mem, kmsg_message_from(message));
        OK(kmsg_hold(message, &w->ticket));
        return kmsg_set_timer(self, 1, 60, 0);
    }
    if (!kmsg_is(message, &kmsg_Timer_layout))
        return KMSG_ENOMETHOD;
    OK(kmsg_send(self, w->back, &crew_Done_layout, &(crew_Done){.number = 3}));
    return kmsg_release_ts(w->ticket);
}

TEST(a_question_may_take_as_long_as_its_own_time_whatever_the_peers_is)
{
    kmsg_node    *node = kmsg_node_new();
    kmsg_object  *root = kmsg_root(node);
    slow_worker   w = {.mem = kmsg_arena_new()};
    kmsg_address  a;
    kmsg_message *m;

    kmsg_peer_set_timeout_ms(kmsg_self(node), 20);
    OK(kmsg_object_new(root, work_slowly, &w, NULL, &a));
    OK(kmsg_request(root, a, &crew_Job_layout, &(crew_Job){.number = 1}, FOR_EVER, &m));
    CHECK(kmsg_is(m, &crew_Done_layout));
    FAILS(kmsg_request(root, a, &crew_Job_layout, &(crew_Job){.number = 1}, 20, &m),
          KMSG_ETIMEDOUT);
    kmsg_node_free(node);
    kmsg_arena_free(w.mem);
}

TEST(a_root_receives_and_selects_and_the_rest_waits_in_order)
{
    static const kmsg_layout *const words[] = {&crew_Word_layout};
    kmsg_node                      *node = kmsg_node_new();
    kmsg_object                    *root = kmsg_root(node);
    kmsg_arena                     *mem = kmsg_arena_new();
    kmsg_address                    self = kmsg_object_address(root);
    kmsg_message                   *m;
    crew_Word                       word;

    OK(kmsg_send(root, self, &crew_Quit_layout, &(crew_Quit){0}));
    say(root, self, "a", 1);
    OK(kmsg_send(root, self, &crew_Done_layout, &(crew_Done){.number = 5}));
    say(root, self, "b", 2);
    for (int i = 1; i <= 2; i++) {
        OK(kmsg_select(root, words, 1, FOR_EVER, &m));
        OK(kmsg_read(m, &crew_Word_layout, mem, &word));
        EQ_INT(word.number, i);
    }
    OK(kmsg_receive(root, FOR_EVER, &m));
    CHECK(kmsg_is(m, &crew_Quit_layout));
    FAILS(kmsg_read(m, &crew_Word_layout, mem, &word), KMSG_EVALUE);
    OK(kmsg_receive(root, FOR_EVER, &m));
    CHECK(kmsg_is(m, &crew_Done_layout));
    FAILS(kmsg_receive(root, 1, &m), KMSG_ETIMEDOUT);
    kmsg_arena_free(mem);
    kmsg_node_free(node);
}

TEST(a_mailbox_that_is_full_says_so_to_who_asks_and_counts_the_others)
{
    kmsg_node        *node = kmsg_node_new();
    kmsg_object      *root = kmsg_root(node);
    kmsg_address      self = kmsg_object_address(root);
    crew_Word         word = word_of("x", 1);
    kmsg_object_facts facts;

    for (uint32_t i = 0; i < KMSG_MAILBOX_MAX; i++) {
        OK(kmi_message_to(root, NULL, &crew_Word_layout, &word));
        kmsg_object_info(root, &facts);
        EQ_UINT(facts.waiting, i + 1);
    }
    OK(kmsg_send(root, self, &crew_Word_layout, &word));
    FAILS(kmsg_send_wait(root, self, &crew_Word_layout, &word), KMSG_EOVERLOADED);
    kmsg_object_info(root, &facts);
    EQ_UINT(facts.waiting, KMSG_MAILBOX_MAX);
    EQ_UINT(facts.dropped, 2);
    kmsg_node_free(node);
}

/* ---- handlers of one object ---------------------------------------------------------------- */

typedef struct asker {
    kmsg_address other;
    notes        n;
} asker;

/* Waits inside its handler, so that its next messages come while it runs. */
static kmsg_err ask_inside(void *ctx, kmsg_object *self, kmsg_message *message)
{
    asker    *a = ctx;
    crew_Word word = word_of("", 0);

    a->n.overlaps += a->n.depth++ > 0;
    a->n.count++;
    if (kmsg_is(message, &crew_Word_layout))
        OK(kmsg_send_wait(self, a->other, &crew_Word_layout, &word));
    a->n.depth--;
    return KMSG_OK;
}

TEST(handlers_of_one_object_never_overlap_also_when_they_wait)
{
    kmsg_node   *node = kmsg_node_new();
    kmsg_object *root = kmsg_root(node);
    asker        a = {.n = {.text = ""}};
    notes        n = {.text = ""};
    kmsg_address to;

    OK(kmsg_object_new(root, take_notes, &n, NULL, &a.other));
    OK(kmsg_object_new(root, ask_inside, &a, NULL, &to));
    for (int i = 0; i < 10; i++)
        say(root, to, "go", i);
    DRIVE(node, a.n.count == 11 && a.n.depth == 0);
    EQ_INT(a.n.overlaps, 0);
    EQ_INT(n.count, 11);
    a.other = to; /* itself */
    kmsg_node_free(node);
}

/* ---- children ------------------------------------------------------------------------------ */

static kmsg_err fail_at_once(void *ctx, kmsg_object *self, kmsg_message *message)
{
    (void)ctx;
    (void)message;
    kmsg_object_fail(self, KMSG_EBUSY, "no %s today", "work");
    kmsg_return(self, NULL, NULL); /* the first word counts */
    return KMSG_OK;
}

TEST(a_parent_hears_exactly_once_how_each_child_has_ended)
{
    kmsg_node   *node = kmsg_node_new();
    kmsg_object *root = kmsg_root(node);
    notes        n = {.text = ""};
    ending       e[3] = {{0}};
    kmsg_address a;

    OK(kmsg_object_new(root, fail_at_once, NULL, &(kmsg_spawn){.returned = ended, .ctx = &e[0]},
                       &a));
    OK(kmsg_object_new(root, take_notes, &n, &(kmsg_spawn){.returned = ended, .ctx = &e[1]}, &a));
    OK(kmsg_stop(root, a));
    OK(kmsg_object_new(root, take_notes, &n, &(kmsg_spawn){.returned = ended, .ctx = &e[2]}, &a));
    EQ_UINT(kmsg_child_count(root), 3);
    DRIVE(node, e[0].count == 1 && e[1].count == 1);
    EQ_INT(e[0].err, KMSG_EBUSY);
    EQ_STR(e[0].words, "no work today");
    EQ_INT(e[1].err, KMSG_ECANCELED);
    EQ_UINT(kmsg_child_count(root), 1);
    kmsg_node_free(node);
    EQ_INT(e[2].count, 1);
    EQ_INT(e[2].err, KMSG_ECLOSED);
    EQ_INT(e[0].count + e[1].count, 2);
}

TEST(without_a_function_for_it_a_return_is_a_message)
{
    kmsg_node    *node = kmsg_node_new();
    kmsg_object  *root = kmsg_root(node);
    kmsg_arena   *mem = kmsg_arena_new();
    notes         n = {.text = ""};
    kmsg_message *m;
    kmsg_Returned returned;
    crew_Word     word;
    kmsg_address  a;

    OK(kmsg_object_new(root, take_notes, &n, NULL, &a));
    a = kmsg_address_copy(mem, a);
    OK(kmsg_send(root, a, &crew_Quit_layout, &(crew_Quit){0}));
    OK(kmsg_receive(root, FOR_EVER, &m));
    OK(kmsg_read(m, &kmsg_Returned_layout, mem, &returned));
    CHECK(kmsg_address_equal(returned.child, a));
    EQ_INT(returned.err, KMSG_OK);
    OK(kmsg_any_unpack(&returned.value, &crew_Word_layout, mem, &word));
    EQ_INT(word.number, 7);
    kmsg_arena_free(mem);
    kmsg_node_free(node);
}

/* Begets `left` generations, each waiting for its child. */
static kmsg_err beget(void *ctx, kmsg_object *self, kmsg_message *message)
{
    int         *left = ctx;
    kmsg_address a;

    if (kmsg_is(message, &kmsg_Start_layout) && --*left > 0)
        OK(kmsg_object_new(self, beget, ctx, NULL, &a));
    return kmsg_is(message, &kmsg_Stop_layout) ? KMSG_ENOMETHOD : KMSG_OK;
}

TEST(who_is_stopped_stops_its_children_first)
{
    kmsg_node      *node = kmsg_node_new();
    kmsg_object    *root = kmsg_root(node);
    ending          e = {0};
    int             left = 50;
    kmsg_address    a;
    kmsg_node_facts facts;

    OK(kmsg_object_new(root, beget, &left, &(kmsg_spawn){.returned = ended, .ctx = &e}, &a));
    DRIVE(node, left == 0);
    kmsg_node_info(node, &facts);
    EQ_UINT(facts.objects, 50);
    kmsg_stop_children(root);
    OK(kmsg_wait_children(root, FOR_EVER));
    EQ_INT(e.count, 1);
    EQ_INT(e.err, KMSG_ECANCELED);
    kmsg_node_info(node, &facts);
    EQ_UINT(facts.objects, 0);
    kmsg_node_free(node);
}

TEST(two_hundred_thousand_objects_on_a_node)
{
    const unsigned  count = test_rounds(200000);
    kmsg_node      *node = kmsg_node_new();
    kmsg_object    *root = kmsg_root(node);
    notes           n = {.text = ""};
    kmsg_arena     *mem = kmsg_arena_new();
    kmsg_address   *all = kmsg_alloc_array(mem, kmsg_address, count);
    kmsg_node_facts facts;

    for (unsigned i = 0; i < count; i++)
        OK(kmsg_object_new(root, take_notes, &n, NULL, &all[i]));
    DRIVE(node, n.count == (int)count);
    n.text[0] = '\0';
    for (unsigned i = 0; i < count; i += 1000)
        say(root, all[i], "", i);
    DRIVE(node, n.last == (count - 1) / 1000 * 1000);
    kmsg_node_info(node, &facts);
    EQ_UINT(facts.objects, count);
    kmsg_stop_children(root);
    OK(kmsg_wait_children(root, FOR_EVER));
    kmsg_arena_free(mem);
    kmsg_node_free(node);
}

/* ---- timers -------------------------------------------------------------------------------- */

TEST(a_timer_is_never_early_and_one_that_is_stopped_never_comes)
{
    kmsg_node    *node = kmsg_node_new();
    kmsg_object  *root = kmsg_root(node);
    int64_t       from_ns = node->sys->now_ns();
    kmsg_arena   *mem = kmsg_arena_new();
    kmsg_message *m;
    kmsg_Timer    timer;

    OK(kmsg_set_timer(root, 1, 1, 0));
    OK(kmsg_set_timer(root, 2, 5, 0));
    OK(kmsg_set_timer(root, 3, 10, 5));
    kmsg_stop_timer(root, 1);
    kmsg_stop_timer(root, 99);
    OK(kmsg_set_timer(root, 2, 7, 0)); /* replaces */
    for (int i = 0; i < 3; i++) {
        OK(kmsg_receive(root, FOR_EVER, &m));
        OK(kmsg_read(m, &kmsg_Timer_layout, mem, &timer));
        EQ_UINT(timer.id, i == 0 ? 2 : 3);
        CHECK(node->sys->now_ns() - from_ns >= (i == 0 ? 7 : 5 + 5 * i) * KMI_MS);
    }
    kmsg_stop_timer(root, 3);
    kmsg_arena_free(mem);
    kmsg_node_free(node);
}

/* ---- threads ------------------------------------------------------------------------------- */

typedef struct seen {
    pthread_t    thread;
    kmsg_address other;
} seen;

/* Says on which thread it runs to whoever asks. */
static kmsg_err tell_thread(void *ctx, kmsg_object *self, kmsg_message *message)
{
    (void)ctx;
    if (!kmsg_is(message, &crew_Job_layout))
        return KMSG_ENOMETHOD;
    return kmsg_send(self, kmsg_message_from(message), &crew_Done_layout,
                     &(crew_Done){.number = (uint32_t)pthread_self() >> 4});
}

static uint32_t thread_of(kmsg_object *root, kmsg_address a)
{
    kmsg_arena   *mem = kmsg_arena_new();
    kmsg_message *m;
    crew_Done     done;

    OK(kmsg_request(root, a, &crew_Job_layout, &(crew_Job){.number = 0}, FOR_EVER, &m));
    OK(kmsg_read(m, &crew_Done_layout, mem, &done));
    kmsg_arena_free(mem);
    return done.number;
}

TEST(an_object_runs_where_its_declaration_says)
{
    kmsg_node   *node = kmsg_node_new();
    kmsg_object *root = kmsg_root(node);
    uint32_t     mine = (uint32_t)pthread_self() >> 4, a, b;
    kmsg_address at[5];

    OK(kmsg_object_new(root, tell_thread, NULL, NULL, &at[0]));
    OK(kmsg_object_new(root, tell_thread, NULL, &(kmsg_spawn){.thread = "db"}, &at[1]));
    OK(kmsg_object_new(root, tell_thread, NULL, &(kmsg_spawn){.thread = "db"}, &at[2]));
    OK(kmsg_object_new(root, tell_thread, NULL, &(kmsg_spawn){.thread = KMSG_OWN_THREAD}, &at[3]));
    OK(kmsg_object_new(root, tell_thread, NULL, &(kmsg_spawn){.thread = KMSG_OWN_THREAD}, &at[4]));
    EQ_UINT(thread_of(root, at[0]), mine);
    a = thread_of(root, at[1]);
    CHECK(a != mine);
    EQ_UINT(thread_of(root, at[2]), a);
    b = thread_of(root, at[3]);
    CHECK(b != mine && b != a);
    CHECK(thread_of(root, at[4]) != b);
    kmsg_stop_children(root);
    OK(kmsg_wait_children(root, FOR_EVER));
    kmsg_node_free(node);
}

/* A thread: adds up what it is sent, until it is told to stop. */
static kmsg_err add_up(void *ctx, kmsg_object *self)
{
    kmsg_arena   *mem = kmsg_arena_new();
    kmsg_message *m;
    crew_Word     word, sum = {.text = kmsg_str("sum")};

    (void)ctx;
    while (kmsg_receive(self, UINT32_MAX, &m) == KMSG_OK && !kmsg_is(m, &kmsg_Stop_layout)) {
        OK(kmsg_read(m, &crew_Word_layout, mem, &word));
        sum.number += word.number;
        kmsg_arena_reset(mem);
    }
    kmsg_return(self, &crew_Word_layout, &sum);
    kmsg_arena_free(mem);
    return KMSG_OK;
}

TEST(a_thread_receives_and_what_it_returns_is_heard)
{
    enum { COUNT = 1000 };
    kmsg_node    *node = kmsg_node_new();
    kmsg_object  *root = kmsg_root(node);
    kmsg_arena   *mem = kmsg_arena_new();
    kmsg_message *m;
    kmsg_Returned returned;
    crew_Word     word;
    kmsg_address  a;

    OK(kmsg_thread_new(root, add_up, NULL, NULL, &a));
    for (int i = 1; i <= COUNT; i++)
        say(root, a, "", i);
    OK(kmsg_stop(root, a));
    OK(kmsg_receive(root, FOR_EVER, &m));
    OK(kmsg_read(m, &kmsg_Returned_layout, mem, &returned));
    EQ_INT(returned.err, KMSG_OK);
    OK(kmsg_any_unpack(&returned.value, &crew_Word_layout, mem, &word));
    EQ_INT(word.number, COUNT * (COUNT + 1) / 2);
    kmsg_arena_free(mem);
    kmsg_node_free(node);
}

/* Asks somebody who never answers. */
static kmsg_err ask_in_vain(void *ctx, kmsg_object *self)
{
    seen         *s = ctx;
    kmsg_message *m;
    kmsg_err      err =
        kmsg_request(self, s->other, &crew_Word_layout, &(crew_Word){.number = 1}, UINT32_MAX, &m);

    return err == KMSG_ECANCELED ? KMSG_OK : KMSG_EFAILED;
}

TEST(a_thread_that_waits_for_an_answer_is_freed_by_stop)
{
    kmsg_node    *node = kmsg_node_new();
    kmsg_object  *root = kmsg_root(node);
    seen          s = {.other = kmsg_object_address(root)};
    ending        e = {0};
    kmsg_message *m;
    kmsg_address  a;

    OK(kmsg_thread_new(root, ask_in_vain, &s, &(kmsg_spawn){.returned = ended, .ctx = &e}, &a));
    OK(kmsg_receive(root, FOR_EVER, &m));
    OK(kmsg_stop(root, a));
    DRIVE(node, e.count == 1);
    EQ_INT(e.err, KMSG_OK);
    kmsg_node_free(node);
}

static kmsg_err fail_in_thread(void *ctx, kmsg_object *self)
{
    (void)ctx;
    (void)self;
    return kmsg_set_last_error(KMSG_ENOENT, "nothing to do");
}

TEST(a_node_ends_after_the_threads_of_its_children)
{
    kmsg_node   *node = kmsg_node_new();
    kmsg_object *root = kmsg_root(node);
    ending       e[3] = {{0}};
    kmsg_address a;

    OK(kmsg_thread_new(root, fail_in_thread, NULL, &(kmsg_spawn){.returned = ended, .ctx = &e[0]},
                       &a));
    OK(kmsg_thread_new(root, add_up, NULL, &(kmsg_spawn){.returned = ended, .ctx = &e[1]}, &a));
    OK(kmsg_object_new(root, tell_thread, NULL,
                       &(kmsg_spawn){.thread = "x", .returned = ended, .ctx = &e[2]}, &a));
    kmsg_node_free(node);
    EQ_INT(e[0].count + e[1].count + e[2].count, 3);
    EQ_INT(e[0].err, KMSG_ENOENT);
    EQ_STR(e[0].words, "nothing to do");
    EQ_INT(e[1].err, KMSG_OK);
    EQ_STR(e[1].type, "crew.Word");
    EQ_INT(e[2].err, KMSG_ECANCELED);
}

TEST(a_thread_that_takes_no_messages_hears_of_its_nodes_end)
{
    kmsg_node    *node = kmsg_node_new();
    kmsg_object  *root = kmsg_root(node);
    seen          s = {.other = kmsg_object_address(root)};
    ending        e = {0};
    kmsg_message *m;
    kmsg_address  a;

    OK(kmsg_thread_new(root, ask_in_vain, &s, &(kmsg_spawn){.returned = ended, .ctx = &e}, &a));
    OK(kmsg_receive(root, FOR_EVER, &m)); /* it waits for an answer, and for nothing else */
    for (uint32_t i = 0; i < 2 * KMSG_CREDIT; i++)
        say(root, a, "", i);
    kmsg_node_free(node);
    EQ_INT(e.count, 1);
}

static size_t count_conns(const kmsg_node *node)
{
    size_t count = 0;

    for (const kmi_conn *c = node->conns; c != NULL; c = c->next)
        count++;
    return count;
}

TEST(nothing_is_left_of_threads_that_have_ended)
{
    kmsg_node   *node = kmsg_node_new();
    kmsg_object *root = kmsg_root(node);
    kmsg_arena  *mem = kmsg_arena_new();
    kmsg_address a;
    crew_Word    word = word_of("x", 1);

    for (int i = 0; i < 20; i++) {
        OK(kmsg_thread_new(root, add_up, NULL, NULL, &a));
        a = kmsg_address_copy(mem, a);
        say(root, a, "", 1);
        OK(kmsg_stop(root, a));
        OK(kmsg_wait_children(root, FOR_EVER));
        FAILS(kmsg_send_wait(root, a, &crew_Word_layout, &word), KMSG_EUNREACHABLE);
    }
    DRIVE(node, count_conns(node) == 1);
    kmsg_arena_free(mem);
    kmsg_node_free(node);
}

/* ---- services ------------------------------------------------------------------------------ */

static kmsg_err add(void *ctx, kmsg_call *call, int64_t number, int64_t *ret)
{
    (void)call;
    *ret = *(int64_t *)ctx += number;
    return KMSG_OK;
}

static const crew_Counter_impl counter = {.add = add};

TEST(services_at_addresses_of_their_own_are_told_apart)
{
    kmsg_node   *node = kmsg_node_new();
    kmsg_object *root = kmsg_root(node);
    int64_t      sums[3] = {0, 100, 1000}, got;
    kmsg_address at[3];
    kmsg_peer   *peers[3];
    ending       e = {0};

    for (int i = 0; i < 3; i++) {
        kmsg_spawn how = {.thread = i == 2 ? "counting" : NULL, .returned = ended, .ctx = &e};
        OK(crew_Counter_serve_at(root, &counter, &sums[i], &how, &at[i]));
        OK(kmsg_reach(node, at[i], &peers[i]));
    }
    for (int round = 1; round <= 3; round++)
        for (int i = 0; i < 3; i++) {
            OK(crew_Counter_add(peers[i], 1, NULL, &got));
            EQ_INT(got, (i == 0 ? 0 : i == 1 ? 100 : 1000) + round);
        }
    OK(kmsg_stop(root, at[0]));
    DRIVE(node, e.count == 1);
    FAILS(crew_Counter_add(peers[0], 1, NULL, &got), KMSG_ENOENT);
    OK(crew_Counter_add(peers[1], 1, NULL, &got));
    kmsg_peer_close(peers[0]);
    kmsg_node_free(node);
    EQ_INT(e.count, 3);
}

/* ---- held ---------------------------------------------------------------------------------- */

typedef struct keeper {
    kmsg_ticket ticket;
    int         held;
} keeper;

static kmsg_err hold_word(void *ctx, kmsg_object *self, kmsg_message *message)
{
    keeper *k = ctx;

    (void)self;
    if (!kmsg_is(message, &crew_Word_layout))
        return kmsg_is(message, &kmsg_Start_layout) ? KMSG_OK : KMSG_ENOMETHOD;
    k->held++;
    return kmsg_hold(message, &k->ticket);
}

static void word_sent(void *ctx, kmsg_err err)
{
    EQ_INT(err, KMSG_OK);
    ++*(int *)ctx;
}

TEST(an_object_holds_a_message_and_its_sender_hears_of_the_release)
{
    kmsg_node   *node = kmsg_node_new();
    kmsg_object *root = kmsg_root(node);
    crew_Word    word = word_of("x", 1);
    keeper       k = {.held = 0};
    kmsg_address a;
    int          sent = 0;

    OK(kmsg_object_new(root, hold_word, &k, NULL, &a));
    kmsg_send_async(root, a, &crew_Word_layout, &word, &sent, word_sent);
    DRIVE(node, k.held == 1);
    OK(kmsg_node_step(node));
    EQ_INT(sent, 0);
    OK(kmsg_release_ts(k.ticket));
    DRIVE(node, sent == 1);
    FAILS(kmsg_release_ts(k.ticket), KMSG_ENOENT);
    kmsg_node_free(node);
}

TEST(a_message_that_was_received_can_be_held_beyond_the_next_one)
{
    kmsg_node    *node = kmsg_node_new();
    kmsg_object  *root = kmsg_root(node);
    kmsg_address  own = kmsg_object_address(root);
    crew_Word     word[3] = {word_of("a", 1), word_of("b", 2), word_of("c", 3)}, back;
    kmsg_message *first, *next;
    kmsg_arena   *mem = kmsg_arena_new();
    kmsg_ticket   ticket[2];
    int           sent[2] = {0, 0};

    for (int i = 0; i < 2; i++)
        kmsg_send_async(root, own, &crew_Word_layout, &word[i], &sent[i], word_sent);
    OK(kmsg_send(root, own, &crew_Word_layout, &word[2]));
    OK(kmsg_receive(root, FOR_EVER, &first));
    OK(kmsg_hold(first, &ticket[0]));
    FAILS(kmsg_hold(first, &ticket[1]), KMSG_EEXIST);
    OK(kmsg_receive(root, FOR_EVER, &next));
    OK(kmsg_hold(next, &ticket[1]));
    OK(kmsg_release_ts(ticket[1])); /* before the next one is received: that is when it ends */
    OK(kmsg_node_step(node));
    EQ_INT(sent[1], 0);
    OK(kmsg_receive(root, FOR_EVER, &next));
    DRIVE(node, sent[1] == 1);
    EQ_INT(sent[0], 0);
    OK(kmsg_read(first, &crew_Word_layout, mem, &back));
    EQ_STR(back.text.data, "a");
    OK(kmsg_release_ts(ticket[0]));
    DRIVE(node, sent[0] == 1);
    kmsg_arena_free(mem);
    kmsg_node_free(node);
}
