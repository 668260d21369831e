/* child.c -- what a parent knows of its children, and how it hears of their end.
 *
 * A note is made with the child and lies in the parent's list. The child writes into it what it
 * returns, and at its end the note itself is what comes home: through the inbox of the node that
 * both are on, or as a piece of mail that was allocated with it. So a child's return cannot be lost
 * for want of memory or room, and comes exactly once.
 */
#include "core/object.h"

#include "base/alloc.h"
#include "base/err.h"
#include "base/log.h"
#include "core/thread.h"

#include <string.h>

#define PATIENCE_MS 2000 /* at a node's end, with who is slow to come to its kmsg.Stop */

static void run_returned(kmi_item *item);

/* ---- notes --------------------------------------------------------------------------------- */

/* Mail that has come home: user code hears of it from the inbox. */
static void come_home(void *node, kmi_slab *mail)
{
    kmi_child *child = mail->owner;

    kmi_slab_unref(mail);
    kmi_inbox_add(node, &child->item);
}

/* On the child's node. The child may be gone. */
static void halt_arrives(void *node, kmi_slab *mail)
{
    const kmsg_Stop stop = kmsg_Stop_initial;
    kmsg_object    *object = kmi_object_find(node, kmi_load64(mail->data));

    kmi_slab_unref(mail);
    if (object != NULL && kmi_message_to(object, NULL, &kmsg_Stop_layout, &stop) != KMSG_OK)
        kmi_log(KMSG_ERROR, "an object cannot be stopped: %s", kmsg_last_error());
}

/* So that the child finds its parent, and the note finds home. */
static bool prepare_mail(kmi_child *child, kmsg_node *node)
{
    if (kmi_node_announce(node) != KMSG_OK)
        return false;
    child->mail = kmi_slab_new(0);
    if (child->mail == NULL)
        return false;
    child->halt = kmi_slab_new(sizeof(uint64_t));
    if (child->halt == NULL) {
        kmi_slab_unref(child->mail);
        return false;
    }
    child->halt->arrive = halt_arrives;
    child->mail->owner = child;
    child->mail->arrive = come_home;
    child->home = kmi_mailbox_ref(node->net.mailbox);
    return true;
}

kmi_child *kmi_child_new(kmsg_object *parent, const kmsg_spawn *how, bool away)
{
    kmi_child *child = kmi_alloc_zeroed(sizeof *child);

    if (child == NULL || (away && !prepare_mail(child, parent->node))) {
        kmi_free(child);
        return NULL;
    }
    child->item.run = run_returned;
    child->parent = parent;
    if (how != NULL) {
        child->returned = how->returned;
        child->ctx = how->ctx;
    }
    memcpy(child->parent_address, parent->address, sizeof child->parent_address);
    child->next = parent->children;
    if (child->next != NULL)
        child->next->prev = child;
    parent->children = child;
    parent->child_count++;
    return child;
}

void kmi_child_set_address(kmi_child *child, uint64_t instance, uint64_t id)
{
    kmi_place_put(&(kmi_place){.instance = instance, .object = id}, child->address);
}

static void leave_parent(kmi_child *child)
{
    if (child->prev != NULL)
        child->prev->next = child->next;
    else
        child->parent->children = child->next;
    if (child->next != NULL)
        child->next->prev = child->prev;
    child->parent->child_count--;
}

static void free_note(kmi_child *child)
{
    kmi_mailbox_unref(child->home);
    kmi_slab_unref(child->mail);
    kmi_slab_unref(child->halt);
    kmi_slab_unref(child->value);
    kmi_free(child->words);
    kmi_free(child);
}

void kmi_child_forget(kmi_child *child)
{
    if (child == NULL)
        return;
    leave_parent(child);
    free_note(child);
}

/* ---- returning ----------------------------------------------------------------------------- */

static void keep_words(kmi_child *child, const char *words)
{
    size_t size = strlen(words) + 1;

    child->words = kmi_alloc(size);
    if (child->words != NULL)
        memcpy(child->words, words, size);
}

