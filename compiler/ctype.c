/* ctype.c -- see ctype.h. */
#include "compiler/ctype.h"

#include <stdlib.h>

static const struct {
    const char *word, *c_type;
} builtin[] = {
    [IDL_BOOL] = {"bool", "bool"},
    [IDL_I8] = {"i8", "int8_t"},
    [IDL_I16] = {"i16", "int16_t"},
    [IDL_I32] = {"i32", "int32_t"},
    [IDL_I64] = {"i64", "int64_t"},
    [IDL_U8] = {"u8", "uint8_t"},
    [IDL_U16] = {"u16", "uint16_t"},
    [IDL_U32] = {"u32", "uint32_t"},
    [IDL_U64] = {"u64", "uint64_t"},
    [IDL_F32] = {"f32", "float"},
    [IDL_F64] = {"f64", "double"},
    [IDL_RUNE] = {"rune", "kmsg_rune"},
    [IDL_UUID] = {"uuid", "kmsg_uuid"},
    [IDL_TIMESTAMP] = {"timestamp", "kmsg_timestamp"},
    [IDL_DURATION] = {"duration", "kmsg_duration"},
    [IDL_STRING] = {"string", "kmsg_string"},
    [IDL_BYTES] = {"bytes", "kmsg_bytes"},
    [IDL_ADDRESS] = {"address", "kmsg_address"},
    [IDL_ANY] = {"any", "kmsg_any"},
    [IDL_RECORD] = {NULL, NULL},
};

void ctype_no_memory(void)
{
    fputs("kmsgc: out of memory\n", stderr);
    exit(1);
}

kmsg_arena *ctype_arena(void)
{
    kmsg_arena *mem = kmsg_arena_new();

    if (mem == NULL)
        ctype_no_memory();
    return mem;
}

const char *ctype_text(kmsg_arena *mem, const char *format, ...)
{
    va_list args;
    int     size;
    char   *text;

    va_start(args, format);
    size = vsnprintf(NULL, 0, format, args);
    va_end(args);
    text = size < 0 ? NULL : kmsg_alloc(mem, (size_t)size + 1, 1);
    if (text == NULL) {
        ctype_no_memory();
        return "";
    }
    va_start(args, format);
    vsnprintf(text, (size_t)size + 1, format, args);
    va_end(args);
    return text;
}

const char *ctype_builtin(idl_kind kind)
{
    return builtin[kind].word;
}

bool ctype_is_own(const idl_type *type)
{
    return type->kind == IDL_MAP || (type->kind == IDL_LIST &&
                                     (type->item->kind == IDL_LIST || type->item->kind == IDL_MAP));
}

const char *ctype_own_name(const idl_type *type, const char *place)
{
    return type->alias != NULL ? type->alias->c_name : place;
}

const char *ctype_item_place(const idl_type *type, const char *place, kmsg_arena *mem)
{
    return ctype_text(mem, "%s_item", ctype_own_name(type, place));
}

const char *ctype_value_place(const idl_type *type, const char *place, kmsg_arena *mem)
{
    return ctype_text(mem, "%s_value", ctype_own_name(type, place));
}

/* Of the record or enum that a type is. */
static const char *declared_name(const idl_type *type)
{
    return type->kind == IDL_ENUM ? type->enum_->c_name : type->record->c_name;
}

const char *ctype_name(const idl_type *type, const char *place, kmsg_arena *mem)
{
    if (ctype_is_own(type))
        return ctype_own_name(type, place);
    if (type->alias != NULL)
        return type->alias->c_name;
    if (type->kind == IDL_LIST) {
        const char *word = ctype_builtin(type->item->kind);
        return word != NULL ? ctype_text(mem, "kmsg_list_%s", word)
                            : ctype_text(mem, "%s_list", declared_name(type->item));
    }
    return builtin[type->kind].c_type != NULL ? builtin[type->kind].c_type : declared_name(type);
}

const char *ctype_descriptor(const idl_type *type, const char *place, kmsg_arena *mem)
{
    const char *word;

    if (ctype_is_own(type))
        return ctype_text(mem, "%s_type", ctype_own_name(type, place));
    if (type->kind != IDL_LIST) {
        word = ctype_builtin(type->kind);
        return word != NULL ? ctype_text(mem, "kmsg_type_%s", word)
                            : ctype_text(mem, "%s_type", declared_name(type));
    }
    word = ctype_builtin(type->item->kind);
    return word != NULL ? ctype_text(mem, "kmsg_type_list_%s", word)
                        : ctype_text(mem, "%s_list_type", declared_name(type->item));
}
