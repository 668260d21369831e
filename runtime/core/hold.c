/* hold.c -- messages that outlive their handlers, and the tickets that end them.
 *
 * A ticket is a value: node, place, generation. It names a place in its node's table, and the table
 * is found in a list of all nodes that have ever held something; so a ticket can come too late, or
 * twice, and finds nothing. Releasing posts a piece of mail that was allocated when the message was
 * held, to the thread on which everything that belongs to the message lives: it cannot fail for
 * want of memory.
 *
 * One lock guards the list and all tables. A node's own thread alone makes its table larger. Mail
 * is posted under the lock, so that a table which is in the list has a mailbox.
 */
#include "core/core.h"

#include "base/alloc.h"
#include "base/err.h"
#include "base/forked.h"

#include <string.h>

struct kmi_held {
    kmsg_call *call;
    kmi_slab  *mail; /* NULL: the place is free */
    uint32_t   generation;
    uint32_t   next_free;
    bool       lost; /* with its link */
};

#define NO_PLACE UINT32_MAX

static kmi_holds *all; /* KMI_LOCK_HOLDS guards it, what is in it, and the next one */
static uint64_t   last_serial;

/* ---- tables -------------------------------------------------------------------------------- */

static bool has_place(const kmi_holds *holds)
{
    bool has;

    kmi_lock_take(KMI_LOCK_HOLDS);
    has = holds->serial != 0 && holds->free_place != NO_PLACE;
    kmi_lock_give(KMI_LOCK_HOLDS);
    return has;
}

/* Makes room for one more. What others give back meanwhile does no harm. */
static kmsg_err make_place(kmi_holds *holds)
{
    size_t    capacity = holds->capacity == 0 ? 16 : 2 * holds->capacity;
    kmi_held *places, *old;

    if (has_place(holds))
        return KMSG_OK;
    if (holds->count >= KMSG_CALLS_MAX)
        return kmi_error(KMSG_EFULL, "%u messages are held", KMSG_CALLS_MAX);
    if (holds->count < holds->capacity)
        return KMSG_OK;
    places = kmi_alloc(capacity * sizeof *places);
    if (places == NULL)
        return kmi_error_plain(KMSG_ENOMEM);
    kmi_lock_take(KMI_LOCK_HOLDS);
    if (holds->count > 0)
        memcpy(places, holds->places, holds->count * sizeof *places);
    old = holds->places;
    holds->places = places;
    holds->capacity = capacity;
    kmi_lock_give(KMI_LOCK_HOLDS);
    kmi_free(old);
    return KMSG_OK;
}

/* Under the lock; there is a free place, or room for one more. */
static uint32_t take_place(kmi_holds *holds)
{
    uint32_t place = holds->free_place;

    if (place != NO_PLACE) {
        holds->free_place = holds->places[place].next_free;
        return place;
    }
    place = (uint32_t)holds->count++;
    holds->places[place].generation = 0;
    return place;
}

static void join(kmi_holds *holds, kmi_mailbox *mailbox)
{
    if (holds->serial != 0)
        return;
    holds->serial = ++last_serial;
    holds->mailbox = mailbox;
    holds->forks = kmi_forks;
    holds->free_place = NO_PLACE;
    holds->next = all;
    all = holds;
}

static void leave(kmi_holds *holds)
{
    kmi_holds **at = &all;

    kmi_lock_take(KMI_LOCK_HOLDS);
    while (*at != NULL && *at != holds)
        at = &(*at)->next;
    if (*at == holds)
        *at = holds->next;
    kmi_lock_give(KMI_LOCK_HOLDS);
}

void kmi_holds_done(kmi_holds *holds)
{
    if (holds->serial != 0)
        leave(holds);
    for (size_t i = 0; i < holds->count; i++)
        kmi_slab_unref(holds->places[i].mail);
    kmi_free(holds->places); /* they may be there, and nothing was ever held for want of memory */
    *holds = (kmi_holds){0};
}

