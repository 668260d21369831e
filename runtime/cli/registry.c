/* registry.c -- see registry.h. */
#include "cli/registry.h"

#include "idl/diag.h"

#include <string.h>

bool registry_load(registry *r, const cli_options *options)
{
    const kmsg_schema_options how = {
        .dirs = options->dirs, .dir_count = options->dir_count, .diagnostics = stderr};
    size_t count = 0;

    *r = (registry){.schema_count = 0};
    for (size_t i = 0; i < options->schema_count; i++) {
        kmsg_err err = kmsg_schema_load(options->schemas[i], &how, &r->schemas[i]);
        if (err != KMSG_OK) {
            if (err != KMSG_EINVAL && err != KMSG_ENOENT) /* else the front end has said it */
                cli_fail("%s: %s", options->schemas[i], kmsg_strerror(err));
            registry_done(r);
            return false;
        }
        r->schema_count++;
        count += kmsg_schema_count(r->schemas[i]);
    }
    r->records = cli_resize(NULL, (count + 1) * sizeof *r->records);
    for (size_t i = 0; i < r->schema_count; i++)
        for (size_t k = 0; k < kmsg_schema_count(r->schemas[i]); k++)
            r->records[r->record_count++] = kmsg_schema_at(r->schemas[i], k);
    return true;
}

void registry_done(registry *r)
{
    for (size_t i = 0; i < r->schema_count; i++)
        kmsg_schema_free(r->schemas[i]);
    cli_resize(r->records, 0);
}

const kmsg_layout *registry_find(registry *r, const char *name)
{
    if (r->last != NULL && strcmp(r->last->name, name) == 0)
        return r->last;
    for (size_t i = 0; i < r->record_count; i++)
        if (strcmp(r->records[i]->name, name) == 0)
            return r->last = r->records[i];
    return NULL;
}

/* The qualified name, or its last part, whichever is nearer to what was written. */
static size_t distance(const char *wanted, const char *name)
{
    const char *dot = strrchr(name, '.');
    size_t      whole = idl_distance(wanted, name, 3);
    size_t      last = dot == NULL ? whole : idl_distance(wanted, dot + 1, 3);

    return whole < last ? whole : last;
}

static void say_unknown(const registry *r, const char *name)
{
    const char *near = NULL;
    size_t      best = strlen(name) < 5 ? 2 : 3;

    for (size_t i = 0; i < r->record_count; i++) {
        size_t d = distance(name, r->records[i]->name);
        near = d < best ? r->records[i]->name : near;
        best = d < best ? d : best;
    }
    if (r->schema_count == 0)
        cli_fail("no type '%s': no schema was given (-s)", name);
    else if (near != NULL)
        cli_fail("no type '%s'; did you mean '%s'?", name, near);
    else
        cli_fail("no type '%s' in these schemas (see kmsg types)", name);
}

const kmsg_layout *registry_record(registry *r, const char *name)
{
    const kmsg_type *type;

    for (size_t i = 0; i < r->schema_count; i++) {
        const kmsg_layout *found = kmsg_schema_record(r->schemas[i], name);
        if (found != NULL)
            return found;
    }
    for (size_t i = 0; i < r->schema_count; i++)
        if (kmsg_schema_type(r->schemas[i], name, &type) == KMSG_OK) {
            cli_fail("'%s' is no record; other types go with --raw only", name);
            return NULL;
        }
    say_unknown(r, name);
    return NULL;
}

const kmsg_type *registry_type(registry *r, const char *text)
{
    const kmsg_type *type = NULL;
    kmsg_err         err = KMSG_ENOENT;

    for (size_t i = 0; i < r->schema_count && err == KMSG_ENOENT; i++)
        err = kmsg_schema_type(r->schemas[i], text, &type);
    if (err == KMSG_ENOENT)
        say_unknown(r, text);
    else if (err != KMSG_OK)
        cli_fail("'%s' is not how a type is written, such as map<string, list<u32>>", text);
    return err == KMSG_OK ? type : NULL;
}

bool cli_types(const cli_options *options)
{
    registry r;

    if (!registry_load(&r, options))
        return false;
    for (size_t i = 0; i < r.record_count; i++)
        puts(r.records[i]->name);
    registry_done(&r);
    return cli_flush();
}
