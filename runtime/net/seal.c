/* seal.c -- what is said outside of links, with the keys that links have (security.c). */
#include "net/seal.h"

#include "base/err.h"
#include "net/security.h"

/* NULL: there is no key, or the files are wrong. */
static kmi_security *loaded(kmi_net *net, kmsg_err *ret_err)
{
    kmi_security *s = kmi_security_of(net);

    *ret_err = s == NULL ? kmi_error_plain(KMSG_ENOMEM) : kmi_security_load(s);
    return *ret_err == KMSG_OK ? s : NULL;
}

kmsg_err kmi_net_seal(kmi_net *net, const char *context, uint8_t *data, size_t size,
                      size_t *ret_size)
{
    kmsg_err            err;
    const kmi_security *s = loaded(net, &err);

    if (s == NULL)
        return err;
    kmi_sign(s->setup.secret, context, data, size, data + size);
    size += KMI_SIGNATURE_SIZE;
    if (s->setup.psk != NULL) {
        kmi_prove(s->setup.psk, context, data, size, data + size);
        size += KMI_PROOF_SIZE;
    }
    *ret_size = size;
    return KMSG_OK;
}

size_t kmi_net_sealed(kmi_net *net, const char *context, const uint8_t *data, size_t size)
{
    kmsg_err            err;
    const kmi_security *s = loaded(net, &err);

    if (s == NULL)
        return 0;
    if (s->setup.psk != NULL) {
        if (size < KMI_PROOF_SIZE)
            return 0;
        size -= KMI_PROOF_SIZE;
        if (!kmi_proof_is_of(s->setup.psk, context, data, size, data + size))
            return 0;
    }
    return size <= KMI_SIGNATURE_SIZE ? 0 : size - KMI_SIGNATURE_SIZE;
}

const char *kmi_net_trusted(kmi_net *net, const kmsg_key *key)
{
    kmsg_err           err;
    kmi_security      *s = loaded(net, &err);
    const kmi_trusted *line = NULL;

    if (s != NULL && kmi_security_refresh(s) == KMSG_OK)
        line = kmi_trust_find(s->trust, key);
    return line == NULL ? NULL : line->name;
}

bool kmi_net_is_signed(const char *context, const kmsg_key *key, const uint8_t *data, size_t said)
{
    return kmi_sign_is_of(key, context, data, said, data + said);
}
