/* attack_keys_test.c -- hosts that are not who they should be: with a key that nobody trusts, or
 * that is trusted no more, or another one than is expected at an address; and servers that lie. Who
 * dials says nothing of himself to them, who accepts lets none of them in, and what is told says
 * what to do.
 */
#define _GNU_SOURCE
#include "fault/attack.h"

#include "net/secure.h"

#include <sys/wait.h>

#define LOOK_MS 2500 /* in which a change of `trusted` is noticed */

/* ---- means ----------------------------------------------------------------------------------- */

/* The scene's client is somebody else, with a node of his own. */
static void replace_client(scene *s, const host *by, bool trust_first_use)
{
    kmsg_peer_close(s->good);
    MEET(s, seam.sockets == 1);
    kmsg_node_free(s->node);
    s->node = host_node(by, trust_first_use);
    OK(kmsg_dial(s->node, kmsg_listener_url(s->state.listener), &s->good));
}

static outcome answer_to(scene *s, kmsg_peer *peer)
{
    outcome o;

    ask(peer, &o);
    MEET(s, o.count == 1);
    return o;
}

static const char *key_text(const host *h)
{
    static char text[2][KMSG_KEY_TEXT];
    static int  count;
    char       *ret = text[count++ % 2];

    kmsg_key_print(&h->key, ret);
    return ret;
}

/* The scene's server is somebody else, at the same port. */
static void replace_server(scene *s, const host *by)
{
    char url[64];

    snprintf(url, sizeof url, "tcp:127.0.0.1:%u", s->port);
    kmsg_listener_close(s->state.listener);
    kmsg_node_free(s->server);
    s->state = (server){.node = host_node(by, false)};
    s->server = s->state.node;
    OK(talk_Talk_serve(s->server, &talk_impl, &s->state));
    OK(kmsg_listen(s->server, url, &s->state.listener));
}

/* ---- keys that nobody trusts ----------------------------------------------------------------- */

TEST(who_is_not_trusted_is_not_let_in_and_the_log_says_which_key_and_what_to_do)
{
    scene   s;
    outcome o;

    scene_init(&s);
    host_trusts(&s.evil, &s.here, NULL);
    replace_client(&s, &s.evil, false);
    o = answer_to(&s, s.good);
    EQ_INT(o.err, KMSG_EREFUSED);
    HAS(o.words, "it may not trust our key");
    EQ_INT(s.state.handled, 0);
    HAS(logged.text, "kmsg key trust");
    HAS(logged.text, key_text(&s.evil));
    scene_done(&s);
}

TEST(who_answers_with_a_key_that_is_not_trusted_is_not_asked_and_the_error_says_what_to_do)
{
    scene   s;
    outcome o;

    scene_init(&s);
    replace_client(&s, &s.evil, false);
    host_trusts(&s.here, &s.evil, NULL);
    o = answer_to(&s, s.good);
    EQ_INT(o.err, KMSG_EUNTRUSTED);
    HAS(o.words, "kmsg key trust");
    HAS(o.words, key_text(&s.here));
    EQ_INT(s.state.handled, 0);
    scene_done(&s);
}

/* ---- keys that are trusted no more ----------------------------------------------------------- */

static uint64_t losses(const kmsg_peer *peer)
{
    kmsg_peer_facts facts;

    kmsg_peer_info(peer, &facts);
    return facts.losses;
}

TEST(who_is_trusted_no_more_loses_his_connection_and_does_not_come_back)
{
    scene   s;
    outcome o;

    scene_init(&s);
    check_others(&s);
    host_revokes(&s.here, &s.there);
    pass_ms(&s, LOOK_MS);
    MEET(&s, losses(s.good) == 1);
    HAS(logged.text, "there: the trusted file says nothing of it now");
    EQ_UINT(facts_of(s.server).accepted, 0);
    o = answer_to(&s, s.good);
    EQ_INT(o.err, KMSG_EREFUSED);
    EQ_INT(s.state.handled, 1);
    host_trusts(&s.here, &s.there, NULL);
    pass_ms(&s, LOOK_MS);
    check_others(&s);
    scene_done(&s);
}

TEST(whom_we_trust_no_more_is_not_asked_any_more)
{
    scene   s;
    outcome o;

    scene_init(&s);
    check_others(&s);
    host_revokes(&s.there, &s.here);
    pass_ms(&s, LOOK_MS);
    MEET(&s, losses(s.good) == 1);
    o = answer_to(&s, s.good);
    EQ_INT(o.err, KMSG_EUNTRUSTED);
    EQ_INT(s.state.handled, 1);
    host_trusts(&s.there, &s.here, NULL);
    pass_ms(&s, LOOK_MS);
    check_others(&s);
    scene_done(&s);
}

static const char *place_of(const scene *s)
{
    return strchr(kmsg_listener_url(s->state.listener), ':') + 1;
}

