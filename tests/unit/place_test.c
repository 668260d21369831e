/* place_test.c -- addresses of objects: as bytes, compared, and on their way from node to node. */
#include "test.h"

#include "core/place.h"

#define OWN 100u

static kmi_place place_of(uint64_t instance, uint32_t hop_count, const uint64_t *hops)
{
    kmi_place p = {.instance = instance, .object = 7, .hop_count = hop_count};

    for (uint32_t i = 0; i < hop_count; i++)
        p.hops[i] = hops[i];
    return p;
}

#define PLACE(instance, ...)                                                                       \
    place_of(instance, sizeof((uint64_t[]){__VA_ARGS__}) / 8, (uint64_t[]){__VA_ARGS__})
#define NEAR(instance) place_of(instance, 0, NULL)

static void equal_places(kmi_place is, kmi_place wanted)
{
    EQ_UINT(is.instance, wanted.instance);
    EQ_UINT(is.object, wanted.object);
    EQ_MEM(is.hops, is.hop_count * sizeof *is.hops, wanted.hops,
           wanted.hop_count * sizeof *wanted.hops);
}

/* ---- as bytes -------------------------------------------------------------------------------- */

static kmsg_address bytes_of(const kmi_place *place, uint8_t room[KMI_ADDRESS_MAX])
{
    return (kmsg_address){room, kmi_place_put(place, room)};
}

TEST(an_address_is_a_node_an_object_and_the_way_in_little_endian)
{
    static const uint8_t wanted[] = {8, 7, 6, 5, 4, 3, 2, 1, 0x0a, 0,    0, 0,
                                     0, 0, 0, 0, 9, 0, 0, 0, 0,    0xff, 0, 0};
    uint8_t              room[KMI_ADDRESS_MAX];
    kmi_place    place = {.instance = 0x0102030405060708, .object = 10, .hop_count = 1}, got;
    kmsg_address address;

    place.hops[0] = 0xff0000000009;
    address = bytes_of(&place, room);
    EQ_MEM(address.data, address.size, wanted, sizeof wanted);
    CHECK(kmi_place_get(address, &got));
    equal_places(got, place);
}

TEST(addresses_of_all_lengths_are_read_as_they_were_written)
{
    uint8_t   room[KMI_ADDRESS_MAX];
    kmi_place place = {.instance = UINT64_MAX, .object = UINT64_MAX}, got;

    for (uint32_t n = 0; n <= KMI_HOPS_MAX; n++) {
        kmsg_address address;
        place.hop_count = n;
        for (uint32_t i = 0; i < n; i++)
            place.hops[i] = i + 1;
        address = bytes_of(&place, room);
        EQ_UINT(address.size, 16 + 8 * n);
        CHECK(kmi_place_get(address, &got));
        equal_places(got, place);
    }
    EQ_UINT(kmi_place_put(&place, room), KMI_ADDRESS_MAX);
}

TEST(bytes_of_another_size_are_no_address)
{
    uint8_t   room[KMI_ADDRESS_MAX + 8];
    kmi_place got = NEAR(OWN);

    memset(room, 1, sizeof room);
    for (size_t size = 0; size <= sizeof room; size++)
        EQ_INT(kmi_place_get((kmsg_address){room, size}, &got),
               size >= 16 && size <= KMI_ADDRESS_MAX && size % 8 == 0);
    got = NEAR(OWN);
    CHECK(!kmi_place_get((kmsg_address){NULL, 0}, &got));
    CHECK(!kmi_place_get((kmsg_address){room, KMI_ADDRESS_MAX + 8}, &got));
    equal_places(got, NEAR(OWN));
}

TEST(a_node_an_object_or_a_hop_that_is_0_is_no_address)
{
    uint8_t room[KMI_ADDRESS_MAX];

    for (size_t i = 0; i < sizeof room / 8; i++) {
        kmi_place got = NEAR(OWN);
        memset(room, 1, sizeof room);
        memset(room + 8 * i, 0, 8);
        CHECK(!kmi_place_get((kmsg_address){room, sizeof room}, &got));
        equal_places(got, NEAR(OWN));
    }
}

