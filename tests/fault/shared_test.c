/* shared_test.c -- links with shared memory, and what a stranger can do to them: pass along what is
 * no such memory, say what was not agreed on, write nonsense into the rings, never read from them,
 * or be killed. It costs him his link at most; what was written before is read.
 *
 * The stranger is a plain socket, and memory that is looked at as frames.md has it. The clock is
 * put forward where something takes long.
 */
#define _GNU_SOURCE
#include "fault/child.h"
#include "fault/raw.h"
#include "fault/seam.h"

#include "net/ring.h"

#include <sys/mman.h>

#define RING   4096u
#define NOEXEC 8u /* MFD_NOEXEC_SEAL, which older headers lack */

typedef struct scene {
    kmsg_node *server, *node;
    kmsg_peer *good; /* somebody who behaves */
    server     state;
    char       url[64];
    uint8_t    bytes[RAW_MAX];
    raw_ear    ear;
} scene;

static char said[512]; /* the last line of the log */

static void keep_line(void *ctx, kmsg_log_level level, const char *line)
{
    (void)ctx;
    if (level >= KMSG_WARNING)
        snprintf(said, sizeof said, "%s", line);
}

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

static void check_others(scene *s)
{
    talk_Note note = note_of("others", 1);
    outcome   o = {0};

    talk_Talk_echo_async(s->good, &note, &o, echo_done);
    settle(s);
    EQ_INT(o.count, 1);
    OK(o.err);
}

static void scene_init(scene *s)
{
    memset(s, 0, sizeof *s);
    said[0] = '\0';
    kmsg_set_log(keep_line, NULL);
    snprintf(s->url, sizeof s->url, "%s", new_name());
    s->node = seam_node_new();
    s->server = s->state.node = seam_node_new();
    OK(kmsg_node_set_shared_memory(s->server, RING));
    OK(talk_Talk_serve(s->server, &talk_impl, &s->state));
    OK(kmsg_listen(s->server, s->url, NULL));
    OK(kmsg_dial(s->node, s->url, &s->good));
    check_others(s);
}

static void scene_done(scene *s)
{
    check_others(s);
    kmsg_node_free(s->node);
    kmsg_node_free(s->server);
    kmsg_set_log(NULL, NULL);
    EQ_INT(seam.sockets, 0);
    EQ_INT(seam.memories, 0);
}

/* ---- what a stranger passes along ---------------------------------------------------------- */

static void send_with(int fd, const uint8_t *bytes, size_t size, const int *fds, size_t count)
{
    char            control[CMSG_SPACE(8 * sizeof(int))] = {0};
    struct iovec    piece = {(void *)(uintptr_t)bytes, size};
    struct msghdr   m = {.msg_iov = &piece,
                         .msg_iovlen = 1,
                         .msg_control = control,
                         .msg_controllen = CMSG_SPACE(count * sizeof *fds)};
    struct cmsghdr *head = CMSG_FIRSTHDR(&m);

    head->cmsg_level = SOL_SOCKET;
    head->cmsg_type = SCM_RIGHTS;
    head->cmsg_len = CMSG_LEN(count * sizeof *fds);
    memcpy(CMSG_DATA(head), fds, count * sizeof *fds);
    EQ_INT(sendmsg(fd, &m, MSG_NOSIGNAL), (intmax_t)size);
}

static int new_memfd(size_t size, int seals)
{
    int fd = memfd_create("stranger", MFD_CLOEXEC | MFD_ALLOW_SEALING);

    CHECK(fd >= 0 && ftruncate(fd, (off_t)size) == 0);
    CHECK(seals == 0 || fcntl(fd, F_ADD_SEALS, seals) == 0);
    return fd;
}

static bool is_mapped(const char *name)
{
    FILE *in = fopen("/proc/self/maps", "r");
    char  line[512];
    bool  found = false;

    CHECK(in != NULL);
    while (fgets(line, sizeof line, in) != NULL)
        found |= strstr(line, name) != NULL;
    fclose(in);
    return found;
}

