/* reflected.c -- the schema of who is asked, as he tells it. See remote.h. */
#include "cli/remote.h"

#include "idl/diag.h"

#include <kmsg/reflection.kmsg.h>

#include <string.h>

/* ---- asking ---------------------------------------------------------------------------------- */

bool remote_describe(const remote *r, kmsg_schema_file **ret_files, size_t *ret_count,
                     kmsg_list_string *services)
{
    kmsg_reflection_Description d;
    kmsg_schema_file           *files;
    kmsg_err                    err = kmsg_reflection_Reflection_describe(r->peer, r->mem, &d);

    if (err != KMSG_OK)
        return remote_fail(r, err);
    files = kmsg_alloc_array(r->mem, kmsg_schema_file, d.files.count + 1);
    if (files == NULL)
        return remote_fail(r, KMSG_ENOMEM);
    for (size_t i = 0; i < d.files.count; i++)
        files[i] = (kmsg_schema_file){d.files.items[i].name.data, d.files.items[i].text};
    *ret_files = files;
    *ret_count = d.files.count;
    *services = d.services;
    return true;
}

/* One file that imports all others. */
static kmsg_string import_all(kmsg_arena *mem, const kmsg_schema_file *files, size_t count)
{
    size_t size = 1, at = 0;
    char  *text;

    for (size_t i = 0; i < count; i++)
        size += strlen(files[i].name) + sizeof "import \"\";\n";
    text = kmsg_alloc(mem, size, 1);
    if (text == NULL)
        return kmsg_str("");
    text[0] = '\0';
    for (size_t i = 0; i < count; i++)
        at += (size_t)snprintf(text + at, size - at, "import \"%s\";\n", files[i].name);
    return kmsg_str(text);
}

bool remote_schema(const remote *r, const kmsg_schema_file *files, size_t count, kmsg_schema **ret)
{
    kmsg_schema_file *all = kmsg_alloc_array(r->mem, kmsg_schema_file, count + 1);
    kmsg_err          err;

    if (all == NULL)
        return remote_fail(r, KMSG_ENOMEM);
    all[0] = (kmsg_schema_file){"all-files", import_all(r->mem, files, count)};
    memcpy(all + 1, files, count * sizeof *files);
    err = kmsg_schema_load_files(all, count + 1, NULL, ret);
    return err == KMSG_OK ? true : remote_fail(r, err);
}

/* ---- methods --------------------------------------------------------------------------------- */

/* What stands before the last dot of "Directory.find" is the service, or the end of its name. */
static bool is_of(const char *service, const char *name, size_t size)
{
    size_t whole = strlen(service);

    if (size > whole || strncmp(service + whole - size, name, size) != 0)
        return false;
    return size == whole || service[whole - size - 1] == '.';
}

static const kmsg_method *method_of(const kmsg_service *service, const char *name)
{
    for (uint32_t i = 0; i < service->count; i++)
        if (strcmp(service->methods[i].name, name) == 0)
            return &service->methods[i];
    return NULL;
}

static bool say_unknown(const kmsg_schema *schema, const kmsg_list_string *services,
                        const char *name)
{
    const char *dot = strrchr(name, '.'), *word = dot == NULL ? name : dot + 1;
    const char *near = NULL, *of = "";
    size_t      best = strlen(word) < 5 ? 2 : 3;

    for (size_t i = 0; i < services->count; i++) {
        const kmsg_service *s = kmsg_schema_service(schema, services->items[i].data);
        for (uint32_t k = 0; s != NULL && k < s->count; k++) {
            size_t d = idl_distance(word, s->methods[k].name, 3);
            if (d < best) {
                near = s->methods[k].name;
                of = s->name;
                best = d;
            }
        }
    }
    if (near == NULL)
        return cli_fail("no method '%s' there (see kmsg call NAME)", name);
    return cli_fail("no method '%s' there; did you mean '%s.%s'?", name, of, near);
}

bool remote_method(const kmsg_schema *schema, const kmsg_list_string *services, const char *name,
                   const kmsg_service **ret_service, const kmsg_method **ret)
{
    const char         *dot = strrchr(name, '.'), *word = dot == NULL ? name : dot + 1;
    const kmsg_service *found = NULL;

    for (size_t i = 0; i < services->count; i++) {
        const kmsg_service *s = kmsg_schema_service(schema, services->items[i].data);
        if (s == NULL || method_of(s, word) == NULL ||
            (dot != NULL && !is_of(s->name, name, (size_t)(dot - name))))
            continue;
        if (found != NULL)
            return cli_fail("'%s' is %s.%s or %s.%s: say which", name, found->name, word, s->name,
                            word);
        found = s;
    }
    if (found == NULL)
        return say_unknown(schema, services, name);
    *ret_service = found;
    *ret = method_of(found, word);
    return true;
}
