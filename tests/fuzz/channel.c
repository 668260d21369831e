/* channel.c -- fuzz target: one side of an encrypted connection, and what it is told. Nothing
 * random is in it: the keys are fixed.
 *
 * The first byte says which side it is, whether there is a cluster's secret, and how far an honest
 * other side goes before the input takes its place: not at all, to its hello, or until both are
 * open. Then each byte of the input says how much comes next, and that many bytes of the input do;
 * in place of such a piece the honest side may also say what it would, with or without a bit
 * changed. What must hold: no more is wanted than there is room for; who was lied to does not open;
 * what is opened is what was sealed; what is over stays so. Pieces and records are exactly as large
 * as they are, for a sanitizer to see.
 *
 *     make fuzz F=channel S=60
 */
#include "crypto/channel.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define PLAIN_MAX   64u
#define FLIGHT_MAX  1024u
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

typedef struct side {
    kmi_channel_setup setup;
    uint8_t           secret[KMI_DH_SIZE];
    kmi_channel       channel;
} side;

typedef struct play {
    input in;
    side  tested, honest;
    bool  lied; /* the one that is tested has heard what the honest one has not said */
} play;

static const uint8_t psk[KMI_DH_SIZE] = {7};

static unsigned take(input *in)
{
    return in->at < in->end ? *in->at++ : 0;
}

/* ---- the two of them ------------------------------------------------------------------------- */

static void begin(side *s, bool dials, bool with_psk, uint8_t number)
{
    uint8_t ephemeral[KMI_DH_SIZE], hello[48];

    memset(ephemeral, number + 64, sizeof ephemeral);
    memset(hello, number, sizeof hello);
    memset(s->secret, number, sizeof s->secret);
    kmi_channel_setup_init(&s->setup);
    s->setup.secret = s->secret;
    s->setup.psk = with_psk ? psk : NULL;
    s->setup.cluster = with_psk ? "harbour" : "";
    MUST(kmi_channel_init(&s->channel, &s->setup, dials, hello, sizeof hello, ephemeral));
}

static void done(side *s)
{
    kmi_channel_done(&s->channel);
    kmi_channel_setup_done(&s->setup);
}

static size_t says(side *s, uint8_t ret[FLIGHT_MAX])
{
    size_t         size;
    const uint8_t *words = kmi_channel_words(&s->channel, &size);

    MUST(size <= FLIGHT_MAX);
    if (size > 0) {
        memcpy(ret, words, size);
        kmi_channel_said(&s->channel, size);
    }
    return size;
}

/* As much of it as is wanted, from memory that is as large as that. */
static void hears(side *s, const uint8_t *bytes, size_t size)
{
    while (size > 0) {
        size_t   n = kmi_channel_wants(&s->channel);
        uint8_t *piece;
        MUST(n <= KMI_CHANNEL_MESSAGE_MAX);
        if (n == 0)
            return;
        n = n < size ? n : size;
        piece = malloc(n);
        MUST(piece != NULL);
        memcpy(piece, bytes, n);
        kmi_channel_hear(&s->channel, piece, n);
        free(piece);
        if (s->channel.state == KMI_CHANNEL_JUDGE) {
            (void)kmi_channel_hello(&s->channel, &n);
            MUST(n <= KMI_CHANNEL_MESSAGE_MAX);
            kmi_channel_accept(&s->channel);
        }
        bytes += n < size ? n : size;
        size -= n < size ? n : size;
    }
}

/* ---- what is said ---------------------------------------------------------------------------- */

static void tell_input(play *p)
{
    size_t size = take(&p->in), left = (size_t)(p->in.end - p->in.at);

    size = size < left ? size : left;
    p->lied = p->lied || size > 0;
    hears(&p->tested, p->in.at, size);
    p->in.at += size;
}

