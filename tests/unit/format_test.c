/* format_test.c -- the words of the formatter, and what it takes for the same schema. */
#include "test.h"

#include "compiler/format.h"

/* The first word of `before` that `after` lacks; "" if none does. */
static const char *lost(const char *before, const char *after)
{
    static char word[64];
    token_list  b, a;
    size_t      at;

    tokens_init(&b, before, strlen(before));
    tokens_init(&a, after, strlen(after));
    at = format_difference(&b, &a);
    word[0] = '\0';
    if (at < b.count)
        snprintf(word, sizeof word, "%.*s", (int)b.items[at].size, before + b.items[at].begin);
    else if (at != SIZE_MAX)
        snprintf(word, sizeof word, "the end");
    tokens_done(&b);
    tokens_done(&a);
    return word;
}

/* The words with a | between them. */
static const char *words(const char *text)
{
    static char all[256];
    size_t      size = 0;
    token_list  l;

    tokens_init(&l, text, strlen(text));
    for (size_t i = 0; i < l.count; i++)
        size += (size_t)snprintf(all + size, sizeof all - size, "%s%.*s", i == 0 ? "" : "|",
                                 (int)l.items[i].size, text + l.items[i].begin);
    tokens_done(&l);
    return all;
}

TEST(blanks_and_optional_separators_are_nothing)
{
    EQ_STR(lost("record A{x:u8;};;alias B=A", "record A { x: u8 }\nalias B = A;\n"), "");
    EQ_STR(lost("enum A { X; Y, Z }", "enum A {\n    X,\n    Y,\n    Z,\n}\n"), "");
    EQ_STR(lost("", "\n"), "");
}

TEST(a_word_that_is_lost_is_found)
{
    EQ_STR(lost("record A { x: u8? }", "record A { x: u8 }"), "?");
    EQ_STR(lost("record A { x: u8 }", "record A { y: u8 }"), "x");
    EQ_STR(lost("alias A = B alias C = D", "alias A = B"), "alias");
    EQ_STR(lost("alias A = B", "alias A = B alias C = D"), "the end");
    EQ_STR(lost("const A: u8 = - 1", "const A: u8 = 1 -"), "-");
    EQ_STR(lost("const A: string = \"a b\"", "const A: string = \"a  b\""), "\"a b\"");
}

TEST(words_that_grew_together_are_found)
{
    EQ_STR(lost("record A { 3 x: u8 }", "record A { 3x: u8 }"), "3");
    EQ_STR(lost("fixed record A {}", "fixedrecord A {}"), "fixed");
}

TEST(a_separator_that_is_needed_is_missed)
{
    EQ_STR(lost("record A { x: u8; y: u8 }", "record A { x: u8 y: u8 }"), "y");
    EQ_STR(lost("record A { x: u8 y: u8 }", "record A { x: u8; y: u8 }"), "y");
    EQ_STR(lost("enum A { X, Y }", "enum A { X Y }"), "Y");
    EQ_STR(lost("machine M { A: B, C }", "machine M { A: B; C }"), ",");
}

TEST(comments_keep_their_text_and_their_place_among_the_words)
{
    EQ_STR(lost("alias A = B; // c \r\n", "alias A = B; // c\n"), "");
    EQ_STR(lost("/* a\n     * b\r\n */", "/* a\n * b\n */"), "");
    EQ_STR(lost("alias A = B; // c\n", "alias A = B;\n"), "// c");
    EQ_STR(lost("alias A = B // c\n", "alias A = // c\nB"), "B");
    EQ_STR(lost("/* a\n * b */", "/* a * b */"), "/* a\n * b */");
    EQ_STR(lost("// a\nalias A = B", "// a alias A = B"), "// a");
}

TEST(words_end_where_the_language_ends_them)
{
    EQ_STR(words("x:u8(0..0x1f,-5 .. 1.5e-3)"), "x|:|u8|(|0|..|0x1f|,|-|5|..|1.5e-3|)");
    EQ_STR(words("a.b->list<ref<C>>[4]?"), "a|.|b|->|list|<|ref|<|C|>|>|[|4|]|?");
    EQ_STR(words("@deadline(500ms)\"a\\\"//\"/**/x//y"),
           "@|deadline|(|500ms|)|\"a\\\"//\"|/**/|x|//y");
}
