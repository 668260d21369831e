/* security.c -- the keys of a node, and what follows from the key of the other side.
 *
 * The files are read when they are first needed, so a node that never leaves its host needs none.
 * The list of whom we trust is looked at with each handshake, and each WATCH_NS while there are
 * links under it: whose line is gone, or says something else, loses his connection. He comes back
 * as what the list says then, or not at all.
 */
#include "net/security.h"

#include "base/alloc.h"
#include "base/err.h"
#include "base/log.h"
#include "net/net.h"
#include "net/secure.h"

#include <string.h>

#define WATCH_NS ((int64_t)2000000000)

/* ---- beginning and end --------------------------------------------------------------------- */

static void free_security(kmi_security *s)
{
    kmi_timer_done(s->net->timers, &s->timer);
    kmi_trust_free(s->trust);
    kmi_channel_setup_done(&s->setup);
    kmi_vault_give(&s->secrets, (void *)(uintptr_t)s->setup.secret);
    kmi_vault_give(&s->secrets, (void *)(uintptr_t)s->setup.psk);
    kmi_vault_done(&s->secrets);
    kmi_free(s->folder);
    kmi_free(s);
}

void kmi_security_unref(kmi_security *s)
{
    if (s != NULL && --s->refs == 0)
        free_security(s);
}

static void on_timer(kmi_timer *timer, int64_t now_ns);

static kmi_security *make(kmi_net *net, const kmsg_security *options)
{
    kmi_security *s = kmi_alloc_zeroed(sizeof *s);
    size_t        size = options->folder == NULL ? 0 : strlen(options->folder) + 1;

    if (s == NULL)
        return NULL;
    s->net = net;
    s->refs = 1;
    s->trust_first_use = options->trust_first_use;
    s->encrypt_loopback = options->encrypt_loopback;
    s->secrets.size = KMI_DH_SIZE;
    kmi_channel_setup_init(&s->setup);
    s->folder = size == 0 ? NULL : kmi_alloc(size);
    if (s->folder != NULL)
        memcpy(s->folder, options->folder, size);
    if ((size == 0 || s->folder != NULL) &&
        kmi_timer_init(net->timers, &s->timer, on_timer) == KMSG_OK)
        return s;
    kmi_free(s->folder);
    kmi_free(s);
    return NULL;
}

kmi_security *kmi_security_of(kmi_net *net)
{
    static const kmsg_security usual = {0};

    if (net->security == NULL)
        net->security = make(net, &usual);
    return net->security;
}

kmsg_err kmi_net_secure(kmi_net *net, const kmsg_security *options)
{
    static const kmsg_security usual = {0};
    kmi_security              *s = make(net, options == NULL ? &usual : options);

    if (s == NULL)
        return kmi_error_plain(KMSG_ENOMEM);
    kmi_security_unref(net->security);
    net->security = s;
    return KMSG_OK;
}

/* ---- the files ----------------------------------------------------------------------------- */

static kmsg_err load_key(kmi_security *s)
{
    char     path[KMI_KEY_PATH_MAX];
    uint8_t *secret = kmi_vault_take(&s->secrets);
    kmsg_err err = secret == NULL ? kmi_error_plain(KMSG_ENOMEM) : KMSG_OK;

    if (err == KMSG_OK)
        err = kmi_key_path(s->folder, "key", path);
    if (err == KMSG_OK)
        err = kmi_key_load(path, secret, &s->own);
    if (err == KMSG_OK) {
        s->setup.secret = secret;
        s->setup.own = s->own.bytes;
    } else {
        kmi_vault_give(&s->secrets, secret);
    }
    return err;
}

static kmsg_err load_cluster(kmi_security *s)
{
    char     path[KMI_KEY_PATH_MAX];
    uint8_t *secret = kmi_vault_take(&s->secrets);
    kmsg_err err = secret == NULL ? kmi_error_plain(KMSG_ENOMEM) : KMSG_OK;

    if (err == KMSG_OK)
        err = kmi_key_path(s->folder, "cluster", path);
    if (err == KMSG_OK)
        err = kmi_cluster_load(path, secret, &s->cluster);
    if (err == KMSG_OK && s->cluster.is_there) {
        s->setup.psk = secret;
        s->setup.cluster = s->cluster.name;
    } else {
        kmi_vault_give(&s->secrets, secret);
    }
    return err;
}

