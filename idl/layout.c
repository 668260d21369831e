/* layout.c -- where a field lies: in the scalar block, or behind a length.
 *
 * The block is the leading part of the C struct and goes onto the wire as it is: each scalar at the
 * next multiple of its size, in the order of the numbers, holes never filled later, so that growing
 * a schema only ever appends. Everything else has a slot: the index of its length.
 */
#include "idl/model.h"

#define BLOCK_MAX 65535u
#define SLOTS_MAX 16383u

bool idl_in_block(const idl_type *type)
{
    switch (type->kind) {
    case IDL_STRING:
    case IDL_BYTES:
    case IDL_ADDRESS:
    case IDL_ANY:
    case IDL_LIST:
    case IDL_SET:
    case IDL_MAP:
    case IDL_REF:
    case IDL_UNION: return false;
    case IDL_ARRAY: return idl_in_block(type->item);
    case IDL_RECORD: return type->record->role == IDL_IS_FIXED;
    default: return true;
    }
}

/* Beyond the largest block it does not matter how much. */
static uint32_t array_size(const idl_type *type)
{
    uint64_t size = (uint64_t)type->count * idl_block_size(type->item);

    return size > BLOCK_MAX ? BLOCK_MAX + 1 : (uint32_t)size;
}

uint32_t idl_block_size(const idl_type *type)
{
    switch (type->kind) {
    case IDL_BOOL:
    case IDL_I8:
    case IDL_U8: return 1;
    case IDL_I16:
    case IDL_U16: return 2;
    case IDL_I32:
    case IDL_U32:
    case IDL_F32:
    case IDL_RUNE:
    case IDL_ENUM: return 4;
    case IDL_I64:
    case IDL_U64:
    case IDL_F64:
    case IDL_TIMESTAMP:
    case IDL_DURATION: return 8;
    case IDL_UUID: return 16;
    case IDL_RECORD: return type->record->role == IDL_IS_FIXED ? type->record->block : 0;
    case IDL_ARRAY: return array_size(type);
    default: return 0;
    }
}

uint32_t idl_block_align(const idl_type *type)
{
    while (type->kind == IDL_ARRAY)
        type = type->item;
    if (type->kind == IDL_UUID || !idl_in_block(type))
        return 1;
    if (type->kind != IDL_RECORD)
        return idl_block_size(type);
    return type->record->align == 0 ? 1 : type->record->align; /* 0: something is wrong with it */
}

bool idl_lay_out(idl_field *fields, size_t count, bool fixed, idl_record *ret)
{
    uint64_t at = 0;
    uint32_t slots = 0, align = 1;

    for (size_t i = 0; i < count && at <= BLOCK_MAX; i++) {
        idl_field *f = &fields[i];
        uint32_t   own = idl_block_align(f->type);
        f->in_block = idl_in_block(f->type);
        if (!f->in_block) {
            f->slot = slots++;
            continue;
        }
        align = own > align ? own : align;
        f->offset = (uint32_t)((at + own - 1) / own * own);
        f->has_offset = f->offset + idl_block_size(f->type);
        at = (uint64_t)f->offset + idl_block_size(f->type) + f->type->optional;
    }
    if (slots > 0 && align < 4)
        align = 4;
    if (fixed)
        at = (at + align - 1) / align * align;
    if (at > BLOCK_MAX || slots > SLOTS_MAX)
        return false;
    ret->block = (uint32_t)at;
    ret->align = align;
    ret->slots = slots;
    return true;
}

#define MEMORY_SATURATED ((uint64_t)1 << 40)

uint64_t idl_memory_size(const idl_type *type)
{
    uint64_t item;

    if (type->optional && !idl_in_block(type) && type->kind >= IDL_ARRAY)
        return 16; /* a pointer, or what has one */
    switch (type->kind) {
    case IDL_STRING:
    case IDL_BYTES:
    case IDL_ADDRESS:
    case IDL_LIST:
    case IDL_SET:
    case IDL_MAP:
    case IDL_REF: return 16;
    case IDL_ANY: return 32;
    case IDL_UNION: return 40;
    case IDL_RECORD:
        return type->record->role == IDL_IS_FIXED ? type->record->block : type->record->memory;
    case IDL_ARRAY:
        item = idl_memory_size(type->item);
        return item >= MEMORY_SATURATED / type->count ? MEMORY_SATURATED : item * type->count;
    default: return idl_block_size(type);
    }
}
