/* outline.c -- any bytes as the outline of a service that somebody else has of it: they are
 * refused, or compared, and what is said about them is text that can be shown.
 *
 *     make fuzz F=outline S=60
 */
#include "core/outline.h"
#include "language.kmsg.h"
#include "library.kmsg.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const kmsg_service *service, kmsg_bytes bytes)
{
    const kmsg_names_Outline theirs = {.service = kmsg_str(service->name), .methods = bytes};
    kmsg_arena              *mem = kmsg_arena_new();
    kmsg_err                 err = mem == NULL ? KMSG_OK : kmi_outline_check(service, &theirs, mem);

    if (err != KMSG_OK && err != KMSG_EMISMATCH && err != KMSG_EDECODE && err != KMSG_ETOOBIG)
        abort();
    for (const char *c = err == KMSG_EMISMATCH ? kmsg_last_error() : ""; *c != '\0'; c++)
        if (*c < ' ' || *c > '~')
            abort();
    kmsg_arena_free(mem);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const kmsg_bytes bytes = {data, size};

    check(&lang_Top_service, bytes);
    check(&lang_Answers_service, bytes);
    check(&library_Books_service, bytes);
    return 0;
}
