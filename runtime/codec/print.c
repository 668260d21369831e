/* print.c -- a value as text for people, on one line: Person { name: "Ada", tags: ["math"] }.
 * Absent fields are left out.
 */
#include "codec/scalar.h"
#include "codec/value.h"

static void print_fields(const kmsg_layout *layout, const uint8_t *value, FILE *out);

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

static void print_value(const kmsg_type *type, const void *value, FILE *out);

static void print_array(const kmsg_type *item, const kmsg_items *l, FILE *out)
{
    putc('[', out);
    for (size_t i = 0; i < l->count; i++) {
        fputs(i == 0 ? "" : ", ", out);
        print_value(item, (const uint8_t *)l->items + i * item->size, out);
    }
    putc(']', out);
}

/* Rows are values wrapped by a layout: of a record, of an entry, of one field "value". */
static void print_rows(const kmsg_type *type, const kmsg_items *l, FILE *out)
{
    const kmsg_layout *row = type->layout;
    bool               is_map = type->kind == KMSG_KIND_MAP;

    putc(is_map ? '{' : '[', out);
    for (size_t i = 0; i < l->count; i++) {
        const uint8_t *item = kmi_item(row, l, i);
        fputs(i == 0 ? "" : ", ", out);
        if (is_map) {
            print_value(row->fields[0].type, item + row->fields[0].offset, out);
            fputs(": ", out);
            print_value(row->fields[1].type, item + row->fields[1].offset, out);
        } else if (type->item != NULL) {
            print_value(type->item, item, out);
        } else {
            print_fields(row, item, out);
        }
    }
    putc(is_map ? '}' : ']', out);
}

static void print_value(const kmsg_type *type, const void *value, FILE *out)
{
    char text[64];

    switch (type->kind) {
    case KMSG_KIND_STRING: print_text(*(const kmsg_string *)value, out); break;
    case KMSG_KIND_BYTES: print_bytes(*(const kmsg_bytes *)value, out); break;
    case KMSG_KIND_FIXED:
    case KMSG_KIND_RECORD: print_fields(type->layout, value, out); break;
    case KMSG_KIND_ARRAY: print_array(type->item, value, out); break;
    case KMSG_KIND_ROWS:
    case KMSG_KIND_MAP: print_rows(type, value, out); break;
    default:
        kmi_scalar_text(type, value, text, sizeof text);
        fputs(text, out);
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

static void print_fields(const kmsg_layout *layout, const uint8_t *value, FILE *out)
{
    const char *before = " ";

    putc('{', out);
    for (uint32_t i = 0; i < layout->count; i++) {
        const kmsg_field *f = &layout->fields[i];
        const void       *member = value + f->offset;
        if (!shown(f, value))
            continue;
        fprintf(out, "%s%s: ", before, f->name);
        if (f->type->kind == KMSG_KIND_RECORD)
            member = kmi_record(f, member);
        print_value(f->type, member, out);
        before = ", ";
    }
    fputs(" }", out);
}

void kmsg_print(const kmsg_layout *layout, const void *value, FILE *out)
{
    fprintf(out, "%s ", layout->name);
    print_fields(layout, value, out);
}
