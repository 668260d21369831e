/* ways_test.c -- addresses that pass through processes, and what is sent to them from far away.
 *
 * Four processes in a line, each connected to its neighbours alone: 1 -- 2 -- 3 -- this one. At
 * home, in 1, there is a counter with an address of its own. Each of the others answers where()
 * with what its neighbour has told it.
 */
#define _GNU_SOURCE
#include "test.h"

#include "core/object.h"
#include "crew.kmsg.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define FOR_EVER 20000
#define HOME     1

__attribute__((constructor)) static void open_what_stays_open(void)
{
    kmsg_node_free(kmsg_node_new());
}

/* ---- the processes ------------------------------------------------------------------------- */

typedef struct place {
    int          number;
    kmsg_node   *node;
    kmsg_peer   *next; /* towards home */
    kmsg_address counter, hander;
    int64_t      sum;
} place;

static kmsg_err add(void *ctx, kmsg_call *call, int64_t number, int64_t *ret)
{
    (void)call;
    *ret = ((place *)ctx)->sum += number;
    return KMSG_OK;
}

static kmsg_err where(void *ctx, kmsg_call *call, kmsg_address *ret)
{
    place *p = ctx;

    if (p->number != HOME)
        return crew_Counter_where(p->next, kmsg_call_arena(call), ret);
    *ret = p->counter;
    return KMSG_OK;
}

static kmsg_err hander(void *ctx, kmsg_call *call, kmsg_address *ret)
{
    place *p = ctx;

    if (p->number != HOME + 1)
        return crew_Counter_hander(p->next, kmsg_call_arena(call), ret);
    *ret = p->hander;
    return KMSG_OK;
}

static kmsg_err give(void *ctx, kmsg_call *call, kmsg_address to, crew_Job *ret)
{
    (void)ctx;
    (void)call;
    *ret = (crew_Job){.number = (uint32_t)to.size, .back = to};
    return KMSG_OK;
}

static kmsg_err slow(void *ctx, kmsg_call *call, int64_t *ret)
{
    (void)ctx;
    (void)call;
    (void)ret;
    return KMSG_LATER; /* never */
}

static const crew_Counter_impl counter = {
    .add = add, .where = where, .hander = hander, .give = give, .slow = slow};

/* At home: does the job, and says so to whoever it came from. */
static kmsg_err do_job(void *ctx, kmsg_object *self, kmsg_message *message)
{
    crew_Done done = {.number = 42, .by = kmsg_object_address(self)};

    (void)ctx;
    return kmsg_is(message, &crew_Job_layout)
               ? kmsg_send(self, kmsg_message_from(message), &crew_Done_layout, &done)
               : KMSG_ENOMETHOD;
}

/* In 2: hands each job on to who has the address `ctx`. */
static kmsg_err hand_on(void *ctx, kmsg_object *self, kmsg_message *message)
{
    return kmsg_is(message, &crew_Job_layout) ? kmsg_forward(self, message, *(kmsg_address *)ctx)
                                              : KMSG_ENOMETHOD;
}

static const char *url_of(int number)
{
    static char text[64];

    snprintf(text, sizeof text, "unix:@kmsg-ways-%d-%d", (int)getppid(), number);
    return text;
}

static kmsg_node *node_of_its_own(void)
{
    kmsg_node *node = kmsg_node_new();

    CHECK(node != NULL);
    return node;
}

/* The address of the object that does jobs: the counter's place tells it in the name of `hander`.
 */
static void settle(place *p, kmsg_arena *mem)
{
    kmsg_object *root = kmsg_root(p->node);
    kmsg_address worker;

    if (p->number == HOME) {
        kmsg_must(crew_Counter_serve_at(root, &counter, p, NULL, &p->counter));
        kmsg_must(kmsg_object_new(root, do_job, NULL, NULL, &p->hander));
    } else if (p->number == HOME + 1) {
        kmsg_address *to = kmsg_alloc_array(mem, kmsg_address, 1);
        kmsg_must(crew_Counter_hander(p->next, mem, &worker));
        *to = worker;
        kmsg_must(kmsg_object_new(root, hand_on, to, NULL, &p->hander));
    }
}

static kmsg_err home_hander(void *ctx, kmsg_call *call, kmsg_address *ret)
{
    (void)call;
    *ret = ((place *)ctx)->hander;
    return KMSG_OK;
}

