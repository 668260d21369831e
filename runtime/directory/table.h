/* table.h -- what a directory knows: names that are published, and who watches for which. Rules and
 * memory, no clock, no I/O; what changes is told through functions, from inside of the one that
 * changed it (which must not change the table again).
 *
 * An *entry* is a listing with where it came from. It *stands*, or another entry of its name has
 * been there earlier: then it is kept, unseen, and stands when the other is gone. A *watch* is told
 * of each standing entry that its viewer may see and its pattern matches.
 *
 *   key of a name   unique: (name, scope, its region: process, group, host, LAN). Of those that are
 *                   no pools, and of a pool and others, the earliest `since` stands, then the
 *                   smaller node, then the smaller number. All of a pool stand.
 *   distance        the nearest region that both are in: PROCESS, GROUP, HOST, LAN
 *   seen            distance <= the listing's scope, and <= the watch's
 *
 * A table and what is got from it belong to one thread.
 */
#ifndef KMI_TABLE_H
#define KMI_TABLE_H

#include "directory/glob.h"
#include <kmsg/names.kmsg.h>

typedef struct kmi_table kmi_table;
typedef struct kmi_entry kmi_entry;
typedef struct kmi_watching kmi_watching;

/* Where an entry came from. NULL: this host. */
typedef struct kmi_far {
    const char *address; /* "10.0.0.2", "[fe80::1%3]": in place of the host in "tcp::7000" */
    const char *host;    /* its name, for people */
} kmi_far;

/* May be NULL: nobody is told. It is told of what changes, not of how it is when kmi_table_add()
 * returns. `by` is who stands in its place, or NULL. */
typedef void kmi_stands_fn(void *ctx, kmi_entry *entry, bool stands, const kmi_entry *by);

/* HERE of one that is here already: its far has changed. What is replaced is gone first. */
typedef void kmi_change_fn(void *ctx, const kmi_entry *entry, bool here,
                           kmsg_names_Scope distance);

struct kmi_entry {
    kmsg_names_Listing listing; /* a copy; belongs to the entry */
    const kmi_far     *far;     /* the caller's, as long as the entry is there */
    void              *owner;   /* the caller's word for where it came from */
    uint64_t           mark;    /* and another one: 0 at first; kmi_table_sweep() */
    kmi_stands_fn     *told;
    void              *told_ctx;
    bool               stands;
};

#define KMI_ENTRIES_MAX  65536u
#define KMI_ENTRIES_OWN  16384u /* of these, that other hosts cannot take */
#define KMI_WATCHES_MAX  65536u
#define KMI_LISTINGS_MAX ((size_t)64 << 20) /* bytes of all; other hosts cannot take a quarter */
#define KMI_LAN_SIZE_MAX ((size_t)3 << 20)  /* of this host's with the scope LAN: one message */

kmi_table *kmi_table_new(void); /* NULL: no memory */
void       kmi_table_free(kmi_table *table); /* tells nobody; NULL is fine */

/* A listing, copied. One of the same node and number replaces the older one, silently where they
 * are equal. `fresh`: it is refused if another one that stands has its key. KMSG_EEXIST, and *ret
 * is who has it; KMSG_EINVAL with words (its name; no scope; another host's that is not for the
 * LAN); KMSG_EFULL with words; KMSG_ENOMEM. When it fails nothing has changed. */
KMSG_CHECK kmsg_err kmi_table_add(kmi_table *table, const kmsg_names_Listing *listing,
                                  const kmi_far *far, void *owner, bool fresh, kmi_stands_fn *told,
                                  void *told_ctx, kmi_entry **ret);
void                kmi_table_remove(kmi_table *table, kmi_entry *entry);

/* Removes all of an owner that have another mark. */
void kmi_table_sweep(kmi_table *table, const void *owner, uint64_t mark);

/* What its far points to has changed: who watches is told HERE again. */
void kmi_table_moved(kmi_table *table, kmi_entry *entry);

kmi_entry *kmi_table_find(const kmi_table *table, uint64_t node, uint64_t number); /* or NULL */
size_t     kmi_table_count(const kmi_table *table);

/* Who has been there before it, and stands; NULL: it stands itself. */
const kmi_entry *kmi_table_winner(const kmi_table *table, const kmi_entry *entry);

/* All, the oldest first, until fn returns false; it must not change the table. */
void kmi_table_each(const kmi_table *table, bool (*fn)(void *ctx, kmi_entry *entry), void *ctx);

/* From inside, `fn` is told of what is there already. KMSG_EINVAL with words (its pattern, no
 * scope), KMSG_EFULL, KMSG_ENOMEM. */
KMSG_CHECK kmsg_err kmi_table_watch(kmi_table *table, const kmsg_names_Viewer *viewer,
                                    kmsg_string pattern, kmsg_names_Scope scope, kmi_change_fn *fn,
                                    void *ctx, kmi_watching **ret);
void                kmi_table_unwatch(kmi_table *table, kmi_watching *watching); /* NULL is fine */

/* Between who looks and what is there. */
kmsg_names_Scope kmi_distance(const kmsg_names_Viewer *viewer, const kmi_entry *entry);

#endif
