/* channel_test.c -- the handshake of an encrypted connection, and somebody on the way who changes,
 * cuts, repeats, reflects or makes up what is said. crypto/channel.c has the code, without I/O;
 * channel_records_test.c what comes behind the handshake, fault/attack_test.c the same over
 * sockets.
 */
#include "unit/channels.h"

#include "wire/frame.h"

/* ---- an honest one --------------------------------------------------------------------------- */

static void honest(bool with_psk, size_t says, size_t hears, flight said[FLIGHTS])
{
    duo d;

    duo_init(&d, with_psk, 1);
    for (int i = 0; i < FLIGHTS; i++) {
        side *from = speaker(&d, i), *to = listener(&d, i);
        side_says(from, &said[i], says);
        EQ_UINT(side_hears(to, said[i].bytes, said[i].size, hears), said[i].size);
    }
    for (int i = 0; i < 2; i++) {
        CHECK(is_open(&d.sides[i]));
        EQ_INT(d.sides[i].judged, 1);
        EQ_MEM(d.sides[i].channel.their_key.bytes, 32, d.sides[!i].key.bytes, 32);
        EQ_UINT(kmi_channel_wants(&d.sides[i].channel), 0);
    }
    duo_done(&d);
}

static void chunked(bool with_psk)
{
    flight said[FLIGHTS], whole[FLIGHTS];

    honest(with_psk, SIZE_MAX, SIZE_MAX, whole);
    for (size_t chunk = 1; chunk < 200; chunk += chunk < 12 ? 1 : 17) {
        honest(with_psk, chunk, SIZE_MAX, said);
        honest(with_psk, SIZE_MAX, chunk, said);
        for (int i = 0; i < FLIGHTS; i++)
            EQ_MEM(said[i].bytes, said[i].size, whole[i].bytes, whole[i].size);
    }
}

TEST(a_handshake_is_the_same_in_pieces_of_any_size)
{
    chunked(false);
    chunked(true);
}

TEST(each_side_is_shown_the_hello_of_the_other_when_it_is_to_judge)
{
    flight         said[FLIGHTS];
    duo            d;
    size_t         size;
    const uint8_t *hello;

    duo_init(&d, false, 1);
    duo_talk(&d, 1, said);
    side_says(&d.sides[ACCEPTS], &said[1], SIZE_MAX);
    for (size_t at = 0, n; at < said[1].size; at += n) {
        n = kmi_channel_wants(&d.sides[DIALS].channel);
        kmi_channel_hear(&d.sides[DIALS].channel, said[1].bytes + at, n);
    }
    CHECK(d.sides[DIALS].channel.state == KMI_CHANNEL_JUDGE);
    EQ_UINT(kmi_channel_wants(&d.sides[DIALS].channel), 0);
    hello = kmi_channel_hello(&d.sides[DIALS].channel, &size);
    EQ_MEM(hello, size, hellos[ACCEPTS], strlen(hellos[ACCEPTS]));
    duo_done(&d);
}

/* Its key, its hello, and whether it goes on at all are for who proves to have the other key. */
TEST(who_dials_says_nothing_of_itself_before_it_has_judged)
{
    flight said[FLIGHTS], other[FLIGHTS];
    duo    d;

    honest(false, SIZE_MAX, SIZE_MAX, said);
    duo_make(&d, false, 1);
    memset(d.sides[DIALS].secret, 0x55, KMI_DH_SIZE); /* somebody else dials */
    duo_begin(&d);
    side_says(&d.sides[DIALS], &other[0], SIZE_MAX);
    EQ_MEM(other[0].bytes, other[0].size, said[0].bytes, said[0].size);
    EQ_UINT(said[0].size, KMI_CHANNEL_MAGIC_SIZE + KMI_RECORD_HEAD + KMI_DH_SIZE);
    duo_done(&d);
}

/* ---- changed --------------------------------------------------------------------------------- */

/* Who was lied to, or who would be the next to notice, neither judges nor opens. */
static void check_stopped(const duo *d, int lie)
{
    const side *dials = &d->sides[DIALS], *accepts = &d->sides[ACCEPTS];

    CHECK(!is_open(dials));
    EQ_INT(dials->judged, lie > 1);
    EQ_INT(accepts->judged, lie > 2);
}

