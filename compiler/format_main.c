/* format_main.c -- kmsgc --format: files into their canonical layout, in place. */
#define _POSIX_C_SOURCE 200809L

#include "compiler/format.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* All of stdin; -1 and a sentence in `why`. */
static int add_stdin(idl_sources *s, char *why, size_t why_size)
{
    char  *text = malloc(IDL_FILE_MAX + 1);
    size_t size = text == NULL ? 0 : fread(text, 1, IDL_FILE_MAX + 1, stdin);
    int    file = -1;

    if (text == NULL || ferror(stdin))
        snprintf(why, why_size, "%s", strerror(errno));
    else if (size > IDL_FILE_MAX)
        snprintf(why, why_size, "larger than a schema may be (16 MiB)");
    else
        file = idl_source_add(s, "<stdin>", text, size);
    free(text);
    return file;
}

/* Put what came of a file where it belongs. */
static bool deliver(const idl_source *source, const out *o, bool is_stdin, bool check)
{
    bool same =
        strlen(out_text(o)) == source->size && memcmp(out_text(o), source->text, source->size) == 0;
    char why[600] = "";

    if (check && !same)
        printf("%s\n", source->name);
    if (check || (same && !is_stdin))
        return same;
    if (is_stdin) {
        fputs(out_text(o), stdout);
        return true;
    }
    if (out_rewrite(o, source->path, why, sizeof why))
        return true;
    fprintf(stderr, "kmsgc: %s\n", why);
    return false;
}

bool format_file(const char *path, bool check)
{
    bool        is_stdin = strcmp(path, "-") == 0, good = false;
    char        why[200] = "";
    idl_sources s;
    int         file;

    idl_sources_init(&s, NULL, 0, stderr);
    file = is_stdin ? add_stdin(&s, why, sizeof why)
                    : idl_source_open(&s, path, path, why, sizeof why);
    if (file < 0) {
        fprintf(stderr, "%s: error: cannot read it: %s\n", is_stdin ? "<stdin>" : path, why);
    } else {
        out *o = out_new();
        good = format_text(&s, (uint32_t)file, o) && deliver(&s.files[file], o, is_stdin, check);
        out_free(o);
    }
    idl_sources_done(&s);
    return good;
}
