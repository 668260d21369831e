/* marks.c -- see marks.h. The table is keyed by pointers of our own making, so nobody can choose
 * keys that collide.
 */
#include "json/marks.h"

#include "json/text.h"

#include <string.h>

#define CAPACITY_MIN 64u

struct kmi_json_object {
    const void *object;
    size_t      mentions;
    uint64_t    number; /* 0: none yet */
};

struct kmi_json_mark {
    kmi_json_mark *next;
    const void    *object;
    size_t         at; /* offset in the text */
    uint32_t       level;
    bool           is_ref;
    bool           comma;
};

void kmi_json_marks_init(kmi_json_marks *marks, kmsg_arena *mem)
{
    *marks = (kmi_json_marks){.mem = mem};
    marks->last = &marks->first;
}

/* Where it is, or where it would be. */
static kmi_json_object *find(const kmi_json_marks *marks, const void *object)
{
    uint64_t hash = (uint64_t)(uintptr_t)object * 0x9e3779b97f4a7c15u;
    size_t   i = (size_t)(hash >> 20) & (marks->capacity - 1);

    while (marks->table[i].object != NULL && marks->table[i].object != object)
        i = (i + 1) & (marks->capacity - 1);
    return &marks->table[i];
}

static bool grow(kmi_json_marks *marks)
{
    kmi_json_marks bigger = *marks;

    bigger.capacity = marks->capacity == 0 ? CAPACITY_MIN : marks->capacity * 2;
    bigger.table = kmsg_alloc_array(marks->mem, kmi_json_object, bigger.capacity);
    if (bigger.table == NULL)
        return false;
    for (size_t i = 0; i < marks->capacity; i++)
        if (marks->table[i].object != NULL)
            *find(&bigger, marks->table[i].object) = marks->table[i];
    marks->table = bigger.table;
    marks->capacity = bigger.capacity;
    return true;
}

static kmi_json_mark *add(kmi_json_marks *marks, kmi_json_out *out, const void *object, bool is_ref)
{
    kmi_json_mark *mark = kmsg_alloc_array(marks->mem, kmi_json_mark, 1);

    if (mark == NULL) {
        out->err = KMSG_ENOMEM;
        return NULL;
    }
    *mark = (kmi_json_mark){
        .object = object, .at = out->size, .level = out->level, .is_ref = is_ref};
    *marks->last = mark;
    marks->last = &mark->next;
    return mark;
}

bool kmi_json_mention(kmi_json_marks *marks, kmi_json_out *out, const void *object)
{
    kmi_json_object *o;
    bool             first = true;

    if (marks->count * 2 >= marks->capacity && !grow(marks)) {
        out->err = KMSG_ENOMEM;
        return false;
    }
    o = find(marks, object);
    o->object = object;
    if (o->mentions++ == 0) {
        marks->count++;
        return true;
    }
    kmi_json_out_open(out, '{');
    kmi_json_out_name(out, &first, "$ref");
    (void)add(marks, out, object, true);
    kmi_json_out_close(out, '}', false);
    return false;
}

kmi_json_mark *kmi_json_mark_id(kmi_json_marks *marks, kmi_json_out *out, const void *object)
{
    return add(marks, out, object, false);
}

void kmi_json_mark_comma(kmi_json_mark *mark)
{
    if (mark != NULL)
        mark->comma = true;
}

static void fill_in(const kmi_json_mark *mark, uint64_t number, kmi_json_out *out)
{
    char   text[KMI_JSON_TEXT_MAX];
    size_t size = kmi_json_u64_text(number, text);
    bool   first = true;

    out->level = mark->level;
    if (!mark->is_ref)
        kmi_json_out_name(out, &first, "$id");
    kmi_json_out_put(out, text, size);
    if (mark->is_ref)
        return;
    if (mark->comma)
        kmi_json_out_char(out, ',');
    else if (out->indent != 0) { /* `}` comes at once: its line is missing */
        out->level--;
        kmi_json_out_char(out, '\n');
        for (uint32_t i = 0; i < out->level * out->indent; i++)
            kmi_json_out_char(out, ' ');
    }
}

void kmi_json_marks_end(kmi_json_marks *marks, kmi_json_out *out)
{
    kmi_json_out with = *out;
    uint64_t     numbers = 0;
    size_t       at = 0;

    if (out->err != KMSG_OK || marks->first == NULL)
        return;
    kmi_json_out_init(&with, out->mem, out->size + out->size / 8, out->max, out->indent);
    for (const kmi_json_mark *m = marks->first; m != NULL; m = m->next) {
        kmi_json_object *o = find(marks, m->object);
        if (o->mentions < 2)
            continue;
        if (o->number == 0)
            o->number = ++numbers;
        kmi_json_out_put(&with, out->data + at, m->at - at);
        fill_in(m, o->number, &with);
        at = m->at;
    }
    kmi_json_out_put(&with, out->data + at, out->size - at);
    *out = with;
}
