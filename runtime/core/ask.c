/* ask.c -- the caller's half of a call.
 *
 * An ask has a slot of its peer as long as it is in flight; slot and generation together are the id
 * that the frames carry, so an answer that comes too late finds nobody. It ends exactly once, in
 * end_with(): a blocking one is just marked, an asynchronous one goes to the inbox, from where its
 * callback is run.
 */
#include "core/object.h"
#include "core/stream.h"

#include "base/alloc.h"
#include "base/arena.h"
#include "base/err.h"
#include "codec/direct.h"

#include <string.h>

/* ---- asks ---------------------------------------------------------------------------------- */

static void on_timeout(kmi_timer *timer, int64_t now_ns)
{
    kmi_ask *ask = (kmi_ask *)(void *)((uint8_t *)timer - offsetof(kmi_ask, timer));

    (void)now_ns;
    kmi_ask_drop(ask, KMSG_ETIMEDOUT);
}

kmi_ask *kmi_ask_new(kmsg_peer *peer, const kmsg_service *service, const kmsg_method *method)
{
    kmi_conn  *conn = peer->conn;
    kmsg_node *node = peer->node;
    kmi_ask   *ask = node->spare_asks;
    kmi_timer  timer;

    if (ask != NULL) {
        node->spare_asks = (kmi_ask *)ask->item.next;
        timer = ask->timer;
    } else {
        ask = kmi_alloc(sizeof *ask);
        if (ask == NULL)
            return NULL;
        if (kmi_timer_init(&node->timers, &timer, on_timeout) != KMSG_OK) {
            kmi_free(ask);
            return NULL;
        }
    }
    kmi_clear(ask, sizeof *ask);
    ask->item.run = kmi_ask_finish_item;
    ask->peer = kmi_peer_ref(peer);
    ask->conn = kmi_conn_ref(conn);
    ask->service = service;
    ask->method = method;
    ask->timer = timer;
    return ask;
}

void kmi_ask_free(kmi_ask *ask)
{
    kmsg_node *node = ask->peer->node;

    kmi_stream_let_go(ask->stream);
    kmi_slab_unref(ask->slab);
    kmi_slab_unref(ask->kept);
    kmi_conn_unref(ask->conn);
    kmi_peer_unref(ask->peer);
    ask->item.next = (kmi_item *)node->spare_asks;
    node->spare_asks = ask;
}

kmsg_arena *kmi_arena_take(kmsg_node *node)
{
    kmsg_arena *mem = node->spare_arena;

    node->spare_arena = NULL;
    return mem != NULL ? mem : kmsg_arena_new();
}

void kmi_arena_give(kmsg_node *node, kmsg_arena *mem)
{
    if (mem == NULL || node->spare_arena != NULL) {
        kmsg_arena_free(mem);
        return;
    }
    kmi_arena_reset_to(mem, KMI_ARENA_KEEP);
    node->spare_arena = mem;
}

void kmi_asks_done(kmsg_node *node)
{
    kmsg_arena_free(node->spare_arena);
    while (node->spare_asks != NULL) {
        kmi_ask *ask = node->spare_asks;
        node->spare_asks = (kmi_ask *)ask->item.next;
        kmi_timer_done(&node->timers, &ask->timer);
        kmi_free(ask);
    }
}

/* ---- ending -------------------------------------------------------------------------------- */

/* It was another node's, and goes back there at once: no user code is in between. */
static void pass_back(kmi_ask *ask)
{
    ask->through->onward = NULL;
    kmi_call_pass_back(ask->through, ask->err, ask->body, ask->body_size);
    kmi_ask_free(ask);
}

static void end_with(kmi_ask *ask, kmsg_err err)
{
    assert(!ask->ended && "a call ends once");
    kmi_slot_give(ask);
    kmi_timer_stop(&ask->peer->node->timers, &ask->timer);
    ask->err = err;
    ask->ended = true;
    if (ask->stream != NULL)
        kmi_stream_over(ask->stream);
    if (ask->through != NULL)
        pass_back(ask);
    else if (!ask->blocking)
        kmi_inbox_add_as(ask->peer->node, &ask->item, ask->peer->inner);
}