/* The key at this address is another one from now on: who is there by his old one is not the one
 * whom we ask. */
TEST(who_is_expected_no_more_where_he_was_dialled_loses_his_connection)
{
    scene   s;
    outcome o;

    scene_init(&s);
    check_others(&s);
    host_trusts(&s.there, &s.evil, place_of(&s));
    pass_ms(&s, LOOK_MS);
    MEET(&s, losses(s.good) == 1);
    HAS(logged.text, "here: the trusted file says something else of it now");
    o = answer_to(&s, s.good);
    EQ_INT(o.err, KMSG_EUNTRUSTED);
    HAS(logged.text, "ITS KEY HAS CHANGED");
    EQ_INT(s.state.handled, 1);
    host_revokes(&s.there, &s.evil);
    pass_ms(&s, LOOK_MS);
    check_others(&s);
    scene_done(&s);
}

/* Who is here already stays: nothing says that he is trusted no more. */
TEST(a_list_with_a_mistake_lets_nobody_in)
{
    scene      s;
    outcome    o;
    kmsg_peer *second;
    FILE      *file;

    scene_init(&s);
    check_others(&s);
    file = fopen(host_path(&s.here, "trusted"), "a");
    fputs("this is no key\n", file);
    fclose(file);
    pass_ms(&s, LOOK_MS);
    check_others(&s);
    OK(kmsg_node_set_reuse(s.node, 0));
    replace_client(&s, &s.there, false);
    second = s.good;
    o = answer_to(&s, second);
    EQ_INT(o.err, KMSG_EREFUSED);
    EQ_INT(s.state.handled, 2);
    HAS(logged.text, "nobody is trusted");
    scene_done(&s);
}

/* ---- another key at a known address ---------------------------------------------------------- */

/* Even somebody who is trusted is not believed to be another one. */
TEST(another_trusted_key_than_the_one_that_is_expected_there_is_refused_loudly)
{
    scene   s;
    outcome o;
    char    at[32];

    scene_init(&s);
    snprintf(at, sizeof at, "127.0.0.1:%u", s.port);
    host_trusts(&s.there, &s.here, at);
    host_trusts(&s.there, &s.evil, NULL);
    host_trusts(&s.evil, &s.there, NULL);
    check_others(&s);
    kmsg_peer_close(s.good);
    MEET(&s, seam.sockets == 1);
    replace_server(&s, &s.evil);
    OK(kmsg_dial(s.node, kmsg_listener_url(s.state.listener), &s.good));
    o = answer_to(&s, s.good);
    EQ_INT(o.err, KMSG_EUNTRUSTED);
    HAS(o.words, "its key has changed");
    HAS(o.words, key_text(&s.here));
    HAS(o.words, key_text(&s.evil));
    HAS(logged.text, "ITS KEY HAS CHANGED");
    EQ_INT(s.state.handled, 0);
    scene_done(&s);
}

TEST(who_is_trusted_at_first_use_is_noted_and_another_key_there_is_refused_loudly)
{
    scene   s;
    outcome o;

    scene_init(&s);
    host_forgets(&s.there);
    replace_client(&s, &s.there, true);
    check_others(&s);
    HAS(logged.text, "trusted from now on");
    HAS(logged.text, key_text(&s.here));
    kmsg_peer_close(s.good);
    MEET(&s, seam.sockets == 1);
    host_trusts(&s.evil, &s.there, NULL);
    replace_server(&s, &s.evil);
    OK(kmsg_dial(s.node, kmsg_listener_url(s.state.listener), &s.good));
    o = answer_to(&s, s.good);
    EQ_INT(o.err, KMSG_EUNTRUSTED);
    HAS(logged.text, "ITS KEY HAS CHANGED");
    EQ_INT(s.state.handled, 0);
    scene_done(&s);
}

TEST(who_was_revoked_is_not_trusted_as_a_first_use)
{
    scene   s;
    outcome o;

    scene_init(&s);
    host_revokes(&s.there, &s.here);
    replace_client(&s, &s.there, true);
    o = answer_to(&s, s.good);
    EQ_INT(o.err, KMSG_EUNTRUSTED);
    HAS(o.words, "was revoked");
    EQ_INT(s.state.handled, 0);
    scene_done(&s);
}

/* A key that was known before is noted too where it is met for the first time: else another one
 * could come there later, for the first time. */
TEST(a_trusted_key_is_noted_at_each_address_when_the_first_use_is_trusted)
{
    scene   s;
    outcome o;

    scene_init(&s);
    replace_client(&s, &s.there, true);
    check_others(&s);
    kmsg_peer_close(s.good);
    MEET(&s, seam.sockets == 1);
    host_trusts(&s.evil, &s.there, NULL);
    replace_server(&s, &s.evil);
    OK(kmsg_dial(s.node, kmsg_listener_url(s.state.listener), &s.good));
    o = answer_to(&s, s.good);
    EQ_INT(o.err, KMSG_EUNTRUSTED);
    HAS(logged.text, "ITS KEY HAS CHANGED");
    EQ_INT(s.state.handled, 0);
    scene_done(&s);
}

