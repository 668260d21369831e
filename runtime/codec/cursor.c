/* cursor.c -- see kmsg/value.h: steps through a value by its descriptors.
 *
 * A failed step keeps its error in the value, so that a chain of steps is checked once, at its end.
 */
#include <kmsg/value.h>

#include "base/err.h"
#include "codec/order.h"
#include "codec/scalar.h"
#include "codec/value.h"

#include <string.h>

#define EXACT_MAX ((uint64_t)1 << 53) /* integers up to here are doubles */

static kmsg_value failed(kmsg_err err)
{
    return (kmsg_value){.err = err};
}

static const char *const kind_words[] = {
    [KMSG_KIND_BOOL] = "a bool",
    [KMSG_KIND_I8] = "an i8",
    [KMSG_KIND_I16] = "an i16",
    [KMSG_KIND_I32] = "an i32",
    [KMSG_KIND_I64] = "an i64",
    [KMSG_KIND_U8] = "a u8",
    [KMSG_KIND_U16] = "a u16",
    [KMSG_KIND_U32] = "a u32",
    [KMSG_KIND_U64] = "a u64",
    [KMSG_KIND_F32] = "an f32",
    [KMSG_KIND_F64] = "an f64",
    [KMSG_KIND_RUNE] = "a rune",
    [KMSG_KIND_UUID] = "a uuid",
    [KMSG_KIND_TIMESTAMP] = "a timestamp",
    [KMSG_KIND_DURATION] = "a duration",
    [KMSG_KIND_ENUM] = "an enum",
    [KMSG_KIND_FIXED] = "a fixed record",
    [KMSG_KIND_VECTOR] = "an array",
    [KMSG_KIND_STRING] = "a string",
    [KMSG_KIND_BYTES] = "bytes",
    [KMSG_KIND_ADDRESS] = "an address",
    [KMSG_KIND_ANY] = "an any",
    [KMSG_KIND_RECORD] = "a record",
    [KMSG_KIND_UNION] = "a union",
    [KMSG_KIND_REF] = "a ref",
    [KMSG_KIND_ARRAY] = "a list",
    [KMSG_KIND_ROWS] = "a list",
    [KMSG_KIND_TABLE] = "an array",
    [KMSG_KIND_MAP] = "a map",
};

/* It is not what was asked for. */
static kmsg_err other_kind(kmsg_value v, const char *wanted)
{
    return kmi_error(KMSG_EINVAL, "%s is %s, not %s",
                     v.layout != NULL ? v.layout->name : v.type->name, kind_words[v.kind], wanted);
}

/* What keeps a step or a getter from being taken. */
static kmsg_err blocked(kmsg_value v)
{
    if (v.err != KMSG_OK)
        return v.err;
    return v.data == NULL ? kmi_error(KMSG_EVALUE, "it is absent") : KMSG_OK;
}

/* ---- records --------------------------------------------------------------------------------- */

kmsg_value kmsg_value_member(kmsg_value v, const kmsg_field *field)
{
    kmsg_err       err = blocked(v);
    const uint8_t *value = v.data;
    const void    *member;

    if (err == KMSG_OK && v.kind != KMSG_KIND_RECORD && v.kind != KMSG_KIND_FIXED)
        err = other_kind(v, "a record");
    if (err != KMSG_OK)
        return failed(err);
    member = value + field->offset;
    if (kmi_in_block(field->type))
        return kmsg_value_of(field->type,
                             field->optional && !value[field->has_offset] ? NULL : member);
    if (field->type->kind == KMSG_KIND_REF) /* that leads nowhere is a ref all the same */
        return kmsg_value_of(field->type, member);
    return kmsg_value_of(field->type, kmi_is_there(field, member) ? kmi_held(field, member) : NULL);
}

