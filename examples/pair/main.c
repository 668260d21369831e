/* main.c -- the parent: starts a child in two ways, lets in nobody else, and talks to it. */
#define _POSIX_C_SOURCE 200809L

#include "pair.h"
#include "pair.kmsg.h"

#include <kmsg/peer.h>

#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static kmsg_err report(void *ctx, kmsg_call *call, kmsg_string text)
{
    (void)call;
    printf("  the child says: %s\n", text.data);
    kmsg_stop_ts(ctx);
    return KMSG_OK;
}

static kmsg_node *new_node(void)
{
    static const Parent_impl impl = {.report = report};
    kmsg_node               *node = kmsg_node_new();

    kmsg_must(Parent_serve(node, &impl, node));
    return node;
}

/* The peer is the parent's until it closes it. */
static void talk(kmsg_node *node, kmsg_peer *peer)
{
    uint32_t square;

    kmsg_must(kmsg_run(node)); /* until the child has reported */
    kmsg_must(Child_square(peer, 7, NULL, &square));
    printf("  the child says: the square of 7 is %u\n", square);
}

static void end(kmsg_node *node, pid_t pid)
{
    int status;

    kmsg_node_free(node);
    if (waitpid(pid, &status, 0) == pid && status == 0)
        puts("  the child has ended in order");
}

static void intrude(const char *url)
{
    kmsg_node *node = kmsg_node_new();
    kmsg_peer *peer;

    kmsg_must(kmsg_dial(node, url, &peer));
    printf("  a stranger comes: %s\n", kmsg_strerror(kmsg_ping(peer, 1000, NULL)));
    kmsg_node_free(node);
}

static void by_address(const char *program)
{
    kmsg_node     *node = new_node();
    kmsg_listener *listener;
    kmsg_peer     *peer;
    pid_t          pid;

    kmsg_must(kmsg_listen_once(node, NULL, &listener));
    pid = start(program, kmsg_listener_url(listener), -1);
    kmsg_must(kmsg_accept(listener, 9000, &peer));
    talk(node, peer);
    intrude(kmsg_listener_url(listener));
    end(node, pid);
}

static void by_descriptor(const char *program)
{
    kmsg_node *node = new_node();
    kmsg_peer *peer;
    pid_t      pid;
    int        fd;

    kmsg_must(kmsg_pair(node, &peer, &fd));
    pid = start(program, "fd:3", fd);
    close(fd);
    talk(node, peer);
    end(node, pid);
}

int main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "child") == 0) {
        child(argv[2]);
        return 0;
    }
    setvbuf(stdout, NULL, _IOLBF, 0);
    puts("by an address:");
    by_address(argv[0]);
    puts("by a descriptor:");
    by_descriptor(argv[0]);
    return 0;
}
