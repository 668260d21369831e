/* generated.c -- the program of generated_test.sh, which compiles it with the C that kmsgc made of
 * random schemas. made.h names their records; the schemas themselves are read from the folder MADE,
 * so that there are three opinions: straight-line code, its descriptors, and those of the library
 * for schemas at run time.
 */
#include "judge.h"
#include "maker.h"
#include "made.h"
#include "test.h"

#include <kmsg/codec.h>
#include <kmsg/schema.h>

#include <stdlib.h>

#define VALUES  8
#define MUTANTS 60
#define SPOILT  20

/* What the header offers for a record, with its type taken away. */
typedef struct made {
    const kmsg_layout *layout;
    kmsg_err (*encode)(const void *value, kmsg_arena *mem, kmsg_bytes *ret);
    kmsg_err (*decode)(kmsg_bytes bytes, kmsg_arena *mem, void *ret);
    kmsg_err (*copy)(const void *value, kmsg_arena *mem, void *ret);
    bool (*equal)(const void *a, const void *b);
} made;

#define WRAP(name)                                                                                 \
    static kmsg_err encode_##name(const void *value, kmsg_arena *mem, kmsg_bytes *ret)             \
    {                                                                                              \
        return name##_encode(value, mem, ret);                                                     \
    }                                                                                              \
    static kmsg_err decode_##name(kmsg_bytes bytes, kmsg_arena *mem, void *ret)                    \
    {                                                                                              \
        return name##_decode(bytes, mem, ret);                                                     \
    }                                                                                              \
    static kmsg_err copy_##name(const void *value, kmsg_arena *mem, void *ret)                     \
    {                                                                                              \
        return name##_copy(value, mem, ret);                                                       \
    }                                                                                              \
    static bool equal_##name(const void *a, const void *b)                                         \
    {                                                                                              \
        return name##_equal(a, b);                                                                 \
    }
MADE(WRAP)

#define ROW(name) {&name##_layout, encode_##name, decode_##name, copy_##name, equal_##name},
static const made all[] = {MADE(ROW)};

#define ALL (sizeof all / sizeof *all)

/* "made7.Record2": the layout that the library makes of made7.kmsg. */
static const kmsg_layout *at_run_time(const char *name, kmsg_schema **ret)
{
    char               path[4096];
    const char        *folder = getenv("MADE");
    const kmsg_layout *layout;

    snprintf(path, sizeof path, "%s/%.*s.kmsg", folder, (int)strcspn(name, "."), name);
    OK(kmsg_schema_load(path, NULL, ret));
    layout = kmsg_schema_record(*ret, name);
    return layout;
}

static void *room_for(const kmsg_layout *layout, kmsg_arena *mem)
{
    void *p = kmsg_alloc_zeroed(mem, 1, layout->size, 16);

    CHECK(p != NULL);
    return p;
}

typedef void check_made(const made *m, const void *value, kmsg_arena *mem);

/* Values of each record, each in an arena of its own. */
static void for_values(check_made *check)
{
    for (unsigned i = 0; i < ALL * VALUES; i++) {
        const made *m = &all[i / VALUES];
        kmsg_arena *mem = kmsg_arena_new();
        maker       random = {.mem = mem};

        test_at("%s, value %u", m->layout->name, i);
        test_seed(i);
        check(m, maker_record(&random, m->layout), mem);
        kmsg_arena_free(mem);
    }
}

/* ---- values ---------------------------------------------------------------------------------- */

static void check_value(const made *m, const void *value, kmsg_arena *mem)
{
    kmsg_bytes one = judge_value(m->layout, value, mem), two = {NULL, 0};
    void      *back = room_for(m->layout, mem), *copy = room_for(m->layout, mem);

    OK(m->encode(value, mem, &two));
    EQ_MEM(two.data, two.size, one.data, one.size);
    OK(m->decode(one, mem, back));
    OK(m->copy(back, mem, copy));
    CHECK(m->equal(value, copy));
    for (size_t shift = 1; shift < 8; shift++) {
        uint8_t *elsewhere = kmsg_alloc(mem, one.size + 8, 8);
        memcpy(elsewhere + shift, one.data, one.size);
        OK(m->decode((kmsg_bytes){elsewhere + shift, one.size}, mem, back));
        CHECK(m->equal(value, back));
    }
}

TEST(straight_line_code_and_descriptors_make_the_same_bytes)
{
    for_values(check_value);
}

