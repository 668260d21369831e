/* session_test.c -- the protocol of a connection, with bytes in memory and a clock of our own. */
#include "test.h"

#include "wire/session.h"

#include <stdlib.h>

#define MS    ((int64_t)1000000)
#define LIMIT 1000u

static const kmi_session_options options = {.own = {.instance = 0x1122334455667788,
                                                    .message_max = LIMIT,
                                                    .credit = 256,
                                                    .credit_bytes = 1 << 22,
                                                    .port = 7000,
                                                    .window = 54321},
                                            .idle_ns = 5000 * MS,
                                            .dead_ns = 15000 * MS};

/* One side, and all that it has given to its owner: "call 7 of 16; ". */
static kmi_session   session;
static kmi_out       out;
static kmi_slab_pool pool;
static kmi_slab     *slab;
static char          seen[4096];
static size_t        seen_size;

static void set_up(void)
{
    pool = (kmi_slab_pool){0};
    slab = kmi_slab_new(8192);
    kmi_out_init(&out, &pool);
    kmi_session_init(&session, &options, 0);
    seen_size = 0;
    seen[0] = '\0';
}

static void tear_down(void)
{
    kmi_session_done(&session);
    EQ_UINT(slab->refs, 1);
    kmi_slab_unref(slab);
    kmi_out_done(&out);
    kmi_slab_pool_done(&pool);
}

static void note(const kmi_frame *f)
{
    seen_size += (size_t)snprintf(seen + seen_size, sizeof seen - seen_size, "%u/%u/%zu ", f->kind,
                                  f->call, f->body_size);
    CHECK(seen_size < sizeof seen);
    if (f->slab != NULL)
        EQ_UINT((uintptr_t)f->body & 7, 0);
    for (size_t i = 0; i < f->body_size && f->kind != KMI_HELLO; i++)
        EQ_UINT(f->body[i], (uint8_t)(f->call + i));
    kmi_slab_unref(f->slab);
}

static void feed(const uint8_t *data, size_t size, int64_t now_ns)
{
    uint8_t  *at = slab->data + kmi_session_alignment(&session);
    kmi_frame f;

    CHECK(kmi_session_hungry(&session));
    memcpy(at, data, size);
    kmi_session_feed(&session, slab, at, size, now_ns);
    while (kmi_session_next(&session, &out, &f))
        note(&f);
}

/* What the other side sends: a preamble, then frames appended. */
static uint8_t stream[8192];
static size_t  stream_size;

static void begin(size_t message_max)
{
    kmi_session other;

    kmi_session_init(&other, &options, 0);
    other.options.own.message_max = message_max;
    kmi_session_preamble(&other, stream);
    stream_size = KMI_PREAMBLE_SIZE;
}

static void add(kmi_kind kind, uint8_t flags, uint32_t call, size_t body_size)
{
    size_t    header = kmi_is_request((uint8_t)kind) ? KMI_REQUEST_SIZE : KMI_HEADER_SIZE;
    kmi_frame f = {.size = header + body_size,
                   .kind = (uint8_t)kind,
                   .flags = flags,
                   .call = call,
                   .aux = kind == KMI_CALL   ? 1000
                          : kind == KMI_FAIL ? (uint32_t)KMSG_EFAILED
                          : kind == KMI_WINDOW ? 4096
                                             : 0,
                   .target = 1};

    memset(stream + stream_size, 0, kmi_frame_room(f.size));
    kmi_frame_put(stream + stream_size, &f);
    for (size_t i = 0; i < body_size; i++)
        stream[stream_size + header + i] = (uint8_t)(call + i);
    stream_size += kmi_frame_room(f.size);
    CHECK(stream_size <= sizeof stream);
}

