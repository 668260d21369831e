/* ended_test.c -- user code ends calls at odd moments: beside their handlers, and while what they
 * were made of goes.
 */
#include "overwrite.h"

#include "unit/talk.h"

#include "core/object.h"

#define CALLS 80 /* more than a node keeps for later */

typedef struct scene {
    server     s;
    kmsg_node *node;
    kmsg_call *calls[CALLS];
    int        count;
    int        over;
    kmsg_err   err; /* of what was asked behind the end of the call */
} scene;

/* Nobody waits for the call: it is ended, and another one is made. */
static void end_and_ask(void *ctx, kmsg_call *call)
{
    const talk_Note none = note_of("", 0);
    scene          *t = ctx;
    int64_t         twice;

    talk_Talk_echo_reply(call, &none);
    t->err = talk_Other_twice(kmsg_self(t->s.node), 21, NULL, &twice);
    t->over++;
}

static kmsg_err keep(void *ctx, kmsg_call *call, const talk_Note *note, talk_Note *ret)
{
    scene *t = ctx;

    (void)note;
    (void)ret;
    t->calls[t->count++] = call;
    kmsg_call_on_over(call, t, end_and_ask);
    return KMSG_LATER;
}

static const talk_Talk_impl keep_impl = {.echo = keep, .push = talk_push, .sum = talk_sum};

TEST(who_ends_a_call_when_nobody_waits_for_it_may_go_on_asking)
{
    const talk_Note note = note_of("", 0);
    kmsg_listener  *listener;
    kmsg_peer      *peer;
    outcome         others = {0}, last = {0};
    scene           t = {.s.node = kmsg_node_new(), .node = kmsg_node_new()};
    const char     *url = new_name();

    OK(talk_Talk_serve(t.s.node, &keep_impl, &t));
    OK(talk_Other_serve(t.s.node, &other_impl, &t.s));
    OK(kmsg_listen(t.s.node, url, &listener));
    OK(kmsg_dial(t.node, url, &peer));
    for (int i = 0; i < CALLS; i++)
        talk_Talk_echo_async(peer, &note, i + 1 < CALLS ? &others : &last, echo_done);
    DRIVE(t.node, t.s.node, t.count == CALLS);
    for (int i = 0; i + 1 < CALLS; i++)
        talk_Talk_echo_reply(t.calls[i], &note);
    DRIVE(t.node, t.s.node, others.count == CALLS - 1);
    EQ_UINT(kmsg_cancel(peer, &last), 1);
    DRIVE(t.node, t.s.node, t.over == 1);
    EQ_INT(t.err, KMSG_ECANCELED);
    kmsg_node_free(t.node);
    kmsg_node_free(t.s.node);
}

/* Two calls wait for a service at an address of its own. */
static void ask_twice(scene *t, outcome *o)
{
    const talk_Note note = note_of("", 0);
    kmsg_address    address;
    kmsg_peer      *peer;

    OK(talk_Talk_serve_at(kmsg_root(t->s.node), &keep_impl, t, NULL, &address));
    OK(kmsg_reach(t->node, address, &peer));
    for (int i = 0; i < 2; i++)
        talk_Talk_echo_async(peer, &note, o, echo_done);
    DRIVE(t->node, t->s.node, t->count == 2);
}

TEST(a_call_that_is_ended_counts_no_more_for_its_object)
{
    const talk_Note note = note_of("", 0);
    outcome         o = {0};
    scene           t = {.s.node = kmsg_node_new(), .node = kmsg_node_new()};
    kmsg_call      *newer;

    OK(kmi_node_announce(t.s.node));
    ask_twice(&t, &o);
    newer = t.calls[1];
    kmsg_object_fail(newer->serving->object, KMSG_EFAILED, "it has had enough");
    kmi_call_canceled(newer->conn, newer->id);
    talk_Talk_echo_reply(newer, &note);
    DRIVE(t.node, t.s.node, t.s.node->objects.live == 1);
    talk_Talk_echo_reply(t.calls[0], &note);
    kmsg_node_free(t.node);
    kmsg_node_free(t.s.node);
}
