/* guests_test.c -- who has a place while he says nothing, and who gives it up to others. Time is a
 * number here, and the guests have no sockets.
 */
#include "test.h"

#include "net/net.h"

#define GUESTS 600

typedef struct guest {
    kmi_link  link;
    kmi_guest guest;
    uint64_t  unread; /* bytes that it has said and nobody has read */
    uint64_t  piece;  /* of these, that are read at once; 0: all of them */
    uint64_t  last;   /* it is let in when so many are read; 0: not by reading */
    bool      gone;
} guest;

typedef struct house {
    kmi_net    net;
    kmi_guests guests;
    guest      all[GUESTS];
    unsigned   count;
    int64_t    now_ns;
} house;

static void close_guest(kmi_link *link)
{
    guest *g = (guest *)link;

    g->gone = true;
    kmi_net_guest_goes(link->net, &g->guest);
}

static bool look(kmi_link *link)
{
    guest   *g = (guest *)link;
    uint64_t size = g->piece > 0 && g->piece < g->unread ? g->piece : g->unread;

    g->unread -= size;
    link->bytes_in += size;
    if (g->last > 0 && link->bytes_in == g->last)
        kmi_net_guest_speaks(link->net, &g->guest);
    return size > 0;
}

static const kmi_link_ops ops = {.close = close_guest, .look = look};

static house *new_house(void)
{
    static house h;

    h = (house){.now_ns = 1};
    h.net.guests = &h.guests;
    return &h;
}

static kmi_endpoint host4(uint8_t last)
{
    return (kmi_endpoint){.family = KMI_IP4, .ip = {10, 0, 0, last}};
}

static kmi_endpoint host6(uint8_t net, uint8_t last)
{
    return (kmi_endpoint){.family = KMI_IP6, .ip = {0x20, 1, [7] = net, [15] = last}};
}

static const kmi_endpoint local = {.family = KMI_UNIX};

/* Returns NULL when he has to wait; `until_ns` is then known. */
static guest *come(house *h, kmi_endpoint from, int64_t *ret_ns)
{
    guest  *g = &h->all[h->count];
    int64_t until_ns = 0;

    if (!kmi_guests_make_room(&h->guests, h->now_ns, &until_ns)) {
        *ret_ns = until_ns;
        return NULL;
    }
    h->count++;
    kmi_link_init(&g->link, &ops, &h->net);
    g->link.hello_size = KMI_PREAMBLE_SIZE;
    kmi_guest_comes(&h->guests, &g->guest, &g->link, &from, h->now_ns);
    return g;
}

static unsigned gone_of(const house *h, unsigned from, unsigned to)
{
    unsigned count = 0;

    for (unsigned i = from; i < to; i++)
        count += h->all[i].gone;
    return count;
}

TEST(as_many_as_there_are_places_may_be_silent_and_the_next_one_waits)
{
    house  *h = new_house();
    int64_t until_ns = 0;

    for (unsigned i = 0; i < KMI_SILENT_MAX; i++)
        CHECK(come(h, local, &until_ns) != NULL);
    h->now_ns += KMI_SILENT_NS - 1;
    CHECK(come(h, local, &until_ns) == NULL);
    EQ_INT(until_ns, 1 + KMI_SILENT_NS);
    EQ_UINT(h->guests.silent, KMI_SILENT_MAX);
    EQ_UINT(gone_of(h, 0, h->count), 0);
}

/* A node that has much to do has not read it yet. */
TEST(who_has_said_hello_unheard_does_not_give_way_and_half_a_hello_is_none)
{
    house  *h = new_house();
    int64_t until_ns;

    for (unsigned i = 0; i < KMI_SILENT_MAX; i++)
        CHECK(come(h, host4(1), &until_ns) != NULL);
    h->all[0].unread = KMI_PREAMBLE_SIZE;
    h->all[1].unread = KMI_PREAMBLE_SIZE - 1;
    h->now_ns += KMI_SILENT_NS;
    CHECK(come(h, host4(2), &until_ns) != NULL);
    CHECK(!h->all[0].gone);
    CHECK(h->all[1].gone);
    for (unsigned i = 2; i < KMI_SILENT_MAX; i++)
        h->all[i].unread = KMI_PREAMBLE_SIZE;
    CHECK(come(h, host4(2), &until_ns) == NULL); /* all of the old ones have */
    EQ_UINT(gone_of(h, 0, h->count), 1);
}

/* A handshake is read piece by piece, and how long it is depends on who says it. */
TEST(who_has_said_his_handshake_unheard_does_not_give_way_and_most_of_one_is_none)
{
    house  *h = new_house();
    int64_t until_ns;

    for (unsigned i = 0; i < KMI_SILENT_MAX; i++) {
        guest *g = come(h, local, &until_ns);
        g->link.hello_size = SIZE_MAX;
        g->unread = 600;
        g->piece = 10;
        g->last = i == 1 ? 600 : 601;
    }
    h->now_ns += KMI_SILENT_NS;
    CHECK(come(h, local, &until_ns) != NULL);
    CHECK(h->all[0].gone);
    CHECK(come(h, local, &until_ns) != NULL);
    CHECK(!h->all[1].gone);
    CHECK(!h->all[1].guest.silent);
    CHECK(!h->all[2].gone);
    CHECK(come(h, local, &until_ns) != NULL);
    CHECK(h->all[2].gone);
}

