/* load.c -- files and imports, the names they declare, and finding a name again. */
#include "idl/resolve.h"

#include <string.h>

#define IMPORT_DEPTH_MAX 64
#define NAME_SIZE_MAX    255

/* ---- declaring ------------------------------------------------------------------------------- */

static void check_name(maker *mk, ast_token name)
{
    const char *n = name.text;

    if (name.size > NAME_SIZE_MAX)
        idl_error(mk->sources, name.span, "name-length", "a name of %zu bytes; at most 255 may be",
                  name.size);
    else if (n[0] == '_' || n[name.size - 1] == '_' || strstr(n, "__") != NULL)
        idl_error(
            mk->sources, name.span, "name-form",
            "'%s': '_' at the begin or end of a name, and '__' in it, are kept for generated code",
            n);
    for (const idl_word *w = idl_scalars; w->word != NULL; w++)
        if (strcmp(w->word, n) == 0)
            idl_error(mk->sources, name.span, "name-form", "'%s' is a type of the language", n);
}

static const char *prefix_of(maker *mk, const char *module)
{
    char *prefix = idl_text(mk->sources, module[0] == '\0' ? "%s" : "%s_", module);

    for (char *c = prefix; *c != '\0'; c++)
        if (*c == '.')
            *c = '_';
    return prefix;
}

static void declare(maker *mk, mod *m)
{
    for (ast_decl *d = m->tree->decls; d != NULL; d = d->next)
        m->sym_count++;
    m->syms = idl_alloc(mk->sources, (m->sym_count + 1) * sizeof *m->syms);
    m->sym_count = 0;
    for (ast_decl *d = m->tree->decls; d != NULL; d = d->next) {
        sym *s = &m->syms[m->sym_count];
        *s = (sym){.ast = d, .home = m};
        check_name(mk, d->name);
        if (idl_names_add(mk->sources, &m->names, d->name.text, s)) {
            m->sym_count++;
            continue;
        }
        idl_error(mk->sources, d->name.span, "duplicate-name", "'%s' is declared twice",
                  d->name.text);
        s = idl_names_find(&m->names, d->name.text);
        idl_note(mk->sources, s->ast->name.span, "the first one is here");
    }
}

/* Files of one module share its names, and all that is read may meet in one program. */
static void declare_for_all(maker *mk, mod *m)
{
    for (size_t i = 0; i < m->sym_count; i++) {
        sym        *s = &m->syms[i], *first;
        const char *c = idl_text(mk->sources, "%s%s", m->m.prefix, s->ast->name.text);
        if (idl_names_add(mk->sources, &mk->declared, c, s))
            continue;
        first = idl_names_find(&mk->declared, c);
        idl_error(mk->sources, s->ast->name.span, "duplicate-name",
                  "'%s' is declared in %s too: both would be %s in C", s->ast->name.text,
                  first->home->m.file, c);
        idl_note(mk->sources, first->ast->name.span, "the other one is here");
    }
}

/* ---- files ----------------------------------------------------------------------------------- */

/* Where an import is: beside the importing file, in one of the folders, or among what kmsg brings
 * along. -1 and said. */
static int open_import(maker *mk, const mod *from, const ast_word *import)
{
    const char *path = mk->sources->files[from->tree->file].path, *slash = strrchr(path, '/');
    char        why[200] = "";
    int         file;

    if (import->name.text[0] == '\0' || import->name.text[0] == '/') {
        idl_error(mk->sources, import->name.span, "missing-import",
                  "an import is a path below this folder or one of -I");
        return -1;
    }
    path = idl_text(mk->sources, "%.*s%s", slash == NULL ? 0 : (int)(slash - path) + 1, path,
                    import->name.text);
    file = idl_source_open(mk->sources, path, import->name.text, why, sizeof why);
    for (size_t i = 0; file < 0 && i < mk->sources->dir_count; i++) {
        path = idl_text(mk->sources, "%s/%s", mk->sources->dirs[i], import->name.text);
        file = idl_source_open(mk->sources, path, import->name.text, why, sizeof why);
    }
    if (file < 0)
        file = idl_source_shipped(mk->sources, import->name.text);
    if (file < 0)
        idl_error(mk->sources, import->name.span, "missing-import",
                  "cannot read '%s', neither beside this file nor in a folder of -I: %s",
                  import->name.text, why);
    return file;
}

static mod *find_mod(maker *mk, uint32_t file)
{
    for (mod *m = mk->first; m != NULL; m = m->next)
        if (m->tree != NULL && m->tree->file == file)
            return m;
    return NULL;
}

static void load_imports(maker *mk, mod *m)
{
    size_t       n = 0;
    const char **files;

    for (ast_word *w = m->tree->imports; w != NULL; w = w->next)
        n++;
    m->imports = idl_alloc(mk->sources, (n + 1) * sizeof *m->imports);
    m->used = idl_alloc(mk->sources, n + 1);
    files = idl_alloc(mk->sources, (n + 1) * sizeof *files);
    m->m.import_files = files;
    n = 0;
    for (ast_word *w = m->tree->imports; w != NULL; w = w->next) {
        int  file = open_import(mk, m, w);
        mod *imported = file < 0 ? NULL : idl_load_files(mk, (uint32_t)file, w->name.span);
        for (size_t i = 0; imported != NULL && i < n; i++)
            if (m->imports[i] == imported) {
                idl_error(mk->sources, w->name.span, "duplicate-import", "'%s' is imported twice",
                          w->name.text);
                imported = NULL;
            }
        mk->broken = mk->broken || imported == NULL;
        if (imported == NULL)
            continue;
        files[n] = w->name.text;
        m->imports[n++] = imported;
    }
    m->m.import_count = n;
}

