/* unit.c -- see unit.h. */
#include "compiler/unit.h"

#include <string.h>

#define LEAVES_MAX     32 /* fixed records with more are looked at by a call, not field by field */
#define LEAF_SLOTS_MAX 4

unit unit_of_record(const idl_record *record)
{
    unit u = {
        .kind = UNIT_RECORD,
        .name = record->c_name,
        .base = record->c_name,
        .c_type = record->c_name,
        .title = record->qualified,
        .fields = record->fields,
        .field_count = record->field_count,
        .block = record->block,
        .align = record->align,
        .slots = record->slots,
        .recursive = record->recursive,
        .has_refs = record->has_refs,
        .has_addresses = record->has_addresses,
        .has_initial = record->has_initial && record->role != IDL_IS_UNION,
        .is_extern = record->role != IDL_IS_ARGS && record->role != IDL_IS_RESULT,
        .is_union = record->role == IDL_IS_UNION,
        .by_descriptor = record->role == IDL_IS_UNION,
    };

    return u;
}

unit unit_of_result(const idl_record *record, kmsg_arena *mem)
{
    unit u = unit_of_record(record);

    if (u.field_count == 0 || (u.fields[0].in_block && u.fields[0].type->optional))
        return u;
    u.kind = UNIT_RESULT;
    u.name = ctype_text(mem, "%s_answer", u.base); /* the rows of the value have the plain name */
    u.c_type = ctype_name(u.fields[0].type, u.base, mem);
    if (u.fields[0].type->optional &&
        (u.fields[0].type->kind == IDL_RECORD || u.fields[0].type->kind == IDL_ARRAY))
        u.c_type = ctype_text(mem, "const %s *", u.c_type);
    return u;
}

static void lay_out(unit *u, idl_field *fields, size_t count)
{
    idl_record record = {0};

    idl_lay_out(fields, count, false, &record); /* two fields: always fits */
    u->fields = fields;
    u->field_count = count;
    u->block = record.block;
    u->align = record.align;
    u->slots = record.slots;
    for (size_t i = 0; i < count; i++) {
        u->has_refs = u->has_refs || idl_has_refs(fields[i].type);
        u->has_addresses = u->has_addresses || idl_has_addresses(fields[i].type);
    }
}

static idl_field *new_fields(kmsg_arena *mem, size_t count)
{
    idl_field *fields = kmsg_alloc_array(mem, idl_field, count);

    if (fields == NULL)
        ctype_no_memory();
    return fields;
}

unit unit_of_entry(const idl_type *map, const char *place, kmsg_arena *mem)
{
    const char *own = ctype_own_name(map, place);
    idl_field  *fields = new_fields(mem, 2);
    unit        u = {.kind = UNIT_ENTRY, .base = own, .is_extern = map->alias != NULL};

    u.name = u.c_type = ctype_text(mem, "%s_entry", own);
    u.title = own;
    fields[0] = (idl_field){.name = "key", .c_name = "key", .number = 1, .type = map->key};
    fields[1] = (idl_field){.name = "value", .c_name = "value", .number = 2, .type = map->value};
    lay_out(&u, fields, 2);
    return u;
}

static unit row_of(const idl_type *item, const char *name, const char *c_type, kmsg_arena *mem)
{
    idl_field *fields = new_fields(mem, 1);
    unit       u = {.kind = UNIT_ROW, .base = name, .name = name, .title = name, .c_type = c_type};

    fields[0] = (idl_field){.name = "value", .c_name = "value", .number = 1, .type = item};
    lay_out(&u, fields, 1);
    return u;
}

unit unit_of_row(const idl_type *list, const char *place, kmsg_arena *mem)
{
    const char *own = ctype_own_name(list, place);
    const char *item = ctype_item_place(list, place, mem);
    unit        u = row_of(list->item, own,
                    list->kind == IDL_ARRAY ? ctype_sizeof(list->item, item, mem)
                                                   : ctype_name(list->item, item, mem),
                           mem);

    u.is_extern = list->alias != NULL;
    u.by_descriptor = list->kind == IDL_ARRAY;
    return u;
}

unit unit_of_item(const idl_type *item, kmsg_arena *mem)
{
    return row_of(item, "", "", mem);
}

