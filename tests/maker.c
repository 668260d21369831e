/* maker.c -- see maker.h. Edges of every type come often, sizes are small. */
#include "maker.h"

#include "test.h"

#include <kmsg/codec.h>

#include <stdlib.h>

#define DEEP  5   /* records inside records: from here on lists stay empty */
#define LARGE 400 /* records and items made: from here on too */

/* Only what must be there. */
static bool is_enough(const maker *m)
{
    return m->depth >= DEEP || m->made >= LARGE;
}

static uint64_t random64(void)
{
    return (uint64_t)test_random() << 32 | test_random();
}

static size_t below(size_t limit)
{
    return limit == 0 ? 0 : test_random() % limit;
}

static void *take(maker *m, size_t count, size_t size)
{
    void *p = kmsg_alloc_zeroed(m->mem, count == 0 ? 1 : count, size == 0 ? 1 : size, 16);

    CHECK(p != NULL);
    return p;
}

/* ---- numbers --------------------------------------------------------------------------------- */

static unsigned bits_of(const kmsg_type *type)
{
    return type->size * 8;
}

static int64_t make_signed(const kmsg_type *type)
{
    int64_t low = bits_of(type) == 64 ? INT64_MIN : -((int64_t)1 << (bits_of(type) - 1));
    int64_t high = -(low + 1);

    if (type->limits != NULL && type->limits->has_low)
        low = type->limits->low.i;
    if (type->limits != NULL && type->limits->has_high)
        high = type->limits->high.i;
    switch (below(4)) {
    case 0: return low;
    case 1: return high;
    default: {
        uint64_t range = (uint64_t)high - (uint64_t)low;
        return (int64_t)((uint64_t)low +
                         (range == UINT64_MAX ? random64() : random64() % (range + 1)));
    }
    }
}

static uint64_t make_unsigned(const kmsg_type *type, uint64_t low, uint64_t high)
{
    if (type->limits != NULL && type->limits->has_low)
        low = type->limits->low.u;
    if (type->limits != NULL && type->limits->has_high)
        high = type->limits->high.u;
    switch (below(4)) {
    case 0: return low;
    case 1: return high;
    default: return low + (high - low == UINT64_MAX ? random64() : random64() % (high - low + 1));
    }
}

/* Floating point as integers in the same order. So what lies between two is picked without any
 * rounding, which is not the same on every machine. */
static int64_t order_of(double value, bool single)
{
    const float narrow = (float)value;
    int32_t     half;
    int64_t     bits;

    if (single) {
        memcpy(&half, &narrow, sizeof half);
        return half < 0 ? (int64_t)INT32_MIN - half : half;
    }
    memcpy(&bits, &value, sizeof bits);
    return bits < 0 ? INT64_MIN - bits : bits;
}

static double at_order(int64_t order, bool single)
{
    const int64_t bits = order < 0 ? (single ? INT32_MIN : INT64_MIN) - order : order;
    const int32_t half = (int32_t)(single ? bits : 0);
    float         narrow;
    double        value;

    memcpy(&narrow, &half, sizeof narrow);
    memcpy(&value, &bits, sizeof value);
    return single ? narrow : value;
}

static double make_float(const kmsg_type *type)
{
    const kmsg_limits *l = type->limits;
    const bool         single = type->kind == KMSG_KIND_F32;
    const int64_t      low = order_of(l != NULL && l->has_low ? l->low.f : -1e9, single);
    const int64_t      high = order_of(l != NULL && l->has_high ? l->high.f : 1e9, single);
    const uint64_t     range = (uint64_t)high - (uint64_t)low;

    switch (below(4)) {
    case 0: return at_order(low, single);
    case 1: return at_order(high, single);
    default: return at_order((int64_t)((uint64_t)low + random64() % (range + 1)), single);
    }
}

static uint32_t make_rune(const kmsg_type *type)
{
    static const uint32_t edges[] = {1, 0x7f, 0x80, 0xd7ff, 0xe000, 0xffff, 0x10000, 0x10ffff};

    return type->limits != NULL ? (uint32_t)make_signed(type)
                                : edges[below(sizeof edges / sizeof *edges)];
}