TEST(the_oldest_of_them_gives_way_when_he_had_his_time)
{
    house  *h = new_house();
    int64_t until_ns;

    for (unsigned i = 0; i < KMI_SILENT_MAX; i++)
        CHECK(come(h, local, &until_ns) != NULL);
    h->now_ns += KMI_SILENT_NS;
    CHECK(come(h, local, &until_ns) != NULL);
    CHECK(h->all[0].gone);
    CHECK(come(h, host4(1), &until_ns) != NULL);
    CHECK(h->all[1].gone);
    EQ_UINT(gone_of(h, 0, h->count), 2);
    EQ_UINT(h->guests.silent, KMI_SILENT_MAX);
    EQ_UINT(h->guests.count, KMI_SILENT_MAX);
}

TEST(who_has_spoken_never_gives_way_and_leaves_his_place_to_another)
{
    house  *h = new_house();
    int64_t until_ns;

    for (unsigned i = 0; i < KMI_SILENT_MAX; i++)
        CHECK(come(h, local, &until_ns) != NULL);
    kmi_net_guest_speaks(&h->net, &h->all[0].guest);
    kmi_net_guest_speaks(&h->net, &h->all[7].guest);
    CHECK(come(h, local, &until_ns) != NULL);
    CHECK(come(h, local, &until_ns) != NULL);
    CHECK(come(h, local, &until_ns) == NULL);
    h->now_ns += KMI_SILENT_NS;
    CHECK(come(h, local, &until_ns) != NULL);
    CHECK(!h->all[0].gone && h->all[1].gone);
    EQ_UINT(h->guests.count, KMI_SILENT_MAX + 2);
}

TEST(a_host_has_sixteen_places_and_beyond_them_its_own_oldest_gives_way)
{
    house  *h = new_house();
    int64_t until_ns;

    CHECK(come(h, host4(1), &until_ns) != NULL);
    for (unsigned i = 0; i < KMI_SILENT_EACH; i++)
        CHECK(come(h, host4(2), &until_ns) != NULL);
    h->now_ns += KMI_SILENT_NS;
    EQ_UINT(gone_of(h, 0, h->count), 0);
    CHECK(come(h, host4(2), &until_ns) != NULL);
    CHECK(h->all[1].gone); /* the other host's is older, and stays */
    EQ_UINT(gone_of(h, 0, h->count), 1);
}

TEST(many_of_one_host_may_come_at_once)
{
    house  *h = new_house();
    int64_t until_ns;

    for (unsigned i = 0; i < 200; i++)
        CHECK(come(h, host4(2), &until_ns) != NULL);
    EQ_UINT(gone_of(h, 0, h->count), 0);
}

TEST(a_flood_of_one_host_gives_way_before_who_is_older_and_of_another)
{
    house  *h = new_house();
    int64_t until_ns;

    CHECK(come(h, host4(1), &until_ns) != NULL);
    h->now_ns++;
    for (unsigned i = 1; i < KMI_SILENT_MAX; i++)
        CHECK(come(h, host4(2), &until_ns) != NULL);
    h->now_ns += KMI_SILENT_NS;
    for (uint8_t i = 0; i < 100; i++)
        CHECK(come(h, host4((uint8_t)(3 + i)), &until_ns) != NULL);
    CHECK(!h->all[0].gone);
    EQ_UINT(gone_of(h, 1, 101), 100);
    EQ_UINT(gone_of(h, 101, h->count), 0);
}

TEST(the_lower_half_of_an_ip6_address_is_the_same_host)
{
    house  *h = new_house();
    int64_t until_ns;

    for (uint8_t i = 0; i < KMI_SILENT_EACH; i++)
        CHECK(come(h, host6(1, i), &until_ns) != NULL);
    h->now_ns += KMI_SILENT_NS;
    CHECK(come(h, host6(2, 0), &until_ns) != NULL);
    EQ_UINT(gone_of(h, 0, h->count), 0);
    CHECK(come(h, host6(1, 200), &until_ns) != NULL);
    CHECK(h->all[0].gone);
}

TEST(who_comes_over_a_unix_socket_only_gives_way_when_all_places_are_taken)
{
    house  *h = new_house();
    int64_t until_ns;

    for (unsigned i = 0; i < KMI_SILENT_MAX; i++) {
        h->now_ns += KMI_SILENT_NS;
        CHECK(come(h, local, &until_ns) != NULL);
    }
    EQ_UINT(gone_of(h, 0, h->count), 0);
}

/* The lists and counts stay true, whatever happens in whatever order. */
TEST(after_any_comings_and_goings_all_places_are_free_again)
{
    house   *h = new_house();
    int64_t  until_ns;
    uint32_t silent = 0, left = 0;

    test_seed(11);
    while (h->count < GUESTS) {
        guest *g = h->count == 0 ? NULL : &h->all[test_random() % h->count];
        h->now_ns += test_random() % (KMI_SILENT_NS / 50);
        (void)come(h, test_random() % 4 == 0 ? local : host4((uint8_t)(test_random() % 5)),
                   &until_ns);
        if (g != NULL && !g->gone && test_random() % 2 == 0)
            kmi_net_guest_speaks(&h->net, &g->guest);
        else if (g != NULL && test_random() % 3 == 0)
            kmi_link_close(&g->link);
    }
    for (unsigned i = 0; i < h->count; i++) {
        silent += !h->all[i].gone && h->all[i].guest.silent;
        left += !h->all[i].gone;
    }
    EQ_UINT(h->guests.silent, silent);
    EQ_UINT(h->guests.count, left);
    for (unsigned i = 0; i < h->count; i++)
        kmi_link_close(&h->all[i].link);
    EQ_UINT(h->guests.silent, 0);
    EQ_UINT(h->guests.count, 0);
    CHECK(h->guests.oldest == NULL && h->guests.newest == NULL);
    for (unsigned i = 0; i < KMI_SILENT_MAX; i++)
        EQ_UINT(h->guests.homes[i].silent, 0);
}
