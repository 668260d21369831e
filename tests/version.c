/* version.c -- see version.h. A second reader of the wire format, written from its description: it
 * follows the bytes by the descriptors and looks at nothing but versions. It trusts the bytes, as
 * the decoder has found them good.
 */
#include "version.h"

#include <kmsg/codec.h>

#define OBJECTS_MAX 1000

typedef struct walk {
    const uint8_t     *first; /* byte of the message: what alignment counts from */
    const kmsg_layout *objects[OBJECTS_MAX];
    uint32_t           met;
    bool               same;
} walk;

typedef struct tail {
    const uint8_t *at;
    uint32_t       size;
} tail;

static void walk_tail(walk *w, const kmsg_type *type, tail t);

static tail pad_to(const walk *w, tail t, size_t align)
{
    const uint32_t pad = (uint32_t)(-(size_t)(t.at - w->first) & (align - 1));

    return (tail){t.at + pad, t.size - pad};
}

static bool in_block(const kmsg_type *type)
{
    return type->kind <= KMSG_KIND_VECTOR;
}

/* ---- rows ------------------------------------------------------------------------------------ */

static void walk_block(walk *w, const kmsg_type *type, const uint8_t *at)
{
    for (uint32_t i = 0; type->kind == KMSG_KIND_VECTOR && i < type->count; i++)
        walk_block(w, type->item, at + i * type->item->size);
    for (uint32_t i = 0; type->kind == KMSG_KIND_FIXED && i < type->layout->count; i++) {
        const kmsg_field *f = &type->layout->fields[i];
        if (f->name == NULL)
            w->same &= !kmsg_nonzero(at + f->place, f->type->size);
        else
            walk_block(w, f->type, at + f->place);
    }
}

/* What a writer puts where a field was. */
static void walk_reserved(walk *w, const kmsg_field *f, tail t)
{
    if (f->optional || f->type->kind == KMSG_KIND_REF) {
        w->same &= t.size == KMSG_ABSENT;
    } else if (f->type->kind == KMSG_KIND_RECORD) {
        const uint8_t *padding = t.at;
        t = pad_to(w, t, 8);
        w->same &= !kmsg_nonzero(padding, (size_t)(t.at - padding)) && t.size == 8 &&
                   kmsg_load32(t.at) == 8 && kmsg_load32(t.at + 4) == 0;
    } else {
        w->same &= t.size == 0;
    }
}

/* Returns where its tails end. */
static const uint8_t *walk_row(walk *w, const kmsg_layout *layout, const uint8_t *row,
                               const uint8_t *tails)
{
    const uint8_t *lengths = row + kmsg_shape_lengths(layout->shape);

    for (uint32_t i = 0; i < layout->count; i++) {
        const kmsg_field *f = &layout->fields[i];
        tail              t = {tails, 0};
        if (in_block(f->type)) {
            if (f->name == NULL)
                w->same &= !kmsg_nonzero(row + f->place, f->type->size + (f->optional ? 1 : 0));
            else
                walk_block(w, f->type, row + f->place);
            continue;
        }
        t.size = kmsg_load32(lengths);
        lengths += 4;
        if (f->name == NULL)
            walk_reserved(w, f, t);
        else if (t.size != KMSG_ABSENT)
            walk_tail(w, f->type, t);
        tails += t.size == KMSG_ABSENT ? 0 : t.size;
    }
    return tails;
}

static void walk_record(walk *w, const kmsg_layout *layout, const uint8_t *at)
{
    w->same &= kmsg_load32(at + 4) == layout->shape;
    if (w->same)
        walk_row(w, layout, at + KMSG_HEADER, at + KMSG_HEADER + kmsg_shape_fixed(layout->shape));
}

static void walk_rows(walk *w, const kmsg_type *type, tail t)
{
    const uint32_t wanted = type->kind == KMSG_KIND_TABLE ? type->count : 0;
    const uint32_t stride = kmsg_shape_stride(type->layout->shape);
    const uint8_t *tails;
    uint32_t       count;

    if (t.size == 0) {
        w->same &= wanted == 0;
        return;
    }
    t = pad_to(w, t, 8);
    count = kmsg_load32(t.at);
    w->same &= kmsg_load32(t.at + 4) == type->layout->shape && (wanted == 0 || count == wanted);
    tails = t.at + KMSG_HEADER + (size_t)count * stride;
    for (uint32_t i = 0; i < count && w->same; i++)
        tails = walk_row(w, type->layout, t.at + KMSG_HEADER + (size_t)i * stride, tails);
}

/* ---- other tails ----------------------------------------------------------------------------- */

static void walk_array(walk *w, const kmsg_type *item, tail t)
{
    const uint32_t count = t.size / item->size;

    for (uint32_t i = 0; i < count; i++)
        walk_block(w, item, t.at + t.size - (size_t)(count - i) * item->size);
}

static void walk_union(walk *w, const kmsg_layout *layout, tail t)
{
    uint32_t kind;

    if (t.size == 0)
        return;
    t = pad_to(w, t, 8);
    kind = kmsg_load32(t.at + 4) & 0x7fffffff;
    t = (tail){t.at + KMSG_HEADER, t.size - KMSG_HEADER};
    for (uint32_t i = 1; i < layout->count; i++) {
        const kmsg_field *f = &layout->fields[i];
        if (f->number != kind || f->name == NULL)
            continue;
        if (in_block(f->type))
            walk_block(w, f->type, t.at);
        else if (f->type->kind != KMSG_KIND_REF || t.size != 0)
            walk_tail(w, f->type, t);
    }
}

static void walk_ref(walk *w, const kmsg_layout *layout, tail t)
{
    const uint32_t number = kmsg_load32(pad_to(w, t, 4).at);

    if (number == w->met && number < OBJECTS_MAX)
        w->objects[w->met++] = layout;
    w->same &= number < w->met;
}

static void walk_tail(walk *w, const kmsg_type *type, tail t)
{
    if (!w->same)
        return;
    switch (type->kind) {
    case KMSG_KIND_RECORD: walk_record(w, type->layout, pad_to(w, t, 8).at); break;
    case KMSG_KIND_ROWS:
    case KMSG_KIND_MAP:
    case KMSG_KIND_TABLE: walk_rows(w, type, t); break;
    case KMSG_KIND_ARRAY: walk_array(w, type->item, t); break;
    case KMSG_KIND_UNION: walk_union(w, type->layout, t); break;
    case KMSG_KIND_REF: walk_ref(w, type->layout, t); break;
    default: break; /* the same in all versions */
    }
}

bool version_wrote(const kmsg_layout *layout, kmsg_bytes bytes)
{
    walk   w = {.first = bytes.data, .same = true};
    size_t at = 0;

    walk_record(&w, layout, bytes.data);
    at = kmsg_load32(bytes.data);
    for (uint32_t i = 0; i < w.met && w.same; i++) {
        at = (size_t)kmsg_align(at, 8);
        walk_record(&w, w.objects[i], bytes.data + at);
        at += kmsg_load32(bytes.data + at);
    }
    return w.same && (w.met == 0 ? at : (size_t)kmsg_align(at, 8)) == bytes.size;
}
