/* transport_chacha.c -- a hand-written cover for a socket: what is written in one go is sealed in
 * records of up to 16 KiB and goes out in one call of the system; what has come is opened where it
 * is wanted. A record is its size in 2 bytes, the text and the tag; its number is the nonce.
 *
 * That is all that must be done for each byte, so it is the limit of those that use libsodium. Its
 * handshake is the limit of those that prove two static keys of Curve25519: what they compute and
 * send, and nothing around it. It is no protocol, and hides nothing from somebody in the middle.
 */
#include "transport_raw.h"

#include <sodium.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define TEXT_MAX   ((size_t)16 << 10)
#define HEAD       ((size_t)2)
#define TAG        ((size_t)crypto_aead_chacha20poly1305_ietf_ABYTES)
#define RECORD_MAX (HEAD + TEXT_MAX + TAG)
#define RECORDS    16 /* in one call of the system */
#define KEY        ((size_t)32)

enum { E, S }; /* an ephemeral key, a static one */

typedef struct lane {
    uint8_t  key[KEY];
    uint64_t nonce;
} lane;

typedef struct chacha {
    int     fd;
    lane    out_lane;
    lane    in_lane;
    size_t  from; /* in[from..to) is not opened yet */
    size_t  to;
    size_t  text_from; /* text[text_from..text_to) is opened, and there was no room for it */
    size_t  text_to;
    uint8_t out[RECORDS * RECORD_MAX];
    uint8_t in[RECORDS * RECORD_MAX];
    uint8_t text[TEXT_MAX];
} chacha;

/* ---- handshake ---- */

static void send_bytes(int fd, const uint8_t *data, size_t size)
{
    for (size_t sent = 0; sent < size;) {
        ssize_t n = send(fd, data + sent, size - sent, MSG_NOSIGNAL);
        BENCH_NEED(n > 0);
        sent += (size_t)n;
    }
}

/* e; then e, s; then s. */
static void exchange(int fd, bool accepts, uint8_t own[2][KEY], uint8_t ret_other[2][KEY])
{
    if (accepts) {
        BENCH_NEED(recv(fd, ret_other[E], KEY, MSG_WAITALL) == KEY);
        send_bytes(fd, own[E], 2 * KEY);
        BENCH_NEED(recv(fd, ret_other[S], KEY, MSG_WAITALL) == KEY);
    } else {
        send_bytes(fd, own[E], KEY);
        BENCH_NEED(recv(fd, ret_other[E], 2 * KEY, MSG_WAITALL) == 2 * KEY);
        send_bytes(fd, own[S], KEY);
    }
}

static void agree(chacha *c, bool accepts)
{
    static _Thread_local uint8_t secret[KEY]; /* one for all connections of a side */
    static _Thread_local uint8_t own[2][KEY]; /* public */

    uint8_t ephemeral[KEY], other[2][KEY], shared[3][KEY], keys[2][KEY];

    if (sodium_is_zero(secret, KEY)) {
        randombytes_buf(secret, KEY);
        crypto_scalarmult_base(own[S], secret);
    }
    randombytes_buf(ephemeral, KEY);
    crypto_scalarmult_base(own[E], ephemeral);
    exchange(c->fd, accepts, own, other);
    BENCH_NEED(crypto_scalarmult(shared[0], ephemeral, other[E]) == 0);
    BENCH_NEED(crypto_scalarmult(shared[1 + accepts], ephemeral, other[S]) == 0);
    BENCH_NEED(crypto_scalarmult(shared[2 - accepts], secret, other[E]) == 0);
    crypto_generichash(keys[0], sizeof keys, shared[0], sizeof shared, NULL, 0);
    memcpy(c->out_lane.key, keys[accepts], KEY);
    memcpy(c->in_lane.key, keys[!accepts], KEY);
}

static void *begin(int fd, bool accepts, const char *name)
{
    chacha *c = malloc(sizeof *c);

    (void)name;
    BENCH_NEED(c && sodium_init() >= 0);
    memset(c, 0, offsetof(chacha, out));
    c->fd = fd;
    agree(c, accepts);
    return c;
}

