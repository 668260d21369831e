/* session.c -- fuzz target: what a stranger may send to a session, in any pieces.
 *
 * The first byte decides into which pieces the rest is cut. Fed whole and fed in pieces, the
 * session must give the same frames, say the same, and end in the same way; bodies must be
 * 8-aligned.
 *
 *     make fuzz F=session S=60
 */
#include "wire/session.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define SLAB ((size_t)1 << 16)

typedef struct result {
    uint64_t          digest; /* of all frames given and all that was said */
    kmi_session_state state;
    kmsg_err          err;
} result;

static void digest(result *r, const void *bytes, size_t size)
{
    const uint8_t *b = bytes;

    for (size_t i = 0; i < size; i++)
        r->digest = (r->digest ^ b[i]) * UINT64_C(0x100000001b3);
}

static void digest_frame(result *r, const kmi_frame *f)
{
    const uint32_t words[] = {f->kind, f->flags, f->method,
                              f->call, f->aux,   (uint32_t)f->body_size};

    digest(r, words, sizeof words);
    if (f->slab == NULL)
        return;
    if (((uintptr_t)f->body & 7) != 0)
        abort();
    digest(r, f->body, f->body_size);
}

/* At the very end of memory of its own, as far as alignment allows. */
static kmi_slab *slab_of(const kmi_session *s, const uint8_t *data, size_t size, uint8_t **ret_at)
{
    kmi_slab *slab = kmi_slab_new(kmi_session_alignment(s) + size);

    if (slab == NULL)
        abort();
    *ret_at = slab->data + kmi_session_alignment(s);
    memcpy(*ret_at, data, size);
    return slab;
}

static result converse(const uint8_t *data, size_t size, uint8_t pieces)
{
    const kmi_session_options options = {
        .own = {.instance = 1, .message_max = 1 << 14, .credit = 256, .credit_bytes = 1 << 22},
        .idle_ns = 10,
        .dead_ns = 20};
    kmi_slab_pool pool = {0};
    kmi_session   s;
    kmi_out       out;
    result        r = {UINT64_C(0xcbf29ce484222325), KMI_SESSION_MAGIC, KMSG_OK};
    uint32_t      random = pieces;

    kmi_out_init(&out, &pool);
    kmi_session_init(&s, &options, 0);
    while (size > 0 && s.state != KMI_SESSION_OVER) {
        size_t    n = pieces == 0 ? size : 1 + (random >> 8) % (pieces < 128 ? 7u : 300u);
        uint8_t  *at;
        kmi_slab *slab;
        kmi_frame f;
        n = n < size ? n : size;
        slab = slab_of(&s, data, n, &at);
        kmi_session_feed(&s, slab, at, n, 1);
        kmi_slab_unref(slab);
        while (kmi_session_next(&s, &out, &f)) {
            digest_frame(&r, &f);
            kmi_slab_unref(f.slab);
        }
        data += n;
        size -= n;
        random = random * 1664525 + 1013904223;
    }
    for (const kmi_slab *chunk = out.first; chunk != NULL; chunk = chunk->next)
        digest(&r, chunk->data, chunk->size);
    r.state = s.state;
    r.err = s.err;
    kmi_session_done(&s);
    kmi_out_done(&out);
    kmi_slab_pool_done(&pool);
    return r;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    result whole, cut;

    if (size < 2 || size > SLAB)
        return 0;
    whole = converse(data + 1, size - 1, 0);
    cut = converse(data + 1, size - 1, data[0] == 0 ? 1 : data[0]);
    if (whole.digest != cut.digest || whole.state != cut.state || whole.err != cut.err)
        abort();
    return 0;
}
