/* thread.c -- threads as places for objects.
 *
 * A place is a node with a thread that runs it, for one object or for all that name it. It is
 * counted by its objects: by the notes of those that have not come home to their parents. The
 * parent's thread that takes the last note home ends it: so each thread is waited for by one that
 * began to use it, and nothing is left behind.
 *
 * An object for a place that runs already is made by its parent, whole, with a number from the
 * other node's counter, and goes there as mail. So its address is known at once, and what is sent
 * to it comes behind it.
 *
 * The list of names is under a lock of its own, under which a node may be made and mail be posted:
 * the locks of inproc names and of mailboxes are taken under it, never the other way round.
 */
#include "core/thread.h"

#include "base/alloc.h"
#include "base/err.h"
#include "base/forked.h"
#include "base/log.h"

#include <string.h>

#define NAME_MAX_SIZE 256 /* with its NUL */

struct kmi_thread_place {
    kmi_thread_place *next; /* of those with a name */
    kmsg_node        *node; /* is freed by the thread itself */
    kmi_mailbox      *mailbox;
    const kmi_sys    *sys;
    kmi_thread       *thread;
    uint32_t          refs;  /* under the lock */
    unsigned          forks; /* of its node: another process's thread is not here */
    char              name[NAME_MAX_SIZE];
    /* of a function with a thread of its own: */
    kmsg_thread_fn *fn;
    void           *ctx;
    kmsg_object    *self;
    kmi_child      *child;
};

static kmi_thread_place *places; /* KMI_LOCK_PLACES guards the list and all refs */

/* ---- places -------------------------------------------------------------------------------- */

static void run_place(void *ctx)
{
    kmi_thread_place *place = ctx;
    kmsg_node        *node = place->node;

    kmi_node_run(node);
    kmi_lock_take(KMI_LOCK_PLACES);
    place->node = NULL; /* nobody else finds it, or stops it, from here on */
    kmi_lock_give(KMI_LOCK_PLACES);
    kmsg_node_free(node);
}

static void free_place(kmi_thread_place *place)
{
    kmi_mailbox_unref(place->mailbox);
    kmi_free(place);
}

/* With a node that nobody runs yet. */
static kmsg_err new_place(const kmi_sys *sys, const char *name, kmi_thread_place **ret)
{
    kmi_thread_place *place = kmi_alloc_zeroed(sizeof *place);

    if (place == NULL)
        return kmi_error_plain(KMSG_ENOMEM);
    place->node = kmi_node_new_on(sys);
    if (place->node == NULL || kmi_node_announce(place->node) != KMSG_OK) {
        kmsg_node_free(place->node);
        kmi_free(place);
        return kmi_error(KMSG_ENOMEM, "no memory, or no descriptor, for another thread");
    }
    place->sys = sys;
    place->mailbox = kmi_mailbox_ref(place->node->net.mailbox);
    place->refs = 1;
    place->forks = kmi_forks;
    snprintf(place->name, sizeof place->name, "%s", name);
    *ret = place;
    return KMSG_OK;
}

static kmi_thread_place *find_place(const char *name)
{
    kmi_thread_place *place = places;

    while (place != NULL &&
           (place->node == NULL || place->forks != kmi_forks || strcmp(place->name, name) != 0))
        place = place->next;
    return place;
}

static void forget_place(const kmi_thread_place *place)
{
    kmi_thread_place **at = &places;

    while (*at != NULL && *at != place)
        at = &(*at)->next;
    if (*at != NULL)
        *at = place->next;
}

void kmi_thread_post(kmi_thread_place *place, kmi_slab *mail)
{
    if (kmi_mailbox_post(place->mailbox, mail) != KMSG_OK)
        kmi_slab_unref(mail);
}

void kmi_thread_leave(kmi_thread_place *place)
{
    bool last;

    if (place == NULL)
        return;
    kmi_lock_take(KMI_LOCK_PLACES);
    last = --place->refs == 0;
    if (last)
        forget_place(place);
    if (last && place->fn == NULL && place->node != NULL)
        kmsg_stop_ts(place->node);
    kmi_lock_give(KMI_LOCK_PLACES);
    if (!last)
        return;
    place->sys->thread_join(place->thread);
    free_place(place);
}

/* ---- objects for a place that runs --------------------------------------------------------- */

/* What cannot be put there returns. */
static void put_object(kmsg_node *node, kmsg_object *object)
{
    kmsg_err err = kmi_object_enter(node, object);

    if (err == KMSG_OK) {
        kmi_object_start(object);
        return;
    }
    kmi_child_note(object->child, err, kmsg_last_error(), NULL, NULL);
    kmi_child_tell(object->child, node);
    kmi_object_discard(object);
}

