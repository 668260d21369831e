/* schemas.c -- see schemas.h.
 *
 * How many declarations of each kind there are is decided first, so that types can name what is
 * declared further down. What keeps a schema valid:
 *
 *   - A record that is always there (a field, an item of T[N], an item of a list that has a least
 *     number of items) is one of a lower index: no record contains itself, and values end. Behind a
 *     list, map, union, ref or `?` it is any.
 *   - Each record has a weight, so that a few levels of arrays of records stay small in C.
 *   - Least numbers of items are asked for only where there are as many different keys.
 *
 * Names of fields are also words of C, C++ and the language, and go on where the last ones ended.
 */
#include "schemas.h"

#include "test.h"

#define RECORDS_MAX 6
#define WEIGHT_MAX  40 /* records and texts in one value of a record without lists */
#define NEST_MAX    3  /* types inside types */

typedef struct writer {
    FILE       *out;
    const char *module;
    unsigned    enums, fixed, keys, unions, records, aliases, word;
    unsigned    rank;   /* records below this index may be contained */
    unsigned    weight; /* of what is being written */
    bool        after_reserved;
    unsigned    weights[RECORDS_MAX];
} writer;

typedef struct form {
    const char *type, *initial;
} form;

static unsigned below(unsigned limit)
{
    return limit == 0 ? 0 : test_random() % limit;
}

static bool one_in(unsigned n)
{
    return below(n) == 0;
}

static void put(writer *w, const char *format, ...) KMSG_PRINTF(2, 3);
static void put(writer *w, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vfprintf(w->out, format, args);
    va_end(args);
}

/* One of a declaration's kind, sometimes with its module in front. */
static void put_name(writer *w, const char *kind, unsigned count)
{
    if (one_in(8))
        put(w, "%s.", w->module);
    put(w, "%s%u", kind, below(count));
}

static const char *next_word(writer *w)
{
    static const char *const words[] = {
        "id",    "name", "class", "int",    "tags",  "record", "state",    "size",
        "items", "new",  "union", "string", "fixed", "enum",   "template", "a",
        "data",  "b",    "map",   "error",  "ref",   "value",  "throws",   "register",
        "c",     "any",  "count", "this",   "alias", "x1",     "reserved", "const",
        "key",   "d",    "mem",   "ret",    "set",   "module", "import",   "last_One"};

    return words[w->word++ % (sizeof words / sizeof *words)];
}

static void put_word(writer *w)
{
    put(w, "%s", next_word(w));
}

/* ---- what lies in the scalar block ----------------------------------------------------------- */

static const form scalars[] = {
    {"bool", "true"},
    {"i8", "-128"},
    {"i16", "-300"},
    {"i32", "2147483647"},
    {"i64", "-9223372036854775808"},
    {"u8", "0xff"},
    {"u16", "0b1010"},
    {"u32", "4_000_000_000"},
    {"u64", "18446744073709551615"},
    {"rune", "97"},
    {"uuid", NULL},
    {"timestamp", "1000"},
    {"duration", "5s"},
    {"i8(-5..-1)", "-2"},
    {"u8(0..150)", "150"},
    {"u8(MANY..)", "9"},
    {"i16(..7)", "7"},
    {"u32(5)", "5"},
    {"i64(-1..9223372036854775807)", "0"},
    {"u64(1..)", "1"},
    {"rune(97..122)", "122"},
    {"timestamp(0..)", "0"},
    {"duration(1ms..2h)", "3min"},
    {"f32", "1.5"}, /* these and what follows cannot be in keys */
    {"f64", "-2.5"},
    {"f32(-1.5..2)", "0.25"},
    {"f64(0..)", "1"},
};

#define SCALARS (sizeof scalars / sizeof *scalars)
#define FLOATS  4

static void put_scalar(writer *w, bool key, const char **initial)
{
    const form *f = &scalars[below((unsigned)(SCALARS - (key ? FLOATS : 0)))];

    put(w, "%s", f->type);
    *initial = f->initial;
}

static void put_fixed_name(writer *w, bool key)
{
    if (key || w->fixed == 0 || one_in(3))
        put_name(w, "Key", w->keys);
    else
        put_name(w, "Fixed", w->fixed);
}

