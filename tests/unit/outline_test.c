/* outline_test.c -- two versions of a service: what the rules of idl/evolution.md let pass, what they
 * refuse and in which words; and outlines that come from outside.
 */
#define _POSIX_C_SOURCE 200809L

#include "tests/test.h"

#include "core/outline.h"

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
    kmsg_schema             *schema = load("service S { a() } service T { a() }");
    kmsg_arena              *mem = kmsg_arena_new();
    kmsg_names_Outline       outline;

    OK(kmi_outline(kmsg_schema_service(schema, "S"), mem, &outline));
    FAILS(kmi_outline_check(kmsg_schema_service(schema, "T"), &outline, mem), KMSG_EMISMATCH);
    kmsg_arena_free(mem);
    kmsg_schema_free(schema);
}
