/* main.c -- kmsgc: schemas in, C out. Options, files, exit codes: 0 done, 1 something is wrong with
 * a schema or a file (or not safe, of --compare), 2 with the command line.
 */
#define _POSIX_C_SOURCE 200809L

#include "compiler/compare.h"
#include "compiler/compare_main.h"
#include "compiler/depfile.h"
#include "compiler/emit.h"
#include "compiler/format.h"
#include "compiler/path.h"
#include "idl/ast.h"
#include "idl/model.h"
#include "idl/names.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define DIRS_MAX 64

typedef struct options {
    const char  *out_dir;
    const char  *base;
    const char  *dirs[DIRS_MAX];
    size_t       dir_count;
    const char  *depfile;
    bool         deps, phony, check, format, print_outputs, dump_ast, dump_model, compare;
    bool         docs, json_schema; /* these in place of C */
    unsigned     levels;            /* of --compare */
    const char **files;
    size_t       file_count;
} options;

static const char help[] =
    "usage: kmsgc [options] FILE.kmsg...\n"
    "\n"
    "Turns kmsg schemas into C. For each FILE.kmsg it writes FILE.kmsg.h and FILE.kmsg.c.\n"
    "\n"
    "  -o DIR           write into DIR (default: the current folder); made if missing\n"
    "  --base DIR       keep the files' folders below DIR in the output, so that an\n"
    "                   import \"a/b.kmsg\" finds OUT/a/b.kmsg.h\n"
    "  -I DIR           look for imports in DIR too, after the importing file's folder\n"
    "  -MD              write a depfile for make, FILE.kmsg.d beside the output\n"
    "  -MF FILE         ... under this name (one schema only)\n"
    "  -MP              ... with an empty rule for each import\n"
    "  --docs           write FILE.kmsg.md, a page to read, and no C\n"
    "  --json-schema    write FILE.kmsg.schema.json, its values as JSON Schema, and no C\n"
    "  --check          only look whether the schemas are good; write nothing\n"
    "  --format         lay the schemas out anew, in place; - is stdin, to stdout; with --check\n"
    "                   nothing is written, and those that would change are named\n"
    "  --print-outputs  only print which files would be written, one a line; read nothing\n"
    "  --dump=ast       print what was read, as a tree\n"
    "  --dump=model     print what it means, with numbers and layouts\n"
    "  --compare OLD NEW\n"
    "                   name each change from OLD to NEW that is not safe; two files, or all\n"
    "                   schemas of two folders; OLD may be of git: REV, REV:PATH, git:REV\n"
    "  --compare-level LEVELS\n"
    "                   what counts: wire (messages), json (their JSON form), source (code that\n"
    "                   uses what was made), joined by commas; all three without it\n"
    "  --compare-rules  list what is looked for\n"
    "  -h, --help       this text\n"
    "  --version        the version\n"
    "\n"
    "Files whose content would not change are not touched. Exit: 0 done, 1 errors, or unsafe\n"
    "changes, 2 usage.\n"
    "\n"
    "  kmsgc -o build hello.kmsg && cc app.c build/hello.kmsg.c $(pkg-config --cflags --libs "
    "kmsg)\n";

static void usage(const char *why, const char *what)
{
    fprintf(stderr, "kmsgc: %s%s (see kmsgc --help)\n", why, what);
    exit(2);
}

/* ---- options --------------------------------------------------------------------------------- */

/* The value of an option: behind it (-Idir), or the next argument. */
static const char *value_of(char **argv, int argc, int *i, size_t head)
{
    if (argv[*i][head] != '\0')
        return argv[*i] + head + (argv[*i][head] == '=');
    if (*i + 1 >= argc)
        usage("a value is missing behind ", argv[*i]);
    return argv[++*i];
}

static bool is(const char *arg, const char *option)
{
    return strcmp(arg, option) == 0;
}

static bool begins(const char *arg, const char *option)
{
    return strncmp(arg, option, strlen(option)) == 0;
}

