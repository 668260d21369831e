/* decode.c -- decoding through descriptors: any shape, any version, and the words for what is
 * wrong.
 *
 * Generated code decodes what was written by its own version of the schema. Everything else comes
 * here: rows of another shape (a field that the writer lacked takes its default, one that we lack
 * is skipped by its length), layouts that have no generated code, values that have none (unions,
 * any, refs, tables), messages with objects behind their record, and every message that generated
 * code refused, once more, to find out where and why. Both must agree on what is good: the fuzzer
 * of the decoder holds them against each other.
 *
 * Like the straight-line half it is sticky: after a failure it goes on as long as that is safe, and
 * the first failure is the one that is told.
 */
#include "base/err.h"
#include "codec/direct.h"
#include "codec/limits.h"
#include "codec/objects.h"
#include "codec/reader.h"
#include "codec/scalar.h"
#include "codec/value.h"

/* ---- shared by the readers ------------------------------------------------------------------- */

void kmi_read_fail(reader *r, const kmi_place *place, kmsg_err err, const char *why)
{
    if (r->d->err == KMSG_OK && r->speak)
        kmi_place_error(place, err, why);
    kmsg_dec_fail(r->d, err);
}

void kmi_read_bad(reader *r, const kmi_place *place, const char *why)
{
    kmi_read_fail(r, place, KMSG_EDECODE, why);
}

const char *kmi_read_no_memory(const reader *r)
{
    if (r->d->err != KMSG_ETOOBIG)
        return "out of memory";
    return r->d->other ? "takes more memory than such a message may, 16 times its size and 4 KiB: "
                         "it was written by a version of the schema whose records are smaller"
                       : "takes more memory than such a message may, 16 times its size and 4 KiB";
}

void *kmi_read_take(reader *r, const kmi_place *place, uint64_t size)
{
    kmsg_err before = r->d->err;
    void    *p = kmsg_take(r->d, size);

    if (p == NULL && before == KMSG_OK && r->speak)
        kmi_place_error(place, r->d->err, kmi_read_no_memory(r));
    return p;
}

bool kmi_read_pad(reader *r, const kmi_place *place, slice *s, size_t align)
{
    size_t pad = kmsg_pad_of(s->at, align);

    if (pad > (size_t)(s->end - s->at)) {
        kmi_read_bad(r, place, "ends in its padding");
        return false;
    }
    if (kmsg_nonzero(s->at, pad)) {
        kmi_read_bad(r, place, "padding that is not zero");
        return false;
    }
    s->at += pad;
    return true;
}

void kmi_read_limits(reader *r, const kmsg_type *type, const void *value, const kmi_place *place)
{
    char        text[KMI_LIMIT_TEXT_MAX];
    const char *why;

    if (type->limits == NULL || r->d->err != KMSG_OK)
        return;
    why = kmi_limits_bad(type, value, text, sizeof text);
    if (why != NULL)
        kmi_read_bad(r, place, why);
}

bool kmi_read_enter(reader *r, const kmsg_layout *layout, const kmi_place *place)
{
    if (!layout->recursive)
        return true;
    if (r->d->depth >= KMSG_DEPTH_MAX) {
        kmi_read_fail(r, place, KMSG_EDEPTH, "records are nested too deeply");
        return false;
    }
    r->d->depth++;
    return true;
}

void kmi_read_leave(reader *r, const kmsg_layout *layout)
{
    if (layout->recursive)
        r->d->depth--;
}

/* ---- where generated code comes in ----------------------------------------------------------- */

void kmsg_dec_fail(kmsg_dec *d, kmsg_err err)
{
    if (d->err == KMSG_OK)
        d->err = err;
}

void *kmsg_take_more(kmsg_dec *d, uint64_t size)
{
    uint8_t *p;

    d->budget -= (size_t)(d->at - d->from);
    d->from = d->at;
    if (size > d->budget) {
        kmsg_dec_fail(d, KMSG_ETOOBIG);
        return NULL;
    }
    d->mem->at = d->at;
    p = kmsg_alloc(d->mem, (size_t)size, 8);
    d->budget -= p == NULL ? 0 : (size_t)size;
    kmsg_take_from(d, d->mem);
    if (p == NULL)
        kmsg_dec_fail(d, KMSG_ENOMEM);
    return p;
}