static kmsg_err load_trust(kmi_security *s)
{
    char     path[KMI_KEY_PATH_MAX];
    bool     changed;
    kmsg_err err = kmi_key_path(s->folder, "trusted", path);

    if (err == KMSG_OK && s->trust == NULL)
        s->trust = kmi_trust_new(path);
    if (err == KMSG_OK && s->trust == NULL)
        err = kmi_error_plain(KMSG_ENOMEM);
    return err == KMSG_OK ? kmi_trust_refresh(s->trust, &changed) : err;
}

kmsg_err kmi_security_load(kmi_security *s)
{
    kmsg_err err = KMSG_OK;

    if (s->loaded)
        return KMSG_OK;
    if (s->setup.secret == NULL)
        err = load_key(s);
    if (err == KMSG_OK && s->setup.psk == NULL)
        err = load_cluster(s);
    if (err == KMSG_OK)
        err = load_trust(s);
    s->loaded = err == KMSG_OK;
    return err;
}

kmsg_err kmi_net_key(kmi_net *net, kmsg_key *ret)
{
    kmi_security *s = kmi_security_of(net);
    kmsg_err      err = s == NULL ? kmi_error_plain(KMSG_ENOMEM) : kmi_security_load(s);

    if (err == KMSG_OK)
        *ret = s->own;
    return err;
}

kmsg_err kmi_net_secure_loopback(kmi_net *net)
{
    kmi_security *s = kmi_security_of(net);

    if (s == NULL)
        return kmi_error_plain(KMSG_ENOMEM);
    s->encrypt_loopback = true;
    return KMSG_OK;
}

bool kmi_security_is_hidden(const kmi_net *net)
{
    return net->security != NULL && net->security->setup.psk != NULL;
}

/* ---- who is loopback ----------------------------------------------------------------------- */

bool kmi_security_is_loopback(const kmi_net *net, const kmi_endpoint *end)
{
    return kmi_endpoint_is_loopback(end) &&
           (net->security == NULL || !net->security->encrypt_loopback);
}

bool kmi_net_is_clear(const kmi_net *net, const kmi_address *to)
{
    return to->insecure || (kmi_address_is_loopback(to) &&
                            (net->security == NULL || !net->security->encrypt_loopback));
}

kmsg_err kmi_net_check(kmi_net *net, const kmi_address *address)
{
    kmi_security *s;
    kmsg_err      err;

    if (address->scheme != KMI_SCHEME_TCP || kmi_net_is_clear(net, address))
        return kmi_address_check(address);
    s = kmi_security_of(net);
    err = s == NULL ? kmi_error_plain(KMSG_ENOMEM) : kmi_security_load(s);
    if (err != KMSG_EKEY)
        return err;
    return kmi_error(err, "tcp:%s is encrypted, which needs a key: %s", address->name,
                     kmsg_last_error());
}

/* ---- judging ------------------------------------------------------------------------------- */

static const char *put(char **at, const char *text)
{
    size_t size = strlen(text) + 1;
    char  *ret = memcpy(*at, text, size);

    *at += size;
    return ret;
}

/* The strings of a line, for as long as the link lives. */
static bool identify(kmi_secure *secure, const kmi_trusted *line)
{
    size_t       size = line->role_count * sizeof(char *) + strlen(line->name) + 1;
    const char **roles;
    char        *at;

    for (size_t i = 0; i < line->role_count; i++)
        size += strlen(line->roles[i]) + 1;
    kmi_free(secure->words);
    secure->words = roles = kmi_alloc(size);
    if (roles == NULL)
        return false;
    at = (char *)(roles + line->role_count);
    secure->link->identity = (kmsg_identity){.kind = KMSG_IDENTITY_KEY,
                                             .key = line->key,
                                             .name = put(&at, line->name),
                                             .roles = roles,
                                             .role_count = line->role_count};
    for (size_t i = 0; i < line->role_count; i++)
        roles[i] = put(&at, line->roles[i]);
    return true;
}

