/* outline_check.c -- can each side of a session read what the other one writes? See outline.h.
 *
 * Two forms are walked side by side. Records are compared by pairs, each pair once, from a list
 * that grows while it is worked through: so records that contain themselves come to an end, and a
 * form from outside cannot make the walk deep. A type is as deep as ours.
 *
 * Fields are told apart by number and lie where they do by their order, in two regions: the block
 * of scalars, and the lengths of all others. What only one side has is safe behind all that both
 * have. A name that stands at another number there is a field that has moved.
 */
#include "core/outline.h"

#include "base/err.h"

#include <inttypes.h>
#include <string.h>

#define PAIRS_MAX 4096u
#define TEXT_MAX  320u
#define NAME_MAX  240u

/* ---- two forms ------------------------------------------------------------------------------- */

/* Where something stands, for words. */
typedef struct place {
    const char *service, *method;
    const char *part;   /* "parameter"; "its answer" and the like; NULL: a record in one of these */
    kmsg_string record; /* its name */
} place;

typedef struct pair {
    uint32_t          mine, theirs; /* records */
    kmsg_outline_Kind kind;         /* RECORD, FIXED, UNION */
    place             place;
} pair;

typedef struct walk {
    const kmsg_outline_Form *mine, *theirs;
    bool                     is_named; /* both are */
    pair                    *pairs;
    size_t                   count;
} walk;

static kmsg_err too_large(const place *p)
{
    return kmi_error(KMSG_EMISMATCH, "%s: it is too large to be compared", p->service);
}

static kmsg_err malformed(void)
{
    return kmi_error(KMSG_EDECODE, "the outline of a service leads nowhere");
}

/* Words from outside are shown, so they are made harmless. */
static kmsg_err differs(const place *p, char *text)
{
    for (char *c = text; *c != '\0'; c++)
        if (*c < ' ' || *c > '~')
            *c = '?';
    return kmi_error(KMSG_EMISMATCH, "%s.%s: %s", p->service, p->method, text);
}

/* "parameter 2 'limit'", "acme.Package: field 3 'tags'", "its answer" */
static void name_field(const walk *w, const place *p, const kmsg_outline_Field *f, char *text,
                       size_t size)
{
    char number[96];

    snprintf(number, sizeof number, f->name.size == 0 ? "%" PRIu32 : "%" PRIu32 " '%.64s'",
             f->number, f->name.data);
    if (p->part != NULL && strcmp(p->part, "parameter") == 0)
        snprintf(text, size, "parameter %s", number);
    else if (p->part != NULL && w->is_named && f->name.size == 0 && !f->reserved)
        snprintf(text, size, "%s", p->part);
    else
        snprintf(text, size, "%.100s: field %s", p->record.size == 0 ? "a record" : p->record.data,
                 number);
}

static kmsg_err field_differs(const walk *w, const place *p, const kmsg_outline_Field *f,
                              const char *text)
{
    char name[NAME_MAX], whole[NAME_MAX + TEXT_MAX + 2];

    name_field(w, p, f, name, sizeof name);
    snprintf(whole, sizeof whole, "%s %s", name, text);
    return differs(p, whole);
}

static kmsg_err record_differs(const place *p, const char *text)
{
    char whole[TEXT_MAX];

    snprintf(whole, sizeof whole, "%.100s: %s", p->record.size == 0 ? "a record" : p->record.data,
             text);
    return differs(p, whole);
}

static bool same_text(kmsg_string a, kmsg_string b)
{
    return a.size == b.size && memcmp(a.data, b.data, a.size) == 0;
}

/* ---- enums ----------------------------------------------------------------------------------- */

static bool has_number(const kmsg_outline_Enum *e, int32_t number)
{
    for (size_t i = 0; i < e->values.count; i++)
        if (e->values.items[i].number == number)
            return true;
    return false;
}

/* A name that is another number in `b`; a number that `b` would refuse. NULL: neither. */
static const kmsg_outline_Value *strange_value(const kmsg_outline_Enum *a,
                                               const kmsg_outline_Enum *b, bool *refused)
{
    for (size_t i = 0; i < a->values.count; i++) {
        const kmsg_outline_Value *v = &a->values.items[i];
        *refused = b->closed && !has_number(b, v->number);
        if (*refused)
            return v;
        for (size_t j = 0; j < b->values.count; j++)
            if (same_text(v->name, b->values.items[j].name) &&
                v->number != b->values.items[j].number)
                return v;
    }
    return NULL;
}