/* The flights from `lie` on, which is changed already; each side hears what the other still says.
 */
static void go_on(duo *d, int lie, flight *changed)
{
    for (int i = lie; i < FLIGHTS; i++) {
        if (i > lie)
            side_says(speaker(d, i), changed, SIZE_MAX);
        if (changed->size == 0)
            return;
        (void)side_hears(listener(d, i), changed->bytes, changed->size, SIZE_MAX);
    }
}

static void flip(bool with_psk, int lie, size_t bit)
{
    flight said[FLIGHTS];
    duo    d;

    test_at("flight %d, bit %zu", lie, bit);
    duo_init(&d, with_psk, 1);
    duo_talk(&d, lie, said);
    side_says(speaker(&d, lie), &said[lie], SIZE_MAX);
    said[lie].bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
    go_on(&d, lie, &said[lie]);
    check_stopped(&d, lie);
    duo_done(&d);
}

static void flip_all(bool with_psk)
{
    flight said[FLIGHTS];

    honest(with_psk, SIZE_MAX, SIZE_MAX, said);
    for (int lie = 0; lie < FLIGHTS; lie++)
        for (size_t bit = 0; bit < 8 * said[lie].size; bit++)
            flip(with_psk, lie, bit);
}

TEST(no_bit_of_a_handshake_can_be_changed)
{
    flip_all(false);
}

TEST(no_bit_of_a_handshake_with_a_cluster_secret_can_be_changed)
{
    flip_all(true);
}

/* Without the secret of the cluster nobody hears a word. */
TEST(a_first_message_with_any_bit_changed_is_not_answered_in_a_cluster)
{
    flight honest_said[FLIGHTS], said[FLIGHTS];
    duo    d;

    honest(true, SIZE_MAX, SIZE_MAX, honest_said);
    for (size_t bit = 0; bit < 8 * honest_said[0].size; bit++) {
        test_at("bit %zu", bit);
        duo_init(&d, true, 1);
        side_says(&d.sides[DIALS], &said[0], SIZE_MAX);
        said[0].bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
        (void)side_hears(&d.sides[ACCEPTS], said[0].bytes, said[0].size, SIZE_MAX);
        side_says(&d.sides[ACCEPTS], &said[1], SIZE_MAX);
        EQ_UINT(said[1].size, 0);
        duo_done(&d);
    }
}

static void cut(bool with_psk, int lie, size_t size)
{
    flight said[FLIGHTS], more;
    duo    d;
    side  *to;

    test_at("flight %d, %zu bytes", lie, size);
    duo_init(&d, with_psk, 1);
    duo_talk(&d, lie, said);
    to = listener(&d, lie);
    side_says(speaker(&d, lie), &said[lie], SIZE_MAX);
    EQ_UINT(side_hears(to, said[lie].bytes, size, SIZE_MAX), size);
    CHECK(to->channel.state == KMI_CHANNEL_SHAKING);
    CHECK(kmi_channel_wants(&to->channel) > 0);
    side_says(to, &more, SIZE_MAX);
    EQ_UINT(more.size, 0);
    check_stopped(&d, lie);
    duo_done(&d);
}

TEST(a_message_that_is_cut_anywhere_is_waited_for_in_silence)
{
    flight said[FLIGHTS];

    for (int with_psk = 0; with_psk < 2; with_psk++) {
        honest(with_psk, SIZE_MAX, SIZE_MAX, said);
        for (int lie = 0; lie < FLIGHTS; lie++)
            for (size_t size = 0; size < said[lie].size; size++)
                cut(with_psk, lie, size);
    }
}

/* ---- messages of impossible sizes ------------------------------------------------------------ */

static void resize(bool with_psk, int lie, unsigned size)
{
    static const unsigned heads[FLIGHTS] = {KMI_CHANNEL_MAGIC_SIZE, KMI_CHANNEL_MAGIC_SIZE, 0, 0};
    flight                said[FLIGHTS];
    duo                   d;

    test_at("flight %d, of %u bytes", lie, size);
    duo_init(&d, with_psk, 1);
    duo_talk(&d, lie, said);
    side_says(speaker(&d, lie), &said[lie], SIZE_MAX);
    said[lie].bytes[heads[lie]] = (uint8_t)size;
    said[lie].bytes[heads[lie] + 1] = (uint8_t)(size >> 8);
    (void)side_hears(listener(&d, lie), said[lie].bytes, heads[lie] + KMI_RECORD_HEAD, SIZE_MAX);
    CHECK(is_over_in_silence(listener(&d, lie)));
    EQ_INT(listener(&d, lie)->channel.err, KMSG_EPROTOCOL);
    check_stopped(&d, lie);
    duo_done(&d);
}

