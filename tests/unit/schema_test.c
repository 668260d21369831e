/* schema_test.c -- schemas read at run time: the same descriptors as generated ones, and values
 * that generated code understands.
 */
#define _POSIX_C_SOURCE 200809L

#include "tests/same.h"
#include "tests/test.h"

#include "everything.kmsg.h"
#include "forms.kmsg.h"

#include <kmsg/codec.h>
#include <kmsg/schema.h>

#include <locale.h>
#include <stdlib.h>
#include <string.h>

#define EVERYTHING "tests/unit/everything.kmsg"

static kmsg_schema *load(const char *text)
{
    kmsg_schema              *schema = NULL;
    const kmsg_schema_options options = {.diagnostics = stderr};

    OK(kmsg_schema_load_text("test.kmsg", kmsg_str(text), &options, &schema));
    return schema;
}

static kmsg_schema *everything(void)
{
    kmsg_schema              *schema = NULL;
    const kmsg_schema_options options = {.diagnostics = stderr};

    OK(kmsg_schema_load(EVERYTHING, &options, &schema));
    return schema;
}

/* ---- the same as generated ------------------------------------------------------------------- */

/* All records of a file, in the order of its text. */
static void same_as_generated(const char *path, const kmsg_layout *const *generated, size_t count)
{
    const kmsg_schema_options options = {.diagnostics = stderr};
    kmsg_schema              *schema = NULL;
    same_pairs               *seen = same_pairs_new(false);

    OK(kmsg_schema_load(path, &options, &schema));
    EQ_UINT(kmsg_schema_count(schema), count);
    for (size_t i = 0; i < count; i++) {
        EQ_STR(kmsg_schema_at(schema, i)->name, generated[i]->name);
        same_layout(seen, kmsg_schema_at(schema, i), generated[i]);
    }
    EQ_PTR(kmsg_schema_at(schema, count), NULL);
    same_pairs_free(seen);
    kmsg_schema_free(schema);
}

TEST(every_layout_is_the_one_that_kmsgc_writes)
{
    static const kmsg_layout *const generated[] = {
        &every_Address_layout, &every_Phone_layout, &every_Person_layout,   &every_Tick_layout,
        &every_Batch_layout,   &every_Empty_layout, &every_NotFound_layout, &every_V1_layout,
        &every_V2_layout,      &every_V2b_layout,   &every_V1s_layout,      &every_V2s_layout,
        &every_Narrow_layout,  &every_Wide_layout,  &every_Narrows_layout,  &every_Wides_layout,
        &every_Scalars_layout};

    same_as_generated(EVERYTHING, generated, sizeof generated / sizeof *generated);
}

TEST(so_are_those_with_unions_arrays_sets_refs_and_limits)
{
    static const kmsg_layout *const generated[] = {
        &forms_Leaf_layout,  &forms_Node_layout,   &forms_Arrays_layout,
        &forms_Sets_layout,  &forms_Others_layout, &forms_Limits_layout,
        &forms_Zeros_layout, &forms_Gone_layout,   &forms_HasGone_layout};

    same_as_generated("tests/unit/forms.kmsg", generated, sizeof generated / sizeof *generated);
}

/* ---- values ---------------------------------------------------------------------------------- */

static every_Person a_person(void)
{
    static const every_Person_scores_entry scores[] = {{KMSG_STR("chess"), 2100},
                                                       {KMSG_STR("go"), -3}};
    static const every_Phone               phones[] = {{every_PhoneKind_HOME, KMSG_STR("123")},
                                                       {(every_PhoneKind)77, KMSG_STR("")}};
    static const every_Vec                 path[] = {{1, 2, true, {0}}, {3, 4, false, {0}}};
    static const int32_t                   one[] = {1, -2, 3};
    static const kmsg_list_i32             matrix[] = {{one, 3}, {NULL, 0}};
    every_Person                           p = every_Person_initial;

    p.id = 42;
    p.name = kmsg_str("Ada");
    p.age = 36;
    p.has_age = true;
    p.scores = (every_Person_scores){scores, 2};
    p.phones = (every_Phone_list){phones, 2};
    p.path = (every_Vec_list){path, 2};
    p.matrix = (every_Person_matrix){matrix, 2};
    return p;
}