/* What is to be said about it in `text`; NULL: nothing. */
static const char *enums_differ(const kmsg_outline_Enum *mine, const kmsg_outline_Enum *theirs,
                                char *text)
{
    bool                      refused, here = true;
    const kmsg_outline_Value *v = strange_value(mine, theirs, &refused);

    if (v == NULL) {
        here = false;
        v = strange_value(theirs, mine, &refused);
    }
    if (v == NULL)
        return NULL;
    if (refused)
        snprintf(text, TEXT_MAX, "has %.64s = %" PRId32 " %s, which is refused %s", v->name.data,
                 v->number, here ? "here" : "there", here ? "there" : "here");
    else
        snprintf(text, TEXT_MAX, "has %.64s = %" PRId32 " %s, and another number %s", v->name.data,
                 v->number, here ? "here" : "there", here ? "there" : "here");
    return text;
}

/* ---- types ----------------------------------------------------------------------------------- */

/* How two types stand to each other. */
typedef enum verdict { SAME, OTHER, IN_WORDS, BROKEN, NO_ROOM } verdict;

static bool pair_later(walk *w, uint32_t mine, uint32_t theirs, kmsg_outline_Kind kind,
                       const place *p)
{
    place at = {.service = p->service, .method = p->method, .part = p->part};

    for (size_t i = 0; i < w->count; i++)
        if (w->pairs[i].mine == mine && w->pairs[i].theirs == theirs)
            return true;
    if (w->count == PAIRS_MAX)
        return false;
    at.record = w->mine->records.items[mine].name;
    w->pairs[w->count++] = (pair){mine, theirs, kind, at};
    return true;
}

/* What a ref leads to, and the rows of lists, are records. */
static kmsg_outline_Kind kind_of(kmsg_outline_Kind kind)
{
    return kind == kmsg_outline_Kind_FIXED || kind == kmsg_outline_Kind_UNION
               ? kind
               : kmsg_outline_Kind_RECORD;
}

static bool is_list(kmsg_outline_Kind kind)
{
    return kind == kmsg_outline_Kind_ARRAY || kind == kmsg_outline_Kind_ROWS;
}

static bool same_limits(const kmsg_outline_Type *a, const kmsg_outline_Type *b)
{
    return a->has_low == b->has_low && a->low == b->low && a->has_high == b->has_high &&
           a->high == b->high && same_text(a->pattern, b->pattern);
}

static verdict compare_types(walk *w, uint32_t mine, uint32_t theirs, bool limits, const place *p,
                             char *text);

static verdict compare_parts(walk *w, const kmsg_outline_Type *a, const kmsg_outline_Type *b,
                             bool limits, const place *p, char *text)
{
    const place inside = {.service = p->service, .method = p->method};
    verdict     v = SAME;

    if (a->has_item)
        v = compare_types(w, a->item, b->item, limits, p, text);
    if (a->has_value && v == SAME)
        v = compare_types(w, a->value, b->value, limits, p, text);
    if (a->has_record && b->record >= w->theirs->records.count)
        return BROKEN;
    if (a->has_record && !pair_later(w, a->record, b->record, kind_of(a->kind), &inside))
        return NO_ROOM;
    if (a->has_enumeration && b->enumeration >= w->theirs->enums.count)
        return BROKEN;
    if (a->has_enumeration && v == SAME &&
        enums_differ(&w->mine->enums.items[a->enumeration], &w->theirs->enums.items[b->enumeration],
                     text) != NULL)
        return IN_WORDS;
    return v;
}

static verdict compare_types(walk *w, uint32_t mine, uint32_t theirs, bool limits, const place *p,
                             char *text)
{
    const kmsg_outline_Type *a = &w->mine->types.items[mine], *b;

    if (theirs >= w->theirs->types.count)
        return BROKEN;
    b = &w->theirs->types.items[theirs];
    if (a->kind != b->kind || (is_list(a->kind) && a->is_set != b->is_set) ||
        (a->kind == kmsg_outline_Kind_VECTOR && a->count != b->count) ||
        (limits && !same_limits(a, b)))
        return OTHER;
    if (a->has_item != b->has_item || a->has_value != b->has_value ||
        a->has_record != b->has_record || a->has_enumeration != b->has_enumeration)
        return OTHER;
    return compare_parts(w, a, b, limits, p, text);
}

/* ---- fields ---------------------------------------------------------------------------------- */