/* ---- records ---- */

static void nonce_of(lane *l, uint8_t ret[crypto_aead_chacha20poly1305_ietf_NPUBBYTES])
{
    memset(ret, 0, crypto_aead_chacha20poly1305_ietf_NPUBBYTES);
    memcpy(ret + 4, &l->nonce, sizeof l->nonce);
    l->nonce++;
}

static size_t seal(lane *l, const uint8_t *data, size_t size, uint8_t *ret)
{
    uint8_t  nonce[crypto_aead_chacha20poly1305_ietf_NPUBBYTES];
    uint16_t head = (uint16_t)(size + TAG);

    nonce_of(l, nonce);
    memcpy(ret, &head, HEAD);
    crypto_aead_chacha20poly1305_ietf_encrypt(ret + HEAD, NULL, data, size, NULL, 0, NULL, nonce,
                                              l->key);
    return HEAD + size + TAG;
}

static void write_sealed(void *ctx, const uint8_t *data, size_t size)
{
    chacha *c = ctx;
    size_t  filled = 0;

    while (size > 0) {
        size_t n = size < TEXT_MAX ? size : TEXT_MAX;
        if (filled + RECORD_MAX > sizeof c->out) {
            send_bytes(c->fd, c->out, filled);
            filled = 0;
        }
        filled += seal(&c->out_lane, data, n, c->out + filled);
        data += n;
        size -= n;
    }
    send_bytes(c->fd, c->out, filled);
}

/* Of the next record, if all of it is there; else 0. */
static size_t next_size(const chacha *c)
{
    uint16_t head;

    if (c->to - c->from < HEAD) {
        return 0;
    }
    memcpy(&head, c->in + c->from, HEAD);
    BENCH_NEED(head > TAG && head <= TEXT_MAX + TAG);
    return c->to - c->from >= HEAD + head ? head : 0;
}

static void open_next(chacha *c, size_t size, uint8_t *ret)
{
    uint8_t nonce[crypto_aead_chacha20poly1305_ietf_NPUBBYTES];

    nonce_of(&c->in_lane, nonce);
    BENCH_NEED(crypto_aead_chacha20poly1305_ietf_decrypt(ret, NULL, NULL, c->in + c->from + HEAD,
                                                         size, NULL, 0, nonce,
                                                         c->in_lane.key) == 0);
    c->from += HEAD + size;
}

/* All that is there and has room. */
static size_t open_there(chacha *c, uint8_t *data, size_t capacity)
{
    size_t filled = 0;
    size_t size;

    while ((size = next_size(c)) > 0 && filled + size - TAG <= capacity) {
        open_next(c, size, data + filled);
        filled += size - TAG;
    }
    if (filled == 0 && size > 0) {
        open_next(c, size, c->text);
        c->text_from = 0;
        c->text_to = size - TAG;
    }
    return filled;
}

static size_t take_text(chacha *c, uint8_t *data, size_t capacity)
{
    size_t there = c->text_to - c->text_from;
    size_t n = there < capacity ? there : capacity;

    memcpy(data, c->text + c->text_from, n);
    c->text_from += n;
    return n;
}

static bool receive(chacha *c)
{
    ssize_t n;

    memmove(c->in, c->in + c->from, c->to - c->from);
    c->to -= c->from;
    c->from = 0;
    n = recv(c->fd, c->in + c->to, sizeof c->in - c->to, 0);
    c->to += n > 0 ? (size_t)n : 0;
    return n > 0;
}

static size_t read_opened(void *ctx, uint8_t *data, size_t capacity)
{
    chacha *c = ctx;
    size_t  n;

    do {
        n = take_text(c, data, capacity);
        n = n > 0 ? n : open_there(c, data, capacity);
    } while (n == 0 && (c->text_to > c->text_from || receive(c)));
    return n;
}

const raw_cover raw_chacha = {
    .begin = begin, .read = read_opened, .write = write_sealed, .end = free};
