/* source.c -- see source.h. */
#define _POSIX_C_SOURCE 200809L

#include "idl/source.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static void no_memory(void)
{
    fputs("kmsgc: out of memory\n", stderr);
    exit(1);
}

void idl_sources_init(idl_sources *sources, const char *const *dirs, size_t dir_count, FILE *out)
{
    *sources =
        (idl_sources){.mem = kmsg_arena_new(), .dirs = dirs, .dir_count = dir_count, .out = out};
    if (sources->mem == NULL)
        no_memory();
}

void idl_sources_done(idl_sources *sources)
{
    kmsg_arena_free(sources->mem);
    free(sources->files);
}

void *idl_alloc(idl_sources *sources, size_t size)
{
    void *p = kmsg_alloc_zeroed(sources->mem, 1, size, 16);

    if (p == NULL)
        no_memory();
    return p;
}

char *idl_text_of(idl_sources *sources, const char *format, va_list args)
{
    va_list again;
    int     size;
    char   *text;

    va_copy(again, args);
    size = vsnprintf(NULL, 0, format, again);
    va_end(again);
    text = idl_alloc(sources, (size_t)(size < 0 ? 0 : size) + 1);
    vsnprintf(text, (size_t)(size < 0 ? 0 : size) + 1, format, args);
    return text;
}

char *idl_text(idl_sources *sources, const char *format, ...)
{
    va_list args;
    char   *text;

    va_start(args, format);
    text = idl_text_of(sources, format, args);
    va_end(args);
    return text;
}

static int add(idl_sources *sources, idl_source source)
{
    if (sources->count == sources->capacity) {
        sources->capacity = sources->capacity == 0 ? 16 : 2 * sources->capacity;
        sources->files = realloc(sources->files, sources->capacity * sizeof *sources->files);
        if (sources->files == NULL)
            no_memory();
    }
    sources->files[sources->count] = source;
    return (int)sources->count++;
}

int idl_source_add(idl_sources *sources, const char *name, const char *text, size_t size)
{
    char *copy = idl_alloc(sources, size + 1);

    if (size != 0)
        memcpy(copy, text, size);
    name = idl_text(sources, "%s", name);
    return add(sources, (idl_source){.path = name, .name = name, .text = copy, .size = size});
}

/* All of an open file; NULL with errno. */
static char *read_all(FILE *f, size_t *ret_size)
{
    struct stat st;
    char       *text;
    size_t      size;

    if (fstat(fileno(f), &st) != 0)
        return NULL;
    if (S_ISDIR(st.st_mode)) {
        errno = EISDIR;
        return NULL;
    }
    if (st.st_size > (off_t)IDL_FILE_MAX) {
        errno = EFBIG;
        return NULL;
    }
    text = malloc(IDL_FILE_MAX + 1);
    if (text == NULL)
        no_memory();
    size = fread(text, 1, IDL_FILE_MAX + 1, f); /* also what is no plain file, such as a pipe */
    if (ferror(f) || size > IDL_FILE_MAX) {
        errno = ferror(f) ? EIO : EFBIG;
        free(text);
        return NULL;
    }
    *ret_size = size;
    return text;
}

int idl_source_open(idl_sources *sources, const char *path, const char *name, char *why,
                    size_t why_size)
{
    FILE  *f;
    char  *text;
    size_t size = 0;
    int    index;

    for (size_t i = 0; i < sources->count; i++)
        if (strcmp(sources->files[i].path, path) == 0)
            return (int)i;
    f = fopen(path, "rb");
    text = f == NULL ? NULL : read_all(f, &size);
    if (text == NULL)
        snprintf(why, why_size, "%s",
                 errno == EFBIG ? "larger than a schema may be (16 MiB)" : strerror(errno));
    if (f != NULL)
        fclose(f);
    if (text == NULL)
        return -1;
    index = idl_source_add(sources, name, text, size);
    sources->files[index].path = idl_text(sources, "%s", path);
    free(text);
    return index;
}
