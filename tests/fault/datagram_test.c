/* datagram_test.c -- datagrams on a system that has no room, does not want them, or has no memory:
 * what waits, what is dropped, and that it is counted; and the N-th allocation fails, for every N.
 */
#include "unit/datagrams.h"

#include "base/err.h"
#include "base/slab.h"

/* ---- a system that misbehaves -------------------------------------------------------------- */

#define TURNS_MAX 32

/* What becomes of the next calls, one after the other: 0 is as ever, a number above it sends no
 * more than so many, one below it is the result. */
static struct {
    int      send[TURNS_MAX];
    unsigned sent;
    int      always; /* once these are used up */
    int      receive[TURNS_MAX];
    unsigned received;
    int      connects_fail; /* so many more */
    uint16_t port;          /* to which every name leads, first at 127.0.0.1, then at 127.0.0.2 */
} plan;

static int next_of(const int *list, unsigned *at)
{
    return *at < TURNS_MAX ? list[(*at)++] : 0;
}

static ptrdiff_t bad_send(kmi_socket *socket, const kmi_datagram *head, const kmi_datagram *list,
                          size_t count)
{
    int harm = plan.always != 0 ? plan.always : next_of(plan.send, &plan.sent);

    if (harm < 0)
        return harm;
    if (harm > 0 && (size_t)harm < count)
        count = (size_t)harm;
    return kmi_sys_uv.datagram_send(socket, head, list, count);
}

static ptrdiff_t bad_receive(kmi_socket *socket, kmi_datagram *list, size_t count,
                             uint32_t *ret_lost)
{
    int harm = next_of(plan.receive, &plan.received);

    if (harm < 0)
        return harm;
    return kmi_sys_uv.datagram_receive(socket, list, harm > 0 ? (size_t)harm : count, ret_lost);
}

static kmsg_err bad_connect(kmi_loop *loop, const kmi_endpoint *to, kmi_socket_fn *fn, void *ctx,
                            kmi_socket **ret)
{
    if (plan.connects_fail > 0) {
        plan.connects_fail--;
        return kmi_error(KMSG_EUNREACHABLE, "connect fails on purpose");
    }
    return kmi_sys_uv.datagram_connect(loop, to, fn, ctx, ret);
}

/* Names are known at once, and lead to two addresses. */
static kmsg_err resolve_now(kmi_loop *loop, const char *host, uint16_t port, kmi_resolved_fn *fn,
                            void *ctx, kmi_lookup **ret)
{
    kmi_endpoint found[2] = {{.family = KMI_IP4, .port = port, .ip = {127, 0, 0, 1}},
                             {.family = KMI_IP4, .port = port, .ip = {127, 0, 0, 2}}};

    (void)loop;
    (void)host;
    *ret = NULL;
    fn(ctx, KMSG_OK, found, 2);
    return KMSG_OK;
}

static kmsg_node *bad_node(void)
{
    static kmi_sys sys;

    memset(&plan, 0, sizeof plan);
    sys = kmi_sys_uv;
    sys.datagram_send = bad_send;
    sys.datagram_receive = bad_receive;
    sys.datagram_connect = bad_connect;
    sys.resolve = resolve_now;
    return kmi_node_new_on(&sys);
}

/* The node that sends is on that system. */
static void bad_scene(scene *s)
{
    scene_init(s, "udp:127.0.0.1:0");
    kmsg_node_free(s->node);
    s->node = bad_node();
    s->peer = post_dial(s->node, &s->p);
}

static void put_large(scene *s, int count)
{
    static const uint8_t bytes[2000];

    for (int i = 0; i < count; i++)
        OK(delivery_Post_put(s->peer, 1 << i, (kmsg_bytes){bytes, sizeof bytes}));
}

static kmsg_peer_facts facts_of(const scene *s)
{
    kmsg_peer_facts facts;

    kmsg_peer_info(s->peer, &facts);
    return facts;
}

/* ---- sending ------------------------------------------------------------------------------- */

TEST(what_the_system_has_no_room_for_waits_and_is_sent_later)
{
    scene s;

    bad_scene(&s);
    plan.send[0] = (int)KMI_AGAIN;
    plan.send[1] = 2; /* of five */
    plan.send[2] = (int)KMI_AGAIN;
    plan.send[3] = 1;
    put_large(&s, 5);
    DRIVE(s.node, s.p.node, s.p.puts == 5);
    EQ_INT(s.p.sum, 31);
    EQ_UINT(listener_facts(&s).datagrams, 5);
    EQ_UINT(facts_of(&s).dropped, 0);
    EQ_UINT(facts_of(&s).bytes_sent, listener_facts(&s).bytes);
    scene_done(&s);
}

