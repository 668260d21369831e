/* schema.c -- see kmsg/schema.h: loading, and finding by name.
 *
 * The front end was made for tools, which end when there is no memory. Here it leaves by longjmp
 * instead, to the one place in each public function that can answer KMSG_ENOMEM; all that it has
 * taken by then belongs to the sources.
 */
#include "schema/schema.h"

typedef struct plain_name {
    const idl_decl   *decl; /* NULL: several imports have it */
    const idl_module *of;
} plain_name;

static void leave(void *ctx)
{
    kmsg_schema *schema = ctx;

    longjmp(schema->no_memory, 1);
}

/* ---- names ----------------------------------------------------------------------------------- */

static const char *names_of(const idl_decl *decl, const char **qualified)
{
#define OF(member) (*qualified = decl->of.member->qualified, decl->of.member->name)
    switch (decl->kind) {
    case IDL_DECL_CONST: return OF(constant);
    case IDL_DECL_ALIAS: return OF(alias);
    case IDL_DECL_ENUM: return OF(enumeration);
    case IDL_DECL_RECORD: return OF(record);
    case IDL_DECL_TOPIC: return OF(topic);
    case IDL_DECL_MACHINE: return OF(machine);
    default: return OF(service);
    }
#undef OF
}

/* The file itself comes first: its own declarations go before those of imports. */
static void add_plain(kmsg_schema *schema, const char *name, const idl_decl *decl,
                      const idl_module *of)
{
    plain_name *n = idl_names_find(&schema->plain, name);

    if (n == NULL) {
        n = idl_alloc(&schema->sources, sizeof *n);
        *n = (plain_name){decl, of};
        idl_names_add(&schema->sources, &schema->plain, name, n);
    } else if (n->of != schema->model->main) {
        n->decl = NULL;
    }
}

static void add_module(kmsg_schema *schema, const idl_module *m)
{
    for (size_t i = 0; i < m->decl_count; i++) {
        const char *qualified, *name = names_of(&m->decls[i], &qualified);
        idl_names_add(&schema->sources, &schema->qualified, qualified,
                      (void *)(uintptr_t)&m->decls[i]);
        add_plain(schema, name, &m->decls[i], m);
    }
}

static void add_names(kmsg_schema *schema)
{
    const idl_model *model = schema->model;

    add_module(schema, model->main);
    for (size_t i = 0; i < model->module_count; i++)
        if (model->modules[i] != model->main)
            add_module(schema, model->modules[i]);
}

const idl_decl *kmi_schema_find(const kmsg_schema *schema, const char *name)
{
    const idl_decl   *decl = idl_names_find(&schema->qualified, name);
    const plain_name *plain = decl == NULL ? idl_names_find(&schema->plain, name) : NULL;

    return plain == NULL ? decl : plain->decl;
}

/* ---- loading --------------------------------------------------------------------------------- */

static bool is_message(const idl_record *r)
{
    return r->role == IDL_IS_RECORD || r->role == IDL_IS_ERROR;
}

static void list_records(kmsg_schema *schema)
{
    const idl_model *model = schema->model;

    schema->records = idl_alloc(&schema->sources, (schema->d.count + 1) * sizeof *schema->records);
    for (size_t m = 0; m < model->module_count; m++)
        for (size_t i = 0; i < model->modules[m]->decl_count; i++) {
            const idl_decl *decl = &model->modules[m]->decls[i];
            if (decl->kind == IDL_DECL_RECORD && is_message(decl->of.record))
                schema->records[schema->record_count++] = decl->of.record;
        }
}

/* What is to be loaded: a file by its path, or texts, of which the first one is it. */
typedef struct source {
    const char             *path;
    const kmsg_schema_file *files;
    size_t                  file_count;
} source;

static const idl_model *read_model(kmsg_schema *schema, const source *from)
{
    if (from->file_count == 0)
        return idl_load(&schema->sources, from->path);
    for (size_t i = 1; i < from->file_count; i++)
        idl_source_add(&schema->sources, from->files[i].name, from->files[i].text.data,
                       from->files[i].text.size);
    return idl_load_text(&schema->sources, from->path, from->files[0].text.data,
                         from->files[0].text.size);
}