/* ---- compared -------------------------------------------------------------------------------- */

TEST(addresses_are_equal_and_have_one_hash_whatever_the_way)
{
    uint8_t      rooms[4][KMI_ADDRESS_MAX];
    kmi_place    near = NEAR(5), far = PLACE(5, 1, 2, 3), other = NEAR(5), elsewhere = NEAR(6);
    kmsg_address a = bytes_of(&near, rooms[0]), b = bytes_of(&far, rooms[1]), c, d;

    other.object++;
    c = bytes_of(&other, rooms[2]);
    d = bytes_of(&elsewhere, rooms[3]);
    CHECK(kmsg_address_equal(a, b));
    CHECK(!kmsg_address_equal(a, c));
    CHECK(!kmsg_address_equal(b, d));
    EQ_UINT(kmsg_address_hash(a), kmsg_address_hash(b));
    CHECK(kmsg_address_hash(a) != kmsg_address_hash(c));
    CHECK(kmsg_address_hash(a) != kmsg_address_hash(d));
}

TEST(bytes_that_are_no_address_are_compared_too)
{
    const kmsg_address none = {NULL, 0}, empty = {(const uint8_t *)"", 0},
                       x = {(const uint8_t *)"x", 1}, xy = {(const uint8_t *)"xy", 2};

    CHECK(kmsg_address_equal(none, empty));
    CHECK(kmsg_address_equal(xy, xy));
    CHECK(!kmsg_address_equal(x, xy));
    CHECK(!kmsg_address_equal(none, x));
    EQ_UINT(kmsg_address_hash(none), kmsg_address_hash(empty));
    CHECK(kmsg_address_hash(x) != kmsg_address_hash(xy));
}

TEST(hashes_of_objects_of_one_node_fill_a_small_table_evenly)
{
    enum { SLOTS = 64, OBJECTS = 64 * SLOTS };
    unsigned  slots[SLOTS] = {0};
    uint8_t   room[KMI_ADDRESS_MAX];
    kmi_place place = NEAR(0xdeadbeefcafe);

    for (place.object = 1; place.object <= OBJECTS; place.object++)
        slots[kmsg_address_hash(bytes_of(&place, room)) % SLOTS]++;
    for (size_t i = 0; i < SLOTS; i++)
        CHECK(slots[i] > OBJECTS / SLOTS / 3 && slots[i] < 3 * OBJECTS / SLOTS);
}

TEST(a_copy_of_an_address_has_all_of_its_bytes)
{
    kmsg_arena  *mem = kmsg_arena_new();
    uint8_t      room[KMI_ADDRESS_MAX];
    kmi_place    far = PLACE(5, 1, 2, 3), got;
    kmsg_address copy = kmsg_address_copy(mem, bytes_of(&far, room));

    memset(room, 0, sizeof room);
    CHECK(kmi_place_get(copy, &got));
    equal_places(got, far);
    EQ_PTR(kmsg_address_copy(mem, (kmsg_address){NULL, 0}).data, NULL);
    CHECK(kmsg_address_copy(mem, (kmsg_address){room, 0}).data != NULL);
    kmsg_arena_free(mem);
}

/* ---- on their way ---------------------------------------------------------------------------- */

static kmi_place arrived(kmi_place place, kmi_place sender)
{
    kmi_place_arrive(&place, &sender, OWN);
    return place;
}

TEST(an_object_of_the_sender_is_where_the_sender_is)
{
    equal_places(arrived(NEAR(1), NEAR(1)), NEAR(1));
    equal_places(arrived(NEAR(1), PLACE(1, 3, 2)), PLACE(1, 3, 2));
}

TEST(the_way_to_the_sender_stands_in_front)
{
    equal_places(arrived(NEAR(2), NEAR(1)), PLACE(2, 1));
    equal_places(arrived(PLACE(4, 2, 3), NEAR(1)), PLACE(4, 1, 2, 3));
    equal_places(arrived(PLACE(4, 3), PLACE(2, 1)), PLACE(4, 1, 2, 3));
}

