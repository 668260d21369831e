/* names.h -- the inside of names, at the nodes that use them. Private to names/.
 *
 *   names.c       a node's part: made with its first name
 *   client.c      a node and a directory: who is told again when it comes back
 *   publish.c     what a node offers, and the sessions with it
 *   subscribe.c   what it looks for: candidates, and which of them is the nearest
 *   session.c     a session, at the side that has found a name
 *   route.c       one connection for all sessions with another node
 *   news.c        what users are told, in order
 *   find.c        a peer that follows a name
 *   home.c        this process: its settings, the directories that it serves
 *   directory.c   a directory's node
 *   reflection.c  what tools are told of a node
 *   lan_io.c      what a directory has to do with those of other hosts
 *
 * A name that is published is a call to a directory, and stands as long as that lasts; so is what
 * is looked for; and a session is a call to who publishes. So whatever ends, ends once, and both
 * sides hear of it.
 *
 * What directories and other nodes tell runs also while user code waits (kmsg_peer.inner), as that
 * may be waiting for a name; what users are told of it waits for its turn.
 */
#ifndef KMI_NAMES_H
#define KMI_NAMES_H

#include <kmsg/names.h>
#include <kmsg/names.kmsg.h>

#include "core/object.h"
#include "directory/glob.h"
#include "names/own.h"

typedef struct kmi_names        kmi_names;
typedef struct kmi_client       kmi_client;
typedef struct kmi_candidate    kmi_candidate;
typedef struct kmi_name_session kmi_name_session; /* at who has found */
typedef struct kmi_visitor      kmi_visitor;      /* a session, at who publishes */
typedef struct kmi_name_route   kmi_name_route;

/* ---- news ---------------------------------------------------------------------------------- */

/* One event on its way to the user; its memory is there before it happens. */
typedef struct kmi_name_news {
    kmi_item        item;
    kmsg_name_event event;
    kmsg_name_fn   *heard;
    void           *ctx;
    kmsg_node      *node;
    bool            posted; /* and not told yet */
    char            words[128];
    void (*told)(struct kmi_name_news *news); /* afterwards; may free it. NULL: nothing */
} kmi_name_news;

/* `heard` NULL: nobody is told, and it is as if he had been. */
void kmi_name_news_post(kmi_name_news *news, kmsg_name_event_kind kind, kmsg_err err,
                        const char *words);

/* ---- clients ------------------------------------------------------------------------------- */

typedef enum kmi_reach { KMI_OF_PROCESS, KMI_OF_HOST, KMI_REACHES } kmi_reach;

struct kmi_client {
    kmi_names *names;
    kmi_reach  reach;
    kmsg_peer *peer; /* the directory; NULL: nobody has needed it yet */
    bool       up;
    uint32_t   tries; /* since it was up */
    kmi_timer  timer; /* the next try */
    bool       timed; /* the timer is there */
    kmsg_err   err;   /* why there is no directory to be had; KMSG_OK */
    char       words[192];
};

/* It is wanted from now on. KMSG_ENOMEM. */
KMSG_CHECK kmsg_err kmi_client_begin(kmi_client *client);
void                kmi_client_end(kmi_client *client);

/* How a call to a directory ended says nothing of the name: the directory is gone, or not there
 * yet.
 */
bool kmi_client_was_lost(kmsg_err err);

/* ---- publications -------------------------------------------------------------------------- */

struct kmi_visitor {
    kmi_visitor      *next;
    kmi_visitor      *prev;
    kmsg_publication *publication;
    kmsg_call        *call; /* NULL: it is over */
    kmsg_peer        *peer; /* a reference */
    kmi_name_news     came;
    kmi_name_news     went;
};

struct kmsg_publication {
    kmi_names         *names;
    kmsg_publication  *next;
    kmsg_publication  *prev;
    kmi_client        *client;
    kmsg_arena        *mem;     /* of the listing */
    kmsg_names_Listing listing; /* as the directory is told */
    kmi_visitor       *visitors;
    bool               asked;   /* the call to the directory is under way */
    bool               stood;   /* it has been published */
    bool               decided; /* as `err` says */
    bool               ended;   /* by the user */
    bool               told;    /* that it has: it is freed when nobody waits for it */
    uint32_t           waits;   /* of kmsg_published() */
    kmsg_err           err;
    kmi_name_news      standing; /* PUBLISHED or NOT_PUBLISHED */
    kmi_name_news      last;     /* UNPUBLISHED, or nothing: then it is freed */
    kmsg_name_fn      *heard;
    void              *ctx;
};

void kmi_publication_register(kmsg_publication *publication); /* its client is up */
void kmi_publication_free(kmsg_publication *publication);
void kmi_publications_end(kmi_names *names); /* all sessions with them */

/* ---- subscriptions ------------------------------------------------------------------------- */

/* A listing that matches. */
struct kmi_candidate {
    kmi_candidate     *next;
    kmsg_subscription *subscription;
    kmsg_arena        *mem;
    kmsg_names_Listing listing;
    kmsg_scope         distance;
    const char        *address; /* of its host; "" here */
    const char        *host;
    kmi_reach          source;    /* which directory told of it */
    bool               listed;    /* it still stands there */
    bool               confirmed; /* since the directory came back */
    bool               unfit;     /* it was MISMATCHED: until it is listed anew */
    kmi_name_session  *session;   /* or NULL */
    uint32_t           tries;     /* that have failed since one did not */
    int64_t            again_ns;  /* not before then; 0: now */
};

typedef struct kmi_watch_call {
    kmsg_subscription *subscription; /* NULL: it does not look there */
    kmi_client        *client;
    bool               asked;
    bool               told;     /* ALL_TOLD has come */
    int64_t            again_ns; /* it is asked again then; 0: that is not planned */
} kmi_watch_call;