static void conversation(void)
{
    begin(LIMIT);
    add(KMI_CALL, 0, 1, 0);
    add(KMI_CALL, 0, 2, 8);
    add(KMI_TELL, 0, 0, 13);
    add(KMI_PING, 0, 0, 0);
    add(KMI_ANSWER, 0, 3, LIMIT);
    add((kmi_kind)77, KMI_FLAG_IGNORABLE, 4, 33);
    add(KMI_CALL, 0, 5, LIMIT + 1);
    add(KMI_ANSWER, 0, 6, LIMIT + 1);
    add(KMI_CANCEL, 0, 1, 0);
    add(KMI_FAIL, 0, 7, 5);
    add(KMI_PONG, 0, 0, 0);
    add(KMI_ITEM, 0, 9, 40);
    add(KMI_ITEM, KMI_FLAG_CALLER, 10, LIMIT);
    add(KMI_ITEM, KMI_FLAG_CALLER, 11, LIMIT + 1);
    add(KMI_WINDOW, KMI_FLAG_CALLER, 12, 0);
    add(KMI_END, 0, 13, 0);
    add(KMI_CALL, 0, 8, 1);
}

static const char heard[] = "1/0/32 2/1/0 2/2/8 3/0/13 4/3/1000 5/6/0 6/1/0 5/7/5 8/0/0 "
                            "11/9/40 11/10/1000 11/11/0 13/12/0 12/13/0 2/8/1 ";

TEST(any_chunking_gives_the_same_frames)
{
    for (size_t chunk = 1; chunk <= 4096; chunk = chunk < 64 ? chunk + 1 : chunk * 2) {
        set_up();
        conversation();
        for (size_t at = 0; at < stream_size; at += chunk)
            feed(stream + at, stream_size - at < chunk ? stream_size - at : chunk, 1);
        EQ_STR(seen, heard);
        EQ_UINT(session.state, KMI_SESSION_OPEN);
        tear_down();
    }
}

TEST(random_chunking_gives_the_same_frames)
{
    test_seed(1);
    for (int round = 0; round < 300; round++) {
        size_t at = 0;
        set_up();
        conversation();
        while (at < stream_size) {
            size_t n = 1 + test_random() % 700;
            n = n < stream_size - at ? n : stream_size - at;
            feed(stream + at, n, 1);
            at += n;
        }
        EQ_STR(seen, heard);
        tear_down();
    }
}

TEST(a_ping_is_answered_and_a_call_too_large_is_refused_by_the_session_itself)
{
    kmi_frame f;

    set_up();
    conversation();
    feed(stream, stream_size, 1);
    EQ_UINT(kmi_out_waiting(&out), 48);
    kmi_frame_get_header(out.first->data, &f);
    EQ_UINT(f.kind, KMI_PONG);
    kmi_frame_get_header(out.first->data + 16, &f);
    EQ_UINT(f.kind, KMI_FAIL);
    EQ_UINT(f.call, 5);
    EQ_INT((int32_t)f.aux, KMSG_ETOOBIG);
    kmi_frame_get_header(out.first->data + 32, &f); /* and its credit comes back */
    EQ_UINT(f.kind, KMI_CREDIT);
    EQ_UINT(f.call, kmi_frame_room(KMI_REQUEST_SIZE + LIMIT + 1));
    EQ_UINT(f.aux, 1);
    tear_down();
}

TEST(an_item_that_is_too_large_comes_without_its_body_and_says_so)
{
    uint8_t  *at;
    kmi_frame f;

    set_up();
    begin(LIMIT);
    add(KMI_ITEM, KMI_FLAG_CALLER, 11, LIMIT + 1);
    at = slab->data + kmi_session_alignment(&session);
    memcpy(at, stream, stream_size);
    kmi_session_feed(&session, slab, at, stream_size, 1);
    CHECK(kmi_session_next(&session, &out, &f)); /* the hello */
    kmi_slab_unref(f.slab);
    CHECK(kmi_session_next(&session, &out, &f));
    EQ_UINT(f.kind, KMI_ITEM);
    EQ_UINT(f.flags, KMI_FLAG_CALLER);
    EQ_UINT(f.aux, (uint32_t)KMSG_ETOOBIG);
    EQ_PTR(f.slab, NULL);
    CHECK(!kmi_session_next(&session, &out, &f));
    EQ_UINT(session.state, KMI_SESSION_OPEN);
    tear_down();
}

