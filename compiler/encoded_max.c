/* encoded_max.c -- see encoded_max.h.
 *
 * Bounded are texts and bytes whose length has an upper limit, lists, sets and maps with one for
 * their items, and what is made of bounded parts. Unions are not: they hand on members that they do
 * not know; nor are `any`, addresses, refs, and what contains itself.
 *
 * A tail is counted with the longest padding that may stand in front of it.
 */
#include "compiler/encoded_max.h"

#include <kmsg/kmsg.h>

#define HEADER   8
#define PADDING  7
#define NO_BOUND UINT64_MAX

static uint64_t type_max(const idl_type *type, encoded_maxes *m);

static uint64_t plus(uint64_t a, uint64_t b)
{
    return a > NO_BOUND - b ? NO_BOUND : a + b;
}

static uint64_t times(uint64_t a, uint64_t b)
{
    return a == 0 || b == 0 ? 0 : a > NO_BOUND / b ? NO_BOUND : a * b;
}

/* ---- rows ------------------------------------------------------------------------------------ */

static uint64_t tails_max(const unit *u, encoded_maxes *m)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < u->field_count && sum <= KMSG_MESSAGE_MAX; i++) {
        const idl_field *f = &u->fields[i];
        if (!f->in_block && f->name != NULL)
            sum = plus(sum, type_max(f->type, m));
        else if (!f->in_block && f->type->kind == IDL_RECORD && !f->type->optional)
            sum = plus(sum, PADDING + HEADER);
    }
    return sum;
}

static uint64_t fixed_part(const unit *u)
{
    return u->slots == 0 ? u->block : unit_lengths(u) + 4 * (uint64_t)u->slots;
}

/* Looked at once: records that contain each other twice could be met very often. */
static uint64_t record_max(const idl_record *record, encoded_maxes *m)
{
    const unit u = unit_of_record(record);
    uint64_t  *known = &m->of[record->index];

    if (*known == 0)
        *known = u.recursive ? NO_BOUND : plus(HEADER + fixed_part(&u), tails_max(&u, m));
    return *known;
}

/* Of rows that hold `tails` bytes each, at most. */
static uint64_t rows_max(const unit *u, uint64_t tails, uint64_t count)
{
    const uint64_t stride = (fixed_part(u) + u->align - 1) / u->align * u->align;

    return count == 0 ? 0 : plus(PADDING + HEADER, times(count, plus(stride, tails)));
}

/* ---- types ----------------------------------------------------------------------------------- */

/* Its upper limit; NO_BOUND where there is none. */
static uint64_t limit(const idl_type *type)
{
    if (type->kind == IDL_ARRAY)
        return type->count;
    return type->limits == NULL || type->limits->high.kind != IDL_VALUE_INT
               ? NO_BOUND
               : type->limits->high.magnitude;
}

static uint64_t items_max(const idl_type *type, uint64_t count, encoded_maxes *m)
{
    uint64_t record;
    unit     u;

    if (type->kind != IDL_MAP && idl_in_block(type->item))
        return count == 0 ? 0
                          : plus(idl_block_align(type->item) - 1,
                                 times(count, idl_block_size(type->item)));
    if (type->kind != IDL_MAP && type->item->kind == IDL_RECORD) {
        u = unit_of_record(type->item->record);
        record = record_max(type->item->record, m);
        return rows_max(&u, record == NO_BOUND ? NO_BOUND : record - HEADER - fixed_part(&u),
                        count);
    }
    u = type->kind == IDL_MAP ? unit_of_entry(type, "", m->mem) : unit_of_item(type->item, m->mem);
    return rows_max(&u, tails_max(&u, m), count);
}

static uint64_t type_max(const idl_type *type, encoded_maxes *m)
{
    const uint64_t count = limit(type);

    switch (type->kind) {
    case IDL_STRING: return count == 0 ? 0 : plus(count, 1);
    case IDL_BYTES: return count;
    case IDL_LIST:
    case IDL_SET:
    case IDL_ARRAY:
    case IDL_MAP: return count == NO_BOUND ? NO_BOUND : items_max(type, count, m);
    case IDL_RECORD: return plus(PADDING, record_max(type->record, m));
    default: return NO_BOUND;
    }
}

encoded_maxes encoded_maxes_of(const idl_model *model, kmsg_arena *mem)
{
    encoded_maxes m = {.mem = mem};
    size_t        count = 1;

    for (size_t i = 0; i < model->module_count; i++)
        for (size_t k = 0; k < model->modules[i]->record_count; k++)
            if (model->modules[i]->records[k]->index >= count)
                count = model->modules[i]->records[k]->index + (size_t)1;
    m.of = kmsg_alloc_array(mem, uint64_t, count);
    if (m.of == NULL)
        ctype_no_memory();
    return m;
}

uint64_t encoded_max(encoded_maxes *m, const idl_record *record)
{
    const uint64_t max = record_max(record, m);

    return max > KMSG_MESSAGE_MAX ? 0 : max;
}
