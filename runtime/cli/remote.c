/* remote.c -- see remote.h. */
#define _POSIX_C_SOURCE 200809L

#include "cli/remote.h"

#include <poll.h>
#include <time.h>

bool remote_node(bool client, kmsg_node **ret)
{
    const kmsg_directory_options how = {.client = client};
    kmsg_err                     err = kmsg_set_directory(&how);

    if (err == KMSG_OK)
        *ret = kmsg_node_new();
    if (err == KMSG_OK && *ret == NULL)
        err = KMSG_ENOMEM;
    return err == KMSG_OK ? true : cli_fail("%s", kmsg_strerror(err));
}

bool remote_fail(const remote *r, kmsg_err err)
{
    const char *words = kmsg_last_error();

    if (err == KMSG_ETIMEDOUT)
        return cli_fail("%s: no answer within %u ms%s%s", r->name, (unsigned)r->timeout_ms,
                        words[0] == '\0' ? "" : ": ", words);
    if (err == KMSG_ENOSERVICE)
        return cli_fail("%s: it tells nothing of itself: its program calls neither kmsg_publish() "
                        "nor kmsg_serve_reflection()",
                        r->name);
    return cli_fail("%s: %s%s%s", r->name, kmsg_strerror(err), words[0] == '\0' ? "" : ": ", words);
}

static kmsg_err find(remote *r, const cli_options *options, const char *name)
{
    kmsg_err err = KMSG_OK;

    if (options->url != NULL)
        err = kmsg_dial(r->node, options->url, &r->peer);
    else if (name != NULL)
        err = kmsg_find(r->node, name, options->scope, NULL, &r->peer);
    if (err == KMSG_OK && r->peer != NULL)
        kmsg_peer_set_timeout_ms(r->peer, r->timeout_ms);
    return err;
}

bool remote_open_name(remote *r, const cli_options *options, const char *name, const char *shown)
{
    kmsg_err err;

    *r = (remote){.name = shown, .timeout_ms = options->timeout_ms};
    if (options->url != NULL && options->scope != KMSG_SCOPE_DEFAULT)
        cli_usage("--scope is about names: it has no use beside --url", "");
    if (!remote_node(name != NULL || options->url != NULL, &r->node))
        return false;
    r->mem = cli_arena();
    err = find(r, options, name);
    return err == KMSG_OK ? true : remote_fail(r, err);
}

bool remote_open(remote *r, cli_options *options)
{
    const char *name = options->url;

    if (options->url == NULL && options->file_count == 0)
        cli_usage("which name?", "");
    if (options->url == NULL) {
        name = *options->files++;
        options->file_count--;
    }
    if (remote_open_name(r, options, name, name))
        return true;
    remote_close(r);
    return false;
}

void remote_close(remote *r)
{
    kmsg_node_free(r->node);
    kmsg_arena_free(r->mem);
}

static int64_t now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void remote_run(kmsg_node *node, uint32_t ms)
{
    const int64_t until = now_ms() + ms;
    struct pollfd fd = {.fd = kmsg_node_fd(node), .events = POLLIN};

    int64_t left = ms;

    do {
        poll(&fd, 1, (int)left);
        if (kmsg_node_step(node) != KMSG_OK)
            return;
        left = until - now_ms();
    } while (left > 0);
}

void remote_wait(kmsg_node *node, int fd)
{
    struct pollfd fds[2] = {{.fd = kmsg_node_fd(node), .events = POLLIN},
                            {.fd = fd, .events = POLLIN}};

    poll(fds, 2, kmsg_node_wait_ms(node));
    if (kmsg_node_step(node) != KMSG_OK)
        cli_fail("%s", kmsg_last_error());
}
