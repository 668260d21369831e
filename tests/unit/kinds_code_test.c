/* kinds_code_test.c -- generated code and the descriptors are of one opinion about every kind, and
 * no failing allocation is lost.
 */
#include "kinds.h"

#include "kinds.kmsg.h"

/* ---- a box with something of everything ------------------------------------------------------ */

static const kinds_Pixel  pixels[] = {{-1, true, {1, 2}, {0x55}}, {7, false, {3, 4}, {0x55}}};
static const kinds_Circle circle = {3, KMSG_STR("round")};
static const kmsg_string  pair[] = {KMSG_STR("x"), KMSG_STR("")};
static const uint8_t      mac[6] = {6, 5, 4, 3, 2, 1}, few[] = {9, 8, 7};
static const kinds_Shape  deepest = {.kind = kinds_Shape_kind_side, .side = 515};
static const kinds_Shape  deep = {.kind = kinds_Shape_kind_inner, .inner = &deepest};
static const kinds_Shape_by_entry by_entries[] = {{{few, 2}, {1, {NULL, 0}}},
                                                  {{mac, 1}, {2, KMSG_STR("two")}}};
static const kmsg_any             things[] = {{{"", 0}, {NULL, 0}}, {KMSG_STR("a.B"), {few, 3}}};

static kinds_Node              nodes[3] = {{1, &nodes[1], {NULL, 0}, KMSG_STR("one")},
                                           {2, &nodes[0], {NULL, 0}, KMSG_STR("")},
                                           {3, NULL, {NULL, 0}, KMSG_STR("three")}};
static const kinds_Node *const all_nodes[] = {&nodes[2], NULL, &nodes[0], &nodes[1]};

static const kinds_Shape shapes[] = {
    {.kind = kinds_Shape_kind_circle, .circle = &circle},
    {.kind = kinds_Shape_kind_side, .side = 65535},
    {.kind = kinds_Shape_kind_name, .name = KMSG_STR("Ada")},
    {.kind = kinds_Shape_kind_pixel, .pixel = &pixels[0]},
    {.kind = kinds_Shape_kind_mac, .mac = mac},
    {.kind = kinds_Shape_kind_inner, .inner = &deep},
    {.kind = kinds_Shape_kind_points, .points = {few, 3}},
    {.kind = kinds_Shape_kind_pair, .pair = pair},
    {.kind = kinds_Shape_kind_node, .node = &nodes[1]},
    {.kind = kinds_Shape_kind_node, .node = NULL},
    {.kind = kinds_Shape_kind_thing, .thing = {KMSG_STR("a.B"), {few, 3}}},
    {.kind = kinds_Shape_kind_NONE},
    {.kind = kinds_Shape_kind_which, .which = kinds_Side_RIGHT},
    {.kind = kinds_Shape_kind_by, .by = {by_entries, 2}},
    {.kind = (kinds_Shape_kind)99, .unknown = {few, 3}},
};

enum { SHAPE_COUNT = sizeof shapes / sizeof *shapes };

static kinds_Box small_box(void)
{
    kinds_Box box;

    memset(&box, 0, sizeof box);
    box.wait = 1000000;
    box.circles[0].radius = 1;
    box.circles[1].radius = 2;
    return box;
}

static void fill_sets_and_maps(kinds_Box *box)
{
    static const kmsg_string              tags[] = {KMSG_STR("b"), KMSG_STR("a"), KMSG_STR("ab")};
    static const uint16_t                 bits[] = {256, 1};
    static const kinds_Side               sides[] = {kinds_Side_LEFT, kinds_Side_RIGHT};
    static const kmsg_bytes               keys[] = {{few, 3}, {NULL, 0}};
    static const kinds_Box_macs_item      macs[] = {{{2, 1}}, {{1, 2}}};
    static const kinds_Box_by_bytes_entry by_bytes[] = {{{mac, 2}, {{"", 0}, {NULL, 0}}},
                                                        {{mac, 1}, {KMSG_STR("T"), {few, 1}}}};
    static const kinds_Box_by_mac_entry   by_mac[] = {
          {{{9, 9}}, {.kind = kinds_Shape_kind_side, .side = 1}},
          {{{9, 8}}, {.kind = kinds_Shape_kind_node, .node = &nodes[2]}}};
    static const int32_t                  numbers[] = {-5, 5};
    static const kinds_Box_by_pixel_entry by_pixel[] = {{{1, false, {0, 1}, {0x55}}, {numbers, 2}},
                                                        {{1, false, {0, 0}, {0x55}}, {NULL, 0}}};
    static const kinds_Box_by_name_entry  by_name[] = {
         {KMSG_STR("z"), &nodes[0]}, {KMSG_STR("y"), NULL}, {KMSG_STR("x"), &nodes[2]}};

    box->tags = (kmsg_list_string){tags, 3};
    box->bits = (kmsg_list_u16){bits, 2};
    box->sides = (kinds_Side_list){sides, 2};
    box->keys = (kmsg_list_bytes){keys, 2};
    box->macs = (kinds_Box_macs){macs, 2};
    box->pixels = (kinds_Pixel_list){pixels, 2};
    box->by_bytes = (kinds_Box_by_bytes){by_bytes, 2};
    box->by_mac = (kinds_Box_by_mac){by_mac, 2};
    box->by_pixel = (kinds_Box_by_pixel){by_pixel, 2};
    box->by_name = (kinds_Box_by_name){by_name, 3};
}