TEST(what_comes_home_has_no_hops)
{
    equal_places(arrived(NEAR(OWN), NEAR(1)), NEAR(OWN));
    equal_places(arrived(PLACE(OWN, 2, 3), PLACE(1, 9)), NEAR(OWN));
    equal_places(arrived(PLACE(OWN, OWN, 3), NEAR(OWN)), NEAR(OWN));
}

TEST(a_way_that_leads_through_here_begins_here)
{
    equal_places(arrived(PLACE(4, OWN, 3), NEAR(1)), PLACE(4, 3));
    equal_places(arrived(PLACE(4, OWN), NEAR(1)), NEAR(4));
    equal_places(arrived(PLACE(4, OWN, 2, OWN, 3), NEAR(1)), PLACE(4, 3));
}

TEST(a_detour_is_cut_out)
{
    equal_places(arrived(PLACE(5, 2, 1, 4), NEAR(1)), PLACE(5, 1, 4));
    equal_places(arrived(PLACE(1, 2, 3), NEAR(1)), NEAR(1));
    equal_places(arrived(PLACE(2, 3), PLACE(1, 2)), NEAR(2));
    equal_places(arrived(PLACE(5, 3, 4, 3, 2, 3), NEAR(1)), PLACE(5, 1, 3));
}

TEST(to_itself_a_node_adds_nothing_and_neither_does_nobody)
{
    equal_places(arrived(PLACE(4, 2, 3), NEAR(OWN)), PLACE(4, 2, 3));
    equal_places(arrived(PLACE(4, 2, 3), NEAR(0)), PLACE(4, 2, 3));
}

TEST(eight_hops_are_kept_and_nine_are_forgotten)
{
    equal_places(arrived(PLACE(9, 2, 3, 4, 5, 6, 7, 8), NEAR(1)), PLACE(9, 1, 2, 3, 4, 5, 6, 7, 8));
    equal_places(arrived(PLACE(10, 2, 3, 4, 5, 6, 7, 8, 9), NEAR(1)), NEAR(10));
    equal_places(
        arrived(PLACE(30, 11, 12, 13, 14, 15, 16, 17, 18), PLACE(9, 1, 2, 3, 4, 5, 6, 7, 8)),
        NEAR(30));
    equal_places(arrived(PLACE(10, 2, 3, 4, 5, 6, 7, OWN, 9), NEAR(1)), PLACE(10, 9));
}

/* ---- in any network ---------------------------------------------------------------------------
 */

#define NODES_MAX 24u

/* Node i has the instance i + 1. */
typedef struct network {
    uint32_t node_count;
    bool     link[NODES_MAX][NODES_MAX];
} network;

/* Connected: each node has a link to one before it, and some more. */
static network random_network(uint32_t node_count)
{
    network n = {.node_count = node_count};

    for (uint32_t i = 1; i < node_count; i++) {
        const uint32_t other = test_random() % i;
        n.link[i][other] = n.link[other][i] = true;
    }
    for (uint32_t more = test_random() % (2 * node_count); more > 0; more--) {
        const uint32_t a = test_random() % node_count, b = test_random() % node_count;
        n.link[a][b] = n.link[b][a] = a != b;
    }
    return n;
}

static uint32_t random_neighbour(const network *n, uint32_t node)
{
    uint32_t to = test_random() % n->node_count;

    while (!n->link[node][to])
        to = (to + 1) % n->node_count;
    return to;
}

static bool leads_there(const network *n, const kmi_place *place, uint32_t from)
{
    uint32_t at = from;

    for (uint32_t i = 0; i <= place->hop_count; i++) {
        const uint32_t next =
            (uint32_t)(i < place->hop_count ? place->hops[i] : place->instance) - 1;
        if (at == next && place->hop_count == 0)
            return true; /* it is at home */
        if (next >= n->node_count || !n->link[at][next])
            return false;
        at = next;
    }
    return true;
}

