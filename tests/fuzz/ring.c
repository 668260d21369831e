/* ring.c -- fuzz target: who shares the memory of two rings writes whatever it likes into it, at
 * any moment: over the other side's positions and flags, and over bytes that are on their way.
 *
 * Each input byte is what happens next. The memory lies exactly between bytes that must not change,
 * and so do the buffers; whatever is returned must be possible; and who has breached nothing is
 * never told so.
 *
 *     make fuzz F=ring S=60
 */
#include "net/ring.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define SIZE   KMI_RING_MIN
#define BUFFER 6000u
#define GUARD  64u

typedef struct guarded {
    uint8_t *all;
    uint8_t *at;
    size_t   size;
} guarded;

typedef struct input {
    const uint8_t *at;
    const uint8_t *end;
} input;

static guarded new_guarded(size_t size)
{
    size_t  room = (GUARD + size + GUARD + 4095) / 4096 * 4096;
    guarded g = {aligned_alloc(4096, room + 4096), NULL, size};

    if (g.all == NULL)
        abort();
    memset(g.all, 0xd5, room + 4096);
    g.at = g.all + 4096 - (size == BUFFER ? GUARD : 0); /* rings begin at a page */
    memset(g.at, 0, size);
    return g;
}

static void check_guard(const guarded *g)
{
    for (size_t i = 1; i <= GUARD; i++)
        if (*(g->at - i) != 0xd5 || g->at[g->size + i - 1] != 0xd5)
            abort();
}

static uint32_t take(input *in, unsigned bytes)
{
    uint32_t v = 0;

    while (bytes-- > 0 && in->at < in->end)
        v = v << 8 | *in->at++;
    return v;
}

/* Anything, a step from where it should be, or all of it. */
static void scribble(input *in, guarded *memory)
{
    uint32_t          how = take(in, 1), which = take(in, 1) % 8;
    kmi_ring_words   *words = (kmi_ring_words *)(void *)memory->at + which / 4;
    _Atomic uint32_t *word[] = {&words->written, &words->read, &words->asleep, &words->waiting};

    if (how % 4 == 0)
        atomic_store(word[which % 4], take(in, 4));
    else if (how % 4 == 1)
        atomic_fetch_add(word[which % 4], take(in, 1) - 128u);
    else if (how % 4 == 2)
        memset(memory->at + take(in, 2) % (memory->size - 256), (int)take(in, 1), 256);
    else
        memset(memory->at, (int)take(in, 1), memory->size);
}

static void check_count(ptrdiff_t n, size_t most, bool honest)
{
    if (n == KMI_RING_BREACH ? honest : n < 0 || (size_t)n > most)
        abort();
}

/* `honest`: nobody has scribbled yet. */
static bool step(input *in, guarded *memory, guarded *buffer, kmi_ring *out, kmi_ring *back,
                 bool honest)
{
    uint32_t what = take(in, 1), size = take(in, 2) % (BUFFER + 1);

    switch (what % 8) {
    case 0:
    case 1: check_count(kmi_ring_write(out, buffer->at, size), size, honest); break;
    case 2:
    case 3: check_count(kmi_ring_read(back, buffer->at, size), size, honest); break;
    case 4: check_count(kmi_ring_left(out), SIZE, honest); break;
    case 5:
        check_count(kmi_ring_there(back), SIZE, honest);
        (void)kmi_ring_wakes_writer(back);
        break;
    case 6:
        kmi_ring_sleep(back, size & 1);
        kmi_ring_wait(out, size & 2);
        (void)kmi_ring_wakes_reader(out);
        break;
    default: scribble(in, memory); honest = false;
    }
    return honest;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    input    in = {data, data + size};
    guarded  memory, buffer;
    kmi_ring out, back;
    bool     honest = true;

    if (size > 4096)
        return 0;
    memory = new_guarded(kmi_rings_room(SIZE));
    buffer = new_guarded(BUFFER);
    kmi_ring_init(&out, memory.at, SIZE, KMI_RING_TO_ACCEPTOR);
    kmi_ring_init(&back, memory.at, SIZE,
                  size % 2 == 0 ? KMI_RING_TO_DIALLER : KMI_RING_TO_ACCEPTOR);
    while (in.at < in.end)
        honest = step(&in, &memory, &buffer, &out, &back, honest);
    check_guard(&memory);
    check_guard(&buffer);
    free(memory.all);
    free(buffer.all);
    return 0;
}
