/* names.h -- processes that publish a name, or keep the directory, for tests that kill them. All
 * begin before the test has a thread, and wait for their cue.
 */
#ifndef FAULT_NAMES_H
#define FAULT_NAMES_H

#include "fault/child.h"
#include "unit/named.h"

typedef struct role {
    const char *name;  /* that it publishes; NULL: it keeps the directory */
    const char *group; /* or NULL */
    kmsg_scope  scope;
} role;

/* ---- the other processes --------------------------------------------------------------------- */

static kmsg_err tell_pid(void *ctx, kmsg_call *call, int64_t number, int64_t *ret)
{
    (void)ctx;
    (void)call;
    *ret = number == 0 ? getpid() : 2 * number;
    return KMSG_OK;
}

static const talk_Other_impl telling = {.twice = tell_pid};

static void say_event(void *ctx, const kmsg_name_event *told)
{
    (void)ctx;
    switch (told->kind) {
    case KMSG_PUBLISHED: child_say('p'); break;
    case KMSG_NOT_PUBLISHED: child_say('n'); break;
    case KMSG_DELIVERED: child_say('+'); break;
    case KMSG_DROPPED: child_say('-'); break;
    default: break;
    }
}

/* Begins when it is told to. It says what becomes of its name; who keeps the directory, that it
 * does. */
static void be(void *ctx)
{
    const role                *r = ctx;
    const kmsg_publish_options options = {.heard = say_event};
    kmsg_node                 *node;

    child_wait();
    if (r->group != NULL)
        kmsg_must(kmsg_set_group(r->group));
    node = kmsg_node_new();
    if (r->name == NULL) {
        kmsg_must(kmsg_keep_directory(node));
        child_say('d');
    } else {
        kmsg_must(talk_Other_serve(node, &telling, NULL));
        kmsg_must(kmsg_publish(node, r->name, r->scope, &options, NULL));
    }
    kmsg_must(kmsg_run(node));
}

static inline child begin(role *r)
{
    return child_start(be, r);
}

/* It publishes, and nobody else has the name. */
static inline void let_publish(child *c)
{
    child_tell(c, 'g');
    EQ_INT(child_hear(c), 'p');
}

static inline int64_t pid_of(kmsg_peer *peer)
{
    kmsg_arena *mem = kmsg_arena_new();
    int64_t     pid = 0;

    OK(talk_Other_twice(peer, 0, mem, &pid));
    kmsg_arena_free(mem);
    return pid;
}

#endif
