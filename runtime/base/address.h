/* address.h -- the part of a kmsg_address that says who. */
#ifndef KMI_BASE_ADDRESS_H
#define KMI_BASE_ADDRESS_H

/* Bytes at its beginning: a node's instance and the number of an object. What follows is the way
 * there, and another one for each holder. */
#define KMI_IDENTITY_SIZE 16u

#endif
