/* source.c -- see source.h. Memory that is not from the arena hangs in a ring, so that who leaves
 * by longjmp leaves nothing behind.
 */
#define _POSIX_C_SOURCE 200809L

#include "idl/source.h"

#include "idl/shipped.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* In front of each piece. */
typedef struct idl_piece {
    struct idl_piece *next, *prev;
    max_align_t       first[]; /* the piece */
} idl_piece;

static void out_of_memory(idl_sources *sources)
{
    if (sources->no_memory != NULL)
        sources->no_memory(sources->ctx);
    fputs("kmsgc: out of memory\n", stderr);
    exit(1);
}

bool idl_sources_try(idl_sources *sources, const char *const *dirs, size_t dir_count, FILE *out,
                     void *ctx, void (*no_memory)(void *ctx))
{
    *sources = (idl_sources){.mem = kmsg_arena_new(),
                             .dirs = dirs,
                             .dir_count = dir_count,
                             .out = out,
                             .no_memory = no_memory,
                             .ctx = ctx};
    return sources->mem != NULL;
}

void idl_sources_init(idl_sources *sources, const char *const *dirs, size_t dir_count, FILE *out)
{
    if (!idl_sources_try(sources, dirs, dir_count, out, NULL, NULL))
        out_of_memory(sources);
}

void idl_sources_done(idl_sources *sources)
{
    while (sources->pieces != NULL)
        idl_temp_resize(sources, sources->pieces->first, 0);
    idl_scratch_done(sources);
    kmsg_arena_free(sources->mem);
}

void *idl_alloc(idl_sources *sources, size_t size)
{
    void *p = kmsg_alloc_zeroed(sources->mem, 1, size, 16);

    if (p == NULL)
        out_of_memory(sources);
    return p;
}

static void link_piece(idl_sources *sources, idl_piece *piece)
{
    piece->prev = NULL;
    piece->next = sources->pieces;
    if (piece->next != NULL)
        piece->next->prev = piece;
    sources->pieces = piece;
}

static void unlink_piece(idl_sources *sources, const idl_piece *piece)
{
    if (piece->prev != NULL)
        piece->prev->next = piece->next;
    else
        sources->pieces = piece->next;
    if (piece->next != NULL)
        piece->next->prev = piece->prev;
}

void *idl_temp_resize(idl_sources *sources, void *old, size_t size)
{
    idl_piece *piece =
        old == NULL ? NULL : (idl_piece *)(void *)((char *)old - offsetof(idl_piece, first));
    idl_piece *larger;

    if (piece != NULL)
        unlink_piece(sources, piece);
    if (size == 0) {
        free(piece);
        return NULL;
    }
    larger = realloc(piece, offsetof(idl_piece, first) + size);
    if (larger != NULL) {
        link_piece(sources, larger);
        return larger->first;
    }
    if (piece != NULL)
        link_piece(sources, piece);
    out_of_memory(sources);
    return NULL;
}

idl_sources *idl_scratch_new(idl_sources *sources)
{
    sources->scratch = idl_alloc(sources, sizeof *sources->scratch);
    if (!idl_sources_try(sources->scratch, NULL, 0, NULL, sources->ctx, sources->no_memory))
        out_of_memory(sources);
    return sources->scratch;
}

void idl_scratch_done(idl_sources *sources)
{
    if (sources->scratch != NULL)
        idl_sources_done(sources->scratch);
    sources->scratch = NULL;
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
        size_t room = sources->capacity == 0 ? 16 : 2 * sources->capacity;
        sources->files = idl_temp_resize(sources, sources->files, room * sizeof *sources->files);
        sources->capacity = room;
    }
    sources->files[sources->count] = source;
    return (int)sources->count++;
}

/* A copy of such a schema, read from a file, is one too. */
static bool is_shipped(const char *text, size_t size)
{
    const idl_shipped *s = idl_shipped_all;

    while (s->name != NULL && (s->size != size || memcmp(s->text, text, size) != 0))
        s++;
    return s->name != NULL;
}

int idl_source_add(idl_sources *sources, const char *name, const char *text, size_t size)
{
    char *copy = idl_alloc(sources, size + 1);

    if (size != 0)
        memcpy(copy, text, size);
    name = idl_text(sources, "%s", name);
    return add(sources, (idl_source){.path = name,
                                     .name = name,
                                     .text = copy,
                                     .size = size,
                                     .shipped = size != 0 && is_shipped(text, size)});
}

int idl_source_shipped(idl_sources *sources, const char *name)
{
    const idl_shipped *s = idl_shipped_all;

    for (size_t i = 0; i < sources->count; i++)
        if (sources->files[i].shipped && strcmp(sources->files[i].path, name) == 0)
            return (int)i;
    while (s->name != NULL && strcmp(s->name, name) != 0)
        s++;
    return s->name == NULL ? -1 : idl_source_add(sources, name, (const char *)s->text, s->size);
}

/* All of an open file, into IDL_FILE_MAX + 1 bytes; false with errno. */
static bool read_all(FILE *f, char *text, size_t *ret_size)
{
    struct stat st;
    size_t      size;

    if (fstat(fileno(f), &st) != 0)
        return false;
    if (S_ISDIR(st.st_mode)) {
        errno = EISDIR;
        return false;
    }
    if (st.st_size > (off_t)IDL_FILE_MAX) {
        errno = EFBIG;
        return false;
    }
    size = fread(text, 1, IDL_FILE_MAX + 1, f); /* also what is no plain file, such as a pipe */
    if (ferror(f) || size > IDL_FILE_MAX) {
        errno = ferror(f) ? EIO : EFBIG;
        return false;
    }
    *ret_size = size;
    return true;
}

/* A file that was read before, perhaps by another path; -1 if there is none. */
static int find_file(const idl_sources *sources, const struct stat *file)
{
    for (size_t i = 0; S_ISREG(file->st_mode) && i < sources->count; i++)
        if (sources->files[i].inode == (uint64_t)file->st_ino &&
            sources->files[i].device == (uint64_t)file->st_dev)
            return (int)i;
    return -1;
}

int idl_source_open(idl_sources *sources, const char *path, const char *name, char *why,
                    size_t why_size)
{
    struct stat file = {0};
    FILE       *f;
    char       *text;
    size_t      size = 0;
    int         index;
    bool        good;

    for (size_t i = 0; i < sources->count; i++)
        if (strcmp(sources->files[i].path, path) == 0)
            return (int)i;
    index = stat(path, &file) == 0 ? find_file(sources, &file) : -1;
    if (index >= 0)
        return index;
    text = idl_temp_resize(sources, NULL, IDL_FILE_MAX + 1);
    f = fopen(path, "rb");
    good = f != NULL && read_all(f, text, &size);
    if (!good)
        snprintf(why, why_size, "%s",
                 errno == EFBIG ? "larger than a schema may be (16 MiB)" : strerror(errno));
    if (f != NULL)
        fclose(f);
    index = good ? idl_source_add(sources, name, text, size) : -1;
    idl_temp_resize(sources, text, 0);
    if (good) {
        sources->files[index].path = idl_text(sources, "%s", path);
        sources->files[index].device = (uint64_t)file.st_dev;
        sources->files[index].inode = (uint64_t)file.st_ino;
    }
    return index;
}