/* Whatever is passed along, the hello counts, and the socket is used. `words`: of the log, or none
 * at all. The descriptors are closed. */
static void passes_in_vain(int *fds, size_t count, const char *words)
{
    scene     s;
    talk_Note note = note_of("over the socket", 1);
    kmi_frame frame;
    int       fd;

    scene_init(&s);
    fd = raw_connect(s.url);
    send_with(fd, s.bytes, raw_hello(s.bytes), fds, count);
    for (size_t i = 0; i < count; i++)
        close(fds[i]);
    settle(&s);
    CHECK(!is_mapped("memfd:stranger"));
    raw_send(fd, s.bytes, raw_call(s.bytes, 0, 1000, &note));
    settle(&s);
    CHECK(raw_hear(&s.ear, fd, KMI_ANSWER, &frame));
    CHECK(!s.ear.over);
    if (words == NULL)
        EQ_STR(said, "");
    else
        HAS(said, words);
    close(fd);
    settle(&s);
    scene_done(&s);
}

enum { SIZED = F_SEAL_SHRINK | F_SEAL_GROW };

static void memory_in_vain(size_t size, int seals, const char *words)
{
    int fd = new_memfd(size, seals);

    passes_in_vain(&fd, 1, words);
}

TEST(memory_that_could_become_smaller_is_not_touched)
{
    memory_in_vain(kmi_rings_room(RING), 0, "not sealed");
    memory_in_vain(kmi_rings_room(RING), F_SEAL_GROW, "not sealed");
    memory_in_vain(kmi_rings_room(RING), F_SEAL_SHRINK, "not sealed");
}

TEST(memory_that_cannot_be_written_is_not_taken)
{
    memory_in_vain(kmi_rings_room(RING), SIZED | F_SEAL_WRITE, "cannot be written");
}

TEST(memory_of_another_size_is_not_taken)
{
    memory_in_vain(0, SIZED, "no size");
    memory_in_vain(1, SIZED, "not two rings");
    memory_in_vain(kmi_rings_room(RING) - 1, SIZED, "not two rings");
    memory_in_vain(kmi_rings_room(RING) / 2, SIZED, "not two rings");
    memory_in_vain(kmi_rings_room(RING) + 1, SIZED, NULL); /* he may want more than is taken here */
    memory_in_vain(kmi_rings_room(KMI_RING_MAX) * 1000, SIZED, NULL);
}

TEST(descriptors_of_anything_else_are_closed)
{
    int files[] = {open("/dev/null", O_RDWR), open("/proc/self/exe", O_RDONLY),
                   socket(AF_UNIX, SOCK_STREAM, 0), open("/tmp", O_RDONLY)};

    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        passes_in_vain(&files[i], 1, "not one of shared memory");
}

TEST(one_that_may_not_be_written_to_is_closed)
{
    int  fd = new_memfd(kmi_rings_room(RING), SIZED), only;
    char path[64];

    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    only = open(path, O_RDONLY);
    CHECK(only >= 0);
    close(fd);
    passes_in_vain(&only, 1, NULL);
}

TEST(of_several_none_is_taken)
{
    test_skip_if_emulated("the emulator keeps descriptors that have no room");
    for (size_t count = 2; count <= 8; count += 3) {
        int fds[8];
        for (size_t i = 0; i < count; i++)
            fds[i] = new_memfd(kmi_rings_room(RING), SIZED);
        passes_in_vain(fds, count, "more descriptors than one");
    }
}

