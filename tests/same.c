/* same.c -- see same.h. */
#include "tests/same.h"

#include "tests/test.h"

#include <stdlib.h>

#define PAIRS_MAX 4096

/* Descriptors lead to one another: each pair is looked at once. */
struct same_pairs {
    const void *a[PAIRS_MAX], *b[PAIRS_MAX];
    size_t      count;
    bool        by_content;
};

same_pairs *same_pairs_new(bool by_content)
{
    same_pairs *pairs = calloc(1, sizeof *pairs);

    CHECK(pairs != NULL);
    pairs->by_content = by_content;
    return pairs;
}

void same_pairs_free(same_pairs *pairs)
{
    free(pairs);
}

static bool is_new(same_pairs *seen, const void *a, const void *b)
{
    for (size_t i = 0; i < seen->count; i++)
        if (seen->a[i] == a && seen->b[i] == b)
            return false;
    CHECK(seen->count < PAIRS_MAX);
    seen->a[seen->count] = a;
    seen->b[seen->count++] = b;
    return true;
}

static void same_enum(const kmsg_enum *a, const kmsg_enum *b)
{
    EQ_STR(a->name, b->name);
    EQ_UINT(a->count, b->count);
    EQ_INT(a->closed, b->closed);
    for (uint32_t i = 0; i < a->count; i++) {
        EQ_STR(a->values[i].name, b->values[i].name);
        EQ_INT(a->values[i].number, b->values[i].number);
    }
}

static void same_limits(const kmsg_limits *a, const kmsg_limits *b)
{
    EQ_INT(a->has_low, b->has_low);
    EQ_INT(a->has_high, b->has_high);
    EQ_UINT(a->low.u, b->low.u);
    EQ_UINT(a->high.u, b->high.u);
    EQ_INT(a->pattern == NULL, b->pattern == NULL);
    if (a->pattern == NULL)
        return;
    EQ_STR(a->pattern->text, b->pattern->text);
    EQ_UINT(a->pattern->class_count, b->pattern->class_count);
    EQ_MEM(a->pattern->classes, 256, b->pattern->classes, 256);
}

static void same_type(same_pairs *seen, const kmsg_type *a, const kmsg_type *b)
{
    if (!is_new(seen, a, b))
        return;
    if (!seen->by_content)
        EQ_STR(a->name, b->name);
    EQ_UINT(a->kind, b->kind);
    EQ_UINT(a->size, b->size);
    EQ_UINT(a->align, b->align);
    EQ_UINT(a->count, b->count);
    EQ_INT(a->is_set, b->is_set);
    EQ_INT(a->item == NULL, b->item == NULL);
    EQ_INT(a->layout == NULL, b->layout == NULL);
    EQ_INT(a->enum_ == NULL, b->enum_ == NULL);
    EQ_INT(a->limits == NULL, b->limits == NULL);
    if (a->item != NULL)
        same_type(seen, a->item, b->item);
    if (a->layout != NULL)
        same_layout(seen, a->layout, b->layout);
    if (a->enum_ != NULL)
        same_enum(a->enum_, b->enum_);
    if (a->limits != NULL)
        same_limits(a->limits, b->limits);
}

/* Block values byte by byte; texts by what they say. */
static void same_initial(const kmsg_type *type, const void *a, const void *b)
{
    const kmsg_string *x = a, *y = b;

    if (type->kind != KMSG_KIND_STRING)
        EQ_MEM(a, type->size, b, type->size);
    else
        EQ_STR(x->data, y->data);
}

static void same_field(same_pairs *seen, const kmsg_field *a, const kmsg_field *b)
{
    EQ_INT(a->name == NULL, b->name == NULL);
    if (a->name != NULL)
        EQ_STR(a->name, b->name);
    EQ_UINT(a->number, b->number);
    EQ_UINT(a->offset, b->offset);
    EQ_UINT(a->has_offset, b->has_offset);
    EQ_UINT(a->place, b->place);
    EQ_UINT(a->optional, b->optional);
    EQ_INT(a->initial == NULL, b->initial == NULL);
    if (a->initial != NULL)
        same_initial(a->type, a->initial, b->initial);
    same_type(seen, a->type, b->type);
}

static bool is_row(const kmsg_layout *layout)
{
    return layout->count > 0 && layout->fields[0].name != NULL && layout->fields[0].name[0] == '\0';
}

void same_layout(same_pairs *seen, const kmsg_layout *a, const kmsg_layout *b)
{
    if (!is_new(seen, a, b))
        return;
    if (!seen->by_content || !is_row(a)) {
        EQ_STR(a->name, b->name);
        EQ_UINT(a->id, b->id);
    }
    EQ_UINT(a->count, b->count);
    EQ_UINT(a->size, b->size);
    EQ_UINT(a->shape, b->shape);
    if (!seen->by_content) {
        EQ_INT(a->recursive, b->recursive);
        EQ_INT(a->has_refs, b->has_refs);
        EQ_INT(a->has_addresses, b->has_addresses);
    }
    for (uint32_t i = 0; i < a->count; i++)
        same_field(seen, &a->fields[i], &b->fields[i]);
}

/* ---- services -------------------------------------------------------------------------------- */

static void same_maybe(same_pairs *seen, const kmsg_layout *a, const kmsg_layout *b)
{
    EQ_INT(a == NULL, b == NULL);
    if (a != NULL)
        same_layout(seen, a, b);
}

static void same_roles(const char *const *a, const char *const *b)
{
    EQ_INT(a == NULL, b == NULL);
    for (size_t i = 0; a != NULL && (i == 0 || a[i - 1] != NULL); i++) {
        EQ_INT(a[i] == NULL, b[i] == NULL);
        if (a[i] != NULL)
            EQ_STR(a[i], b[i]);
    }
}

static void same_method(same_pairs *seen, const kmsg_method *a, const kmsg_method *b)
{
    EQ_STR(a->name, b->name);
    EQ_UINT(a->number, b->number);
    EQ_INT(a->oneway, b->oneway);
    EQ_INT(a->idempotent, b->idempotent);
    EQ_UINT(a->deadline_ms, b->deadline_ms);
    same_roles(a->roles, b->roles);
    same_maybe(seen, a->args, b->args);
    same_maybe(seen, a->result, b->result);
    same_maybe(seen, a->sends, b->sends);
    same_maybe(seen, a->streams, b->streams);
    EQ_INT(a->throws == NULL, b->throws == NULL);
    for (size_t i = 0; a->throws != NULL && (i == 0 || a->throws[i - 1] != NULL); i++)
        same_maybe(seen, a->throws[i], b->throws[i]);
}

void same_service(same_pairs *seen, const kmsg_service *a, const kmsg_service *b)
{
    EQ_STR(a->name, b->name);
    EQ_UINT(a->id, b->id);
    same_roles(a->roles, b->roles);
    EQ_UINT(a->count, b->count);
    for (uint32_t i = 0; i < a->count; i++)
        same_method(seen, &a->methods[i], &b->methods[i]);
    EQ_UINT(a->base_count, b->base_count);
    for (uint32_t i = 0; i < a->base_count; i++)
        same_service(seen, a->bases[i].service, b->bases[i].service);
}

void same_topic(same_pairs *seen, const kmsg_topic *a, const kmsg_topic *b)
{
    EQ_STR(a->name, b->name);
    EQ_UINT(a->id, b->id);
    same_roles(a->roles, b->roles);
    same_maybe(seen, a->key, b->key);
    same_maybe(seen, a->filter, b->filter);
    same_maybe(seen, a->value, b->value);
}
