/* noise_hostile_test.c -- what Noise does not take: messages that somebody has changed, cut, or
 * sent out of turn, keys that are no keys, and nonces that are used up.
 */
#include "handshake.h"

#include <sodium.h>

#define SHAKEN 3u /* messages of XX and XXpsk0 */

typedef struct pair {
    kmi_noise noise[2];
    bytes     messages[SHAKEN];
} pair;

static void begin_both(const vector *v, pair *p)
{
    begin_side(v, INITIATOR, &p->noise[INITIATOR]);
    begin_side(v, RESPONDER, &p->noise[RESPONDER]);
}

static int writer_of(size_t message)
{
    return message % 2 == 0 ? INITIATOR : RESPONDER;
}

/* The next message of a handshake, written but not yet read. */
static void write_next(const vector *v, pair *p, size_t message)
{
    kmi_noise   *from = &p->noise[writer_of(message)];
    const bytes *payload = &v->messages[message].payload;
    bytes       *m = &p->messages[message];

    m->size = payload->size + kmi_noise_overhead(from);
    CHECK(kmi_noise_write(from, payload->data, payload->size, m->data));
}

static bool read_it(kmi_noise *to, const uint8_t *message, size_t size)
{
    uint8_t plain[MESSAGE_MAX];

    return kmi_noise_read(to, message, size, plain);
}

static void read_next(pair *p, size_t message)
{
    CHECK(read_it(&p->noise[!writer_of(message)], p->messages[message].data,
                  p->messages[message].size));
}

/* Up to that message, which is written but not read. */
static void play_up_to(const vector *v, pair *p, size_t message)
{
    begin_both(v, p);
    for (size_t i = 0; i < message; i++) {
        write_next(v, p, i);
        read_next(p, i);
    }
    write_next(v, p, message);
}

static void is_dead(kmi_noise *n)
{
    uint8_t room[MESSAGE_MAX] = {0};

    CHECK(!kmi_noise_is_over(n) && !kmi_noise_writes_next(n));
    EQ_UINT(kmi_noise_overhead(n), 0);
    CHECK(!kmi_noise_write(n, NULL, 0, room));
    CHECK(!kmi_noise_read(n, room, 200, room + 200));
}

/* ---- messages that were changed -------------------------------------------------------------- */

/* A first message without a psk proves nothing: who wrote it finds out. */
static void fails_at_the_latest_at_the_answer(const vector *v, const pair *at,
                                              const uint8_t *changed, size_t size)
{
    pair    p = *at;
    uint8_t answer[MESSAGE_MAX];

    if (!read_it(&p.noise[RESPONDER], changed, size)) {
        is_dead(&p.noise[RESPONDER]);
        return;
    }
    CHECK(v->sides[RESPONDER].psk.size == 0);
    CHECK(kmi_noise_write(&p.noise[RESPONDER], NULL, 0, answer));
    CHECK(!read_it(&p.noise[INITIATOR], answer, KMI_DH_SIZE + 48 + 16));
    is_dead(&p.noise[INITIATOR]);
}

static void fails(const vector *v, const pair *at, size_t message, const uint8_t *changed,
                  size_t size)
{
    kmi_noise reader = at->noise[!writer_of(message)];

    test_at("%s, message %zu, %zu bytes", v->pattern, message, size);
    if (message == 0) {
        fails_at_the_latest_at_the_answer(v, at, changed, size);
        return;
    }
    CHECK(!read_it(&reader, changed, size));
    is_dead(&reader);
    CHECK(!read_it(&reader, at->messages[message].data, at->messages[message].size));
}

static void flip_all(const vector *v)
{
    for (size_t message = 0; message < SHAKEN; message++) {
        pair   p;
        bytes *m = &p.messages[message];
        play_up_to(v, &p, message);
        for (size_t bit = 0; bit < 8 * m->size; bit++) {
            bytes other = *m;
            other.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
            fails(v, &p, message, other.data, other.size);
        }
        read_next(&p, message);
    }
}

