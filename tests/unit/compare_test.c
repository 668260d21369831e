/* compare_test.c -- the table of rules and idl/evolution.md say the same. */
#include "test.h"

#include "compiler/compare.h"

#include <stdlib.h>

static char page[1 << 16];

/* The page, read once; tests run in the top of the source tree. */
static const char *evolution(void)
{
    FILE *in = fopen("idl/evolution.md", "rb");

    CHECK(in != NULL);
    page[fread(page, 1, sizeof page - 1, in)] = '\0';
    fclose(in);
    return page;
}

static const char *levels_text(unsigned levels)
{
    static char text[40];

    snprintf(text, sizeof text, "%s%s%s", levels & COMPARE_WIRE ? "wire, " : "",
             levels & COMPARE_JSON ? "json, " : "", levels & COMPARE_SOURCE ? "source, " : "");
    text[strlen(text) - 2] = '\0';
    return text;
}

TEST(every_rule_is_in_the_page_with_its_levels)
{
    const char *text = evolution();

    for (size_t i = 0; i < COMPARE_RULE_COUNT; i++) {
        char row[120];
        snprintf(row, sizeof row, "\n| `%s` | %s | ", compare_rules[i].id,
                 levels_text(compare_rules[i].levels));
        HAS(text, row);
    }
}

TEST(every_rule_of_the_page_is_in_the_table)
{
    size_t rows = 0;

    for (const char *at = evolution(); (at = strstr(at, "\n| `")) != NULL; at++) {
        size_t i = 0, size = strcspn(at + 4, "`");
        while (i < COMPARE_RULE_COUNT && (strlen(compare_rules[i].id) != size ||
                                          strncmp(compare_rules[i].id, at + 4, size) != 0))
            i++;
        if (i == COMPARE_RULE_COUNT)
            fail_msg("no rule: %.*s", (int)size, at + 4);
        rows++;
    }
    EQ_UINT(rows, COMPARE_RULE_COUNT);
}

TEST(a_rule_is_named_after_the_first_level_that_it_breaks)
{
    static const char *const words[] = {"wire:", "json:", "source:"};

    for (size_t i = 0; i < COMPARE_RULE_COUNT; i++) {
        unsigned levels = compare_rules[i].levels;
        size_t   first = levels & COMPARE_WIRE ? 0 : levels & COMPARE_JSON ? 1 : 2;
        CHECK(levels != 0 && levels <= COMPARE_ALL);
        EQ_MEM(compare_rules[i].id, strlen(words[first]), words[first], strlen(words[first]));
        CHECK(compare_rules[i].what[0] != '\0' && compare_rules[i].hint[0] != '\0');
    }
}
