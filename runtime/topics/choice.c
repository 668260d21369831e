/* choice.c -- see choice.h. A choice is a row of conditions, one for each part of the key that the
 * subscriber has said anything about: a pattern for a string, the very value for all else.
 */
#include "topics/choice.h"

#include "base/alloc.h"
#include "base/err.h"

#include <string.h>

typedef struct condition {
    uint32_t offset; /* in the key */
    uint32_t size;   /* of the value; 0: a string */
    uint32_t value;  /* where in `values`, or which of `globs` */
} condition;

struct kmi_choice {
    condition *conditions;
    uint32_t   count;
    uint8_t   *values; /* a struct of topic->filter */
    kmi_glob  *globs;
    uint32_t   glob_count;
};

static const kmsg_field *key_field(const kmsg_layout *key, uint32_t number)
{
    for (uint32_t i = 0; i < key->count; i++)
        if (key->fields[i].number == number)
            return &key->fields[i];
    return NULL;
}

static bool is_said(const kmsg_field *f, const uint8_t *filter)
{
    kmsg_string text;
    bool        has;

    if (f->type->kind != KMSG_KIND_STRING) {
        memcpy(&has, filter + f->has_offset, sizeof has);
        return has;
    }
    memcpy(&text, filter + f->offset, sizeof text);
    return text.data != NULL;
}

static kmsg_err add(kmi_choice *choice, const kmsg_field *f, const kmsg_field *of_key)
{
    condition *c = &choice->conditions[choice->count];

    *c = (condition){.offset = of_key->offset, .size = f->type->size, .value = f->offset};
    if (f->type->kind == KMSG_KIND_STRING) {
        kmsg_string text;
        kmsg_err    err;
        memcpy(&text, choice->values + f->offset, sizeof text);
        err = kmi_glob_init(&choice->globs[choice->glob_count], text);
        if (err != KMSG_OK)
            return err;
        c->size = 0;
        c->value = choice->glob_count++;
    }
    choice->count++;
    return KMSG_OK;
}

static kmsg_err fill(kmi_choice *choice, const kmsg_topic *topic)
{
    kmsg_err err = KMSG_OK;

    for (uint32_t i = 0; err == KMSG_OK && i < topic->filter->count; i++) {
        const kmsg_field *f = &topic->filter->fields[i];
        if (f->name != NULL && is_said(f, choice->values))
            err = add(choice, f, key_field(topic->key, f->number));
    }
    return err;
}

/* Strings of `values` lead into `mem` and `bytes`: they are looked at here alone. */
static kmsg_err decode(kmi_choice *choice, const kmsg_topic *topic, kmsg_bytes bytes,
                       kmsg_arena *mem)
{
    kmsg_err err = kmsg_decode(topic->filter, bytes, mem, choice->values);

    if (err == KMSG_OK)
        err = fill(choice, topic);
    return err;
}

static kmi_choice *new_choice(const kmsg_layout *filter)
{
    kmi_choice *choice = kmi_alloc_zeroed(sizeof *choice);

    if (choice == NULL)
        return NULL;
    choice->conditions = kmi_alloc_zeroed(filter->count * sizeof *choice->conditions);
    choice->globs = kmi_alloc_zeroed(filter->count * sizeof *choice->globs);
    choice->values = kmi_alloc_zeroed(filter->size);
    if (choice->conditions != NULL && choice->globs != NULL && choice->values != NULL)
        return choice;
    kmi_choice_free(choice);
    return NULL;
}

kmsg_err kmi_choice_new(const kmsg_topic *topic, kmsg_bytes filter, kmi_choice **ret)
{
    kmi_choice *choice;
    kmsg_arena *mem;
    kmsg_err    err;

    *ret = NULL;
    if (filter.size == 0)
        return KMSG_OK;
    if (topic->filter == NULL)
        return kmi_error(KMSG_EINVAL, "%s: its key cannot be chosen by", topic->name);
    choice = new_choice(topic->filter);
    mem = kmsg_arena_new();
    err = choice == NULL || mem == NULL ? kmi_error_plain(KMSG_ENOMEM)
                                        : decode(choice, topic, filter, mem);
    kmsg_arena_free(mem);
    if (err == KMSG_OK && choice->count > 0)
        *ret = choice;
    else
        kmi_choice_free(choice);
    return err;
}

void kmi_choice_free(kmi_choice *choice)
{
    if (choice == NULL)
        return;
    kmi_free(choice->conditions);
    kmi_free(choice->values);
    kmi_free(choice->globs);
    kmi_free(choice);
}

static bool meets(const kmi_choice *choice, const condition *c, const uint8_t *key)
{
    kmsg_string text;

    if (c->size != 0)
        return memcmp(key + c->offset, choice->values + c->value, c->size) == 0;
    memcpy(&text, key + c->offset, sizeof text);
    return kmi_glob_matches(&choice->globs[c->value], text);
}

bool kmi_choice_takes(const kmi_choice *choice, const void *key)
{
    for (uint32_t i = 0; i < choice->count; i++)
        if (!meets(choice, &choice->conditions[i], key))
            return false;
    return true;
}

bool kmi_choice_takes_encoded(const kmi_choice *choice, const kmsg_topic *topic, kmsg_bytes key)
{
    kmsg_arena *mem = choice == NULL ? NULL : kmsg_arena_new();
    void       *value = mem == NULL ? NULL : kmsg_alloc(mem, topic->key->size, 16);
    bool        takes = choice == NULL;

    if (value != NULL && kmsg_decode(topic->key, key, mem, value) == KMSG_OK)
        takes = kmi_choice_takes(choice, value);
    kmsg_arena_free(mem);
    return takes;
}
