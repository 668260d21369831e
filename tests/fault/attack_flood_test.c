/* attack_flood_test.c -- many who begin a handshake and do not end it: each costs a node little,
 * for five seconds at most, whatever he dribbles; there are so many places for them and no more;
 * and who means it gets in beside them. Time is told to pass.
 */
#define _GNU_SOURCE
#include "fault/attack.h"

#include "net/bucket.h"
#include "net/secure.h"
#include "net/stream.h"

#include <malloc.h>
#include <sys/resource.h>

#define HALF_OPEN_MAX ((size_t)4096) /* bytes that one costs who accepts */

/* ---- memory ---------------------------------------------------------------------------------- */

static size_t taken; /* bytes */

static void *resize(void *ctx, void *old, size_t size)
{
    size_t before = malloc_usable_size(old);
    void  *p = NULL;

    (void)ctx;
    if (size == 0)
        free(old);
    else
        p = realloc(old, size);
    if (size == 0 || p != NULL)
        taken += malloc_usable_size(p) - before;
    return p;
}

__attribute__((constructor(101))) static void count_allocations(void)
{
    kmsg_set_allocator((kmsg_allocator){resize, NULL});
}

/* ---- means ----------------------------------------------------------------------------------- */

/* Places for the silent, and their descriptors at both ends. */
enum { MANY = KMI_SILENT_MAX, DESCRIPTORS = 4 * MANY };

static stranger crowd[MANY + 1];

static void allow_descriptors(void)
{
    struct rlimit limit;

    test_skip_if_emulated("256 handshakes take so long that the first one has had its time");
    CHECK(getrlimit(RLIMIT_NOFILE, &limit) == 0);
    if (limit.rlim_cur < DESCRIPTORS)
        limit.rlim_cur = limit.rlim_max < DESCRIPTORS ? limit.rlim_max : DESCRIPTORS;
    CHECK(setrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur >= DESCRIPTORS);
}

/* Each from a host of its own, for whom the bucket is full: 127.0.0.2 and on. */
static uint8_t host_number(unsigned i)
{
    return (uint8_t)(2 + i % 200);
}

static void connect_as(scene *s, stranger *st, unsigned i)
{
    stranger_init(st, &s->there, true);
    st->fd = tcp_connect(s->port, host_number(i));
}

static void says_first(scene *s, stranger *st)
{
    uint8_t words[KMI_CHANNEL_MESSAGE_MAX];

    stranger_send(st, words, stranger_words(st, words));
    MEET(s, has_to_say(st));
}

/* ---- what one costs -------------------------------------------------------------------------- */

/* Of a vault's pages a place is taken; the allocator has the rest. */
TEST(a_connection_that_has_proved_nothing_costs_less_than_four_kib)
{
    enum { COUNT = 100 };
    scene             s;
    size_t            before, each;
    kmi_channel_setup setup;

    scene_init(&s);
    check_others(&s);
    kmi_channel_setup_init(&setup);
    for (unsigned i = 0; i < 10; i++) { /* what is made once is there */
        connect_as(&s, &crowd[i], i);
        says_first(&s, &crowd[i]);
    }
    before = taken;
    for (unsigned i = 10; i < COUNT; i++) {
        connect_as(&s, &crowd[i], i);
        says_first(&s, &crowd[i]);
    }
    EQ_UINT(facts_of(s.server).silent, COUNT);
    each = (taken - before) / (COUNT - 10) + setup.shaking.size;
    printf("# %zu bytes each, %zu of them in locked pages\n", each, setup.shaking.size);
    CHECK(each <= HALF_OPEN_MAX);
    for (unsigned i = 0; i < COUNT; i++)
        stranger_done(&crowd[i]);
    MEET(&s, facts_of(s.server).silent == 0);
    scene_done(&s);
}

/* ---- how long -------------------------------------------------------------------------------- */

