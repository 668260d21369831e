/* client.c -- goes on while its server is killed and started again.
 *
 * It sends messages that are acknowledged: of each it hears exactly once what became of it.
 */
#define _POSIX_C_SOURCE 200809L

#include "ledger.h"
#include "ledger.kmsg.h"

#include <kmsg/peer.h>

#include <signal.h>

typedef struct message {
    kmsg_node  *node;
    const char *text;
} message;

static void heard(void *ctx, kmsg_peer *peer, kmsg_peer_event event, kmsg_err err)
{
    (void)ctx;
    (void)peer;
    switch (event) {
    case KMSG_PEER_UP: puts("* connected"); break;
    case KMSG_PEER_RESTARTED: puts("* connected, to another one than before"); break;
    case KMSG_PEER_DOWN: printf("* the server is gone: %s\n", kmsg_strerror(err)); break;
    case KMSG_PEER_UNREACHED: printf("* no server: %s\n", kmsg_strerror(err)); break;
    }
}

static void noted(void *ctx, kmsg_err err)
{
    const message *m = ctx;

    printf("\"%s\": %s\n", m->text, err == KMSG_OK ? "written down" : kmsg_strerror(err));
    kmsg_stop_ts(m->node);
}

/* Until it is known what became of the last one. */
static void run(kmsg_peer *peer)
{
    kmsg_must(kmsg_run(kmsg_peer_node(peer)));
}

static void note(kmsg_peer *peer, const char *text)
{
    message m = {kmsg_peer_node(peer), text};

    Ledger_note_async(peer, kmsg_str(text), &m, noted);
    run(peer);
}

static void ask_count(kmsg_peer *peer)
{
    uint32_t count;

    kmsg_must(Ledger_count(peer, NULL, &count));
    printf("notes in the ledger: %u\n", count);
}

/* The answer to a question comes behind what was sent before it: so the server has the note. */
static void lose_server(kmsg_peer *peer, pid_t server)
{
    message m = {kmsg_peer_node(peer), "slow"};

    Ledger_note_async(peer, kmsg_str("slow"), &m, noted);
    ask_count(peer);
    server_end(server, SIGKILL);
    run(peer);
}

void talk(const char *program, const char *url)
{
    kmsg_node *node = kmsg_node_new();
    kmsg_peer *peer;
    pid_t      server = server_start(program, url);

    kmsg_must(kmsg_dial(node, url, &peer));
    kmsg_must(kmsg_peer_watch(peer, NULL, heard));
    note(peer, "bread");
    note(peer, "");
    kmsg_peer_set_timeout_ms(peer, 50);
    note(peer, "slow");
    kmsg_peer_set_timeout_ms(peer, KMSG_CALL_TIMEOUT_MS);
    lose_server(peer, server);
    note(peer, "milk");
    server = server_start(program, url);
    note(peer, "milk");
    ask_count(peer);
    kmsg_node_free(node);
    server_end(server, SIGTERM);
}
