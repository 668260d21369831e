/* stranger_test.c -- a decoder that was made from idl/wire.md alone, in JavaScript (stranger.js),
 * is told what this one makes of thousands of messages, and has to agree on every one: what it
 * takes, and which value that is.
 *
 * The vectors are random values of the schemas of the tests, what becomes of them by damage, and
 * messages of one record read as another, which is how versions of a schema meet. They are made
 * from fixed seeds into $B/test/wire/NAME.vectors; stranger.js tells the form. They are the same on
 * every machine: builds for other ones compare theirs (tests/foreign).
 */
#define _POSIX_C_SOURCE 200809L

#include "maker.h"
#include "test.h"

#include "everything.kmsg.h"
#include "forms.kmsg.h"
#include "kinds.kmsg.h"
#include "language.kmsg.h"
#include "rich.kmsg.h"
#include "shop.kmsg.h"
#include "tests/wire/page.h"
#include "wire.kmsg.h"

#include <kmsg/json.h>
#include <kmsg/schema.h>

#include <stdlib.h>

#define ROUNDS  10 /* values of each layout */
#define MUTANTS 10 /* of each value */

typedef struct family {
    const char               *schema;
    const kmsg_layout *const *layouts;
    size_t                    count;
} family;

static const kmsg_layout *const of_language[] = {
    &lang_Scalars_layout, &lang_Edges_layout,  &lang_Optionals_layout, &lang_Limited_layout,
    &lang_Arrays_layout,  &lang_Sets_layout,   &lang_Maps_layout,      &lang_Unions_layout,
    &lang_Lists_layout,   &lang_Node_layout,   &lang_Tree_layout,      &lang_Graph_layout,
    &lang_Missing_layout, &lang_Larger_layout, &lang_Circle_layout,    &lang_Square_layout,
    &lang_Leaf_layout};
static const kmsg_layout *const of_everything[] = {
    &every_Person_layout, &every_Address_layout, &every_Phone_layout, &every_Tick_layout,
    &every_Batch_layout,  &every_Empty_layout,   &every_V1_layout,    &every_V2_layout,
    &every_V2b_layout,    &every_V1s_layout,     &every_V2s_layout,   &every_Narrow_layout,
    &every_Wide_layout,   &every_Narrows_layout, &every_Wides_layout, &every_Scalars_layout};
static const kmsg_layout *const of_kinds[] = {&kinds_Circle_layout, &kinds_Node_layout,
                                              &kinds_Box_layout, &kinds_Old_layout,
                                              &kinds_New_layout};
static const kmsg_layout *const of_forms[] = {
    &forms_Leaf_layout,  &forms_Node_layout,   &forms_Arrays_layout,
    &forms_Sets_layout,  &forms_Others_layout, &forms_Limits_layout,
    &forms_Zeros_layout, &forms_Gone_layout,   &forms_HasGone_layout};
static const kmsg_layout *const of_rich[] = {&rich_Leaf_layout, &rich_Node_layout,
                                             &rich_Group_layout, &rich_Rich_layout};
static const kmsg_layout *const of_shop[] = {&shop_Point_layout, &shop_Numbers_layout,
                                             &shop_Texts_layout, &shop_Holders_layout,
                                             &shop_Node_layout};
static const kmsg_layout *const of_wire[] = {
    &Point_layout, &Sample_layout, &Note_layout,  &Shape_layout,  &Stock_layout, &Grid_layout,
    &Board_layout, &Sets_layout,   &Scene_layout, &Parcel_layout, &Seats_layout, &Node_layout};

#define FAMILY(path, layouts)                                                                      \
    {                                                                                              \
        path, layouts, sizeof(layouts) / sizeof *(layouts)                                         \
    }

static const family families[] = {FAMILY("tests/unit/language.kmsg", of_language),
                                  FAMILY("tests/unit/everything.kmsg", of_everything),
                                  FAMILY("tests/unit/kinds.kmsg", of_kinds),
                                  FAMILY("tests/unit/forms.kmsg", of_forms),
                                  FAMILY("tests/unit/rich.kmsg", of_rich),
                                  FAMILY("tests/unit/shop.kmsg", of_shop),
                                  FAMILY("tests/wire/wire.kmsg", of_wire)};

#define FAMILIES (sizeof families / sizeof *families)

/* ---- vectors --------------------------------------------------------------------------------- */

typedef struct vectors {
    FILE  *out;
    char   path[256];
    size_t count;
} vectors;

static vectors begin(const char *name)
{
    const char *folder = getenv("B");
    vectors     v = {0};

    snprintf(v.path, sizeof v.path, "%s/test/wire/%s.vectors", folder == NULL ? "build" : folder,
             name);
    v.out = fopen(v.path, "wb");
    CHECK(v.out != NULL);
    return v;
}