static kmsg_string type_name(const kmsg_outline_Form *form, const kmsg_outline_Field *f)
{
    return form->types.items[f->type].name;
}

static kmsg_err types_differ(const walk *w, const place *p, const kmsg_outline_Field *a,
                             const kmsg_outline_Field *b)
{
    const kmsg_string mine = type_name(w->mine, a), theirs = type_name(w->theirs, b);
    char              text[TEXT_MAX];

    if (!w->is_named)
        return field_differs(w, p, a, "has another type there");
    if (same_text(mine, theirs) && a->optional == b->optional)
        snprintf(text, sizeof text, "is %.100s, which is another one there", mine.data);
    else
        snprintf(text, sizeof text, "is %.100s%s here and %.100s%s there", mine.data,
                 a->optional ? "?" : "", theirs.data, b->optional ? "?" : "");
    return field_differs(w, p, a, text);
}

static bool in_block(const kmsg_outline_Form *form, const kmsg_outline_Field *f)
{
    return form->types.items[f->type].kind < kmsg_outline_Kind_STRING;
}

/* One side has given the field up: it writes nothing, or zero, in its place. */
static kmsg_err compare_reserved(const walk *w, const place *p, const kmsg_outline_Field *a,
                                 const kmsg_outline_Field *b)
{
    const kmsg_outline_Type *mine = &w->mine->types.items[a->type];
    const kmsg_outline_Type *theirs = &w->theirs->types.items[b->type];
    const kmsg_outline_Type *used = a->reserved ? theirs : mine,
                            *other = a->reserved ? mine : theirs;
    const kmsg_outline_Field *f = a->reserved ? b : a;

    if (a->reserved == b->reserved || f->optional)
        return KMSG_OK;
    if (used->refuses_zero || (used->kind == kmsg_outline_Kind_RECORD && other->kind != used->kind))
        return field_differs(w, p, f,
                             a->reserved ? "was given up here, and is asked for there"
                                         : "was given up there, and is asked for here");
    return KMSG_OK;
}

static kmsg_err compare_fields(walk *w, const place *p, const kmsg_outline_Field *a,
                               const kmsg_outline_Field *b)
{
    bool    used = !a->reserved && !b->reserved, block = in_block(w->mine, a);
    char    text[TEXT_MAX];
    verdict v;

    if (a->optional != b->optional && (used || block))
        return types_differ(w, p, a, b);
    v = used || block ? compare_types(w, a->type, b->type, used, p, text) : SAME;
    switch (v) {
    case BROKEN: return malformed();
    case NO_ROOM: return too_large(p);
    case IN_WORDS: return field_differs(w, p, a, text);
    case OTHER: return types_differ(w, p, a, b);
    case SAME: break;
    }
    if (!used)
        return compare_reserved(w, p, a, b);
    if (a->initial != b->initial)
        return field_differs(w, p, a, "has another default there");
    return KMSG_OK;
}

/* ---- records --------------------------------------------------------------------------------- */

static const kmsg_outline_Field *next_of(const kmsg_outline_Form       *form,
                                         const kmsg_outline_Field_list *fields, bool block,
                                         size_t *at)
{
    while (*at < fields->count && in_block(form, &fields->items[*at]) != block)
        ++*at;
    return *at < fields->count ? &fields->items[(*at)++] : NULL;
}

/* The one with the smaller number stands before what the other side has at its place. */
static kmsg_err inserted(const walk *w, const place *p, const kmsg_outline_Field *a,
                         const kmsg_outline_Field *b)
{
    bool here = a->number < b->number;

    return field_differs(w, p, here ? a : b,
                         here ? "is not there on the other side, and moves what lies behind it"
                              : "is not there on this side, and moves what lies behind it");
}

static kmsg_err compare_region(walk *w, const place *p, const kmsg_outline_Field_list *mine,
                               const kmsg_outline_Field_list *theirs, bool block)
{
    size_t   i = 0, j = 0;
    kmsg_err err = KMSG_OK;

    while (err == KMSG_OK) {
        const kmsg_outline_Field *a = next_of(w->mine, mine, block, &i);
        const kmsg_outline_Field *b = next_of(w->theirs, theirs, block, &j);
        if (a == NULL || b == NULL)
            return KMSG_OK;
        err = a->number == b->number ? compare_fields(w, p, a, b) : inserted(w, p, a, b);
    }
    return err;
}

