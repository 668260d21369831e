/* typed.c -- messages of values that are no records, and records in an any.
 *
 * What is not a record travels as one with that one field. Its layout is made on the stack and has
 * no straight-line code, but records inside of it use theirs.
 */
#include "base/err.h"
#include "codec/reader.h"
#include "codec/scalar.h"
#include "codec/value.h"
#include "codec/writer.h"

/* ---- values of any type ---------------------------------------------------------------------- */

typedef struct wrap {
    kmsg_field  field;
    kmsg_layout layout;
} wrap;

static uint32_t log2_of(size_t align)
{
    uint32_t log2 = 0;

    while ((size_t)1 << log2 < align)
        log2++;
    return log2;
}

static const kmsg_layout *layout_of(const kmsg_type *type, wrap *w)
{
    const uint32_t align = kmi_in_block(type) ? log2_of(kmi_item_align(type)) : 0;

    w->field = (kmsg_field){.name = "", .type = type, .number = 1};
    w->layout = (kmsg_layout){.name = type->name,
                              .fields = &w->field,
                              .count = 1,
                              .size = type->size,
                              .shape = kmi_in_block(type) ? KMSG_SHAPE(type->size, 0, align)
                                                          : KMSG_SHAPE_TEXT};
    return &w->layout;
}

kmsg_err kmsg_encode_value(const kmsg_type *type, const void *value, kmsg_arena *mem,
                           kmsg_bytes *ret)
{
    wrap w;

    if (type->kind == KMSG_KIND_RECORD)
        return kmsg_encode(type->layout, value, mem, ret);
    return kmi_encode_quickly(layout_of(type, &w), value, mem, ret);
}

kmsg_err kmsg_decode_value(const kmsg_type *type, kmsg_bytes bytes, kmsg_arena *mem, void *ret)
{
    wrap     w;
    void    *value;
    kmsg_err err;

    if (type->kind == KMSG_KIND_RECORD)
        return kmsg_decode(type->layout, bytes, mem, ret);
    value = kmsg_alloc(mem, type->size, 16);
    if (value == NULL)
        return kmsg_explain_bytes(layout_of(type, &w), bytes, KMSG_ENOMEM);
    err = kmi_decode(layout_of(type, &w), bytes, false, mem, value);
    if (err == KMSG_OK)
        memcpy(ret, value, type->size);
    return err;
}

/* ---- any ------------------------------------------------------------------------------------- */

kmsg_err kmsg_any_pack(const kmsg_layout *layout, const void *value, kmsg_arena *mem, kmsg_any *ret)
{
    kmsg_bytes message;
    kmsg_err   err = kmsg_encode(layout, value, mem, &message);

    if (err == KMSG_OK)
        *ret = (kmsg_any){kmsg_str(layout->name), message};
    return err;
}

bool kmsg_any_is(const kmsg_any *any, const kmsg_layout *layout)
{
    return kmsg_string_equal(any->type, kmsg_str(layout->name));
}

kmsg_err kmsg_any_unpack(const kmsg_any *any, const kmsg_layout *layout, kmsg_arena *mem, void *ret)
{
    if (any->type.size == 0)
        return kmi_error(KMSG_EVALUE, "%s: the any holds nothing", layout->name);
    if (!kmsg_any_is(any, layout))
        return kmi_error(KMSG_EVALUE, "%s: the any holds another type, %.*s", layout->name,
                         any->type.size < 255 ? (int)any->type.size : 255, any->type.data);
    return kmsg_decode(layout, any->message, mem, ret);
}
