/* backlog.c -- see backlog.h.
 *
 * Messages lie in one piece of memory, which grows to hold what is allowed and is then used again
 * and again: what is told makes room in front, and when the end is reached what is left moves
 * there.
 *
 * Where only the latest of each key counts, the one before it is marked and stays where it lies
 * until so much of that has come together that it is worth a pass over all; what is handed out has
 * none of it. The index has places that count from the first message there ever was, so that those
 * in front of the first that waits are known to be old.
 */
#include "topics/backlog.h"

#include "base/alloc.h"
#include "base/err.h"

#include <assert.h>
#include <string.h>

#define CAPACITY_MIN ((size_t)4 << 10)
#define INDEX_MIN    64u

void kmi_backlog_done(kmi_backlog *backlog)
{
    kmi_free(backlog->data);
    kmi_free(backlog->index.places);
    backlog->data = NULL;
    backlog->index.places = NULL;
}

/* What waits was written here: it can be read. */
static kmi_news at_place(const kmi_backlog *b, size_t at)
{
    kmi_news news;
    bool     is_one = kmi_news_get(b->data + at, b->to - at, &news);

    assert(is_one && "a backlog holds messages");
    (void)is_one;
    return news;
}

static bool is_outdated(const kmi_news *news)
{
    return (news->flags & KMI_NEWS_OUTDATED) != 0;
}

/* ---- the index ------------------------------------------------------------------------------- */

static size_t hash(const uint8_t *key, size_t size)
{
    uint64_t h = UINT64_C(14695981039346656037);

    for (size_t i = 0; i < size; i++)
        h = (h ^ key[i]) * UINT64_C(1099511628211);
    return (size_t)(h ^ h >> 29);
}

static bool has_key(const kmi_backlog *b, uint64_t place, const kmi_news *news)
{
    kmi_news other;

    if (place - 1 < b->origin + b->from)
        return false; /* it has been told */
    other = at_place(b, (size_t)(place - 1 - b->origin));
    return other.key_size == news->key_size &&
           memcmp(kmi_news_key(&other), kmi_news_key(news), news->key_size) == 0;
}

/* Where the place of that key is, or would be. */
static uint64_t *find(const kmi_backlog *b, const kmi_news *news)
{
    size_t i = hash(kmi_news_key(news), news->key_size) & (b->index.capacity - 1);

    while (b->index.places[i] != 0 && !has_key(b, b->index.places[i], news))
        i = (i + 1) & (b->index.capacity - 1);
    return &b->index.places[i];
}

/* The one that waits there is not the latest of its key any more. */
static void outdate(kmi_backlog *b, uint64_t place)
{
    kmi_news old = at_place(b, (size_t)(place - 1 - b->origin));

    kmi_store32(b->data + (old.at - b->data) + 12, old.flags | KMI_NEWS_OUTDATED);
    b->count--;
    b->size -= old.room;
    b->lost += !(old.flags & KMI_NEWS_LAST);
}

static void note(kmi_backlog *b, const kmi_news *news)
{
    uint64_t *place = find(b, news);

    if (*place != 0)
        outdate(b, *place);
    else
        b->index.count++;
    *place = b->origin + (uint64_t)(news->at - b->data) + 1;
}

/* Anew, of what waits. */
static void note_all(kmi_backlog *b)
{
    kmi_news news;

    if (b->index.places != NULL)
        memset(b->index.places, 0, b->index.capacity * sizeof *b->index.places);
    b->index.count = 0;
    for (size_t at = b->from; at < b->to; at += news.room) {
        news = at_place(b, at);
        if (!is_outdated(&news))
            note(b, &news);
    }
    b->indexed = true;
}

/* Room for one more key. */
static bool grow_index(kmi_backlog *b)
{
    size_t    capacity = INDEX_MIN;
    uint64_t *places;

    if (b->indexed && (b->index.count + 1) * 2 <= b->index.capacity)
        return true;
    while (capacity < ((size_t)b->count + 1) * 4)
        capacity *= 2;
    if (capacity > b->index.capacity) {
        places = kmi_resize(b->index.places, capacity * sizeof *places);
        if (places == NULL)
            return false;
        b->index.places = places;
        b->index.capacity = capacity;
    }
    note_all(b);
    return true;
}

/* ---- room ------------------------------------------------------------------------------------ */

static void move_down(kmi_backlog *b)
{
    memmove(b->data, b->data + b->from, b->to - b->from);
    b->origin += b->from;
    b->to -= b->from;
    b->from = 0;
}

/* So many more were left out before the message at `at`. What its head cannot count is told
 * earlier.
 */