bool kmi_charge(kmsg_dec *d, size_t size)
{
    d->budget -= (size_t)(d->at - d->from);
    d->from = d->at;
    if (size > d->budget)
        return false;
    d->budget -= size;
    if (d->budget < (size_t)(d->stop - d->at))
        d->stop = d->at + d->budget;
    return true;
}

void kmsg_get_check_text(kmsg_dec *d, const uint8_t *data, size_t size)
{
    if (size == 0 || data[size] != 0 || kmi_text_bad(data, size) != NULL)
        kmsg_dec_fail(d, KMSG_EDECODE);
}

void kmsg_get_other_record(kmsg_dec *d, const kmsg_layout *layout, const uint8_t *at, size_t size,
                           void *ret)
{
    reader    r = {d, false};
    kmi_place root = kmi_place_root(layout);

    kmi_read_record(&r, layout, (slice){at, at + size}, ret, &root);
}

void kmsg_get_other_rows(kmsg_dec *d, const kmsg_layout *layout, const uint8_t *at, size_t size,
                         kmsg_items *ret)
{
    const kmsg_type type = {.kind = KMSG_KIND_ROWS,
                            .layout = layout}; /* the caller looks at order */
    reader          r = {d, false};
    kmi_place       root = kmi_place_root(layout);

    kmi_read_rows(&r, &type, (slice){at, at + size}, ret, &root);
}

const uint8_t *kmsg_get_tail(kmsg_dec *d, const kmsg_field *field, uint32_t size, const uint8_t *at,
                             void *member)
{
    const kmi_place place = {.name = "value"}; /* nothing is said here */
    reader          r = {d, false};

    size = size == KMSG_ABSENT ? size : kmsg_present(d, size, at);
    memset(member, 0, kmi_is_pointer(field) ? sizeof(void *) : field->type->size);
    kmi_read_field(&r, field, at, size, member, &place);
    return at + kmsg_skip(size);
}

kmsg_bytes kmsg_realign(kmsg_bytes bytes, kmsg_arena *mem)
{
    void *copy = kmsg_alloc(mem, bytes.size, 8);

    if (copy != NULL && bytes.size != 0)
        memcpy(copy, bytes.data, bytes.size);
    return (kmsg_bytes){copy, bytes.size};
}

kmsg_err kmsg_copy_bytes(kmsg_bytes bytes, kmsg_arena *mem, kmsg_bytes *ret)
{
    kmsg_bytes copy;

    if (bytes.size > KMSG_MESSAGE_MAX)
        return kmi_error(KMSG_ETOOBIG, "a message of %zu bytes, and none may have more than %zu",
                         bytes.size, KMSG_MESSAGE_MAX);
    copy = kmsg_realign(bytes, mem);
    if (copy.data == NULL)
        return kmi_error(KMSG_ENOMEM, "out of memory for a copy of %zu bytes", bytes.size);
    *ret = copy;
    return KMSG_OK;
}

/* ---- whole messages -------------------------------------------------------------------------- */

/* Each object that was mentioned, in that order, until there are no more. */
static void read_objects(reader *r, const kmi_place *root)
{
    kmsg_incoming *incoming = r->d->objects;
    char           name[128];

    for (uint32_t i = 0; i < incoming->queued && r->d->err == KMSG_OK; i++) {
        const uint32_t  number = incoming->queue[i];
        const kmi_part *part = &incoming->parts[number];
        const kmi_place place = kmi_place_object(part->layout, number, name, sizeof name);
        r->d->depth = 0;
        kmi_read_record(r, part->layout, (slice){part->at, part->at + part->size}, part->value,
                        &place);
    }
    if (incoming->queued < incoming->count && !r->d->other)
        kmi_read_bad(r, root, "objects that nothing leads to");
}

/* A record with objects behind it, which stand in [s.at, s.end). */
static void read_graph(reader *r, const kmsg_layout *layout, slice root, slice s, void *ret,
                       const kmi_place *place)
{
    const size_t pad = kmsg_pad_of(root.end, 8);

    if (pad > (size_t)(s.end - s.at) || kmsg_nonzero(s.at, pad)) {
        kmi_read_bad(r, place, "its header tells another size than it has");
        return;
    }
    r->d->objects = kmi_incoming_new(r->d, s.at + pad, s.end);
    if (r->d->objects == NULL) {
        if (r->speak)
            kmi_place_error(place, r->d->err,
                            r->d->err == KMSG_EDECODE ? "what follows it are not whole objects"
                                                      : kmi_read_no_memory(r));
        return;
    }
    kmi_read_record(r, layout, root, ret, place);
    read_objects(r, place);
    kmi_incoming_free(r->d->objects);
    r->d->objects = NULL;
}