static kinds_Box full_box(void)
{
    static const kinds_Shape_list lists[] = {{shapes, 2}, {NULL, 0}, {shapes + 3, 2}};
    static const kmsg_address     via[] = {{few, 1}, {NULL, 0}};
    static kinds_Box              inside;
    kinds_Box                     box = small_box();

    inside = small_box();
    nodes[0].others = (kinds_Node_others){all_nodes, 4};
    fill_sets_and_maps(&box);
    box.shape = shapes[0];
    box.shapes = (kinds_Shape_list){shapes, SHAPE_COUNT};
    box.deep = (kinds_Box_deep){lists, 3};
    box.age = 150;
    box.has_age = true;
    box.share = 1;
    box.code = kmsg_str("ABC");
    box.grid[1][0] = -2.5f;
    box.lamps[2] = true;
    box.has_lamps = true;
    box.dots[0] = pixels[0];
    box.dots[1] = pixels[1];
    box.names[1] = kmsg_str("second");
    box.more = pair;
    box.lists[0] = (kmsg_list_u8){few, 3};
    box.circles[1] = circle;
    box.to = (kmsg_address){mac, 6};
    box.via = (kmsg_list_address){via, 2};
    box.thing = things[1];
    box.things = (kmsg_list_any){things, 2};
    box.first = &nodes[0];
    box.nodes = (kinds_Box_nodes){all_nodes, 4};
    box.leaf = &circle;
    box.boxes = (kinds_Box_list){&inside, 1};
    return box;
}

/* ---- one opinion ----------------------------------------------------------------------------- */

/* Both say the same of these bytes; true if they are good. */
static bool agree(const kmsg_layout *layout, const uint8_t *data, size_t size)
{
    kmsg_arena *mem = kmsg_arena_new();
    kmsg_layout slow = by_descriptors(layout);
    void       *a = kmsg_alloc(mem, layout->size, 16), *b = kmsg_alloc(mem, layout->size, 16);
    uint8_t    *exact = aligned_alloc(8, (size + 8) & ~(size_t)7);
    kmsg_bytes  bytes = {exact, size}, out, again;
    kmsg_err    err;
    char        words[512];

    memcpy(exact, data, size);
    err = kmsg_decode(layout, bytes, mem, a);
    snprintf(words, sizeof words, "%s", kmsg_last_error());
    EQ_INT(kmsg_decode(&slow, bytes, mem, b), err);
    if (err != KMSG_OK) {
        EQ_STR(kmsg_last_error(), words);
    } else {
        CHECK(kmsg_equal(layout, a, b));
        OK(kmsg_encode(layout, a, mem, &out));
        OK(kmsg_encode(&slow, b, mem, &again));
        EQ_MEM(again.data, again.size, out.data, out.size);
        comes_back(layout, exact, size, a, mem);
    }
    kmsg_arena_free(mem);
    free(exact);
    return err == KMSG_OK;
}

