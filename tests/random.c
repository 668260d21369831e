/* random.c -- test_random(), for test programs and for what writes schemas: see test.h. */
#include "test.h"

static uint64_t state = 1;

void test_seed(uint64_t seed)
{
    state = seed * 2 + 1;
}

/* xorshift64*, whose upper half is good enough for tests. */
uint32_t test_random(void)
{
    state ^= state >> 12;
    state ^= state << 25;
    state ^= state >> 27;
    return (uint32_t)((state * UINT64_C(2685821657736338717)) >> 32);
}
