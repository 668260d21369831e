/* call.c -- the handler's half of a call.
 *
 * A call that comes in takes the slot that its id names, so that it can be cancelled, and keeps it
 * until it is answered. Outside of user code its handler runs at once, with the arguments decoded
 * where they lie; otherwise it waits in the inbox, and there are limits to that. A call that nobody
 * waits for any more is not begun; one that runs can find out.
 */
#include "core/object.h"
#include "core/stream.h"

#include "base/alloc.h"
#include "base/arena.h"
#include "base/err.h"
#include "base/log.h"
#include "codec/direct.h"

#include <string.h>

#define SPARE_CALLS_MAX 64
#define SLOTS_MIN       4

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
    kmi_clear(call, sizeof *call);
    call->item.run = kmi_call_run_item;
    call->node = node;
    call->arena = arena;
    call->next = node->calls;
    if (call->next != NULL)
        call->next->prev = call;
    node->calls = call;
    return call;
}

void kmi_call_leave_slot(kmsg_call *call)
{
    uint32_t i = call->id & 0xffff;

    if (call->oneway || i >= call->conn->in_count || call->conn->in[i] != call)
        return;
    call->conn->in[i] = NULL;
    call->conn->in_used--;
}

/* Its sender may send another one: this one is done with. */
static void give_credit(kmsg_call *call)
{
    if (call->credit > 0)
        kmi_queue_release(call->conn, call->serial, call->credit);
    call->credit = 0;
}

static void count_for_object(kmsg_call *call, int change)
{
    if (call->serving != NULL && call->serving->object != NULL)
        call->serving->object->calls += (uint32_t)change;
}

