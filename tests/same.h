/* same.h -- are two descriptors those of one schema? In every number of them, but for the code that
 * generated ones have.
 */
#ifndef TEST_SAME_H
#define TEST_SAME_H

#include <kmsg/gen.h>

/* What has been looked at. `by_content`: types, and the rows of lists and maps, may have other
 * names, which no message has: an alias is the same as what it stands for; and what was given up
 * may have been of a type that leads somewhere. */
typedef struct same_pairs same_pairs;

same_pairs *same_pairs_new(bool by_content);
void        same_pairs_free(same_pairs *pairs);

void same_layout(same_pairs *seen, const kmsg_layout *a, const kmsg_layout *b);
void same_service(same_pairs *seen, const kmsg_service *a, const kmsg_service *b);
void same_topic(same_pairs *seen, const kmsg_topic *a, const kmsg_topic *b);

#endif
