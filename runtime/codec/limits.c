/* limits.c -- see limits.h. A pattern is a table of states that kmsgc has made: no backtracking,
 * one look-up a byte, so that no text takes longer than its length.
 */
#include "codec/limits.h"

#include "codec/scalar.h"
#include "codec/value.h"

#include <inttypes.h>

/* ---- numbers --------------------------------------------------------------------------------- */

typedef enum scale { SIGNED, UNSIGNED, FLOATING, SIZE, NONE } scale;

static scale scale_of(const kmsg_type *type)
{
    switch (type->kind) {
    case KMSG_KIND_I8:
    case KMSG_KIND_I16:
    case KMSG_KIND_I32:
    case KMSG_KIND_I64:
    case KMSG_KIND_RUNE:
    case KMSG_KIND_TIMESTAMP:
    case KMSG_KIND_DURATION: return SIGNED;
    case KMSG_KIND_U8:
    case KMSG_KIND_U16:
    case KMSG_KIND_U32:
    case KMSG_KIND_U64: return UNSIGNED;
    case KMSG_KIND_F32:
    case KMSG_KIND_F64: return FLOATING;
    case KMSG_KIND_STRING:
    case KMSG_KIND_BYTES:
    case KMSG_KIND_ADDRESS:
    case KMSG_KIND_ARRAY:
    case KMSG_KIND_ROWS:
    case KMSG_KIND_MAP: return SIZE;
    default: return NONE;
    }
}

static double float_of(const kmsg_type *type, const void *value)
{
    float  narrow;
    double wide;

    if (type->kind == KMSG_KIND_F32) {
        memcpy(&narrow, value, sizeof narrow);
        return (double)narrow;
    }
    memcpy(&wide, value, sizeof wide);
    return wide;
}

/* Strings, bytes, lists and maps have the same members in the same places. */
static kmsg_items items_of(const void *value)
{
    kmsg_items items;

    memcpy(&items, value, sizeof items);
    return items;
}

static uint64_t unsigned_of(const kmsg_type *type, const void *value)
{
    if (scale_of(type) == SIZE)
        return items_of(value).count;
    return type->kind == KMSG_KIND_U64 ? kmsg_word(value) : (uint64_t)kmi_scalar_int(type, value);
}

static bool too_low(const kmsg_type *type, const void *value)
{
    const kmsg_limits *limits = type->limits;

    switch (scale_of(type)) {
    case SIGNED: return limits->has_low && kmi_scalar_int(type, value) < limits->low.i;
    case FLOATING: return limits->has_low && !(float_of(type, value) >= limits->low.f);
    case NONE: return false;
    default: return limits->has_low && unsigned_of(type, value) < limits->low.u;
    }
}

static bool too_high(const kmsg_type *type, const void *value)
{
    const kmsg_limits *limits = type->limits;

    switch (scale_of(type)) {
    case SIGNED: return limits->has_high && kmi_scalar_int(type, value) > limits->high.i;
    case FLOATING: return limits->has_high && !(float_of(type, value) <= limits->high.f);
    case NONE: return false;
    default: return limits->has_high && unsigned_of(type, value) > limits->high.u;
    }
}

/* ---- patterns -------------------------------------------------------------------------------- */

static bool matches(const kmsg_pattern *pattern, const uint8_t *data, size_t size)
{
    uint32_t state = 1;

    for (size_t i = 0; i < size && state != 0; i++)
        state = pattern->next[state * pattern->class_count + pattern->classes[data[i]]];
    return pattern->accepts[state] != 0;
}

static bool does_not_match(const kmsg_type *type, const void *value)
{
    const kmsg_pattern *pattern = type->limits->pattern;
    kmsg_items          text;

    if (pattern == NULL || type->kind != KMSG_KIND_STRING)
        return false;
    text = items_of(value);
    return !matches(pattern, text.items, text.count);
}

/* ---- the type itself ------------------------------------------------------------------------- */

static bool within_own(const kmsg_type *type, const void *value)
{
    return type->limits == NULL ||
           (!too_low(type, value) && !too_high(type, value) && !does_not_match(type, value));
}

static bool counts_bytes(const kmsg_type *type)
{
    return type->kind == KMSG_KIND_STRING || type->kind == KMSG_KIND_BYTES ||
           type->kind == KMSG_KIND_ADDRESS;
}

static void size_words(const kmsg_type *type, const void *value, bool low, char *text, size_t size)
{
    const uint64_t count = unsigned_of(type, value);

    snprintf(text, size, "%" PRIu64 " %s%s, at %s %" PRIu64, count,
             counts_bytes(type) ? "byte" : "item", count == 1 ? "" : "s", low ? "least" : "most",
             low ? type->limits->low.u : type->limits->high.u);
}

