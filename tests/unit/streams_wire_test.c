/* streams_wire_test.c -- what a stranger may say about streams, as caller and as server: each
 * breach of wire/frames.md ends the connection, what has merely crossed another frame does not.
 */
#define _GNU_SOURCE
#include "flow.h"

#include "core/stream.h"

#include <sys/socket.h>
#include <sys/un.h>

#define LIMIT 5000u /* of a message, on both sides */

enum { UPLOAD, WATCH, TALK, LOG, PLAIN };

/* Somebody who writes frames by hand, and what was said to him: "FAIL 7 -3; ". */
typedef struct stranger {
    int           fd;
    kmi_session   session;
    kmi_slab_pool pool;
    kmi_out       out;
    char          heard[4096];
    bool          gone;
} stranger;

static char logged[4096];

static void keep_log(void *ctx, kmsg_log_level level, const char *text)
{
    size_t at = strlen(logged);

    (void)ctx;
    (void)level;
    snprintf(logged + at, sizeof logged - at, "%s\n", text);
}

/* Once the other side has had enough, what is said to it goes nowhere. */
static void write_all(stranger *x, const uint8_t *bytes, size_t size)
{
    x->gone = x->gone || send(x->fd, bytes, size, MSG_NOSIGNAL) != (ssize_t)size;
}

static void stranger_begin(stranger *x, int fd)
{
    const kmi_session_options options = {.own = {.instance = 1,
                                                 .message_max = LIMIT,
                                                 .credit = 256,
                                                 .credit_bytes = 1 << 22,
                                                 .window = 10000},
                                         .idle_ns = INT64_MAX / 4,
                                         .dead_ns = INT64_MAX / 2};
    uint8_t                   preamble[KMI_PREAMBLE_SIZE];

    memset(x, 0, sizeof *x);
    x->fd = fd;
    kmi_session_init(&x->session, &options, 0);
    kmi_out_init(&x->out, &x->pool);
    kmi_session_preamble(&x->session, preamble);
    write_all(x, preamble, sizeof preamble);
    logged[0] = '\0';
    kmsg_set_log(keep_log, NULL);
}

static void stranger_end(stranger *x)
{
    kmi_session_done(&x->session);
    kmi_out_done(&x->out);
    kmi_slab_pool_done(&x->pool);
    close(x->fd);
    kmsg_set_log(NULL, NULL);
}

static int connect_raw(const char *url)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    int                fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), room = 1 << 20;

    snprintf(a.sun_path, sizeof a.sun_path, "%s", url + 5);
    CHECK(connect(fd, (struct sockaddr *)&a, sizeof a) == 0);
    setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &room, sizeof room);
    return fd;
}

static int listen_raw(const char *url)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    int                fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    snprintf(a.sun_path, sizeof a.sun_path, "%s", url + 5);
    CHECK(bind(fd, (struct sockaddr *)&a, sizeof a) == 0 && listen(fd, 5) == 0);
    return fd;
}

static void say(stranger *x, kmi_frame frame, const void *body, size_t size)
{
    static uint8_t bytes[2 * LIMIT];
    size_t         header = kmi_is_request(frame.kind) ? KMI_REQUEST_SIZE : KMI_HEADER_SIZE;

    frame.size = header + size;
    frame.target = flow_Flow_service.id;
    memset(bytes, 0, kmi_frame_room(frame.size));
    kmi_frame_put(bytes, &frame);
    if (size > 0)
        memcpy(bytes + header, body, size);
    write_all(x, bytes, kmi_frame_room(frame.size));
}

/* What is there to be read now; false: the other side has gone. */
static bool listen_to(stranger *x)
{
    static const char *const names[] = {"",       "HELLO",  "CALL", "TELL",  "ANSWER",
                                        "FAIL",   "CANCEL", "PING", "PONG",  "BYE",
                                        "CREDIT", "ITEM",   "END",  "WINDOW"};
    kmi_slab                *slab = kmi_slab_new(70000);
    uint8_t                 *at = slab->data + kmi_session_alignment(&x->session);
    ssize_t                  n = recv(x->fd, at, 65536, MSG_DONTWAIT);
    kmi_frame                f;

    if (n > 0)
        kmi_session_feed(&x->session, slab, at, (size_t)n, 1);
    kmi_slab_unref(slab);
    while (n > 0 && kmi_session_next(&x->session, &x->out, &f)) {
        size_t end = strlen(x->heard);
        if (f.kind != KMI_HELLO)
            snprintf(x->heard + end, sizeof x->heard - end, "%s%s %u %d; ", names[f.kind],
                     f.flags & KMI_FLAG_CALLER ? "*" : "", f.call, (int)f.aux);
        kmi_slab_unref(f.slab);
    }
    return n != 0;
}