/* Bytes that can be reckoned with also where there are none. */
static kmsg_bytes not_null(kmsg_bytes bytes)
{
    static const uint64_t none;

    return bytes.size == 0 ? (kmsg_bytes){(const uint8_t *)&none, 0} : bytes;
}

static kmsg_err read_message(const kmsg_layout *layout, kmsg_bytes bytes, bool speak,
                             kmsg_arena *mem, void *ret)
{
    const kmsg_bytes b = not_null(bytes);
    const slice      all = {b.data, b.data + b.size};
    const size_t     size = b.size < KMSG_HEADER ? b.size : kmsg_load32(b.data);
    kmsg_dec         d = kmsg_dec_of(b, mem);
    reader           r = {&d, speak};
    kmi_place        place = kmi_place_root(layout);

    if (size >= KMSG_HEADER && size < b.size)
        read_graph(&r, layout, (slice){all.at, all.at + size}, (slice){all.at + size, all.end}, ret,
                   &place);
    else
        kmi_read_record(&r, layout, all, ret, &place);
    if (d.err == KMSG_OK)
        d.mem->at = d.at;
    return d.err;
}

kmsg_err kmsg_explain_bytes(const kmsg_layout *layout, kmsg_bytes bytes, kmsg_err err)
{
    kmi_place   root = kmi_place_root(layout);
    kmsg_err    found = KMSG_OK;
    kmsg_arena *mem;
    void       *scratch;

    if (err == KMSG_ENOMEM || bytes.size > KMSG_MESSAGE_MAX)
        return kmi_place_error(&root, err, kmsg_strerror(err));
    mem = kmsg_arena_new();
    scratch = mem == NULL ? NULL : kmsg_alloc(mem, layout->size, 16);
    if (scratch != NULL)
        found = read_message(layout, bytes, true, mem, scratch);
    kmsg_arena_free(mem);
    return found != KMSG_OK ? found : kmi_place_error(&root, err, kmsg_strerror(err));
}

kmsg_err kmsg_decode_graph(const kmsg_layout *layout, kmsg_bytes bytes, kmsg_arena *mem, void *ret)
{
    kmsg_err err = read_message(layout, bytes, false, mem, ret);

    return err == KMSG_OK ? KMSG_OK : kmsg_explain_bytes(layout, bytes, err);
}

kmsg_err kmi_decode(const kmsg_layout *layout, kmsg_bytes bytes, bool speak, kmsg_arena *mem,
                    void *ret)
{
    kmsg_err err;

    if (bytes.size > KMSG_MESSAGE_MAX)
        return kmsg_explain_bytes(layout, bytes, KMSG_ETOOBIG);
    if (kmsg_pad_of(bytes.data, 8) != 0)
        bytes = kmsg_realign(bytes, mem);
    if (bytes.data == NULL && bytes.size != 0)
        return kmsg_explain_bytes(layout, bytes, KMSG_ENOMEM);
    err = read_message(layout, bytes, speak, mem, ret);
    return err == KMSG_OK || speak ? err : kmsg_explain_bytes(layout, bytes, err);
}

kmsg_err kmi_decode_to(const kmsg_layout *layout, kmsg_bytes bytes, kmsg_arena *mem, void *ret)
{
    if (layout->row_get != NULL)
        return kmsg_decode_with(layout, layout->shape, layout->row_get, bytes, mem, ret);
    return kmi_decode(layout, bytes, true, mem, ret);
}

kmsg_err kmsg_decode(const kmsg_layout *layout, kmsg_bytes bytes, kmsg_arena *mem, void *ret)
{
    const kmsg_arena before = *mem;
    void            *value = kmsg_alloc(mem, layout->size == 0 ? 1 : layout->size, 16);
    kmsg_err         err;

    if (value == NULL)
        return kmsg_explain_bytes(layout, bytes, KMSG_ENOMEM);
    err = kmi_decode_to(layout, bytes, mem, value);
    if (err == KMSG_OK)
        memcpy(ret, value, layout->size);
    else if (mem->blocks == before.blocks) /* what is refused leaves nothing */
        mem->at = before.at;
    return err;
}
