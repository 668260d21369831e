/* cli.h -- what the parts of the kmsg command share.
 *
 * It is a tool: a function that returns false has said on stderr what is wrong, and out of memory
 * ends the program.
 */
#ifndef CLI_H
#define CLI_H

#include <kmsg/gen.h>

#include <stdnoreturn.h>

#define CLI_SCHEMAS_MAX 64
#define CLI_DIRS_MAX    64
#define CLI_ROLES_MAX   32
#define CLI_PLACES_MAX  8

typedef struct cli_options {
    const char  *schemas[CLI_SCHEMAS_MAX];
    size_t       schema_count;
    const char  *dirs[CLI_DIRS_MAX];
    size_t       dir_count;
    const char  *type;                 /* -t, or NULL */
    bool         raw;                  /* --raw */
    bool         strict;               /* --strict */
    size_t       size_max;             /* --max: bytes of a message, of a JSON text */
    const char  *folder;               /* --folder, or NULL: of keys */
    const char  *roles[CLI_ROLES_MAX]; /* --role */
    size_t       role_count;
    const char  *places[CLI_PLACES_MAX]; /* --at */
    size_t       place_count;
    const char **files; /* at least one; "-": stdin. Of `key`: the words behind it, or none */
    size_t       file_count;
} cli_options;

/* encode.c, decode.c, registry.c, key.c */
bool cli_encode(const cli_options *options);
bool cli_decode(const cli_options *options);
bool cli_cat(const cli_options *options);
bool cli_types(const cli_options *options);
bool cli_key(const cli_options *options);

/* "kmsg: TEXT" on stderr; false. */
bool cli_fail(const char *format, ...) KMSG_PRINTF(1, 2);

/* What is wrong with the command line: WHYWHAT, and the end of the program. */
noreturn void cli_usage(const char *why, const char *what);

/* Memory or the end. */
void       *cli_resize(void *old, size_t size);
kmsg_arena *cli_arena(void);

/* All that was written to stdout is out; false and said when not. */
bool cli_flush(void);

#endif
