/* strangers_test.c -- what the other side of a link says of itself and of others, and what it may:
 * messages in another's name, another's instance, messages that kmsg alone sends, and those that
 * are to pass through.
 *
 * A stranger comes over clear tcp, and nobody knows who that is. Where he is to be somebody, his
 * link is given the identity that another kind of link would have.
 */
#define _GNU_SOURCE
#include "raw.h"

#include "core/object.h"
#include "guarded.kmsg.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#define ONE     0x1001u /* instances */
#define TWO     0x2002u
#define NOBODY  0x3003u
#define LONG_MS 60000u

static char said[8192];

static void note_log(void *ctx, kmsg_log_level level, const char *text)
{
    (void)ctx;
    (void)level;
    snprintf(said + strlen(said), sizeof said - strlen(said), "%s\n", text);
}

/* ---- a node, with an object ------------------------------------------------------------------ */

typedef struct house {
    kmsg_node     *node;
    kmsg_node     *inner; /* another one of this process, or NULL */
    kmsg_listener *near, *far;
    kmi_place      object, desk;
    int            heard;
    int            placed;
    kmsg_identity  asked;
    kmsg_err       ended; /* KMSG_LATER: it lives */
    uint32_t       calls; /* made by strangers */
} house;

static kmsg_err hear(void *ctx, kmsg_object *self, kmsg_message *message)
{
    house *h = ctx;

    (void)self;
    if (kmsg_is(message, &kmsg_Stop_layout))
        return KMSG_ENOMETHOD;
    h->heard += !kmsg_is(message, &kmsg_Start_layout) ||
                kmsg_call_identity(message)->kind != KMSG_IDENTITY_PROCESS;
    return KMSG_OK;
}

static void has_ended(void *ctx, kmsg_address child, kmsg_err err, const kmsg_any *value)
{
    (void)child;
    (void)value;
    ((house *)ctx)->ended = err;
}

static kmsg_err on_place(void *ctx, kmsg_call *call, kmsg_string item, uint64_t *ret)
{
    (void)call;
    *ret = item.size;
    ((house *)ctx)->placed++;
    return KMSG_OK;
}

static kmsg_err on_hours(void *ctx, kmsg_call *call, uint64_t *ret)
{
    *ret = 8;
    ((house *)ctx)->asked = *kmsg_call_identity(call);
    return KMSG_OK;
}

static const guarded_Desk_impl desk_impl = {.Orders = {.place = on_place}, .hours = on_hours};

static void house_init(house *h)
{
    const kmsg_spawn how = {.returned = has_ended, .ctx = h};
    kmsg_address     address;

    *h = (house){.node = kmsg_node_new(), .ended = KMSG_LATER};
    said[0] = '\0';
    kmsg_set_log(note_log, NULL);
    OK(kmsg_listen(h->node, new_name(), &h->near));
    OK(kmsg_listen(h->node, "tcp:127.0.0.1:0", &h->far));
    OK(kmsg_object_new(kmsg_root(h->node), hear, h, &how, &address));
    CHECK(kmi_place_get(address, &h->object));
    OK(guarded_Desk_serve_at(kmsg_root(h->node), &desk_impl, h, NULL, &address));
    CHECK(kmi_place_get(address, &h->desk));
}

/* Another node of this process, with the desk, to which the way is known. */
static void house_extend(house *h)
{
    kmsg_address address;

    h->inner = kmsg_node_new();
    OK(guarded_Desk_serve_at(kmsg_root(h->inner), &desk_impl, h, NULL, &address));
    OK(kmi_node_announce(h->inner));
    CHECK(kmi_place_get(address, &h->desk));
}

static void house_done(house *h)
{
    kmsg_node_free(h->inner);
    kmsg_node_free(h->node);
    kmsg_set_log(NULL, NULL);
}

#define UNTIL(h, condition) DRIVE((h)->node, (h)->inner == NULL ? (h)->node : (h)->inner, condition)

/* ---- who comes ------------------------------------------------------------------------------- */

