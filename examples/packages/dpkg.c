/* dpkg.c -- see dpkg.h. The file is paragraphs of "Field: value" lines, with a blank line between
 * them; a line that begins with a blank continues the one before.
 */
#include "dpkg.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define FIELDS_MAX       64
#define DEPENDS_MAX      512
#define ALTERNATIVES_MAX 32

/* A paragraph on its way to a Package. */
typedef struct paragraph {
    Package              package;
    Package_fields_entry fields[FIELDS_MAX];
    size_t               field_count;
    bool                 installed;
} paragraph;

static kmsg_string trimmed(const char *from, const char *to)
{
    while (from < to && (*from == ' ' || *from == '\t' || *from == '\n'))
        from++;
    while (to > from && (to[-1] == ' ' || to[-1] == '\t' || to[-1] == '\n'))
        to--;
    return (kmsg_string){from, (size_t)(to - from)};
}

/* Text that is not UTF-8 is no string: shown as such instead of losing the package. */
static kmsg_string keep(kmsg_arena *mem, kmsg_string s)
{
    return kmsg_utf8_valid(s.data, s.size) ? kmsg_string_copy(mem, s) : kmsg_str("(not UTF-8)");
}

static Priority priority_of(kmsg_string word)
{
    static const char *const words[] = {"",         "required", "important",
                                        "standard", "optional", "extra"};

    for (int i = 1; i < 6; i++)
        if (kmsg_string_equal(word, kmsg_str(words[i])))
            return (Priority)i;
    return Priority_UNKNOWN;
}

/* ---- "libc6 (>= 2.36), default-mta | mail-transport-agent"
 * --------------------------------------- */

/* One of the alternatives: "name:arch (version)". */
static void read_alternative(kmsg_arena *mem, kmsg_string s, kmsg_string *names, size_t *name_count,
                             Dependency_versions_entry *versions, size_t *version_count)
{
    const char *end = s.data + s.size, *open = memchr(s.data, '(', s.size);
    const char *colon = memchr(s.data, ':', (size_t)((open != NULL ? open : end) - s.data));
    const char *name_end = colon != NULL ? colon : open != NULL ? open : end;
    kmsg_string name = keep(mem, trimmed(s.data, name_end));

    names[(*name_count)++] = name;
    if (open != NULL && end[-1] == ')')
        versions[(*version_count)++] =
            (Dependency_versions_entry){name, keep(mem, trimmed(open + 1, end - 1))};
}

static Dependency read_dependency(kmsg_arena *mem, kmsg_string s)
{
    kmsg_string               names[ALTERNATIVES_MAX], *kept;
    Dependency_versions_entry versions[ALTERNATIVES_MAX], *kept_versions;
    size_t                    name_count = 0, version_count = 0;
    const char               *at = s.data, *end = s.data + s.size;

    while (at < end && name_count < ALTERNATIVES_MAX) {
        const char *bar = memchr(at, '|', (size_t)(end - at));
        kmsg_string one = trimmed(at, bar != NULL ? bar : end);
        if (one.size > 0)
            read_alternative(mem, one, names, &name_count, versions, &version_count);
        at = bar != NULL ? bar + 1 : end;
    }
    kept = kmsg_alloc_array(mem, kmsg_string, name_count);
    kept_versions = kmsg_alloc_array(mem, Dependency_versions_entry, version_count);
    if (kept == NULL || kept_versions == NULL)
        return (Dependency){0};
    memcpy(kept, names, name_count * sizeof *kept);
    memcpy(kept_versions, versions, version_count * sizeof *kept_versions);
    return (Dependency){.alternatives = {kept, name_count},
                        .versions = {kept_versions, version_count}};
}

static Dependency_list read_depends(kmsg_arena *mem, kmsg_string s)
{
    Dependency *items = kmsg_alloc_array(mem, Dependency, DEPENDS_MAX);
    size_t      count = 0;
    const char *at = s.data, *end = s.data + s.size;

    while (items != NULL && at < end && count < DEPENDS_MAX) {
        const char *comma = memchr(at, ',', (size_t)(end - at));
        items[count++] = read_dependency(mem, trimmed(at, comma != NULL ? comma : end));
        at = comma != NULL ? comma + 1 : end;
    }
    return (Dependency_list){items, items == NULL ? 0 : count};
}

/* ---- paragraphs ------------------------------------------------------------------------------ */

static void add_field(kmsg_arena *mem, paragraph *p, kmsg_string name, kmsg_string value)
{
    for (size_t i = 0; i < p->field_count; i++)
        if (kmsg_string_equal(p->fields[i].key, name))
            return;
    if (p->field_count < FIELDS_MAX)
        p->fields[p->field_count++] = (Package_fields_entry){keep(mem, name), keep(mem, value)};
}

