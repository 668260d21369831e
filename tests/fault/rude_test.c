/* rude_test.c -- peers that speak the protocol, but badly: a byte a second, garbage in the middle,
 * never reading, hanging up within a frame. Each costs itself its connection at most; calls end
 * once, others are served meanwhile, and memory stays bounded. The clock is put forward: seconds
 * cost nothing here.
 */
#define _GNU_SOURCE
#include "fault/raw.h"
#include "fault/seam.h"

#include <malloc.h>

#define BLOB 100000

/* ---- memory ---------------------------------------------------------------------------------- */

static size_t taken; /* bytes */

static void *resize(void *ctx, void *old, size_t size)
{
    size_t before = malloc_usable_size(old);
    void  *p = NULL;

    (void)ctx;
    if (size == 0)
        free(old);
    else
        p = realloc(old, size);
    if (size == 0 || p != NULL)
        taken += malloc_usable_size(p) - before;
    return p;
}

__attribute__((constructor(101))) static void count_allocations(void)
{
    kmsg_set_allocator((kmsg_allocator){resize, NULL});
}

/* ---- the scene ------------------------------------------------------------------------------- */

/* A server with a caller who behaves; or, for a stranger who serves, only that caller. */
typedef struct scene {
    kmsg_node *server, *node;
    kmsg_peer *good;
    server     state;
    char       url[64];
    uint8_t    bytes[RAW_MAX];
    raw_ear    ear;
    size_t     taken;
} scene;

static void settle(scene *s)
{
    struct pollfd fds[] = {{.fd = kmsg_node_fd(s->node), .events = POLLIN},
                           {.fd = kmsg_node_fd(s->server), .events = POLLIN}};

    while (kmsg_node_wait_ms(s->node) == 0 || kmsg_node_wait_ms(s->server) == 0 ||
           poll(fds, 2, 0) > 0) {
        OK(kmsg_node_step(s->node));
        OK(kmsg_node_step(s->server));
    }
}

static void pass_ms(scene *s, int64_t ms)
{
    seam.ahead_ns += ms * KMI_MS;
    settle(s);
}

static void scene_init(scene *s)
{
    memset(s, 0, sizeof *s);
    s->taken = taken;
    snprintf(s->url, sizeof s->url, "%s", new_name());
    s->node = seam_node_new();
    s->server = s->state.node = seam_node_new();
    OK(talk_Talk_serve(s->server, &talk_impl, &s->state));
    OK(kmsg_listen(s->server, s->url, NULL));
    OK(kmsg_dial(s->node, s->url, &s->good));
}

static void scene_done(scene *s)
{
    kmsg_node_free(s->node);
    kmsg_node_free(s->server);
    EQ_INT(seam.sockets, 0);
    EQ_INT(seam.memories, 0);
    EQ_UINT(taken, s->taken);
}

static void check_others(scene *s)
{
    talk_Note note = note_of("others", 1);
    outcome   o = {0};

    talk_Talk_echo_async(s->good, &note, &o, echo_done);
    settle(s);
    EQ_INT(o.count, 1);
    OK(o.err);
}

/* A stranger who has said hello to the server. */
static int stranger(scene *s)
{
    int fd = raw_connect(s->url);

    raw_send(fd, s->bytes, raw_hello(s->bytes));
    settle(s);
    return fd;
}

static bool is_closed(scene *s, int fd)
{
    kmi_frame frame;

    raw_hear(&s->ear, fd, KMI_KINDS, &frame);
    return s->ear.over;
}

/* ---- a byte a second ------------------------------------------------------------------------- */

TEST(a_request_that_comes_a_byte_a_second_is_answered)
{
    scene     s;
    talk_Note note = note_of("slow", 7);
    kmi_frame frame;
    size_t    size;
    int       fd;

    scene_init(&s);
    fd = stranger(&s);
    size = raw_call(s.bytes, 0, 1000, &note);
    for (size_t i = 0; i < size; i++) {
        CHECK(!raw_hear(&s.ear, fd, KMI_ANSWER, &frame));
        raw_send(fd, s.bytes + i, 1);
        pass_ms(&s, 1000);
        if (i % 10 == 0)
            check_others(&s);
    }
    CHECK(size > 60); /* longer than any time-out */
    CHECK(raw_hear(&s.ear, fd, KMI_ANSWER, &frame));
    CHECK(!s.ear.over);
    close(fd);
    scene_done(&s);
}

