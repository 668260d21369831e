/* call.c -- the handler's half of a call.
 *
 * A call that comes in takes the slot that its id names, so that it can be cancelled, and keeps it
 * until it is answered. Outside of user code its handler runs at once, with the arguments decoded
 * where they lie; otherwise it waits in the inbox, and there are limits to that. A call that nobody
 * waits for any more is not begun; one that runs can find out.
 */
#include "core/core.h"

#include "base/alloc.h"
#include "base/arena.h"
#include "base/err.h"
#include "base/log.h"

#include <string.h>

#define SPARE_CALLS_MAX   64
#define WAITING_BYTES_MAX KMSG_SEND_QUEUE_MAX
#define WORDS_MAX         (KMI_ERROR_TEXT_MAX - 1)
#define SLOTS_MIN         16

/* ---- making and ending --------------------------------------------------------------------- */

static kmsg_call *new_call(kmsg_node *node)
{
    kmsg_call  *call = node->spare_calls;
    kmsg_arena *arena;

    if (call != NULL) {
        node->spare_calls = call->next;
        node->spare_call_count--;
        arena = call->arena;
    } else {
        call = kmi_alloc(sizeof *call);
        arena = call == NULL ? NULL : kmsg_arena_new();
        if (arena == NULL) {
            kmi_free(call);
            return NULL;
        }
    }
    *call = (kmsg_call){.item.run = kmi_call_run_item, .node = node, .arena = arena};
    call->next = node->calls;
    if (call->next != NULL)
        call->next->prev = call;
    node->calls = call;
    return call;
}

static void leave_slot(kmsg_call *call)
{
    uint32_t i = call->id & 0xffff;

    if (i < call->conn->in_count && call->conn->in[i] == call)
        call->conn->in[i] = NULL;
}

/* Its sender may send another one: this one is done with. */
static void give_credit(kmsg_call *call)
{
    if (call->credit > 0)
        kmi_queue_release(call->conn, call->serial, call->credit);
    call->credit = 0;
}

static void free_call(kmsg_call *call)
{
    kmsg_node *node = call->node;

    if (call->state == KMI_CALL_LATER)
        node->later--;

    leave_slot(call);
    give_credit(call);
    kmi_slab_unref(call->slab);
    kmi_peer_unref(call->peer);
    kmi_conn_unref(call->conn);
    if (call->prev != NULL)
        call->prev->next = call->next;
    else
        node->calls = call->next;
    if (call->next != NULL)
        call->next->prev = call->prev;
    kmi_arena_reset_to(call->arena, KMI_ARENA_KEEP);
    if (node->spare_call_count >= SPARE_CALLS_MAX) {
        kmsg_arena_free(call->arena);
        kmi_free(call);
        return;
    }
    call->next = node->spare_calls;
    node->spare_calls = call;
    node->spare_call_count++;
}

void kmi_calls_done(kmsg_node *node)
{
    while (node->calls != NULL)
        free_call(node->calls);
    while (node->spare_calls != NULL) {
        kmsg_call *call = node->spare_calls;
        node->spare_calls = call->next;
        kmsg_arena_free(call->arena);
        kmi_free(call);
    }
    node->inbox = (kmi_queue){NULL, NULL};
}

static void end_without_answer(kmsg_call *call)
{
    call->over = true;
    leave_slot(call);
}

void kmi_call_canceled(kmi_conn *conn, uint32_t id)
{
    uint32_t i = id & 0xffff;

    if (i < conn->in_count && conn->in[i] != NULL && conn->in[i]->id == id)
        end_without_answer(conn->in[i]);
}

void kmi_calls_over(kmi_conn *conn)
{
    for (size_t i = 0; i < conn->in_count; i++)
        if (conn->in[i] != NULL)
            end_without_answer(conn->in[i]);
}

/* ---- answering ----------------------------------------------------------------------------- */

static bool can_answer(const kmsg_call *call)
{
    return !call->over && !call->oneway && !call->answered && call->conn->state == KMI_CONN_UP;
}

/* A failure with words or a thrown error behind it. */
static void send_failure(kmi_conn *conn, uint32_t id, kmsg_err err, kmsg_bytes words)
{
    kmi_frame frame = {
        .kind = KMI_FAIL, .call = id, .aux = (uint32_t)err, .size = KMI_HEADER_SIZE + words.size};
    uint8_t *at;

    if (words.size == 0 ||
        kmi_out_reserve(&conn->out, frame.size, KMSG_SEND_QUEUE_MAX, &at) != KMSG_OK) {
        kmi_conn_control(conn, KMI_FAIL, id, (uint32_t)(err == KMSG_ETHROWN ? KMSG_EFULL : err));
        return;
    }
    kmi_frame_put(at, &frame);
    memcpy(at + KMI_HEADER_SIZE, words.data, words.size);
    kmi_out_commit(&conn->out, frame.size);
    kmi_conn_written(conn);
}

