/* transport_raw.h -- what the raw subjects share: plain sockets, and who they are between threads
 * and in shared memory. A raw message is a payload and nothing else; its first byte says what the
 * server shall do.
 */
#ifndef TRANSPORT_RAW_H
#define TRANSPORT_RAW_H

#include "transport.h"

#include <sys/types.h>

enum { RAW_ECHO = '0', RAW_PUSH = 'p', RAW_ACKED = 'a', RAW_COUNT = 'c', RAW_END = 'e' };

#define RAW_ACK_SIZE ((size_t)8)

/* How somebody waits. Who spins does so for a while only: it is not its turn all the time. */
typedef enum raw_wait { RAW_BLOCK, RAW_EPOLL, RAW_SPIN } raw_wait;

#define RAW_SPIN_NS 1000000u /* then it blocks */

/* What encrypts all that goes over a socket. */
typedef struct raw_cover {
    void *(*begin)(int fd, bool accepts, const char *keys); /* returns when a handshake is done */
    size_t (*read)(void *covered, uint8_t *data, size_t capacity); /* as raw_read() */
    void (*write)(void *covered, const uint8_t *data, size_t size);
    void (*end)(void *covered);
} raw_cover;

extern const raw_cover raw_chacha, raw_openssl, raw_openssl_chacha;

typedef struct raw_socket {
    int              fd;
    int              epoll;
    raw_wait         wait;
    const raw_cover *cover; /* NULL: none */
    void            *covered;
} raw_socket;

int        raw_listen(const transport_case *c, const char *name, transport_address *ret);
raw_socket raw_accept(int listener, raw_wait wait);
raw_socket raw_connect(const transport_case *c, const transport_address *at, raw_wait wait);
void       raw_close(raw_socket *s);

/* From now on. It blocks then, however it waited. `keys` is where the keys are: the server's name.
 */
void raw_cover_with(raw_socket *s, const raw_cover *cover, bool accepts, const char *keys);

/* What is there, at least a byte; 0 at the end. */
size_t raw_read(raw_socket *s, uint8_t *data, size_t capacity);
void   raw_read_all(raw_socket *s, uint8_t *data, size_t size);
void   raw_write_all(raw_socket *s, const uint8_t *data, size_t size);

extern const transport_ops raw_ring_epoll, raw_ring_blocking, raw_ring_spin, raw_ring_batch;
extern const transport_ops raw_shared_blocking, raw_shared_spin, raw_shared_batch;

/* ---- connections ------------------------------------------------------------------------------
 *
 * The server of a case in which nothing is done but to connect, and its client. */

void *raw_accept_new(const transport_case *c, const char *name, transport_address *ret);
void *raw_accept_connect(const transport_case *c, const transport_address *at, size_t count);
void  raw_accept_disconnect(void *connections);

#endif
