/* attack_test.c -- whoever reaches the port of a node that encrypts, and is not trusted, or does
 * not keep to the handshake: he gets what anybody gets, the magic and the second message at most,
 * the same whatever was wrong, and then a closed connection. Nothing that he asks is seen by a
 * handler, and who is trusted is served before, meanwhile and after.
 *
 * The bytes of the handshake are changed one by one in unit/channel_test.c; here it is a sample of
 * them, over sockets. Who stands between two that trust each other is in attack_middle_test.c.
 */
#define _GNU_SOURCE
#include "fault/attack.h"

/* ---- means ----------------------------------------------------------------------------------- */

/* What anybody hears who says a first message that is good. */
static size_t second_size(scene *s)
{
    uint8_t  words[KMI_CHANNEL_MESSAGE_MAX];
    stranger st;
    size_t   size;

    stranger_init(&st, &s->evil, true);
    st.fd = tcp_connect(s->port, 1);
    stranger_send(&st, words, stranger_words(&st, words));
    MEET(s, has_to_say(&st));
    size = st.heard;
    stranger_done(&st);
    CHECK(size > 0 && size <= SECOND_MAX);
    return size;
}

static void check_unseen(scene *s, int handled)
{
    EQ_INT(s->state.handled, handled);
    CHECK(facts_of(s->server).accepted <= 1);
}

/* He says all of this, and then nothing more. What has he heard when it is over? */
static size_t hear_end(scene *s, stranger *st, const uint8_t *bytes, size_t size)
{
    stranger_send(st, bytes, size);
    settle(s);
    if (!is_over(st))
        pass_ms(s, KMI_HELLO_MS);
    MEET(s, is_over(st));
    return st->heard;
}

/* Connects as `who`, and says what it would say first, or third, after `spoil` was there. */
typedef void spoil_fn(uint8_t *words, size_t *size);

static size_t spoiled(scene *s, const host *who, int message, spoil_fn *spoil)
{
    uint8_t  words[2 * RECORD_ROOM];
    stranger st;
    size_t   size, heard;
    int      before = s->state.handled;

    stranger_init(&st, who, true);
    st.fd = tcp_connect(s->port, 1);
    size = stranger_words(&st, words);
    if (message == 3) {
        stranger_send(&st, words, size);
        MEET(s, has_to_say(&st));
        size = stranger_words(&st, words);
    }
    spoil(words, &size);
    heard = hear_end(s, &st, words, size);
    CHECK(st.channel.state != KMI_CHANNEL_OPEN);
    check_unseen(s, before);
    stranger_done(&st);
    return heard;
}

static void leave_it(uint8_t *words, size_t *size)
{
    (void)words;
    (void)size;
}

/* ---- changed, cut ---------------------------------------------------------------------------- */

static void flip_some(uint8_t *words, size_t *size)
{
    size_t bit = test_random() % (8 * *size);

    test_at("bit %zu", bit);
    words[bit / 8] ^= (uint8_t)(1u << bit % 8);
}

static void cut_some(uint8_t *words, size_t *size)
{
    (void)words;
    *size = test_random() % *size;
    test_at("%zu bytes", *size);
}

static void add_some(uint8_t *words, size_t *size)
{
    for (size_t more = 1 + test_random() % 100; more > 0; more--)
        words[(*size)++] = (uint8_t)test_random();
}

static void spoil_first(spoil_fn *spoil)
{
    scene  s;
    size_t second, heard;

    test_seed(11);
    scene_init(&s);
    check_others(&s);
    second = second_size(&s);
    for (unsigned i = 0; i < test_rounds(40); i++) {
        heard = spoiled(&s, &s.there, 1, spoil);
        CHECK(heard == 0 || heard == KMI_CHANNEL_MAGIC_SIZE || heard == second);
    }
    check_others(&s);
    scene_done(&s);
}

/* The key is one that is trusted: it is the change alone that keeps it out. */
static void spoil_third(spoil_fn *spoil)
{
    scene  s;
    size_t second;

    test_seed(12);
    scene_init(&s);
    check_others(&s);
    second = second_size(&s);
    for (unsigned i = 0; i < test_rounds(40); i++)
        EQ_UINT(spoiled(&s, &s.there, 3, spoil), second);
    check_others(&s);
    scene_done(&s);
}

TEST(a_first_message_with_a_bit_changed_leads_to_a_closed_connection)
{
    spoil_first(flip_some);
}