static void cut_all(const vector *v)
{
    for (size_t message = 0; message < SHAKEN; message++) {
        pair   p;
        bytes *m = &p.messages[message];
        play_up_to(v, &p, message);
        for (size_t size = 0; size < m->size; size++)
            fails(v, &p, message, m->data, size);
        m->data[m->size] = 0;
        fails(v, &p, message, m->data, m->size + 1);
        read_next(&p, message);
    }
}

TEST(every_bit_of_every_message_of_xx_counts)
{
    const vector v = example(false);

    flip_all(&v);
}

TEST(every_bit_of_every_message_of_xxpsk0_counts)
{
    const vector v = example(true);

    flip_all(&v);
}

TEST(a_message_that_is_cut_or_longer_fails)
{
    const vector plain = example(false), with_psk = example(true);

    cut_all(&plain);
    cut_all(&with_psk);
}

/* ---- who disagrees --------------------------------------------------------------------------- */

/* The message at which two sides, who believe different things, fail. */
static size_t failing_message(const vector *first, const vector *second)
{
    pair p;

    begin_side(first, INITIATOR, &p.noise[INITIATOR]);
    begin_side(second, RESPONDER, &p.noise[RESPONDER]);
    for (size_t i = 0; i < SHAKEN; i++) {
        write_next(first, &p, i);
        if (!read_it(&p.noise[!writer_of(i)], p.messages[i].data, p.messages[i].size))
            return i;
    }
    return SHAKEN;
}

TEST(another_prologue_psk_pattern_or_hash_ends_it)
{
    const vector plain = example(false), with_psk = example(true);
    vector       other = plain;

    EQ_UINT(failing_message(&plain, &other), SHAKEN);
    other.sides[RESPONDER].prologue.data[3] ^= 1;
    EQ_UINT(failing_message(&plain, &other), 1);
    other.sides[RESPONDER].prologue.size = 0;
    EQ_UINT(failing_message(&plain, &other), 1);
    other = with_psk;
    EQ_UINT(failing_message(&with_psk, &other), SHAKEN);
    other.sides[RESPONDER].psk.data[31] ^= 0x80;
    EQ_UINT(failing_message(&with_psk, &other), 0);
    other = with_psk;
    other.sides[RESPONDER].prologue.data[0] ^= 1;
    EQ_UINT(failing_message(&with_psk, &other), 0);
    other = plain;
    other.hash = KMI_NOISE_SHA256;
    EQ_UINT(failing_message(&plain, &other), 1);
    EQ_UINT(failing_message(&plain, &with_psk), 0);
    EQ_UINT(failing_message(&with_psk, &plain), 1);
}

TEST(who_expects_another_key_is_not_understood)
{
    vector  v = example(false);
    pair    p;
    uint8_t message[MESSAGE_MAX];

    snprintf(v.pattern, sizeof v.pattern, "IK");
    begin_side(&v, RESPONDER, &p.noise[RESPONDER]);
    v.sides[RESPONDER].secret.data[5] ^= 1; /* what the initiator derives the key from */
    begin_side(&v, INITIATOR, &p.noise[INITIATOR]);
    CHECK(kmi_noise_write(&p.noise[INITIATOR], NULL, 0, message));
    CHECK(!read_it(&p.noise[RESPONDER], message, 32 + 48 + 16));
    is_dead(&p.noise[RESPONDER]);
}

/* ---- turns ----------------------------------------------------------------------------------- */

TEST(who_writes_out_of_turn_has_written_nothing)
{
    const vector v = example(false);
    pair         p;
    uint8_t      room[MESSAGE_MAX];

    begin_both(&v, &p);
    CHECK(!kmi_noise_write(&p.noise[RESPONDER], NULL, 0, room));
    write_next(&v, &p, 0);
    CHECK(!kmi_noise_write(&p.noise[INITIATOR], NULL, 0, room));
    for (size_t i = 0; i < SHAKEN; i++) {
        if (i > 0)
            write_next(&v, &p, i);
        read_next(&p, i);
    }
    CHECK(kmi_noise_is_over(&p.noise[INITIATOR]) && kmi_noise_is_over(&p.noise[RESPONDER]));
    CHECK(!kmi_noise_write(&p.noise[RESPONDER], NULL, 0, room));
    EQ_UINT(kmi_noise_overhead(&p.noise[RESPONDER]), 0);
}