kmsg_value kmsg_value_field(kmsg_value v, const char *name)
{
    kmsg_err err = blocked(v);

    if (err == KMSG_OK && v.kind != KMSG_KIND_RECORD && v.kind != KMSG_KIND_FIXED)
        err = other_kind(v, "a record");
    if (err != KMSG_OK)
        return failed(err);
    for (uint32_t i = 0; i < v.layout->count; i++) {
        const kmsg_field *f = &v.layout->fields[i];
        if (f->name != NULL && strcmp(f->name, name) == 0)
            return kmsg_value_member(v, f);
    }
    return failed(kmi_error(KMSG_ENOENT, "%s has no field '%s'", v.layout->name, name));
}

/* ---- lists, sets, arrays, maps --------------------------------------------------------------- */

static bool has_items(kmsg_value v)
{
    return v.kind == KMSG_KIND_VECTOR || v.kind == KMSG_KIND_TABLE || v.kind == KMSG_KIND_ARRAY ||
           v.kind == KMSG_KIND_ROWS || v.kind == KMSG_KIND_MAP;
}

/* Arrays hold their items themselves. */
static kmsg_items items_of(kmsg_value v)
{
    kmsg_items items = {v.data, v.type->count};

    if (v.kind != KMSG_KIND_VECTOR && v.kind != KMSG_KIND_TABLE)
        memcpy(&items, v.data, sizeof items);
    return items;
}

size_t kmsg_value_count(kmsg_value v)
{
    return v.err == KMSG_OK && v.data != NULL && has_items(v) ? items_of(v).count : 0;
}

static kmsg_err check_index(kmsg_value v, size_t i, const char *wanted, bool good)
{
    kmsg_err err = blocked(v);
    size_t   count;

    if (err != KMSG_OK)
        return err;
    if (!good)
        return other_kind(v, wanted);
    count = items_of(v).count;
    if (i >= count)
        return kmi_error(KMSG_ENOENT, "no item %zu: there are %zu", i, count);
    return KMSG_OK;
}

/* Field `part` of an entry: 0 is the key, 1 the value. */
static kmsg_value entry_part(kmsg_value map, size_t i, uint32_t part)
{
    const kmsg_layout *entry = map.type->layout;
    kmsg_items         items = items_of(map);

    return kmsg_value_of(entry->fields[part].type, (const uint8_t *)items.items + i * entry->size +
                                                       entry->fields[part].offset);
}

static kmsg_value item_at(kmsg_value v, size_t i)
{
    const uint8_t   *first = items_of(v).items;
    const kmsg_type *item = v.type->item;

    if (v.kind == KMSG_KIND_MAP)
        return entry_part(v, i, 1);
    if (item == NULL)
        return kmsg_value_record(v.type->layout, first + i * v.type->layout->size);
    return kmsg_value_of(item, first + i * item->size);
}

kmsg_value kmsg_value_at(kmsg_value v, size_t i)
{
    kmsg_err err = check_index(v, i, "something with items", has_items(v));

    return err == KMSG_OK ? item_at(v, i) : failed(err);
}

kmsg_value kmsg_value_key(kmsg_value v, size_t i)
{
    kmsg_err err = check_index(v, i, "a map", v.kind == KMSG_KIND_MAP);

    return err == KMSG_OK ? entry_part(v, i, 0) : failed(err);
}

/* The type of what is looked for, NULL where there is nothing to look in. */
static const kmsg_type *key_type(kmsg_value v, kmsg_err *ret_err)
{
    *ret_err = blocked(v);
    if (*ret_err == KMSG_OK && (!has_items(v) || !kmi_has_keys(v.type)))
        *ret_err = other_kind(v, "a map or a set");
    if (*ret_err != KMSG_OK)
        return NULL;
    return v.kind == KMSG_KIND_MAP ? v.type->layout->fields[0].type : v.type->item;
}

kmsg_value kmsg_value_find(kmsg_value v, const void *key)
{
    kmsg_err         err;
    const kmsg_type *type = key_type(v, &err);
    kmsg_items       items;
    kmi_keys         keys;
    size_t           low = 0, high;

    if (type == NULL)
        return failed(err);
    items = items_of(v);
    keys = kmi_keys_of(v.type, &items);
    for (high = items.count; low < high;) {
        size_t middle = low + (high - low) / 2;
        int    order = kmsg_compare_keys(type, kmi_key(&keys, middle), key);
        if (order == 0)
            return item_at(v, middle);
        low = order < 0 ? middle + 1 : low;
        high = order < 0 ? high : middle;
    }
    return failed(kmi_error_plain(KMSG_ENOENT));
}

