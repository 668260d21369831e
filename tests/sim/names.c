/* names.c -- looking names up: "host0" to "host5", whose addresses are 10.0.0.1 to 10.0.0.6. What
 * was asked for takes its time, and goes on when who has asked does not want it any more.
 */
#include "inside.h"

#include <string.h>

#include "base/err.h"

#define LOOKUPS_MAX 128

struct kmi_lookup {
    kmi_loop        *loop;
    kmi_resolved_fn *fn; /* NULL: cancelled */
    void            *ctx;
    bool             used;
    bool             done;
    kmsg_err         err;
    kmi_endpoint     found;
};

static kmi_lookup lookups[LOOKUPS_MAX];

void names_begin(void)
{
    memset(lookups, 0, sizeof lookups);
}

static void on_found(void *ctx, uint64_t arg)
{
    kmi_lookup *l = ctx;

    (void)arg;
    l->done = true;
    if (l->loop == NULL)
        l->used = false;
    else
        loop_notify(l->loop);
}

static kmi_lookup *spare_lookup(void)
{
    for (kmi_lookup *l = lookups; l < lookups + LOOKUPS_MAX; l++)
        if (!l->used)
            return l;
    return NULL;
}

kmsg_err net_resolve(kmi_loop *loop, const char *host, uint16_t port, kmi_resolved_fn *fn,
                     void *ctx, kmi_lookup **ret)
{
    kmi_lookup *l = loop->lookup_count == LOOP_LOOKUPS_MAX ? NULL : spare_lookup();

    if (l == NULL)
        return KMSG_EUNREACHABLE;
    *l = (kmi_lookup){loop, fn, ctx, true, false, KMSG_OK, {.family = KMI_IP4, .port = port}};
    if (strncmp(host, "host", 4) != 0 || world_chance(world_law.no_lookup))
        l->err = KMSG_EUNREACHABLE;
    memcpy(l->found.ip, (const uint8_t[]){10, 0, 0, (uint8_t)(host[4] - '0' + 1)}, 4);
    loop->lookups[loop->lookup_count++] = l;
    loop->stale = true;
    process_opened(loop->process, 1);
    world_at(world_now() + world_below((uint32_t)WORLD_S), on_found, l, 0);
    *ret = l;
    return KMSG_OK;
}

void net_resolve_cancel(kmi_lookup *l)
{
    l->fn = NULL;
}

void names_deliver(kmi_loop *loop)
{
    for (unsigned i = 0; i < loop->lookup_count;) {
        kmi_lookup *l = loop->lookups[i];
        if (!l->done) {
            i++;
            continue;
        }
        loop->lookups[i] = loop->lookups[--loop->lookup_count];
        process_opened(loop->process, -1);
        if (l->err != KMSG_OK)
            (void)kmi_error(l->err, "no such host");
        if (l->fn != NULL)
            l->fn(l->ctx, l->err, &l->found, l->err == KMSG_OK ? 1 : 0);
        l->used = false;
    }
}

bool names_ready(const kmi_loop *loop)
{
    for (unsigned i = 0; i < loop->lookup_count; i++)
        if (loop->lookups[i]->done)
            return true;
    return false;
}

void loop_forget_lookups(kmi_loop *loop)
{
    for (unsigned i = 0; i < loop->lookup_count; i++) {
        kmi_lookup *l = loop->lookups[i];
        if (l->fn == NULL)
            process_opened(loop->process, -1);
        l->loop = NULL;
        l->used = !l->done;
    }
}
