/* shared_memory_test.c -- links between processes whose bytes go through memory that both see: who
 * has it, that it carries whatever sockets do, and that nothing of it is left. Both sides live in
 * this process; tests/fault/shared_test.c has strangers, and others who are killed.
 */
#define _GNU_SOURCE
#include "talk.h"

#include "core/core.h"
#include "net/ring.h"

#include "sys/posix.h"

#include <dirent.h>
#include <errno.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>

#define BLOB 3000000u

static uint8_t blob[BLOB];

static bool is_shared(const kmsg_peer *peer)
{
    kmsg_peer_facts f;

    kmsg_peer_info(peer, &f);
    return f.shared_memory;
}

/* Nothing but what happens ends a wait: no sign of life is asked for. */
static kmsg_node *new_node(uint32_t size)
{
    kmsg_node *node = kmsg_node_new();

    OK(kmsg_node_set_keepalive(node, 3600000, 7200000));
    OK(kmsg_node_set_shared_memory(node, size));
    return node;
}

static void serve(server *s, uint32_t size, const char *url)
{
    *s = (server){.node = new_node(size)};
    OK(talk_Talk_serve(s->node, &talk_impl, s));
    OK(kmsg_listen(s->node, url, &s->listener));
}

static void ask_once(kmsg_node *node, server *s, kmsg_peer *peer)
{
    talk_Note note = note_of("x", 1);
    outcome   o = {0};

    talk_Talk_echo_async(peer, &note, &o, echo_done);
    DRIVE(node, s->node, o.count == 1);
    OK(o.err);
}

/* ---- who has it ---------------------------------------------------------------------------- */

/* Is it used between a node that offers `mine` and one that accepts `theirs`? */
static bool used(uint32_t mine, uint32_t theirs, const char *url)
{
    server     s;
    kmsg_node *node = new_node(mine);
    kmsg_peer *peer;
    bool       both;

    serve(&s, theirs, url);
    peer = dial(node, &s);
    CHECK(!is_shared(peer));
    ask_once(node, &s, peer);
    ask_once(node, &s, peer);
    both = is_shared(peer);
    CHECK(is_shared(s.back) == both);
    kmsg_node_free(node);
    server_done(&s);
    return both;
}

TEST(it_is_used_over_unix_when_both_sides_want_to)
{
    CHECK(used(KMSG_SHARED_MEMORY, KMSG_SHARED_MEMORY, new_name()));
    CHECK(used(KMSG_SHARED_MEMORY, KMSG_SHARED_MEMORY, new_path()));
    CHECK(!used(0, KMSG_SHARED_MEMORY, new_name()));
    CHECK(!used(KMSG_SHARED_MEMORY, 0, new_name()));
    CHECK(!used(0, 0, new_name()));
}

TEST(who_dials_says_its_size_and_who_accepts_the_largest)
{
    CHECK(used(4096, KMSG_SHARED_MEMORY, new_name()));
    CHECK(used(65536, 65536, new_name()));
    CHECK(!used(65536, 32768, new_name()));
    CHECK(used((uint32_t)64 << 20, (uint32_t)64 << 20, new_name()));
}

TEST(it_is_not_used_over_tcp_or_between_threads)
{
    CHECK(!used(KMSG_SHARED_MEMORY, KMSG_SHARED_MEMORY, "tcp:127.0.0.1:0"));
    CHECK(!used(KMSG_SHARED_MEMORY, KMSG_SHARED_MEMORY, "inproc:not-shared"));
}

/* It is a file to the system, which kills whoever makes one larger than he may. */
TEST(a_process_that_may_have_no_large_files_stays_on_the_socket)
{
    struct rlimit before, less;

    CHECK(getrlimit(RLIMIT_FSIZE, &before) == 0);
    less = before;
    less.rlim_cur = 2 * KMSG_SHARED_MEMORY;
    CHECK(setrlimit(RLIMIT_FSIZE, &less) == 0);
    CHECK(!used(KMSG_SHARED_MEMORY, KMSG_SHARED_MEMORY, new_name()));
    CHECK(used(KMI_RING_MIN, KMSG_SHARED_MEMORY, new_name()));
    CHECK(setrlimit(RLIMIT_FSIZE, &before) == 0);
}