static kmsg_err keep_value(kmi_child *child, const kmsg_layout *layout, const void *value)
{
    size_t   size;
    kmsg_err err = kmsg_encoded_size(layout, value, &size);

    if (err != KMSG_OK)
        return err;
    child->value = kmi_slab_new(size);
    if (child->value == NULL)
        return kmi_error_plain(KMSG_ENOMEM);
    child->layout = layout;
    err = kmsg_encode_into(layout, value, child->value->data, size, &child->value->size);
    if (err == KMSG_OK)
        return KMSG_OK;
    kmi_slab_unref(child->value);
    child->value = NULL;
    return err;
}

void kmi_child_note(kmi_child *child, kmsg_err err, const char *words, const kmsg_layout *layout,
                    const void *value)
{
    if (layout != NULL)
        err = keep_value(child, layout, value);
    if (err != KMSG_OK && words == NULL)
        words = kmsg_last_error();
    if (words != NULL)
        keep_words(child, words);
    child->err = err;
}

void kmi_child_tell(kmi_child *child, kmsg_node *from)
{
    kmi_slab *mail = child->mail;

    if (mail == NULL) {
        kmi_inbox_add(from, &child->item);
        return;
    }
    child->mail = NULL; /* given away: the note is the parent's from here on */
    if (kmi_mailbox_post(child->home, mail) != KMSG_OK)
        assert(false && "a parent's node waits for the children that it has elsewhere");
}

/* ---- last words ----------------------------------------------------------------------------- */

/* What a child has sent goes by way of a connection, which its note does not. A last message behind
 * all that is acknowledged on arrival: then the note may go. */
static kmsg_err way_home(const kmi_child *child, kmsg_node *from, kmi_letter *ret, kmi_conn **conn)
{
    const kmsg_address parent = {child->parent_address, sizeof child->parent_address};

    *ret = (kmi_letter){0};
    if (!kmi_place_get(parent, &ret->to))
        return KMSG_EADDRESS;
    return kmi_route(from, &ret->to, conn);
}

static void tell_now(kmsg_done *done, void *ctx, kmsg_err err, const void *result)
{
    kmi_child *child = ctx;

    (void)done;
    (void)err; /* whatever became of it */
    (void)result;
    kmi_child_tell(child, child->mail == NULL ? child->parent->node : NULL);
}

void kmi_child_tell_last(kmi_child *child, kmsg_node *from)
{
    const kmsg_Last last = kmsg_Last_initial;
    kmi_letter      letter;
    kmi_conn       *conn;

    if (from->closing || way_home(child, from, &letter, &conn) != KMSG_OK)
        kmi_child_tell(child, from);
    else
        kmi_ask_letter(conn, KMSG_OK, &letter, &kmsg_Last_layout, &last, tell_now, NULL, child);
}

void kmi_child_speak_out(kmi_child *child, kmsg_node *from)
{
    const kmsg_Last last = kmsg_Last_initial;
    kmi_letter      letter;
    kmi_conn       *conn;
    kmsg_err        err = way_home(child, from, &letter, &conn);

    if (err == KMSG_OK)
        err = kmi_ask_letter_wait(conn, &letter, &kmsg_Last_layout, &last, 0, NULL);
    (void)err; /* the parent hears of the end in any case */
}

/* ---- the parent's side --------------------------------------------------------------------- */

static kmsg_any value_of(const kmi_child *child)
{
    kmsg_any none = {{"", 0}, {(const uint8_t *)"", 0}};

    if (child->value == NULL)
        return none;
    return (kmsg_any){kmsg_str(child->layout->name), {child->value->data, child->value->size}};
}

static void say_returned(kmsg_object *parent, const kmi_child *child)
{
    kmsg_Returned told = {
        .child = {child->address, sizeof child->address},
        .err = child->err,
        .words = kmsg_str(child->words == NULL ? "" : child->words),
        .value = value_of(child),
    };
    kmi_place from;

    if (kmi_place_get(told.child, &from) &&
        kmi_message_to(parent, &from, &kmsg_Returned_layout, &told) != KMSG_OK)
        kmi_log(KMSG_ERROR, "a child's return is lost: %s", kmsg_last_error());
}

static void call_back(kmsg_object *parent, const kmi_child *child)
{
    kmsg_any     value = value_of(child);
    kmsg_address address = {child->address, sizeof child->address};
    int64_t      outer_ns;

    if (child->err != KMSG_OK)
        kmi_error(child->err, "%s", child->words == NULL ? "" : child->words);
    outer_ns = kmi_user_begin(parent->node);
    child->returned(child->ctx, address, child->err, &value);
    kmi_user_end(parent->node, outer_ns);
}