static void put_enum_name(writer *w, const char **initial)
{
    put_name(w, "Enum", w->enums);
    *initial = "TWO";
}

/* A scalar, an enum, a fixed record if they may be in it, or an array of these. */
static void put_block(writer *w, bool key, bool records, const char **initial)
{
    *initial = NULL;
    switch (below(records ? 6 : 4)) {
    case 0: put_enum_name(w, initial); break;
    case 4:
    case 5: put_fixed_name(w, key); break;
    default: put_scalar(w, key, initial); break;
    }
    if (!one_in(5))
        return;
    put(w, "[%s]", one_in(2) ? "MANY" : "2");
    *initial = NULL;
}

static void put_key(writer *w)
{
    static const char *const texts[] = {"string",       "bytes",    "address",
                                        "string(1..9)", "bytes(3)", "string(..8, \"[a-z]+\")"};
    const char              *initial;

    if (one_in(2))
        put(w, "%s", texts[below(6)]);
    else
        put_block(w, true, true, &initial);
}

/* ---- texts ----------------------------------------------------------------------------------- */

static void put_text(writer *w, const char **initial)
{
    static const form texts[] = {
        {"string", "\"hi\\n\\u{1F600}\""},
        {"string", "\"\""},
        {"bytes", NULL},
        {"address", NULL},
        {"string(..MANY)", "\"abc\""},
        {"string(1..40)", "\"x\""},
        {"string(4)", "\"four\""},
        {"bytes(1..6)", NULL},
        {"string(..8, \"[A-Z]+[0-9]{1,3}\")", "\"AB1\""},
        {"string(\"(ab|c)*\")", "\"abc\""},
        {"string(1..20, \"[^\\\"\\\\\\\\]*\")", "\"plain\""},
        {"string(\"\\\\w\\\\d?\\u{e4}?\")", "\"_7\""},
    };
    const form *f = &texts[below(sizeof texts / sizeof *texts)];

    put(w, "%s", f->type);
    *initial = f->initial;
    w->weight++;
}

/* ---- any type -------------------------------------------------------------------------------- */

typedef struct place {
    unsigned nest;     /* types that it is in */
    bool     sure;     /* the value is always there */
    bool     optional; /* a `?` will follow */
} place;

static void put_type(writer *w, place at, const char **initial);

static void put_record_name(writer *w, place at)
{
    unsigned i = below(at.sure ? w->rank : w->records);

    if (at.sure && (w->rank == 0 || w->weight + w->weights[i] > WEIGHT_MAX)) {
        put(w, "string");
        return;
    }
    put(w, "Record%u", i);
    w->weight += at.sure ? w->weights[i] : 1;
}

/* What is in it may be missing, unless it has a least number of items. */
static void put_list(writer *w, place at)
{
    const char *ignored;
    bool        low = one_in(6);

    put(w, "list<");
    put_type(w, (place){at.nest + 1, at.sure && low, false}, &ignored);
    put(w, low ? ">(1..5)" : one_in(4) ? ">(..MANY)" : ">");
}

static void put_set(writer *w)
{
    put(w, "set<");
    if (one_in(5)) {
        put(w, "u16(7..999)>(1..4)");
        return;
    }
    put_key(w);
    put(w, one_in(4) ? ">(..3)" : ">");
}

static void put_map(writer *w, place at)
{
    const char *ignored;
    bool        low = one_in(6);

    put(w, "map<");
    if (low)
        put(w, "string(4..20)");
    else
        put_key(w);
    put(w, ", ");
    put_type(w, (place){at.nest + 1, at.sure && low, false}, &ignored);
    put(w, low ? ">(2..4)" : one_in(4) ? ">(..4)" : ">");
}

/* What can hold nothing takes no `?`. */
static void put_nothing(writer *w)
{
    switch (below(3)) {
    case 0: put(w, "any"); break;
    case 1: put(w, "ref<Record%u>", below(w->records)); break;
    default: put_name(w, "Union", w->unions); break;
    }
}

