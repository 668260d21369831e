/* parse.h -- text into jansson's tree, bounded. */
#ifndef KMI_JSON_PARSE_H
#define KMI_JSON_PARSE_H

#include <kmsg/base.h>

#include <jansson.h>

/* *ret is the caller's: json_decref(). *budget becomes what is left of it beside the tree. */
kmsg_err kmi_json_parse(kmsg_string text, size_t text_max, size_t *budget, json_t **ret);

#endif