typedef struct guest {
    house   *h;
    int      fd;
    uint64_t instance;
    raw_ear  ear;
} guest;

static int connect_far(const char *url)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int                fd = socket(AF_INET, SOCK_STREAM, 0);

    a.sin_port = htons((uint16_t)strtoul(strrchr(url, ':') + 1, NULL, 10));
    CHECK(connect(fd, (struct sockaddr *)&a, sizeof a) == 0);
    return fd;
}

static kmi_conn *conn_of(const house *h, const guest *g)
{
    kmi_conn *c = h->node->conns;

    while (c != NULL && (c->instance != g->instance || !c->accepted))
        c = c->next;
    return c;
}

/* Says hello and waits for nothing. */
static void arrive(guest *g, house *h, int fd, uint64_t instance)
{
    uint8_t hello[KMI_PREAMBLE_SIZE];

    *g = (guest){.h = h, .fd = fd, .instance = instance};
    raw_hello(hello);
    kmi_store64(hello + KMI_PREAMBLE_SIZE - 32, instance);
    raw_send(fd, hello, sizeof hello);
}

static void come_near(guest *g, house *h, uint64_t instance)
{
    arrive(g, h, raw_connect(kmsg_listener_url(h->near)), instance);
    UNTIL(h, conn_of(h, g) != NULL);
}

static void come_from_far(guest *g, house *h, uint64_t instance)
{
    arrive(g, h, connect_far(kmsg_listener_url(h->far)), instance);
    UNTIL(h, conn_of(h, g) != NULL);
}

static void is_taken_for(const guest *g, const kmsg_identity *who)
{
    kmi_conn *conn = conn_of(g->h, g);

    conn->link->identity = *who;
    kmi_who_came(conn);
}

static void is_taken_for_a_key(const guest *g, const char *role)
{
    const char *const   roles[] = {role};
    const kmsg_identity key = {.kind = KMSG_IDENTITY_KEY,
                               .name = "london",
                               .roles = roles,
                               .role_count = role == NULL ? 0 : 1};

    is_taken_for(g, &key);
}

static bool is_hung_up_on(guest *g)
{
    raw_read(&g->ear, g->fd);
    return g->ear.over;
}

/* ---- what they say --------------------------------------------------------------------------- */

static void send_letter(guest *g, kmi_frame *frame, const kmi_letter *letter,
                        const kmsg_layout *layout)
{
    static const union {
        uint8_t      bytes[256];
        kmsg_address align;
    } zero;
    size_t  header = KMI_REQUEST_SIZE + kmi_envelope_size(letter), size = 0;
    uint8_t bytes[512] = {0};

    CHECK(layout->size <= sizeof zero);
    OK(kmsg_encode_into(layout, &zero, bytes + header, sizeof bytes - header, &size));
    frame->flags = KMI_FLAG_ADDRESSED;
    frame->size = header + size;
    kmi_frame_put(bytes, frame);
    kmi_envelope_put(bytes + KMI_REQUEST_SIZE, letter);
    raw_send(g->fd, bytes, kmi_frame_room(frame->size));
}

static kmi_place self_of(const guest *g)
{
    return (kmi_place){.instance = g->instance, .object = 1};
}

/* Once it is there it stays so: DRIVE() looks more than once. */
static bool has_heard(guest *g, kmi_kind kind, kmi_frame *ret)
{
    return ret->kind == kind || raw_hear(&g->ear, g->fd, kind, ret);
}

static bool has_accepted(int ear, int *fd)
{
    if (*fd < 0)
        *fd = accept(ear, NULL, NULL);
    return *fd >= 0;
}

