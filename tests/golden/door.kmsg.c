/* door.kmsg.c -- made by kmsgc 0.1.0 from door.kmsg; edit that file, not this one. */
#include "door.kmsg.h"

#include <kmsg/codec.h>

/* ---- record Open ------------------------------------------------------------------------- */

const door_Open door_Open_initial = {0};

KMSG_LEAF uint64_t door_Open_row_end(kmsg_enc *e, const void *value, uint64_t at)
{
    (void)e;
    (void)value;
    return at;
}

KMSG_LEAF uint8_t *door_Open_row_put(kmsg_enc *e, const void *value, uint8_t *row, uint8_t *at)
{
    (void)e;
    door_Open_row_set(value, row);
    return at;
}

KMSG_LEAF const uint8_t *door_Open_row_get(kmsg_dec *d, const uint8_t *row, const uint8_t *at,
                                           void *ret)
{
    (void)d;
    (void)row;
    (void)ret;
    return at;
}

const kmsg_layout door_Open_layout = {
    .name = "door.Open",
    .id = UINT64_C(0xc0ab7e54af7cd1c9),
    .size = sizeof(door_Open),
    .shape = door_Open_SHAPE,
    .row_end = door_Open_row_end,
    .row_put = door_Open_row_put,
    .row_get = door_Open_row_get,
};

const kmsg_type door_Open_type = {
    .name = "door.Open",
    .kind = KMSG_KIND_RECORD, .size = sizeof(door_Open), .align = _Alignof(door_Open),
    .layout = &door_Open_layout};
const kmsg_type door_Open_list_type = {
    .name = "list<door.Open>",
    .kind = KMSG_KIND_ROWS, .size = sizeof(door_Open_list), .align = _Alignof(door_Open_list),
    .layout = &door_Open_layout};

kmsg_err door_Open_encoded_size(const door_Open *value, size_t *ret)
{
    return kmsg_measure_with(&door_Open_layout, door_Open_SHAPE, door_Open_row_end, value, ret);
}

kmsg_err door_Open_decode_copy(kmsg_bytes bytes, kmsg_arena *mem, door_Open *ret)
{
    return door_Open_decode(bytes, mem, ret);
}

kmsg_err door_Open_encode(const door_Open *value, kmsg_arena *mem, kmsg_bytes *ret)
{
    return kmsg_encode(&door_Open_layout, value, mem, ret);
}

kmsg_err door_Open_copy(const door_Open *value, kmsg_arena *mem, door_Open *ret)
{
    return kmsg_copy(&door_Open_layout, value, mem, ret);
}

bool door_Open_equal(const door_Open *a, const door_Open *b)
{
    return kmsg_equal(&door_Open_layout, a, b);
}

void door_Open_print(const door_Open *value, FILE *out)
{
    kmsg_print(&door_Open_layout, value, out);
}

/* ---- record Close ------------------------------------------------------------------------ */

const door_Close door_Close_initial = {0};

KMSG_LEAF uint64_t door_Close_row_end(kmsg_enc *e, const void *value, uint64_t at)
{
    (void)e;
    (void)value;
    return at;
}

KMSG_LEAF uint8_t *door_Close_row_put(kmsg_enc *e, const void *value, uint8_t *row, uint8_t *at)
{
    (void)e;
    door_Close_row_set(value, row);
    return at;
}

KMSG_LEAF const uint8_t *door_Close_row_get(kmsg_dec *d, const uint8_t *row, const uint8_t *at,
                                            void *ret)
{
    (void)d;
    (void)row;
    (void)ret;
    return at;
}

const kmsg_layout door_Close_layout = {
    .name = "door.Close",
    .id = UINT64_C(0x862d6bfb9a39d723),
    .size = sizeof(door_Close),
    .shape = door_Close_SHAPE,
    .row_end = door_Close_row_end,
    .row_put = door_Close_row_put,
    .row_get = door_Close_row_get,
};

const kmsg_type door_Close_type = {
    .name = "door.Close",
    .kind = KMSG_KIND_RECORD, .size = sizeof(door_Close), .align = _Alignof(door_Close),
    .layout = &door_Close_layout};