TEST(a_message_out_of_turn_ends_the_handshake)
{
    const vector v = example(false);
    pair         p;

    play_up_to(&v, &p, 0);
    CHECK(!read_it(&p.noise[INITIATOR], p.messages[0].data, p.messages[0].size));
    is_dead(&p.noise[INITIATOR]);
    begin_side(&v, INITIATOR,
               &p.noise[INITIATOR]); /* who reads a first message, but has that turn */
    CHECK(!read_it(&p.noise[INITIATOR], p.messages[0].data, p.messages[0].size));
    is_dead(&p.noise[INITIATOR]);
    play_up_to(&v, &p, 1);
    CHECK(!read_it(&p.noise[INITIATOR], p.messages[0].data, p.messages[0].size));
    is_dead(&p.noise[INITIATOR]);
    play_up_to(&v, &p, 2);
    read_next(&p, 2);
    CHECK(!read_it(&p.noise[RESPONDER], p.messages[2].data, p.messages[2].size));
    is_dead(&p.noise[RESPONDER]);
}

/* ---- sizes ----------------------------------------------------------------------------------- */

TEST(the_largest_message_is_taken_and_a_larger_one_is_not)
{
    static uint8_t payload[KMI_NOISE_MAX + 1], message[KMI_NOISE_MAX + 1], read[KMI_NOISE_MAX + 1];
    const vector   v = example(true);
    pair           p;

    begin_both(&v, &p);
    EQ_UINT(kmi_noise_overhead(&p.noise[INITIATOR]), 48);
    CHECK(!kmi_noise_write(&p.noise[INITIATOR], payload, KMI_NOISE_MAX - 47, message));
    CHECK(!kmi_noise_write(&p.noise[INITIATOR], payload, SIZE_MAX, message));
    CHECK(kmi_noise_write(&p.noise[INITIATOR], payload, KMI_NOISE_MAX - 48, message));
    CHECK(kmi_noise_read(&p.noise[RESPONDER], message, KMI_NOISE_MAX, read));
    EQ_MEM(read, KMI_NOISE_MAX - 48, payload, KMI_NOISE_MAX - 48);
}

/* Without a psk the first payload is clear: nothing but its size is wrong with this one. */
TEST(a_message_of_65536_bytes_is_refused_whatever_is_in_it)
{
    static uint8_t message[KMI_NOISE_MAX + 1] = {9}, read[KMI_NOISE_MAX + 1];
    const vector   v = example(false);
    pair           p;

    begin_both(&v, &p);
    CHECK(kmi_noise_read(&p.noise[RESPONDER], message, KMI_NOISE_MAX, read));
    begin_both(&v, &p);
    CHECK(!kmi_noise_read(&p.noise[RESPONDER], message, KMI_NOISE_MAX + 1, read));
    is_dead(&p.noise[RESPONDER]);
}

/* ---- keys that are no keys ------------------------------------------------------------------- */

/* Whatever is multiplied with one of these is zero. Little endian. */
static const char *const low_order[] = {
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
    "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", /* p - 1 */
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", /* p, which is 0 */
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"  /* p + 1 */
};

#define LOW_ORDERS (sizeof low_order / sizeof *low_order)

/* Each of them, and with the highest bit set, which X25519 does not look at. */
static bytes low_order_point(size_t index)
{
    bytes point = from_hex(low_order[index / 2]);

    if (index % 2 == 1)
        point.data[31] |= 0x80;
    test_at("point %zu", index);
    return point;
}

