/* index.c -- see index.h. Nothing here knows who asks: a thread, a process or a host. */
#include "index.h"

#include <stdlib.h>
#include <string.h>

#define NEAR_MAX 5

static const Package *find_package(const Package_list *all, kmsg_string name)
{
    size_t from = 0, to = all->count;

    while (from < to) {
        size_t middle = from + (to - from) / 2;
        int    order = strcmp(all->items[middle].name.data, name.data);
        if (order == 0)
            return &all->items[middle];
        if (order < 0)
            from = middle + 1;
        else
            to = middle;
    }
    return NULL;
}

/* NotFound, with names that begin like the one that was asked for. */
static kmsg_err not_found(kmsg_call *call, const Package_list *all, kmsg_string name)
{
    kmsg_string near[NEAR_MAX];
    size_t      count = 0;

    for (size_t length = name.size; count == 0 && length >= 2; length--)
        for (size_t i = 0; i < all->count && count < NEAR_MAX; i++)
            if (strncmp(all->items[i].name.data, name.data, length) == 0)
                near[count++] = all->items[i].name;
    return NotFound_throw(call, &(NotFound){.name = name, .near = {near, count}});
}

static kmsg_err find(void *ctx, kmsg_call *call, kmsg_string name, Package *ret)
{
    const Package *found = find_package(ctx, name);

    if (found == NULL)
        return not_found(call, ctx, name);
    *ret = *found;
    return KMSG_OK;
}

static kmsg_err search(void *ctx, kmsg_call *call, kmsg_string text, uint32_t limit,
                       Summary_list *ret)
{
    const Package_list *all = ctx;
    size_t              room = limit < all->count ? limit : all->count, count = 0;
    Summary            *items = kmsg_alloc_array(kmsg_call_arena(call), Summary, room);

    for (size_t i = 0; items != NULL && i < all->count && count < room; i++) {
        const Package *p = &all->items[i];
        if (strstr(p->name.data, text.data) != NULL ||
            (p->summary.size > 0 && strstr(p->summary.data, text.data) != NULL))
            items[count++] =
                (Summary){.name = p->name, .version = p->version, .summary = p->summary};
    }
    *ret = (Summary_list){items, count};
    return KMSG_OK;
}

static bool depends_on(const Package *p, kmsg_string name)
{
    for (size_t i = 0; i < p->depends.count; i++) {
        const kmsg_list_string *names = &p->depends.items[i].alternatives;
        for (size_t k = 0; k < names->count; k++)
            if (kmsg_string_equal(names->items[k], name))
                return true;
    }
    return false;
}

static kmsg_err dependents(void *ctx, kmsg_call *call, kmsg_string name, kmsg_list_string *ret)
{
    const Package_list *all = ctx;
    kmsg_string        *names;
    size_t              count = 0;

    if (find_package(all, name) == NULL)
        return not_found(call, all, name);
    names = kmsg_alloc_array(kmsg_call_arena(call), kmsg_string, all->count);
    for (size_t i = 0; names != NULL && i < all->count; i++)
        if (depends_on(&all->items[i], name))
            names[count++] = all->items[i].name;
    *ret = (kmsg_list_string){names, count};
    return KMSG_OK;
}

static kmsg_err sections(void *ctx, kmsg_call *call, PackageIndex_sections_result *ret)
{
    const Package_list                 *all = ctx;
    PackageIndex_sections_result_entry *items =
        kmsg_alloc_array(kmsg_call_arena(call), PackageIndex_sections_result_entry, all->count);
    size_t count = 0;

    for (size_t i = 0; items != NULL && i < all->count; i++) {
        size_t k = 0;
        while (k < count && !kmsg_string_equal(items[k].key, all->items[i].section))
            k++;
        if (k == count)
            items[count++].key = all->items[i].section;
        items[k].value++;
    }
    *ret = (PackageIndex_sections_result){items, count};
    return KMSG_OK;
}

const PackageIndex_impl index_impl = {
    .find = find,
    .search = search,
    .dependents = dependents,
    .sections = sections,
};
