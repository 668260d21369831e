/* beacon_test.c -- the bytes of beacons, as DIRECTORY.md has them. */
#include "test.h"

#include "directory/beacon.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define PAGE "runtime/DIRECTORY.md"

static kmi_beacon an_example(void)
{
    kmi_beacon b = {.epoch = 0x1122334455667788,
                    .sequence = 258,
                    .version = 7,
                    .port = 7577,
                    .asks = true,
                    .seed = true};

    for (unsigned i = 0; i < sizeof b.key.bytes; i++)
        b.key.bytes[i] = (uint8_t)i;
    return b;
}

static void equal(const kmi_beacon *a, const kmi_beacon *b)
{
    EQ_MEM(a->key.bytes, sizeof a->key.bytes, b->key.bytes, sizeof b->key.bytes);
    EQ_UINT(a->epoch, b->epoch);
    EQ_UINT(a->sequence, b->sequence);
    EQ_UINT(a->version, b->version);
    EQ_UINT(a->port, b->port);
    EQ_INT(a->asks, b->asks);
    EQ_INT(a->fast, b->fast);
    EQ_INT(a->seed, b->seed);
}

/* Lines of pairs of hex digits, behind the line that names the example. */
static size_t read_example(uint8_t *ret, size_t most)
{
    char   line[256];
    size_t size = 0;
    bool   in = false;
    FILE  *page = fopen(PAGE, "r");

    CHECK(page != NULL);
    while (fgets(line, sizeof line, page) != NULL) {
        const char *at = line;
        in = in || strstr(line, "A beacon, byte by byte") != NULL;
        if (!in || strncmp(line, "    ", 4) != 0)
            continue;
        while (*at == ' ')
            at++;
        while (isxdigit((unsigned char)at[0]) && isxdigit((unsigned char)at[1]) && size < most &&
               (at[2] == ' ' || at[2] == '\n')) {
            ret[size++] = (uint8_t)strtoul(at, NULL, 16);
            for (at += 2; *at == ' ' && at[1] != ' '; at++)
                ;
        }
        if (size == KMI_BEACON_SIZE)
            break;
    }
    fclose(page);
    return size;
}

TEST(the_example_of_the_page_is_what_is_written_and_read)
{
    uint8_t    page[KMI_BEACON_MAX], made[KMI_BEACON_MAX];
    kmi_beacon b = an_example(), read;
    size_t     size = read_example(page, sizeof page);

    EQ_MEM(made, kmi_beacon_put(&b, made), page, size);
    OK(kmi_beacon_get(page, size, &read));
    equal(&read, &b);
}

TEST(each_member_comes_back)
{
    for (unsigned i = 0; i < 200; i++) {
        uint8_t    bytes[KMI_BEACON_MAX];
        kmi_beacon b = an_example(), read;
        test_seed(i);
        b.epoch = (uint64_t)test_random() << 32 | test_random() | 1;
        b.sequence = (uint64_t)test_random() << 32 | test_random();
        b.version = (uint64_t)test_random() << 32 | test_random();
        b.port = (uint16_t)test_random();
        b.asks = test_random() % 2;
        b.fast = test_random() % 2;
        b.seed = test_random() % 2;
        b.key.bytes[test_random() % 32] = (uint8_t)test_random();
        EQ_UINT(kmi_beacon_put(&b, bytes), KMI_BEACON_SIZE);
        OK(kmi_beacon_get(bytes, KMI_BEACON_SIZE, &read));
        equal(&read, &b);
    }
}

TEST(what_is_no_beacon_is_refused)
{
    uint8_t    bytes[KMI_BEACON_MAX] = {0};
    kmi_beacon b = an_example(), read = {.port = 1};
    size_t     size = kmi_beacon_put(&b, bytes);

    for (size_t short_size = 0; short_size < size; short_size++)
        FAILS(kmi_beacon_get(bytes, short_size, &read), KMSG_EDECODE);
    FAILS(kmi_beacon_get(bytes, size + 1, &read), KMSG_EDECODE);
    HAS(kmsg_last_error(), "a beacon has 64 bytes, and this one 65");
    bytes[4] = 2;
    FAILS(kmi_beacon_get(bytes, size, &read), KMSG_EVERSION);
    HAS(kmsg_last_error(), "a beacon of version 2; this is 1");
    bytes[4] = 1;
    bytes[0] = 'K';
    FAILS(kmi_beacon_get(bytes, size, &read), KMSG_EDECODE);
    b.epoch = 0;
    size = kmi_beacon_put(&b, bytes);
    FAILS(kmi_beacon_get(bytes, size, &read), KMSG_EDECODE);
    EQ_UINT(read.port, 1);
}

TEST(flags_of_later_versions_are_let_pass)
{
    uint8_t    bytes[KMI_BEACON_MAX];
    kmi_beacon b = an_example(), read;
    size_t     size = kmi_beacon_put(&b, bytes);

    bytes[5] |= 0xf8;
    OK(kmi_beacon_get(bytes, size, &read));
    equal(&read, &b);
}
