/* streams.c -- what does not fit into one message, or has no end: a caller that downloads, uploads,
 * chats, and has had enough.
 */
#include "files.h"
#include "files.kmsg.h"

#define PIECES 100u

/* ---- down ------------------------------------------------------------------------------------ */

/* What nobody has taken yet is at most KMSG_STREAM_WINDOW bytes, and other calls pass by. */
static void download(kmsg_peer *peer, kmsg_arena *mem)
{
    kmsg_stream *stream;
    kmsg_bytes   piece;
    uint32_t     sent, pieces = 0;
    kmsg_err     err;

    kmsg_must(Files_download_open(peer, PIECES, &stream));
    kmsg_must(Files_sent(peer, mem, &sent));
    printf("download: before I read the first piece, %u of %u are sent\n", sent, PIECES);
    while ((err = Files_download_next(stream, mem, &piece)) == KMSG_OK) {
        pieces += piece.size == PIECE_SIZE;
        kmsg_arena_reset(mem);
    }
    printf("download: %u pieces, then: %s\n", pieces, kmsg_strerror(err));
    kmsg_stream_close(stream);
}

/* ---- up -------------------------------------------------------------------------------------- */

/* An error ends the stream early: putting more gives it, and so does finishing. */
static void upload(kmsg_peer *peer, const char *name, uint32_t pieces, kmsg_arena *mem)
{
    static const uint8_t zeros[PIECE_SIZE];
    kmsg_stream         *stream;
    uint64_t             size;
    Full                 full;
    kmsg_err             err = KMSG_OK;

    kmsg_must(Files_upload_open(peer, kmsg_str(name), &stream));
    for (uint32_t i = 0; i < pieces && err == KMSG_OK; i++)
        err = Files_upload_put(stream, (kmsg_bytes){zeros, sizeof zeros});
    err = Files_upload_finish(stream, mem, &size);
    if (err == KMSG_OK)
        printf("upload: %s has %d bytes\n", name, (int)size);
    else if (err == KMSG_ETHROWN && Full_caught(peer, mem, &full))
        printf("upload: %s is too large, there is room for %d bytes\n", name, (int)full.room);
    else
        printf("upload: %s: %s\n", name, kmsg_strerror(err));
    kmsg_stream_close(stream);
}

/* ---- both ways ------------------------------------------------------------------------------- */

static void chat(kmsg_peer *peer, kmsg_arena *mem)
{
    static const char *const lines[] = {"I have been to the sea", "There was a whale"};
    kmsg_stream             *stream;
    kmsg_string              answer;

    kmsg_must(Files_chat_open(peer, &stream));
    for (int i = 0; i < 2; i++) {
        kmsg_must(Files_chat_put(stream, kmsg_str(lines[i])));
        kmsg_must(Files_chat_next(stream, mem, &answer));
        printf("chat: %s\n", answer.data);
    }
    kmsg_stream_end(stream);
    printf("chat: %s\n", kmsg_strerror(Files_chat_next(stream, mem, &answer)));
    kmsg_stream_close(stream);
}

/* ---- enough ---------------------------------------------------------------------------------- */

static void count_to_three(kmsg_peer *peer, kmsg_arena *mem)
{
    kmsg_stream *stream;
    uint32_t     number = 0, listeners;

    kmsg_must(Files_count_open(peer, &stream));
    while (number < 3) {
        kmsg_must(Files_count_next(stream, mem, &number));
        printf("count: %u\n", number);
    }
    kmsg_must(Files_listeners(peer, mem, &listeners));
    printf("count: listeners: %u\n", listeners);
    kmsg_stream_close(stream);
    kmsg_must(Files_listeners(peer, mem, &listeners));
    printf("count: listeners: %u\n", listeners);
}

int main(void)
{
    kmsg_node  *server = files_start("inproc:files"), *node = kmsg_node_new();
    kmsg_arena *mem = kmsg_arena_new();
    kmsg_peer  *peer;

    kmsg_must(kmsg_dial(node, "inproc:files", &peer));
    download(peer, mem);
    upload(peer, "small", 3, mem);
    upload(peer, "large", PIECES, mem);
    chat(peer, mem);
    count_to_three(peer, mem);
    kmsg_arena_free(mem);
    kmsg_node_free(node);
    kmsg_node_free(server);
    return 0;
}
