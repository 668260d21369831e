/* timer.c -- a binary heap of deadlines, each timer knowing its place in it. */
#include "base/timer.h"

#include "base/alloc.h"

kmsg_err kmi_timer_init(kmi_timers *timers, kmi_timer *timer, kmi_timer_fn *fn)
{
    kmi_timer **heap =
        kmi_grow(timers->heap, (size_t)timers->promised + 1, &timers->capacity, sizeof *heap);

    if (heap == NULL)
        return KMSG_ENOMEM;
    timers->heap = heap;
    timers->promised++;
    *timer = (kmi_timer){.fn = fn};
    return KMSG_OK;
}

void kmi_timer_done(kmi_timers *timers, kmi_timer *timer)
{
    if (timer->fn == NULL)
        return;
    kmi_timer_stop(timers, timer);
    timer->fn = NULL;
    timers->promised--;
}

static void put(kmi_timers *timers, uint32_t place, kmi_timer *timer)
{
    timers->heap[place] = timer;
    timer->place = place;
}

static void rise(kmi_timers *timers, uint32_t place, kmi_timer *timer)
{
    while (place > 1 && timers->heap[place / 2]->at_ns > timer->at_ns) {
        put(timers, place, timers->heap[place / 2]);
        place /= 2;
    }
    put(timers, place, timer);
}

static void sink(kmi_timers *timers, uint32_t place, kmi_timer *timer)
{
    for (;;) {
        uint32_t child = place * 2;
        if (child > timers->count)
            break;
        if (child < timers->count && timers->heap[child + 1]->at_ns < timers->heap[child]->at_ns)
            child++;
        if (timers->heap[child]->at_ns >= timer->at_ns)
            break;
        put(timers, place, timers->heap[child]);
        place = child;
    }
    put(timers, place, timer);
}

static void settle(kmi_timers *timers, uint32_t place, kmi_timer *timer)
{
    if (place > 1 && timers->heap[place / 2]->at_ns > timer->at_ns)
        rise(timers, place, timer);
    else
        sink(timers, place, timer);
}

void kmi_timer_set(kmi_timers *timers, kmi_timer *timer, int64_t at_ns)
{
    timer->at_ns = at_ns;
    if (timer->place == 0)
        rise(timers, ++timers->count, timer);
    else
        settle(timers, timer->place, timer);
    kmi_timers_tell(timers, at_ns);
}

void kmi_timer_stop(kmi_timers *timers, kmi_timer *timer)
{
    uint32_t   place = timer->place;
    kmi_timer *last;

    if (place == 0)
        return;
    timer->place = 0;
    last = timers->heap[timers->count--];
    if (last != timer)
        settle(timers, place, last);
}

int64_t kmi_timers_next(const kmi_timers *timers)
{
    return timers->count == 0 ? KMI_NEVER : timers->heap[1]->at_ns;
}

void kmi_timers_run(kmi_timers *timers, int64_t now_ns)
{
    while (timers->count > 0 && timers->heap[1]->at_ns <= now_ns) {
        kmi_timer *due = timers->heap[1];
        kmi_timer_stop(timers, due);
        due->fn(due, now_ns);
    }
}

void kmi_timers_done(kmi_timers *timers)
{
    kmi_free(timers->heap);
    *timers = (kmi_timers){0};
}