static void add_mod(maker *mk, mod *m)
{
    if (mk->last == NULL)
        mk->first = m;
    else
        mk->last->next = m;
    mk->last = m;
}

mod *idl_load_files(maker *mk, uint32_t file, idl_span from)
{
    mod     *m = find_mod(mk, file);
    open_mod here = {mk->open, file};

    if (m != NULL)
        return m;
    for (open_mod *o = mk->open; o != NULL; o = o->outer)
        if (o->file == file) {
            idl_error(mk->sources, from, "import-cycle", "'%s' imports itself%s",
                      mk->sources->files[file].name, o == mk->open ? "" : " by way of others");
            return NULL;
        }
    if (mk->depth >= IMPORT_DEPTH_MAX) {
        idl_error(mk->sources, from, "depth", "imports are nested more than %d deep",
                  IMPORT_DEPTH_MAX);
        return NULL;
    }
    m = idl_alloc(mk->sources, sizeof *m);
    m->tree = idl_parse(mk->sources, file);
    if (m->tree == NULL)
        return NULL;
    m->m.name = m->tree->has_module ? m->tree->module.text : "";
    m->m.prefix = prefix_of(mk, m->m.name);
    m->m.doc = m->tree->doc;
    m->m.path = mk->sources->files[file].path;
    m->m.file = mk->sources->files[file].name;
    m->m.shipped = mk->sources->files[file].shipped;
    mk->depth++;
    mk->open = &here;
    load_imports(mk, m);
    mk->open = here.outer;
    mk->depth--;
    declare(mk, m);
    declare_for_all(mk, m);
    add_mod(mk, m);
    return m;
}

/* ---- finding --------------------------------------------------------------------------------- */

static sym *find_plain(maker *mk, mod *in, const char *name, idl_span where)
{
    sym *found = idl_names_find(&in->names, name);

    for (size_t i = 0; found == NULL && i < in->m.import_count; i++) {
        sym *s = idl_names_find(&in->imports[i]->names, name);
        if (s == NULL)
            continue;
        in->used[i] = true;
        for (size_t k = i + 1; k < in->m.import_count; k++)
            if (idl_names_find(&in->imports[k]->names, name) != NULL)
                idl_error(mk->sources, where, "ambiguous-name",
                          "'%s' is declared in %s and in %s: say which, as module.%s", name,
                          in->imports[i]->m.file, in->imports[k]->m.file, name);
        return s;
    }
    return found;
}

static sym *find_dotted(mod *in, const char *name, size_t module_size)
{
    const char *word = name + module_size + 1;

    if (strlen(in->m.name) == module_size && strncmp(in->m.name, name, module_size) == 0 &&
        idl_names_find(&in->names, word) != NULL)
        return idl_names_find(&in->names, word);
    for (size_t i = 0; i < in->m.import_count; i++) {
        mod *m = in->imports[i];
        if (strlen(m->m.name) == module_size && strncmp(m->m.name, name, module_size) == 0) {
            sym *s = idl_names_find(&m->names, word);
            in->used[i] = in->used[i] || s != NULL;
            if (s != NULL)
                return s;
        }
    }
    return NULL;
}

static const char *near_name(const mod *in, const char *name)
{
    const char              *near = idl_names_near(&in->names, name);
    size_t                   best = near == NULL ? 3 : idl_distance(name, near, 3);
    static const char *const words[] = {"list", "set", "map", "ref"};

    for (size_t i = 0; i < in->m.import_count; i++) {
        const char *other = idl_names_near(&in->imports[i]->names, name);
        if (other != NULL && idl_distance(name, other, 3) < best)
            near = other;
    }
    for (const idl_word *w = idl_scalars; near == NULL && strlen(name) > 1 && w->word != NULL; w++)
        if (idl_distance(name, w->word, 2) <= (strlen(w->word) > 4 ? 2u : 1u))
            near = w->word;
    for (size_t i = 0; near == NULL && i < sizeof words / sizeof *words; i++)
        if (idl_distance(name, words[i], 1) <= 1)
            near = words[i];
    return near;
}

sym *idl_find_name(maker *mk, mod *in, const char *name, idl_span where, const char *what)
{
    const char *dot = strrchr(name, '.');
    sym        *s =
        dot == NULL ? find_plain(mk, in, name, where) : find_dotted(in, name, (size_t)(dot - name));
    const char *near;

    if (s != NULL)
        return s;
    near = dot == NULL ? idl_type_elsewhere(name) : NULL;
    if (near == NULL && dot == NULL && mk->sources->errors < IDL_ERRORS_MAX)
        near = near_name(in, name); /* looks at every name: not for what is not said */
    if (near != NULL)
        idl_error(mk->sources, where, "unknown-type", "no %s '%s'; did you mean '%s'?", what, name,
                  near);
    else
        idl_error(mk->sources, where, "unknown-type", "no %s '%s' here or in what is imported",
                  what, name);
    return NULL;
}
