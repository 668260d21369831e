/* kinds_test.c -- T[N], address, any, unions, sets and uncommon keys, byte by byte, through
 * descriptors made by hand. Refs are in kinds_graph_test.c, limits in kinds_limits_test.c.
 */
#include "kinds.h"

/* ---- T[N] of what stands in the block -------------------------------------------------------- */

typedef struct Pixel {
    int16_t x;
    bool    on;
    uint8_t pad1_[1];
} Pixel;

typedef struct Blocks {
    uint8_t  mac[6];
    float    grid[2][2];
    Pixel    pixels[2];
    bool     lamps[3];
    bool     has_lamps;
    uint32_t id;
} Blocks;

static const kmsg_field  pixel_fields[] = {{FIELD(Pixel, x, kmsg_type_i16, 1, 0)},
                                           {FIELD(Pixel, on, kmsg_type_bool, 2, 2)}};
static const kmsg_layout pixel_layout = {
    LAYOUT("kinds.Pixel", Pixel, pixel_fields, KMSG_SHAPE(4, 0, 1))};
static const kmsg_type pixel_type = {TYPE("kinds.Pixel", KMSG_KIND_FIXED, Pixel),
                                     .layout = &pixel_layout};
static const kmsg_type mac_type = {TYPE("u8[6]", KMSG_KIND_VECTOR, uint8_t[6]),
                                   .item = &kmsg_type_u8, .count = 6};
static const kmsg_type row_type = {TYPE("f32[2]", KMSG_KIND_VECTOR, float[2]),
                                   .item = &kmsg_type_f32, .count = 2};
static const kmsg_type grid_type = {TYPE("f32[2][2]", KMSG_KIND_VECTOR, float[2][2]),
                                    .item = &row_type, .count = 2};
static const kmsg_type pixels_type = {TYPE("kinds.Pixel[2]", KMSG_KIND_VECTOR, Pixel[2]),
                                      .item = &pixel_type, .count = 2};
static const kmsg_type lamps_type = {TYPE("bool[3]", KMSG_KIND_VECTOR, bool[3]),
                                     .item = &kmsg_type_bool, .count = 3};

static const kmsg_field  blocks_fields[] = {{FIELD(Blocks, mac, mac_type, 1, 0)},
                                            {FIELD(Blocks, grid, grid_type, 2, 8)},
                                            {FIELD(Blocks, pixels, pixels_type, 3, 24)},
                                            {FIELD(Blocks, lamps, lamps_type, 4, 32),
                                             .has_offset = offsetof(Blocks, has_lamps),
                                             .optional = 1},
                                            {FIELD(Blocks, id, kmsg_type_u32, 5, 36)}};
static const kmsg_layout blocks_layout = {
    LAYOUT("kinds.Blocks", Blocks, blocks_fields, KMSG_SHAPE(40, 0, 2))};

static Blocks some_blocks(void)
{
    return (Blocks){.mac = {1, 2, 3, 4, 5, 255},
                    .grid = {{1, -2}, {0.5f, 0}},
                    .pixels = {{-1, true, {0x77}}, {258, false, {0x77}}},
                    .lamps = {true, false, true},
                    .has_lamps = true,
                    .id = 7};
}

TEST(items_of_a_vector_stand_side_by_side_in_the_block)
{
    const Blocks blocks = some_blocks();

    is_on_the_wire(&blocks_layout, &blocks,
                   "30 00 00 00  28 00 00 80   # block 40, align 4\n"
                   "01 02 03 04 05 ff  00 00\n"
                   "00 00 80 3f 00 00 00 c0  00 00 00 3f 00 00 00 00\n"
                   "ff ff 01 00  02 01 00 00   # padding of the structs is not sent\n"
                   "01 00 01 01  07 00 00 00",
                   "kinds.Blocks { mac: [1, 2, 3, 4, 5, 255], grid: [[1, -2], [0.5, 0]], "
                   "pixels: [{ x: -1, on: true }, { x: 258, on: false }], "
                   "lamps: [true, false, true], id: 7 }");
}

