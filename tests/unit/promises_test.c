/* promises_test.c -- promises of runtime/PROMISES.md that belong to no single part: objects of all
 * kinds keep them alike, and limits are exact.
 */
#include "delivery.h"

#include "core/object.h"
#include "crew.kmsg.h"
#include "door.kmsg.h"

#include <pthread.h>

typedef struct ending {
    int      count;
    kmsg_err err;
} ending;

static void ended(void *ctx, kmsg_address child, kmsg_err err, const kmsg_any *value)
{
    ending *e = ctx;

    (void)child;
    (void)value;
    e->count++;
    e->err = err;
}

static void say(kmsg_object *from, kmsg_address to, int64_t number)
{
    OK(crew_Word_send(from, to, &(crew_Word){.text = kmsg_str("w"), .number = number}));
}

/* ---- threads ------------------------------------------------------------------------------- */

static int64_t this_thread(void)
{
    return (int64_t)(uintptr_t)pthread_self();
}

static kmsg_err add_thread(void *ctx, kmsg_call *call, int64_t number, int64_t *ret)
{
    (void)ctx;
    (void)call;
    (void)number;
    *ret = this_thread();
    return KMSG_OK;
}

static const crew_Counter_impl threaded = {.add = add_thread};

static int64_t thread_of_service(kmsg_object *root, const char *name)
{
    kmsg_address at;
    kmsg_peer   *peer;
    int64_t      ret = 0;

    OK(kmsg_service_new(root, &crew_Counter_service, &threaded, NULL, &(kmsg_spawn){.thread = name},
                        &at));
    OK(kmsg_reach(kmsg_object_node(root), at, &peer));
    OK(crew_Counter_add(peer, 0, NULL, &ret));
    kmsg_peer_close(peer);
    return ret;
}

static door_Door_state start_here(void *ctx, kmsg_object *self)
{
    int64_t *threads = ctx;

    (void)self;
    threads[0] = this_thread();
    return door_Door_Closed;
}

static door_Door_state handle_here(void *ctx, kmsg_object *self, kmsg_message *message,
                                   door_Door_state state)
{
    int64_t *threads = ctx;

    (void)self;
    (void)message;
    threads[1] = this_thread();
    return state;
}

static int64_t thread_of_machine(kmsg_object *root, const char *name)
{
    static const door_Door_impl here = {.start = start_here, .otherwise = handle_here};
    static int64_t              threads[2];
    kmsg_address                at;

    OK(door_Door_new(root, &here, threads, &(kmsg_spawn){.thread = name}, &at));
    OK(kmsg_send_wait(root, at, &door_Close_layout, &(door_Close){0}));
    CHECK(threads[0] == threads[1]);
    return threads[0];
}

/* An object on a thread, and its child there. */
typedef struct family {
    int64_t threads[2];
    ending  child;
} family;

static kmsg_err be_born(void *ctx, kmsg_object *self, kmsg_message *message)
{
    family      *f = ctx;
    kmsg_address at;

    (void)message;
    if (f->threads[0] != 0) {
        f->threads[1] = this_thread();
        kmsg_return(self, NULL, NULL);
        return KMSG_OK;
    }
    f->threads[0] = this_thread();
    OK(kmsg_object_new(self, be_born, ctx, &(kmsg_spawn){.returned = ended, .ctx = &f->child},
                       &at));
    kmsg_return(self, NULL, NULL); /* ends when its child has */
    return KMSG_OK;
}

TEST(services_and_machines_and_children_run_where_they_are_told)
{
    kmsg_node   *node = kmsg_node_new();
    kmsg_object *root = kmsg_root(node);
    int64_t      mine = this_thread(), there;
    family       f = {.threads = {0}};
    ending       e = {0};
    kmsg_address at;

    CHECK(thread_of_service(root, NULL) == mine);
    CHECK(thread_of_machine(root, NULL) == mine);
    there = thread_of_service(root, "works");
    CHECK(there != mine);
    CHECK(thread_of_machine(root, "works") == there);
    CHECK(thread_of_service(root, "others") != there);
    CHECK(thread_of_machine(root, KMSG_OWN_THREAD) != there);
    OK(kmsg_object_new(root, be_born, &f,
                       &(kmsg_spawn){.thread = "works", .returned = ended, .ctx = &e}, &at));
    DRIVE(node, node, e.count == 1);
    CHECK(f.threads[0] == there && f.threads[1] == there);
    kmsg_node_free(node);
}

