/* glob_test.c -- patterns of names: what they match, what is none, and that none is slow. */
#include "test.h"

#include "directory/glob.h"

#include <string.h>

static bool matches(const char *pattern, const char *name)
{
    kmi_glob glob = {.size = 0};

    test_at("%s, %s", pattern, name);
    OK(kmi_glob_init(&glob, kmsg_str(pattern)));
    return kmi_glob_matches(&glob, kmsg_str(name));
}

static const char *refused(const char *pattern)
{
    kmi_glob glob = {.size = 7};

    test_at("%s", pattern);
    FAILS(kmi_glob_init(&glob, kmsg_str(pattern)), KMSG_EINVAL);
    EQ_UINT(glob.size, 7);
    return kmsg_last_error();
}

TEST(a_pattern_without_anything_special_matches_itself_alone)
{
    kmi_glob glob;

    CHECK(matches("packages", "packages"));
    CHECK(!matches("packages", "package"));
    CHECK(!matches("packages", "packages2"));
    CHECK(!matches("packages", "Packages"));
    CHECK(!matches("packages", ""));
    OK(kmi_glob_init(&glob, kmsg_str("packages")));
    CHECK(glob.literal);
    OK(kmi_glob_init(&glob, kmsg_str("package?")));
    CHECK(!glob.literal);
    OK(kmi_glob_init(&glob, kmsg_str("packages*")));
    CHECK(!glob.literal);
}

TEST(a_star_matches_any_run_but_a_slash)
{
    CHECK(matches("*", "a"));
    CHECK(!matches("*", "a/b"));
    CHECK(matches("a/*", "a/"));
    CHECK(matches("a/*", "a/b"));
    CHECK(!matches("a/*", "a/b/c"));
    CHECK(matches("*.price", "x.price"));
    CHECK(matches("*.price", ".price"));
    CHECK(matches("*.price", "a.price.price"));
    CHECK(!matches("*.price", "x.prices"));
    CHECK(matches("a*b*c", "abc"));
    CHECK(matches("a*b*c", "axxbxbxxc"));
    CHECK(!matches("a*b*c", "axxbxbxx"));
    CHECK(matches("*a/b", "xaya/b"));
}

TEST(two_stars_match_any_run)
{
    CHECK(matches("**", "a/b/c"));
    CHECK(matches("a/**", "a/"));
    CHECK(matches("a/**/c", "a/b/b/c"));
    CHECK(!matches("a/**/c", "a/c"));
    CHECK(matches("a**c", "a/c"));
    CHECK(matches("***", "a/b"));
    CHECK(matches("**/x*", "a/b/xyz"));
    CHECK(!matches("**/x*", "a/b/xyz/w"));
}

TEST(a_question_mark_matches_one_character_but_a_slash)
{
    CHECK(matches("?", "a"));
    CHECK(matches("?", "ä"));
    CHECK(matches("?", "€"));
    CHECK(matches("?", "𝄞"));
    CHECK(!matches("?", "/"));
    CHECK(!matches("?", "ab"));
    CHECK(matches("a?c", "a€c"));
    CHECK(!matches("??", "€"));
}

TEST(a_set_matches_one_character_of_it)
{
    CHECK(matches("[abc]x", "bx"));
    CHECK(!matches("[abc]x", "dx"));
    CHECK(matches("[a-f_]", "d"));
    CHECK(matches("[a-f_]", "_"));
    CHECK(!matches("[a-f_]", "g"));
    CHECK(matches("[!a-f]", "g"));
    CHECK(!matches("[!a-f]", "a"));
    CHECK(!matches("[!a-f]", "/"));
    CHECK(!matches("[+-9]", "/"));
    CHECK(matches("[ä-ü]", "ö"));
    CHECK(!matches("[ä-ü]", "o"));
    CHECK(matches("[a-ü]", "é"));
    CHECK(matches("[!x]", "€"));
    CHECK(matches("[-a]", "-"));
    CHECK(matches("[a-]", "-"));
    CHECK(matches("[\\]]", "]"));
    CHECK(matches("[\\\\]", "\\"));
    CHECK(matches("[[]", "["));
    CHECK(matches("[a-c][!-]*", "b0xyz"));
    CHECK(matches("]", "]"));
}

TEST(a_backslash_takes_away_what_is_special)
{
    kmi_glob glob;

    CHECK(matches("a\\*", "a*"));
    CHECK(!matches("a\\*", "ab"));
    CHECK(matches("\\[a]", "[a]"));
    CHECK(matches("\\?", "?"));
    CHECK(matches("\\\\", "\\"));
    CHECK(matches("\\ä", "ä"));
    OK(kmi_glob_init(&glob, kmsg_str("a\\*")));
    CHECK(glob.literal);
    EQ_MEM(glob.text, glob.size, "a*", 2);
}

