/* repeat.c -- calls that may be asked again.
 *
 * Of a call of an @idempotent method a copy of its frame is kept while it is in flight. When it is
 * lost with its link, it is not known to its caller: the copy joins what waits for the next link,
 * under the same number, which nobody can answer any more but there. A dial that fails does not
 * fail it, since it may have been seen; it waits until its deadline.
 */
#include "core/stream.h"

#include <string.h>

void kmi_repeat_keep(kmi_ask *ask, const uint8_t *frame, size_t size)
{
    kmi_slab_unref(ask->kept); /* of the room of a name, under another number */
    ask->kept = NULL;
    if (ask->method == NULL || !ask->method->idempotent || kmi_is_streaming(ask->method) ||
        ask->conn->accepted)
        return; /* nor is it where what has been streamed would have to be told again */
    ask->kept = kmi_slab_new(size);
    if (ask->kept == NULL)
        return; /* then it is asked once */
    memcpy(ask->kept->data, frame, size);
    ask->kept->size = size;
}

bool kmi_repeat(kmi_ask *ask)
{
    kmi_conn *conn = ask->conn;
    kmi_slab *kept = ask->kept;
    uint8_t  *at;

    if (kept == NULL || ask->repeats >= KMSG_REPEATS_MAX || conn->accepted || conn->closing ||
        conn->node->closing)
        return false;
    if (kmi_out_reserve(&conn->queue, kept->size, KMSG_SEND_QUEUE_MAX, &at) != KMSG_OK)
        return false;
    memcpy(at, kept->data, kept->size);
    ask->frame_at = kmi_out_offset(&conn->queue);
    ask->queued = true;
    ask->repeats++;
    kmi_out_commit(&conn->queue, kept->size);
    return true;
}
