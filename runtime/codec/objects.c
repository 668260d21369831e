/* objects.c -- see objects.h.
 *
 * The table by pointer is an open hash of numbers. Its keys are our own pointers, so nobody who
 * sends messages chooses them, and a plain mix of their bits is enough.
 */
#include "codec/objects.h"

#include "base/alloc.h"
#include "codec/value.h"

#define SLOTS_FIRST 64u

/* ---- in memory ------------------------------------------------------------------------------- */

static size_t hash(const kmi_object *o)
{
    uint64_t h = (uint64_t)(uintptr_t)o->value;

    h = (h ^ (uint64_t)(uintptr_t)o->twin * 0x9e3779b97f4a7c15u) * 0xff51afd7ed558ccdu;
    h = (h ^ h >> 32 ^ (uint64_t)(uintptr_t)o->layout) * 0xc4ceb9fe1a85ec53u;
    return (size_t)(h ^ h >> 29);
}

static bool same(const kmi_object *a, const kmi_object *b)
{
    return a->value == b->value && a->twin == b->twin && a->layout == b->layout;
}

/* Where it stands, or where it would: there is always a free slot. */
static uint32_t *slot_of(const kmsg_objects *t, const kmi_object *o)
{
    size_t i = hash(o) & (t->slot_count - 1);

    while (t->slots[i] != 0 && !same(&t->list[t->slots[i] - 1], o))
        i = (i + 1) & (t->slot_count - 1);
    return &t->slots[i];
}

/* At least half of the slots stay free. */
static bool make_room(kmsg_objects *t)
{
    const size_t wanted = t->slot_count == 0 ? SLOTS_FIRST : 2 * t->slot_count;
    uint32_t    *slots;

    if (2 * (t->count + 1) <= t->slot_count)
        return true;
    slots = kmi_alloc_zeroed(wanted * sizeof *slots);
    if (slots == NULL)
        return false;
    kmi_free(t->slots);
    t->slots = slots;
    t->slot_count = wanted;
    for (size_t i = 0; i < t->count; i++)
        *slot_of(t, &t->list[i]) = (uint32_t)i + 1;
    return true;
}

size_t kmi_objects_put(kmsg_objects *t, kmi_object object, bool *met)
{
    kmi_object *list;
    uint32_t   *slot;

    if (!make_room(t))
        return SIZE_MAX;
    slot = slot_of(t, &object);
    if (met != NULL)
        *met = *slot != 0;
    if (*slot != 0)
        return *slot - 1;
    list = kmi_grow(t->list, t->count, &t->capacity, sizeof *list);
    if (list == NULL)
        return SIZE_MAX;
    t->list = list;
    list[t->count++] = object;
    *slot = (uint32_t)t->count;
    return t->count - 1;
}

void kmi_objects_done(kmsg_objects *t)
{
    kmi_free(t->list);
    kmi_free(t->slots);
    *t = (kmsg_objects){NULL, 0, 0, NULL, 0, 0};
}

/* ---- in a message ---------------------------------------------------------------------------- */

/* Where the object at `at` and the padding behind it end; NULL when they do not fit or it is not
 * zero. */
static const uint8_t *end_of(const uint8_t *at, const uint8_t *end)
{
    const size_t room = (size_t)(end - at);
    size_t       size, pad;

    if (room < KMSG_HEADER)
        return NULL;
    size = kmsg_load32(at);
    pad = -size & 7;
    if (size < KMSG_HEADER || size > room || pad > room - size || kmsg_nonzero(at + size, pad))
        return NULL;
    return at + size + pad;
}

static uint32_t count_parts(const uint8_t *at, const uint8_t *end)
{
    uint32_t count = 0;

    while (at != NULL && at != end) {
        at = end_of(at, end);
        count++;
    }
    return at == NULL ? 0 : count;
}

static kmsg_incoming *alloc_incoming(kmsg_dec *d, uint32_t count)
{
    const size_t   size = count * (sizeof(kmi_part) + sizeof(uint32_t));
    kmsg_incoming *incoming;

    if (!kmi_charge(d, size)) {
        kmsg_dec_fail(d, KMSG_ETOOBIG);
        return NULL;
    }
    incoming = kmi_alloc_zeroed(sizeof *incoming + size);
    if (incoming == NULL) {
        kmsg_dec_fail(d, KMSG_ENOMEM);
        return NULL;
    }
    incoming->parts = (kmi_part *)(incoming + 1);
    incoming->queue = (uint32_t *)(incoming->parts + count);
    incoming->count = count;
    return incoming;
}

kmsg_incoming *kmi_incoming_new(kmsg_dec *d, const uint8_t *at, const uint8_t *end)
{
    const uint32_t count = count_parts(at, end);
    kmsg_incoming *incoming;

    if (count == 0) {
        kmsg_dec_fail(d, KMSG_EDECODE);
        return NULL;
    }
    incoming = alloc_incoming(d, count);
    for (uint32_t i = 0; incoming != NULL && i < count; i++) {
        incoming->parts[i] = (kmi_part){.at = at, .size = kmsg_load32(at)};
        at = end_of(at, end);
    }
    return incoming;
}

void kmi_incoming_free(kmsg_incoming *incoming)
{
    kmi_free(incoming);
}

const char *kmi_incoming_mention(kmsg_dec *d, uint32_t number, const kmsg_layout *layout,
                                 const void **ret)
{
    kmsg_incoming *incoming = d->objects;
    kmi_part      *part;

    if (incoming == NULL || number >= incoming->count)
        return "leads to an object that is not there";
    part = &incoming->parts[number];
    if (part->layout == NULL) {
        if (number != incoming->queued && !d->other)
            return "objects that are not numbered in the order of their mention";
        part->value = kmsg_take(d, layout->size == 0 ? 1 : layout->size);
        if (part->value == NULL)
            return NULL;
        part->layout = layout;
        incoming->queue[incoming->queued++] = number;
    }
    if (part->layout != layout)
        return "leads to an object of another type";
    *ret = part->value;
    incoming->mentions++;
    return NULL;
}
