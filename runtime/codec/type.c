/* type.c -- the types that need no schema, ids, and what endianness does to blocks. */
#include <kmsg/codec.h>

#include "codec/scalar.h"

#define BASIC(word, kind_, c_type)                                                                 \
    const kmsg_type kmsg_type_##word = {                                                           \
        .name = #word, .kind = kind_, .size = sizeof(c_type), .align = _Alignof(c_type)};

BASIC(bool, KMSG_KIND_BOOL, bool)
BASIC(i8, KMSG_KIND_I8, int8_t)
BASIC(i16, KMSG_KIND_I16, int16_t)
BASIC(i32, KMSG_KIND_I32, int32_t)
BASIC(i64, KMSG_KIND_I64, int64_t)
BASIC(u8, KMSG_KIND_U8, uint8_t)
BASIC(u16, KMSG_KIND_U16, uint16_t)
BASIC(u32, KMSG_KIND_U32, uint32_t)
BASIC(u64, KMSG_KIND_U64, uint64_t)
BASIC(f32, KMSG_KIND_F32, float)
BASIC(f64, KMSG_KIND_F64, double)
BASIC(rune, KMSG_KIND_RUNE, kmsg_rune)
BASIC(uuid, KMSG_KIND_UUID, kmsg_uuid)
BASIC(timestamp, KMSG_KIND_TIMESTAMP, kmsg_timestamp)
BASIC(duration, KMSG_KIND_DURATION, kmsg_duration)
BASIC(string, KMSG_KIND_STRING, kmsg_string)
BASIC(bytes, KMSG_KIND_BYTES, kmsg_bytes)
BASIC(address, KMSG_KIND_ADDRESS, kmsg_address)
BASIC(any, KMSG_KIND_ANY, kmsg_any)

#define ARRAY(word)                                                                                \
    const kmsg_type kmsg_type_list_##word = {.name = "list<" #word ">",                            \
                                             .kind = KMSG_KIND_ARRAY,                              \
                                             .size = sizeof(kmsg_list_##word),                     \
                                             .align = _Alignof(kmsg_list_##word),                  \
                                             .item = &kmsg_type_##word};

ARRAY(bool)
ARRAY(i8)
ARRAY(i16)
ARRAY(i32)
ARRAY(i64)
ARRAY(u8)
ARRAY(u16)
ARRAY(u32)
ARRAY(u64)
ARRAY(f32)
ARRAY(f64)
ARRAY(rune)
ARRAY(uuid)
ARRAY(timestamp)
ARRAY(duration)

#define ROWS(word, is_address)                                                                     \
    static const kmsg_field word##_row_fields[] = {                                                \
        {.name = "", .type = &kmsg_type_##word, .number = 1}};                                     \
    const kmsg_layout kmsg_row_##word = {.name = #word,                                            \
                                         .fields = word##_row_fields,                              \
                                         .count = 1,                                               \
                                         .size = sizeof(kmsg_##word),                              \
                                         .shape = KMSG_SHAPE_TEXT,                                 \
                                         .has_addresses = is_address};                             \
    const kmsg_type   kmsg_type_list_##word = {.name = "list<" #word ">",                          \
                                               .kind = KMSG_KIND_ROWS,                             \
                                               .size = sizeof(kmsg_list_##word),                   \
                                               .align = _Alignof(kmsg_list_##word),                \
                                               .item = &kmsg_type_##word,                          \
                                               .layout = &kmsg_row_##word};

ROWS(string, false)
ROWS(bytes, false)
ROWS(address, true)
ROWS(any, false)

uint64_t kmsg_id(const char *qualified_name)
{
    uint64_t hash = 0xcbf29ce484222325u;

    for (const char *c = qualified_name; *c != '\0'; c++)
        hash = (hash ^ (uint8_t)*c) * 0x100000001b3u;
    return hash | (uint64_t)1 << 63;
}

static void swap_bytes(uint8_t *at, size_t size)
{
    for (size_t i = 0; i < size / 2; i++) {
        uint8_t byte = at[i];
        at[i] = at[size - 1 - i];
        at[size - 1 - i] = byte;
    }
}

void kmsg_swap_block(const kmsg_layout *layout, void *block)
{
    for (uint32_t i = 0; i < layout->count; i++) {
        const kmsg_type *type = layout->fields[i].type;
        uint8_t         *at = (uint8_t *)block + layout->fields[i].place;

        if (kmi_in_block(type))
            kmsg_swap_items(type, at, 1);
    }
}

void kmsg_swap_items(const kmsg_type *item, void *items, size_t count)
{
    uint8_t *at = items;

    for (size_t i = 0; i < count; i++, at += item->size) {
        if (item->kind == KMSG_KIND_FIXED)
            kmsg_swap_block(item->layout, at);
        else if (item->kind == KMSG_KIND_VECTOR)
            kmsg_swap_items(item->item, at, item->count);
        else if (item->kind != KMSG_KIND_UUID)
            swap_bytes(at, item->size);
    }
}