static kmsg_bytes words_of(const char *text)
{
    size_t size = strlen(text);

    return (kmsg_bytes){(const uint8_t *)text, size < WORDS_MAX ? size : WORDS_MAX};
}

static void answer_failure(kmsg_call *call, kmsg_err err, kmsg_bytes words)
{
    if (!can_answer(call))
        return;
    call->answered = true;
    leave_slot(call);
    send_failure(call->conn, call->id, err, words);
}

static void answer_error(kmsg_call *call, kmsg_err err, const char *text)
{
    answer_failure(call, err, words_of(text));
}

static void answer(kmsg_call *call, const kmsg_layout *layout, const void *result)
{
    kmi_frame frame = {.kind = KMI_ANSWER, .call = call->id};
    uint8_t  *at;
    size_t    size;
    kmsg_err  err;

    if (!can_answer(call))
        return;
    err = kmi_conn_put(call->conn, &call->conn->out, KMI_HEADER_SIZE, layout, result, &at, &size);
    if (err != KMSG_OK) {
        if (err == KMSG_EVALUE || err == KMSG_EDEPTH)
            err = KMSG_EFAILED;
        answer_error(call, err, kmsg_last_error());
        return;
    }
    call->answered = true;
    call->conn->addressed |= layout->has_addresses;
    leave_slot(call);
    frame.size = KMI_HEADER_SIZE + size;
    kmi_frame_put(at, &frame);
    kmi_out_commit(&call->conn->out, frame.size);
    kmi_conn_written(call->conn);
}

/* ---- handling ------------------------------------------------------------------------------ */

static bool too_late(const kmsg_call *call)
{
    return call->over ||
           (call->deadline_ns != KMI_NEVER && call->node->sys->now_ns() >= call->deadline_ns);
}

static void refuse(kmsg_call *call, kmsg_err err, const char *text)
{
    if (call->oneway)
        kmi_log(KMSG_WARNING, "%s: a one-way message was dropped: %s: %s", call->conn->url,
                kmsg_strerror(err), text);
    answer_error(call, err, text);
}

/* The method, if there is one that can be called like this. */
static const kmsg_method *find_method(kmsg_call *call)
{
    const kmsg_service *service;

    if (call->serving == NULL) {
        refuse(call, KMSG_ENOSERVICE, "");
        return NULL;
    }
    service = call->serving->service;
    if (call->number >= service->count || service->methods[call->number].invoke == NULL) {
        refuse(call, KMSG_ENOMETHOD, service->name);
        return NULL;
    }
    if (service->methods[call->number].oneway != call->oneway) {
        refuse(call, KMSG_EREQUEST, "it takes one of a call and a one-way message for the other");
        return NULL;
    }
    return &service->methods[call->number];
}

/* A handler's own code, or EFAILED if it is none that a caller can be told. */
static kmsg_err code_of(kmsg_err err)
{
    return err >= 0 || strcmp(kmsg_err_name(err), "UNKNOWN") == 0 ? KMSG_EFAILED : err;
}

static void end_handled(kmsg_call *call, kmsg_err err, const void *result)
{
    kmsg_bytes none = {NULL, 0};

    if (call->replied)
        return;
    if (err == KMSG_OK && kmsg_arena_failed(call->arena))
        err = KMSG_ENOMEM;
    if (err == KMSG_OK) {
        if (!call->oneway)
            answer(call, call->method->result, result);
        return;
    }
    if (call->oneway)
        kmi_log(KMSG_WARNING, "%s.%s, one-way: %s", call->serving->service->name,
                call->method->name, kmsg_strerror(err));
    if (err == KMSG_ETHROWN && call->failure != KMSG_ETHROWN)
        answer_error(call, KMSG_EFAILED, "the handler threw nothing");
    else if (err == call->failure)
        answer_failure(call, err, call->words);
    else
        answer_failure(call, code_of(err),
                       err == KMSG_ENOMETHOD ? words_of(call->method->name) : none);
}