const kmsg_type door_Close_list_type = {
    .name = "list<door.Close>",
    .kind = KMSG_KIND_ROWS, .size = sizeof(door_Close_list), .align = _Alignof(door_Close_list),
    .layout = &door_Close_layout};

kmsg_err door_Close_encoded_size(const door_Close *value, size_t *ret)
{
    return kmsg_measure_with(&door_Close_layout, door_Close_SHAPE, door_Close_row_end, value, ret);
}

kmsg_err door_Close_decode_copy(kmsg_bytes bytes, kmsg_arena *mem, door_Close *ret)
{
    return door_Close_decode(bytes, mem, ret);
}

kmsg_err door_Close_encode(const door_Close *value, kmsg_arena *mem, kmsg_bytes *ret)
{
    return kmsg_encode(&door_Close_layout, value, mem, ret);
}

kmsg_err door_Close_copy(const door_Close *value, kmsg_arena *mem, door_Close *ret)
{
    return kmsg_copy(&door_Close_layout, value, mem, ret);
}

bool door_Close_equal(const door_Close *a, const door_Close *b)
{
    return kmsg_equal(&door_Close_layout, a, b);
}

void door_Close_print(const door_Close *value, FILE *out)
{
    kmsg_print(&door_Close_layout, value, out);
}

/* ---- record Lock ------------------------------------------------------------------------- */

const door_Lock door_Lock_initial = {0};

static const kmsg_field door_Lock_fields_[] = {
    {.name = "code", .type = &kmsg_type_string, .number = 1,
     .offset = offsetof(door_Lock, code), .place = 0},
};

KMSG_LEAF uint64_t door_Lock_row_end(kmsg_enc *e, const void *value, uint64_t at)
{
    const door_Lock *p = value;

    (void)e;
    at = kmsg_end_string(e, p->code, at);
    return at;
}

KMSG_LEAF uint8_t *door_Lock_row_put(kmsg_enc *e, const void *value, uint8_t *row, uint8_t *at)
{
    const door_Lock *p = value;
    uint8_t *length = row + 0;

    (void)e;
    at = kmsg_put_string(e, p->code, length, at);
    return at;
}

KMSG_LEAF const uint8_t *door_Lock_row_get(kmsg_dec *d, const uint8_t *row, const uint8_t *at,
                                           void *ret)
{
    door_Lock *p = ret;
    const uint8_t *length = row + 0;

    (void)d;
    at = kmsg_get_lone_string(d, kmsg_load32(length), at, &p->code);
    return at;
}

const kmsg_layout door_Lock_layout = {
    .name = "door.Lock",
    .id = UINT64_C(0xf05cdc48d8237ec2),
    .fields = door_Lock_fields_,
    .count = 1,
    .size = sizeof(door_Lock),
    .shape = door_Lock_SHAPE,
    .row_end = door_Lock_row_end,
    .row_put = door_Lock_row_put,
    .row_get = door_Lock_row_get,
};

const kmsg_type door_Lock_type = {
    .name = "door.Lock",
    .kind = KMSG_KIND_RECORD, .size = sizeof(door_Lock), .align = _Alignof(door_Lock),
    .layout = &door_Lock_layout};
const kmsg_type door_Lock_list_type = {
    .name = "list<door.Lock>",
    .kind = KMSG_KIND_ROWS, .size = sizeof(door_Lock_list), .align = _Alignof(door_Lock_list),
    .layout = &door_Lock_layout};

kmsg_err door_Lock_encoded_size(const door_Lock *value, size_t *ret)
{
    return kmsg_measure_with(&door_Lock_layout, door_Lock_SHAPE, door_Lock_row_end, value, ret);
}

kmsg_err door_Lock_encode_into(const door_Lock *value, void *buffer, size_t capacity,
                               size_t *ret_size)
{
    return kmsg_encode_with(&door_Lock_layout, door_Lock_SHAPE, door_Lock_row_put, value, buffer,
                            capacity,
                            ret_size);
}