TEST(an_absent_vector_is_zero)
{
    Blocks blocks = some_blocks();

    blocks.has_lamps = false;
    is_on_the_wire(&blocks_layout, &blocks,
                   "30 00 00 00  28 00 00 80  01 02 03 04 05 ff 00 00\n"
                   "00 00 80 3f 00 00 00 c0  00 00 00 3f 00 00 00 00\n"
                   "ff ff 01 00  02 01 00 00  00 00 00 00  07 00 00 00",
                   "kinds.Blocks { mac: [1, 2, 3, 4, 5, 255], grid: [[1, -2], [0.5, 0]], "
                   "pixels: [{ x: -1, on: true }, { x: 258, on: false }], id: 7 }");
}

TEST(items_of_a_vector_are_looked_at_each)
{
    Blocks blocks = some_blocks();

    memset(&blocks.lamps[1], 2, 1);
    is_not_sent(&blocks_layout, &blocks, KMSG_EVALUE, "Blocks.lamps[1]: neither true nor false");
    is_refused(&blocks_layout,
               "30 00 00 00  28 00 00 80  01 02 03 04 05 ff 00 00\n"
               "00 00 80 3f 00 00 00 c0  00 00 00 3f 00 00 00 00\n"
               "ff ff 01 00  02 01 02 00  00 00 00 00  07 00 00 00",
               KMSG_EDECODE, "Blocks.pixels[1].on: neither true nor false");
    is_refused(&blocks_layout,
               "30 00 00 00  28 00 00 80  01 02 03 04 05 ff 00 00\n"
               "00 00 80 3f 00 00 00 c0  00 00 00 3f 00 00 00 00\n"
               "ff ff 01 09  02 01 00 00  00 00 00 00  07 00 00 00",
               KMSG_EDECODE, "Blocks.pixels[0]: padding that is not zero");
}

TEST(a_vector_that_an_older_writer_lacked_takes_its_default)
{
    static const bool   on[3] = {true, true, true};
    kmsg_field          fields[5];
    kmsg_layout         layout = blocks_layout;
    kmsg_arena         *mem = kmsg_arena_new();
    _Alignas(8) uint8_t bytes[64];
    Blocks              out;
    size_t              size = from_hex("10 00 00 00  06 00 00 80  01 02 03 04 05 ff 00 00", bytes);

    memcpy(fields, blocks_fields, sizeof fields);
    fields[3].optional = 0;
    fields[3].initial = on;
    fields[4].place = 35;
    layout.fields = fields;
    bytes[0] = (uint8_t)(size - 2);
    OK(kmsg_decode(&layout, (kmsg_bytes){bytes, size - 2}, mem, &out));
    EQ_INT(out.mac[5], 255);
    CHECK(out.lamps[0] && out.lamps[2] && out.grid[0][0] == 0);
    kmsg_arena_free(mem);
}

/* ---- address and any ------------------------------------------------------------------------- */

typedef struct Parcel {
    kmsg_address      to;
    kmsg_address      from;
    kmsg_any          what;
    kmsg_list_any     more;
    kmsg_list_address via;
} Parcel;

static const kmsg_field parcel_fields[] = {
    {FIELD(Parcel, to, kmsg_type_address, 1, 0)},
    {FIELD(Parcel, from, kmsg_type_address, 2, 1), .optional = 1},
    {FIELD(Parcel, what, kmsg_type_any, 3, 2)},
    {FIELD(Parcel, more, kmsg_type_list_any, 4, 3)},
    {FIELD(Parcel, via, kmsg_type_list_address, 5, 4)}};
static const kmsg_layout parcel_layout = {
    LAYOUT("kinds.Parcel", Parcel, parcel_fields, KMSG_SHAPE(0, 5, 2))};

TEST(an_address_is_bytes_and_none_any_is_nothing)
{
    const Parcel parcel = {.to = {(const uint8_t *)"\x0a\x0b", 2}};

    is_on_the_wire(&parcel_layout, &parcel,
                   "1e 00 00 00  00 00 05 80\n"
                   "02 00 00 00  ff ff ff ff  00 00 00 00  00 00 00 00  00 00 00 00\n"
                   "0a 0b",
                   "kinds.Parcel { to: 0x0a0b, what: none, more: [], via: [] }");
}

