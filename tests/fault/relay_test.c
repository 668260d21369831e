/* relay_test.c -- a stranger who lets a node pass on what he sends, to another stranger who never
 * answers: what that costs the node, and how it ends.
 */
#define _GNU_SOURCE
#include "overwrite.h"
#include "raw.h"

#include "core/core.h"

#define ASKER       0x1001u /* instances of the two strangers */
#define ASKED       0x2002u
#define FOR_EVER_MS 3600000u
#define FILLER      ((size_t)64 << 10)
#define FILLERS     4 /* together as large as a slab that is read to */

/* ---- two strangers and a node ---------------------------------------------------------------- */

typedef struct scene {
    server s;
    int    asker, asked;
} scene;

static void send_hello(int fd, uint64_t instance)
{
    uint8_t hello[KMI_PREAMBLE_SIZE];

    raw_hello(hello);
    kmi_store64(hello + KMI_PREAMBLE_SIZE - 32, instance);
    kmi_store32(hello + KMI_PREAMBLE_SIZE - 16, 4096);
    raw_send(fd, hello, sizeof hello);
}

/* NULL: there is none. */
static kmi_conn *conn_of(const scene *t, uint64_t instance)
{
    kmi_conn *c = t->s.node->conns;

    while (c != NULL && c->instance != instance)
        c = c->next;
    return c;
}

static kmsg_peer_facts facts_of(const scene *t, uint64_t instance)
{
    kmsg_peer_facts f;

    kmsg_peer_info(conn_of(t, instance)->peer, &f);
    return f;
}

/* Until then the node is driven. */
#define UNTIL(t, condition) DRIVE((t)->s.node, (t)->s.node, condition)

static kmsg_node_facts facts(const scene *t)
{
    kmsg_node_facts f;

    kmsg_node_info(t->s.node, &f);
    return f;
}

static void scene_init(scene *t)
{
    const char *url = new_name();

    *t = (scene){.asker = -1};
    server_init(&t->s, url);
    t->asker = raw_connect(url);
    t->asked = raw_connect(url);
    send_hello(t->asker, ASKER);
    send_hello(t->asked, ASKED);
    UNTIL(t, conn_of(t, ASKER) != NULL && conn_of(t, ASKED) != NULL);
}

static void scene_done(scene *t)
{
    close(t->asker);
    close(t->asked);
    server_done(&t->s);
}

/* A call of the object number 1 of the stranger who is asked. */
static void ask(scene *t, uint32_t call)
{
    const kmi_letter letter = {.to = {.instance = ASKED, .object = 1},
                               .from = {.instance = ASKER, .object = 1}};
    kmi_frame        frame = {.kind = KMI_CALL,
                              .flags = KMI_FLAG_ADDRESSED,
                              .call = call,
                              .aux = FOR_EVER_MS,
                              .target = talk_Talk_service.id};
    uint8_t          bytes[128] = {0};
    uint64_t         before = facts(t).relayed;

    frame.size = KMI_REQUEST_SIZE + kmi_envelope_size(&letter) + 8;
    kmi_frame_put(bytes, &frame);
    kmi_envelope_put(bytes + KMI_REQUEST_SIZE, &letter);
    raw_send(t->asker, bytes, frame.size);
    UNTIL(t, facts(t).relayed > before);
}

/* Frames that say nothing, until they have been read. */
static void fill(scene *t)
{
    static uint8_t  bytes[FILLER];
    const kmi_frame frame = {.kind = KMI_VOID, .flags = KMI_FLAG_IGNORABLE, .size = FILLER};
    uint64_t        until;

    kmi_frame_put(bytes, &frame);
    for (int i = 0; i < FILLERS; i++) {
        until = facts_of(t, ASKER).bytes_received + FILLER;
        raw_send(t->asker, bytes, FILLER);
        UNTIL(t, facts_of(t, ASKER).bytes_received >= until);
    }
}

/* ---- what they try --------------------------------------------------------------------------- */

TEST(calls_that_pass_through_end_with_their_caller_however_many_there_are)
{
    scene t;

    scene_init(&t);
    for (uint32_t i = 0; i < 200; i++)
        ask(&t, i | 1u << 16);
    EQ_UINT(facts_of(&t, ASKED).calls, 200);
    close(t.asker);
    t.asker = -1;
    UNTIL(&t, conn_of(&t, ASKER) == NULL);
    EQ_UINT(facts_of(&t, ASKED).calls, 0);
    scene_done(&t);
}

TEST(a_call_that_passes_through_holds_no_more_than_itself)
{
    scene  t;
    size_t before;

    scene_init(&t);
    ask(&t, 0 | 1u << 16);
    fill(&t);
    before = live;
    for (uint32_t i = 1; i < 33; i++) {
        ask(&t, i | 1u << 16);
        fill(&t);
    }
    EQ_UINT(facts_of(&t, ASKED).calls, 33);
    CHECK(live < before + ((size_t)1 << 20));
    scene_done(&t);
}