TEST(the_hello_tells_who_the_other_side_is_and_what_it_takes)
{
    set_up();
    begin(12345);
    feed(stream, stream_size, 1);
    EQ_UINT(session.state, KMI_SESSION_OPEN);
    EQ_UINT(session.their.message_max, 12345);
    EQ_UINT(session.their.instance, options.own.instance);
    EQ_UINT(session.their.port, 7000);
    EQ_UINT(session.their.window, 54321);
    tear_down();
}

TEST(a_longer_hello_of_a_later_version_is_fine)
{
    set_up();
    begin(LIMIT);
    memset(stream + stream_size, 0x77, 224);
    stream_size += 224;
    kmi_store32(stream + 8, 16 + 256);
    feed(stream, stream_size, 1);
    EQ_UINT(session.state, KMI_SESSION_OPEN);
    tear_down();
}

/* Feeds what lies in `stream` and expects the session to be over. */
static void expect_over(kmsg_err err, const char *why)
{
    feed(stream, stream_size, 1);
    EQ_UINT(session.state, KMI_SESSION_OVER);
    EQ_INT(session.err, err);
    HAS(session.why, why);
    tear_down();
}

/* However the words are cut. */
static void refuse(uint32_t why, size_t first, const char *words)
{
    uint8_t said[KMI_REFUSAL_SIZE];

    set_up();
    kmi_session_refusal(why, said);
    feed(said, first, 0);
    EQ_INT(session.state == KMI_SESSION_OVER, first == sizeof said);
    feed(said + first, sizeof said - first, 0);
    EQ_INT(session.state, KMI_SESSION_OVER);
    EQ_INT(session.err, KMSG_EOVERLOADED);
    EQ_STR(session.why, words);
    EQ_STR(seen, "");
    tear_down();
}

TEST(who_is_not_let_in_hears_why)
{
    for (size_t first = 1; first <= KMI_REFUSAL_SIZE; first++) {
        refuse(KMI_REFUSED_COUNT, first, "it has as many connections as it takes");
        refuse(KMI_REFUSED_DESCRIPTORS, first, "it has too many open files to take a connection");
        refuse(4711, first, "it takes no connection now");
    }
}

TEST(a_stranger_is_found_out_at_the_first_byte)
{
    set_up();
    memcpy(stream, "GET / HTTP/1.1\r\n", 16);
    stream_size = 1;
    expect_over(KMSG_EPROTOCOL, "does not speak kmsg");
}

TEST(another_version_is_told_from_another_protocol)
{
    set_up();
    begin(LIMIT);
    stream[6] = 2;
    expect_over(KMSG_EVERSION, "another version");
    set_up();
    begin(LIMIT);
    stream[7] = 2;
    expect_over(KMSG_EPROTOCOL, "does not speak kmsg");
}

TEST(a_broken_hello_ends_the_session)
{
    static const struct {
        size_t   at;
        uint32_t value;
    } changes[] = {
        {8, 31},           /* size: too small */
        {8, 16 + 257},     /* size: too large */
        {12, KMI_PING},    /* kind */
        {12, 0x101},       /* flags */
        {16, 1},           /* call */
        {20, 1},           /* aux */
        {32, 63},          /* message_max */
        {32, 0x40000001u}, /* message_max */
    };
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
        set_up();
        begin(LIMIT);
        kmi_store32(stream + changes[i].at, changes[i].value);
        expect_over(KMSG_EPROTOCOL, "");
    }
}

TEST(padding_that_is_not_zero_ends_the_session)
{
    set_up();
    begin(LIMIT);
    add(KMI_ANSWER, 0, 1, 3);
    stream[stream_size - 1] = 1;
    expect_over(KMSG_EPROTOCOL, "padding");
}