/* ---- text ------------------------------------------------------------------------------------ */

/* How many bytes or items: within the limits, else few. */
static size_t make_count(const kmsg_type *type, size_t few)
{
    size_t low = 0, high = few;

    if (type->limits != NULL && type->limits->has_low)
        low = (size_t)type->limits->low.u;
    if (high < low)
        high = low + few;
    if (type->limits != NULL && type->limits->has_high && high > type->limits->high.u)
        high = (size_t)type->limits->high.u;
    return low + below(high - low + 1);
}

/* A walk through the pattern's states that ends where it may end; 0 when none was found. */
static size_t walk(const kmsg_pattern *p, char *to, size_t room)
{
    uint16_t state = 1;
    size_t   n = 0;

    while (n < room) {
        uint8_t  byte = (uint8_t)test_random();
        uint16_t next = p->next[(size_t)state * p->class_count + p->classes[byte]];
        if (p->accepts[state] && below(4) == 0)
            break;
        if (byte == 0 || next == 0)
            continue;
        to[n++] = (char)byte;
        state = next;
    }
    return p->accepts[state] ? n : 0;
}

static kmsg_string make_string(maker *m, const kmsg_type *type)
{
    static const char *const odd[] = {"\xc3\xa4", "\xf0\x9f\x98\x80", "\xe2\x82\xac", "\"", "\\"};
    size_t                   size = make_count(type, 20), n = 0;
    char                    *text = take(m, size + 65, 1);

    if (type->limits != NULL && type->limits->pattern != NULL) {
        size_t room = type->limits->has_high ? (size_t)type->limits->high.u : 64;
        do
            n = walk(type->limits->pattern, text, room < 64 ? room : 64);
        while (!kmsg_utf8_valid(text, n) || !kmsg_within(type, &(kmsg_string){text, n}));
        text[n] = '\0';
        return (kmsg_string){text, n};
    }
    while (n < size) {
        const char *piece = odd[below(5)];
        if (below(8) == 0 && n + strlen(piece) <= size) {
            memcpy(text + n, piece, strlen(piece));
            n += strlen(piece);
        } else {
            text[n++] = (char)('a' + below(26));
        }
    }
    return (kmsg_string){text, size};
}

static kmsg_bytes make_bytes(maker *m, const kmsg_type *type)
{
    size_t   size = make_count(type, 12);
    uint8_t *data = take(m, size, 1);

    for (size_t i = 0; i < size; i++)
        data[i] = (uint8_t)test_random();
    return (kmsg_bytes){data, size};
}

/* Of one of a few objects, by some way; or any bytes. */
static kmsg_bytes make_address(maker *m)
{
    static const kmsg_type plain = {.kind = KMSG_KIND_BYTES};
    const size_t           size = 16 + 8 * below(9);
    uint8_t               *data;

    if (below(3) == 0)
        return make_bytes(m, &plain);
    data = take(m, size, 1);
    data[0] = (uint8_t)(1 + below(2));
    data[15] = (uint8_t)below(3);
    for (size_t i = 16; i < size; i++)
        data[i] = (uint8_t)test_random();
    return (kmsg_bytes){data, size};
}

static kmsg_any make_any(maker *m)
{
    static const kmsg_type plain = {.kind = KMSG_KIND_BYTES};

    if (below(3) == 0)
        return (kmsg_any){{"", 0}, {NULL, 0}};
    return (kmsg_any){KMSG_STR("some.Type"), make_bytes(m, &plain)};
}

/* ---- lists, sets, maps ----------------------------------------------------------------------- */

static size_t item_size(const kmsg_type *type)
{
    return type->kind == KMSG_KIND_ARRAY ? type->item->size : type->layout->size;
}

static void make_fields(maker *m, const kmsg_layout *layout, uint8_t *to);