static void call(stranger *x, uint32_t id, uint16_t method, const void *args)
{
    kmsg_arena *mem = kmsg_arena_new();
    kmsg_bytes  body;

    OK(kmsg_encode(flow_Flow_service.methods[method].args, args, mem, &body));
    say(x, (kmi_frame){.kind = KMI_CALL, .method = method, .call = id, .aux = KMI_NO_DEADLINE},
        body.data, body.size);
    kmsg_arena_free(mem);
}

static void item(stranger *x, uint32_t id, uint8_t flags, size_t size)
{
    static const uint8_t zeros[2 * LIMIT];
    kmsg_arena          *mem = kmsg_arena_new();
    kmsg_bytes           body, data = {zeros, size};

    OK(kmsg_encode(flow_Flow_service.methods[UPLOAD].sends, &data, mem, &body));
    say(x, (kmi_frame){.kind = KMI_ITEM, .flags = flags, .call = id}, body.data, body.size);
    kmsg_arena_free(mem);
}

static void bare(stranger *x, kmi_kind kind, uint8_t flags, uint32_t id, uint32_t aux)
{
    say(x, (kmi_frame){.kind = (uint8_t)kind, .flags = flags, .call = id, .aux = aux}, NULL, 0);
}

/* ---- a caller ------------------------------------------------------------------------------ */

typedef struct watch_args {
    int64_t     count;
    kmsg_string key;
} watch_args;

/* Call 1 is an upload that nobody takes from, call 2 a watch that sends nothing. */
static void greet(stranger *x, flow *f)
{
    flow_init(f, new_path());
    OK(kmsg_node_set_message_max(f->node, LIMIT));
    stranger_begin(x, connect_raw(kmsg_listener_url(f->listener)));
    call(x, 1, UPLOAD, &(kmsg_string){"keep", 4});
    call(x, 2, WATCH, &(watch_args){.key = KMSG_STR("keep")});
}

/* The server has seen all that was said, and either lives with it or does not. */
static void settle(stranger *x, flow *f, bool lives)
{
    int64_t number = 5;
    bool    there = true;

    if (lives)
        call(x, 3, PLAIN, &number);
    while (there && strstr(x->heard, "ANSWER 3") == NULL) {
        OK(kmsg_node_step(f->node));
        there = listen_to(x);
    }
    CHECK(there == lives);
}

static void finish(stranger *x, flow *f)
{
    stranger_end(x);
    flow_done(f);
}

TEST(what_has_crossed_another_frame_is_ignored)
{
    stranger x;
    flow     f;

    greet(&x, &f);
    item(&x, 77, KMI_FLAG_CALLER, 10);
    item(&x, 77, 0, 10);
    item(&x, 0x10001, KMI_FLAG_CALLER, 10); /* the slot of call 1, and another generation */
    bare(&x, KMI_END, 0, 77, 0);
    bare(&x, KMI_WINDOW, KMI_FLAG_CALLER, 77, 1);
    bare(&x, KMI_WINDOW, 0, 77, 1);
    bare(&x, KMI_CANCEL, 0, 1, 0);
    item(&x, 1, KMI_FLAG_CALLER, 10);
    bare(&x, KMI_END, 0, 1, 0);
    settle(&x, &f, true);
    EQ_STR(logged, "");
    finish(&x, &f);
}

static void break_it(void (*how)(stranger *x), const char *why)
{
    stranger x;
    flow     f;

    greet(&x, &f);
    how(&x);
    settle(&x, &f, false);
    HAS(logged, why);
    DRIVE(f.node, f.node, f.overs == 2); /* both handlers hear of it */
    finish(&x, &f);
}

static void item_behind_end(stranger *x)
{
    bare(x, KMI_END, 0, 1, 0);
    item(x, 1, KMI_FLAG_CALLER, 10);
}

static void two_ends(stranger *x)
{
    bare(x, KMI_END, 0, 1, 0);
    bare(x, KMI_END, 0, 1, 0);
}

static void beyond_the_window(stranger *x)
{
    for (int i = 0; i < 64; i++)
        item(x, 1, KMI_FLAG_CALLER, 4096 - 32);
    item(x, 1, KMI_FLAG_CALLER, 1);
}

static void window_without_stream(stranger *x)
{
    bare(x, KMI_WINDOW, KMI_FLAG_CALLER, 1, 1);
}

