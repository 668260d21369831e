/* print.c -- a value as text for people, on one line: Person { name: "Ada", tags: ["math"] }.
 * Absent fields are left out. What a ref leads to is shown where it is first met, `#1 { ... }`, and
 * then by its number, `#1`.
 */
#include "codec/objects.h"
#include "codec/scalar.h"
#include "codec/value.h"

#define REFS_DEEP_MAX 64u

typedef struct printer {
    FILE        *out;
    kmsg_objects objects; /* what refs lead to, in the order in which it is shown */
    uint32_t     deep;    /* in refs */
} printer;

static void print_fields(printer *p, const kmsg_layout *layout, const uint8_t *value);
static void print_value(printer *p, const kmsg_type *type, const void *value);

static void print_text(kmsg_string s, FILE *out)
{
    putc('"', out);
    for (size_t i = 0; i < s.size; i++) {
        unsigned char c = (unsigned char)s.data[i];
        if (c == '"' || c == '\\')
            fprintf(out, "\\%c", c);
        else if (c == '\n')
            fputs("\\n", out);
        else if (c < 0x20 || c == 0x7f)
            fprintf(out, "\\u{%x}", c);
        else
            putc(c, out);
    }
    putc('"', out);
}

static void print_bytes(kmsg_bytes b, FILE *out)
{
    fputs("0x", out);
    for (size_t i = 0; i < b.size; i++)
        fprintf(out, "%02x", b.data[i]);
}

/* ---- lists ----------------------------------------------------------------------------------- */

static void print_items(printer *p, const kmsg_type *item, const uint8_t *items, size_t count)
{
    putc('[', p->out);
    for (size_t i = 0; i < count; i++) {
        fputs(i == 0 ? "" : ", ", p->out);
        print_value(p, item, items + i * item->size);
    }
    putc(']', p->out);
}

/* A field of a row, which may be absent. */
static void print_part(printer *p, const kmsg_field *f, const uint8_t *row)
{
    const uint8_t *member = row + f->offset;

    if (kmi_in_block(f->type) ? f->optional && !row[f->has_offset] : !kmi_is_there(f, member))
        fputs("none", p->out);
    else
        print_value(p, f->type, kmi_held(f, member));
}

/* Rows are values wrapped by a layout: of a record, of an entry, of one field. */
static void print_rows(printer *p, const kmsg_type *type, const uint8_t *items, size_t count)
{
    const kmsg_layout *row = type->layout;
    bool               is_map = type->kind == KMSG_KIND_MAP;

    putc(is_map ? '{' : '[', p->out);
    for (size_t i = 0; i < count; i++) {
        const uint8_t *item = items + i * row->size;
        fputs(i == 0 ? "" : ", ", p->out);
        if (!is_map && type->item == NULL) {
            print_fields(p, row, item);
            continue;
        }
        print_part(p, &row->fields[0], item);
        if (is_map) {
            fputs(": ", p->out);
            print_part(p, &row->fields[1], item);
        }
    }
    putc(is_map ? '}' : ']', p->out);
}

/* ---- any, unions, refs ----------------------------------------------------------------------- */

static void print_any(const kmsg_any *any, FILE *out)
{
    if (any->type.size == 0) {
        fputs("none", out);
        return;
    }
    fprintf(out, "%.*s ", (int)any->type.size, any->type.data);
    print_bytes(any->message, out);
}

static void print_union(printer *p, const kmsg_layout *layout, const void *value)
{
    const uint32_t    kind = kmi_union_kind(value);
    const kmsg_field *f = kmi_union_member(layout, kind);
    const void       *held = kmi_union_held(f, value);

    if (kind == 0 || held == NULL) {
        fputs("none", p->out);
        return;
    }
    if (f->number == 0)
        fprintf(p->out, "{ %u: ", (unsigned)kind);
    else
        fprintf(p->out, "{ %s: ", f->name);
    print_value(p, f->type, held);
    fputs(" }", p->out);
}

/* What stands too deep is not shown, so that no chain of refs takes all of the C stack. */
static void print_ref(printer *p, const kmsg_layout *layout, const void *member)
{
    const void *object;
    size_t      number;
    bool        met = true;

    memcpy(&object, member, sizeof object);
    if (object == NULL) {
        fputs("none", p->out);
        return;
    }
    number = kmi_objects_put(&p->objects, (kmi_object){layout, object, NULL, NULL}, &met);
    if (number == SIZE_MAX) {
        fputs("#?", p->out); /* no memory to tell objects apart */
        return;
    }
    fprintf(p->out, "#%zu", number + 1);
    if (met)
        return;
    putc(' ', p->out);
    if (p->deep == REFS_DEEP_MAX) {
        fputs("{ ... }", p->out);
        return;
    }
    p->deep++;
    print_fields(p, layout, object);
    p->deep--;
}

/* ---- any of them ----------------------------------------------------------------------------- */

static void print_list(printer *p, const kmsg_type *type, const kmsg_items *l)
{
    if (type->kind == KMSG_KIND_ARRAY)
        print_items(p, type->item, l->items, l->count);
    else
        print_rows(p, type, l->items, l->count);
}

static void print_value(printer *p, const kmsg_type *type, const void *value)
{
    char text[64];

    switch (type->kind) {
    case KMSG_KIND_STRING: print_text(*(const kmsg_string *)value, p->out); break;
    case KMSG_KIND_BYTES:
    case KMSG_KIND_ADDRESS: print_bytes(*(const kmsg_bytes *)value, p->out); break;
    case KMSG_KIND_ANY: print_any(value, p->out); break;
    case KMSG_KIND_FIXED:
    case KMSG_KIND_RECORD: print_fields(p, type->layout, value); break;
    case KMSG_KIND_UNION: print_union(p, type->layout, value); break;
    case KMSG_KIND_REF: print_ref(p, type->layout, value); break;
    case KMSG_KIND_VECTOR: print_items(p, type->item, value, type->count); break;
    case KMSG_KIND_TABLE: print_rows(p, type, value, type->count); break;
    case KMSG_KIND_ARRAY:
    case KMSG_KIND_ROWS:
    case KMSG_KIND_MAP: print_list(p, type, value); break;
    default:
        kmi_scalar_text(type, value, text, sizeof text);
        fputs(text, p->out);
        break;
    }
}

static bool shown(const kmsg_field *f, const uint8_t *value)
{
    if (f->name == NULL)
        return false;
    if (kmi_in_block(f->type))
        return !f->optional || value[f->has_offset];
    return kmi_is_there(f, value + f->offset);
}

static void print_fields(printer *p, const kmsg_layout *layout, const uint8_t *value)
{
    const char *before = " ";

    putc('{', p->out);
    for (uint32_t i = 0; i < layout->count; i++) {
        const kmsg_field *f = &layout->fields[i];
        if (!shown(f, value))
            continue;
        fprintf(p->out, "%s%s: ", before, f->name);
        print_value(p, f->type, kmi_held(f, value + f->offset));
        before = ", ";
    }
    fputs(" }", p->out);
}

/* ---- entry points ---------------------------------------------------------------------------- */

void kmsg_print_value(const kmsg_type *type, const void *value, FILE *out)
{
    printer p = {out, {NULL, 0, 0, NULL, 0, 0}, 0};

    print_value(&p, type, value);
    kmi_objects_done(&p.objects);
}

void kmsg_print(const kmsg_layout *layout, const void *value, FILE *out)
{
    const kmsg_type type = {.kind = KMSG_KIND_RECORD, .layout = layout};

    fprintf(out, "%s ", layout->name);
    kmsg_print_value(&type, value, out);
}
