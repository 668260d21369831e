/* roles_test.c -- who may call what: methods that name roles, and who has these.
 *
 * A key comes over an encrypted link; here the other side of a clear one is given an identity, as
 * such a link would have it.
 */
#include "talk.h"

#include "guarded.kmsg.h"

#include "core/core.h"

#include <kmsg/object.h>
#include <kmsg/peer.h>
#include <kmsg/security.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

static char said[4096];

static void note_log(void *ctx, kmsg_log_level level, const char *text)
{
    (void)ctx;
    (void)level;
    snprintf(said + strlen(said), sizeof said - strlen(said), "%s\n", text);
}

/* ---- who serves ------------------------------------------------------------------------------ */

typedef struct desk {
    kmsg_node     *node;
    kmsg_listener *listener;
    kmsg_node     *asker;
    kmsg_peer     *peer;
    int            placed, canceled, hinted, uploaded, told, audited;
} desk;

static kmsg_err on_place(void *ctx, kmsg_call *call, kmsg_string item, uint64_t *ret)
{
    (void)call;
    *ret = item.size;
    ((desk *)ctx)->placed++;
    return KMSG_OK;
}

static kmsg_err on_cancel(void *ctx, kmsg_call *call, uint64_t id)
{
    (void)call;
    (void)id;
    ((desk *)ctx)->canceled++;
    return KMSG_OK;
}

static kmsg_err on_hint(void *ctx, kmsg_call *call, kmsg_string text)
{
    (void)call;
    (void)text;
    ((desk *)ctx)->hinted++;
    return KMSG_OK;
}

static kmsg_err on_upload(void *ctx, kmsg_call *call, uint64_t *ret)
{
    (void)call;
    *ret = 0;
    ((desk *)ctx)->uploaded++;
    return KMSG_OK;
}

static kmsg_err on_hours(void *ctx, kmsg_call *call, uint64_t *ret)
{
    (void)call;
    *ret = 8;
    ((desk *)ctx)->told++;
    return KMSG_OK;
}

static kmsg_err on_books(void *ctx, kmsg_call *call, uint64_t *ret)
{
    (void)call;
    *ret = 2;
    ((desk *)ctx)->audited++;
    return KMSG_OK;
}

static const guarded_Desk_impl impl = {
    .Orders = {.place = on_place, .cancel = on_cancel, .hint = on_hint, .upload = on_upload},
    .hours = on_hours,
    .books = on_books};

static void desk_init(desk *d, const char *url)
{
    *d = (desk){.node = kmsg_node_new(), .asker = kmsg_node_new()};
    said[0] = '\0';
    kmsg_set_log(note_log, NULL);
    OK(guarded_Desk_serve(d->node, &impl, d));
    OK(kmsg_listen(d->node, url, &d->listener));
    OK(kmsg_dial(d->asker, kmsg_listener_url(d->listener), &d->peer));
}

static void desk_done(desk *d)
{
    kmsg_node_free(d->asker);
    kmsg_node_free(d->node);
    kmsg_set_log(NULL, NULL);
}

/* ---- who asks -------------------------------------------------------------------------------- */

typedef struct result {
    int      count;
    kmsg_err err;
    char     words[1024];
} result;

static void note(result *r, kmsg_err err)
{
    r->count++;
    r->err = err;
    snprintf(r->words, sizeof r->words, "%s", err == KMSG_OK ? "" : kmsg_last_error());
}

static void number_done(void *ctx, kmsg_err err, const uint64_t *number)
{
    (void)number;
    note(ctx, err);
}

static void nothing_done(void *ctx, kmsg_err err)
{
    note(ctx, err);
}

typedef void asking(kmsg_peer *peer, result *r);

static void ask_place(kmsg_peer *peer, result *r)
{
    guarded_Orders_place_async(peer, kmsg_str("tea"), r, number_done);
}

static void ask_cancel(kmsg_peer *peer, result *r)
{
    guarded_Orders_cancel_async(peer, 7, r, nothing_done);
}

static void ask_hint(kmsg_peer *peer, result *r)
{
    guarded_Orders_hint_async(peer, kmsg_str("soon"), r, nothing_done);
}

static void ask_hours(kmsg_peer *peer, result *r)
{
    guarded_Desk_hours_async(peer, r, number_done);
}

static void ask_books(kmsg_peer *peer, result *r)
{
    guarded_Desk_books_async(peer, r, number_done);
}

