/* trust_line.h -- what a line of the files is made of: words, names, addresses. */
#ifndef KMI_TRUST_LINE_H
#define KMI_TRUST_LINE_H

#include <kmsg/base.h>

#define KMI_TRUST_PLACE_MAX 272u /* of "HOST:PORT" in its normal form, with its NUL */

/* Cuts a line into its words, at blanks and tabs. How many there are: 0 for a comment, max + 1 for
 * more than `max`. */
size_t kmi_trust_split(char *line, char **ret, size_t max);

/* A name: 1 to 63 printable letters of ASCII, without blanks and '=', and no '#' at its beginning.
 */
bool kmi_trust_is_word(const char *text);

/* The normal form of HOST:PORT, by which two of them are compared: names in lower case, IPv6 in
 * brackets as inet_ntop() writes it. False: it is none. */
bool kmi_trust_place(const char *text, char ret[KMI_TRUST_PLACE_MAX]);

#endif
