/* codec_test.c -- what generated code and the descriptors make of every type of the language. */
#include "tests/test.h"

#include "everything.kmsg.h"

#include <kmsg/codec.h>

#include <stdlib.h>
#include <string.h>

static const every_Address street = {
    .street = KMSG_STR("Main St 1"), .city = KMSG_STR("Z\xc3\xbcrich"), .zip = 8001};

/* A person with something in every field. */
static every_Person full_person(kmsg_arena *mem)
{
    static const every_Person_scores_entry scores[] = {
        {KMSG_STR("chess"), 2100}, {KMSG_STR("go"), -3}, {KMSG_STR("tennis"), 0}};
    static const every_Phone                    phones[] = {{every_PhoneKind_HOME, KMSG_STR("123")},
                                                            {(every_PhoneKind)77, KMSG_STR("")}};
    static const every_Vec                      path[] = {{1, 2, true, {0}}, {3, 4, false, {0}}};
    static const bool                           flags[] = {true, false, true};
    static const int32_t                        one[] = {1, -2, 3};
    static const kmsg_list_i32                  matrix[] = {{one, 3}, {NULL, 0}, {one + 1, 1}};
    static const every_Person_books_value_entry books_in[] = {
        {KMSG_STR("a"), {.zip = 1, .street = KMSG_STR("x")}}, {KMSG_STR("b"), {.zip = 2}}};
    static const every_Person_books_entry books[] = {{7, {books_in, 2}}, {9, {NULL, 0}}};
    static const every_Scores_entry       extra[] = {{KMSG_STR("z"), 26}};
    static const every_Level              levels[] = {every_Level_HIGH, every_Level_LOW};
    static const kmsg_string              tags[] = {KMSG_STR("math"), KMSG_STR(""),
                                                    KMSG_STR("a longer tag than eight bytes")};
    static const uint8_t                  blob[] = {0, 1, 2, 255};
    every_Person *friend = kmsg_alloc_array(mem, every_Person, 1);
    every_Person_by_id_entry *by_id = kmsg_alloc_array(mem, every_Person_by_id_entry, 1);

    *friend = every_Person_initial;
    friend->name = kmsg_str("Bob");
    by_id->key = 12;
    by_id->value = *friend;
    return (every_Person){
        .id = 42,
        .uid = {{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}},
        .level = every_Level_HIGH,
        .age = 36,
        .has_age = true,
        .at = {1.5f, -2, true, {0}},
        .port = 80,
        .name = KMSG_STR("Ada"),
        .email = KMSG_STR("ada@example.org"),
        .tags = {tags, 3},
        .scores = {scores, 3},
        .address = &street,
        .phones = {phones, 2},
        .home = street,
        .path = {path, 2},
        .flags = {flags, 3},
        .matrix = {matrix, 3},
        .books = {books, 2},
        .friends = {friend, 1},
        .blob = {blob, 4},
        .extra = {extra, 1},
        .levels = {levels, 2},
        .by_id = {by_id, 1},
    };
}

/* Layout without straight-line code: the descriptors alone. */
static kmsg_layout plain(const kmsg_layout *layout)
{
    kmsg_layout copy = *layout;

    copy.row_end = NULL;
    copy.row_put = NULL;
    copy.row_get = NULL;
    return copy;
}

TEST(a_value_comes_back_equal_with_the_same_bytes)
{
    kmsg_arena  *mem = kmsg_arena_new();
    every_Person in = full_person(mem), out;
    kmsg_bytes   bytes, again;
    size_t       size;

    OK(every_Person_encode(&in, mem, &bytes));
    OK(every_Person_encoded_size(&in, &size));
    EQ_UINT(size, bytes.size);
    OK(every_Person_decode(bytes, mem, &out));
    CHECK(every_Person_equal(&in, &out));
    OK(every_Person_encode(&out, mem, &again));
    EQ_MEM(bytes.data, bytes.size, again.data, again.size);
    EQ_STR(out.name.data, "Ada");
    EQ_INT(*every_Person_scores_find(out.scores, kmsg_str("go")), -3);
    CHECK(every_Person_scores_find(out.scores, kmsg_str("gone")) == NULL);
    kmsg_arena_free(mem);
}

