/* addresses_test.c -- every address in a value is met, once, and can be changed where it is. */
#include "test.h"

#include "addresses.kmsg.h"
#include "codec/addresses.h"
#include "core/place.h"
#include "layouts.h"
#include "maker.h"

#include <kmsg/value.h>

#include <stdlib.h>

/* ---- which layouts lead to one --------------------------------------------------------------- */

TEST(what_leads_to_an_address_in_any_way_says_so)
{
    static const kmsg_layout *const lead[] = {
        &spots_By_field_layout,  &spots_By_optional_layout, &spots_By_list_layout,
        &spots_By_key_layout,    &spots_By_value_layout,    &spots_By_array_layout,
        &spots_By_record_layout, &spots_By_union_layout,    &spots_By_ref_layout,
        &spots_By_circle_layout, &spots_In_circle_layout,   &spots_By_end_layout,
        &spots_Mixed_layout,     &spots_Spots_layout,       &kmsg_row_address};

    for (size_t i = 0; i < sizeof lead / sizeof *lead; i++) {
        test_at("%s", lead[i]->name);
        CHECK(lead[i]->has_addresses);
    }
}

TEST(what_leads_to_none_says_so_too)
{
    CHECK(!spots_By_nothing_layout.has_addresses);
    CHECK(!spots_Plain_layout.has_addresses);
    CHECK(!spots_Pixel_layout.has_addresses);
    CHECK(!kmsg_row_any.has_addresses);
}

TEST(so_do_parameters_answers_entries_and_unions)
{
    const kmsg_service *desk = &spots_Desk_service;
    const kmsg_field   *keys = &spots_By_key_layout.fields[0];
    const kmsg_field   *only = &spots_By_union_layout.fields[0];

    CHECK(desk->methods[0].args->has_addresses);
    CHECK(desk->methods[0].result->has_addresses);
    CHECK(!desk->methods[1].args->has_addresses);
    CHECK(!desk->methods[1].result->has_addresses);
    CHECK(keys->type->layout->has_addresses);
    CHECK(keys->type->item->layout->has_addresses);
    CHECK(only->type->layout->has_addresses);
    CHECK(only->type->item->layout->has_addresses);
}

/* ---- met one by one ---------------------------------------------------------------------------
 */

typedef struct meeting {
    char   text[256]; /* the bytes of all that were met, with a space between */
    size_t size;
} meeting;

static void meet(void *ctx, kmsg_address *address)
{
    meeting *m = ctx;

    for (size_t i = 0; i < address->size; i++)
        m->text[m->size++] = (char)address->data[i];
    m->text[m->size++] = ' ';
    CHECK(m->size < sizeof m->text - 8);
}

/* "a b c" of addresses of one byte. */
static const char *met_in(const kmsg_layout *layout, void *value)
{
    static meeting m;

    m = (meeting){.size = 0};
    OK(kmi_each_address(layout, value, meet, &m));
    m.text[m.size == 0 ? 0 : m.size - 1] = '\0';
    return m.text;
}

static kmsg_address at(const char *name)
{
    return (kmsg_address){(const uint8_t *)name, strlen(name)};
}

#define AT(letter)                                                                                 \
    {                                                                                              \
        (const uint8_t *)letter, 1                                                                 \
    }

#define MET(spots, wanted) EQ_STR(met_in(&spots_Spots_layout, &(spots)), wanted)

TEST(one_in_a_field)
{
    spots_Spots s = {.one = AT("a"), .maybe = AT("b")};

    MET(s, "a b");
}

TEST(what_is_absent_or_empty_is_not_met)
{
    static kmsg_address list[] = {AT("a"), {NULL, 0}, AT("b"), {(const uint8_t *)"c", 0}};
    spots_Spots         s = {.one = {(const uint8_t *)"", 0}, .list = {list, 4}};

    MET(s, "a b");
    s = (spots_Spots){.flag = false};
    MET(s, "");
}

TEST(in_lists_sets_and_arrays)
{
    static kmsg_address      list[] = {AT("a"), AT("b")}, set[] = {AT("c"), AT("d")};
    static kmsg_list_address lists[] = {{list, 2}, {NULL, 0}, {set, 1}};
    spots_Spots              s = {.list = {list, 2}, .set = {set, 2}, .lists = {lists, 3}};

    s.pair[0] = at("e");
    s.pair[1] = at("f");
    MET(s, "a b c d e f a b c");
}