TEST(with_each_byte_of_the_hello_another_one_none_is_taken)
{
    scene     s;
    talk_Note note = note_of("over the socket", 1);
    kmi_frame frame;
    int       fd, memory = new_memfd(kmi_rings_room(RING), SIZED);

    scene_init(&s);
    fd = raw_connect(s.url);
    raw_hello(s.bytes);
    send_with(fd, s.bytes, 1, &memory, 1);
    settle(&s);
    send_with(fd, s.bytes + 1, 1, &memory, 1);
    settle(&s);
    HAS(said, "twice");
    raw_send(fd, s.bytes + 2, KMI_PREAMBLE_SIZE - 2);
    raw_send(fd, s.bytes, raw_call(s.bytes, 0, 1000, &note));
    settle(&s);
    CHECK(!is_mapped("memfd:stranger"));
    CHECK(raw_hear(&s.ear, fd, KMI_ANSWER, &frame));
    close(fd);
    close(memory);
    settle(&s);
    scene_done(&s);
}

/* ---- a stranger who shares ----------------------------------------------------------------- */

typedef struct stranger {
    scene    s;
    int      fd;
    uint8_t *memory;
    kmi_ring out;
    kmi_ring in;
    uint8_t  got[1 << 16]; /* out of the ring */
    size_t   got_size;
} stranger;

static size_t shared_frame(uint8_t *to)
{
    const kmi_frame frame = {.kind = KMI_SHARED, .size = KMI_HEADER_SIZE};

    kmi_frame_put(to, &frame);
    return KMI_HEADER_SIZE;
}

/* Up to where the server has said SHARED. Takes the descriptor. */
static void stranger_offer_this(stranger *x, int memory)
{
    kmi_frame frame;

    memset(x, 0, sizeof *x);
    scene_init(&x->s);
    x->memory = mmap(NULL, kmi_rings_room(RING), PROT_READ | PROT_WRITE, MAP_SHARED, memory, 0);
    CHECK(x->memory != MAP_FAILED);
    kmi_ring_init(&x->out, x->memory, RING, KMI_RING_TO_ACCEPTOR);
    kmi_ring_init(&x->in, x->memory, RING, KMI_RING_TO_DIALLER);
    x->fd = raw_connect(x->s.url);
    send_with(x->fd, x->s.bytes, raw_hello(x->s.bytes), &memory, 1);
    close(memory);
    settle(&x->s);
    CHECK(raw_hear(&x->s.ear, x->fd, KMI_SHARED, &frame));
}

static void stranger_offer(stranger *x)
{
    stranger_offer_this(x, new_memfd(kmi_rings_room(RING), SIZED | F_SEAL_SEAL));
}

static void stranger_init(stranger *x)
{
    stranger_offer(x);
    raw_send(x->fd, x->s.bytes, shared_frame(x->s.bytes));
    settle(&x->s);
}

static void stranger_done(stranger *x)
{
    close(x->fd);
    settle(&x->s);
    munmap(x->memory, kmi_rings_room(RING));
    scene_done(&x->s);
    CHECK(!is_mapped("memfd:stranger"));
}

static void put(stranger *x, const uint8_t *bytes, size_t size)
{
    EQ_INT(kmi_ring_write(&x->out, bytes, size), (intmax_t)size);
    if (kmi_ring_wakes_reader(&x->out))
        raw_send(x->fd, (const uint8_t *)"", 1);
    settle(&x->s);
}

/* The first frame in the ring, whole: its kind; 0: none. */
static unsigned get(stranger *x)
{
    ptrdiff_t n = kmi_ring_read(&x->in, x->got + x->got_size, sizeof x->got - x->got_size);
    size_t    room;
    unsigned  kind;

    CHECK(n >= 0);
    x->got_size += (size_t)n;
    if (x->got_size < KMI_HEADER_SIZE)
        return 0;
    room = kmi_frame_room(kmi_load32(x->got));
    kind = x->got[4];
    CHECK(room <= x->got_size);
    memmove(x->got, x->got + room, x->got_size - room);
    x->got_size -= room;
    return kind;
}

static void call(stranger *x, uint32_t number)
{
    talk_Note note = note_of("through the ring", 1);

    put(x, x->s.bytes, raw_call(x->s.bytes, number, 1000, &note));
}