TEST(values_go_from_generated_code_to_a_schema_and_back)
{
    kmsg_schema       *schema = everything();
    const kmsg_layout *layout = kmsg_schema_record(schema, "every.Person");
    kmsg_arena        *mem = kmsg_arena_new();
    every_Person       ada = a_person(), again;
    kmsg_bytes         bytes, mine;

    CHECK(layout != NULL);
    OK(every_Person_encode(&ada, mem, &bytes));
    EQ_UINT(layout->size, sizeof again);
    OK(kmsg_decode(layout, bytes, mem, &again));
    CHECK(every_Person_equal(&ada, &again));
    OK(kmsg_encode(layout, &again, mem, &mine));
    EQ_MEM(mine.data, mine.size, bytes.data, bytes.size);
    kmsg_arena_free(mem);
    kmsg_schema_free(schema);
}

TEST(fields_that_an_older_writer_lacked_take_the_schemas_defaults)
{
    kmsg_schema *schema = everything();
    kmsg_arena  *mem = kmsg_arena_new();
    every_V1     old = {.a = 1, .b = KMSG_STR("b")};
    every_V2 new;
    kmsg_bytes bytes;

    OK(every_V1_encode(&old, mem, &bytes));
    OK(kmsg_decode(kmsg_schema_record(schema, "V2"), bytes, mem, &new));
    EQ_UINT(new.a, 1);
    EQ_UINT(new.c, 7);
    EQ_STR(new.d.data, "new");
    EQ_UINT(new.e.zip, 1234);
    kmsg_arena_free(mem);
    kmsg_schema_free(schema);
}

TEST(all_defaults_of_a_record)
{
    kmsg_schema       *schema = everything();
    const kmsg_layout *person = kmsg_schema_record(schema, "Person");
    const void        *initial = kmsg_schema_initial(schema, person);

    CHECK(initial != NULL);
    CHECK(kmsg_equal(&every_Person_layout, initial, &every_Person_initial));
    EQ_PTR(kmsg_schema_initial(schema, kmsg_schema_record(schema, "Tick")), NULL);
    EQ_PTR(kmsg_schema_initial(schema, &every_Person_layout), NULL);
    kmsg_schema_free(schema);
}

TEST(a_ref_that_was_given_up_is_written_absent_as_generated_code_does)
{
    kmsg_schema *schema = load("record R { reserved 1: ref<R>, 2: string, 3: string?; 4 a: u8 }");
    kmsg_arena  *mem = kmsg_arena_new();
    uint8_t      a = 7;
    kmsg_bytes   bytes;

    OK(kmsg_encode(kmsg_schema_record(schema, "R"), &a, mem, &bytes));
    EQ_MEM(bytes.data + 12, bytes.size - 12,
           "\xff\xff\xff\xff"
           "\0\0\0\0"
           "\xff\xff\xff\xff",
           12);
    kmsg_arena_free(mem);
    kmsg_schema_free(schema);
}

/* ---- C forms of the kinds, held against the compiler ----------------------------------------- */

static const kmsg_field *field(const kmsg_layout *layout, const char *name)
{
    for (uint32_t i = 0; i < layout->count; i++)
        if (layout->fields[i].name != NULL && strcmp(layout->fields[i].name, name) == 0)
            return &layout->fields[i];
    CHECK(false);
    return NULL;
}

