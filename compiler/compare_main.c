/* compare_main.c -- kmsgc --compare: two files, or all files of two folders by their paths, and
 * what is unsafe between them.
 *
 * A file that several others import is compared with each of them; what was told once is not told
 * again.
 */
#define _XOPEN_SOURCE 700

#include "compiler/compare_main.h"
#include "compiler/compare.h"
#include "compiler/revision.h"
#include "idl/names.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define FOLDER_DEPTH_MAX 64

/* A line of a side, from which the next change is looked for: most come in the order of the text.
 */
typedef struct cursor {
    const char *text; /* of the file */
    size_t      line_begin;
    unsigned    line;
} cursor;

typedef struct job {
    const compare_options *o;
    idl_sources            mem;       /* what lives as long as the job */
    const revision        *revision;  /* of the old side, or NULL */
    const char            *old, *new; /* files or folders */
    const char *const     *old_dirs;
    idl_sources           *old_side, *new_side; /* of the files that are being compared */
    cursor                 at[2];               /* in the new side, in the old */
    idl_names              told;                /* lines */
    const char           **paths;               /* of schemas, below a folder */
    size_t                 path_count, path_room;
    size_t                 compared, failed, unsafe;
} job;

static const char *const level_words[] = {"wire", "json", "source"};

unsigned compare_levels(const char *text)
{
    unsigned levels = 0;

    while (*text != '\0') {
        size_t   size = strcspn(text, ",");
        unsigned before = levels;
        for (unsigned i = 0; i < 3; i++)
            if (strlen(level_words[i]) == size && strncmp(level_words[i], text, size) == 0)
                levels |= 1u << i;
        if (levels == before)
            return 0;
        text += size + (text[size] == ',');
    }
    return levels;
}

void compare_list_rules(void)
{
    for (size_t i = 0; i < COMPARE_RULE_COUNT; i++) {
        const compare_rule *rule = &compare_rules[i];
        const char         *comma = "";
        printf("%-28s", rule->id);
        for (unsigned k = 0; k < 3; k++)
            if ((rule->levels & 1u << k) != 0) {
                printf("%s%s", comma, level_words[k]);
                comma = ",";
            }
        printf(": %s\n", rule->what);
    }
}

static bool fail(const char *what, const char *why)
{
    fprintf(stderr, "kmsgc: %s%s%s\n", what, why[0] == '\0' ? "" : ": ", why);
    return false;
}

/* ---- telling --------------------------------------------------------------------------------- */

/* A file of the old side as the user knows it: "HEAD~1:schemas/a.kmsg". */
static const char *old_name(job *j, const char *path)
{
    size_t size = j->revision == NULL ? 0 : strlen(j->revision->folder);

    if (size == 0 || strncmp(path, j->revision->folder, size) != 0)
        return path;
    return idl_text(&j->mem, "%s:%s", j->revision->name, path + size + (path[size] == '/'));
}

static void tell_line(job *j, const char *line, const compare_rule *rule)
{
    if (!idl_names_add(&j->mem, &j->told, line, (void *)(uintptr_t)rule))
        return;
    printf("%s [%s]\n    hint: %s\n", line, rule->id, rule->hint);
    j->unsafe++;
}

/* Sets `at` to the line of byte `begin` of a text. */
static void go_to(cursor *at, const char *text, size_t begin)
{
    if (at->text != text || begin < at->line_begin)
        *at = (cursor){.text = text, .line = 1};
    for (const char *nl; (nl = memchr(text + at->line_begin, '\n', begin - at->line_begin)) != NULL;
         at->line++)
        at->line_begin = (size_t)(nl - text) + 1;
}

static void tell(void *ctx, const compare_change *change)
{
    job               *j = ctx;
    const idl_sources *s = change->in_old ? j->old_side : j->new_side;
    const idl_source  *file = &s->files[change->where.file];
    const char        *name = change->in_old ? old_name(j, file->path) : file->path;
    cursor            *at = &j->at[change->in_old];

    if ((change->rule->levels & j->o->levels) == 0)
        return;
    go_to(at, file->text, change->where.begin);
    tell_line(j,
              idl_text(&j->mem, "%s:%u:%zu: unsafe: %s", name, at->line,
                       change->where.begin - at->line_begin + 1, change->text),
              change->rule);
}

/* ---- files ----------------------------------------------------------------------------------- */

static const idl_model *load(idl_sources *s, const char *path, const char *name)
{
    char why[200] = "";

    if (idl_source_open(s, path, name, why, sizeof why) < 0) {
        fprintf(stderr, "%s: error: cannot read it: %s\n", name, why);
        return NULL;
    }
    return idl_load(s, path);
}

static void compare_files(job *j, const char *old_path, const char *new_path)
{
    idl_sources      old_side, new_side;
    const idl_model *old, *new;

    idl_sources_init(&old_side, j->old_dirs, j->o->dir_count, stderr);
    idl_sources_init(&new_side, j->o->dirs, j->o->dir_count, stderr);
    j->old_side = &old_side;
    j->new_side = &new_side;
    j->at[0] = j->at[1] = (cursor){.text = NULL};
    old = load(&old_side, old_path, old_name(j, old_path));
    new = load(&new_side, new_path, new_path);
    if (old != NULL && new != NULL) {
        compare_models(old, new, &new_side, j, tell);
        j->compared++;
    } else {
        j->failed++;
    }
    idl_sources_done(&old_side);
    idl_sources_done(&new_side);
}

/* ---- folders --------------------------------------------------------------------------------- */