TEST(an_ephemeral_key_of_low_order_is_never_answered)
{
    const vector v = example(false);
    uint8_t      answer[MESSAGE_MAX];

    for (size_t i = 0; i < 2 * LOW_ORDERS; i++) {
        const bytes point = low_order_point(i);
        pair        p;
        begin_both(&v, &p);
        if (read_it(&p.noise[RESPONDER], point.data, point.size))
            CHECK(!kmi_noise_write(&p.noise[RESPONDER], NULL, 0, answer));
        is_dead(&p.noise[RESPONDER]);
        play_up_to(&v, &p, 1);
        memcpy(p.messages[1].data, point.data, KMI_DH_SIZE);
        CHECK(!read_it(&p.noise[INITIATOR], p.messages[1].data, p.messages[1].size));
        is_dead(&p.noise[INITIATOR]);
    }
}

/* Somebody who knows what he does sends one as his static key, and all the rest as it should be. */
TEST(a_static_key_of_low_order_is_refused)
{
    const vector v = example(false);

    for (size_t i = 0; i < 2 * LOW_ORDERS; i++) {
        const bytes point = low_order_point(i);
        for (size_t message = 1; message <= 2; message++) {
            pair p;
            play_up_to(&v, &p, message - 1);
            read_next(&p, message - 1);
            memcpy(p.noise[writer_of(message)].own, point.data, KMI_DH_SIZE);
            write_next(&v, &p, message);
            CHECK(!read_it(&p.noise[!writer_of(message)], p.messages[message].data,
                           p.messages[message].size));
            is_dead(&p.noise[!writer_of(message)]);
        }
    }
}

TEST(nothing_is_written_to_a_known_key_of_low_order)
{
    const vector v = example(false);
    uint8_t      room[MESSAGE_MAX];
    kmi_noise    n;

    for (size_t i = 0; i < 2 * LOW_ORDERS; i++) {
        const bytes             point = low_order_point(i);
        const kmi_noise_options options = {.pattern = "NK",
                                           .initiator = true,
                                           .remote = point.data,
                                           .ephemeral = v.sides[INITIATOR].ephemeral.data};
        CHECK(kmi_noise_init(&n, &options));
        CHECK(!kmi_noise_write(&n, NULL, 0, room));
        is_dead(&n);
    }
}

/* ---- options --------------------------------------------------------------------------------- */

static void is_refused(const kmi_noise_options *options)
{
    kmi_noise n;

    memset(&n, 0xa5, sizeof n);
    CHECK(!kmi_noise_init(&n, options));
    is_dead(&n);
}

TEST(what_a_pattern_needs_must_be_there_and_nothing_that_it_does_not_use)
{
    static const uint8_t    key[32] = {9};
    const kmi_noise_options xx = {.pattern = "XX", .secret = key, .ephemeral = key};
    const kmi_noise_options ik = {
        .pattern = "IK", .initiator = true, .secret = key, .remote = key, .ephemeral = key};
    const kmi_noise_options nnpsk0 = {.pattern = "NNpsk0", .psks = {key}, .ephemeral = key};
    kmi_noise_options       o;
    kmi_noise               n;

    CHECK(kmi_noise_init(&n, &xx) && kmi_noise_init(&n, &ik) && kmi_noise_init(&n, &nnpsk0));
    is_refused((o = xx, o.pattern = "xx", &o));
    is_refused((o = xx, o.pattern = "", &o));
    is_refused((o = xx, o.pattern = "XXpsk0", &o));
    is_refused((o = xx, o.secret = NULL, &o));
    is_refused((o = xx, o.ephemeral = NULL, &o));
    is_refused((o = xx, o.remote = key, &o));
    is_refused((o = xx, o.psks[0] = key, &o));
    is_refused((o = ik, o.remote = NULL, &o));
    is_refused((o = ik, o.secret = NULL, &o));
    is_refused((o = ik, o.initiator = false, &o));
    is_refused((o = nnpsk0, o.psks[0] = NULL, &o));
}

