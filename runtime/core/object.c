/* object.c -- objects and where a node finds them.
 *
 * An object's number is its slot in the node's table and a generation, so that an address of one
 * that is gone finds nobody, also when the slot has been used again. Objects that another thread
 * puts on a node get their numbers there, before this node knows: from a counter, and a table of
 * their own.
 *
 * How one ends: kmsg_return() notes what it returns and puts an item in the inbox. When that is
 * run, no handler of it can be on the stack. Its children are stopped first; when the last one has
 * returned, all that waits for this object is told, and the parent is.
 */
#include "core/object.h"

#include "base/alloc.h"
#include "base/err.h"
#include "base/log.h"

#include <kmsg/reflection.kmsg.h>

#include <string.h>

#define FOREIGN        ((uint64_t)1 << 62)
#define GENERATION_MAX 0x3fffffffu
#define NO_SLOT        UINT32_MAX

/* ---- the table ----------------------------------------------------------------------------- */

static kmsg_err add_slot(kmi_objects_table *table)
{
    kmi_object_slot *slots;

    if (table->count >= KMSG_OBJECTS_MAX)
        return kmi_error(KMSG_EFULL, "%u objects are on this node", KMSG_OBJECTS_MAX);
    slots = kmi_grow(table->slots, table->count, &table->capacity, sizeof *slots);
    if (slots == NULL)
        return kmi_error_plain(KMSG_ENOMEM);
    table->slots = slots;
    slots[table->count] = (kmi_object_slot){NULL, 0, NO_SLOT};
    table->free = (uint32_t)table->count++;
    return KMSG_OK;
}

static kmsg_err enter(kmsg_node *node, kmsg_object *object)
{
    kmi_objects_table *table = &node->objects;
    kmi_object_slot   *slot;
    kmsg_err           err = table->free == NO_SLOT ? add_slot(table) : KMSG_OK;

    if (err != KMSG_OK)
        return err;
    slot = &table->slots[table->free];
    slot->generation = slot->generation >= GENERATION_MAX ? 1 : slot->generation + 1;
    slot->object = object;
    object->id = (uint64_t)slot->generation << 32 | table->free;
    table->free = slot->next_free;
    table->live++;
    return KMSG_OK;
}

