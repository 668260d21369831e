/* channels.h -- two sides of an encrypted connection in memory, for the tests of crypto/channel.c:
 * what one says lies in a flight, which a test may change before the other one hears it.
 */
#ifndef CHANNELS_H
#define CHANNELS_H

#include "test.h"

#include "crypto/channel.h"

/* Which side; also the index in the arrays here. */
enum { DIALS, ACCEPTS };

/* What they say in turn: who dials begins. */
enum { FLIGHTS = 4, WELCOME = 3 };

#define FLIGHT_MAX 2048u

typedef struct flight {
    uint8_t bytes[FLIGHT_MAX];
    size_t  size;
} flight;

typedef struct side {
    kmi_channel_setup setup;
    uint8_t           secret[KMI_DH_SIZE];
    uint8_t           ephemeral[KMI_DH_SIZE];
    uint8_t           psk[KMI_DH_SIZE];
    kmsg_key          key;
    kmi_channel       channel;
    int               judged; /* how often it was asked to judge */
} side;

typedef struct duo {
    side sides[2];
} duo;

static const char *const hellos[] = {"the one who dials", "the one who accepts: somewhat longer"};

/* Nobody has begun yet: what a test wants otherwise, it changes now. Ephemeral keys are made of
 * `fresh`. */
static inline void duo_make(duo *d, bool with_psk, uint8_t fresh)
{
    memset(d, 0, sizeof *d);
    for (int i = 0; i < 2; i++) {
        side *s = &d->sides[i];
        memset(s->secret, 0x11 + i, sizeof s->secret);
        memset(s->ephemeral, 2 * fresh + i, sizeof s->ephemeral);
        memset(s->psk, 0x77, sizeof s->psk);
        kmi_noise_public(s->secret, s->key.bytes);
        kmi_channel_setup_init(&s->setup);
        s->setup.secret = s->secret;
        s->setup.psk = with_psk ? s->psk : NULL;
        s->setup.cluster = with_psk ? "harbour" : "";
    }
}

static inline void duo_begin(duo *d)
{
    for (int i = 0; i < 2; i++) {
        side *s = &d->sides[i];
        CHECK(kmi_channel_init(&s->channel, &s->setup, i == DIALS, (const uint8_t *)hellos[i],
                               strlen(hellos[i]), s->ephemeral));
    }
}

static inline void duo_init(duo *d, bool with_psk, uint8_t fresh)
{
    duo_make(d, with_psk, fresh);
    duo_begin(d);
}

static inline void duo_done(duo *d)
{
    for (int i = 0; i < 2; i++) {
        kmi_channel_done(&d->sides[i].channel);
        kmi_channel_setup_done(&d->sides[i].setup);
    }
}

/* ---- talking --------------------------------------------------------------------------------- */

/* All that it has to say now, in pieces of at most `chunk`. */
static inline void side_says(side *s, flight *f, size_t chunk)
{
    size_t         size;
    const uint8_t *words;

    f->size = 0;
    while ((words = kmi_channel_words(&s->channel, &size)) != NULL && size > 0) {
        size = size < chunk ? size : chunk;
        CHECK(f->size + size <= FLIGHT_MAX);
        memcpy(f->bytes + f->size, words, size);
        f->size += size;
        kmi_channel_said(&s->channel, size);
    }
}

/* As its owner would: no more than it wants, and it accepts when it is to judge. The bytes that it
 * has taken. */
static inline size_t side_hears(side *s, const uint8_t *bytes, size_t size, size_t chunk)
{
    size_t at = 0, n;

    while (at < size && (n = kmi_channel_wants(&s->channel)) > 0) {
        n = n < chunk ? n : chunk;
        n = n < size - at ? n : size - at;
        kmi_channel_hear(&s->channel, bytes + at, n);
        at += n;
        if (s->channel.state == KMI_CHANNEL_JUDGE) {
            s->judged++;
            kmi_channel_accept(&s->channel);
        }
    }
    return at;
}

static inline side *speaker(duo *d, int turn)
{
    return &d->sides[turn % 2 == 0 ? DIALS : ACCEPTS];
}

static inline side *listener(duo *d, int turn)
{
    return &d->sides[turn % 2 == 0 ? ACCEPTS : DIALS];
}

/* All flights before `end`, as they are. */
static inline void duo_talk(duo *d, int end, flight said[FLIGHTS])
{
    for (int i = 0; i < end; i++) {
        side_says(speaker(d, i), &said[i], SIZE_MAX);
        EQ_UINT(side_hears(listener(d, i), said[i].bytes, said[i].size, SIZE_MAX), said[i].size);
    }
}

static inline bool is_open(const side *s)
{
    return s->channel.state == KMI_CHANNEL_OPEN;
}

/* Both, by an honest handshake. */
static inline void duo_open(duo *d, bool with_psk, uint8_t fresh)
{
    flight said[FLIGHTS];

    duo_init(d, with_psk, fresh);
    duo_talk(d, FLIGHTS, said);
    CHECK(is_open(&d->sides[DIALS]) && is_open(&d->sides[ACCEPTS]));
}

/* It has ended, and has nothing to say of it. */
static inline bool is_over_in_silence(const side *s)
{
    size_t size;

    (void)kmi_channel_words(&s->channel, &size);
    return s->channel.state == KMI_CHANNEL_OVER && size == 0;
}

#endif