static void handle(kmsg_call *call)
{
    const kmsg_method *method = call->method;
    kmsg_bytes         body = {call->body, call->body_size};
    void              *args = kmsg_alloc_zeroed(call->arena, 1, method->args->size, 16);
    void              *result = NULL;
    kmsg_err           err;

    if (!call->oneway)
        result = kmsg_alloc_zeroed(call->arena, 1, method->result->size, 16);
    if (kmsg_arena_failed(call->arena)) {
        refuse(call, KMSG_ENOMEM, "");
        return;
    }
    err = kmsg_decode(method->args, body, call->arena, args);
    if (err != KMSG_OK) {
        refuse(call, err == KMSG_ENOMEM ? err : KMSG_EREQUEST, kmsg_last_error());
        return;
    }
    call->state = KMI_CALL_RUNNING;
    call->serving->executing = true;
    err = method->invoke(call->serving->impl, call->serving->ctx, call, args, result);
    call->serving->executing = false;
    if (err == KMSG_LATER && call->failure != KMSG_OK)
        err = call->failure; /* it has failed already; what it meant to do later does not matter */
    if (err == KMSG_LATER && !call->oneway && !call->replied) {
        call->state = KMI_CALL_LATER;
        call->node->later++;
    } else {
        end_handled(call, err, result);
    }
}

void kmi_call_run_item(kmi_item *item)
{
    kmsg_call *call = (kmsg_call *)item;
    kmsg_node *node = call->node;

    if (!too_late(call)) {
        call->outer = node->running;
        node->running = call;
        node->depth++;
        call->method = find_method(call);
        if (call->method != NULL)
            handle(call);
        node->depth--;
        node->running = call->outer;
    }
    kmi_slab_unref(call->slab);
    call->slab = NULL;
    give_credit(call);
    if (call->state != KMI_CALL_LATER)
        free_call(call);
}

/* ---- arriving ------------------------------------------------------------------------------ */

static kmsg_err enter_slot(kmsg_call *call)
{
    kmi_conn   *conn = call->conn;
    uint32_t    i = call->id & 0xffff;
    size_t      count = conn->in_count < SLOTS_MIN ? SLOTS_MIN : conn->in_count;
    kmsg_call **in;

    if (i < conn->in_count) {
        if (conn->in[i] != NULL)
            return KMSG_EPROTOCOL;
        conn->in[i] = call;
        return KMSG_OK;
    }
    while (count <= i)
        count *= 2;
    in = kmi_resize(conn->in, count * sizeof *in);
    if (in == NULL)
        return KMSG_ENOMEM;
    memset(in + conn->in_count, 0, (count - conn->in_count) * sizeof *in);
    conn->in = in;
    conn->in_count = count;
    in[i] = call;
    return KMSG_OK;
}

/* Small arguments must not keep a whole read slab while they wait. */
static kmsg_err keep_body(kmsg_call *call)
{
    kmi_slab *copy;

    if (call->slab->capacity <= 4 * call->body_size + 4096)
        return KMSG_OK;
    copy = kmi_slab_new(call->body_size + 1);
    if (copy == NULL)
        return KMSG_ENOMEM;
    memcpy(copy->data, call->body, call->body_size);
    kmi_slab_unref(call->slab);
    call->slab = copy;
    call->body = copy->data;
    return KMSG_OK;
}

static void wait_in_inbox(kmsg_call *call)
{
    kmsg_node *node = call->node;
    kmsg_err   err = KMSG_OK;

    if (node->waiting >= node->mailbox_max ||
        (node->waiting > 0 && node->waiting_bytes + call->body_size > WAITING_BYTES_MAX))
        err = KMSG_EOVERLOADED;
    if (err == KMSG_OK)
        err = keep_body(call);
    if (err != KMSG_OK) {
        char text[64];
        snprintf(text, sizeof text, "%u requests are waiting", node->waiting);
        refuse(call, err, err == KMSG_EOVERLOADED ? text : "");
        free_call(call);
        return;
    }
    node->waiting++;
    node->waiting_bytes += call->body_size;
    kmi_queue_add(&node->inbox, &call->item);
}

static void fill_in(kmsg_call *call, kmi_conn *conn, const kmi_frame *frame)
{
    kmsg_node *node = conn->node;

    call->conn = kmi_conn_ref(conn);
    call->peer = kmi_peer_ref(conn->peer);
    call->serial = conn->serial;
    call->credit = kmi_frame_room(frame->size);
    call->id = frame->call;
    call->number = frame->method;
    call->oneway = frame->kind == KMI_TELL;
    call->local = conn->link != NULL && conn->link->local;
    call->slab = frame->slab;
    call->body = frame->body;
    call->body_size = frame->body_size;
    call->serving = kmi_service_find(&node->services, frame->target);
    call->deadline_ns = call->oneway ? KMI_NEVER : node->net.now_ns + (int64_t)frame->aux * KMI_MS;
}

