/* evolution_test.c -- what programs of two versions make of one another's messages.
 *
 * A row is a record of old.kmsg and new.kmsg, a value of each, and what the other version reads:
 * for a change that idl/evolution.md calls safe, what the page says; for one that it does not, what
 * goes wrong, which is why there is a rule. tests/compare/run.sh looks whether `kmsgc --compare`
 * says of each record what its name says.
 */
#define _POSIX_C_SOURCE 200809L

#include "test.h"

#include "new.kmsg.h"
#include "old.kmsg.h"

#include <stdlib.h>

#define REFUSED "refused"

typedef struct row {
    const char        *name;
    const kmsg_layout *old, *new;
    const void        *old_value, *new_value;
    const char        *new_reads; /* what was written by old */
    const char        *old_reads; /* what was written by new */
} row;

#define ROW(name, old_value, new_value, new_reads, old_reads)                                      \
    {                                                                                              \
#name, &o_##name##_layout, &n_##name##_layout, &(const o_##name)old_value,                 \
            &(const n_##name)new_value, new_reads, old_reads                                       \
    }
#define V(...)                                                                                     \
    {                                                                                              \
        __VA_ARGS__                                                                                \
    } /* a value: its commas are its own */
#define BYTES(...)                                                                                 \
    {                                                                                              \
        (const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__})                     \
    }

static const row unsafe[] = {
    ROW(FieldType, V(.a = -1, .b = 1, .c = KMSG_STR("x")),
        V(.a = 0xffffffff, .b = 1, .c = {(const uint8_t *)"x", 1}),
        "{ a: 4294967295, b: 1.40129846e-45, c: 0x7800 }", REFUSED),
    ROW(FieldTypeRefused, V(.a = 1, .b = KMSG_STR("x")), V(.a = 1, .b = KMSG_STR("x")), REFUSED,
        "{ a: 1, b: \"x\" }"),
    ROW(FieldOptional, V(.a = 1, .b = 2), V(.a = 1, .has_a = true, .b = 2), REFUSED,
        "{ a: 1, b: 1 }"),
    ROW(FieldOptionalText, V(.a = {NULL, 0}), V(.a = KMSG_STR("x")), REFUSED, "{ a: \"x\" }"),
    ROW(FieldNumber, V(.a = 1, .b = 2), V(.a = 1, .b = 2), "{ b: 1, a: 2 }", "{ a: 2, b: 1 }"),
    ROW(FieldRemoved, V(.a = 1, .b = 2, .c = 3), V(.a = 1, .c = 3), "{ a: 1, c: 2 }",
        "{ a: 1, b: 3, c: 0 }"),
    ROW(FieldRemovedText, V(.a = KMSG_STR("a"), .b = KMSG_STR("b")), V(.b = KMSG_STR("b")),
        "{ b: \"a\" }", "{ a: \"b\", b: \"\" }"),
    ROW(FieldInserted, V(.a = 1, .b = 5), V(.a = 1, .x = 3, .b = 5), "{ a: 1, x: 5, b: 0 }",
        "{ a: 1, b: 3 }"),
    ROW(FieldInsertedHole, V(.a = 1, .b = 5), V(.a = 1, .x = 3, .b = 5), "{ a: 1, x: 0, b: 5 }",
        REFUSED),
    ROW(FieldInsertedText, V(.a = KMSG_STR("a"), .b = KMSG_STR("b")),
        V(.a = KMSG_STR("a"), .x = KMSG_STR("x"), .b = KMSG_STR("b")),
        "{ a: \"a\", x: \"b\", b: \"\" }", "{ a: \"a\", b: \"x\" }"),
    ROW(MapKey, V(.by = {(const o_MapKey_by_entry[]){{1, 1}, {200, 2}}, 2}),
        V(.by = {(const n_MapKey_by_entry[]){{1, 1}}, 1}), REFUSED, "{ by: {1: 1} }"),
    ROW(FixedChanged, V(.a = {1, 2}, .b = 3), V(.a = {1, 2, 3}, .b = 4),
        "{ a: { x: 1, y: 2, z: 3 }, b: 0 }", "{ a: { x: 1, y: 2 }, b: 3 }"),
    ROW(FixedChangedOrder, V(.a = {.x = 1, .y = 2}), V(.a = {.x = 1, .y = 2}),
        "{ a: { y: 1, x: 2 } }", "{ a: { x: 2, y: 1 } }"),
    ROW(EnumClosed, V(.color = (o_EnumClosedColor)7), V(.color = n_EnumClosedColor_GREEN), REFUSED,
        "{ color: GREEN }"),
    ROW(EnumValueNumber, V(.number = o_EnumValueNumberOf_TWO), V(.number = n_EnumValueNumberOf_TWO),
        "{ number: ONE }", "{ number: ONE }"),
    ROW(EnumValueAdded, V(.side = o_EnumValueAddedSide_BUY), V(.side = n_EnumValueAddedSide_SELL),
        "{ side: BUY }", REFUSED),
    ROW(EnumValueRemoved, V(.way = o_EnumValueRemovedWay_DOWN), V(.way = n_EnumValueRemovedWay_UP),
        REFUSED, "{ way: UP }"),
    ROW(DeclarationKind, V(.inner = {1}, .y = 2), V(.inner = {1}, .y = 2),
        "{ inner: { x: 2 }, y: 0 }", "{ inner: { x: 0 }, y: 1 }"),
    ROW(LimitsNarrowed, V(.a = 200), V(.a = 150), REFUSED, "{ a: 150 }"),
    ROW(LimitsNarrowedLength, V(.a = KMSG_STR("long"), .b = BYTES(1, 2)),
        V(.a = KMSG_STR("abc"), .b = BYTES(1, 2)), REFUSED, "{ a: \"abc\", b: [1, 2] }"),
    ROW(LimitsWidened, V(.a = -5), V(.a = 6), "{ a: -5 }", REFUSED),
    ROW(LimitsWidenedLength, V(.a = KMSG_STR("abc")), V(.a = KMSG_STR("long")), "{ a: \"abc\" }",
        REFUSED),
    ROW(Pattern, V(.a = KMSG_STR("abc")), V(.a = KMSG_STR("abc1")), "{ a: \"abc\" }", REFUSED),
    ROW(ArrayCount, V(.a = {1, 2}, .b = 3), V(.a = {1, 2, 3}, .b = 4), "{ a: [1, 2, 3], b: 0 }",
        "{ a: [1, 2], b: 3 }"),
    ROW(ListSet, V(.a = BYTES(2, 1)), V(.a = BYTES(1, 2)), REFUSED, "{ a: [1, 2] }"),
    ROW(ListSetText, V(.a = {(const kmsg_string[]){KMSG_STR("a"), KMSG_STR("b")}, 2}),
        V(.a = {(const kmsg_string[]){KMSG_STR("b"), KMSG_STR("b")}, 2}), "{ a: [\"a\", \"b\"] }",
        REFUSED),
    ROW(ReservedRefused, V(.a = 7, .b = 1), V(.b = 1), "{ b: 1 }", REFUSED),
    ROW(ReservedRefusedText, V(.a = KMSG_STR("x"), .b = 1), V(.b = 1), "{ b: 1 }", REFUSED),
};

