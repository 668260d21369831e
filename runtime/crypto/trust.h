/* trust.h -- whom we trust: the file `trusted`, read again when it has changed.
 *
 *     # KEY NAME [role=ROLE]... [at=HOST:PORT]...
 *     b5mq... london role=ops role=reader at=10.0.0.2:7000
 *     x7kd... paris revoked
 *
 * Where a line says at=, that key and no other is expected at that address. Who is revoked is not
 * trusted, and not as a first use either, until somebody adds him again. A missing file is an empty
 * list. One that cannot be read, or has a mistake in it, trusts nobody until it is mended.
 */
#ifndef KMI_TRUST_H
#define KMI_TRUST_H

#include <kmsg/security.h>

#define KMI_TRUST_NAME_MAX  64u /* of names, roles: with their NUL */
#define KMI_TRUST_ROLES_MAX 32u
#define KMI_TRUST_AT_MAX    8u

/* A line. Good until the list is read again or done with. */
typedef struct kmi_trusted {
    kmsg_key           key;
    const char        *name;
    const char *const *roles;
    size_t             role_count;
    const char *const *at; /* "10.0.0.2:7000", "[fe80::1]:7000", "db.example:7000" */
    size_t             at_count;
    bool               revoked; /* has no roles and no addresses */
} kmi_trusted;

typedef struct kmi_trust kmi_trust;

/* Belongs to one thread. `path` is copied; nothing is read yet. NULL: no memory. */
kmi_trust *kmi_trust_new(const char *path);
void       kmi_trust_free(kmi_trust *trust); /* NULL is fine */

/* Looks whether the file has changed, and reads it then. *ret_changed, which is set whatever comes
 * of it: the list is another one, and what pointed into it is gone. KMSG_EKEY with words: it cannot
 * be read, or line 7 is wrong; then nobody is trusted. That is logged once for each version of the
 * file that is wrong; later calls return KMSG_EKEY with the same words. KMSG_ENOMEM,
 * KMSG_EDESCRIPTORS: the list is as it was, and the next call tries again. */
KMSG_CHECK kmsg_err kmi_trust_refresh(kmi_trust *trust, bool *ret_changed);

/* Of what was read last. NULL: it is not trusted. Time does not depend on the key. */
const kmi_trusted *kmi_trust_find(const kmi_trust *trust, const kmsg_key *key);

/* Was its owner shut out? */
bool kmi_trust_is_revoked(const kmi_trust *trust, const kmsg_key *key);

/* Who is expected at "HOST:PORT", in any of its forms; NULL: nobody in particular. */
const kmi_trusted *kmi_trust_find_at(const kmi_trust *trust, const char *at);

size_t             kmi_trust_count(const kmi_trust *trust);
const kmi_trusted *kmi_trust_get(const kmi_trust *trust, size_t index); /* in the file's order, also
                                                                         * who is revoked */

/* Changes of the file: under a lock, and written whole to another one that takes its place, so that
 * nobody ever sees half of it. Comments stay. What was changed is seen by the next refresh. Adding
 * to a key that is there replaces its name, and adds roles and addresses; a name that is NULL or
 * empty stays as it was, or is the first letters of the key. Who is removed is revoked, and his
 * line stays. All with words:
 *
 *     KMSG_EKEY     the file is wrong, or what is to be added
 *     KMSG_EEXIST   `add` of an address where another key is expected
 *     KMSG_ENOENT   `remove` of a key that is not there
 *     KMSG_EBUSY    somebody has had the lock for ten seconds: so long these may take
 *     KMSG_ESYSTEM  it cannot be written, and is as it was; KMSG_ENOMEM, KMSG_EDESCRIPTORS */
KMSG_CHECK kmsg_err kmi_trust_add(kmi_trust *trust, const kmi_trusted *line);
KMSG_CHECK kmsg_err kmi_trust_remove(kmi_trust *trust, const kmsg_key *key);

#endif