/* A request whose fields are all zero, and what becomes of it. KMSG_ECLOSED: the link is gone. */
static kmsg_err ask(guest *g, uint64_t target, uint16_t method, const kmi_letter *letter,
                    const kmsg_layout *layout)
{
    kmi_frame frame = {.kind = KMI_CALL,
                       .method = method,
                       .call = g->h->calls++ | 1u << 16,
                       .aux = LONG_MS,
                       .target = target};
    kmi_frame end = {0};

    send_letter(g, &frame, letter, layout);
    UNTIL(g->h, end.kind == KMI_FAIL || end.kind == KMI_ANSWER || g->ear.over ||
                    raw_hear_either(&g->ear, g->fd, KMI_FAIL, KMI_ANSWER, &end));
    if (g->ear.over)
        return KMSG_ECLOSED;
    return end.kind == KMI_FAIL ? (kmsg_err)(int32_t)end.aux : KMSG_OK;
}

static kmsg_err say(guest *g, const kmsg_layout *layout)
{
    const kmi_letter letter = {.to = g->h->object, .from = self_of(g)};

    return ask(g, layout->id, 0, &letter, layout);
}

/* Desk.hours(), which is for all; Orders.place() is not. */
static kmsg_err ask_hours(guest *g, const kmi_letter *letter)
{
    return ask(g, guarded_Desk_service.id, 0, letter, guarded_Desk_service.methods[0].args);
}

static kmsg_err ask_place(guest *g, const kmi_letter *letter)
{
    return ask(g, guarded_Orders_service.id, 0, letter, guarded_Orders_service.methods[0].args);
}

/* ---- what kmsg says to objects --------------------------------------------------------------- */

TEST(what_kmsg_says_to_objects_nobody_else_can_say)
{
    static const kmsg_layout *const layouts[] = {&kmsg_Start_layout, &kmsg_Returned_layout,
                                                 &kmsg_Last_layout, &kmsg_Timer_layout};
    house                           h;
    guest                           far, near;

    house_init(&h);
    come_from_far(&far, &h, ONE);
    come_near(&near, &h, TWO);
    for (size_t i = 0; i < sizeof layouts / sizeof *layouts; i++) {
        FAILS(say(&far, layouts[i]), KMSG_EPERM);
        FAILS(say(&near, layouts[i]), KMSG_EPERM);
    }
    EQ_INT(h.heard, 0);
    EQ_INT(h.ended, KMSG_LATER);
    close(far.fd);
    close(near.fd);
    house_done(&h);
}

TEST(the_same_said_one_way_is_dropped_and_the_log_says_why)
{
    house     h;
    guest     far;
    kmi_frame frame = {.kind = KMI_TELL, .target = kmsg_Timer_layout.id};

    house_init(&h);
    come_from_far(&far, &h, ONE);
    send_letter(&far, &frame, &(kmi_letter){.to = h.object, .from = self_of(&far)},
                &kmsg_Timer_layout);
    FAILS(say(&far, &kmsg_Timer_layout), KMSG_EPERM); /* behind it */
    EQ_INT(h.heard, 0);
    HAS(said, "a one-way message was dropped");
    HAS(said, "nobody but its own process says this to an object");
    close(far.fd);
    house_done(&h);
}

TEST(other_messages_of_strangers_reach_an_object)
{
    house h;
    guest far;

    house_init(&h);
    come_from_far(&far, &h, ONE);
    OK(say(&far, guarded_Orders_service.methods[0].args));
    EQ_INT(h.heard, 1);
    close(far.fd);
    house_done(&h);
}

/* ---- who may stop an object ------------------------------------------------------------------ */

static void stops(const kmsg_identity *who, const char *role, bool may)
{
    house h;
    guest g;

    house_init(&h);
    come_from_far(&g, &h, ONE);
    if (role != NULL)
        is_taken_for_a_key(&g, role);
    else
        is_taken_for(&g, who);
    EQ_INT(say(&g, &kmsg_Stop_layout), may ? KMSG_OK : KMSG_EPERM);
    if (may)
        UNTIL(&h, h.ended == KMSG_ECANCELED);
    EQ_INT(h.ended, may ? KMSG_ECANCELED : KMSG_LATER);
    close(g.fd);
    house_done(&h);
}

