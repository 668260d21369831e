/* security.h -- between hosts: who we are, whom we trust, and who is asking.
 *
 *   1  keys      what a host is known by
 *   2  set-up    where a node finds its key, and the keys of others
 *   3  identity  who is at the other side of a link
 *
 * Over tcp: beyond loopback everything is encrypted, and both sides prove that they have the key
 * that they are known by. One command makes a key, and one at each side says whom to trust:
 *
 *     kmsg key new            on each host; prints the key to be handed to the others
 *     kmsg key trust KEY      on each host, for each of the others
 *
 * With that, kmsg_listen(node, "tcp:10.0.0.1:7000", ..) and kmsg_dial() need nothing more. What is
 * promised, and against whom, is in runtime/SECURITY.md. Threads: as for kmsg/kmsg.h.
 */
#ifndef KMSG_SECURITY_H
#define KMSG_SECURITY_H

#include <kmsg/kmsg.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- 1. keys --------------------------------------------------------------------------------- */

#define KMSG_KEY_TEXT 57u /* bytes of a key as text, with its NUL */

/* A public key (X25519): what a host is known by. It is no secret. */
typedef struct kmsg_key {
    uint8_t bytes[32];
} kmsg_key;

/* 56 letters and digits, of which the last few are a checksum: "b5mq...". */
KMSG_API void kmsg_key_print(const kmsg_key *key, char ret[KMSG_KEY_TEXT]);

/* In either case, with or without '-' between. KMSG_EINVAL, with words: mistyped, or no key. */
KMSG_API KMSG_CHECK kmsg_err kmsg_key_parse(const char *text, kmsg_key *ret);

/* ---- 2. set-up ------------------------------------------------------------------------------- */

/* A node reads three files when it first needs them, of the folder that `kmsg key` writes to:
 *
 *     key      this host's secret. Refused unless its owner alone can read it
 *     trusted  a line for each key that is let in, and that may answer: its key, name and roles.
 *              Read again when it has changed; who is taken out of it loses his connections
 *     cluster  may be missing: the name of a group of hosts, and a secret that all of them have.
 *              Who does not have it is not answered at all
 */
typedef struct kmsg_security {
    const char *folder;    /* NULL: $KMSG_HOME; without it $XDG_CONFIG_HOME/kmsg, or
                            * $HOME/.config/kmsg */
    bool trust_first_use;  /* a host that is dialled for the first time is trusted, and noted down
                            * in `trusted` with its address. Another key there, later, is
                            * KMSG_EUNTRUSTED, and so is one that was revoked. Whoever answers that
                            * first time is believed */
    bool encrypt_loopback; /* tcp to 127.0.0.1 and ::1 too, which else is clear */
} kmsg_security;

/* For links made from now on. NULL: as at first, which is all of it zero. KMSG_ENOMEM. */
KMSG_API KMSG_CHECK kmsg_err kmsg_node_set_security(kmsg_node *node, const kmsg_security *options);

/* This node's own public key. KMSG_EKEY: there is none that can be used, with words that say why.
 */
KMSG_API KMSG_CHECK kmsg_err kmsg_node_key(kmsg_node *node, kmsg_key *ret);

/* Which users' processes a node has to do with over unix: sockets, by what the kernel says. */
typedef enum kmsg_unix_users {
    KMSG_UNIX_OWN, /* this process's own (the effective one) and root. Others who connect are turned
                    * away before anything is read from them, and the log says who: what they ask
                    * fails with KMSG_EPERM. So do dials to a listener of another user */
    KMSG_UNIX_ANY  /* all whom the path's permissions let near. Others are KMSG_IDENTITY_USER, with
                    * their uid, and have no roles */
} kmsg_unix_users;

/* KMSG_UNIX_OWN unless said; for links made from now on. An abstract name (unix:@name) can be taken
 * by anybody, so there above all a dial without this check may lead to a stranger. What a process
 * was given (fd:NUMBER, kmsg_pair()) is not looked at. On the node's thread. */
KMSG_API void kmsg_node_set_unix_users(kmsg_node *node, kmsg_unix_users users);

/* Which messages pass through this node, from one process to another one by its address. What comes
 * for another node of this process, or from there, always does: it is one program. However it is
 * known to this node, for its receiver a message that was handed on is from KMSG_IDENTITY_NONE. */
typedef enum kmsg_relay {
    KMSG_RELAY_KNOWN, /* of this user's processes, root's, and of the owners of trusted keys. Others
                       * are told KMSG_EPERM */
    KMSG_RELAY_ALL,   /* of all; so whoever reaches this node reaches all that it is connected to */
    KMSG_RELAY_OFF    /* of nobody */
} kmsg_relay;

/* KMSG_RELAY_KNOWN unless said; from now on. Where messages pass through several nodes of one
 * process, the last one knows of no other process who it was, and lets these on only by
 * KMSG_RELAY_ALL. On the node's thread. */
KMSG_API void kmsg_node_set_relay(kmsg_node *node, kmsg_relay relay);

/* ---- 3. identity ----------------------------------------------------------------------------- */

typedef enum kmsg_identity_kind {
    KMSG_IDENTITY_NONE,    /* nobody knows: clear tcp, udp, a message that others have handed on */
    KMSG_IDENTITY_PROCESS, /* this process itself: inproc:, the node itself */
    KMSG_IDENTITY_USER,    /* a process of this host, by its user: unix: */
    KMSG_IDENTITY_KEY      /* the owner of a trusted key: encrypted tcp */
} kmsg_identity_kind;

/* Who is at the other side. */
typedef struct kmsg_identity {
    kmsg_identity_kind kind;
    kmsg_key           key;   /* KEY */
    const char        *name;  /* KEY: as `trusted` has it; else "" */
    const char *const *roles; /* KEY: as `trusted` has them */
    size_t             role_count;
    uint32_t           uid; /* USER: when he connected or began to listen; of a pair of sockets: */
    uint32_t           gid; /* of who has made it */
    uint32_t           pid; /* 0: not known here */
} kmsg_identity;

/* Who has it may stop this node's objects, by a kmsg.Stop from another host. */
#define KMSG_ROLE_STOP "kmsg"

/* Of who has made the call, or has sent the message, at that time: whatever became of him since.
 * Good as long as the call or the message is: until its handler returns, or later where it returned
 * KMSG_LATER, or called kmsg_hold() or kmsg_save(). Never NULL. */
KMSG_API const kmsg_identity *kmsg_call_identity(const kmsg_call *call);

/* Of the other side of a connection; NONE while there is none, and for a peer of kmsg_reach(),
 * whose messages may pass through others. Good until the node's next turn: copy what is needed
 * longer. Never NULL. */
KMSG_API const kmsg_identity *kmsg_peer_identity(const kmsg_peer *peer);

/* Has it this role? This process has all of them, and so have other processes of the same user (the
 * effective one, now) and of root. Who is NONE, or another user, has none. */
KMSG_API bool kmsg_identity_has_role(const kmsg_identity *identity, const char *role);

#ifdef __cplusplus
}
#endif

#endif