static bool passes_twice(const kmi_place *place, uint64_t own)
{
    for (uint32_t i = 0; i < place->hop_count; i++) {
        if (place->hops[i] == own || place->hops[i] == place->instance)
            return true;
        for (uint32_t k = 0; k < i; k++)
            if (place->hops[i] == place->hops[k])
                return true;
    }
    return false;
}

/* One message from `node` to wherever up to `links_max` links lead; `place` is in it. */
static uint32_t travel(const network *n, kmi_place *place, uint32_t node, uint32_t links_max)
{
    kmi_place sender = NEAR(node + 1);
    uint32_t  to = node;

    for (uint32_t links = 1 + test_random() % links_max; links > 0; links--) {
        kmi_place last = NEAR(to + 1);
        to = random_neighbour(n, to);
        kmi_place_arrive(&sender, &last, to + 1);
    }
    kmi_place_arrive(place, &sender, to + 1);
    return to;
}

TEST(in_any_network_an_address_still_leads_to_its_object_after_any_walk)
{
    test_seed(11);
    for (unsigned round = test_rounds(2000); round > 0; round--) {
        const network  n = random_network(2 + test_random() % (KMI_HOPS_MAX + 1));
        const uint32_t home = test_random() % n.node_count;
        kmi_place      place = NEAR(home + 1);
        for (uint32_t at = home, messages = 0; messages < 30; messages++) {
            test_at("round %u, message %u", round, messages);
            at = travel(&n, &place, at, 4);
            EQ_UINT(place.instance, home + 1);
            EQ_UINT(place.object, 7);
            CHECK(leads_there(&n, &place, at));
            CHECK(!passes_twice(&place, at + 1));
            CHECK(at != home || place.hop_count == 0);
        }
    }
}

/* Ways of more than eight hops are forgotten; nothing else is. */
TEST(in_a_large_network_ways_are_short_or_forgotten_and_come_home)
{
    unsigned forgotten = 0;

    test_seed(12);
    for (unsigned round = test_rounds(1000); round > 0; round--) {
        const network  n = random_network(NODES_MAX);
        const uint32_t home = test_random() % n.node_count;
        kmi_place      place = NEAR(home + 1);
        bool           known = true;
        for (uint32_t at = home, messages = 0; messages < 60; messages++) {
            test_at("round %u, message %u", round, messages);
            at = travel(&n, &place, at, 1);
            EQ_UINT(place.instance, home + 1);
            EQ_UINT(place.object, 7);
            CHECK(place.hop_count <= KMI_HOPS_MAX);
            CHECK(!passes_twice(&place, at + 1));
            CHECK(at != home || place.hop_count == 0);
            known = at == home || known;
            if (known && !leads_there(&n, &place, at)) {
                EQ_UINT(place.hop_count, 0);
                known = false;
                forgotten++;
            }
        }
    }
    CHECK(forgotten > 0);
}

TEST(a_second_time_changes_nothing_unless_the_way_led_through_here)
{
    unsigned same = 0;

    test_seed(13);
    for (unsigned round = test_rounds(20000); round > 0; round--) {
        kmi_place sender = NEAR(1 + test_random() % 9), place = sender, once, twice;
        bool      through = false;
        place.instance = 1 + test_random() % 9;
        for (; sender.hop_count < test_random() % 4; sender.hop_count++)
            sender.hops[sender.hop_count] = 1 + test_random() % 9;
        for (; place.hop_count < test_random() % 4; place.hop_count++) {
            place.hops[place.hop_count] = 1 + test_random() % 9;
            through = through || place.hops[place.hop_count] == 9;
        }
        for (uint32_t i = 0; i < sender.hop_count; i++)
            through = through || sender.hops[i] == 9;
        if (through && place.instance != 9)
            continue;
        once = place;
        kmi_place_arrive(&once, &sender, 9);
        twice = once;
        kmi_place_arrive(&twice, &sender, 9);
        equal_places(twice, once);
        same++;
    }
    CHECK(same > 0);
}