TEST(a_message_of_impossible_size_is_refused_before_it_is_read)
{
    static const unsigned sizes[] = {0, 1, 31, KMI_CHANNEL_MESSAGE_MAX + 1, 0x7fff, 0xffff};
    static const unsigned overheads[2][3] = {{32, 96, 64}, {48, 96, 64}};

    for (int with_psk = 0; with_psk < 2; with_psk++)
        for (int lie = 0; lie < WELCOME; lie++) {
            for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
                resize(with_psk, lie, sizes[i]);
            resize(with_psk, lie, overheads[with_psk][lie] - 1);
        }
}

TEST(a_first_message_with_a_payload_is_refused)
{
    flight said;
    duo    d;

    duo_init(&d, false, 1);
    side_says(&d.sides[DIALS], &said, SIZE_MAX);
    said.bytes[KMI_CHANNEL_MAGIC_SIZE]++;
    said.bytes[said.size++] = 0;
    (void)side_hears(&d.sides[ACCEPTS], said.bytes, said.size, SIZE_MAX);
    CHECK(is_over_in_silence(&d.sides[ACCEPTS]));
    duo_done(&d);
}

/* ---- said at another time, or by another one ------------------------------------------------- */

/* What was said in an earlier connection, flight by flight; the victim has new ephemeral keys. */
static void replay(bool with_psk, int at, int what)
{
    flight before[FLIGHTS], said[FLIGHTS];
    duo    old, d;

    test_at("flight %d in the place of %d", what, at);
    duo_init(&old, with_psk, 1);
    duo_talk(&old, FLIGHTS, before);
    duo_done(&old);
    duo_init(&d, with_psk, 2);
    duo_talk(&d, at, said);
    (void)side_hears(listener(&d, at), before[what].bytes, before[what].size, SIZE_MAX);
    side_says(listener(&d, at), &said[at], SIZE_MAX);
    CHECK(said[at].size == 0 || (at == 0 && what == 0));
    check_stopped(&d, at);
    if (at == 0 && what == 0) { /* a first message may be anybody's: it leads to nothing */
        (void)side_hears(&d.sides[ACCEPTS], before[2].bytes, before[2].size, SIZE_MAX);
        CHECK(is_over_in_silence(&d.sides[ACCEPTS]));
        check_stopped(&d, 2 - 1);
    }
    duo_done(&d);
}

TEST(what_was_said_in_another_connection_leads_nowhere_in_any_place)
{
    for (int with_psk = 0; with_psk < 2; with_psk++)
        for (int at = 0; at < FLIGHTS; at++)
            for (int what = 0; what < FLIGHTS; what++)
                replay(with_psk, at, what);
}

/* In the same connection: who listens gets back what it has said itself, or what it has heard. */
static void repeat(int at, int what)
{
    flight said[FLIGHTS];
    duo    d;

    test_at("flight %d again, in the place of %d", what, at);
    duo_init(&d, false, 1);
    duo_talk(&d, at, said);
    (void)side_hears(listener(&d, at), said[what].bytes, said[what].size, SIZE_MAX);
    side_says(listener(&d, at), &said[at], SIZE_MAX);
    EQ_UINT(said[at].size, 0);
    check_stopped(&d, at);
    duo_done(&d);
}

TEST(what_was_said_in_this_connection_leads_nowhere_when_it_comes_again_or_comes_back)
{
    for (int at = 1; at < FLIGHTS; at++)
        for (int what = 0; what < at; what++)
            repeat(at, what);
}