kmsg_value kmsg_value_find_string(kmsg_value v, kmsg_string key)
{
    kmsg_err         err;
    const kmsg_type *type = key_type(v, &err);

    if (type != NULL && type->kind != KMSG_KIND_STRING)
        err = kmi_error(KMSG_EINVAL, "the keys of %s are no strings", v.type->name);
    return err == KMSG_OK ? kmsg_value_find(v, &key) : failed(err);
}

static bool is_integer(kmsg_kind kind)
{
    return kind <= KMSG_KIND_U64 || kind == KMSG_KIND_RUNE || kind == KMSG_KIND_TIMESTAMP ||
           kind == KMSG_KIND_DURATION || kind == KMSG_KIND_ENUM;
}

kmsg_value kmsg_value_find_int(kmsg_value v, int64_t key)
{
    kmsg_err         err;
    const kmsg_type *type = key_type(v, &err);
    union {
        int8_t  i8;
        int16_t i16;
        int32_t i32;
        int64_t i64;
    } as = {.i64 = 0};

    if (type != NULL && !is_integer(type->kind))
        err = kmi_error(KMSG_EINVAL, "the keys of %s are no numbers", v.type->name);
    if (err != KMSG_OK)
        return failed(err);
    switch (type->size) {
    case 1: as.i8 = (int8_t)key; break;
    case 2: as.i16 = (int16_t)key; break;
    case 4: as.i32 = (int32_t)key; break;
    default: as.i64 = key; break;
    }
    if (type->kind == KMSG_KIND_U64 ? key < 0 : kmi_scalar_int(type, &as) != key)
        return failed(kmi_error_plain(KMSG_ENOENT)); /* no key of this type */
    return kmsg_value_find(v, &as);
}

/* ---- unions, refs ---------------------------------------------------------------------------- */

uint32_t kmsg_value_tag(kmsg_value v)
{
    if (v.err != KMSG_OK || v.data == NULL || v.kind != KMSG_KIND_UNION)
        return 0;
    return kmi_union_kind(v.data);
}

kmsg_value kmsg_value_chosen(kmsg_value v, const kmsg_field **ret_member)
{
    kmsg_err          err = blocked(v);
    const kmsg_field *member = NULL;
    kmsg_value        chosen = {.kind = KMSG_KIND_UNION, .type = v.type, .layout = v.layout};

    if (err == KMSG_OK && v.kind != KMSG_KIND_UNION)
        err = other_kind(v, "a union");
    if (err != KMSG_OK)
        return failed(err);
    if (kmi_union_kind(v.data) != 0) {
        member = kmi_union_member(v.layout, kmi_union_kind(v.data));
        chosen = kmsg_value_of(member->type, kmi_union_held(member, v.data));
    }
    if (ret_member != NULL)
        *ret_member = member;
    return chosen;
}

kmsg_value kmsg_value_follow(kmsg_value v)
{
    kmsg_err    err = blocked(v);
    const void *record;

    if (err == KMSG_OK && v.kind != KMSG_KIND_REF)
        err = other_kind(v, "a ref");
    if (err != KMSG_OK)
        return failed(err);
    memcpy(&record, v.data, sizeof record);
    return kmsg_value_record(v.type->layout, record);
}

/* ---- single values --------------------------------------------------------------------------- */

kmsg_err kmsg_value_bool(kmsg_value v, bool *ret)
{
    kmsg_err err = blocked(v);

    if (err == KMSG_OK && v.kind != KMSG_KIND_BOOL)
        err = other_kind(v, "a bool");
    if (err == KMSG_OK)
        *ret = *(const uint8_t *)v.data != 0;
    return err;
}