static void arrive(void *node, kmi_slab *mail)
{
    kmsg_object *object = mail->owner;

    kmi_slab_unref(mail);
    put_object(node, object);
}

/* The place is there as long as the caller's reference to it. */
static kmsg_err send_object(kmi_thread_place *place, kmsg_object *object)
{
    kmi_slab *mail = kmi_slab_new(0);
    kmsg_err  err = mail == NULL ? kmi_error_plain(KMSG_ENOMEM) : KMSG_OK;

    if (err == KMSG_OK) {
        mail->owner = object;
        mail->arrive = arrive;
        object->id = kmi_object_foreign_id(place->node);
        kmi_child_set_address(object->child, place->node->net.session.own.instance, object->id);
        err = kmi_mailbox_post(place->mailbox, mail);
    }
    if (err != KMSG_OK) {
        kmi_slab_unref(mail);
        kmi_object_discard(object);
    }
    return err;
}

/* ---- making -------------------------------------------------------------------------------- */

/* The first object of a place begins its thread. It is the node's, also when that fails. */
static kmsg_err start_place(kmi_thread_place *place, kmsg_object *object)
{
    kmsg_err err = kmi_object_enter(place->node, object);

    if (err != KMSG_OK) {
        kmi_object_discard(object);
        return err;
    }
    kmi_child_set_address(object->child, place->node->net.session.own.instance, object->id);
    kmi_object_start(object);
    err = place->sys->thread_start(run_place, place, &place->thread);
    if (err != KMSG_OK)
        object->child = NULL;
    return err;
}

/* The place with that name and a reference to it; a new one does not run yet. */
static kmsg_err take_place(const kmi_sys *sys, const char *name, bool *ret_new,
                           kmi_thread_place **ret)
{
    kmi_thread_place *place = strcmp(name, KMSG_OWN_THREAD) == 0 ? NULL : find_place(name);
    kmsg_err          err = KMSG_OK;

    *ret_new = place == NULL;
    if (place == NULL)
        err = new_place(sys, name, &place);
    else
        place->refs++;
    if (err == KMSG_OK)
        *ret = place;
    return err;
}

/* Under the lock, so that two who begin with the same name at the same time agree. */
static kmsg_err put_on_place(const kmi_sys *sys, const char *name, kmsg_object *object,
                             kmi_thread_place **ret)
{
    kmi_thread_place *place;
    bool              is_new;
    kmsg_err          err = take_place(sys, name, &is_new, &place);

    if (err != KMSG_OK) {
        kmi_object_discard(object);
        return err;
    }
    *ret = place;
    if (!is_new) {
        err = send_object(place, object);
        place->refs -= err != KMSG_OK;
        return err;
    }
    err = start_place(place, object);
    if (err != KMSG_OK) {
        kmsg_node_free(place->node);
        free_place(place);
    } else if (strcmp(name, KMSG_OWN_THREAD) != 0) {
        place->next = places;
        places = place;
    }
    return err;
}

kmsg_err kmi_thread_make(kmsg_object *parent, const kmi_maker *maker, const kmsg_spawn *how,
                         kmi_child **ret)
{
    kmi_child   *child;
    kmsg_object *object;
    kmsg_err     err;

    if (strlen(how->thread) >= NAME_MAX_SIZE)
        return kmi_error(KMSG_EINVAL, "a thread's name has %zu bytes; 255 bytes are the most",
                         strlen(how->thread));
    child = kmi_child_new(parent, how, true);
    object = kmi_object_new(maker, how->mailbox_max);
    if (child == NULL || object == NULL) {
        kmi_child_forget(child);
        kmi_object_discard(object);
        return kmi_error_plain(KMSG_ENOMEM);
    }
    object->child = child;
    kmi_lock_take(KMI_LOCK_PLACES);
    err = put_on_place(parent->node->sys, how->thread, object, &child->thread);
    kmi_lock_give(KMI_LOCK_PLACES);
    if (err != KMSG_OK) {
        kmi_child_forget(child);
        return err;
    }
    parent->node->away++;
    *ret = child;
    return KMSG_OK;
}

