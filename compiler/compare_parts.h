/* compare_parts.h -- what the parts of the comparison share: compare.c (declarations),
 * compare_type.c (types, values, enums), compare_record.c (records and unions), compare_service.c
 * (services, topics, machines).
 */
#ifndef COMPARE_PARTS_H
#define COMPARE_PARTS_H

#include "compiler/compare.h"

/* Two records that must fit one another. */
typedef struct cmp_pair {
    const idl_record *old, *new;
} cmp_pair;

typedef struct comparison {
    idl_sources     *mem;
    void            *ctx;
    compare_told    *told;
    const idl_model *old, *new;
    bool             uses_any; /* some field of `old` does: messages may name any record */

    /* Records and enums that are to be compared or have been, each pair once. */
    struct cmp_seen {
        const void *old, *new;
    } * seen; /* open addressing, `room` places */
    size_t    seen_count, room;
    cmp_pair *waiting;
    size_t    waiting_count, waiting_room;
} comparison;

/* Where something is said: what it is about, and the place in the new schema. */
typedef struct cmp_place {
    const char     *head; /* "record Person: field 3 'age'" */
    idl_span        where;
    compare_rule_id type_rule;   /* what a change of type is called here */
    bool            is_reserved; /* nobody looks at its values: limits do not count */
    const idl_type *old, *new;   /* the whole types, while their parts are compared; else NULL */
} cmp_place;

void cmp_tell(comparison *c, compare_rule_id rule, idl_span where, const char *format, ...)
    KMSG_PRINTF(4, 5);

/* The same, at a place in the old schema. */
void cmp_tell_gone(comparison *c, compare_rule_id rule, idl_span where, const char *format, ...)
    KMSG_PRINTF(4, 5);

/* False when the two have been met before. */
bool cmp_first_time(comparison *c, const void *old, const void *new);

/* compare_type.c: tell what of `old` a `new` does not understand, or the other way round. */
void cmp_types(comparison *c, cmp_place place, const idl_type *old, const idl_type *new);
/* Zero or empty, which is written for what was given up, is one of its values. */
bool        cmp_takes_zero(const idl_type *type);
const char *cmp_type_text(comparison *c, const idl_type *type);
bool        cmp_same_value(const idl_value *a, const idl_value *b);

/* compare_record.c. A head is "record Person". */
void cmp_records(comparison *c, const char *head, const idl_record *old, const idl_record *new);

/* ... later, when the walk through the types is done; once for each pair. False when there are too
 * many: then the two are not the same. */
bool cmp_records_later(comparison *c, const idl_record *old, const idl_record *new);

void cmp_enums(comparison *c, const idl_enum *old, const idl_enum *new);
void cmp_services(comparison *c, const idl_service *old, const idl_service *new);
void cmp_topics(comparison *c, const idl_topic *old, const idl_topic *new);
void cmp_machines(comparison *c, const idl_machine *old, const idl_machine *new);

#endif