TEST(a_system_that_never_has_room_costs_no_more_than_the_queue_may)
{
    scene s;
    int   puts = 0;

    bad_scene(&s);
    plan.always = (int)KMI_AGAIN;
    OK(kmsg_peer_set_queue(s.peer, &(kmsg_queue_options){.messages = 10}));
    while (delivery_Post_put(s.peer, 1, no_blob) == KMSG_OK)
        puts++;
    EQ_INT(puts, 10);
    kmsg_peer_set_timeout_ms(s.peer, 20);
    FAILS(kmsg_flush(s.peer), KMSG_ETIMEDOUT);
    FAILS(delivery_Post_put(s.peer, 1, no_blob), KMSG_EFULL);
    EQ_UINT(facts_of(&s).waiting, 10);
    OK(kmsg_peer_set_queue(s.peer,
                           &(kmsg_queue_options){.messages = 10, .when_full = KMSG_DROP_OLDEST}));
    OK(delivery_Post_put(s.peer, 100, no_blob));
    EQ_UINT(facts_of(&s).dropped, 1);
    plan.always = 0;
    DRIVE(s.node, s.p.node, s.p.puts == 10);
    EQ_INT(s.p.sum, 109);
    scene_done(&s);
}

TEST(what_the_system_does_not_want_is_dropped_and_counted)
{
    static char said[1024];
    scene       s;

    said[0] = '\0';
    kmsg_set_log(keep_line, said);
    bad_scene(&s);
    plan.send[0] = 1;
    plan.send[1] = (int)KMI_BROKEN;
    plan.send[2] = (int)KMI_BROKEN;
    put_large(&s, 5);
    OK(delivery_Post_put(s.peer, 1 << 5, no_blob)); /* with the one behind it in one datagram */
    OK(delivery_Post_put(s.peer, 1 << 6, no_blob));
    DRIVE(s.node, s.p.node, s.p.puts == 5);
    EQ_INT(s.p.sum, 1 + 8 + 16 + 32 + 64);
    EQ_UINT(facts_of(&s).dropped, 2);
    kmsg_set_log(NULL, NULL);
    HAS(said, "messages dropped that the system does not send: 1 so far");
    CHECK(strstr(said, "2 so far") == NULL);
    plan.send[plan.sent] = (int)KMI_BROKEN;
    OK(delivery_Post_put(s.peer, 1, no_blob));
    OK(delivery_Post_put(s.peer, 1, no_blob));
    OK(kmsg_flush(s.peer));
    EQ_UINT(facts_of(&s).dropped, 4); /* messages, not datagrams */
    scene_done(&s);
}

TEST(a_refusal_of_an_earlier_datagram_costs_no_later_one)
{
    scene s;

    bad_scene(&s);
    for (int i = 0; i < 20; i++) /* more than are heard of in one turn */
        plan.send[i] = (int)KMI_REFUSED;
    put_large(&s, 5);
    DRIVE(s.node, s.p.node, s.p.puts == 5);
    EQ_UINT(facts_of(&s).refused, 20);
    EQ_UINT(facts_of(&s).dropped, 0);
    EQ_UINT(facts_of(&s).losses, 0);
    scene_done(&s);
}

/* Nothing but what happens turns the node. */
TEST(what_was_put_off_by_refusals_is_sent_all_the_same)
{
    scene s;

    bad_scene(&s);
    for (int i = 0; i < 20; i++)
        plan.send[i] = (int)KMI_REFUSED;
    put_large(&s, 5);
    while (kmsg_node_wait_ms(s.node) == 0 || is_readable(s.node))
        OK(kmsg_node_step(s.node));
    EQ_UINT(facts_of(&s).refused, 20);
    EQ_UINT(facts_of(&s).waiting, 0);
    scene_done(&s);
}

/* More of them have given way than lie in one piece of the output. */
TEST(what_has_given_way_takes_nothing_behind_it_along)
{
    scene s;

    bad_scene(&s);
    OK(kmsg_peer_set_queue(s.peer,
                           &(kmsg_queue_options){.messages = 3, .when_full = KMSG_DROP_OLDEST}));
    OK(kmsg_connect(s.peer, PATIENCE_MS));
    plan.always = (int)KMI_AGAIN;
    put_large(&s, 25);
    EQ_UINT(facts_of(&s).dropped, 22);
    plan.always = 0;
    DRIVE(s.node, s.p.node, facts_of(&s).waiting == 0 && s.p.puts > 0);
    DRIVE(s.node, s.p.node, s.p.puts == 3);
    EQ_INT(s.p.sum, 7 << 22);
    scene_done(&s);
}