TEST(an_object_is_stopped_by_its_user_by_root_and_by_keys_with_a_role_for_that)
{
    const kmsg_identity none = {.name = ""};
    const kmsg_identity own = {.kind = KMSG_IDENTITY_USER, .name = "", .uid = geteuid()};
    const kmsg_identity root = {.kind = KMSG_IDENTITY_USER, .name = ""};
    const kmsg_identity other = {.kind = KMSG_IDENTITY_USER, .name = "", .uid = geteuid() + 1};

    stops(&none, NULL, false);
    stops(&other, NULL, false);
    stops(NULL, "ops", false);
    stops(&own, NULL, true);
    stops(&root, NULL, true);
    stops(NULL, KMSG_ROLE_STOP, true);
}

/* ---- in another's name ----------------------------------------------------------------------- */

static void is_breach(const kmi_place *from, bool outside)
{
    house h;
    guest g;

    house_init(&h);
    come_near(&g, &h, ONE);
    FAILS(ask_hours(&g, &(kmi_letter){.to = h.desk, .from = *from, .outside = outside}),
          KMSG_ECLOSED);
    HAS(said, "a message in the name of another node");
    EQ_INT(h.asked.kind, KMSG_IDENTITY_NONE);
    UNTIL(&h, conn_of(&h, &g) == NULL);
    close(g.fd);
    house_done(&h);
}

TEST(who_sends_in_the_name_of_another_node_is_hung_up_on)
{
    const kmi_place direct = {.instance = TWO, .object = 1};
    const kmi_place passed = {.instance = TWO, .object = 1, .hop_count = 1, .hops = {NOBODY}};
    const kmi_place twice = {.instance = TWO, .object = 1, .hop_count = 2, .hops = {NOBODY, ONE}};
    const kmi_place nobody = {.hop_count = 1, .hops = {NOBODY}};

    is_breach(&direct, false);
    is_breach(&passed, false);
    is_breach(&twice, false);
    is_breach(&nobody, false);
}

TEST(what_nodes_of_one_process_tell_each_other_nobody_else_can_say)
{
    is_breach(&(kmi_place){.instance = ONE, .object = 1}, true);
}

TEST(what_is_handed_on_is_from_nobody)
{
    house     h;
    guest     g;
    kmi_place own, passed = {.instance = TWO, .object = 1, .hop_count = 1, .hops = {ONE}};

    house_init(&h);
    come_near(&g, &h, ONE);
    own = self_of(&g);
    OK(ask_hours(&g, &(kmi_letter){.to = h.desk, .from = own}));
    EQ_INT(h.asked.kind, KMSG_IDENTITY_USER);
    OK(ask_hours(&g, &(kmi_letter){.to = h.desk}));
    EQ_INT(h.asked.kind, KMSG_IDENTITY_USER);
    OK(ask_hours(&g, &(kmi_letter){.to = h.desk, .from = passed}));
    EQ_INT(h.asked.kind, KMSG_IDENTITY_NONE);
    OK(ask_place(&g, &(kmi_letter){.to = h.desk, .from = own}));
    FAILS(ask_place(&g, &(kmi_letter){.to = h.desk, .from = passed}), KMSG_EPERM);
    EQ_INT(h.placed, 1);
    close(g.fd);
    house_done(&h);
}

/* ---- passing through ------------------------------------------------------------------------- */

/* From `asker` to an object of `asked`. It counts as passed on when nothing was answered. */
static bool passes_as(guest *asker, guest *asked, kmi_letter *ret)
{
    const kmi_letter letter = {.to = {.instance = asked->instance, .object = 1},
                               .from = self_of(asker)};
    const uint32_t   call = asker->h->calls++ | 1u << 16;
    kmi_frame        frame = {
               .kind = KMI_CALL, .call = call, .aux = LONG_MS, .target = guarded_Desk_service.id};
    kmi_frame came = {0}, failed = {0};

    send_letter(asker, &frame, &letter, guarded_Desk_service.methods[0].args);
    UNTIL(asker->h, has_heard(asked, KMI_CALL, &came) || has_heard(asker, KMI_FAIL, &failed));
    if (failed.kind == KMI_FAIL)
        EQ_INT((int32_t)failed.aux, KMSG_EPERM);
    if (came.kind == KMI_CALL)
        kmi_envelope_get(asked->ear.frame + KMI_REQUEST_SIZE, ret);
    return came.kind == KMI_CALL;
}