/* Without what an array may not be made of. */
static void put_base(writer *w, place at, const char **initial)
{
    unsigned kind = below(at.nest >= NEST_MAX ? 4 : 10);

    *initial = NULL;
    switch (kind) {
    case 0: put_scalar(w, false, initial); break;
    case 1: put_text(w, initial); break;
    case 2: put_enum_name(w, initial); break;
    case 3: put_fixed_name(w, false); break;
    case 4: put_record_name(w, at); break;
    case 5: put_list(w, at); break;
    case 6: put_set(w); break;
    case 7: put_map(w, at); break;
    case 8: put_name(w, "Alias", w->aliases); break;
    default:
        if (at.optional)
            put_list(w, at);
        else
            put_nothing(w);
        break;
    }
}

static void put_type(writer *w, place at, const char **initial)
{
    unsigned before = w->weight, count = 0;

    put_base(w, at, initial);
    if (one_in(6))
        count = 1 + below(3);
    if (count == 0 || (w->weight - before) * count + before > WEIGHT_MAX)
        return;
    put(w, "[%u]", count);
    *initial = NULL;
    w->weight = before + (w->weight - before) * count;
}

/* ---- fields ---------------------------------------------------------------------------------- */

/* Without it, a field has the number of the field before plus one. */
static void put_number(writer *w, unsigned *number)
{
    const bool hole = one_in(5);

    if (hole)
        *number += 1 + below(4);
    if (hole || w->after_reserved)
        put(w, "%u ", *number);
    w->after_reserved = false;
    ++*number;
}

static void put_reserved_number(writer *w, unsigned *number)
{
    put(w, "    reserved %u", (*number)++);
    w->after_reserved = true;
}

static void put_initial(writer *w, const char *initial)
{
    if (initial != NULL && one_in(2))
        put(w, " = %s", initial);
}

static void put_reserved(writer *w, unsigned *number)
{
    const char *ignored;
    bool        optional = one_in(3);

    put_reserved_number(w, number);
    if (!one_in(3)) {
        put(w, ": ");
        put_type(w, (place){1, !optional, optional}, &ignored);
        put(w, optional ? "?" : "");
    }
    put(w, ";\n");
}

static void put_field(writer *w, unsigned *number)
{
    const char *initial;
    bool        optional = one_in(4);

    put(w, "    ");
    put_number(w, number);
    put_word(w);
    put(w, ": ");
    put_type(w, (place){0, !optional, optional}, &initial);
    if (optional)
        put(w, "?");
    else
        put_initial(w, initial);
    put(w, ";\n");
}

static void put_record(writer *w, const char *kind, unsigned index)
{
    unsigned number = 1, count = 1 + below(9);

    w->rank = index;
    w->weight = 1;
    w->after_reserved = false;
    put(w, "%s%u {\n", kind, index);
    put_field(w, &number);
    while (--count > 0)
        if (one_in(7))
            put_reserved(w, &number);
        else
            put_field(w, &number);
    put(w, "}\n");
}

static void put_records(writer *w)
{
    for (unsigned i = 0; i < w->records; i++) {
        put_record(w, "record Record", i);
        w->weights[i] = w->weight;
    }
    w->rank = w->records;
    if (one_in(3))
        put_record(w, "error Error", w->records);
}

/* ---- other declarations ---------------------------------------------------------------------- */

static void put_fixed_record(writer *w, bool key, unsigned index)
{
    const char *initial;
    unsigned    number = 1, count = 1 + below(5);
    unsigned    lower = key ? w->keys : w->fixed;

    put(w, "fixed record %s%u {\n", key ? "Key" : "Fixed", index);
    w->after_reserved = false;
    *(key ? &w->keys : &w->fixed) = index; /* it contains those of lower indices only */
    for (unsigned i = 0; i < count; i++) {
        put(w, "    ");
        put_number(w, &number);
        put_word(w);
        put(w, ": ");
        put_block(w, key, index > 0 || !key, &initial);
        put_initial(w, initial);
        put(w, ";\n");
        if (one_in(10)) {
            put_reserved_number(w, &number);
            put(w, ": u%u;\n", 8u << below(4));
        }
    }
    *(key ? &w->keys : &w->fixed) = lower;
    put(w, "}\n");
}

static void put_enums(writer *w)
{
    for (unsigned i = 0; i < w->enums; i++) {
        put(w, "%senum Enum%u { ", one_in(2) ? "closed " : "", i);
        put(w, "ONE = %d, TWO", (int)below(9) - 4);
        if (one_in(2))
            put(w, " = %d", (int)below(1000) + 5);
        put(w, one_in(3) ? ", LOW = -2147483648, HIGH = 2147483647 }\n" : ", default }\n");
    }
}

