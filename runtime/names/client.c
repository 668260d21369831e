/* client.c -- a node and a directory: its process' own, or its host's.
 *
 * It connects when something is to be registered there. Where nobody serves, this process tries to
 * (home.c); who else was faster is found a moment later. When the connection is lost, the same
 * again, and all that was registered is registered anew.
 */
#include "names/names.h"

#include "base/err.h"
#include "base/log.h"

#include <stdio.h>

#define PATIENCE_MS 1000u /* between tries where no directory is to be had */
#define SPREAD_MS   4u    /* the first time that somebody else was faster */
#define TRIES_MAX   8u    /* doublings of that */
#define TRIES_OWN   20u   /* to reach what this process itself serves */

static bool is_needed(const kmi_client *client)
{
    if (client->names->keeps && client->reach == KMI_OF_HOST)
        return true;
    for (const kmsg_publication *p = client->names->publications; p != NULL; p = p->next)
        if (p->client == client && !p->ended && (!p->decided || p->err == KMSG_OK))
            return true;
    for (const kmsg_subscription *s = client->names->subscriptions; s != NULL; s = s->next)
        if (s->watches[client->reach].subscription != NULL && !s->ended)
            return true;
    return false;
}

static void try_in(kmi_client *client, uint32_t ms)
{
    kmsg_node *node = client->names->node;

    kmi_timer_set(&node->timers, &client->timer, node->sys->now_ns() + ms * KMI_MS);
}

/* ---- coming -------------------------------------------------------------------------------- */

static void register_all(kmi_client *client)
{
    for (kmsg_publication *p = client->names->publications; p != NULL; p = p->next)
        if (p->client == client)
            kmi_publication_register(p);
    for (kmsg_subscription *s = client->names->subscriptions; s != NULL; s = s->next)
        kmi_subscription_register(s, client);
}

static void fail(kmi_client *client, kmsg_err err)
{
    if (client->err == KMSG_OK)
        kmi_log(KMSG_WARNING, "names: there is no directory to be had: %s", kmsg_last_error());
    client->err = err;
    snprintf(client->words, sizeof client->words, "%s", kmsg_last_error());
    try_in(client, PATIENCE_MS);
}

/* Who races with others waits a little longer each time. */
static uint32_t some_ms(kmi_client *client)
{
    uint32_t random, limit = SPREAD_MS << (client->tries > TRIES_MAX ? TRIES_MAX : client->tries);

    client->tries++;
    client->names->node->sys->random(&random, sizeof random);
    return 1 + random % limit;
}

static void serve(kmi_client *client)
{
    kmsg_err err;

    if (client->tries > TRIES_OWN)
        kmi_home_serve_no_more(client->reach);
    err = kmi_home_serve(client->reach);

    if (err == KMSG_OK)
        try_in(client, client->tries++ == 0 ? 0 : client->tries);
    else if (err == KMSG_EINUSE)
        try_in(client, some_ms(client));
    else
        fail(client, err);
}

static void heard(void *ctx, kmsg_peer *peer, kmsg_peer_event event, kmsg_err err)
{
    kmi_client *client = ctx;

    (void)peer;
    (void)err;
    if (client->names->ending)
        return;
    client->up = event == KMSG_PEER_UP || event == KMSG_PEER_RESTARTED;
    if (client->up) {
        client->tries = 0;
        client->err = KMSG_OK;
        register_all(client);
    } else if (is_needed(client)) {
        serve(client);
    }
}

static kmsg_err dial(kmi_client *client)
{
    const char *url;
    kmsg_err    err = kmi_home_url(client->reach, &url);

    if (err == KMSG_OK)
        err = kmsg_dial(client->names->node, url, &client->peer);
    if (err != KMSG_OK)
        return err;
    client->peer->inner = true;
    err = kmsg_peer_watch(client->peer, client, heard);
    if (err == KMSG_OK)
        return KMSG_OK;
    kmsg_peer_close(client->peer);
    client->peer = NULL;
    return err;
}

static void connect_now(kmi_client *client)
{
    kmsg_err err = client->peer == NULL ? dial(client) : KMSG_OK;

    if (err == KMSG_OK)
        kmi_conn_connect(client->peer->conn);
    else
        fail(client, err);
}

static void on_timer(kmi_timer *timer, int64_t now_ns)
{
    kmi_client *client = (kmi_client *)(void *)((uint8_t *)timer - offsetof(kmi_client, timer));

    (void)now_ns;
    if (!client->up && is_needed(client))
        connect_now(client);
}

kmsg_err kmi_client_begin(kmi_client *client)
{
    kmi_timers *timers = &client->names->node->timers;

    if (!client->timed) {
        if (kmi_timer_init(timers, &client->timer, on_timer) != KMSG_OK)
            return kmi_error_plain(KMSG_ENOMEM);
        client->timed = true;
    }
    if (!client->up && client->timer.place == 0)
        connect_now(client);
    return KMSG_OK;
}

void kmi_client_end(kmi_client *client)
{
    client->up = false;
    if (client->timed)
        kmi_timer_stop(&client->names->node->timers, &client->timer);
}

bool kmi_client_was_lost(kmsg_err err)
{
    return err == KMSG_OK || err == KMSG_ELOST || err == KMSG_EUNSENT || err == KMSG_ECLOSED ||
           err == KMSG_EREFUSED || err == KMSG_EUNREACHABLE || err == KMSG_ETIMEDOUT ||
           err == KMSG_ECANCELED;
}
