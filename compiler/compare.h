/* compare.h -- what between two versions of a schema is not safe, and by which rule.
 *
 * idl/evolution.md says which changes are safe and why; the rules below are its other half. A rule
 * breaks one or more of three things: messages (wire), their JSON form (json), code that uses what
 * kmsgc made (source). Its name begins with the first of them.
 */
#ifndef COMPARE_H
#define COMPARE_H

#include "idl/model.h"

typedef enum compare_level {
    COMPARE_WIRE = 1,
    COMPARE_JSON = 2,
    COMPARE_SOURCE = 4,
    COMPARE_ALL = 7
} compare_level;

typedef struct compare_rule {
    const char *id;     /* "wire:field-type": for ever */
    unsigned    levels; /* what it breaks */
    const char *what;   /* "the type of a field changed" */
    const char *hint;   /* what to do instead */
} compare_rule;

typedef enum compare_rule_id {
    WIRE_FIELD_TYPE,
    WIRE_FIELD_OPTIONAL,
    WIRE_FIELD_NUMBER,
    WIRE_FIELD_REMOVED,
    WIRE_RESERVED_REFUSED,
    WIRE_FIELD_INSERTED,
    WIRE_NUMBER_REUSED,
    WIRE_FIELD_DEFAULT,
    WIRE_LIMITS_NARROWED,
    WIRE_LIMITS_WIDENED,
    WIRE_PATTERN,
    WIRE_ARRAY_COUNT,
    WIRE_LIST_SET,
    WIRE_MAP_KEY,
    WIRE_FIXED_CHANGED,
    WIRE_MEMBER_REMOVED,
    WIRE_MEMBER_REFS,
    WIRE_ENUM_CLOSED,
    WIRE_ENUM_VALUE_NUMBER,
    WIRE_ENUM_VALUE_ADDED,
    WIRE_ENUM_VALUE_REMOVED,
    WIRE_DECLARATION_KIND,
    WIRE_DECLARATION_REMOVED,
    WIRE_MODULE_NAME,
    WIRE_FILE_REMOVED,
    WIRE_METHOD_NUMBER,
    WIRE_METHOD_REMOVED,
    WIRE_METHOD_ONEWAY,
    WIRE_METHOD_STREAM,
    WIRE_METHOD_RESULT,
    WIRE_THROWS_REMOVED,
    WIRE_IDEMPOTENT_REMOVED,
    WIRE_ROLES_NARROWED,
    WIRE_BASE_REMOVED,
    WIRE_TOPIC_KEY,
    WIRE_TOPIC_TYPE,
    WIRE_HANDLES_REMOVED,
    JSON_FIELD_NAME,
    JSON_PARAMETER_NAME,
    JSON_ARRAY_COUNT,
    JSON_ENUM_VALUE_NAME,
    JSON_ENUM_VALUE_ADDED,
    JSON_ENUM_VALUE_REMOVED,
    JSON_MEMBER_ADDED,
    JSON_MEMBER_REMOVED,
    JSON_METHOD_NAME,
    SOURCE_DECLARATION_REMOVED,
    SOURCE_MODULE_NAME,
    SOURCE_FIELD_REMOVED,
    SOURCE_PARAMETER_ADDED,
    SOURCE_METHOD_RESULT,
    SOURCE_STATE_REMOVED,
    SOURCE_HANDLER_REMOVED,
    SOURCE_HANDLER_ADDED,
    SOURCE_CONSTANT,
    SOURCE_ALIAS,
    COMPARE_RULE_COUNT
} compare_rule_id;

extern const compare_rule compare_rules[COMPARE_RULE_COUNT];

typedef struct compare_change {
    const compare_rule *rule;
    bool                in_old; /* where it is: in the old schema, for what is gone */
    idl_span            where;
    const char         *text; /* "record Person: field 3 'age': type changed from u8 to u32" */
} compare_change;

typedef void compare_told(void *ctx, const compare_change *change);

/* Tell every unsafe change between what the main files of the two declare, and in all that this
 * leads to. Texts are made in `mem`. The order is that of the old text. */
void compare_models(const idl_model *old, const idl_model *new, idl_sources *mem, void *ctx,
                    compare_told *told);

#endif
