/* model.c -- the way from a file to a model: load, resolve, place, check. */
#include "idl/resolve.h"

#include <string.h>

/* Records of each module, in the order that C needs. */
static void share_out(maker *mk)
{
    for (mod *m = mk->first; m != NULL; m = m->next) {
        size_t n = 0;
        for (size_t i = 0; i < m->m.decl_count; i++)
            n += m->m.decls[i].kind == IDL_DECL_RECORD;
        m->m.records = idl_alloc(mk->sources, (n + 1) * sizeof *m->m.records);
    }
    for (size_t i = 0; i < mk->ordered_count; i++) {
        idl_record *r = mk->ordered[i];
        idl_module *m = (idl_module *)(uintptr_t)r->module;
        if (r->role != IDL_IS_ARGS && r->role != IDL_IS_RESULT)
            ((const idl_record **)(uintptr_t)m->records)[m->record_count++] = r;
    }
}

static const idl_model *finish(maker *mk, mod *main)
{
    idl_model         *model = idl_alloc(mk->sources, sizeof *model);
    const idl_module **modules;

    for (mod *m = mk->first; m != NULL; m = m->next)
        model->module_count++;
    modules = idl_alloc(mk->sources, (model->module_count + 1) * sizeof(idl_module *));
    model->module_count = 0;
    for (mod *m = mk->first; m != NULL; m = m->next)
        modules[model->module_count++] = &m->m;
    model->modules = modules;
    model->main = &main->m;
    return model;
}

static const idl_model *load(idl_sources *sources, uint32_t file)
{
    maker  mk = {.sources = sources};
    size_t errors = sources->errors;
    mod   *main = idl_load_files(&mk, file, (idl_span){file, 0, 0});

    if (main == NULL || mk.broken)
        return NULL;
    idl_resolve(&mk); /* and on after mistakes, so that all are told in one run */
    idl_place_records(&mk);
    share_out(&mk);
    idl_check(&mk);
    return sources->errors == errors ? finish(&mk, main) : NULL;
}

const idl_model *idl_load(idl_sources *sources, const char *path)
{
    char why[200] = "";
    int  file = idl_source_open(sources, path, path, why, sizeof why);

    if (file >= 0)
        return load(sources, (uint32_t)file);
    if (sources->out != NULL)
        fprintf(sources->out, "%s: error: cannot read it: %s\n", path, why);
    sources->errors++;
    return NULL;
}

const idl_model *idl_load_text(idl_sources *sources, const char *name, const char *text,
                               size_t size)
{
    return load(sources, (uint32_t)idl_source_add(sources, name, text, size));
}
