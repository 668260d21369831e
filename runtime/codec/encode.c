/* encode.c -- encoding through descriptors, and the words for what cannot be encoded.
 *
 * Generated code encodes; this file serves layouts that have none (made at run time, or by hand in
 * a test) and values that have none (unions, any, refs, tables), and goes over every value that
 * generated code refused, to find out where and why.
 */
#include <kmsg/codec.h>

#include "base/alloc.h"
#include "base/err.h"
#include "codec/direct.h"
#include "codec/objects.h"
#include "codec/order.h"
#include "codec/scalar.h"
#include "codec/value.h"
#include "codec/writer.h"

void kmi_write_bad(writer *w, const kmi_place *place, kmsg_err err, const char *why)
{
    if (w->e->err == KMSG_OK && w->speak)
        kmi_place_error(place, err, why);
    kmsg_enc_fail(w->e, err);
}

/* ---- what refs lead to ----------------------------------------------------------------------- */

uint32_t kmi_object_number(kmsg_enc *e, const kmsg_layout *layout, const void *value)
{
    size_t number;

    if (e->objects == NULL)
        e->objects = kmi_alloc_zeroed(sizeof *e->objects);
    number = e->objects == NULL
                 ? SIZE_MAX
                 : kmi_objects_put(e->objects, (kmi_object){layout, value, NULL, NULL}, NULL);
    if (number == SIZE_MAX)
        kmsg_enc_fail(e, KMSG_ENOMEM);
    else
        e->objects->mentions++;
    return (uint32_t)number;
}

void kmi_objects_free(kmsg_enc *e)
{
    if (e->objects != NULL)
        kmi_objects_done(e->objects);
    kmi_free(e->objects);
    e->objects = NULL;
}

/* ---- where generated code comes in ----------------------------------------------------------- */

void kmsg_enc_fail(kmsg_enc *e, kmsg_err err)
{
    if (e->err == KMSG_OK)
        e->err = err;
}

uint8_t *kmsg_enc_full(kmsg_enc *e, uint8_t *at)
{
    kmsg_enc_fail(e, KMSG_ETOOBIG);
    return at;
}

void kmsg_put_check_text(kmsg_enc *e, const char *data, size_t size)
{
    if (kmi_text_bad(data, size) != NULL)
        kmsg_enc_fail(e, KMSG_EVALUE);
}

uint64_t kmsg_end_unsorted(kmsg_enc *e, const kmsg_layout *entry, const void *items, size_t count,
                           uint64_t at)
{
    const kmsg_type  map = {.kind = KMSG_KIND_MAP, .layout = entry};
    const kmsg_items list = {items, count};
    const kmi_keys   keys = kmi_keys_of(&map, &list);
    const uint32_t  *order;

    e->over |= count;
    if (count > KMSG_MESSAGE_MAX)
        return at;
    order = kmi_order_new(e, &keys);
    if (order == NULL)
        return at;
    at = kmsg_align(at, 8) + KMSG_HEADER + (uint64_t)count * kmsg_shape_stride(entry->shape);
    for (size_t i = 0; i < count; i++)
        at = entry->row_end(e, kmi_item(entry, &list, order[i]), at);
    kmi_order_free(order);
    return at;
}

/* Descriptors write without a look at the room, so what they write is measured first: once, for the
 * outermost tail. `end` is where the tail at `from` was found to end. */
static bool has_room(kmsg_enc *e, uint64_t from, uint64_t end)
{
    if (e->err == KMSG_OK &&
        (e->over >= KMSG_MESSAGE_MAX || end - from > (size_t)(e->end - e->base) - from))
        kmsg_enc_fail(e, KMSG_ETOOBIG);
    return e->err == KMSG_OK;
}

static uint64_t offset_of(const kmsg_enc *e, const uint8_t *at)
{
    return (uint64_t)(at - e->base);
}

uint8_t *kmsg_put_unsorted(kmsg_enc *e, const kmsg_layout *entry, const void *items, size_t count,
                           uint8_t *length, uint8_t *at)
{
    const kmsg_type  map = {.kind = KMSG_KIND_MAP, .layout = entry};
    const kmsg_items list = {items, count};
    const uint64_t   from = offset_of(e, at);
    const bool       measured = e->measured;
    kmi_keys         keys;
    const uint32_t  *order;
    writer           w = {e, false};
    uint8_t         *end;

    if (!measured && !has_room(e, from, kmsg_end_unsorted(e, entry, items, count, from)))
        return at;
    keys = kmi_keys_of(&map, &list);
    order = kmi_order_new(e, &keys);
    if (order == NULL)
        return at;
    e->measured = true;
    end = kmi_put_rows(&w, entry, items, count, order, at);
    e->measured = measured;
    kmi_order_free(order);
    kmsg_store32(length, (uint32_t)(end - at));
    return end;
}

uint64_t kmsg_end_tail(kmsg_enc *e, const kmsg_field *field, const void *member, uint64_t at)
{
    const kmi_place place = {.name = "value"}; /* nothing is said here */
    writer          w = {e, false};

    return kmi_end_field(&w, field, member, at, &place);
}

uint8_t *kmsg_put_tail(kmsg_enc *e, const kmsg_field *field, const void *member, uint8_t *length,
                       uint8_t *at)
{
    const bool     measured = e->measured;
    const uint64_t from = offset_of(e, at);
    writer         w = {e, false};

    if (e->err != KMSG_OK || /* what is already wrong is not measured to its end */
        (!measured && !has_room(e, from, kmsg_end_tail(e, field, member, from))))
        return at;
    e->measured = true;
    at = kmi_put_field(&w, field, member, length, at);
    e->measured = measured;
    return at;
}

