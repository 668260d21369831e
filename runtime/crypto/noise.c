/* noise.c -- handshakes of the Noise framework: the patterns, and the state that goes through one
 * of them, token by token (revision 34, sections 5.3, 7 and 9).
 *
 * A pattern is a row of the table: what is known before, and the tokens of each message. Writing
 * and reading walk over the same row, so a new pattern is a new row and no code. There are rows for
 * what public test vectors exist for. The initiator writes the first message; from there on they
 * take turns.
 *
 * A handshake that has failed stays so: whoever is lied to learns nothing from trying again.
 */
#include "crypto/noise.h"

#include "crypto/secret.h"
#include "crypto/symmetric.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#define MESSAGES_MAX 3
#define TOKENS_MAX   6
#define NAME_SIZE    64

_Static_assert(crypto_scalarmult_BYTES == KMI_DH_SIZE, "what noise.h says");
_Static_assert(crypto_scalarmult_SCALARBYTES == KMI_DH_SIZE, "what noise.h says");

/* ---- patterns -------------------------------------------------------------------------------- */

/* Of a key agreement, the first letter is the initiator's key, the second the responder's. */
typedef enum token { END, E, S, EE, ES, SE, SS, PSK } token;

struct kmi_noise_pattern {
    const char *name;
    bool        knows_initiator; /* the responder does, before the first message */
    bool        knows_responder;
    uint8_t     psks;
    uint8_t     messages;
    uint8_t     tokens[MESSAGES_MAX][TOKENS_MAX]; /* END behind the last one, or all are there */
};

static const kmi_noise_pattern patterns[] = {
    {"NN", false, false, 0, 2, {{E}, {E, EE}}},
    {"NK", false, true, 0, 2, {{E, ES}, {E, EE}}},
    {"NX", false, false, 0, 2, {{E}, {E, EE, S, ES}}},
    {"XX", false, false, 0, 3, {{E}, {E, EE, S, ES}, {S, SE}}},
    {"XK", false, true, 0, 3, {{E, ES}, {E, EE}, {S, SE}}},
    {"KK", true, true, 0, 2, {{E, ES, SS}, {E, EE, SE}}},
    {"IK", false, true, 0, 2, {{E, ES, S, SS}, {E, EE, SE}}},
    {"IX", false, false, 0, 2, {{E, S}, {E, EE, SE, S, ES}}},
    {"NNpsk0", false, false, 1, 2, {{PSK, E}, {E, EE}}},
    {"NNpsk2", false, false, 1, 2, {{E}, {E, EE, PSK}}},
    {"NKpsk0", false, true, 1, 2, {{PSK, E, ES}, {E, EE}}},
    {"NKpsk2", false, true, 1, 2, {{E, ES}, {E, EE, PSK}}},
    {"XXpsk0", false, false, 1, 3, {{PSK, E}, {E, EE, S, ES}, {S, SE}}},
    {"XXpsk3", false, false, 1, 3, {{E}, {E, EE, S, ES}, {S, SE, PSK}}},
    {"KKpsk0", true, true, 1, 2, {{PSK, E, ES, SS}, {E, EE, SE}}},
    {"KKpsk2", true, true, 1, 2, {{E, ES, SS}, {E, EE, SE, PSK}}},
    {"IKpsk1", false, true, 1, 2, {{E, ES, S, SS, PSK}, {E, EE, SE}}},
    {"IKpsk2", false, true, 1, 2, {{E, ES, S, SS}, {E, EE, SE, PSK}}},
};

static const kmi_noise_pattern *find_pattern(const char *name)
{
    for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++)
        if (strcmp(patterns[i].name, name) == 0)
            return &patterns[i];
    return NULL;
}

static bool has_token(const kmi_noise_pattern *p, unsigned message, token wanted)
{
    for (unsigned i = 0; i < TOKENS_MAX; i++)
        if (p->tokens[message][i] == wanted)
            return true;
    return false;
}

/* Does this side have a static key of its own in it? */
static bool needs_secret(const kmi_noise_pattern *p, bool initiator)
{
    if (initiator ? p->knows_initiator : p->knows_responder)
        return true;
    for (unsigned m = initiator ? 0 : 1; m < p->messages; m += 2)
        if (has_token(p, m, S))
            return true;
    return false;
}

static bool is_complete(const kmi_noise_pattern *p, const kmi_noise_options *o)
{
    const bool knows = o->initiator ? p->knows_responder : p->knows_initiator;

    if (knows != (o->remote != NULL) || o->ephemeral == NULL)
        return false;
    for (unsigned i = 0; i < KMI_NOISE_PSKS_MAX; i++)
        if ((i < p->psks) != (o->psks[i] != NULL))
            return false;
    return o->secret != NULL || !needs_secret(p, o->initiator);
}