static bool is_lost(stranger *x)
{
    kmi_frame frame;

    settle(&x->s);
    raw_hear(&x->s.ear, x->fd, KMI_KINDS, &frame);
    return x->s.ear.over;
}

TEST(whoever_keeps_to_the_page_is_served_through_the_ring)
{
    stranger x;

    stranger_init(&x);
    for (uint32_t i = 0; i < 1000; i++) {
        call(&x, i << 16);
        EQ_UINT(get(&x), KMI_ANSWER);
        while (get(&x) != 0)
            continue; /* credit */
    }
    EQ_INT(x.s.state.handled, 1000 + 1);
    stranger_done(&x);
}

TEST(a_byte_at_a_time_without_and_with_wakes_for_nothing_is_enough)
{
    stranger  x;
    talk_Note note = note_of("slow", 1);
    uint8_t   bytes[RAW_MAX];
    size_t    size = raw_call(bytes, 0, 1000, &note);

    stranger_init(&x);
    for (size_t i = 0; i < size; i++) {
        raw_send(x.fd, (const uint8_t *)"many wakes for nothing", 22);
        put(&x, bytes + i, 1);
    }
    EQ_UINT(get(&x), KMI_ANSWER);
    stranger_done(&x);
}

TEST(what_is_not_said_to_come_through_the_ring_is_not_read_there)
{
    stranger  x;
    kmi_frame frame;
    talk_Note note = note_of("over the socket", 1);

    stranger_offer(&x);
    put(&x, (const uint8_t *)"this is no frame at all", 23);
    raw_send(x.fd, x.s.bytes, raw_call(x.s.bytes, 0, 1000, &note));
    settle(&x.s);
    EQ_UINT(get(&x), KMI_ANSWER);
    CHECK(!raw_hear(&x.s.ear, x.fd, KMI_KINDS, &frame) && !x.s.ear.over);
    raw_send(x.fd, x.s.bytes, shared_frame(x.s.bytes));
    CHECK(is_lost(&x));
    stranger_done(&x);
}

/* Where vm.memfd_noexec is set the system seals all memory so. */
TEST(memory_that_cannot_be_executed_will_do)
{
    stranger x;
    int      memory = memfd_create("stranger", MFD_CLOEXEC | NOEXEC);

    if (memory < 0)
        SKIP("the system does not know this seal");
    CHECK(ftruncate(memory, (off_t)kmi_rings_room(RING)) == 0);
    CHECK(fcntl(memory, F_ADD_SEALS, SIZED) == 0);
    stranger_offer_this(&x, memory);
    stranger_done(&x);
}

/* ---- breaches ------------------------------------------------------------------------------ */

TEST(shared_that_was_not_agreed_on_is_a_breach)
{
    scene s;
    int   fd;

    scene_init(&s);
    fd = raw_connect(s.url);
    raw_send(fd, s.bytes, raw_hello(s.bytes));
    raw_send(fd, s.bytes, shared_frame(s.bytes));
    settle(&s);
    HAS(said, "not agreed on");
    close(fd);
    scene_done(&s);
}

TEST(shared_for_the_second_time_is_a_breach)
{
    stranger x;

    stranger_init(&x);
    put(&x, x.s.bytes, shared_frame(x.s.bytes));
    CHECK(is_lost(&x));
    HAS(said, "not agreed on");
    stranger_done(&x);
}

TEST(garbage_in_the_ring_costs_its_writer_the_link)
{
    stranger x;

    stranger_init(&x);
    put(&x, (const uint8_t *)"this is no frame at all, is it?!", 32);
    CHECK(is_lost(&x));
    stranger_done(&x);
}

static void breach_by(_Atomic uint32_t *(*word)(stranger *x), uint32_t value)
{
    stranger x;

    stranger_init(&x);
    call(&x, 0);
    atomic_store(word(&x), value);
    raw_send(x.fd, (const uint8_t *)"", 1);
    settle(&x.s);
    if (!is_lost(&x)) /* it is seen when there is something to say */
        call(&x, 1);
    CHECK(is_lost(&x));
    HAS(said, "impossible positions");
    stranger_done(&x);
}

