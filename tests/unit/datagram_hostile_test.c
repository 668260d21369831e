/* datagram_hostile_test.c -- what strangers may send to who listens for datagrams: handlers see
 * nothing of it, nobody is answered, and it is counted for what it is.
 */
#define _GNU_SOURCE
#include "datagrams.h"

#include <errno.h>

/* ---- datagrams of our own ------------------------------------------------------------------ */

typedef struct letter {
    uint8_t data[2048];
    size_t  size;
} letter;

static letter begin(void)
{
    letter l = {.size = KMI_DATAGRAM_HEAD};

    memcpy(l.data, kmi_datagram_head, KMI_DATAGRAM_HEAD);
    return l;
}

static void add(letter *l, const kmi_frame *frame, const void *body, size_t body_size)
{
    kmi_frame f = *frame;
    size_t    header = kmi_is_request(f.kind) ? KMI_REQUEST_SIZE : KMI_HEADER_SIZE;

    f.size = header + body_size;
    kmi_frame_put(l->data + l->size, &f);
    memcpy(l->data + l->size + header, body, body_size);
    memset(l->data + l->size + f.size, 0, kmi_frame_room(f.size) - f.size);
    l->size += kmi_frame_room(f.size);
}

static void add_put(letter *l)
{
    const struct {
        int64_t    number;
        kmsg_bytes blob;
    } args = {1, no_blob};
    const kmsg_layout *layout = delivery_Post_service.methods[0].args;
    uint8_t            body[256];
    size_t             size;

    OK(kmsg_encode_into(layout, &args, body, sizeof body, &size));
    add(l, &(kmi_frame){.kind = KMI_TELL, .target = delivery_Post_service.id}, body, size);
}

static letter good(void)
{
    letter l = begin();

    add_put(&l);
    return l;
}

/* ---- sending them -------------------------------------------------------------------------- */

typedef struct target {
    scene s;
    int   fd;
} target;

static void target_init(target *t)
{
    scene_init(&t->s, "udp:127.0.0.1:0");
    t->fd = raw_to(&t->s);
}

static void throw_at(target *t, const void *data, size_t size)
{
    EQ_INT(send(t->fd, data, size, 0), (intmax_t)size);
}

static uint64_t refused(const target *t)
{
    kmsg_listener_facts facts = listener_facts(&t->s);
    uint64_t            sum = 0;

    for (int i = 0; i < KMSG_REFUSALS; i++)
        sum += facts.refused[i];
    return sum;
}

/* The node lives, and has answered nothing. */
static void target_done(target *t, uint64_t expected)
{
    letter  l = good();
    int     before = t->s.p.puts;
    uint8_t byte;

    throw_at(t, l.data, l.size);
    DRIVE(t->s.node, t->s.p.node, t->s.p.puts > before);
    EQ_INT(t->s.p.puts, before + 1);
    EQ_UINT(refused(t), expected);
    EQ_INT(recv(t->fd, &byte, 1, MSG_DONTWAIT), -1);
    EQ_INT(errno, EAGAIN);
    close(t->fd);
    scene_done(&t->s);
}

/* It is counted once, as this. */
static void refused_as(const letter *l, kmsg_refusal why)
{
    target t;

    target_init(&t);
    throw_at(&t, l->data, l->size);
    DRIVE(t.s.node, t.s.p.node, listener_facts(&t.s).datagrams == 1);
    DRIVE(t.s.node, t.s.p.node, listener_facts(&t.s).refused[why] == 1);
    EQ_INT(t.s.p.puts, 0);
    target_done(&t, 1);
}

TEST(the_example_of_the_format_is_one_message)
{
    static const uint8_t example[] = {0x4B, 0x4D, 0x53, 0x47, 0x00, 0x64, 0x01, 0x00, 0x20, 0x00,
                                      0x00, 0x00, 0x03, 0x00, 0x34, 0x12, 0x00, 0x00, 0x00, 0x00,
                                      0x00, 0x00, 0x00, 0x00, 0x08, 0x07, 0x06, 0x05, 0x04, 0x03,
                                      0x02, 0x81, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08};
    const uint8_t       *at = example + KMI_DATAGRAM_HEAD;
    kmsg_refusal         why;
    kmi_frame            frame;

    CHECK(kmi_datagram_check(example, sizeof example, &why));
    CHECK(kmi_datagram_next(&at, &frame));
    EQ_UINT(frame.method, 0x1234);
    EQ_UINT(frame.target, UINT64_C(0x8102030405060708));
    EQ_MEM(frame.body, frame.body_size, example + 32, 8);
    EQ_PTR(at, example + sizeof example);
}

/* ---- what is no datagram of ours ----------------------------------------------------------- */