TEST(names_of_threads_are_told_apart_by_all_of_their_255_bytes)
{
    kmsg_node   *node = kmsg_node_new();
    kmsg_object *root = kmsg_root(node);
    char         name[257], other[256];
    int64_t      there;
    kmsg_address at;

    memset(name, 'n', 255);
    name[255] = '\0';
    memcpy(other, name, sizeof other);
    other[254] = 'o';
    there = thread_of_service(root, name);
    CHECK(thread_of_service(root, name) == there);
    CHECK(thread_of_service(root, other) != there);
    other[254] = '\0';
    CHECK(thread_of_service(root, other) != there);
    memset(name, 'n', 256);
    name[256] = '\0';
    FAILS(kmsg_service_new(root, &crew_Counter_service, &threaded, NULL,
                           &(kmsg_spawn){.thread = name}, &at),
          KMSG_EINVAL);
    HAS(kmsg_last_error(), "255 bytes");
    EQ_UINT(kmsg_child_count(root), 4);
    kmsg_node_free(node);
}

#define ORDERED 2000

typedef struct listener {
    int64_t next[2]; /* of each sender */
    int     wrong;
    int     count;
} listener;

static kmsg_err listen_in_order(void *ctx, kmsg_object *self, kmsg_message *message)
{
    listener *l = ctx;
    crew_Word word;
    int       who;

    if (crew_Word_is(message)) {
        OK(kmsg_read(message, &crew_Word_layout, kmsg_call_arena(message), &word));
        who = word.number < ORDERED ? 0 : 1;
        l->wrong += word.number - who * ORDERED != l->next[who]++;
        if (++l->count == 2 * ORDERED)
            kmsg_return(self, NULL, NULL);
    }
    return KMSG_OK;
}

typedef struct talker {
    kmsg_address to;
    int64_t      from;
} talker;

static kmsg_err talk_in_order(void *ctx, kmsg_object *self)
{
    const talker *t = ctx;

    for (int64_t i = 0; i < ORDERED; i++)
        say(self, t->to, t->from + i);
    return KMSG_OK;
}

TEST(between_two_objects_order_is_kept_across_threads_whoever_else_sends)
{
    kmsg_node   *node = kmsg_node_new();
    kmsg_object *root = kmsg_root(node);
    listener     l = {.count = 0};
    ending       e[3] = {{0}};
    talker       t[2];
    kmsg_address to, at;

    OK(kmsg_object_new(root, listen_in_order, &l,
                       &(kmsg_spawn){.thread = KMSG_OWN_THREAD, .returned = ended, .ctx = &e[2]},
                       &to));
    for (int i = 0; i < 2; i++) {
        t[i] = (talker){to, i * ORDERED};
        OK(kmsg_thread_new(root, talk_in_order, &t[i],
                           &(kmsg_spawn){.returned = ended, .ctx = &e[i]}, &at));
    }
    DRIVE(node, node, e[0].count + e[1].count + e[2].count == 3);
    EQ_INT(l.wrong, 0);
    EQ_INT(l.count, 2 * ORDERED);
    EQ_INT(e[2].err, KMSG_OK);
    kmsg_node_free(node);
}

/* ---- questions and children ---------------------------------------------------------------- */

/* Answers when it is told to: what it was asked before. */
typedef struct slow_one {
    uint8_t  whom[128];
    size_t   size;
    uint32_t number;
} slow_one;

static kmsg_err answer_when_told(void *ctx, kmsg_object *self, kmsg_message *message)
{
    slow_one    *s = ctx;
    kmsg_address from = kmsg_message_from(message);
    crew_Job     job;

    if (crew_Job_is(message)) {
        OK(kmsg_read(message, &crew_Job_layout, kmsg_call_arena(message), &job));
        memcpy(s->whom, from.data, from.size);
        s->size = from.size;
        s->number = job.number;
    }
    if (crew_Word_is(message) || (crew_Job_is(message) && job.number > 1))
        OK(kmsg_send(self, (kmsg_address){s->whom, s->size}, &crew_Done_layout,
                     &(crew_Done){.number = s->number, .by = kmsg_object_address(self)}));
    return KMSG_OK;
}

