/* flip_test.c -- each bit of a message flipped, each end cut off: what the decoder's corpus holds,
 * and messages of every form.
 */
#define _POSIX_C_SOURCE 200809L

#include "judge.h"
#include "layouts.h"
#include "maker.h"
#include "test.h"

#include <dirent.h>
#include <stdlib.h>

#define CORPUS  "tests/fuzz/corpus/decode"
#define FLIPPED 2048 /* bytes that are all flipped; of a longer message about as many */
#define VALUES  2

/* All that is one bit away, and all that is shorter; the message is changed and restored. */
static void damage(const kmsg_layout *layout, uint8_t *data, size_t size)
{
    const size_t step = 1 + size / test_rounds(FLIPPED);

    (void)judge_bytes(layout, (kmsg_bytes){data, size});
    for (size_t at = 0; at < size; at += step)
        for (unsigned bit = 0; bit < 8; bit++) {
            data[at] ^= (uint8_t)(1u << bit);
            (void)judge_bytes(layout, (kmsg_bytes){data, size});
            data[at] ^= (uint8_t)(1u << bit);
        }
    for (size_t cut = 0; cut < size; cut += step)
        (void)judge_bytes(layout, (kmsg_bytes){data, cut});
}

/* Its first byte chooses the record, as in tests/fuzz/decode.c. */
static void damage_file(const char *name)
{
    char    path[512];
    uint8_t data[1 << 16];
    FILE   *file;
    size_t  size;

    snprintf(path, sizeof path, CORPUS "/%s", name);
    test_at("%s", path);
    file = fopen(path, "rb");
    CHECK(file != NULL);
    size = fread(data, 1, sizeof data, file);
    fclose(file);
    CHECK(size < sizeof data);
    if (size != 0)
        damage(test_layouts[data[0] % TEST_LAYOUTS], data + 1, size - 1);
}

TEST(every_flipped_bit_of_the_corpus_is_judged_alike)
{
    DIR     *dir = opendir(CORPUS);
    unsigned files = 0;

    CHECK(dir != NULL);
    for (struct dirent *entry = readdir(dir); entry != NULL; entry = readdir(dir))
        if (entry->d_name[0] != '.') {
            damage_file(entry->d_name);
            files++;
        }
    closedir(dir);
    CHECK(files > 50);
}

TEST(every_flipped_bit_of_every_kind_of_message_is_judged_alike)
{
    for (unsigned i = 0; i < TEST_LAYOUTS * VALUES; i++) {
        const kmsg_layout *layout = test_layouts[i / VALUES];
        kmsg_arena        *mem = kmsg_arena_new();
        maker              m = {.mem = mem};
        kmsg_bytes         bytes;
        uint8_t           *data;

        test_at("%s, seed %u", layout->name, i);
        test_seed(i);
        bytes = judge_value(layout, maker_record(&m, layout), mem);
        data = malloc(bytes.size);
        memcpy(data, bytes.data, bytes.size);
        damage(layout, data, bytes.size);
        free(data);
        kmsg_arena_free(mem);
    }
}