TEST(what_does_not_begin_as_ours_is_foreign)
{
    letter l = good();

    for (size_t size = 0; size < KMI_DATAGRAM_HEAD; size++) {
        l.size = size;
        refused_as(&l, KMSG_REFUSED_FOREIGN);
    }
    for (size_t i = 0; i < 6; i++) {
        l = good();
        l.data[i] ^= 0x20;
        refused_as(&l, KMSG_REFUSED_FOREIGN);
    }
}

TEST(another_version_is_told_apart)
{
    letter l = good();

    l.data[6] = 2;
    refused_as(&l, KMSG_REFUSED_VERSION);
    l = good();
    l.data[7] = 1;
    refused_as(&l, KMSG_REFUSED_VERSION);
}

TEST(the_beginning_of_a_connection_is_foreign)
{
    static const uint8_t magic[] = {'K', 'M', 'S', 'G', 0, 'w', 1, 0};
    letter               l = good();

    memcpy(l.data, magic, sizeof magic);
    refused_as(&l, KMSG_REFUSED_FOREIGN);
}

/* ---- what cannot be taken apart ------------------------------------------------------------ */

TEST(a_datagram_must_end_where_its_last_frame_does)
{
    letter whole = good(), l = begin();

    refused_as(&l, KMSG_REFUSED_MALFORMED); /* nothing in it */
    for (size_t size = KMI_DATAGRAM_HEAD; size < whole.size; size++) {
        l = whole;
        l.size = size;
        refused_as(&l, KMSG_REFUSED_MALFORMED);
    }
    l = whole;
    l.size += 8; /* no whole header */
    memset(l.data + whole.size, 0, 8);
    refused_as(&l, KMSG_REFUSED_MALFORMED);
}

TEST(frames_whose_size_lies_spoil_the_whole_datagram)
{
    static const uint32_t sizes[] = {
        0, 1, 8, 15, 16, 23, 1000, 65535, 1u << 30, UINT32_MAX - 7, UINT32_MAX};

    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        letter l = good();
        size_t second = l.size;
        add_put(&l);
        kmi_store32(l.data + second, sizes[i]);
        refused_as(&l, KMSG_REFUSED_MALFORMED);
    }
}

TEST(padding_must_be_zero)
{
    letter l = begin();

    add(&l, &(kmi_frame){.kind = KMI_TELL, .target = 1}, "x", 1);
    l.data[l.size - 1] = 1;
    refused_as(&l, KMSG_REFUSED_MALFORMED);
}

TEST(headers_of_one_way_messages_are_as_they_must_be)
{
    static const kmi_frame bad[] = {{.kind = KMI_TELL, .call = 1},
                                    {.kind = KMI_TELL, .aux = 1},
                                    {.kind = KMI_TELL, .flags = 0x10},
                                    {.kind = KMI_TELL, .flags = KMI_FLAG_ADDRESSED},
                                    {.kind = KMI_TELL, .flags = KMI_FLAG_IGNORABLE}};

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        letter l = begin();
        add(&l, &bad[i], "01234567", 8);
        refused_as(&l, KMSG_REFUSED_MALFORMED);
    }
}

TEST(a_datagram_may_be_as_large_as_it_can_be_and_one_byte_larger_is_too_large)
{
    static uint8_t data[65507];
    target         t;

    target_init(&t);
    memcpy(data, kmi_datagram_head, KMI_DATAGRAM_HEAD);
    kmi_frame_put(data + KMI_DATAGRAM_HEAD, &(kmi_frame){.kind = KMI_PING, .size = 65496});
    throw_at(&t, data, 65504);
    DRIVE(t.s.node, t.s.p.node, listener_facts(&t.s).refused[KMSG_REFUSED_KIND] == 1);
    throw_at(&t, data, 65505);
    throw_at(&t, data, 65507);
    DRIVE(t.s.node, t.s.p.node, listener_facts(&t.s).refused[KMSG_REFUSED_TOO_LARGE] == 2);
    EQ_UINT(listener_facts(&t.s).bytes, 65504 + 65505 + 65507);
    target_done(&t, 3);
}

/* ---- what no datagram may carry ------------------------------------------------------------ */

/* Every kind there is or may be, between two messages that are good. */
TEST(other_frames_than_one_way_messages_are_skipped_and_counted)
{
    for (unsigned kind = 0; kind < 256; kind++) {
        letter l = good();
        target t;
        if (kind == KMI_TELL)
            continue;
        add(&l,
            &(kmi_frame){
                .kind = (uint8_t)kind, .call = 1, .aux = 1, .target = delivery_Post_service.id},
            "01234567", 8);
        add_put(&l);
        target_init(&t);
        throw_at(&t, l.data, l.size);
        DRIVE(t.s.node, t.s.p.node, t.s.p.puts == 2);
        EQ_UINT(listener_facts(&t.s).refused[KMSG_REFUSED_KIND], 1);
        EQ_UINT(listener_facts(&t.s).messages, 2);
        target_done(&t, 1);
    }
}

