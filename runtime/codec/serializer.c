/* serializer.c -- values that a program encodes itself, carried in an any under the serializer's
 * name.
 */
#include <kmsg/gen.h>

#include "base/err.h"

#define SHOWN_MAX 255 /* bytes of a name that came with a message */

kmsg_err kmsg_any_pack_with(const kmsg_serializer *serializer, const void *value, kmsg_arena *mem,
                            kmsg_any *ret)
{
    kmsg_bytes message = {NULL, 0};

    if (serializer->name[0] == '\0')
        return kmi_error(KMSG_EINVAL, "a serializer without a name");
    if (serializer->encode(serializer->ctx, value, mem, &message) != KMSG_OK)
        return kmi_error(KMSG_EVALUE, "%s: the serializer refused the value", serializer->name);
    if (message.size > KMSG_MESSAGE_MAX)
        return kmi_error(KMSG_ETOOBIG, "%s: larger than any message may be", serializer->name);
    *ret = (kmsg_any){kmsg_str(serializer->name), message};
    return KMSG_OK;
}

kmsg_err kmsg_any_unpack_with(const kmsg_any *any, const kmsg_serializer *serializer,
                              kmsg_arena *mem, void *ret)
{
    if (any->type.size == 0)
        return kmi_error(KMSG_EVALUE, "%s: the any holds nothing", serializer->name);
    if (!kmsg_string_equal(any->type, kmsg_str(serializer->name)))
        return kmi_error(
            KMSG_EVALUE, "%s: the any was made by another serializer, %.*s", serializer->name,
            any->type.size < SHOWN_MAX ? (int)any->type.size : SHOWN_MAX, any->type.data);
    if (serializer->decode(serializer->ctx, any->message, mem, ret) != KMSG_OK)
        return kmi_error(KMSG_EDECODE, "%s: the serializer refused the bytes", serializer->name);
    return KMSG_OK;
}