kmsg_err door_Lock_decode(kmsg_bytes bytes, kmsg_arena *mem, door_Lock *ret)
{
    const door_Lock before = *ret;
    kmsg_err err = kmsg_decode_with(&door_Lock_layout, door_Lock_SHAPE, door_Lock_row_get, bytes,
                                    mem, ret);

    if (KMSG_UNLIKELY(err != KMSG_OK))
        *ret = before;
    return err;
}

kmsg_err door_Lock_decode_copy(kmsg_bytes bytes, kmsg_arena *mem, door_Lock *ret)
{
    kmsg_err err = kmsg_copy_bytes(bytes, mem, &bytes);

    return err == KMSG_OK ? door_Lock_decode(bytes, mem, ret) : err;
}

kmsg_err door_Lock_encode(const door_Lock *value, kmsg_arena *mem, kmsg_bytes *ret)
{
    return kmsg_encode(&door_Lock_layout, value, mem, ret);
}

kmsg_err door_Lock_copy(const door_Lock *value, kmsg_arena *mem, door_Lock *ret)
{
    return kmsg_copy(&door_Lock_layout, value, mem, ret);
}

bool door_Lock_equal(const door_Lock *a, const door_Lock *b)
{
    return kmsg_equal(&door_Lock_layout, a, b);
}

void door_Lock_print(const door_Lock *value, FILE *out)
{
    kmsg_print(&door_Lock_layout, value, out);
}

/* ---- record Unlock ----------------------------------------------------------------------- */

const door_Unlock door_Unlock_initial = {0};

static const kmsg_field door_Unlock_fields_[] = {
    {.name = "code", .type = &kmsg_type_string, .number = 1,
     .offset = offsetof(door_Unlock, code), .place = 0},
};

KMSG_LEAF uint64_t door_Unlock_row_end(kmsg_enc *e, const void *value, uint64_t at)
{
    const door_Unlock *p = value;

    (void)e;
    at = kmsg_end_string(e, p->code, at);
    return at;
}

KMSG_LEAF uint8_t *door_Unlock_row_put(kmsg_enc *e, const void *value, uint8_t *row, uint8_t *at)
{
    const door_Unlock *p = value;
    uint8_t *length = row + 0;

    (void)e;
    at = kmsg_put_string(e, p->code, length, at);
    return at;
}

KMSG_LEAF const uint8_t *door_Unlock_row_get(kmsg_dec *d, const uint8_t *row, const uint8_t *at,
                                             void *ret)
{
    door_Unlock *p = ret;
    const uint8_t *length = row + 0;

    (void)d;
    at = kmsg_get_lone_string(d, kmsg_load32(length), at, &p->code);
    return at;
}

const kmsg_layout door_Unlock_layout = {
    .name = "door.Unlock",
    .id = UINT64_C(0xa87a20df2d4d4d15),
    .fields = door_Unlock_fields_,
    .count = 1,
    .size = sizeof(door_Unlock),
    .shape = door_Unlock_SHAPE,
    .row_end = door_Unlock_row_end,
    .row_put = door_Unlock_row_put,
    .row_get = door_Unlock_row_get,
};

const kmsg_type door_Unlock_type = {
    .name = "door.Unlock",
    .kind = KMSG_KIND_RECORD, .size = sizeof(door_Unlock), .align = _Alignof(door_Unlock),
    .layout = &door_Unlock_layout};
const kmsg_type door_Unlock_list_type = {
    .name = "list<door.Unlock>",
    .kind = KMSG_KIND_ROWS, .size = sizeof(door_Unlock_list), .align = _Alignof(door_Unlock_list),
    .layout = &door_Unlock_layout};

kmsg_err door_Unlock_encoded_size(const door_Unlock *value, size_t *ret)
{
    return kmsg_measure_with(&door_Unlock_layout, door_Unlock_SHAPE, door_Unlock_row_end, value,
                             ret);
}

kmsg_err door_Unlock_encode_into(const door_Unlock *value, void *buffer, size_t capacity,
                                 size_t *ret_size)
{
    return kmsg_encode_with(&door_Unlock_layout, door_Unlock_SHAPE, door_Unlock_row_put, value,
                            buffer, capacity,
                            ret_size);
}