TEST(an_answer_that_comes_too_late_reaches_no_later_question)
{
    kmsg_node      *node = kmsg_node_new();
    kmsg_object    *root = kmsg_root(node);
    slow_one        s = {.size = 0};
    kmsg_address    at;
    kmsg_message   *m;
    crew_Done       done;
    kmsg_node_facts facts;

    OK(kmsg_object_new(root, answer_when_told, &s, NULL, &at));
    FAILS(kmsg_request(root, at, &crew_Job_layout, &(crew_Job){.number = 1}, 20, &m),
          KMSG_ETIMEDOUT);
    EQ_UINT(s.number, 1);
    say(root, at, 0); /* the answer to that comes before the next question */
    OK(kmsg_request(root, at, &crew_Job_layout, &(crew_Job){.number = 2}, PATIENCE_MS, &m));
    OK(kmsg_read(m, &crew_Done_layout, kmsg_call_arena(m), &done));
    EQ_UINT(done.number, 2);
    FAILS(kmsg_receive(root, 0, &m), KMSG_ETIMEDOUT);
    kmsg_node_info(node, &facts);
    EQ_UINT(facts.dead_letters, 1);
    kmsg_node_free(node);
}

/* Counts its messages until it is stopped. */
static kmsg_err work(void *ctx, kmsg_object *self, kmsg_message *message)
{
    (void)self;
    if (kmsg_is(message, &kmsg_Stop_layout))
        return KMSG_ENOMETHOD;
    *(int *)ctx += crew_Word_is(message);
    return KMSG_OK;
}

typedef struct roll {
    kmsg_address met[8];
    size_t       count;
    size_t       max;
} roll;

static bool call_the_roll(void *ctx, kmsg_address child)
{
    roll *r = ctx;

    r->met[r->count++] = child;
    return r->count < r->max;
}

static bool is_met(kmsg_object *root, kmsg_address child)
{
    roll r = {.max = 8};

    kmsg_each_child(root, call_the_roll, &r);
    EQ_UINT(r.count, kmsg_child_count(root));
    for (size_t i = 0; i < r.count; i++)
        if (kmsg_address_equal(r.met[i], child))
            return true;
    return false;
}

TEST(one_child_is_stopped_and_the_others_work_on)
{
    kmsg_node   *node = kmsg_node_new();
    kmsg_object *root = kmsg_root(node);
    kmsg_arena  *mem = kmsg_arena_new();
    ending       e[3] = {{0}};
    int          worked[3] = {0};
    kmsg_address at[3];
    roll         first = {.max = 1};

    for (int i = 0; i < 3; i++) {
        kmsg_spawn how = {.thread = i == 2 ? "elsewhere" : NULL, .returned = ended, .ctx = &e[i]};
        OK(kmsg_object_new(root, work, &worked[i], &how, &at[i]));
        at[i] = kmsg_address_copy(mem, at[i]);
    }
    kmsg_each_child(root, call_the_roll, &first);
    EQ_UINT(first.count, 1); /* false ends it */
    OK(kmsg_stop(root, at[1]));
    CHECK(is_met(root, at[1])); /* it was asked to */
    DRIVE(node, node, e[1].count == 1);
    EQ_INT(e[1].err, KMSG_ECANCELED);
    CHECK(is_met(root, at[0]) && !is_met(root, at[1]) && is_met(root, at[2]));
    FAILS(kmsg_stop(root, at[1]), KMSG_ENOENT);
    for (int i = 0; i < 3; i++)
        FAILS(kmsg_send_wait(root, at[i], &crew_Word_layout, &(crew_Word){.number = 1}),
              i == 1 ? KMSG_ENOENT : KMSG_OK);
    EQ_INT(worked[0], 1);
    EQ_INT(worked[1], 0);
    EQ_INT(worked[2], 1);
    kmsg_stop_children(root);
    OK(kmsg_wait_children(root, PATIENCE_MS));
    EQ_INT(e[0].count + e[1].count + e[2].count, 3);
    kmsg_arena_free(mem);
    kmsg_node_free(node);
}

/* ---- mailboxes ----------------------------------------------------------------------------- */

#define BOX  3
#define MOST (BOX + 1)

/* An object that sends messages to itself while its handler waits. */
typedef struct crowd {
    kmsg_address self;
    kmsg_node   *node;
    kmsg_object *root;
    int          sends;
    int          handled;
    outcome      o[MOST];
} crowd;

static void crowded(void *ctx, kmsg_err err)
{
    put_done(ctx, err);
}