/* It saves a fifth of a handshake's work. A wrong one is of no use: nobody has its secret. */
TEST(a_public_key_that_is_given_is_not_computed)
{
    const vector            v = example(false);
    const uint8_t           own[32] = {9};
    const kmi_noise_options options = {.pattern = "XX",
                                       .secret = v.sides[RESPONDER].secret.data,
                                       .own = own,
                                       .ephemeral = v.sides[RESPONDER].ephemeral.data};
    vector                  other = v;
    pair                    p;

    other.sides[INITIATOR].prologue.size = 0;
    begin_side(&other, INITIATOR, &p.noise[INITIATOR]);
    CHECK(kmi_noise_init(&p.noise[RESPONDER], &options));
    write_next(&v, &p, 0);
    read_next(&p, 0);
    write_next(&v, &p, 1);
    CHECK(!read_it(&p.noise[INITIATOR], p.messages[1].data, p.messages[1].size));
    EQ_MEM(p.noise[INITIATOR].remote, 32, own, 32);
}

TEST(every_pattern_of_the_table_is_played_by_both_roles)
{
    static const char *const names[] = {"NN",     "NK",     "NX",     "XX",     "XK",     "KK",
                                        "IK",     "IX",     "NNpsk0", "NNpsk2", "NKpsk0", "NKpsk2",
                                        "XXpsk0", "XXpsk3", "KKpsk0", "KKpsk2", "IKpsk1", "IKpsk2"};

    for (size_t i = 0; i < 2 * sizeof names / sizeof *names; i++) {
        vector  v = example(strstr(names[i / 2], "psk") != NULL);
        pair    p;
        uint8_t hashes[2][KMI_HASH_MAX] = {{0}};
        test_at("%s", names[i / 2]);
        snprintf(v.pattern, sizeof v.pattern, "%s", names[i / 2]);
        v.hash = i % 2 == 0 ? KMI_NOISE_BLAKE2B : KMI_NOISE_SHA256;
        begin_both(&v, &p);
        for (size_t m = 0; !kmi_noise_is_over(&p.noise[INITIATOR]); m++) {
            CHECK(m < SHAKEN);
            write_next(&v, &p, m);
            read_next(&p, m);
        }
        CHECK(kmi_noise_is_over(&p.noise[RESPONDER]));
        for (int side = 0; side < 2; side++) {
            kmi_cipher out, in;
            kmi_noise_split(&p.noise[side], &out, &in, hashes[side]);
        }
        EQ_MEM(hashes[0], KMI_HASH_MAX, hashes[1], KMI_HASH_MAX);
    }
}

/* ---- wiping ---------------------------------------------------------------------------------- */

static bool is_zero(const void *at, size_t size)
{
    return sodium_is_zero(at, size) == 1;
}

TEST(nothing_is_left_of_a_handshake_or_a_cipher)
{
    const vector v = example(true);
    pair         p;
    kmi_cipher   out, in;

    play_up_to(&v, &p, 2);
    read_next(&p, 2);
    kmi_noise_split(&p.noise[INITIATOR], &out, &in, NULL);
    CHECK(is_zero(&p.noise[INITIATOR], sizeof(kmi_noise)));
    CHECK(!is_zero(&p.noise[RESPONDER], sizeof(kmi_noise)));
    kmi_noise_done(&p.noise[RESPONDER]);
    CHECK(is_zero(&p.noise[RESPONDER], sizeof(kmi_noise)));
    CHECK(!is_zero(out.key, sizeof out.key) && !is_zero(in.key, sizeof in.key));
    CHECK(memcmp(out.key, in.key, sizeof out.key) != 0);
    kmi_cipher_done(&out);
    CHECK(is_zero(&out, sizeof out));
    kmi_cipher_done(&in);
}

/* ---- ciphers --------------------------------------------------------------------------------- */

static kmi_cipher cipher(void)
{
    kmi_cipher c = {.has_key = true};

    for (unsigned i = 0; i < sizeof c.key; i++)
        c.key[i] = (uint8_t)(7 * i + 1);
    return c;
}

