/* stream.h -- what the parts of links over byte streams share: stream.c once they are up, dial.c
 * how they begin, greet.c what is said first. Private to net/.
 */
#ifndef KMI_STREAM_H
#define KMI_STREAM_H

#include "net/net.h"
#include "net/secure.h"
#include "net/shared.h"

typedef struct kmi_stream {
    kmi_link      link;
    kmi_socket   *socket; /* NULL until an address is known */
    kmi_ear      *ear;
    kmi_lookup   *lookup;
    kmi_shared   *shared; /* unix: memory that was offered, and is used if both say so; or NULL */
    kmi_secure   *secure; /* tcp: it is encrypted; or NULL */
    char         *at;     /* tcp: where it was dialled, "HOST:PORT" */
    kmi_session   session;
    kmi_timer     timer;
    kmi_endpoint *to; /* addresses still to be tried, while connecting */
    uint8_t       to_count;
    uint8_t       to_next;
    uint8_t       preamble_sent;
    uint8_t       watched; /* what of the socket is */
    bool          connecting;
    bool          mute;     /* writing failed */
    bool          full;     /* waits to become writable */
    bool          paused;   /* is not read from until some of the output has left */
    bool          is_guest; /* was accepted, or adopted as if it were */
    bool          tcp;
    bool          lost;      /* it has ended by itself */
    bool          secret;    /* what is dialled is to be encrypted */
    bool          may_clear; /* who has come may speak in the clear */
    bool          deciding;  /* who has come has not said yet which of the two it is */
    uint8_t       first_size;
    uint8_t       first[KMI_CHANNEL_MAGIC_SIZE]; /* of what he says, until it is enough */
    kmi_host      other; /* where the other side is; unix: nothing but the family */
    kmi_guest     guest; /* of those that were accepted */
} kmi_stream;

/* ---- stream.c -------------------------------------------------------------------------------- */

/* Takes the ear. NULL: no memory, and it has taken nothing. */
kmi_stream *kmi_stream_new(kmi_net *net, kmi_ear *ear);

/* It ends by itself: as kmi_link_lose(). What strangers do is logged, as often as it may be. */
void kmi_stream_end(kmi_stream *s, kmsg_err err, const char *why);

/* Both sides have said hello. */
void kmi_stream_come_up(kmi_stream *s);

/* What of the socket is to be heard: room to write, and nothing to read. */
void kmi_stream_watch(kmi_stream *s, bool full, bool paused);

/* Of `size` bytes `n` were taken; less means that no more can be written now. */
size_t kmi_stream_wrote(kmi_stream *s, ptrdiff_t n, size_t size);

/* Reading has ended: `n` is what reading returned. */
void kmi_stream_lose_reading(kmi_stream *s, ptrdiff_t n);
bool kmi_stream_lost_by_channel(kmi_stream *s);

/* What is to be said first cannot be: it ends, or has ended, for that reason or a better one. */
void kmi_stream_cannot_greet(kmi_stream *s);

/* Where the other side is. A unix socket does not say where it comes from: where we listen. */
kmi_endpoint kmi_stream_other(const kmi_stream *s);

/* Is it counted among those that were accepted? Where is he? */
bool kmi_stream_is_counted(const kmi_stream *s);
void kmi_stream_print_guest(const kmi_stream *s, char *ret, size_t size);

/* ---- dial.c ---------------------------------------------------------------------------------- */

/* The socket has connected, or has not. */
void kmi_stream_connected(kmi_stream *s);

/* ---- greet.c --------------------------------------------------------------------------------- */

/* What this side says first, as far as it can be written; was it, all of it? */
void kmi_greet_say(kmi_stream *s);
bool kmi_greet_is_said(const kmi_stream *s);

/* It is to be encrypted. False: it has ended. */
KMSG_CHECK bool kmi_greet_in_secret(kmi_stream *s);

/* Who has come says first what it is to be. True: these bytes are for the session. */
KMSG_CHECK bool kmi_greet_decide(kmi_stream *s, const uint8_t *bytes, size_t size);

/* More of a handshake. */
void kmi_greet_read(kmi_stream *s);

/* He has said hello: he is let in, or the link is closed. */
void kmi_greet_let_in(kmi_stream *s);

#endif
