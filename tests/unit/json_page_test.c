/* json_page_test.c -- every line of JSON in idl/json.md, as the page says: written so, read too, or
 * refused. Its schema is shop.kmsg, which is the page's.
 */
#include "tests/test.h"

#include "shop.kmsg.h"

#include <kmsg/json.h>

#define PAGE     "idl/json.md"
#define SCHEMA   "tests/unit/shop.kmsg"
#define LINE_MAX 4096

static const kmsg_layout *const records[] = {&shop_Numbers_layout, &shop_Texts_layout,
                                             &shop_Holders_layout, &shop_Node_layout,
                                             &shop_Point_layout};
static const kmsg_json_options  options = {.types = records, .type_count = 5};

typedef enum sort { WRITTEN, READ, REFUSED } sort;

static unsigned seen[3]; /* lines of each sort */

static const kmsg_layout *record_named(const char *name)
{
    for (unsigned i = 0; i < options.type_count; i++)
        if (strcmp(strrchr(records[i]->name, '.') + 1, name) == 0)
            return records[i];
    return NULL;
}

static void hold(const kmsg_layout *layout, sort is, const char *line)
{
    _Alignas(16) uint8_t value[1024];
    kmsg_arena          *mem = kmsg_arena_new();
    kmsg_string          text = KMSG_STR("");
    kmsg_err err = kmsg_json_decode(layout, kmsg_str(line), &options, mem, value);

    if ((err != KMSG_OK) != (is == REFUSED))
        fprintf(stderr, "%s: %s\n", line, err == KMSG_OK ? "taken" : kmsg_last_error());
    EQ_INT(err, is == REFUSED ? KMSG_EDECODE : KMSG_OK);
    if (is == WRITTEN) {
        OK(kmsg_json_encode(layout, value, &options, mem, &text));
        EQ_STR(text.data, line);
    }
    seen[is]++;
    kmsg_arena_free(mem);
}

/* ```json NAME [read|refused ...] */
static const kmsg_layout *block(const char *line, sort *ret)
{
    char name[32] = "", word[32] = "";

    if (sscanf(line, "```json %31s %31s", name, word) < 1)
        return NULL;
    *ret = strcmp(word, "refused") == 0 ? REFUSED : strcmp(word, "read") == 0 ? READ : WRITTEN;
    return record_named(name);
}

TEST(the_page_is_right)
{
    FILE              *page = fopen(PAGE, "r");
    char               line[LINE_MAX];
    const kmsg_layout *layout = NULL;
    sort               is = WRITTEN;

    CHECK(page != NULL);
    while (fgets(line, sizeof line, page) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        if (strncmp(line, "```", 3) == 0)
            layout = block(line, &is);
        else if (layout != NULL)
            hold(layout, is, line);
    }
    fclose(page);
    CHECK(seen[WRITTEN] > 5 && seen[READ] > 8 && seen[REFUSED] > 40);
}

TEST(the_schema_is_that_of_the_page)
{
    FILE *page = fopen(PAGE, "r"), *schema = fopen(SCHEMA, "r");
    char  line[LINE_MAX], wanted[LINE_MAX];

    CHECK(page != NULL && schema != NULL);
    do
        CHECK(fgets(line, sizeof line, page) != NULL);
    while (strcmp(line, "```kmsg\n") != 0);
    while (fgets(line, sizeof line, page) != NULL && strcmp(line, "```\n") != 0) {
        CHECK(fgets(wanted, sizeof wanted, schema) != NULL);
        EQ_STR(line, wanted);
    }
    CHECK(fgets(wanted, sizeof wanted, schema) == NULL);
    fclose(page);
    fclose(schema);
}