static _Atomic uint32_t *my_written(stranger *x)
{
    return &x->out.words->written;
}

static _Atomic uint32_t *my_read(stranger *x)
{
    return &x->in.words->read;
}

TEST(impossible_positions_cost_their_writer_the_link)
{
    const uint32_t values[] = {RING * 100, 0xffff0000u, 0x80000000u, 1u << 30};

    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        test_at("%u", values[i]);
        breach_by(my_written, values[i]);
        breach_by(my_read, values[i]);
    }
}

TEST(whatever_is_scribbled_over_all_of_it_others_are_served)
{
    test_seed(3);
    for (unsigned i = 0; i < test_rounds(200); i++) {
        stranger x;
        stranger_init(&x);
        for (int k = 0; k < 5; k++) {
            for (size_t at = 0; at < kmi_rings_room(RING); at += 1 + test_random() % 300)
                x.memory[at] = (uint8_t)test_random();
            atomic_store(&x.out.words->written, test_random() % (2 * RING));
            send(x.fd, "", 1, MSG_NOSIGNAL);
            settle(&x.s);
        }
        stranger_done(&x);
    }
}

/* The socket has ended, and the ring goes on. */
TEST(what_is_written_after_the_end_keeps_no_link_alive)
{
    stranger  x;
    kmi_frame pong = {.kind = KMI_PONG, .size = KMI_HEADER_SIZE};

    stranger_init(&x);
    kmi_frame_put(x.s.bytes, &pong);
    shutdown(x.fd, SHUT_WR);
    for (int i = 0; i < 10; i++) {
        kmi_ring_write(&x.out, x.s.bytes, KMI_HEADER_SIZE);
        OK(kmsg_node_step(x.s.server));
    }
    CHECK(is_lost(&x));
    stranger_done(&x);
}

/* ---- who does not read --------------------------------------------------------------------- */

/* Its ring is full, and nothing more is read from it until it is given up. */
TEST(who_asks_and_never_reads_its_ring_is_given_up)
{
    stranger x;
    uint32_t asked = 0;

    stranger_init(&x);
    while (!x.s.ear.over && asked < 100000) {
        talk_Note note = note_of("again", 1);
        size_t    size = raw_call(x.s.bytes, asked << 16 | asked % 200, 60000, &note);
        if (kmi_ring_left(&x.out) >= (ptrdiff_t)size) {
            put(&x, x.s.bytes, size);
            asked++;
        } else {
            seam.ahead_ns += 1000 * KMI_MS;
            CHECK(!is_lost(&x) || x.s.ear.over);
        }
        (void)is_lost(&x);
        if (asked % 200 == 0)
            seam.ahead_ns += 1000 * KMI_MS;
    }
    CHECK(x.s.ear.over);
    CHECK(asked < 100000);
    stranger_done(&x);
}

/* ---- a stranger who serves ----------------------------------------------------------------- */

static int take_memory(int fd)
{
    uint8_t       bytes[256];
    char          control[CMSG_SPACE(sizeof(int))];
    struct iovec  piece = {bytes, sizeof bytes};
    struct msghdr m = {.msg_iov = &piece,
                       .msg_iovlen = 1,
                       .msg_control = control,
                       .msg_controllen = sizeof control};
    int           got = -1;

    EQ_INT(recvmsg(fd, &m, 0), KMI_PREAMBLE_SIZE);
    CHECK(CMSG_FIRSTHDR(&m) != NULL && CMSG_FIRSTHDR(&m)->cmsg_type == SCM_RIGHTS);
    memcpy(&got, CMSG_DATA(CMSG_FIRSTHDR(&m)), sizeof got);
    return got;
}

