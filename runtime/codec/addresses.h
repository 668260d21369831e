/* addresses.h -- the addresses in a value, whatever it is made of: what a node that receives a
 * message rewrites in it.
 */
#ifndef KMI_ADDRESSES_H
#define KMI_ADDRESSES_H

#include <kmsg/gen.h>

/* Calls `fn` once for each address that is there and not empty, in the order of the fields; it may
 * change it. `value` was decoded, so it and what it leads to may be written to: lists, sets, maps
 * with their keys, arrays, tables, unions, records, and what refs lead to, each object once, after
 * all the rest. What is inside an any, or a member of a union that the schema does not know, is
 * bytes and stays as it is.
 *
 * It costs nothing where layout->has_addresses is false. KMSG_ENOMEM only where refs lead to
 * addresses: some then may not have been seen. */
KMSG_CHECK kmsg_err kmi_each_address(const kmsg_layout *layout, void                    *value,
                                     void (*fn)(void *ctx, kmsg_address *address), void *ctx);

#endif
