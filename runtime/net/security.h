/* security.h -- who this node is to other hosts, and whom it lets in. Private to net/.
 *
 * One of these is shared by all links that were made under it; another one takes its place when
 * the user sets it anew.
 */
#ifndef KMI_SECURITY_H
#define KMI_SECURITY_H

#include "crypto/channel.h"
#include "crypto/key.h"
#include "crypto/trust.h"
#include "net/bucket.h"
#include "net/link.h"

struct kmi_security {
    uint32_t           refs;
    kmi_net           *net;
    char              *folder; /* NULL: the usual one */
    bool               trust_first_use;
    bool               encrypt_loopback;
    bool               loaded;
    kmsg_key           own;
    kmi_vault          secrets; /* the own key, and the cluster's secret */
    kmi_cluster        cluster;
    kmi_channel_setup  setup;
    kmi_trust         *trust;
    kmi_timer          timer; /* looks at the trusted now and then, while there are links */
    bool               stale; /* the list has changed since the links were looked at */
    struct kmi_secure *links;
    struct kmi_secure *at; /* the next one to be looked at, while they are */
    kmi_buckets        buckets;
};

/* The node's, made if need be. NULL: no memory. */
kmi_security *kmi_security_of(kmi_net *net);
void          kmi_security_unref(kmi_security *security); /* NULL is fine */

/* It and its keys are there. KMSG_EKEY with words, KMSG_ENOMEM, KMSG_ESYSTEM. */
KMSG_CHECK kmsg_err kmi_security_load(kmi_security *security);

/* The list of whom we trust is read again if it has changed; once it is loaded. As
 * kmi_trust_refresh(). */
KMSG_CHECK kmsg_err kmi_security_refresh(kmi_security *security);

/* Who has not the cluster's secret is to learn nothing over tcp. */
bool kmi_security_is_hidden(const kmi_net *net);

/* Is what goes to, or comes from, this end clear unless more is asked for? 127.0.0.1 and ::1. */
bool kmi_security_is_loopback(const kmi_net *net, const kmi_endpoint *end);

/* Who has this key: link->identity is filled in. `at` is where he was dialled, "HOST:PORT"; NULL:
 * he has come. KMSG_EUNTRUSTED, KMSG_EKEY, with words that say what to do. */
KMSG_CHECK kmsg_err kmi_security_judge(struct kmi_secure *secure, const char *at);

/* Is this key the one that `trusted` names for this address? */
bool kmi_security_is_at(const kmi_security *security, const kmsg_key *key, const kmi_endpoint *at);

/* Links under it: they lose their connections when they are trusted no more. */
void kmi_security_add(kmi_security *security, struct kmi_secure *secure);
void kmi_security_remove(kmi_security *security, struct kmi_secure *secure);

#endif
