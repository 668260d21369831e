/* outline_test.c -- two versions of a service: what the rules of idl/evolution.md let pass, what
 * they refuse and in which words; and outlines that come from outside.
 */
#define _POSIX_C_SOURCE 200809L

#include "tests/test.h"

#include "core/outline.h"

#include "language.kmsg.h"

#include <kmsg/schema.h>

#include <dirent.h>
#include <stdlib.h>

#define TEXT_SIZE 16384

static kmsg_schema *load(const char *text)
{
    kmsg_schema              *schema = NULL;
    const kmsg_schema_options options = {.diagnostics = stderr};

    OK(kmsg_schema_load_text("test.kmsg", kmsg_str(text), &options, &schema));
    return schema;
}

/* What `mine` says of the outline of `theirs`; its words are kmsg_last_error(). */
static kmsg_err compare(const char *mine, const char *theirs, const char *service)
{
    kmsg_schema       *a = load(mine), *b = load(theirs);
    kmsg_arena        *mem = kmsg_arena_new();
    kmsg_names_Outline outline;
    kmsg_err           err;

    CHECK(kmsg_schema_service(a, service) != NULL);
    CHECK(kmsg_schema_service(b, service) != NULL);
    OK(kmi_outline(kmsg_schema_service(b, service), mem, &outline));
    err = kmi_outline_check(kmsg_schema_service(a, service), &outline, mem);
    kmsg_arena_free(mem);
    kmsg_schema_free(a);
    kmsg_schema_free(b);
    return err;
}

static void refused(const char *mine, const char *theirs, const char *words)
{
    FAILS(compare(mine, theirs, "S"), KMSG_EMISMATCH);
    EQ_STR(kmsg_last_error(), words);
}

/* ---- words ----------------------------------------------------------------------------------- */

TEST(a_field_of_the_answer_is_named)
{
    refused("record P { name: string; tags: string } service S { find(name: string) -> P }",
            "record P { name: string; tags: list<string> } service S { find(name: string) -> P }",
            "S.find: P: field 2 'tags' is string here and list<string> there");
}

TEST(a_parameter_is_named)
{
    refused("service S { find(name: string, limit: u8) }",
            "service S { find(name: string, limit: u16) }",
            "S.find: parameter 2 'limit' is u8 here and u16 there");
}

TEST(an_answer_and_what_is_streamed_are_named)
{
    refused("service S { a() -> u8 }", "service S { a() -> u16 }",
            "S.a: its answer is u8 here and u16 there");
    refused("service S { a() -> stream u8 }", "service S { a() -> stream u16 }",
            "S.a: what it streams is u8 here and u16 there");
    refused("service S { a(x: stream u8) }", "service S { a(x: stream u16) }",
            "S.a: what is streamed to it is u8 here and u16 there");
}

TEST(what_is_optional_on_one_side_is_told)
{
    refused("service S { a(x: u8?) }", "service S { a(x: u8) }",
            "S.a: parameter 1 'x' is u8? here and u8 there");
}

TEST(a_field_that_comes_in_before_others_is_told)
{
    const char *two = "record R { 1 a: u8; 5 b: u8 } service S { a(r: R) }";
    const char *three = "record R { 1 a: u8; 3 x: u8; 5 b: u8 } service S { a(r: R) }";

    refused(two, three,
            "S.a: R: field 3 'x' is not there on this side, and moves what lies behind it");
    refused(three, two,
            "S.a: R: field 3 'x' is not there on the other side, and moves what lies behind it");
}

TEST(a_default_and_a_value_of_an_enum_are_told)
{
    refused("service S { a(x: u8 = 1) }", "service S { a(x: u8 = 2) }",
            "S.a: parameter 1 'x' has another default there");
    refused("enum E { A, B } service S { a(x: E) }", "enum E { B, A } service S { a(x: E) }",
            "S.a: parameter 1 'x' has A = 0 here, and another number there");
    refused("closed enum E { A } service S { a(x: E) }",
            "closed enum E { A, B } service S { a(x: E) }",
            "S.a: parameter 1 'x' has B = 1 there, which is refused here");
}