struct kmsg_subscription {
    kmi_names          *names;
    kmsg_subscription  *next;
    kmsg_subscription  *prev;
    char               *pattern;
    kmsg_scope          scope;
    const kmsg_service *service;
    kmi_watch_call      watches[KMI_REACHES];
    kmi_candidate      *candidates;
    kmsg_peer          *found; /* of kmsg_find(): who is told instead of the user */
    kmi_timer           timer; /* the next try with a candidate */
    bool                said;  /* SUBSCRIBED or NOT_SUBSCRIBED */
    bool                ended;
    uint32_t            sessions; /* and those whose end the user has not heard of */
    kmi_name_news       standing; /* SUBSCRIBED or NOT_SUBSCRIBED */
    kmi_name_news       last;     /* UNSUBSCRIBED */
    kmsg_name_fn       *heard;
    void               *ctx;
};

void kmi_subscription_register(kmsg_subscription *subscription, kmi_client *client);
void kmi_subscription_free(kmsg_subscription *subscription);
void kmi_subscriptions_leave(kmi_names *names, const kmi_name_route *route); /* its sessions move */
void kmi_subscriptions_look_again(kmi_names *names); /* there is another directory by now */
void kmi_subscription_choose(kmsg_subscription *subscription); /* sessions as they are to be */
void kmi_subscription_settle(
    kmsg_subscription *subscription);                  /* if it has ended wholly, the last */
void kmi_candidate_free(kmi_candidate *candidate);     /* that is in no list any more */
void kmi_candidate_unlisted(kmi_candidate *candidate); /* frees it unless it has a session */

/* ---- sessions ------------------------------------------------------------------------------ */

struct kmi_name_session {
    kmi_candidate     *candidate; /* NULL: it is over */
    kmsg_subscription *subscription;
    kmi_name_route    *route;
    kmsg_peer         *peer; /* what the user asks; NULL: not open yet, or kmsg_find() */
    bool               open;
    bool               over;  /* the call has ended, or ends */
    bool               moves; /* to another route */
    kmsg_err           why;   /* it is ended by this side */
    kmi_name_news      came;
    kmi_name_news      went;
};

/* With a candidate that has none. False: no memory, or it cannot be dialled. */
bool kmi_name_session_open(kmi_candidate *candidate);
void kmi_name_session_move(kmi_name_session *session); /* to another route; nobody is told */
void kmi_name_session_end(kmi_name_session *session, kmsg_err why);

/* ---- routes -------------------------------------------------------------------------------- */

struct kmi_name_route {
    kmi_name_route *next;
    kmi_names      *names;
    uint64_t        instance;
    kmsg_peer      *peer;    /* what kmsg itself asks goes over it */
    kmsg_peer      *dialled; /* NULL: another's connection: it has dialled us, or is our own */
    bool            yields;  /* to another connection with the same node: no more sessions */
    uint32_t        sessions;
    kmi_timer       timer; /* to its end, while there is none */
};

/* To who has published it, with one session more; NULL, with words: no memory, no such address. */
kmi_name_route *kmi_name_route_take(kmi_names *names, const kmi_candidate *candidate);
void            kmi_name_route_give(kmi_name_route *route);
void            kmi_name_routes_done(kmi_names *names);

/* Somebody there has begun a session over this connection: is it to be the one for all? */
void kmi_name_routes_yield(kmi_names *names, const kmi_conn *guest);

/* ---- a node's part ------------------------------------------------------------------------- */

struct kmi_names {
    kmi_part           part;
    kmsg_node         *node;
    kmi_names         *next; /* of this process: home.c */
    kmi_names         *prev;
    kmi_client         clients[KMI_REACHES];
    kmsg_publication  *publications;
    kmsg_subscription *subscriptions;
    kmi_name_route    *routes;
    uint64_t           last_number; /* of publications and sessions */
    bool               serves;      /* Sessions */
    bool               keeps;       /* the host's directory: kmsg_keep_directory() */
    bool               ending;
    kmsg_listener     *local;  /* of the scopes GROUP and HOST */
    char              *lan[2]; /* "tcp::7000": IPv4, IPv6 */
};

/* Made when it is first asked for. KMSG_ENOMEM, KMSG_ECLOSED, KMSG_EFORKED, KMSG_EINVAL (its
 * settings), with words. */
KMSG_CHECK kmsg_err kmi_names_of(kmsg_node *node, kmi_names **ret);

kmi_names *kmi_names_find(const kmsg_node *node); /* NULL: it has used no name yet */

kmsg_names_Viewer kmi_names_viewer(const kmi_names *names);

/* ---- this process -------------------------------------------------------------------------- */

typedef struct kmi_home {
    uint64_t    process; /* a random number */
    uint32_t    pid;
    const char *group;
    const char *program;
} kmi_home;

/* This process, until it forks. */
kmi_home            kmi_home_get(void);
KMSG_CHECK kmsg_err kmi_home_enter(kmi_names *names); /* KMSG_ENOMEM, KMSG_EINVAL */
void                kmi_home_leave(kmi_names *names); /* the last one ends the directories */

/* The address of a directory: good for ever. KMSG_EPERM and others, with words: there is no folder
 * for it. */
KMSG_CHECK kmsg_err kmi_home_url(kmi_reach reach, const char **ret);

/* Nobody serves there: serve it here. KMSG_OK, also if this process does already; KMSG_EINUSE:
 * somebody else was faster; others, with words. */
KMSG_CHECK kmsg_err kmi_home_serve(kmi_reach reach);
bool                kmi_home_reaches(kmi_reach reach); /* does anybody of this process use it? */

/* What this process serves cannot be reached, as its socket was removed: it is ended. */
void kmi_home_serve_no_more(kmi_reach reach);

#endif
