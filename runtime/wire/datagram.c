/* datagram.c -- which frames go into a datagram, and what has come in one.
 *
 * Small messages that are sent together go together, as many as the packet of an ordinary network
 * holds; a larger message has a datagram of its own. Both sides know nothing of each other: there
 * is no hello, and nothing is answered. So all of a datagram is looked at before any of it is
 * taken, and one that is wrong at any place is dropped as a whole.
 */
#include "wire/datagram.h"

#include <string.h>

#define VERSION_AT 6

const uint8_t kmi_datagram_head[KMI_DATAGRAM_HEAD] = {'K', 'M', 'S', 'G', 0, 'd', 1, 0};

/* ---- sending ------------------------------------------------------------------------------- */

static size_t room_of(const uint8_t *frame)
{
    return kmi_frame_room(kmi_load32(frame));
}

static bool is_sent(const uint8_t *frame)
{
    return frame[4] == KMI_TELL;
}

kmi_cutting kmi_datagram_cut(const uint8_t *frames, size_t size)
{
    kmi_cutting c = {0};
    size_t      at;

    while (c.skip < size && !is_sent(frames + c.skip))
        c.skip += room_of(frames + c.skip);
    for (at = c.skip; at < size && is_sent(frames + at); at += room_of(frames + at)) {
        size_t with = c.send + room_of(frames + at);
        if (c.send > 0 && KMI_DATAGRAM_HEAD + with > KMI_DATAGRAM_PACKET)
            break;
        c.send = with;
        c.messages++;
    }
    return c;
}

/* ---- receiving ----------------------------------------------------------------------------- */

static bool is_zero(const uint8_t *at, const uint8_t *end)
{
    while (at < end && *at == 0)
        at++;
    return at == end;
}

/* The room that it takes; 0: it is malformed. What no datagram may hold is of no interest. */
static size_t check_frame(const uint8_t *at, size_t left)
{
    kmi_frame frame;

    if (left < KMI_HEADER_SIZE)
        return 0;
    kmi_frame_get_header(at, &frame);
    if (frame.size < KMI_HEADER_SIZE || frame.size > left)
        return 0;
    if (frame.kind == KMI_TELL &&
        (kmi_frame_check(&frame) != NULL || !kmi_frame_get_body(at, &frame)))
        return 0;
    if (!is_zero(at + frame.size, at + kmi_frame_room(frame.size)))
        return 0;
    return kmi_frame_room(frame.size);
}

bool kmi_datagram_check(const uint8_t *data, size_t size, kmsg_refusal *ret)
{
    *ret = KMSG_REFUSED_FOREIGN;
    if (size < KMI_DATAGRAM_HEAD || memcmp(data, kmi_datagram_head, VERSION_AT) != 0)
        return false;
    *ret = KMSG_REFUSED_VERSION;
    if (memcmp(data, kmi_datagram_head, KMI_DATAGRAM_HEAD) != 0)
        return false;
    *ret = KMSG_REFUSED_MALFORMED;
    if (size == KMI_DATAGRAM_HEAD || size % 8 != 0)
        return false;
    for (size_t at = KMI_DATAGRAM_HEAD; at < size;) {
        size_t room = check_frame(data + at, size - at);
        if (room == 0)
            return false;
        at += room;
    }
    return true;
}

bool kmi_datagram_next(const uint8_t **at, kmi_frame *ret)
{
    const uint8_t *frame = *at;

    kmi_frame_get_header(frame, ret);
    *at += kmi_frame_room(ret->size);
    return ret->kind == KMI_TELL && ret->flags == 0 && kmi_frame_get_body(frame, ret);
}