static void set_words(kmi_ask *ask, const char *why)
{
    size_t    size = strlen(why);
    kmi_slab *slab = kmi_slab_new(size == 0 ? 1 : size);

    if (slab == NULL)
        return; /* the code says enough */
    memcpy(slab->data, why, size);
    ask->slab = slab;
    ask->body = slab->data;
    ask->body_size = size;
}

void kmi_ask_fail(kmi_ask *ask, kmsg_err err, const char *why)
{
    if (why != NULL)
        set_words(ask, why);
    end_with(ask, err);
}

void kmi_ask_drop(kmi_ask *ask, kmsg_err err)
{
    kmi_conn *conn = ask->conn;
    uint32_t  id = ask->id;
    bool      unsent = kmi_queue_take_back(conn, ask);

    if (ask->through != NULL && err == KMSG_ECLOSED) /* by a user of this node, not by its caller */
        err = unsent ? KMSG_EUNSENT : KMSG_ELOST;
    end_with(ask, err);
    if (!unsent)
        kmi_conn_control(conn, KMI_CANCEL, id, 0);
}

void kmi_ask_break(kmi_ask *ask, kmsg_err err, const char *why)
{
    kmi_conn *conn = ask->conn;
    uint32_t  id = ask->id;

    kmi_ask_fail(ask, err, why);
    kmi_conn_control(conn, KMI_CANCEL, id, 0);
}

/* The answer will be looked at later: it must not hold a whole read slab until then. */
static kmsg_err keep_body(kmi_ask *ask, const kmi_frame *frame)
{
    kmi_slab *slab = frame->slab;

    if (slab != NULL && slab->capacity > 4 * frame->body_size + 4096) {
        slab = kmi_slab_new(frame->body_size + 1);
        if (slab == NULL) {
            kmi_slab_unref(frame->slab);
            return KMSG_ENOMEM;
        }
        memcpy(slab->data, frame->body, frame->body_size);
        kmi_slab_unref(frame->slab);
        ask->body = slab->data;
    } else {
        ask->body = frame->body;
    }
    ask->slab = slab;
    ask->body_size = frame->body_size;
    return KMSG_OK;
}

static kmsg_err failure_of(const kmi_frame *frame)
{
    kmsg_err err = (kmsg_err)(int32_t)frame->aux;

    if (frame->kind == KMI_ANSWER)
        return KMSG_OK;
    return strcmp(kmsg_err_name(err), "UNKNOWN") == 0 ? KMSG_EFAILED : err;
}

void kmi_ask_answered(kmi_conn *conn, kmi_frame *frame)
{
    kmi_ask *ask = kmi_ask_find(conn, frame->call);
    bool     soon;

    if (ask == NULL || ask->queued) { /* what was not asked cannot be answered */
        kmi_slab_unref(frame->slab);
        return;
    }
    conn->used_ns = conn->node->net.now_ns;
    if (ask->frame_at >= conn->link->proved_at)
        conn->link->proved_at = ask->frame_at + 1;
    soon = ask->pending == NULL && !(ask->stream != NULL && ask->blocking) &&
           (ask->blocking || ask->through != NULL || conn->node->depth == 0);
    if (soon) {
        ask->slab = frame->slab;
        ask->body = frame->body;
        ask->body_size = frame->body_size;
    } else if (keep_body(ask, frame) != KMSG_OK) {
        end_with(ask, KMSG_ENOMEM);
        return;
    }
    end_with(ask, failure_of(frame));
}

/* ---- asking -------------------------------------------------------------------------------- */

