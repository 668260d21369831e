/* memory_test.c -- the N-th allocation of our own code fails, and all after it, for every N, with
 * random schemas: loading one, making types, JSON there and back, copying, printing and comparing.
 * Each is done, or says that there is no memory; what was taken has been given back.
 *
 * It is linked so that malloc() and its kin come here first (see the Makefile), as the front end
 * does not ask kmsg_set_allocator(). What the C library and jansson take for themselves does not.
 */
#define _POSIX_C_SOURCE 200809L

#include "maker.h"
#include "schemas.h"
#include "test.h"

#include <kmsg/json.h>
#include <kmsg/schema.h>

#include <stdlib.h>

#define SCHEMAS 60
#define MANY    100000 /* allocations that nothing here needs */

/* ---- allocations ----------------------------------------------------------------------------- */

void *real_malloc(size_t size) __asm__("__real_malloc");
void *real_calloc(size_t count, size_t size) __asm__("__real_calloc");
void *real_realloc(void *old, size_t size) __asm__("__real_realloc");
void  real_free(void *old) __asm__("__real_free");
void *wrap_malloc(size_t size) __asm__("__wrap_malloc");
void *wrap_calloc(size_t count, size_t size) __asm__("__wrap_calloc");
void *wrap_realloc(void *old, size_t size) __asm__("__wrap_realloc");
void  wrap_free(void *old) __asm__("__wrap_free");

static size_t left = SIZE_MAX; /* allocations until one fails */
static bool   ran_out;
static long   live;

static bool refuse(void)
{
    if (left == 0)
        ran_out = true;
    else
        left--;
    return ran_out;
}

static void *counted(void *p)
{
    live += p != NULL;
    return p;
}

void *wrap_malloc(size_t size)
{
    return refuse() ? NULL : counted(real_malloc(size));
}

void *wrap_calloc(size_t count, size_t size)
{
    return refuse() ? NULL : counted(real_calloc(count, size));
}

void *wrap_realloc(void *old, size_t size)
{
    if (size == 0) {
        wrap_free(old);
        return NULL;
    }
    if (refuse())
        return NULL;
    return old == NULL ? counted(real_malloc(size)) : real_realloc(old, size);
}

void wrap_free(void *old)
{
    live -= old != NULL;
    real_free(old);
}

static void refuse_after(size_t count)
{
    left = count;
    ran_out = false;
}

static void refuse_none(void)
{
    left = SIZE_MAX;
    ran_out = false;
}

/* ---- schemas --------------------------------------------------------------------------------- */

static kmsg_string text_of(unsigned seed)
{
    static char text[1 << 16];
    FILE       *out = fmemopen(text, sizeof text, "w");
    long        size;

    schemas_seed(seed);
    schemas_write("made", out);
    fflush(out);
    size = ftell(out);
    fclose(out);
    return (kmsg_string){text, (size_t)size};
}

/* For every n; `text` is a good schema, or a bad one. */
static void load_without_memory(kmsg_string text, kmsg_err wanted)
{
    kmsg_err err = KMSG_ENOMEM;
    size_t   n = 0;

    for (; err == KMSG_ENOMEM; n++) {
        const long   before = live;
        kmsg_schema *schema = NULL;
        refuse_after(n);
        err = kmsg_schema_load_text("made.kmsg", text, NULL, &schema);
        CHECK(ran_out == (err == KMSG_ENOMEM));
        refuse_none();
        CHECK((err == KMSG_OK) == (schema != NULL));
        kmsg_schema_free(schema);
        EQ_INT(live, before);
        CHECK(n < MANY);
    }
    EQ_INT(err, wanted);
    CHECK(n > 5);
}

TEST(a_schema_is_loaded_or_there_is_no_memory_and_nothing_is_left)
{
    for (unsigned seed = 1; seed <= SCHEMAS; seed++) {
        test_at("schema of seed %u", seed);
        load_without_memory(text_of(seed), KMSG_OK);
    }
}

TEST(so_is_one_with_mistakes)
{
    for (unsigned seed = 1; seed <= SCHEMAS; seed++) {
        kmsg_string text = text_of(seed);
        test_at("schema of seed %u", seed);
        for (size_t i = 100; i < text.size; i += text.size / 6)
            ((char *)(uintptr_t)text.data)[i] = '@';
        load_without_memory(text, KMSG_EINVAL);
    }
}