TEST(every_bit_of_a_record_and_of_what_goes_with_it_counts)
{
    kmi_cipher out = cipher(), in = cipher();
    uint8_t    ad[5] = "12345", sealed[40 + KMI_TAG_SIZE], plain[40];

    memset(plain, 3, sizeof plain);
    CHECK(kmi_cipher_seal(&out, ad, sizeof ad, plain, sizeof plain, sealed));
    for (size_t bit = 0; bit < 8 * (sizeof sealed + sizeof ad); bit++) {
        uint8_t *at = bit / 8 < sizeof sealed ? sealed + bit / 8 : ad + bit / 8 - sizeof sealed;
        *at ^= (uint8_t)(1u << bit % 8);
        CHECK(!kmi_cipher_open(&in, ad, sizeof ad, sealed, sizeof sealed, plain));
        *at ^= (uint8_t)(1u << bit % 8);
    }
    for (size_t size = 0; size < sizeof sealed; size++)
        CHECK(!kmi_cipher_open(&in, ad, sizeof ad, sealed, size, plain));
    CHECK(!kmi_cipher_open(&in, ad, 4, sealed, sizeof sealed, plain));
    EQ_UINT(in.nonce, 0);
    CHECK(kmi_cipher_open(&in, ad, sizeof ad, sealed, sizeof sealed, plain));
    EQ_UINT(plain[39], 3);
}

TEST(records_open_in_their_order_and_once)
{
    kmi_cipher    out = cipher(), in = cipher();
    const uint8_t a = 'a', b = 'b';
    uint8_t       first[17], second[17], plain = 0;

    CHECK(kmi_cipher_seal(&out, NULL, 0, &a, 1, first));
    CHECK(kmi_cipher_seal(&out, NULL, 0, &b, 1, second));
    CHECK(!kmi_cipher_open(&in, NULL, 0, second, 17, &plain));
    CHECK(kmi_cipher_open(&in, NULL, 0, first, 17, &plain) && plain == 'a');
    CHECK(!kmi_cipher_open(&in, NULL, 0, first, 17, &plain));
    CHECK(kmi_cipher_open(&in, NULL, 0, second, 17, &plain) && plain == 'b');
}

TEST(a_record_is_sealed_and_opened_in_its_place)
{
    kmi_cipher out = cipher(), beside = cipher(), in = cipher();
    uint8_t    place[100 + KMI_TAG_SIZE], other[100 + KMI_TAG_SIZE], plain[100];

    memset(plain, 'x', sizeof plain);
    memcpy(place, plain, sizeof plain);
    CHECK(kmi_cipher_seal(&out, NULL, 0, place, sizeof plain, place));
    CHECK(kmi_cipher_seal(&beside, NULL, 0, plain, sizeof plain, other));
    EQ_MEM(place, sizeof place, other, sizeof other);
    CHECK(kmi_cipher_open(&in, NULL, 0, place, sizeof place, place));
    EQ_MEM(place, sizeof plain, plain, sizeof plain);
}

TEST(a_record_of_nothing_is_its_tag_and_the_largest_one_is_65535_bytes)
{
    static uint8_t plain[KMI_NOISE_MAX], sealed[KMI_NOISE_MAX + 1];
    kmi_cipher     out = cipher(), in = cipher();

    CHECK(kmi_cipher_seal(&out, NULL, 0, NULL, 0, sealed));
    CHECK(kmi_cipher_open(&in, NULL, 0, sealed, KMI_TAG_SIZE, NULL));
    CHECK(!kmi_cipher_seal(&out, NULL, 0, plain, KMI_NOISE_MAX - KMI_TAG_SIZE + 1, sealed));
    CHECK(kmi_cipher_seal(&out, NULL, 0, plain, KMI_NOISE_MAX - KMI_TAG_SIZE, sealed));
    CHECK(kmi_cipher_open(&in, NULL, 0, sealed, KMI_NOISE_MAX, plain));
}