TEST(two_that_dial_each_other_over_one_connection_find_it_out)
{
    flight said[2];
    duo    a, b;

    duo_init(&a, false, 1);
    duo_init(&b, false, 2);
    side_says(&a.sides[DIALS], &said[0], SIZE_MAX);
    side_says(&b.sides[DIALS], &said[1], SIZE_MAX);
    (void)side_hears(&a.sides[DIALS], said[1].bytes, said[1].size, SIZE_MAX);
    (void)side_hears(&b.sides[DIALS], said[0].bytes, said[0].size, SIZE_MAX);
    CHECK(is_over_in_silence(&a.sides[DIALS]));
    CHECK(is_over_in_silence(&b.sides[DIALS]));
    duo_done(&a);
    duo_done(&b);
}

/* ---- who is not what he should be ------------------------------------------------------------ */

/* The flights that were answered before it ended. */
static int disagree(duo *d)
{
    flight said;
    int    heard = 0;

    for (int i = 0; i < FLIGHTS; i++) {
        side_says(speaker(d, i), &said, SIZE_MAX);
        if (said.size == 0)
            break;
        heard++;
        (void)side_hears(listener(d, i), said.bytes, said.size, SIZE_MAX);
    }
    CHECK(!is_open(&d->sides[DIALS]));
    EQ_INT(d->sides[DIALS].judged, 0);
    EQ_INT(d->sides[ACCEPTS].judged, 0);
    duo_done(d);
    return heard;
}

TEST(another_cluster_secret_is_answered_with_silence)
{
    duo d;

    duo_make(&d, true, 1);
    d.sides[DIALS].psk[31] ^= 1;
    duo_begin(&d);
    EQ_INT(disagree(&d), 1);
}

TEST(the_same_secret_under_another_name_is_answered_with_silence)
{
    static const char *const names[] = {"", "harbou", "harbour2", "Harbour"};
    duo                      d;

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        duo_make(&d, true, 1);
        d.sides[DIALS].setup.cluster = names[i];
        duo_begin(&d);
        EQ_INT(disagree(&d), 1);
    }
}

TEST(who_has_no_cluster_secret_is_answered_with_silence)
{
    duo d;

    duo_make(&d, true, 1);
    d.sides[DIALS].setup.psk = NULL;
    duo_begin(&d);
    EQ_INT(disagree(&d), 1);
}

TEST(who_has_a_cluster_secret_does_not_speak_with_who_has_none)
{
    duo d;

    duo_make(&d, true, 1);
    d.sides[ACCEPTS].setup.psk = NULL;
    duo_begin(&d);
    EQ_INT(disagree(&d), 1);
}

TEST(another_prologue_ends_at_the_second_message)
{
    duo d;

    duo_make(&d, false, 1);
    d.sides[DIALS].setup.cluster = "x";
    duo_begin(&d);
    EQ_INT(disagree(&d), 2);
}

/* Of libsodium's list: with these as public keys the shared secret is all zeros. */
static const uint8_t low_order[][KMI_DH_SIZE] = {
    {0},
    {1},
    {0xe0, 0xeb, 0x7a, 0x7c, 0x3b, 0x41, 0xb8, 0xae, 0x16, 0x56, 0xe3,
     0xfa, 0xf1, 0x9f, 0xc4, 0x6a, 0xda, 0x09, 0x8d, 0xeb, 0x9c, 0x32,
     0xb1, 0xfd, 0x86, 0x62, 0x05, 0x16, 0x5f, 0x49, 0xb8, 0x00},
    {0x5f, 0x9c, 0x95, 0xbc, 0xa3, 0x50, 0x8c, 0x24, 0xb1, 0xd0, 0xb1,
     0x55, 0x9c, 0x83, 0xef, 0x5b, 0x04, 0x44, 0x5c, 0xc4, 0x58, 0x1c,
     0x8e, 0x86, 0xd8, 0x22, 0x4e, 0xdd, 0xd0, 0x9f, 0x11, 0x57},
};

TEST(an_ephemeral_key_of_low_order_is_answered_with_silence)
{
    flight said;
    duo    d;

    for (size_t i = 0; i < sizeof low_order / sizeof *low_order; i++) {
        duo_init(&d, false, 1);
        side_says(&d.sides[DIALS], &said, SIZE_MAX);
        memcpy(said.bytes + said.size - KMI_DH_SIZE, low_order[i], KMI_DH_SIZE);
        (void)side_hears(&d.sides[ACCEPTS], said.bytes, said.size, SIZE_MAX);
        CHECK(is_over_in_silence(&d.sides[ACCEPTS]));
        duo_done(&d);
    }
}

