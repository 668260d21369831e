/* shipped.h -- the schemas that kmsg itself brings along, as text in the program.
 *
 * The build writes shipped.c from idl/schemas: so whoever reads schemas knows them, wherever it is
 * installed. An import finds one where no file of that name is found.
 */
#ifndef IDL_SHIPPED_H
#define IDL_SHIPPED_H

#include <stddef.h>

typedef struct idl_shipped {
    const char          *name; /* "kmsg.kmsg" */
    const unsigned char *text;
    size_t               size;
} idl_shipped;

/* Behind the last one is one whose name is NULL. */
extern const idl_shipped idl_shipped_all[];

#endif
