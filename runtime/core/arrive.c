/* arrive.c -- values that come from another node: the addresses in them are made this node's own.
 */
#include "core/object.h"

#include "base/arena.h"
#include "base/err.h"

kmsg_arena *kmi_call_mem(kmsg_call *call)
{
    return call->arena;
}

typedef struct arriving {
    kmi_place   sender;
    uint64_t    own;
    kmsg_arena *mem;
} arriving;

static void rewrite(void *ctx, kmsg_address *address)
{
    arriving *a = ctx;
    kmi_place place;
    uint8_t  *bytes;

    if (!kmi_place_get(*address, &place))
        return; /* none of ours: it is left alone */
    kmi_place_arrive(&place, &a->sender, a->own);
    bytes = kmsg_alloc(a->mem, KMI_ADDRESS_MAX, 1);
    if (bytes != NULL)
        *address = (kmsg_address){bytes, kmi_place_put(&place, bytes)};
}

kmsg_err kmi_addresses_arrive(const kmi_place *sender, uint64_t own, const kmsg_layout *layout,
                              kmsg_arena *mem, void *value)
{
    arriving a;
    kmsg_err err;

    if (!layout->has_addresses)
        return KMSG_OK;
    a = (arriving){*sender, own, mem};
    err = kmi_each_address(layout, value, rewrite, &a);
    return err == KMSG_OK && kmsg_arena_failed(mem) ? kmi_error_plain(KMSG_ENOMEM) : err;
}

kmsg_err kmi_call_addresses(const kmsg_call *call, const kmsg_layout *layout, kmsg_arena *mem,
                            void *value)
{
    kmi_letter letter;

    if (!layout->has_addresses)
        return KMSG_OK;
    letter.from.instance = 0;
    if (call->envelope != NULL)
        kmi_envelope_get(call->envelope, &letter);
    if (letter.from.instance == 0)
        letter.from = (kmi_place){.instance = call->conn->instance};
    return kmi_addresses_arrive(&letter.from, call->node->net.session.own.instance, layout, mem,
                                value);
}
