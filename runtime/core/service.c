/* service.c -- which services a node has, found by their ids. */
#include "core/object.h"

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

/* Mostly the one that was asked for last. */
kmi_serving *kmi_service_find(kmi_services *services, uint64_t id)
{
    size_t at = services->last;

    if (at >= services->count || services->items[at]->service->id != id)
        at = place(services, id);
    if (at >= services->count || services->items[at]->service->id != id)
        return NULL;
    services->last = at;
    return services->items[at];
}

/* It is free, and there is room for it and all it inherits from: counted in *room. */
static kmsg_err prepare(kmi_services *services, const kmsg_service *service, size_t *room)
{
    kmsg_err err = KMSG_OK;

    if (kmi_service_find(services, service->id) != NULL)
        return kmi_error(KMSG_EEXIST, "the node serves %s already", service->name);
    ++*room;
    for (uint32_t i = 0; i < service->base_count && err == KMSG_OK; i++)
        err = prepare(services, service->bases[i].service, room);
    return err;
}

static kmsg_err reserve(kmi_services *services, size_t room)
{
    kmi_serving **items;

    while (services->capacity < services->count + room) {
        items = kmi_grow(services->items, services->capacity, &services->capacity, sizeof *items);
        if (items == NULL)
            return kmi_error_plain(KMSG_ENOMEM);
        services->items = items;
    }
    return KMSG_OK;
}

static void insert(kmi_services *services, kmi_serving *serving)
{
    size_t        at = place(services, serving->service->id);
    kmi_serving **items = services->items;

    memmove(items + at + 1, items + at, (services->count - at) * sizeof *items);
    items[at] = serving;
    services->count++;
}

/* There is room in the table. `executing` is that of what it is served with, or NULL. */
static kmsg_err add(kmi_services *services, const kmi_serving *as, bool *executing)
{
    const kmsg_service *service = as->service;
    kmi_serving        *serving = kmi_alloc(sizeof *serving);
    kmsg_err            err = KMSG_OK;

    if (serving == NULL)
        return kmi_error_plain(KMSG_ENOMEM);
    *serving = *as;
    serving->executing = executing == NULL ? &serving->own_executing : executing;
    insert(services, serving);
    for (uint32_t i = 0; i < service->base_count && err == KMSG_OK; i++) {
        kmi_serving base = *as;
        base.service = service->bases[i].service;
        base.impl = (const uint8_t *)as->impl + service->bases[i].offset;
        err = add(services, &base, serving->executing);
    }
    return err;
}

static void take_back(kmi_services *services, const kmsg_service *service)
{
    kmi_serving *serving = kmi_service_find(services, service->id);
    size_t       at = place(services, service->id);

    if (serving == NULL)
        return;
    kmi_free(serving);
    services->count--;
    memmove(services->items + at, services->items + at + 1,
            (services->count - at) * sizeof *services->items);
    for (uint32_t i = 0; i < service->base_count; i++)
        take_back(services, service->bases[i].service);
}

kmsg_err kmi_services_add(kmi_services *services, const kmsg_service *service, const void *impl,
                          void *ctx, kmsg_object *object)
{
    const kmi_serving as = {.service = service, .impl = impl, .ctx = ctx, .object = object};
    size_t            room = 0;
    kmsg_err          err = prepare(services, service, &room);

    if (err == KMSG_OK)
        err = reserve(services, room);
    if (err != KMSG_OK)
        return err;
    err = add(services, &as, object == NULL ? NULL : &object->executing);
    if (err != KMSG_OK)
        take_back(services, service);
    return err;
}

kmsg_err kmsg_serve(kmsg_node *node, const kmsg_service *service, const void *impl, void *ctx)
{
    return kmi_services_add(&node->services, service, impl, ctx, NULL);
}

void kmi_services_done(kmi_services *services)
{
    for (size_t i = 0; i < services->count; i++)
        kmi_free(services->items[i]);
    kmi_free(services->items);
}
