/* pattern_test.c -- what patterns match, what is said about bad ones, and that all is bounded. */
#define _POSIX_C_SOURCE 200809L

#include "test.h"

#include "idl/pattern.h"

#include <stdlib.h>

typedef struct row {
    const char *pattern;
    const char *matching[6], *other[8];
} row;

/* A string of the tables ends at NULL; so "" can be one. */
static const row rows[] = {
    {"", {""}, {"a", "\n"}},
    {"abc", {"abc"}, {"", "ab", "abcd", "xabc", "ABC"}},
    {"^abc$", {"abc"}, {"^abc$", "abc$"}},
    {"^$", {""}, {"a"}},
    {"^", {""}, {"^"}},
    {"a.c",
     {"abc", "a\nc",
      "a\xc3\xa9"
      "c",
      "a\xe2\x82\xac"
      "c",
      "a\xf0\x9f\x98\x80"
      "c"},
     {"ac", "abbc"}},
    {"[a-cx]+", {"a", "abcx"}, {"", "d", "abd"}},
    {"[^a-c]", {"d", "\xc3\xa9", "\n"}, {"a", "b", "", "dd"}},
    {"[-a]+", {"-a-"}, {"b"}},
    {"[a-]+", {"-a-"}, {"b"}},
    {"[\\]\\-\\\\]+", {"]-\\"}, {"a"}},
    {"[[(.*]+", {"[(.*"}, {")"}},
    {"[\\w.]+@[\\w.]+\\.[a-z]{2,}", {"ada@lovelace.org", "a.b@c.de"}, {"ada@", "@b.de", "a@b.c"}},
    {"\\d{4}-\\d\\d-\\d\\d", {"2024-02-29"}, {"2024-2-29", "2024-02-291", "x024-02-29"}},
    {"\\s\\S", {" x", "\t\xc3\xa9", "\v-"}, {"  ", "xx", "x "}},
    {"\\w\\W\\D", {"_-x", "9 \n"}, {"--x", "a1x", "a-1"}},
    {"[\\d\\s]+", {"1 2"}, {"a"}},
    {"[^\\d]", {"a"}, {"1"}},
    {"\\.\\/\\(\\)\\{\\}\\*\\+\\?\\|\\^\\$", {"./(){}*+?|^$"}, {"x"}},
    {"\\n\\t\\r", {"\n\t\r"}, {"ntr"}},
    {"\\u{1F600}\\u{41}",
     {"\xf0\x9f\x98\x80"
      "A"},
     {"A"}},
    {"a|bc|", {"a", "bc", ""}, {"b", "abc"}},
    {"(a|b)*c", {"c", "abbac"}, {"ab", "abcc"}},
    {"(?:ab)+", {"ab", "abab"}, {"", "aba"}},
    {"a?", {"", "a"}, {"aa"}},
    {"a{2}", {"aa"}, {"a", "aaa"}},
    {"a{2,}", {"aa", "aaaaa"}, {"a", ""}},
    {"a{0,2}", {"", "a", "aa"}, {"aaa"}},
    {"a{0}b", {"b"}, {"ab"}},
    {"(a*)*", {"", "aaa"}, {"b"}},
    {"(|a)+", {"", "aa"}, {"b"}},
    {"()", {""}, {"a"}},
    {"(a|aa)+b", {"aaab"}, {"aaaa", "b"}},
    {"(a|b)*a(a|b){6}", {"abbbbbb", "bbabababb"}, {"bbbbbbb", "abbbbb"}},
    {"[\\u{80}-\\u{10FFFF}]",
     {"\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xef\xbf\xbf", "\xf0\x90\x80\x80",
      "\xf4\x8f\xbf\xbf"},
     {"\x7f", "a"}},
    {"[\\u{7FF}-\\u{800}]", {"\xdf\xbf", "\xe0\xa0\x80"}, {"\xdf\xbe", "\xe0\xa0\x81"}},
    {"[\\u{FFFF}-\\u{10000}]",
     {"\xef\xbf\xbf", "\xf0\x90\x80\x80"},
     {"\xef\xbf\xbe", "\xf0\x90\x80\x81"}},
    {"[\xc3\xa0-\xc3\xbf]", {"\xc3\xa0", "\xc3\xa9", "\xc3\xbf"}, {"\xc3\x9f", "\xc4\x80", "a"}},
    {"[^\xe2\x82\xac]",
     {"a", "\xe2\x82\xab", "\xe2\x82\xad", "\xf0\x90\x80\x80", "\xc2\x80"},
     {"\xe2\x82\xac", ""}},
};