TEST(descriptors_and_generated_code_make_the_same_bytes)
{
    kmsg_arena  *mem = kmsg_arena_new();
    every_Person in = full_person(mem), out;
    kmsg_layout  slow = plain(&every_Person_layout);
    kmsg_bytes   a, b;

    OK(every_Person_encode(&in, mem, &a));
    OK(kmsg_encode(&slow, &in, mem, &b));
    EQ_MEM(a.data, a.size, b.data, b.size);
    OK(kmsg_decode(&slow, a, mem, &out));
    CHECK(every_Person_equal(&in, &out));
    kmsg_arena_free(mem);
}

TEST(a_copy_survives_the_message)
{
    kmsg_arena  *mem = kmsg_arena_new(), *keep = kmsg_arena_new();
    every_Person in = full_person(mem), out, copy;
    kmsg_bytes   bytes;

    OK(every_Person_encode(&in, mem, &bytes));
    OK(every_Person_decode(bytes, mem, &out));
    OK(every_Person_copy(&out, keep, &copy));
    memset((void *)(uintptr_t)bytes.data, 0xee, bytes.size);
    CHECK(every_Person_equal(&in, &copy));
    kmsg_arena_free(mem);
    kmsg_arena_free(keep);
}

TEST(what_is_decoded_of_a_copy_survives_the_message)
{
    kmsg_arena  *mem = kmsg_arena_new(), *keep = kmsg_arena_new();
    every_Person in = full_person(mem), out;
    uint8_t      buffer[4096];
    size_t       size;

    OK(every_Person_encode_into(&in, buffer, sizeof buffer, &size));
    OK(every_Person_decode_copy((kmsg_bytes){buffer, size}, keep, &out));
    memset(buffer, 0xee, sizeof buffer);
    CHECK(every_Person_equal(&in, &out));
    FAILS(every_Person_decode_copy((kmsg_bytes){NULL, 0}, keep, &out), KMSG_EDECODE);
    FAILS(every_Person_decode_copy((kmsg_bytes){buffer, KMSG_MESSAGE_MAX + 1}, keep, &out),
          KMSG_ETOOBIG);
    CHECK(every_Person_equal(&in, &out));
    kmsg_arena_free(mem);
    kmsg_arena_free(keep);
}

TEST(an_unaligned_message_is_read_all_the_same)
{
    kmsg_arena  *mem = kmsg_arena_new();
    every_Person in = full_person(mem), out;
    uint8_t      buffer[4096];
    size_t       size;

    for (size_t shift = 0; shift < 8; shift++) {
        OK(every_Person_encode_into(&in, buffer + shift, sizeof buffer - shift, &size));
        OK(every_Person_decode((kmsg_bytes){buffer + shift, size}, mem, &out));
        CHECK(every_Person_equal(&in, &out));
    }
    kmsg_arena_free(mem);
}

TEST(maps_are_written_in_order_and_a_doubled_key_is_refused)
{
    kmsg_arena              *mem = kmsg_arena_new();
    const every_Scores_entry items[] = {{KMSG_STR("b"), 2}, {KMSG_STR("c"), 3}, {KMSG_STR("a"), 1}};
    const every_Scores_entry twice[] = {{KMSG_STR("b"), 2}, {KMSG_STR("a"), 3}, {KMSG_STR("b"), 1}};
    every_Person             in = every_Person_initial, out;
    kmsg_bytes               bytes;

    in.extra = (every_Scores){items, 3};
    OK(every_Person_encode(&in, mem, &bytes));
    OK(every_Person_decode(bytes, mem, &out));
    EQ_STR(out.extra.items[0].key.data, "a");
    EQ_STR(out.extra.items[2].key.data, "c");
    CHECK(every_Person_equal(&in, &out));
    in.extra = (every_Scores){twice, 3};
    FAILS(every_Person_encode(&in, mem, &bytes), KMSG_EVALUE);
    EQ_STR(kmsg_last_error(), "Person.extra[\"b\"]: a key that is there twice");
    kmsg_arena_free(mem);
}