TEST(a_first_message_that_is_cut_leads_to_a_closed_connection)
{
    spoil_first(cut_some);
}

TEST(a_first_message_with_more_behind_it_leads_to_a_closed_connection)
{
    spoil_first(add_some);
}

TEST(a_third_message_with_a_bit_changed_leads_to_a_closed_connection)
{
    spoil_third(flip_some);
}

TEST(a_third_message_that_is_cut_leads_to_a_closed_connection)
{
    spoil_third(cut_some);
}

TEST(who_goes_through_the_handshake_and_is_trusted_is_answered)
{
    scene     s;
    stranger  st;
    uint8_t   record[RECORD_ROOM];
    kmi_frame frame;

    scene_init(&s);
    stranger_enter(&s, &st, &s.there);
    stranger_send(&st, record, stranger_record(&st, 0, record));
    MEET(&s, stranger_hears(&st, KMI_ANSWER, &frame));
    EQ_INT(s.state.handled, 1);
    stranger_done(&st);
    scene_done(&s);
}

/* ---- no oracle ------------------------------------------------------------------------------- */

/* Whatever is wrong with the third message, or with who says it, is answered alike. */

static void flip_static(uint8_t *words, size_t *size)
{
    (void)size;
    words[KMI_RECORD_HEAD] ^= 1;
}

static void flip_payload(uint8_t *words, size_t *size)
{
    words[*size - 1] ^= 1;
}

static void fill_garbage(uint8_t *words, size_t *size)
{
    for (size_t i = KMI_RECORD_HEAD; i < *size; i++)
        words[i] = (uint8_t)test_random();
}

static void ask_at_once(uint8_t *words, size_t *size)
{
    *size += stranger_call(words + *size, 0);
}

TEST(a_third_message_is_answered_alike_whatever_is_wrong_with_it)
{
    static spoil_fn *const spoils[] = {flip_static, flip_payload, fill_garbage, ask_at_once,
                                       leave_it};
    scene                  s;
    size_t                 second;

    test_seed(13);
    scene_init(&s);
    check_others(&s);
    second = second_size(&s);
    for (size_t i = 0; i < sizeof spoils / sizeof *spoils; i++)
        EQ_UINT(spoiled(&s, &s.evil, 3, spoils[i]), second);
    check_others(&s);
    scene_done(&s);
}