TEST(a_frame_of_impossible_size_or_kind_ends_the_session)
{
    set_up();
    begin(LIMIT);
    add(KMI_CALL, 0, 1, 8);
    kmi_store32(stream + KMI_PREAMBLE_SIZE, 0xfffffff8u);
    expect_over(KMSG_EPROTOCOL, "impossible size");
    set_up();
    begin(LIMIT);
    add((kmi_kind)77, 0, 0, 0);
    expect_over(KMSG_EPROTOCOL, "unknown kind");
}

/* ---- shared memory ------------------------------------------------------------------------- */

TEST(what_follows_shared_in_the_same_read_is_wakes_and_counts_for_nothing)
{
    for (size_t wakes = 0; wakes < 20; wakes++) {
        set_up();
        begin(LIMIT);
        session.may_share = true;
        add(KMI_SHARED, 0, 0, 0);
        memset(stream + stream_size, 0, wakes);
        feed(stream, stream_size + wakes, 0);
        CHECK(session.shared && session.state == KMI_SESSION_OPEN);
        EQ_UINT(kmi_session_alignment(&session), 0);
        stream_size = 0;
        add(KMI_CALL, 0, 5, 16);
        feed(stream, stream_size, 0);
        HAS(seen, "2/5/16 ");
        tear_down();
    }
}

TEST(shared_that_was_not_offered_or_comes_twice_ends_the_session)
{
    for (unsigned offered = 0; offered < 2; offered++) {
        set_up();
        begin(LIMIT);
        session.may_share = offered == 1;
        add(KMI_SHARED, 0, 0, 0);
        feed(stream, stream_size, 0);
        stream_size = 0;
        add(KMI_SHARED, 0, 0, 0);
        if (offered == 1)
            feed(stream, stream_size, 0);
        EQ_INT(session.state, KMI_SESSION_OVER);
        EQ_INT(session.err, KMSG_EPROTOCOL);
        tear_down();
    }
}

TEST(goodbye_is_an_orderly_end)
{
    set_up();
    begin(LIMIT);
    add(KMI_CALL, 0, 1, 8);
    add(KMI_BYE, 0, 0, 0);
    add(KMI_CALL, 0, 2, 8);
    feed(stream, stream_size, 1);
    EQ_UINT(session.state, KMI_SESSION_OVER);
    EQ_INT(session.err, KMSG_ECLOSED);
    EQ_STR(seen, "1/0/32 2/1/8 ");
    tear_down();
}

/* ---- time ---------------------------------------------------------------------------------- */

TEST(hello_must_come_within_five_seconds_however_it_dribbles)
{
    set_up();
    begin(LIMIT);
    EQ_INT(kmi_session_deadline(&session), 5000 * MS);
    for (size_t i = 0; i < 30; i++)
        feed(stream + i, 1, (int64_t)i * 160 * MS);
    EQ_INT(kmi_session_deadline(&session), 5000 * MS);
    kmi_session_tick(&session, NULL, 4999 * MS);
    CHECK(session.state != KMI_SESSION_OVER);
    kmi_session_tick(&session, NULL, 5000 * MS);
    EQ_UINT(session.state, KMI_SESSION_OVER);
    EQ_INT(session.err, KMSG_EUNREACHABLE);
    tear_down();
}

TEST(silence_is_asked_about_once_and_then_taken_for_death)
{
    set_up();
    begin(LIMIT);
    feed(stream, stream_size, 1000 * MS);
    EQ_INT(kmi_session_deadline(&session), 6000 * MS);
    kmi_session_tick(&session, &out, 5999 * MS);
    EQ_UINT(kmi_out_waiting(&out), 0);
    kmi_session_tick(&session, &out, 6000 * MS);
    EQ_UINT(kmi_out_waiting(&out), 16);
    EQ_INT(kmi_session_deadline(&session), 16000 * MS);
    kmi_session_tick(&session, &out, 15999 * MS);
    EQ_UINT(kmi_out_waiting(&out), 16);
    EQ_UINT(session.state, KMI_SESSION_OPEN);
    kmi_session_tick(&session, &out, 16000 * MS);
    EQ_UINT(session.state, KMI_SESSION_OVER);
    EQ_INT(session.err, KMSG_ELOST);
    tear_down();
}

