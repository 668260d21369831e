/* names.h -- names in place of addresses: publish what you offer, subscribe to what you need.
 *
 *     PackageIndex_serve(node, &impl, ctx);                         who offers
 *     kmsg_publish(node, "packages", KMSG_SCOPE_LAN, NULL, NULL);
 *
 *     kmsg_find(node, "packages", KMSG_SCOPE_LAN, &PackageIndex_service, &peer);   who asks
 *     PackageIndex_find(peer, kmsg_str("bash"), mem, &package);
 *
 * It makes no difference who starts first, where the other one is, or whether it is started anew: a
 * call to a name waits for it, up to its deadline. Names match parties; they carry no messages.
 * What is said goes over one direct connection between the two nodes, however many names they have
 * in common, and that ends KMSG_SESSION_REUSE_MS after the last of them.
 *
 * Who is where is known to directories, which need not be started: the first process of this user
 * on a host serves one, and another takes over when it ends. Sessions that have begun do not need
 * it. The rules are in runtime/DIRECTORY.md. A host is found by others in its network where it has
 * a key (kmsg/security.h): they tell each other by multicast, and all that follows is encrypted.
 *
 * Threads: as for kmsg/kmsg.h.
 */
#ifndef KMSG_NAMES_H
#define KMSG_NAMES_H

#include <kmsg/kmsg.h>