static const row safe[] = {
    ROW(SafeGrown, V(.a = 1, .b = KMSG_STR("b")),
        V(.a = 1, .b = KMSG_STR("b"), .c = 9, .d = KMSG_STR("d"), .has_f = true, .f = 2),
        "{ a: 1, b: \"b\", c: 7, d: \"new\", e: [] }", "{ a: 1, b: \"b\" }"),
    ROW(SafeGrownRows,
        V(.rows = {(const o_SafeGrown[]){{.a = 1, .b = KMSG_STR("b")}}, 1},
          .by = {(const o_SafeGrownRows_by_entry[]){{KMSG_STR("k"), {.a = 2}}}, 1}),
        V(.rows = {(const n_SafeGrown[]){{.a = 1, .d = KMSG_STR("d")}, {.a = 2, .c = 3}}, 2},
          .by = {(const n_SafeGrownRows_by_entry[]){{KMSG_STR("k"), {.a = 2, .c = 4}}}, 1},
          .more = {(const uint8_t *)"x", 1}),
        "{ rows: [{ a: 1, b: \"b\", c: 7, d: \"new\", e: [] }], by: {\"k\": { a: 2, b: \"\", c: 7, "
        "d: \"new\", e: [] }} }",
        "{ rows: [{ a: 1, b: \"\" }, { a: 2, b: \"\" }], by: {\"k\": { a: 2, b: \"\" }} }"),
    ROW(SafeGivenUp, V(.a = 1, .b = KMSG_STR("b"), .c = 3, .d = KMSG_STR("d")), V(.a = 1, .c = 3),
        "{ a: 1, c: 3 }", "{ a: 1, b: \"\", c: 3 }"),
    ROW(SafeRenamed, V(.a = 1, .spot = {2}), V(.now = 1, .place = {2}),
        "{ now: 1, place: { x: 2 } }", "{ a: 1, spot: { x: 2 } }"),
    ROW(SafeRegion, V(.a = 1, .b = KMSG_STR("b")), V(.a = 1, .c = 2, .b = KMSG_STR("b")),
        "{ a: 1, c: 3, b: \"b\" }", "{ a: 1, b: \"b\" }"),
    ROW(SafeEnum, V(.hue = o_SafeHue_GREEN), V(.hue = n_SafeHue_BLUE), "{ hue: GREEN }",
        "{ hue: 2 }"),
    ROW(SafeEnumOpened, V(.door = o_SafeDoor_SHUT), V(.door = n_SafeDoor_SHUT), "{ door: SHUT }",
        "{ door: SHUT }"),
    ROW(SafeAlias, V(.id = 1, .ten = 2), V(.id = 1, .ten = 2), "{ id: 1, ten: 2 }",
        "{ id: 1, ten: 2 }"),
    ROW(SafeUnions,
        V(.u = {o_SafeUnion_kind_b, {.b = KMSG_STR("b")}},
          .more = {(const o_SafeUnion[]){{o_SafeUnion_kind_a, {.a = 1}}}, 1}),
        V(.u = {n_SafeUnion_kind_c, {.c = BYTES(1, 2)}},
          .more = {(const n_SafeUnion[]){{n_SafeUnion_kind_c, {.c = BYTES(3)}},
                                         {n_SafeUnion_kind_a, {.a = 4}}},
                   2}),
        "{ u: { b: \"b\" }, more: [{ a: 1 }] }",
        "{ u: { 3: 0x0102 }, more: [{ 3: 0x03 }, { a: 4 }] }"),
    ROW(SafeArrayCount, V(.a = {KMSG_STR("a"), KMSG_STR("b")}),
        V(.a = {KMSG_STR("a"), KMSG_STR("b"), KMSG_STR("c")}), "{ a: [\"a\", \"b\", \"\"] }",
        "{ a: [\"a\", \"b\"] }"),
    ROW(SafeGivenUpAll,
        V(.a = {1}, .b = {KMSG_STR("b"), KMSG_STR("")}, .c = {o_SafeUnion_kind_a, {.a = 1}},
          .d = &(const o_SafeGrown){.a = 1}, .e = BYTES(1), .h = 1, .i = KMSG_STR("x"),
          .j = {{.x = 1}}, .k = o_SafeHue_GREEN, .has_k = true, .has_l = true,
          .m = {(const o_SafeGivenUpAll_m_item[]){{{1, 2, 3}}}, 1},
          .n = {(const o_SafeGivenUpAll_n_entry[]){{.key = 1, .value = 2}}, 1}, .o = {.a = 1},
          .p = {(const o_SafeGrown[]){{.a = 1}}, 1}, .r = &(const o_SafeGrown){.a = 2},
          .s = {.y = 3}, .last = 9),
        V(.last = 9), "{ last: 9 }",
        "{ a: [0, 0, 0, 0, 0, 0], b: [\"\", \"\"], c: none, e: [], f: none, g: 0x, h: 0, i: \"\", "
        "j: [{ x: 0, y: 0 }, { x: 0, y: 0 }], m: [], n: {}, o: { a: 0, b: \"\" }, p: [], q: "
        "00000000-0000-0000-0000-000000000000, s: { x: 0, y: 0 }, last: 9 }"),
    ROW(SafeGrownMore, V(.a = 1),
        V(.a = 1, .i = 5, .j = KMSG_STR("x"), .d = {n_SafeUnion_kind_a, {.a = 1}},
          .e = &(const n_SafeGrown){.a = 1}, .f = BYTES(1, 2)),
        "{ a: 1, b: [0, 0], c: [\"\", \"\"], d: none, f: [], g: none, h: 0x, i: 0, j: \"\", k: [{ "
        "x: 0, y: 0 }, { x: 0, y: 0 }], m: {} }",
        "{ a: 1 }"),
};