/* What has changed is looked at from the timer, where no link is in the middle of anything. */
kmsg_err kmi_security_refresh(kmi_security *s)
{
    bool     changed = false;
    kmsg_err err = kmi_trust_refresh(s->trust, &changed);

    s->stale = s->stale || changed;
    if (s->stale && s->links != NULL)
        kmi_timer_set(s->net->timers, &s->timer, s->net->now_ns);
    return err;
}

static kmsg_err refuse(const kmsg_key *key, bool revoked)
{
    char text[KMSG_KEY_TEXT];

    kmsg_key_print(key, text);
    return kmi_error(KMSG_EUNTRUSTED, "the key %s %s; if it should be: kmsg key trust %s", text,
                     revoked ? "was revoked, and is not trusted" : "is not trusted", text);
}

/* Somebody has taken its place, or it has been given a new key: only a person can tell. */
static kmsg_err refuse_change(const kmsg_key *key, const char *at, const kmi_trusted *expected)
{
    char is[KMSG_KEY_TEXT], was[KMSG_KEY_TEXT];

    kmsg_key_print(key, is);
    kmsg_key_print(&expected->key, was);
    kmi_log(
        KMSG_ERROR,
        "%s: ITS KEY HAS CHANGED: it is %s, and %s (%s) is expected. Somebody may have taken its "
        "place. If it was given a new key: kmsg key revoke %s, and trust the new one",
        at, is, was, expected->name, was);
    return kmi_error(KMSG_EUNTRUSTED, "its key has changed: it is %s, and %s is expected", is, was);
}

/* `at` without its port, cut to what a name may have. */
static void name_of(const char *at, char ret[KMI_TRUST_NAME_MAX])
{
    size_t size = (size_t)(strrchr(at, ':') - at);

    if (size >= KMI_TRUST_NAME_MAX)
        size = KMI_TRUST_NAME_MAX - 1;
    memcpy(ret, at, size);
    ret[size] = '\0';
}

/* A key that is trusted already keeps its name, and is expected there too from now on: else another
 * one could come there later, as the first. */
static kmsg_err trust_now(kmi_security *s, const kmsg_key *key, bool is_known, const char *at)
{
    char        name[KMI_TRUST_NAME_MAX], text[KMSG_KEY_TEXT];
    kmi_trusted line = {.key = *key, .name = is_known ? NULL : name, .at = &at, .at_count = 1};
    kmsg_err    err;

    name_of(at, name);
    err = kmi_trust_add(s->trust, &line);
    if (err == KMSG_OK)
        err = kmi_security_refresh(s);
    if (err != KMSG_OK)
        return err;
    kmsg_key_print(key, text);
    kmi_log(KMSG_WARNING, "%s: trusted from now on, as it was reached for the first time: %s", at,
            text);
    return KMSG_OK;
}

kmsg_err kmi_security_judge(kmi_secure *secure, const char *at)
{
    kmi_security      *s = secure->security;
    const kmsg_key    *key = &secure->channel.their_key;
    const kmi_trusted *expected, *line;
    kmsg_err           err = kmi_security_refresh(s);

    if (err != KMSG_OK)
        return err;
    expected = at == NULL ? NULL : kmi_trust_find_at(s->trust, at);
    if (expected != NULL && !kmi_is_equal(&expected->key, key, sizeof *key))
        return refuse_change(key, at, expected);
    line = kmi_trust_find(s->trust, key);
    if (expected == NULL && at != NULL && s->trust_first_use &&
        !kmi_trust_is_revoked(s->trust, key)) {
        err = trust_now(s, key, line != NULL, at);
        if (err != KMSG_OK)
            return err;
        line = kmi_trust_find(s->trust, key);
    }
    if (line == NULL)
        return refuse(key, kmi_trust_is_revoked(s->trust, key));
    if (!identify(secure, line))
        return kmi_error_plain(KMSG_ENOMEM);
    secure->at = at;
    kmi_security_add(s, secure);
    return KMSG_OK;
}

