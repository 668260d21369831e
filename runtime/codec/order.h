/* order.h -- the order of keys: of the entries of a map, of the items of a set. */
#ifndef KMI_ORDER_H
#define KMI_ORDER_H

#include <kmsg/codec.h>

/* What has keys: the first of them stands at `first`, and the next one each `stride` bytes. */
typedef struct kmi_keys {
    const kmsg_type *type;
    const uint8_t   *first;
    size_t           stride;
    size_t           count;
} kmi_keys;

/* Those of a map, or of a set. */
kmi_keys kmi_keys_of(const kmsg_type *type, const kmsg_items *items);

/* Does the type ask for keys in order? */
bool kmi_has_keys(const kmsg_type *type);

const void *kmi_key(const kmi_keys *keys, size_t i);

/* Strictly: none is there twice. */
bool kmi_ascends(const kmi_keys *keys);

/* In which order they have to be written, to be given back; enc.err is set for a key that is there
 * twice (KMSG_EVALUE), and without memory, then NULL. */
const uint32_t *kmi_order_new(kmsg_enc *e, const kmi_keys *keys);
void            kmi_order_free(const uint32_t *order);

#endif