static const kmsg_outline_Field *by_number(const kmsg_outline_Field_list *fields, uint32_t number)
{
    for (size_t i = 0; i < fields->count; i++)
        if (fields->items[i].number == number)
            return &fields->items[i];
    return NULL;
}

/* A member that only one side has is kept as it comes, but for the objects that it leads to. */
static kmsg_err alone(const walk *w, const place *p, const kmsg_outline_Form *form,
                      const kmsg_outline_Field *f)
{
    if (f->reserved || !form->types.items[f->type].has_refs)
        return KMSG_OK;
    return field_differs(w, p, f, "leads to refs, and only one side knows it");
}

static kmsg_err compare_members(walk *w, const place *p, const kmsg_outline_Field_list *mine,
                                const kmsg_outline_Field_list *theirs)
{
    kmsg_err err = KMSG_OK;

    for (size_t i = 0; i < mine->count && err == KMSG_OK; i++) {
        const kmsg_outline_Field *a = &mine->items[i], *b = by_number(theirs, a->number);
        if (b == NULL)
            err = alone(w, p, w->mine, a);
        else if (!a->reserved && !b->reserved)
            err = compare_fields(w, p, a, b);
    }
    for (size_t i = 0; i < theirs->count && err == KMSG_OK; i++)
        if (by_number(mine, theirs->items[i].number) == NULL)
            err = alone(w, p, w->theirs, &theirs->items[i]);
    return err;
}

static const kmsg_outline_Field *by_name(const kmsg_outline_Field_list *fields, kmsg_string name)
{
    for (size_t i = 0; i < fields->count; i++)
        if (!fields->items[i].reserved && same_text(fields->items[i].name, name))
            return &fields->items[i];
    return NULL;
}

/* A name that has another number there; a number whose type is of the other region there. */
static kmsg_err compare_place(const walk *w, const place *p, const kmsg_outline_Field *a,
                              const kmsg_outline_Field_list *theirs)
{
    const kmsg_outline_Field *b = NULL;
    char                      text[TEXT_MAX];

    if (w->is_named && !a->reserved && a->name.size > 0)
        b = by_name(theirs, a->name);
    if (b != NULL && a->number != b->number) {
        snprintf(text, sizeof text, "has the number %" PRIu32 " there", b->number);
        return field_differs(w, p, a, text);
    }
    b = by_number(theirs, a->number);
    if (b != NULL && in_block(w->mine, a) != in_block(w->theirs, b))
        return types_differ(w, p, a, b);
    return KMSG_OK;
}

/* The value itself, without a record round it. */
static bool is_bare(const kmsg_outline_Field_list *fields)
{
    return fields->count == 1 && !fields->items[0].reserved && fields->items[0].name.size == 0;
}

static bool leads_nowhere(const kmsg_outline_Form *form, const kmsg_outline_Field_list *fields)
{
    for (size_t i = 0; i < fields->count; i++)
        if (fields->items[i].type >= form->types.count)
            return true;
    return false;
}

static kmsg_err compare_records(walk *w, const pair *two)
{
    const kmsg_outline_Field_list *mine = &w->mine->records.items[two->mine].fields;
    const kmsg_outline_Field_list *theirs = &w->theirs->records.items[two->theirs].fields;
    kmsg_err                       err;

    if (leads_nowhere(w->theirs, theirs))
        return malformed();
    for (size_t i = 0; i < mine->count; i++) {
        err = compare_place(w, &two->place, &mine->items[i], theirs);
        if (err != KMSG_OK)
            return err;
    }
    if (two->kind == kmsg_outline_Kind_UNION)
        return compare_members(w, &two->place, mine, theirs);
    if (two->kind == kmsg_outline_Kind_FIXED && mine->count != theirs->count)
        return record_differs(&two->place, "it is fixed, and has more or fewer fields there");
    if (w->is_named && is_bare(mine) != is_bare(theirs) && mine->count > 0 && theirs->count > 0)
        return record_differs(&two->place, "it is a value of its own on one side alone");
    err = compare_region(w, &two->place, mine, theirs, true);
    return err == KMSG_OK ? compare_region(w, &two->place, mine, theirs, false) : err;
}

/* ---- methods --------------------------------------------------------------------------------- */

static kmsg_err add_part(walk *w, const place *p, const char *part, uint32_t mine, uint32_t theirs)
{
    place at = *p;

    if (theirs >= w->theirs->records.count)
        return malformed();
    at.part = part;
    return pair_later(w, mine, theirs, kmsg_outline_Kind_RECORD, &at) ? KMSG_OK : too_large(p);
}