bool kmi_security_is_at(const kmi_security *s, const kmsg_key *key, const kmi_endpoint *at)
{
    char               url[KMI_URL_MAX];
    const kmi_trusted *line;

    kmi_endpoint_print(at, false, url, sizeof url);
    line = kmi_trust_find_at(s->trust, strchr(url, ':') + 1);
    return line != NULL && kmi_is_equal(&line->key, key, sizeof *key);
}

/* ---- who is trusted no more ---------------------------------------------------------------- */

static bool is_same(const kmsg_identity *identity, const kmi_trusted *line)
{
    if (line == NULL || strcmp(identity->name, line->name) != 0 ||
        identity->role_count != line->role_count)
        return false;
    for (size_t i = 0; i < line->role_count; i++)
        if (strcmp(identity->roles[i], line->roles[i]) != 0)
            return false;
    return true;
}

/* Is he still the one who is expected where he was dialled, or can be? */
static bool is_in_place(const kmi_security *s, const kmi_secure *secure)
{
    const kmsg_key *key = &secure->channel.their_key;
    const kmi_host *host = &secure->link->home;
    kmi_endpoint home = {.family = host->family, .port = host->port, .interface = host->interface};
    const kmi_trusted *line = secure->at == NULL ? NULL : kmi_trust_find_at(s->trust, secure->at);

    memcpy(home.ip, host->ip, sizeof home.ip);
    if (home.port != 0 && !kmi_security_is_at(s, key, &home))
        return false;
    return line == NULL || kmi_is_equal(&line->key, key, sizeof *key);
}

static void lose(kmi_secure *secure, const kmi_trusted *line)
{
    kmi_log(KMSG_WARNING, "%s: the trusted file says %s now: the connection ends",
            secure->link->identity.name, line == NULL ? "nothing of it" : "something else of it");
    kmi_stream_lose(secure->link, KMSG_EUNTRUSTED, "what is trusted has changed");
}

/* Losing one takes it out of the list, and may take others with it. */
static void look_at_all(kmi_security *s)
{
    s->at = s->links;
    while (s->at != NULL) {
        kmi_secure        *secure = s->at;
        const kmi_trusted *line = kmi_trust_find(s->trust, &secure->channel.their_key);
        s->at = secure->next;
        if (!is_same(&secure->link->identity, line) || !is_in_place(s, secure))
            lose(secure, line);
    }
}

/* A list that cannot be read lets nobody in, which is logged where it is read; who is here already
 * stays until it says otherwise. */
static void on_timer(kmi_timer *timer, int64_t now_ns)
{
    kmi_security *s = (kmi_security *)(void *)((uint8_t *)timer - offsetof(kmi_security, timer));
    bool          changed = false;
    kmsg_err      err = kmi_trust_refresh(s->trust, &changed);

    s->refs++; /* the last link may go */
    if (err == KMSG_OK && (changed || s->stale)) {
        look_at_all(s);
        s->stale = false; /* else it is looked at again when the list can be had */
    }
    if (s->links != NULL)
        kmi_timer_set(s->net->timers, &s->timer, now_ns + WATCH_NS);
    kmi_security_unref(s);
}

void kmi_security_add(kmi_security *s, kmi_secure *secure)
{
    secure->listed = true;
    secure->next = s->links;
    if (secure->next != NULL)
        secure->next->prev = secure;
    else
        kmi_timer_set(s->net->timers, &s->timer, s->net->now_ns + WATCH_NS);
    s->links = secure;
}

void kmi_security_remove(kmi_security *s, kmi_secure *secure)
{
    secure->listed = false;
    if (s->at == secure)
        s->at = secure->next;
    if (secure->prev != NULL)
        secure->prev->next = secure->next;
    else
        s->links = secure->next;
    if (secure->next != NULL)
        secure->next->prev = secure->prev;
    if (s->links == NULL)
        kmi_timer_stop(s->net->timers, &s->timer);
}