kmsg_err door_Unlock_decode(kmsg_bytes bytes, kmsg_arena *mem, door_Unlock *ret)
{
    const door_Unlock before = *ret;
    kmsg_err err = kmsg_decode_with(&door_Unlock_layout, door_Unlock_SHAPE, door_Unlock_row_get,
                                    bytes, mem, ret);

    if (KMSG_UNLIKELY(err != KMSG_OK))
        *ret = before;
    return err;
}

kmsg_err door_Unlock_decode_copy(kmsg_bytes bytes, kmsg_arena *mem, door_Unlock *ret)
{
    kmsg_err err = kmsg_copy_bytes(bytes, mem, &bytes);

    return err == KMSG_OK ? door_Unlock_decode(bytes, mem, ret) : err;
}

kmsg_err door_Unlock_encode(const door_Unlock *value, kmsg_arena *mem, kmsg_bytes *ret)
{
    return kmsg_encode(&door_Unlock_layout, value, mem, ret);
}

kmsg_err door_Unlock_copy(const door_Unlock *value, kmsg_arena *mem, door_Unlock *ret)
{
    return kmsg_copy(&door_Unlock_layout, value, mem, ret);
}

bool door_Unlock_equal(const door_Unlock *a, const door_Unlock *b)
{
    return kmsg_equal(&door_Unlock_layout, a, b);
}

void door_Unlock_print(const door_Unlock *value, FILE *out)
{
    kmsg_print(&door_Unlock_layout, value, out);
}

#ifndef KMSG_CODEC_ONLY

/* ---- machine Door ------------------------------------------------------------------------ */

_Static_assert(sizeof(door_Door_state) == 4,
               "door_Door_state: enums must be ints (-fno-short-enums)");

const char *door_Door_state_name(door_Door_state state)
{
    switch ((int32_t)state) {
    case door_Door_Closed: return "Closed";
    case door_Door_Opened: return "Opened";
    case door_Door_Locked: return "Locked";
    case door_Door_Broken: return "Broken";
    case door_Door_Gone: return "Gone";
    default: return NULL;
    }
}

static int32_t door_Door_Closed_Open_handle_(const void *impl, void *ctx, kmsg_object *self,
                                             kmsg_message *message, const void *value)
{
    const door_Door_impl *i = impl;

    if (i->Closed.Open == NULL)
        return KMSG_UNHANDLED;
    return (int32_t)i->Closed.Open(ctx, self, message, value);
}

static int32_t door_Door_Closed_Lock_handle_(const void *impl, void *ctx, kmsg_object *self,
                                             kmsg_message *message, const void *value)
{
    const door_Door_impl *i = impl;

    if (i->Closed.Lock == NULL)
        return KMSG_UNHANDLED;
    return (int32_t)i->Closed.Lock(ctx, self, message, value);
}

static int32_t door_Door_Opened_Close_handle_(const void *impl, void *ctx, kmsg_object *self,
                                              kmsg_message *message, const void *value)
{
    const door_Door_impl *i = impl;

    if (i->Opened.Close == NULL)
        return KMSG_UNHANDLED;
    return (int32_t)i->Opened.Close(ctx, self, message, value);
}

static int32_t door_Door_Opened_Stop_handle_(const void *impl, void *ctx, kmsg_object *self,
                                             kmsg_message *message, const void *value)
{
    const door_Door_impl *i = impl;

    if (i->Opened.Stop == NULL)
        return KMSG_UNHANDLED;
    return (int32_t)i->Opened.Stop(ctx, self, message, value);
}

static int32_t door_Door_Locked_Unlock_handle_(const void *impl, void *ctx, kmsg_object *self,
                                               kmsg_message *message, const void *value)
{
    const door_Door_impl *i = impl;

    if (i->Locked.Unlock == NULL)
        return KMSG_UNHANDLED;
    return (int32_t)i->Locked.Unlock(ctx, self, message, value);
}

static int32_t door_Door_Broken_Open_handle_(const void *impl, void *ctx, kmsg_object *self,
                                             kmsg_message *message, const void *value)
{
    const door_Door_impl *i = impl;

    if (i->Broken.Open == NULL)
        return KMSG_UNHANDLED;
    return (int32_t)i->Broken.Open(ctx, self, message, value);
}