/* He says one byte in a while, of what a trusted host would say. */
static void dribble(int64_t each_ms)
{
    uint8_t  words[2][KMI_CHANNEL_MESSAGE_MAX];
    scene    s;
    stranger st;
    size_t   size;
    int64_t  ms = 0;

    test_at("%lld ms", (long long)each_ms);
    scene_init(&s);
    stranger_init(&st, &s.there, true);
    st.fd = tcp_connect(s.port, 1);
    settle(&s);
    size = stranger_words(&st, words[0]);
    for (size_t i = 0; i < size && !st.over; i++, ms += each_ms) {
        stranger_send(&st, words[0] + i, 1);
        pass_ms(&s, each_ms);
        stranger_hear(&st);
    }
    MEET(&s, st.over || has_to_say(&st));
    size = stranger_words(&st, words[1]);
    for (size_t i = 0; i < size && !st.over; i++, ms += each_ms) {
        stranger_send(&st, words[1] + i, 1);
        pass_ms(&s, each_ms);
        stranger_hear(&st);
    }
    CHECK(st.over);
    CHECK(ms <= KMI_HELLO_MS);
    CHECK(ms > KMI_HELLO_MS - 2 * each_ms);
    stranger_done(&st);
    check_others(&s);
    scene_done(&s);
}

TEST(who_dribbles_his_handshake_is_given_up_five_seconds_after_he_has_come)
{
    dribble(1000);
    dribble(100);
    dribble(40);
}

TEST(who_says_nothing_is_given_up_five_seconds_after_he_has_come)
{
    scene    s;
    stranger st;

    scene_init(&s);
    connect_as(&s, &st, 0);
    settle(&s);
    pass_ms(&s, KMI_HELLO_MS - 100);
    CHECK(!is_over(&st));
    pass_ms(&s, 100);
    MEET(&s, is_over(&st));
    EQ_UINT(st.heard, 0);
    stranger_done(&st);
    scene_done(&s);
}

TEST(a_server_that_says_nothing_is_given_up_five_seconds_after_the_connection_is_there)
{
    scene      s;
    kmsg_peer *peer;
    outcome    o;
    char       url[64];
    uint16_t   port;
    int        listener = tcp_listen(&port), fd;

    scene_init(&s);
    snprintf(url, sizeof url, "tcp:127.0.0.1:%u", port);
    OK(kmsg_dial(s.node, url, &peer));
    kmsg_peer_set_timeout_ms(peer, 60000);
    ask(peer, &o);
    MEET(&s, (fd = accept(listener, NULL, NULL)) >= 0);
    pass_ms(&s, KMI_HELLO_MS - 100);
    EQ_INT(o.count, 0);
    pass_ms(&s, 100);
    MEET(&s, o.count == 1);
    CHECK(o.err != KMSG_OK);
    kmsg_peer_close(peer);
    close(fd);
    close(listener);
    scene_done(&s);
}

/* ---- how many -------------------------------------------------------------------------------- */

/* He goes this far, and then says nothing. */
typedef void far_fn(scene *s, stranger *st);

static void connects(scene *s, stranger *st)
{
    (void)s;
    (void)st;
}

static void says_the_magic(scene *s, stranger *st)
{
    (void)s;
    stranger_send(st, (const uint8_t *)"KMSG\0s\1", KMI_CHANNEL_MAGIC_SIZE);
}

static void hears_the_second(scene *s, stranger *st)
{
    says_first(s, st);
}

/* All but the last byte of what would let him in. */
static void says_nearly_all(scene *s, stranger *st)
{
    uint8_t words[KMI_CHANNEL_MESSAGE_MAX];
    size_t  size;

    says_first(s, st);
    size = stranger_words(st, words);
    stranger_send(st, words, size - 1);
}

