/* service.c -- the services and topics of a schema, as kmsgc writes them into X.kmsg.c, but for the
 * code that calls handlers: what a caller needs who was not compiled with them.
 */
#include "schema/schema.h"

#include <string.h>

static const kmsg_layout *layout_of(const kmsg_schema *schema, const idl_record *r)
{
    return r == NULL ? NULL : &schema->d.shapes[r->index].layout;
}

/* At most a day, as any deadline. */
static uint32_t deadline_ms(const idl_method *m)
{
    const uint64_t most = 24u * 60u * 60u * 1000u, ns_of_ms = 1000000;
    uint64_t       ms = m->deadline_ns / ns_of_ms + (m->deadline_ns % ns_of_ms > 0);

    return (uint32_t)(ms < most ? ms : most);
}

/* NULL behind the last; NULL: none. */
static const char *const *roles_of(kmsg_schema *schema, const idl_roles *roles)
{
    const char **names;

    if (roles->count == 0)
        return NULL;
    names = idl_alloc(&schema->sources, (roles->count + 1) * sizeof *names);
    for (size_t i = 0; i < roles->count; i++)
        names[i] = roles->names[i];
    return names;
}

static const kmsg_layout *const *throws_of(kmsg_schema *schema, const idl_method *m)
{
    const kmsg_layout **layouts;

    if (m->throw_count == 0)
        return NULL;
    layouts = idl_alloc(&schema->sources, (m->throw_count + 1) * sizeof *layouts);
    for (size_t i = 0; i < m->throw_count; i++)
        layouts[i] = layout_of(schema, m->throws[i]);
    return layouts;
}

static kmsg_method describe_method(kmsg_schema *schema, const idl_service *s, const idl_method *m,
                                   const char *const *roles)
{
    const kmsg_layout *answer = m->oneway ? NULL : layout_of(schema, m->result);

    return (kmsg_method){.name = m->name,
                         .number = m->number,
                         .oneway = m->oneway,
                         .idempotent = m->idempotent,
                         .deadline_ms = deadline_ms(m),
                         .roles =
                             m->roles.names == s->roles.names ? roles : roles_of(schema, &m->roles),
                         .args = layout_of(schema, m->args),
                         .result = m->returns_stream ? NULL : answer,
                         .sends = layout_of(schema, m->item),
                         .streams = m->returns_stream ? answer : NULL,
                         .throws = throws_of(schema, m)};
}

/* Its bases are there already. */
static const kmsg_base *describe_bases(kmsg_schema *schema, const idl_service *s)
{
    kmsg_base *bases = idl_alloc(&schema->sources, (s->base_count + 1) * sizeof *bases);

    for (size_t i = 0; i < s->base_count; i++)
        bases[i].service = kmsg_schema_service(schema, s->bases[i]->qualified);
    return bases;
}

static void describe_service(kmsg_schema *schema, const idl_service *s)
{
    kmsg_service *to = &schema->services[schema->service_count];
    kmsg_method  *methods = idl_alloc(&schema->sources, (s->method_count + 1) * sizeof *methods);

    *to = (kmsg_service){.name = s->qualified,
                         .id = kmsg_id(s->qualified),
                         .methods = methods,
                         .count = (uint32_t)s->method_count,
                         .bases = describe_bases(schema, s),
                         .base_count = (uint32_t)s->base_count,
                         .roles = roles_of(schema, &s->roles)};
    for (size_t i = 0; i < s->method_count; i++)
        methods[i] = describe_method(schema, s, &s->methods[i], to->roles);
    schema->service_count++;
}

static void describe_topic(kmsg_schema *schema, const idl_topic *t)
{
    schema->topics[schema->topic_count++] =
        (kmsg_topic){.name = t->qualified,
                     .id = kmsg_id(t->qualified),
                     .roles = roles_of(schema, &t->roles),
                     .key = t->key->field_count == 0 ? NULL : layout_of(schema, t->key),
                     .filter = t->filter->field_count == 0 ? NULL : layout_of(schema, t->filter),
                     .value = layout_of(schema, t->value)};
}

static void describe_topics(kmsg_schema *schema)
{
    const idl_model *model = schema->model;
    size_t           count = 0;

    for (size_t m = 0; m < model->module_count; m++)
        for (size_t i = 0; i < model->modules[m]->decl_count; i++)
            count += model->modules[m]->decls[i].kind == IDL_DECL_TOPIC;
    schema->topics = idl_alloc(&schema->sources, (count + 1) * sizeof *schema->topics);
    for (size_t m = 0; m < model->module_count; m++)
        for (size_t i = 0; i < model->modules[m]->decl_count; i++)
            if (model->modules[m]->decls[i].kind == IDL_DECL_TOPIC)
                describe_topic(schema, model->modules[m]->decls[i].of.topic);
}

void kmi_describe_services(kmsg_schema *schema)
{
    const idl_model *model = schema->model;
    size_t           count = 0;

    for (size_t m = 0; m < model->module_count; m++)
        count += model->modules[m]->service_count;
    schema->services = idl_alloc(&schema->sources, (count + 1) * sizeof *schema->services);
    for (size_t m = 0; m < model->module_count; m++)
        for (size_t i = 0; i < model->modules[m]->service_count; i++)
            describe_service(schema, model->modules[m]->services[i]);
    describe_topics(schema);
}

const kmsg_service *kmsg_schema_service(const kmsg_schema *schema, const char *name)
{
    const idl_decl *decl = kmi_schema_find(schema, name);

    if (decl == NULL || decl->kind != IDL_DECL_SERVICE)
        return NULL;
    for (size_t i = 0; i < schema->service_count; i++)
        if (strcmp(schema->services[i].name, decl->of.service->qualified) == 0)
            return &schema->services[i];
    return NULL;
}

size_t kmsg_schema_service_count(const kmsg_schema *schema)
{
    return schema->service_count;
}

const kmsg_service *kmsg_schema_service_at(const kmsg_schema *schema, size_t i)
{
    return i < schema->service_count ? &schema->services[i] : NULL;
}

const kmsg_topic *kmsg_schema_topic(const kmsg_schema *schema, const char *name)
{
    const idl_decl *decl = kmi_schema_find(schema, name);

    if (decl == NULL || decl->kind != IDL_DECL_TOPIC)
        return NULL;
    for (size_t i = 0; i < schema->topic_count; i++)
        if (strcmp(schema->topics[i].name, decl->of.topic->qualified) == 0)
            return &schema->topics[i];
    return NULL;
}

size_t kmsg_schema_topic_count(const kmsg_schema *schema)
{
    return schema->topic_count;
}

const kmsg_topic *kmsg_schema_topic_at(const kmsg_schema *schema, size_t i)
{
    return i < schema->topic_count ? &schema->topics[i] : NULL;
}
