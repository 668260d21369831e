/* secure.c -- what a tcp link says and hears, as records.
 *
 * Outwards all that waits is sealed as soon as it can be written, up to BATCH records at a time,
 * and written with one call: so what was sent in one turn is in one record. The frames stay where
 * they are until a record of them has left wholly: nobody can read a part of one, so what is in it
 * was not sent. What the socket does not take is kept, as it cannot be sealed twice.
 *
 * Inwards up to BATCH records are read at once into memory of the pool, and opened into the slab
 * that frames are read from. What is cut is kept, in no more memory than the record has.
 */
#include "net/secure.h"

#include "base/alloc.h"
#include "base/err.h"
#include "wire/hello.h"

#include <string.h>

#define BATCH 5u /* a frame with 64 KiB needs so many, and then goes out in one call */

_Static_assert(KMI_HELLO_SIZE <= KMI_CHANNEL_HELLO_MAX, "a hello has room in a handshake");

/* ---- beginning and end --------------------------------------------------------------------- */

static bool begin(kmi_secure *s, bool dials, const kmi_terms *own)
{
    const kmi_sys *sys = s->link->net->sys;
    uint8_t        ephemeral[KMI_DH_SIZE], hello[KMI_HELLO_SIZE];
    bool           good;

    sys->random(ephemeral, sizeof ephemeral);
    good = kmi_channel_init(&s->channel, &s->security->setup, dials, hello,
                            kmi_hello_put(own, hello), ephemeral);
    kmi_wipe(ephemeral, sizeof ephemeral);
    return good;
}

kmi_secure *kmi_secure_new(kmi_link *link, bool dials, const kmi_terms *own)
{
    kmi_secure *s = kmi_alloc_zeroed(sizeof *s);

    if (s == NULL)
        return NULL;
    s->link = link;
    s->security = link->net->security;
    s->security->refs++;
    if (begin(s, dials, own))
        return s;
    kmi_secure_free(s);
    return NULL;
}

void kmi_secure_free(kmi_secure *s)
{
    if (s == NULL)
        return;
    if (s->listed)
        kmi_security_remove(s->security, s);
    kmi_channel_done(&s->channel);
    kmi_slab_unref(s->sealed);
    kmi_slab_unref(s->rest);
    kmi_security_unref(s->security);
    kmi_free(s->words);
    kmi_free(s);
}

static bool over(kmi_secure *s, kmsg_err err, const char *why)
{
    s->channel.state = KMI_CHANNEL_OVER;
    s->channel.err = err;
    s->channel.why = why;
    return false;
}

/* ---- the handshake ------------------------------------------------------------------------- */

ptrdiff_t kmi_secure_hear(kmi_secure *s, kmi_socket *socket)
{
    uint8_t   bytes[KMI_CHANNEL_MESSAGE_MAX];
    size_t    wanted = kmi_channel_wants(&s->channel);
    ptrdiff_t n;

    n = s->link->net->sys->read(socket, bytes, wanted);
    if (n > 0)
        kmi_channel_hear(&s->channel, bytes, (size_t)n);
    return n;
}

void kmi_secure_heard(kmi_secure *s, const uint8_t *data, size_t size)
{
    while (size > 0 && s->channel.state != KMI_CHANNEL_OVER) {
        size_t n = kmi_channel_wants(&s->channel);
        if (n == 0) {
            over(s, KMSG_EPROTOCOL, "it does not wait for its turn in the handshake");
            return;
        }
        if (n > size)
            n = size;
        kmi_channel_hear(&s->channel, data, n);
        data += n;
        size -= n;
    }
}

kmsg_err kmi_secure_judge(kmi_secure *s, const char *at)
{
    size_t         size;
    const uint8_t *hello = kmi_channel_hello(&s->channel, &size);
    kmsg_err       err = kmi_hello_get(hello, size, &s->their);

    return err == KMSG_OK ? kmi_security_judge(s, at) : err;
}

/* ---- memory -------------------------------------------------------------------------------- */

/* One is always at hand, so that others who take from the pool do not take it away. */
static kmi_slab *take_batch(kmi_net *net)
{
    kmi_slab *slab = net->batch;

    if (slab == NULL)
        return kmi_slab_take(&net->pool, BATCH * KMI_RECORD_MAX);
    net->batch = NULL;
    slab->size = 0;
    return slab;
}

static void give_batch(kmi_net *net, kmi_slab *slab)
{
    if (net->batch == NULL)
        net->batch = slab;
    else
        kmi_slab_give(&net->pool, slab);
}

/* ---- writing ------------------------------------------------------------------------------- */

