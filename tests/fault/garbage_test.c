/* garbage_test.c -- what strangers send to a listening socket leaves it serving. */
#include "fault/raw.h"

#include "core/core.h"

/* A hello, calls that are nearly right, and a few bits that are not. */
static size_t almost(uint8_t *to)
{
    size_t size = raw_hello(to);

    for (uint32_t i = 0; i < 3; i++) {
        size_t    body = test_random() % 100;
        kmi_frame f = {.size = KMI_REQUEST_SIZE + body,
                       .kind = (uint8_t)(KMI_CALL + test_random() % 2u),
                       .method = (uint16_t)(test_random() % 4),
                       .target = talk_Talk_service.id};
        if (f.kind == KMI_CALL) {
            f.call = i;
            f.aux = 100;
        }
        memset(to + size, 0, kmi_frame_room(f.size));
        kmi_frame_put(to + size, &f);
        for (size_t k = 0; k < body; k++)
            to[size + KMI_REQUEST_SIZE + k] = (uint8_t)(test_random() % 4 == 0 ? test_random() : 0);
        size += kmi_frame_room(f.size);
    }
    for (uint32_t i = test_random() % 3; i > 0; i--)
        to[test_random() % size] ^= (uint8_t)(1u << test_random() % 8);
    return size;
}

static size_t noise(uint8_t *to)
{
    size_t size = 1 + test_random() % 300;

    for (size_t i = 0; i < size; i++)
        to[i] = (uint8_t)test_random();
    return size;
}

static void send_rubbish(const char *url, int round)
{
    uint8_t bytes[1024];
    size_t  size = round % 3 == 0 ? noise(bytes) : almost(bytes);
    int     fd = raw_connect(url);

    EQ_INT(send(fd, bytes, size, MSG_NOSIGNAL), (int)size);
    shutdown(fd, SHUT_WR);
    while (recv(fd, bytes, sizeof bytes, 0) > 0) /* until the server has had enough of it */
        continue;
    close(fd);
}

TEST(thousands_of_strangers_leave_a_server_serving)
{
    server      s;
    kmsg_node  *node = kmsg_node_new();
    kmsg_arena *mem = kmsg_arena_new();
    kmsg_peer  *peer;
    talk_Note   note = note_of("x", 1), back;

    test_seed(3);
    server_start(&s, new_path());
    peer = dial(node, &s);
    for (int i = 0; i < 3000; i++) {
        send_rubbish(kmsg_listener_url(s.listener), i);
        if (i % 100 == 0)
            OK(talk_Talk_echo(peer, &note, mem, &back));
        kmsg_arena_reset(mem);
    }
    OK(talk_Talk_echo(peer, &note, mem, &back));
    kmsg_node_free(node);
    server_done(&s);
    kmsg_arena_free(mem);
}

TEST(strangers_who_say_nothing_do_not_keep_others_out)
{
    server      s;
    int         fds[200];
    kmsg_node  *node = kmsg_node_new();
    kmsg_arena *mem = kmsg_arena_new();
    talk_Note   note = note_of("x", 1), back;

    server_start(&s, new_path());
    for (int i = 0; i < 200; i++)
        fds[i] = raw_connect(kmsg_listener_url(s.listener));
    OK(talk_Talk_echo(dial(node, &s), &note, mem, &back));
    for (int i = 0; i < 200; i++)
        close(fds[i]);
    kmsg_node_free(node);
    server_done(&s);
    kmsg_arena_free(mem);
}