TEST(what_violates_the_schema_is_refused_before_it_is_sent_with_its_place)
{
    kmsg_arena       *mem = kmsg_arena_new();
    every_Person      in = every_Person_initial;
    kmsg_bytes        bytes;
    const kmsg_string tags[] = {KMSG_STR("fine"), {"\xff", 1}};
    const kmsg_string nul = {"a\0b", 3};

    in.tags = (kmsg_list_string){tags, 2};
    FAILS(every_Person_encode(&in, mem, &bytes), KMSG_EVALUE);
    EQ_STR(kmsg_last_error(), "Person.tags[1]: not UTF-8");
    in = every_Person_initial;
    in.home.city = nul;
    FAILS(every_Person_encode(&in, mem, &bytes), KMSG_EVALUE);
    EQ_STR(kmsg_last_error(), "Person.home.city: a NUL inside the text");
    in = every_Person_initial;
    in.level = (every_Level)5;
    FAILS(every_Person_encode(&in, mem, &bytes), KMSG_EVALUE);
    EQ_STR(kmsg_last_error(), "Person.level: not a member of its closed enum");
    kmsg_arena_free(mem);
}

TEST(empty_absent_and_default_are_three_things)
{
    kmsg_arena  *mem = kmsg_arena_new();
    every_Person in = every_Person_initial, out;
    kmsg_bytes   bytes;

    in.email = (kmsg_string){"", 0};
    in.extra = (every_Scores){(const every_Scores_entry[1]){{KMSG_STR(""), 0}}, 0};
    in.blob = (kmsg_bytes){NULL, 0};
    OK(every_Person_encode(&in, mem, &bytes));
    OK(every_Person_decode(bytes, mem, &out));
    CHECK(out.email.data != NULL && out.email.size == 0);
    CHECK(out.extra.items != NULL && out.extra.count == 0);
    CHECK(out.blob.data == NULL);
    CHECK(out.address == NULL);
    CHECK(!out.has_age);
    EQ_INT(out.port, 7000);
    EQ_INT(out.home.zip, 1234);
    kmsg_arena_free(mem);
}

TEST(padding_in_the_struct_never_reaches_the_wire)
{
    kmsg_arena  *mem = kmsg_arena_new();
    every_Person clean = full_person(mem), dirty;
    kmsg_bytes   a, b;

    memset(&dirty, 0xaa, sizeof dirty);
    OK(every_Person_encode(&clean, mem, &a));
    OK(every_Person_copy(&clean, mem, &dirty));
    memset(dirty.pad1_, 0x55, sizeof dirty.pad1_);
    memset(dirty.at.pad1_, 0x55, sizeof dirty.at.pad1_);
    memset(dirty.reserved30_, 0x55, sizeof dirty.reserved30_);
    OK(every_Person_encode(&dirty, mem, &b));
    EQ_MEM(a.data, a.size, b.data, b.size);
    kmsg_arena_free(mem);
}

TEST(an_absent_scalar_leaves_nothing_on_the_wire)
{
    kmsg_arena   *mem = kmsg_arena_new();
    every_Scalars in = {.oi = 99, .ob = true, .r = 'x'}, out;
    kmsg_bytes    bytes;

    OK(every_Scalars_encode(&in, mem, &bytes));
    OK(every_Scalars_decode(bytes, mem, &out));
    CHECK(!out.has_oi && out.oi == 0 && !out.ob);
    kmsg_arena_free(mem);
}