static bool seal(kmi_secure *s, kmi_out *out)
{
    size_t         size;
    const uint8_t *front = kmi_out_front(out, &size);
    kmi_slab      *slab = take_batch(s->link->net);

    if (slab == NULL)
        return over(s, KMSG_ENOMEM, "out of memory");
    if (size > BATCH * KMI_RECORD_PLAIN_MAX)
        size = BATCH * KMI_RECORD_PLAIN_MAX;
    s->sealed = slab;
    s->sealed_plain = size;
    s->sealed_at = s->left = 0;
    for (size_t at = 0; at < size;) {
        size_t n = size - at < KMI_RECORD_PLAIN_MAX ? size - at : KMI_RECORD_PLAIN_MAX;
        if (!kmi_channel_seal(&s->channel, front + at, n, slab->data + slab->size))
            return false;
        slab->size += n + KMI_RECORD_OVERHEAD;
        at += n;
    }
    kmi_out_seal(out, size);
    return true;
}

const uint8_t *kmi_secure_front(kmi_secure *s, kmi_out *out, size_t *ret_size)
{
    if (s->channel.state == KMI_CHANNEL_OVER || (s->sealed == NULL && !seal(s, out)))
        return NULL;
    *ret_size = s->sealed->size - s->sealed_at;
    return s->sealed->data + s->sealed_at;
}

size_t kmi_secure_wrote(kmi_secure *s, size_t size)
{
    size_t before = s->left;

    s->sealed_at += size;
    s->left = s->sealed_at / KMI_RECORD_MAX * KMI_RECORD_PLAIN_MAX; /* all but the last are full */
    if (s->sealed_at < s->sealed->size)
        return s->left - before;
    s->left = s->sealed_plain;
    give_batch(s->link->net, s->sealed);
    s->sealed = NULL;
    return s->left - before;
}

/* ---- reading ------------------------------------------------------------------------------- */

/* Of `size` bytes the whole records; false: one of them is not good. */
static bool open_all(kmi_secure *s, const uint8_t *data, size_t size, uint8_t *room,
                     size_t *ret_used, size_t *ret_plain)
{
    size_t at = 0, plain = 0;

    while (size - at >= KMI_RECORD_HEAD) {
        size_t n = kmi_record_size(data + at);
        if (n == 0)
            return over(s, KMSG_EPROTOCOL, "a record of impossible size");
        if (n > size - at)
            break;
        if (!kmi_channel_open(&s->channel, data + at, n, room + plain))
            return false;
        at += n;
        plain += n - KMI_RECORD_OVERHEAD;
    }
    *ret_used = at;
    *ret_plain = plain;
    return true;
}

static bool keep(kmi_secure *s, const uint8_t *data, size_t size)
{
    if (size == 0)
        return true;
    s->rest = kmi_slab_take(&s->link->net->pool, KMI_RECORD_MAX);
    if (s->rest == NULL)
        return over(s, KMSG_ENOMEM, "out of memory");
    memcpy(s->rest->data, data, size);
    s->rest->size = size;
    return true;
}

static ptrdiff_t open_read(kmi_secure *s, const uint8_t *data, size_t size, uint8_t *room)
{
    size_t used, plain;

    if (!open_all(s, data, size, room, &used, &plain) || !keep(s, data + used, size - used))
        return KMI_BROKEN;
    return plain > 0 ? (ptrdiff_t)plain : KMI_PART;
}

/* So that what was read ends with a record, where they come one after the other. */
static ptrdiff_t fill(kmi_secure *s, kmi_socket *socket, uint8_t *at, size_t size)
{
    size_t    have = s->rest == NULL ? 0 : s->rest->size;
    ptrdiff_t n;

    size += KMI_RECORD_OVERHEAD;
    if (size > BATCH * KMI_RECORD_MAX)
        size = BATCH * KMI_RECORD_MAX;
    n = s->link->net->sys->read(socket, at + have, size - have);
    if (n <= 0 || have == 0)
        return n;
    memcpy(at, s->rest->data, have);
    kmi_slab_give(&s->link->net->pool, s->rest);
    s->rest = NULL;
    return n + (ptrdiff_t)have;
}

ptrdiff_t kmi_secure_read(kmi_secure *s, kmi_socket *socket, uint8_t *room, size_t size,
                          size_t *ret_size)
{
    kmi_slab *slab = take_batch(s->link->net);
    size_t    had = s->rest == NULL ? 0 : s->rest->size;
    ptrdiff_t n;

    *ret_size = 0;
    if (slab == NULL) {
        over(s, KMSG_ENOMEM, "out of memory");
        return KMI_BROKEN;
    }
    n = fill(s, socket, slab->data, size);
    if (n > 0) {
        *ret_size = (size_t)n - had;
        n = open_read(s, slab->data, (size_t)n, room);
    }
    give_batch(s->link->net, slab);
    return n;
}