static bool is_folder(const char *path)
{
    struct stat info;

    return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

static bool exists(const char *path)
{
    struct stat info;

    return stat(path, &info) == 0;
}

static void add_path(job *j, const char *path)
{
    if (j->path_count == j->path_room) {
        size_t       room = j->path_room == 0 ? 64 : 2 * j->path_room;
        const char **more = idl_alloc(&j->mem, room * sizeof *more);
        if (j->path_count != 0)
            memcpy(more, j->paths, j->path_count * sizeof *more);
        j->paths = more;
        j->path_room = room;
    }
    j->paths[j->path_count++] = path;
}

static bool is_schema(const char *name)
{
    size_t size = strlen(name);

    return size > 5 && strcmp(name + size - 5, ".kmsg") == 0;
}

/* All schemas below a folder, by their paths from there; hidden files and folders are left out. */
static bool find_schemas(job *j, const char *root, const char *below, unsigned depth)
{
    const char    *folder = idl_text(&j->mem, "%s/%s", root, below);
    DIR           *dir = opendir(folder);
    struct dirent *entry;
    bool           good = true;

    if (dir == NULL)
        return fail(folder, strerror(errno));
    while (good && (entry = readdir(dir)) != NULL) {
        const char *path = idl_text(&j->mem, "%s%s", below, entry->d_name);
        if (entry->d_name[0] == '.')
            continue;
        if (is_folder(idl_text(&j->mem, "%s/%s", root, path)))
            good = depth == FOLDER_DEPTH_MAX
                       ? fail(folder, "folders nest too deep")
                       : find_schemas(j, root, idl_text(&j->mem, "%s/", path), depth + 1);
        else if (is_schema(path))
            add_path(j, path);
    }
    closedir(dir);
    return good;
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static const char *join(job *j, const char *folder, const char *path)
{
    size_t size = strlen(folder);

    return idl_text(&j->mem, "%s%s%s", folder, size > 0 && folder[size - 1] == '/' ? "" : "/",
                    path);
}

static bool compare_folders(job *j)
{
    const compare_rule *gone = &compare_rules[WIRE_FILE_REMOVED];

    if (!find_schemas(j, j->old, "", 0))
        return false;
    if (j->path_count == 0)
        return fail(old_name(j, j->old), "no schemas (*.kmsg) are below this folder");
    qsort(j->paths, j->path_count, sizeof *j->paths, by_text);
    for (size_t i = 0; i < j->path_count; i++) {
        const char *old = join(j, j->old, j->paths[i]), *new = join(j, j->new, j->paths[i]);
        if (exists(new))
            compare_files(j, old, new);
        else if ((gone->levels & j->o->levels) != 0)
            tell_line(j,
                      idl_text(&j->mem, "%s:1:1: unsafe: schema %s: it is gone", old_name(j, old),
                               j->paths[i]),
                      gone);
    }
    return true;
}

/* ---- the old side ---------------------------------------------------------------------------- */

/* "REV", or "REV:PATH", where PATH begins at the top of the work tree, or here with "./". */
static bool find_revision(job *j, const char *text)
{
    static revision r;
    const char     *colon = strchr(text, ':'), *path = colon == NULL ? "" : colon + 1;
    const char  *name = colon == NULL ? text : idl_text(&j->mem, "%.*s", (int)(colon - text), text);
    const char **dirs = idl_alloc(&j->mem, (j->o->dir_count + 1) * sizeof *dirs);
    char         why[600] = "";

    if (!revision_extract(&j->mem, name, j->new, &r, why, sizeof why))
        return fail(idl_text(&j->mem, "'%s' is no file and no git revision", text), why);
    j->revision = &r;
    if (strncmp(path, "./", 2) == 0)
        j->old = idl_text(&j->mem, "%s/%s", revision_path(&j->mem, &r, "."), path + 2);
    else if (colon != NULL)
        j->old = idl_text(&j->mem, "%s/%s", r.folder, path);
    else
        j->old = revision_path(&j->mem, &r, j->new);
    for (size_t i = 0; i < j->o->dir_count; i++)
        dirs[i] = revision_path(&j->mem, &r, j->o->dirs[i]);
    j->old_dirs = dirs;
    if (exists(j->old))
        return true;
    return fail(old_name(j, j->old), "no schema has this name in that revision");
}

static bool find_sides(job *j)
{
    const char *old = j->o->old;
    bool        forced = strncmp(old, "git:", 4) == 0;

    j->old = old;
    j->new = j->o->new;
    j->old_dirs = j->o->dirs;
    if (!exists(j->new))
        return fail(j->new, strerror(errno));
    if ((forced || !exists(old)) && !find_revision(j, forced ? old + 4 : old))
        return false;
    if (is_folder(j->old) == is_folder(j->new))
        return true;
    return fail(idl_text(&j->mem, "'%s' and '%s'", old, j->new),
                "one is a folder, the other a file; compare two of a kind");
}

bool compare_main(const compare_options *options)
{
    job  j = {.o = options};
    bool good;

    idl_sources_init(&j.mem, NULL, 0, stderr);
    good = find_sides(&j);
    if (good && is_folder(j.old))
        good = compare_folders(&j);
    else if (good)
        compare_files(&j, j.old, j.new);
    if (j.unsafe > 0)
        printf("%zu unsafe change%s in %zu schema%s\n", j.unsafe, j.unsafe == 1 ? "" : "s",
               j.compared, j.compared == 1 ? "" : "s");
    else if (good && j.failed == 0)
        printf("no unsafe change in %zu schema%s\n", j.compared, j.compared == 1 ? "" : "s");
    if (j.failed > 0)
        fprintf(stderr, "kmsgc: %zu schema%s could not be compared\n", j.failed,
                j.failed == 1 ? "" : "s");
    idl_sources_done(&j.mem);
    return good && j.failed == 0 && j.unsafe == 0;
}