TEST(who_comes_is_never_trusted_at_first_use)
{
    scene         s;
    outcome       o;
    kmsg_security options = {.trust_first_use = true, .encrypt_loopback = true};

    scene_init(&s);
    options.folder = s.here.folder;
    OK(kmsg_node_set_security(s.server, &options));
    host_trusts(&s.evil, &s.here, NULL);
    replace_client(&s, &s.evil, false);
    o = answer_to(&s, s.good);
    EQ_INT(o.err, KMSG_EREFUSED);
    EQ_INT(s.state.handled, 0);
    scene_done(&s);
}

/* ---- servers that lie ------------------------------------------------------------------------ */

typedef struct liar {
    scene      s;
    stranger   st;
    int        listener;
    kmsg_peer *lured; /* of s.node: it dials him */
    outcome    o;
} liar;

static bool is_dialled(liar *l)
{
    l->st.fd = accept(l->listener, NULL, NULL);
    return l->st.fd >= 0;
}

/* He has the key of `who`, and is asked. */
static void liar_init(liar *l, size_t who)
{
    char     url[64];
    uint16_t port;

    scene_init(&l->s);
    check_others(&l->s);
    l->listener = tcp_listen(&port);
    snprintf(url, sizeof url, "tcp:127.0.0.1:%u", port);
    OK(kmsg_dial(l->s.node, url, &l->lured));
    stranger_init(&l->st, (const host *)(const void *)((const uint8_t *)&l->s + who), false);
    ask(l->lured, &l->o);
    MEET(&l->s, is_dialled(l));
}

static void liar_done(liar *l)
{
    stranger_done(&l->st);
    kmsg_peer_close(l->lured);
    close(l->listener);
    check_others(&l->s);
    scene_done(&l->s);
}

static size_t second_words(liar *l, uint8_t *ret)
{
    MEET(&l->s, has_to_say(&l->st));
    return stranger_words(&l->st, ret);
}

#define FIRST_SIZE (KMI_CHANNEL_MAGIC_SIZE + KMI_RECORD_HEAD + KMI_DH_SIZE)

TEST(a_server_with_a_key_that_is_not_trusted_does_not_learn_who_dials)
{
    uint8_t words[KMI_CHANNEL_MESSAGE_MAX];
    liar    l;

    liar_init(&l, offsetof(scene, evil));
    stranger_send(&l.st, words, second_words(&l, words));
    MEET(&l.s, l.o.count == 1);
    EQ_INT(l.o.err, KMSG_EUNTRUSTED);
    MEET(&l.s, is_over(&l.st));
    EQ_UINT(l.st.heard, FIRST_SIZE);
    liar_done(&l);
}

TEST(a_server_with_a_key_that_is_not_trusted_is_not_believed_whatever_else_it_says)
{
    uint8_t words[3 * KMI_CHANNEL_MESSAGE_MAX];
    size_t  size;
    liar    l;

    test_seed(31);
    liar_init(&l, offsetof(scene, evil));
    size = second_words(&l, words);
    for (size_t i = 0; i < 100; i++)
        words[size++] = (uint8_t)test_random();
    stranger_send(&l.st, words, size);
    MEET(&l.s, l.o.count == 1);
    EQ_INT(l.o.err, KMSG_EUNTRUSTED);
    liar_done(&l);
}

TEST(a_server_of_another_version_is_told_from_one_that_lies)
{
    liar l;

    liar_init(&l, offsetof(scene, evil));
    stranger_send(&l.st, (const uint8_t *)"KMSG\0s\2", KMI_CHANNEL_MAGIC_SIZE);
    MEET(&l.s, l.o.count == 1);
    EQ_INT(l.o.err, KMSG_EVERSION);
    MEET(&l.s, is_over(&l.st));
    EQ_UINT(l.st.heard, FIRST_SIZE);
    liar_done(&l);
}

/* It has the right key, and an ephemeral one with which the secret would be zeros. */
TEST(a_server_with_an_ephemeral_key_of_low_order_is_not_spoken_to)
{
    uint8_t words[KMI_CHANNEL_MESSAGE_MAX];
    size_t  size;
    liar    l;

    liar_init(&l, offsetof(scene, here));
    size = second_words(&l, words);
    memset(words + KMI_CHANNEL_MAGIC_SIZE + KMI_RECORD_HEAD, 0, KMI_DH_SIZE);
    stranger_send(&l.st, words, size);
    MEET(&l.s, l.o.count == 1);
    EQ_INT(l.o.err, KMSG_EPROTOCOL);
    MEET(&l.s, is_over(&l.st));
    EQ_UINT(l.st.heard, FIRST_SIZE);
    liar_done(&l);
}