static void count_before(kmi_backlog *b, uint8_t *at, uint64_t missed)
{
    uint64_t most = UINT32_MAX - kmi_load32(at + 8);

    if (at == b->data + b->from)
        most = 0;
    if (missed > most) {
        b->missed += missed - most;
        missed = most;
    }
    kmi_store32(at + 8, kmi_load32(at + 8) + (uint32_t)missed);
}

/* What it says of others that were left out, and itself. */
static uint64_t missed_with(const kmi_news *news)
{
    return (uint64_t)news->missed + !(news->flags & KMI_NEWS_LAST);
}

/* What is outdated goes; what it had to say of others, the next one says. */
static void clean(kmi_backlog *b)
{
    size_t   to = 0, from = b->from;
    uint64_t missed = 0;
    kmi_news news;

    b->from = 0;
    for (size_t at = from; at < b->to; at += news.room) {
        news = at_place(b, at);
        if (is_outdated(&news)) {
            missed += missed_with(&news);
            continue;
        }
        memmove(b->data + to, b->data + at, news.room);
        count_before(b, b->data + to, missed);
        missed = 0;
        to += news.room;
    }
    b->origin += b->to;
    b->to = to;
    if (b->indexed)
        note_all(b);
}

static bool make_room(kmi_backlog *b, size_t room)
{
    size_t   live = b->to - b->from, capacity = b->capacity == 0 ? CAPACITY_MIN : b->capacity;
    uint8_t *data;

    if (b->capacity - b->to >= room)
        return true;
    if (live <= b->capacity / 2)
        move_down(b);
    if (b->capacity - b->to >= room)
        return true;
    move_down(b);
    while (capacity - b->to < room)
        capacity *= 2;
    data = kmi_resize(b->data, capacity);
    if (data == NULL)
        return false;
    b->data = data;
    b->capacity = capacity;
    return true;
}

bool kmi_backlog_fits(const kmi_backlog *b, size_t room)
{
    return b->count == 0 ||
           (b->count < b->count_max && b->size <= b->size_max && room <= b->size_max - b->size);
}

/* ---- coming and going ------------------------------------------------------------------------ */

void kmi_backlog_miss(kmi_backlog *b, uint64_t count)
{
    *(b->count == 0 ? &b->missed : &b->after) += count;
    b->lost += count;
}

kmsg_err kmi_backlog_add(kmi_backlog *b, const kmi_news *news, bool latest)
{
    kmi_news copy = *news;

    if (!make_room(b, news->room) || (latest && !grow_index(b))) {
        kmi_backlog_miss(b, !(news->flags & KMI_NEWS_LAST));
        return kmi_error_plain(KMSG_ENOMEM);
    }
    b->indexed = latest;
    copy.at = b->data + b->to;
    memcpy(b->data + b->to, news->at, news->room);
    count_before(b, b->data + b->to, b->after);
    b->after = 0;
    b->to += news->room;
    b->count++;
    b->size += news->room;
    if (latest)
        note(b, &copy);
    if (b->to - b->from > 2 * b->size + CAPACITY_MIN)
        clean(b);
    return KMSG_OK;
}

static void leave_front(kmi_backlog *b, size_t size)
{
    b->from += size;
    if (b->from < b->to)
        return;
    move_down(b);
    b->missed += b->after;
    b->after = 0;
}

/* And what is outdated before it. */
void kmi_backlog_drop_oldest(kmi_backlog *b)
{
    kmi_news news = {.flags = KMI_NEWS_OUTDATED};

    while (is_outdated(&news) && b->from < b->to) {
        news = at_place(b, b->from);
        b->missed += missed_with(&news);
        if (!is_outdated(&news)) {
            b->lost += !(news.flags & KMI_NEWS_LAST);
            b->count--;
            b->size -= news.room;
        }
        leave_front(b, news.room);
    }
}

void kmi_backlog_drop_all(kmi_backlog *b)
{
    while (b->count > 0)
        kmi_backlog_drop_oldest(b);
}

uint32_t kmi_backlog_front(kmi_backlog *b, size_t size_max, kmsg_bytes *ret)
{
    uint32_t count = 0;
    size_t   at;

    if (b->to - b->from > b->size)
        clean(b);
    for (at = b->from; at < b->to; count++) {
        size_t room = at_place(b, at).room;
        if (count > 0 && at - b->from + room > size_max)
            break;
        at += room;
    }
    *ret = (kmsg_bytes){b->data + b->from, at - b->from};
    return count;
}

void kmi_backlog_told(kmi_backlog *b, uint32_t count, size_t size)
{
    b->count -= count;
    b->size -= size;
    b->missed = 0;
    leave_front(b, size);
}
