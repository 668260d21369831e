/* reflect_text.c -- declarations as a schema writes them. See reflect.h.
 *
 * Fields always have their numbers in front, as what stands between them may be missing. Names are
 * qualified where the text is not all of their module.
 */
#define _POSIX_C_SOURCE 200809L

#include "core/reflect.h"

#include "codec/scalar.h"

#include <inttypes.h>
#include <string.h>

/* ---- text ------------------------------------------------------------------------------------ */

static bool make_room(kmi_text *t, size_t more)
{
    size_t room = t->room == 0 ? 1024 : t->room;
    char  *data;

    if (t->failed || more >= KMSG_MESSAGE_MAX - t->size)
        t->failed = true;
    if (t->failed || t->size + more < t->room)
        return !t->failed;
    while (room <= t->size + more)
        room *= 2;
    data = kmsg_alloc(t->mem, room, 1);
    if (data == NULL) {
        t->failed = true;
        return false;
    }
    if (t->size > 0)
        memcpy(data, t->data, t->size);
    t->data = data;
    t->room = room;
    return true;
}

void kmi_text_put(kmi_text *t, const char *format, ...)
{
    va_list args, again;
    int     size;

    va_start(args, format);
    va_copy(again, args);
    size = vsnprintf(NULL, 0, format, again);
    va_end(again);
    if (size >= 0 && make_room(t, (size_t)size + 1)) {
        vsnprintf(t->data + t->size, (size_t)size + 1, format, args);
        t->size += (size_t)size;
    }
    va_end(args);
}

/* Of a declaration: as it is known where the text stands. */
static void put_name(kmi_text *t, const char *name)
{
    const size_t size = t->module_size;

    if (size > 0 && strncmp(name, t->module, size) == 0 && name[size] == '.' &&
        strchr(name + size + 1, '.') == NULL)
        name += size + 1;
    kmi_text_put(t, "%s", name);
}

static void put_quoted(kmi_text *t, const char *data, size_t size)
{
    kmi_text_put(t, "\"");
    for (size_t i = 0; i < size; i++) {
        unsigned char c = (unsigned char)data[i];
        if (c == '"' || c == '\\')
            kmi_text_put(t, "\\%c", c);
        else if (c < ' ' || c == 0x7f)
            kmi_text_put(t, "\\u{%X}", c);
        else
            kmi_text_put(t, "%c", c);
    }
    kmi_text_put(t, "\"");
}

/* ---- numbers --------------------------------------------------------------------------------- */

/* With as many digits as it takes to come back, and a point or an exponent: whole numbers may be
 * too large to be written as such. */
static void put_float(kmi_text *t, double number, bool narrow)
{
    char text[64];

    snprintf(text, sizeof text, "%.*g", narrow ? 9 : 17, number);
    for (char *c = text; *c != '\0'; c++)
        if (strchr("+-0123456789e", *c) == NULL)
            *c = '.'; /* whatever the locale has for it */
    kmi_text_put(t, "%s%s", text, strpbrk(text, ".e") == NULL ? ".0" : "");
}

static bool is_signed(kmsg_kind kind)
{
    return (kind >= KMSG_KIND_I8 && kind <= KMSG_KIND_I64) || kind == KMSG_KIND_TIMESTAMP ||
           kind == KMSG_KIND_DURATION;
}

/* A limit: of the type, or of how many there are. */
static void put_limit(kmi_text *t, const kmsg_type *type, bool has, uint64_t bits)
{
    double number;

    memcpy(&number, &bits, sizeof number);
    if (!has)
        return;
    if (type->kind == KMSG_KIND_F32 || type->kind == KMSG_KIND_F64)
        put_float(t, number, type->kind == KMSG_KIND_F32);
    else if (is_signed(type->kind))
        kmi_text_put(t, "%" PRId64, (int64_t)bits);
    else
        kmi_text_put(t, "%" PRIu64, bits);
}

static void put_limits(kmi_text *t, const kmsg_type *type)
{
    const kmsg_limits *l = type->limits;
    bool               range = l != NULL && (l->has_low || l->has_high);

    if (l == NULL)
        return;
    kmi_text_put(t, "(");
    put_limit(t, type, l->has_low, l->low.u);
    kmi_text_put(t, range ? ".." : "");
    put_limit(t, type, l->has_high, l->high.u);
    if (l->pattern != NULL) {
        kmi_text_put(t, range ? ", " : "");
        put_quoted(t, l->pattern->text, strlen(l->pattern->text));
    }
    kmi_text_put(t, ")");
}

