/* slot.c -- the numbers of calls in flight: a place in the connection's table and its generation,
 * so that an answer which comes too late finds nobody.
 */
#include "core/stream.h"

#include "base/alloc.h"
#include "base/err.h"

static kmsg_err add_slot(kmi_conn *conn)
{
    kmi_slot *slots;

    if (conn->slot_count >= KMSG_CALLS_MAX)
        return kmi_error(KMSG_EFULL, "%s: %u calls are in flight", conn->url, KMSG_CALLS_MAX);
    slots = kmi_grow(conn->slots, conn->slot_count, &conn->slot_capacity, sizeof *slots);
    if (slots == NULL)
        return kmi_error_plain(KMSG_ENOMEM);
    conn->slots = slots;
    slots[conn->slot_count] = (kmi_slot){NULL, KMI_NO_SLOT, 0};
    conn->free_slot = (uint32_t)conn->slot_count++;
    return KMSG_OK;
}

kmsg_err kmi_slot_take(kmi_ask *ask)
{
    kmi_conn *conn = ask->conn;
    kmi_slot *slot;

    if (conn->free_slot == KMI_NO_SLOT) {
        kmsg_err err = add_slot(conn);
        if (err != KMSG_OK)
            return err;
    }
    slot = &conn->slots[conn->free_slot];
    slot->generation++;
    slot->ask = ask;
    ask->id = conn->free_slot | (uint32_t)slot->generation << 16;
    ask->in_flight = true;
    conn->free_slot = slot->next_free;
    return KMSG_OK;
}

void kmi_slot_give(kmi_ask *ask)
{
    kmi_conn *conn = ask->conn;
    uint32_t  i = ask->id & 0xffff;

    if (!ask->in_flight)
        return;
    ask->in_flight = false;
    conn->slots[i].ask = NULL;
    conn->slots[i].next_free = conn->free_slot;
    conn->free_slot = i;
}

kmi_ask *kmi_ask_find(const kmi_conn *conn, uint32_t id)
{
    uint32_t i = id & 0xffff;

    if (i >= conn->slot_count || conn->slots[i].ask == NULL || conn->slots[i].ask->id != id)
        return NULL;
    return conn->slots[i].ask;
}

void kmi_ask_use(kmi_ask *ask, kmi_conn *conn)
{
    kmi_conn_ref(conn);
    kmi_conn_unref(ask->conn);
    ask->conn = conn;
}

kmsg_err kmi_ask_move(kmi_ask *ask, kmi_conn *to)
{
    kmi_slot_give(ask);
    kmi_ask_use(ask, to);
    if (ask->stream != NULL)
        kmi_stream_use(ask->stream, to);
    return kmi_slot_take(ask);
}