TEST(a_pattern_of_nothing_matches_nothing)
{
    kmi_glob none;

    memset(&none, 0, sizeof none);
    CHECK(!kmi_glob_matches(&none, kmsg_str("")));
    CHECK(!kmi_glob_matches(&none, kmsg_str("a")));
}

TEST(what_is_no_pattern_is_refused_with_its_place)
{
    HAS(refused(""), "is not empty");
    HAS(refused("a[b"), "byte 2: '[' without ']'");
    HAS(refused("a[!b"), "byte 2: '[' without ']'");
    HAS(refused("["), "byte 1");
    HAS(refused("a[]"), "byte 2: nothing is in [..]");
    HAS(refused("[!]"), "nothing is in [..]");
    HAS(refused("[a/b]"), "byte 3: '/'");
    HAS(refused("[.-/]"), "byte 4: '/'");
    HAS(refused("ab[z-a]"), "byte 4: a range");
    HAS(refused("[ü-a]"), "byte 2: a range");
    HAS(refused("ab\\"), "byte 3: nothing stands behind");
    HAS(refused("[a\\"), "byte 3: nothing stands behind");
    HAS(refused("a\xff"), "UTF-8");
    HAS(refused("a\nb"), "byte 2 is 0x0a");
}

TEST(patterns_have_255_bytes_and_names_too)
{
    char     text[258];
    kmi_glob glob;

    memset(text, 'a', sizeof text);
    OK(kmi_glob_init(&glob, (kmsg_string){text, 255}));
    CHECK(kmi_glob_matches(&glob, (kmsg_string){text, 255}));
    CHECK(!kmi_glob_matches(&glob, (kmsg_string){text, 254}));
    FAILS(kmi_glob_init(&glob, (kmsg_string){text, 256}), KMSG_EINVAL);
    HAS(kmsg_last_error(), "255 bytes at most, and this one 256");
    OK(kmi_name_check((kmsg_string){text, 255}));
    FAILS(kmi_name_check((kmsg_string){text, 256}), KMSG_EINVAL);
    OK(kmi_glob_init(&glob, kmsg_str("*")));
    CHECK(kmi_glob_matches(&glob, (kmsg_string){text, 255}));
    CHECK(!kmi_glob_matches(&glob, (kmsg_string){text, 256}));
}

TEST(the_longest_pattern_may_end_in_a_run)
{
    char     text[256];
    kmi_glob glob;

    memset(text, '?', 255);
    text[254] = '*';
    OK(kmi_glob_init(&glob, (kmsg_string){text, 255}));
    memset(text, 'x', 255);
    CHECK(kmi_glob_matches(&glob, (kmsg_string){text, 254}));
    CHECK(kmi_glob_matches(&glob, (kmsg_string){text, 255}));
    CHECK(!kmi_glob_matches(&glob, (kmsg_string){text, 253}));
}

TEST(names_are_checked)
{
    OK(kmi_name_check(kmsg_str("packages/für alle *")));
    FAILS(kmi_name_check(kmsg_str("")), KMSG_EINVAL);
    FAILS(kmi_name_check(kmsg_str("a\tb")), KMSG_EINVAL);
    HAS(kmsg_last_error(), "a name has no control characters: byte 2 is 0x09");
    FAILS(kmi_name_check(kmsg_str("a\x7f")), KMSG_EINVAL);
    FAILS(kmi_name_check(kmsg_str("a\xc2\x85")), KMSG_EINVAL); /* U+0085, next line */
    OK(kmi_name_check(kmsg_str("a\xc2\xa0")));
    FAILS(kmi_name_check(kmsg_str("a\xc3")), KMSG_EINVAL);
}

/* Who tries one thing after the other needs longer than the universe for each of these. */
TEST(hostile_patterns_take_no_longer_than_others)
{
    const char *units[] = {"*a", "**a", "?*", "*[!b]", "*[a-c]?", "**?"};
    char        pattern[256], name[256];
    kmi_glob    glob;

    memset(name, 'a', 255);
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        size_t size = 0, unit = strlen(units[i]);
        while (size + unit < 120) {
            memcpy(pattern + size, units[i], unit);
            size += unit;
        }
        pattern[size++] = 'b';
        OK(kmi_glob_init(&glob, (kmsg_string){pattern, size}));
        CHECK(!kmi_glob_matches(&glob, (kmsg_string){name, 255}));
        name[254] = 'b';
        CHECK(kmi_glob_matches(&glob, (kmsg_string){name, 255}));
        name[254] = 'a';
    }
}

TEST(what_stands_around_a_run_does_not_overlap)
{
    CHECK(!matches("ab*ba", "aba"));
    CHECK(matches("ab*ba", "abba"));
    CHECK(!matches("a?a", "aa"));
    CHECK(!matches("aa*", "a"));
    CHECK(matches("*[b]a", "ba"));
    CHECK(!matches("*[b]a", "a"));
}