void kmi_holds_lost(kmi_holds *holds, const kmi_conn *conn)
{
    if (holds->count == 0)
        return;
    kmi_lock_take(KMI_LOCK_HOLDS);
    for (size_t i = 0; i < holds->count; i++)
        if (holds->places[i].mail != NULL && holds->places[i].call->conn == conn)
            holds->places[i].lost = true;
    kmi_lock_give(KMI_LOCK_HOLDS);
}

/* ---- holding ------------------------------------------------------------------------------- */

static void arrive(void *node, kmi_slab *mail)
{
    kmsg_call *call = mail->owner;

    (void)node;
    kmi_slab_unref(mail);
    kmi_call_released(call);
}

kmsg_err kmsg_hold(kmsg_call *call, kmsg_ticket *ret)
{
    kmi_holds *holds = &call->node->holds;
    kmi_slab  *mail;
    kmi_held  *held;
    uint32_t   place;
    kmsg_err   err;

    assert((call->state == KMI_CALL_RUNNING || call->state == KMI_CALL_QUEUED || call->saved) &&
           "kmsg_hold() of a message that has been handled");
    if (call->held)
        return kmi_error(KMSG_EEXIST, "the message is held already");
    err = make_place(holds);
    if (err != KMSG_OK)
        return err;
    mail = kmi_slab_new(0);
    if (mail == NULL)
        return kmi_error_plain(KMSG_ENOMEM);
    mail->owner = call;
    mail->arrive = arrive;
    kmi_lock_take(KMI_LOCK_HOLDS);
    join(holds, call->node->net.mailbox);
    place = take_place(holds);
    held = &holds->places[place];
    *held = (kmi_held){.call = call, .mail = mail, .generation = held->generation + 1};
    *ret = (kmsg_ticket){holds->serial, place, held->generation};
    kmi_lock_give(KMI_LOCK_HOLDS);
    call->held = true;
    return KMSG_OK;
}

/* ---- releasing ----------------------------------------------------------------------------- */

/* Under the lock; NULL: its node has ended, or is another process's. */
static kmi_holds *find(uint64_t serial)
{
    for (kmi_holds *h = all; h != NULL; h = h->next)
        if (h->serial == serial && h->forks == kmi_forks)
            return h;
    return NULL;
}

/* Under the lock: takes the mail out of its place, and posts it. */
static kmsg_err release(kmsg_ticket ticket)
{
    kmi_holds *holds = find(ticket.node);
    kmi_held  *held;
    kmi_slab  *mail;
    kmsg_err   err;

    if (holds == NULL)
        return ticket.node == 0 ? KMSG_ENOENT : KMSG_ECLOSED;
    if (ticket.place >= holds->count)
        return KMSG_ENOENT;
    held = &holds->places[ticket.place];
    if (held->mail == NULL || held->generation != ticket.generation)
        return KMSG_ENOENT;
    mail = held->mail;
    held->mail = NULL;
    held->next_free = holds->free_place;
    holds->free_place = ticket.place;
    err = held->lost ? KMSG_ELOST : KMSG_OK;
    if (kmi_mailbox_post(holds->mailbox, mail) == KMSG_OK)
        return err;
    kmi_slab_unref(mail);
    return KMSG_ECLOSED;
}

kmsg_err kmsg_release_ts(kmsg_ticket ticket)
{
    kmsg_err err;

    kmi_lock_take(KMI_LOCK_HOLDS);
    err = release(ticket);
    kmi_lock_give(KMI_LOCK_HOLDS);
    switch (err) {
    case KMSG_OK: return KMSG_OK;
    case KMSG_ENOENT: return kmi_error(err, "it was released before, or never held");
    case KMSG_ELOST: return kmi_error(err, "the link that the message came over is gone");
    default: return kmi_error(err, "the node that held the message has ended");
    }
}