uint64_t kmsg_end_objects(kmsg_enc *e, uint64_t at)
{
    writer w = {e, false};

    at = kmi_end_objects(&w, at);
    kmi_objects_free(e);
    return at;
}

uint8_t *kmsg_put_objects(kmsg_enc *e, uint8_t *at)
{
    const uint64_t from = offset_of(e, at);
    writer         w = {e, false};

    if (e->err == KMSG_OK && has_room(e, from, kmi_end_objects(&w, from))) {
        e->measured = true;
        at = kmi_put_objects(&w, at);
    }
    kmi_objects_free(e);
    return at;
}

/* ---- whole messages -------------------------------------------------------------------------- */

static kmsg_err measure(const kmsg_layout *layout, const void *value, bool speak, size_t *ret)
{
    kmsg_enc  e = KMSG_MEASURING;
    writer    w = {&e, speak};
    kmi_place root = kmi_place_root(layout);
    uint64_t  size = kmi_end_record(&w, layout, value, 0, &root);

    if (e.objects != NULL)
        size = kmi_end_objects(&w, size);
    if (size > KMSG_MESSAGE_MAX || e.over >= KMSG_MESSAGE_MAX)
        kmi_write_bad(&w, &root, KMSG_ETOOBIG, "larger than any message may be");
    kmi_objects_free(&e);
    if (e.err == KMSG_OK)
        *ret = (size_t)size;
    return e.err;
}

kmsg_err kmsg_explain_value(const kmsg_layout *layout, const void *value, kmsg_err err)
{
    kmi_place root = kmi_place_root(layout);
    size_t    size;
    kmsg_err  found = err == KMSG_ENOMEM ? KMSG_OK : measure(layout, value, true, &size);

    if (found != KMSG_OK)
        return found;
    return kmi_place_error(&root, err, err == KMSG_ETOOBIG ? "does not fit" : kmsg_strerror(err));
}

kmsg_err kmsg_encoded_size(const kmsg_layout *layout, const void *value, size_t *ret)
{
    if (layout->row_end != NULL)
        return kmsg_measure_with(layout, layout->shape, layout->row_end, value, ret);
    return measure(layout, value, true, ret);
}

/* By the descriptors, into the room that was measured. */
static kmsg_err write_slow(const kmsg_layout *layout, const void *value, bool speak,
                           uint8_t *buffer, size_t size)
{
    kmsg_enc e = {buffer, buffer + size, 0, 0, true, KMSG_OK, NULL};
    writer   w = {&e, speak};
    uint8_t *end = kmi_put_record(&w, layout, value, buffer);

    if (e.objects != NULL)
        kmi_put_objects(&w, end);
    kmi_objects_free(&e);
    return e.err == KMSG_OK ? KMSG_OK : kmsg_explain_value(layout, value, e.err);
}

kmsg_err kmsg_encode_into(const kmsg_layout *layout, const void *value, void *buffer,
                          size_t capacity, size_t *ret_size)
{
    size_t   size = 0;
    kmsg_err err;

    if (layout->row_put != NULL)
        return kmsg_encode_with(layout, layout->shape, layout->row_put, value, buffer, capacity,
                                ret_size);
    err = measure(layout, value, true, &size);
    if (err == KMSG_OK && size > capacity)
        return kmsg_explain_value(layout, value, KMSG_ETOOBIG);
    if (err == KMSG_OK)
        err = write_slow(layout, value, true, buffer, size);
    if (err == KMSG_OK)
        *ret_size = size;
    return err;
}

bool kmi_encode_direct(const kmsg_layout *layout, const void *value, void *buffer, size_t capacity,
                       size_t *ret_size)
{
    return layout->row_put != NULL && kmsg_write_with(layout->shape, layout->row_put, value, buffer,
                                                      capacity, ret_size) == KMSG_OK;
}

/* Measured, and then into memory of just that size. */
static kmsg_err encode_slow(const kmsg_layout *layout, const void *value, bool speak,
                            kmsg_arena *mem, kmsg_bytes *ret)
{
    size_t   size = 0;
    kmsg_err err =
        speak ? kmsg_encoded_size(layout, value, &size) : measure(layout, value, false, &size);
    uint8_t *buffer;

    if (err != KMSG_OK)
        return speak ? err : kmsg_explain_value(layout, value, err);
    buffer = kmsg_alloc(mem, size, 8);
    if (buffer == NULL)
        return kmsg_explain_value(layout, value, KMSG_ENOMEM);
    err = speak && layout->row_put != NULL ? kmsg_encode_into(layout, value, buffer, size, &size)
                                           : write_slow(layout, value, speak, buffer, size);
    if (err == KMSG_OK)
        *ret = (kmsg_bytes){buffer, size};
    return err;
}

/* Straight into the arena where it has room. */
kmsg_err kmsg_encode(const kmsg_layout *layout, const void *value, kmsg_arena *mem, kmsg_bytes *ret)
{
    const size_t pad = kmsg_pad_of(mem->at, 8), room = (size_t)(mem->end - mem->at);
    uint8_t     *buffer;
    size_t       size;
    kmsg_err     err;

    if (layout->row_put == NULL || room <= pad)
        return encode_slow(layout, value, true, mem, ret);
    buffer = mem->at + pad;
    err = kmsg_write_with(layout->shape, layout->row_put, value, buffer, room - pad, &size);
    if (err == KMSG_ETOOBIG)
        return encode_slow(layout, value, true, mem, ret);
    if (err != KMSG_OK)
        return kmsg_explain_value(layout, value, err);
    mem->at = buffer + size;
    *ret = (kmsg_bytes){buffer, size};
    return KMSG_OK;
}

kmsg_err kmi_encode_quickly(const kmsg_layout *layout, const void *value, kmsg_arena *mem,
                            kmsg_bytes *ret)
{
    return encode_slow(layout, value, false, mem, ret);
}
