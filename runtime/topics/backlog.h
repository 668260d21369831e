/* backlog.h -- what waits for one subscriber at his publisher: messages side by side, in order.
 *
 * It knows how many were left out: those before its first message are counted in `missed`, those
 * between two in the head of the second, and those behind the last in `after` until one follows.
 */
#ifndef KMI_BACKLOG_H
#define KMI_BACKLOG_H

#include "topics/news.h"

/* Of the messages that wait, where the latest one of each key is. */
typedef struct kmi_backlog_index {
    uint64_t *places; /* counted from the first message there ever was, and 1; 0: none */
    size_t    capacity;
    size_t    count;
} kmi_backlog_index;

/* All zeros but the limits: empty. */
typedef struct kmi_backlog {
    uint8_t          *data;
    size_t            capacity;
    size_t            from; /* in data: the first message */
    size_t            to;
    uint64_t          origin; /* what data + 0 counts as in the index */
    uint32_t          count;  /* messages, without those that are outdated */
    size_t            size;   /* bytes of these */
    uint64_t          missed; /* right before the first, and not told yet */
    uint64_t          after;  /* behind the last */
    uint64_t          lost;   /* messages that were ever missed */
    uint32_t          count_max;
    size_t            size_max;
    bool              indexed; /* of each key the latest alone is there */
    kmi_backlog_index index;
} kmi_backlog;

void kmi_backlog_done(kmi_backlog *backlog);

/* Is there room for one more of that size? One of any size has, where nothing waits. */
bool kmi_backlog_fits(const kmi_backlog *backlog, size_t room);

/* Behind the others; `latest`: and of what waits of any key, the latest alone stays. KMSG_ENOMEM:
 * it is missed, unless it does not count (KMI_NEWS_LAST). */
KMSG_CHECK kmsg_err kmi_backlog_add(kmi_backlog *backlog, const kmi_news *news, bool latest);

void kmi_backlog_drop_oldest(kmi_backlog *backlog);
void kmi_backlog_drop_all(kmi_backlog *backlog);

/* It was to be added and is not. */
void kmi_backlog_miss(kmi_backlog *backlog, uint64_t count);

/* The first messages, of `size_max` bytes at most, or one: *ret leads into the backlog. How many,
 * and 0 if none wait. */
uint32_t kmi_backlog_front(kmi_backlog *backlog, size_t size_max, kmsg_bytes *ret);

/* These have been told, and what was missed before them. */
void kmi_backlog_told(kmi_backlog *backlog, uint32_t count, size_t size);

#endif
