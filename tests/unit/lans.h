/* lans.h -- several hosts' directories in one thread, with keys of their own (hosts.h), over the
 * loopback interface alone. What each of them knows is its table; lans_until() waits for it.
 *
 * A file that includes it defines _GNU_SOURCE.
 */
#ifndef LANS_H
#define LANS_H

#include "hosts.h"

#include <arpa/inet.h>
#include <kmsg/security.h>
#include <poll.h>
#include <sys/socket.h>

#include "core/core.h"
#include "names/lan_io.h"

#define LANS_PATIENCE_MS 20000

typedef struct lan {
    kmsg_node             *node;
    kmi_table             *table;
    kmi_lan_io            *io; /* NULL: it is down */
    kmsg_directory_options options;
} lan;

static lan      lans[HOSTS_MAX];
static unsigned lans_count;
static uint16_t lans_port;

/* libuv keeps a pipe for the rest of the process' life. */
__attribute__((constructor)) static void open_what_stays_open(void)
{
    kmsg_node_free(kmsg_node_new());
}

/* A port that nobody has, for UDP and TCP. */
static inline uint16_t lans_free_port(void)
{
    struct sockaddr_in a = {.sin_family = AF_INET};
    socklen_t          size = sizeof a;
    int                tcp = socket(AF_INET, SOCK_STREAM, 0), udp = socket(AF_INET, SOCK_DGRAM, 0);

    CHECK(bind(tcp, (struct sockaddr *)&a, size) == 0);
    CHECK(getsockname(tcp, (struct sockaddr *)&a, &size) == 0);
    CHECK(bind(udp, (struct sockaddr *)&a, size) == 0);
    close(tcp);
    close(udp);
    return ntohs(a.sin_port);
}

static inline kmsg_err lans_try(unsigned host)
{
    lan     *l = &lans[host];
    kmsg_err err;

    l->node = kmsg_node_new();
    l->table = kmi_table_new();
    CHECK(l->node != NULL && l->table != NULL);
    CHECK(kmsg_node_fd(l->node) >= 0);
    OK(kmsg_node_set_security(l->node, &(kmsg_security){.folder = hosts_folder(host)}));
    l->io = kmi_lan_io_new(l->node, l->table, &l->options, &err);
    return err;
}

static inline void lans_start(unsigned host)
{
    OK(lans_try(host));
}

static inline void lans_stop(unsigned host)
{
    kmi_lan_io_free(lans[host].io);
    kmsg_node_free(lans[host].node);
    kmi_table_free(lans[host].table);
    lans[host].io = NULL;
    lans[host].node = NULL;
    lans[host].table = NULL;
}

/* Keys for all of them, and ways to set them up before lans_start(). */
static inline void lans_begin(unsigned count)
{
    test_skip_if_emulated("the emulator does not pass on which interface a group is joined on");
    hosts_begin(count);
    lans_count = count;
    lans_port = lans_free_port();
    for (unsigned i = 0; i < count; i++)
        lans[i] = (lan){.options = {.multicast = "lo", .port = lans_port, .fast = true}};
}

static inline void lans_begin_all(unsigned count)
{
    lans_begin(count);
    for (unsigned i = 0; i < count; i++)
        lans_start(i);
}

static inline void lans_end(void)
{
    for (unsigned i = 0; i < lans_count; i++)
        if (lans[i].node != NULL)
            lans_stop(i);
    hosts_end();
}

/* ---- what they know -------------------------------------------------------------------------- */

typedef struct lans_count_of {
    const char *name;
    size_t      count;
} lans_count_of;

static inline bool lans_count_one(void *ctx, kmi_entry *entry)
{
    lans_count_of *c = ctx;

    c->count += entry->far != NULL && strcmp(entry->listing.name.data, c->name) == 0;
    return true;
}

/* How often the name is known from other hosts. */
static inline size_t lans_knows(unsigned host, const char *name)
{
    lans_count_of c = {name, 0};

    kmi_table_each(lans[host].table, lans_count_one, &c);
    return c.count;
}

static inline kmsg_names_Survey lans_survey(unsigned host)
{
    static kmsg_arena *mem;
    kmsg_names_Survey  survey = {.hosts = {NULL, 0}};

    if (mem == NULL)
        mem = kmsg_arena_new();
    kmsg_arena_reset(mem);
    OK(kmi_lan_io_survey(lans[host].io, mem, &survey));
    return survey;
}

static inline size_t lans_neighbors(unsigned host)
{
    return lans_survey(host).hosts.count;
}

/* ---- what happens ---------------------------------------------------------------------------- */

/* All of them, until something comes or is due. */
static inline void lans_turn(void)
{
    struct pollfd fds[HOSTS_MAX];
    nfds_t        count = 0;
    int           wait_ms = 1000;

    for (unsigned i = 0; i < lans_count; i++) {
        int ms;
        if (lans[i].node == NULL)
            continue;
        ms = kmsg_node_wait_ms(lans[i].node);
        wait_ms = ms >= 0 && ms < wait_ms ? ms : wait_ms;
        fds[count++] = (struct pollfd){.fd = kmsg_node_fd(lans[i].node), .events = POLLIN};
    }
    (void)poll(fds, count, wait_ms);
    for (unsigned i = 0; i < lans_count; i++)
        if (lans[i].node != NULL)
            OK(kmsg_node_step(lans[i].node));
}

static inline int64_t lans_now_ms(void)
{
    return kmi_sys_uv.now_ns() / 1000000;
}

#define lans_until(condition)                                                                      \
    do {                                                                                           \
        int64_t lans_end_ms = lans_now_ms() + LANS_PATIENCE_MS;                                    \
        while (!(condition) && lans_now_ms() < lans_end_ms)                                        \
            lans_turn();                                                                           \
        CHECK(condition);                                                                          \
    } while (0)

/* ---- what they offer ------------------------------------------------------------------------- */

static inline kmi_entry *lans_publish(unsigned host, const char *name)
{
    static uint64_t    number;
    kmsg_names_Listing listing = kmsg_names_Listing_initial;
    kmi_entry         *entry;

    listing.node = 1000 + host;
    listing.number = ++number;
    listing.name = kmsg_str(name);
    listing.scope = kmsg_names_Scope_LAN;
    OK(kmi_table_add(lans[host].table, &listing, NULL, NULL, false, NULL, NULL, &entry));
    if (lans[host].io != NULL)
        kmi_lan_io_changed(lans[host].io, entry, true);
    return entry;
}

static inline void lans_withdraw(unsigned host, kmi_entry *entry)
{
    kmi_lan_io_changed(lans[host].io, entry, false);
    kmi_table_remove(lans[host].table, entry);
}

#endif