TEST(scalars_keep_their_edges)
{
    kmsg_arena   *mem = kmsg_arena_new();
    every_Scalars low = {.i8 = INT8_MIN,
                         .i16 = INT16_MIN,
                         .i32 = INT32_MIN,
                         .i64 = INT64_MIN,
                         .f32 = -1e38f,
                         .f64 = -1e308,
                         .t = INT64_MIN,
                         .d = INT64_MIN};
    every_Scalars high = {.b = true,
                          .i8 = INT8_MAX,
                          .i16 = INT16_MAX,
                          .i32 = INT32_MAX,
                          .i64 = INT64_MAX,
                          .u8 = UINT8_MAX,
                          .u16 = UINT16_MAX,
                          .u32 = UINT32_MAX,
                          .u64 = UINT64_MAX,
                          .f32 = 1e38f,
                          .f64 = 1e308,
                          .r = 0x10ffff,
                          .t = INT64_MAX,
                          .d = INT64_MAX,
                          .ob = true,
                          .has_ob = true,
                          .ol = every_Level_HIGH,
                          .has_ol = true,
                          .oi = INT64_MIN,
                          .has_oi = true};
    every_Scalars out;
    kmsg_bytes    bytes;

    OK(every_Scalars_encode(&low, mem, &bytes));
    OK(every_Scalars_decode(bytes, mem, &out));
    CHECK(every_Scalars_equal(&low, &out));
    OK(every_Scalars_encode(&high, mem, &bytes));
    OK(every_Scalars_decode(bytes, mem, &out));
    CHECK(every_Scalars_equal(&high, &out));
    high.r = 0xd800;
    FAILS(every_Scalars_encode(&high, mem, &bytes), KMSG_EVALUE);
    EQ_STR(kmsg_last_error(), "Scalars.r: not a Unicode scalar value");
    kmsg_arena_free(mem);
}

/* ---- versions -------------------------------------------------------------------------------- */

TEST(an_old_message_gives_a_new_reader_the_defaults)
{
    kmsg_arena *mem = kmsg_arena_new();
    every_V1    old = {.a = 5, .b = KMSG_STR("old")};
    every_V2 new;
    kmsg_bytes bytes;

    OK(every_V1_encode(&old, mem, &bytes));
    OK(every_V2_decode(bytes, mem, &new));
    EQ_INT(new.a, 5);
    EQ_STR(new.b.data, "old");
    EQ_INT(new.c, 7);
    EQ_STR(new.d.data, "new");
    EQ_INT(new.e.zip, 1234);
    CHECK(new.f.items != NULL &&new.f.count == 0 && !new.has_g);
    kmsg_arena_free(mem);
}

static every_V2 new_value(void)
{
    static const uint64_t f[] = {1, 2, 3};

    return (every_V2){.a = 5,
                      .c = 9,
                      .b = KMSG_STR("b"),
                      .d = KMSG_STR("d"),
                      .e = street,
                      .f = {f, 3},
                      .g = 8,
                      .has_g = true};
}

TEST(an_old_reader_skips_what_it_does_not_know)
{
    kmsg_arena *mem = kmsg_arena_new();
    every_V2 new = new_value();
    every_V1   old;
    kmsg_bytes bytes;

    OK(every_V2_encode(&new, mem, &bytes));
    OK(every_V1_decode(bytes, mem, &old));
    EQ_INT(old.a, 5);
    EQ_STR(old.b.data, "b");
    kmsg_arena_free(mem);
}

TEST(lists_and_maps_of_records_grow_both_ways)
{
    kmsg_arena        *mem = kmsg_arena_new();
    every_V2           rows[] = {new_value(), new_value(), new_value()};
    every_V2s_by_entry by[] = {{KMSG_STR("k"), new_value()}, {KMSG_STR("l"), new_value()}};
    every_V2s new = {.rows = {rows, 3}, .by = {by, 2}}, back;
    every_V1s  old;
    kmsg_bytes bytes;

    rows[1].b = kmsg_str("middle");
    OK(every_V2s_encode(&new, mem, &bytes));
    OK(every_V1s_decode(bytes, mem, &old));
    EQ_UINT(old.rows.count, 3);
    EQ_STR(old.rows.items[1].b.data, "middle");
    EQ_STR(every_V1s_by_find(old.by, kmsg_str("l"))->b.data, "b");
    OK(every_V1s_encode(&old, mem, &bytes));
    OK(every_V2s_decode(bytes, mem, &back));
    EQ_STR(back.rows.items[1].b.data, "middle");
    EQ_STR(back.rows.items[2].d.data, "new");
    EQ_INT(every_V2s_by_find(back.by, kmsg_str("k"))->c, 7);
    kmsg_arena_free(mem);
}

TEST(a_removed_field_keeps_its_place_both_ways)
{
    kmsg_arena *mem = kmsg_arena_new();
    every_V2    full = new_value(), back;
    every_V2b   less;
    kmsg_bytes  bytes;

    OK(every_V2_encode(&full, mem, &bytes));
    OK(every_V2b_decode(bytes, mem, &less));
    EQ_UINT(less.f.items[2], 3);
    EQ_INT(less.g, 8);
    OK(every_V2b_encode(&less, mem, &bytes));
    OK(every_V2_decode(bytes, mem, &back));
    EQ_UINT(back.f.count, 3);
    EQ_UINT(back.d.size, 0);
    EQ_INT(back.e.zip, 1234);
    kmsg_arena_free(mem);
}