unit unit_of_union(const idl_record *record, kmsg_arena *mem)
{
    idl_type *type = kmsg_alloc_array(mem, idl_type, 1);
    unit      u;

    if (type == NULL)
        ctype_no_memory();
    *type = (idl_type){.kind = IDL_UNION, .record = record, .text = record->qualified};
    u = row_of(type, ctype_text(mem, "%s_list", record->c_name), record->c_name, mem);
    u.is_extern = true;
    u.has_refs = record->has_refs;
    u.has_addresses = record->has_addresses;
    return u;
}

/* ---- what is made how ------------------------------------------------------------------------ */

bool unit_is_rows(const idl_type *type)
{
    return (type->kind == IDL_LIST || type->kind == IDL_SET || type->kind == IDL_ARRAY) &&
           !idl_in_block(type->item);
}

bool unit_has_row(const idl_type *type)
{
    return unit_is_rows(type) && (type->item->kind == IDL_LIST || idl_has_descriptor(type->item));
}

/* Keys and items whose order the generated code knows. */
static bool is_ordered_inline(const idl_type *type)
{
    return type->kind <= IDL_STRING;
}

bool unit_has_spots(const idl_type *type)
{
    const unit_spot *spots;
    kmsg_arena      *mem;
    unit             u;
    bool             found;

    if (type->kind == IDL_ARRAY)
        return unit_has_spots(type->item);
    if (type->limits != NULL || type->kind == IDL_BOOL || type->kind == IDL_RUNE)
        return true;
    if (type->kind != IDL_RECORD)
        return type->kind == IDL_ENUM && type->enum_->closed;
    mem = ctype_arena();
    u = unit_of_record(type->record);
    found = unit_spots(&u, mem, &spots) > 0;
    kmsg_arena_free(mem);
    return found;
}

bool unit_by_descriptor(const idl_type *type)
{
    switch (type->kind) {
    case IDL_ANY:
    case IDL_UNION:
    case IDL_REF: return true;
    case IDL_ARRAY: return !idl_in_block(type);
    case IDL_MAP: return !is_ordered_inline(type->key);
    case IDL_SET: return !is_ordered_inline(type->item);
    case IDL_LIST: return type->item->kind == IDL_ARRAY && unit_has_spots(type->item);
    default: return false;
    }
}

bool unit_has_tails(const unit *u)
{
    for (size_t i = 0; i < u->field_count; i++)
        if (!u->fields[i].in_block && u->fields[i].name != NULL)
            return true;
    return false;
}

bool unit_is_leaf(const unit *u)
{
    for (size_t i = 0; i < u->field_count; i++) {
        const idl_field *f = &u->fields[i];
        if (!f->in_block && f->type->kind != IDL_STRING && f->type->kind != IDL_BYTES &&
            f->type->kind != IDL_ADDRESS)
            return false;
    }
    return u->slots <= LEAF_SLOTS_MAX;
}

bool unit_block_is_struct(const unit *u)
{
    return u->kind == UNIT_RECORD || (u->kind == UNIT_ENTRY && u->slots == 0);
}

const char *unit_member(const unit *u, const idl_field *f, kmsg_arena *mem)
{
    return u->kind == UNIT_ROW || u->kind == UNIT_RESULT ? "(*p)"
                                                         : ctype_text(mem, "p->%s", f->c_name);
}

const char *unit_place(const unit *u, const idl_field *f, kmsg_arena *mem)
{
    if (u->kind == UNIT_RESULT)
        return u->base;
    if (f->name == NULL) /* no name begins with a digit */
        return ctype_text(mem, "%s_%u", u->base, f->number);
    return ctype_text(mem, "%s_%s", u->base, u->kind == UNIT_ROW ? "item" : f->name);
}

uint32_t unit_log2(uint32_t align)
{
    return align == 8 ? 3 : align == 4 ? 2 : align == 2 ? 1 : 0;
}

const char *unit_shape(const unit *u, kmsg_arena *mem)
{
    return ctype_text(mem, "%s_SHAPE", u->name);
}