static void put_fixed_records(writer *w)
{
    unsigned fixed = w->fixed;

    for (unsigned i = 0; i < w->keys; i++)
        put_fixed_record(w, true, i);
    for (unsigned i = 0; i < fixed; i++)
        put_fixed_record(w, false, i);
}

static void put_unions(writer *w)
{
    const char *ignored;

    for (unsigned i = 0; i < w->unions; i++) {
        unsigned number = 1, count = 1 + below(7);
        w->after_reserved = false;
        put(w, "union Union%u {\n", i);
        while (count-- > 0) {
            put(w, "    ");
            put_number(w, &number);
            put_word(w);
            put(w, ": ");
            put_type(w, (place){0, false, false}, &ignored);
            put(w, ";\n");
            if (one_in(8)) {
                put_reserved_number(w, &number);
                put(w, ";\n");
            }
        }
        put(w, "}\n");
    }
}

/* They can be anywhere, so what they hold for sure is no record. */
static void put_aliases(writer *w)
{
    const char *ignored;

    w->rank = 0;
    for (unsigned i = 0; i < w->aliases; i++) {
        put(w, "alias Alias%u = ", i);
        switch (below(5)) {
        case 0: put_list(w, (place){2, true, false}); break;
        case 1: put_map(w, (place){2, true, false}); break;
        case 2: put_set(w); break;
        case 3: put_text(w, &ignored); break;
        default: put_block(w, false, true, &ignored); break;
        }
        put(w, one_in(3) ? "[2];\n" : ";\n");
    }
}

static void put_service(writer *w)
{
    const char *ignored;
    unsigned    count = 1 + below(3);

    put(w, "service Service0 {\n");
    while (count-- > 0) {
        bool optional = one_in(3);
        put(w, "    ");
        put_word(w);
        put(w, "(");
        for (unsigned i = below(4); i > 0; i--) {
            put_word(w);
            put(w, ": ");
            put_type(w, (place){0, true, false}, &ignored);
            put(w, i > 1 ? ", " : "");
        }
        put(w, ")");
        if (one_in(2)) {
            put(w, " -> ");
            put_type(w, (place){0, !optional, optional}, &ignored);
            put(w, optional ? "?" : "");
        }
        put(w, ";\n");
    }
    put(w, "}\n");
}

/* Names that the machine has itself are refused. */
static void put_state(writer *w)
{
    const char *name = next_word(w), *between = ": ";

    while (strcmp(name, "new") == 0 || strcmp(name, "state") == 0)
        name = next_word(w);
    put(w, "    %s", name);
    for (unsigned i = 0; i < w->records; i++)
        if (one_in(2)) {
            put(w, "%sRecord%u", between, i);
            between = ", ";
        }
    put(w, ";\n");
}

static void put_machine(writer *w)
{
    put(w, "\nmachine Machine0 {\n");
    for (unsigned i = below(6) + 1; i > 0; i--)
        put_state(w);
    put(w, "}\n");
}

/* ---- the whole ------------------------------------------------------------------------------- */

static void (*const sections[])(writer *w) = {put_enums,   put_fixed_records, put_unions,
                                              put_aliases, put_records,       put_service};

#define SECTIONS (sizeof sections / sizeof *sections)

void schemas_seed(unsigned long seed)
{
    test_seed(seed);
    for (unsigned i = 0; i < 8; i++)
        (void)test_random();
}

void schemas_write(const char *module, FILE *out)
{
    writer w = {.out = out,
                .module = module,
                .enums = 1 + below(2),
                .fixed = 1 + below(2),
                .keys = 1 + below(2),
                .unions = 1 + below(2),
                .records = 2 + below(RECORDS_MAX - 1),
                .aliases = 1 + below(3),
                .word = below(100)};
    size_t first = below(SECTIONS);

    put(&w, "module %s;\n\nconst MANY: u32 = 3;\n", module);
    for (size_t i = 0; i < SECTIONS; i++) {
        w.weight = 0;
        put(&w, "\n");
        sections[(first + i) % SECTIONS](&w);
    }
    put_machine(&w);
}