TEST(an_any_is_its_name_and_its_message)
{
    static const uint8_t      message[] = {0x0a, 0, 0, 0, 2, 0, 0, 0, 5, 6};
    static const kmsg_any     more[] = {{{"", 0}, {NULL, 0}}, {KMSG_STR("b.C"), {message, 10}}};
    static const kmsg_address via[] = {{(const uint8_t *)"\x01", 1}, {NULL, 0}};
    const Parcel              parcel = {.from = {(const uint8_t *)"", 0},
                                        .what = {KMSG_STR("a"), {message, 10}},
                                        .more = {more, 2},
                                        .via = {via, 2}};

    is_on_the_wire(&parcel_layout, &parcel,
                   "81 00 00 00  00 00 05 80\n"
                   "00 00 00 00  00 00 00 00  1e 00 00 00  30 00 00 00  17 00 00 00\n"
                   "00 00 00 00                          # what: padding up to 32\n"
                   "02 00 00 00  0a 00 00 00             #   bytes of the name, of the message\n"
                   "61 00  00 00 00 00 00 00             #   name, padding\n"
                   "0a 00 00 00 02 00 00 00 05 06        #   the message\n"
                   "00 00 00 00 00 00                    # more: padding up to 64\n"
                   "02 00 00 00  00 00 01 80\n"
                   "00 00 00 00  1a 00 00 00             #   none, and 26 bytes\n"
                   "04 00 00 00  0a 00 00 00  62 2e 43 00  00 00 00 00\n"
                   "0a 00 00 00 02 00 00 00 05 06\n"
                   "00 00 00 00 00 00                    # via: padding up to 112\n"
                   "02 00 00 00  00 00 01 80  01 00 00 00  00 00 00 00  01",
                   "kinds.Parcel { to: 0x, from: 0x, what: a 0x0a000000020000000506, "
                   "more: [none, b.C 0x0a000000020000000506], via: [0x01, 0x] }");
}

TEST(what_an_any_cannot_be)
{
    Parcel parcel = {.what = {{"", 0}, {(const uint8_t *)"x", 1}}};

    is_not_sent(&parcel_layout, &parcel, KMSG_EVALUE, "Parcel.what: a message of no type");
    parcel.what.type = (kmsg_string){"\xff", 1};
    is_not_sent(&parcel_layout, &parcel, KMSG_EVALUE, "Parcel.what: not UTF-8");
#define ANY(size, sizes)                                                                           \
    size " 00 00 00  00 00 05 80  00 00 00 00  ff ff ff ff  " sizes                                \
         "00 00 00 00  00 00 00 00  00 00 00 00 "
    is_refused(&parcel_layout, ANY("2c", "10 00 00 00 ") "01 00 00 00 00 00 00 00 00 00 00 00",
               KMSG_EDECODE, "Parcel.what: its sizes do not add up");
    is_refused(&parcel_layout,
               ANY("30", "14 00 00 00 ") "01 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00",
               KMSG_EDECODE, "Parcel.what: something of a type without a name");
    is_refused(&parcel_layout,
               ANY("30", "14 00 00 00 ") "02 00 00 00 00 00 00 00 61 61 00 00 00 00 00 00",
               KMSG_EDECODE, "Parcel.what: a text without its NUL");
    is_refused(&parcel_layout,
               ANY("30", "14 00 00 00 ") "02 00 00 00 00 00 00 00 61 00 00 00 00 00 00 01",
               KMSG_EDECODE, "Parcel.what: padding that is not zero");
    is_refused(&parcel_layout, ANY("24", "08 00 00 00 ") "00 00 00 00", KMSG_EDECODE,
               "Parcel.what: too short for an any");
#undef ANY
}

TEST(a_record_goes_into_an_any_and_out_again)
{
    kmsg_arena *mem = kmsg_arena_new();
    Blocks      blocks = some_blocks(), out;
    Parcel      parcel = {.to = {NULL, 0}}, back;
    kmsg_bytes  bytes;

    OK(kmsg_any_pack(&blocks_layout, &blocks, mem, &parcel.what));
    OK(kmsg_encode(&parcel_layout, &parcel, mem, &bytes));
    OK(kmsg_decode(&parcel_layout, bytes, mem, &back));
    EQ_STR(back.what.type.data, "kinds.Blocks");
    CHECK((uintptr_t)back.what.message.data % 8 == 0);
    CHECK(kmsg_any_is(&back.what, &blocks_layout));
    CHECK(!kmsg_any_is(&back.what, &parcel_layout));
    OK(kmsg_any_unpack(&back.what, &blocks_layout, mem, &out));
    CHECK(kmsg_equal(&blocks_layout, &blocks, &out));
    FAILS(kmsg_any_unpack(&back.what, &parcel_layout, mem, &back), KMSG_EVALUE);
    EQ_STR(kmsg_last_error(), "kinds.Parcel: the any holds another type, kinds.Blocks");
    FAILS(kmsg_any_unpack(&(kmsg_any){{"", 0}, {NULL, 0}}, &parcel_layout, mem, &back),
          KMSG_EVALUE);
    EQ_STR(kmsg_last_error(), "kinds.Parcel: the any holds nothing");
    kmsg_arena_free(mem);
}

