/* session.c -- the protocol of a connection as a state machine.
 *
 * It is read from kmi_session_next() down. Each side begins with eight bytes of magic and a hello;
 * then come frames, each at a multiple of eight. Whatever breaks a rule ends the session with
 * KMSG_EPROTOCOL and a sentence: nothing that a stranger sends can do more than that.
 *
 * A frame that is larger than this node takes is never held: its bytes are counted off as they
 * stream by, and who waits for it is told.
 */
#include "wire/session.h"

#include <string.h>

#define MAGIC_SIZE    8u
#define KIND_AT       5
#define VERSION_AT    6
#define GREETING_SIZE 32u /* body of a hello; in a longer one the rest is for later versions */
#define GREETING_MAX  256u
#define MS            ((int64_t)1000000)
#define POOLED_MIN    ((size_t)16 << 10)

static const uint8_t magic[MAGIC_SIZE] = {'K', 'M', 'S', 'G', 0, 'w', 1, 0};

void kmi_session_init(kmi_session *s, const kmi_session_options *options, int64_t now_ns)
{
    *s = (kmi_session){.options = *options, .heard_ns = now_ns};
}

static void drop_chunk(kmi_session *s)
{
    kmi_slab_unref(s->chunk);
    s->chunk = NULL;
    s->at = s->end = NULL;
}

void kmi_session_done(kmi_session *s)
{
    drop_chunk(s);
    kmi_slab_unref(s->cut);
    s->cut = NULL;
}

void kmi_session_preamble(const kmi_session *s, uint8_t *ret)
{
    const kmi_frame hello = {.kind = KMI_HELLO, .size = KMI_HEADER_SIZE + GREETING_SIZE};

    memcpy(ret, magic, MAGIC_SIZE);
    kmi_frame_put(ret + MAGIC_SIZE, &hello);
    ret += MAGIC_SIZE + KMI_HEADER_SIZE;
    kmi_store64(ret, s->options.own.instance);
    kmi_store32(ret + 8, (uint32_t)s->options.own.message_max);
    kmi_store32(ret + 12, 0);
    kmi_store32(ret + 16, s->options.own.credit);
    kmi_store32(ret + 20, s->options.own.credit_bytes);
    kmi_store32(ret + 24, s->options.own.port);
    kmi_store32(ret + 28, s->options.own.window);
}

kmi_magic kmi_magic_of(const uint8_t *bytes, size_t size)
{
    if (memcmp(bytes, magic, size < KIND_AT ? size : KIND_AT) != 0)
        return KMI_MAGIC_FOREIGN;
    if (size > KIND_AT && bytes[KIND_AT] != magic[KIND_AT] && bytes[KIND_AT] != 's')
        return KMI_MAGIC_FOREIGN;
    if (size < MAGIC_SIZE)
        return KMI_MAGIC_CUT;
    return bytes[KIND_AT] == 's' ? KMI_MAGIC_SECRET : KMI_MAGIC_CLEAR;
}

void kmi_session_refusal(uint32_t why, uint8_t *ret)
{
    const kmi_frame bye = {.kind = KMI_BYE, .size = KMI_HEADER_SIZE, .aux = why};

    memcpy(ret, magic, MAGIC_SIZE);
    kmi_frame_put(ret + MAGIC_SIZE, &bye);
}

static bool end(kmi_session *s, kmsg_err err, const char *why)
{
    s->state = KMI_SESSION_OVER;
    s->err = err;
    s->why = why;
    kmi_session_done(s);
    return false;
}

void kmi_session_feed(kmi_session *s, kmi_slab *slab, const uint8_t *data, size_t size,
                      int64_t now_ns)
{
    if (s->state == KMI_SESSION_OVER)
        return;
    s->chunk = kmi_slab_ref(slab);
    s->at = data;
    s->end = data + size;
    s->received += size;
    s->fed_ns = now_ns;
    if (s->state == KMI_SESSION_OPEN) /* dribbling bytes does not lengthen the time to say hello */
        s->heard_ns = now_ns;
    s->asked = false;
}

void kmi_session_greeted(kmi_session *s, const kmi_terms *their, int64_t now_ns)
{
    s->their = *their;
    s->heard_ns = now_ns;
    s->state = KMI_SESSION_OPEN;
}

static size_t left(const kmi_session *s)
{
    return (size_t)(s->end - s->at);
}

/* ---- the first bytes ----------------------------------------------------------------------- */