TEST(a_record_of_65536_bytes_is_refused_although_it_is_good)
{
    static const uint8_t nonce[12];
    static uint8_t       plain[KMI_NOISE_MAX], sealed[KMI_NOISE_MAX + 1];
    kmi_cipher           in = cipher();

    crypto_aead_chacha20poly1305_ietf_encrypt(sealed, NULL, plain, sizeof sealed - KMI_TAG_SIZE,
                                              NULL, 0, NULL, nonce, in.key);
    CHECK(!kmi_cipher_open(&in, NULL, 0, sealed, sizeof sealed, plain));
    EQ_UINT(in.nonce, 0);
}

/* It was wiped, or this is a forked child: what is said must not begin to be clear. */
TEST(without_a_key_nothing_is_sealed_and_nothing_opened)
{
    kmi_cipher    c = cipher();
    const uint8_t word[20] = "as it is";
    uint8_t       out[36] = {0};

    kmi_cipher_done(&c);
    CHECK(!kmi_cipher_seal(&c, NULL, 0, word, sizeof word, out));
    CHECK(!kmi_cipher_seal(&c, NULL, 0, NULL, 0, out));
    CHECK(is_zero(out, sizeof out));
    CHECK(!kmi_cipher_open(&c, NULL, 0, word, sizeof word, out));
    EQ_UINT(c.nonce, 0);
}

TEST(the_last_nonce_is_never_used)
{
    kmi_cipher out = cipher(), in = cipher();
    uint8_t    sealed[17] = {0}, plain = 'p';

    out.nonce = in.nonce = UINT64_MAX - 1;
    CHECK(kmi_cipher_seal(&out, NULL, 0, &plain, 1, sealed));
    CHECK(kmi_cipher_open(&in, NULL, 0, sealed, 17, &plain));
    EQ_UINT(plain, 'p');
    memset(sealed, 0, sizeof sealed);
    CHECK(!kmi_cipher_seal(&out, NULL, 0, &plain, 1, sealed));
    CHECK(is_zero(sealed, sizeof sealed));
    CHECK(!kmi_cipher_open(&in, NULL, 0, sealed, 17, &plain));
    EQ_UINT(out.nonce, UINT64_MAX);
    EQ_UINT(in.nonce, UINT64_MAX);
}

/* What a reader has to refuse then would open if it looked: it is sealed by libsodium itself. */
TEST(what_was_sealed_with_the_last_nonce_is_refused)
{
    static const uint8_t last[12] = {0, 0, 0, 0, 255, 255, 255, 255, 255, 255, 255, 255};
    kmi_cipher           in = cipher();
    uint8_t              sealed[17], plain = 'p';

    crypto_aead_chacha20poly1305_ietf_encrypt(sealed, NULL, &plain, 1, NULL, 0, NULL, last, in.key);
    in.nonce = UINT64_MAX;
    CHECK(!kmi_cipher_open(&in, NULL, 0, sealed, 17, &plain));
}

/* Its key is the stream of ChaCha20 from the second block on, for the last nonce. */
TEST(rekeying_is_what_the_specification_says_and_the_nonce_goes_on)
{
    static const uint8_t last[12] = {0, 0, 0, 0, 255, 255, 255, 255, 255, 255, 255, 255};
    static const uint8_t zeros[32];
    kmi_cipher           out = cipher(), in = cipher();
    uint8_t              expected[32], sealed[17], plain = 'p';

    crypto_stream_chacha20_ietf_xor_ic(expected, zeros, sizeof zeros, last, 1, out.key);
    CHECK(kmi_cipher_seal(&out, NULL, 0, &plain, 1, sealed));
    CHECK(kmi_cipher_open(&in, NULL, 0, sealed, 17, &plain));
    kmi_cipher_rekey(&out);
    EQ_MEM(out.key, 32, expected, 32);
    EQ_UINT(out.nonce, 1);
    CHECK(kmi_cipher_seal(&out, NULL, 0, &plain, 1, sealed));
    CHECK(!kmi_cipher_open(&in, NULL, 0, sealed, 17, &plain));
    kmi_cipher_rekey(&in);
    CHECK(kmi_cipher_open(&in, NULL, 0, sealed, 17, &plain));
    EQ_UINT(plain, 'p');
}