/* ---- before the first message ---------------------------------------------------------------- */

void kmi_noise_public(const uint8_t secret[32], uint8_t ret[32])
{
    (void)crypto_scalarmult_base(ret, secret); /* cannot fail: the base point is a good one */
}

static void copy_keys(kmi_noise *n, const kmi_noise_options *options)
{
    memcpy(n->ephemeral, options->ephemeral, sizeof n->ephemeral);
    if (options->secret != NULL && needs_secret(n->pattern, n->initiator)) {
        memcpy(n->secret, options->secret, sizeof n->secret);
        if (options->own != NULL)
            memcpy(n->own, options->own, sizeof n->own);
        else
            kmi_noise_public(n->secret, n->own);
    }
    if (options->remote != NULL) {
        memcpy(n->remote, options->remote, sizeof n->remote);
        n->has_remote = true;
    }
    for (unsigned i = 0; i < n->pattern->psks; i++)
        memcpy(n->psks[i], options->psks[i], sizeof n->psks[i]);
}

static void mix_known(kmi_noise *n)
{
    const uint8_t *initiator = n->initiator ? n->own : n->remote;
    const uint8_t *responder = n->initiator ? n->remote : n->own;

    if (n->pattern->knows_initiator)
        kmi_symmetric_mix_hash(&n->symmetric, initiator, KMI_DH_SIZE);
    if (n->pattern->knows_responder)
        kmi_symmetric_mix_hash(&n->symmetric, responder, KMI_DH_SIZE);
}

bool kmi_noise_init(kmi_noise *n, const kmi_noise_options *options)
{
    const kmi_noise_pattern *pattern = find_pattern(options->pattern);
    char                     name[NAME_SIZE];

    memset(n, 0, sizeof *n);
    if (pattern == NULL || !is_complete(pattern, options) || !kmi_crypto_ready())
        return false;
    n->pattern = pattern;
    n->initiator = options->initiator;
    snprintf(name, sizeof name, "Noise_%s_25519_ChaChaPoly_%s", pattern->name,
             options->hash == KMI_NOISE_BLAKE2B ? "BLAKE2b" : "SHA256");
    kmi_symmetric_init(&n->symmetric, options->hash, name);
    kmi_symmetric_mix_hash(&n->symmetric, options->prologue, options->prologue_size);
    copy_keys(n, options);
    mix_known(n);
    return true;
}

void kmi_noise_done(kmi_noise *n)
{
    kmi_wipe(n, sizeof *n);
}

/* ---- where it is ----------------------------------------------------------------------------- */

bool kmi_noise_is_over(const kmi_noise *n)
{
    return !n->failed && n->pattern != NULL && n->turn == n->pattern->messages;
}

static bool is_under_way(const kmi_noise *n)
{
    return !n->failed && n->pattern != NULL && n->turn < n->pattern->messages;
}

static bool is_our_turn(const kmi_noise *n)
{
    return (n->turn % 2 == 0) == n->initiator;
}

bool kmi_noise_writes_next(const kmi_noise *n)
{
    return is_under_way(n) && is_our_turn(n);
}

static const uint8_t *tokens_of(const kmi_noise *n)
{
    return n->pattern->tokens[n->turn];
}

size_t kmi_noise_overhead(const kmi_noise *n)
{
    bool   has_key = n->symmetric.cipher.has_key;
    size_t size = 0;

    if (!is_under_way(n))
        return 0;
    for (unsigned i = 0; i < TOKENS_MAX && tokens_of(n)[i] != END; i++) {
        switch (tokens_of(n)[i]) {
        case E:
            size += KMI_DH_SIZE;
            has_key = has_key || n->pattern->psks > 0;
            break;
        case S: size += KMI_DH_SIZE + (has_key ? KMI_TAG_SIZE : 0); break;
        default: has_key = true; break;
        }
    }
    return size + (has_key ? KMI_TAG_SIZE : 0);
}

/* ---- tokens ---------------------------------------------------------------------------------- */

/* False: the secret would be all zeros, whatever ours is (libsodium looks, in constant time). */
static bool agree(kmi_noise *n, const uint8_t secret[32], const uint8_t remote[32])
{
    uint8_t    shared[KMI_DH_SIZE];
    const bool is_good = crypto_scalarmult(shared, secret, remote) == 0;

    if (is_good)
        kmi_symmetric_mix_key(&n->symmetric, shared);
    kmi_wipe(shared, sizeof shared);
    return is_good;
}

