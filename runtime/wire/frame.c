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

void kmi_frame_get_header(const uint8_t *at, kmi_frame *ret)
{
    uint32_t word = kmi_load32(at + 4);

    ret->size = kmi_load32(at);
    ret->kind = (uint8_t)word;
    ret->flags = (uint8_t)(word >> 8);
    ret->method = (uint16_t)(word >> 16);
    ret->call = kmi_load32(at + 8);
    ret->aux = kmi_load32(at + 12);
}

void kmi_frame_get_body(const uint8_t *at, kmi_frame *frame)
{
    size_t header = kmi_is_request(frame->kind) ? KMI_REQUEST_SIZE : KMI_HEADER_SIZE;

    frame->target = header == KMI_REQUEST_SIZE ? kmi_load64(at + KMI_HEADER_SIZE) : 0;
    frame->body = at + header;
    frame->body_size = frame->size - header;
}

static const char *check_known(const kmi_frame *f)
{
    bool bare = f->size == KMI_HEADER_SIZE && f->aux == 0;

    if (f->flags != 0)
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
        return (int32_t)f->aux >= 0 || ((int32_t)f->aux == KMSG_ETHROWN &&
                                        f->size < KMI_HEADER_SIZE + 8)
                   ? "a malformed failure"
                   : NULL;
    case KMI_CANCEL: return bare ? NULL : "a malformed cancellation";
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