/* ---- types ----------------------------------------------------------------------------------- */

/* T[3][4] is three of T[4]. */
static void put_array(kmi_text *t, const kmsg_type *type)
{
    const kmsg_type *item = type;

    while (item != NULL && (item->kind == KMSG_KIND_VECTOR || item->kind == KMSG_KIND_TABLE) &&
           item->item != NULL)
        item = item->item;
    if (item->kind == KMSG_KIND_TABLE)
        put_name(t, item->layout->name);
    else
        kmi_text_type(t, item);
    for (item = type;
         item != NULL && (item->kind == KMSG_KIND_VECTOR || item->kind == KMSG_KIND_TABLE);
         item = item->item)
        kmi_text_put(t, "[%" PRIu32 "]", item->count);
}

static void put_list(kmi_text *t, const kmsg_type *type)
{
    kmi_text_put(t, type->is_set ? "set<" : "list<");
    if (type->item != NULL)
        kmi_text_type(t, type->item);
    else
        put_name(t, type->layout->name);
    kmi_text_put(t, ">");
}

static void put_map(kmi_text *t, const kmsg_type *type)
{
    kmi_text_put(t, "map<");
    kmi_text_type(t, type->layout->fields[0].type);
    kmi_text_put(t, ", ");
    kmi_text_type(t, type->layout->fields[1].type);
    kmi_text_put(t, ">");
}

static const char *const scalar_words[] = {
    [KMSG_KIND_BOOL] = "bool",         [KMSG_KIND_I8] = "i8",
    [KMSG_KIND_I16] = "i16",           [KMSG_KIND_I32] = "i32",
    [KMSG_KIND_I64] = "i64",           [KMSG_KIND_U8] = "u8",
    [KMSG_KIND_U16] = "u16",           [KMSG_KIND_U32] = "u32",
    [KMSG_KIND_U64] = "u64",           [KMSG_KIND_F32] = "f32",
    [KMSG_KIND_F64] = "f64",           [KMSG_KIND_RUNE] = "rune",
    [KMSG_KIND_UUID] = "uuid",         [KMSG_KIND_TIMESTAMP] = "timestamp",
    [KMSG_KIND_DURATION] = "duration", [KMSG_KIND_STRING] = "string",
    [KMSG_KIND_BYTES] = "bytes",       [KMSG_KIND_ADDRESS] = "address",
    [KMSG_KIND_ANY] = "any",           [KMSG_KIND_MAP] = NULL,
};

void kmi_text_type(kmi_text *t, const kmsg_type *type)
{
    switch (type->kind) {
    case KMSG_KIND_ENUM: put_name(t, type->enum_->name); break;
    case KMSG_KIND_FIXED:
    case KMSG_KIND_RECORD:
    case KMSG_KIND_UNION: put_name(t, type->layout->name); break;
    case KMSG_KIND_REF:
        kmi_text_put(t, "ref<");
        put_name(t, type->layout->name);
        kmi_text_put(t, ">");
        break;
    case KMSG_KIND_VECTOR:
    case KMSG_KIND_TABLE: put_array(t, type); break;
    case KMSG_KIND_ARRAY:
    case KMSG_KIND_ROWS: put_list(t, type); break;
    case KMSG_KIND_MAP: put_map(t, type); break;
    default: kmi_text_put(t, "%s", scalar_words[type->kind]); break;
    }
    put_limits(t, type);
}

/* ---- fields ---------------------------------------------------------------------------------- */

static void put_enum_value(kmi_text *t, const kmsg_enum *e, int64_t number)
{
    for (uint32_t i = 0; i < e->count; i++)
        if (e->values[i].number == number) {
            kmi_text_put(t, " = %s", e->values[i].name);
            return;
        }
}