/* More than a hello has, of a message that is said to be larger. */
static void says_more_than_enough(scene *s, stranger *st)
{
    uint8_t words[KMI_RECORD_HEAD + KMI_CHANNEL_MESSAGE_MAX - 1] = {
        (uint8_t)KMI_CHANNEL_MESSAGE_MAX, KMI_CHANNEL_MESSAGE_MAX >> 8};

    says_first(s, st);
    stranger_send(st, words, sizeof words);
}

/* All places are taken by them: the next one, who means it, is let in when the oldest has had his
 * time, a second, and not when all of them have had theirs. */
static void fill_places(far_fn *far)
{
    scene      s;
    kmsg_node *late;
    kmsg_peer *peer;
    outcome    o;

    allow_descriptors();
    scene_init(&s);
    check_others(&s);
    for (unsigned i = 0; i < MANY; i++) {
        connect_as(&s, &crowd[i], i);
        far(&s, &crowd[i]);
        settle(&s);
    }
    MEET(&s, facts_of(s.server).silent == MANY);
    late = host_node(&s.there, false);
    kmsg_node_free(s.node); /* its place in the scene is for who comes late */
    s.node = late;
    OK(kmsg_dial(s.node, kmsg_listener_url(s.state.listener), &s.good));
    peer = s.good;
    kmsg_peer_set_timeout_ms(peer, 4000);
    ask(peer, &o);
    settle(&s);
    pass_ms(&s, KMI_SILENT_NS / KMI_MS);
    MEET(&s, o.count == 1);
    OK(o.err);
    CHECK(facts_of(s.server).silent < MANY);
    for (unsigned i = 0; i < MANY; i++)
        stranger_done(&crowd[i]);
    MEET(&s, facts_of(s.server).silent == 0);
    scene_done(&s);
}

TEST(who_connects_and_says_nothing_gives_way)
{
    fill_places(connects);
}

TEST(who_says_the_magic_alone_gives_way)
{
    fill_places(says_the_magic);
}

TEST(who_hears_the_second_message_and_says_nothing_more_gives_way)
{
    fill_places(hears_the_second);
}

TEST(who_says_all_but_the_last_byte_gives_way)
{
    fill_places(says_nearly_all);
}

TEST(who_says_more_than_a_hello_has_of_a_message_without_end_gives_way)
{
    fill_places(says_more_than_enough);
}

/* Somebody comes when all places are taken, before it was read that those who have them have said
 * all that they had to. They were not silent, and stay. */
TEST(who_has_said_all_and_was_not_heard_yet_is_not_taken_for_silent)
{
    uint8_t  words[KMI_CHANNEL_MESSAGE_MAX];
    scene    s;
    stranger late;

    allow_descriptors();
    scene_init(&s);
    for (unsigned i = 0; i < MANY; i++) {
        connect_as(&s, &crowd[i], i);
        says_first(&s, &crowd[i]);
    }
    EQ_UINT(facts_of(s.server).silent, MANY);
    seam.ahead_ns += KMI_SILENT_NS;
    connect_as(&s, &late, 0);
    for (unsigned i = 0; i < MANY; i++)
        stranger_send(&crowd[i], words, stranger_words(&crowd[i], words));
    for (unsigned i = 0; i < MANY; i++)
        MEET(&s, has_opened(&crowd[i]) || crowd[i].over);
    for (unsigned i = 0; i < MANY; i++) {
        test_at("%u", i);
        CHECK(!crowd[i].over);
        stranger_done(&crowd[i]);
    }
    stranger_done(&late);
    MEET(&s, facts_of(s.server).accepted == 0);
    scene_done(&s);
}

/* A listener that lets in one has room for others until then. They come, and when there are too
 * many of them it is looked whether the oldest has said something: he has, he is the one, and the
 * listener has done its work in the middle of it. */