/* ---- hostile bytes --------------------------------------------------------------------------- */

/* Generated code and descriptors agree on what is good; a good message comes back as the same
 * bytes. */
static void judge(const uint8_t *data, size_t size, bool same_version)
{
    kmsg_arena  *mem = kmsg_arena_new();
    kmsg_layout  slow = plain(&every_Person_layout);
    every_Person fast, other;
    kmsg_bytes   again;
    kmsg_err     a = every_Person_decode((kmsg_bytes){data, size}, mem, &fast);
    kmsg_err     b = kmsg_decode(&slow, (kmsg_bytes){data, size}, mem, &other);

    EQ_INT(a, b);
    if (a == KMSG_OK) {
        CHECK(every_Person_equal(&fast, &other));
        OK(every_Person_encode(&fast, mem, &again));
        if (same_version)
            EQ_MEM(data, size, again.data, again.size);
    } else {
        CHECK(kmsg_last_error()[0] != '\0');
    }
    kmsg_arena_free(mem);
}

TEST(every_truncation_is_refused)
{
    kmsg_arena  *mem = kmsg_arena_new();
    every_Person in = full_person(mem), out;
    kmsg_bytes   bytes;

    OK(every_Person_encode(&in, mem, &bytes));
    for (size_t size = 0; size < bytes.size; size++) {
        uint8_t *cut = malloc(size + 1); /* so that reading on is seen by sanitizers */
        memcpy(cut, bytes.data, size);
        FAILS(every_Person_decode((kmsg_bytes){cut, size}, mem, &out), KMSG_EDECODE);
        free(cut);
    }
    kmsg_arena_free(mem);
}

TEST(every_flipped_bit_is_refused_or_read_the_same_by_all)
{
    kmsg_arena  *mem = kmsg_arena_new();
    every_Person in = full_person(mem);
    kmsg_bytes   bytes;
    uint8_t     *bad;
    size_t       reserved = 8 + 44; /* the block's reserved place: any content is good there */

    OK(every_Person_encode(&in, mem, &bytes));
    bad = malloc(bytes.size);
    for (size_t bit = 0; bit < bytes.size * 8; bit++) {
        memcpy(bad, bytes.data, bytes.size);
        bad[bit / 8] ^= (uint8_t)(1u << bit % 8);
        judge(bad, bytes.size,
              memcmp(bad + 4, bytes.data + 4, 4) == 0 &&
                  (bit / 8 < reserved || bit / 8 >= reserved + 4) && bit / 8 < 120);
    }
    free(bad);
    kmsg_arena_free(mem);
}

/* Bytes changed, runs moved, words made extreme: what a hostile peer would do to a good message. */
static void mutate(uint8_t *data, size_t size)
{
    static const uint32_t words[] = {0, 1, 0xff, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff};
    size_t                at = test_random() % size, from = test_random() % size;
    uint32_t              word = words[test_random() % 7];

    switch (test_random() % 4) {
    case 0: data[at] = (uint8_t)test_random(); break;
    case 1: data[at] ^= (uint8_t)(1u << test_random() % 8); break;
    case 2: memmove(data + at, data + from, (at > from ? size - at : size - from) % 16); break;
    default: memcpy(data + (at & ~(size_t)3) % (size - 3), &word, sizeof word); break;
    }
}

TEST(two_hundred_thousand_mutants_are_judged_alike)
{
    kmsg_arena  *mem = kmsg_arena_new();
    every_Person in = full_person(mem);
    kmsg_bytes   bytes;
    uint8_t     *bad;

    OK(every_Person_encode(&in, mem, &bytes));
    test_seed(20);
    for (unsigned i = test_rounds(200000); i > 0; i--) {
        size_t cut = 8 + test_random() % (bytes.size - 8);
        size_t size = test_random() % 8 == 0 ? cut : bytes.size;
        bad = malloc(size);
        memcpy(bad, bytes.data, size);
        for (size_t n = test_random() % 4 + 1; n > 0; n--)
            mutate(bad, size);
        judge(bad, size, false);
        free(bad);
    }
    kmsg_arena_free(mem);
}