TEST(how_a_method_is_called_is_told)
{
    refused("service S { a() }", "service S { oneway a() }",
            "S.a: it is one-way there, and not here");
    refused("service S { a() -> stream u8 }", "service S { a() -> u8 }",
            "S.a: it answers with a stream here, and not there");
    refused("service S { a(); b() }", "service S { b(); a() }",
            "S.a: it is method 0 here and 1 there");
}

TEST(a_service_of_another_name_is_another_one)
{
    kmsg_schema       *schema = load("service S { a() } service T { a() }");
    kmsg_arena        *mem = kmsg_arena_new();
    kmsg_names_Outline outline;

    OK(kmi_outline(kmsg_schema_service(schema, "S"), mem, &outline));
    FAILS(kmi_outline_check(kmsg_schema_service(schema, "T"), &outline, mem), KMSG_EMISMATCH);
    kmsg_arena_free(mem);
    kmsg_schema_free(schema);
}

/* ---- the same verdicts as kmsgc --compare ---------------------------------------------------- */

/* Rules that hold one way only, where two outlines do not tell which is older; and what is not in
 * descriptors, or concerns names that nobody of the two uses in common. */
static const char *const unknowable[] = {
    "wire-base-removed",   "wire-declaration-kind", "wire-declaration-removed",
    "wire-enum-closed",    "wire-handles-removed",  "wire-idempotent-removed",
    "wire-member-removed", "wire-method-removed",   "wire-module-name",
    "wire-number-reused",  "wire-roles-narrowed",   "wire-throws-removed",
    "wire-topic-key",      "wire-topic-type"};

static bool is_unknowable(const char *rule)
{
    for (size_t i = 0; i < sizeof unknowable / sizeof *unknowable; i++)
        if (strcmp(unknowable[i], rule) == 0)
            return true;
    return false;
}

/* The lines of a case behind "--- NAME", up to the next such line. */
static void part_of(const char *text, const char *name, char *ret)
{
    char        head[32];
    const char *begin, *end;

    snprintf(head, sizeof head, "\n--- %s\n", name);
    begin = strstr(text, head);
    CHECK(begin != NULL);
    begin += strlen(head);
    end = strstr(begin, "\n--- ");
    snprintf(ret, TEXT_SIZE, "%.*s", (int)(end == NULL ? (int)strlen(begin) : end + 1 - begin),
             begin);
}

/* Does the schema declare it? */
static bool declares(const char *text, const char *name)
{
    static const char *const kinds[] = {"record", "union", "enum"};
    char                     words[128];

    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        snprintf(words, sizeof words, "%s %s {", kinds[i], name);
        if (strstr(text, words) != NULL)
            return true;
    }
    return false;
}

/* There is room for it. */
static void append(char *text, const char *more)
{
    memcpy(text + strlen(text), more, strlen(more) + 1);
}

/* Add a service to both that carries all that both declare. */
static void add_service(char *a, char *b)
{
    char   more[TEXT_SIZE] = "\nservice Every {", name[64];
    size_t size = strlen(more), count = 0;

    for (const char *at = a; (at = strpbrk(at, "{")) != NULL; at++) {
        const char *end = at - 1, *begin = end;
        while (begin > a && strchr(" \n", begin[-1]) == NULL)
            begin--;
        snprintf(name, sizeof name, "%.*s", (int)(end - begin), begin);
        if (declares(a, name) && declares(b, name))
            size +=
                (size_t)snprintf(more + size, sizeof more - size, " m%zu(v: %s);", count++, name);
    }
    snprintf(more + size, sizeof more - size, " last() }\n");
    append(a, more);
    append(b, more);
}