/* The tokens that send nothing, which are the same for both, but for whose key is whose. */
static bool mix_token(kmi_noise *n, uint8_t t)
{
    switch (t) {
    case EE: return agree(n, n->ephemeral, n->remote_ephemeral);
    case SS: return agree(n, n->secret, n->remote);
    case PSK: kmi_symmetric_mix_key_and_hash(&n->symmetric, n->psks[n->psk++]); return true;
    default: break;
    }
    return (t == ES) == n->initiator ? agree(n, n->ephemeral, n->remote)
                                     : agree(n, n->secret, n->remote_ephemeral);
}

/* With a psk, the first thing to be encrypted may come before any key was agreed on: what makes its
 * key a new one each time is this. */
static void mix_ephemeral(kmi_noise *n, const uint8_t key[32])
{
    kmi_symmetric_mix_hash(&n->symmetric, key, KMI_DH_SIZE);
    if (n->pattern->psks > 0)
        kmi_symmetric_mix_key(&n->symmetric, key);
}

/* ---- messages -------------------------------------------------------------------------------- */

static bool write_token(kmi_noise *n, uint8_t t, uint8_t **at)
{
    const bool has_key = n->symmetric.cipher.has_key;

    switch (t) {
    case E:
        kmi_noise_public(n->ephemeral, n->own_ephemeral);
        memcpy(*at, n->own_ephemeral, KMI_DH_SIZE);
        mix_ephemeral(n, n->own_ephemeral);
        *at += KMI_DH_SIZE;
        return true;
    case S:
        if (!kmi_symmetric_seal(&n->symmetric, n->own, KMI_DH_SIZE, *at))
            return false;
        *at += KMI_DH_SIZE + (has_key ? KMI_TAG_SIZE : 0);
        return true;
    default: return mix_token(n, t);
    }
}

static bool write_message(kmi_noise *n, const uint8_t *payload, size_t size, uint8_t *at)
{
    for (unsigned i = 0; i < TOKENS_MAX && tokens_of(n)[i] != END; i++)
        if (!write_token(n, tokens_of(n)[i], &at))
            return false;
    return kmi_symmetric_seal(&n->symmetric, payload, size, at);
}

bool kmi_noise_write(kmi_noise *n, const uint8_t *payload, size_t size, uint8_t *ret)
{
    if (!kmi_noise_writes_next(n) || size > KMI_NOISE_MAX - kmi_noise_overhead(n))
        return false;
    n->failed = !write_message(n, payload, size, ret);
    n->turn++;
    return !n->failed;
}

static bool read_token(kmi_noise *n, uint8_t t, const uint8_t **at)
{
    const size_t tag = n->symmetric.cipher.has_key ? KMI_TAG_SIZE : 0;

    switch (t) {
    case E:
        memcpy(n->remote_ephemeral, *at, KMI_DH_SIZE);
        mix_ephemeral(n, n->remote_ephemeral);
        *at += KMI_DH_SIZE;
        return true;
    case S:
        if (!kmi_symmetric_open(&n->symmetric, *at, KMI_DH_SIZE + tag, n->remote))
            return false;
        n->has_remote = true;
        *at += KMI_DH_SIZE + tag;
        return true;
    default: return mix_token(n, t);
    }
}

static bool read_message(kmi_noise *n, const uint8_t *message, size_t size, uint8_t *ret)
{
    const uint8_t *at = message;

    for (unsigned i = 0; i < TOKENS_MAX && tokens_of(n)[i] != END; i++)
        if (!read_token(n, tokens_of(n)[i], &at))
            return false;
    return kmi_symmetric_open(&n->symmetric, at, size - (size_t)(at - message), ret);
}

bool kmi_noise_read(kmi_noise *n, const uint8_t *message, size_t size, uint8_t *ret)
{
    if (!is_under_way(n) || is_our_turn(n) || size > KMI_NOISE_MAX ||
        size < kmi_noise_overhead(n) || !read_message(n, message, size, ret))
        n->failed = true;
    else
        n->turn++;
    return !n->failed;
}

void kmi_noise_split(kmi_noise *n, kmi_cipher *ret_out, kmi_cipher *ret_in, uint8_t *ret_hash)
{
    kmi_symmetric_split(&n->symmetric, n->initiator ? ret_out : ret_in,
                        n->initiator ? ret_in : ret_out);
    if (ret_hash != NULL)
        memcpy(ret_hash, n->symmetric.h, kmi_symmetric_hash_size(&n->symmetric));
    kmi_noise_done(n);
}
