/* transport_cases.c -- what the transport suite measures, in this order: cases, and subjects, which
 * take turns.
 */
#include "transport.h"

#define ONE(work)  (1u << TRANSPORT_##work)
#define SMALL      (ONE(PING) | ONE(CALLS) | ONE(ONEWAY) | ONE(ACKED))
#define KIB(count) ((size_t)(count) << 10)

const transport_case transport_cases[] = {
    {"inproc/64", TRANSPORT_INPROC, 64, 1, SMALL},
    {"unix/64", TRANSPORT_UNIX, 64, 1, SMALL},
    {"tcp/64", TRANSPORT_TCP, 64, 1, SMALL},
    {"shm/64", TRANSPORT_SHM, 64, 1, SMALL},
    {"inproc/64k", TRANSPORT_INPROC, KIB(64), 1, ONE(CALLS) | ONE(ONEWAY)},
    {"unix/64k", TRANSPORT_UNIX, KIB(64), 1, ONE(ONEWAY)},
    {"tcp/64k", TRANSPORT_TCP, KIB(64), 1, ONE(ONEWAY)},
    {"shm/64k", TRANSPORT_SHM, KIB(64), 1, ONE(ONEWAY)},
    {"inproc/64k-to-8", TRANSPORT_INPROC, KIB(64), 8, ONE(PUBLISH)},
    {"unix/64-to-8", TRANSPORT_UNIX, 64, 8, ONE(PUBLISH)},
    {"unix/1k-to-8", TRANSPORT_UNIX, KIB(1), 8, ONE(PUBLISH)},
    {"tcp/64-to-8", TRANSPORT_TCP, 64, 8, ONE(PUBLISH)},
    {"tcp/1k-to-8", TRANSPORT_TCP, KIB(1), 8, ONE(PUBLISH)},
    {"tcp/idle", TRANSPORT_TCP, 64, 1, ONE(CONNECT)},
    {"secure/64", TRANSPORT_SECURE, 64, 1, SMALL},
    {"secure/64k", TRANSPORT_SECURE, KIB(64), 1, ONE(ONEWAY)},
    {"secure/handshake", TRANSPORT_SECURE, 64, 1, ONE(HANDSHAKE)},
    {"secure/idle", TRANSPORT_SECURE, 64, 1, ONE(CONNECT)},
    {0},
};

const transport_subject *const transport_subjects[] = {
    &transport_raw_epoll, &transport_raw_blocking,   &transport_raw_spin,
    &transport_raw_batch, &transport_raw_chacha,     &transport_kmsg,
    &transport_kmsg_spin, &transport_kmsg_clear,     &transport_nng,
    &transport_zeromq,    &transport_capnp,          &transport_grpc,
    &transport_openssl,   &transport_openssl_chacha, NULL,
};

const char *const transport_figure_names[TRANSPORT_FIGURES] = {
    "rtt_p50_us",    "rtt_p99_us",    "rtt_one_core_p50_us", "calls_s",
    "oneway_msgs_s", "acked_s",       "delivered_s",         "connections_s",
    "idle_kib",      "oneway_cpu_ns", "handshakes_s",        "handshakes_cpu_s",
};

uint8_t transport_payload[TRANSPORT_SIZE_MAX];

void transport_fill_payload(void)
{
    for (size_t i = 0; i < TRANSPORT_SIZE_MAX; i++) {
        transport_payload[i] = (uint8_t)('0' + i % 64);
    }
}