static void crowd_itself(crowd *c)
{
    kmsg_duration rtt;

    for (int i = 0; i < c->sends; i++)
        kmsg_send_async(c->root, c->self, &crew_Quit_layout, &(crew_Quit){0}, &c->o[i], crowded);
    OK(kmsg_ping(kmsg_self(c->node), PATIENCE_MS, &rtt));
}

static kmsg_err crowd_function(void *ctx, kmsg_object *self, kmsg_message *message)
{
    crowd *c = ctx;

    (void)self;
    c->handled += crew_Quit_is(message);
    if (crew_Word_is(message))
        crowd_itself(c);
    return KMSG_OK;
}

static door_Door_state crowd_machine(void *ctx, kmsg_object *self, kmsg_message *message,
                                     door_Door_state state)
{
    (void)crowd_function(ctx, self, message);
    return state;
}

static void add_crowded(void *ctx, kmsg_err err, const int64_t *result)
{
    (void)result;
    put_done(ctx, err);
}

static kmsg_err crowd_service(void *ctx, kmsg_call *call, int64_t number, int64_t *ret)
{
    crowd        *c = ctx;
    kmsg_peer    *peer;
    kmsg_duration rtt;

    (void)call;
    *ret = number;
    if (number == 1) {
        c->handled++;
        return KMSG_OK;
    }
    OK(kmsg_reach(c->node, c->self, &peer));
    for (int i = 0; i < c->sends; i++)
        crew_Counter_add_async(peer, 1, &c->o[i], add_crowded);
    OK(kmsg_ping(kmsg_self(c->node), PATIENCE_MS, &rtt));
    return KMSG_OK;
}

typedef enum kind { FUNCTION, MACHINE, SERVICE, KINDS } kind;

static void crowd_begin(crowd *c, kind k)
{
    static const door_Door_impl    machine = {.otherwise = crowd_machine};
    static const crew_Counter_impl service = {.add = crowd_service};
    const kmsg_spawn               how = {.mailbox_max = BOX};
    kmsg_peer                     *peer;

    if (k == FUNCTION)
        OK(kmsg_object_new(c->root, crowd_function, c, &how, &c->self));
    else if (k == MACHINE)
        OK(door_Door_new(c->root, &machine, c, &how, &c->self));
    else
        OK(kmsg_service_new(c->root, &crew_Counter_service, &service, c, &how, &c->self));
    if (k != SERVICE) {
        OK(kmsg_send_wait(c->root, c->self, &crew_Word_layout, &(crew_Word){.number = 1}));
        return;
    }
    OK(kmsg_reach(c->node, c->self, &peer));
    OK(crew_Counter_add(peer, 2, NULL, &(int64_t){0}));
}

static void crowd_with(kind k, int sends)
{
    crowd c = {.node = kmsg_node_new(), .sends = sends};
    int   fits = sends < BOX ? sends : BOX;

    c.root = kmsg_root(c.node);
    crowd_begin(&c, k);
    DRIVE(c.node, c.node, c.handled == fits && (sends == 0 || c.o[0].count == 1));
    for (int i = 0; i < sends; i++) {
        DRIVE(c.node, c.node, c.o[i].count == 1);
        EQ_INT(c.o[i].err, i < BOX ? KMSG_OK : KMSG_EOVERLOADED);
    }
    EQ_INT(c.handled, fits);
    kmsg_node_free(c.node);
}

TEST(an_object_of_any_kind_has_a_mailbox_of_its_own_size)
{
    for (int k = 0; k < KINDS; k++)
        for (int sends = BOX - 1; sends <= BOX + 1; sends++) {
            test_at("kind %d, %d messages", k, sends);
            crowd_with((kind)k, sends);
        }
}

/* Takes what it is told to, and leaves the rest where it is. */
static kmsg_err wait_for_stop(void *ctx, kmsg_object *self)
{
    static const kmsg_layout *const stop[] = {&kmsg_Stop_layout};
    kmsg_message                   *m;
    kmsg_object_facts               facts;
    kmsg_err                        err = kmsg_select(self, stop, 1, UINT32_MAX, &m);

    kmsg_object_info(self, &facts);
    ((uint32_t *)ctx)[0] = facts.waiting;
    ((uint32_t *)ctx)[1] = (uint32_t)facts.dropped;
    return err;
}