static void the_one_is_heard_when_another_comes(unsigned others)
{
    uint8_t        words[KMI_CHANNEL_MESSAGE_MAX];
    scene          s;
    kmsg_listener *once;
    kmsg_peer     *peer;

    test_at("%u others", others);
    allow_descriptors();
    scene_init(&s);
    check_others(&s);
    OK(kmsg_listen_once(s.server, "tcp:127.0.0.1:0", &once));
    s.port = (uint16_t)strtoul(strrchr(kmsg_listener_url(once), ':') + 1, NULL, 10);
    for (unsigned i = 0; i < others; i++) {
        stranger_init(&crowd[i], &s.there, true);
        crowd[i].fd = tcp_connect(s.port, others < MANY ? 1 : host_number(i));
        if (i == 0)
            says_first(&s, &crowd[i]);
        settle(&s);
    }
    EQ_UINT(facts_of(s.server).silent, others);
    pass_ms(&s, KMI_SILENT_NS / KMI_MS);
    stranger_init(&crowd[others], &s.there, true);
    crowd[others].fd = tcp_connect(s.port, 1);
    stranger_send(&crowd[0], words, stranger_words(&crowd[0], words));
    MEET(&s, has_opened(&crowd[0]));
    for (unsigned i = 1; i <= others; i++)
        MEET(&s, is_over(&crowd[i]));
    OK(kmsg_accept(once, 0, &peer));
    check_others(&s);
    for (unsigned i = 0; i <= others; i++)
        stranger_done(&crowd[i]);
    kmsg_peer_close(peer);
    scene_done(&s);
}

TEST(the_one_who_is_let_in_is_heard_when_another_comes_and_nothing_breaks)
{
    the_one_is_heard_when_another_comes(KMI_SILENT_EACH);
    the_one_is_heard_when_another_comes(MANY);
}

/* ---- how often ------------------------------------------------------------------------------- */

/* A handshake that comes to nothing. Was it answered? */
static bool is_answered(scene *s, uint8_t last)
{
    uint8_t  words[KMI_CHANNEL_MESSAGE_MAX];
    stranger st;
    bool     answered;

    stranger_init(&st, &s->evil, true);
    st.fd = tcp_connect(s->port, last);
    stranger_send(&st, words, stranger_words(&st, words));
    MEET(s, is_over(&st) || st.heard > 0);
    answered = st.heard > 0;
    stranger_done(&st);
    settle(s);
    return answered;
}

/* The clock stands still meanwhile: no token drops into a bucket but when the test says so. */
static unsigned answered_of(scene *s, unsigned count, uint8_t last, int64_t now_ns)
{
    unsigned answered = 0;

    for (unsigned i = 0; i < count; i++) {
        seam.ahead_ns = now_ns - kmi_sys_uv.now_ns();
        answered += is_answered(s, last);
    }
    return answered;
}

TEST(handshakes_of_one_address_that_come_to_nothing_are_cut_off_and_others_are_let_in)
{
    scene   s;
    int64_t now_ns = kmi_sys_uv.now_ns() + seam.ahead_ns;

    scene_init(&s);
    check_others(&s);
    EQ_UINT(answered_of(&s, KMI_SHAKES_BURST + 20, 2, now_ns), KMI_SHAKES_BURST);
    CHECK(is_answered(&s, 3));
    now_ns += 1000 * KMI_MS + 500 * KMI_MS / KMI_SHAKES_PER_S;
    EQ_UINT(answered_of(&s, 2 * KMI_SHAKES_PER_S, 2, now_ns), KMI_SHAKES_PER_S);
    HAS(logged.text, "too many handshakes from there have come to nothing");
    check_others(&s);
    scene_done(&s);
}

/* Who is let in takes nothing out of the bucket in the end. */
TEST(a_trusted_host_may_come_as_often_as_it_likes)
{
    scene   s;
    int64_t now_ns = kmi_sys_uv.now_ns() + seam.ahead_ns;

    scene_init(&s);
    for (unsigned i = 0; i < 2 * KMI_SHAKES_BURST; i++) {
        stranger st;
        seam.ahead_ns = now_ns - kmi_sys_uv.now_ns();
        stranger_enter(&s, &st, &s.there);
        stranger_done(&st);
        settle(&s);
    }
    scene_done(&s);
}

