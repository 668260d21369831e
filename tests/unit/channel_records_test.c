/* channel_records_test.c -- the records of an encrypted connection: what is changed, repeated, left
 * out, cut, sent back or put elsewhere is not opened, keys change when both sides think so, and
 * nothing of them is left behind. Somebody who knows wire/frames.md and Noise alone, and not
 * crypto/channel.c, is the other side where the bytes themselves are the matter.
 */
#include "unit/channels.h"

#define PLAIN  24u
#define RECORD (PLAIN + KMI_RECORD_OVERHEAD)

static void seal(side *s, uint8_t fill, uint8_t ret[RECORD])
{
    uint8_t plain[PLAIN];

    memset(plain, fill, sizeof plain);
    CHECK(kmi_channel_seal(&s->channel, plain, sizeof plain, ret));
}

/* As its owner does with bytes that have come: is there a whole record of its own in them? */
static bool opens(side *s, const uint8_t *bytes, size_t size, uint8_t *ret)
{
    size_t whole = size < KMI_RECORD_HEAD ? 0 : kmi_record_size(bytes);

    return whole != 0 && whole <= size && kmi_channel_open(&s->channel, bytes, whole, ret);
}

static void check_opens(side *s, const uint8_t record[RECORD], uint8_t fill)
{
    uint8_t plain[PLAIN], wanted[PLAIN];

    memset(wanted, fill, sizeof wanted);
    CHECK(opens(s, record, RECORD, plain));
    EQ_MEM(plain, sizeof plain, wanted, sizeof wanted);
}

static void check_refuses(side *s, const uint8_t *bytes, size_t size)
{
    uint8_t plain[KMI_RECORD_PLAIN_MAX];

    CHECK(!opens(s, bytes, size, plain));
}

/* ---- what is let through --------------------------------------------------------------------- */

TEST(records_go_both_ways_at_once)
{
    enum { AHEAD = 5 };
    uint8_t records[2][AHEAD][RECORD];
    duo     d;

    duo_open(&d, false, 1);
    for (unsigned round = 0; round < 100; round++) {
        for (unsigned i = 0; i < AHEAD; i++)
            for (int from = 0; from < 2; from++)
                seal(&d.sides[from], (uint8_t)(round + i + (unsigned)from), records[from][i]);
        for (unsigned i = 0; i < AHEAD; i++)
            for (int from = 0; from < 2; from++)
                check_opens(&d.sides[!from], records[from][i],
                            (uint8_t)(round + i + (unsigned)from));
    }
    duo_done(&d);
}

TEST(a_record_has_eight_bytes_to_sixteen_kib_of_frames)
{
    static uint8_t plain[KMI_RECORD_PLAIN_MAX], back[KMI_RECORD_PLAIN_MAX], record[KMI_RECORD_MAX];
    duo            d;

    duo_open(&d, true, 1);
    test_seed(5);
    for (size_t size = 8; size <= sizeof plain; size *= 2) {
        for (size_t i = 0; i < size; i++)
            plain[i] = (uint8_t)test_random();
        CHECK(kmi_channel_seal(&d.sides[DIALS].channel, plain, size, record));
        EQ_UINT(kmi_record_size(record), size + KMI_RECORD_OVERHEAD);
        CHECK(opens(&d.sides[ACCEPTS], record, size + KMI_RECORD_OVERHEAD, back));
        EQ_MEM(back, size, plain, size);
    }
    duo_done(&d);
}

TEST(all_other_sizes_are_none)
{
    for (unsigned size = 0; size <= UINT16_MAX; size++) {
        uint8_t head[] = {(uint8_t)size, (uint8_t)(size >> 8)};
        bool    good = size % 8 == 0 && size >= 24 && size <= 16400;
        test_at("%u", size);
        EQ_UINT(kmi_record_size(head), good ? size + 2 : 0);
    }
}

/* ---- and what is not ------------------------------------------------------------------------- */

TEST(no_bit_of_a_record_can_be_changed)
{
    uint8_t record[RECORD];
    duo     d;

    for (size_t bit = 0; bit < 8 * RECORD; bit++) {
        test_at("bit %zu", bit);
        duo_open(&d, false, 1);
        seal(&d.sides[DIALS], 1, record);
        record[bit / 8] ^= (uint8_t)(1u << bit % 8);
        check_refuses(&d.sides[ACCEPTS], record, sizeof record);
        duo_done(&d);
    }
}

