/* csize.c -- sizes and offsets in C, as the compiler of this machine gives them to the structs that
 * kmsgc writes.
 *
 * The scalar block is the leading part of the struct, with its padding named, so its offsets are
 * those of the message on every machine; what has a tail follows in the order of the numbers, at
 * its natural alignment. Where nothing follows, the padding behind the block is named too.
 */
#include "schema/describe.h"

#define OF(c_type)                                                                                 \
    {                                                                                              \
        sizeof(c_type), _Alignof(c_type)                                                           \
    }

typedef struct size_align {
    uint32_t size, align;
} size_align;

static const size_align sizes[] = {
    [IDL_BOOL] = OF(bool),
    [IDL_I8] = OF(int8_t),
    [IDL_I16] = OF(int16_t),
    [IDL_I32] = OF(int32_t),
    [IDL_I64] = OF(int64_t),
    [IDL_U8] = OF(uint8_t),
    [IDL_U16] = OF(uint16_t),
    [IDL_U32] = OF(uint32_t),
    [IDL_U64] = OF(uint64_t),
    [IDL_F32] = OF(float),
    [IDL_F64] = OF(double),
    [IDL_RUNE] = OF(kmsg_rune),
    [IDL_UUID] = OF(kmsg_uuid),
    [IDL_TIMESTAMP] = OF(kmsg_timestamp),
    [IDL_DURATION] = OF(kmsg_duration),
    [IDL_ENUM] = OF(int32_t),
    [IDL_STRING] = OF(kmsg_string),
    [IDL_BYTES] = OF(kmsg_bytes),
    [IDL_ADDRESS] = OF(kmsg_address),
    [IDL_ANY] = OF(kmsg_any),
    [IDL_LIST] = OF(kmsg_list_bool),
    [IDL_SET] = OF(kmsg_list_bool),
    [IDL_MAP] = OF(kmsg_list_bool),
    [IDL_REF] = OF(const void *),
};

static uint32_t bounded(uint64_t size)
{
    return size < KMI_C_SIZE_MAX ? (uint32_t)size : KMI_C_SIZE_MAX;
}

static size_align of_type(const kmi_describer *d, const idl_type *type)
{
    size_align at;

    if (type->kind == IDL_RECORD || type->kind == IDL_UNION) {
        const kmi_shape *shape = &d->shapes[type->record->index];
        return (size_align){shape->layout.size, shape->align};
    }
    if (type->kind != IDL_ARRAY)
        return sizes[type->kind];
    at = of_type(d, type->item);
    at.size = bounded((uint64_t)at.size * type->count);
    return at;
}

uint32_t kmi_c_size(const kmi_describer *d, const idl_type *type)
{
    return of_type(d, type).size;
}

uint32_t kmi_c_align(const kmi_describer *d, const idl_type *type)
{
    return of_type(d, type).align;
}

/* ---- structs --------------------------------------------------------------------------------- */

static uint32_t round_up(uint32_t n, uint32_t align)
{
    return (n + align - 1) / align * align;
}

uint32_t kmi_struct_add(kmi_struct *s, uint32_t size, uint32_t align)
{
    uint32_t offset = round_up(s->size, align);

    s->size = bounded((uint64_t)offset + size);
    s->align = align > s->align ? align : s->align;
    return offset;
}

uint32_t kmi_struct_end(const kmi_struct *s)
{
    return s->align == 0 ? 1 : round_up(s->size, s->align); /* C has no empty structs */
}

uint32_t kmi_member_add(const kmi_describer *d, kmi_struct *s, const idl_type *type)
{
    size_align of = of_type(d, type);

    if (type->optional && (type->kind == IDL_RECORD || type->kind == IDL_ARRAY))
        of = sizes[IDL_REF];
    return kmi_struct_add(s, of.size, of.align);
}

static void size_union(const kmi_describer *d, kmi_shape *shape, kmsg_field *fields)
{
    const idl_record *r = shape->record;
    kmi_struct        all = {0};
    size_align        largest = sizes[IDL_BYTES]; /* of `unknown` */
    uint32_t          offset;

    kmi_struct_add(&all, sizeof(uint32_t), _Alignof(uint32_t));
    for (size_t i = 0; i < r->field_count; i++) {
        const idl_type *type = r->fields[i].type;
        bool            points =
            type->kind == IDL_RECORD || type->kind == IDL_UNION || type->kind == IDL_ARRAY;
        size_align of = points ? sizes[IDL_REF] : of_type(d, type);
        largest.size = of.size > largest.size ? of.size : largest.size;
        largest.align = of.align > largest.align ? of.align : largest.align;
    }
    offset = kmi_struct_add(&all, round_up(largest.size, largest.align), largest.align);
    for (size_t i = 0; i <= r->field_count; i++)
        fields[i].offset = offset;
    shape->layout.size = kmi_struct_end(&all);
    shape->align = all.align;
}

/* The block's members: where the message has them. */
static kmi_struct size_block(const kmi_describer *d, const idl_record *r, kmsg_field *fields)
{
    kmi_struct all = {0};

    for (size_t i = 0; i < r->field_count; i++) {
        const idl_field *f = &r->fields[i];
        uint32_t         align = f->name == NULL ? 1 : kmi_c_align(d, f->type);
        if (!f->in_block)
            continue;
        all.size = f->has_offset + f->type->optional;
        all.align = align > all.align ? align : all.align;
        if (f->name == NULL)
            continue;
        fields[i].offset = f->offset;
        fields[i].has_offset = f->type->optional ? f->has_offset : 0;
    }
    if (r->slots == 0)
        all.size = round_up(all.size, r->align);
    return all;
}

void kmi_size_record(const kmi_describer *d, kmi_shape *shape, kmsg_field *fields)
{
    const idl_record *r = shape->record;
    kmi_struct        all;

    if (r->role == IDL_IS_UNION) {
        size_union(d, shape, fields);
        return;
    }
    all = size_block(d, r, fields);
    for (size_t i = 0; i < r->field_count; i++)
        if (!r->fields[i].in_block && r->fields[i].name != NULL)
            fields[i].offset = kmi_member_add(d, &all, r->fields[i].type);
    shape->layout.size = kmi_struct_end(&all);
    shape->align = all.align == 0 ? 1 : all.align;
}