/* ---- unions ---------------------------------------------------------------------------------- */

typedef struct Circle {
    uint32_t    radius;
    kmsg_string name;
} Circle;

typedef struct Shape {
    uint32_t kind;
    union {
        const Circle       *circle;
        uint16_t            side;
        kmsg_string         name;
        const Pixel        *pixel;
        const uint8_t      *mac; /* [6] */
        const struct Shape *inner;
        kmsg_list_u8        points;
        const kmsg_string  *pair; /* [2] */
        kmsg_bytes          unknown;
    };
} Shape;

typedef struct Scene {
    Shape main;
    struct {
        const Shape *items;
        size_t       count;
    } shapes;
} Scene;

static const kmsg_field  circle_fields[] = {{FIELD(Circle, radius, kmsg_type_u32, 1, 0)},
                                            {FIELD(Circle, name, kmsg_type_string, 2, 0)}};
static const kmsg_layout circle_layout = {
    LAYOUT("kinds.Circle", Circle, circle_fields, KMSG_SHAPE(4, 1, 2))};
static const kmsg_type   circle_type = {TYPE("kinds.Circle", KMSG_KIND_RECORD, Circle),
                                        .layout = &circle_layout};
static const kmsg_field  text_fields[] = {{.name = "", .type = &kmsg_type_string, .number = 1}};
static const kmsg_layout text_layout = {
    LAYOUT("string", kmsg_string, text_fields, KMSG_SHAPE_TEXT)};
static const kmsg_type   pair_type = {TYPE("string[2]", KMSG_KIND_TABLE, kmsg_string[2]),
                                      .item = &kmsg_type_string,
                                      .layout = &text_layout,
                                      .count = 2};
static const kmsg_layout shape_layout;
static const kmsg_type   shape_type = {TYPE("kinds.Shape", KMSG_KIND_UNION, Shape),
                                       .layout = &shape_layout};
static const kmsg_field  shape_fields[] = {{FIELD(Shape, unknown, kmsg_type_bytes, 0, 0)},
                                           {FIELD(Shape, circle, circle_type, 1, 0)},
                                           {FIELD(Shape, side, kmsg_type_u16, 2, 0)},
                                           {FIELD(Shape, name, kmsg_type_string, 3, 0)},
                                           {FIELD(Shape, pixel, pixel_type, 4, 0)},
                                           {FIELD(Shape, mac, mac_type, 5, 0)},
                                           {FIELD(Shape, inner, shape_type, 6, 0)},
                                           {FIELD(Shape, points, kmsg_type_list_u8, 7, 0)},
                                           {.type = &kmsg_type_u32, .number = 8},
                                           {FIELD(Shape, pair, pair_type, 9, 0)}};
static const kmsg_layout shape_layout = {LAYOUT("kinds.Shape", Shape, shape_fields, 0),
                                         .recursive = true};

static const kmsg_field  shape_row_fields[] = {{.name = "", .type = &shape_type, .number = 1}};
static const kmsg_layout shape_row = {
    LAYOUT("kinds.Shape", Shape, shape_row_fields, KMSG_SHAPE_TEXT)};
static const kmsg_type   shapes_type = {TYPE("list<kinds.Shape>", KMSG_KIND_ROWS, kmsg_items),
                                        .item = &shape_type, .layout = &shape_row};
static const kmsg_field  scene_fields[] = {{FIELD(Scene, main, shape_type, 1, 0)},
                                           {FIELD(Scene, shapes, shapes_type, 2, 1)}};
static const kmsg_layout scene_layout = {
    LAYOUT("kinds.Scene", Scene, scene_fields, KMSG_SHAPE(0, 2, 2))};

TEST(a_union_of_no_kind_is_nothing)
{
    const Scene scene = {.main = {.kind = 0}};

    is_on_the_wire(&scene_layout, &scene, "10 00 00 00  00 00 02 80  00 00 00 00  00 00 00 00",
                   "kinds.Scene { main: none, shapes: [] }");
}