TEST(a_record_that_is_cut_or_lengthened_is_not_opened)
{
    uint8_t record[RECORD + 8] = {0};
    duo     d;

    for (size_t size = 0; size <= sizeof record; size += size < RECORD ? 1 : 8) {
        if (size == RECORD)
            continue;
        test_at("%zu bytes", size);
        duo_open(&d, false, 1);
        seal(&d.sides[DIALS], 1, record);
        check_refuses(&d.sides[ACCEPTS], record, size == sizeof record ? 0 : size);
        record[0] = (uint8_t)(size - KMI_RECORD_HEAD); /* and with a head that says so */
        check_refuses(&d.sides[ACCEPTS], record, size);
        duo_done(&d);
    }
}

/* `order` says which of the records comes when; the one at `bad` is refused. */
static void in_order(const int *order, int bad)
{
    uint8_t records[4][RECORD];
    duo     d;

    duo_open(&d, false, 1);
    for (uint8_t i = 0; i < 4; i++)
        seal(&d.sides[DIALS], i, records[i]);
    for (int i = 0; i < bad; i++)
        check_opens(&d.sides[ACCEPTS], records[order[i]], (uint8_t)order[i]);
    check_refuses(&d.sides[ACCEPTS], records[order[bad]], RECORD);
    EQ_INT(d.sides[ACCEPTS].channel.state, KMI_CHANNEL_OVER);
    EQ_INT(d.sides[ACCEPTS].channel.err, KMSG_EPROTOCOL);
    duo_done(&d);
}

TEST(a_record_that_comes_twice_is_not_opened)
{
    in_order((const int[]){0, 0}, 1);
    in_order((const int[]){0, 1, 0}, 2);
    in_order((const int[]){0, 1, 2, 3, 2}, 4);
}

TEST(a_record_that_was_left_out_is_noticed)
{
    in_order((const int[]){1}, 0);
    in_order((const int[]){0, 2}, 1);
    in_order((const int[]){0, 1, 3}, 2);
}

TEST(records_in_another_order_are_not_opened)
{
    in_order((const int[]){1, 0}, 0);
    in_order((const int[]){0, 2, 1}, 1);
}

TEST(a_record_that_comes_back_to_who_has_sent_it_is_not_opened)
{
    uint8_t record[RECORD];
    duo     d;

    for (int from = 0; from < 2; from++) {
        duo_open(&d, true, 1);
        seal(&d.sides[from], 1, record);
        check_refuses(&d.sides[from], record, sizeof record);
        duo_done(&d);
    }
}

TEST(a_record_of_another_connection_of_the_same_two_is_not_opened)
{
    uint8_t record[RECORD];
    duo     before, d;

    duo_open(&before, true, 1);
    duo_open(&d, true, 2);
    seal(&before.sides[DIALS], 1, record);
    check_refuses(&d.sides[ACCEPTS], record, sizeof record);
    duo_done(&before);
    duo_done(&d);
}

TEST(an_empty_record_is_none_but_in_the_handshake)
{
    flight said[FLIGHTS];
    duo    d;

    duo_init(&d, false, 1);
    duo_talk(&d, FLIGHTS, said);
    check_refuses(&d.sides[DIALS], said[WELCOME].bytes, said[WELCOME].size);
    duo_done(&d);
}

/* ---- new keys -------------------------------------------------------------------------------- */

/* Who accepts, by hand: what frames.md says, and nothing of channel.c. */
typedef struct stranger {
    kmi_cipher in, out;
} stranger;

static const uint8_t magic[] = {'K', 'M', 'S', 'G', 0, 's', 1, 0};

static void stranger_begin(kmi_noise *noise)
{
    static const uint8_t prologue[] = "KMSG\0s\1\0"
                                      "Noise_XX_25519_ChaChaPoly_BLAKE2b\0"
                                      "\0"
                                      "dials\0"
                                      "accepts";
    static const uint8_t secret[] = "a secret that is known to us all", fresh[32] = {9};
    kmi_noise_options    options = {.pattern = "XX",
                                    .hash = KMI_NOISE_BLAKE2B,
                                    .prologue = prologue,
                                    .prologue_size = sizeof prologue,
                                    .secret = secret,
                                    .ephemeral = fresh};

    CHECK(kmi_noise_init(noise, &options));
}

