/* channel.c -- the handshake of an encrypted connection as a state machine, and its records.
 *
 * It is read from kmi_channel_hear() down. Each step waits for so many bytes, and no more are read:
 * what is behind a handshake is for the records. Nobody is told to wait for his turn: who answers
 * what he has not heard cannot know what to answer. But a refusal may come at any time.
 *
 * A dialler counts as let in when the acceptor's empty record is there. Noise's third message would
 * let it go on before that; but then what it says at once might be read or not, and it would not
 * know which.
 */
#include "crypto/channel.h"

#include "wire/frame.h"

#include <string.h>

#define MAGIC_SIZE KMI_CHANNEL_MAGIC_SIZE
#define VERSION_AT 6
#define KIND_AT    5
#define BYE_SIZE   (MAGIC_SIZE + KMI_HEADER_SIZE)
#define HEAD       KMI_RECORD_HEAD

static const uint8_t magic[MAGIC_SIZE] = {'K', 'M', 'S', 'G', 0, 's', 1, 0};

#define PATTERN        "XX"
#define PATTERN_PSK    "XXpsk0"
#define SUITE(pattern) "Noise_" pattern "_25519_ChaChaPoly_BLAKE2b"

#define PROLOGUE_MAX                                                                               \
    (MAGIC_SIZE + sizeof SUITE(PATTERN_PSK) + 64 + sizeof "dials" + sizeof "accepts")

/* The longest is the second message: two keys, two tags, and the hello. */
#define WORDS_MAX (MAGIC_SIZE + HEAD + 2 * KMI_DH_SIZE + 2 * KMI_TAG_SIZE + KMI_CHANNEL_HELLO_MAX)

typedef enum step {
    MAGIC, /* waits for the other side's first bytes */
    BYE,   /* a dialler that was answered in the clear: by somebody who has no place? */
    SIZE,  /* of a message */
    MESSAGE,
    WELCOME /* the dialler's last one: the empty record */
} step;

struct kmi_handshake {
    kmi_noise noise;
    step      step;
    uint16_t  wanted;    /* bytes of this step */
    uint16_t  size;      /* of these, that are in the buffer */
    uint16_t  word_size; /* of the words */
    uint16_t  said;      /* bytes of these that have left */
    uint16_t  own_size;  /* of the hellos */
    uint16_t  their_size;
    uint8_t   own[KMI_CHANNEL_HELLO_MAX];
    uint8_t   their[KMI_CHANNEL_MESSAGE_MAX];
    uint8_t   words[WORDS_MAX];
    uint8_t   buffer[KMI_CHANNEL_MESSAGE_MAX];
};

/* One direction. */
typedef struct direction {
    kmi_cipher cipher;
    uint32_t   records; /* since the last new key */
} direction;

struct kmi_talk {
    direction out;
    direction in;
};

void kmi_channel_setup_init(kmi_channel_setup *setup)
{
    *setup = (kmi_channel_setup){.cluster = "",
                                 .shaking = {.size = sizeof(kmi_handshake)},
                                 .talking = {.size = sizeof(kmi_talk)}};
}

void kmi_channel_setup_done(kmi_channel_setup *setup)
{
    kmi_vault_done(&setup->shaking);
    kmi_vault_done(&setup->talking);
}

/* ---- beginning and end ----------------------------------------------------------------------- */

static void drop_handshake(kmi_channel *c)
{
    if (c->handshake == NULL)
        return;
    kmi_noise_done(&c->handshake->noise);
    kmi_vault_give(&c->setup->shaking, c->handshake);
    c->handshake = NULL;
}

void kmi_channel_done(kmi_channel *c)
{
    drop_handshake(c);
    if (c->talk != NULL)
        kmi_vault_give(&c->setup->talking, c->talk);
    c->talk = NULL;
}

