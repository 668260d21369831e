/* initial.c -- the defaults of a schema as C values. */
#include "schema/describe.h"

#include <string.h>

bool kmi_has_initial(const kmi_describer *d, const idl_field *f)
{
    if (f->name == NULL || f->type->optional)
        return false;
    switch (f->initial.kind) {
    case IDL_VALUE_NONE:
        return f->type->kind == IDL_RECORD && d->shapes[f->type->record->index].has_initial;
    case IDL_VALUE_FLOAT: return f->initial.number < 0 || f->initial.number > 0;
    case IDL_VALUE_STRING: return f->initial.size != 0;
    default: return f->initial.magnitude != 0;
    }
}

double kmi_double_of(const idl_value *v)
{
    double magnitude = (double)v->magnitude;

    if (v->kind == IDL_VALUE_FLOAT)
        return v->number;
    return v->negative ? -magnitude : magnitude;
}

static void write_int(uint64_t bits, uint32_t size, void *to)
{
    const uint8_t  u8 = (uint8_t)bits;
    const uint16_t u16 = (uint16_t)bits;
    const uint32_t u32 = (uint32_t)bits;

    switch (size) {
    case 1: memcpy(to, &u8, sizeof u8); break;
    case 2: memcpy(to, &u16, sizeof u16); break;
    case 4: memcpy(to, &u32, sizeof u32); break;
    default: memcpy(to, &bits, sizeof bits); break;
    }
}

static void write_value(const idl_type *type, const idl_value *v, void *to)
{
    const kmsg_string text = {v->string, v->size};
    const double      f64 = kmi_double_of(v);
    const float       f32 = (float)f64;

    if (v->kind == IDL_VALUE_STRING)
        memcpy(to, &text, sizeof text);
    else if (type->kind == IDL_F64)
        memcpy(to, &f64, sizeof f64);
    else if (type->kind == IDL_F32)
        memcpy(to, &f32, sizeof f32);
    else
        write_int(v->negative ? 0 - v->magnitude : v->magnitude, idl_block_size(type), to);
}

void kmi_fill_initial(const kmi_describer *d, const kmi_shape *shape, uint8_t *to)
{
    const idl_record *r = shape->record;

    for (size_t i = 0; i < r->field_count; i++) {
        const idl_field *f = &r->fields[i];
        uint8_t         *member = to + shape->layout.fields[i].offset;
        if (!kmi_has_initial(d, f))
            continue;
        if (f->initial.kind != IDL_VALUE_NONE)
            write_value(f->type, &f->initial, member);
        else
            kmi_fill_initial(d, &d->shapes[f->type->record->index], member);
    }
}