TEST(so_do_descriptors_that_are_made_at_run_time)
{
    for (unsigned i = 0; i < ALL; i++) {
        kmsg_schema       *schema = NULL;
        const kmsg_layout *layout = at_run_time(all[i].layout->name, &schema);
        kmsg_arena        *mem = kmsg_arena_new();
        maker              random = {.mem = mem};
        const void        *value = maker_record(&random, all[i].layout);
        kmsg_bytes         one = {NULL, 0}, two = {NULL, 0};

        test_at("%s", all[i].layout->name);
        OK(all[i].encode(value, mem, &one));
        if (layout != NULL) { /* fixed records are no messages there */
            EQ_UINT(layout->size, all[i].layout->size);
            OK(kmsg_encode(layout, value, mem, &two));
            EQ_MEM(two.data, two.size, one.data, one.size);
        }
        kmsg_arena_free(mem);
        kmsg_schema_free(schema);
    }
}

/* Numbers, enums, runes: what C lets anybody put into a struct. */
static bool takes_any_bits(const kmsg_field *f)
{
    const kmsg_kind kind = f->type->kind;

    return f->name != NULL && kind != KMSG_KIND_BOOL && kind < KMSG_KIND_FIXED;
}

static void spoil(const kmsg_layout *layout, uint8_t *value)
{
    for (uint32_t i = 0; i < layout->count; i++) {
        const kmsg_field *f = &layout->fields[i];
        if (takes_any_bits(f) && test_random() % 3 == 0)
            for (uint32_t k = 0; k < f->type->size; k++)
                value[f->offset + k] = (uint8_t)(test_random() % 2 == 0 ? test_random() : 0);
    }
}

static void check_spoilt(const made *m, const void *value, kmsg_arena *mem)
{
    const kmsg_layout *layout = m->layout;
    kmsg_layout        slow = *layout;
    void              *bad = room_for(layout, mem), *back = room_for(layout, mem);

    slow.row_end = NULL;
    slow.row_put = NULL;
    for (unsigned i = 0; i < SPOILT; i++) {
        kmsg_bytes one = {NULL, 0}, two = {NULL, 0};
        kmsg_err   err;
        memcpy(bad, value, layout->size);
        spoil(layout, bad);
        err = kmsg_encode(&slow, bad, mem, &one);
        CHECK(err == KMSG_OK || err == KMSG_EVALUE);
        EQ_INT(m->encode(bad, mem, &two), err);
        if (err == KMSG_OK) {
            EQ_MEM(two.data, two.size, one.data, one.size);
            OK(m->decode(one, mem, back));
        }
    }
}

TEST(what_may_not_be_sent_is_refused_alike)
{
    for_values(check_spoilt);
}

/* ---- any bytes ------------------------------------------------------------------------------- */

/* The typed function is the one of the layout, or one that is faster. */
static void judge_typed(const made *m, kmsg_bytes bytes, kmsg_arena *mem)
{
    void    *one = room_for(m->layout, mem), *two = room_for(m->layout, mem);
    kmsg_err wanted = judge_bytes(m->layout, bytes);

    EQ_INT(m->decode(bytes, mem, one), wanted);
    if (wanted != KMSG_OK)
        return;
    OK(kmsg_decode(m->layout, bytes, mem, two));
    CHECK(kmsg_equal(m->layout, one, two));
}

static void check_flips(const made *m, const void *value, kmsg_arena *mem)
{
    kmsg_bytes bytes = {NULL, 0};
    uint8_t   *bad;

    OK(m->encode(value, mem, &bytes));
    bad = kmsg_alloc(mem, bytes.size, 8);
    memcpy(bad, bytes.data, bytes.size);
    for (size_t at = 0; at < bytes.size; at += 1 + bytes.size / 200) {
        uint8_t bit = (uint8_t)(1u << test_random() % 8);
        bad[at] ^= bit;
        judge_typed(m, (kmsg_bytes){bad, bytes.size}, mem);
        bad[at] ^= bit;
    }
}

TEST(flipped_bits_are_judged_alike)
{
    for_values(check_flips);
}

static void check_mutants(const made *m, const void *value, kmsg_arena *mem)
{
    kmsg_bytes bytes = {NULL, 0};

    OK(m->encode(value, mem, &bytes));
    judge_mutants(m->layout, bytes, MUTANTS);
}

TEST(mutants_are_judged_alike)
{
    for_values(check_mutants);
}