/* Collects `size` bytes in s->head; true when they are there. */
static bool collect(kmi_session *s, size_t size)
{
    size_t n = size - s->head_size;

    if (n > left(s))
        n = left(s);
    memcpy(s->head + s->head_size, s->at, n);
    s->at += n;
    s->head_size = (uint8_t)(s->head_size + n);
    return s->head_size == size;
}

static bool check_magic(kmi_session *s)
{
    size_t so_far;

    collect(s, MAGIC_SIZE);
    so_far = s->head_size; /* strangers are found out at the first wrong byte, not after eight */
    if (memcmp(s->head, magic, so_far < VERSION_AT ? so_far : VERSION_AT) != 0)
        return end(s, KMSG_EPROTOCOL, "it does not speak kmsg");
    if (so_far > VERSION_AT && s->head[VERSION_AT] != magic[VERSION_AT])
        return end(s, KMSG_EVERSION, "it speaks another version of the protocol");
    if (so_far < MAGIC_SIZE)
        return false;
    if (s->head[VERSION_AT + 1] != 0)
        return end(s, KMSG_EPROTOCOL, "it does not speak kmsg");
    s->head_size = 0;
    s->state = KMI_SESSION_GREETING;
    return true;
}

static bool check_greeting(kmi_session *s, const kmi_frame *f)
{
    s->their = (kmi_terms){.instance = kmi_load64(f->body),
                           .message_max = kmi_load32(f->body + 8),
                           .credit = kmi_load32(f->body + 16),
                           .credit_bytes = kmi_load32(f->body + 20),
                           .port = (uint16_t)kmi_load32(f->body + 24),
                           .window = kmi_load32(f->body + 28)};
    if (s->their.message_max < 64 || s->their.message_max > KMSG_MESSAGE_MAX)
        return end(s, KMSG_EPROTOCOL, "an impossible limit of messages");
    if (s->their.instance == 0 || s->their.credit == 0 || s->their.credit_bytes == 0)
        return end(s, KMSG_EPROTOCOL, "a hello of nobody");
    s->heard_ns = s->fed_ns;
    s->state = KMI_SESSION_OPEN;
    return true;
}

static bool refused(kmi_session *s, uint32_t why)
{
    switch (why) {
    case KMI_REFUSED_COUNT:
        return end(s, KMSG_EOVERLOADED, "it has as many connections as it takes");
    case KMI_REFUSED_DESCRIPTORS:
        return end(s, KMSG_EOVERLOADED, "it has too many open files to take a connection");
    case KMI_REFUSED_USER:
        return end(s, KMSG_EPERM, "it has to do with its own user and root alone");
    default: return end(s, KMSG_EOVERLOADED, "it takes no connection now");
    }
}

static bool check_greeting_header(kmi_session *s, const kmi_frame *f)
{
    if (f->kind == KMI_BYE && f->flags == 0 && f->method == 0 && f->call == 0 &&
        f->size == KMI_HEADER_SIZE)
        return refused(s, f->aux);
    if (f->kind != KMI_HELLO || f->flags != 0 || f->method != 0 || f->call != 0 || f->aux != 0 ||
        f->size < KMI_HEADER_SIZE + GREETING_SIZE || f->size > KMI_HEADER_SIZE + GREETING_MAX)
        return end(s, KMSG_EPROTOCOL, "no hello");
    return true;
}

/* ---- frames -------------------------------------------------------------------------------- */

static bool say(kmi_session *s, kmi_out *out, kmi_kind kind, uint32_t call, uint32_t aux)
{
    kmsg_err err = kmi_out_control(out, kind, call, aux);

    if (err == KMSG_OK)
        return true;
    return end(s, err, err == KMSG_EFULL ? "it does not read what it asked for" : "out of memory");
}

/* One answer that waits to be sent serves any number of questions. */
static void pong(kmi_session *s, kmi_out *out)
{
    uint64_t at = kmi_out_offset(out);

    if (s->ponged && kmi_out_is_unsent(out, s->pong_at))
        return;
    s->ponged = say(s, out, KMI_PONG, 0, 0);
    s->pong_at = at;
}

/* Skips the rest of a frame whose header was read. */
static void skip_frame(kmi_session *s, const kmi_frame *f)
{
    s->skip = kmi_frame_room(f->size) - KMI_HEADER_SIZE;
}

static bool too_big(const kmi_session *s, const kmi_frame *f)
{
    size_t header = kmi_is_request(f->kind) ? KMI_REQUEST_SIZE : KMI_HEADER_SIZE;

    if (f->flags & KMI_FLAG_ADDRESSED)
        header += KMI_ENVELOPE_MAX; /* how much of it is used is known when it is there */
    return f->size > header && f->size - header > s->options.own.message_max;
}