/* The name without its module. */
static const char *short_name(const kmsg_layout *layout)
{
    const char *dot = strrchr(layout->name, '.');

    return dot == NULL ? layout->name : dot + 1;
}

/* A message and what is made of it. Where the other decoder cannot know, none is written: how much
 * memory a value takes here. A default may be one that has no JSON, as no writer writes it. */
static void add(vectors *v, const char *schema, const kmsg_layout *layout, kmsg_bytes bytes,
                kmsg_arena *mem)
{
    void       *value = kmsg_alloc(mem, layout->size, 16);
    kmsg_string json = KMSG_STR("refused");
    kmsg_err    err = kmsg_decode(layout, bytes, mem, value);

    if (err == KMSG_ETOOBIG)
        return;
    if (err == KMSG_OK && kmsg_json_encode(layout, value, NULL, mem, &json) != KMSG_OK)
        json = kmsg_str("taken");
    fprintf(v->out, "%s\t%s\t", schema, short_name(layout));
    for (size_t i = 0; i < bytes.size; i++)
        fprintf(v->out, "%02x", bytes.data[i]);
    fprintf(v->out, "\t%s\n", json.data);
    v->count++;
}

/* What the other decoder says about all of them. */
static void judge(vectors *v)
{
    char  command[512], text[4096] = "";
    FILE *said;

    fprintf(v->out, "%zu\n", v->count);
    CHECK(fclose(v->out) == 0);
    snprintf(command, sizeof command,
             "command -v node >/dev/null || exit 9; node tests/wire/stranger.js '%s' 2>&1",
             v->path);
    said = popen(command, "r");
    CHECK(said != NULL);
    text[fread(text, 1, sizeof text - 1, said)] = '\0';
    switch (pclose(said)) {
    case 0: break;
    case 9 << 8: SKIP("there is no node, which runs the other decoder (package nodejs)"); break;
    default: EQ_STR(text, "agreement"); break;
    }
}

typedef void making(vectors *v, const family *f, const kmsg_layout *layout, kmsg_bytes bytes,
                    kmsg_arena *mem);

/* Each value's message, in an arena of its own. */
static void for_messages(vectors *v, unsigned rounds, making *make)
{
    for (size_t f = 0; f < FAMILIES; f++)
        for (size_t i = 0; i < families[f].count * rounds; i++) {
            const kmsg_layout *layout = families[f].layouts[i / rounds];
            kmsg_arena        *mem = kmsg_arena_new();
            maker              m = {.mem = mem};
            kmsg_bytes         bytes;
            test_seed(f * 100000 + i);
            OK(kmsg_encode(layout, maker_record(&m, layout), mem, &bytes));
            make(v, &families[f], layout, bytes, mem);
            kmsg_arena_free(mem);
        }
}

/* ---- random values
 * ------------------------------------------------------------------------------- */

static void as_it_is(vectors *v, const family *f, const kmsg_layout *layout, kmsg_bytes bytes,
                     kmsg_arena *mem)
{
    add(v, f->schema, layout, bytes, mem);
}

TEST(a_stranger_reads_every_value)
{
    vectors v = begin("values");

    for_messages(&v, ROUNDS, as_it_is);
    judge(&v);
}

/* One of the words that sizes and counts are made of is changed a little, or any bit or byte. */
static void damage(uint8_t *bytes, size_t size)
{
    size_t at = test_random() % size, word = at & ~(size_t)3, left = size - word;

    switch (test_random() % 6) {
    case 0: bytes[word]++; break;
    case 1: bytes[word]--; break;
    case 2: memset(bytes + word, test_random() % 2 == 0 ? 0xff : 0, left < 4 ? left : 4); break;
    case 3: bytes[at] = (uint8_t)test_random(); break;
    default: bytes[at] ^= (uint8_t)(1u << test_random() % 8); break;
    }
}

static void damaged(vectors *v, const family *f, const kmsg_layout *layout, kmsg_bytes bytes,
                    kmsg_arena *mem)
{
    uint8_t *mutant = kmsg_alloc(mem, bytes.size, 8);

    for (unsigned i = 0; i < MUTANTS; i++) {
        memcpy(mutant, bytes.data, bytes.size);
        for (size_t times = 1 + test_random() % 2; times > 0; times--)
            damage(mutant, bytes.size);
        add(v, f->schema, layout, (kmsg_bytes){mutant, bytes.size}, mem);
    }
}

TEST(a_stranger_judges_damage_alike)
{
    vectors v = begin("damaged");

    for_messages(&v, ROUNDS, damaged);
    judge(&v);
}

static void cut(vectors *v, const family *f, const kmsg_layout *layout, kmsg_bytes bytes,
                kmsg_arena *mem)
{
    for (size_t size = 0; size < bytes.size; size += 1 + test_random() % (1 + bytes.size / 8))
        add(v, f->schema, layout, (kmsg_bytes){bytes.data, size}, mem);
}