/* Of all services that both have. */
static kmsg_err compare_all(const char *mine, const char *theirs)
{
    kmsg_schema *a = load(mine), *b = load(theirs);
    kmsg_err     err = KMSG_OK;

    for (size_t i = 0; i < kmsg_schema_service_count(a) && err == KMSG_OK; i++) {
        const char *name = kmsg_schema_service_at(a, i)->name;
        if (kmsg_schema_service(b, name) != NULL)
            err = compare(mine, theirs, name);
    }
    kmsg_schema_free(a);
    kmsg_schema_free(b);
    return err;
}

static void read_text(const char *path, char *ret)
{
    FILE  *f = fopen(path, "r");
    size_t size;

    CHECK(f != NULL);
    size = fread(ret, 1, TEXT_SIZE - 1, f);
    ret[size] = '\0';
    fclose(f);
}

/* True: it was told what breaks messages. */
static bool check_case(const char *path, const char *rule)
{
    static char text[TEXT_SIZE], old[2 * TEXT_SIZE], new[2 * TEXT_SIZE], says[TEXT_SIZE];
    bool        breaks;

    test_at("%s", path);
    read_text(path, text);
    part_of(text, "old", old);
    part_of(text, "new", new);
    part_of(text, "says", says);
    breaks = strstr(says, "[wire:") != NULL;
    add_service(old, new);
    OK(compare_all(old, old));
    OK(compare_all(new, new));
    if (is_unknowable(rule))
        return false;
    EQ_INT(compare_all(old, new), breaks ? KMSG_EMISMATCH : KMSG_OK);
    EQ_INT(compare_all(new, old), breaks ? KMSG_EMISMATCH : KMSG_OK);
    return breaks;
}

TEST(what_compare_calls_unsafe_for_messages_is_refused_and_nothing_else)
{
    DIR           *folder = opendir("tests/compare");
    struct dirent *entry;
    size_t         breaks = 0;
    char           path[512], rule[256];

    CHECK(folder != NULL);
    while ((entry = readdir(folder)) != NULL) {
        const char *end = strstr(entry->d_name, ".case");
        if (end == NULL)
            continue;
        snprintf(rule, sizeof rule, "%.*s", (int)(end - entry->d_name), entry->d_name);
        snprintf(path, sizeof path, "tests/compare/%s", entry->d_name);
        breaks += check_case(path, rule);
    }
    closedir(folder);
    CHECK(breaks >= 20);
}

/* ---- prints ---------------------------------------------------------------------------------- */

static uint64_t print_of(const kmsg_service *service, kmsg_arena *mem)
{
    kmsg_names_Outline outline;

    OK(kmi_outline(service, mem, &outline));
    return outline.print;
}

TEST(a_print_is_of_the_schema_and_not_of_how_it_was_read)
{
    kmsg_schema *schema = NULL;
    kmsg_arena  *mem = kmsg_arena_new();

    OK(kmsg_schema_load("tests/unit/language.kmsg", NULL, &schema));
    EQ_UINT(print_of(&lang_Top_service, mem), print_of(kmsg_schema_service(schema, "Top"), mem));
    EQ_UINT(print_of(&lang_Answers_service, mem),
            print_of(kmsg_schema_service(schema, "Answers"), mem));
    CHECK(print_of(&lang_Top_service, mem) != print_of(&lang_Middle_service, mem));
    kmsg_arena_free(mem);
    kmsg_schema_free(schema);
}

TEST(a_print_is_the_same_on_each_machine_and_for_ever)
{
    kmsg_schema *schema = load("record P { a: u8(..9); b: map<string, f64>; c: P?; d: i64 = -2 }"
                               "service S { a(p: P) -> list<P> }");
    kmsg_arena  *mem = kmsg_arena_new();

    EQ_UINT(print_of(kmsg_schema_service(schema, "S"), mem), UINT64_C(0x69fa09dcca54e6d2));
    kmsg_arena_free(mem);
    kmsg_schema_free(schema);
}

/* ---- from outside ---------------------------------------------------------------------------- */

