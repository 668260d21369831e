/* frame.c -- frame headers to bytes and back, and what a header must fulfil. */
#include "wire/frame.h"

void kmi_frame_put(uint8_t *at, const kmi_frame *frame)
{
    kmi_store32(at, (uint32_t)frame->size);
    kmi_store32(at + 4, frame->kind | (uint32_t)frame->flags << 8 | (uint32_t)frame->method << 16);
    kmi_store32(at + 8, frame->call);
    kmi_store32(at + 12, frame->aux);
    if (kmi_is_request(frame->kind))
        kmi_store64(at + KMI_HEADER_SIZE, frame->target);
}

/* ---- envelopes ----------------------------------------------------------------------------- */

#define COUNTS_AT 32 /* of hops, a byte each; six zero bytes follow, then the hops */
#define OUTSIDE_AT                                                                                 \
    34 /* the first of these, inside of a process: whether it has come from outside */

size_t kmi_envelope_size(const kmi_letter *letter)
{
    return KMI_ENVELOPE_SIZE + 8 * (size_t)(letter->to.hop_count + letter->from.hop_count);
}

static uint8_t *put_hops(uint8_t *at, const kmi_place *place)
{
    for (uint32_t i = 0; i < place->hop_count; i++, at += 8)
        kmi_store64(at, place->hops[i]);
    return at;
}

void kmi_envelope_put(uint8_t *at, const kmi_letter *letter)
{
    const kmi_place *to = &letter->to, *from = &letter->from;

    kmi_store64(at, to->object);
    kmi_store64(at + 8, to->instance);
    kmi_store64(at + 16, from->object);
    kmi_store64(at + 24, from->instance);
    kmi_store64(at + COUNTS_AT,
                to->hop_count | (uint64_t)from->hop_count << 8 | (uint64_t)letter->outside << 16);
    put_hops(put_hops(at + KMI_ENVELOPE_SIZE, to), from);
}

static const uint8_t *get_hops(const uint8_t *at, uint32_t count, kmi_place *ret)
{
    ret->hop_count = count;
    for (uint32_t i = 0; i < count; i++, at += 8)
        ret->hops[i] = kmi_load64(at);
    return at;
}

void kmi_envelope_get(const uint8_t *at, kmi_letter *ret)
{
    ret->to.object = kmi_load64(at);
    ret->to.instance = kmi_load64(at + 8);
    ret->from.object = kmi_load64(at + 16);
    ret->from.instance = kmi_load64(at + 24);
    ret->outside = at[OUTSIDE_AT] != 0;
    get_hops(get_hops(at + KMI_ENVELOPE_SIZE, at[COUNTS_AT], &ret->to), at[COUNTS_AT + 1],
             &ret->from);
}

size_t kmi_request_header(const uint8_t *at, size_t size)
{
    size_t   header = KMI_REQUEST_SIZE;
    uint64_t counts;

    if (!(at[5] & KMI_FLAG_ADDRESSED))
        return header;
    if (size < header + KMI_ENVELOPE_SIZE)
        return 0;
    counts = kmi_load64(at + header + COUNTS_AT);
    if ((counts & 0xff) > KMI_HOPS_MAX || (counts >> 8 & 0xff) > KMI_HOPS_MAX || counts >> 16 > 1)
        return 0;
    header += KMI_ENVELOPE_SIZE + 8 * (size_t)((counts & 0xff) + (counts >> 8 & 0xff));
    return header > size ? 0 : header;
}

bool kmi_frame_get_body(const uint8_t *at, kmi_frame *frame)
{
    size_t header = KMI_HEADER_SIZE;

    frame->target = 0;
    frame->envelope = NULL;
    if (kmi_is_request(frame->kind)) {
        header = kmi_request_header(at, frame->size);
        if (header == 0)
            return false;
        frame->target = kmi_load64(at + KMI_HEADER_SIZE);
        if (header > KMI_REQUEST_SIZE)
            frame->envelope = at + KMI_REQUEST_SIZE;
    }
    frame->body = at + header;
    frame->body_size = frame->size - header;
    return true;
}

/* ---- what a header must fulfil ------------------------------------------------------------- */

/* The flags that a kind may have. */
static uint8_t flags_of(uint8_t kind)
{
    if (kmi_is_request(kind))
        return KMI_FLAG_ADDRESSED;
    return kind == KMI_ITEM || kind == KMI_WINDOW ? KMI_FLAG_CALLER : 0;
}

static const char *check_known(const kmi_frame *f)
{
    bool bare = f->size == KMI_HEADER_SIZE && f->aux == 0;

    if (f->flags & ~(unsigned)flags_of(f->kind))
        return "flags that nobody has defined";
    if (f->method != 0 && !kmi_is_request(f->kind))
        return "a method where none belongs";
    switch (f->kind) {
    case KMI_CALL: return f->size < KMI_REQUEST_SIZE || f->aux == 0 ? "a malformed call" : NULL;
    case KMI_TELL:
        return f->size < KMI_REQUEST_SIZE || f->aux != 0 || f->call != 0
                   ? "a malformed one-way message"
                   : NULL;
    case KMI_ANSWER: return f->aux != 0 ? "a malformed answer" : NULL;
    case KMI_FAIL:
        return (int32_t)f->aux >= 0 ||
                       ((int32_t)f->aux == KMSG_ETHROWN && f->size < KMI_HEADER_SIZE + 8)
                   ? "a malformed failure"
                   : NULL;
    case KMI_CANCEL: return bare ? NULL : "a malformed cancellation";
    case KMI_CREDIT: return f->size == KMI_HEADER_SIZE ? NULL : "a malformed credit";
    case KMI_ITEM: return f->aux != 0 ? "a malformed item" : NULL;
    case KMI_END: return bare ? NULL : "a malformed end of a stream";
    case KMI_WINDOW: return f->size != KMI_HEADER_SIZE || f->aux == 0 ? "a malformed window" : NULL;
    case KMI_LEAVE:
        return f->size != KMI_HEADER_SIZE || f->call != 0 || f->aux > KMI_LEAVE_NO
                   ? "a malformed leave"
                   : NULL;
    default: return bare && f->call == 0 ? NULL : "a malformed control frame";
    }
}

const char *kmi_frame_check(const kmi_frame *f)
{
    if (f->size < KMI_HEADER_SIZE || f->size > KMI_FRAME_MAX)
        return "a frame of impossible size";
    if (f->kind != KMI_VOID && f->kind < KMI_KINDS)
        return f->kind == KMI_HELLO ? "a second hello" : check_known(f);
    return f->flags & KMI_FLAG_IGNORABLE ? NULL : "a frame of unknown kind";
}
