/* choice.h -- which messages a subscriber wants, by their key. */
#ifndef KMI_CHOICE_H
#define KMI_CHOICE_H

#include "directory/glob.h"
#include <kmsg/gen.h>

typedef struct kmi_choice kmi_choice;

/* Of a message of topic->filter. *ret is NULL where all are wanted. KMSG_EINVAL with words (a
 * pattern), KMSG_EDECODE, KMSG_ENOMEM. */
KMSG_CHECK kmsg_err kmi_choice_new(const kmsg_topic *topic, kmsg_bytes filter, kmi_choice **ret);
void                kmi_choice_free(kmi_choice *choice); /* NULL is fine */

/* `key` is of topic->key. */
bool kmi_choice_takes(const kmi_choice *choice, const void *key);

/* The same of a key as it lies in a message; NULL takes all. */
bool kmi_choice_takes_encoded(const kmi_choice *choice, const kmsg_topic *topic, kmsg_bytes key);

#endif