/* What does not compile, and a part of what is said. */
static const char *const bad[][2] = {
    {"(", "character 1 of the pattern, the '(' has no ')'"},
    {"a)", "character 2 of the pattern, a ')' has no '('"},
    {"[a", "the '[' has no ']'"},
    {"[]", "the set is empty"},
    {"[]a]", "the set is empty"},
    {"[^\\d\\D]", "the set leaves no character"},
    {"[b-a]", "the range ends before it begins"},
    {"[[:alpha:]]", "write a-zA-Z"},
    {"[a-\\d]", "no such escape"},
    {"*", "there is nothing to repeat"},
    {"a**", "character 3 of the pattern, there is nothing to repeat"},
    {"a+?", "A repetition of a repetition needs a group"},
    {"a|?", "there is nothing to repeat"},
    {"a{", "a repetition is {2}, {2,} or {2,4}"},
    {"a{,2}", "a repetition is {2}, {2,} or {2,4}"},
    {"a{2,1}", "the repetition ends before it begins"},
    {"a{256}", "counts to 255 at most"},
    {"a{99999999999999999999}", "counts to 255 at most"},
    {"a}", "a bracket ends that did not begin"},
    {"a]", "a bracket ends that did not begin"},
    {"a^", "'^' can only begin a pattern"},
    {"$a", "'$' can only end a pattern"},
    {"(a$)", "'$' can only end a pattern"},
    {"\\", "a '\\' has nothing behind it"},
    {"(a)\\1", "character 4 of the pattern, back-references are not possible"},
    {"\\bword", "no word borders"},
    {"\\q", "there is no such escape"},
    {"\\\xc3\xa9", "there is no such escape"},
    {"\\u1234", "such as \\u{1F600}"},
    {"\\u{}", "such as \\u{1F600}"},
    {"\\u{0}", "such as \\u{1F600}"},
    {"\\u{110000}", "such as \\u{1F600}"},
    {"\\u{D800}", "such as \\u{1F600}"},
    {"\\u{12", "such as \\u{1F600}"},
    {"(?=a)", "look-around is not possible"},
    {"a(?<!b)", "character 2 of the pattern, look-around is not possible"},
    {"(?<name>a)", "only groups ( ) and (?: ) are known"},
    {"\xc3\xa9(", "character 2 of the pattern, the '(' has no ')'"},
    {"\xff", "not UTF-8"},
    {"((a{255}){255}){255}", "the pattern is too large"},
    {"((((a{0}){255}){255}){255}){255}", "the pattern is too large"},
    {"((((){255}){255}){255}){255}", "the pattern is too large"},
    {"(a|b)*a(a|b){20}", "the pattern is too large"},
    {"(.{1,255}){4}", "the pattern is too large"},
};

static idl_sources sources;
static char       *said;
static size_t      said_size;

static const idl_pattern *compile(const char *text, size_t size)
{
    FILE    *out = open_memstream(&said, &said_size);
    uint32_t file;
    idl_span where;

    idl_sources_init(&sources, NULL, 0, out);
    file = (uint32_t)idl_source_add(&sources, "x.kmsg", "code: string(\"...\")", 19);
    where = (idl_span){file, 13, 18};
    return idl_pattern_new(&sources, where, text, size);
}

static void forget(void)
{
    fclose(sources.out);
    idl_sources_done(&sources);
    free(said);
}

static bool compiles(const char *text, size_t size)
{
    bool good = compile(text, size) != NULL;

    CHECK(good == (sources.errors == 0));
    forget();
    return good;
}

TEST(a_pattern_matches_the_whole_string)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const idl_pattern *p = compile(rows[i].pattern, strlen(rows[i].pattern));
        CHECK(p != NULL);
        EQ_STR(p->text, rows[i].pattern);
        for (size_t j = 0; j < 6 && rows[i].matching[j] != NULL; j++)
            if (!idl_pattern_matches(p, rows[i].matching[j], strlen(rows[i].matching[j])))
                fail_msg("'%s' does not match '%s'", rows[i].pattern, rows[i].matching[j]);
        for (size_t j = 0; j < 8 && rows[i].other[j] != NULL; j++)
            if (idl_pattern_matches(p, rows[i].other[j], strlen(rows[i].other[j])))
                fail_msg("'%s' matches '%s'", rows[i].pattern, rows[i].other[j]);
        forget();
    }
}

TEST(a_bad_pattern_is_refused_with_the_place_and_the_reason)
{
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        CHECK(compile(bad[i][0], strlen(bad[i][0])) == NULL);
        EQ_UINT(sources.errors, 1);
        fflush(sources.out);
        HAS(said, "x.kmsg:1:14: error: ");
        HAS(said, bad[i][1]);
        HAS(said, "[pattern]");
        forget();
    }
}

TEST(a_table_begins_with_the_dead_state_and_the_start_and_is_the_smallest)
{
    const idl_pattern *p = compile("(?:a|b)+|[ab][a-b]*", 19);

    CHECK(p != NULL);
    EQ_UINT(p->state_count, 3);
    EQ_UINT(p->class_count, 2);
    EQ_UINT(p->classes['a'], 1);
    EQ_UINT(p->classes['b'], 1);
    EQ_UINT(p->classes['c'], 0);
    EQ_MEM(p->next, 6 * sizeof p->next[0], ((const uint16_t[]){0, 0, 0, 2, 0, 2}),
           6 * sizeof p->next[0]);
    EQ_MEM(p->accepts, 3, ((const uint8_t[]){0, 0, 1}), 3);
    forget();
}

TEST(states_are_at_most_a_thousand)
{
    char text[IDL_PATTERN_STATES_MAX + 1];

    memset(text, 'a', sizeof text); /* n characters take n + 2 states */
    CHECK(compiles(text, IDL_PATTERN_STATES_MAX - 3));
    CHECK(compiles(text, IDL_PATTERN_STATES_MAX - 2));
    CHECK(!compiles(text, IDL_PATTERN_STATES_MAX - 1));
    CHECK(compiles("[^\"]{0,240}", 11));
}

TEST(the_text_of_a_pattern_is_bounded)
{
    char *text = malloc(IDL_PATTERN_SIZE_MAX + 1);

    memset(text, '|', IDL_PATTERN_SIZE_MAX + 1);
    CHECK(compiles(text, IDL_PATTERN_SIZE_MAX - 1));
    CHECK(compiles(text, IDL_PATTERN_SIZE_MAX));
    CHECK(!compiles(text, IDL_PATTERN_SIZE_MAX + 1));
    memset(text, '(', IDL_PATTERN_SIZE_MAX);
    CHECK(!compiles(text, IDL_PATTERN_SIZE_MAX));
    free(text);
}

TEST(groups_nest_fifty_deep)
{
    char text[200] = "";

    memset(text, '(', 51);
    memset(text + 51, ')', 51);
    CHECK(compiles(text + 2, 98));
    CHECK(compiles(text + 1, 100));
    CHECK(!compiles(text, 102));
}
