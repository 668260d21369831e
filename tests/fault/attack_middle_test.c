/* attack_middle_test.c -- somebody stands between two hosts that trust each other, and all that
 * they say goes through his hands: he reads it, changes it, leaves it out, repeats it, puts it
 * elsewhere, cuts the line, or speaks in the place of one of them. He reads no word of it; what he
 * does costs them the connection, and each call is told so once. Nothing is handled that was not
 * asked, nor twice.
 */
#define _GNU_SOURCE
#include "fault/attack.h"

/* ---- the one in the middle ------------------------------------------------------------------- */

enum { CLIENT, SERVER };

typedef struct middle {
    scene      s;
    int        listener;
    kmsg_peer *lured; /* of s.node: it dials him and not the server */
    int        fds[2];
    outcome    o;
    char       events[64]; /* of `lured` */
} middle;

/* One piece of what one of them says: what was written at once. */
typedef struct piece {
    uint8_t bytes[4096];
    size_t  size;
} piece;

static void note_event(void *ctx, kmsg_peer *peer, kmsg_peer_event event, kmsg_err err)
{
    char  *text = ctx;
    size_t size = strlen(text);

    (void)peer;
    snprintf(text + size, 64 - size, "%d(%s) ", (int)event, kmsg_err_name(err));
}

static void middle_init(middle *m)
{
    char     url[64];
    uint16_t port;

    memset(m, 0, sizeof *m);
    scene_init(&m->s);
    m->listener = tcp_listen(&port);
    snprintf(url, sizeof url, "tcp:127.0.0.1:%u", port);
    OK(kmsg_dial(m->s.node, url, &m->lured));
    OK(kmsg_peer_watch(m->lured, m->events, note_event));
    m->fds[CLIENT] = m->fds[SERVER] = -1;
}

static bool has_come(middle *m)
{
    m->fds[CLIENT] = accept(m->listener, NULL, NULL);
    return m->fds[CLIENT] >= 0;
}

static void set_apart(middle *m)
{
    for (int i = 0; i < 2; i++) {
        if (m->fds[i] >= 0)
            close(m->fds[i]);
        m->fds[i] = -1;
    }
}

/* The client asks, dials therefore, and is connected with the server through him. */
static void lure(middle *m)
{
    set_apart(m);
    ask(m->lured, &m->o);
    MEET(&m->s, has_come(m));
    m->fds[SERVER] = tcp_connect(m->s.port, 1);
}

static void middle_done(middle *m)
{
    set_apart(m);
    kmsg_peer_close(m->lured);
    close(m->listener);
    check_others(&m->s);
    scene_done(&m->s);
}

static bool hears(middle *m, int from, piece *p)
{
    ssize_t n = recv(m->fds[from], p->bytes, sizeof p->bytes, MSG_DONTWAIT);

    p->size = n > 0 ? (size_t)n : 0;
    return n > 0;
}

static bool has_hung_up(middle *m, int who)
{
    piece   p;
    ssize_t n = recv(m->fds[who], p.bytes, sizeof p.bytes, MSG_DONTWAIT);

    return n == 0 || (n < 0 && errno != EAGAIN);
}

/* And has said nothing before that. */
static bool has_hung_up_in_silence(middle *m, int who)
{
    piece   p;
    ssize_t n = recv(m->fds[who], p.bytes, sizeof p.bytes, MSG_DONTWAIT);

    CHECK(n <= 0);
    return n == 0 || errno != EAGAIN;
}

static void says(middle *m, int to, const piece *p)
{
    ssize_t n = send(m->fds[to], p->bytes, p->size, MSG_NOSIGNAL);

    CHECK(n == (ssize_t)p->size || (n < 0 && (errno == EPIPE || errno == ECONNRESET)));
}

static void passes(middle *m, int from, piece *p)
{
    MEET(&m->s, hears(m, from, p));
    says(m, !from, p);
}

/* The handshake has four flights, in turn; the client begins. */
enum { FLIGHTS = 4 };

static int speaker(int flight)
{
    return flight % 2 == 0 ? CLIENT : SERVER;
}

static void pass_flights(middle *m, int count, piece said[FLIGHTS])
{
    for (int i = 0; i < count; i++)
        passes(m, speaker(i), &said[i]);
}

