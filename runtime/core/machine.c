/* machine.c -- machines: objects whose handlers are found by state and type.
 *
 * A message goes to the handler that its state has for the message's type, decoded; else to
 * `otherwise`; else it is not for this machine, and the object says what becomes of it. The first
 * message is the kmsg.Start that the machine sends itself when it is made.
 *
 * What a handler saves stays in a list, oldest first. After each change of state those that were
 * saved before it come again, one by one: a handler may save its message once more (it keeps its
 * place) or change the state (then the oldest is next). A message comes again so often and no more,
 * so this ends.
 */
#include "core/object.h"

#include "base/alloc.h"
#include "base/err.h"
#include "base/log.h"

typedef struct saved {
    struct saved *next;
    kmsg_message *message;
    uint64_t      change;  /* the machine's, when it was saved last */
    uint32_t      replays; /* so far */
} saved;

typedef struct machine {
    const kmsg_machine *type;
    int32_t             state;
    bool                started;
    uint64_t            change;  /* how often the state has changed */
    const kmsg_message *running; /* that a handler has */
    bool                replays; /* it was saved before */
    bool                saves;   /* and is again */
    saved              *first;   /* oldest first */
    uint32_t            saved_count;
} machine;

static machine *machine_of(kmsg_object *object)
{
    return (machine *)(void *)object->state;
}

/* ---- finding and running a handler --------------------------------------------------------- */

static const kmsg_handler *find_handler(const kmsg_state *state, uint64_t id)
{
    size_t low = 0, high = state->count;

    while (low < high) {
        size_t middle = (low + high) / 2;
        if (state->handlers[middle].record->id < id)
            low = middle + 1;
        else
            high = middle;
    }
    return low < state->count && state->handlers[low].record->id == id ? &state->handlers[low]
                                                                       : NULL;
}

static void enter(machine *m, int32_t state)
{
    assert(state >= 0 && (uint32_t)state < m->type->count && "a handler returns a state");
    if (state == m->state || state < 0 || (uint32_t)state >= m->type->count)
        return;
    m->state = state;
    m->change++;
}

/* The message is read into its own arena. */
static kmsg_err call_handler(kmsg_object *object, kmsg_message *message,
                             const kmsg_handler *handler, int32_t *ret)
{
    kmsg_arena *mem = kmsg_call_arena(message);
    void       *value = kmsg_alloc_zeroed(mem, 1, handler->record->size, 16);
    kmsg_err    err;

    if (value == NULL)
        return kmi_error_plain(KMSG_ENOMEM);
    err = kmsg_read(message, handler->record, mem, value);
    if (err != KMSG_OK)
        return kmsg_fail(message, err == KMSG_ENOMEM ? err : KMSG_EREQUEST, "%s",
                         kmsg_last_error());
    *ret = handler->handle(object->maker.impl, object->maker.ctx, object, message, value);
    return KMSG_OK;
}

/* KMSG_ENOMETHOD: it is not for this machine. */
static kmsg_err run(kmsg_object *object, kmsg_message *message)
{
    machine            *m = machine_of(object);
    const kmsg_state   *state = &m->type->states[m->state];
    const uint64_t      type = kmsg_message_type(message);
    const kmsg_handler *handler = find_handler(state, type);
    int32_t             next = KMSG_UNHANDLED;
    kmsg_err            err = KMSG_OK;

    m->running = message;
    if (handler != NULL)
        err = call_handler(object, message, handler, &next);
    if (err == KMSG_OK && next == KMSG_UNHANDLED && type != kmsg_Stop_layout.id)
        next = m->type->otherwise(object->maker.impl, object->maker.ctx, object, message, m->state);
    m->running = NULL;
    if (err != KMSG_OK)
        return err;
    if (next == KMSG_UNHANDLED)
        return kmsg_fail(message, KMSG_ENOMETHOD, "%s does not take it in state %s", m->type->name,
                         state->name);
    enter(m, next);
    return message->failure; /* what the handler said with kmsg_fail() */
}

/* ---- saved messages ------------------------------------------------------------------------ */