/* The limit is shown as a value of its type would be: a time as a time. */
static void limit_words(const kmsg_type *type, bool low, char *text, size_t size)
{
    const kmsg_limits *limits = type->limits;
    kmsg_type          wide = *type;
    int64_t number = low ? limits->low.i : limits->high.i; /* or u, or f: the same bits */

    switch (scale_of(type)) {
    case FLOATING: snprintf(text, size, "%.15g", low ? limits->low.f : limits->high.f); return;
    case UNSIGNED: wide = kmsg_type_u64; break;
    default:
        if (type->kind == KMSG_KIND_RUNE) {
            snprintf(text, size, "U+%04" PRIX64, (uint64_t)number);
            return;
        }
        if (type->size != sizeof number)
            wide = kmsg_type_i64;
        break;
    }
    kmi_scalar_text(&wide, &number, text, size);
}

static void number_words(const kmsg_type *type, const void *value, bool low, char *text,
                         size_t size)
{
    char is[64], limit[64];

    kmi_scalar_text(type, value, is, sizeof is);
    limit_words(type, low, limit, sizeof limit);
    snprintf(text, size, "%s is %s %s", is, low ? "below" : "above", limit);
}

const char *kmi_limits_bad(const kmsg_type *type, const void *value, char *text, size_t size)
{
    bool low;

    if (within_own(type, value))
        return NULL;
    low = too_low(type, value);
    if (!low && !too_high(type, value))
        snprintf(text, size, "does not match \"%s\"", type->limits->pattern->text);
    else if (scale_of(type) == SIZE)
        size_words(type, value, low, text, size);
    else if (scale_of(type) == FLOATING && float_of(type, value) != float_of(type, value))
        snprintf(text, size, "not a number, which is outside of any limit");
    else
        number_words(type, value, low, text, size);
    return text;
}

const char *kmsg_limits_bad(const kmsg_type *type, const void *value, char *text, size_t size)
{
    return kmi_limits_bad(type, value, text, size);
}

/* ---- the type and what it is made of --------------------------------------------------------- */

/* Down to records and unions, which look after themselves. */
static bool has_limits(const kmsg_type *type)
{
    if (type->limits != NULL)
        return true;
    switch (type->kind) {
    case KMSG_KIND_VECTOR:
    case KMSG_KIND_ARRAY: return has_limits(type->item);
    case KMSG_KIND_ROWS:
    case KMSG_KIND_TABLE: return type->item != NULL && has_limits(type->item);
    case KMSG_KIND_MAP:
        return has_limits(type->layout->fields[0].type) || has_limits(type->layout->fields[1].type);
    default: return false;
    }
}

static bool items_within(const kmsg_type *item, const void *items, size_t count)
{
    const uint8_t *at = items;

    if (!has_limits(item))
        return true;
    for (size_t i = 0; i < count; i++)
        if (!kmsg_within(item, at + i * item->size))
            return false;
    return true;
}

static bool field_within(const kmsg_field *f, const uint8_t *row)
{
    const uint8_t *member = row + f->offset;

    if (kmi_in_block(f->type) ? f->optional && !row[f->has_offset] : !kmi_is_there(f, member))
        return true;
    return kmsg_within(f->type, kmi_held(f, member));
}

static bool rows_within(const kmsg_type *type, const void *items, size_t count)
{
    const kmsg_layout *layout = type->layout;
    const uint8_t     *row = items;

    if (!has_limits(&(kmsg_type){.kind = type->kind, .item = type->item, .layout = layout}))
        return true;
    for (size_t i = 0; i < count; i++, row += layout->size)
        for (uint32_t k = 0; k < layout->count; k++)
            if (!field_within(&layout->fields[k], row))
                return false;
    return true;
}

bool kmsg_within(const kmsg_type *type, const void *value)
{
    if (!within_own(type, value))
        return false;
    switch (type->kind) {
    case KMSG_KIND_VECTOR: return items_within(type->item, value, type->count);
    case KMSG_KIND_ARRAY: {
        const kmsg_items list = items_of(value);
        return items_within(type->item, list.items, list.count);
    }
    case KMSG_KIND_TABLE: return rows_within(type, value, type->count);
    case KMSG_KIND_ROWS:
    case KMSG_KIND_MAP: {
        const kmsg_items list = items_of(value);
        return rows_within(type, list.items, list.count);
    }
    default: return true;
    }
}
