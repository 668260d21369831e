/* datagram.c -- fuzz target: what a stranger may send in a datagram.
 *
 * One that is found to be ours must come apart into frames that lie in it, one behind the other, up
 * to its end. The messages among them, put together again as a sender would cut them, must come
 * apart into the same messages. With a first byte that is odd the rest gets a proper head, so that
 * the frames are reached at once.
 *
 *     make fuzz F=datagram S=60
 */
#include "wire/datagram.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool condition)
{
    if (!condition)
        abort();
}

/* At the very end of memory of its own. */
static uint8_t *copy_of(const uint8_t *data, size_t size)
{
    uint8_t *copy = calloc(1, size == 0 ? 1 : size);

    must(copy != NULL);
    if (size > 0)
        memcpy(copy, data, size);
    return copy;
}

/* The messages in frames that were checked, as one number. */
static uint64_t digest_of(const uint8_t *frames, size_t size)
{
    const uint8_t *at = frames, *end = frames + size;
    uint64_t       digest = 0;

    while (at < end) {
        kmi_frame      f;
        const uint8_t *frame = at;
        bool           is_message = kmi_datagram_next(&at, &f);
        must(at > frame && at <= end && ((at - frames) & 7) == 0);
        if (!is_message)
            continue;
        must(f.body >= frame && f.body + f.body_size <= at);
        digest = (digest ^ f.target ^ f.method) * UINT64_C(0x100000001b3);
        for (size_t i = 0; i < f.body_size; i++)
            digest = (digest ^ f.body[i]) * UINT64_C(0x100000001b3);
    }
    must(at == end);
    return digest;
}

/* Of frames without envelopes, which are not sent. */
static bool has_envelope(const uint8_t *frames, size_t size)
{
    for (size_t at = 0; at < size; at += kmi_frame_room(kmi_load32(frames + at)))
        if (frames[at + 4] == KMI_TELL && frames[at + 5] != 0)
            return true;
    return false;
}

static void cut_again(const uint8_t *frames, size_t size)
{
    uint8_t *sent = copy_of(frames, size);
    size_t   at = 0, sent_size = 0;

    for (;;) {
        kmi_cutting c = kmi_datagram_cut(frames + at, size - at);
        at += c.skip;
        must(at <= size && c.send <= size - at);
        if (c.send == 0)
            break;
        must(c.messages == 1 || KMI_DATAGRAM_HEAD + c.send <= KMI_DATAGRAM_PACKET);
        memcpy(sent + sent_size, frames + at, c.send);
        sent_size += c.send;
        at += c.send;
    }
    must(at == size);
    must(digest_of(sent, sent_size) == digest_of(frames, size));
    free(sent);
}

static void take(const uint8_t *data, size_t size)
{
    kmsg_refusal why;
    uint8_t     *copy = copy_of(data, size);

    if (!kmi_datagram_check(copy, size, &why))
        must(why <= KMSG_REFUSED_MALFORMED);
    else if (!has_envelope(copy + KMI_DATAGRAM_HEAD, size - KMI_DATAGRAM_HEAD))
        cut_again(copy + KMI_DATAGRAM_HEAD, size - KMI_DATAGRAM_HEAD);
    else
        digest_of(copy + KMI_DATAGRAM_HEAD, size - KMI_DATAGRAM_HEAD);
    free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t headed[KMI_DATAGRAM_MAX];

    if (size == 0 || size > KMI_DATAGRAM_MAX - KMI_DATAGRAM_HEAD)
        return 0;
    take(data + 1, size - 1);
    if ((data[0] & 1) == 0)
        return 0;
    memcpy(headed, kmi_datagram_head, KMI_DATAGRAM_HEAD);
    memcpy(headed + KMI_DATAGRAM_HEAD, data + 1, size - 1);
    take(headed, size - 1 + KMI_DATAGRAM_HEAD);
    return 0;
}
