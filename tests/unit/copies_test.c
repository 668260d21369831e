/* copies_test.c -- what is sent is a copy: nobody sees what the other side does to its own, on the
 * same node, on another thread, or in another process.
 */
#include "delivery.h"

#include "core/object.h"
#include "crew.kmsg.h"

#define WORDS "as it was"

/* What is const for a handler is memory all the same. */
static void scribble(const void *bytes, size_t size)
{
    memset((void *)(uintptr_t)bytes, 'z', size);
}

/* Spoils what it was given, once it has answered with a copy of it. */
static kmsg_err echo_and_spoil(void *ctx, kmsg_call *call, const talk_Note *note, talk_Note *ret)
{
    int *handled = ctx;

    ret->text = kmsg_string_copy(kmsg_call_arena(call), note->text);
    ret->blob = (kmsg_bytes){(const uint8_t *)"", 0};
    ret->number = note->blob.size > 0 ? note->blob.data[0] : 0;
    scribble(note->text.data, note->text.size);
    scribble(note->blob.data, note->blob.size);
    ++*handled;
    return KMSG_OK;
}

static const talk_Talk_impl spoiling = {.echo = echo_and_spoil};

/* `peer` is asked twice with the same bytes, which change as soon as they are sent. */
static void ask_and_change(kmsg_node *node, kmsg_node *other, kmsg_peer *peer)
{
    char      text[] = WORDS;
    uint8_t   blob[9000];
    talk_Note note = {.text = {text, sizeof text - 1}, .blob = {blob, sizeof blob}};
    outcome   o[2] = {{0}};

    memset(blob, 7, sizeof blob);
    talk_Talk_echo_async(peer, &note, &o[0], echo_done);
    text[0] = 'A';
    blob[0] = 8;
    talk_Talk_echo_async(peer, &note, &o[1], echo_done);
    memset(text, '?', sizeof text - 1);
    memset(blob, 9, sizeof blob);
    DRIVE(node, other, o[0].count == 1 && o[1].count == 1);
    EQ_STR(o[0].text, WORDS);
    EQ_INT(o[0].number, 7);
    EQ_STR(o[1].text, "As it was");
    EQ_INT(o[1].number, 8);
    EQ_STR(text, "?????????"); /* the handler has spoilt its own */
    for (size_t i = 0; i < sizeof blob; i++)
        EQ_INT(blob[i], 9);
}

TEST(what_a_caller_or_a_handler_changes_is_its_own)
{
    const char *urls[] = {"inproc:copies", new_path(), "tcp:127.0.0.1:0"};

    for (int i = 0; i < 3; i++) {
        kmsg_node     *there = kmsg_node_new(), *node = kmsg_node_new();
        kmsg_listener *listener;
        kmsg_peer     *peer;
        int            handled = 0;
        OK(talk_Talk_serve(there, &spoiling, &handled));
        OK(kmsg_listen(there, urls[i], &listener));
        OK(kmsg_dial(node, kmsg_listener_url(listener), &peer));
        ask_and_change(node, there, peer);
        ask_and_change(there, there, kmsg_self(there));
        EQ_INT(handled, 4);
        kmsg_node_free(node);
        kmsg_node_free(there);
    }
}

/* ---- objects ------------------------------------------------------------------------------- */

typedef struct reader {
    kmsg_address on; /* whom it hands the message on to; size 0: nobody */
    char         text[64];
    int          count;
    int64_t      number;
} reader;

static kmsg_err read_and_spoil(void *ctx, kmsg_object *self, kmsg_message *message)
{
    reader    *r = ctx;
    kmsg_bytes body = kmsg_message_body(message);
    crew_Word  word;

    if (!crew_Word_is(message))
        return KMSG_ENOMETHOD;
    OK(kmsg_read(message, &crew_Word_layout, kmsg_call_arena(message), &word));
    snprintf(r->text, sizeof r->text, "%s", word.text.data);
    r->number = word.number;
    r->count++;
    if (r->on.size > 0)
        OK(kmsg_forward(self, message, r->on));
    scribble(body.data, body.size);
    return KMSG_OK;
}