/* Where a foreign number is, or would be. */
static size_t foreign_place(const kmi_objects_table *table, uint64_t id)
{
    size_t low = 0, high = table->foreign_count;

    while (low < high) {
        size_t middle = (low + high) / 2;
        if (table->foreign[middle]->id < id)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static kmsg_err enter_foreign(kmsg_node *node, kmsg_object *object)
{
    kmi_objects_table *table = &node->objects;
    size_t             at = foreign_place(table, object->id);
    kmsg_object      **foreign;

    foreign =
        kmi_grow(table->foreign, table->foreign_count, &table->foreign_capacity, sizeof *foreign);
    if (foreign == NULL)
        return kmi_error_plain(KMSG_ENOMEM);
    table->foreign = foreign;
    memmove(foreign + at + 1, foreign + at, (table->foreign_count - at) * sizeof *foreign);
    foreign[at] = object;
    table->foreign_count++;
    table->live++;
    return KMSG_OK;
}

static void leave(kmsg_object *object)
{
    kmi_objects_table *table = &object->node->objects;

    table->live--;
    if (object->id & FOREIGN) {
        size_t at = foreign_place(table, object->id);
        table->foreign_count--;
        memmove(table->foreign + at, table->foreign + at + 1,
                (table->foreign_count - at) * sizeof *table->foreign);
    } else {
        uint32_t i = (uint32_t)object->id;
        table->slots[i].object = NULL;
        table->slots[i].next_free = table->free;
        table->free = i;
    }
}

static kmsg_object *find(const kmi_objects_table *table, uint64_t id)
{
    uint32_t i = (uint32_t)id;
    size_t   at;

    if (id & FOREIGN) {
        at = foreign_place(table, id);
        return at < table->foreign_count && table->foreign[at]->id == id ? table->foreign[at]
                                                                         : NULL;
    }
    if (i >= table->count || table->slots[i].object == NULL || table->slots[i].object->id != id)
        return NULL;
    return table->slots[i].object;
}

kmsg_object *kmi_object_find(const kmsg_node *node, uint64_t id)
{
    kmsg_object *object = find(&node->objects, id);

    return object == NULL || object->returned ? NULL : object;
}

/* ---- making -------------------------------------------------------------------------------- */

static void fill_address(kmsg_object *object)
{
    kmi_place_put(
        &(kmi_place){.instance = object->node->net.session.own.instance, .object = object->id},
        object->address);
}

kmsg_object *kmi_object_new(const kmi_maker *maker, uint32_t mailbox_max)
{
    kmsg_object *object = kmi_alloc_zeroed(sizeof *object + maker->state_size);

    if (object == NULL)
        return NULL;
    object->maker = *maker;
    object->serving_messages = (kmi_serving){.object = object, .executing = &object->executing};
    object->mailbox_max = mailbox_max == 0 ? KMSG_MAILBOX_MAX : mailbox_max;
    return object;
}

kmsg_err kmi_object_enter(kmsg_node *node, kmsg_object *object)
{
    kmsg_err err;

    object->node = node;
    err = object->id == 0 ? enter(node, object) : enter_foreign(node, object);
    if (err != KMSG_OK)
        return err;
    fill_address(object);
    if (object->maker.service == NULL)
        return KMSG_OK;
    err = kmi_services_add(&object->services, object->maker.service, object->maker.impl,
                           object->maker.ctx, object);
    if (err != KMSG_OK)
        leave(object);
    return err;
}

uint64_t kmi_object_foreign_id(kmsg_node *node)
{
    return FOREIGN | atomic_fetch_add(&node->objects.next_foreign, 1);
}

void kmi_object_start(kmsg_object *object)
{
    if (object->maker.start != NULL)
        object->maker.start(object);
}

void kmi_object_discard(kmsg_object *object)
{
    if (object == NULL)
        return;
    kmi_services_done(&object->services);
    kmi_free(object);
}

/* ---- ending -------------------------------------------------------------------------------- */

static void end_now(kmsg_object *object)
{
    kmsg_node *node = object->node;
    kmi_child *child = object->child;
    bool       has_spoken = object->has_spoken;

    if (object->maker.done != NULL)
        object->maker.done(object);
    kmi_alarms_done(object);
    kmi_mailbox_drop(object);
    kmi_calls_of_object_over(node, object);
    leave(object);
    kmi_object_discard(object);
    if (child != NULL && has_spoken)
        kmi_child_tell_last(child, node);
    else if (child != NULL)
        kmi_child_tell(child, node);
}

void kmi_object_remove(kmsg_object *object)
{
    end_now(object);
}

kmi_serving *kmi_object_serving(kmsg_object *object, uint64_t target)
{
    kmi_serving *serving;

    if (object->maker.service == NULL)
        return &object->serving_messages;
    serving = kmi_service_find(&object->services, target);
    if (serving == NULL && target == kmsg_reflection_Reflection_service.id)
        return kmi_service_find(&object->node->services, target); /* whose name is the object's */
    return serving;
}

void kmi_object_end_if_alone(kmsg_object *object)
{
    if (object->ending && object->child_count == 0 && !object->is_thread)
        end_now(object);
}

static void run_end(kmi_item *item)
{
    kmsg_object *object = (kmsg_object *)(void *)((uint8_t *)item - offsetof(kmsg_object, item));

    object->ending = true;
    kmsg_stop_children(object);
    kmi_object_end_if_alone(object);
}

/* What it returns is noted: nothing is for it any more. */
static void begin_end(kmsg_object *object)
{
    object->returned = true;
    if (object->is_thread)
        return; /* it ends when its function does */
    object->item.run = run_end;
    kmi_inbox_add(object->node, &object->item);
}

void kmsg_return(kmsg_object *self, const kmsg_layout *layout, const void *value)
{
    assert(self->child != NULL && "kmsg_return() of a root");
    if (self->returned)
        return;
    kmi_child_note(self->child, KMSG_OK, NULL, layout, value);
    begin_end(self);
}

void kmsg_object_fail(kmsg_object *self, kmsg_err err, const char *format, ...)
{
    char    text[KMI_ERROR_TEXT_MAX];
    va_list args;

    assert(self->child != NULL && "kmsg_object_fail() of a root");
    if (self->returned)
        return;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    kmi_child_note(self->child, err >= 0 ? KMSG_EFAILED : err, text, NULL, NULL);
    begin_end(self);
}

void kmi_objects_each(kmsg_node *node, void (*fn)(void *ctx, kmsg_object *object), void *ctx)
{
    kmi_objects_table *table = &node->objects;

    for (size_t i = table->count; i-- > 0;)
        if (table->slots[i].object != NULL)
            fn(ctx, table->slots[i].object);
    for (size_t i = table->foreign_count; i-- > 0;)
        fn(ctx, table->foreign[i]);
}

/* The node ends: nobody is asked any more, and the parents are told. */
static void cut_off(void *ctx, kmsg_object *object)
{
    kmi_child *child = object->child;

    (void)ctx;
    if (object->child == NULL || object->is_thread || object->ending)
        return;
    if (!object->returned)
        kmi_child_note(child, KMSG_ECLOSED, "its node has ended", NULL, NULL);
    object->returned = true;
    object->child = NULL;
    kmi_child_tell(child, object->node);
}

void kmi_node_objects_end(kmsg_node *node)
{
    kmi_objects_each(node, cut_off, NULL);
}

static void end_one(void *ctx, kmsg_object *object)
{
    (void)ctx;
    if (object->is_thread)
        object->child = NULL; /* its thread tells */
    end_now(object);
}

void kmi_node_objects_done(kmsg_node *node)
{
    kmi_objects_table *table = &node->objects;

    kmi_objects_each(node, end_one, NULL);
    kmi_free(table->slots);
    kmi_free(table->foreign);
}

/* ---- roots, and functions ------------------------------------------------------------------ */

kmsg_err kmi_object_new_root(kmsg_node *node)
{
    static const kmi_maker inbox = {.is_inbox = true};
    kmsg_object           *root = kmi_object_new(&inbox, 0);
    kmsg_err               err = root == NULL ? KMSG_ENOMEM : KMSG_OK;

    node->objects.free = NO_SLOT;
    atomic_init(&node->objects.next_foreign, 1);
    if (err == KMSG_OK)
        err = kmi_object_enter(node, root);
    if (err == KMSG_OK)
        node->root = root;
    else
        kmi_object_discard(root);
    return err;
}

kmsg_object *kmsg_root(kmsg_node *node)
{
    return node->root;
}

static kmsg_err handle_function(kmsg_object *object, kmsg_message *message)
{
    kmsg_object_fn *fn = (kmsg_object_fn *)object->maker.fn;

    return fn(object->maker.ctx, object, message);
}

static void start_function(kmsg_object *object)
{
    const kmsg_Start start = {0};
    kmsg_err         err = kmi_message_to(object, NULL, &kmsg_Start_layout, &start);

    if (err != KMSG_OK)
        kmsg_object_fail(object, err, "it could not be started");
}

kmsg_err kmsg_object_new(kmsg_object *parent, kmsg_object_fn *fn, void *ctx, const kmsg_spawn *how,
                         kmsg_address *ret)
{
    const kmi_maker maker = {
        .handle = handle_function, .start = start_function, .fn = (kmsg_done *)fn, .ctx = ctx};

    return kmi_object_make(parent, &maker, how, ret);
}

kmsg_err kmsg_service_new(kmsg_object *parent, const kmsg_service *service, const void *impl,
                          void *ctx, const kmsg_spawn *how, kmsg_address *ret)
{
    const kmi_maker maker = {.service = service, .impl = impl, .ctx = ctx};

    return kmi_object_make(parent, &maker, how, ret);
}

/* ---- facts --------------------------------------------------------------------------------- */

kmsg_node *kmsg_object_node(const kmsg_object *self)
{
    return self->node;
}

kmsg_address kmsg_object_address(const kmsg_object *self)
{
    return (kmsg_address){self->address, sizeof self->address};
}

kmsg_address kmsg_object_parent(const kmsg_object *self)
{
    if (self->child == NULL)
        return (kmsg_address){NULL, 0};
    return (kmsg_address){self->child->parent_address, sizeof self->child->parent_address};
}

void kmsg_object_info(const kmsg_object *self, kmsg_object_facts *ret)
{
    *ret = self->facts;
    ret->waiting = self->waiting;
}

void kmsg_node_info(const kmsg_node *node, kmsg_node_facts *ret)
{
    *ret = node->facts;
    ret->objects = node->objects.live - 1; /* the root is the program itself */
    kmi_net_facts(&node->net, &ret->accepted, &ret->silent, &ret->turned_away);
}
