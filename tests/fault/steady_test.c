/* steady_test.c -- when a connection has been in use for a while, no message allocates any more,
 * whatever it is and whichever way it goes. Round trips and bursts are as large as those of
 * programs; what is kept for the next one has its size by then.
 */
#include "steady.h"

#include "crew.kmsg.h"
#include "unit/flow.h"

#define WARM   5000 /* messages: more than a grant of credit, so that some is given back, too */
#define COUNT  10000
#define WINDOW 64
#define BURST  128

static long allocations; /* and those that have grown */

static void *resize(void *ctx, void *old, size_t size)
{
    (void)ctx;
    if (size == 0) {
        free(old);
        return NULL;
    }
    allocations++;
    return realloc(old, size);
}

__attribute__((constructor(101))) static void count_allocations(void)
{
    kmsg_set_allocator((kmsg_allocator){resize, NULL});
}

static unsigned rounded(unsigned count)
{
    return (count + BURST - 1) / BURST * BURST;
}

/* Each `pass` sends so many messages, which have all been handled when it returns. */
static void hold(steady *s, void (*pass)(steady *s, unsigned count))
{
    pass(s, rounded(WARM));
    allocations = 0;
    pass(s, rounded(test_rounds(COUNT)));
    EQ_INT(allocations, 0);
}

static void on_every_link(void (*pass)(steady *s, unsigned count), size_t servers)
{
    steady s;

    for (steady_kind kind = STEADY_INPROC; kind < STEADY_KINDS; kind++) {
        steady_begin(&s, kind, servers);
        hold(&s, pass);
        steady_end(&s);
    }
}

/* ---- calls and one-way messages -------------------------------------------------------------- */

static void window_of(steady *s, unsigned window, unsigned count)
{
    uint64_t until = s->answered + count;

    s->unsent = count - window;
    for (unsigned i = 0; i < window; i++)
        steady_ask(s);
    STEADY_UNTIL(s, s->answered == until);
}

static void one_by_one(steady *s, unsigned count)
{
    window_of(s, 1, count);
}

static void many_in_flight(steady *s, unsigned count)
{
    window_of(s, WINDOW, count);
}

static void one_way(steady *s, unsigned count)
{
    for (unsigned sent = 0; sent < count; sent += BURST) {
        int64_t sum = s->servers[0].sum + BURST;
        for (int i = 0; i < BURST; i++)
            OK(talk_Talk_push(s->peers[0], 1));
        STEADY_UNTIL(s, s->servers[0].sum == sum);
    }
}

static void acknowledged(void *ctx, kmsg_err err)
{
    OK(err);
    ((steady *)ctx)->answered++;
}

static void one_way_acknowledged(steady *s, unsigned count)
{
    for (unsigned sent = 0; sent < count; sent += BURST) {
        uint64_t until = s->answered + BURST;
        for (int i = 0; i < BURST; i++)
            talk_Talk_push_async(s->peers[0], 1, s, acknowledged);
        STEADY_UNTIL(s, s->answered == until);
    }
}

static bool have_all(const steady *s, int64_t sum)
{
    for (size_t i = 0; i < s->count; i++)
        if (s->servers[i].sum < sum)
            return false;
    return true;
}

static void to_all(steady *s, unsigned count)
{
    for (unsigned sent = 0; sent < count; sent += BURST) {
        int64_t sum = s->servers[0].sum + BURST;
        for (int i = 0; i < BURST; i++)
            for (size_t p = 0; p < s->count; p++)
                OK(talk_Talk_push(s->peers[p], 1));
        STEADY_UNTIL(s, have_all(s, sum));
    }
}

TEST(no_round_trip_allocates)
{
    on_every_link(one_by_one, 1);
}

TEST(no_call_among_many_in_flight_allocates)
{
    on_every_link(many_in_flight, 1);
}

TEST(no_one_way_message_allocates)
{
    on_every_link(one_way, 1);
}

TEST(no_acknowledged_message_allocates)
{
    on_every_link(one_way_acknowledged, 1);
}

TEST(no_message_to_eight_peers_allocates)
{
    on_every_link(to_all, STEADY_SERVERS);
}

/* ---- streams --------------------------------------------------------------------------------- */

typedef struct talker {
    int64_t items; /* that came back */
    int     ends;
} talker;

static void hear_item(void *ctx, const int64_t *item)
{
    talker *t = ctx;

    EQ_INT(*item, 2 * t->items);
    t->items++;
}

static void hear_end(void *ctx, kmsg_err err)
{
    OK(err);
    ((talker *)ctx)->ends++;
}

static void put_items(steady *s, kmsg_stream *stream, const talker *t, unsigned count)
{
    for (unsigned sent = 0; sent < count; sent += BURST) {
        int64_t before = t->items;
        for (int64_t i = 0; i < BURST; i++)
            OK(flow_Flow_talk_try_put(stream, before + i));
        STEADY_UNTIL(s, t->items == before + BURST);
        steady_step(s); /* room is given back, though nothing needs it yet */
    }
}