TEST(a_message_to_an_object_is_a_copy_and_so_is_one_that_is_handed_on)
{
    const char *threads[] = {NULL, KMSG_OWN_THREAD};

    for (int i = 0; i < 2; i++) {
        kmsg_node   *node = kmsg_node_new();
        kmsg_object *root = kmsg_root(node);
        reader       first = {.count = 0}, last = {.count = 0};
        kmsg_spawn   how = {.thread = threads[i]};
        kmsg_address to;
        char         text[] = WORDS;
        crew_Word    word = {.text = {text, sizeof text - 1}, .number = 5};
        OK(kmsg_object_new(root, read_and_spoil, &last, &how, &first.on));
        OK(kmsg_object_new(root, read_and_spoil, &first, NULL, &to));
        OK(crew_Word_send(root, to, &word));
        memset(text, '?', sizeof text - 1);
        word.number = 6;
        DRIVE(node, node, first.count == 1);
        EQ_STR(text, "?????????");
        OK(kmsg_send_wait(root, first.on, &crew_Quit_layout, &(crew_Quit){0}) == KMSG_ENOMETHOD
               ? KMSG_OK
               : KMSG_EFAILED); /* behind what was handed on */
        EQ_STR(first.text, WORDS);
        EQ_STR(last.text, WORDS);
        EQ_INT(last.number, 5);
        EQ_INT(last.count, 1);
        kmsg_node_free(node);
    }
}

static kmsg_err return_and_change(void *ctx, kmsg_object *self, kmsg_message *message)
{
    char     *text = ctx;
    crew_Word word = {.text = kmsg_str(text), .number = 1};

    (void)message;
    kmsg_return(self, &crew_Word_layout, &word);
    memset(text, '?', strlen(text));
    return KMSG_OK;
}

TEST(what_an_object_returns_is_a_copy)
{
    kmsg_node    *node = kmsg_node_new();
    kmsg_object  *root = kmsg_root(node);
    kmsg_arena   *mem = kmsg_arena_new();
    char          text[] = WORDS;
    kmsg_address  child;
    kmsg_message *m;
    kmsg_Returned returned;
    crew_Word     word;

    OK(kmsg_object_new(root, return_and_change, text, NULL, &child));
    OK(kmsg_receive(root, PATIENCE_MS, &m));
    OK(kmsg_read(m, &kmsg_Returned_layout, mem, &returned));
    OK(kmsg_any_unpack(&returned.value, &crew_Word_layout, mem, &word));
    EQ_STR(word.text.data, WORDS);
    EQ_STR(text, "?????????");
    kmsg_arena_free(mem);
    kmsg_node_free(node);
}

/* Ownership is handed over on request: what is held is the receiver's until it is released. */
TEST(what_is_held_stays_as_it_came_whatever_comes_behind_it)
{
    post       p;
    kmsg_node *node = kmsg_node_new();
    kmsg_peer *peer;
    char       text[] = WORDS;
    kmsg_bytes first;

    post_init(&p, new_path());
    p.way = POST_HOLD;
    peer = post_dial(node, &p);
    OK(delivery_Post_put(peer, 1, (kmsg_bytes){(const uint8_t *)text, sizeof text}));
    DRIVE(node, p.node, p.ticket_count == 1);
    first = p.blob;
    memset(text, '?', sizeof text - 1);
    for (int i = 0; i < 40; i++)
        OK(delivery_Post_put(peer, 1, (kmsg_bytes){(const uint8_t *)text, sizeof text}));
    DRIVE(node, p.node, p.ticket_count == 41);
    EQ_STR((const char *)first.data, WORDS);
    scribble(first.data, first.size);
    EQ_STR((const char *)p.blob.data, "?????????");
    for (int i = 0; i < 41; i++)
        OK(kmsg_release_ts(p.tickets[i]));
    kmsg_node_free(node);
    post_done(&p);
}