static void end(kmi_channel *c, kmsg_err err, const char *why)
{
    if (c->state == KMI_CHANNEL_OVER)
        return;
    c->state = KMI_CHANNEL_OVER;
    c->err = err;
    c->why = why;
}

static size_t put(uint8_t *at, const void *data, size_t size)
{
    memcpy(at, data, size);
    return size;
}

static size_t put_prologue(const kmi_channel_setup *setup, uint8_t *at)
{
    size_t size = put(at, magic, MAGIC_SIZE);

    if (setup->psk != NULL)
        size += put(at + size, SUITE(PATTERN_PSK), sizeof SUITE(PATTERN_PSK));
    else
        size += put(at + size, SUITE(PATTERN), sizeof SUITE(PATTERN));
    size += put(at + size, setup->cluster, strlen(setup->cluster) + 1);
    size += put(at + size, "dials", sizeof "dials");
    return size + put(at + size, "accepts", sizeof "accepts");
}

static bool begin_noise(kmi_channel *c, const uint8_t ephemeral[32])
{
    uint8_t           prologue[PROLOGUE_MAX];
    kmi_noise_options options = {.pattern = c->setup->psk != NULL ? PATTERN_PSK : PATTERN,
                                 .hash = KMI_NOISE_BLAKE2B,
                                 .initiator = c->dials,
                                 .prologue = prologue,
                                 .prologue_size = put_prologue(c->setup, prologue),
                                 .secret = c->setup->secret,
                                 .own = c->setup->own,
                                 .ephemeral = ephemeral,
                                 .psks = {c->setup->psk}};

    return kmi_noise_init(&c->handshake->noise, &options);
}

static void await(kmi_handshake *h, step next, size_t size)
{
    h->step = next;
    h->wanted = (uint16_t)size;
    h->size = 0;
}

static void say(kmi_handshake *h, size_t size)
{
    h->word_size = (uint16_t)size;
    h->said = 0;
}

/* The next message, behind `before` bytes that are in the words. */
static void say_message(kmi_channel *c, size_t before, const uint8_t *payload, size_t payload_size)
{
    kmi_handshake *h = c->handshake;
    size_t         size = kmi_noise_overhead(&h->noise) + payload_size;
    uint8_t       *at = h->words + before;

    if (!kmi_noise_write(&h->noise, payload, payload_size, at + HEAD)) {
        end(c, KMSG_EPROTOCOL, "the handshake failed");
        return;
    }
    at[0] = (uint8_t)size;
    at[1] = (uint8_t)(size >> 8);
    say(h, before + HEAD + size);
}

bool kmi_channel_init(kmi_channel *c, kmi_channel_setup *setup, bool dials, const uint8_t *hello,
                      size_t hello_size, const uint8_t ephemeral[32])
{
    kmi_handshake *h = kmi_vault_take(&setup->shaking);

    *c = (kmi_channel){.setup = setup, .dials = dials, .handshake = h};
    if (h == NULL)
        return false;
    memcpy(h->own, hello, hello_size);
    h->own_size = (uint16_t)hello_size;
    await(h, MAGIC, MAGIC_SIZE);
    if (!begin_noise(c, ephemeral)) {
        drop_handshake(c);
        return false;
    }
    if (dials)
        say_message(c, put(h->words, magic, MAGIC_SIZE), NULL, 0);
    return true;
}

/* ---- saying ---------------------------------------------------------------------------------- */

const uint8_t *kmi_channel_words(const kmi_channel *c, size_t *ret_size)
{
    const kmi_handshake *h = c->handshake;

    *ret_size = h == NULL ? 0 : (size_t)h->word_size - h->said;
    return h == NULL ? NULL : h->words + h->said;
}

void kmi_channel_said(kmi_channel *c, size_t size)
{
    kmi_handshake *h = c->handshake;

    h->said = (uint16_t)(h->said + size);
    if (h->said == h->word_size && c->state == KMI_CHANNEL_OPEN)
        drop_handshake(c);
}