TEST(an_error_names_its_place)
{
    kmsg_arena  *mem = kmsg_arena_new();
    every_Person in = full_person(mem), out;
    kmsg_bytes   bytes;
    uint8_t     *bad;

    OK(every_Person_encode(&in, mem, &bytes));
    bad = (uint8_t *)(uintptr_t)bytes.data;
    for (size_t i = 0; i + 4 < bytes.size; i++)
        if (memcmp(bad + i, "chess", 5) == 0)
            bad[i] = 'x';
    FAILS(every_Person_decode(bytes, mem, &out), KMSG_EDECODE);
    EQ_STR(kmsg_last_error(), "Person.scores[\"go\"]: keys that are not in order");
    kmsg_arena_free(mem);
}

TEST(a_failed_decode_leaves_the_result_as_it_was)
{
    kmsg_arena   *mem = kmsg_arena_new();
    every_Address out = street;

    FAILS(every_Address_decode((kmsg_bytes){(const uint8_t *)"garbage", 7}, mem, &out),
          KMSG_EDECODE);
    CHECK(every_Address_equal(&out, &street));
    kmsg_arena_free(mem);
}

TEST(what_is_refused_leaves_nothing_in_the_arena)
{
    kmsg_arena   *mem = kmsg_arena_new();
    const uint8_t noise[24] = {24, 0, 0, 0, 1, 2, 3};
    every_Person  person;
    every_Tick    tick;
    const char   *before;

    CHECK(kmsg_alloc(mem, 100, 1) != NULL);
    before = (const char *)mem->at;
    for (int i = 0; i < 1000; i++) {
        FAILS(every_Person_decode((kmsg_bytes){noise, sizeof noise}, mem, &person), KMSG_EDECODE);
        FAILS(every_Tick_decode((kmsg_bytes){noise, sizeof noise}, mem, &tick), KMSG_EDECODE);
        FAILS(kmsg_decode(&every_Person_layout, (kmsg_bytes){noise, sizeof noise}, mem, &person),
              KMSG_EDECODE);
    }
    EQ_PTR(mem->at, before);
    kmsg_arena_free(mem);
}

TEST(an_announced_giant_allocates_nothing)
{
    /* 2^28 doubles announced in 44 bytes is what others fall for; here: 2^28 rows */
    kmsg_arena *mem = kmsg_arena_new();
    uint8_t     message[32] = {32, 0, 0, 0, 0, 0, 2,    0x80, 16,   0,
                               0,  0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0x0f};
    every_V1s   out;

    FAILS(every_V1s_decode((kmsg_bytes){message, 32}, mem, &out), KMSG_EDECODE);
    EQ_STR(kmsg_last_error(), "V1s.rows: items of no size");
    kmsg_arena_free(mem);
}

/* A record nested in itself `depth` times. */
static every_Person nested(kmsg_arena *mem, unsigned depth)
{
    every_Person p = every_Person_initial;

    while (depth-- > 1) {
        every_Person *inner = kmsg_alloc_array(mem, every_Person, 1);
        *inner = p;
        p.friends = (every_Person_list){inner, 1};
    }
    return p;
}

TEST(depth_is_limited_at_64_on_both_sides)
{
    kmsg_arena  *mem = kmsg_arena_new();
    every_Person p = nested(mem, 64), out;
    kmsg_bytes   bytes;

    OK(every_Person_encode(&p, mem, &bytes));
    OK(every_Person_decode(bytes, mem, &out));
    p = nested(mem, 65);
    FAILS(every_Person_encode(&p, mem, &bytes), KMSG_EDEPTH);
    HAS(kmsg_last_error(), "nested too deeply");
    kmsg_arena_free(mem);
}

TEST(a_buffer_too_small_is_said)
{
    uint8_t buffer[16];
    size_t  size;

    FAILS(every_Address_encode_into(&street, buffer, sizeof buffer, &size), KMSG_ETOOBIG);
}

