/* glob.h -- patterns of whole names, in time that grows with their lengths alone.
 *
 *   *  any run of bytes without '/'    **  any run of bytes    ?  one character but '/'
 *   [a-f_] [!a-f]  one of these, none of these    \x  x itself
 */
#ifndef KMI_GLOB_H
#define KMI_GLOB_H

#include <kmsg/base.h>

#define KMI_GLOB_MAX 255u /* bytes of a pattern, and of a name */

/* Made of a text once, then compared often. All zeros is none. It owns nothing. */
typedef struct kmi_glob {
    uint64_t any[4];    /* [position]: a run may stand here */
    uint64_t across[4]; /* and it may have '/' */
    uint8_t  text[KMI_GLOB_MAX + 1];
    uint16_t size;
    bool     literal; /* matches itself alone */
} kmi_glob;

/* KMSG_EINVAL with words that name the place: '[' without ']', nothing behind '\', empty, too long,
 * not UTF-8. */
KMSG_CHECK kmsg_err kmi_glob_init(kmi_glob *glob, kmsg_string pattern);

bool kmi_glob_matches(const kmi_glob *glob, kmsg_string name);

/* May it be published? Not empty, KMI_GLOB_MAX bytes at most, UTF-8 without control characters.
 * KMSG_EINVAL with words. */
KMSG_CHECK kmsg_err kmi_name_check(kmsg_string name);

#endif
