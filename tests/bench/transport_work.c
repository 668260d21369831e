/* transport_work.c -- what subjects can be asked to do, by number and by name. */
#define _POSIX_C_SOURCE 200809L

#include "transport.h"

#include <fnmatch.h>
#include <stdio.h>

const char *const transport_work_names[TRANSPORT_WORKS] = {
    "ping", "calls", "oneway", "acked", "publish", "connect", "handshake",
};

static bool is_among(const char *name, const char *patterns)
{
    char  list[400];
    char *rest = NULL;

    if (!patterns) {
        return true;
    }
    snprintf(list, sizeof list, "%s", patterns);
    for (char *p = strtok_r(list, ",", &rest); p; p = strtok_r(NULL, ",", &rest)) {
        if (fnmatch(p, name, 0) == 0) {
            return true;
        }
    }
    return false;
}

static bool can(const transport_ops *ops, transport_work work)
{
    switch (work) {
    case TRANSPORT_PING: return ops->ping;
    case TRANSPORT_CALLS: return ops->calls;
    case TRANSPORT_ONEWAY: return ops->oneway;
    case TRANSPORT_ACKED: return ops->acked;
    case TRANSPORT_PUBLISH: return ops->publish;
    case TRANSPORT_CONNECT: return ops->connect;
    default: return ops->handshakes;
    }
}

transport_wish transport_wish_of(char *const *args)
{
    transport_wish wish = {0};

    wish.cases = args[0];
    wish.subjects = args[0] ? args[1] : NULL;
    wish.works = wish.subjects ? args[2] : NULL;
    return wish;
}

bool transport_wants_case(const transport_wish *wish, const transport_case *c)
{
    return is_among(c->name, wish->cases);
}

unsigned transport_works_of(const transport_wish *wish, const transport_case *c,
                            const transport_subject *subject)
{
    const transport_ops *ops = subject->ops[c->kind];
    unsigned             works = 0;

    if (!ops || !is_among(subject->name, wish->subjects)) {
        return 0;
    }
    for (int w = 0; w < TRANSPORT_WORKS; w++) {
        if (transport_has(c->works, w) && can(ops, (transport_work)w) &&
            is_among(transport_work_names[w], wish->works)) {
            works |= 1u << w;
        }
    }
    return works;
}

size_t transport_run(const transport_ops *ops, void *client, transport_work work, size_t count)
{
    switch (work) {
    case TRANSPORT_PING:
        for (size_t i = 0; i < count; i++) {
            ops->ping(client);
        }
        break;
    case TRANSPORT_CALLS: ops->calls(client, count); break;
    case TRANSPORT_ONEWAY: ops->oneway(client, count); break;
    case TRANSPORT_ACKED: ops->acked(client, count); break;
    default: return ops->publish(client, count);
    }
    return count;
}