TEST(a_thread_whose_mailbox_is_full_is_stopped_all_the_same)
{
    for (uint32_t sends = BOX - 1; sends <= BOX + 1; sends++) {
        kmsg_node   *node = kmsg_node_new();
        kmsg_object *root = kmsg_root(node);
        ending       e = {0};
        uint32_t     seen[2] = {0};
        kmsg_spawn   how = {.mailbox_max = BOX, .returned = ended, .ctx = &e};
        kmsg_address at;
        OK(kmsg_thread_new(root, wait_for_stop, seen, &how, &at));
        for (uint32_t i = 0; i < sends; i++)
            say(root, at, i);
        OK(kmsg_stop(root, at));
        DRIVE(node, node, e.count == 1);
        EQ_INT(e.err, KMSG_OK);
        EQ_UINT(seen[0], sends < BOX ? sends : BOX);
        EQ_UINT(seen[1], sends > BOX);
        kmsg_node_free(node);
    }
}

static kmsg_err return_at_once(void *ctx, kmsg_object *self, kmsg_message *message)
{
    (void)ctx;
    (void)message;
    kmsg_return(self, NULL, NULL);
    return KMSG_OK;
}

TEST(a_parent_whose_mailbox_is_full_hears_of_its_children_all_the_same)
{
    static const kmsg_layout *const returned[] = {&kmsg_Returned_layout};
    kmsg_node                      *node = kmsg_node_new();
    kmsg_object                    *root = kmsg_root(node);
    kmsg_message                   *m;
    kmsg_address                    at;
    kmsg_object_facts               facts;

    root->mailbox_max = 2;
    for (int i = 0; i < 3; i++)
        say(root, kmsg_object_address(root), i);
    for (int i = 0; i < 3; i++)
        OK(kmsg_node_step(node));
    kmsg_object_info(root, &facts);
    EQ_UINT(facts.dropped, 1);
    OK(kmsg_object_new(root, return_at_once, NULL, NULL, &at));
    OK(kmsg_object_new(root, return_at_once, NULL, NULL, &at));
    OK(kmsg_select(root, returned, 1, PATIENCE_MS, &m));
    OK(kmsg_select(root, returned, 1, PATIENCE_MS, &m));
    kmsg_object_info(root, &facts);
    EQ_UINT(facts.waiting, 2);
    EQ_UINT(facts.dropped, 1);
    kmsg_node_free(node);
}

TEST(a_timer_that_nobody_reads_does_not_fill_the_memory)
{
    kmsg_node        *node = kmsg_node_new();
    kmsg_object      *root = kmsg_root(node);
    kmsg_object_facts facts = {0};
    kmsg_message     *m;

    root->mailbox_max = 2;
    OK(kmsg_set_timer(root, 1, 1, 1));
    while (facts.dropped < 3) {
        kmi_node_turn(node, true, NULL);
        kmsg_object_info(root, &facts);
        CHECK(facts.waiting <= 2);
        EQ_UINT(node->waiting, 0);
    }
    kmsg_stop_timer(root, 1);
    for (int i = 0; i < 2; i++) {
        OK(kmsg_receive(root, 0, &m));
        CHECK(kmsg_is(m, &kmsg_Timer_layout));
    }
    FAILS(kmsg_receive(root, 0, &m), KMSG_ETIMEDOUT);
    kmsg_node_free(node);
}

/* ---- time ---------------------------------------------------------------------------------- */

/* Nothing is early, and a node does not sleep longer than until the first of them. */
TEST(a_node_sleeps_no_longer_than_until_its_next_timer)
{
    kmsg_node   *node = kmsg_node_new();
    kmsg_object *root = kmsg_root(node);

    OK(kmsg_node_step(node));
    EQ_INT(kmsg_node_wait_ms(node), -1);
    OK(kmsg_set_timer(root, 1, 60000, 0));
    CHECK(kmsg_node_wait_ms(node) > 1000 && kmsg_node_wait_ms(node) <= 60000);
    OK(kmsg_set_timer(root, 2, 200, 0));
    CHECK(kmsg_node_wait_ms(node) <= 200);
    kmsg_stop_timer(root, 2);
    CHECK(kmsg_node_wait_ms(node) > 1000);
    OK(kmsg_set_timer(root, 1, 100, 0)); /* replaces */
    CHECK(kmsg_node_wait_ms(node) <= 100);
    kmsg_stop_timer(root, 1);
    kmsg_stop_timer(root, 1);
    EQ_INT(kmsg_node_wait_ms(node), -1);
    kmsg_node_free(node);
}

