/* service.c -- which services a node has, found by their ids. */
#include "core/core.h"

#include "base/alloc.h"
#include "base/err.h"

#include <string.h>

/* Where `id` is, or would be. */
static size_t place(const kmi_services *services, uint64_t id)
{
    size_t low = 0, high = services->count;

    while (low < high) {
        size_t middle = (low + high) / 2;
        if (services->items[middle]->service->id < id)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

kmi_serving *kmi_service_find(const kmi_services *services, uint64_t id)
{
    size_t at = place(services, id);

    return at < services->count && services->items[at]->service->id == id ? services->items[at]
                                                                          : NULL;
}

kmsg_err kmsg_serve(kmsg_node *node, const kmsg_service *service, const void *impl, void *ctx)
{
    kmi_services *services = &node->services;
    size_t        at = place(services, service->id);
    kmi_serving **items;
    kmi_serving  *serving;

    if (kmi_service_find(services, service->id) != NULL)
        return kmi_error(KMSG_EEXIST, "the node serves %s already", service->name);
    items = kmi_grow(services->items, services->count, &services->capacity, sizeof *items);
    if (items == NULL)
        return kmi_error_plain(KMSG_ENOMEM);
    services->items = items;
    serving = kmi_alloc(sizeof *serving);
    if (serving == NULL)
        return kmi_error_plain(KMSG_ENOMEM);
    *serving = (kmi_serving){service, impl, ctx, false};
    memmove(items + at + 1, items + at, (services->count - at) * sizeof *items);
    items[at] = serving;
    services->count++;
    return KMSG_OK;
}

void kmi_services_done(kmi_services *services)
{
    for (size_t i = 0; i < services->count; i++)
        kmi_free(services->items[i]);
    kmi_free(services->items);
}