static void let_go(machine *m, saved **at, kmsg_err err)
{
    saved *s = *at;

    *at = s->next;
    m->saved_count--;
    kmi_call_end_saved(s->message, err);
    kmi_free(s);
}

static kmsg_err drop(kmsg_object *object, const saved *s)
{
    kmi_log(KMSG_WARNING, "%s: a message that was saved again %u times was dropped",
            machine_of(object)->type->name, s->replays);
    object->facts.dropped++;
    return kmsg_fail(s->message, KMSG_EFAILED, "it was saved again %u times", s->replays);
}

static void replay(kmsg_object *object, saved **at)
{
    machine *m = machine_of(object);
    saved   *s = *at;
    kmsg_err err;

    if (s->replays == KMSG_REPLAYS_MAX) {
        let_go(m, at, drop(object, s));
        return;
    }
    s->replays++;
    s->change = m->change;
    m->replays = true;
    m->saves = false;
    err = run(object, s->message);
    m->replays = false;
    if (err == KMSG_ENOMETHOD)
        err = kmi_call_unhandled(s->message, object);
    if (!m->saves)
        let_go(m, at, err);
}

/* Those that were saved before the last change of state, the oldest first. */
static void replay_due(kmsg_object *object)
{
    machine *m = machine_of(object);

    while (!object->returned) {
        saved **at = &m->first;
        while (*at != NULL && (*at)->change == m->change)
            at = &(*at)->next;
        if (*at == NULL)
            return;
        replay(object, at);
    }
}

static kmsg_err add_saved(machine *m, kmsg_message *message)
{
    saved *s = kmi_alloc(sizeof *s), **at = &m->first;

    if (s == NULL)
        return kmi_error_plain(KMSG_ENOMEM);
    *s = (saved){.message = message, .change = m->change};
    while (*at != NULL)
        at = &(*at)->next;
    *at = s;
    m->saved_count++;
    message->saved = true;
    return KMSG_OK;
}

/* ---- machines as objects ------------------------------------------------------------------- */

static kmsg_err handle_machine(kmsg_object *object, kmsg_message *message)
{
    machine *m = machine_of(object);
    kmsg_err err;

    if (!m->started) { /* by what start_machine() has sent */
        m->started = true;
        enter(m, m->type->start(object->maker.impl, object->maker.ctx, object));
        return KMSG_OK;
    }
    m->saves = false;
    err = run(object, message);
    replay_due(object);
    return err;
}

static void start_machine(kmsg_object *object)
{
    const kmsg_Start start = {0};
    kmsg_err         err;

    machine_of(object)->type = object->maker.data;
    err = kmi_message_to(object, NULL, &kmsg_Start_layout, &start);
    if (err != KMSG_OK)
        kmsg_object_fail(object, err, "it could not be started");
}

static void end_machine(kmsg_object *object)
{
    machine *m = machine_of(object);

    while (m->first != NULL)
        let_go(m, &m->first, KMSG_ENOENT);
}

kmsg_err kmsg_machine_new(kmsg_object *parent, const kmsg_machine *type, const void *impl,
                          void *ctx, const kmsg_spawn *how, kmsg_address *ret)
{
    const kmi_maker maker = {.handle = handle_machine,
                             .start = start_machine,
                             .done = end_machine,
                             .state_size = sizeof(machine),
                             .impl = impl,
                             .data = type,
                             .ctx = ctx};

    return kmi_object_make(parent, &maker, how, ret);
}

kmsg_err kmsg_save(kmsg_message *message)
{
    kmsg_object *object = message->serving == NULL ? NULL : message->serving->object;
    machine     *m = NULL;

    if (object != NULL && object->maker.handle == handle_machine)
        m = machine_of(object);
    if (m == NULL || m->running != message)
        return kmi_error(KMSG_EINVAL, "what a handler of a machine has at hand can be saved");
    if (!m->replays && !m->saves && m->saved_count >= KMSG_SAVED_MAX)
        return kmi_error(KMSG_EFULL, "%s has saved %u messages", m->type->name, m->saved_count);
    if (!m->replays && !m->saves) {
        kmsg_err err = add_saved(m, message);
        if (err != KMSG_OK)
            return err;
    }
    m->saves = true;
    return KMSG_OK;
}