TEST(who_says_hello_a_byte_a_second_is_given_up_after_five)
{
    scene  s;
    size_t count = 0;
    int    fd;

    scene_init(&s);
    check_others(&s);
    fd = raw_connect(s.url);
    settle(&s);
    raw_hello(s.bytes);
    while (!is_closed(&s, fd) && count < KMI_PREAMBLE_SIZE) {
        raw_send(fd, s.bytes + count++, 1);
        pass_ms(&s, 1000);
        check_others(&s);
    }
    EQ_UINT(count, 5);
    close(fd);
    scene_done(&s);
}

/* The stranger listens, and this process' node asks it. */
typedef struct asking {
    scene      s;
    kmsg_peer *peer;
    int        listener;
    int        fd;
} asking;

static void accept_stranger(asking *a)
{
    settle(&a->s);
    a->fd = accept(a->listener, NULL, NULL);
    CHECK(a->fd >= 0);
    a->s.ear.size = 0;
    a->s.ear.over = false;
    raw_send(a->fd, a->s.bytes, raw_hello(a->s.bytes));
    settle(&a->s);
}

static void asking_init(asking *a, uint32_t timeout_ms)
{
    const char *url = new_name();

    scene_init(&a->s);
    check_others(&a->s);
    a->listener = raw_listen(url);
    OK(kmsg_dial(a->s.node, url, &a->peer));
    kmsg_peer_set_timeout_ms(a->peer, timeout_ms);
    a->fd = -1;
}

static void asking_done(asking *a)
{
    scene_done(&a->s);
    close(a->fd);
    close(a->listener);
}

static void ask(asking *a, outcome *o, size_t blob)
{
    static uint8_t bytes[BLOB];
    talk_Note      note = note_of("?", 1);

    note.blob = (kmsg_bytes){bytes, blob};
    talk_Talk_echo_async(a->peer, &note, o, echo_done);
    settle(&a->s);
}

/* The number of the call that the stranger has been asked. */
static uint32_t hear_call(asking *a)
{
    kmi_frame frame = {.call = 0};

    CHECK(raw_hear(&a->s.ear, a->fd, KMI_CALL, &frame));
    return frame.call;
}

static void answer_well(asking *a, const char *text)
{
    talk_Note note = note_of(text, 2);

    raw_send(a->fd, a->s.bytes, raw_answer(a->s.bytes, hear_call(a), &note));
    settle(&a->s);
}

TEST(an_answer_that_comes_a_byte_a_second_is_waited_for)
{
    asking    a;
    outcome   o = {0};
    talk_Note note = note_of("at last", 2);
    size_t    size;

    asking_init(&a, 600000);
    ask(&a, &o, 0);
    accept_stranger(&a);
    size = raw_answer(a.s.bytes, hear_call(&a), &note);
    for (size_t i = 0; i < size; i++) {
        EQ_INT(o.count, 0);
        raw_send(a.fd, a.s.bytes + i, 1);
        pass_ms(&a.s, 1000);
    }
    EQ_INT(o.count, 1);
    OK(o.err);
    EQ_STR(o.text, "at last");
    asking_done(&a);
}

TEST(an_answer_to_what_still_waits_for_credit_is_none)
{
    enum { CREDIT = 256, LAST = CREDIT | 1 << 16 }; /* of raw_hello(), and the number of the last */
    asking    a;
    outcome   o = {0}, last = {0};
    kmi_frame frame = {.kind = KMI_CREDIT, .size = KMI_HEADER_SIZE, .aux = 1};
    talk_Note note = note_of("early", 2);

    asking_init(&a, 600000);
    for (int i = 0; i < CREDIT; i++)
        ask(&a, &o, 0);
    ask(&a, &last, 0);
    accept_stranger(&a);
    raw_send(a.fd, a.s.bytes, raw_answer(a.s.bytes, LAST, &note));
    settle(&a.s);
    EQ_INT(last.count, 0);
    kmi_frame_put(a.s.bytes, &frame);
    raw_send(a.fd, a.s.bytes, KMI_HEADER_SIZE);
    settle(&a.s);
    raw_send(a.fd, a.s.bytes, raw_answer(a.s.bytes, LAST, &note));
    settle(&a.s);
    EQ_INT(last.count, 1);
    OK(last.err);
    EQ_INT(o.count, 0);
    asking_done(&a);
}

