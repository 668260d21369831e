/* defer_test.c -- functions that other threads want to be run on a node's. */
#include "talk.h"

#include <pthread.h>

typedef struct counter {
    kmsg_node *node;
    int        runs;
    int        last;
    bool       disorder;
    kmsg_err   err; /* of what it tried to do */
    outcome    asked;
} counter;

static void count(void *ctx)
{
    ((counter *)ctx)->runs++;
}

TEST(a_deferred_function_runs_later_and_once)
{
    counter c = {.node = kmsg_node_new()};

    OK(kmsg_defer_ts(c.node, &c, count));
    EQ_INT(c.runs, 0);
    DRIVE(c.node, c.node, c.runs == 1);
    for (int i = 0; i < 3; i++)
        OK(kmsg_node_step(c.node));
    EQ_INT(c.runs, 1);
    kmsg_node_free(c.node);
}

static void ask_self(void *ctx)
{
    counter *c = ctx;
    int64_t  twice;

    c->err = talk_Other_twice(kmsg_self(c->node), 21, NULL, &twice);
    c->last = c->err == KMSG_OK ? (int)twice : 0;
    c->runs++;
}

TEST(it_may_do_what_a_callback_may)
{
    server  s;
    counter c = {0};

    server_init(&s, NULL);
    c.node = s.node;
    OK(kmsg_defer_ts(c.node, &c, ask_self));
    DRIVE(c.node, c.node, c.runs == 1);
    EQ_INT(c.err, KMSG_OK);
    EQ_INT(c.last, 42);
    server_done(&s);
}

static kmsg_err defer_many(uint32_t max, uint32_t wanted)
{
    counter  c = {.node = kmsg_node_new()};
    kmsg_err err = KMSG_OK;

    OK(kmsg_node_set_mailbox_max(c.node, max));
    for (uint32_t i = 0; i < wanted; i++)
        err = kmsg_defer_ts(c.node, &c, count);
    DRIVE(c.node, c.node, c.runs == (int)(err == KMSG_OK ? wanted : wanted - 1));
    OK(kmsg_defer_ts(c.node, &c, count)); /* there is room again */
    kmsg_node_free(c.node);
    EQ_INT(c.runs, (int)(err == KMSG_OK ? wanted + 1 : wanted));
    return err;
}

TEST(as_many_may_wait_as_requests_may_and_no_more)
{
    OK(defer_many(10, 9));
    OK(defer_many(10, 10));
    FAILS(defer_many(10, 11), KMSG_EFULL);
    HAS(kmsg_last_error(), "10 functions wait");
    OK(defer_many(KMSG_MAILBOX_MAX, KMSG_MAILBOX_MAX));
    FAILS(defer_many(KMSG_MAILBOX_MAX, KMSG_MAILBOX_MAX + 1), KMSG_EFULL);
}

static void defer_again(void *ctx)
{
    counter  *c = ctx;
    talk_Note note = note_of("x", 1);

    c->runs++;
    c->err = kmsg_defer_ts(c->node, c, count);
    talk_Talk_echo_async(kmsg_self(c->node), &note, &c->asked, echo_done);
}

TEST(the_end_of_a_node_runs_what_was_accepted_and_accepts_no_more)
{
    counter c = {.node = kmsg_node_new()};

    OK(kmsg_defer_ts(c.node, &c, count));
    OK(kmsg_defer_ts(c.node, &c, defer_again));
    kmsg_node_free(c.node);
    EQ_INT(c.runs, 2);
    EQ_INT(c.err, KMSG_ECLOSED);
    EQ_INT(c.asked.count, 1);
    EQ_INT(c.asked.err, KMSG_ECLOSED);
}

/* ---- other threads ------------------------------------------------------------------------- */

#define CROWD 4
#define TIMES 5000

typedef struct member {
    counter  *shared;
    pthread_t thread;
    int       number; /* of the next one it defers */
    int       ran;
    int       refused;
} member;

static void ran(void *ctx)
{
    member *m = ctx;

    m->ran++;
    m->shared->runs++; /* by one thread alone, the sanitizer says */
}

static void *defer_often(void *ctx)
{
    member *m = ctx;

    while (m->number < TIMES) {
        kmsg_err err = kmsg_defer_ts(m->shared->node, m, ran);
        if (err == KMSG_OK)
            m->number++;
        else if (err == KMSG_EFULL)
            m->refused++;
        else
            break;
    }
    return NULL;
}

static void defer_from_all(counter *c, member *members)
{
    OK(kmsg_node_set_mailbox_max(c->node, 1000));
    OK(kmsg_start(c->node));
    for (int i = 0; i < CROWD; i++) {
        members[i] = (member){.shared = c};
        EQ_INT(pthread_create(&members[i].thread, NULL, defer_often, &members[i]), 0);
    }
    for (int i = 0; i < CROWD; i++)
        EQ_INT(pthread_join(members[i].thread, NULL), 0);
}

TEST(four_threads_defer_at_once_and_each_accepted_function_runs_once)
{
    counter c = {.node = kmsg_node_new()};
    member  members[CROWD];

    defer_from_all(&c, members);
    kmsg_node_free(c.node);
    for (int i = 0; i < CROWD; i++) {
        EQ_INT(members[i].number, TIMES);
        EQ_INT(members[i].ran, TIMES);
    }
    EQ_INT(c.runs, CROWD * TIMES);
}

typedef struct numbered {
    counter *shared;
    int      number;
} numbered;

static void in_order(void *ctx)
{
    numbered *n = ctx;

    n->shared->disorder |= n->number != n->shared->last + 1;
    n->shared->last = n->number;
}

TEST(what_one_thread_defers_runs_in_order)
{
    enum { COUNT = 1000 };
    static numbered all[COUNT];
    counter         c = {.node = kmsg_node_new(), .last = -1};

    OK(kmsg_start(c.node));
    for (int i = 0; i < COUNT; i++) {
        all[i] = (numbered){&c, i};
        OK(kmsg_defer_ts(c.node, &all[i], in_order));
    }
    kmsg_node_free(c.node);
    CHECK(!c.disorder);
    EQ_INT(c.last, COUNT - 1);
}
