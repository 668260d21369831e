/* noise.c -- fuzz target: an active attacker between two sides of a handshake and of the records
 * behind it. Nothing random is in it: the keys are fixed.
 *
 * The first byte chooses the pattern and the hash. Then each message is written by who has the
 * turn, and the input says what becomes of it: it arrives as it was, with a bit changed, cut,
 * longer, replaced by an earlier one or by bytes of the input, or comes to its own writer. What
 * must hold: who accepts a message that is not the one that was written, and there is but the first
 * one of some patterns that can be, is never believed again; what has failed stays so; what is
 * opened is what was sealed. Messages and the room for payloads are exactly as large as they are,
 * for a sanitizer to see.
 *
 *     make fuzz F=noise S=60
 */
#include "crypto/noise.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define PAYLOAD_MAX 64u
#define MESSAGE_MAX 512u
#define RECORDS_MAX 64u

#define MUST(condition)                                                                            \
    do {                                                                                           \
        if (!(condition))                                                                          \
            abort();                                                                               \
    } while (0)

typedef struct input {
    const uint8_t *at;
    const uint8_t *end;
} input;

typedef struct message {
    uint8_t data[MESSAGE_MAX];
    size_t  size;
} message;

typedef struct side {
    kmi_noise  noise;
    kmi_cipher out, in;
} side;

typedef struct play {
    input   in;
    side    sides[2]; /* the initiator is the first one */
    message last;     /* as it arrived */
    bool    tampered; /* somebody has accepted what nobody has written */
    uint8_t filled;
} play;

static unsigned take(input *in)
{
    return in->at < in->end ? *in->at++ : 0;
}

/* ---- what the attacker does ------------------------------------------------------------------ */

static void overwrite(input *in, message *m)
{
    m->size = take(in) * 2;
    for (size_t i = 0; i < m->size; i++)
        m->data[i] = (uint8_t)take(in);
}

static message tamper(play *p, const message *written)
{
    message m = *written;
    size_t  at = take(&p->in) % (m.size + 1);

    switch (take(&p->in) % 8) {
    case 0: m.data[at] ^= (uint8_t)(1u << take(&p->in) % 8); break; /* or nothing, behind it */
    case 1: m.size = at; break;
    case 2: m.size += 1 + at % 16; break;
    case 3: overwrite(&p->in, &m); break;
    case 4: m = p->last; break;
    default: break;
    }
    p->last = m;
    return m;
}

static bool is_same(const message *a, const message *b)
{
    return a->size == b->size && memcmp(a->data, b->data, a->size) == 0;
}

/* ---- both sides ------------------------------------------------------------------------------ */

static void *exactly(const void *data, size_t size)
{
    void *copy = malloc(size == 0 ? 1 : size);

    MUST(copy != NULL);
    if (data != NULL)
        memcpy(copy, data, size);
    return copy;
}

static void fill(play *p, uint8_t *payload, size_t size)
{
    for (size_t i = 0; i < size; i++)
        payload[i] = p->filled++;
}

static void begin(play *p)
{
    static const char *const patterns[] = {"XX", "XXpsk0", "IK", "NK",     "KK",
                                           "IX", "NNpsk0", "NN", "XXpsk3", "IKpsk2"};
    const unsigned           chosen = take(&p->in);
    const char              *pattern = patterns[chosen / 2 % (sizeof patterns / sizeof *patterns)];
    uint8_t                  secrets[2][32], keys[2][32], psk[32];

    memset(psk, 3, sizeof psk);
    for (unsigned i = 0; i < 2; i++) {
        memset(secrets[i], (int)(11 + i), 32);
        kmi_noise_public(secrets[i], keys[i]);
    }
    for (unsigned i = 0; i < 2; i++) {
        const kmi_noise_options options = {
            .pattern = pattern,
            .hash = chosen % 2 == 0 ? KMI_NOISE_BLAKE2B : KMI_NOISE_SHA256,
            .initiator = i == 0,
            .secret = secrets[i],
            .remote = pattern[!i] == 'K' ? keys[!i] : NULL,
            .ephemeral = (const uint8_t *)(i == 0 ? "the ephemeral key of the first.."
                                                  : "and another one for the second.."),
            .psks = {strstr(pattern, "psk") != NULL ? psk : NULL}};
        MUST(kmi_noise_init(&p->sides[i].noise, &options));
    }
}

/* ---- the handshake --------------------------------------------------------------------------- */

