/* depfile.c -- see depfile.h. */
#include "compiler/depfile.h"

#include <string.h>

/* A path with what make would read otherwise quoted. */
static void put_path(out *o, const char *path)
{
    for (; *path != '\0'; path++) {
        if (*path == ' ' || *path == '#' || *path == '\\')
            out_fmt(o, "\\");
        out_fmt(o, *path == '$' ? "$%c" : "%c", *path);
    }
}

/* Is it a file that the output depends on, beside the schema itself? */
static bool is_import(const idl_model *model, const idl_module *module)
{
    return module != model->main && !module->shipped;
}

void depfile_put(out *o, const char *const *targets, const idl_model *model, bool phony)
{
    for (; *targets != NULL; targets++) {
        put_path(o, *targets);
        out_fmt(o, targets[1] != NULL ? " " : ":");
    }
    out_fmt(o, " ");
    put_path(o, model->main->path);
    for (size_t i = 0; i < model->module_count; i++)
        if (is_import(model, model->modules[i])) {
            out_fmt(o, " \\\n  ");
            put_path(o, model->modules[i]->path);
        }
    out_fmt(o, "\n");
    for (size_t i = 0; phony && i < model->module_count; i++)
        if (is_import(model, model->modules[i])) {
            out_fmt(o, "\n");
            put_path(o, model->modules[i]->path);
            out_fmt(o, ":\n");
        }
}
