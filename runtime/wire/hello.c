/* hello.c -- kmsg.link.Hello and the terms of a session, which are the same. */
#include "wire/hello.h"

#include <kmsg/link.kmsg.h>

#include "base/err.h"

_Static_assert(kmsg_link_Hello_ENCODED_MAX <= KMI_HELLO_SIZE, "a hello has room");

size_t kmi_hello_put(const kmi_terms *terms, uint8_t ret[KMI_HELLO_SIZE])
{
    kmsg_link_Hello hello = {.instance = terms->instance,
                             .epoch = terms->epoch,
                             .message_max = (uint32_t)terms->message_max,
                             .credit = terms->credit,
                             .credit_bytes = terms->credit_bytes,
                             .window = terms->window,
                             .port = terms->port};
    size_t          size = 0;

    if (kmsg_link_Hello_encode_into(&hello, ret, KMI_HELLO_SIZE, &size) != KMSG_OK)
        return 0; /* it never is: a node's own terms are within the limits */
    return size;
}

/* A longer one, of a later version, is read by the way that needs memory. */
static kmsg_err decode(const uint8_t *data, size_t size, kmsg_link_Hello *ret)
{
    kmsg_arena *mem = kmsg_arena_new();
    kmsg_err    err = mem == NULL ? KMSG_ENOMEM : KMSG_OK;

    if (err == KMSG_OK)
        err = kmsg_link_Hello_decode((kmsg_bytes){data, size}, mem, ret);
    kmsg_arena_free(mem);
    return err;
}

kmsg_err kmi_hello_get(const uint8_t *data, size_t size, kmi_terms *ret)
{
    kmsg_link_Hello hello;
    kmsg_err        err = decode(data, size, &hello);

    if (err == KMSG_ENOMEM)
        return kmi_error_plain(err);
    if (err != KMSG_OK || hello.instance == 0)
        return kmi_error(KMSG_EPROTOCOL, "its hello makes no sense");
    *ret = (kmi_terms){.instance = hello.instance,
                       .epoch = hello.epoch,
                       .message_max = hello.message_max,
                       .credit = hello.credit,
                       .credit_bytes = hello.credit_bytes,
                       .port = hello.port,
                       .window = hello.window};
    return KMSG_OK;
}