#define SAME_OFFSET(layout, type, member)                                                          \
    EQ_UINT(field((layout), #member)->offset, offsetof(type, member))

TEST(a_union_is_its_kind_and_the_largest_member)
{
    typedef struct {
        uint32_t kind;
        union {
            const void *circle;
            kmsg_string name;
            kmsg_any    any;
            double      number;
            kmsg_bytes  unknown;
        };
    } as_c;
    kmsg_schema *schema = load("fixed record Circle { r: f64; x: f64; y: f64; z: f64; w: f64 }\n"
                               "union Shape { circle: Circle; 5 name: string; any: any; "
                               "number: f64; reserved 4 }\n"
                               "record R { on: bool; shape: Shape; list: list<Shape> }");
    const kmsg_layout *r = kmsg_schema_record(schema, "R");
    const kmsg_type   *shape = field(r, "shape")->type;
    const kmsg_layout *u = shape->layout;

    EQ_UINT(shape->kind, KMSG_KIND_UNION);
    EQ_UINT(shape->size, sizeof(as_c));
    EQ_UINT(shape->align, _Alignof(as_c));
    EQ_UINT(u->shape, 0);
    EQ_UINT(u->count, 5);
    EQ_UINT(u->fields[0].number, 0);
    EQ_PTR(u->fields[0].type, &kmsg_type_bytes);
    SAME_OFFSET(u, as_c, unknown);
    SAME_OFFSET(u, as_c, circle);
    SAME_OFFSET(u, as_c, number);
    EQ_UINT(field(u, "name")->number, 5);
    EQ_UINT(field(r, "list")->type->kind, KMSG_KIND_ROWS);
    EQ_UINT(field(r, "list")->type->layout->size, sizeof(as_c));
    kmsg_schema_free(schema);
}

TEST(arrays_lie_where_c_has_them)
{
    typedef struct {
        uint8_t      mac[6];
        uint8_t      pad1_[2];
        float        grid[3][4];
        bool         has_grid;
        kmsg_string  names[2];
        const void  *maybe;
        const void  *ref;
        kmsg_address home;
        kmsg_any     extra;
        kmsg_items   set;
    } as_c;
    kmsg_schema *schema =
        load("record R { mac: u8[6]; grid: f32[3][4]?; names: string[2]; maybe: R2[3]?; "
             "ref: ref<R>; home: address; extra: any; set: set<u8[6]> }\n"
             "record R2 { name: string; tags: u16 }");
    const kmsg_layout *r = kmsg_schema_record(schema, "R");

    EQ_UINT(r->size, sizeof(as_c));
    SAME_OFFSET(r, as_c, mac);
    SAME_OFFSET(r, as_c, grid);
    EQ_UINT(field(r, "grid")->has_offset, offsetof(as_c, has_grid));
    SAME_OFFSET(r, as_c, names);
    SAME_OFFSET(r, as_c, maybe);
    SAME_OFFSET(r, as_c, ref);
    SAME_OFFSET(r, as_c, home);
    SAME_OFFSET(r, as_c, extra);
    SAME_OFFSET(r, as_c, set);
    EQ_UINT(field(r, "grid")->type->kind, KMSG_KIND_VECTOR);
    EQ_UINT(field(r, "grid")->type->count, 3);
    EQ_UINT(field(r, "grid")->type->item->count, 4);
    EQ_UINT(field(r, "names")->type->kind, KMSG_KIND_TABLE);
    EQ_UINT(field(r, "maybe")->type->size, 3 * kmsg_schema_record(schema, "R2")->size);
    EQ_PTR(field(r, "maybe")->type->item, NULL);
    EQ_PTR(field(r, "ref")->type->layout, r);
    CHECK(field(r, "set")->type->is_set);
    CHECK(r->has_refs);
    kmsg_schema_free(schema);
}

TEST(limits_and_patterns)
{
    kmsg_schema *schema = load("record R { age: u8(..150); low: i32(-5..5); f: f64(0.0..1.0); "
                               "code: string(..8, \"[A-Z]+\"); tags: list<string(1..20)>(..10) }");
    const kmsg_layout *r = kmsg_schema_record(schema, "R");
    const kmsg_type   *code = field(r, "code")->type, *tags = field(r, "tags")->type;

    CHECK(!field(r, "age")->type->limits->has_low);
    EQ_UINT(field(r, "age")->type->limits->high.u, 150);
    EQ_INT(field(r, "low")->type->limits->low.i, -5);
    EQ_INT(field(r, "low")->type->limits->high.i, 5);
    CHECK(field(r, "f")->type->limits->high.f > 0.99);
    EQ_UINT(code->limits->high.u, 8);
    EQ_STR(code->limits->pattern->text, "[A-Z]+");
    EQ_UINT(tags->limits->high.u, 10);
    EQ_UINT(tags->item->limits->low.u, 1);
    kmsg_schema_free(schema);
}

/* ---- names and types ------------------------------------------------------------------------- */

TEST(records_are_found_by_either_name)
{
    kmsg_schema *schema = everything();

    CHECK(kmsg_schema_record(schema, "every.Person") != NULL);
    EQ_PTR(kmsg_schema_record(schema, "Person"), kmsg_schema_record(schema, "every.Person"));
    EQ_PTR(kmsg_schema_record(schema, "Persn"), NULL);
    EQ_PTR(kmsg_schema_record(schema, ""), NULL);
    EQ_PTR(kmsg_schema_record(schema, "Vec"), NULL);    /* fixed: no message */
    EQ_PTR(kmsg_schema_record(schema, "Scores"), NULL); /* an alias */
    kmsg_schema_free(schema);
}

static const kmsg_type *type(kmsg_schema *schema, const char *text)
{
    const kmsg_type *ret = NULL;

    OK(kmsg_schema_type(schema, text, &ret));
    return ret;
}

TEST(types_by_their_text)
{
    kmsg_schema     *schema = everything();
    const kmsg_type *t;

    EQ_PTR(type(schema, "u32"), &kmsg_type_u32);
    EQ_PTR(type(schema, " list < string > "), &kmsg_type_list_string);
    EQ_PTR(type(schema, "Person")->layout, kmsg_schema_record(schema, "Person"));
    EQ_UINT(type(schema, "Vec")->kind, KMSG_KIND_FIXED);
    EQ_STR(type(schema, "list<Level>")->name, "list<every.Level>");
    t = type(schema, "map<UserId, list<every.Person>>");
    EQ_UINT(t->kind, KMSG_KIND_MAP);
    EQ_STR(t->name, "map<every.UserId, list<every.Person>>");
    EQ_PTR(type(schema, "map<UserId, list<every.Person>>"), t);
    EQ_UINT(t->layout->fields[1].offset, 8);
    EQ_UINT(t->layout->size, 8 + 2 * sizeof(void *));
    t = type(schema, "u8[2][3]");
    EQ_STR(t->name, "u8[2][3]");
    EQ_UINT(t->count, 2);
    EQ_UINT(t->size, 6);
    EQ_PTR(type(schema, "Scores"), field(kmsg_schema_record(schema, "Person"), "extra")->type);
    kmsg_schema_free(schema);
}

TEST(what_is_no_type_is_refused)
{
    static const char *const bad[] = {"",
                                      " ",
                                      "list",
                                      "list<",
                                      "list<u32",
                                      "list<u32>>",
                                      "map<u32>",
                                      "map<f32, u32>",
                                      "map<Person,u8>",
                                      "set<f64>",
                                      "u8[0]",
                                      "u8[65536]",
                                      "u8[",
                                      "u8[1",
                                      "u8[-1]",
                                      "list<Empty>",
                                      "ref<Person>2",
                                      "u32 u32",
                                      "u32?",
                                      "u8(1..2)",
                                      "ref<Vec>",
                                      "u8[65535][2]",
                                      "Person[65535][65535]"};
    kmsg_schema             *schema = everything();
    const kmsg_type         *ret = NULL;
    char                     deep[1000] = "";

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        FAILS(kmsg_schema_type(schema, bad[i], &ret), KMSG_EINVAL);
        EQ_PTR(ret, NULL);
    }
    FAILS(kmsg_schema_type(schema, "Persn", &ret), KMSG_ENOENT);
    FAILS(kmsg_schema_type(schema, "list<every.Nothing>", &ret), KMSG_ENOENT);
    EQ_STR(kmsg_last_error(), "list<every.Nothing>: no type 'every.Nothing'");
    FAILS(kmsg_schema_type(schema, "ref<Nobody>", &ret), KMSG_ENOENT);
    FAILS(kmsg_schema_type(schema, "Directory", &ret), KMSG_ENOENT);
    for (size_t i = 0; i < 100; i++)
        memcpy(deep + 5 * i, "list<", 6);
    FAILS(kmsg_schema_type(schema, deep, &ret), KMSG_EINVAL);
    kmsg_schema_free(schema);
}

TEST(numbers_do_not_depend_on_the_locale)
{
    kmsg_schema     *schema;
    const kmsg_type *a;

    if (setlocale(LC_NUMERIC, "de_DE.UTF-8") == NULL &&
        setlocale(LC_NUMERIC, "fr_FR.UTF-8") == NULL)
        SKIP("no locale with a comma here");
    schema = load("record R { a: f64(0.25..0.75) }");
    setlocale(LC_NUMERIC, "C");
    a = field(kmsg_schema_record(schema, "R"), "a")->type;
    CHECK(a->limits->low.f > 0.24 && a->limits->low.f < 0.26);
    EQ_STR(a->name, "f64(0.25..0.75)");
    kmsg_schema_free(schema);
}

/* ---- what goes wrong ------------------------------------------------------------------------- */

TEST(mistakes_are_told_as_kmsgc_tells_them)
{
    char                     *text = NULL;
    size_t                    size = 0;
    FILE                     *out = open_memstream(&text, &size);
    const kmsg_schema_options options = {.diagnostics = out};
    kmsg_schema              *schema = NULL;

    FAILS(kmsg_schema_load_text("a.kmsg", kmsg_str("record A { b: Nothing }"), &options, &schema),
          KMSG_EINVAL);
    fclose(out);
    HAS(text, "a.kmsg:1:15: error: no type 'Nothing'");
    EQ_PTR(schema, NULL);
    free(text);
}

TEST(without_diagnostics_nothing_is_printed)
{
    kmsg_schema *schema = NULL;

    FAILS(kmsg_schema_load_text("a.kmsg", kmsg_str("record"), NULL, &schema), KMSG_EINVAL);
    EQ_STR(kmsg_last_error(), "a.kmsg: 1 error in the schema");
    FAILS(kmsg_schema_load("tests/unit/nowhere.kmsg", NULL, &schema), KMSG_ENOENT);
    HAS(kmsg_last_error(), "cannot read tests/unit/nowhere.kmsg: No such file");
    FAILS(kmsg_schema_load("tests/unit", NULL, &schema), KMSG_ENOENT);
    EQ_PTR(schema, NULL);
    kmsg_schema_free(NULL);
}

TEST(a_record_too_large_for_memory_is_refused)
{
    kmsg_schema *schema = NULL;

    FAILS(kmsg_schema_load_text("a.kmsg", kmsg_str("record A { a: string[65535][65535] }"), NULL,
                                &schema),
          KMSG_EINVAL);
}

/* Memory for arenas, of which piece number `left` is refused. */
static size_t pieces, left;

static void *resize(void *ctx, void *old, size_t size)
{
    (void)ctx;
    if (old == NULL && size != 0 && left-- == 0)
        return NULL;
    pieces += old == NULL && size != 0;
    pieces -= old != NULL && size == 0;
    if (size != 0)
        return realloc(old, size);
    free(old);
    return NULL;
}

TEST(without_memory_nothing_is_left_behind)
{
    const kmsg_allocator counting = {resize, NULL}, usual = {NULL, NULL};
    kmsg_schema         *schema = NULL;
    kmsg_err             err = KMSG_ENOMEM;
    size_t               n;

    kmsg_set_allocator(counting);
    for (n = 0; err == KMSG_ENOMEM; n++) {
        left = n;
        err = kmsg_schema_load(EVERYTHING, NULL, &schema);
        if (err == KMSG_ENOMEM)
            EQ_UINT(pieces, 0);
    }
    OK(err);
    CHECK(n > 3);
    kmsg_schema_free(schema);
    EQ_UINT(pieces, 0);
    kmsg_set_allocator(usual);
}
