/* Names: who publishes, who looks, in one process; what each side is told. */
#include "named.h"

/* ---- meeting ------------------------------------------------------------------------------- */

static void they_meet(kmsg_scope scope, bool subscriber_first)
{
    server             s;
    kmsg_node         *node = kmsg_node_new();
    events             offers = {0}, looks = {0};
    kmsg_subscription *sub = NULL;
    kmsg_publication  *pub;
    kmsg_arena        *mem = kmsg_arena_new();
    int64_t            number;
    const event       *e;

    server_init(&s, NULL);
    if (subscriber_first) {
        sub = subscribe(node, "the/talk", scope, &talk_Other_service, &looks);
        next_event(s.node, node, &looks, KMSG_SUBSCRIBED);
    }
    pub = publish(s.node, "the/talk", scope, false, &offers);
    next_event(s.node, node, &offers, KMSG_PUBLISHED);
    if (!subscriber_first) {
        sub = subscribe(node, "the/talk", scope, &talk_Other_service, &looks);
        while (looks.count == 0 || looks.list[looks.read].kind == KMSG_SUBSCRIBED)
            DRIVE(s.node, node, looks.count > looks.read++);
    }
    looks.read = subscriber_first ? looks.read : looks.count - 1;
    e = next_event(s.node, node, &looks, KMSG_AVAILABLE);
    EQ_STR(e->name, "the/talk");
    EQ_INT(e->distance, KMSG_SCOPE_PROCESS);
    next_event(s.node, node, &offers, KMSG_DELIVERED);
    OK(kmsg_start(s.node));
    OK(talk_Other_twice(e->peer, 21, mem, &number));
    EQ_INT(number, 42);
    kmsg_unsubscribe(sub);
    DRIVE(node, node, looks.count == looks.read + 2);
    e = next_event(node, node, &looks, KMSG_DROPPED);
    EQ_INT(e->err, KMSG_OK);
    next_event(node, node, &looks, KMSG_UNSUBSCRIBED);
    (void)pub;
    kmsg_node_free(node);
    server_done(&s);
    kmsg_arena_free(mem);
}

TEST(who_looks_first_finds_who_comes_in_the_process)
{
    they_meet(KMSG_SCOPE_PROCESS, true);
}

TEST(who_comes_first_is_found_on_the_host)
{
    they_meet(KMSG_SCOPE_HOST, true);
}