static void stranger_says(side *to, kmi_noise *noise)
{
    uint8_t said[256];
    size_t  size = 96 + 5;

    memcpy(said, magic, sizeof magic);
    said[sizeof magic] = (uint8_t)size;
    said[sizeof magic + 1] = 0;
    CHECK(kmi_noise_write(noise, (const uint8_t *)"hello", 5, said + sizeof magic + 2));
    size += sizeof magic + 2;
    EQ_UINT(side_hears(to, said, size, SIZE_MAX), size);
    EQ_INT(to->judged, 1);
}

static void stranger_accepts(side *dials, stranger *ret)
{
    kmi_noise noise;
    flight    heard;
    uint8_t   payload[64], welcome[KMI_RECORD_OVERHEAD] = {KMI_TAG_SIZE};

    stranger_begin(&noise);
    side_says(dials, &heard, SIZE_MAX);
    EQ_MEM(heard.bytes, sizeof magic, magic, sizeof magic);
    EQ_UINT(heard.bytes[sizeof magic], KMI_DH_SIZE);
    CHECK(kmi_noise_read(&noise, heard.bytes + sizeof magic + 2, KMI_DH_SIZE, payload));
    stranger_says(dials, &noise);
    side_says(dials, &heard, SIZE_MAX);
    CHECK(kmi_noise_read(&noise, heard.bytes + 2, heard.size - 2, payload));
    EQ_MEM(noise.remote, 32, dials->key.bytes, 32);
    EQ_MEM(payload, strlen(hellos[DIALS]), hellos[DIALS], strlen(hellos[DIALS]));
    kmi_noise_split(&noise, &ret->out, &ret->in, NULL);
    CHECK(kmi_cipher_seal(&ret->out, NULL, 0, NULL, 0, welcome + KMI_RECORD_HEAD));
    EQ_UINT(side_hears(dials, welcome, sizeof welcome, SIZE_MAX), sizeof welcome);
    CHECK(is_open(dials));
}

TEST(who_knows_frames_md_and_noise_alone_is_understood)
{
    uint8_t  record[RECORD], plain[PLAIN], wanted[PLAIN];
    stranger other;
    duo      d;

    duo_init(&d, false, 1);
    stranger_accepts(&d.sides[DIALS], &other);
    memset(wanted, 3, sizeof wanted);
    seal(&d.sides[DIALS], 3, record);
    CHECK(kmi_cipher_open(&other.in, NULL, 0, record + 2, sizeof record - 2, plain));
    EQ_MEM(plain, sizeof plain, wanted, sizeof wanted);
    CHECK(kmi_cipher_seal(&other.out, NULL, 0, wanted, sizeof wanted, record + 2));
    check_opens(&d.sides[DIALS], record, 3);
    duo_done(&d);
}

enum { REKEY = 65536 };

/* The key changes behind the 65,536th record, and so do the next ones. */
TEST(a_new_key_comes_after_each_65536th_record_that_is_said)
{
    uint8_t  record[RECORD], plain[PLAIN];
    stranger other;
    duo      d;

    duo_init(&d, false, 1);
    stranger_accepts(&d.sides[DIALS], &other);
    for (unsigned i = 1; i <= 2 * REKEY + 1; i++) {
        test_at("record %u", i);
        seal(&d.sides[DIALS], (uint8_t)i, record);
        CHECK(kmi_cipher_open(&other.in, NULL, 0, record + 2, sizeof record - 2, plain));
        EQ_UINT(other.in.nonce, i);
        if (i % REKEY == 0)
            kmi_cipher_rekey(&other.in);
    }
    duo_done(&d);
}

/* The welcome was the first one. */
TEST(a_new_key_comes_after_each_65536th_record_that_is_heard)
{
    uint8_t  record[RECORD], plain[PLAIN] = {0};
    stranger other;
    duo      d;

    duo_init(&d, false, 1);
    stranger_accepts(&d.sides[DIALS], &other);
    memset(record, 0, sizeof record);
    record[0] = PLAIN + KMI_TAG_SIZE;
    for (unsigned i = 2; i <= 2 * REKEY + 1; i++) {
        test_at("record %u", i);
        CHECK(kmi_cipher_seal(&other.out, NULL, 0, plain, sizeof plain, record + 2));
        check_opens(&d.sides[DIALS], record, 0);
        if (i % REKEY == 0)
            kmi_cipher_rekey(&other.out);
    }
    duo_done(&d);
}