kmsg_err kmi_object_make(kmsg_object *parent, const kmi_maker *maker, const kmsg_spawn *how,
                         kmsg_address *ret)
{
    kmsg_node   *node = parent->node;
    kmi_child   *child;
    kmsg_object *object;
    kmsg_err     err;

    if (parent->returned || node->closing)
        return kmi_error(KMSG_ECLOSED, "who has returned has no more children");
    if (kmi_node_is_foreign(node))
        return kmi_node_check(node);
    if (how != NULL && how->thread != NULL) {
        err = kmi_thread_make(parent, maker, how, &child);
        if (err == KMSG_OK)
            *ret = (kmsg_address){child->address, sizeof child->address};
        return err;
    }
    child = kmi_child_new(parent, how, false);
    object = child == NULL ? NULL : kmi_object_new(maker, how == NULL ? 0 : how->mailbox_max);
    err = object == NULL ? kmi_error_plain(KMSG_ENOMEM) : kmi_object_enter(node, object);
    if (err != KMSG_OK) {
        kmi_object_discard(object);
        kmi_child_forget(child);
        return err;
    }
    object->child = child;
    kmi_child_set_address(child, node->net.session.own.instance, object->id);
    kmi_object_start(object);
    *ret = (kmsg_address){child->address, sizeof child->address};
    return KMSG_OK;
}

/* ---- functions with a thread --------------------------------------------------------------- */

static bool has_unsaid(const kmsg_node *node)
{
    for (const kmi_conn *c = node->conns; c != NULL; c = c->next)
        if (c != node->self->conn && c->state != KMI_CONN_GONE && kmi_conn_waiting(c) > 0)
            return true;
    return false;
}

/* What it has sent is not lost because it returns, as long as others take it. */
static void say_last_words(kmsg_node *node)
{
    kmi_limit until;

    if (kmi_limit_init(&until, node, KMSG_CALL_TIMEOUT_MS) != KMSG_OK)
        return;
    kmi_node_flush(node);
    while (has_unsaid(node) && !until.over)
        kmi_node_turn(node, true, &until.over);
    kmi_limit_done(&until, node);
}

/* Its children end before it has returned; then its node, and the note goes home last. */
static void run_function(void *ctx)
{
    kmi_thread_place *place = ctx;
    kmsg_object      *self = place->self;
    kmi_child        *child = place->child;
    kmsg_err          err = place->fn(place->ctx, self);

    if (!self->returned && err != KMSG_OK)
        kmsg_object_fail(self, err, "%s", kmsg_last_error());
    self->returned = true;
    kmsg_stop_children(self);
    while (self->child_count > 0)
        kmi_node_turn(place->node, true, NULL);
    if (self->has_spoken)
        kmi_child_speak_out(child, place->node);
    say_last_words(place->node);
    kmsg_node_free(place->node);
    kmi_child_tell(child, NULL);
}

/* The inbox of the function, on the place's node. */
static kmsg_err make_self(kmi_thread_place *place, kmi_child *child, uint32_t mailbox_max)
{
    static const kmi_maker inbox = {.is_inbox = true};
    kmsg_object           *self = kmi_object_new(&inbox, mailbox_max);
    kmsg_err               err =
        self == NULL ? kmi_error_plain(KMSG_ENOMEM) : kmi_object_enter(place->node, self);

    if (err != KMSG_OK) {
        kmi_object_discard(self);
        return err;
    }
    self->child = child;
    self->is_thread = true;
    place->self = self;
    place->child = child;
    kmi_child_set_address(child, place->node->net.session.own.instance, self->id);
    return KMSG_OK;
}

kmsg_err kmsg_thread_new(kmsg_object *parent, kmsg_thread_fn *fn, void *ctx, const kmsg_spawn *how,
                         kmsg_address *ret)
{
    kmi_thread_place *place;
    kmi_child        *child;
    kmsg_err          err;

    if (parent->returned || parent->node->closing)
        return kmi_error(KMSG_ECLOSED, "who has returned has no more children");
    if (kmi_node_is_foreign(parent->node))
        return kmi_node_check(parent->node);
    err = new_place(parent->node->sys, "", &place);
    if (err != KMSG_OK)
        return err;
    place->fn = fn;
    place->ctx = ctx;
    child = kmi_child_new(parent, how, true);
    err = child == NULL ? kmi_error_plain(KMSG_ENOMEM)
                        : make_self(place, child, how == NULL ? 0 : how->mailbox_max);
    if (err == KMSG_OK)
        err = place->sys->thread_start(run_function, place, &place->thread);
    if (err != KMSG_OK) {
        kmsg_node_free(place->node);
        free_place(place);
        kmi_child_forget(child);
        return err;
    }
    child->thread = place;
    parent->node->away++;
    *ret = (kmsg_address){child->address, sizeof child->address};
    return KMSG_OK;
}
