/* source.h -- the text of schemas: which files there are, and where in them something is.
 *
 * Everything that the front end makes lives in the arena of the idl_sources it was made from.
 * Nothing here returns without memory: in tools that ends the program with a message, in a library
 * it goes to a function of its own (idl_sources_try).
 */
#ifndef IDL_SOURCE_H
#define IDL_SOURCE_H

#include <kmsg/base.h>

#include <stdint.h>

#define IDL_FILE_MAX   ((size_t)16 << 20) /* bytes of one schema file */
#define IDL_ERRORS_MAX 20

/* Bytes [begin, end) of a file. Lines and columns are counted only when something is said. */
typedef struct idl_span {
    uint32_t file;
    uint32_t begin, end;
} idl_span;

typedef struct idl_source {
    const char *path; /* as it was opened */
    const char *name; /* as written on the command line or in the import */
    const char *text; /* a NUL behind it */
    size_t      size;
    uint64_t    device, inode; /* of a file on disk: one file may have many paths */
    bool        shipped;       /* a schema of kmsg itself (shipped.h) */
} idl_source;

typedef struct idl_sources {
    kmsg_arena         *mem;
    idl_source         *files;
    size_t              count, capacity;
    const char *const  *dirs; /* where imports are looked for, after the importing file's folder */
    size_t              dir_count;
    FILE               *out; /* where diagnostics go, or NULL */
    size_t              errors, warnings;
    struct idl_piece   *pieces;  /* what idl_temp_resize() gave */
    struct idl_sources *scratch; /* of idl_scratch_new() */
    void (*no_memory)(void *ctx);
    void *ctx;
} idl_sources;

/* `dirs` must live as long. Diagnostics go to `out`. */
void idl_sources_init(idl_sources *sources, const char *const *dirs, size_t dir_count, FILE *out);
void idl_sources_done(idl_sources *sources);

/* The same for who must not end the program. Where memory runs out later, `no_memory(ctx)` is
 * called, which does not return (longjmp); then only idl_sources_done() is left to be done. False
 * when there is none to begin with. */
bool idl_sources_try(idl_sources *sources, const char *const *dirs, size_t dir_count, FILE *out,
                     void *ctx, void (*no_memory)(void *ctx));

/* Zeroed memory in the arena. */
void *idl_alloc(idl_sources *sources, size_t size);
char *idl_text(idl_sources *sources, const char *format, ...) KMSG_PRINTF(2, 3);
char *idl_text_of(idl_sources *sources, const char *format, va_list args) KMSG_PRINTF(2, 0);

/* Memory that goes back before the arena does: with NULL new, with size 0 given back. What is not
 * given back goes with the sources. */
void *idl_temp_resize(idl_sources *sources, void *old, size_t size);

/* An arena that goes back before the other does; one at a time. Its texts are none of the sources'.
 */
idl_sources *idl_scratch_new(idl_sources *sources);
void         idl_scratch_done(idl_sources *sources);

/* The index of the file at `path`, read now or before; -1 and a sentence in `why` when it cannot be
 * read. `name` is what it is called. */
int idl_source_open(idl_sources *sources, const char *path, const char *name, char *why,
                    size_t why_size);

/* The same for a schema that kmsg brings along; -1 when there is none of that name. */
int idl_source_shipped(idl_sources *sources, const char *name);

/* The same for a text that is not in a file. */
int idl_source_add(idl_sources *sources, const char *name, const char *text, size_t size);

#endif
