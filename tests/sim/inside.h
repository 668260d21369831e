/* inside.h -- what world.c, network.c, lines.c, datagrams.c, memory.c and names.c know of each
 * other.
 */
#ifndef INSIDE_H
#define INSIDE_H

#include "world.h"

#include "base/timer.h"

#define LOOP_SOCKETS_MAX 256
#define LOOP_LOOKUPS_MAX 32

typedef struct fiber fiber;
typedef struct piece piece; /* of shared memory */

struct kmi_loop {
    world_process *process;
    fiber         *waiting; /* in poll(), NULL: nobody */
    bool           woken;
    bool           stale;
    unsigned       socket_count;
    unsigned       lookup_count;
    kmi_socket    *sockets[LOOP_SOCKETS_MAX]; /* NULL: closed, until the next poll */
    kmi_lookup    *lookups[LOOP_LOOKUPS_MAX];
    kmi_loop      *next; /* of the process */
};

/* Who waits for the loop has something to do. */
void loop_notify(kmi_loop *loop);

unsigned process_host(const world_process *process);
void     process_opened(world_process *process, int change);

uint32_t       process_starve(const world_process *process);
world_process *process_running(void);

/* ---- network.c ------------------------------------------------------------------------------- */

void network_begin(void);

bool loop_has_events(const kmi_loop *loop);
void loop_deliver(kmi_loop *loop);

/* Its process is gone: the system closes what it had open, or nobody does. */
void loop_abandon(kmi_loop *loop, bool silently);

kmsg_err  net_listen(kmi_loop *loop, const kmi_endpoint *at, kmi_socket_fn *fn, void *ctx,
                     kmi_endpoint *ret_bound, kmi_socket **ret);
kmsg_err  net_accept(kmi_socket *listener, kmi_socket_fn *fn, void *ctx, kmi_endpoint *ret_from,
                     kmi_socket **ret);
kmsg_err  net_connect(kmi_loop *loop, const kmi_endpoint *to, kmi_socket_fn *fn, void *ctx,
                      kmi_socket **ret);
kmsg_err  net_connect_result(kmi_socket *socket);
void      net_watch(kmi_socket *socket, unsigned events);
ptrdiff_t net_read(kmi_socket *socket, void *buffer, size_t size);
ptrdiff_t net_write(kmi_socket *socket, const void *data, size_t size);
void      net_reset(kmi_socket *socket);
kmsg_err  net_peer_user(const kmi_socket *socket, kmi_user *ret);
void      net_close(kmi_socket *socket);

/* Connections over lines that are whole again go on. */
void net_look_for_healed(void);

/* ---- lines.c --------------------------------------------------------------------------------- */

void lines_begin(void);
bool net_is_blocked(unsigned from, unsigned to); /* what goes there does not arrive */

/* ---- datagrams.c ----------------------------------------------------------------------------- */

/* The network in the eyes of datagrams.c. */
typedef struct mail mail;

kmi_socket *net_datagram_socket(kmi_loop *loop, mail *m, kmi_socket_fn *fn, void *ctx);
mail       *net_mail_of(kmi_socket *socket);
void        net_changed(const kmi_socket *socket); /* there may be something to read */

void     datagrams_begin(void);
unsigned datagrams_ready(const mail *m);
void     datagrams_close(mail *m);

kmsg_err  net_datagram_bind(kmi_loop *loop, const kmi_endpoint *at, kmi_socket_fn *fn, void *ctx,
                            kmi_endpoint *ret_bound, kmi_socket **ret);
kmsg_err  net_datagram_connect(kmi_loop *loop, const kmi_endpoint *to, kmi_socket_fn *fn, void *ctx,
                               kmi_socket **ret);
ptrdiff_t net_datagram_send(kmi_socket *socket, const kmi_datagram *head, const kmi_datagram *list,
                            size_t count);
ptrdiff_t net_datagram_receive(kmi_socket *socket, kmi_datagram *list, size_t count,
                               uint32_t *ret_lost);

/* There are no groups of hosts here: directories' are played without sockets. */
size_t    net_interfaces(kmi_interface ret[KMI_INTERFACES_MAX]);
kmsg_err  net_multicast_bind(kmi_loop *loop, const kmi_endpoint *at, kmi_socket_fn *fn, void *ctx,
                             kmi_endpoint *ret_bound, kmi_socket **ret);
kmsg_err  net_multicast_join(kmi_socket *socket, const kmi_endpoint *group, uint32_t interface);
ptrdiff_t net_multicast_send(kmi_socket *socket, const kmi_endpoint *to, uint32_t interface,
                             const void *data, size_t size);
ptrdiff_t net_multicast_receive(kmi_socket *socket, void *buffer, size_t size, kmi_arrival *ret);

/* Memory that goes along with the first bytes that have not been read there; NULL: none. */
void   net_put_gift(kmi_socket *socket, piece *gift);
piece *net_gift(const kmi_socket *socket);

/* ---- memory.c -------------------------------------------------------------------------------- */

piece *piece_ref(piece *p); /* NULL is fine */
void   piece_unref(piece *p);

/* The process is gone, and so is what it saw. */
void memory_abandon(const world_process *process);

kmi_memory *net_memory_new(size_t size);
void        net_memory_free(kmi_memory *memory);
ptrdiff_t   net_pass(kmi_socket *socket, const void *data, size_t size, kmi_memory *memory);
ptrdiff_t   net_receive(kmi_socket *socket, void *buffer, size_t size, size_t max, kmi_gift *ret);

/* ---- names.c --------------------------------------------------------------------------------- */

void names_begin(void);
bool names_ready(const kmi_loop *loop);
void names_deliver(kmi_loop *loop);

kmsg_err net_resolve(kmi_loop *loop, const char *host, uint16_t port, kmi_resolved_fn *fn,
                     void *ctx, kmi_lookup **ret);
void     net_resolve_cancel(kmi_lookup *lookup);

/* What was asked for goes on without the loop; look-ups that were not cancelled stay open. */
void loop_forget_lookups(kmi_loop *loop);

#endif
