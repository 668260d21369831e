/* network.c -- kmsg network: the tree of hosts, processes and nodes, for people or as JSON. */
#include "cli/network.h"

#include <kmsg/json.h>

#include <inttypes.h>

static const char *scope_word(kmsg_names_Scope scope)
{
    switch (scope) {
    case kmsg_names_Scope_PROCESS: return "process";
    case kmsg_names_Scope_GROUP: return "group";
    case kmsg_names_Scope_HOST: return "host";
    case kmsg_names_Scope_LAN: return "lan";
    default: return "?";
    }
}

static void print_bytes(uint64_t bytes)
{
    if (bytes < 10000)
        printf("%" PRIu64 " B/s", bytes);
    else if (bytes < 10000000)
        printf("%" PRIu64 " kB/s", bytes / 1000);
    else
        printf("%" PRIu64 " MB/s", bytes / 1000000);
}

static void print_connection(const kmsg_reflection_Connection *c)
{
    const kmsg_reflection_Link *link = &c->link;

    printf("      %s ", link->accepted ? "from" : "to  ");
    if (c->pid != 0)
        printf("%s %" PRIu32 "%s%s", c->program.data, c->pid, c->host.size == 0 ? "" : " on ",
               c->host.data);
    else
        printf("node %016" PRIx64, link->node);
    for (size_t i = 0; i < c->names.count; i++)
        printf("%s%s", i == 0 ? " as " : ", ", c->names.items[i].data);
    if (link->rtt > 0)
        printf("; %.3f ms +-%.3f", (double)link->rtt / 1e6, (double)link->jitter / 1e6);
    printf("; %" PRIu64 "/s, ", c->requests);
    print_bytes(c->bytes);
    printf("%s%s\n", link->encrypted ? "; encrypted" : "",
           link->shared_memory ? "; shared memory" : "");
}

static void print_node(const kmsg_reflection_Node *node)
{
    printf("    node %016" PRIx64 "%s\n", node->instance,
           node->answered || node->publications.count == 0 ? "" : " (no answer)");
    for (size_t i = 0; i < node->publications.count; i++) {
        const kmsg_reflection_Publication *p = &node->publications.items[i];
        printf("      publishes %s (%s%s)%s\n", p->name.data, scope_word(p->scope),
               p->pool ? ", pool" : "", p->stands ? "" : ": another one has the name");
    }
    for (size_t i = 0; i < node->subscriptions.count; i++)
        printf("      looks for %s (%s)\n", node->subscriptions.items[i].pattern.data,
               scope_word(node->subscriptions.items[i].scope));
    for (size_t i = 0; i < node->connections.count; i++)
        print_connection(&node->connections.items[i]);
}

/* A group that was not named is of its process alone. */
static void print_process(const kmsg_reflection_Process *process)
{
    bool grouped = process->group.size > 0 && process->group.data[0] != '#';

    printf("  %s %" PRIu32 "%s%s\n", process->program.data, process->pid, grouped ? ", group " : "",
           grouped ? process->group.data : "");
    for (size_t i = 0; i < process->nodes.count; i++)
        print_node(&process->nodes.items[i]);
}

void network_print(const kmsg_reflection_Network *network)
{
    for (size_t i = 0; i < network->hosts.count; i++) {
        const kmsg_reflection_Host *host = &network->hosts.items[i];
        if (host->address.size == 0)
            puts("this host");
        else
            printf("%s (%s)\n", host->name.size == 0 ? "a host" : host->name.data,
                   host->address.data);
        for (size_t k = 0; k < host->processes.count; k++)
            print_process(&host->processes.items[k]);
    }
    printf("directory: %s %" PRIu32 "\n", network->directory_program.data, network->directory_pid);
}

static bool print_json(const kmsg_reflection_Network *network, kmsg_arena *mem)
{
    kmsg_string text;
    kmsg_err    err = kmsg_json_encode(&kmsg_reflection_Network_layout, network, NULL, mem, &text);

    if (err != KMSG_OK)
        return cli_fail("%s", kmsg_last_error());
    puts(text.data);
    return true;
}

bool cli_network(const cli_options *options)
{
    kmsg_reflection_Network network;
    kmsg_node              *node;
    kmsg_arena             *mem;
    bool                    good;

    if (options->file_count > 0)
        cli_usage("it takes no arguments: ", options->files[0]);
    if (!remote_node(true, &node))
        return false;
    mem = cli_arena();
    good = network_gather(node, options, mem, &network);
    if (good && options->json)
        good = print_json(&network, mem);
    else if (good)
        network_print(&network);
    kmsg_node_free(node);
    kmsg_arena_free(mem);
    return cli_flush() && good;
}