static void tell_honest(play *p, bool changed)
{
    uint8_t flight[FLIGHT_MAX];
    size_t  size = says(&p->tested, flight), bit;

    hears(&p->honest, flight, size);
    size = says(&p->honest, flight);
    if (changed && size > 0) {
        bit = (take(&p->in) | take(&p->in) << 8) % (8 * size);
        flight[bit / 8] ^= (uint8_t)(1u << bit % 8);
        p->lied = true;
    }
    hears(&p->tested, flight, size);
}

static void shake_hands(play *p)
{
    for (int i = 0; i < 16 && p->tested.channel.state == KMI_CHANNEL_SHAKING; i++) {
        switch (take(&p->in) % 4) {
        case 0: tell_input(p); break;
        case 1: tell_honest(p, true); break;
        default: tell_honest(p, false); break;
        }
    }
}

/* ---- records --------------------------------------------------------------------------------- */

/* What comes first in the input is taken for a record, if it is one. */
static void tell_record(play *p)
{
    size_t   left = (size_t)(p->in.end - p->in.at), size;
    uint8_t *record, *room;

    if (left < KMI_RECORD_HEAD)
        return;
    size = kmi_record_size(p->in.at);
    if (size == 0 || size > left) {
        p->in.at++;
        return;
    }
    record = malloc(size);
    room = malloc(size - KMI_RECORD_OVERHEAD);
    MUST(record != NULL && room != NULL);
    memcpy(record, p->in.at, size);
    MUST(!kmi_channel_open(&p->tested.channel, record, size, room));
    MUST(p->tested.channel.state == KMI_CHANNEL_OVER);
    free(record);
    free(room);
    p->in.at += size;
}

static void tell_sealed(play *p, bool changed)
{
    uint8_t plain[PLAIN_MAX], record[PLAIN_MAX + KMI_RECORD_OVERHEAD], room[PLAIN_MAX];
    size_t  size = 8 + 8 * (take(&p->in) % (PLAIN_MAX / 8)), bit;

    memset(plain, (int)take(&p->in), size);
    MUST(kmi_channel_seal(&p->honest.channel, plain, size, record));
    size += KMI_RECORD_OVERHEAD;
    MUST(kmi_record_size(record) == size);
    if (!changed) {
        MUST(kmi_channel_open(&p->tested.channel, record, size, room));
        MUST(memcmp(plain, room, size - KMI_RECORD_OVERHEAD) == 0);
        return;
    }
    bit = (take(&p->in) | take(&p->in) << 8) % (8 * (size - KMI_RECORD_HEAD));
    record[KMI_RECORD_HEAD + bit / 8] ^= (uint8_t)(1u << bit % 8);
    MUST(!kmi_channel_open(&p->tested.channel, record, size, room));
    MUST(p->tested.channel.state == KMI_CHANNEL_OVER);
}

static void talk(play *p)
{
    for (unsigned i = 0; i < RECORDS_MAX && p->in.at < p->in.end; i++) {
        switch (take(&p->in) % 4) {
        case 0: tell_record(p); break;
        case 1: tell_sealed(p, true); break;
        default: tell_sealed(p, false); break;
        }
        if (p->tested.channel.state != KMI_CHANNEL_OPEN)
            return;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static play p;
    unsigned    how;
    uint8_t     key[KMI_DH_SIZE];
    bool        dials;

    p = (play){.in = {data, data + size}};
    how = take(&p.in);
    dials = how & 1;
    begin(&p.tested, dials, how & 2, 1);
    begin(&p.honest, !dials, how & 2, 2);
    for (unsigned i = how >> 2 & 3; i > 0; i--)
        tell_honest(&p, false);
    shake_hands(&p);
    tell_honest(&p, false);
    if (p.tested.channel.state == KMI_CHANNEL_OPEN) {
        kmi_noise_public(p.honest.secret, key);
        MUST(!p.lied && memcmp(p.tested.channel.their_key.bytes, key, sizeof key) == 0);
        if (p.honest.channel.state == KMI_CHANNEL_OPEN)
            talk(&p);
    }
    done(&p.tested);
    done(&p.honest);
    return 0;
}