TEST(in_an_array_that_is_there_or_not)
{
    kmsg_address some[] = {AT("a"), AT("b")};
    spots_Spots  s = {.some = some};

    MET(s, "a b");
}

TEST(in_keys_and_values_of_maps)
{
    static spots_Spots_keys_entry      keys[] = {{AT("a"), 1}, {AT("b"), 2}};
    static spots_Spots_values_entry    values[] = {{KMSG_STR("x"), AT("c")}};
    static spots_Spots_both_entry      both[] = {{AT("d"), AT("e")}, {AT("f"), {NULL, 0}}};
    static kmsg_address                deep[] = {AT("g")};
    static spots_Spots_maps_item_entry entries[] = {{1, {deep, 1}}, {2, {deep, 1}}};
    static spots_Spots_maps_item       maps[] = {{entries, 2}};
    spots_Spots                        s = {.keys = {keys, 2}, .values = {values, 1}};

    s.both = (spots_Spots_both){both, 2};
    s.maps = (spots_Spots_maps){maps, 1};
    MET(s, "a b c d e f g g");
}

TEST(in_records_in_records)
{
    static spots_Stop last = {KMSG_STR("last"), AT("c"), NULL};
    static spots_Stop stops[] = {{KMSG_STR(""), AT("d"), NULL}, {KMSG_STR(""), AT("e"), &last}};
    spots_Stop        perhaps = {KMSG_STR("b"), AT("b"), &last};
    spots_Spots       s = {.stop = {KMSG_STR("a"), AT("a"), NULL},
                           .perhaps = &perhaps,
                           .stops = {stops, 2},
                           .three = {{.at = AT("f")}, {.at = AT("g")}, {.at = AT("h")}}};

    MET(s, "a b c d e c f g h");
}

TEST(in_every_member_of_a_union)
{
    static kmsg_address list[] = {AT("b"), AT("c")};
    static kmsg_address pair[] = {AT("d"), AT("e")};
    static spots_Stop   stop = {.at = AT("f")};
    static spots_Pixel  pixel = {1, 2};
    static spots_Where  here = {.kind = spots_Where_kind_here, .here = AT("a")};
    static spots_Where  wheres[] = {
         {.kind = spots_Where_kind_here, .here = AT("a")},
         {.kind = spots_Where_kind_many, .many = {list, 2}},
         {.kind = spots_Where_kind_pair, .pair = pair},
         {.kind = spots_Where_kind_stop, .stop = &stop},
         {.kind = spots_Where_kind_none, .none = &pixel},
         {.kind = spots_Where_kind_name, .name = KMSG_STR("x")},
         {.kind = (spots_Where_kind)0},
         {.kind = (spots_Where_kind)99, .unknown = {(const uint8_t *)"unknown", 7}},
         {.kind = spots_Where_kind_other, .other = &here}};
    spots_Spots s = {.where = {.kind = spots_Where_kind_here, .here = AT("z")},
                     .wheres = {wheres, 9}};

    MET(s, "z a b c d e f a");
}

TEST(what_refs_lead_to_is_met_once_and_last)
{
    spots_Node        a = {.id = 1, .at = AT("a")}, b = {.id = 2, .at = AT("b"), .next = &a};
    const spots_Node *nodes[] = {&a, &b, NULL, &a};
    spots_Spots       s = {.one = AT("x"),
                           .where = {.kind = spots_Where_kind_node, .node = &b},
                           .node = &a,
                           .nodes = {nodes, 4}};

    a.next = &b;
    MET(s, "x b a");
    s = (spots_Spots){.one = AT("x")};
    MET(s, "x");
}

TEST(where_none_can_be_nothing_is_looked_at)
{
    spots_Plain       self = {.next = &self};
    const spots_Plain wild = {.next = (const spots_Plain *)(uintptr_t)8};
    spots_Spots       s = {.plain = {.plain = wild, .to = &self, .at = AT("a")},
                           .thing = {KMSG_STR("spots.By_field"), {(const uint8_t *)"any", 3}},
                           .flag = true};

    MET(s, "a");
    EQ_STR(met_in(&spots_Plain_layout, &s.plain.plain), "");
}

/* ---- changed ----------------------------------------------------------------------------------
 */

static void turn_upper(void *ctx, kmsg_address *address)
{
    static const uint8_t letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

    (void)ctx;
    CHECK(address->size == 1 && *address->data >= 'a' && *address->data <= 'z');
    address->data = &letters[*address->data - 'a'];
}

