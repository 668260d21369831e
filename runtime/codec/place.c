/* place.c -- the text of a place, written from its end backwards, so that what is nearest to the
 * fault survives where room is short.
 */
#include "codec/place.h"

#include "base/err.h"
#include "codec/scalar.h"

#include <string.h>

#define KEY_SHOWN_MAX 40

static char *before(char *begin, char *at, const char *text, size_t size)
{
    size_t room = (size_t)(at - begin);

    if (size > room) {
        text += size - room;
        size = room;
    }
    memcpy(at - size, text, size);
    return at - size;
}

static char *write_one(const kmi_place *place, char *begin, char *at)
{
    char text[KEY_SHOWN_MAX + 32];

    if (place->name != NULL) {
        at = before(begin, at, place->name, strlen(place->name));
        return place->up == NULL ? at : before(begin, at, ".", 1);
    }
    if (place->key_type == NULL) {
        int n = snprintf(text, sizeof text, "[%zu]", place->index);
        return before(begin, at, text, (size_t)n);
    }
    kmi_key_text(place->key_type, place->key, text, sizeof text);
    at = before(begin, at, "]", 1);
    at = before(begin, at, text, strlen(text));
    return before(begin, at, "[", 1);
}

void kmi_place_text(const kmi_place *place, char *text, size_t size)
{
    char *end = text + size - 1, *at = end;

    *end = '\0';
    for (; place != NULL && at > text; place = place->up)
        at = write_one(place, text, at);
    memmove(text, at, (size_t)(end - at) + 1);
}

kmi_place kmi_place_field(const kmi_place *up, const kmsg_field *f)
{
    if (f->name != NULL && f->name[0] == '\0')
        return *up;
    return (kmi_place){.up = up, .name = f->name == NULL ? "reserved" : f->name};
}

kmi_place kmi_place_row(const kmi_place *up, const kmsg_type *type, size_t i, const void *entry)
{
    const kmsg_field *key = &type->layout->fields[0];

    if (type->kind != KMSG_KIND_MAP)
        return kmi_place_item(up, i);
    return kmi_place_key(up, key->type, (const uint8_t *)entry + key->offset);
}

kmi_place kmi_place_item(const kmi_place *up, size_t i)
{
    return (kmi_place){.up = up, .index = i};
}

kmi_place kmi_place_key(const kmi_place *up, const kmsg_type *type, const void *key)
{
    return (kmi_place){.up = up, .key_type = type, .key = key};
}

kmi_place kmi_place_object(const kmsg_layout *layout, size_t number, char *text, size_t size)
{
    snprintf(text, size, "%s#%zu", kmi_place_root(layout).name, number);
    return (kmi_place){.name = text};
}

kmi_place kmi_place_root(const kmsg_layout *layout)
{
    const char *begin = layout->name, *end = begin + strlen(begin);
    const char *dot = strrchr(begin, '.');
    bool        part = dot != NULL && (strcmp(dot, ".args") == 0 || strcmp(dot, ".result") == 0);

    if (strpbrk(begin, "<[") != NULL)
        return (kmi_place){.name = begin}; /* no record: "list<acme.dir.Person>" */
    /* "Person" of "acme.dir.Person", "Directory.find.args" of "acme.dir.Directory.find.args" */
    for (int keep = part ? 3 : 1; keep > 0 && end > begin; keep--)
        for (end -= end > begin; end > begin && *end != '.';)
            end--;
    return (kmi_place){.name = *end == '.' ? end + 1 : end};
}

kmsg_err kmi_place_error(const kmi_place *place, kmsg_err err, const char *why)
{
    char text[KMI_ERROR_TEXT_MAX / 2];

    kmi_place_text(place, text, sizeof text);
    return kmi_error(err, "%s: %s", text, why);
}
