/* json_test.c -- random values of every form of the language become JSON and come back equal; what
 * was JSON once is not misread when it has been damaged.
 */
#include "maker.h"
#include "test.h"

#include "language.kmsg.h"

#include <kmsg/json.h>

#define ROUNDS 200

static const kmsg_layout *const layouts[] = {
    &lang_Scalars_layout, &lang_Optionals_layout, &lang_Limited_layout, &lang_Arrays_layout,
    &lang_Sets_layout,    &lang_Maps_layout,      &lang_Unions_layout,  &lang_Lists_layout,
    &lang_Node_layout,    &lang_Tree_layout,      &lang_Graph_layout,   &lang_Missing_layout,
    &lang_Circle_layout,  &lang_Cell_layout,      &lang_Key_layout};

#define LAYOUTS (sizeof layouts / sizeof *layouts)

static const kmsg_json_options knowing = {.types = layouts, .type_count = LAYOUTS};
static const kmsg_json_options pretty = {.types = layouts, .type_count = LAYOUTS, .indent = 2};

/* Each value, in an arena of its own. */
static void for_values(void (*check)(const kmsg_layout *layout, const void *value, kmsg_arena *mem))
{
    const unsigned rounds = test_rounds(ROUNDS);

    for (unsigned i = 0; i < LAYOUTS; i++)
        for (unsigned round = 0; round < rounds; round++) {
            kmsg_arena *mem = kmsg_arena_new();
            maker       m = {.mem = mem};
            test_seed(round * 1000 + i);
            check(layouts[i], maker_record(&m, layouts[i]), mem);
            kmsg_arena_free(mem);
        }
}

static void must(kmsg_err err, kmsg_string text)
{
    if (err != KMSG_OK)
        fprintf(stderr, "%s: %s: %s\n", kmsg_err_name(err), kmsg_last_error(), text.data);
    OK(err);
}

/* A NaN comes back as the quiet one, so what is compared is the text, and the value where its text
 * has none. */
static void goes_round(const kmsg_layout *layout, const void *value,
                       const kmsg_json_options *options, kmsg_arena *mem)
{
    kmsg_string one = KMSG_STR(""), two = KMSG_STR("");
    void       *back = kmsg_alloc(mem, layout->size, 16);

    must(kmsg_json_encode(layout, value, options, mem, &one), one);
    must(kmsg_json_decode(layout, one, options, mem, back), one);
    must(kmsg_json_encode(layout, back, options, mem, &two), one);
    EQ_STR(two.data, one.data);
    EQ_UINT(strlen(one.data), one.size);
    if (strstr(one.data, "NaN") == NULL) {
        CHECK(kmsg_equal(layout, value, back));
    }
}

static void check_round(const kmsg_layout *layout, const void *value, kmsg_arena *mem)
{
    goes_round(layout, value, NULL, mem);
    goes_round(layout, value, &knowing, mem);
    goes_round(layout, value, &pretty, mem);
}

TEST(every_value_comes_back_equal_and_as_the_same_text)
{
    for_values(check_round);
}

static void check_wire(const kmsg_layout *layout, const void *value, kmsg_arena *mem)
{
    kmsg_string one = KMSG_STR(""), two = KMSG_STR("");
    kmsg_bytes  bytes;
    void       *back = kmsg_alloc(mem, layout->size, 16);

    OK(kmsg_encode(layout, value, mem, &bytes));
    OK(kmsg_decode(layout, bytes, mem, back));
    OK(kmsg_json_encode(layout, value, &knowing, mem, &one));
    OK(kmsg_json_encode(layout, back, &knowing, mem, &two));
    EQ_STR(two.data, one.data);
}

TEST(what_came_over_the_wire_has_the_same_text)
{
    for_values(check_wire);
}

/* What is missing has its default, also one outside of its limits, which is not written again. */
static bool is_writable(const kmsg_layout *layout, const void *value, kmsg_arena *mem)
{
    kmsg_bytes bytes;

    return kmsg_encode(layout, value, mem, &bytes) == KMSG_OK;
}

/* Refused, or a value like any other. */
static void check_mutants(const kmsg_layout *layout, const void *value, kmsg_arena *mem)
{
    kmsg_string text = KMSG_STR("");
    void       *back = kmsg_alloc(mem, layout->size, 16);
    char       *mutant;

    OK(kmsg_json_encode(layout, value, &knowing, mem, &text));
    mutant = kmsg_alloc(mem, text.size, 1);
    for (unsigned i = 0; i < 20; i++) {
        static const char spice[] = "{}[]\",:0129-+.eE\\u n\xff";
        memcpy(mutant, text.data, text.size);
        mutant[test_random() % text.size] = spice[test_random() % (sizeof spice - 1)];
        mutant[test_random() % text.size] = text.data[test_random() % text.size];
        if (kmsg_json_decode(layout, (kmsg_string){mutant, text.size}, &knowing, mem, back) !=
            KMSG_OK) {
            CHECK(kmsg_last_error()[0] != '\0');
        } else if (is_writable(layout, back, mem)) {
            goes_round(layout, back, &knowing, mem);
        }
    }
}

TEST(damaged_text_is_refused_or_a_good_value)
{
    for_values(check_mutants);
}

static void check_truncated(const kmsg_layout *layout, const void *value, kmsg_arena *mem)
{
    kmsg_string text = KMSG_STR("");
    void       *back = kmsg_alloc(mem, layout->size, 16);

    OK(kmsg_json_encode(layout, value, &knowing, mem, &text));
    for (size_t size = 0; size < text.size; size += 1 + size / 16)
        FAILS(kmsg_json_decode(layout, (kmsg_string){text.data, size}, &knowing, mem, back),
              KMSG_EDECODE);
}

TEST(every_truncation_is_refused)
{
    for_values(check_truncated);
}