/* ---- other protocols ------------------------------------------------------------------------- */

static void greet(int who, const char bytes[KMI_CHANNEL_MAGIC_SIZE], flight *answer, kmsg_err err)
{
    flight said;
    duo    d;

    duo_init(&d, false, 1);
    side_says(&d.sides[DIALS], &said, SIZE_MAX);
    EQ_UINT(side_hears(&d.sides[who], (const uint8_t *)bytes, KMI_CHANNEL_MAGIC_SIZE, SIZE_MAX),
            KMI_CHANNEL_MAGIC_SIZE);
    EQ_INT(d.sides[who].channel.err, err);
    side_says(&d.sides[who], answer, SIZE_MAX);
    EQ_UINT(kmi_channel_wants(&d.sides[who].channel), err == KMSG_OK ? 16 : 0);
    duo_done(&d);
}

TEST(who_speaks_another_protocol_is_answered_with_silence)
{
    static const char *const greetings[] = {"GET / HT", "SSH-2.0-", "KMSG\0x\1", "KMSG\0s\1\1",
                                            "\x16\3\1\2\0\1\0\1"};
    flight                   answer;

    for (int who = 0; who < 2; who++)
        for (size_t i = 0; i < sizeof greetings / sizeof *greetings; i++) {
            greet(who, greetings[i], &answer, KMSG_EPROTOCOL);
            EQ_UINT(answer.size, 0);
        }
    greet(ACCEPTS, "KMSG\0w\1", &answer, KMSG_EPROTOCOL);
    EQ_UINT(answer.size, 0);
}

TEST(another_version_is_told_ours_by_who_accepts_and_no_more)
{
    flight answer;

    greet(ACCEPTS, "KMSG\0s\2", &answer, KMSG_EVERSION);
    EQ_MEM(answer.bytes, answer.size, "KMSG\0s\1", KMI_CHANNEL_MAGIC_SIZE);
    greet(DIALS, "KMSG\0s\2", &answer, KMSG_EVERSION);
    EQ_UINT(answer.size, 0);
}

/* Who is full says so in the clear, before he has read anything. Whatever else he says is no. */
TEST(an_answer_in_the_clear_is_a_refusal_or_nothing)
{
    static const uint8_t bye[] = {'K', 'M', 'S', 'G', 0, 'w', 1, 0, 16, 0, 0, 0,
                                  10,  0,   0,   0,   1, 0,   0, 0, 0,  0, 0, 0};
    flight               said;
    uint8_t              hello[sizeof bye];
    duo                  d;

    greet(DIALS, "KMSG\0w\1", &said, KMSG_OK);
    for (int is_bye = 0; is_bye < 2; is_bye++) {
        memcpy(hello, bye, sizeof hello);
        hello[12] = is_bye ? KMI_BYE : KMI_HELLO;
        duo_init(&d, false, 1);
        side_says(&d.sides[DIALS], &said, SIZE_MAX);
        EQ_UINT(side_hears(&d.sides[DIALS], hello, sizeof hello, 5), sizeof hello);
        CHECK(is_over_in_silence(&d.sides[DIALS]));
        EQ_INT(d.sides[DIALS].channel.err, is_bye ? KMSG_EOVERLOADED : KMSG_EPROTOCOL);
        duo_done(&d);
    }
}

/* ---- the welcome ----------------------------------------------------------------------------- */

TEST(a_welcome_that_is_a_record_with_something_in_it_is_none)
{
    uint8_t record[8 + KMI_RECORD_OVERHEAD] = {0}, nothing[8] = {0};
    flight  said[FLIGHTS];
    duo     d;

    duo_init(&d, false, 1);
    duo_talk(&d, WELCOME, said);
    CHECK(kmi_channel_seal(&d.sides[ACCEPTS].channel, nothing, sizeof nothing, record));
    (void)side_hears(&d.sides[DIALS], record, sizeof record, SIZE_MAX);
    CHECK(is_over_in_silence(&d.sides[DIALS]));
    CHECK(!is_open(&d.sides[DIALS]));
    duo_done(&d);
}