TEST(a_union_is_its_tag_and_its_value)
{
    static const Circle circle = {3, KMSG_STR("o")};
    static const Shape  shapes[] = {{.kind = 2, .side = 515}, {.kind = 3, .name = {"", 0}}};
    const Scene         scene = {.main = {.kind = 1, .circle = &circle}, .shapes = {shapes, 2}};

    is_on_the_wire(&scene_layout, &scene,
                   "58 00 00 00  00 00 02 80  1a 00 00 00  2e 00 00 00\n"
                   "1a 00 00 00  01 00 00 00   # main: size, tag 1\n"
                   "12 00 00 00  04 00 01 80   #   a circle: size, shape\n"
                   "03 00 00 00  02 00 00 00  6f 00\n"
                   "00 00 00 00 00 00          # shapes: padding up to 48\n"
                   "02 00 00 00  00 00 01 80\n"
                   "0a 00 00 00  0e 00 00 00   #   10 bytes; 8 and the padding before\n"
                   "0a 00 00 00  02 00 00 00  03 02\n"
                   "00 00 00 00 00 00\n"
                   "08 00 00 00  03 00 00 00",
                   "kinds.Scene { main: { circle: { radius: 3, name: \"o\" } }, "
                   "shapes: [{ side: 515 }, { name: \"\" }] }");
}

TEST(each_kind_of_member_has_its_form)
{
    static const Pixel       pixel = {1, true, {0x55}};
    static const uint8_t     mac[6] = {6, 5, 4, 3, 2, 1}, points[] = {9, 8};
    static const kmsg_string pair[2] = {KMSG_STR("x"), KMSG_STR("")};
    static const Shape       deep = {.kind = 2, .side = 1};
    static const Shape       shapes[] = {{.kind = 3, .name = KMSG_STR("hi")},
                                         {.kind = 4, .pixel = &pixel},
                                         {.kind = 5, .mac = mac},
                                         {.kind = 6, .inner = &deep},
                                         {.kind = 7, .points = {points, 2}},
                                         {.kind = 9, .pair = pair}};
    const Scene              scene = {.shapes = {shapes, 6}};

    is_on_the_wire(&scene_layout, &scene,
                   "a2 00 00 00  00 00 02 80  00 00 00 00  92 00 00 00\n"
                   "06 00 00 00  00 00 01 80\n"
                   "0b 00 00 00  11 00 00 00  12 00 00 00  14 00 00 00  10 00 00 00  20 00 00 00\n"
                   "0b 00 00 00  03 00 00 00  68 69 00\n"
                   "00 00 00 00 00\n"
                   "0c 00 00 00  04 00 00 00  01 00 01 00\n"
                   "00 00 00 00\n"
                   "0e 00 00 00  05 00 00 00  06 05 04 03 02 01\n"
                   "00 00\n"
                   "12 00 00 00  06 00 00 00  0a 00 00 00  02 00 00 00  01 00\n"
                   "00 00 00 00 00 00\n"
                   "0a 00 00 00  07 00 00 00  09 08\n"
                   "00 00 00 00 00 00\n"
                   "1a 00 00 00  09 00 00 00  02 00 00 00  00 00 01 80\n"
                   "02 00 00 00  00 00 00 00  78 00",
                   "kinds.Scene { main: none, shapes: [{ name: \"hi\" }, "
                   "{ pixel: { x: 1, on: true } }, { mac: [6, 5, 4, 3, 2, 1] }, "
                   "{ inner: { side: 1 } }, { points: [9, 8] }, { pair: [\"x\", \"\"] }] }");
}

TEST(a_member_that_is_not_known_comes_back_as_it_came)
{
    static const uint8_t payload[] = {1, 2, 3};
    const Scene          scene = {.main = {.kind = 77, .unknown = {payload, 3}}};
    const Scene          gone = {.main = {.kind = 8, .unknown = {payload, 3}}};

    is_on_the_wire(&scene_layout, &scene,
                   "1b 00 00 00  00 00 02 80  0b 00 00 00  00 00 00 00\n"
                   "0b 00 00 00  4d 00 00 00  01 02 03",
                   "kinds.Scene { main: { 77: 0x010203 }, shapes: [] }");
    is_on_the_wire(&scene_layout, &gone,
                   "1b 00 00 00  00 00 02 80  0b 00 00 00  00 00 00 00\n"
                   "0b 00 00 00  08 00 00 00  01 02 03",
                   "kinds.Scene { main: { 8: 0x010203 }, shapes: [] }");
}