static void make_item(maker *m, const kmsg_type *type, uint8_t *to)
{
    if (type->kind == KMSG_KIND_ARRAY || (type->item != NULL && type->kind != KMSG_KIND_MAP))
        maker_value(m, type->item, to);
    else
        make_fields(m, type->layout, to);
}

static const kmsg_type *key_of(const kmsg_type *type)
{
    return type->kind == KMSG_KIND_MAP ? type->layout->fields[0].type
           : type->is_set              ? type->item
                                       : NULL;
}

/* Is the key of the last item there already? */
static bool is_double(const kmsg_type *type, const uint8_t *items, size_t count)
{
    const kmsg_type *key = key_of(type);
    size_t           size = item_size(type);
    size_t           at = type->kind == KMSG_KIND_MAP ? type->layout->fields[0].offset : 0;

    for (size_t i = 0; key != NULL && i < count; i++)
        if (kmsg_compare_keys(key, items + i * size + at, items + count * size + at) == 0)
            return true;
    return false;
}

/* In no order: encoding must put keys in order. With fewer when keys run out. */
static kmsg_items make_items(maker *m, const kmsg_type *type)
{
    size_t   count = make_count(type, is_enough(m) ? 0 : 4), made = 0;
    uint8_t *items = take(m, count, item_size(type));

    for (size_t tries = 0; made < count && tries < 100; tries++) {
        memset(items + made * item_size(type), 0, item_size(type));
        make_item(m, type, items + made * item_size(type));
        m->made++;
        made += !is_double(type, items, made);
    }
    return (kmsg_items){items, made};
}

/* ---- records, unions, refs ------------------------------------------------------------------- */

static bool is_pointer(const kmsg_type *type)
{
    return type->kind == KMSG_KIND_RECORD || type->kind == KMSG_KIND_TABLE;
}

static void *make_behind(maker *m, const kmsg_type *type)
{
    void *value = take(m, 1, type->size);

    maker_value(m, type, value);
    return value;
}

static void make_union(maker *m, const kmsg_layout *layout, uint8_t *to)
{
    const kmsg_field *f = &layout->fields[below(layout->count)];
    uint32_t          kind = f->number;
    void             *behind;

    if (is_enough(m) || kind == 0)
        return;
    memcpy(to, &kind, sizeof kind);
    m->depth++;
    if (is_pointer(f->type) || f->type->kind == KMSG_KIND_FIXED ||
        f->type->kind == KMSG_KIND_VECTOR || f->type->kind == KMSG_KIND_UNION) {
        behind = make_behind(m, f->type);
        memcpy(to + f->offset, &behind, sizeof behind);
    } else {
        maker_value(m, f->type, to + f->offset);
    }
    m->depth--;
}

static void *make_ref(maker *m, const kmsg_layout *layout)
{
    size_t at = below(MAKER_OBJECTS_MAX);
    void  *value;

    if (at < m->object_count && m->objects[at].layout == layout)
        return m->objects[at].value;
    if (m->object_count == MAKER_OBJECTS_MAX || is_enough(m) || below(3) == 0)
        return NULL;
    value = take(m, 1, layout->size);
    at = m->object_count++;
    m->objects[at].layout = layout;
    m->objects[at].value = value;
    make_fields(m, layout, value);
    return value;
}

static void make_field(maker *m, const kmsg_field *f, uint8_t *to)
{
    void *behind;

    if (f->optional && (below(2) == 0 || is_enough(m)))
        return;
    if (f->optional && f->type->kind <= KMSG_KIND_VECTOR)
        to[f->has_offset] = 1;
    if (f->optional && is_pointer(f->type)) {
        behind = make_behind(m, f->type);
        memcpy(to + f->offset, &behind, sizeof behind);
    } else {
        maker_value(m, f->type, to + f->offset);
    }
}

static void make_fields(maker *m, const kmsg_layout *layout, uint8_t *to)
{
    m->depth++;
    m->made++;
    for (uint32_t i = 0; i < layout->count; i++)
        if (layout->fields[i].name != NULL)
            make_field(m, &layout->fields[i], to);
    m->depth--;
}