/* What becomes of a frame whose header is there, before its body is. */
typedef enum fate { KEEP, SKIP, GIVE } fate;

static fate refuse(kmi_session *s, kmi_out *out, kmi_frame *f)
{
    skip_frame(s, f);
    if (kmi_is_request(f->kind)) {
        if (f->kind == KMI_CALL)
            say(s, out, KMI_FAIL, f->call, (uint32_t)KMSG_ETOOBIG);
        say(s, out, KMI_CREDIT, (uint32_t)kmi_frame_room(f->size), 1);
        return SKIP;
    }
    if (f->kind != KMI_ITEM) /* that one ends a call of either side: the owner sees to it */
        f->kind = KMI_FAIL;
    f->aux = (uint32_t)KMSG_ETOOBIG;
    f->body = NULL;
    f->body_size = 0;
    f->slab = NULL;
    return GIVE;
}

static fate judge(kmi_session *s, kmi_out *out, kmi_frame *f)
{
    const char *wrong;

    if (s->state == KMI_SESSION_GREETING)
        return check_greeting_header(s, f) ? KEEP : SKIP;
    wrong = kmi_frame_check(f);
    if (wrong != NULL) {
        end(s, KMSG_EPROTOCOL, wrong);
        return SKIP;
    }
    if (f->kind == KMI_VOID || f->kind >= KMI_KINDS) {
        skip_frame(s, f);
        return SKIP;
    }
    return too_big(s, f) ? refuse(s, out, f) : KEEP;
}

/* What lies behind it in the chunk came over the socket, and is nothing but wakes. */
static bool go_over(kmi_session *s)
{
    if (!s->may_share || s->shared)
        return end(s, KMSG_EPROTOCOL, "shared memory that was not agreed on");
    s->shared = true;
    s->received -= left(s);
    s->at = s->end;
    return false;
}

/* A whole frame: true if it is the owner's business. */
static bool take(kmi_session *s, kmi_out *out, const uint8_t *at, kmi_frame *f)
{
    if (!kmi_frame_is_padded(at, f->size))
        return end(s, KMSG_EPROTOCOL, "padding that is not zero");
    if (!kmi_frame_get_body(at, f))
        return end(s, KMSG_EPROTOCOL, "a malformed envelope");
    if (s->state == KMI_SESSION_GREETING)
        return check_greeting(s, f);
    switch (f->kind) {
    case KMI_PING: pong(s, out); return false;
    case KMI_SHARED: return go_over(s);
    case KMI_BYE: return end(s, KMSG_ECLOSED, "closed by the other side");
    default: return true;
    }
}

/* Large ones are used again. What is small takes no more than it needs: of many connections that
 * have said half a frame each it would be much. */
static kmi_slab *slab_for(const kmi_session *s, size_t room)
{
    kmi_slab *slab;

    if (s->options.pool == NULL || room < POOLED_MIN)
        return kmi_slab_new(room);
    slab = kmi_slab_take(s->options.pool, room);
    if (slab != NULL)
        kmi_slab_returns(s->options.pool, slab);
    return slab;
}

/* Begins to put together a frame of which only the beginning is there. */
static void begin_cut(kmi_session *s, const kmi_frame *f)
{
    s->cut = slab_for(s, kmi_frame_room(f->size));
    if (s->cut == NULL) {
        end(s, KMSG_ENOMEM, "out of memory");
        return;
    }
    s->cut_size = 0;
    s->cut_room = kmi_frame_room(f->size);
    memcpy(s->cut->data, s->head, s->head_size);
    s->cut_size = s->head_size;
    s->head_size = 0;
}

static bool continue_cut(kmi_session *s, kmi_out *out, kmi_frame *ret)
{
    size_t    n = s->cut_room - s->cut_size;
    kmi_slab *whole = s->cut;
    bool      given;

    if (n > left(s))
        n = left(s);
    memcpy(whole->data + s->cut_size, s->at, n);
    s->at += n;
    s->cut_size += n;
    if (s->cut_size < s->cut_room)
        return false;
    s->cut = NULL;
    kmi_frame_get_header(whole->data, ret);
    given = take(s, out, whole->data, ret);
    ret->slab = whole;
    if (!given)
        kmi_slab_unref(whole);
    return given;
}

