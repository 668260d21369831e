/* raw.h -- a stranger: a plain unix socket, and the frames to say something with, byte by byte if
 * need be (wire/frames.md). Reading never blocks.
 */
#ifndef RAW_H
#define RAW_H

#include "unit/talk.h"

#include "wire/session.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>

#define RAW_MAX 4096 /* bytes of a frame that is made here */

static inline struct sockaddr_un raw_address(const char *url, socklen_t *ret_size)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    size_t             size = strlen(url + 5);

    memcpy(a.sun_path, url + 5, size);
    if (a.sun_path[0] == '@')
        a.sun_path[0] = '\0';
    *ret_size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + size);
    return a;
}

static inline int raw_connect(const char *url)
{
    socklen_t          size;
    struct sockaddr_un a = raw_address(url, &size);
    int                fd = socket(AF_UNIX, SOCK_STREAM, 0);

    CHECK(connect(fd, (struct sockaddr *)&a, size) == 0);
    return fd;
}

static inline int raw_listen(const char *url)
{
    socklen_t          size;
    struct sockaddr_un a = raw_address(url, &size);
    int                fd = socket(AF_UNIX, SOCK_STREAM, 0);

    CHECK(bind(fd, (struct sockaddr *)&a, size) == 0);
    CHECK(listen(fd, 8) == 0);
    fcntl(fd, F_SETFL, O_NONBLOCK);
    return fd;
}

/* ---- what it says ---------------------------------------------------------------------------- */

static inline size_t raw_hello(uint8_t *to)
{
    const kmi_session_options options = {
        .own = {.instance = 1, .message_max = 1 << 20, .credit = 256, .credit_bytes = 1 << 22}};
    kmi_session session;

    kmi_session_init(&session, &options, 0);
    kmi_session_preamble(&session, to);
    return KMI_PREAMBLE_SIZE;
}

static inline size_t raw_frame(uint8_t *to, kmi_frame *frame, const kmsg_layout *layout,
                               const void *value)
{
    size_t header = kmi_is_request(frame->kind) ? KMI_REQUEST_SIZE : KMI_HEADER_SIZE;
    size_t size = 0;

    memset(to, 0, RAW_MAX);
    OK(kmsg_encode_into(layout, value, to + header, RAW_MAX - header, &size));
    frame->size = header + size;
    kmi_frame_put(to, frame);
    return kmi_frame_room(frame->size);
}

/* Talk.echo(note), whose arguments are nothing but the note; `call` is a slot, from 0. */
static inline size_t raw_call(uint8_t *to, uint32_t call, uint32_t timeout_ms,
                              const talk_Note *note)
{
    kmi_frame frame = {
        .kind = KMI_CALL, .call = call, .aux = timeout_ms, .target = talk_Talk_service.id};

    return raw_frame(to, &frame, talk_Talk_service.methods[0].args, note);
}

static inline size_t raw_answer(uint8_t *to, uint32_t call, const talk_Note *note)
{
    kmi_frame frame = {.kind = KMI_ANSWER, .call = call};

    return raw_frame(to, &frame, &talk_Note_layout, note);
}

static inline void raw_send(int fd, const uint8_t *bytes, size_t size)
{
    EQ_INT(send(fd, bytes, size, MSG_NOSIGNAL), (int)size);
}

/* ---- what it hears --------------------------------------------------------------------------- */

typedef struct raw_ear {
    uint8_t bytes[1 << 16];
    size_t  size;
    bool    over;       /* the other side has closed it */
    uint8_t frame[512]; /* what was waited for, as far as there is room */
} raw_ear;

/* All that has come: a read ends where a descriptor came along. */
static inline void raw_read(raw_ear *ear, int fd)
{
    ssize_t n = 1;

    while (n > 0 && ear->size < sizeof ear->bytes) {
        n = recv(fd, ear->bytes + ear->size, sizeof ear->bytes - ear->size, MSG_DONTWAIT);
        ear->size += n > 0 ? (size_t)n : 0;
        ear->over |= n == 0 || (n < 0 && errno != EAGAIN);
    }
}

/* The next frame of one of two kinds, as far as any has come; others are passed over. */
static inline bool raw_hear_either(raw_ear *ear, int fd, kmi_kind kind, kmi_kind other,
                                   kmi_frame *ret)
{
    size_t size;
    bool   found = false;

    raw_read(ear, fd);
    while (!found && ear->size >= KMI_HEADER_SIZE) {
        size = 8; /* the magic in front of the hello */
        if (memcmp(ear->bytes, "KMSG", 4) != 0) {
            kmi_frame_get_header(ear->bytes, ret);
            size = kmi_frame_room(ret->size);
            found = ret->kind == kind || ret->kind == other;
        }
        if (ear->size < size)
            return false;
        if (found)
            memcpy(ear->frame, ear->bytes, size < sizeof ear->frame ? size : sizeof ear->frame);
        memmove(ear->bytes, ear->bytes + size, ear->size - size);
        ear->size -= size;
    }
    return found;
}

static inline bool raw_hear(raw_ear *ear, int fd, kmi_kind kind, kmi_frame *ret)
{
    return raw_hear_either(ear, fd, kind, kind, ret);
}

#endif
