/* find.c -- a peer that follows a name: a subscription to that name alone, which moves the peer to
 * whoever has it.
 */
#include "names/names.h"

#include "base/err.h"

#include <stdio.h>
#include <string.h>

/* The name as a pattern that matches nothing else. False: too long. */
static bool literal(const char *name, char *ret, size_t size)
{
    size_t at = 0;

    for (; *name != '\0'; name++) {
        if (strchr("*?[\\", *name) != NULL && at < size)
            ret[at++] = '\\';
        if (at + 1 >= size)
            return false;
        ret[at++] = *name;
    }
    ret[at] = '\0';
    return true;
}

static void on_close(void *ctx, kmsg_peer *peer)
{
    kmsg_subscription *sub = ctx;

    if (sub == NULL)
        return;
    sub->found = NULL;
    for (kmi_candidate *c = sub->candidates; c != NULL; c = c->next)
        if (c->session != NULL)
            c->session->open = false; /* there is nobody left to tell */
    kmi_named_end(peer);
    kmsg_unsubscribe(sub);
}

kmsg_err kmsg_find(kmsg_node *node, const char *name, kmsg_scope scope, const kmsg_service *service,
                   kmsg_peer **ret)
{
    const kmsg_subscribe_options options = {.service = service};
    char                         pattern[KMSG_NAME_MAX + 1], url[KMSG_NAME_MAX + 8];
    kmsg_subscription           *sub;
    kmsg_peer                   *peer;
    kmsg_err                     err = kmi_name_check(kmsg_str(name));

    if (err == KMSG_OK && (int)scope > KMSG_SCOPE_LAN)
        err = kmi_error(KMSG_EINVAL, "%d is no scope", (int)scope);
    if (err == KMSG_OK && !literal(name, pattern, sizeof pattern))
        err = kmi_error(KMSG_EINVAL, "%s: too long", name);
    if (err == KMSG_OK)
        err = kmi_node_check(node);
    if (err != KMSG_OK)
        return err;
    snprintf(url, sizeof url, "name:%s", name);
    peer = kmi_named_new(node, url, on_close, NULL);
    if (peer == NULL)
        return kmi_error_plain(KMSG_ENOMEM);
    err = kmi_subscribe_own(node, pattern, scope, &options, &sub);
    if (err != KMSG_OK) {
        kmi_named_end(peer);
        return err;
    }
    peer->named->ctx = sub;
    sub->found = peer;
    *ret = peer;
    return KMSG_OK;
}