static void read_option(options *o, char **argv, int argc, int *i)
{
    const char *a = argv[*i];

    if (is(a, "-h") || is(a, "--help")) {
        fputs(help, stdout);
        exit(0);
    } else if (is(a, "--version")) {
        puts("kmsgc " KMSG_VERSION);
        exit(0);
    } else if (is(a, "-MD")) {
        o->deps = true;
    } else if (is(a, "-MP")) {
        o->phony = true;
    } else if (begins(a, "-MF")) {
        o->depfile = value_of(argv, argc, i, 3);
        o->deps = true;
    } else if (begins(a, "-o")) {
        o->out_dir = value_of(argv, argc, i, 2);
    } else if (is(a, "--base") || begins(a, "--base=")) {
        o->base = value_of(argv, argc, i, 6);
    } else if (begins(a, "-I")) {
        if (o->dir_count == DIRS_MAX)
            usage("too many folders to look in: ", argv[*i]);
        o->dirs[o->dir_count++] = value_of(argv, argc, i, 2);
    } else if (is(a, "--docs")) {
        o->docs = true;
    } else if (is(a, "--json-schema")) {
        o->json_schema = true;
    } else if (is(a, "--check")) {
        o->check = true;
    } else if (is(a, "--format")) {
        o->format = true;
    } else if (is(a, "--print-outputs")) {
        o->print_outputs = true;
    } else if (is(a, "--dump=ast")) {
        o->dump_ast = true;
    } else if (is(a, "--dump=model")) {
        o->dump_model = true;
    } else if (is(a, "--compare-rules")) {
        compare_list_rules();
        exit(0);
    } else if (is(a, "--compare")) {
        o->compare = true;
    } else if (is(a, "--compare-level") || begins(a, "--compare-level=")) {
        o->levels = compare_levels(value_of(argv, argc, i, strlen("--compare-level")));
        if (o->levels == 0)
            usage("--compare-level takes wire, json and source, joined by ','; not ", argv[*i]);
    } else {
        usage("no such option: ", a);
    }
}

static void read_options(options *o, int argc, char **argv)
{
    bool only_files = false;

    *o = (options){.out_dir = ".", .levels = COMPARE_ALL};
    o->files = calloc((size_t)argc, sizeof *o->files);
    if (o->files == NULL) {
        fputs("kmsgc: out of memory\n", stderr);
        exit(1);
    }
    for (int i = 1; i < argc; i++) {
        if (!only_files && is(argv[i], "--"))
            only_files = true;
        else if (!only_files && argv[i][0] == '-' && argv[i][1] != '\0')
            read_option(o, argv, argc, &i);
        else
            o->files[o->file_count++] = argv[i];
    }
    if (o->file_count == 0)
        usage("no schema to read", "");
    if (o->format && (!is(o->out_dir, ".") || o->deps || o->docs || o->json_schema ||
                      o->print_outputs || o->dump_ast || o->dump_model))
        usage("--format writes in place; no option goes with it but --check", "");
    if (o->compare && o->file_count != 2)
        usage("--compare takes two schemas, folders or revisions: OLD NEW", "");
    if (o->depfile != NULL && o->file_count > 1)
        usage("-MF names one depfile, but there are several schemas", "");
}

/* ---- output ---------------------------------------------------------------------------------- */

/* Folders of a path, down to its last '/'. */
static bool make_folders(const char *path)
{
    char *copy = strdup(path);
    bool  good = copy != NULL;

    for (char *c = copy; good && *c != '\0'; c++)
        if (*c == '/' && c != copy) {
            *c = '\0';
            good = mkdir(copy, 0777) == 0 || errno == EEXIST;
            *c = '/';
        }
    free(copy);
    return good;
}

/* OUT/name, where name is the file's path below the base, or its last part. */
static char *output_path(idl_sources *s, const options *o, const char *file)
{
    const char *slash = strrchr(file, '/'), *name = slash == NULL ? file : slash + 1;

    if (o->base != NULL)
        name = path_below(s, o->base, file);
    return name == NULL ? NULL : idl_text(s, "%s/%s", o->out_dir, name);
}

/* Each file is written to a place of its own. */
static bool outputs_differ(const options *o)
{
    idl_sources s;
    idl_names   names = {0};
    bool        good = true;

    idl_sources_init(&s, o->dirs, o->dir_count, stderr);
    for (size_t i = 0; i < o->file_count; i++) {
        const char *path = output_path(&s, o, o->files[i]);
        if (path == NULL) {
            fprintf(stderr, "kmsgc: %s is not below the base, %s\n", o->files[i], o->base);
            good = false;
        } else if (!idl_names_add(&s, &names, path, (void *)(uintptr_t)o->files[i])) {
            fprintf(
                stderr,
                "kmsgc: %s and %s would both be written as %s: --base DIR keeps their folders\n",
                (const char *)idl_names_find(&names, path), o->files[i], path);
            good = false;
        }
    }
    idl_sources_done(&s);
    return good;
}

static bool write_out(out *o, const char *path)
{
    char why[600] = "";

    if (make_folders(path)
            ? out_write(o, path, why, sizeof why)
            : (snprintf(why, sizeof why, "cannot make the folder of %s: %s", path, strerror(errno)),
               false))
        return true;
    fprintf(stderr, "kmsgc: %s\n", why);
    return false;
}