/* Both are through: what the client says next is its request. */
static void let_meet(middle *m, piece *ret_request)
{
    piece said[FLIGHTS];

    lure(m);
    pass_flights(m, FLIGHTS, said);
    MEET(&m->s, hears(m, CLIENT, ret_request));
}

/* The call has ended once, with an error; nothing of it was handled, or it was once. */
static void check_ended(middle *m, int handled)
{
    MEET(&m->s, m->o.count == 1);
    CHECK(m->o.err != KMSG_OK);
    EQ_INT(m->s.state.handled, handled);
}

/* ---- who reads along ------------------------------------------------------------------------- */

static void check_reads_nothing(const piece *p)
{
    CHECK(p->size > 0);
    CHECK(!holds(p->bytes, p->size, "a known word", 12));
    CHECK(!holds(p->bytes, p->size, "known", 5));
}

TEST(who_reads_along_reads_no_word_of_it)
{
    middle m;
    piece  said[FLIGHTS], request, answer;

    middle_init(&m);
    lure(&m);
    pass_flights(&m, FLIGHTS, said);
    passes(&m, CLIENT, &request);
    passes(&m, SERVER, &answer);
    MEET(&m.s, m.o.count == 1);
    OK(m.o.err);
    EQ_STR(m.o.text, "a known word");
    for (int i = 0; i < FLIGHTS; i++) {
        check_reads_nothing(&said[i]);
        CHECK(!holds(said[i].bytes, said[i].size, m.s.here.key.bytes, 32));
        CHECK(!holds(said[i].bytes, said[i].size, m.s.there.key.bytes, 32));
    }
    check_reads_nothing(&request);
    check_reads_nothing(&answer);
    middle_done(&m);
}

/* ---- the handshake --------------------------------------------------------------------------- */

/* What is behind the change goes on as long as there is something to pass. */
static void flip_in_flight(middle *m, int flight)
{
    piece  said[FLIGHTS];
    size_t bit;

    lure(m);
    pass_flights(m, flight, said);
    MEET(&m->s, hears(m, speaker(flight), &said[flight]));
    bit = test_random() % (8 * said[flight].size);
    test_at("flight %d, bit %zu", flight, bit);
    said[flight].bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
    says(m, !speaker(flight), &said[flight]);
    settle(&m->s);
    for (int i = 0; i < 2; i++)
        if (hears(m, i, &said[0]))
            says(m, !i, &said[0]);
    pass_ms(&m->s, KMI_HELLO_MS);
    check_ended(m, 0);
    CHECK(facts_of(m->s.server).accepted <= 1);
}

TEST(who_changes_a_bit_of_the_handshake_ends_it_and_no_request_is_seen)
{
    middle m;

    test_seed(21);
    for (int flight = 0; flight < FLIGHTS; flight++)
        for (unsigned i = 0; i < test_rounds(12); i++) {
            middle_init(&m);
            flip_in_flight(&m, flight);
            middle_done(&m);
        }
}

TEST(who_keeps_a_flight_to_himself_ends_the_handshake_and_no_request_is_seen)
{
    middle m;
    piece  said[FLIGHTS];

    for (int flight = 0; flight < FLIGHTS; flight++) {
        test_at("flight %d", flight);
        middle_init(&m);
        lure(&m);
        pass_flights(&m, flight, said);
        MEET(&m.s, hears(&m, speaker(flight), &said[0]));
        pass_ms(&m.s, 2 * KMI_HELLO_MS);
        check_ended(&m, 0);
        middle_done(&m);
    }
}

/* All that the server has said in an earlier connection, records too. */
TEST(who_says_to_the_client_what_the_server_has_said_before_ends_the_handshake)
{
    middle m;
    piece  before[FLIGHTS], request, answer, heard;

    middle_init(&m);
    lure(&m);
    pass_flights(&m, FLIGHTS, before);
    passes(&m, CLIENT, &request);
    passes(&m, SERVER, &answer);
    MEET(&m.s, m.o.count == 1);
    set_apart(&m);
    settle(&m.s);
    ask(m.lured, &m.o);
    MEET(&m.s, has_come(&m));
    MEET(&m.s, hears(&m, CLIENT, &heard));
    EQ_UINT(heard.size, before[0].size);
    CHECK(memcmp(heard.bytes, before[0].bytes, heard.size) != 0);
    says(&m, CLIENT, &before[1]);
    says(&m, CLIENT, &before[3]);
    says(&m, CLIENT, &answer);
    check_ended(&m, 1);
    CHECK(has_hung_up(&m, CLIENT));
    middle_done(&m);
}

