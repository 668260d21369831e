/* trust.c -- the list of whom we trust, and whether its file has changed.
 *
 * A file is another one when its inode, its size, or one of its times has changed. Times go on by
 * the system's tick: what is written twice within one may look the same, so a file that was
 * changed a moment before it was read is read once more the next time. What was read is compared
 * by its hash: the list, and all that points into it, stays when the text is as it was.
 *
 * A list that cannot be had because of the file, whatever is wrong with it, is an empty one. But
 * when there is no memory or no descriptor, the file has done nothing: the list stays.
 */
#define _POSIX_C_SOURCE 200809L
#include "crypto/trust.h"

#include "base/alloc.h"
#include "base/err.h"
#include "base/log.h"
#include "crypto/file.h"
#include "crypto/trust_file.h"
#include "crypto/trust_line.h"
#include "crypto/trust_list.h"

#include <errno.h>
#include <sodium.h>
#include <string.h>
#include <time.h>

#define FRESH_NS ((int64_t)100 * 1000000)
#define HASH     32u

typedef struct stamp {
    bool            is_known; /* false: who looked was not told */
    bool            is_there;
    off_t           size;
    ino_t           inode;
    dev_t           device;
    struct timespec written, changed;
} stamp;

struct kmi_trust {
    kmi_trust_list list;
    stamp          stamp;    /* of the file that was read last */
    bool           is_fresh; /* it had been changed a moment before */
    uint8_t        hash[HASH];
    bool           has_hash; /* the list is of a text with this hash */
    kmsg_err       err;
    char           words[KMI_ERROR_TEXT_MAX]; /* of `err` */
    char           path[];
};

kmi_trust *kmi_trust_new(const char *path)
{
    size_t     size = strlen(path) + 1;
    kmi_trust *trust = kmi_alloc_zeroed(sizeof *trust + size);

    if (trust != NULL)
        memcpy(trust->path, path, size);
    return trust;
}

void kmi_trust_free(kmi_trust *trust)
{
    if (trust == NULL)
        return;
    kmi_trust_list_done(&trust->list);
    kmi_free(trust);
}

/* ---- has it changed? ------------------------------------------------------------------------- */

static bool same_time(struct timespec a, struct timespec b)
{
    return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

static bool same_stamp(const stamp *a, const stamp *b)
{
    if (!a->is_known || !b->is_known || a->is_there != b->is_there)
        return false;
    return !a->is_there || (a->size == b->size && a->inode == b->inode && a->device == b->device &&
                            same_time(a->written, b->written) && same_time(a->changed, b->changed));
}

static bool just_now(struct timespec at)
{
    struct timespec now;
    int64_t         age_ns;

    clock_gettime(CLOCK_REALTIME, &now);
    if (now.tv_sec < at.tv_sec - 1 || now.tv_sec > at.tv_sec + 1)
        return false;
    age_ns = ((int64_t)now.tv_sec - at.tv_sec) * 1000000000 + now.tv_nsec - at.tv_nsec;
    return age_ns < FRESH_NS;
}

static stamp stamp_of(const struct stat *about)
{
    return (stamp){
        .is_known = true,
        .is_there = true,
        .size = about->st_size,
        .inode = about->st_ino,
        .device = about->st_dev,
        .written = about->st_mtim,
        .changed = about->st_ctim,
    };
}

static stamp look(const char *path)
{
    struct stat about;

    if (stat(path, &about) == 0)
        return stamp_of(&about);
    return (stamp){.is_known = errno == ENOENT};
}

/* ---- reading --------------------------------------------------------------------------------- */

/* The file is no good: nobody is trusted. `at` is the version of which that is said. */
static void forget(kmi_trust *trust, const stamp *at, bool *ret_changed)
{
    bool is_new = trust->err == KMSG_OK || strcmp(trust->words, kmsg_last_error()) != 0 ||
                  (at->is_known && !same_stamp(at, &trust->stamp));

    *ret_changed = trust->list.count > 0;
    kmi_trust_list_done(&trust->list);
    trust->has_hash = false;
    snprintf(trust->words, sizeof trust->words, "%s", kmsg_last_error());
    if (is_new)
        kmi_log(KMSG_ERROR, "nobody is trusted: %s", trust->words);
}

static kmsg_err take_text(kmi_trust *trust, const kmi_trust_text *text, bool *ret_changed)
{
    kmi_trust_list list;
    uint8_t        hash[HASH];
    kmsg_err       err;

    crypto_generichash(hash, sizeof hash, (const uint8_t *)text->text, text->size, NULL, 0);
    if (trust->has_hash && memcmp(hash, trust->hash, sizeof hash) == 0)
        return KMSG_OK;
    err = kmi_trust_list_read(trust->path, text->text, text->size, &list);
    if (err != KMSG_OK)
        return err;
    kmi_trust_list_done(&trust->list);
    trust->list = list;
    memcpy(trust->hash, hash, sizeof hash);
    trust->has_hash = true;
    *ret_changed = true;
    return KMSG_OK;
}

static kmsg_err read_now(kmi_trust *trust, const stamp *seen, bool *ret_changed)
{
    kmi_trust_text text;
    stamp          at = *seen;
    kmsg_err       err = kmi_trust_text_read(trust->path, &text);

    if (err == KMSG_OK) {
        at = text.file.fd < 0 ? (stamp){.is_known = true} : stamp_of(&text.file.about);
        err = take_text(trust, &text, ret_changed);
        kmi_trust_text_done(&text);
    }
    if (err == KMSG_EKEY)
        forget(trust, &at, ret_changed);
    else if (err != KMSG_OK)
        return err;
    trust->is_fresh = at.is_there && (just_now(at.written) || just_now(at.changed));
    trust->stamp = at;
    trust->err = err;
    return err;
}

kmsg_err kmi_trust_refresh(kmi_trust *trust, bool *ret_changed)
{
    stamp seen = look(trust->path);

    *ret_changed = false;
    if (trust->is_fresh || !same_stamp(&seen, &trust->stamp))
        return read_now(trust, &seen, ret_changed);
    return trust->err == KMSG_OK ? KMSG_OK : kmi_error(trust->err, "%s", trust->words);
}

/* ---- asking ---------------------------------------------------------------------------------- */

const kmi_trusted *kmi_trust_find(const kmi_trust *trust, const kmsg_key *key)
{
    const kmi_trusted *item = kmi_trust_list_find(&trust->list, key);

    return item == NULL || item->revoked ? NULL : item;
}

bool kmi_trust_is_revoked(const kmi_trust *trust, const kmsg_key *key)
{
    const kmi_trusted *item = kmi_trust_list_find(&trust->list, key);

    return item != NULL && item->revoked;
}

const kmi_trusted *kmi_trust_find_at(const kmi_trust *trust, const char *at)
{
    char place[KMI_TRUST_PLACE_MAX];

    return kmi_trust_place(at, place) ? kmi_trust_list_find_at(&trust->list, place) : NULL;
}

size_t kmi_trust_count(const kmi_trust *trust)
{
    return trust->list.count;
}

const kmi_trusted *kmi_trust_get(const kmi_trust *trust, size_t index)
{
    return &trust->list.items[index];
}

/* ---- changing -------------------------------------------------------------------------------- */

kmsg_err kmi_trust_add(kmi_trust *trust, const kmi_trusted *line)
{
    return kmi_trust_file_add(trust->path, line);
}

kmsg_err kmi_trust_remove(kmi_trust *trust, const kmsg_key *key)
{
    return kmi_trust_file_remove(trust->path, key);
}
