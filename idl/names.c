/* names.c -- see names.h. */
#include "idl/names.h"

#include "idl/diag.h"

#include <string.h>

#define RECORD_SUFFIXES                                                                            \
    "encode", "encode_into", "encoded_size", "decode", "copy", "equal", "print", "list", "layout", \
        "type", "list_type", "initial", "row_end", "row_put", "row_get", "row_bad", "SHAPE",       \
        "row_set", "decode_copy", "ENCODED_MAX", "send", "is", "read"

const char *const idl_record_suffixes[] = {RECORD_SUFFIXES, NULL};
const char *const idl_error_suffixes[] = {RECORD_SUFFIXES, "throw", "caught", NULL};
const char *const idl_union_suffixes[] = {"encode",    "decode", "copy",        "equal",
                                          "print",     "list",   "layout",      "type",
                                          "list_type", "kind",   "decode_copy", NULL};
const char *const idl_alias_suffixes[] = {
    "encode", "decode", "copy",    "equal",   "print",   "type",    "entry",       "find", "has",
    "layout", "SHAPE",  "row_end", "row_put", "row_get", "row_bad", "decode_copy", NULL};
const char *const idl_enum_suffixes[] = {"list", "type", "list_type", "name", "known", NULL};
const char *const idl_service_suffixes[] = {"serve", "serve_at", "impl", "service", NULL};
const char *const idl_machine_suffixes[] = {"state", "state_name", "impl", "HANDLERS",
                                            "new",   "machine",    NULL};
const char *const idl_topic_suffixes[] = {"offer", "publish", "subscribe", "heard",
                                          "topic", "key",     "filter",    NULL};

static const char *const c_words[] = {
    "alignas", "alignof", "and", "and_eq", "asm", "auto", "bitand", "bitor", "bool", "break",
    "case", "catch", "char", "char16_t", "char32_t", "char8_t", "class", "co_await", "co_return",
    "co_yield", "compl", "concept", "const", "const_cast", "consteval", "constexpr", "constinit",
    "continue", "decltype", "default", "delete", "do", "double", "dynamic_cast", "else", "enum",
    "explicit", "export", "extern", "false", "float", "for", "friend", "goto", "if", "inline",
    "int", "long", "mutable", "namespace", "new", "noexcept", "not", "not_eq", "nullptr",
    "operator", "or", "or_eq", "private", "protected", "public", "register", "reinterpret_cast",
    "requires", "restrict", "return", "short", "signed", "sizeof", "static", "static_assert",
    "static_cast", "struct", "switch", "template", "this", "thread_local", "throw", "true", "try",
    "typedef", "typeid", "typename", "typeof", "union", "unsigned", "using", "virtual", "void",
    "volatile", "wchar_t", "while", "xor", "xor_eq",
    /* macros of compilers and of the headers that generated code includes */
    "errno", "linux", "unix", "i386", "NULL", "EOF", "BUFSIZ", "FILENAME_MAX", "FOPEN_MAX",
    "L_tmpnam", "P_tmpdir", "SEEK_CUR", "SEEK_END", "SEEK_SET", "TMP_MAX", "stdin", "stdout",
    "stderr", "INT8_MAX", "INT8_MIN", "INT16_MAX", "INT16_MIN", "INT32_MAX", "INT32_MIN",
    "INT64_MAX", "INT64_MIN", "UINT8_MAX", "UINT16_MAX", "UINT32_MAX", "UINT64_MAX", "SIZE_MAX",
    "PTRDIFF_MAX", "PTRDIFF_MIN", "WCHAR_MAX", "WCHAR_MIN", "offsetof", "assert", "va_start",
    "va_end", "va_arg", "va_copy", "INTPTR_MAX", "INTPTR_MIN", "UINTPTR_MAX", "INTMAX_MAX",
    "INTMAX_MIN", "UINTMAX_MAX", "SIG_ATOMIC_MAX", "SIG_ATOMIC_MIN", "WINT_MAX", "WINT_MIN"};

/* Types and functions of those headers, which a declaration must not take. */
static const char *const taken[] = {
    "FILE",     "fpos_t",    "size_t",   "ptrdiff_t", "max_align_t", "va_list",  "int8_t",
    "int16_t",  "int32_t",   "int64_t",  "uint8_t",   "uint16_t",    "uint32_t", "uint64_t",
    "intptr_t", "uintptr_t", "intmax_t", "uintmax_t", "off_t",       "ssize_t",  "clearerr",
    "fclose",   "feof",      "ferror",   "fflush",    "fgetc",       "fgets",    "fopen",
    "fprintf",  "fputc",     "fputs",    "fread",     "freopen",     "fscanf",   "fseek",
    "ftell",    "fwrite",    "getc",     "getchar",   "gets",        "perror",   "printf",
    "putc",     "putchar",   "puts",     "remove",    "rename",      "rewind",   "scanf",
    "setbuf",   "setvbuf",   "snprintf", "sprintf",   "sscanf",      "tmpfile",  "tmpnam",
    "ungetc",   "vfprintf",  "vprintf",  "vsnprintf", "vsprintf",    "getline",  "getdelim",
    "dprintf",  "popen",     "pclose",   "fileno",    "fdopen",      "ctermid",  "renameat",
    "main",     "memcpy",    "memmove",  "memset",    "memcmp",      "memchr",   "strcat",
    "strchr",   "strcmp",    "strcpy",   "strlen",    "strncmp",     "strstr",   "strtok",
    "strdup",   "strerror",  "index",    "rindex",    "bcmp",        "bcopy",    "bzero",
    "ffs",      "strsep",    "stpcpy",   "swab"};

static bool among(const char *const *words, size_t count, const char *word)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(words[i], word) == 0)
            return true;
    return false;
}