/* What is embedded has its defaults by itself. */
static void put_initial(kmi_text *t, const kmsg_field *f)
{
    const kmsg_type *type = f->type;
    kmsg_string      text;
    uint64_t         bits;
    float            narrow;
    double           number;

    if (f->initial == NULL)
        return;
    switch (type->kind) {
    case KMSG_KIND_FIXED:
    case KMSG_KIND_VECTOR: break;
    case KMSG_KIND_ENUM: put_enum_value(t, type->enum_, kmi_scalar_int(type, f->initial)); break;
    case KMSG_KIND_BOOL: kmi_text_put(t, " = true"); break;
    case KMSG_KIND_F32:
        memcpy(&narrow, f->initial, sizeof narrow);
        kmi_text_put(t, " = ");
        put_float(t, (double)narrow, true);
        break;
    case KMSG_KIND_F64:
        memcpy(&number, f->initial, sizeof number);
        kmi_text_put(t, " = ");
        put_float(t, number, false);
        break;
    case KMSG_KIND_STRING:
        memcpy(&text, f->initial, sizeof text);
        kmi_text_put(t, " = ");
        put_quoted(t, text.data, text.size);
        break;
    default:
        bits = (uint64_t)kmi_scalar_int(type, f->initial);
        kmi_text_put(t, " = ");
        put_limit(t, type, true, bits);
        break;
    }
}

static void put_field(kmi_text *t, const kmsg_field *f)
{
    if (f->name == NULL)
        kmi_text_put(t, "    reserved %" PRIu32 ": ", f->number);
    else
        kmi_text_put(t, "    %" PRIu32 " %s: ", f->number, f->name);
    kmi_text_type(t, f->type);
    kmi_text_put(t, f->optional ? "?" : "");
    put_initial(t, f);
    kmi_text_put(t, ";\n");
}

static const char *own_name(const kmi_decl *decl)
{
    return decl->module_size == 0 ? decl->name : decl->name + decl->module_size + 1;
}

static void put_record(kmi_text *t, const kmi_decl *decl)
{
    const kmsg_layout *layout = decl->what;
    bool               has_unknown = layout->count > 0 && layout->fields[0].number == 0;

    kmi_text_put(t, "%s %s {\n", decl->word, own_name(decl));
    for (uint32_t i = has_unknown; i < layout->count; i++)
        put_field(t, &layout->fields[i]);
    kmi_text_put(t, "}\n");
}

static void put_enum(kmi_text *t, const kmi_decl *decl)
{
    const kmsg_enum *e = decl->what;

    kmi_text_put(t, "%senum %s {\n", e->closed ? "closed " : "", own_name(decl));
    for (uint32_t i = 0; i < e->count; i++)
        kmi_text_put(t, "    %s = %" PRId32 ",\n", e->values[i].name, e->values[i].number);
    kmi_text_put(t, "}\n");
}

/* ---- services -------------------------------------------------------------------------------- */

bool kmi_is_carried(const kmsg_layout *layout, const kmsg_service *service,
                    const kmsg_method *method)
{
    size_t      service_size = strlen(service->name), method_size = strlen(method->name);
    const char *name = layout->name;

    if (strncmp(name, service->name, service_size) != 0 || name[service_size] != '.' ||
        strncmp(name + service_size + 1, method->name, method_size) != 0)
        return false;
    name += service_size + 1 + method_size;
    return strcmp(name, ".result") == 0 || strcmp(name, ".item") == 0;
}

bool kmi_is_carried_by(const kmsg_layout *layout, const kmsg_topic *topic)
{
    size_t size = strlen(topic->name);

    return strncmp(layout->name, topic->name, size) == 0 &&
           strcmp(layout->name + size, ".value") == 0;
}

static void put_value_type(kmi_text *t, const kmsg_layout *layout, bool is_carried)
{
    if (!is_carried) {
        put_name(t, layout->name);
        return;
    }
    kmi_text_type(t, layout->fields[0].type);
    kmi_text_put(t, layout->fields[0].optional ? "?" : "");
}

static void put_carried(kmi_text *t, const kmsg_layout *layout, const kmsg_service *service,
                        const kmsg_method *method)
{
    put_value_type(t, layout, kmi_is_carried(layout, service, method));
}

