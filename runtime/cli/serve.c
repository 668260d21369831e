/* serve.c -- kmsg directory: a process that is there to serve this host's directory. */
#define _POSIX_C_SOURCE 200809L

#include "cli/cli.h"

#include <signal.h>

static kmsg_node *serving;

static void on_signal(int number)
{
    (void)number;
    kmsg_stop_ts(serving);
}

static void stop_by_signals(void)
{
    struct sigaction action = {.sa_handler = on_signal};

    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

bool cli_directory(const cli_options *options)
{
    kmsg_err err;

    if (options->file_count > 0)
        cli_usage("it takes no arguments: ", options->files[0]);
    serving = kmsg_node_new();
    if (serving == NULL)
        return cli_fail("%s", kmsg_strerror(KMSG_ENOMEM));
    stop_by_signals();
    err = kmsg_keep_directory(serving);
    if (err == KMSG_OK)
        err = kmsg_run(serving);
    if (err != KMSG_OK)
        cli_fail("%s: %s", kmsg_strerror(err), kmsg_last_error());
    kmsg_node_free(serving);
    return err == KMSG_OK;
}