TEST(but_only_until_the_deadline_and_the_link_stays)
{
    asking    a;
    outcome   o = {0}, next = {0};
    talk_Note note = note_of("too late", 2);
    kmi_frame frame;
    size_t    size;

    asking_init(&a, 5000);
    OK(kmsg_node_set_reuse(a.s.node, 0));
    ask(&a, &o, 0);
    accept_stranger(&a);
    size = raw_answer(a.s.bytes, hear_call(&a), &note);
    for (size_t i = 0; i < size; i++) {
        raw_send(a.fd, a.s.bytes + i, 1);
        pass_ms(&a.s, 1000);
        EQ_INT(o.count, i >= 4);
    }
    EQ_INT(o.count, 1);
    EQ_INT(o.err, KMSG_ETIMEDOUT);
    CHECK(raw_hear(&a.s.ear, a.fd, KMI_CANCEL, &frame));
    ask(&a, &next, 0);
    answer_well(&a, "in time");
    EQ_STR(next.text, "in time");
    EQ_INT(o.count, 1);
    asking_done(&a);
}

/* After half a minute without use the caller offers to end it, and writes nothing more until it is
 * answered: which the stranger never does. */
TEST(who_does_not_answer_when_he_is_left_loses_no_request)
{
    asking    a;
    outcome   o = {0}, next = {0};
    kmi_frame frame;
    int       left;

    asking_init(&a, 60000);
    ask(&a, &o, 0);
    accept_stranger(&a);
    answer_well(&a, "well");
    EQ_STR(o.text, "well");
    for (int i = 0; i < 60 && !raw_hear(&a.s.ear, a.fd, KMI_LEAVE, &frame); i++) {
        pass_ms(&a.s, 1000);
        memset(a.s.bytes, 0, KMI_HEADER_SIZE);
        kmi_frame_put(a.s.bytes, &(kmi_frame){.kind = KMI_PONG, .size = KMI_HEADER_SIZE});
        raw_send(a.fd, a.s.bytes, KMI_HEADER_SIZE); /* a sign of life */
    }
    ask(&a, &next, 0);
    CHECK(!raw_hear(&a.s.ear, a.fd, KMI_CALL, &frame));
    for (int i = 0; i < 30 && !a.s.ear.over; i++) {
        pass_ms(&a.s, 1000);
        CHECK(!raw_hear(&a.s.ear, a.fd, KMI_CALL, &frame));
    }
    CHECK(a.s.ear.over);
    EQ_INT(next.count, 0);
    left = a.fd;
    accept_stranger(&a);
    answer_well(&a, "elsewhere");
    EQ_STR(next.text, "elsewhere");
    close(left);
    asking_done(&a);
}

/* ---- garbage in the middle ------------------------------------------------------------------- */

TEST(garbage_between_requests_costs_the_guest_his_connection_alone)
{
    scene     s;
    talk_Note note = note_of("well", 1);
    kmi_frame frame;

    test_seed(1);
    for (int round = 0; round < 200; round++) {
        int fd;
        scene_init(&s);
        fd = stranger(&s);
        raw_send(fd, s.bytes, raw_call(s.bytes, 0, 1000, &note));
        settle(&s);
        CHECK(raw_hear(&s.ear, fd, KMI_ANSWER, &frame));
        for (size_t i = 0; i < 64; i++)
            s.bytes[i] = (uint8_t)test_random();
        s.bytes[4] |= 0x40; /* a kind that is none */
        s.bytes[5] &= 0xfe; /* and may not be skipped */
        raw_send(fd, s.bytes, 64);
        settle(&s);
        CHECK(is_closed(&s, fd));
        check_others(&s);
        EQ_INT(seam.sockets, 3);
        close(fd);
        scene_done(&s);
    }
}

TEST(garbage_instead_of_an_answer_loses_the_calls_once_and_the_peer_dials_again)
{
    asking  a;
    outcome o[3] = {{0}}, next = {0};

    asking_init(&a, 60000);
    ask(&a, &o[0], 0);
    ask(&a, &o[1], 0);
    accept_stranger(&a);
    answer_well(&a, "well");
    EQ_STR(o[0].text, "well");
    ask(&a, &o[2], 0);
    memset(a.s.bytes, 0xee, 64);
    raw_send(a.fd, a.s.bytes, 64);
    settle(&a.s);
    EQ_INT(o[1].err, KMSG_ELOST);
    EQ_INT(o[2].err, KMSG_ELOST);
    close(a.fd);
    ask(&a, &next, 0);
    accept_stranger(&a);
    answer_well(&a, "again");
    EQ_STR(next.text, "again");
    for (int i = 0; i < 3; i++)
        EQ_INT(o[i].count, 1);
    asking_done(&a);
}

/* ---- within a frame -------------------------------------------------------------------------- */