static bool frame_in_place(kmi_session *s, kmi_out *out, kmi_frame *ret)
{
    const uint8_t *at = s->at;
    size_t         room;
    fate           what;

    kmi_frame_get_header(at, ret);
    what = judge(s, out, ret);
    if (s->state == KMI_SESSION_OVER)
        return false;
    room = kmi_frame_room(ret->size);
    if (what != KEEP) {
        s->at += KMI_HEADER_SIZE;
        return what == GIVE;
    }
    if (room > left(s)) {
        begin_cut(s, ret);
        return false;
    }
    s->at += room;
    if (!take(s, out, at, ret))
        return false;
    ret->slab = kmi_slab_ref(s->chunk);
    return true;
}

/* The header itself was cut: it is collected first. */
static bool frame_in_pieces(kmi_session *s, kmi_out *out, kmi_frame *ret)
{
    fate what;

    if (!collect(s, KMI_HEADER_SIZE))
        return false;
    kmi_frame_get_header(s->head, ret);
    what = judge(s, out, ret);
    if (s->state == KMI_SESSION_OVER)
        return false;
    if (what == KEEP) {
        begin_cut(s, ret);
        /* A bare header is whole already, and no byte may come to say so. */
        return s->cut != NULL && s->cut_size == s->cut_room && continue_cut(s, out, ret);
    }
    s->head_size = 0;
    return what == GIVE;
}

static void skip(kmi_session *s)
{
    size_t n = s->skip < left(s) ? (size_t)s->skip : left(s);

    s->at += n;
    s->skip -= n;
}

/* What nearly all frames are, in one go: whole, well formed, and the owner's. False: nothing has
 * happened. */
static inline bool usual_frame(kmi_session *s, kmi_frame *ret)
{
    const uint8_t *at = s->at;
    size_t         header, room;

    if (s->state != KMI_SESSION_OPEN || left(s) < KMI_HEADER_SIZE || s->head_size > 0 ||
        s->cut != NULL || s->skip > 0)
        return false;
    kmi_frame_get_header(at, ret);
    room = kmi_frame_room(ret->size);
    if (!kmi_frame_is_usual(ret) || room > left(s) || !kmi_frame_is_padded(at, ret->size))
        return false;
    header = ret->kind == KMI_ANSWER ? KMI_HEADER_SIZE : KMI_REQUEST_SIZE;
    ret->body_size = ret->size - header;
    if (ret->body_size > s->options.own.message_max)
        return false;
    ret->body = at + header;
    ret->target = ret->kind == KMI_ANSWER ? 0 : kmi_load64(at + KMI_HEADER_SIZE);
    ret->envelope = NULL;
    ret->slab = kmi_slab_ref(s->chunk);
    s->at += room;
    return true;
}

bool kmi_session_next(kmi_session *s, kmi_out *out, kmi_frame *ret)
{
    if (s->chunk != NULL && usual_frame(s, ret))
        return true;
    while (s->chunk != NULL && left(s) > 0) {
        bool given = false;
        if (s->state == KMI_SESSION_MAGIC)
            check_magic(s);
        else if (s->skip > 0)
            skip(s);
        else if (s->cut != NULL)
            given = continue_cut(s, out, ret);
        else if (s->head_size == 0 && left(s) >= KMI_HEADER_SIZE)
            given = frame_in_place(s, out, ret);
        else
            given = frame_in_pieces(s, out, ret);
        if (given)
            return true;
    }
    drop_chunk(s);
    return false;
}

/* ---- time ---------------------------------------------------------------------------------- */

void kmi_session_alive(kmi_session *s, int64_t now_ns)
{
    s->heard_ns = now_ns;
    s->asked = false;
}

int64_t kmi_session_deadline(const kmi_session *s)
{
    if (s->state < KMI_SESSION_OPEN)
        return s->heard_ns + KMI_HELLO_MS * MS;
    if (!s->asked)
        return s->heard_ns + s->options.idle_ns;
    return s->asked_ns + s->options.dead_ns - s->options.idle_ns;
}

void kmi_session_tick(kmi_session *s, kmi_out *out, int64_t now_ns)
{
    if (s->state == KMI_SESSION_OVER || now_ns < kmi_session_deadline(s))
        return;
    if (s->state < KMI_SESSION_OPEN) {
        end(s, KMSG_EUNREACHABLE, "it does not say hello");
    } else if (s->asked) {
        end(s, KMSG_ELOST, "it gives no sign of life");
    } else {
        s->asked = say(s, out, KMI_PING, 0, 0);
        s->asked_ns = now_ns;
    }
}
