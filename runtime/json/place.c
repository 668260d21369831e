/* place.c -- the text of a place, written from its end backwards, so that what is nearest to the
 * fault survives where room is short.
 */
#include "json/place.h"

#include <string.h>

#define PLACE_MAX     256
#define KEY_SHOWN_MAX 32

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

static char *write_key(const char *key, char *begin, char *at)
{
    size_t size = strlen(key), shown = size;

    if (shown > KEY_SHOWN_MAX)
        for (shown = KEY_SHOWN_MAX; shown > 0 && ((unsigned char)key[shown] & 0xc0) == 0x80;)
            shown--;
    at = shown < size ? before(begin, at, "\"...]", 5) : before(begin, at, "\"]", 2);
    at = before(begin, at, key, shown);
    return before(begin, at, "[\"", 2);
}

static char *write_one(const kmi_json_place *place, char *begin, char *at)
{
    char text[32];

    if (place->name != NULL) {
        at = before(begin, at, place->name, strlen(place->name));
        return place->up == NULL ? at : before(begin, at, ".", 1);
    }
    if (place->key != NULL)
        return write_key(place->key, begin, at);
    return before(begin, at, text,
                  (size_t)snprintf(text, sizeof text, "[%zu]", place->index));
}

kmi_json_place kmi_json_place_field(const kmi_json_place *up, const char *name)
{
    return name[0] == '\0' ? *up : (kmi_json_place){.up = up, .name = name};
}

kmi_json_place kmi_json_place_root(const char *name)
{
    const char *end = name + strlen(name), *dot = strrchr(name, '.');
    bool        part = dot != NULL && (strcmp(dot, ".args") == 0 || strcmp(dot, ".result") == 0);

    if (strpbrk(name, "<[") != NULL)
        return (kmi_json_place){.name = name}; /* no record: "list<acme.dir.Person>" */
    /* "Person" of "acme.dir.Person", "Directory.find.args" of "acme.dir.Directory.find.args" */
    for (int keep = part ? 3 : 1; keep > 0 && end > name; keep--)
        for (end -= end > name; end > name && *end != '.';)
            end--;
    return (kmi_json_place){.name = *end == '.' ? end + 1 : end};
}

kmsg_err kmi_json_place_error(const kmi_json_place *place, kmsg_err err, const char *format,
                              va_list args)
{
    char text[PLACE_MAX], why[PLACE_MAX], *end = text + sizeof text - 1, *at = end;

    *end = '\0';
    for (; place != NULL && at > text; place = place->up)
        at = write_one(place, text, at);
    vsnprintf(why, sizeof why, format, args);
    return kmsg_set_last_error(err, "%s: %s", at, why);
}