/* ---- hearing --------------------------------------------------------------------------------- */

static bool is_magic(const uint8_t *bytes, char kind)
{
    return memcmp(bytes, magic, KIND_AT) == 0 && bytes[KIND_AT] == (uint8_t)kind &&
           bytes[MAGIC_SIZE - 1] == 0;
}

/* Who accepts tells the one of another version which one he has, and no more. In a cluster not even
 * that: he may be anybody. */
static void other_version(kmi_channel *c)
{
    kmi_handshake *h = c->handshake;

    end(c, KMSG_EVERSION, "it speaks another version of the protocol");
    if (c->dials || c->setup->psk != NULL)
        return;
    say(h, put(h->words, magic, MAGIC_SIZE));
}

/* Behind the magic, which stays where it is. */
static void await_bye(kmi_handshake *h)
{
    h->step = BYE;
    h->wanted = BYE_SIZE;
}

static void hear_magic(kmi_channel *c)
{
    kmi_handshake *h = c->handshake;

    if (c->dials && is_magic(h->buffer, 'w'))
        await_bye(h);
    else if (!is_magic(h->buffer, 's'))
        end(c, KMSG_EPROTOCOL, "it does not speak kmsg");
    else if (h->buffer[VERSION_AT] != magic[VERSION_AT])
        other_version(c);
    else
        await(h, SIZE, HEAD);
}

/* Anybody could have said this, as he could have closed the connection. */
static void hear_bye(kmi_channel *c)
{
    kmi_frame bye;

    kmi_frame_get_header(c->handshake->buffer + MAGIC_SIZE, &bye);
    if (bye.kind == KMI_BYE && bye.size == KMI_HEADER_SIZE)
        end(c, KMSG_EOVERLOADED, "it takes no connection now");
    else
        end(c, KMSG_EPROTOCOL, "it does not encrypt: that is refused, whoever it is");
}

static void hear_size(kmi_channel *c)
{
    kmi_handshake *h = c->handshake;
    size_t         size = h->buffer[0] | (size_t)h->buffer[1] << 8;

    if (size < kmi_noise_overhead(&h->noise) || size > KMI_CHANNEL_MESSAGE_MAX)
        end(c, KMSG_EPROTOCOL, "a message of the handshake has an impossible size");
    else
        await(h, MESSAGE, size);
}

static bool read_message(kmi_channel *c)
{
    kmi_handshake *h = c->handshake;
    size_t         payload = h->size - kmi_noise_overhead(&h->noise);

    if (kmi_noise_read(&h->noise, h->buffer, h->size, h->their)) {
        h->their_size = (uint16_t)payload;
        return true;
    }
    end(c, KMSG_EPROTOCOL, "the handshake failed");
    return false;
}

static void hear_message(kmi_channel *c)
{
    kmi_handshake *h = c->handshake;

    if (!read_message(c))
        return;
    if (h->noise.has_remote) {
        memcpy(c->their_key.bytes, h->noise.remote, sizeof c->their_key.bytes);
        c->state = KMI_CHANNEL_JUDGE;
    } else if (h->their_size > 0) {
        end(c, KMSG_EPROTOCOL, "the handshake failed");
    } else {
        say_message(c, put(h->words, magic, MAGIC_SIZE), h->own, h->own_size);
        await(h, SIZE, HEAD);
    }
}

static void hear_welcome(kmi_channel *c)
{
    const uint8_t *record = c->handshake->buffer;
    uint8_t        nothing;

    if (record[0] != KMI_TAG_SIZE || record[1] != 0 ||
        !kmi_cipher_open(&c->talk->in.cipher, NULL, 0, record + HEAD, KMI_TAG_SIZE, &nothing)) {
        end(c, KMSG_EPROTOCOL, "the handshake failed");
        return;
    }
    c->talk->in.records = 1;
    c->state = KMI_CHANNEL_OPEN;
    drop_handshake(c);
}