static int64_t given_ms;

static kmsg_err look_at_deadline(void *ctx, kmsg_call *call, int64_t *ret)
{
    (void)ctx;
    given_ms = (call->deadline_ns - call->node->net.now_ns) / KMI_MS;
    *ret = 0;
    return KMSG_OK;
}

static int64_t deadline_with(uint32_t timeout_ms)
{
    static const talk_Talk_impl impl = {.sum = look_at_deadline};
    kmsg_node                  *node = kmsg_node_new();
    outcome                     o = {0};

    OK(talk_Talk_serve(node, &impl, NULL));
    if (timeout_ms > 0)
        kmsg_peer_set_timeout_ms(kmsg_self(node), timeout_ms);
    talk_Talk_sum_async(kmsg_self(node), &o, sum_done);
    DRIVE(node, node, o.count == 1);
    kmsg_node_free(node);
    return given_ms;
}

TEST(a_call_has_five_seconds_unless_said)
{
    EQ_INT(deadline_with(0), KMSG_CALL_TIMEOUT_MS);
    EQ_INT(KMSG_CALL_TIMEOUT_MS, 5000);
    EQ_INT(deadline_with(4999), 4999);
    EQ_INT(deadline_with(5001), 5001);
    EQ_INT(deadline_with(24 * 3600 * 1000), 24 * 3600 * 1000);
}

/* Does the node give a dial so long, with this timeout? */
static void dial_has(uint32_t timeout_ms, int64_t wanted_ms)
{
    kmsg_node *node = kmsg_node_new();
    kmsg_peer *peer;
    int64_t    before_ns, after_ns;
    server     s;

    server_init(&s, new_path()); /* which nobody drives: it takes the connection and is silent */
    peer = dial(node, &s);
    kmsg_peer_set_timeout_ms(peer, timeout_ms);
    before_ns = node->sys->now_ns();
    OK(talk_Talk_push(peer, 1));
    OK(kmsg_node_step(node));
    after_ns = node->sys->now_ns();
    EQ_INT(peer->conn->state, KMI_CONN_CONNECTING);
    CHECK(peer->conn->timer.at_ns >= before_ns + (wanted_ms - 100) * KMI_MS);
    CHECK(peer->conn->timer.at_ns <= after_ns + wanted_ms * KMI_MS);
    kmsg_node_free(node);
    server_done(&s);
}

TEST(a_dial_has_twice_the_timeout_and_a_minute_at_most)
{
    dial_has(1000, 2000);
    dial_has(29000, 58000);
    dial_has(30000, 60000);
    dial_has(31000, 60000);
    dial_has(3600000, 60000);
}

TEST(who_waits_for_credit_times_out_and_is_never_sent)
{
    post       p;
    kmsg_node *node = kmsg_node_new();
    kmsg_peer *peer;
    outcome    o[3] = {{0}};

    post_init(&p, NULL);
    p.way = POST_HOLD;
    OK(kmsg_node_set_credit(p.node, 1, 1 << 20));
    OK(kmsg_listen(p.node, new_path(), &p.listener));
    peer = post_dial(node, &p);
    kmsg_peer_set_timeout_ms(peer, PATIENCE_MS);
    delivery_Post_put_async(peer, 1, no_blob, &o[0], put_done);
    DRIVE(node, p.node, p.ticket_count == 1);
    kmsg_peer_set_timeout_ms(peer, 20);
    delivery_Post_put_async(peer, 10, no_blob, &o[1], put_done);
    DRIVE(node, p.node, o[1].count == 1);
    EQ_INT(o[1].err, KMSG_ETIMEDOUT);
    kmsg_peer_set_timeout_ms(peer, PATIENCE_MS);
    delivery_Post_put_async(peer, 100, no_blob, &o[2], put_done);
    OK(kmsg_release_ts(p.tickets[0]));
    DRIVE(node, p.node, p.ticket_count == 2);
    EQ_INT(p.sum, 101);
    OK(kmsg_release_ts(p.tickets[1]));
    DRIVE(node, p.node, o[2].count == 1 && o[0].count == 1);
    EQ_INT(o[0].err + o[2].err, KMSG_OK);
    kmsg_node_free(node);
    post_done(&p);
}
