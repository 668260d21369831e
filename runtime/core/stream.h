/* stream.h -- the streams of a call: one for each end, whichever directions there are.
 *
 * It belongs to its ask or its call, which lets go of it when it ends; what waits in the inbox on
 * its behalf keeps its memory until then.
 */
#ifndef KMI_STREAM_H
#define KMI_STREAM_H

#include "core/core.h"

/* An item that came and has not been taken yet. */
typedef struct kmi_piece {
    kmi_item       item; /* of stream->pieces, or of the inbox */
    kmsg_stream   *stream;
    kmi_slab      *home; /* where this struct lies */
    kmi_slab      *slab; /* where the body lies, if not there too */
    const uint8_t *body;
    size_t         body_size;
    size_t         room; /* that it took */
} kmi_piece;

struct kmsg_stream {
    kmsg_node         *node;
    kmsg_stream       *next; /* node->streams: those that were opened */
    kmsg_stream       *prev;
    kmi_ask           *ask; /* whose it is: one of the two; neither: it has been let go */
    kmsg_call         *call;
    kmi_conn          *conn;
    const kmsg_layout *gives; /* an item of what this end sends, or NULL */
    const kmsg_layout *takes; /* of what it is sent, or NULL */
    uint32_t           refs;  /* the owner's, and those of what is in the inbox */
    int64_t            room; /* bytes that may be sent: while it is positive, an item of any size */
    int64_t            due;  /* bytes that the other side may send, in the same way */
    size_t             owed; /* bytes that were taken, and the other side does not know */
    size_t             window;
    bool               opened;   /* by a caller who closes it; else its callbacks are told */
    bool               spoke;    /* something followed the CALL */
    bool               gave_end; /* nothing more is sent */
    bool               got_end;  /* nothing more comes */
    bool               muted;    /* what comes is not wanted any more */

    kmi_queue pieces; /* while nobody is told of them */
    kmi_slab *chunk;  /* where the next one goes */

    kmsg_hear *hear; /* of an ask: who is told */
    kmsg_pass *pass; /* of a call */
    kmsg_done *heard;
    void      *ctx;
    kmi_item   last; /* tells `pass` of the end, once */
    kmsg_err   last_err;
    bool       last_posted;

    kmi_item        room_item;
    bool            room_posted;
    bool            room_wanted;
    kmsg_stream_fn *room_stream; /* one of the two */
    kmsg_call_fn   *room_call;
    void           *room_ctx;

    kmi_timer timer; /* of who waits here */
    bool      late;
    bool      stirred; /* something has changed since it was last looked at */
};

/* ---- life ---------------------------------------------------------------------------------- */

/* For one end of a call of `method`; NULL: no memory. */
kmsg_stream *kmi_stream_of_ask(kmi_ask *ask);
kmsg_stream *kmi_stream_of_call(kmsg_call *call, const kmsg_method *method);
void         kmi_stream_let_go(kmsg_stream *s); /* by its owner; NULL is fine */
kmsg_stream *kmi_stream_ref(kmsg_stream *s);
void         kmi_stream_unref(kmsg_stream *s);

static inline bool kmi_is_streaming(const kmsg_method *method)
{
    return method->sends != NULL || method->streams != NULL;
}

void         kmi_stream_use(kmsg_stream *s, kmi_conn *conn); /* nothing of it has left */

/* ---- what happens to it -------------------------------------------------------------------- */

void kmi_stream_began(kmsg_stream *s); /* the ask's CALL is on its way: frames may follow it */
void kmi_stream_over(kmsg_stream *s);  /* its ask has ended, or nobody waits for its call */

/* The end of the caller's stream, to the other side; its ask is not queued. */
void kmi_stream_put_end(kmsg_stream *s);

/* There is room for an item, as far as is known. */
bool kmi_stream_has_room(const kmsg_stream *s);
void kmi_stream_post_room(kmsg_stream *s);

/* What has come before somebody asked to be told, and the end, if it was there already. */
void kmi_stream_pass_all(kmsg_stream *s);

/* The first item that waits, or NULL; then it has been taken. */
kmi_piece *kmi_stream_first(const kmsg_stream *s);
void       kmi_stream_taken(kmsg_stream *s);

/* An item as it came: its addresses are those of this node. */
KMSG_CHECK kmsg_err kmi_stream_decode(const kmsg_stream *s, kmsg_bytes bytes, kmsg_arena *mem,
                                      void *ret);

/* Ends its call: what came cannot be used. */
void kmi_stream_fail(kmsg_stream *s, kmsg_err err, const char *why);

#endif