TEST(its_size_is_a_power_of_two_within_limits_or_none)
{
    kmsg_node *node = kmsg_node_new();

    OK(kmsg_node_set_shared_memory(node, 0));
    OK(kmsg_node_set_shared_memory(node, 4096));
    OK(kmsg_node_set_shared_memory(node, (uint32_t)64 << 20));
    FAILS(kmsg_node_set_shared_memory(node, 2048), KMSG_EINVAL);
    FAILS(kmsg_node_set_shared_memory(node, 4097), KMSG_EINVAL);
    FAILS(kmsg_node_set_shared_memory(node, (uint32_t)128 << 20), KMSG_EINVAL);
    HAS(kmsg_last_error(), "power of two");
    kmsg_node_free(node);
}

TEST(a_node_has_sixty_four_links_with_it_and_further_ones_without)
{
    enum { LINKS = 67, MAX = 64 };
    server     s;
    kmsg_node *node = new_node(4096);
    kmsg_peer *peers[LINKS];
    int        shared = 0;

    serve(&s, 4096, new_name());
    for (int i = 0; i < LINKS; i++) {
        peers[i] = dial(node, &s);
        ask_once(node, &s, peers[i]);
        ask_once(node, &s, peers[i]);
        shared += is_shared(peers[i]);
    }
    EQ_INT(shared, MAX);
    CHECK(is_shared(peers[MAX - 1]) && !is_shared(peers[MAX]));
    kmsg_peer_close(peers[0]);
    DRIVE(node, s.node, s.node->net.shared_count < MAX && node->net.shared_count < MAX);
    peers[0] = dial(node, &s);
    ask_once(node, &s, peers[0]);
    ask_once(node, &s, peers[0]);
    CHECK(is_shared(peers[0]));
    kmsg_node_free(node);
    server_done(&s);
}

/* ---- what goes through --------------------------------------------------------------------- */

static void echo_of(kmsg_peer *peer, size_t size)
{
    kmsg_arena *mem = kmsg_arena_new();
    talk_Note   note = note_of("blob", (int64_t)size), back;

    note.blob = (kmsg_bytes){blob, size};
    OK(talk_Talk_echo(peer, &note, mem, &back));
    EQ_MEM(back.blob.data, back.blob.size, blob, size);
    kmsg_arena_free(mem);
}

static void every_size(uint32_t ring)
{
    server     s;
    kmsg_node *node = new_node(ring);
    kmsg_peer *peer;

    for (size_t i = 0; i < sizeof blob; i++)
        blob[i] = (uint8_t)(i * 31 + (i >> 9));
    serve(&s, ring, new_name());
    OK(kmsg_start(s.node));
    peer = dial(node, &s);
    for (size_t size = 0; size < 300; size++)
        echo_of(peer, size);
    for (size_t size = 300; size < sizeof blob; size = size * 3 / 2 + 1)
        echo_of(peer, size);
    CHECK(is_shared(peer) == (ring != 0));
    kmsg_node_free(node);
    server_done(&s);
}

TEST(messages_of_every_size_arrive_through_memory_of_any_size)
{
    every_size(4096);
    every_size(65536);
    every_size(KMSG_SHARED_MEMORY);
    every_size(0);
}

typedef struct orderly {
    int64_t next;
    int     wrong;
} orderly;

static kmsg_err push_in_order(void *ctx, kmsg_call *call, int64_t number)
{
    orderly *o = ctx;

    (void)call;
    o->wrong += number != o->next;
    o->next = number + 1;
    return KMSG_OK;
}

