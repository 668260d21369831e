/* named.h -- what tests of names share: a folder for the host's directory, and events that were
 * told, to be waited for in order.
 */
#ifndef NAMED_H
#define NAMED_H

#include "talk.h"

#include <kmsg/names.h>

#define HEARD_MAX 64

typedef struct event {
    kmsg_name_event_kind kind;
    kmsg_err             err;
    kmsg_scope           distance;
    kmsg_peer           *peer;
    uint64_t             session;
    char                 name[256];
    char                 words[128];
} event;

typedef struct events {
    event list[HEARD_MAX];
    int   count; /* that came */
    int   read;  /* that were looked at */
} events;

static char named_folder[64];

__attribute__((destructor)) static void remove_named_folder(void)
{
    char path[128];

    snprintf(path, sizeof path, "%s/directory", named_folder);
    unlink(path);
    snprintf(path, sizeof path, "%s/directory.lock", named_folder);
    unlink(path);
    rmdir(named_folder);
}

/* Before the first name: where the host's directory is to be. */
__attribute__((constructor)) static void make_named_folder(void)
{
    snprintf(named_folder, sizeof named_folder, "/tmp/kmsg-names-XXXXXX");
    if (mkdtemp(named_folder) == NULL)
        abort();
    setenv("KMSG_RUNTIME", named_folder, 1);
}

static inline void hear_event(void *ctx, const kmsg_name_event *e)
{
    events *all = ctx;
    event  *one = &all->list[all->count];

    CHECK(all->count < HEARD_MAX);
    *one = (event){.kind = e->kind,
                   .err = e->err,
                   .distance = e->distance,
                   .peer = e->peer,
                   .session = e->session};
    snprintf(one->name, sizeof one->name, "%s", e->name);
    snprintf(one->words, sizeof one->words, "%s", e->words);
    all->count++;
}

/* Has one come that was not looked at? It is the next to be read then. */
static inline bool has_come(events *all, kmsg_name_event_kind kind)
{
    for (int i = all->read; i < all->count; i++)
        if (all->list[i].kind == kind) {
            all->read = i;
            return true;
        }
    return false;
}

/* Drives two nodes (which may be one) until an event of this kind has come; those before it are
 * passed over. */
static inline const event *await(kmsg_node *a, kmsg_node *b, events *all, kmsg_name_event_kind kind)
{
    DRIVE(a, b, has_come(all, kind));
    return &all->list[all->read++];
}

static inline kmsg_subscription *subscribe(kmsg_node *node, const char *pattern, kmsg_scope scope,
                                           const kmsg_service *service, events *all)
{
    const kmsg_subscribe_options options = {.service = service, .heard = hear_event, .ctx = all};
    kmsg_subscription           *subscription = NULL;

    OK(kmsg_subscribe(node, pattern, scope, &options, &subscription));
    return subscription;
}

static inline kmsg_publication *publish(kmsg_node *node, const char *name, kmsg_scope scope,
                                        bool pool, events *all)
{
    const kmsg_publish_options options = {.pool = pool, .heard = hear_event, .ctx = all};
    kmsg_publication          *publication = NULL;

    OK(kmsg_publish(node, name, scope, &options, &publication));
    return publication;
}

#endif