TEST(a_schema_nested_deeply_is_too)
{
    char  text[1000];
    FILE *out = fmemopen(text, sizeof text, "w");

    fputs("record R { x: ", out);
    for (unsigned i = 0; i < 60; i++)
        fputs("list<", out);
    fputs("u8", out);
    for (unsigned i = 0; i < 60; i++)
        fputs(">", out);
    fputs(" }", out);
    fclose(out);
    load_without_memory(kmsg_str(text), KMSG_OK);
}

TEST(a_type_is_made_or_there_is_no_memory_and_the_schema_is_as_it_was)
{
    for (size_t n = 0, done = 0; done == 0; n++) {
        const long       before = live;
        kmsg_schema     *schema = NULL;
        const kmsg_type *type = NULL;
        kmsg_err         err;

        OK(kmsg_schema_load_text("made.kmsg", text_of(1), NULL, &schema));
        refuse_after(n);
        err = kmsg_schema_type(schema, "map<string, list<made.Record0[3]>>", &type);
        done = !ran_out;
        refuse_none();
        CHECK(err == (done ? KMSG_OK : KMSG_ENOMEM));
        OK(kmsg_schema_type(schema, "map<string, list<made.Record0[3]>>", &type));
        kmsg_schema_free(schema);
        EQ_INT(live, before);
    }
}

/* ---- values ---------------------------------------------------------------------------------- */

/* False: there was no memory. */
typedef bool attempt(const kmsg_layout *layout, const void *value, kmsg_arena *mem);

static bool worked(kmsg_err err)
{
    CHECK(err == KMSG_OK || (err == KMSG_ENOMEM && ran_out));
    return err == KMSG_OK;
}

static void every_n(attempt *try, const kmsg_layout *layout, const void *value)
{
    for (size_t n = 0, done = 0; done == 0; n++) {
        const long  before = live;
        kmsg_arena *mem = kmsg_arena_new();

        refuse_after(n);
        done = try(layout, value, mem);
        CHECK(done || ran_out);
        done = !ran_out;
        refuse_none();
        kmsg_arena_free(mem);
        EQ_INT(live, before);
        CHECK(n < MANY);
    }
}

static void for_values(attempt *try)
{
    for (unsigned seed = 1; seed <= SCHEMAS; seed++) {
        kmsg_schema *schema = NULL;

        test_at("schema of seed %u", seed);
        OK(kmsg_schema_load_text("made.kmsg", text_of(seed), NULL, &schema));
        for (size_t i = 0; i < kmsg_schema_count(schema); i++) {
            const kmsg_layout *layout = kmsg_schema_at(schema, i);
            kmsg_arena        *mem = kmsg_arena_new();
            maker              m = {.mem = mem};
            every_n(try, layout, maker_record(&m, layout));
            kmsg_arena_free(mem);
        }
        kmsg_schema_free(schema);
    }
}

static bool over_the_wire(const kmsg_layout *layout, const void *value, kmsg_arena *mem)
{
    void      *back = kmsg_alloc(mem, layout->size, 16);
    kmsg_bytes bytes;

    return back != NULL && worked(kmsg_encode(layout, value, mem, &bytes)) &&
           worked(kmsg_decode(layout, bytes, mem, back)) &&
           worked(kmsg_copy(layout, back, mem, back)) &&
           (kmsg_equal(layout, value, back) || ran_out);
}

TEST(values_are_encoded_decoded_copied_and_compared_or_there_is_no_memory)
{
    for_values(over_the_wire);
}

static bool as_json(const kmsg_layout *layout, const void *value, kmsg_arena *mem)
{
    void       *back = kmsg_alloc(mem, layout->size, 16);
    kmsg_string text;

    return back != NULL && worked(kmsg_json_encode(layout, value, NULL, mem, &text)) &&
           worked(kmsg_json_decode(layout, text, NULL, mem, back));
}

TEST(values_become_json_and_come_back_or_there_is_no_memory)
{
    for_values(as_json);
}

static bool in_print(const kmsg_layout *layout, const void *value, kmsg_arena *mem)
{
    FILE *out = fopen("/dev/null", "w");

    (void)mem;
    kmsg_print(layout, value, out);
    fclose(out);
    return true; /* it goes without what it has no memory for */
}

TEST(values_are_printed_with_what_memory_there_is)
{
    for_values(in_print);
}