/* Some of them leave over the socket and the others through the memory. */
TEST(going_over_loses_nothing_and_keeps_the_order)
{
    static const talk_Talk_impl in_order = {.push = push_in_order};
    kmsg_node                  *node = new_node(4096), *there = new_node(4096);
    kmsg_listener              *listener;
    kmsg_peer                  *peer;
    orderly                     o = {0, 0};
    int64_t                     number = 0;

    OK(talk_Talk_serve(there, &in_order, &o));
    OK(kmsg_listen(there, new_name(), &listener));
    OK(kmsg_dial(node, kmsg_listener_url(listener), &peer));
    for (int turn = 0; turn < 300; turn++) {
        for (int i = 0; i < turn; i++)
            OK(talk_Talk_push(peer, number++));
        OK(kmsg_node_step(turn % 3 == 0 ? there : node));
    }
    DRIVE(node, there, o.next == number);
    EQ_INT(o.wrong, 0);
    CHECK(is_shared(peer));
    kmsg_node_free(node);
    kmsg_node_free(there);
}

/* The descriptor of a node that sleeps tells of whatever comes. */
TEST(a_loop_of_ones_own_is_woken_for_whatever_comes)
{
    server     s;
    kmsg_node *node = new_node(4096);
    kmsg_peer *peer;
    talk_Note  note = note_of("x", 1);

    serve(&s, 4096, new_name());
    OK(kmsg_start(s.node));
    peer = dial(node, &s);
    kmsg_peer_set_timeout_ms(peer, 3600000);
    note.blob = (kmsg_bytes){blob, 6000}; /* more than there is room for: that is waited for, too */
    for (unsigned i = 0; i < test_rounds(3000); i++) {
        outcome o = {0};
        talk_Talk_echo_async(peer, &note, &o, echo_done);
        while (o.count == 0) {
            struct pollfd fd = {.fd = kmsg_node_fd(node), .events = POLLIN};
            if (kmsg_node_wait_ms(node) != 0)
                CHECK(poll(&fd, 1, PATIENCE_MS) == 1);
            OK(kmsg_node_step(node));
        }
        OK(o.err);
    }
    CHECK(is_shared(peer));
    kmsg_node_free(node);
    server_done(&s);
}

/* ---- links come and go --------------------------------------------------------------------- */

TEST(a_peer_that_is_back_has_it_again)
{
    server     s;
    kmsg_node *node = new_node(4096);
    kmsg_peer *peer;
    char       url[64];

    snprintf(url, sizeof url, "%s", new_name());
    serve(&s, 4096, url);
    peer = dial(node, &s);
    for (int i = 0; i < 5; i++) {
        ask_once(node, &s, peer);
        ask_once(node, &s, peer);
        CHECK(is_shared(peer));
        server_done(&s);
        DRIVE(node, node, peer->conn->state != KMI_CONN_UP);
        CHECK(!is_shared(peer));
        serve(&s, 4096, url);
    }
    kmsg_node_free(node);
    server_done(&s);
}

TEST(a_link_that_is_of_no_use_ends_and_the_next_one_has_it_again)
{
    server     s;
    kmsg_node *node = new_node(4096);
    kmsg_peer *peer;

    serve(&s, 4096, new_name());
    peer = dial(node, &s);
    for (int i = 0; i < 5; i++) {
        ask_once(node, &s, peer);
        ask_once(node, &s, peer);
        CHECK(is_shared(peer));
        peer->conn->used_ns -= 3600 * 1000 * KMI_MS;
        kmi_timer_set(&node->timers, &peer->conn->idle, 0);
        DRIVE(node, s.node, peer->conn->state == KMI_CONN_IDLE && s.node->conns->next == NULL);
        EQ_UINT(s.node->net.shared_count + node->net.shared_count, 0);
    }
    kmsg_node_free(node);
    server_done(&s);
}

static unsigned lines_of_maps(const char *word)
{
    FILE    *in = fopen("/proc/self/maps", "r");
    char     line[512];
    unsigned count = 0;

    CHECK(in != NULL);
    while (fgets(line, sizeof line, in) != NULL)
        count += strstr(line, word) != NULL;
    fclose(in);
    return count;
}

static unsigned open_descriptors(void)
{
    DIR     *dir = opendir("/proc/self/fd");
    unsigned count = 0;

    CHECK(dir != NULL);
    while (readdir(dir) != NULL)
        count++;
    closedir(dir);
    return count;
}