static void break_link(kmi_conn *conn, const char *why)
{
    kmi_log(KMSG_WARNING, "%s: %s", conn->url, why);
    kmi_conn_events.down(conn->link, KMSG_EPROTOCOL, why);
}

/* Without a call to hold it: the caller is told, and its credit is given back. */
static void turn_away(kmi_conn *conn, kmi_frame *frame, kmsg_err err)
{
    kmi_slab_unref(frame->slab);
    if (frame->kind == KMI_CALL)
        kmi_conn_control(conn, KMI_FAIL, frame->call, (uint32_t)err);
    else
        kmi_log(KMSG_WARNING, "%s: a one-way message was dropped: %s", conn->url,
                kmsg_strerror(err));
    kmi_queue_release(conn, conn->serial, kmi_frame_room(frame->size));
}

static void begin_call(kmi_conn *conn, kmi_frame *frame)
{
    kmsg_call *call = new_call(conn->node);
    kmsg_err   err = KMSG_OK;

    if (call == NULL) {
        turn_away(conn, frame, KMSG_ENOMEM);
        return;
    }
    fill_in(call, conn, frame);
    if (!call->oneway)
        err = enter_slot(call);
    if (err == KMSG_EPROTOCOL) {
        break_link(conn, "a call whose id is in use");
        free_call(call);
    } else if (err != KMSG_OK) {
        refuse(call, err, "");
        free_call(call);
    } else if (conn->node->depth == 0) {
        kmi_call_run_item(&call->item);
    } else {
        wait_in_inbox(call);
    }
}

void kmi_call_arrived(kmi_conn *conn, kmi_frame *frame)
{
    if (conn->closing) {
        kmi_slab_unref(frame->slab);
    } else if (!kmi_queue_keep(conn, kmi_frame_room(frame->size))) {
        kmi_slab_unref(frame->slab);
        break_link(conn, "more requests than it has credit for");
    } else if (conn->node->later >= KMSG_CALLS_MAX && frame->kind == KMI_CALL) {
        turn_away(conn, frame, KMSG_EOVERLOADED);
    } else {
        begin_call(conn, frame);
    }
}

/* ---- what a handler can do ----------------------------------------------------------------- */

kmsg_arena *kmsg_call_arena(kmsg_call *call)
{
    return call->arena;
}

kmsg_peer *kmsg_call_peer(kmsg_call *call)
{
    return call->peer;
}

uint32_t kmsg_call_remaining_ms(const kmsg_call *call)
{
    int64_t left_ns;

    if (call->deadline_ns == KMI_NEVER)
        return UINT32_MAX;
    left_ns = call->deadline_ns - call->node->sys->now_ns();
    return left_ns <= 0 ? 0 : (uint32_t)((left_ns + KMI_MS - 1) / KMI_MS);
}

bool kmsg_call_is_over(const kmsg_call *call)
{
    return call->over || kmsg_call_remaining_ms(call) == 0;
}

/* Said outside of the handler, after KMSG_LATER: that ends the call. */
static void end_if_later(kmsg_call *call)
{
    if (call->state != KMI_CALL_LATER)
        return;
    answer_failure(call, code_of(call->failure), call->words);
    free_call(call);
}

kmsg_err kmsg_fail(kmsg_call *call, kmsg_err err, const char *format, ...)
{
    char    text[WORDS_MAX + 1] = "";
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    err = err == KMSG_ETHROWN ? KMSG_EFAILED : code_of(err); /* throwing needs a value */
    call->failure = err;
    call->words = words_of(kmsg_string_copy(call->arena, kmsg_str(text)).data);
    end_if_later(call);
    return err;
}

kmsg_err kmsg_throw(kmsg_call *call, const kmsg_layout *error, const void *value)
{
    size_t   size = 0;
    uint8_t *words = NULL;
    kmsg_err err = kmsg_encoded_size(error, value, &size);

    if (err == KMSG_OK)
        words = kmsg_alloc(call->arena, size + 8, 8);
    if (words != NULL)
        err = kmsg_encode_into(error, value, words + 8, size, &size);
    if (words == NULL || err != KMSG_OK)
        return kmsg_fail(call, KMSG_EFAILED, "%s cannot be thrown: %s", error->name,
                         kmsg_last_error());
    kmi_store64(words, error->id);
    call->failure = KMSG_ETHROWN;
    call->words = (kmsg_bytes){words, size + 8};
    end_if_later(call);
    return KMSG_ETHROWN;
}

void kmsg_reply(kmsg_call *call, const kmsg_method *method, const void *result)
{
    answer(call, method->result, result);
    call->replied = true;
    if (call->state == KMI_CALL_LATER)
        free_call(call);
}