/* What `to` makes of a value of `from`, as text in `mem`. */
static const char *read_as(const kmsg_layout *from, const void *value, const kmsg_layout *to,
                           kmsg_arena *mem)
{
    void      *read = kmsg_alloc(mem, to->size, 16);
    char      *text, *kept;
    size_t     size;
    FILE      *out;
    kmsg_bytes bytes;

    OK(kmsg_encode(from, value, mem, &bytes));
    if (kmsg_decode(to, bytes, mem, read) != KMSG_OK)
        return REFUSED;
    out = open_memstream(&text, &size);
    kmsg_print(to, read, out);
    fclose(out);
    kept = kmsg_alloc(mem, size + 1, 1);
    memcpy(kept, text, size + 1);
    free(text);
    return strchr(kept, '{'); /* without the name of the record */
}

static void check_row(const row *r)
{
    kmsg_arena *mem = kmsg_arena_new();

    EQ_STR(read_as(r->old, r->old_value, r->new, mem), r->new_reads);
    EQ_STR(read_as(r->new, r->new_value, r->old, mem), r->old_reads);
    kmsg_arena_free(mem);
}

/* A value of an earlier version still, and what both make of it. */
static void check_earlier(const kmsg_layout *earlier, const void *value, const kmsg_layout *old,
                          const char *old_reads, const kmsg_layout *new, const char *new_reads)
{
    kmsg_arena *mem = kmsg_arena_new();

    EQ_STR(read_as(earlier, value, old, mem), old_reads);
    EQ_STR(read_as(earlier, value, new, mem), new_reads);
    kmsg_arena_free(mem);
}