static bool read_exactly(kmi_noise *n, const message *m, uint8_t payload[MESSAGE_MAX])
{
    const size_t overhead = kmi_noise_overhead(n);
    const size_t size = m->size > overhead ? m->size - overhead : 0;
    uint8_t     *copy = exactly(m->data, m->size), *room = exactly(NULL, size);
    const bool   is_good = kmi_noise_read(n, copy, m->size, room);

    if (is_good)
        memcpy(payload, room, size);
    free(copy);
    free(room);
    return is_good;
}

static void is_dead(kmi_noise *n)
{
    uint8_t room[MESSAGE_MAX] = {0};

    MUST(!kmi_noise_is_over(n) && !kmi_noise_writes_next(n) && kmi_noise_overhead(n) == 0);
    MUST(!kmi_noise_write(n, NULL, 0, room) && !kmi_noise_read(n, room, 200, room + 200));
}

/* False: it is over, well or not. */
static bool shake_hands(play *p)
{
    const unsigned from = kmi_noise_writes_next(&p->sides[1].noise);
    kmi_noise     *writer = &p->sides[from].noise, *reader = &p->sides[!from].noise;
    const size_t   size = take(&p->in) % PAYLOAD_MAX;
    uint8_t        payload[PAYLOAD_MAX], heard[MESSAGE_MAX];
    message        written, arrived;

    if (!kmi_noise_writes_next(writer))
        return false;
    fill(p, payload, size);
    written.size = size + kmi_noise_overhead(writer);
    memset(written.data, 0, sizeof written.data);
    if (!kmi_noise_write(writer, payload, size, written.data)) {
        MUST(p->tampered); /* a key that is no key */
        is_dead(writer);
        return false;
    }
    arrived = tamper(p, &written);
    if (take(&p->in) % 16 == 15) {
        MUST(!read_exactly(writer, &arrived, heard));
        is_dead(writer);
        return false;
    }
    if (!read_exactly(reader, &arrived, heard)) {
        MUST(p->tampered || !is_same(&arrived, &written));
        is_dead(reader);
        return false;
    }
    MUST(!p->tampered);
    p->tampered = !is_same(&arrived, &written);
    MUST(p->tampered || memcmp(heard, payload, size) == 0);
    return true;
}

/* ---- records --------------------------------------------------------------------------------- */

static bool open_exactly(kmi_cipher *c, const message *m, uint8_t plain[MESSAGE_MAX])
{
    const size_t   size = m->size > KMI_TAG_SIZE ? m->size - KMI_TAG_SIZE : 0;
    const uint64_t nonce = c->nonce;
    uint8_t       *copy = exactly(m->data, m->size), *room = exactly(NULL, size);
    const bool     is_good = kmi_cipher_open(c, NULL, 0, copy, m->size, room);

    MUST(c->nonce == nonce + is_good);
    if (is_good)
        memcpy(plain, room, size);
    free(copy);
    free(room);
    return is_good;
}

/* What was not taken is sent again as it was, so that both stay in step. */
static void exchange(play *p)
{
    const unsigned how = take(&p->in);
    side          *from = &p->sides[how % 2], *to = &p->sides[how % 2 == 0];
    const size_t   size = take(&p->in) % PAYLOAD_MAX;
    uint8_t        payload[PAYLOAD_MAX], heard[MESSAGE_MAX];
    message        written, arrived;

    if (how % 16 >= 14) {
        kmi_cipher_rekey(&from->out);
        kmi_cipher_rekey(&to->in);
    }
    fill(p, payload, size);
    written.size = size + KMI_TAG_SIZE;
    memset(written.data, 0, sizeof written.data);
    MUST(kmi_cipher_seal(&from->out, NULL, 0, payload, size, written.data));
    arrived = tamper(p, &written);
    if (!is_same(&arrived, &written))
        MUST(!open_exactly(&to->in, &arrived, heard));
    MUST(open_exactly(&to->in, &written, heard));
    MUST(memcmp(heard, payload, size) == 0);
}

static void talk(play *p)
{
    uint8_t hashes[2][KMI_HASH_MAX] = {{0}};

    for (unsigned i = 0; i < 2; i++)
        kmi_noise_split(&p->sides[i].noise, &p->sides[i].out, &p->sides[i].in, hashes[i]);
    MUST(memcmp(hashes[0], hashes[1], KMI_HASH_MAX) == 0);
    for (unsigned i = 0; i < RECORDS_MAX && p->in.at < p->in.end; i++)
        exchange(p);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    play p = {.in = {data, data + size}};

    begin(&p);
    while (shake_hands(&p))
        continue;
    if (kmi_noise_is_over(&p.sides[0].noise) && kmi_noise_is_over(&p.sides[1].noise))
        talk(&p);
    return 0;
}