static void set_field(kmsg_arena *mem, paragraph *p, kmsg_string name, kmsg_string value)
{
    Package *k = &p->package;

    if (kmsg_string_equal(name, kmsg_str("Package")))
        k->name = keep(mem, value);
    else if (kmsg_string_equal(name, kmsg_str("Version")))
        k->version = keep(mem, value);
    else if (kmsg_string_equal(name, kmsg_str("Architecture")))
        k->architecture = keep(mem, value);
    else if (kmsg_string_equal(name, kmsg_str("Section")))
        k->section = keep(mem, value);
    else if (kmsg_string_equal(name, kmsg_str("Priority")))
        k->priority = priority_of(value);
    else if (kmsg_string_equal(name, kmsg_str("Installed-Size")))
        k->installed_kib = strtoull(value.data, NULL, 10);
    else if (kmsg_string_equal(name, kmsg_str("Homepage")))
        k->homepage = keep(mem, value);
    else if (kmsg_string_equal(name, kmsg_str("Depends")))
        k->depends = read_depends(mem, value);
    else if (kmsg_string_equal(name, kmsg_str("Status")))
        p->installed = kmsg_string_equal(value, kmsg_str("install ok installed"));
    else
        add_field(mem, p, name, value);
    if (kmsg_string_equal(name, kmsg_str("Description"))) {
        const char *nl = memchr(value.data, '\n', value.size);
        k->summary = keep(mem, trimmed(value.data, nl != NULL ? nl : value.data + value.size));
    }
}

/* One "Field: value" with its continuation lines, up to `end`. Returns what follows it. */
static const char *read_field(kmsg_arena *mem, paragraph *p, const char *at, const char *end)
{
    const char *line_end = at, *colon;

    do {
        line_end = memchr(line_end, '\n', (size_t)(end - line_end));
        line_end = line_end != NULL ? line_end + 1 : end;
    } while (line_end < end && (*line_end == ' ' || *line_end == '\t'));
    colon = memchr(at, ':', (size_t)(line_end - at));
    if (colon != NULL)
        set_field(mem, p, trimmed(at, colon), trimmed(colon + 1, line_end));
    return line_end;
}

static bool finish(kmsg_arena *mem, paragraph *p, Package *ret)
{
    Package_fields_entry *fields;

    if (!p->installed || p->package.name.size == 0)
        return false;
    fields = kmsg_alloc_array(mem, Package_fields_entry, p->field_count);
    if (fields == NULL)
        return false;
    memcpy(fields, p->fields, p->field_count * sizeof *fields);
    p->package.fields = (Package_fields){fields, p->field_count};
    *ret = p->package;
    return true;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const Package *)a)->name.data, ((const Package *)b)->name.data);
}

/* ---- the file -------------------------------------------------------------------------------- */

static char *read_file(const char *path, size_t *size)
{
    FILE  *f = fopen(path, "rb");
    char  *text = NULL, *more;
    size_t room = 0, n = 1;

    *size = 0;
    while (f != NULL && n > 0) {
        room = room == 0 ? 1 << 20 : room * 2;
        more = realloc(text, room + 1);
        if (more == NULL)
            break;
        text = more;
        n = fread(text + *size, 1, room - *size, f);
        *size += n;
    }
    if (f == NULL || ferror(f) || n > 0) {
        fprintf(stderr, "packages: cannot read %s: %s\n", path, strerror(errno));
        free(text);
        text = NULL;
    } else {
        text[*size] = '\0';
    }
    if (f != NULL)
        fclose(f);
    return text;
}

static size_t count_paragraphs(const char *text)
{
    size_t count = 1;

    while ((text = strstr(text, "\n\n")) != NULL) {
        count++;
        text += 2;
    }
    return count;
}

bool dpkg_read(const char *path, kmsg_arena *mem, Package_list *ret)
{
    size_t   size, count = 0;
    char    *text = read_file(path, &size);
    Package *items = text == NULL ? NULL : kmsg_alloc_array(mem, Package, count_paragraphs(text));
    const char *at = text, *end = text == NULL ? NULL : text + size;
    paragraph   p;

    while (items != NULL && at < end) {
        memset(&p, 0, sizeof p);
        while (at < end && *at == '\n')
            at++;
        while (at < end && *at != '\n')
            at = read_field(mem, &p, at, end);
        count += finish(mem, &p, &items[count]);
    }
    free(text);
    if (items == NULL || kmsg_arena_failed(mem) || count == 0) {
        if (text != NULL)
            fprintf(stderr, "packages: %s: %s\n", path,
                    count == 0 ? "no installed package in it" : "out of memory");
        return false;
    }
    qsort(items, count, sizeof *items, by_name);
    *ret = (Package_list){items, count};
    return true;
}