/* What is written beside FILE.kmsg, under its name and this suffix. */
typedef struct product {
    const char *suffix;
    void (*emit)(const idl_model *model, out *o);
} product;

static const product c_code[] = {{".h", emit_header}, {".c", emit_source}};
static const product docs = {".md", emit_docs}, json_schema = {".schema.json", emit_json_schema};

#define PRODUCTS_MAX 2

/* Those that were asked for; how many. */
static size_t products(const options *o, product ret[PRODUCTS_MAX])
{
    size_t count = 0;

    if (!o->docs && !o->json_schema) {
        memcpy(ret, c_code, sizeof c_code);
        return sizeof c_code / sizeof *c_code;
    }
    if (o->docs)
        ret[count++] = docs;
    if (o->json_schema)
        ret[count++] = json_schema;
    return count;
}

static bool emit_one(const product *p, const idl_model *model, const char *path)
{
    out *o = out_new();
    bool good;

    p->emit(model, o);
    good = write_out(o, path);
    out_free(o);
    return good;
}

static const char *depfile_path(idl_sources *s, const options *o, const char *path)
{
    return o->depfile != NULL ? o->depfile : idl_text(s, "%s.d", path);
}

static bool write_depfile(idl_sources *s, const options *opt, const idl_model *model,
                          const char *path, const char *const *targets)
{
    out *o = out_new();
    bool good;

    depfile_put(o, targets, model, opt->phony);
    good = write_out(o, depfile_path(s, opt, path));
    out_free(o);
    return good;
}

static bool write_all(idl_sources *s, const options *o, const idl_model *model, const char *file)
{
    const char *path = output_path(s, o, file), *targets[PRODUCTS_MAX + 1] = {NULL};
    product     wanted[PRODUCTS_MAX];
    size_t      count = products(o, wanted);
    bool        good = true;

    for (size_t i = 0; i < count && good; i++) {
        targets[i] = idl_text(s, "%s%s", path, wanted[i].suffix);
        good = emit_one(&wanted[i], model, targets[i]);
    }
    return good && (!o->deps || write_depfile(s, o, model, path, targets));
}

/* What write_all would write. A build asks before there is a schema, or all of its imports. */
static bool print_outputs(idl_sources *s, const options *o, const char *file)
{
    const char *path = output_path(s, o, file);
    product     wanted[PRODUCTS_MAX];
    size_t      count = products(o, wanted);

    for (size_t i = 0; i < count; i++)
        printf("%s%s\n", path, wanted[i].suffix);
    if (o->deps)
        puts(depfile_path(s, o, path));
    return true;
}

static bool dump_ast(idl_sources *s, const char *file)
{
    char            why[200] = "";
    int             index = idl_source_open(s, file, file, why, sizeof why);
    const ast_file *tree = index < 0 ? NULL : idl_parse(s, (uint32_t)index);

    if (index < 0)
        fprintf(stderr, "%s: error: cannot read it: %s\n", file, why);
    if (tree != NULL)
        idl_ast_dump(tree, stdout);
    return tree != NULL;
}

static bool compile(const options *o, const char *file)
{
    idl_sources      s;
    const idl_model *model;
    bool             good;

    idl_sources_init(&s, o->dirs, o->dir_count, stderr);
    if (o->print_outputs) {
        good = print_outputs(&s, o, file);
    } else if (o->dump_ast) {
        good = dump_ast(&s, file);
    } else {
        model = idl_load(&s, file);
        good = model != NULL;
        if (good && o->dump_model)
            idl_model_dump(model, stdout);
        else if (good && !o->check)
            good = write_all(&s, o, model, file);
    }
    idl_sources_done(&s);
    return good;
}

static bool compare(const options *o)
{
    const compare_options c = {.old = o->files[0],
                               .new = o->files[1],
                               .dirs = o->dirs,
                               .dir_count = o->dir_count,
                               .levels = o->levels};

    return compare_main(&c);
}

static bool run(const options *o)
{
    bool good = true;

    if (o->compare)
        return compare(o);
    for (size_t i = 0; i < o->file_count; i++)
        good = (o->format ? format_file(o->files[i], o->check) : compile(o, o->files[i])) && good;
    return good;
}

int main(int argc, char **argv)
{
    options o;
    bool    writes;
    int     status;

    read_options(&o, argc, argv);
    writes = !o.compare && !o.format && !o.check && !o.dump_ast && !o.dump_model;
    status = writes && !outputs_differ(&o) ? 2 : run(&o) ? 0 : 1;
    if (fflush(stdout) != 0 || ferror(stdout)) {
        fprintf(stderr, "kmsgc: cannot write: %s\n", strerror(errno));
        status = 1;
    }
    free(o.files);
    return status;
}