/* ---- memory ---------------------------------------------------------------------------------- */

static size_t allowed; /* allocations until one fails */

static void *failing(void *ctx, void *old, size_t size)
{
    (void)ctx;
    if (size == 0) {
        free(old);
        return NULL;
    }
    return allowed-- == 0 ? (allowed = 0, NULL) : realloc(old, size);
}

/* Decode, copy and encode with unsorted maps, in an arena that starts with nothing. */
static kmsg_err whole_round(kmsg_bytes bytes)
{
    static const every_Scores_entry unsorted[] = {{KMSG_STR("b"), 2}, {KMSG_STR("a"), 1}};
    kmsg_arena                     *mem = kmsg_arena_new();
    every_Person                    out, copy;
    kmsg_err                        err = mem == NULL ? KMSG_ENOMEM : KMSG_OK;

    if (err == KMSG_OK)
        err = every_Person_decode(bytes, mem, &out);
    if (err == KMSG_OK)
        err = every_Person_copy(&out, mem, &copy);
    if (err == KMSG_OK) {
        copy.extra = (every_Scores){unsorted, 2};
        err = every_Person_encode(&copy, mem, &bytes);
    }
    kmsg_arena_free(mem);
    return err;
}

TEST(every_failing_allocation_is_told)
{
    kmsg_arena  *mem = kmsg_arena_new();
    every_Person in = full_person(mem);
    kmsg_bytes   bytes;
    size_t       n = 0;
    kmsg_err     err;

    OK(every_Person_encode(&in, mem, &bytes));
    do {
        allowed = n++;
        kmsg_set_allocator((kmsg_allocator){failing, NULL});
        err = whole_round(bytes);
        kmsg_set_allocator((kmsg_allocator){NULL, NULL});
        CHECK(err == KMSG_OK || err == KMSG_ENOMEM);
    } while (err != KMSG_OK);
    CHECK(n > 3);
    kmsg_arena_free(mem);
}

/* The greatest growth that the format allows: rows of one length each become strings, 4 to 16; an
 * old writer's small rows become a new reader's large structs, and there the limit cuts in. */
TEST(decoding_allocates_at_most_sixteen_times_the_message)
{
    kmsg_arena *mem = kmsg_arena_new();
    enum { COUNT = 100000 };
    kmsg_string  *names = kmsg_alloc_array(mem, kmsg_string, COUNT);
    every_Narrow *rows = kmsg_alloc_array(mem, every_Narrow, COUNT);
    every_Batch   batch = {.names = {names, COUNT}}, batch_out;
    every_Narrows old = {.rows = {rows, COUNT}};
    every_Wides new;
    kmsg_bytes bytes;

    OK(every_Batch_encode(&batch, mem, &bytes));
    OK(every_Batch_decode(bytes, mem, &batch_out));
    EQ_UINT(batch_out.names.count, COUNT);
    OK(every_Narrows_encode(&old, mem, &bytes));
    FAILS(every_Wides_decode(bytes, mem, &new), KMSG_ETOOBIG);
    EQ_STR(kmsg_last_error(),
           "Wides.rows: takes more memory than such a message may, 16 times its size and 4 KiB: it "
           "was written by a version of the schema whose records are smaller");
    kmsg_arena_free(mem);
}

TEST(print_shows_every_field)
{
    kmsg_arena  *mem = kmsg_arena_new();
    every_Person in = full_person(mem);
    char         text[4096] = "";
    FILE        *out = tmpfile();

    every_Person_print(&in, out);
    rewind(out);
    CHECK(fread(text, 1, sizeof text - 1, out) > 0);
    HAS(text, "every.Person { id: 42, name: \"Ada\", email: \"ada@example.org\"");
    HAS(text, "scores: {\"chess\": 2100, \"go\": -3, \"tennis\": 0}");
    HAS(text, "uid: 01020304-0506-0708-090a-0b0c0d0e0f10");
    HAS(text, "phones: [{ kind: HOME, number: \"123\" }, { kind: 77, number: \"\" }]");
    HAS(text, "matrix: [[1, -2, 3], [], [-2]]");
    HAS(text, "blob: 0x000102ff");
    fclose(out);
    kmsg_arena_free(mem);
}