static void window_without_end(stranger *x)
{
    bare(x, KMI_WINDOW, KMI_FLAG_CALLER, 2, UINT32_MAX);
}

TEST(each_breach_of_the_rules_of_streams_ends_the_connection)
{
    break_it(item_behind_end, "an item behind the end");
    break_it(two_ends, "a stream that ends twice");
    break_it(beyond_the_window, "more of a stream than there is room for");
    break_it(window_without_stream, "room for what is no stream");
    break_it(window_without_end, "room for what is no stream");
}

TEST(schemas_that_differ_fail_the_call_and_only_that)
{
    stranger x;
    flow     f;

    greet(&x, &f);
    item(&x, 2, KMI_FLAG_CALLER, 10); /* to a watch */
    settle(&x, &f, true);
    HAS(x.heard, "FAIL 2 -44; ");
    EQ_INT(f.overs, 1);
    call(&x, 4, WATCH, &(watch_args){.key = KMSG_STR("keep")});
    bare(&x, KMI_END, 0, 4, 0);
    DRIVE(f.node, f.node, listen_to(&x) && strstr(x.heard, "FAIL 4 -44; ") != NULL);
    DRIVE(f.node, f.node, f.overs == 2);
    finish(&x, &f);
}

TEST(up_to_its_window_a_caller_may_send)
{
    stranger x;
    flow     f;

    greet(&x, &f);
    for (int i = 0; i < 64; i++)
        item(&x, 1, KMI_FLAG_CALLER, 4096 - 32);
    settle(&x, &f, true);
    finish(&x, &f);
}

TEST(an_item_of_another_kind_fails_its_call_and_only_that)
{
    stranger x;
    flow     f;

    greet(&x, &f);
    say(&x, (kmi_frame){.kind = KMI_ITEM, .flags = KMI_FLAG_CALLER, .call = 1}, "rubbish!", 8);
    settle(&x, &f, true);
    EQ_INT(f.overs, 0); /* nobody has looked at it yet */
    call(&x, 4, UPLOAD, &(kmsg_string){"sum", 3});
    item(&x, 4, KMI_FLAG_CALLER, 100);
    say(&x, (kmi_frame){.kind = KMI_ITEM, .flags = KMI_FLAG_CALLER, .call = 4}, "rubbish!", 8);
    item(&x, 4, KMI_FLAG_CALLER, 100);
    DRIVE(f.node, f.node, listen_to(&x) && strstr(x.heard, "FAIL 4 -44; ") != NULL);
    EQ_INT(f.items, 1);
    EQ_INT(f.ends, 1);
    EQ_INT(f.end, KMSG_ECANCELED);
    call(&x, 5, UPLOAD, &(kmsg_string){"wait", 4});
    say(&x, (kmi_frame){.kind = KMI_ITEM, .flags = KMI_FLAG_CALLER, .call = 5}, "rubbish!", 8);
    DRIVE(f.node, f.node, listen_to(&x) && strstr(x.heard, "FAIL 5 -44; ") != NULL);
    EQ_INT(f.err, KMSG_EREQUEST);
    finish(&x, &f);
}

TEST(an_item_that_is_larger_than_the_limit_fails_its_call_and_only_that)
{
    stranger x;
    flow     f;

    greet(&x, &f);
    item(&x, 1, KMI_FLAG_CALLER, LIMIT + 1);
    settle(&x, &f, true);
    HAS(x.heard, "FAIL 1 -3; ");
    EQ_INT(f.overs, 1);
    finish(&x, &f);
}

TEST(a_caller_that_gives_no_room_is_sent_nothing)
{
    flow_Event event = event_of(0);
    stranger   x;
    flow       f;
    int        sent = 0;

    greet(&x, &f); /* its window is 10,000 bytes */
    settle(&x, &f, true);
    while (flow_Flow_watch_try_send(f.call, &event) == KMSG_OK)
        sent++;
    CHECK(sent > 100 && sent < 200);
    x.heard[0] = '\0';
    bare(&x, KMI_WINDOW, KMI_FLAG_CALLER, 2, 10000);
    settle(&x, &f, true);
    while (flow_Flow_watch_try_send(f.call, &event) == KMSG_OK)
        sent--;
    CHECK(sent >= -1 && sent <= 1);
    finish(&x, &f);
}

/* ---- a server ------------------------------------------------------------------------------ */

typedef struct client {
    const char *url;
    kmsg_node  *node;
    kmsg_peer  *peer;
    int         listener;
    told        t; /* of a watch */
    outcome     plain;
} client;

