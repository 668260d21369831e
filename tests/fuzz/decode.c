/* decode.c -- the decoder against any bytes, in two opinions.
 *
 * Generated code and the descriptors must agree on what is good, and on what it says. What is good
 * comes back as the same bytes unless another version of the schema wrote it; every value can be
 * copied, compared, printed and encoded again. No more memory is taken than the limit allows.
 *
 * The first byte chooses the record.
 */
#include "layouts.h"
#include "version.h"

#include <kmsg/codec.h>

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t taken; /* bytes that the allocator has given out in this run */

static void *counting(void *ctx, void *old, size_t size)
{
    (void)ctx;
    if (size == 0) {
        free(old);
        return NULL;
    }
    taken += size;
    return realloc(old, size);
}

static void must(bool good)
{
    if (!good)
        abort();
}

/* Encoded and decoded once more it is the same; encoding is a function of the value alone. What an
 * older version lacked takes its default, which is not always within limits. */
static void go_round(const kmsg_layout *layout, kmsg_bytes bytes, const void *value,
                     kmsg_arena *mem)
{
    bool       same = version_wrote(layout, bytes);
    kmsg_bytes a, b;
    void      *again = kmsg_alloc(mem, layout->size, 16), *copy = kmsg_alloc(mem, layout->size, 16);
    kmsg_err   err = kmsg_encode(layout, value, mem, &a);

    if (err == KMSG_EVALUE && !same)
        return;
    must(err == KMSG_OK);
    must(!same || (a.size == bytes.size && memcmp(a.data, bytes.data, a.size) == 0));
    must(kmsg_decode(layout, a, mem, again) == KMSG_OK);
    must(kmsg_equal(layout, value, again));
    must(kmsg_copy(layout, again, mem, copy) == KMSG_OK);
    must(kmsg_encode(layout, copy, mem, &b) == KMSG_OK);
    must(a.size == b.size && memcmp(a.data, b.data, a.size) == 0);
}

static void try(const kmsg_layout *layout, kmsg_bytes bytes, kmsg_arena *mem, FILE *out)
{
    kmsg_layout slow = *layout;
    void       *one = kmsg_alloc(mem, layout->size, 16), *two = kmsg_alloc(mem, layout->size, 16);
    kmsg_err    a, b;

    slow.row_get = NULL;
    taken = 0;
    a = kmsg_decode(layout, bytes, mem, one);
    if (a ==
        KMSG_OK) /* the budget, the copy to an aligned place, and blocks that are partly used */
        must(taken <= 2 * (17 * bytes.size + 4096 + 2 * layout->size) + (4 << 20));
    b = kmsg_decode(&slow, bytes, mem, two);
    must(a == b);
    if (a != KMSG_OK) {
        must(kmsg_last_error()[0] != '\0');
        return;
    }
    must(kmsg_equal(layout, one, two));
    kmsg_print(layout, one, out);
    go_round(layout, bytes, one, mem);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static kmsg_arena *mem;
    static FILE       *out;
    uint8_t           *aligned;

    if (size == 0)
        return 0;
    if (mem == NULL) {
        kmsg_set_allocator((kmsg_allocator){counting, NULL});
        mem = kmsg_arena_new();
        out = fopen("/dev/null", "w");
    }
    aligned = aligned_alloc(8, (size + 7) & ~(size_t)7); /* exactly as long as its bytes */
    memcpy(aligned, data + 1, size - 1);
    try(test_layouts[data[0] % TEST_LAYOUTS], (kmsg_bytes){aligned, size - 1}, mem, out);
    free(aligned);
    kmsg_arena_free(mem);
    mem = kmsg_arena_new();
    return 0;
}