TEST(who_hangs_up_within_a_request_has_asked_nothing)
{
    scene     s;
    talk_Note note = note_of("half", 1);
    size_t    size;

    scene_init(&s);
    check_others(&s);
    size = raw_call(s.bytes, 0, 1000, &note);
    for (size_t cut = 0; cut < size; cut++) {
        int handled = s.state.handled, fd = stranger(&s);
        raw_call(s.bytes, 0, 1000, &note);
        if (cut > 0)
            raw_send(fd, s.bytes, cut);
        settle(&s);
        close(fd);
        settle(&s);
        EQ_INT(s.state.handled, handled);
        EQ_INT(seam.sockets, 3);
        check_others(&s);
    }
    scene_done(&s);
}

TEST(who_hangs_up_within_an_answer_has_lost_it)
{
    asking    a;
    talk_Note note = note_of("half", 2);
    size_t    size = 1;

    asking_init(&a, 60000);
    for (size_t cut = 0; cut < size; cut++) {
        outcome o = {0};
        ask(&a, &o, 0);
        accept_stranger(&a);
        size = raw_answer(a.s.bytes, hear_call(&a), &note);
        if (cut > 0)
            raw_send(a.fd, a.s.bytes, cut);
        settle(&a.s);
        EQ_INT(o.count, 0);
        close(a.fd);
        settle(&a.s);
        EQ_INT(o.count, 1);
        EQ_INT(o.err, KMSG_ELOST);
    }
    CHECK(size > 40);
    a.fd = -1;
    asking_done(&a);
}

/* ---- never reading --------------------------------------------------------------------------- */

TEST(who_asks_and_never_reads_is_not_read_from_and_given_up)
{
    scene     s;
    talk_Note note = note_of("large", 1);
    uint8_t   blob[3000] = {0};
    size_t    before, most = 0;
    uint32_t  asked = 0;
    int       fd;

    scene_init(&s);
    fd = stranger(&s);
    fcntl(fd, F_SETFL, O_NONBLOCK);
    check_others(&s);
    before = taken;
    note.blob = (kmsg_bytes){blob, sizeof blob};
    for (bool more = true; more && asked < 60000; asked++) {
        size_t size = raw_call(s.bytes, asked % 60000, 60000, &note);
        more = send(fd, s.bytes, size, MSG_NOSIGNAL) == (ssize_t)size;
        settle(&s);
        most = taken > before + most ? taken - before : most;
    }
    CHECK(asked < 60000); /* not read from any more */
    CHECK(asked > 300);
    CHECK(most < (size_t)16 << 20);
    check_others(&s);
    EQ_INT(seam.sockets, 4);
    for (int i = 0; i < 20; i++) {
        pass_ms(&s, 1000);
        CHECK(taken < before + ((size_t)16 << 20));
    }
    EQ_INT(seam.sockets, 3);
    check_others(&s);
    close(fd);
    scene_done(&s);
}

/* What waits for who does not read is bounded, and each call hears of it. */
TEST(who_serves_and_never_reads_is_given_up_and_every_call_ends)
{
    enum { COUNT = 2000 };
    asking         a;
    static outcome o[COUNT];
    static outcome next;
    size_t         before, refused = 0;

    memset(o, 0, sizeof o);
    asking_init(&a, 60000);
    before = taken;
    ask(&a, &o[0], 0);
    accept_stranger(&a);
    for (int i = 1; i < COUNT; i++)
        ask(&a, &o[i], BLOB);
    CHECK(taken - before < 3 * KMSG_SEND_QUEUE_MAX);
    for (int i = 0; i < COUNT; i++)
        refused += o[i].count == 1 && o[i].err == KMSG_EFULL;
    CHECK(refused > 0);
    for (int i = 0; i < 20; i++)
        pass_ms(&a.s, 1000);
    EQ_INT(o[0].count, 1); /* its bytes had left */
    EQ_INT(o[0].err, KMSG_ELOST);
    check_others(&a.s);
    for (int i = 0; i < 60; i++)
        pass_ms(&a.s, 1000);
    for (int i = 0; i < COUNT; i++) {
        EQ_INT(o[i].count, 1);
        CHECK(o[i].err == KMSG_ELOST || o[i].err == KMSG_EFULL || o[i].err == KMSG_ETIMEDOUT ||
              o[i].err == KMSG_EUNREACHABLE);
    }
    close(a.fd);
    while ((a.fd = accept(a.listener, NULL, NULL)) >= 0)
        close(a.fd); /* dialled meanwhile, and given up */
    pass_ms(&a.s, 1000);
    ask(&a, &next, 0);
    pass_ms(&a.s, 1000);
    accept_stranger(&a);
    answer_well(&a, "now");
    EQ_STR(next.text, "now");
    asking_done(&a);
}
