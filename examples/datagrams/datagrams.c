/* datagrams.c -- a station reports the weather by datagrams, to whoever receives them. */
#include "weather.kmsg.h"

#include <kmsg/peer.h>

typedef struct display {
    kmsg_node *node;
    uint32_t   count;
} display;

static kmsg_err report(void *ctx, kmsg_call *call, const weather_Reading *reading)
{
    display *d = ctx;

    (void)call;
    printf("%s: %.1f degrees\n", reading->station.data, reading->celsius);
    if (++d->count == 3)
        kmsg_stop_ts(d->node);
    return KMSG_OK;
}

static kmsg_err count(void *ctx, kmsg_call *call, uint32_t *ret)
{
    (void)call;
    *ret = ((display *)ctx)->count;
    return KMSG_OK;
}

static const weather_Weather_impl impl = {.report = report, .count = count};

int main(void)
{
    display             d = {.node = kmsg_node_new()};
    kmsg_node          *station = kmsg_node_new();
    kmsg_listener      *listener;
    kmsg_listener_facts facts;
    kmsg_peer          *peer;
    uint32_t            seen;

    kmsg_must(weather_Weather_serve(d.node, &impl, &d));
    kmsg_must(kmsg_listen(d.node, "udp:127.0.0.1:0", &listener));
    kmsg_must(kmsg_dial(station, kmsg_listener_url(listener), &peer));
    for (int i = 0; i < 3; i++)
        kmsg_must(weather_Weather_report(
            peer, &(weather_Reading){.station = kmsg_str("Zugspitze"), .celsius = -7.5 + i}));
    kmsg_must(kmsg_flush(peer)); /* the system has them; who else, nobody knows */
    kmsg_must(kmsg_run(d.node));
    kmsg_listener_info(listener, &facts);
    printf("%u messages came in %u datagram\n", (unsigned)facts.messages,
           (unsigned)facts.datagrams);
    if (weather_Weather_count(peer, NULL, &seen) == KMSG_EDATAGRAM)
        printf("and how many were seen cannot be asked: %s\n", kmsg_strerror(KMSG_EDATAGRAM));
    kmsg_node_free(station);
    kmsg_node_free(d.node);
    return 0;
}