TEST(addresses_of_a_message_are_changed_in_place)
{
    static const kmsg_address           list[] = {AT("b"), AT("c")};
    static const spots_Spots_keys_entry keys[] = {{AT("d"), 1}, {AT("e"), 2}};
    const spots_Node                    node = {.at = AT("f"), .next = &node};
    const spots_Stop                    stop = {.name = KMSG_STR("stop"), .at = AT("g")};
    spots_Spots                         s = {.list = {list, 2}, .keys = {keys, 2}}, got, back;
    kmsg_arena                         *mem = kmsg_arena_new();
    kmsg_bytes                          bytes;

    s.one = at("a");
    s.node = &node;
    s.perhaps = &stop;
    OK(spots_Spots_encode(&s, mem, &bytes));
    OK(spots_Spots_decode(bytes, mem, &got));
    OK(kmi_each_address(&spots_Spots_layout, &got, turn_upper, NULL));
    MET(got, "A B C D E G F");
    CHECK(!spots_Spots_equal(&s, &got));
    OK(spots_Spots_encode(&got, mem, &bytes));
    OK(spots_Spots_decode(bytes, mem, &back));
    CHECK(spots_Spots_equal(&back, &got));
    kmsg_arena_free(mem);
}

static void *no_memory(void *ctx, void *old, size_t size)
{
    (void)ctx;
    if (size == 0)
        free(old);
    return NULL;
}

TEST(more_refs_than_there_is_memory_for_are_told)
{
    spots_Node  node = {.at = AT("a")};
    spots_Spots s = {.one = AT("x"), .node = &node};
    meeting     m = {.size = 0};

    kmsg_set_allocator((kmsg_allocator){no_memory, NULL});
    FAILS(kmi_each_address(&spots_Spots_layout, &s, meet, &m), KMSG_ENOMEM);
    s.node = NULL;
    OK(kmi_each_address(&spots_Spots_layout, &s, meet, &m));
    kmsg_set_allocator((kmsg_allocator){NULL, NULL});
}

/* ---- any value ---------------------------------------------------------------------------------
 */

static const uint8_t mark[1];

/* What reading the value step by step finds: all addresses, and those that bear the mark. */
typedef struct count {
    kmsg_value objects[64]; /* that were followed */
    size_t     object_count;
    size_t     all, marked;
} count;

static void count_in(count *c, kmsg_value v);

static void count_object(count *c, kmsg_value object)
{
    for (size_t i = 0; i < c->object_count; i++)
        if (c->objects[i].data == object.data && c->objects[i].layout == object.layout)
            return;
    CHECK(c->object_count < sizeof c->objects / sizeof *c->objects);
    c->objects[c->object_count++] = object;
    count_in(c, object);
}

static void count_items(count *c, kmsg_value v)
{
    for (size_t i = 0; i < kmsg_value_count(v); i++) {
        if (v.kind == KMSG_KIND_MAP)
            count_in(c, kmsg_value_key(v, i));
        count_in(c, kmsg_value_at(v, i));
    }
}

static void count_one(count *c, kmsg_value v)
{
    kmsg_bytes address;

    OK(kmsg_value_bytes(v, &address));
    c->all += address.size != 0;
    c->marked += address.data == mark;
}

static void count_in(count *c, kmsg_value v)
{
    if (v.err != KMSG_OK || v.data == NULL)
        return;
    switch (v.kind) {
    case KMSG_KIND_ADDRESS: count_one(c, v); break;
    case KMSG_KIND_RECORD:
        for (uint32_t i = 0; i < v.layout->count; i++)
            if (v.layout->fields[i].name != NULL)
                count_in(c, kmsg_value_member(v, &v.layout->fields[i]));
        break;
    case KMSG_KIND_UNION: count_in(c, kmsg_value_chosen(v, NULL)); break;
    case KMSG_KIND_REF:
        v = kmsg_value_follow(v);
        if (v.err == KMSG_OK && v.data != NULL)
            count_object(c, v);
        break;
    default: count_items(c, v); break;
    }
}

static count count_of(const kmsg_layout *layout, const void *value)
{
    count c = {.all = 0};

    count_in(&c, kmsg_value_record(layout, value));
    return c;
}

static void put_mark(void *ctx, kmsg_address *address)
{
    size_t *met = ctx;

    address->data = mark;
    address->size = sizeof mark;
    ++*met;
}