static bool ends_with(const char *word, const char *end)
{
    size_t n = strlen(word), m = strlen(end);

    return n >= m && strcmp(word + n - m, end) == 0;
}

bool idl_is_c_word(const char *name)
{
    return among(c_words, sizeof c_words / sizeof *c_words, name);
}

bool idl_is_call_word(const char *name)
{
    static const char *const words[] = {"peer", "mem",  "ret",    "ctx",   "call",
                                        "done", "args", "stream", "heard", "err"};

    return among(words, sizeof words / sizeof *words, name);
}

bool idl_is_union_word(const char *name)
{
    return strcmp(name, "kind") == 0 || strcmp(name, "unknown") == 0;
}

const char *idl_type_elsewhere(const char *name)
{
    static const char *const types[][2] = {
        {"int", "i32"},       {"int8_t", "i8"},   {"int16_t", "i16"},    {"int32_t", "i32"},
        {"int64_t", "i64"},   {"int32", "i32"},   {"int64", "i64"},      {"sint32", "i32"},
        {"sint64", "i64"},    {"uint8_t", "u8"},  {"uint16_t", "u16"},   {"uint32_t", "u32"},
        {"uint64_t", "u64"},  {"uint32", "u32"},  {"uint64", "u64"},     {"uint", "u32"},
        {"unsigned", "u32"},  {"size_t", "u64"},  {"long", "i64"},       {"short", "i16"},
        {"char", "u8"},       {"byte", "u8"},     {"float", "f32"},      {"double", "f64"},
        {"float32", "f32"},   {"float64", "f64"}, {"boolean", "bool"},   {"str", "string"},
        {"text", "string"},   {"blob", "bytes"},  {"vector", "list"},    {"array", "list"},
        {"repeated", "list"}, {"dict", "map"},    {"time", "timestamp"}, {"datetime", "timestamp"}};

    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (strcmp(types[i][0], name) == 0)
            return types[i][1];
    return NULL;
}

const char *idl_word_elsewhere(const char *word, size_t size)
{
    static const char *const words[][2] = {
        {"message", "a record is declared as `record NAME { name: type; ... }`"},
        {"struct", "a record is declared as `record NAME { name: type; ... }`"},
        {"table", "a record is declared as `record NAME { name: type; ... }`"},
        {"package", "a file begins with `module NAME;`"},
        {"namespace", "a file begins with `module NAME;`"},
        {"syntax", "there is one syntax only: leave the line out"},
        {"option", "there are no options: leave the line out"},
        {"interface", "a service is declared as `service NAME { ... }`"},
        {"rpc", "a method is written `name(parameter: type) -> type`"},
        {"repeated", "a list is written `name: list<type>`"},
        {"optional", "what may be absent is written `name: type?`"},
        {"required", "a field without a '?' is always there: `name: type`"},
        {"oneof", "declare a `union NAME { ... }` and use its name as a type"},
        {"typedef", "another name is given by `alias NAME = type;`"},
        {"using", "another name is given by `alias NAME = type;`"},
        {"include", "another file is read by `import \"file.kmsg\";`"},
        {"to", "there are no ranges here: write the numbers one by one"},
        {"..", "there are no ranges here: write the numbers one by one"},
    };

    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strlen(words[i][0]) == size && memcmp(words[i][0], word, size) == 0)
            return words[i][1];
    return NULL;
}

bool idl_is_kmsg_word(const char *name)
{
    return strncmp(name, "kmsg_", 5) == 0 || strncmp(name, "KMSG_", 5) == 0 ||
           among(taken, sizeof taken / sizeof *taken, name) || ends_with(name, "_t");
}

/* ---- tables ---------------------------------------------------------------------------------- */

static size_t hash(const char *word)
{
    uint64_t h = UINT64_C(14695981039346656037);

    for (; *word != '\0'; word++)
        h = (h ^ (unsigned char)*word) * UINT64_C(1099511628211);
    return (size_t)(h ^ h >> 29);
}

static struct idl_name *place(const idl_names *names, const char *word)
{
    size_t i = hash(word) & (names->room - 1);

    while (names->items[i].word != NULL && strcmp(names->items[i].word, word) != 0)
        i = (i + 1) & (names->room - 1);
    return &names->items[i];
}

void *idl_names_find(const idl_names *names, const char *word)
{
    return names->room == 0 ? NULL : place(names, word)->what;
}

static void grow(idl_sources *sources, idl_names *names)
{
    idl_names larger = {.count = names->count, .room = names->room == 0 ? 32 : names->room * 2};

    larger.items = idl_alloc(sources, larger.room * sizeof *larger.items);
    for (size_t i = 0; i < names->room; i++)
        if (names->items[i].word != NULL)
            *place(&larger, names->items[i].word) = names->items[i];
    *names = larger;
}

bool idl_names_add(idl_sources *sources, idl_names *names, const char *word, void *what)
{
    struct idl_name *at;

    if (names->count * 4 >= names->room * 3)
        grow(sources, names);
    at = place(names, word);
    if (at->word != NULL)
        return false;
    *at = (struct idl_name){word, what};
    names->count++;
    return true;
}

const char *idl_names_near(const idl_names *names, const char *word)
{
    size_t      limit = strlen(word) < 5 ? 1 : 2, best = limit + 1;
    const char *near = NULL;

    for (size_t i = 0; i < names->room; i++) {
        const char *other = names->items[i].word;
        size_t      d = other == NULL ? best : idl_distance(word, other, limit);
        if (other != NULL && (d < best || (d == best && near != NULL && strcmp(other, near) < 0))) {
            best = d;
            near = other;
        }
    }
    return best <= limit ? near : NULL;
}