/* The parameter that is a stream has no name in a descriptor: one that no other has. */
static void put_stream(kmi_text *t, const kmsg_service *service, const kmsg_method *m)
{
    unsigned    number = 0;
    const char *name = "items";
    char        text[32];

    for (uint32_t i = 0; i < m->args->count; i++)
        if (m->args->fields[i].name != NULL && strcmp(m->args->fields[i].name, name) == 0) {
            snprintf(text, sizeof text, "items%u", ++number);
            name = text;
            i = UINT32_MAX; /* from the first one again */
        }
    kmi_text_put(t, "%s%s: stream ", m->args->count > 0 ? ", " : "", name);
    put_carried(t, m->sends, service, m);
}

static void put_arguments(kmi_text *t, const kmsg_layout *args)
{
    for (uint32_t i = 0; i < args->count; i++) {
        const kmsg_field *f = &args->fields[i];
        kmi_text_put(t, "%s%s: ", i == 0 ? "" : ", ", f->name);
        kmi_text_type(t, f->type);
        kmi_text_put(t, f->optional ? "?" : "");
        put_initial(t, f);
    }
}

static void put_parameters(kmi_text *t, const kmsg_service *service, const kmsg_method *m)
{
    kmi_text_put(t, "(");
    put_arguments(t, m->args);
    if (m->sends != NULL)
        put_stream(t, service, m);
    kmi_text_put(t, ")");
}

static void put_roles(kmi_text *t, const char *const *roles)
{
    for (size_t i = 0; roles != NULL && roles[i] != NULL; i++) {
        kmi_text_put(t, i == 0 ? "@roles(" : ", ");
        put_quoted(t, roles[i], strlen(roles[i]));
    }
    kmi_text_put(t, roles == NULL || roles[0] == NULL ? "" : ") ");
}

static void put_answer(kmi_text *t, const kmsg_service *service, const kmsg_method *m)
{
    const kmsg_layout *answer = m->streams != NULL ? m->streams : m->result;

    if (answer != NULL && !(kmi_is_carried(answer, service, m) && answer->count == 0)) {
        kmi_text_put(t, m->streams != NULL ? " -> stream " : " -> ");
        put_carried(t, answer, service, m);
    }
    for (size_t i = 0; m->throws != NULL && m->throws[i] != NULL; i++) {
        kmi_text_put(t, i == 0 ? " throws " : ", ");
        put_name(t, m->throws[i]->name);
    }
}

static void put_method(kmi_text *t, const kmsg_service *service, const kmsg_method *m)
{
    kmi_text_put(t, "    ");
    if (m->roles != service->roles)
        put_roles(t, m->roles);
    kmi_text_put(t, m->idempotent ? "@idempotent " : "");
    if (m->deadline_ms > 0)
        kmi_text_put(t, "@deadline(%" PRIu32 "ms) ", m->deadline_ms);
    kmi_text_put(t, "%s%s", m->oneway ? "oneway " : "", m->name);
    put_parameters(t, service, m);
    put_answer(t, service, m);
    kmi_text_put(t, ";\n");
}

static void put_service(kmi_text *t, const kmi_decl *decl)
{
    const kmsg_service *s = decl->what;

    put_roles(t, s->roles);
    kmi_text_put(t, "service %s", own_name(decl));
    for (uint32_t i = 0; i < s->base_count; i++) {
        kmi_text_put(t, i == 0 ? " : " : ", ");
        put_name(t, s->bases[i].service->name);
    }
    kmi_text_put(t, " {\n");
    for (uint32_t i = 0; i < s->count; i++)
        put_method(t, s, &s->methods[i]);
    kmi_text_put(t, "}\n");
}

static void put_topic(kmi_text *t, const kmi_decl *decl)
{
    const kmsg_topic *topic = decl->what;

    put_roles(t, topic->roles);
    kmi_text_put(t, "topic %s", own_name(decl));
    if (topic->key != NULL) {
        kmi_text_put(t, "(");
        put_arguments(t, topic->key);
        kmi_text_put(t, ")");
    }
    kmi_text_put(t, ": ");
    put_value_type(t, topic->value, kmi_is_carried_by(topic->value, topic));
    kmi_text_put(t, ";\n");
}

void kmi_text_decl(kmi_text *t, const kmi_decl *decl)
{
    switch (decl->kind) {
    case KMI_DECL_ENUM: put_enum(t, decl); break;
    case KMI_DECL_RECORD: put_record(t, decl); break;
    case KMI_DECL_SERVICE: put_service(t, decl); break;
    case KMI_DECL_TOPIC: put_topic(t, decl); break;
    }
}
