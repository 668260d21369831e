/* slab.h -- pieces of memory that frames are written to, read into and borrowed from.
 *
 * A slab is counted: whoever keeps a pointer into one holds a reference. The count is not atomic: a
 * slab belongs to one thread at a time, and crosses to another only through a mailbox.
 */
#ifndef KMI_SLAB_H
#define KMI_SLAB_H

#include <kmsg/base.h>

typedef struct kmi_slab kmi_slab;
struct kmi_slab {
    kmi_slab *next;                             /* in a pool, a mailbox, a link's input */
    void (*release)(kmi_slab *slab);            /* called instead of freeing it; NULL: free it */
    void    *owner;                             /* for `release`, and for the mailbox's two sides */
    uint32_t kind;                              /* the same */
    void (*arrive)(void *node, kmi_slab *mail); /* as mail: called on the receiver's thread, takes
                                                 * it; NULL: it is for a link */
    uint32_t refs;
    size_t   capacity;
    size_t   size;     /* bytes in use, by its user's account */
    uint32_t requests; /* among the frames in it, by its user's account */
    _Alignas(16) uint8_t data[];
};

/* With one reference, empty. NULL when there is no memory. */
kmi_slab *kmi_slab_new(size_t capacity);
void      kmi_slab_last_unref(kmi_slab *slab);

static inline kmi_slab *kmi_slab_ref(kmi_slab *slab)
{
    if (slab != NULL)
        slab->refs++;
    return slab;
}

static inline void kmi_slab_unref(kmi_slab *slab) /* NULL is fine */
{
    if (slab != NULL && --slab->refs == 0)
        kmi_slab_last_unref(slab);
}

/* A few spare slabs of a thread, so that a link which was idle needs no malloc to say something. */
typedef struct kmi_slab_pool {
    kmi_slab *spare;
    uint32_t  count;
    size_t    size; /* bytes that they hold */
} kmi_slab_pool;

kmi_slab *kmi_slab_take(kmi_slab_pool *pool, size_t capacity);
void      kmi_slab_give(kmi_slab_pool *pool, kmi_slab *slab); /* the only reference; NULL is fine */
/* It is given by itself when nobody holds it any more: before the pool is done with. */
void kmi_slab_returns(kmi_slab_pool *pool, kmi_slab *slab);
void kmi_slab_pool_done(kmi_slab_pool *pool);

#endif
