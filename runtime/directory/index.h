/* index.h -- finding things by keys that others choose. What is in it is linked through a node that
 * lies in it; the index owns none of that. Private to directory/.
 */
#ifndef KMI_INDEX_H
#define KMI_INDEX_H

#include "crypto/hash.h"

typedef struct kmi_index_node kmi_index_node;
struct kmi_index_node {
    kmi_index_node *next; /* of the same place */
    uint64_t        hash;
};

typedef struct kmi_index {
    kmi_index_node **places;
    size_t           mask;
    size_t           count;
    kmi_hash_key     key;
} kmi_index;

/* KMSG_ENOMEM; KMSG_ESYSTEM: there are no random numbers. */
KMSG_CHECK kmsg_err kmi_index_init(kmi_index *index);
void                kmi_index_done(kmi_index *index); /* of zeros: fine */

/* The first that has this hash; then, by kmi_index_next(), the others. NULL: there is none. */
kmi_index_node *kmi_index_first(const kmi_index *index, uint64_t hash);
kmi_index_node *kmi_index_next(const kmi_index_node *node);

/* Without memory it only becomes slower. */
void kmi_index_put(kmi_index *index, kmi_index_node *node, uint64_t hash);
void kmi_index_take(kmi_index *index, kmi_index_node *node); /* it is in there */

#endif