static kmsg_err fill(kmsg_schema *schema, const source *from)
{
    const char *path = from->path;
    char        why[200];

    if (setjmp(schema->no_memory) != 0)
        return KMSG_ENOMEM;
    schema->model = read_model(schema, from);
    if (schema->model == NULL && from->file_count == 0 &&
        idl_source_open(&schema->sources, path, path, why, sizeof why) < 0)
        return kmsg_set_last_error(KMSG_ENOENT, "cannot read %s: %s", path, why);
    if (schema->model == NULL)
        return kmsg_set_last_error(KMSG_EINVAL, "%s: %zu error%s in the schema", path,
                                   schema->sources.errors, schema->sources.errors == 1 ? "" : "s");
    schema->d.sources = &schema->sources;
    if (!kmi_describe(&schema->d, schema->model))
        return kmsg_set_last_error(KMSG_ETOOBIG, "%s: a record of 1 GiB or more", path);
    list_records(schema);
    add_names(schema);
    kmi_describe_services(schema);
    return KMSG_OK;
}

static kmsg_err load(const source *from, const kmsg_schema_options *options, kmsg_schema **ret)
{
    static const kmsg_schema_options none = {0};
    idl_sources                      sources;
    kmsg_schema                     *schema;
    kmsg_err                         err;

    if (options == NULL)
        options = &none;
    if (!idl_sources_try(&sources, options->dirs, options->dir_count, options->diagnostics, NULL,
                         leave))
        return KMSG_ENOMEM;
    schema = kmsg_alloc_array(sources.mem, kmsg_schema, 1);
    if (schema == NULL) {
        idl_sources_done(&sources);
        return KMSG_ENOMEM;
    }
    schema->sources = sources;
    schema->sources.ctx = schema;
    err = fill(schema, from);
    if (err != KMSG_OK) {
        kmsg_schema_free(schema);
        return err;
    }
    schema->sources.out = NULL; /* options are the caller's */
    schema->sources.dirs = NULL;
    schema->sources.dir_count = 0;
    *ret = schema;
    return KMSG_OK;
}

kmsg_err kmsg_schema_load(const char *path, const kmsg_schema_options *options, kmsg_schema **ret)
{
    return load(&(source){.path = path}, options, ret);
}

kmsg_err kmsg_schema_load_files(const kmsg_schema_file *files, size_t count,
                                const kmsg_schema_options *options, kmsg_schema **ret)
{
    if (count == 0)
        return kmsg_set_last_error(KMSG_EINVAL, "no files of a schema");
    return load(&(source){files[0].name, files, count}, options, ret);
}

kmsg_err kmsg_schema_load_text(const char *name, kmsg_string text,
                               const kmsg_schema_options *options, kmsg_schema **ret)
{
    const kmsg_schema_file file = {name, text};

    return kmsg_schema_load_files(&file, 1, options, ret);
}

void kmsg_schema_free(kmsg_schema *schema)
{
    idl_sources sources;

    if (schema == NULL)
        return;
    sources = schema->sources; /* the schema lies in its arena */
    idl_sources_done(&sources);
}

/* ---- asking ---------------------------------------------------------------------------------- */

const kmsg_layout *kmsg_schema_record(const kmsg_schema *schema, const char *name)
{
    const idl_decl *decl = kmi_schema_find(schema, name);

    if (decl == NULL || decl->kind != IDL_DECL_RECORD || !is_message(decl->of.record))
        return NULL;
    return &schema->d.shapes[decl->of.record->index].layout;
}

size_t kmsg_schema_count(const kmsg_schema *schema)
{
    return schema->record_count;
}

const kmsg_layout *kmsg_schema_at(const kmsg_schema *schema, size_t i)
{
    return i < schema->record_count ? &schema->d.shapes[schema->records[i]->index].layout : NULL;
}

const void *kmsg_schema_initial(const kmsg_schema *schema, const kmsg_layout *layout)
{
    for (size_t i = 0; i < schema->d.count; i++)
        if (layout == &schema->d.shapes[i].layout)
            return schema->d.shapes[i].initial;
    return NULL;
}

static kmsg_err make_type(kmsg_schema *schema, const char *text, const kmsg_type **ret)
{
    const idl_type *type;
    kmsg_err        err;

    if (setjmp(schema->no_memory) != 0)
        return KMSG_ENOMEM;
    err = kmi_read_type(schema, text, &type);
    if (err != KMSG_OK)
        return err;
    *ret = kmi_describe_type(&schema->d, type, "value");
    idl_names_add(&schema->sources, &schema->texts, idl_text(&schema->sources, "%s", text),
                  (void *)(uintptr_t)*ret);
    return KMSG_OK;
}

kmsg_err kmsg_schema_type(kmsg_schema *schema, const char *text, const kmsg_type **ret)
{
    const kmsg_type *known = idl_names_find(&schema->texts, text);

    if (known == NULL)
        return make_type(schema, text, ret);
    *ret = known;
    return KMSG_OK;
}