static kmsg_err ask(desk *d, asking *what, result *r)
{
    *r = (result){0};
    what(d->peer, r);
    DRIVE(d->node, d->asker, r->count == 1);
    return r->err;
}

/* Who has connected is this one from now on. */
static void is_taken_for(desk *d, const kmsg_identity *who)
{
    kmi_conn *conn;
    result    r;

    OK(ask(d, ask_hours, &r));
    conn = d->node->conns;
    while (conn != NULL && !conn->accepted)
        conn = conn->next;
    CHECK(conn != NULL);
    conn->link->identity = *who;
    kmi_who_came(conn);
}

static void is_taken_for_a_key(desk *d, const char *const *roles, size_t count)
{
    const kmsg_identity key = {
        .kind = KMSG_IDENTITY_KEY, .name = "london", .roles = roles, .role_count = count};

    is_taken_for(d, &key);
}

/* ---- who has none ---------------------------------------------------------------------------- */

TEST(a_stranger_is_told_which_roles_a_service_is_for_and_its_handler_is_not_reached)
{
    desk   d;
    result r;

    desk_init(&d, "tcp:127.0.0.1:0");
    FAILS(ask(&d, ask_place, &r), KMSG_EPERM);
    HAS(r.words, "the service guarded.Orders is for the roles ops, trader");
    FAILS(ask(&d, ask_cancel, &r), KMSG_EPERM);
    HAS(r.words, "the method guarded.Orders.cancel is for the role ops");
    FAILS(ask(&d, ask_books, &r), KMSG_EPERM);
    HAS(r.words, "the method guarded.Desk.books is for the role auditor");
    EQ_INT(d.placed + d.canceled + d.audited, 0);
    desk_done(&d);
}

TEST(what_has_no_roles_is_for_all)
{
    desk   d;
    result r;

    desk_init(&d, "tcp:127.0.0.1:0");
    OK(ask(&d, ask_hours, &r));
    EQ_INT(d.told, 1);
    desk_done(&d);
}

TEST(an_acknowledged_one_way_message_of_a_stranger_fails)
{
    desk   d;
    result r;

    desk_init(&d, "tcp:127.0.0.1:0");
    FAILS(ask(&d, ask_hint, &r), KMSG_EPERM);
    HAS(r.words, "is for the roles ops, trader");
    EQ_INT(d.hinted, 0);
    desk_done(&d);
}

TEST(a_plain_one_way_message_of_a_stranger_is_dropped_and_the_log_says_why)
{
    desk   d;
    result r;

    desk_init(&d, "tcp:127.0.0.1:0");
    OK(guarded_Orders_hint(d.peer, kmsg_str("soon")));
    OK(ask(&d, ask_hours, &r)); /* it comes behind that */
    EQ_INT(d.hinted, 0);
    HAS(said, "a one-way message was dropped");
    HAS(said, "is for the roles ops, trader");
    desk_done(&d);
}

TEST(a_stranger_who_streams_is_refused_and_the_connection_goes_on)
{
    desk         d;
    kmsg_stream *stream;
    result       r;

    desk_init(&d, "tcp:127.0.0.1:0");
    OK(ask(&d, ask_hours, &r)); /* there is a connection */
    r = (result){0};
    stream = guarded_Orders_upload_async(d.peer, &r, number_done);
    CHECK(stream != NULL);
    OK(guarded_Orders_upload_try_put(stream, (kmsg_bytes){(const uint8_t *)"abc", 3}));
    DRIVE(d.node, d.asker, r.count == 1);
    FAILS(r.err, KMSG_EPERM);
    EQ_INT(d.uploaded, 0);
    OK(ask(&d, ask_hours, &r));
    desk_done(&d);
}

TEST(of_a_datagram_nobody_knows_who_sent_it)
{
    desk                d;
    kmsg_listener_facts facts;
    int64_t             until_ms = clock_ms() + PATIENCE_MS;

    desk_init(&d, "udp:127.0.0.1:0");
    do {
        OK(guarded_Orders_hint(d.peer, kmsg_str("soon")));
        step_both(d.node, d.asker, 10);
        kmsg_listener_info(d.listener, &facts);
    } while (facts.refused[KMSG_REFUSED_ROLE] == 0 && clock_ms() < until_ms);
    CHECK(facts.refused[KMSG_REFUSED_ROLE] > 0);
    EQ_UINT(facts.refused[KMSG_REFUSED_BY_HANDLER], 0);
    EQ_INT(d.hinted, 0);
    desk_done(&d);
}

