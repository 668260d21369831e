/* cli.h -- what the parts of the kmsg command share.
 *
 * It is a tool: a function that returns false has said on stderr what is wrong, and out of memory
 * ends the program.
 */
#ifndef CLI_H
#define CLI_H

#include <kmsg/gen.h>
#include <kmsg/names.h>

#include <stdnoreturn.h>

#define CLI_SCHEMAS_MAX 64
#define CLI_DIRS_MAX    64
#define CLI_ROLES_MAX   32
#define CLI_PLACES_MAX  8
#define CLI_FILTERS_MAX 16

/* Which options a command takes. */
typedef enum cli_option {
    CLI_SCHEMA = 1 << 0,
    CLI_DIR = 1 << 1,
    CLI_TYPE = 1 << 2,
    CLI_RAW = 1 << 3,
    CLI_STRICT = 1 << 4,
    CLI_MAX = 1 << 5,
    CLI_FOLDER = 1 << 6,
    CLI_ROLE = 1 << 7,
    CLI_AT = 1 << 8,
    CLI_SCOPE = 1 << 9,
    CLI_URL = 1 << 10,
    CLI_TIMEOUT = 1 << 11,
    CLI_COUNT = 1 << 12,
    CLI_JSON = 1 << 13,
    CLI_FILTER = 1 << 14
} cli_option;

typedef struct cli_options {
    const char *schemas[CLI_SCHEMAS_MAX];
    size_t      schema_count;
    const char *dirs[CLI_DIRS_MAX];
    size_t      dir_count;
    const char *type;                 /* -t, or NULL */
    bool        raw;                  /* --raw */
    bool        strict;               /* --strict */
    size_t      size_max;             /* --max: bytes of a message, of a JSON text */
    const char *folder;               /* --folder, or NULL: of keys */
    const char *roles[CLI_ROLES_MAX]; /* --role */
    size_t      role_count;
    const char *places[CLI_PLACES_MAX]; /* --at */
    size_t      place_count;
    kmsg_scope  scope;                    /* --scope */
    const char *url;                      /* --url, or NULL */
    uint32_t    timeout_ms;               /* --timeout */
    uint64_t    count;                    /* --count; 0: without end */
    bool        json;                     /* --json */
    const char *filters[CLI_FILTERS_MAX]; /* --filter: NAME=VALUE */
    size_t      filter_count;
    const char   *
        *files; /* what is no option. Of commands that read files: one at least; "-": stdin */
    size_t file_count;
} cli_options;

/* Read `count` words: what is wrong with them ends the program. `uses` are the options that there
 * are; true: help was asked for. options->files is to be freed. */
bool cli_read_options(cli_options *options, unsigned uses, char **words, size_t count);

/* encode.c, decode.c, registry.c, key.c, call.c, ping.c, network.c, serve.c */
bool cli_encode(const cli_options *options);
bool cli_decode(const cli_options *options);
bool cli_cat(const cli_options *options);
bool cli_types(const cli_options *options);
bool cli_key(const cli_options *options);
bool cli_call(const cli_options *options);
bool cli_ping(const cli_options *options);
bool cli_network(const cli_options *options);
bool cli_directory(const cli_options *options);
bool cli_sub(const cli_options *options);
bool cli_pub(const cli_options *options);

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