#ifdef __cplusplus
extern "C" {
#endif

struct kmsg_service;

typedef struct kmsg_publication  kmsg_publication;
typedef struct kmsg_subscription kmsg_subscription;

#define KMSG_NAME_MAX         255u  /* bytes of a name or pattern */
#define KMSG_SESSION_REUSE_MS 8000u /* a connection stays so long after its last session */

/* How far a name is seen, and how far one looks. A name is seen where both reach. */
typedef enum kmsg_scope {
    KMSG_SCOPE_DEFAULT, /* KMSG_SCOPE_HOST */
    KMSG_SCOPE_PROCESS, /* nodes of this process */
    KMSG_SCOPE_GROUP,   /* processes of this host and user, of one group: kmsg_set_group() */
    KMSG_SCOPE_HOST,    /* processes of this host and user */
    KMSG_SCOPE_LAN      /* all hosts whose keys are trusted */
} kmsg_scope;

/* The group of this process, once, before its first name: KMSG_EEXIST; KMSG_EINVAL: 1 to
 * KMSG_NAME_MAX bytes, the first not '#'. Unless it is called, it is the environment's KMSG_GROUP;
 * without that, the process is a group of its own. */
KMSG_API KMSG_CHECK kmsg_err kmsg_set_group(const char *group);

/* ---- what happens ---------------------------------------------------------------------------- */

typedef enum kmsg_name_event_kind {
    /* of a publication */
    KMSG_PUBLISHED,     /* it can be found */
    KMSG_NOT_PUBLISHED, /* it cannot, and will not be. KMSG_EEXIST: another one has the name */
    KMSG_UNPUBLISHED,   /* after kmsg_unpublish(): the last that is told */
    KMSG_DELIVERED,     /* a session has begun: somebody has found it */
    /* of a subscription */
    KMSG_SUBSCRIBED,
    KMSG_NOT_SUBSCRIBED, /* KMSG_EKEY: there is no key for the LAN */
    KMSG_UNSUBSCRIBED,   /* after kmsg_unsubscribe(): the last that is told */
    KMSG_AVAILABLE,      /* a session has begun: there is one, and it can be asked */
    KMSG_MISMATCHED,     /* there is one, but its service is not the one that was asked for: `words`
                          * say in what. It is tried again when it was published anew */
    /* of both */
    KMSG_DROPPED /* a session is over, for both sides. KMSG_OK: this side has ended it;
                  * KMSG_ECLOSED: the other side has; KMSG_ELOST: its process or host is gone;
                  * KMSG_EEXIST: one nearer was found, KMSG_AVAILABLE follows */
} kmsg_name_event_kind;

typedef struct kmsg_name_event {
    kmsg_name_event_kind kind;
    const char          *name;     /* of the publication, wholly */
    kmsg_scope           distance; /* AVAILABLE: how far away it is */
    kmsg_peer           *peer;     /* AVAILABLE, DELIVERED, DROPPED: the other side; it may be asked
                                    * from the first until the last has been told, and is not to be
                                    * closed. Else NULL */
    uint64_t             session;  /* of these three: which one it is; other numbers else */
    kmsg_err             err;      /* KMSG_OK unless said */
    const char          *words;    /* what there is to say about it; "" */
} kmsg_name_event;

/* On the node's thread, like all callbacks. What `event` points to is gone when it returns. May
 * publish, subscribe, end both, ask. */
typedef void kmsg_name_fn(void *ctx, const kmsg_name_event *event);

/* ---- offering -------------------------------------------------------------------------------- */

typedef struct kmsg_publish_options {
    kmsg_address object; /* of this node: whose services (S_serve_at()) it stands for; none: those
                          * of the node that are served by now */
    bool          pool;  /* others may have the same name, if they say so too: subscribers get all
                          * of them */
    kmsg_name_fn *heard; /* or NULL */
    void         *ctx;
} kmsg_publish_options;

/* Offer it under this name: UTF-8 without control characters, at most KMSG_NAME_MAX bytes, the
 * first none of '$'. Who else publishes the name in the same scope is told that it is taken; in
 * another scope it may be published, too. What is missing for it (a listener, a directory) is set
 * up. It lasts until kmsg_unpublish(), or its node's end. `options` may be NULL; `ret` too.
 * KMSG_EINVAL, KMSG_EKEY (LAN without a key), KMSG_ENOMEM and what kmsg_listen() may end with. */
KMSG_API KMSG_CHECK kmsg_err kmsg_publish(kmsg_node *node, const char *name, kmsg_scope scope,
                                          const kmsg_publish_options *options,
                                          kmsg_publication          **ret);

/* Wait until it is known whether it is published, for so long. KMSG_OK; KMSG_EEXIST, and what else
 * KMSG_NOT_PUBLISHED may come with; KMSG_ETIMEDOUT; KMSG_ECLOSED, a callback has unpublished it. */
KMSG_API KMSG_CHECK kmsg_err kmsg_published(kmsg_publication *publication, uint32_t timeout_ms);

/* Its sessions end, with KMSG_DROPPED for both sides; then KMSG_UNPUBLISHED is told. NULL is fine.
 */
KMSG_API void kmsg_unpublish(kmsg_publication *publication);

/* ---- looking --------------------------------------------------------------------------------- */

typedef struct kmsg_subscribe_options {
    const struct kmsg_service *service; /* only what speaks it; NULL: all, whatever they offer */
    kmsg_name_fn              *heard;   /* not NULL */
    void                      *ctx;
} kmsg_subscribe_options;

/* Look for all names that match a pattern as a whole:
 *
 *     *    any run of bytes without '/', also none        ?       one character but '/'
 *     **   any run of bytes                               [a-f_]  one of these; [!a-f]: but these
 *     \x   x itself
 *
 * For each name, KMSG_AVAILABLE is told of the nearest who publishes it: of its process before its
 * group, its host, the LAN. When another one becomes the nearest, KMSG_DROPPED comes first; what
 * changes farther away is not told. Of a pool's name it is told of all. It lasts until
 * kmsg_unsubscribe(), or its node's end. `ret` may be NULL. KMSG_EINVAL, KMSG_ENOMEM. */
KMSG_API KMSG_CHECK kmsg_err kmsg_subscribe(kmsg_node *node, const char *pattern, kmsg_scope scope,
                                            const kmsg_subscribe_options *options,
                                            kmsg_subscription           **ret);

/* Its sessions end, with KMSG_DROPPED for both sides; then KMSG_UNSUBSCRIBED is told. NULL is fine.
 */
KMSG_API void kmsg_unsubscribe(kmsg_subscription *subscription);

/* A peer for whoever publishes this name, nearest first, now and later. What is asked before it is
 * found waits, up to its deadline: KMSG_ETIMEDOUT then, with words that say so. Where there are
 * several (a pool), it stays with the one that it has found. The caller's, until kmsg_peer_close().
 * `service` may be NULL; where the other side's does not fit, calls fail with KMSG_EMISMATCH.
 * KMSG_EINVAL (it is a name, not a pattern), KMSG_ENOMEM. */
KMSG_API KMSG_CHECK kmsg_err kmsg_find(kmsg_node *node, const char *name, kmsg_scope scope,
                                       const struct kmsg_service *service, kmsg_peer **ret);

/* ---- directories ----------------------------------------------------------------------------- */

/* How this process takes part; before its first name. NULL members, zeros: as at first. */
typedef struct kmsg_directory_options {
    const char *folder;    /* of the host's directory; $KMSG_RUNTIME, or $XDG_RUNTIME_DIR/kmsg, or
                            * /tmp/kmsg-UID: a folder that this user alone can enter */
    const char *seeds;     /* "HOST:PORT,..": hosts that are told of this one beside those that hear
                            * its multicast; $KMSG_SEEDS */
    const char *multicast; /* "on" (each interface, IPv4 and IPv6), "off", or the interfaces
                            * that are to be used, "eth0,eth1"; $KMSG_MULTICAST */
    uint16_t    port;      /* UDP and TCP of the host's directory; $KMSG_PORT, or
                            * KMSG_DIRECTORY_PORT */
    bool        fast;      /* who is gone from the LAN is missed within 3 s, not 15; $KMSG_FAST=1 */
    bool        client;    /* never serve a directory here */
} kmsg_directory_options;

#define KMSG_DIRECTORY_PORT 7577u

/* KMSG_EEXIST: a name was used already. KMSG_EINVAL. Any thread. */
KMSG_API KMSG_CHECK kmsg_err kmsg_set_directory(const kmsg_directory_options *options);

/* As long as this node lives its process serves its host's directory, or stands by to: it takes
 * over when the one that does ends. KMSG_ENOMEM. */
KMSG_API KMSG_CHECK kmsg_err kmsg_keep_directory(kmsg_node *node);

/* A peer of the process' (KMSG_SCOPE_PROCESS) or host's directory, for kmsg.names.Directory of
 * <kmsg/names.kmsg.h>: what it knows. The caller's. */
KMSG_API KMSG_CHECK kmsg_err kmsg_dial_directory(kmsg_node *node, kmsg_scope scope,
                                                 kmsg_peer **ret);

/* ---- tools ----------------------------------------------------------------------------------- */

/* Serve kmsg.reflection.Reflection here, of <kmsg/reflection.kmsg.h>: by it tools learn what this
 * node serves, without having the schema (kmsg call), and whom it is connected to (kmsg network).
 * Whoever publishes a name serves it, and does not need to ask for it. It answers this process,
 * this user and the owners of trusted keys. KMSG_ENOMEM, KMSG_EFORKED. */
KMSG_API KMSG_CHECK kmsg_err kmsg_serve_reflection(kmsg_node *node);

#ifdef __cplusplus
}
#endif
#endif
