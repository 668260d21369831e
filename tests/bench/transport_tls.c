/* transport_tls.c -- OpenSSL as a cover for a socket: TLS 1.3, both sides with a certificate, no
 * tickets and nothing kept, so that each handshake is a whole one. Otherwise as fast as it gets: it
 * reads ahead, and what is written in one go is one SSL_write().
 *
 * openssl          the suite that both like best: AES-256-GCM where the processor has AES
 * openssl-chacha   ChaCha20-Poly1305, as kmsg has it
 */
#include "transport_certificate.h"
#include "transport_raw.h"

#include <openssl/err.h>
#include <openssl/ssl.h>

#define READ_AHEAD ((size_t)64 << 10)

/* What both covers have for each side of a process: one context for all connections. */
typedef struct contexts {
    const char *suite; /* NULL: the best */
    SSL_CTX    *of[2];
} contexts;

static contexts best;
static contexts chacha = {.suite = "TLS_CHACHA20_POLY1305_SHA256"};

static void need(int is_so)
{
    if (!is_so) {
        bench_die("openssl: %s", ERR_error_string(ERR_get_error(), NULL));
    }
}

static void set_certificates(SSL_CTX *it, bool accepts, const char *keys)
{
    char own[TRANSPORT_PATH], other[TRANSPORT_PATH];

    transport_certificate_path(keys, accepts, own, sizeof own);
    transport_certificate_path(keys, !accepts, other, sizeof other);
    need(SSL_CTX_use_PrivateKey_file(it, own, SSL_FILETYPE_PEM) == 1);
    need(SSL_CTX_use_certificate_file(it, own, SSL_FILETYPE_PEM) == 1);
    need(SSL_CTX_load_verify_file(it, other) == 1);
    SSL_CTX_set_verify(it, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
}

static SSL_CTX *new_context(bool accepts, const char *suite, const char *keys)
{
    SSL_CTX *it = SSL_CTX_new(accepts ? TLS_server_method() : TLS_client_method());

    need(it != NULL);
    need(SSL_CTX_set_min_proto_version(it, TLS1_3_VERSION) == 1);
    need(!suite || SSL_CTX_set_ciphersuites(it, suite) == 1);
    need(SSL_CTX_set_num_tickets(it, 0) == 1);
    SSL_CTX_set_session_cache_mode(it, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_read_ahead(it, 1);
    SSL_CTX_set_default_read_buffer_len(it, READ_AHEAD);
    set_certificates(it, accepts, keys);
    return it;
}

static void *begin_with(contexts *all, int fd, bool accepts, const char *keys)
{
    SSL_CTX **context = &all->of[accepts];
    SSL      *it;

    if (!*context) {
        *context = new_context(accepts, all->suite, keys);
    }
    it = SSL_new(*context);
    need(it && SSL_set_fd(it, fd) == 1);
    need((accepts ? SSL_accept(it) : SSL_connect(it)) == 1);
    return it;
}

static void *begin_best(int fd, bool accepts, const char *keys)
{
    return begin_with(&best, fd, accepts, keys);
}

static void *begin_chacha(int fd, bool accepts, const char *keys)
{
    return begin_with(&chacha, fd, accepts, keys);
}

/* Who closes says so, and waits for nothing. */
static void end(void *ctx)
{
    SSL_shutdown(ctx);
    SSL_free(ctx);
}

static size_t read_opened(void *ctx, uint8_t *data, size_t capacity)
{
    size_t n;

    return SSL_read_ex(ctx, data, capacity, &n) == 1 ? n : 0;
}

static void write_sealed(void *ctx, const uint8_t *data, size_t size)
{
    size_t n;

    need(SSL_write_ex(ctx, data, size, &n) == 1 && n == size);
}

const raw_cover raw_openssl = {
    .begin = begin_best, .read = read_opened, .write = write_sealed, .end = end};
const raw_cover raw_openssl_chacha = {
    .begin = begin_chacha, .read = read_opened, .write = write_sealed, .end = end};