TEST(two_hundred_connections_leave_no_descriptor_and_no_mapping)
{
    server     s;
    kmsg_node *node = new_node(4096);
    kmsg_peer *peer;
    unsigned   descriptors = open_descriptors() + 3; /* of the server's */

    serve(&s, 4096, new_name());
    for (int i = 0; i < 200; i++) {
        unsigned during;
        peer = dial(node, &s);
        ask_once(node, &s, peer);
        ask_once(node, &s, peer);
        CHECK(is_shared(peer));
        EQ_UINT(lines_of_maps("memfd:kmsg"), 2);
        during = open_descriptors();
        kmsg_peer_close(peer);
        DRIVE(node, s.node, node->conns->next == NULL && s.node->conns->next == NULL);
        EQ_UINT(lines_of_maps("memfd:kmsg"), 0);
        EQ_UINT(open_descriptors(), during - 2); /* a link costs its socket, and nothing else */
    }
    kmsg_node_free(node);
    server_done(&s);
    CHECK(open_descriptors() < descriptors);
}

/* While the requests lie between the socket's two ends, and SHARED behind them, the first answer is
 * more than the ring holds and than the server wants to owe. */
TEST(what_is_asked_before_both_have_gone_over_is_answered)
{
    enum { ASKED = 4 };
    kmsg_node *node = new_node(KMI_RING_MIN);
    talk_Note  note = {.text = KMSG_STR("x"), .blob = {blob, BLOB}};
    outcome    o[ASKED] = {{0}};
    kmsg_peer *peer;
    server     s;

    serve(&s, KMI_RING_MIN, new_name());
    OK(kmsg_start(s.node));
    peer = dial(node, &s);
    for (int i = 0; i < ASKED; i++)
        talk_Talk_echo_async(peer, &note, &o[i], echo_done);
    DRIVE(node, node, o[ASKED - 1].count == 1);
    for (int i = 0; i < ASKED; i++)
        OK(o[i].err);
    CHECK(is_shared(peer));
    kmsg_node_free(node);
    server_done(&s);
}

/* Until the system takes no more from this user: 0, or the error that it gives instead. */
static int send_descriptors(int fd, int count)
{
    char            control[CMSG_SPACE(sizeof fd)] = {0};
    struct iovec    piece = {"x", 1};
    struct msghdr   m = {.msg_iov = &piece,
                         .msg_iovlen = 1,
                         .msg_control = control,
                         .msg_controllen = sizeof control};
    struct cmsghdr *head = CMSG_FIRSTHDR(&m);

    head->cmsg_level = SOL_SOCKET;
    head->cmsg_type = SCM_RIGHTS;
    head->cmsg_len = CMSG_LEN(sizeof fd);
    memcpy(CMSG_DATA(head), &fd, sizeof fd);
    while (count-- > 0)
        if (sendmsg(fd, &m, MSG_DONTWAIT) < 0)
            return errno;
    return 0;
}

/* In a process of its own. 0: the byte arrived; 1: it did not; 2: the system takes any number. */
static int pass_where_nothing_goes_along(void)
{
    struct rlimit few = {64, 64};
    int           full[2], ends[2];
    kmi_memory   *memory = kmi_memory_new(kmi_rings_room(KMI_RING_MIN));
    char          byte;

    if (socketpair(AF_UNIX, SOCK_STREAM, 0, full) != 0 ||
        socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0 || memory == NULL)
        return 1;
    if (setrlimit(RLIMIT_NOFILE, &few) != 0 || (geteuid() == 0 && seteuid(65534) != 0))
        return 2;
    if (send_descriptors(full[0], 200) != ETOOMANYREFS)
        return 2;
    return kmi_fd_pass(ends[0], "x", 1, memory) != 1 || read(ends[1], &byte, 1) != 1;
}

TEST(where_no_descriptor_may_go_along_the_bytes_go_alone)
{
    int   status = -1;
    pid_t pid;

    fflush(stdout);
    pid = fork();
    if (pid == 0)
        _exit(pass_where_nothing_goes_along());
    CHECK(waitpid(pid, &status, 0) == pid && WIFEXITED(status));
    if (WEXITSTATUS(status) == 2)
        SKIP("the system has no limit on descriptors that are under way");
    EQ_INT(WEXITSTATUS(status), 0);
}