const char *unit_shape_value(const unit *u, kmsg_arena *mem)
{
    return ctype_text(mem, "KMSG_SHAPE(%u, %u, %u)", u->block, u->slots, unit_log2(u->align));
}

uint32_t unit_lengths(const unit *u)
{
    return (u->block + 3) & ~3u;
}

/* ---- spots ----------------------------------------------------------------------------------- */

typedef struct spots {
    unit_spot  *items;
    size_t      count, capacity;
    kmsg_arena *mem;
} spots;

static void add(spots *s, unit_spot spot)
{
    unit_spot *more;

    if (s->count == s->capacity) {
        s->capacity = s->capacity == 0 ? 16 : 2 * s->capacity;
        more = kmsg_alloc_array(s->mem, unit_spot, s->capacity);
        if (more == NULL)
            ctype_no_memory();
        if (s->count != 0)
            memcpy(more, s->items, s->count * sizeof *more);
        s->items = more;
    }
    s->items[s->count++] = spot;
}

static void add_padding(spots *s, uint32_t from, uint32_t to)
{
    if (to > from)
        add(s, (unit_spot){.kind = SPOT_PADDING, .offset = from, .size = to - from});
}

static void add_block(spots *s, const idl_field *fields, size_t count, uint32_t base, uint32_t size,
                      uint32_t has);

/* Fields of a fixed record with all that it contains; no more than LEAVES_MAX + 1 are counted. */
static size_t leaves(const idl_record *record)
{
    size_t count = 0;

    for (size_t i = 0; i < record->field_count && count <= LEAVES_MAX; i++)
        count +=
            record->fields[i].type->kind == IDL_RECORD ? leaves(record->fields[i].type->record) : 1;
    return count;
}

static void add_value(spots *s, const idl_type *type, uint32_t at, uint32_t has)
{
    unit_spot spot = {.offset = at, .count = 1, .has = has};

    for (; type->kind == IDL_ARRAY; type = type->item)
        spot.count *= type->count;
    spot.type = type;
    spot.size = idl_block_size(type);
    if (type->kind == IDL_RECORD && spot.count == 1 && leaves(type->record) <= LEAVES_MAX) {
        add_block(s, type->record->fields, type->record->field_count, at, type->record->block, has);
        return;
    }
    if (type->kind == IDL_BOOL)
        spot.kind = SPOT_BOOL;
    else if (type->kind == IDL_RUNE)
        spot.kind = SPOT_RUNE;
    else if (type->kind == IDL_ENUM && type->enum_->closed)
        spot.kind = SPOT_CLOSED_ENUM;
    else if (type->kind == IDL_RECORD && unit_has_spots(type))
        spot.kind = SPOT_FIXED;
    if (spot.kind != SPOT_PADDING)
        add(s, spot);
    spot.kind = SPOT_RANGE;
    if (type->limits != NULL)
        add(s, spot);
}

/* `has`: where the flag is that makes all of it count, or 0. */
static void add_block(spots *s, const idl_field *fields, size_t count, uint32_t base, uint32_t size,
                      uint32_t has)
{
    uint32_t at = 0;

    for (size_t i = 0; i < count; i++) {
        const idl_field *f = &fields[i];
        uint32_t         value = idl_block_size(f->type);
        if (!f->in_block)
            continue;
        add_padding(s, base + at, base + f->offset);
        at = f->offset + value + f->type->optional;
        if (f->name == NULL) {
            add(s, (unit_spot){.kind = SPOT_RESERVED,
                               .offset = base + f->offset,
                               .size = value + f->type->optional});
            continue;
        }
        if (f->type->optional)
            add(s,
                (unit_spot){
                    .kind = SPOT_OPTIONAL, .offset = base + f->offset, .size = value, .field = f});
        add_value(s, f->type, base + f->offset, f->type->optional ? base + f->offset + value : has);
    }
    add_padding(s, base + at, base + size);
}

size_t unit_spots(const unit *u, kmsg_arena *mem, const unit_spot **ret)
{
    spots s = {.mem = mem};

    add_block(&s, u->fields, u->field_count, 0, u->block, 0);
    if (u->slots > 0)
        add_padding(&s, u->block, unit_lengths(u));
    *ret = s.items;
    return s.count;
}