/* ---- who has one ----------------------------------------------------------------------------- */

TEST(one_of_the_roles_is_enough_and_a_method_has_its_own)
{
    const char *const trader[] = {"reader", "trader"};
    desk              d;
    result            r;

    desk_init(&d, "tcp:127.0.0.1:0");
    is_taken_for_a_key(&d, trader, COUNT(trader));
    OK(ask(&d, ask_place, &r));
    OK(ask(&d, ask_hint, &r));
    FAILS(ask(&d, ask_cancel, &r), KMSG_EPERM);
    FAILS(ask(&d, ask_books, &r), KMSG_EPERM);
    EQ_INT(d.placed, 1);
    EQ_INT(d.hinted, 1);
    EQ_INT(d.canceled, 0);
    desk_done(&d);
}

TEST(a_method_can_be_for_a_role_that_its_service_is_not_for)
{
    const char *const auditor[] = {"auditor"};
    desk              d;
    result            r;

    desk_init(&d, "tcp:127.0.0.1:0");
    is_taken_for_a_key(&d, auditor, COUNT(auditor));
    OK(ask(&d, ask_books, &r));
    FAILS(ask(&d, ask_place, &r), KMSG_EPERM);
    desk_done(&d);
}

TEST(a_key_without_roles_is_trusted_but_may_not)
{
    desk   d;
    result r;

    desk_init(&d, "tcp:127.0.0.1:0");
    is_taken_for_a_key(&d, NULL, 0);
    OK(ask(&d, ask_hours, &r));
    FAILS(ask(&d, ask_place, &r), KMSG_EPERM);
    desk_done(&d);
}

TEST(another_user_may_not)
{
    const kmsg_identity other = {.kind = KMSG_IDENTITY_USER, .name = "", .uid = geteuid() + 1};
    desk                d;
    result              r;

    desk_init(&d, new_path());
    is_taken_for(&d, &other);
    FAILS(ask(&d, ask_place, &r), KMSG_EPERM);
    EQ_INT(d.placed, 0);
    desk_done(&d);
}

TEST(this_process_and_this_user_may_all)
{
    const char *urls[] = {"inproc:desk", NULL};
    desk        d;
    result      r;
    uint64_t    number;

    urls[1] = new_path();
    for (size_t i = 0; i < COUNT(urls); i++) {
        desk_init(&d, urls[i]);
        OK(ask(&d, ask_place, &r));
        OK(ask(&d, ask_cancel, &r));
        OK(ask(&d, ask_books, &r));
        OK(guarded_Orders_place(kmsg_self(d.node), kmsg_str("own"), NULL, &number));
        EQ_INT(d.placed, 2);
        EQ_INT(d.canceled, 1);
        EQ_INT(d.audited, 1);
        desk_done(&d);
    }
}

/* ---- services at addresses ------------------------------------------------------------------- */

TEST(a_service_of_an_object_is_for_its_roles_too)
{
    desk         d;
    kmsg_address address;
    kmsg_peer   *there;
    result       r = {0};
    uint64_t     number;

    desk_init(&d, "tcp:127.0.0.1:0");
    OK(guarded_Desk_serve_at(kmsg_root(d.node), &impl, &d, NULL, &address));
    OK(ask(&d, ask_hours, &r)); /* from here on the way is known */
    OK(kmsg_reach(d.asker, address, &there));
    ask_place(there, &r);
    DRIVE(d.node, d.asker, r.count == 2);
    FAILS(r.err, KMSG_EPERM);
    HAS(r.words, "the service guarded.Orders is for the roles ops, trader");
    EQ_INT(d.placed, 0);
    OK(kmsg_reach(d.node, address, &there));
    OK(guarded_Orders_place(there, kmsg_str("own"), NULL, &number));
    EQ_INT(d.placed, 1);
    desk_done(&d);
}

/* ---- what was made of the schema ------------------------------------------------------------- */

TEST(roles_can_be_read_in_what_was_generated)
{
    const kmsg_service *s = &guarded_Orders_service;

    EQ_STR(s->roles[0], "ops");
    EQ_STR(s->roles[1], "trader");
    EQ_PTR(s->roles[2], NULL);
    EQ_PTR(s->methods[0].roles, s->roles);
    EQ_STR(s->methods[1].roles[0], "ops");
    EQ_PTR(s->methods[1].roles[1], NULL);
    EQ_PTR(guarded_Desk_service.roles, NULL);
    EQ_PTR(guarded_Desk_service.methods[0].roles, NULL);
}
