/* table.h -- what a directory knows: names that are published, and who watches for which. Rules and
 * memory, no clock, no I/O; what changes is told through functions, from inside of the one that
 * changed it (which must not change the table again).
 *
 * An *entry* is a listing with where it came from. It *stands*, or another entry of its name has been
 * there earlier: then it is kept, unseen, and stands when the other is gone. A *watch* is told of
 * each standing entry that its viewer may see and its pattern matches.
 *
 *   key of a name   unique: (name, scope, its region: process, group, host, LAN). Of those that are
 *                   no pools, and of a pool and others, the earliest `since` stands, then the
 *                   smaller node, then the smaller number. All of a pool stand.
 *   distance        the nearest region that both are in: PROCESS, GROUP, HOST, LAN
 *   seen            distance <= the listing's scope, and <= the watch's
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

/* May be NULL: nobody is told. `by` is who stands in its place, or NULL. */
typedef void kmi_stands_fn(void *ctx, kmi_entry *entry, bool stands, const kmi_entry *by);
typedef void kmi_change_fn(void *ctx, const kmi_entry *entry, bool here,
                           kmsg_names_Scope distance);

struct kmi_entry {
    kmsg_names_Listing listing; /* a copy; belongs to the entry */
    const kmi_far     *far;     /* the caller's, as long as the entry is there */
    void              *owner;   /* the caller's word for where it came from */
    kmi_stands_fn     *told;
    void              *told_ctx;
    bool               stands;
    /* more follows, in table.c */
};

#define KMI_ENTRIES_MAX  65536u
#define KMI_WATCHES_MAX  65536u

kmi_table *kmi_table_new(void); /* NULL: no memory */
void       kmi_table_free(kmi_table *table); /* tells nobody; NULL is fine */

/* A listing, copied. One of the same node and number replaces the older one, silently where they
 * are equal. `fresh`: it is refused if another one that stands has its key. KMSG_EEXIST, and *ret is
 * who has it; KMSG_EINVAL with words (its name); KMSG_EFULL; KMSG_ENOMEM. */
KMSG_CHECK kmsg_err kmi_table_add(kmi_table *table, const kmsg_names_Listing *listing,
                                  const kmi_far *far, void *owner, bool fresh, kmi_stands_fn *told,
                                  void *told_ctx, kmi_entry **ret);
void                kmi_table_remove(kmi_table *table, kmi_entry *entry);

kmi_entry *kmi_table_find(const kmi_table *table, uint64_t node, uint64_t number); /* or NULL */
size_t     kmi_table_count(const kmi_table *table);

/* All, in any order, until fn returns false; it must not change the table. */
void kmi_table_each(const kmi_table *table, bool (*fn)(void *ctx, kmi_entry *entry), void *ctx);

/* From inside, `fn` is told of what is there already. KMSG_EINVAL with words (its pattern),
 * KMSG_EFULL, KMSG_ENOMEM. */
KMSG_CHECK kmsg_err kmi_table_watch(kmi_table *table, const kmsg_names_Viewer *viewer,
                                    kmsg_string pattern, kmsg_names_Scope scope, kmi_change_fn *fn,
                                    void *ctx, kmi_watching **ret);
void                kmi_table_unwatch(kmi_table *table, kmi_watching *watching); /* NULL is fine */

/* Between who looks and what is there. */
kmsg_names_Scope kmi_distance(const kmsg_names_Viewer *viewer, const kmi_entry *entry);

#endif