static const crew_Counter_impl home_counter = {
    .add = add, .where = where, .hander = home_hander, .give = give, .slow = slow};

static void be(int number, int says)
{
    place       p = {.number = number, .node = node_of_its_own()};
    kmsg_arena *mem = kmsg_arena_new();

    if (number != HOME)
        kmsg_must(kmsg_dial(p.node, url_of(number - 1), &p.next));
    settle(&p, mem);
    kmsg_must(crew_Counter_serve(p.node, number == HOME ? &home_counter : &counter, &p));
    kmsg_must(kmsg_listen(p.node, url_of(number), NULL));
    if (write(says, "l", 1) == 1)
        kmsg_must(kmsg_run(p.node));
    _exit(1);
}

static pid_t start(int number)
{
    int   fds[2];
    char  said = 0;
    pid_t pid;

    CHECK(pipe(fds) == 0);
    fflush(stdout);
    pid = fork();
    CHECK(pid >= 0);
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        close(fds[0]);
        be(number, fds[1]);
    }
    close(fds[1]);
    CHECK(read(fds[0], &said, 1) == 1 && said == 'l');
    close(fds[0]);
    return pid;
}

typedef struct line {
    pid_t        pids[4];
    kmsg_node   *node;
    kmsg_peer   *next;
    kmsg_arena  *mem;
    kmsg_address far; /* of the counter at home */
} line;

static void line_init(line *l)
{
    char url[64];

    for (int i = HOME; i <= 3; i++)
        l->pids[i] = start(i);
    snprintf(url, sizeof url, "unix:@kmsg-ways-%d-%d", (int)getpid(), 3);
    l->node = node_of_its_own();
    l->mem = kmsg_arena_new();
    OK(kmsg_dial(l->node, url, &l->next));
    OK(crew_Counter_where(l->next, l->mem, &l->far));
}

static void stop(line *l, int number)
{
    if (l->pids[number] == 0)
        return;
    CHECK(kill(l->pids[number], SIGKILL) == 0);
    CHECK(waitpid(l->pids[number], NULL, 0) == l->pids[number]);
    l->pids[number] = 0;
}

static void line_done(line *l)
{
    kmsg_node_free(l->node);
    kmsg_arena_free(l->mem);
    for (int i = HOME; i <= 3; i++)
        stop(l, i);
}

/* ---- what reaches home --------------------------------------------------------------------- */

TEST(an_address_that_has_passed_through_three_processes_still_reaches_its_object)
{
    line       l;
    kmsg_peer *far;
    int64_t    sum;
    kmi_place  way;

    line_init(&l);
    CHECK(kmi_place_get(l.far, &way));
    EQ_UINT(way.hop_count, 2);
    OK(kmsg_reach(l.node, l.far, &far));
    for (int i = 1; i <= 10; i++) {
        OK(crew_Counter_add(far, i, NULL, &sum));
        EQ_INT(sum, i * (i + 1) / 2);
    }
    line_done(&l);
}

TEST(it_comes_home_shortened_and_is_the_same_everywhere)
{
    line         l;
    kmsg_peer   *far;
    kmsg_address again;
    crew_Job     home;

    line_init(&l);
    OK(kmsg_reach(l.node, l.far, &far));
    OK(crew_Counter_give(far, l.far, l.mem, &home));
    EQ_UINT(home.number, 16); /* how it was understood at home: without any hops */
    CHECK(kmsg_address_equal(home.back, l.far));
    EQ_UINT(kmsg_address_hash(home.back), kmsg_address_hash(l.far));
    OK(crew_Counter_where(l.next, l.mem, &again));
    EQ_MEM(again.data, again.size, l.far.data, l.far.size);
    OK(crew_Counter_give(far, kmsg_object_address(kmsg_root(l.node)), l.mem, &home));
    EQ_UINT(home.number, 16 + 2 * 8); /* and ours there */
    EQ_UINT(home.back.size, 16);
    line_done(&l);
}

TEST(an_answer_by_return_address_and_one_to_a_message_that_was_handed_on)
{
    line          l;
    kmsg_address  hander;
    kmsg_message *m;
    crew_Done     done;

    line_init(&l);
    OK(crew_Counter_hander(l.next, l.mem, &hander));
    for (uint32_t i = 0; i < 3; i++) {
        OK(kmsg_request(kmsg_root(l.node), hander, &crew_Job_layout, &(crew_Job){.number = i},
                        FOR_EVER, &m));
        OK(kmsg_read(m, &crew_Done_layout, l.mem, &done));
        EQ_UINT(done.number, 42);
        CHECK(!kmsg_address_equal(done.by, hander)); /* it is another one that answers */
        CHECK(kmsg_address_equal(kmsg_message_from(m), done.by));
    }
    line_done(&l);
}

