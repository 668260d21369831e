/* claim.h -- one key of a name, and the entries that have it: who of them stands. Names, which have
 * claims and watches. Private to directory/.
 */
#ifndef KMI_CLAIM_H
#define KMI_CLAIM_H

#include "directory/index.h"
#include "directory/table.h"

typedef struct kmi_claim kmi_claim;
typedef struct kmi_name  kmi_name;

/* An entry with what the table needs of it. */
typedef struct kmi_item kmi_item;
struct kmi_item {
    kmi_entry      entry; /* first */
    kmsg_arena     mem;   /* what its listing points to */
    size_t         size;  /* of its listing as a message */
    kmi_item      *older;
    kmi_item      *newer;
    kmi_index_node by_id;
    kmi_claim     *claim;
    size_t         place; /* in the claim's heap */
};

/* The earliest is at the front: a heap. */
struct kmi_claim {
    kmi_claim       *next; /* of the name */
    kmi_name        *name;
    kmsg_names_Scope scope;
    uint64_t         process; /* where the scope is PROCESS; else 0 */
    kmi_item       **items;
    size_t           count;
    size_t           capacity;
    uint32_t         pins; /* it is needed though nothing is in it */
    uint32_t         group_size;
    char             group[]; /* where the scope is GROUP */
};

/* A text that is published, or watched for as it is. */
struct kmi_name {
    kmi_index_node by_text;
    kmi_claim     *claims;
    kmi_watching  *watches;
    uint32_t       size;
    char           text[];
};

/* The name of this text. NULL: there is none; for _need(): no memory. */
kmi_name *kmi_name_find(const kmi_index *names, kmsg_string text);
kmi_name *kmi_name_need(kmi_index *names, kmsg_string text);

/* If nothing is left of it, it goes. */
void kmi_name_leave(kmi_index *names, kmi_name *name);

/* Where a listing belongs, with room for one more, pinned. NULL: no memory. */
kmi_claim *kmi_claim_need(kmi_index *names, const kmsg_names_Listing *listing);
void       kmi_claim_unpin(kmi_index *names, kmi_claim *claim);

void kmi_claim_put(kmi_claim *claim, kmi_item *item);
void kmi_claim_take(kmi_claim *claim, kmi_item *item); /* it may be empty then */

/* By the rules, whatever entry->stands says. */
bool kmi_claim_stands(const kmi_item *item);

/* Who stands and cannot beside such a one; `but` does not count. NULL: nobody. */
kmi_item *kmi_claim_rival(const kmi_claim *claim, const kmi_item *but, bool pool);

#endif
