/* server.c -- keeps a ledger, in memory alone. It takes its time with what is called "slow". */
#define _POSIX_C_SOURCE 200809L

#include "ledger.h"
#include "ledger.kmsg.h"

#include <signal.h>

static kmsg_node *node;

/* What a handler holds is released by kmsg_release_ts(ticket), at any time and from any thread.
 * Here that never comes: it is still at work when its time is over. */
static kmsg_err note(void *ctx, kmsg_call *call, kmsg_string text)
{
    uint32_t   *count = ctx;
    kmsg_ticket ticket;

    if (text.size == 0)
        return kmsg_fail(call, KMSG_EINVAL, "there is nothing to write down");
    if (kmsg_string_equal(text, kmsg_str("slow")))
        return kmsg_hold(call, &ticket);
    ++*count;
    return KMSG_OK;
}

static kmsg_err count(void *ctx, kmsg_call *call, uint32_t *ret)
{
    (void)call;
    *ret = *(uint32_t *)ctx;
    return KMSG_OK;
}

static void on_signal(int number)
{
    (void)number;
    kmsg_stop_ts(node);
}

void serve(const char *url)
{
    static const Ledger_impl impl = {.note = note, .count = count};
    uint32_t                 notes = 0;

    node = kmsg_node_new();
    kmsg_must(Ledger_serve(node, &impl, &notes));
    kmsg_must(kmsg_listen(node, url, NULL));
    signal(SIGTERM, on_signal);
    puts("ready");
    fflush(stdout);
    kmsg_must(kmsg_run(node));
    kmsg_node_free(node);
}
