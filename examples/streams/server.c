/* server.c -- handlers of methods with streams, in three ways.
 *
 *   upload    waits inside of the handler for what comes: short, but the service does nothing else
 *   chat      is told of each item, and answers it
 *   download  sends what there is room for, and goes on when there is room again. So one thread
 *   count     serves any number of readers, and a slow one costs nothing
 */
#include "files.h"
#include "files.kmsg.h"

typedef struct server {
    uint32_t sent;
    uint32_t listeners;
} server;

static server files;

/* ---- download ---------------------------------------------------------------------------------
 */

/* Of one call: it lies in the call's memory, and is gone with it. */
typedef struct reader {
    uint32_t next;
    uint32_t end;
} reader;

static reader *new_reader(kmsg_call *call, uint32_t end)
{
    reader *r = kmsg_alloc_array(kmsg_call_arena(call), reader, 1);

    if (r != NULL)
        *r = (reader){.end = end};
    return r;
}

/* KMSG_EFULL: there is no room now. */
static void send_pieces(void *ctx, kmsg_call *call)
{
    static const uint8_t zeros[PIECE_SIZE];
    reader              *r = ctx;
    kmsg_err             err = KMSG_OK;

    for (; r->next < r->end && err == KMSG_OK; r->next += err == KMSG_OK)
        err = Files_download_try_send(call, (kmsg_bytes){zeros, sizeof zeros});
    files.sent = r->next;
    if (err == KMSG_EFULL)
        kmsg_call_on_room(call, r, send_pieces);
    else
        Files_download_reply(call); /* the end; harmless if nobody reads any more */
}

static kmsg_err download(void *ctx, kmsg_call *call, uint32_t pieces)
{
    reader *r = new_reader(call, pieces);

    (void)ctx;
    if (r == NULL)
        return KMSG_ENOMEM;
    send_pieces(r, call);
    return KMSG_LATER;
}

static kmsg_err sent(void *ctx, kmsg_call *call, uint32_t *ret)
{
    (void)ctx;
    (void)call;
    *ret = files.sent;
    return KMSG_OK;
}

/* ---- upload ---------------------------------------------------------------------------------- */

static kmsg_err upload(void *ctx, kmsg_call *call, kmsg_string name, uint64_t *ret)
{
    kmsg_arena *mem = kmsg_arena_new();
    kmsg_bytes  piece;
    uint64_t    size = 0;
    kmsg_err    err;

    (void)ctx;
    (void)name;
    while ((err = Files_upload_receive(call, mem, &piece)) == KMSG_OK && size <= ROOM) {
        size += piece.size;
        kmsg_arena_reset(mem);
    }
    kmsg_arena_free(mem);
    if (size > ROOM)
        return Full_throw(call, &(Full){.room = ROOM});
    *ret = size;
    return err == KMSG_END ? KMSG_OK : err;
}

/* ---- chat ------------------------------------------------------------------------------------ */

static kmsg_err answer(kmsg_call *call, const kmsg_string *said)
{
    kmsg_arena *mem = kmsg_arena_new(); /* that of the call would grow as long as it lasts */
    kmsg_err    err = Files_chat_send(call, kmsg_printf(mem, "%s? Go on!", said->data));

    kmsg_arena_free(mem);
    return err;
}

/* KMSG_END: nothing more will be said; or why not. */
static void heard(void *ctx, kmsg_call *call, kmsg_err err, const kmsg_string *said)
{
    (void)ctx;
    if (err != KMSG_OK || answer(call, said) != KMSG_OK)
        Files_chat_reply(call);
}

static kmsg_err chat(void *ctx, kmsg_call *call)
{
    Files_chat_receive_async(call, ctx, heard);
    return KMSG_LATER;
}

/* ---- count ----------------------------------------------------------------------------------- */

static void send_numbers(void *ctx, kmsg_call *call)
{
    reader  *r = ctx;
    kmsg_err err;

    while ((err = Files_count_try_send(call, r->next + 1)) == KMSG_OK)
        r->next++;
    if (err == KMSG_EFULL)
        kmsg_call_on_room(call, r, send_numbers);
}

/* Nobody listens any more: the call is let go of. */
static void left(void *ctx, kmsg_call *call)
{
    (void)ctx;
    files.listeners--;
    Files_count_reply(call);
}

static kmsg_err count(void *ctx, kmsg_call *call)
{
    reader *r = new_reader(call, 0);

    (void)ctx;
    if (r == NULL)
        return KMSG_ENOMEM;
    files.listeners++;
    kmsg_call_on_over(call, NULL, left);
    send_numbers(r, call);
    return KMSG_LATER;
}

static kmsg_err listeners(void *ctx, kmsg_call *call, uint32_t *ret)
{
    (void)ctx;
    (void)call;
    *ret = files.listeners;
    return KMSG_OK;
}

kmsg_node *files_start(const char *url)
{
    static const Files_impl impl = {.download = download,
                                    .sent = sent,
                                    .upload = upload,
                                    .chat = chat,
                                    .count = count,
                                    .listeners = listeners};
    kmsg_node              *node = kmsg_node_new();

    kmsg_must(Files_serve(node, &impl, NULL));
    kmsg_must(kmsg_listen(node, url, NULL));
    kmsg_must(kmsg_start(node));
    return node;
}