static void run_returned(kmi_item *item)
{
    kmi_child   *child = (kmi_child *)item;
    kmsg_object *parent = child->parent;

    leave_parent(child);
    if (child->thread != NULL)
        parent->node->away--;
    kmi_thread_leave(child->thread);
    if (child->returned != NULL)
        call_back(parent, child);
    else if (!parent->returned && !parent->node->closing)
        say_returned(parent, child);
    free_note(child);
    kmi_object_end_if_alone(parent);
}

/* ---- what a parent can do ------------------------------------------------------------------ */

size_t kmsg_child_count(const kmsg_object *parent)
{
    return parent->child_count;
}

void kmsg_each_child(kmsg_object *parent, bool (*fn)(void *ctx, kmsg_address child), void *ctx)
{
    for (const kmi_child *c = parent->children; c != NULL; c = c->next)
        if (!fn(ctx, (kmsg_address){c->address, sizeof c->address}))
            return;
}

static kmsg_err stop(kmsg_object *parent, const kmi_child *child)
{
    const kmsg_Stop stop = {0};
    kmsg_address    to = {child->address, sizeof child->address};

    return kmsg_send(parent, to, &kmsg_Stop_layout, &stop);
}

kmsg_err kmsg_stop(kmsg_object *parent, kmsg_address child)
{
    for (const kmi_child *c = parent->children; c != NULL; c = c->next)
        if (kmsg_address_equal((kmsg_address){c->address, sizeof c->address}, child))
            return stop(parent, c);
    return kmi_error(KMSG_ENOENT, "there is no such child any more");
}

void kmsg_stop_children(kmsg_object *parent)
{
    for (const kmi_child *c = parent->children; c != NULL; c = c->next)
        if (stop(parent, c) != KMSG_OK)
            kmi_log(KMSG_WARNING, "a child cannot be told to stop: %s", kmsg_last_error());
}

kmsg_err kmsg_wait_children(kmsg_object *parent, uint32_t timeout_ms)
{
    kmsg_node *node = parent->node;
    kmi_limit  until;
    kmsg_err   err;

    if (node->depth > 0)
        return kmi_error(KMSG_EDEADLOCK, "a handler cannot wait for its node's other objects");
    err = kmi_limit_init(&until, node, timeout_ms);
    if (err != KMSG_OK)
        return err;
    while (parent->child_count > 0 && !until.over)
        kmi_node_turn(node, true, &until.over);
    if (parent->child_count > 0)
        err = kmi_error(KMSG_ETIMEDOUT, "%zu children have not returned", parent->child_count);
    kmi_limit_done(&until, node);
    return err;
}

static void stop_those_away(void *ctx, kmsg_object *object)
{
    (void)ctx;
    for (const kmi_child *c = object->children; c != NULL; c = c->next)
        if (c->thread != NULL && stop(object, c) != KMSG_OK)
            kmi_log(KMSG_WARNING, "a thread cannot be told to stop: %s", kmsg_last_error());
}

/* Its Stop may be stuck behind messages that it does not take. This one goes round them. */
static void halt_those_away(void *ctx, kmsg_object *object)
{
    (void)ctx;
    for (kmi_child *c = object->children; c != NULL; c = c->next) {
        kmi_slab *halt = c->halt;
        kmi_place place;
        if (c->thread == NULL || halt == NULL ||
            !kmi_place_get((kmsg_address){c->address, sizeof c->address}, &place))
            continue;
        c->halt = NULL;
        kmi_store64(halt->data, place.object);
        kmi_thread_post(c->thread, halt);
    }
}

static void wait_for_those_away(kmsg_node *node, uint32_t ms)
{
    kmi_limit until;

    if (kmi_limit_init(&until, node, ms) != KMSG_OK)
        return;
    while (node->away > 0 && !until.over)
        kmi_node_turn(node, true, &until.over);
    kmi_limit_done(&until, node);
}

void kmi_children_end(kmsg_node *node)
{
    if (node->away == 0)
        return;
    kmi_objects_each(node, stop_those_away, NULL);
    wait_for_those_away(node, PATIENCE_MS);
    kmi_objects_each(node, halt_those_away, NULL);
    while (node->away > 0)
        kmi_node_turn(node, true, NULL);
}