TEST(who_could_not_ask_in_time_asks_before_the_other_side_is_taken_for_dead)
{
    set_up();
    begin(LIMIT);
    feed(stream, stream_size, 0);
    kmi_session_tick(&session, &out, 100000 * MS); /* this process was stopped, say */
    EQ_UINT(session.state, KMI_SESSION_OPEN);
    EQ_UINT(kmi_out_waiting(&out), 16);
    EQ_INT(kmi_session_deadline(&session), 110000 * MS);
    kmi_session_tick(&session, &out, 109999 * MS);
    EQ_UINT(session.state, KMI_SESSION_OPEN);
    kmi_session_tick(&session, &out, 110000 * MS);
    EQ_UINT(session.state, KMI_SESSION_OVER);
    EQ_INT(session.err, KMSG_ELOST);
    tear_down();
}

TEST(any_byte_is_a_sign_of_life)
{
    set_up();
    begin(LIMIT);
    feed(stream, stream_size, 0);
    kmi_session_tick(&session, &out, 5000 * MS);
    begin(LIMIT);
    add(KMI_CALL, 0, 1, 80);
    feed(stream + KMI_PREAMBLE_SIZE, 1, 14000 * MS);
    EQ_INT(kmi_session_deadline(&session), 19000 * MS);
    tear_down();
}

/* ---- strangers ----------------------------------------------------------------------------- */

static void feed_until_over(const uint8_t *data, size_t size)
{
    size_t at = 0;

    while (at < size && session.state != KMI_SESSION_OVER) {
        uint8_t  *to = slab->data + kmi_session_alignment(&session);
        size_t    n = 1 + test_random() % size;
        kmi_frame f;
        n = n < size - at ? n : size - at;
        memcpy(to, data + at, n);
        kmi_session_feed(&session, slab, to, n, 1);
        while (kmi_session_next(&session, &out, &f))
            kmi_slab_unref(f.slab);
        at += n;
    }
}

TEST(a_hundred_thousand_random_byte_strings_do_no_harm)
{
    test_seed(11);
    for (int round = 0; round < 100000; round++) {
        uint8_t data[200];
        size_t  size = 1 + test_random() % sizeof data;
        for (size_t i = 0; i < size; i++)
            data[i] = (uint8_t)test_random();
        if (round % 2 == 0) { /* behind a good hello */
            begin(LIMIT);
            memmove(data + KMI_PREAMBLE_SIZE, data, sizeof data - KMI_PREAMBLE_SIZE);
            memcpy(data, stream, KMI_PREAMBLE_SIZE);
            size = sizeof data;
        }
        set_up();
        feed_until_over(data, size);
        CHECK(kmi_out_waiting(&out) <= 16 * 200);
        tear_down();
    }
}

TEST(a_hundred_thousand_mutated_conversations_do_no_harm)
{
    test_seed(12);
    for (int round = 0; round < 100000; round++) {
        set_up();
        begin(LIMIT);
        add(KMI_CALL, 0, 1, 5);
        add(KMI_TELL, 0, 0, 13);
        add(KMI_PING, 0, 0, 0);
        add((kmi_kind)77, KMI_FLAG_IGNORABLE, 4, 33);
        add(KMI_FAIL, 0, 7, 5);
        for (uint32_t i = 1 + test_random() % 4; i > 0; i--)
            stream[test_random() % stream_size] ^= (uint8_t)(1u << test_random() % 8);
        feed_until_over(stream, stream_size);
        tear_down();
    }
}