TEST(what_is_acknowledged_from_far_away_has_been_released_there)
{
    line         l;
    kmsg_address hander;

    line_init(&l);
    OK(crew_Counter_hander(l.next, l.mem, &hander));
    OK(kmsg_send_wait(kmsg_root(l.node), hander, &crew_Job_layout, &(crew_Job){.number = 1}));
    FAILS(kmsg_send_wait(kmsg_root(l.node), hander, &crew_Word_layout, &(crew_Word){.number = 1}),
          KMSG_ENOMETHOD);
    line_done(&l);
}

/* ---- ways that break ----------------------------------------------------------------------- */

typedef struct ends {
    int      count;
    kmsg_err err;
} ends;

static void count_ends(void *ctx, kmsg_err err, const int64_t *result)
{
    ends *e = ctx;

    (void)result;
    e->count++;
    e->err = err;
}

TEST(a_call_whose_way_breaks_ends_once_and_later_ones_are_told)
{
    line       l;
    kmsg_peer *far;
    ends       e = {0};
    int64_t    sum;
    kmi_limit  until;

    line_init(&l);
    OK(kmsg_reach(l.node, l.far, &far));
    OK(crew_Counter_add(far, 1, NULL, &sum));
    crew_Counter_slow_async(far, &e, count_ends);
    OK(crew_Counter_add(far, 1, NULL, &sum)); /* the one before has arrived */
    stop(&l, HOME);
    OK(kmi_limit_init(&until, l.node, FOR_EVER));
    while (e.count == 0 && !until.over)
        kmi_node_turn(l.node, true, &until.over);
    kmi_limit_done(&until, l.node);
    EQ_INT(e.count, 1);
    EQ_INT(e.err, KMSG_ELOST);
    kmsg_peer_set_timeout_ms(far, 2000);
    CHECK(crew_Counter_add(far, 1, NULL, &sum) != KMSG_OK);
    stop(&l, 2);
    CHECK(crew_Counter_add(far, 1, NULL, &sum) != KMSG_OK);
    EQ_INT(e.count, 1);
    line_done(&l);
}

TEST(a_cancellation_reaches_the_far_end_and_its_slots_are_free_again)
{
    enum { COUNT = 200 };
    line       l;
    kmsg_peer *far;
    ends       e = {0};
    int64_t    sum;
    kmi_limit  until;

    line_init(&l);
    OK(kmsg_reach(l.node, l.far, &far));
    for (int i = 0; i < COUNT; i++)
        crew_Counter_slow_async(far, &e, count_ends);
    OK(crew_Counter_add(far, 1, NULL, &sum));
    EQ_UINT(kmsg_cancel(far, &e), COUNT);
    OK(kmi_limit_init(&until, l.node, FOR_EVER));
    while (e.count < COUNT && !until.over)
        kmi_node_turn(l.node, true, &until.over);
    kmi_limit_done(&until, l.node);
    EQ_INT(e.count, COUNT);
    EQ_INT(e.err, KMSG_ECANCELED);
    OK(crew_Counter_add(far, 1, NULL, &sum));
    EQ_INT(sum, 2);
    line_done(&l);
}

TEST(where_no_way_is_known_that_is_said_at_once)
{
    kmsg_node   *node = node_of_its_own();
    uint8_t      bytes[KMI_ADDRESS_MAX];
    kmi_place    nowhere = {.instance = 12345, .object = 1};
    kmsg_address a = {bytes, kmi_place_put(&nowhere, bytes)};
    kmsg_peer   *peer;
    int64_t      sum;

    FAILS(kmsg_send(kmsg_root(node), a, &crew_Word_layout, &(crew_Word){.number = 1}),
          KMSG_EUNREACHABLE);
    OK(kmsg_reach(node, a, &peer));
    FAILS(crew_Counter_add(peer, 1, NULL, &sum), KMSG_EUNREACHABLE);
    FAILS(kmsg_reach(node, (kmsg_address){bytes, 15}, &peer), KMSG_EADDRESS);
    kmsg_node_free(node);
}
