/* news.h -- a message of a topic among others: its head, where it came from, its key, its value.
 * idl/schemas/topics.kmsg has the bytes.
 */
#ifndef KMI_NEWS_H
#define KMI_NEWS_H

#include "wire/frame.h"

#define KMI_NEWS_HEAD   16u
#define KMI_NEWS_ORIGIN 24u

#define KMI_NEWS_LAST 1u /* flags */
#define KMI_NEWS_WANDERS                                                                           \
    2u /* it may pass through nodes that relay it, and says where it is from                       \
        */
#define KMI_NEWS_OUTDATED 0x80000000u /* in a queue alone: a later one of its key waits, too */

/* A message as it lies among others. */
typedef struct kmi_news {
    const uint8_t *at;
    size_t         room; /* bytes up to the next one */
    uint32_t       key_size;
    uint32_t       value_size;
    uint32_t       missed;
    uint32_t       flags;
    uint64_t       origin; /* of one that wanders; else 0 */
    uint64_t       number;
    uint32_t       ttl;
} kmi_news;

static inline size_t kmi_news_lead(uint32_t flags)
{
    return KMI_NEWS_HEAD + (flags & KMI_NEWS_WANDERS ? KMI_NEWS_ORIGIN : 0);
}

static inline const uint8_t *kmi_news_key(const kmi_news *news)
{
    return news->at + kmi_news_lead(news->flags);
}

static inline const uint8_t *kmi_news_value(const kmi_news *news)
{
    return kmi_news_key(news) + kmi_frame_room(news->key_size);
}

/* Its head, and where it came from; `room` and `at` are not looked at. */
static inline void kmi_news_put(uint8_t *at, const kmi_news *news)
{
    kmi_store32(at, news->key_size);
    kmi_store32(at + 4, news->value_size);
    kmi_store32(at + 8, news->missed);
    kmi_store32(at + 12, news->flags);
    if (!(news->flags & KMI_NEWS_WANDERS))
        return;
    kmi_store64(at + 16, news->origin);
    kmi_store64(at + 24, news->number);
    kmi_store32(at + 32, news->ttl);
    kmi_store32(at + 36, 0);
}

/* The message that stands at `at`, where `left` bytes are. False: they hold none. */
static inline bool kmi_news_get(const uint8_t *at, size_t left, kmi_news *ret)
{
    if (left < KMI_NEWS_HEAD)
        return false;
    ret->at = at;
    ret->key_size = kmi_load32(at);
    ret->value_size = kmi_load32(at + 4);
    ret->missed = kmi_load32(at + 8);
    ret->flags = kmi_load32(at + 12);
    ret->room =
        kmi_news_lead(ret->flags) + kmi_frame_room(ret->key_size) + kmi_frame_room(ret->value_size);
    if (ret->key_size > KMSG_MESSAGE_MAX || ret->value_size > KMSG_MESSAGE_MAX || ret->room > left)
        return false;
    ret->origin = ret->number = 0;
    ret->ttl = 0;
    if (ret->flags & KMI_NEWS_WANDERS) {
        ret->origin = kmi_load64(at + 16);
        ret->number = kmi_load64(at + 24);
        ret->ttl = kmi_load32(at + 32);
    }
    return true;
}

#endif
