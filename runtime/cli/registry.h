/* registry.h -- the types that the schemas of the command line bring. */
#ifndef REGISTRY_H
#define REGISTRY_H

#include "cli/cli.h"

#include <kmsg/schema.h>

typedef struct registry {
    kmsg_schema        *schemas[CLI_SCHEMAS_MAX];
    size_t              schema_count;
    const kmsg_layout **records; /* of all schemas */
    size_t              record_count;
    const kmsg_layout  *last; /* that was found: streams are mostly of one type */
} registry;

/* What is wrong with a schema is said. */
bool registry_load(registry *r, const cli_options *options);
void registry_done(registry *r);

/* A record by its qualified name, as a message names it. NULL: unknown. */
const kmsg_layout *registry_find(registry *r, const char *name);

/* A record as people name it; NULL and said, with what may have been meant. */
const kmsg_layout *registry_record(registry *r, const char *name);

/* Any type; NULL and said. */
const kmsg_type *registry_type(registry *r, const char *text);

#endif