/* A node that watches, and asks, at the stranger; the watch is call 0x10000, the other 0x10001. */
static void be_asked(stranger *x, client *c)
{
    memset(c, 0, sizeof *c);
    c->url = new_path();
    c->listener = listen_raw(c->url);
    c->node = kmsg_node_new();
    OK(kmsg_node_set_message_max(c->node, LIMIT));
    OK(kmsg_dial(c->node, c->url, &c->peer));
    flow_Flow_watch_async(c->peer, kmsg_str("x"), 1, &c->t, told_event, told_done);
    flow_Flow_plain_async(c->peer, 1, &c->plain, sum_done);
    stranger_begin(x, accept(c->listener, NULL, NULL));
    DRIVE(c->node, c->node, listen_to(x) && strstr(x->heard, "CALL 65537") != NULL);
    HAS(x->heard, "CALL 65536 -1; CALL 65537");
}

static void finish_client(stranger *x, client *c)
{
    kmsg_node_free(c->node);
    stranger_end(x);
    close(c->listener);
    unlink(c->url + 5);
    EQ_INT(c->t.count, 1);
    EQ_INT(c->plain.count, 1);
}

static void answer_wrongly(void (*how)(stranger *x), kmsg_err err, const char *words)
{
    stranger x;
    client   c;

    be_asked(&x, &c);
    how(&x);
    DRIVE(c.node, c.node, c.t.count == 1);
    EQ_INT(c.t.err, err);
    HAS(c.t.words, words);
    if (err == KMSG_ELOST) {
        EQ_INT(c.plain.err, KMSG_ELOST);
    } else {
        EQ_INT(c.plain.count, 0);
        DRIVE(c.node, c.node, listen_to(&x) && strstr(x.heard, "CANCEL 65536") != NULL);
    }
    finish_client(&x, &c);
}

static void event_in_pieces(stranger *x)
{
    say(x, (kmi_frame){.kind = KMI_ITEM, .call = 0x10000}, "no event", 8);
}

static void event_too_large(stranger *x)
{
    item(x, 0x10000, 0, LIMIT + 1);
}

static void event_for_plain(stranger *x)
{
    item(x, 0x10001, 0, 1);
}

static void window_for_watch(stranger *x)
{
    bare(x, KMI_WINDOW, 0, 0x10000, 1);
}

static void window_for_plain(stranger *x)
{
    bare(x, KMI_WINDOW, 0, 0x10001, 1);
}

TEST(what_a_server_streams_wrongly_ends_the_call_or_the_connection)
{
    answer_wrongly(event_in_pieces, KMSG_EDECODE, "Event: its header");
    answer_wrongly(event_too_large, KMSG_ETOOBIG, "larger than the limit");
    answer_wrongly(window_for_watch, KMSG_ELOST, "room for what is no stream");
    answer_wrongly(window_for_plain, KMSG_ELOST, "room for what is no stream");
}

TEST(a_server_that_streams_to_a_call_without_streams_ends_that_call)
{
    stranger x;
    client   c;

    be_asked(&x, &c);
    event_for_plain(&x);
    DRIVE(c.node, c.node, c.plain.count == 1);
    EQ_INT(c.plain.err, KMSG_EDECODE);
    EQ_INT(c.t.count, 0);
    DRIVE(c.node, c.node, listen_to(&x) && strstr(x.heard, "CANCEL 65537") != NULL);
    finish_client(&x, &c);
}

TEST(what_a_server_says_to_a_call_that_has_ended_is_ignored)
{
    stranger x;
    client   c;

    be_asked(&x, &c);
    bare(&x, KMI_ANSWER, 0, 0x10000, 0);
    item(&x, 0x10000, 0, 1);
    bare(&x, KMI_WINDOW, 0, 0x10000, 1);
    say(&x, (kmi_frame){.kind = KMI_ANSWER, .call = 0x10000}, "more", 4);
    bare(&x, KMI_FAIL, 0, 0x10001, (uint32_t)KMSG_EBUSY);
    DRIVE(c.node, c.node, c.plain.count == 1);
    EQ_INT(c.plain.err, KMSG_EBUSY);
    EQ_INT(c.t.err, KMSG_OK);
    EQ_INT(c.t.items, 0);
    EQ_STR(logged, "");
    finish_client(&x, &c);
}

/* ---- at random ----------------------------------------------------------------------------- */

