/* identity.c -- who is asking.
 *
 * A link knows who is at its other side (net/link.h); when it comes up, its connection takes a copy
 * that is counted. Each call has a reference to it: so a call knows who has made it as long as it
 * lives, whatever becomes of the link, and whoever is at the other side of the next one. A message
 * that others have handed on is from nobody: what they say of its sender is hearsay.
 */
#include "core/core.h"

#include "base/alloc.h"
#include "base/log.h"

#include <string.h>

/* ---- copies -------------------------------------------------------------------------------- */

static size_t text_size(const kmsg_identity *from)
{
    size_t size = strlen(from->name) + 1;

    for (size_t i = 0; i < from->role_count; i++)
        size += strlen(from->roles[i]) + 1;
    return size;
}

static const char *put(char **at, const char *text)
{
    size_t size = strlen(text) + 1;
    char  *ret = memcpy(*at, text, size);

    *at += size;
    return ret;
}

/* NULL: no memory. */
static kmi_who *new_who(const kmsg_identity *from)
{
    size_t       table = from->role_count * sizeof *from->roles;
    kmi_who     *who = kmi_alloc(sizeof *who + table + text_size(from));
    const char **roles;
    char        *text;

    if (who == NULL)
        return NULL;
    roles = (const char **)(void *)(who + 1);
    text = (char *)roles + table;
    who->refs = 1;
    who->identity = *from;
    who->known = from->kind == KMSG_IDENTITY_KEY || kmsg_identity_has_role(from, "");
    who->identity.roles = roles;
    who->identity.name = put(&text, from->name);
    for (size_t i = 0; i < from->role_count; i++)
        roles[i] = put(&text, from->roles[i]);
    return who;
}

/* Never those that a node has. */
void kmi_who_free(kmi_who *who)
{
    kmi_free(who);
}

/* Connections of one process share one: there may be thousands. */
static bool is_the_last(const kmi_who *user, const kmsg_identity *other)
{
    return user != NULL && other->kind == KMSG_IDENTITY_USER && user->identity.uid == other->uid &&
           user->identity.gid == other->gid && user->identity.pid == other->pid;
}

static void keep_last(kmsg_node *node, kmi_who *who)
{
    kmi_who *before = node->user;

    if (who->identity.kind != KMSG_IDENTITY_USER)
        return;
    node->user = kmi_who_ref(who);
    if (before != NULL)
        kmi_who_unref(before);
}

static kmi_who *who_is(kmi_conn *conn)
{
    kmsg_node *node = conn->node;
    kmi_who   *who;

    switch (conn->link->identity.kind) {
    case KMSG_IDENTITY_NONE: return kmi_who_ref(&node->nobody);
    case KMSG_IDENTITY_PROCESS: return kmi_who_ref(&node->process);
    case KMSG_IDENTITY_USER:
    case KMSG_IDENTITY_KEY: break;
    }
    if (is_the_last(node->user, &conn->link->identity))
        return kmi_who_ref(node->user);
    who = new_who(&conn->link->identity);
    if (who != NULL) {
        keep_last(node, who);
        return who;
    }
    kmi_log(KMSG_ERROR, "%s: who is there cannot be noted, and counts as nobody: out of memory",
            conn->url);
    return kmi_who_ref(&node->nobody);
}

void kmi_who_came(kmi_conn *conn)
{
    kmi_who *before = conn->who;

    conn->who = who_is(conn);
    kmi_who_unref(before);
}

/* ---- asking -------------------------------------------------------------------------------- */

const kmsg_identity *kmsg_call_identity(const kmsg_call *call)
{
    return &call->who->identity;
}

const kmsg_identity *kmsg_peer_identity(const kmsg_peer *peer)
{
    const kmi_conn *conn = peer->conn;
    bool            direct = !peer->is_reached || peer->named != NULL;

    if (!direct || conn->state != KMI_CONN_UP)
        return &peer->node->nobody.identity;
    return &conn->who->identity;
}

bool kmsg_identity_has_role(const kmsg_identity *identity, const char *role)
{
    switch (identity->kind) {
    case KMSG_IDENTITY_PROCESS: return true;
    case KMSG_IDENTITY_USER: return kmi_user_is_ours(identity->uid);
    case KMSG_IDENTITY_KEY: break;
    case KMSG_IDENTITY_NONE: return false;
    }
    for (size_t i = 0; i < identity->role_count; i++)
        if (strcmp(identity->roles[i], role) == 0)
            return true;
    return false;
}

bool kmi_who_may_be(const kmi_who *who, const kmi_who *other)
{
    const kmsg_identity *a = &who->identity, *b = &other->identity;

    if (a->kind != b->kind)
        return true; /* one node may be met in several ways */
    if (a->kind == KMSG_IDENTITY_USER)
        return a->uid == b->uid;
    return a->kind != KMSG_IDENTITY_KEY || memcmp(&a->key, &b->key, sizeof a->key) == 0;
}

bool kmi_who_has_one_of(const kmi_who *who, const char *const *roles)
{
    for (size_t i = 0; roles[i] != NULL; i++)
        if (kmsg_identity_has_role(&who->identity, roles[i]))
            return true;
    return false;
}

/* ---- who may come near --------------------------------------------------------------------- */

void kmsg_node_set_unix_users(kmsg_node *node, kmsg_unix_users users)
{
    node->net.any_user = users == KMSG_UNIX_ANY;
}

void kmsg_node_set_relay(kmsg_node *node, kmsg_relay relay)
{
    node->relay = relay;
}