TEST(what_a_union_cannot_be)
{
    const Scene scene = {.main = {.kind = 1}};

    is_not_sent(&scene_layout, &scene, KMSG_EVALUE, "Scene.main.circle: its member is NULL");
#define MAIN(size, tail) size " 00 00 00  00 00 02 80  " tail " 00 00 00  00 00 00 00 "
    is_refused(&scene_layout, MAIN("18", "08") "08 00 00 00  00 00 00 00", KMSG_EDECODE,
               "Scene.main: a union of no kind with a length");
    is_refused(&scene_layout, MAIN("18", "08") "09 00 00 00  02 00 00 00", KMSG_EDECODE,
               "Scene.main: its header tells another size than it has");
    is_refused(&scene_layout, MAIN("14", "04") "04 00 00 00", KMSG_EDECODE,
               "Scene.main: too short for a union");
    is_refused(&scene_layout, MAIN("1b", "0b") "0b 00 00 00  02 00 00 00  01 02 03", KMSG_EDECODE,
               "Scene.main.side: of another size than its type");
    is_refused(&scene_layout, MAIN("1c", "0c") "0c 00 00 00  04 00 00 00  01 02 03 00",
               KMSG_EDECODE, "Scene.main.pixel.on: neither true nor false");
    is_refused(&scene_layout, "10 00 00 00  00 00 02 80  ff ff ff ff  00 00 00 00", KMSG_EDECODE,
               "Scene.main: absent, but not optional");
#undef MAIN
}

/* A union in a union in a union: as deep as records may be. */
TEST(unions_are_nested_up_to_the_limit)
{
    kmsg_arena *mem = kmsg_arena_new();
    Shape       chain[KMSG_DEPTH_MAX + 1] = {{.kind = 2, .side = 1}};
    Scene       scene, out;
    kmsg_bytes  bytes;

    for (size_t i = 1; i <= KMSG_DEPTH_MAX; i++)
        chain[i] = (Shape){.kind = 6, .inner = &chain[i - 1]};
    scene = (Scene){.main = chain[KMSG_DEPTH_MAX - 1]};
    OK(kmsg_encode(&scene_layout, &scene, mem, &bytes));
    OK(kmsg_decode(&scene_layout, bytes, mem, &out));
    CHECK(kmsg_equal(&scene_layout, &scene, &out));
    scene.main = chain[KMSG_DEPTH_MAX];
    FAILS(kmsg_encode(&scene_layout, &scene, mem, &bytes), KMSG_EDEPTH);
    HAS(kmsg_last_error(), "nested too deeply");
    kmsg_arena_free(mem);
}

TEST(a_message_that_nests_too_deeply_is_refused)
{
    kmsg_arena *mem = kmsg_arena_new();
    enum { LEVELS = KMSG_DEPTH_MAX + 1 };
    _Alignas(8) uint8_t bytes[16 + 8 * LEVELS];
    Scene               out;

    (void)from_hex("00 00 00 00  00 00 02 80  00 00 00 00  00 00 00 00", bytes);
    kmsg_store32(bytes, sizeof bytes);
    kmsg_store32(bytes + 8, 8 * LEVELS);
    for (uint32_t i = 0; i < LEVELS; i++) {
        kmsg_store32(bytes + 16 + 8 * i, 8 * (LEVELS - i));
        kmsg_store32(bytes + 16 + 8 * i + 4, i + 1 == LEVELS ? 3 : 6);
    }
    FAILS(kmsg_decode(&scene_layout, (kmsg_bytes){bytes, sizeof bytes}, mem, &out), KMSG_EDEPTH);
    kmsg_store32(bytes + 16 + 8 * (LEVELS - 2) + 4, 7);
    kmsg_store32(bytes + 16 + 8 * (LEVELS - 2), 16);
    OK(kmsg_decode(&scene_layout, (kmsg_bytes){bytes, sizeof bytes}, mem, &out));
    kmsg_arena_free(mem);
}

/* ---- T[N] of what has tails ------------------------------------------------------------------ */

typedef struct Board {
    kmsg_string        names[2];
    const kmsg_string *more; /* [2] */
    kmsg_list_u8       lists[2];
    Circle             circles[2];
} Board;

static const kmsg_field bytes_list_fields[] = {
    {.name = "", .type = &kmsg_type_list_u8, .number = 1}};
