/* schema.c -- schemas read at run time: any text.
 *
 * Where it is a good schema, the default of each of its records goes through the codec by the
 * descriptors that were made of it: what can be encoded is decoded again, to the same value and the
 * same bytes. So are lists of it, and what is read of it by name.
 */
#include <kmsg/schema.h>
#include <kmsg/value.h>

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool good)
{
    if (!good)
        abort();
}

static void *default_of(const kmsg_schema *schema, const kmsg_layout *layout, kmsg_arena *mem)
{
    const void *initial = kmsg_schema_initial(schema, layout);
    void       *value = kmsg_alloc_zeroed(mem, 1, layout->size, 16);

    must(value != NULL);
    if (initial != NULL)
        memcpy(value, initial, layout->size);
    return value;
}

static void read_fields(const kmsg_layout *layout, const void *value)
{
    kmsg_value v = kmsg_value_record(layout, value);

    for (uint32_t i = 0; i < layout->count; i++) {
        const kmsg_field *f = &layout->fields[i];
        if (f->name == NULL)
            continue;
        must(kmsg_value_field(v, f->name).err == KMSG_OK);
        must(kmsg_value_member(v, f).type == f->type);
    }
}

static void there_and_back(const kmsg_layout *layout, const void *value, FILE *nowhere,
                           kmsg_arena *mem)
{
    void      *again = kmsg_alloc(mem, layout->size, 16), *copy = kmsg_alloc(mem, layout->size, 16);
    kmsg_bytes bytes, same;

    must(again != NULL && copy != NULL);
    read_fields(layout, value);
    if (kmsg_encode(layout, value, mem, &bytes) != KMSG_OK) /* not within limits */
        return;
    must(kmsg_decode(layout, bytes, mem, again) == KMSG_OK);
    must(kmsg_equal(layout, value, again));
    must(kmsg_encode(layout, again, mem, &same) == KMSG_OK);
    must(bytes.size == same.size && memcmp(bytes.data, same.data, same.size) == 0);
    must(kmsg_copy(layout, again, mem, copy) == KMSG_OK);
    must(kmsg_equal(layout, again, copy));
    kmsg_print(layout, copy, nowhere);
}

static void list_of(kmsg_schema *schema, const kmsg_layout *layout, const void *value,
                    kmsg_arena *mem)
{
    const kmsg_type *type;
    kmsg_list_bool   list = {value, 1}, again;
    kmsg_bytes       bytes;
    kmsg_string      text = kmsg_printf(mem, "list<%s>", layout->name);
    kmsg_err         err = kmsg_schema_type(schema, text.data, &type);

    if (err == KMSG_EINVAL) /* items without a size */
        return;
    must(err == KMSG_OK && strcmp(type->name, text.data) == 0);
    if (kmsg_encode_value(type, &list, mem, &bytes) != KMSG_OK)
        return;
    must(kmsg_decode_value(type, bytes, mem, &again) == KMSG_OK);
    must(kmsg_equal_value(type, &list, &again));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static FILE      *nowhere;
    const kmsg_string text = {(const char *)data, size};
    kmsg_schema      *schema;
    kmsg_arena       *mem;

    if (nowhere == NULL)
        nowhere = fopen("/dev/null", "w");
    if (kmsg_schema_load_text("fuzz.kmsg", text, NULL, &schema) != KMSG_OK)
        return 0;
    mem = kmsg_arena_new();
    must(mem != NULL);
    for (size_t i = 0; i < kmsg_schema_count(schema); i++) {
        const kmsg_layout *layout = kmsg_schema_at(schema, i);
        if (layout->size > 1 << 20)
            continue;
        kmsg_arena_reset(mem);
        there_and_back(layout, default_of(schema, layout, mem), nowhere, mem);
        list_of(schema, layout, default_of(schema, layout, mem), mem);
    }
    kmsg_arena_free(mem);
    kmsg_schema_free(schema);
    return 0;
}