/* ---- all of it at once ----------------------------------------------------------------------- */

enum { FLOOD = 10000, EACH_MS = 4 };

static int flood[FLOOD];

static uint64_t losses_of(const kmsg_peer *peer)
{
    kmsg_peer_facts facts;

    kmsg_peer_info(peer, &facts);
    return facts.losses;
}

/* His call waits until he is let in: as time passes, the silent before him give way. */
static void check_late(scene *s)
{
    outcome o;
    int     ms = 0;

    ask(s->good, &o);
    for (settle(s); o.count == 0 && ms < 10000; ms += 100)
        pass_ms(s, 100);
    EQ_INT(o.count, 1);
    OK(o.err);
    printf("# who comes meanwhile is answered after %d ms\n", ms);
}

static int flood[FLOOD];

/* He says a first message, if he is connected at once, and no more. */
static int begin_one(const scene *s, unsigned i, const uint8_t *words, size_t size)
{
    struct sockaddr_in a = {.sin_family = AF_INET};
    int                fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);

    CHECK(fd >= 0);
    a.sin_addr.s_addr = htonl(0x7f000000u + host_number(i));
    CHECK(bind(fd, (struct sockaddr *)&a, sizeof a) == 0);
    a.sin_addr.s_addr = htonl(0x7f000001u);
    a.sin_port = htons(s->port);
    (void)connect(fd, (struct sockaddr *)&a, sizeof a);
    (void)send(fd, words, size, MSG_NOSIGNAL);
    return fd;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static double timed_call_us(scene *s)
{
    int64_t before_ns = kmi_sys_uv.now_ns();

    check_others(s);
    return (double)(kmi_sys_uv.now_ns() - before_ns) / 1000;
}

static void print_times(const char *when, double *us, size_t count)
{
    qsort(us, count, sizeof *us, compare);
    printf("# %s: a call takes %.0f us, p99 %.0f us\n", when, us[count / 2], us[count * 99 / 100]);
}

/* 250 a second, of two hundred hosts. Who is connected is served; who comes now is let in, in the
 * time that his call has. */
TEST(ten_thousand_half_open_handshakes_keep_nobody_out)
{
    static double us[FLOOD];
    struct rlimit limit = {.rlim_cur = 0};
    scene         s;
    stranger      st;
    uint8_t       words[KMI_CHANNEL_MESSAGE_MAX];
    size_t        size;

    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_max < FLOOD + DESCRIPTORS)
        SKIP("too few descriptors for ten thousand connections (ulimit -Hn)");
    limit.rlim_cur = limit.rlim_max;
    CHECK(setrlimit(RLIMIT_NOFILE, &limit) == 0);
    scene_init(&s);
    stranger_init(&st, &s.evil, true);
    size = stranger_words(&st, words);
    for (unsigned i = 0; i < FLOOD / 10; i++)
        us[i] = timed_call_us(&s);
    print_times("before", us, FLOOD / 10);
    for (unsigned i = 0; i < FLOOD; i++) {
        flood[i] = begin_one(&s, i, words, size);
        us[i] = timed_call_us(&s);
        pass_ms(&s, EACH_MS);
        CHECK(facts_of(s.server).silent <= KMI_SILENT_MAX);
    }
    print_times("meanwhile", us, FLOOD);
    EQ_UINT(losses_of(s.good), 0);
    kmsg_peer_close(s.good);
    OK(kmsg_dial(s.node, kmsg_listener_url(s.state.listener), &s.good));
    check_late(&s);
    for (unsigned i = 0; i < FLOOD; i++)
        close(flood[i]);
    stranger_done(&st);
    MEET(&s, facts_of(s.server).silent == 0);
    scene_done(&s);
}