/* Something about streams, right or wrong. */
static void say_anything(stranger *x)
{
    static const kmi_kind kinds[] = {KMI_ITEM, KMI_ITEM, KMI_ITEM, KMI_END, KMI_WINDOW, KMI_CANCEL};
    kmi_kind              kind = kinds[test_random() % 6];
    uint32_t              id = test_random() % 8;
    uint8_t               flags = test_random() % 4 == 0 ? 0 : KMI_FLAG_CALLER;
    char                  name[2][8] = {"sum", "keep"};

    if (test_random() % 4 == 0)
        call(x, 8 + test_random() % 100, test_random() % 2 == 0 ? UPLOAD : TALK,
             &(kmsg_string){name[id % 2], 3 + id % 2});
    else if (kind == KMI_ITEM && test_random() % 8 == 0)
        say(x, (kmi_frame){.kind = KMI_ITEM, .flags = flags, .call = id}, "something", 9);
    else if (kind == KMI_ITEM)
        item(x, id + 7, flags, test_random() % (LIMIT + 100));
    else
        bare(x, kind, kind == KMI_WINDOW ? flags : 0, id + 7,
             kind == KMI_WINDOW ? 1 + test_random() % 1000 : 0);
}

TEST(whatever_is_said_about_streams_the_node_serves_on)
{
    flow f;

    test_seed(5);
    flow_init(&f, new_path());
    OK(kmsg_node_set_message_max(f.node, LIMIT));
    for (unsigned round = test_rounds(300); round > 0; round--) {
        stranger x;
        stranger_begin(&x, connect_raw(kmsg_listener_url(f.listener)));
        for (uint32_t i = 1 + test_random() % 40; i > 0 && !x.gone; i--) {
            say_anything(&x);
            if (test_random() % 4 == 0)
                OK(kmsg_node_step(f.node));
            x.gone = x.gone || !listen_to(&x);
            x.heard[0] = '\0';
        }
        stranger_end(&x);
    }
    {
        outcome    o = {0};
        kmsg_node *node = kmsg_node_new();
        flow_Flow_plain_async(flow_dial(node, &f), 1, &o, sum_done);
        DRIVE(node, f.node, o.count == 1);
        EQ_INT(o.number, 2);
        kmsg_node_free(node);
    }
    flow_done(&f);
}

/* ---- headers ------------------------------------------------------------------------------- */

static const struct {
    kmi_frame   frame;
    const char *wrong;
} headers[] = {
    {{.size = 16, .kind = KMI_ITEM}, NULL},
    {{.size = 999, .kind = KMI_ITEM, .flags = KMI_FLAG_CALLER, .call = 9}, NULL},
    {{.size = 16, .kind = KMI_ITEM, .aux = 1}, "malformed item"},
    {{.size = 16, .kind = KMI_ITEM, .method = 1}, "method"},
    {{.size = 16, .kind = KMI_ITEM, .flags = KMI_FLAG_ADDRESSED}, "flags"},
    {{.size = 16, .kind = KMI_ITEM, .flags = KMI_FLAG_CALLER | KMI_FLAG_IGNORABLE}, "flags"},
    {{.size = 16, .kind = KMI_END, .call = 9}, NULL},
    {{.size = 16, .kind = KMI_END, .flags = KMI_FLAG_CALLER}, "flags"},
    {{.size = 17, .kind = KMI_END}, "malformed end"},
    {{.size = 16, .kind = KMI_END, .aux = 1}, "malformed end"},
    {{.size = 16, .kind = KMI_WINDOW, .aux = 1}, NULL},
    {{.size = 16, .kind = KMI_WINDOW, .aux = UINT32_MAX, .flags = KMI_FLAG_CALLER}, NULL},
    {{.size = 16, .kind = KMI_WINDOW}, "malformed window"},
    {{.size = 24, .kind = KMI_WINDOW, .aux = 1}, "malformed window"},
    {{.size = 24, .kind = KMI_CALL, .aux = 1, .flags = KMI_FLAG_CALLER}, "flags"},
    {{.size = 16, .kind = KMI_ANSWER, .flags = KMI_FLAG_CALLER}, "flags"},
};

TEST(each_rule_of_the_headers_of_streams_is_held)
{
    for (size_t i = 0; i < sizeof headers / sizeof headers[0]; i++) {
        const char *wrong = kmi_frame_check(&headers[i].frame);
        test_at("header %zu", i);
        if (headers[i].wrong == NULL)
            CHECK(wrong == NULL);
        else
            HAS(wrong == NULL ? "nothing" : wrong, headers[i].wrong);
    }
}
