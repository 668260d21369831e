/* out.c -- see out.h. */
#include "json/out.h"

#include <string.h>

#define CAPACITY_MIN 256u

void kmi_json_out_init(kmi_json_out *out, kmsg_arena *mem, size_t expected, size_t max,
                       uint32_t indent)
{
    *out = (kmi_json_out){.mem = mem,
                          .capacity = expected < CAPACITY_MIN ? CAPACITY_MIN : expected,
                          .max = max,
                          .indent = indent};
    out->data = kmsg_alloc(mem, out->capacity, 1);
    if (out->data == NULL)
        out->err = KMSG_ENOMEM;
}

static void grow(kmi_json_out *out, size_t need)
{
    size_t capacity = out->capacity * 2 < need ? need : out->capacity * 2;
    char  *data = kmsg_alloc(out->mem, capacity, 1);

    if (data == NULL) {
        out->err = KMSG_ENOMEM;
        return;
    }
    memcpy(data, out->data, out->size);
    out->data = data;
    out->capacity = capacity;
}

char *kmi_json_out_room(kmi_json_out *out, size_t size)
{
    if (out->err != KMSG_OK)
        return NULL;
    if (size > out->max || out->size > out->max - size) {
        out->err = KMSG_ETOOBIG;
        return NULL;
    }
    if (size > out->capacity - out->size)
        grow(out, out->size + size);
    if (out->err != KMSG_OK)
        return NULL;
    out->size += size;
    return out->data + out->size - size;
}

void kmi_json_out_put(kmi_json_out *out, const char *data, size_t size)
{
    char *at = kmi_json_out_room(out, size);

    if (at != NULL && size != 0)
        memcpy(at, data, size);
}

void kmi_json_out_char(kmi_json_out *out, char c)
{
    char *at = kmi_json_out_room(out, 1);

    if (at != NULL)
        *at = c;
}

/* ---- strings --------------------------------------------------------------------------------- */

static bool is_plain(char c)
{
    return (unsigned char)c >= 0x20 && c != '"' && c != '\\';
}

static void escape(kmi_json_out *out, char c)
{
    static const char letters[] = "\"\"\\\\\bb\ff\nn\rr\tt"; /* what it is, what stands for it */
    static const char hex[] = "0123456789abcdef";
    char              text[6] = {'\\', 'u', '0', '0', 0, 0};

    for (size_t i = 0; i + 1 < sizeof letters; i += 2)
        if (letters[i] == c) {
            text[1] = letters[i + 1];
            kmi_json_out_put(out, text, 2);
            return;
        }
    text[4] = hex[(unsigned char)c >> 4];
    text[5] = hex[(unsigned char)c & 15];
    kmi_json_out_put(out, text, sizeof text);
}

void kmi_json_out_string(kmi_json_out *out, const char *data, size_t size)
{
    size_t from = 0;

    kmi_json_out_char(out, '"');
    for (size_t i = 0; i < size; i++) {
        if (is_plain(data[i]))
            continue;
        kmi_json_out_put(out, data + from, i - from);
        escape(out, data[i]);
        from = i + 1;
    }
    if (size > from)
        kmi_json_out_put(out, data + from, size - from);
    kmi_json_out_char(out, '"');
}

/* ---- objects and arrays ---------------------------------------------------------------------- */

static void new_line(kmi_json_out *out)
{
    size_t size = 1 + (size_t)out->indent * out->level;
    char  *at = out->indent == 0 ? NULL : kmi_json_out_room(out, size);

    if (at == NULL)
        return;
    memset(at, ' ', size);
    *at = '\n';
}

void kmi_json_out_open(kmi_json_out *out, char bracket)
{
    kmi_json_out_char(out, bracket);
    out->level++;
}

void kmi_json_out_next(kmi_json_out *out, bool *first)
{
    if (!*first)
        kmi_json_out_char(out, ',');
    *first = false;
    new_line(out);
}

void kmi_json_out_close(kmi_json_out *out, char bracket, bool empty)
{
    out->level--;
    if (!empty)
        new_line(out);
    kmi_json_out_char(out, bracket);
}

void kmi_json_out_name(kmi_json_out *out, bool *first, const char *name)
{
    kmi_json_out_next(out, first);
    kmi_json_out_char(out, '"');
    kmi_json_out_put(out, name, strlen(name));
    kmi_json_out_put(out, "\": ", out->indent == 0 ? 2 : 3);
}