TEST(who_says_to_the_client_what_it_has_said_itself_ends_the_handshake)
{
    middle m;
    piece  heard;

    middle_init(&m);
    ask(m.lured, &m.o);
    MEET(&m.s, has_come(&m));
    MEET(&m.s, hears(&m, CLIENT, &heard));
    says(&m, CLIENT, &heard);
    check_ended(&m, 0);
    MEET(&m.s, has_hung_up(&m, CLIENT));
    middle_done(&m);
}

/* ---- the way down ---------------------------------------------------------------------------- */

/* He answers as who speaks in the clear; the client hears that, and says nothing more. */
TEST(who_answers_in_the_clear_is_not_spoken_to)
{
    static const kmi_session_options options = {
        .own = {.instance = 1, .message_max = 1 << 20, .credit = 256, .credit_bytes = 1 << 22}};
    kmi_session session;
    middle      m;
    piece       heard, hello = {.size = KMI_PREAMBLE_SIZE};

    middle_init(&m);
    kmi_session_init(&session, &options, 0);
    kmi_session_preamble(&session, hello.bytes);
    ask(m.lured, &m.o);
    MEET(&m.s, has_come(&m));
    MEET(&m.s, hears(&m, CLIENT, &heard));
    says(&m, CLIENT, &hello);
    check_ended(&m, 0);
    EQ_INT(m.o.err, KMSG_EPROTOCOL);
    HAS(m.o.words, "does not encrypt");
    CHECK(has_hung_up(&m, CLIENT));
    middle_done(&m);
}

/* He lets both believe that the other one speaks in the clear. */
TEST(who_takes_the_encryption_off_gets_nothing_from_either)
{
    static const kmi_session_options options = {
        .own = {.instance = 1, .message_max = 1 << 20, .credit = 256, .credit_bytes = 1 << 22}};
    kmi_session session;
    middle      m;
    piece       heard, hello = {.size = KMI_PREAMBLE_SIZE};

    middle_init(&m);
    kmi_session_init(&session, &options, 0);
    kmi_session_preamble(&session, hello.bytes);
    lure(&m);
    MEET(&m.s, hears(&m, CLIENT, &heard));
    says(&m, SERVER, &hello);
    MEET(&m.s, has_hung_up_in_silence(&m, SERVER));
    says(&m, CLIENT, &hello);
    check_ended(&m, 0);
    CHECK(has_hung_up(&m, CLIENT));
    middle_done(&m);
}

/* ---- records --------------------------------------------------------------------------------- */

TEST(who_changes_a_bit_of_a_request_ends_the_connection_and_it_is_not_handled)
{
    middle m;
    piece  request;

    test_seed(22);
    for (unsigned i = 0; i < test_rounds(20); i++) {
        middle_init(&m);
        let_meet(&m, &request);
        request.bytes[KMI_RECORD_HEAD + test_random() % (request.size - KMI_RECORD_HEAD)] ^= 1;
        says(&m, SERVER, &request);
        MEET(&m.s, has_hung_up(&m, SERVER));
        set_apart(&m);
        check_ended(&m, 0);
        EQ_INT(m.o.err, KMSG_ELOST);
        middle_done(&m);
    }
}

TEST(who_changes_a_bit_of_an_answer_ends_the_connection_and_the_call_is_lost)
{
    middle m;
    piece  request, answer;

    test_seed(23);
    for (unsigned i = 0; i < test_rounds(20); i++) {
        middle_init(&m);
        let_meet(&m, &request);
        says(&m, SERVER, &request);
        MEET(&m.s, hears(&m, SERVER, &answer));
        answer.bytes[KMI_RECORD_HEAD + test_random() % (answer.size - KMI_RECORD_HEAD)] ^= 1;
        says(&m, CLIENT, &answer);
        check_ended(&m, 1);
        EQ_INT(m.o.err, KMSG_ELOST);
        CHECK(has_hung_up(&m, CLIENT));
        middle_done(&m);
    }
}

TEST(a_request_that_is_said_twice_is_handled_once)
{
    middle m;
    piece  request, answer;

    middle_init(&m);
    let_meet(&m, &request);
    says(&m, SERVER, &request);
    passes(&m, SERVER, &answer);
    MEET(&m.s, m.o.count == 1);
    OK(m.o.err);
    says(&m, SERVER, &request);
    MEET(&m.s, has_hung_up(&m, SERVER));
    EQ_INT(m.s.state.handled, 1);
    middle_done(&m);
}