TEST(where_one_address_of_a_name_refuses_the_next_one_is_used)
{
    char  url[64];
    scene s;

    scene_init(&s, "udp:127.0.0.2:0?insecure");
    kmsg_node_free(s.node);
    s.node = bad_node();
    snprintf(url, sizeof url, "udp:there.example:%u?insecure", port_of(&s));
    OK(kmsg_dial(s.node, url, &s.peer));
    PUT_UNTIL(&s, s.p.puts > 0);
    EQ_UINT(facts_of(&s).refused, 1);
    scene_done(&s);
}

TEST(without_a_way_messages_wait_until_there_is_one)
{
    scene s;

    bad_scene(&s);
    plan.connects_fail = 2;
    OK(kmsg_peer_set_retry(s.peer, &(kmsg_retry){.first_ms = 1}));
    put_large(&s, 3);
    DRIVE(s.node, s.p.node, s.p.puts == 3);
    EQ_INT(plan.connects_fail, 0);
    scene_done(&s);
}

TEST(messages_that_never_find_a_way_are_counted_when_trying_ends)
{
    scene s;

    bad_scene(&s);
    plan.connects_fail = 1000;
    OK(kmsg_peer_set_retry(s.peer, &(kmsg_retry){.first_ms = 1, .limit = 2}));
    put_large(&s, 3);
    DRIVE(s.node, s.p.node, dropped(s.peer) == 3);
    scene_done(&s);
}

/* ---- receiving ----------------------------------------------------------------------------- */

TEST(receiving_that_fails_is_tried_again)
{
    scene s;

    scene_init(&s, NULL);
    post_done(&s.p);
    s.p = (post){.node = bad_node()};
    OK(delivery_Post_serve(s.p.node, &post_impl, &s.p));
    OK(kmsg_listen(s.p.node, "udp:127.0.0.1:0", &s.p.listener));
    s.peer = post_dial(s.node, &s.p);
    plan.receive[0] = (int)KMI_AGAIN;
    plan.receive[1] = (int)KMI_BROKEN;
    plan.receive[2] = 1;
    plan.receive[3] = (int)KMI_REFUSED;
    put_large(&s, 5);
    DRIVE(s.node, s.p.node, s.p.puts == 5);
    EQ_INT(s.p.sum, 31);
    scene_done(&s);
}

/* ---- without memory ------------------------------------------------------------------------ */

static long allocations; /* since the last reset */
static long fail_at;     /* which of them fails; 0: none */
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
    if (++allocations == fail_at)
        return NULL;
    p = realloc(old, size);
    live += old == NULL && p != NULL;
    return p;
}

__attribute__((constructor(101))) static void count_allocations(void)
{
    kmsg_set_allocator((kmsg_allocator){resize, NULL});
}

/* All that was taken in comes out again, as handled or as counted. */
static void play(kmsg_node *serving, kmsg_node *node, kmsg_listener *l, kmsg_peer *peer, post *p)
{
    kmsg_listener_facts facts = {0};
    int64_t             until_ms = clock_ms() + PATIENCE_MS;
    unsigned            put = 0;

    for (int i = 0; i < 5; i++)
        put += delivery_Post_put(peer, 1, no_blob) == KMSG_OK;
    while (facts.messages < put && clock_ms() < until_ms) {
        step_both(node, serving, 20);
        kmsg_listener_info(l, &facts);
    }
    EQ_UINT(facts.messages, put);
    EQ_UINT((unsigned)p->puts + facts.refused[KMSG_REFUSED_NO_MEMORY], put);
}

/* True: the N-th allocation was never asked for. */
static bool fail_nth(long n)
{
    long           before = live;
    post           p = {0};
    kmsg_node     *serving, *node;
    kmsg_listener *l;
    kmsg_peer     *peer;

    allocations = 0;
    fail_at = n;
    serving = kmsg_node_new();
    node = kmsg_node_new();
    if (serving != NULL && node != NULL &&
        delivery_Post_serve(serving, &post_impl, &p) == KMSG_OK &&
        kmsg_listen(serving, "udp:127.0.0.1:0", &l) == KMSG_OK &&
        kmsg_dial(node, kmsg_listener_url(l), &peer) == KMSG_OK)
        play(serving, node, l, peer, &p);
    fail_at = 0;
    kmsg_node_free(node);
    kmsg_node_free(serving);
    EQ_INT(live, before);
    return n > allocations;
}

TEST(any_allocation_may_fail)
{
    long n = 1;

    while (!fail_nth(n)) {
        n++;
        test_at("allocation %ld", n);
    }
    CHECK(n > 20);
}