TEST(messages_for_objects_do_not_come_by_datagram)
{
    kmi_letter to = {.to = {.instance = 1, .object = 1}};
    letter     l = begin();
    uint8_t    body[KMI_ENVELOPE_SIZE + 8] = {0};

    kmi_envelope_put(body, &to);
    add(&l, &(kmi_frame){.kind = KMI_TELL, .flags = KMI_FLAG_ADDRESSED, .target = 1}, body,
        sizeof body);
    refused_as(&l, KMSG_REFUSED_KIND);
}

/* ---- what is a message, but not one for here ----------------------------------------------- */

TEST(messages_that_nobody_can_handle_are_counted_by_reason)
{
    letter l = begin();

    add(&l, &(kmi_frame){.kind = KMI_TELL, .target = 1}, "01234567", 8);
    refused_as(&l, KMSG_REFUSED_UNKNOWN); /* no such service */
    l = begin();
    add(&l, &(kmi_frame){.kind = KMI_TELL, .method = 999, .target = delivery_Post_service.id},
        "01234567", 8);
    refused_as(&l, KMSG_REFUSED_UNKNOWN); /* no such method */
    l = begin();
    add(&l, &(kmi_frame){.kind = KMI_TELL, .method = 1, .target = delivery_Post_service.id},
        "01234567", 8);
    refused_as(&l, KMSG_REFUSED_REQUEST); /* one that wants an answer */
    l = begin();
    add(&l, &(kmi_frame){.kind = KMI_TELL, .target = delivery_Post_service.id}, "01234567", 8);
    refused_as(&l, KMSG_REFUSED_REQUEST); /* cannot be decoded */
    l = begin();
    add(&l, &(kmi_frame){.kind = KMI_TELL, .target = delivery_Post_service.id}, "", 0);
    refused_as(&l, KMSG_REFUSED_REQUEST); /* nothing to be decoded */
}

/* ---- all kinds of things ------------------------------------------------------------------- */

/* In the same order as they came, so that as many were looked at as were sent. */
static void drive_until(target *t, uint64_t datagrams)
{
    DRIVE(t->s.node, t->s.p.node, listener_facts(&t->s).datagrams == datagrams);
    OK(kmsg_node_step(t->s.p.node));
}

TEST(garbage_of_every_length_reaches_no_handler)
{
    uint8_t  data[2048];
    uint64_t count = 0;
    target   t;

    test_seed(1);
    target_init(&t);
    for (size_t size = 0; size < sizeof data; size++) {
        for (size_t i = 0; i < size; i++)
            data[i] = (uint8_t)test_random();
        if (size % 2 == 0) /* half of it looks like ours at first */
            memcpy(data, kmi_datagram_head, size < KMI_DATAGRAM_HEAD ? size : KMI_DATAGRAM_HEAD);
        throw_at(&t, data, size);
        if (++count % 16 == 0)
            drive_until(&t, count);
    }
    EQ_INT(t.s.p.puts, 0);
    EQ_UINT(refused(&t), count);
    target_done(&t, count);
}

/* A bit of a good one is another one: it is refused, or is still a message like any other. */
TEST(whatever_bit_is_wrong_each_message_is_handled_or_counted)
{
    letter   whole = good();
    uint64_t count = 0;
    target   t;

    target_init(&t);
    for (size_t bit = 0; bit < whole.size * 8; bit++) {
        letter l = whole;
        l.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
        throw_at(&t, l.data, l.size);
        drive_until(&t, ++count);
        EQ_UINT(refused(&t) + (unsigned)t.s.p.puts, count);
    }
    CHECK(refused(&t) > count / 2);
    target_done(&t, refused(&t));
}

static unsigned lines;

static void count_line(void *ctx, kmsg_log_level level, const char *text)
{
    (void)ctx;
    (void)level;
    (void)text;
    lines++;
}

TEST(a_flood_does_not_flood_the_log)
{
    target t;

    lines = 0;
    target_init(&t);
    kmsg_set_log(count_line, NULL);
    for (unsigned i = 1; i <= 1000; i++) {
        throw_at(&t, "garbage", 7);
        if (i % 16 == 0 || i == 1000)
            drive_until(&t, i);
    }
    EQ_UINT(lines, 4); /* 1, 10, 100, 1000 */
    kmsg_set_log(NULL, NULL);
    target_done(&t, 1000);
}