TEST(who_does_not_change_the_key_is_not_understood_any_more)
{
    uint8_t  record[RECORD], plain[PLAIN] = {0};
    stranger other;
    duo      d;

    duo_init(&d, false, 1);
    stranger_accepts(&d.sides[DIALS], &other);
    for (unsigned i = 1; i <= REKEY; i++) {
        seal(&d.sides[DIALS], 0, record);
        CHECK(kmi_cipher_open(&other.in, NULL, 0, record + 2, sizeof record - 2, plain));
    }
    seal(&d.sides[DIALS], 0, record);
    CHECK(!kmi_cipher_open(&other.in, NULL, 0, record + 2, sizeof record - 2, plain));
    duo_done(&d);
}

/* ---- the end --------------------------------------------------------------------------------- */

/* What a connection remembers begins with the cipher of what it says. */
static kmi_cipher *cipher_of(const side *s)
{
    return (kmi_cipher *)(void *)s->channel.talk;
}

TEST(who_has_used_up_its_nonces_says_no_more)
{
    uint8_t record[RECORD], plain[PLAIN] = {0};
    duo     d;

    duo_open(&d, false, 1);
    cipher_of(&d.sides[DIALS])->nonce = UINT64_MAX - 1;
    seal(&d.sides[DIALS], 0, record);
    EQ_UINT(cipher_of(&d.sides[DIALS])->nonce, UINT64_MAX);
    CHECK(!kmi_channel_seal(&d.sides[DIALS].channel, plain, sizeof plain, record));
    EQ_INT(d.sides[DIALS].channel.state, KMI_CHANNEL_OVER);
    duo_done(&d);
}

/* So it is in a forked child, whose pages of secrets are all zeros: nothing leaves it as it is. */
TEST(who_has_no_key_seals_and_opens_nothing)
{
    uint8_t record[RECORD], plain[PLAIN];
    duo     d;

    duo_open(&d, false, 1);
    memset(d.sides[DIALS].channel.talk, 0, d.sides[DIALS].setup.talking.size);
    memset(plain, 0x5a, sizeof plain);
    memset(record, 0, sizeof record);
    CHECK(!kmi_channel_seal(&d.sides[DIALS].channel, plain, sizeof plain, record));
    for (size_t i = 0; i < sizeof record; i++)
        CHECK(record[i] != 0x5a);
    seal(&d.sides[ACCEPTS], 0, record);
    check_refuses(&d.sides[DIALS], record, sizeof record);
    duo_done(&d);
}

static void check_wiped(const void *at, size_t size)
{
    const uint8_t *bytes = at;

    for (size_t i = 0; i < size; i++)
        EQ_UINT(bytes[i], 0);
}

/* The vault still has its pages: it keeps one lot of those that are free. */
TEST(nothing_is_left_of_a_handshake_when_it_is_over_nor_of_a_connection)
{
    flight said[FLIGHTS];
    duo    d;

    for (int i = 0; i < 2; i++) {
        side       *s = &d.sides[i];
        const void *shaking, *talking;
        duo_init(&d, true, 1);
        shaking = s->channel.handshake;
        duo_talk(&d, FLIGHTS, said);
        EQ_PTR(s->channel.handshake, NULL);
        check_wiped(shaking, s->setup.shaking.size);
        talking = s->channel.talk;
        kmi_channel_done(&s->channel);
        check_wiped(talking, s->setup.talking.size);
        EQ_UINT(s->setup.shaking.count + s->setup.talking.count, 0);
        duo_done(&d);
    }
}

TEST(nothing_is_left_of_a_handshake_that_has_failed)
{
    flight      said;
    duo         d;
    const void *shaking;

    duo_init(&d, true, 1);
    shaking = d.sides[ACCEPTS].channel.handshake;
    side_says(&d.sides[DIALS], &said, SIZE_MAX);
    said.bytes[said.size - 1] ^= 1;
    (void)side_hears(&d.sides[ACCEPTS], said.bytes, said.size, SIZE_MAX);
    kmi_channel_done(&d.sides[ACCEPTS].channel);
    check_wiped(shaking, d.sides[ACCEPTS].setup.shaking.size);
    duo_done(&d);
}