TEST(what_is_no_outline_is_refused)
{
    kmsg_schema        *schema = load("record P { a: P? } service S { a(p: P) -> list<P> }");
    const kmsg_service *service = kmsg_schema_service(schema, "S");
    kmsg_arena         *mem = kmsg_arena_new();
    kmsg_names_Outline  outline;
    kmsg_bytes          whole;

    OK(kmi_outline(service, mem, &outline));
    outline.print++; /* so that the rest is looked at */
    OK(kmi_outline_check(service, &outline, mem));
    whole = outline.methods;
    outline.methods.size = whole.size / 2;
    FAILS(kmi_outline_check(service, &outline, mem), KMSG_EDECODE);
    outline.methods.size = 0;
    FAILS(kmi_outline_check(service, &outline, mem), KMSG_EMISMATCH);
    HAS(kmsg_last_error(), "too large");
    kmsg_arena_free(mem);
    kmsg_schema_free(schema);
}

/* Each number in it that leads to another part leads nowhere, one after the other. */
TEST(what_leads_nowhere_is_refused)
{
    kmsg_schema *schema = load("enum E { A } record P { a: P?; e: E } service S { a(p: P) }");
    const kmsg_service *service = kmsg_schema_service(schema, "S");
    kmsg_arena         *mem = kmsg_arena_new();
    kmsg_names_Outline  outline;
    kmsg_outline_Form   form;

    OK(kmi_outline(service, mem, &outline));
    outline.print++;
    for (size_t i = 0; i < 4; i++) {
        OK(kmi_outline_form(service, mem, &form));
        if (i == 0)
            ((kmsg_outline_Method *)(uintptr_t)form.services.items[0].methods.items)->args = 99;
        else if (i == 1)
            ((kmsg_outline_Field *)(uintptr_t)form.records.items[0].fields.items)->type = 99;
        else
            for (size_t k = 0; k < form.types.count; k++) {
                kmsg_outline_Type *t = (kmsg_outline_Type *)(uintptr_t)&form.types.items[k];
                *(i == 2 ? &t->record : &t->enumeration) = 99;
            }
        OK(kmsg_outline_Form_encode(&form, mem, &outline.methods));
        FAILS(kmi_outline_check(service, &outline, mem), KMSG_EDECODE);
    }
    kmsg_arena_free(mem);
    kmsg_schema_free(schema);
}

/* A service with so many fields, with long names. */
static kmsg_schema *large(size_t fields, const char *type)
{
    static char text[4 << 20];
    size_t      size = (size_t)snprintf(text, sizeof text, "service S { a(r: R) } record R {");

    for (size_t i = 0; i < fields; i++)
        size +=
            (size_t)snprintf(text + size, sizeof text - size, "a_field_of_a_large_record_%zu: %s;",
                             i, i + 1 == fields ? type : "u8");
    snprintf(text + size, sizeof text - size, "}");
    return load(text);
}

static void check_large(size_t fields, size_t size_min, const char *words)
{
    kmsg_schema       *schema = large(fields, "u8"), *other = large(fields, "u16");
    kmsg_arena        *mem = kmsg_arena_new();
    kmsg_names_Outline outline;

    OK(kmi_outline(kmsg_schema_service(schema, "S"), mem, &outline));
    CHECK(outline.methods.size <= KMI_OUTLINE_MAX);
    CHECK(outline.methods.size >= size_min);
    OK(kmi_outline_check(kmsg_schema_service(schema, "S"), &outline, mem));
    FAILS(kmi_outline_check(kmsg_schema_service(other, "S"), &outline, mem), KMSG_EMISMATCH);
    HAS(kmsg_last_error(), words);
    kmsg_arena_free(mem);
    kmsg_schema_free(schema);
    kmsg_schema_free(other);
}

TEST(a_large_service_is_compared_without_names_and_a_larger_one_by_its_print)
{
    check_large(500, 20000, "'a_field_of_a_large_record_499' is u16 here and u8 there");
    check_large(1500, 20000, "field 1500 'a_field_of_a_large_record_1499' has another type there");
    check_large(9000, 0, "too large");
}