/* Takes the call through the ring and answers it, or writes nonsense there. */
static void serve_badly(bool badly)
{
    scene      s;
    kmsg_peer *peer;
    outcome    o = {0};
    talk_Note  note = note_of("?", 1), answer = note_of("!", 2);
    char       url[64];
    int        listener, fd, memory;
    uint8_t   *at;
    kmi_ring   out;
    kmi_frame  frame;

    scene_init(&s);
    snprintf(url, sizeof url, "%s", new_name());
    listener = raw_listen(url);
    OK(kmsg_dial(s.node, url, &peer));
    talk_Talk_echo_async(peer, &note, &o, echo_done);
    settle(&s);
    fd = accept(listener, NULL, NULL);
    memory = take_memory(fd);
    at = mmap(NULL, kmi_rings_room(KMSG_SHARED_MEMORY), PROT_READ | PROT_WRITE, MAP_SHARED, memory,
              0);
    CHECK(at != MAP_FAILED);
    EQ_INT(ftruncate(memory, 0), -1); /* nobody makes it smaller */
    close(memory);
    raw_send(fd, s.bytes, raw_hello(s.bytes));
    raw_send(fd, s.bytes, shared_frame(s.bytes));
    settle(&s);
    CHECK(raw_hear(&s.ear, fd, KMI_CALL, &frame)); /* behind the hello, before SHARED or after */
    kmi_ring_init(&out, at, KMSG_SHARED_MEMORY, KMI_RING_TO_DIALLER);
    if (badly)
        atomic_store(&out.words->written, KMSG_SHARED_MEMORY + 8);
    else
        kmi_ring_write(&out, s.bytes, raw_answer(s.bytes, frame.call, &answer));
    raw_send(fd, (const uint8_t *)"", 1);
    settle(&s);
    EQ_INT(o.count, 1);
    EQ_INT(o.err, badly ? KMSG_ELOST : KMSG_OK);
    munmap(at, kmi_rings_room(KMSG_SHARED_MEMORY));
    close(fd);
    close(listener);
    scene_done(&s);
}

TEST(a_stranger_who_serves_may_answer_through_the_ring)
{
    serve_badly(false);
}

TEST(one_who_writes_nonsense_there_loses_the_link_and_the_call_ends_once)
{
    serve_badly(true);
}

/* ---- who is killed ------------------------------------------------------------------------- */

#define TOLD 4000

static void tell_and_wait(void *ctx)
{
    kmsg_node *node = kmsg_node_new();
    kmsg_peer *peer;
    int64_t    sum;

    (void)child_wait(); /* for who listens */
    kmsg_must(kmsg_dial(node, ctx, &peer));
    kmsg_must(talk_Talk_sum(peer, kmsg_arena_new(), &sum)); /* both have gone over */
    kmsg_must(talk_Talk_sum(peer, kmsg_arena_new(), &sum));
    child_say('c');
    (void)child_wait();
    for (int i = 1; i <= TOLD; i++)
        kmsg_must(talk_Talk_push(peer, i));
    kmsg_must(kmsg_flush(peer));
    child_say('t');
    (void)child_wait();
}

TEST(what_a_killed_process_has_written_is_read)
{
    server s;
    char   url[64];
    child  c;

    snprintf(url, sizeof url, "%s", new_name());
    c = child_start(tell_and_wait, url);
    server_init(&s, url);
    child_tell(&c, 'l');
    DRIVE(s.node, s.node, child_has_said(&c));
    EQ_INT(child_hear(&c), 'c');
    child_tell(&c, 'g');
    EQ_INT(child_hear(&c), 't'); /* we have not looked meanwhile */
    EQ_INT(s.sum, 0);
    CHECK(s.node->net.all->shared);
    child_end(&c);
    s.node->net.links += 2000; /* a turn reads 4 KiB: the end is heard of before the last of it */
    DRIVE(s.node, s.node, s.sum == TOLD * (TOLD + 1) / 2);
    DRIVE(s.node, s.node, s.node->conns->next == NULL);
    s.node->net.links -= 2000;
    server_done(&s);
}
