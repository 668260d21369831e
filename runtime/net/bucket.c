/* bucket.c -- tokens as a time: each one that was taken moves the time at which the bucket is full
 * again. A bucket that is full is the same as none, so the one that is full first gives its place
 * to a host that is not known yet.
 */
#include "net/bucket.h"

#define TOKEN_NS ((int64_t)1000000000 / KMI_SHAKES_PER_S)

static kmi_bucket *find(kmi_buckets *buckets, uint64_t home)
{
    for (size_t i = 0; i < KMI_BUCKETS; i++)
        if (buckets->list[i].home == home)
            return &buckets->list[i];
    return NULL;
}

static kmi_bucket *fullest(kmi_buckets *buckets)
{
    kmi_bucket *found = &buckets->list[0];

    for (size_t i = 1; i < KMI_BUCKETS; i++)
        if (buckets->list[i].full_ns < found->full_ns)
            found = &buckets->list[i];
    return found;
}

bool kmi_bucket_take(kmi_buckets *buckets, uint64_t home, int64_t now_ns)
{
    kmi_bucket *bucket = find(buckets, home);

    if (bucket == NULL) {
        bucket = fullest(buckets);
        *bucket = (kmi_bucket){.home = home};
    }
    if (bucket->full_ns < now_ns)
        bucket->full_ns = now_ns;
    if (bucket->full_ns - now_ns > (KMI_SHAKES_BURST - 1) * TOKEN_NS + TOKEN_NS / 4)
        return false; /* a part of one is for clocks that are a little off */
    bucket->full_ns += TOKEN_NS;
    return true;
}

void kmi_bucket_put_back(kmi_buckets *buckets, uint64_t home)
{
    kmi_bucket *bucket = find(buckets, home);

    if (bucket != NULL)
        bucket->full_ns -= TOKEN_NS;
}