TEST(a_request_that_is_left_out_is_noticed_with_the_next_one)
{
    middle  m;
    piece   first, second;
    outcome o;

    middle_init(&m);
    let_meet(&m, &first);
    ask(m.lured, &o);
    MEET(&m.s, hears(&m, CLIENT, &second));
    says(&m, SERVER, &second);
    MEET(&m.s, has_hung_up(&m, SERVER));
    set_apart(&m);
    check_ended(&m, 0);
    EQ_INT(o.count, 1);
    EQ_INT(o.err, KMSG_ELOST);
    middle_done(&m);
}

TEST(requests_in_another_order_are_not_handled)
{
    middle  m;
    piece   first, second;
    outcome o;

    middle_init(&m);
    let_meet(&m, &first);
    ask(m.lured, &o);
    MEET(&m.s, hears(&m, CLIENT, &second));
    says(&m, SERVER, &second);
    says(&m, SERVER, &first);
    MEET(&m.s, has_hung_up(&m, SERVER));
    EQ_INT(m.s.state.handled, 0);
    middle_done(&m);
}

TEST(a_request_that_comes_back_is_not_taken_for_an_answer)
{
    middle m;
    piece  request;

    middle_init(&m);
    let_meet(&m, &request);
    says(&m, CLIENT, &request);
    check_ended(&m, 0);
    EQ_INT(m.o.err, KMSG_ELOST);
    CHECK(has_hung_up(&m, CLIENT));
    middle_done(&m);
}

TEST(a_record_of_one_connection_is_nothing_in_another_one_of_the_same_two)
{
    middle m;
    piece  request, other;

    middle_init(&m);
    let_meet(&m, &request);
    set_apart(&m);
    check_ended(&m, 0);
    let_meet(&m, &other);
    says(&m, SERVER, &request);
    MEET(&m.s, has_hung_up(&m, SERVER));
    EQ_INT(m.s.state.handled, 0);
    middle_done(&m);
}

/* He knows where the request begins, and nothing more: it is put in front of the real one. */
TEST(a_record_that_he_makes_up_is_not_handled)
{
    middle m;
    piece  request, forged = {.size = 42};

    middle_init(&m);
    let_meet(&m, &request);
    forged.bytes[0] = 40;
    says(&m, SERVER, &forged);
    says(&m, SERVER, &request);
    MEET(&m.s, has_hung_up(&m, SERVER));
    EQ_INT(m.s.state.handled, 0);
    middle_done(&m);
}

/* ---- the end --------------------------------------------------------------------------------- */

/* An end of the stream that nobody has said is no orderly one: else whoever cuts the line could
 * make it look so. */
TEST(who_cuts_the_line_in_good_order_is_found_out_by_both)
{
    middle m;
    piece  request, answer;
    char   there[64] = "";

    middle_init(&m);
    check_others(&m.s);
    kmsg_node_watch(m.s.server, there, note_event);
    let_meet(&m, &request);
    says(&m, SERVER, &request);
    passes(&m, SERVER, &answer);
    MEET(&m.s, m.o.count == 1);
    OK(m.o.err);
    EQ_INT(shutdown(m.fds[CLIENT], SHUT_WR), 0);
    EQ_INT(shutdown(m.fds[SERVER], SHUT_WR), 0);
    MEET(&m.s, strstr(m.events, "ELOST") != NULL && strstr(there, "ELOST") != NULL);
    CHECK(strstr(m.events, "ECLOSED") == NULL);
    CHECK(strstr(there, "ECLOSED") == NULL);
    kmsg_node_watch(m.s.server, NULL, NULL);
    middle_done(&m);
}

TEST(a_call_is_lost_when_the_line_is_cut_in_good_order)
{
    middle m;
    piece  request;

    middle_init(&m);
    let_meet(&m, &request);
    says(&m, SERVER, &request);
    MEET(&m.s, m.s.state.handled == 1);
    EQ_INT(shutdown(m.fds[CLIENT], SHUT_WR), 0);
    check_ended(&m, 1);
    EQ_INT(m.o.err, KMSG_ELOST);
    middle_done(&m);
}