void kmi_call_recycle(kmsg_call *call)
{
    kmsg_node *node = call->node;

    kmi_peer_unref(call->peer);
    kmi_conn_unref(call->conn);
    kmi_who_unref(call->who);
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

/* They end with its answer, however long the call itself is kept. */
static void end_streams(kmsg_call *call)
{
    if (call->stream != NULL)
        kmi_stream_let_go(call->stream);
    call->stream = NULL;
}

static void free_call(kmsg_call *call)
{
    if (call->state == KMI_CALL_LATER)
        call->node->later--;
    count_for_object(call, -1);
    call->serving = NULL;
    kmi_call_leave_slot(call);
    give_credit(call);
    kmi_slab_unref(call->slab);
    end_streams(call);
    call->gone = true;
    if (!call->over_posted && call->visits == 0) /* else it goes when these have had their turn */
        kmi_call_recycle(call);
}

void kmi_calls_done(kmsg_node *node)
{
    while (node->calls != NULL) {
        kmsg_call *call = node->calls;
        call->over_posted = false;
        if (call->gone)
            kmi_call_recycle(call);
        else
            free_call(call);
    }
    while (node->spare_calls != NULL) {
        kmsg_call *call = node->spare_calls;
        node->spare_calls = call->next;
        kmsg_arena_free(call->arena);
        kmi_free(call);
    }
    node->inbox = (kmi_queue){NULL, NULL};
}

/* ---- nobody waits for it any more ---------------------------------------------------------- */

/* One that passes through is over at the next node, too, and is nobody's any more. */
static void end_without_answer(kmsg_call *call)
{
    kmi_ask *onward = call->onward;

    call->over = true;
    kmi_call_leave_slot(call);
    if (call->stream != NULL)
        kmi_stream_over(call->stream);
    kmi_call_post_over(call);
    if (onward != NULL) {
        kmi_ask_drop(onward, KMSG_ECANCELED); /* which ends the call as well */
        return;
    }
    if (call->waits_for != NULL && !call->waits_for->ended)
        kmi_ask_drop(call->waits_for, KMSG_ECANCELED);
}

kmsg_call *kmi_call_find(const kmi_conn *conn, uint32_t id)
{
    uint32_t i = id & 0xffff;

    if (i >= conn->in_count || conn->in[i] == NULL || conn->in[i]->id != id)
        return NULL;
    return conn->in[i];
}

void kmi_call_canceled(kmi_conn *conn, uint32_t id)
{
    kmsg_call *call = kmi_call_find(conn, id);

    if (call != NULL)
        end_without_answer(call);
}

void kmi_calls_over(kmi_conn *conn)
{
    for (size_t i = 0; i < conn->in_count; i++)
        if (conn->in[i] != NULL)
            end_without_answer(conn->in[i]);
    kmi_holds_lost(&conn->node->holds, conn);
}

void kmi_call_break(kmsg_call *call, kmsg_err err, const char *why)
{
    kmi_answer_error(call, err, why);
    end_without_answer(call);
}

/* ---- handling ------------------------------------------------------------------------------ */

static bool too_late(const kmsg_call *call)
{
    return call->over ||
           (call->deadline_ns != KMI_NEVER && call->node->sys->coarse_ns() >= call->deadline_ns);
}

static void refuse(kmsg_call *call, kmsg_err err, const char *text)
{
    if (call->oneway)
        kmi_conn_refused(call->conn, err, text);
    kmi_answer_error(call, err, text);
}

const kmsg_method *kmi_call_method(const kmsg_call *call)
{
    const kmsg_service *service = call->serving == NULL ? NULL : call->serving->service;

    if (service == NULL || call->number >= service->count ||
        service->methods[call->number].invoke == NULL)
        return NULL;
    return &service->methods[call->number];
}

/* "the service acme.Orders is for the roles ops, trader", or the method, if that has its own. */
static void refuse_for_roles(kmsg_call *call, const kmsg_method *method)
{
    const kmsg_service *service = call->serving->service;
    bool                all = method->roles == service->roles;
    char                text[KMI_WORDS_MAX];
    size_t              size;

    snprintf(text, sizeof text, "the %s %s%s%s is for the role%s", all ? "service" : "method",
             service->name, all ? "" : ".", all ? "" : method->name,
             method->roles[1] == NULL ? "" : "s");
    for (size_t i = 0; method->roles[i] != NULL; i++) {
        size = strlen(text);
        snprintf(text + size, sizeof text - size, "%s %s", i == 0 ? "" : ",", method->roles[i]);
    }
    refuse(call, KMSG_EPERM, text);
}

/* The method, if there is one that can be called like this. */
static const kmsg_method *find_method(kmsg_call *call)
{
    const kmsg_method *method = kmi_call_method(call);

    if (call->serving == NULL) {
        refuse(call, call->nobody ? KMSG_ENOENT : KMSG_ENOSERVICE, "");
        return NULL;
    }
    if (method == NULL) {
        refuse(call, KMSG_ENOMETHOD, call->serving->service->name);
        return NULL;
    }
    if (call->oneway && !method->oneway) {
        refuse(call, KMSG_EREQUEST, "it is no one-way message");
        return NULL;
    }
    if (KMSG_UNLIKELY(method->roles != NULL) && !kmi_who_has_one_of(call->who, method->roles)) {
        refuse_for_roles(call, method);
        return NULL;
    }
    return method;
}

/* A handler's own code, or EFAILED if it is none that a caller can be told. */
static kmsg_err code_of(kmsg_err err)
{
    return err >= 0 || strcmp(kmsg_err_name(err), "UNKNOWN") == 0 ? KMSG_EFAILED : err;
}

/* Nobody but the log hears of it. */
static void say_failed(const kmsg_call *call, kmsg_err err)
{
    if (call->conn->datagram)
        kmi_conn_refused(call->conn, KMSG_EFAILED, "");
    else
        kmi_log(KMSG_WARNING, "%s.%s, one-way: %s", call->serving->service->name,
                call->method->name, kmsg_strerror(err));
}

static void end_handled(kmsg_call *call, kmsg_err err, const void *result)
{
    kmsg_bytes none = {NULL, 0};

    if (call->replied)
        return;
    if (err == KMSG_OK && kmsg_arena_failed(call->arena))
        err = KMSG_ENOMEM;
    if (err == KMSG_OK) {
        if (!call->method->oneway)
            kmi_answer(call, call->method->result, result);
        else if (!call->held)
            kmi_acknowledge(call);
        return;
    }
    if (call->oneway)
        say_failed(call, err);
    if (err == KMSG_ETHROWN && call->failure != KMSG_ETHROWN)
        kmi_answer_error(call, KMSG_EFAILED, "the handler threw nothing");
    else if (err == call->failure)
        kmi_answer_failure(call, err, call->words);
    else
        kmi_answer_failure(call, code_of(err),
                           err == KMSG_ENOMETHOD ? kmi_words_of(call->method->name) : none);
}

static void end_message(kmsg_call *call, kmsg_err err)
{
    if (err == KMSG_OK && call->held)
        return;
    if (err == KMSG_OK)
        kmi_acknowledge(call);
    else if (err == call->failure)
        kmi_answer_failure(call, err, call->words);
    else
        kmi_answer_error(call, code_of(err), "");
}

kmsg_err kmi_call_unhandled(kmsg_call *call, kmsg_object *object)
{
    if (call->target == kmsg_Stop_layout.id) {
        kmsg_object_fail(object, KMSG_ECANCELED, "it was stopped");
        return KMSG_OK;
    }
    object->facts.dropped++;
    if (call->oneway)
        kmi_log(KMSG_WARNING, "a message that its object does not handle was dropped");
    return KMSG_ENOMETHOD;
}

static void handle_message(kmsg_call *call)
{
    kmsg_object *object = call->serving->object;
    kmsg_err     err;

    object->facts.received++;
    call->state = KMI_CALL_RUNNING;
    object->executing = true;
    err = object->maker.handle == NULL ? KMSG_ENOMETHOD : object->maker.handle(object, call);
    object->executing = false;
    if (err == KMSG_ENOMETHOD)
        err = kmi_call_unhandled(call, object);
    if (!call->saved)
        end_message(call, err);
}

/* False: it needs one, and there is no memory for it. */
static bool has_stream(kmsg_call *call)
{
    return !kmi_is_streaming(call->method) || call->stream != NULL ||
           kmi_stream_of_call(call, call->method) != NULL;
}

static void handle(kmsg_call *call)
{
    const kmsg_method *method = call->method;
    void              *args = kmsg_alloc(call->arena, method->args->size, 16);
    void              *result = NULL;
    kmsg_err           err;

    if (method->result != NULL)
        result = kmsg_alloc_zeroed(call->arena, 1, method->result->size, 16);
    if (kmsg_arena_failed(call->arena) || !has_stream(call)) {
        refuse(call, KMSG_ENOMEM, "");
        return;
    }
    err = kmi_decode_to(method->args, (kmsg_bytes){call->body, call->body_size}, call->arena, args);
    if (err == KMSG_OK)
        err = kmi_call_addresses(call, method->args, call->arena, args);
    if (err != KMSG_OK) {
        refuse(call, err == KMSG_ENOMEM ? err : KMSG_EREQUEST, kmsg_last_error());
        return;
    }
    call->state = KMI_CALL_RUNNING;
    *call->serving->executing = true;
    err = method->invoke(call->serving->impl, call->serving->ctx, call, args, result);
    *call->serving->executing = false;
    if (err == KMSG_LATER && call->failure != KMSG_OK)
        err = call->failure; /* it has failed already; what it meant to do later does not matter */
    if (err == KMSG_LATER && !method->oneway && !call->replied) {
        call->state = KMI_CALL_LATER;
        call->node->later++;
    } else {
        end_handled(call, err, result);
    }
}

/* Where one handler holds messages others will, and these must not hold more than themselves. */
static kmsg_err keep_if_held(kmsg_call *call)
{
    return call->node->holds.serial == 0 ? KMSG_OK : kmi_call_keep_body(call);
}

static void run_handler(kmsg_call *call)
{
    if (keep_if_held(call) != KMSG_OK)
        refuse(call, KMSG_ENOMEM, "");
    else if (call->serving != NULL && call->serving->object != NULL &&
             call->serving->object->returned)
        refuse(call, KMSG_ENOENT, "the object has returned");
    else if (call->serving != NULL && call->serving->service == NULL)
        handle_message(call);
    else if ((call->method = find_method(call)) != NULL)
        handle(call);
}

/* Nothing keeps it but, perhaps, an answer that is still to come. */
static void let_go(kmsg_call *call)
{
    kmi_slab_unref(call->slab);
    call->slab = NULL;
    give_credit(call);
    if (call->state != KMI_CALL_LATER)
        free_call(call);
}

void kmi_call_run_item(kmi_item *item)
{
    kmsg_call *call = (kmsg_call *)item;
    kmsg_node *node = call->node;
    int64_t    outer_ns;

    if (!too_late(call)) {
        call->outer = node->running;
        node->running = call;
        outer_ns = kmi_user_begin(node);
        run_handler(call);
        kmi_user_end(node, outer_ns);
        node->running = call->outer;
    }
    if (call->state == KMI_CALL_RUNNING) {
        end_streams(call);
        call->state = KMI_CALL_HANDLED;
    }
    if (call->saved && !call->held)
        (void)kmi_call_keep_body(call); /* without memory for that it keeps the whole slab */
    if (!call->held && !call->saved)
        let_go(call);
}

void kmi_call_released(kmsg_call *call)
{
    call->held = false;
    if (call->state == KMI_CALL_QUEUED || call->state == KMI_CALL_RUNNING || call->saved)
        return; /* who handles it has not done with it yet */
    if (call->method == NULL || call->method->oneway)
        kmi_acknowledge(call);
    let_go(call);
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
        conn->in_used++;
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
    conn->in_used++;
    in[i] = call;
    return KMSG_OK;
}

static void wait_in_inbox(kmsg_call *call)
{
    uint32_t crowd = kmi_inbox_crowd(call);
    kmsg_err err = crowd > 0 ? KMSG_EOVERLOADED : kmi_call_keep_body(call);
    char     text[64];

    if (err == KMSG_OK) {
        kmi_inbox_enter(call);
        return;
    }
    snprintf(text, sizeof text, "%u requests are waiting", crowd);
    refuse(call, err, err == KMSG_EOVERLOADED ? text : "");
    free_call(call);
}

/* Who it is for; and who it is from, unless others have handed it on. */
static void aim(kmsg_call *call, kmsg_node *node)
{
    kmi_letter   letter;
    kmsg_object *object;

    if (call->envelope == NULL) {
        call->serving = kmi_service_find(&node->services, call->target);
        return;
    }
    kmi_envelope_get(call->envelope, &letter);
    if (letter.outside || letter.from.hop_count > 0 ||
        (letter.from.instance != 0 && letter.from.instance != call->conn->instance))
        call->who = kmi_route_is_inside(call->conn, &letter) ? &node->process : &node->nobody;
    object = kmi_object_find(node, letter.to.object);
    call->nobody = object == NULL;
    if (object == NULL)
        node->facts.dead_letters += call->oneway;
    else if (call->target == kmsg_Stop_layout.id)
        call->serving = &object->serving_messages;
    else
        call->serving = kmi_object_serving(object, call->target);
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
    call->target = frame->target;
    call->envelope = frame->envelope;
    call->who = conn->who;
    aim(call, node);
    kmi_who_ref(call->who);
    count_for_object(call, 1);
    call->deadline_ns = call->oneway || frame->aux == KMI_NO_DEADLINE
                            ? KMI_NEVER
                            : node->net.now_ns + (int64_t)frame->aux * KMI_MS;
}

void kmi_call_turn_away(kmi_conn *conn, kmi_frame *frame, kmsg_err err)
{
    kmi_conn_ref(conn); /* to tell the caller may need memory, or the link is given up */
    kmi_slab_unref(frame->slab);
    if (frame->kind == KMI_CALL)
        kmi_conn_control(conn, KMI_FAIL, frame->call, (uint32_t)err);
    else
        kmi_conn_refused(conn, err, "");
    kmi_queue_release(conn, conn->serial, kmi_frame_room(frame->size));
    kmi_conn_unref(conn);
}

/* Into a mailbox, or the inbox, or its handler. */
static void take_in(kmsg_call *call)
{
    kmsg_object *object = kmi_call_object(call);
    kmsg_err     err;

    if (object != NULL && call->target == kmsg_Last_layout.id) {
        kmi_call_release(call, KMSG_OK);
    } else if (object != NULL && object->maker.is_inbox) {
        err = kmi_call_keep_body(call);
        if (err == KMSG_OK && kmi_mailbox_add(object, call))
            return;
        refuse(call, err == KMSG_OK ? KMSG_EOVERLOADED : err, "its mailbox is full");
        free_call(call);
    } else if (call->node->depth == 0) {
        kmi_call_run_item(&call->item);
    } else {
        wait_in_inbox(call);
    }
}

/* With its slot, filled in. NULL: it has been turned away. */
static kmsg_call *enter_call(kmi_conn *conn, kmi_frame *frame)
{
    kmsg_call *call = new_call(conn->node);
    kmsg_err   err = KMSG_OK;

    if (call == NULL) {
        kmi_call_turn_away(conn, frame, KMSG_ENOMEM);
        return NULL;
    }
    fill_in(call, conn, frame);
    if (!call->oneway)
        err = enter_slot(call);
    if (err == KMSG_OK)
        return call;
    if (err == KMSG_EPROTOCOL)
        kmi_conn_breach(conn, "a call whose id is in use");
    else
        refuse(call, err, "");
    free_call(call);
    return NULL;
}

static void begin_call(kmi_conn *conn, kmi_frame *frame)
{
    kmsg_call  *call = enter_call(conn, frame);
    const char *why = NULL;

    if (call == NULL)
        return;
    if (call->envelope != NULL && call->who != &conn->node->process)
        why = kmi_call_why_not(call);
    if (why == NULL) {
        take_in(call);
        return;
    }
    refuse(call, KMSG_EPERM, why);
    free_call(call);
}

void kmi_call_arrived(kmi_conn *conn, kmi_frame *frame)
{
    kmi_letter letter;

    if (frame->envelope != NULL)
        kmi_envelope_get(frame->envelope, &letter);
    if (conn->closing) {
        kmi_slab_unref(frame->slab);
    } else if (!kmi_queue_keep(conn, kmi_frame_room(frame->size))) {
        kmi_slab_unref(frame->slab);
        if (conn->datagram) {
            kmi_conn_refused(conn, KMSG_EOVERLOADED, "");
            return;
        }
        kmi_conn_breach(conn, "more requests than it has credit for");
    } else if (conn->node->later >= KMSG_CALLS_MAX && frame->kind == KMI_CALL) {
        kmi_call_turn_away(conn, frame, KMSG_EOVERLOADED);
    } else if (frame->envelope != NULL && !kmi_is_from_there(conn, &letter)) {
        kmi_slab_unref(frame->slab);
        kmi_conn_breach(conn, "a message in the name of another node");
    } else if (frame->envelope != NULL &&
               letter.to.instance != conn->node->net.session.own.instance) {
        kmi_relay(conn, frame, &letter);
    } else {
        begin_call(conn, frame);
    }
}

/* ---- messages ------------------------------------------------------------------------------ */

kmsg_err kmi_call_local(kmsg_object *object, uint64_t type, kmi_slab *slab, size_t envelope_size)
{
    kmsg_node *node = object->node;
    kmsg_call *call = new_call(node);

    if (call == NULL) {
        kmi_slab_unref(slab);
        return kmi_error_plain(KMSG_ENOMEM);
    }
    call->conn = kmi_conn_ref(node->self->conn);
    call->peer = kmi_peer_ref(node->self);
    call->who = kmi_who_ref(&node->process);
    call->local = true;
    call->oneway = true;
    call->slab = slab;
    call->target = type;
    call->envelope = slab->data;
    call->body = slab->data + envelope_size;
    call->body_size = slab->size - envelope_size;
    call->serving = &object->serving_messages;
    count_for_object(call, 1);
    call->deadline_ns = KMI_NEVER;
    if (object->maker.is_inbox && kmi_mailbox_add(object, call))
        return KMSG_OK;
    if (!object->maker.is_inbox && kmi_mailbox_has_room(object, call)) {
        kmi_inbox_enter(call);
        return KMSG_OK;
    }
    if (!object->maker.is_inbox)
        object->facts.dropped++;
    free_call(call);
    return kmi_error(KMSG_EFULL, "its mailbox is full");
}

void kmi_call_release(kmsg_call *call, kmsg_err err)
{
    if (call->held) {
        call->state = KMI_CALL_HANDLED;
        return;
    }
    if (err == KMSG_OK)
        kmi_acknowledge(call);
    else
        refuse(call, err, "");
    free_call(call);
}

void kmi_call_end_saved(kmsg_call *call, kmsg_err err)
{
    call->saved = false;
    end_message(call, err);
    if (!call->held && call->state != KMI_CALL_RUNNING) /* else its handler has not returned */
        free_call(call);
}

void kmi_calls_of_object_over(kmsg_node *node, kmsg_object *object)
{
    kmsg_call *next;

    for (kmsg_call *call = node->calls; call != NULL && object->calls > 0; call = next) {
        next = call->next;
        if (call->serving == NULL || call->serving->object != object)
            continue;
        count_for_object(call, -1);
        if (call->state == KMI_CALL_LATER) {
            kmi_answer_error(call, KMSG_EUNAVAILABLE, "the object has returned");
            end_without_answer(call); /* it lives until its handler's reply, which goes nowhere */
        }
        call->serving = NULL;
        call->nobody = true;
    }
}

kmsg_call *kmi_call_through(kmi_conn *conn, kmi_frame *frame)
{
    kmsg_call *call = enter_call(conn, frame);

    if (call != NULL) {
        count_for_object(call, -1);
        call->serving = NULL;
    }
    return call;
}

void kmi_call_pass_back(kmsg_call *call, kmsg_err err, const uint8_t *body, size_t size)
{
    kmi_answer_as_is(call, err, (kmsg_bytes){body, size});
    free_call(call);
}

/* ---- how a handler ends it ----------------------------------------------------------------- */

/* A call that was left for later has been answered. */
static void end_later(kmsg_call *call)
{
    if (!call->held) {
        free_call(call);
        return;
    }
    call->node->later--;
    end_streams(call);
    call->state = KMI_CALL_HANDLED;
}

/* Said outside of the handler, after KMSG_LATER: that ends the call. */
static void end_if_later(kmsg_call *call)
{
    if (call->state != KMI_CALL_LATER)
        return;
    kmi_answer_failure(call, code_of(call->failure), call->words);
    end_later(call);
}

kmsg_err kmsg_fail(kmsg_call *call, kmsg_err err, const char *format, ...)
{
    char    text[KMI_WORDS_MAX + 1] = "";
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    err = err == KMSG_ETHROWN ? KMSG_EFAILED : code_of(err); /* throwing needs a value */
    call->failure = err;
    call->words = kmi_words_of(kmsg_string_copy(call->arena, kmsg_str(text)).data);
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
    kmi_answer(call, method->result, result);
    call->replied = true;
    if (call->state == KMI_CALL_LATER)
        end_later(call);
}