/* Anybody can say so, as he can close the connection; and nothing was asked of him. */
TEST(a_server_that_says_it_is_full_is_believed_and_was_asked_nothing)
{
    uint8_t words[KMI_REFUSAL_SIZE];
    liar    l;

    liar_init(&l, offsetof(scene, evil));
    kmi_session_refusal(KMI_REFUSED_COUNT, words);
    stranger_send(&l.st, words, sizeof words);
    MEET(&l.s, l.o.count == 1);
    EQ_INT(l.o.err, KMSG_EOVERLOADED);
    MEET(&l.s, is_over(&l.st));
    EQ_UINT(l.st.heard, FIRST_SIZE);
    liar_done(&l);
}

/* A trusted server, which goes astray once it is asked. */
static void lies_when_open(void (*lie)(stranger *st))
{
    uint8_t   words[KMI_CHANNEL_MESSAGE_MAX];
    kmi_frame frame;
    liar      l;

    liar_init(&l, offsetof(scene, here));
    stranger_send(&l.st, words, second_words(&l, words));
    stranger_send(&l.st, words, second_words(&l, words));
    CHECK(has_opened(&l.st));
    MEET(&l.s, stranger_hears(&l.st, KMI_CALL, &frame));
    lie(&l.st);
    MEET(&l.s, l.o.count == 1);
    EQ_INT(l.o.err, KMSG_ELOST);
    MEET(&l.s, is_over(&l.st));
    liar_done(&l);
}

static void announces_a_gigabyte(stranger *st)
{
    uint8_t   frame[64] = {0}, record[RECORD_ROOM];
    kmi_frame big = {.kind = KMI_ANSWER, .size = KMI_FRAME_MAX + 8};

    kmi_frame_put(frame, &big);
    stranger_send(st, record, stranger_seal(st, frame, sizeof frame, record));
}

static void forges_a_record(stranger *st)
{
    static const uint8_t record[42] = {40};

    stranger_send(st, record, sizeof record);
}

static void answers_in_the_clear(stranger *st)
{
    uint8_t frame[RECORD_ROOM];

    stranger_send(st, frame, stranger_call(frame, 0));
}

TEST(a_trusted_server_that_announces_a_gigabyte_loses_its_connection)
{
    lies_when_open(announces_a_gigabyte);
}

TEST(a_forged_record_from_a_server_loses_its_connection)
{
    lies_when_open(forges_a_record);
}

TEST(a_frame_in_the_clear_from_a_server_loses_its_connection)
{
    lies_when_open(answers_in_the_clear);
}

/* ---- clusters -------------------------------------------------------------------------------- */

TEST(who_is_trusted_and_has_not_the_secret_of_the_cluster_is_not_let_in)
{
    scene   s;
    outcome o;

    scene_hosts(&s);
    host_joins(&s.here, "harbour");
    scene_serve(&s);
    o = answer_to(&s, s.good);
    EQ_INT(o.err, KMSG_EREFUSED);
    HAS(o.words, "cluster");
    EQ_INT(s.state.handled, 0);
    scene_done(&s);
}

/* ---- a forked child -------------------------------------------------------------------------- */

/* In the child; 0: all is well. */
static int look_as_child(scene *s)
{
    static const uint8_t zeros[KMI_DH_SIZE];
    kmi_security        *security = s->node->net.security;
    talk_Note            note = note_of("from the child", 1), back;
    kmsg_arena          *mem = kmsg_arena_new();

    if (memcmp(security->setup.secret, zeros, sizeof zeros) != 0 ||
        memcmp(security->links->channel.talk, zeros, sizeof zeros) != 0)
        return 1;
    if (talk_Talk_echo(s->good, &note, mem, &back) != KMSG_EFORKED)
        return 2;
    kmsg_arena_free(mem);
    kmsg_node_free(s->node);
    kmsg_node_free(s->server);
    return 0;
}

/* Had the child written a byte to the connection, the parent's next record would be out of turn. */
TEST(a_forked_child_finds_no_keys_and_says_nothing_over_its_parents_connections)
{
    scene s;
    pid_t child;
    int   status = -1;

    test_skip_if_emulated("an emulator does not wipe pages when it forks");
    scene_init(&s);
    check_others(&s);
    fflush(stdout);
    child = fork();
    CHECK(child >= 0);
    if (child == 0)
        _exit(look_as_child(&s));
    CHECK(waitpid(child, &status, 0) == child);
    EQ_INT(WIFEXITED(status) ? WEXITSTATUS(status) : -1, 0);
    for (int i = 0; i < 3; i++)
        check_others(&s);
    EQ_UINT(losses(s.good), 0);
    scene_done(&s);
}