static int32_t door_Door_Broken_Close_handle_(const void *impl, void *ctx, kmsg_object *self,
                                              kmsg_message *message, const void *value)
{
    const door_Door_impl *i = impl;

    if (i->Broken.Close == NULL)
        return KMSG_UNHANDLED;
    return (int32_t)i->Broken.Close(ctx, self, message, value);
}

static int32_t door_Door_Broken_Lock_handle_(const void *impl, void *ctx, kmsg_object *self,
                                             kmsg_message *message, const void *value)
{
    const door_Door_impl *i = impl;

    if (i->Broken.Lock == NULL)
        return KMSG_UNHANDLED;
    return (int32_t)i->Broken.Lock(ctx, self, message, value);
}

static int32_t door_Door_Broken_Unlock_handle_(const void *impl, void *ctx, kmsg_object *self,
                                               kmsg_message *message, const void *value)
{
    const door_Door_impl *i = impl;

    if (i->Broken.Unlock == NULL)
        return KMSG_UNHANDLED;
    return (int32_t)i->Broken.Unlock(ctx, self, message, value);
}

static int32_t door_Door_Broken_Timer_handle_(const void *impl, void *ctx, kmsg_object *self,
                                              kmsg_message *message, const void *value)
{
    const door_Door_impl *i = impl;

    if (i->Broken.Timer == NULL)
        return KMSG_UNHANDLED;
    return (int32_t)i->Broken.Timer(ctx, self, message, value);
}

static int32_t door_Door_start_(const void *impl, void *ctx, kmsg_object *self)
{
    const door_Door_impl *i = impl;

    return (int32_t)(i->start == NULL ? door_Door_Closed : i->start(ctx, self));
}

static int32_t door_Door_otherwise_(const void *impl, void *ctx, kmsg_object *self,
                                    kmsg_message *message, int32_t state)
{
    const door_Door_impl *i = impl;

    if (i->otherwise == NULL)
        return KMSG_UNHANDLED;
    return (int32_t)i->otherwise(ctx, self, message, (door_Door_state)state);
}

static const kmsg_handler door_Door_Closed_handlers_[] = {
    {&door_Open_layout, door_Door_Closed_Open_handle_},
    {&door_Lock_layout, door_Door_Closed_Lock_handle_},
};

static const kmsg_handler door_Door_Opened_handlers_[] = {
    {&door_Close_layout, door_Door_Opened_Close_handle_},
    {&kmsg_Stop_layout, door_Door_Opened_Stop_handle_},
};

static const kmsg_handler door_Door_Locked_handlers_[] = {
    {&door_Unlock_layout, door_Door_Locked_Unlock_handle_},
};

static const kmsg_handler door_Door_Broken_handlers_[] = {
    {&door_Close_layout, door_Door_Broken_Close_handle_},
    {&door_Unlock_layout, door_Door_Broken_Unlock_handle_},
    {&door_Open_layout, door_Door_Broken_Open_handle_},
    {&kmsg_Timer_layout, door_Door_Broken_Timer_handle_},
    {&door_Lock_layout, door_Door_Broken_Lock_handle_},
};

static const kmsg_state door_Door_states_[] = {
    {.name = "Closed", .handlers = door_Door_Closed_handlers_, .count = 2},
    {.name = "Opened", .handlers = door_Door_Opened_handlers_, .count = 2},
    {.name = "Locked", .handlers = door_Door_Locked_handlers_, .count = 1},
    {.name = "Broken", .handlers = door_Door_Broken_handlers_, .count = 5},
    {.name = "Gone"},
};

const kmsg_machine door_Door_machine = {
    .name = "door.Door",
    .id = UINT64_C(0xa4b1dd07ae47afc9),
    .states = door_Door_states_,
    .count = 5,
    .start = door_Door_start_,
    .otherwise = door_Door_otherwise_,
};

kmsg_err door_Door_new(kmsg_object *parent, const door_Door_impl *impl, void *ctx,
                       const kmsg_spawn *how, kmsg_address *ret)
{
    return kmsg_machine_new(parent, &door_Door_machine, impl, ctx, how, ret);
}

#endif /* KMSG_CODEC_ONLY */