/* Returns how many there were. */
static size_t judge_addresses(const kmsg_layout *layout)
{
    kmsg_arena *mem = kmsg_arena_new();
    maker       m = {.mem = mem};
    void       *value = maker_record(&m, layout), *back = kmsg_alloc(mem, layout->size, 16);
    kmsg_bytes  bytes = {NULL, 0};
    count       before, after;
    size_t      met = 0;

    OK(kmsg_encode(layout, value, mem, &bytes));
    OK(kmsg_decode(layout, bytes, mem, back));
    before = count_of(layout, back);
    OK(kmi_each_address(layout, back, put_mark, &met));
    after = count_of(layout, back);
    EQ_UINT(met, before.all);
    EQ_UINT(after.all, before.all);
    EQ_UINT(after.marked, before.all);
    kmsg_arena_free(mem);
    return met;
}

static size_t judge_many(const kmsg_layout *layout, unsigned rounds)
{
    size_t sum = 0;

    for (unsigned round = 0; round < rounds; round++) {
        test_at("%s, round %u", layout->name, round);
        sum += judge_addresses(layout);
    }
    return sum;
}

TEST(in_any_value_each_address_is_met_once)
{
    test_seed(5);
    CHECK(judge_many(&spots_Spots_layout, test_rounds(500)) > 0);
    judge_many(&spots_By_union_layout, test_rounds(100));
    judge_many(&spots_By_ref_layout, test_rounds(100));
    for (size_t i = 0; i < TEST_LAYOUTS; i++)
        judge_many(test_layouts[i], test_rounds(50));
}

/* ---- as they arrive -----------------------------------------------------------------------------
 */

typedef struct arrival {
    kmsg_arena *mem;
    kmi_place   sender;
    size_t      changed;
} arrival;

static void arrive(void *ctx, kmsg_address *address)
{
    arrival  *a = ctx;
    kmi_place place;
    uint8_t   bytes[KMI_ADDRESS_MAX];

    if (!kmi_place_get(*address, &place))
        return;
    kmi_place_arrive(&place, &a->sender, 7);
    *address = kmsg_address_copy(a->mem, (kmsg_address){bytes, kmi_place_put(&place, bytes)});
    a->changed++;
}

/* Sets and maps of them stay in order, too: what is written again is read again. */
static size_t judge_arrival(const kmsg_layout *layout)
{
    kmsg_arena *mem = kmsg_arena_new();
    maker       m = {.mem = mem};
    arrival     a = {.mem = mem, .sender = {.instance = 5, .hop_count = 1, .hops = {6}}};
    void       *value = maker_record(&m, layout), *back = kmsg_alloc(mem, 2 * layout->size, 16);
    kmsg_bytes  bytes = {NULL, 0};

    OK(kmsg_encode(layout, value, mem, &bytes));
    OK(kmsg_decode(layout, bytes, mem, back));
    OK(kmi_each_address(layout, back, arrive, &a));
    CHECK(kmsg_equal(layout, value, back));
    OK(kmsg_encode(layout, back, mem, &bytes));
    OK(kmsg_decode(layout, bytes, mem, value));
    CHECK(kmsg_equal(layout, value, back));
    kmsg_arena_free(mem);
    return a.changed;
}

TEST(values_are_equal_wherever_they_arrive)
{
    size_t changed = 0;

    test_seed(6);
    for (unsigned round = test_rounds(500); round > 0; round--) {
        test_at("round %u", round);
        changed += judge_arrival(&spots_Spots_layout);
    }
    CHECK(changed > 0);
}

TEST(what_was_in_a_set_or_map_is_found_by_another_way)
{
    static const uint8_t                near[16] = {1, [8] = 1}, far[24] = {1, [8] = 1, [16] = 9};
    static const uint8_t                other[16] = {1, [8] = 2};
    static const kmsg_address           set[] = {{far, sizeof far}};
    static const spots_Spots_keys_entry keys[] = {{{far, sizeof far}, 5}};
    const spots_Spots                   s = {.set = {set, 1}, .keys = {keys, 1}};

    CHECK(spots_Spots_set_has(s.set, (kmsg_address){near, sizeof near}));
    CHECK(!spots_Spots_set_has(s.set, (kmsg_address){other, sizeof other}));
    EQ_INT(*spots_Spots_keys_find(s.keys, (kmsg_address){near, sizeof near}), 5);
    EQ_PTR(spots_Spots_keys_find(s.keys, (kmsg_address){other, sizeof other}), NULL);
}
