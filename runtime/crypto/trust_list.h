/* trust_list.h -- the file `trusted` in memory: its lines, and tables to find them by. */
#ifndef KMI_TRUST_LIST_H
#define KMI_TRUST_LIST_H

#include "crypto/trust.h"

#define KMI_TRUST_FILE_MAX  ((size_t)16 << 20)
#define KMI_TRUST_LINES_MAX 100000u

/* Where a line lies in the file. */
typedef struct kmi_trust_span {
    size_t   begin, end; /* behind its newline */
    unsigned number;     /* from 1 */
} kmi_trust_span;

/* Places of a table are found by a hash with a random key: so how long a look takes says nothing
 * about what is in it. */
typedef struct kmi_trust_slot {
    const void *bytes; /* NULL: free */
    uint32_t    size;
    uint32_t    item;
} kmi_trust_slot;

typedef struct kmi_trust_table {
    kmi_trust_slot *slots;
    size_t          mask;
    uint8_t         hash_key[16];
} kmi_trust_table;

typedef struct kmi_trust_list {
    kmsg_arena     *mem; /* of all that follows; NULL: an empty list */
    kmi_trusted    *items;
    kmi_trust_span *spans; /* for each item */
    size_t          count;
    kmi_trust_table keys, places;
} kmi_trust_list;

/* `text` is copied. KMSG_EKEY, with words: "PATH:7: .."; KMSG_ENOMEM. `ret` is done with in the
 * end. */
KMSG_CHECK kmsg_err kmi_trust_list_read(const char *path, const char *text, size_t size,
                                        kmi_trust_list *ret);
void                kmi_trust_list_done(kmi_trust_list *list);

const kmi_trusted *kmi_trust_list_find(const kmi_trust_list *list, const kmsg_key *key);
/* `place` in its normal form. */
const kmi_trusted *kmi_trust_list_find_at(const kmi_trust_list *list, const char *place);

#endif
