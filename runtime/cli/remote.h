/* remote.h -- who publishes a name, or listens at a URL, as the commands that talk to it see him.
 */
#ifndef REMOTE_H
#define REMOTE_H

#include "cli/cli.h"

#include <kmsg/schema.h>

typedef struct remote {
    kmsg_node  *node;
    kmsg_peer  *peer;
    const char *name; /* or the URL */
    kmsg_arena *mem;
    uint32_t    timeout_ms;
} remote;

/* A node for a command. `client`: it uses directories, but never serves any, as it is gone soon. */
bool remote_node(bool client, kmsg_node **ret);

/* The name is the first of options->files, unless there is --url. Takes it from them. */
bool remote_open(remote *r, cli_options *options);

/* The same: `name` is looked for, and called `shown`; NULL: nobody is needed, unless there is
 * --url.
 */
bool remote_open_name(remote *r, const cli_options *options, const char *name, const char *shown);
void remote_close(remote *r);

/* What went wrong with it, on stderr; false. */
bool remote_fail(const remote *r, kmsg_err err);

/* The node runs for so long. */
void remote_run(kmsg_node *node, uint32_t ms);

/* One step of it, once there is something to do; or until there is something to read from `fd`, if
 * that is not -1. */
void remote_wait(kmsg_node *node, int fd);

/* ---- what it serves (reflected.c) --------------------------------------------------------------
 */

/* What the other side tells of itself; its texts are in r->mem. */
bool remote_describe(const remote *r, kmsg_schema_file **files, size_t *count,
                     kmsg_list_string *services);

/* The same, read. */
bool remote_schema(const remote *r, const kmsg_schema_file *files, size_t count, kmsg_schema **ret);

/* "find", "Directory.find", "acme.Directory.find": false and said when there is none, or several.
 */
bool remote_method(const kmsg_schema *schema, const kmsg_list_string *services, const char *name,
                   const kmsg_service **ret_service, const kmsg_method **ret);

#endif