/* Its key is good, and what it says of itself makes no sense. */
TEST(a_hello_that_makes_no_sense_leads_to_a_closed_connection)
{
    static const uint8_t garbage[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
    static const uint8_t fresh[32] = {5};
    scene                s;
    stranger             st;
    uint8_t              words[KMI_CHANNEL_MESSAGE_MAX];
    size_t               second;

    scene_init(&s);
    check_others(&s);
    second = second_size(&s);
    stranger_init(&st, &s.there, true);
    kmi_channel_done(&st.channel);
    CHECK(kmi_channel_init(&st.channel, &st.setup, true, garbage, sizeof garbage, fresh));
    st.fd = tcp_connect(s.port, 1);
    stranger_send(&st, words, stranger_words(&st, words));
    MEET(&s, has_to_say(&st));
    EQ_UINT(hear_end(&s, &st, words, stranger_words(&st, words)), second);
    check_unseen(&s, 1);
    stranger_done(&st);
    check_others(&s);
    scene_done(&s);
}

/* ---- other protocols ------------------------------------------------------------------------- */

static size_t say_first(scene *s, const void *bytes, size_t size)
{
    stranger st;
    size_t   heard;

    stranger_init(&st, &s->evil, true);
    st.fd = tcp_connect(s->port, 1);
    heard = hear_end(s, &st, bytes, size);
    stranger_done(&st);
    return heard;
}

TEST(who_speaks_in_the_clear_to_a_listener_that_encrypts_hears_nothing)
{
    scene                     s;
    uint8_t                   bytes[KMI_PREAMBLE_SIZE + RECORD_ROOM];
    kmi_session               session;
    const kmi_session_options options = {
        .own = {.instance = 1, .message_max = 1 << 20, .credit = 256, .credit_bytes = 1 << 22}};

    scene_init(&s);
    check_others(&s);
    kmi_session_init(&session, &options, 0);
    kmi_session_preamble(&session, bytes);
    EQ_UINT(say_first(&s, bytes, KMI_PREAMBLE_SIZE + stranger_call(bytes + KMI_PREAMBLE_SIZE, 0)),
            0);
    check_unseen(&s, 1);
    HAS(logged.text, "it speaks in the clear");
    check_others(&s);
    scene_done(&s);
}

TEST(who_speaks_another_version_hears_ours_and_no_more)
{
    scene s;

    scene_init(&s);
    check_others(&s);
    EQ_UINT(say_first(&s,
                      "KMSG\0s\2\0"
                      "and so on",
                      17),
            KMI_CHANNEL_MAGIC_SIZE);
    EQ_UINT(say_first(&s,
                      "KMSG\0w\2\0"
                      "and so on",
                      17),
            0);
    EQ_UINT(say_first(&s,
                      "KMSG\0x\1\0"
                      "and so on",
                      17),
            0);
    EQ_UINT(say_first(&s, "GET / HTTP/1.1\r\n\r\n", 18), 0);
    EQ_UINT(say_first(&s, "K", 1), 0);
    EQ_UINT(say_first(&s, "", 0), 0);
    check_others(&s);
    scene_done(&s);
}

/* ---- public keys that are none --------------------------------------------------------------- */

static void low_order_ephemeral(uint8_t *words, size_t *size)
{
    memset(words + *size - KMI_DH_SIZE, 0, KMI_DH_SIZE);
}

TEST(an_ephemeral_key_of_low_order_leads_to_a_closed_connection)
{
    scene s;

    scene_init(&s);
    check_others(&s);
    EQ_UINT(spoiled(&s, &s.there, 1, low_order_ephemeral), 0);
    check_others(&s);
    scene_done(&s);
}

/* By hand, with Noise alone: the static key that it says is all zeros. With that it cannot compute
 * what the others do, so what it seals is not what they open; and they would refuse it before. */
TEST(a_static_key_of_low_order_leads_to_a_closed_connection)
{
    static const char    prologue[] = "KMSG\0s\1\0"
                                      "Noise_XX_25519_ChaChaPoly_BLAKE2b\0"
                                      "\0"
                                      "dials\0"
                                      "accepts";
    static const uint8_t fresh[32] = {3};
    kmi_noise            noise;
    kmi_noise_options    options = {.pattern = "XX",
                                    .hash = KMI_NOISE_BLAKE2B,
                                    .initiator = true,
                                    .prologue = (const uint8_t *)prologue,
                                    .prologue_size = sizeof prologue};
    uint8_t  words[KMI_CHANNEL_MESSAGE_MAX] = "KMSG\0s\1", payload[KMI_CHANNEL_MESSAGE_MAX];
    scene    s;
    stranger st;
    size_t   second;

    scene_init(&s);
    check_others(&s);
    second = second_size(&s);
    stranger_init(&st, &s.evil, true);
    options.secret = s.there.secret;
    options.ephemeral = fresh;
    CHECK(kmi_noise_init(&noise, &options));
    st.fd = tcp_connect(s.port, 1);
    words[KMI_CHANNEL_MAGIC_SIZE] = KMI_DH_SIZE;
    words[KMI_CHANNEL_MAGIC_SIZE + 1] = 0;
    CHECK(kmi_noise_write(&noise, NULL, 0, words + KMI_CHANNEL_MAGIC_SIZE + KMI_RECORD_HEAD));
    stranger_send(&st, words, KMI_CHANNEL_MAGIC_SIZE + KMI_RECORD_HEAD + KMI_DH_SIZE);
    MEET(&s, (stranger_hear(&st), st.size == second));
    CHECK(kmi_noise_read(&noise, st.bytes + KMI_CHANNEL_MAGIC_SIZE + KMI_RECORD_HEAD,
                         second - KMI_CHANNEL_MAGIC_SIZE - KMI_RECORD_HEAD, payload));
    memset(noise.own, 0, sizeof noise.own);
    words[0] = 64 + 24;
    words[1] = 0;
    CHECK(kmi_noise_write(&noise, payload, 24, words + KMI_RECORD_HEAD));
    EQ_UINT(hear_end(&s, &st, words, KMI_RECORD_HEAD + 64 + 24), second);
    kmi_noise_done(&noise);
    stranger_done(&st);
    check_others(&s);
    scene_done(&s);
}

/* ---- clusters -------------------------------------------------------------------------------- */

TEST(who_has_not_the_secret_of_the_cluster_hears_nothing_whoever_he_is)
{
    scene s;

    test_seed(14);
    scene_hosts(&s);
    host_joins(&s.here, "harbour");
    host_copies_cluster(&s.there, &s.here);
    host_joins(&s.evil, "harbour"); /* another secret under its name */
    scene_serve(&s);
    check_others(&s);
    EQ_UINT(spoiled(&s, &s.evil, 1, leave_it), 0);
    s.evil.psk = NULL;
    EQ_UINT(spoiled(&s, &s.evil, 1, leave_it), 0);
    EQ_UINT(say_first(&s,
                      "KMSG\0s\2\0"
                      "and so on",
                      17),
            0);
    check_others(&s);
    scene_done(&s);
}

TEST(who_finds_no_place_in_a_cluster_hears_nothing_either)
{
    scene    s;
    stranger st;

    scene_hosts(&s);
    host_joins(&s.here, "harbour");
    host_copies_cluster(&s.there, &s.here);
    scene_serve(&s);
    check_others(&s);
    OK(kmsg_node_set_connections_max(s.server, 1));
    stranger_init(&st, &s.there, true);
    st.fd = tcp_connect(s.port, 1);
    MEET(&s, is_over(&st));
    EQ_UINT(st.heard, 0);
    EQ_UINT(facts_of(s.server).turned_away, 1);
    stranger_done(&st);
    scene_done(&s);
}

/* ---- said before ----------------------------------------------------------------------------- */

/* Once he heard all that somebody has said who is trusted. He says it again. */
TEST(what_a_trusted_host_has_said_leads_nowhere_when_another_one_says_it)
{
    scene     s;
    stranger  st, evil;
    uint8_t   said[2][KMI_CHANNEL_MESSAGE_MAX], record[RECORD_ROOM];
    size_t    size[3], second;
    kmi_frame frame;

    scene_init(&s);
    second = second_size(&s);
    stranger_init(&st, &s.there, true);
    st.fd = tcp_connect(s.port, 1);
    for (int i = 0; i < 2; i++) {
        MEET(&s, has_to_say(&st));
        size[i] = stranger_words(&st, said[i]);
        stranger_send(&st, said[i], size[i]);
    }
    MEET(&s, has_opened(&st));
    size[2] = stranger_record(&st, 0, record);
    stranger_send(&st, record, size[2]);
    MEET(&s, stranger_hears(&st, KMI_ANSWER, &frame));
    stranger_done(&st);
    EQ_INT(s.state.handled, 1);
    stranger_init(&evil, &s.evil, true);
    evil.fd = tcp_connect(s.port, 1);
    stranger_send(&evil, said[0], size[0]);
    MEET(&s, (stranger_hear(&evil), evil.heard == second));
    stranger_send(&evil, said[1], size[1]);
    EQ_UINT(hear_end(&s, &evil, record, size[2]), second);
    check_unseen(&s, 1);
    stranger_done(&evil);
    check_others(&s);
    scene_done(&s);
}

TEST(what_the_listener_has_said_leads_nowhere_when_it_is_said_back)
{
    scene    s;
    stranger st;
    uint8_t  words[KMI_CHANNEL_MESSAGE_MAX];
    size_t   second;

    scene_init(&s);
    second = second_size(&s);
    stranger_init(&st, &s.evil, true);
    st.fd = tcp_connect(s.port, 1);
    stranger_send(&st, words, stranger_words(&st, words));
    MEET(&s, (stranger_hear(&st), st.heard == second));
    EQ_UINT(hear_end(&s, &st, st.bytes, second), second);
    stranger_done(&st);
    stranger_init(&st, &s.evil, true);
    st.fd = tcp_connect(s.port, 1);
    stranger_send(&st, words, stranger_words(&st, words));
    MEET(&s, (stranger_hear(&st), st.heard == second));
    EQ_UINT(hear_end(&s, &st, st.bytes + KMI_CHANNEL_MAGIC_SIZE, second - KMI_CHANNEL_MAGIC_SIZE),
            second);
    stranger_done(&st);
    check_unseen(&s, 0);
    check_others(&s);
    scene_done(&s);
}

/* ---- a trusted one who goes astray ----------------------------------------------------------- */

/* He is let in, and then says this. */
static void goes_astray(void (*astray)(scene *s, stranger *st), int handled)
{
    scene    s;
    stranger st;

    test_seed(15);
    scene_init(&s);
    check_others(&s);
    stranger_enter(&s, &st, &s.there);
    astray(&s, &st);
    MEET(&s, is_over(&st));
    EQ_INT(s.state.handled, 1 + handled);
    stranger_done(&st);
    check_others(&s);
    scene_done(&s);
}

static void says_twice(scene *s, stranger *st)
{
    uint8_t   record[RECORD_ROOM];
    size_t    size = stranger_record(st, 0, record);
    kmi_frame frame;

    stranger_send(st, record, size);
    MEET(s, stranger_hears(st, KMI_ANSWER, &frame));
    stranger_send(st, record, size);
}

static void leaves_one_out(scene *s, stranger *st)
{
    uint8_t record[RECORD_ROOM];

    (void)s;
    (void)stranger_record(st, 0, record);
    stranger_send(st, record, stranger_record(st, 1, record));
}

static void swaps_two(scene *s, stranger *st)
{
    uint8_t records[2][RECORD_ROOM];
    size_t  first = stranger_record(st, 0, records[0]), second = stranger_record(st, 1, records[1]);

    (void)s;
    stranger_send(st, records[1], second);
    stranger_send(st, records[0], first);
}

static void flips_a_bit(scene *s, stranger *st)
{
    uint8_t record[RECORD_ROOM];
    size_t  size = stranger_record(st, 0, record);

    (void)s;
    record[KMI_RECORD_HEAD + test_random() % (size - KMI_RECORD_HEAD)] ^= 4;
    stranger_send(st, record, size);
}

static void sends_back(scene *s, stranger *st)
{
    uint8_t   record[RECORD_ROOM];
    size_t    before = st->used;
    kmi_frame frame;

    stranger_send(st, record, stranger_record(st, 0, record));
    MEET(s, stranger_hears(st, KMI_ANSWER, &frame));
    stranger_send(st, st->bytes + before, st->used - before);
}

static void says_it_in_the_clear(scene *s, stranger *st)
{
    uint8_t frame[RECORD_ROOM];

    (void)s;
    stranger_send(st, frame, stranger_call(frame, 0));
}

TEST(a_record_that_is_said_twice_is_handled_once_and_ends_the_connection)
{
    goes_astray(says_twice, 1);
}

TEST(a_record_that_is_left_out_ends_the_connection)
{
    goes_astray(leaves_one_out, 0);
}

TEST(two_records_in_the_wrong_order_end_the_connection)
{
    goes_astray(swaps_two, 0);
}

TEST(a_record_with_a_bit_changed_ends_the_connection)
{
    goes_astray(flips_a_bit, 0);
}

TEST(a_record_that_comes_back_ends_the_connection)
{
    goes_astray(sends_back, 1);
}

TEST(a_frame_in_the_clear_ends_an_encrypted_connection)
{
    goes_astray(says_it_in_the_clear, 0);
}

/* ---- sizes ----------------------------------------------------------------------------------- */

static void announce_record(stranger *st, unsigned size)
{
    uint8_t bytes[64] = {(uint8_t)size, (uint8_t)(size >> 8)};

    stranger_send(st, bytes, sizeof bytes);
}

static void says_too_much(scene *s, stranger *st)
{
    (void)s;
    announce_record(st, KMI_RECORD_PLAIN_MAX + KMI_TAG_SIZE + 8);
}

static void says_nothing(scene *s, stranger *st)
{
    uint8_t record[KMI_RECORD_OVERHEAD];

    (void)s;
    stranger_send(st, record, stranger_seal(st, NULL, 0, record));
}

static void says_uneven(scene *s, stranger *st)
{
    (void)s;
    announce_record(st, 41);
}

TEST(a_record_larger_than_any_ends_the_connection)
{
    goes_astray(says_too_much, 0);
}

TEST(an_empty_record_ends_the_connection)
{
    goes_astray(says_nothing, 0);
}

TEST(a_record_of_uneven_size_ends_the_connection)
{
    goes_astray(says_uneven, 0);
}

static void announces_a_gigabyte(scene *s, stranger *st)
{
    uint8_t   frame[RECORD_ROOM], record[RECORD_ROOM];
    kmi_frame big = {
        .kind = KMI_CALL, .size = KMI_FRAME_MAX + 8, .aux = 5000, .target = talk_Talk_service.id};

    (void)s;
    memset(frame, 0, sizeof frame);
    kmi_frame_put(frame, &big);
    stranger_send(st, record, stranger_seal(st, frame, 64, record));
}

TEST(a_frame_larger_than_any_ends_the_connection_of_a_trusted_host)
{
    goes_astray(announces_a_gigabyte, 0);
}