static uint32_t less(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

/* A handler's own calls end before the call that it handles does; and all before the deadline that
 * the user has set for a while. */
static uint32_t limit_of(const kmsg_node *node)
{
    uint32_t left_ms = kmi_deadline_left_ms(node, node->deadline_ns);

    return node->running == NULL ? left_ms : less(left_ms, kmsg_call_remaining_ms(node->running));
}

uint32_t kmi_timeout_of(const kmsg_peer *peer, const kmsg_method *method)
{
    bool by_schema = method != NULL && method->deadline_ms > 0 && !peer->timeout_is_set;

    return less(limit_of(peer->node), by_schema ? method->deadline_ms : peer->timeout_ms);
}

/* What is asked. `letter` NULL: the node's own service. */
typedef struct question {
    kmi_letter        *letter;
    uint64_t           target;
    uint32_t           number;
    const kmsg_layout *layout; /* NULL: the value is a kmsg_bytes, encoded already */
    const void        *value;
    uint32_t           timeout_ms;
} question;

static kmsg_err put_request(kmi_ask *ask, const question *q)
{
    kmi_frame frame = {.kind = KMI_CALL,
                       .method = (uint16_t)q->number,
                       .call = ask->id,
                       .aux = ask->stream == NULL ? ask->timeout_ms : KMI_NO_DEADLINE,
                       .target = q->target};

    return kmi_queue_request(ask->conn, &frame, q->letter, q->layout, q->value, ask);
}

static kmsg_err try_to_send(kmi_ask *ask, const question *q)
{
    kmsg_node *node = ask->conn->node;
    kmsg_err   err = kmi_slot_take(ask);

    if (err != KMSG_OK)
        return err;
    kmi_timer_set(&node->timers, &ask->timer, node->sys->now_ns() + ask->timeout_ms * KMI_MS);
    err = put_request(ask, q);
    if (err == KMSG_OK)
        return KMSG_OK;
    kmi_timer_stop(&node->timers, &ask->timer);
    kmi_slot_give(ask);
    return err;
}

static kmsg_err send_question(kmi_ask *ask, const question *q)
{
    kmsg_node *node = ask->conn->node;
    kmsg_err   err = kmi_conn_check(ask->conn);

    if (err == KMSG_OK)
        err = kmi_conn_check_answers(ask->conn);
    if (err == KMSG_OK && ask->blocking && node->running != NULL && node->running->over)
        err = kmi_error(KMSG_ECANCELED, "nobody waits for the call being handled any more");
    ask->timeout_ms = q->timeout_ms;
    if (err == KMSG_OK && ask->timeout_ms == 0)
        err = kmi_error(KMSG_ETIMEDOUT, "there is no time left for it");
    if (err == KMSG_OK)
        err = try_to_send(ask, q);
    if (err != KMSG_EFULL || !ask->conn->limited)
        return err;
    err = kmi_room_ask(ask, q->letter, q->layout, q->value);
    return err == KMSG_OK ? try_to_send(ask, q) : err;
}

/* A peer of an address: the way there is looked for with each question. */
static kmsg_err aim(kmsg_peer *peer, question *q, kmi_letter *letter)
{
    kmsg_node *node = peer->node;
    kmi_conn  *conn;
    kmsg_err   err;

    if (peer->named != NULL && kmi_named_is_settled(peer) &&
        kmi_conn_check(peer->conn) == KMSG_ECLOSED)
        kmi_named_unsettle(peer);
    if (!peer->is_reached) {
        kmi_peer_conn(peer); /* there may be a better one by now */
        return KMSG_OK;
    }
    *letter = (kmi_letter){
        .to = peer->to,
        .from = {.instance = node->net.session.own.instance, .object = node->root->id}};
    err = kmi_route(node, &letter->to, &conn);
    if (err == KMSG_EUNREACHABLE && peer->named != NULL) {
        kmi_named_unsettle(peer); /* who has the name has just gone */
        return KMSG_OK;
    }
    if (err != KMSG_OK)
        return err;
    q->letter = letter;
    kmi_conn_ref(conn);
    kmi_conn_unref(peer->conn);
    peer->conn = conn;
    return KMSG_OK;
}

kmsg_err kmi_ask_send(kmi_ask *ask, const void *args)
{
    const kmsg_method *method = ask->method;
    question           q = {.target = ask->service->id,
                            .number = method->number,
                            .layout = method->args,
                            .value = args,
                            .timeout_ms = kmi_timeout_of(ask->peer, method)};
    kmi_letter         letter;
    kmsg_err           err = aim(ask->peer, &q, &letter);

    if (err != KMSG_OK)
        return err;
    kmi_ask_use(ask, ask->peer->conn); /* that of an address may be another one by now */
    return send_question(ask, &q);
}

/* ---- what came of it ----------------------------------------------------------------------- */

static void remember_thrown(kmi_ask *ask)
{
    kmsg_peer *peer = ask->peer;

    kmi_slab_unref(peer->thrown);
    peer->thrown = NULL;
    if (ask->err != KMSG_ETHROWN || ask->slab == NULL || ask->body_size < 8)
        return;
    peer->thrown = kmi_slab_new(ask->body_size);
    if (peer->thrown == NULL)
        return;
    memcpy(peer->thrown->data, ask->body, ask->body_size);
    peer->thrown_id = kmi_load64(peer->thrown->data);
    peer->thrown_body = peer->thrown->data + 8;
    peer->thrown_size = (uint32_t)(ask->body_size - 8);
}

/* The handler's own words where there are some; else what went wrong with which call. */
static kmsg_err say(const kmi_ask *ask)
{
    const char *words = (const char *)ask->body;
    int         size = ask->err == KMSG_ETHROWN || ask->slab == NULL ? 0 : (int)ask->body_size;
    const char *what = ask->service == NULL ? ask->layout->name : ask->service->name;

    if (size > 0 && size < 4096 && kmsg_utf8_valid(words, (size_t)size)) {
        if (ask->err == KMSG_EFAILED || ask->err <= KMSG_EFAILED || ask->err == KMSG_EREQUEST)
            return kmi_error(ask->err, "%.*s", size, words);
        return kmi_error(ask->err, "%s: %.*s", ask->conn->url, size, words);
    }
    if (ask->conn->nowhere && ask->err == KMSG_ETIMEDOUT)
        return kmi_error(ask->err, "%s: nobody was found who publishes it", ask->conn->url);
    return kmi_error(ask->err, "%s%s%s at %s", what, ask->method == NULL ? "" : ".",
                     ask->method == NULL ? "" : ask->method->name, ask->conn->url);
}

kmsg_err kmi_ask_tell(kmi_ask *ask)
{
    remember_thrown(ask);
    return say(ask);
}

typedef kmsg_err decode_fn(const kmsg_layout *layout, kmsg_bytes bytes, kmsg_arena *mem, void *ret);

/* Its addresses, as they are to be understood here. */
static kmsg_err answer_arrives(const kmsg_peer *peer, const kmi_conn *conn,
                               const kmsg_layout *layout, kmsg_arena *mem, void *value)
{
    const kmi_place neighbour = {.instance = conn->instance};

    return kmi_addresses_arrive(peer->is_reached ? &peer->to : &neighbour,
                                peer->node->net.session.own.instance, layout, mem, value);
}

/* `*decode` is kmsg_decode(), or kmi_decode_to() where `ret` is what that asks for. */
static kmsg_err decode_answer(const kmi_ask *ask, const uint8_t *body, decode_fn *decode,
                              kmsg_arena *mem, void *ret)
{
    const kmsg_layout *result = ask->method->result;
    kmsg_bytes         bytes = {body, ask->body_size};
    kmsg_err           err;

    if (result == NULL) /* one-way, or streamed: there is nothing to read */
        return KMSG_OK;
    if (bytes.size == 0) /* no message is empty: this says that one was released */
        return kmi_error(KMSG_EREQUEST, "%s.%s is a one-way message there", ask->service->name,
                         ask->method->name);
    if (ret == NULL) /* the method returns nothing; a later version of it may return something */
        ret = kmsg_alloc(mem, result->size, 8);
    if (ret == NULL)
        return kmi_error_plain(KMSG_ENOMEM);
    err = decode(result, bytes, mem, ret);
    if (err == KMSG_OK)
        err = answer_arrives(ask->peer, ask->conn, result, mem, ret);
    return err == KMSG_OK || err == KMSG_ENOMEM ? err : KMSG_EDECODE;
}

/* Copied once, to where the caller keeps it, and decoded there. */
static kmsg_err collect(kmi_ask *ask, kmsg_arena *mem, void *ret)
{
    uint8_t *body;

    remember_thrown(ask);
    if (ask->err != KMSG_OK)
        return say(ask);
    body = kmsg_alloc(mem, ask->body_size, 8);
    if (body == NULL)
        return kmi_error_plain(KMSG_ENOMEM);
    memcpy(body, ask->body, ask->body_size);
    return decode_answer(ask, body, kmsg_decode, mem, ret);
}

/* Who does not say where an answer is to be kept wants only what fits into *ret. */
kmsg_err kmi_ask_collect(kmi_ask *ask, kmsg_arena *mem, void *ret)
{
    kmsg_node *node = ask->peer->node;
    kmsg_err   err;

    if (mem != NULL)
        return collect(ask, mem, ret);
    mem = kmi_arena_take(node);
    err = mem == NULL ? kmi_error_plain(KMSG_ENOMEM) : collect(ask, mem, ret);
    kmi_arena_give(node, mem);
    return err;
}

/* Who will handle this blocking request, if it is on this very node and user code of the node waits
 * for it: then the handler must run inside. KMSG_EDEADLOCK if it is on the stack. */
static kmsg_err find_nested(kmi_conn *conn, const kmi_letter *letter, uint64_t target,
                            kmi_serving **ret)
{
    kmsg_node   *node = conn->node;
    kmsg_object *object;

    *ret = NULL;
    if (node->depth == 0)
        return KMSG_OK;
    kmi_conn_connect(conn); /* only a link tells that it leads back to this node */
    if (conn->link == NULL || !conn->link->local)
        return KMSG_OK;
    if (letter == NULL) {
        *ret = kmi_service_find(&node->services, target);
    } else {
        object = kmi_object_find(node, letter->to.object);
        *ret = object == NULL ? NULL : kmi_object_serving(object, target);
    }
    if (*ret == NULL || !*(*ret)->executing)
        return KMSG_OK;
    return kmi_error(KMSG_EDEADLOCK, "%s is handling a call and would wait for itself",
                     (*ret)->service == NULL ? "the object" : (*ret)->service->name);
}

/* Until the ask has ended, or *until (may be NULL). Whoever cancels the call that is being handled
 * ends this wait, too. */
static void wait_in(kmi_ask *ask, kmi_serving *nested, const bool *until)
{
    kmsg_node *node = ask->conn->node;
    kmsg_call *running = node->running;

    if (running != NULL)
        running->waits_for = ask;
    while (!ask->ended && (until == NULL || !*until))
        kmi_node_wait_a_turn(node, &ask->ended, nested);
    if (running != NULL)
        running->waits_for = NULL;
}

void kmi_ask_wait(kmi_ask *ask)
{
    const kmsg_call *running = ask->conn->node->running;
    const kmi_letter letter = {.to = ask->peer->to};
    kmi_serving     *nested;

    if (ask->ended)
        return;
    if (kmi_node_is_foreign(ask->conn->node))
        kmi_ask_drop(ask, KMSG_EFORKED);
    else if (running != NULL && running->over)
        kmi_ask_drop(ask, KMSG_ECANCELED);
    else if (find_nested(ask->conn, ask->peer->is_reached ? &letter : NULL, ask->service->id,
                         &nested) != KMSG_OK)
        kmi_ask_drop(ask, KMSG_EDEADLOCK);
    else
        wait_in(ask, nested, NULL);
}

kmsg_err kmsg_ask(kmsg_peer *peer, const kmsg_service *service, const kmsg_method *method,
                  const void *args, kmsg_arena *mem, void *ret)
{
    question     q = {.target = service->id,
                      .number = method->number,
                      .layout = method->args,
                      .value = args,
                      .timeout_ms = kmi_timeout_of(peer, method)};
    kmi_letter   letter;
    kmi_serving *nested;
    kmi_ask     *ask;
    kmsg_err     err = aim(peer, &q, &letter);

    if (err == KMSG_OK)
        err = find_nested(peer->conn, q.letter, service->id, &nested);
    if (err != KMSG_OK)
        return err;
    ask = kmi_ask_new(peer, service, method);
    if (ask == NULL)
        return kmi_error_plain(KMSG_ENOMEM);
    ask->blocking = true;
    err = send_question(ask, &q);
    if (err == KMSG_OK) {
        wait_in(ask, nested, NULL);
        err = kmi_ask_collect(ask, mem, ret);
    }
    kmi_ask_free(ask);
    return err;
}

void kmsg_ask_async(kmsg_peer *peer, const kmsg_service *service, const kmsg_method *method,
                    const void *args, kmsg_finish *finish, kmsg_done *done, void *ctx)
{
    kmi_ask *ask = kmi_ask_new(peer, service, method);
    kmsg_err err;

    if (ask == NULL) { /* nothing can be queued: the one callback that does not come later */
        finish(done, ctx, kmi_error_plain(KMSG_ENOMEM), NULL);
        return;
    }
    ask->finish = finish;
    ask->done = done;
    ask->ctx = ctx;
    err = kmi_ask_send(ask, args);
    if (err != KMSG_OK)
        kmi_ask_fail(ask, err, kmsg_last_error());
}

kmsg_err kmsg_tell(kmsg_peer *peer, const kmsg_service *service, const kmsg_method *method,
                   const void *args)
{
    kmi_frame frame = {.kind = KMI_TELL, .method = (uint16_t)method->number, .target = service->id};
    question  q = {.letter = NULL};
    kmi_letter letter;
    kmsg_err   err = aim(peer, &q, &letter);

    if (err == KMSG_OK)
        err = kmi_conn_check(peer->conn);
    if (err == KMSG_OK && kmi_conn_is_mute(peer->conn))
        err = kmi_conn_check_answers(peer->conn);
    if (err != KMSG_OK)
        return err;
    if (peer->conn->limited)
        return kmi_room_tell(peer->conn, &frame, q.letter, method->args, args,
                             kmi_timeout_of(peer, method));
    return kmi_queue_request(peer->conn, &frame, q.letter, method->args, args, NULL);
}

/* ---- for streams --------------------------------------------------------------------------- */

kmsg_err kmi_ask_find_nested(const kmi_ask *ask, kmi_serving **ret)
{
    kmi_letter letter = {.to = ask->peer->to};

    return find_nested(ask->conn, ask->peer->is_reached ? &letter : NULL, ask->service->id, ret);
}

/* ---- messages to objects ------------------------------------------------------------------- */

static question ask_about(kmi_letter *letter, const kmsg_layout *layout, const void *value,
                          const kmi_conn *conn)
{
    return (question){.letter = letter,
                      .target = layout->id,
                      .layout = layout,
                      .value = value,
                      .timeout_ms = kmi_timeout_of(conn->peer, NULL)};
}

void kmi_ask_letter(kmi_conn *conn, kmsg_err err, kmi_letter *letter, const kmsg_layout *layout,
                    const void *value, kmsg_finish *finish, kmsg_done *done, void *ctx)
{
    question q = ask_about(letter, layout, value, conn);
    kmi_ask *ask = kmi_ask_new(conn->peer, NULL, NULL);

    if (ask == NULL) {
        finish(done, ctx, kmi_error_plain(KMSG_ENOMEM), NULL);
        return;
    }
    ask->layout = layout;
    ask->finish = finish;
    ask->done = done;
    ask->ctx = ctx;
    if (err == KMSG_OK)
        err = send_question(ask, &q);
    if (err != KMSG_OK)
        kmi_ask_fail(ask, err, kmsg_last_error());
}

static void nobody_waits(kmsg_done *done, void *ctx, kmsg_err err, const void *result)
{
    (void)done;
    (void)ctx;
    (void)err;
    (void)result;
}

kmsg_err kmi_ask_letter_wait(kmi_conn *conn, kmi_letter *letter, const kmsg_layout *layout,
                             const void *value, uint32_t timeout_ms, const bool *until)
{
    question     q = ask_about(letter, layout, value, conn);
    kmi_serving *nested;
    kmi_ask     *ask;
    kmsg_err     err = find_nested(conn, letter, layout->id, &nested);

    if (err != KMSG_OK)
        return err;
    ask = kmi_ask_new(conn->peer, NULL, NULL);
    if (ask == NULL)
        return kmi_error_plain(KMSG_ENOMEM);
    ask->layout = layout;
    ask->blocking = true;
    if (timeout_ms > 0)
        q.timeout_ms = less(timeout_ms, limit_of(conn->node));
    err = send_question(ask, &q);
    if (err == KMSG_OK)
        wait_in(ask, nested, until);
    if (err == KMSG_OK && !ask->ended) { /* what was waited for came first; its end is no news */
        ask->blocking = false;
        ask->finish = nobody_waits;
        return KMSG_OK;
    }
    if (err == KMSG_OK && ask->err != KMSG_OK)
        err = say(ask);
    kmi_ask_free(ask);
    return err;
}

void kmi_ask_onward(kmsg_call *call, kmi_conn *to, kmi_letter *letter, kmsg_bytes body)
{
    question q = {.letter = letter,
                  .target = call->target,
                  .number = call->number,
                  .value = &body,
                  .timeout_ms = kmsg_call_remaining_ms(call)};
    kmi_ask *ask = kmi_ask_new(to->peer, NULL, NULL);
    kmsg_err err;

    if (ask == NULL) {
        kmi_call_pass_back(call, KMSG_ENOMEM, NULL, 0);
        return;
    }
    ask->layout = &kmsg_Start_layout; /* has a name for error texts: nobody reads them */
    ask->through = call;
    call->onward = ask;
    err = send_question(ask, &q);
    if (err != KMSG_OK)
        kmi_ask_fail(ask, err, kmsg_last_error());
}

void kmi_ask_finish_item(kmi_item *item)
{
    kmi_ask    *ask = (kmi_ask *)item;
    kmsg_node  *node = ask->peer->node;
    kmsg_arena *mem = NULL;
    void       *result = NULL;
    int64_t     outer_ns;

    remember_thrown(ask);
    if (ask->err == KMSG_OK && ask->method != NULL && ask->method->result != NULL) {
        mem = kmi_arena_take(node);
        if (mem != NULL)
            result = kmsg_alloc(mem, ask->method->result->size, 16);
        ask->err = result == NULL ? kmi_error_plain(KMSG_ENOMEM)
                                  : decode_answer(ask, ask->body, kmi_decode_to, mem, result);
    } else if (ask->err != KMSG_OK) {
        say(ask);
    }
    outer_ns = kmi_user_begin(node);
    ask->finish(ask->done, ask->ctx, ask->err, ask->err == KMSG_OK ? result : NULL);
    kmi_user_end(node, outer_ns);
    kmi_arena_give(node, mem);
    kmi_ask_free(ask);
}

bool kmsg_caught(kmsg_peer *peer, const kmsg_layout *error, kmsg_arena *mem, void *ret)
{
    uint8_t   *body;
    kmsg_bytes bytes = {NULL, peer->thrown_size};

    if (peer->thrown == NULL || peer->thrown_id != error->id)
        return false;
    body = kmsg_alloc(mem, bytes.size, 8);
    if (body == NULL)
        return false;
    memcpy(body, peer->thrown_body, bytes.size);
    bytes.data = body;
    return kmsg_decode(error, bytes, mem, ret) == KMSG_OK &&
           answer_arrives(peer, peer->conn, error, mem, ret) == KMSG_OK;
}
