/* schema_test.c -- random schemas, loaded while the test runs, and random values of all that they
 * declare: what must be true of the codec, of JSON and of printing, for all of them.
 *
 *     SEED=N    begin with this seed; a test that fails tells which one it was
 *     ROUNDS=N  so many schemas
 */
#define _POSIX_C_SOURCE 200809L

#include "judge.h"
#include "maker.h"
#include "schemas.h"
#include "test.h"

#include <kmsg/json.h>
#include <kmsg/schema.h>

#include <stdlib.h>

#define ROUNDS 500

static unsigned long number_of(const char *variable, unsigned long otherwise)
{
    const char *text = getenv(variable);

    return text == NULL ? otherwise : strtoul(text, NULL, 10);
}

/* The schema of a seed. */
static kmsg_schema *make_schema(unsigned long seed)
{
    const kmsg_schema_options options = {.diagnostics = stderr};
    kmsg_schema              *schema = NULL;
    char                      text[1 << 16];
    FILE                     *out = fmemopen(text, sizeof text, "w");
    long                      size;

    test_at("SEED=%lu ROUNDS=1", seed);
    schemas_seed(seed);
    schemas_write("made", out);
    fflush(out);
    size = ftell(out);
    fclose(out);
    CHECK(size > 0 && (size_t)size < sizeof text - 1);
    if (kmsg_schema_load_text("made.kmsg", (kmsg_string){text, (size_t)size}, &options, &schema) !=
        KMSG_OK)
        fputs(text, stderr);
    CHECK(schema != NULL);
    return schema;
}

typedef void check_value(const kmsg_layout *layout, const void *value, kmsg_arena *mem);

/* A few values of each record of each schema, each in an arena of its own. */
static void for_values(check_value *check)
{
    unsigned long first = number_of("SEED", 1), rounds = number_of("ROUNDS", test_rounds(ROUNDS));

    for (unsigned long seed = first; seed < first + rounds; seed++) {
        kmsg_schema *schema = make_schema(seed);
        for (size_t i = 0; i < 2 * kmsg_schema_count(schema); i++) {
            const kmsg_layout *layout = kmsg_schema_at(schema, i / 2);
            kmsg_arena        *mem = kmsg_arena_new();
            maker              m = {.mem = mem};
            check(layout, maker_record(&m, layout), mem);
            kmsg_arena_free(mem);
        }
        kmsg_schema_free(schema);
    }
}

/* ---- the wire -------------------------------------------------------------------------------- */

static void check_wire(const kmsg_layout *layout, const void *value, kmsg_arena *mem)
{
    judge_value(layout, value, mem);
}

TEST(every_value_of_every_schema_comes_back_equal_with_the_same_bytes)
{
    for_values(check_wire);
}

static void check_mutants(const kmsg_layout *layout, const void *value, kmsg_arena *mem)
{
    kmsg_bytes bytes = {NULL, 0};

    OK(kmsg_encode(layout, value, mem, &bytes));
    judge_mutants(layout, bytes, 60);
}

TEST(what_is_accepted_is_the_one_message_of_its_value)
{
    for_values(check_mutants);
}

/* What is no record travels as one: types by themselves. */
static void judge_type(kmsg_schema *schema, const char *text)
{
    const kmsg_type *type = NULL;
    kmsg_arena      *mem = kmsg_arena_new();
    maker            m = {.mem = mem};
    void            *value, *back, *copy;
    kmsg_bytes       one = {NULL, 0}, two = {NULL, 0};

    OK(kmsg_schema_type(schema, text, &type));
    value = kmsg_alloc_zeroed(mem, 3, type->size, 16);
    back = (uint8_t *)value + type->size;
    copy = (uint8_t *)back + type->size;
    maker_value(&m, type, value);
    OK(kmsg_encode_value(type, value, mem, &one));
    OK(kmsg_decode_value(type, one, mem, back));
    CHECK(kmsg_equal_value(type, value, back));
    OK(kmsg_copy_value(type, back, mem, copy));
    OK(kmsg_encode_value(type, copy, mem, &two));
    EQ_MEM(two.data, two.size, one.data, one.size);
    kmsg_arena_free(mem);
}

TEST(so_does_every_value_that_is_no_record)
{
    static const char *const types[] = {"Alias0",
                                        "Union0",
                                        "Fixed0",
                                        "Enum0",
                                        "ref<Record1>",
                                        "set<Key0>",
                                        "list<made.Record1>",
                                        "map<string, Record0>",
                                        "list<list<Union0>[2]>",
                                        "Record0[2]",
                                        "map<Key0[2], any>"};
    unsigned long first = number_of("SEED", 1), rounds = number_of("ROUNDS", test_rounds(ROUNDS));

    for (unsigned long seed = first; seed < first + rounds; seed++) {
        kmsg_schema *schema = make_schema(seed);
        for (size_t i = 0; i < sizeof types / sizeof *types; i++)
            judge_type(schema, types[i]);
        kmsg_schema_free(schema);
    }
}

/* ---- texts ----------------------------------------------------------------------------------- */

static kmsg_string print(const kmsg_layout *layout, const void *value, kmsg_arena *mem)
{
    char       *text = NULL;
    size_t      size = 0;
    FILE       *out = open_memstream(&text, &size);
    kmsg_string copy;

    kmsg_print(layout, value, out);
    fclose(out);
    copy = kmsg_string_copy(mem, (kmsg_string){text, size});
    free(text);
    CHECK(copy.data != NULL);
    return copy;
}

static void check_print(const kmsg_layout *layout, const void *value, kmsg_arena *mem)
{
    void       *copy = kmsg_alloc(mem, layout->size, 16);
    kmsg_string one = print(layout, value, mem);

    OK(kmsg_copy(layout, value, mem, copy));
    EQ_STR(print(layout, copy, mem).data, one.data);
    EQ_MEM(one.data, strlen(layout->name), layout->name, strlen(layout->name));
    CHECK(kmsg_utf8_valid(one.data, one.size));
}

TEST(a_copy_is_printed_like_the_original)
{
    for_values(check_print);
}

/* Text alone tells two values with NaNs apart. */
static void check_json(const kmsg_layout *layout, const void *value, kmsg_arena *mem)
{
    kmsg_string one = KMSG_STR(""), two = KMSG_STR("");
    void       *back = kmsg_alloc(mem, layout->size, 16);

    OK(kmsg_json_encode(layout, value, NULL, mem, &one));
    OK(kmsg_json_decode(layout, one, NULL, mem, back));
    OK(kmsg_json_encode(layout, back, NULL, mem, &two));
    EQ_STR(two.data, one.data);
    if (strstr(one.data, "NaN") == NULL)
        CHECK(kmsg_equal(layout, value, back));
}

TEST(every_value_goes_through_json_and_comes_back_equal)
{
    for_values(check_json);
}
