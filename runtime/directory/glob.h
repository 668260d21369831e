/* glob.h -- patterns of whole names, in time that grows with their lengths alone.
 *
 *   *  any run of bytes without '/'    **  any run of bytes    ?  one character but '/'
 *   [a-f_] [!a-f]  one character of these, none of these; never '/'    \x  x itself
 */
#ifndef KMI_GLOB_H
#define KMI_GLOB_H

#include <kmsg/base.h>

#define KMI_GLOB_MAX 255u /* bytes of a pattern, and of a name */

/* Made of a text once, then compared often. All zeros matches nothing. It owns nothing. */
typedef struct kmi_glob {
    uint64_t any[4];    /* [position]: a run may stand here */
    uint64_t across[4]; /* and it may have '/' */
    uint8_t  text[KMI_GLOB_MAX + 1]; /* without its runs; what is no character is a mark: glob.c */
    uint16_t size;
    uint16_t prefix;  /* so many bytes at a name's front are those of the text, or it is none */
    uint16_t suffix;  /* and so many at its end */
    bool     literal; /* matches its text alone */
} kmi_glob;

/* KMSG_EINVAL with words that name the place: empty, too long, not UTF-8, a control character, '['
 * without ']' or with nothing in it, '/' in it, a range that goes backward, nothing behind '\'. */
KMSG_CHECK kmsg_err kmi_glob_init(kmi_glob *glob, kmsg_string pattern);

/* `name` is UTF-8; one that is longer than KMI_GLOB_MAX matches nothing. */
bool kmi_glob_matches(const kmi_glob *glob, kmsg_string name);

/* May it be published? Not empty, KMI_GLOB_MAX bytes at most, UTF-8 without control characters.
 * KMSG_EINVAL with words. */
KMSG_CHECK kmsg_err kmi_name_check(kmsg_string name);

#endif