/* Its bits, and whether they are below zero. */
static kmsg_err read_int(kmsg_value v, uint64_t *ret_bits, bool *ret_negative)
{
    kmsg_err err = blocked(v);
    int64_t  number;

    if (err == KMSG_OK && !is_integer(v.kind))
        err = other_kind(v, "an integer");
    if (err != KMSG_OK)
        return err;
    number = kmi_scalar_int(v.type, v.data);
    *ret_bits = (uint64_t)number;
    *ret_negative = number < 0 && v.kind != KMSG_KIND_U64;
    return KMSG_OK;
}

kmsg_err kmsg_value_int(kmsg_value v, int64_t *ret)
{
    uint64_t bits;
    bool     negative;
    kmsg_err err = read_int(v, &bits, &negative);

    if (err == KMSG_OK && !negative && bits > INT64_MAX)
        err = kmi_error(KMSG_ETOOBIG, "%llu does not fit into an i64", (unsigned long long)bits);
    if (err == KMSG_OK)
        *ret = (int64_t)bits;
    return err;
}

kmsg_err kmsg_value_uint(kmsg_value v, uint64_t *ret)
{
    uint64_t bits;
    bool     negative;
    kmsg_err err = read_int(v, &bits, &negative);

    if (err == KMSG_OK && negative)
        err = kmi_error(KMSG_ETOOBIG, "%lld does not fit into a u64", (long long)bits);
    if (err == KMSG_OK)
        *ret = bits;
    return err;
}

kmsg_err kmsg_value_double(kmsg_value v, double *ret)
{
    uint64_t bits;
    bool     negative;
    kmsg_err err = blocked(v);
    float    f32;

    if (err != KMSG_OK)
        return err;
    if (v.kind == KMSG_KIND_F64) {
        memcpy(ret, v.data, sizeof *ret);
        return KMSG_OK;
    }
    if (v.kind == KMSG_KIND_F32) {
        memcpy(&f32, v.data, sizeof f32);
        *ret = (double)f32;
        return KMSG_OK;
    }
    err = read_int(v, &bits, &negative);
    if (err == KMSG_OK && (negative ? 0 - bits : bits) > EXACT_MAX)
        err = kmi_error(KMSG_ETOOBIG, "an integer that no double is");
    if (err == KMSG_OK)
        *ret = negative ? -(double)(0 - bits) : (double)bits;
    return err;
}

kmsg_err kmsg_value_string(kmsg_value v, kmsg_string *ret)
{
    kmsg_err err = blocked(v);

    if (err == KMSG_OK && v.kind != KMSG_KIND_STRING)
        err = other_kind(v, "a string");
    if (err == KMSG_OK)
        memcpy(ret, v.data, sizeof *ret);
    return err;
}

kmsg_err kmsg_value_bytes(kmsg_value v, kmsg_bytes *ret)
{
    kmsg_err err = blocked(v);

    if (err != KMSG_OK)
        return err;
    switch (v.kind) {
    case KMSG_KIND_BYTES:
    case KMSG_KIND_ADDRESS: memcpy(ret, v.data, sizeof *ret); return KMSG_OK;
    case KMSG_KIND_UUID: *ret = (kmsg_bytes){v.data, sizeof(kmsg_uuid)}; return KMSG_OK;
    default: return other_kind(v, "bytes");
    }
}

kmsg_err kmsg_value_any(kmsg_value v, kmsg_any *ret)
{
    kmsg_err err = blocked(v);

    if (err == KMSG_OK && v.kind != KMSG_KIND_ANY)
        err = other_kind(v, "an any");
    if (err == KMSG_OK)
        memcpy(ret, v.data, sizeof *ret);
    return err;
}

kmsg_err kmsg_value_enum(kmsg_value v, const char **ret)
{
    kmsg_err err = blocked(v);
    int64_t  number;

    if (err == KMSG_OK && v.kind != KMSG_KIND_ENUM)
        err = other_kind(v, "an enum");
    if (err != KMSG_OK)
        return err;
    number = kmi_scalar_int(v.type, v.data);
    *ret = NULL;
    for (uint32_t i = 0; i < v.type->enum_->count; i++)
        if (v.type->enum_->values[i].number == number)
            *ret = v.type->enum_->values[i].name;
    return KMSG_OK;
}