TEST(a_number_that_is_used_again_holds_what_was_meant_otherwise)
{
    const o_NumberReusedBefore value = {.a = 1, .mail = KMSG_STR("ada@example.org")};

    check_earlier(&o_NumberReusedBefore_layout, &value, &o_NumberReused_layout, "{ a: 1 }",
                  &n_NumberReused_layout, "{ a: 1, name: \"ada@example.org\" }");
}

TEST(a_member_whose_number_is_free_again_is_taken_for_the_next_one)
{
    const o_MemberRemovedBefore value = {.u = {o_MemberRemovedOf_kind_b, {.b = 200}}};

    check_earlier(&o_MemberRemovedBefore_layout, &value, &n_MemberRemoved_layout,
                  "{ u: { 2: 0xc8 } }", &n_MemberRemovedLater_layout, "{ u: { c: -56 } }");
}

TEST(a_member_that_leads_to_objects_which_an_old_reader_cannot_keep_is_refused)
{
    kmsg_arena             *mem = kmsg_arena_new();
    const n_MemberRefsNode  node = {.x = 7};
    const n_MemberRefsMixed value = {.known = &node,
                                     .u = {n_MemberRefs_kind_node, {.node = &node}}};
    o_MemberRefsMixed       between;
    kmsg_bytes              bytes;

    OK(n_MemberRefsMixed_encode(&value, mem, &bytes));
    FAILS(o_MemberRefsMixed_decode(bytes, mem, &between), KMSG_EDECODE);
    HAS(kmsg_last_error(),
        "MemberRefsMixed.u: a member that this schema does not know, with refs: it cannot be kept");
    kmsg_arena_free(mem);
}

TEST(a_member_nobody_knows_survives_beside_refs)
{
    kmsg_arena             *mem = kmsg_arena_new();
    const n_MemberRefsNode  node = {.x = 7};
    const n_MemberRefsMixed value = {.known = &node, .u = {n_MemberRefs_kind_node, {.node = NULL}}};
    o_MemberRefsMixed       between;
    n_MemberRefsMixed       back;
    kmsg_bytes              bytes;

    OK(n_MemberRefsMixed_encode(&value, mem, &bytes));
    OK(o_MemberRefsMixed_decode(bytes, mem, &between));
    EQ_UINT(between.known->x, 7);
    OK(o_MemberRefsMixed_encode(&between, mem, &bytes));
    OK(n_MemberRefsMixed_decode(bytes, mem, &back));
    CHECK(n_MemberRefsMixed_equal(&back, &value));
    kmsg_arena_free(mem);
}

TEST(a_record_in_an_any_goes_by_its_name)
{
    kmsg_arena                    *mem = kmsg_arena_new();
    const o_DeclarationRemovedSpot spot = {.x = 1};
    n_SafePlace                    place;
    o_DeclarationRemovedSpot       back;
    kmsg_any                       any;

    OK(kmsg_any_pack(&o_DeclarationRemovedSpot_layout, &spot, mem, &any));
    OK(kmsg_any_unpack(&any, &o_DeclarationRemovedSpot_layout, mem, &back));
    FAILS(kmsg_any_unpack(&any, &n_SafePlace_layout, mem, &place), KMSG_EVALUE);
    kmsg_arena_free(mem);
}

TEST(a_message_without_the_field_has_each_readers_default)
{
    const o_FieldDefaultBefore value = {.a = 1};

    check_earlier(&o_FieldDefaultBefore_layout, &value, &o_FieldDefault_layout,
                  "{ a: 1, port: 80 }", &n_FieldDefault_layout, "{ a: 1, port: 8080 }");
}

TEST(a_safe_change_is_understood_by_both)
{
    for (size_t i = 0; i < sizeof safe / sizeof safe[0]; i++)
        check_row(&safe[i]);
}

TEST(an_unsafe_change_is_refused_or_misread)
{
    for (size_t i = 0; i < sizeof unsafe / sizeof unsafe[0]; i++)
        check_row(&unsafe[i]);
}