static bool passes(guest *asker, guest *asked)
{
    kmi_letter letter;

    return passes_as(asker, asked, &letter);
}

TEST(what_a_stranger_sends_does_not_pass_through_unless_that_is_wanted)
{
    house h;
    guest stranger, asked;

    house_init(&h);
    come_from_far(&stranger, &h, ONE);
    come_near(&asked, &h, TWO);
    CHECK(!passes(&stranger, &asked));
    kmsg_node_set_relay(h.node, KMSG_RELAY_OFF);
    CHECK(!passes(&stranger, &asked));
    kmsg_node_set_relay(h.node, KMSG_RELAY_ALL);
    CHECK(passes(&stranger, &asked));
    close(stranger.fd);
    close(asked.fd);
    house_done(&h);
}

TEST(what_who_is_known_sends_passes_through_unless_that_is_turned_off)
{
    const kmsg_identity other = {.kind = KMSG_IDENTITY_USER, .name = "", .uid = geteuid() + 1};
    house               h;
    guest               near, key, asked;

    house_init(&h);
    come_near(&near, &h, ONE);
    come_from_far(&key, &h, NOBODY);
    come_from_far(&asked, &h, TWO);
    is_taken_for_a_key(&key, NULL);
    CHECK(passes(&near, &asked));
    CHECK(passes(&key, &asked));
    CHECK(passes(&key, &near));
    is_taken_for(&key, &other);
    CHECK(!passes(&key, &near));
    kmsg_node_set_relay(h.node, KMSG_RELAY_OFF);
    CHECK(!passes(&near, &asked));
    close(near.fd);
    close(key.fd);
    close(asked.fd);
    house_done(&h);
}

TEST(the_nodes_of_a_process_are_one_for_who_comes_and_nobody_knows_him_there)
{
    house h;
    guest stranger, near;

    house_init(&h);
    house_extend(&h);
    come_from_far(&stranger, &h, ONE);
    come_near(&near, &h, TWO);
    OK(ask_hours(&stranger, &(kmi_letter){.to = h.desk, .from = self_of(&stranger)}));
    EQ_INT(h.asked.kind, KMSG_IDENTITY_NONE);
    OK(ask_hours(&near, &(kmi_letter){.to = h.desk, .from = self_of(&near)}));
    EQ_INT(h.asked.kind, KMSG_IDENTITY_NONE);
    FAILS(ask_place(&near, &(kmi_letter){.to = h.desk, .from = self_of(&near)}), KMSG_EPERM);
    EQ_INT(h.placed, 0);
    close(stranger.fd);
    close(near.fd);
    house_done(&h);
}

TEST(who_takes_our_name_is_not_taken_for_us_by_the_next_one)
{
    house      h;
    guest      liar, asked;
    kmi_letter letter = {0};
    uint64_t   own;

    house_init(&h);
    own = h.node->net.session.own.instance;
    come_near(&asked, &h, TWO);
    come_from_far(&liar, &h, own);
    is_taken_for_a_key(&liar, NULL);
    CHECK(passes_as(&liar, &asked, &letter));
    EQ_UINT(letter.from.instance, own);
    EQ_UINT(letter.from.hop_count, 1);
    EQ_UINT(letter.from.hops[0], own);
    CHECK(!letter.outside);
    close(liar.fd);
    close(asked.fd);
    house_done(&h);
}