/* Each item comes back as one of the other stream. */
static void talk(steady_kind kind)
{
    steady       s;
    flow         f = {.name = ""};
    talker       t = {0};
    kmsg_stream *stream;

    steady_begin(&s, kind, 1);
    OK(flow_Flow_serve(s.servers[0].node, &flow_impl, &f));
    stream = flow_Flow_talk_async(s.peers[0], &t, hear_item, hear_end);
    CHECK(stream != NULL);
    STEADY_UNTIL(&s, f.call != NULL);
    put_items(&s, stream, &t, rounded(WARM));
    allocations = 0;
    put_items(&s, stream, &t, rounded(test_rounds(COUNT)));
    EQ_INT(allocations, 0);
    kmsg_stream_end(stream);
    STEADY_UNTIL(&s, t.ends == 1);
    steady_end(&s);
}

TEST(no_item_of_a_stream_allocates)
{
    for (steady_kind kind = STEADY_INPROC; kind < STEADY_KINDS; kind++)
        talk(kind);
}

/* ---- objects --------------------------------------------------------------------------------- */

typedef struct players {
    steady       s;
    kmsg_address there; /* an object of the server */
    uint8_t      bytes[256];
    kmsg_object *here;
    int64_t      came;
} players;

/* Sends each word back to where it came from. */
static kmsg_err return_word(void *ctx, kmsg_object *self, kmsg_message *message)
{
    crew_Word word;

    (void)ctx;
    if (!kmsg_is(message, &crew_Word_layout))
        return KMSG_OK;
    OK(kmsg_read(message, &crew_Word_layout, kmsg_call_arena(message), &word));
    return kmsg_send(self, kmsg_message_from(message), &crew_Word_layout, &word);
}

static kmsg_err take_word(void *ctx, kmsg_object *self, kmsg_message *message)
{
    players *p = ctx;

    p->here = self;
    p->came += kmsg_is(message, &crew_Word_layout);
    return KMSG_OK;
}

static kmsg_err where(void *ctx, kmsg_call *call, kmsg_address *ret)
{
    (void)call;
    *ret = *(kmsg_address *)ctx;
    return KMSG_OK;
}

static const crew_Counter_impl counter = {.where = where};

static void know_where(void *ctx, kmsg_err err, const kmsg_address *there)
{
    players *p = ctx;

    OK(err);
    CHECK(there->size <= sizeof p->bytes);
    memcpy(p->bytes, there->data, there->size);
    p->there = (kmsg_address){p->bytes, there->size};
}

static void throw_words(players *p, unsigned count)
{
    crew_Word word = {.text = KMSG_STR("as it came"), .number = 7};

    for (unsigned sent = 0; sent < count; sent += BURST) {
        int64_t until = p->came + BURST;
        for (int i = 0; i < BURST; i++)
            OK(kmsg_send(p->here, p->there, &crew_Word_layout, &word));
        STEADY_UNTIL(&p->s, p->came == until);
    }
}

static void between_objects(steady_kind kind)
{
    players      p = {.came = 0};
    kmsg_address own, at;

    steady_begin(&p.s, kind, 1);
    OK(kmsg_object_new(kmsg_root(p.s.servers[0].node), return_word, NULL, NULL, &at));
    OK(kmsg_object_new(kmsg_root(p.s.node), take_word, &p, NULL, &own));
    OK(crew_Counter_serve(p.s.servers[0].node, &counter, &at));
    crew_Counter_where_async(p.s.peers[0], &p, know_where);
    STEADY_UNTIL(&p.s, p.there.size > 0 && p.here != NULL);
    throw_words(&p, rounded(WARM));
    allocations = 0;
    throw_words(&p, rounded(test_rounds(COUNT)));
    EQ_INT(allocations, 0);
    steady_end(&p.s);
}

TEST(no_message_between_objects_allocates)
{
    for (steady_kind kind = STEADY_INPROC; kind < STEADY_KINDS; kind++)
        between_objects(kind);
}

/* ---- datagrams ------------------------------------------------------------------------------- */

static void send_datagrams(steady *s, unsigned count)
{
    for (unsigned sent = 0; sent < count; sent += BURST) {
        int64_t before = s->servers[0].sum;
        for (int i = 0; i < BURST; i++)
            OK(talk_Talk_push(s->peers[0], 1));
        STEADY_UNTIL(s, s->servers[0].sum > before);
    }
}

TEST(no_datagram_allocates)
{
    steady s = {.node = seam_node_new(), .count = 1};

    steady_serve(&s.servers[0], STEADY_INPROC, "udp:127.0.0.1:0?insecure");
    s.peers[0] = dial(s.node, &s.servers[0]);
    hold(&s, send_datagrams);
    steady_end(&s);
}