static void agree_on_all_that_may_come(const kmsg_layout *layout, kmsg_bytes bytes)
{
    uint8_t *copy = malloc(bytes.size + 8);

    CHECK(agree(layout, bytes.data, bytes.size));
    memset(copy, 0, bytes.size + 8);
    memcpy(copy, bytes.data, bytes.size);
    for (size_t n = 0; n < bytes.size; n++)
        CHECK(!agree(layout, copy, n));
    for (size_t n = 1; n <= 8; n++)
        CHECK(!agree(layout, copy, bytes.size + n));
    for (size_t bit = 0; bit < 8 * bytes.size; bit++) {
        copy[bit / 8] ^= (uint8_t)(1u << bit % 8);
        (void)agree(layout, copy, bytes.size);
        copy[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    free(copy);
}

TEST(a_full_box_comes_back)
{
    kmsg_arena *mem = kmsg_arena_new(), *keep = kmsg_arena_new();
    kinds_Box   box = full_box(), out, copy;
    kmsg_layout slow = by_descriptors(&kinds_Box_layout);
    kmsg_bytes  a, b;

    OK(kinds_Box_encode(&box, mem, &a));
    OK(kmsg_encode(&slow, &box, mem, &b));
    EQ_MEM(a.data, a.size, b.data, b.size);
    OK(kinds_Box_decode(a, mem, &out));
    CHECK(kinds_Box_equal(&box, &out));
    EQ_PTR(out.by_name.items[2].value, out.first);
    EQ_PTR(out.first->others.items[0], out.by_name.items[0].value);
    EQ_PTR(out.shapes.items[8].node, out.first->next);
    EQ_STR(out.tags.items[0].data, "a");
    OK(kinds_Box_copy(&out, keep, &copy));
    kmsg_arena_free(mem);
    CHECK(kinds_Box_equal(&box, &copy));
    kmsg_arena_free(keep);
}

TEST(generated_code_and_descriptors_agree_on_all_that_may_come)
{
    kmsg_arena *mem = kmsg_arena_new();
    kinds_Box   box = full_box();
    kmsg_bytes  bytes;

    OK(kinds_Box_encode(&box, mem, &bytes));
    agree_on_all_that_may_come(&kinds_Box_layout, bytes);
    box = small_box();
    box.shape = shapes[0];
    OK(kinds_Box_encode(&box, mem, &bytes));
    agree_on_all_that_may_come(&kinds_Box_layout, bytes);
    OK(kinds_Node_encode(&nodes[0], mem, &bytes));
    agree_on_all_that_may_come(&kinds_Node_layout, bytes);
    kmsg_arena_free(mem);
}

/* ---- what is not sent ------------------------------------------------------------------------ */

static void not_sent(const kinds_Box *box, const char *words)
{
    is_not_sent(&kinds_Box_layout, box, KMSG_EVALUE, words);
}

TEST(what_is_beyond_its_limits_is_not_sent)
{
    static const kmsg_string       long_tag[] = {KMSG_STR("123456789012345678901")};
    static const kinds_Circle      flat = {0, {NULL, 0}};
    static const int32_t           six[] = {0, 6};
    const kinds_Box_by_pixel_entry entry = {{-1, true, {2, 3}, {0}}, {six, 2}};
    const kinds_Shape              list[] = {shapes[1], {.kind = kinds_Shape_kind_name}};
    kinds_Box                      box = small_box();

    box.age = 151;
    box.has_age = true;
    not_sent(&box, "Box.age: 151 is above 150");
    box = small_box();
    box.share = -0.25f;
    not_sent(&box, "Box.share: -0.25 is below 0");
    box = small_box();
    box.code = kmsg_str("ABc");
    not_sent(&box, "Box.code: does not match \"[A-Z]+\"");
    box = small_box();
    box.wait = 0;
    not_sent(&box, "Box.wait: 0s is below 0.001s");
    box = small_box();
    box.tags = (kmsg_list_string){long_tag, 1};
    not_sent(&box, "Box.tags[0]: 21 bytes, at most 20");
    box = small_box();
    box.circles[1] = flat;
    not_sent(&box, "Box.circles[1].radius: 0 is below 1");
    box = small_box();
    box.shape = (kinds_Shape){.kind = kinds_Shape_kind_circle, .circle = &flat};
    not_sent(&box, "Box.shape.circle.radius: 0 is below 1");
    box = small_box();
    box.leaf = &flat;
    not_sent(&box, "Circle#0.radius: 0 is below 1");
    box = small_box();
    box.by_pixel = (kinds_Box_by_pixel){&entry, 1};
    not_sent(&box, "Box.by_pixel[[-1, true, [2, 3]]][1]: 6 is above 5");
    box = small_box();
    box.shapes = (kinds_Shape_list){list, 2};
    not_sent(&box, "Box.shapes[1].name: 0 bytes, at least 2");
}

TEST(what_is_no_value_of_its_type_is_not_sent)
{
    static const kmsg_string tags[] = {KMSG_STR("b"), KMSG_STR("a"), KMSG_STR("b")};
    static const kinds_Side  sides[] = {(kinds_Side)0};
    const kinds_Shape        list[] = {{.kind = kinds_Shape_kind_which}};
    kinds_Box                box = small_box();

    box.tags = (kmsg_list_string){tags, 3};
    not_sent(&box, "Box.tags[\"b\"]: an item that is there twice");
    box = small_box();
    box.sides = (kinds_Side_list){sides, 1};
    not_sent(&box, "Box.sides[0]: not a member of its closed enum");
    box = small_box();
    box.shapes = (kinds_Shape_list){list, 1};
    not_sent(&box, "Box.shapes[0].which: not a member of its closed enum");
    box = small_box();
    box.shape.kind = kinds_Shape_kind_pair;
    not_sent(&box, "Box.shape.pair: its member is NULL");
    box = small_box();
    memset(&box.dots[1].on, 7, 1);
    not_sent(&box, "Box.dots[1].on: neither true nor false");
}

/* ---- other versions -------------------------------------------------------------------------- */

TEST(old_and_new_understand_one_another)
{
    kmsg_arena *mem = kmsg_arena_new();
    kinds_Old   old = {.shape = shapes[0], .names = {KMSG_STR("a")}, .first = &nodes[0]}, old_out;
    kinds_New new = {.shape = shapes[8],
                     .names = {KMSG_STR("1"), KMSG_STR("2"), KMSG_STR("3")},
                     .last = &nodes[2],
                     .limited = 9},
              new_out;
    kmsg_bytes bytes;

    OK(kinds_New_encode(&new, mem, &bytes));
    FAILS(kinds_Old_decode(bytes, mem, &old_out), KMSG_EDECODE); /* it is a record there */
    OK(kinds_New_decode(bytes, mem, &new_out));
    CHECK(kinds_New_equal(&new, &new_out));
    OK(kinds_Old_encode(&old, mem, &bytes));
    OK(kinds_New_decode(bytes, mem, &new_out));
    EQ_STR(new_out.names[0].data, "a");
    EQ_STR(new_out.names[2].data, "");
    EQ_INT(new_out.shape.circle->radius, 3);
    CHECK(new_out.last == NULL);
    EQ_INT(new_out.limited, 5);
    kmsg_arena_free(mem);
}

/* What a writer of this version puts where a record was is too small to have had refs. */
TEST(where_a_record_was_given_up_nothing_leads_to_objects)
{
    static const uint8_t object[] = {8, 0, 0, 0, 0, 0, 0, 0};
    const kinds_New      new = {.shape = shapes[0], .limited = 9};
    kmsg_layout          plain = kinds_New_layout;
    kmsg_arena          *mem = kmsg_arena_new();
    kmsg_bytes           bytes;
    uint8_t             *more;
    kinds_New            out;

    plain.row_get = NULL;
    OK(kinds_New_encode(&new, mem, &bytes));
    bytes.size = (bytes.size + 7) & ~(size_t)7;
    more = kmsg_alloc_zeroed(mem, bytes.size + sizeof object, 1, 8);
    memcpy(more, bytes.data, kmsg_load32(bytes.data));
    memcpy(more + bytes.size, object, sizeof object);
    bytes = (kmsg_bytes){more, bytes.size + sizeof object};
    FAILS(kinds_New_decode(bytes, mem, &out), KMSG_EDECODE);
    HAS(kmsg_last_error(), "objects that nothing leads to");
    FAILS(kmsg_decode(&plain, bytes, mem, &out), KMSG_EDECODE);
    kmsg_arena_free(mem);
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

static kmsg_err whole_round(const kinds_Box *box)
{
    kmsg_arena *mem = kmsg_arena_new();
    kmsg_layout slow = by_descriptors(&kinds_Box_layout);
    kinds_Box   out, copy;
    kmsg_bytes  bytes;
    kmsg_err    err = mem == NULL ? KMSG_ENOMEM : KMSG_OK;

    if (err == KMSG_OK)
        err = kinds_Box_encode(box, mem, &bytes);
    if (err == KMSG_OK)
        err = kmsg_encode(&slow, box, mem, &bytes);
    if (err == KMSG_OK)
        err = kinds_Box_decode(bytes, mem, &out);
    if (err == KMSG_OK)
        err = kmsg_decode(&slow, bytes, mem, &out);
    if (err == KMSG_OK)
        err = kinds_Box_copy(&out, mem, &copy);
    if (err == KMSG_OK && !kinds_Box_equal(&copy, box))
        err = KMSG_ENOMEM; /* no memory to compare graphs: not equal */
    kmsg_arena_free(mem);
    return err;
}

TEST(every_failing_allocation_is_told)
{
    const kinds_Box box = full_box();
    size_t          n = 0;
    kmsg_err        err;

    do {
        allowed = n++;
        kmsg_set_allocator((kmsg_allocator){failing, NULL});
        err = whole_round(&box);
        kmsg_set_allocator((kmsg_allocator){NULL, NULL});
        CHECK(err == KMSG_OK || err == KMSG_ENOMEM);
    } while (err != KMSG_OK);
    CHECK(n > 20);
}

TEST(printing_survives_without_memory)
{
    const kinds_Box box = full_box();
    FILE           *f = fopen("/dev/null", "w");

    for (size_t n = 0; n < 3; n++) {
        allowed = n;
        kmsg_set_allocator((kmsg_allocator){failing, NULL});
        kinds_Box_print(&box, f);
        kmsg_set_allocator((kmsg_allocator){NULL, NULL});
    }
    fclose(f);
}