TEST(a_stranger_judges_what_is_cut_off_alike)
{
    vectors v = begin("cut");

    for_messages(&v, 2, cut);
    judge(&v);
}

static void as_others(vectors *v, const family *f, const kmsg_layout *layout, kmsg_bytes bytes,
                      kmsg_arena *mem)
{
    for (size_t i = 0; i < f->count; i++)
        if (f->layouts[i] != layout)
            add(v, f->schema, f->layouts[i], bytes, mem);
}

TEST(a_stranger_reads_one_record_as_another_alike)
{
    vectors v = begin("others");

    for_messages(&v, 6, as_others);
    judge(&v);
}

/* ---- the page, other versions, depth --------------------------------------------------------- */

TEST(a_stranger_reads_the_examples_of_the_page)
{
    char       *page = page_read(PAGE);
    const char *at = page;
    kmsg_arena *mem = kmsg_arena_new();
    vectors     v = begin("page");
    example     e;

    while (page_next(&at, &e))
        for (size_t i = 0; i < sizeof of_wire / sizeof *of_wire; i++)
            if (strlen(of_wire[i]->name) == e.record.size &&
                memcmp(of_wire[i]->name, e.record.data, e.record.size) == 0)
                add(&v, "tests/wire/wire.kmsg", of_wire[i], (kmsg_bytes){e.bytes, e.size}, mem);
    EQ_UINT(v.count, sizeof of_wire / sizeof *of_wire);
    judge(&v);
    kmsg_arena_free(mem);
    free(page);
}

/* What a program of one version writes, read by one of the other. */
static void cross(vectors *v, const kmsg_schema *writer, const char *schema,
                  const kmsg_schema *reader)
{
    for (size_t i = 0; i < kmsg_schema_count(writer) * ROUNDS; i++) {
        const kmsg_layout *layout = kmsg_schema_at(writer, i / ROUNDS);
        const kmsg_layout *other = kmsg_schema_record(reader, short_name(layout));
        kmsg_arena        *mem = kmsg_arena_new();
        maker              m = {.mem = mem};
        kmsg_bytes         bytes;
        test_seed(i);
        OK(kmsg_encode(layout, maker_record(&m, layout), mem, &bytes));
        if (other != NULL)
            add(v, schema, other, bytes, mem);
        kmsg_arena_free(mem);
    }
}

TEST(a_stranger_reads_other_versions_alike)
{
    static const char before[] = "tests/evolution/old.kmsg", now[] = "tests/evolution/new.kmsg";
    vectors           v = begin("versions");
    kmsg_schema      *old, *new;

    OK(kmsg_schema_load(before, NULL, &old));
    OK(kmsg_schema_load(now, NULL, &new));
    cross(&v, old, now, new);
    cross(&v, new, before, old);
    kmsg_schema_free(old);
    kmsg_schema_free(new);
    judge(&v);
}

static void put32(uint8_t *to, size_t value)
{
    for (unsigned i = 0; i < 4; i++)
        to[i] = (uint8_t)(value >> 8 * i);
}

/* lang.Tree as it was when it had but `value` and `left`: one to the left of the other. */
static kmsg_bytes make_chain(size_t count, kmsg_arena *mem)
{
    const size_t size = count * 16;
    uint8_t     *bytes = kmsg_alloc_zeroed(mem, size, 1, 8);

    for (size_t at = 0; at < size; at += 16) {
        put32(bytes + at, size - at);
        put32(bytes + at + 4, KMSG_SHAPE(4, 1, 2));
        put32(bytes + at + 12, at + 16 == size ? UINT32_MAX : size - at - 16);
    }
    return (kmsg_bytes){bytes, size};
}

/* kinds.Old, with a Shape in a Shape in a Shape; the innermost holds nothing. */
static kmsg_bytes make_shapes(size_t count, kmsg_arena *mem)
{
    const size_t size = 16 + count * 8;
    uint8_t     *bytes = kmsg_alloc_zeroed(mem, size, 1, 8);

    put32(bytes, size);
    put32(bytes + 4, KMSG_SHAPE(0, 1, 2));
    put32(bytes + 8, size - 12);
    for (size_t at = 16; at < size; at += 8) {
        put32(bytes + at, size - at);
        put32(bytes + at + 4, 6);
    }
    return (kmsg_bytes){bytes, size};
}

TEST(a_stranger_judges_depth_alike)
{
    kmsg_arena *mem = kmsg_arena_new();
    vectors     v = begin("depth");

    for (size_t depth = 1; depth < 70; depth++) {
        add(&v, "tests/unit/language.kmsg", &lang_Tree_layout, make_chain(depth, mem), mem);
        add(&v, "tests/unit/kinds.kmsg", &kinds_Old_layout, make_shapes(depth, mem), mem);
    }
    judge(&v);
    kmsg_arena_free(mem);
}