void *maker_record(maker *m, const kmsg_layout *layout)
{
    void *value = take(m, 1, layout->size);

    make_fields(m, layout, value);
    return value;
}

/* ---- values ---------------------------------------------------------------------------------- */

/* The low bytes of a number, in the order of this machine. */
static void put_number(uint64_t number, size_t size, uint8_t *to)
{
    const uint8_t  one = (uint8_t)number;
    const uint16_t two = (uint16_t)number;
    const uint32_t four = (uint32_t)number;

    switch (size) {
    case 1: memcpy(to, &one, 1); break;
    case 2: memcpy(to, &two, 2); break;
    case 4: memcpy(to, &four, 4); break;
    default: memcpy(to, &number, 8); break;
    }
}

static void make_real(const kmsg_type *type, uint8_t *to)
{
    const double value = make_float(type);
    const float  single = (float)value;

    if (type->kind == KMSG_KIND_F32)
        memcpy(to, &single, sizeof single);
    else
        memcpy(to, &value, sizeof value);
}

static uint64_t make_number(const kmsg_type *type)
{
    uint64_t all = bits_of(type) == 64 ? UINT64_MAX : ((uint64_t)1 << (bits_of(type) & 63)) - 1;

    switch (type->kind) {
    case KMSG_KIND_BOOL: return below(2);
    case KMSG_KIND_I8:
    case KMSG_KIND_I16:
    case KMSG_KIND_I32:
    case KMSG_KIND_I64:
    case KMSG_KIND_TIMESTAMP:
    case KMSG_KIND_DURATION: return (uint64_t)make_signed(type);
    case KMSG_KIND_RUNE: return make_rune(type);
    case KMSG_KIND_ENUM: return (uint64_t)type->enum_->values[below(type->enum_->count)].number;
    default: return make_unsigned(type, 0, all);
    }
}

static void make_block(maker *m, const kmsg_type *type, uint8_t *to)
{
    switch (type->kind) {
    case KMSG_KIND_F32:
    case KMSG_KIND_F64: make_real(type, to); break;
    case KMSG_KIND_UUID:
        for (size_t i = 0; i < 16; i++)
            to[i] = (uint8_t)test_random();
        break;
    case KMSG_KIND_FIXED: make_fields(m, type->layout, to); break;
    case KMSG_KIND_VECTOR:
        for (uint32_t i = 0; i < type->count; i++)
            make_block(m, type->item, to + i * type->item->size);
        break;
    default: put_number(make_number(type), type->size, to); break;
    }
}

void maker_value(maker *m, const kmsg_type *type, void *to)
{
    kmsg_string s;
    kmsg_bytes  b;
    kmsg_any    any;
    kmsg_items  items;
    void       *ref;

    switch (type->kind) {
    case KMSG_KIND_STRING:
        s = make_string(m, type);
        memcpy(to, &s, sizeof s);
        break;
    case KMSG_KIND_BYTES:
    case KMSG_KIND_ADDRESS:
        b = type->kind == KMSG_KIND_BYTES ? make_bytes(m, type) : make_address(m);
        memcpy(to, &b, sizeof b);
        break;
    case KMSG_KIND_ANY:
        any = make_any(m);
        memcpy(to, &any, sizeof any);
        break;
    case KMSG_KIND_RECORD: make_fields(m, type->layout, to); break;
    case KMSG_KIND_UNION: make_union(m, type->layout, to); break;
    case KMSG_KIND_REF:
        ref = make_ref(m, type->layout);
        memcpy(to, &ref, sizeof ref);
        break;
    case KMSG_KIND_TABLE:
        for (uint32_t i = 0; i < type->count; i++)
            make_item(m, type, (uint8_t *)to + i * type->layout->size);
        break;
    case KMSG_KIND_ARRAY:
    case KMSG_KIND_ROWS:
    case KMSG_KIND_MAP:
        items = make_items(m, type);
        memcpy(to, &items, sizeof items);
        break;
    default: make_block(m, type, to); break;
    }
}