static const kmsg_layout bytes_list_layout = {
    LAYOUT("list<u8>", kmsg_list_u8, bytes_list_fields, KMSG_SHAPE_TEXT)};
static const kmsg_type   lists_type = {TYPE("list<u8>[2]", KMSG_KIND_TABLE, kmsg_list_u8[2]),
                                       .item = &kmsg_type_list_u8, .layout = &bytes_list_layout,
                                       .count = 2};
static const kmsg_type   circles_type = {TYPE("kinds.Circle[2]", KMSG_KIND_TABLE, Circle[2]),
                                         .layout = &circle_layout, .count = 2};
static const kmsg_field  board_fields[] = {{FIELD(Board, names, pair_type, 1, 0)},
                                           {FIELD(Board, more, pair_type, 2, 1), .optional = 1},
                                           {FIELD(Board, lists, lists_type, 3, 2)},
                                           {FIELD(Board, circles, circles_type, 4, 3)}};
static const kmsg_layout board_layout = {
    LAYOUT("kinds.Board", Board, board_fields, KMSG_SHAPE(0, 4, 2))};

#define CIRCLES_HEX                                                                                \
    "02 00 00 00  04 00 01 80\n"                                                                   \
    "01 00 00 00  02 00 00 00  02 00 00 00  00 00 00 00  63 00"

TEST(a_table_is_a_list_of_as_many_rows)
{
    static const kmsg_string more[2] = {KMSG_STR(""), KMSG_STR("m")};
    const Board              board = {.names = {KMSG_STR("a"), KMSG_STR("bc")},
                                      .more = more,
                                      .lists = {{(const uint8_t *)"\x01\x02", 2}, {NULL, 0}},
                                      .circles = {{1, KMSG_STR("c")}, {2, KMSG_STR("")}}};

    is_on_the_wire(
        &board_layout, &board,
        "7a 00 00 00  00 00 04 80  15 00 00 00  15 00 00 00  18 00 00 00  20 00 00 00\n"
        "02 00 00 00  00 00 01 80  02 00 00 00  03 00 00 00  61 00 62 63 00\n"
        "00 00 00\n"
        "02 00 00 00  00 00 01 80  00 00 00 00  02 00 00 00  6d 00\n"
        "00 00 00 00 00 00\n"
        "02 00 00 00  00 00 01 80  02 00 00 00  00 00 00 00  01 02\n"
        "00 00 00 00 00 00\n" CIRCLES_HEX,
        "kinds.Board { names: [\"a\", \"bc\"], more: [\"\", \"m\"], lists: [[1, 2], []], "
        "circles: [{ radius: 1, name: \"c\" }, { radius: 2, name: \"\" }] }");
}

/* The rows of an older schema were fewer, those of a newer one more. */
TEST(a_table_of_another_count_is_cut_or_filled_with_defaults)
{
    kmsg_arena         *mem = kmsg_arena_new();
    _Alignas(8) uint8_t bytes[256];
    Board               out;
    size_t              size;

    /* names: three rows of which we know two; lists: none; circles: one */
    size = from_hex("52 00 00 00  00 00 04 80  18 00 00 00  ff ff ff ff  00 00 00 00  1a 00 00 00\n"
                    "03 00 00 00  00 00 01 80  00 00 00 00  02 00 00 00  02 00 00 00\n"
                    "61 00 7a 00\n"
                    "01 00 00 00  04 00 01 80  07 00 00 00  02 00 00 00  63 00",
                    bytes);
    bytes[0] = (uint8_t)size;
    bytes[20] = 18;
    OK(kmsg_decode(&board_layout, (kmsg_bytes){bytes, size}, mem, &out));
    CHECK(prints(&board_layout, &out,
                 "kinds.Board { names: [\"\", \"a\"], lists: [[], []], "
                 "circles: [{ radius: 7, name: \"c\" }, { radius: 0, name: \"\" }] }"));
    CHECK(out.lists[0].items != NULL && out.more == NULL && out.circles[1].name.data != NULL);
    try_bytes(&board_layout, bytes, size);
    kmsg_arena_free(mem);
}

TEST(items_of_a_table_have_places)
{
    const Board board = {.circles = {{0, KMSG_STR("")}, {0, {"\xff", 1}}}};

    is_not_sent(&board_layout, &board, KMSG_EVALUE, "Board.circles[1].name: not UTF-8");
}