/* He has only to repeat what our own hello tells him. */
static void is_nobody_inside(bool as_inner)
{
    house     h;
    guest     g;
    kmi_place third = {.object = 1};

    house_init(&h);
    house_extend(&h);
    third.instance = h.node->net.session.own.instance;
    if (as_inner)
        third.instance = h.desk.instance;
    come_from_far(&g, &h, third.instance);
    EQ_INT(ask_hours(&g, &(kmi_letter){.to = h.desk, .from = third}), KMSG_OK);
    EQ_INT(h.asked.kind, KMSG_IDENTITY_NONE);
    FAILS(ask_place(&g, &(kmi_letter){.to = h.desk, .from = third}), KMSG_EPERM);
    EQ_INT(h.placed, 0);
    close(g.fd);
    house_done(&h);
}

TEST(who_takes_the_name_of_a_node_of_this_process_is_nobody_to_the_others)
{
    is_nobody_inside(false);
    is_nobody_inside(true);
}

TEST(a_stranger_does_not_get_out_of_a_process_by_way_of_another_of_its_nodes)
{
    house          h;
    guest          stranger, beyond;
    kmsg_listener *listener;
    kmi_letter     letter;
    kmi_place      to = {.instance = TWO, .object = 1, .hop_count = 1};

    house_init(&h);
    house_extend(&h);
    OK(kmsg_listen(h.inner, new_name(), &listener));
    come_from_far(&stranger, &h, ONE);
    arrive(&beyond, &h, raw_connect(kmsg_listener_url(listener)), TWO);
    OK(ask_hours(&stranger, &(kmi_letter){.to = h.desk, .from = self_of(&stranger)}));
    to.hops[0] = h.desk.instance;
    letter = (kmi_letter){.to = to, .from = self_of(&stranger)};
    FAILS(ask_hours(&stranger, &letter), KMSG_EPERM);
    EQ_UINT(conn_of(&h, &stranger)->instance, ONE);
    close(stranger.fd);
    close(beyond.fd);
    house_done(&h);
}

/* ---- whose instance it is -------------------------------------------------------------------- */

static kmsg_identity key_of(uint8_t byte)
{
    return (kmsg_identity){.kind = KMSG_IDENTITY_KEY, .key = {{byte}}, .name = "paris"};
}

/* Would he be let in who says that he is ONE, and is this one? */
static bool may_be_one(const house *h, const kmsg_identity *who)
{
    kmi_who  other = {.identity = *who};
    kmi_conn conn = {.node = h->node, .who = &other};

    return !kmi_way_is_taken(&conn, ONE);
}

TEST(who_says_that_he_is_a_node_of_another_user_is_not_let_in)
{
    const kmsg_identity other = {.kind = KMSG_IDENTITY_USER, .name = "", .uid = geteuid() + 1};
    house               h;
    guest               first, second;

    house_init(&h);
    come_near(&first, &h, ONE);
    is_taken_for(&first, &other);
    arrive(&second, &h, raw_connect(kmsg_listener_url(h.near)), ONE);
    UNTIL(&h, is_hung_up_on(&second));
    HAS(said, "it says that it is a node whose owner is another one");
    CHECK(!is_hung_up_on(&first));
    close(first.fd);
    close(second.fd);
    house_done(&h);
}

TEST(one_key_is_one_node_and_a_node_may_be_met_in_several_ways)
{
    const kmsg_identity user = {.kind = KMSG_IDENTITY_USER, .name = ""}, none = {.name = ""};
    const kmsg_identity seven = key_of(7), eight = key_of(8);
    house               h;
    guest               first;

    house_init(&h);
    come_from_far(&first, &h, ONE);
    is_taken_for(&first, &seven);
    CHECK(may_be_one(&h, &seven));
    CHECK(!may_be_one(&h, &eight));
    CHECK(may_be_one(&h, &user));
    CHECK(may_be_one(&h, &none));
    close(first.fd);
    UNTIL(&h, conn_of(&h, &first) == NULL);
    CHECK(may_be_one(&h, &eight));
    house_done(&h);
}