static kmsg_err method_differs(const place *p, const char *what, bool here)
{
    return kmi_error(KMSG_EMISMATCH, "%s.%s: it %s %s", p->service, p->method, what,
                     here ? "here, and not there" : "there, and not here");
}

static kmsg_err compare_methods(walk *w, const char *service, const kmsg_outline_Method *a,
                                const kmsg_outline_Method *b)
{
    const place p = {.service = service, .method = a->name.data};
    kmsg_err    err;

    if (a->oneway != b->oneway)
        return method_differs(&p, "is one-way", a->oneway);
    if (a->has_sends != b->has_sends)
        return method_differs(&p, "takes a stream", a->has_sends);
    if (a->has_streams != b->has_streams)
        return method_differs(&p, "answers with a stream", a->has_streams);
    err = add_part(w, &p, "parameter", a->args, b->args);
    if (err == KMSG_OK && a->has_result && b->has_result)
        err = add_part(w, &p, "its answer", a->result, b->result);
    if (err == KMSG_OK && a->has_sends)
        err = add_part(w, &p, "what is streamed to it", a->sends, b->sends);
    if (err == KMSG_OK && a->has_streams)
        err = add_part(w, &p, "what it streams", a->streams, b->streams);
    return err;
}

/* By number; a name that stands at another number has moved. */
static kmsg_err compare_method(walk *w, const kmsg_outline_Method *a,
                               const kmsg_outline_Service *theirs, const char *service)
{
    const kmsg_outline_Method *b = NULL;

    for (size_t i = 0; i < theirs->methods.count; i++) {
        const kmsg_outline_Method *m = &theirs->methods.items[i];
        if (m->number == a->number)
            b = m;
        else if (same_text(m->name, a->name))
            return kmi_error(KMSG_EMISMATCH,
                             "%s.%s: it is method %" PRIu32 " here and %" PRIu32 " there", service,
                             a->name.data, a->number, m->number);
    }
    return b == NULL ? KMSG_OK : compare_methods(w, service, a, b);
}

static const kmsg_outline_Service *service_named(const kmsg_outline_Form *form, kmsg_string name)
{
    for (size_t i = 0; i < form->services.count; i++)
        if (same_text(form->services.items[i].name, name))
            return &form->services.items[i];
    return NULL;
}

/* All methods of what both sides have, with the records in them. */
static kmsg_err compare_forms(walk *w)
{
    kmsg_err err = KMSG_OK;

    for (size_t i = 0; i < w->mine->services.count; i++) {
        const kmsg_outline_Service *a = &w->mine->services.items[i];
        const kmsg_outline_Service *b = service_named(w->theirs, a->name);
        for (size_t m = 0; b != NULL && m < a->methods.count && err == KMSG_OK; m++)
            err = compare_method(w, &a->methods.items[m], b, a->name.data);
    }
    for (size_t i = 0; i < w->count && err == KMSG_OK; i++) {
        const pair two = w->pairs[i];
        err = compare_records(w, &two);
    }
    return err;
}

static kmsg_err check_methods(const kmsg_service *mine, const kmsg_names_Outline *theirs,
                              kmsg_arena *mem)
{
    kmsg_outline_Form a, b;
    walk              w = {.mine = &a, .theirs = &b};
    kmsg_err          err = kmi_outline_form(mine, mem, &a);

    if (err == KMSG_OK)
        err = kmsg_outline_Form_decode_copy(theirs->methods, mem, &b);
    if (err != KMSG_OK)
        return err;
    w.pairs = kmsg_alloc_array(mem, pair, PAIRS_MAX);
    w.is_named = b.is_named;
    return w.pairs == NULL ? KMSG_ENOMEM : compare_forms(&w);
}

kmsg_err kmi_outline_check(const kmsg_service *mine, const kmsg_names_Outline *theirs,
                           kmsg_arena *mem)
{
    kmsg_names_Outline outline;
    kmsg_err           err;

    if (!same_text(kmsg_str(mine->name), theirs->service))
        return kmi_error(KMSG_EMISMATCH, "it is %s here, and another service there", mine->name);
    err = kmi_outline(mine, mem, &outline);
    if (err != KMSG_OK || outline.print == theirs->print)
        return err;
    if (theirs->methods.size == 0)
        return kmi_error(KMSG_EMISMATCH,
                         "%s: it is not the same there, and too large to say in what", mine->name);
    return check_methods(mine, theirs, mem);
}