size_t kmi_channel_wants(const kmi_channel *c)
{
    const kmi_handshake *h = c->handshake;

    return h == NULL || c->state != KMI_CHANNEL_SHAKING ? 0 : (size_t)h->wanted - h->size;
}

void kmi_channel_hear(kmi_channel *c, const uint8_t *data, size_t size)
{
    kmi_handshake *h = c->handshake;

    h->size = (uint16_t)(h->size + put(h->buffer + h->size, data, size));
    if (h->size < h->wanted)
        return;
    switch (h->step) {
    case MAGIC: hear_magic(c); break;
    case BYE: hear_bye(c); break;
    case SIZE: hear_size(c); break;
    case MESSAGE: hear_message(c); break;
    case WELCOME: hear_welcome(c); break;
    }
}

/* ---- judging --------------------------------------------------------------------------------- */

const uint8_t *kmi_channel_hello(const kmi_channel *c, size_t *ret_size)
{
    *ret_size = c->handshake->their_size;
    return c->handshake->their;
}

static void say_welcome(kmi_channel *c)
{
    kmi_handshake *h = c->handshake;

    if (!kmi_cipher_seal(&c->talk->out.cipher, NULL, 0, NULL, 0, h->words + HEAD))
        return; /* it is the first record: that cannot be */
    h->words[0] = KMI_TAG_SIZE;
    h->words[1] = 0;
    say(h, KMI_RECORD_OVERHEAD);
    c->talk->out.records = 1;
}

void kmi_channel_accept(kmi_channel *c)
{
    kmi_handshake *h = c->handshake;

    c->talk = kmi_vault_take(&c->setup->talking);
    if (c->talk == NULL) {
        end(c, KMSG_ENOMEM, "out of memory");
        return;
    }
    c->state = c->dials ? KMI_CHANNEL_SHAKING : KMI_CHANNEL_OPEN;
    if (c->dials)
        say_message(c, 0, h->own, h->own_size);
    if (c->state == KMI_CHANNEL_OVER)
        return;
    kmi_noise_split(&h->noise, &c->talk->out.cipher, &c->talk->in.cipher, NULL);
    if (c->dials)
        await(h, WELCOME, KMI_RECORD_OVERHEAD);
    else
        say_welcome(c);
}

/* ---- records --------------------------------------------------------------------------------- */

/* Both sides count alike: so the new key comes at the same record. */
static void count(direction *d)
{
    if (++d->records < KMI_REKEY_RECORDS)
        return;
    kmi_cipher_rekey(&d->cipher);
    d->records = 0;
}

bool kmi_channel_seal(kmi_channel *c, const uint8_t *plain, size_t size, uint8_t *ret)
{
    direction *out = &c->talk->out;
    size_t     sealed = size + KMI_TAG_SIZE;

    ret[0] = (uint8_t)sealed;
    ret[1] = (uint8_t)(sealed >> 8);
    if (!kmi_cipher_seal(&out->cipher, NULL, 0, plain, size, ret + HEAD)) {
        end(c, KMSG_EPROTOCOL, "the connection has lasted for too many records");
        return false;
    }
    count(out);
    return true;
}

size_t kmi_record_size(const uint8_t *head)
{
    size_t sealed = head[0] | (size_t)head[1] << 8;

    if (sealed <= KMI_TAG_SIZE || sealed > KMI_RECORD_PLAIN_MAX + KMI_TAG_SIZE || sealed % 8 != 0)
        return 0;
    return HEAD + sealed;
}

bool kmi_channel_open(kmi_channel *c, const uint8_t *record, size_t size, uint8_t *ret)
{
    direction *in = &c->talk->in;

    if (!kmi_cipher_open(&in->cipher, NULL, 0, record + HEAD, size - HEAD, ret)) {
        end(c, KMSG_EPROTOCOL, "a record that is forged, or comes out of its turn");
        return false;
    }
    count(in);
    return true;
}