TEST(whom_we_dial_and_who_says_that_he_is_another_node_is_hung_up_on)
{
    const kmsg_identity other = {.kind = KMSG_IDENTITY_USER, .name = "", .uid = geteuid() + 1};
    const char         *url = new_name();
    int                 ear = raw_listen(url);
    house               h;
    guest               first, second;
    kmsg_peer          *peer;
    outcome             o = {0};
    int                 fd = -1;

    house_init(&h);
    come_near(&first, &h, ONE);
    is_taken_for(&first, &other);
    OK(kmsg_dial(h.node, url, &peer));
    talk_Other_twice_async(peer, 1, &o, sum_done);
    UNTIL(&h, has_accepted(ear, &fd));
    arrive(&second, &h, fd, ONE);
    UNTIL(&h, o.count == 1);
    FAILS(o.err, KMSG_EPROTOCOL);
    close(first.fd);
    close(second.fd);
    close(ear);
    house_done(&h);
}

/* ---- what is for another one ----------------------------------------------------------------- */

/* The same instance, whoever else has it. */
static void come_too(guest *g, house *h, int fd, uint64_t instance)
{
    uint32_t before = h->node->guests;

    arrive(g, h, fd, instance);
    UNTIL(h, h->node->guests > before);
}

/* A message to whoever has this instance: does the one get it, and not the other? */
static bool gets_it(guest *yes, guest *no)
{
    uint8_t      bytes[KMI_ADDRESS_MAX];
    kmi_place    place = {.instance = yes->instance, .object = 1};
    kmsg_address to = {bytes, kmi_place_put(&place, bytes)};
    kmi_frame    yes_has = {0}, no_has = {0};

    OK(kmsg_send(kmsg_root(yes->h->node), to, &kmsg_Start_layout, &(kmsg_Start){0}));
    UNTIL(yes->h, has_heard(yes, KMI_TELL, &yes_has) || has_heard(no, KMI_TELL, &no_has));
    return yes_has.kind == KMI_TELL && no_has.kind != KMI_TELL;
}

TEST(who_takes_the_name_of_another_node_gets_nothing_that_is_for_that_one)
{
    house h;
    guest known, stranger;

    house_init(&h);
    come_near(&known, &h, ONE);
    come_too(&stranger, &h, connect_far(kmsg_listener_url(h.far)), ONE);
    CHECK(gets_it(&known, &stranger));
    close(known.fd);
    close(stranger.fd);
    house_done(&h);
}

TEST(neither_does_who_has_taken_it_before)
{
    house h;
    guest known, stranger;

    house_init(&h);
    come_from_far(&stranger, &h, ONE);
    CHECK(gets_it(&stranger, &stranger)); /* nobody else is there */
    come_too(&known, &h, raw_connect(kmsg_listener_url(h.near)), ONE);
    CHECK(gets_it(&known, &stranger));
    close(known.fd);
    close(stranger.fd);
    house_done(&h);
}

TEST(whom_we_have_dialled_is_dialled_again_and_no_stranger_asked_in_his_place)
{
    const char *url = new_name();
    int         ear = raw_listen(url);
    house       h;
    guest       known, stranger, again;
    kmsg_peer  *peer;
    outcome     o = {0};
    kmi_frame   first = {0}, second = {0}, none = {0};
    int         fd = -1;

    house_init(&h);
    OK(kmsg_dial(h.node, url, &peer));
    talk_Other_twice_async(peer, 1, &o, sum_done);
    UNTIL(&h, has_accepted(ear, &fd));
    arrive(&known, &h, fd, ONE);
    UNTIL(&h, has_heard(&known, KMI_CALL, &first));
    close(known.fd);
    fd = -1;
    UNTIL(&h, o.count == 1);
    come_too(&stranger, &h, connect_far(kmsg_listener_url(h.far)), ONE);
    talk_Other_twice_async(peer, 2, &o, sum_done);
    UNTIL(&h, has_accepted(ear, &fd));
    arrive(&again, &h, fd, ONE);
    UNTIL(&h, has_heard(&again, KMI_CALL, &second));
    CHECK(!has_heard(&stranger, KMI_CALL, &none));
    close(again.fd);
    close(stranger.fd);
    close(ear);
    house_done(&h);
}
