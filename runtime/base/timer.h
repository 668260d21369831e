/* timer.h -- all deadlines of a thread in one heap: the loop beneath needs one timer, not
 * thousands.
 *
 * A timer lies in its owner's memory. Setting and stopping never fails after kmi_timer_init(),
 * which makes room: so nothing that must end can be left without its end.
 */
#ifndef KMI_TIMER_H
#define KMI_TIMER_H

#include <kmsg/base.h>

#define KMI_NEVER INT64_MAX

typedef struct kmi_timer kmi_timer;
typedef void             kmi_timer_fn(kmi_timer *timer, int64_t now_ns);

struct kmi_timer {
    int64_t       at_ns;
    kmi_timer_fn *fn;
    uint32_t      place; /* in the heap, from 1; 0: not set */
};

#define KMI_AWAKE INT64_MIN

typedef struct kmi_timers {
    kmi_timer **heap; /* from 1 */
    uint32_t    count;
    uint32_t    promised; /* timers that were initialised: there is room for so many */
    size_t      capacity;
    /* Somebody sleeps until then, and is told of what comes earlier. KMI_AWAKE: he looks himself.
     */
    int64_t told_ns;
    void (*sooner)(struct kmi_timers *timers, int64_t at_ns);
} kmi_timers;

/* KMSG_ENOMEM. A timer that was initialised is ended with kmi_timer_done(). */
KMSG_CHECK kmsg_err kmi_timer_init(kmi_timers *timers, kmi_timer *timer, kmi_timer_fn *fn);
void                kmi_timer_done(kmi_timers *timers, kmi_timer *timer);

void kmi_timer_set(kmi_timers *timers, kmi_timer *timer, int64_t at_ns); /* moves one that is set */
void kmi_timer_stop(kmi_timers *timers, kmi_timer *timer);

/* Something comes at that time that he who sleeps must see. */
static inline void kmi_timers_tell(kmi_timers *timers, int64_t at_ns)
{
    if (at_ns < timers->told_ns)
        timers->sooner(timers, at_ns);
}

/* The earliest deadline, KMI_NEVER without one. */
int64_t kmi_timers_next(const kmi_timers *timers);

/* Stops each timer that is due and calls its function, the earliest first. */
void kmi_timers_run(kmi_timers *timers, int64_t now_ns);
void kmi_timers_done(kmi_timers *timers);

#endif
