/* json_test.c -- the N-th allocation fails, and all after it, for every N: both directions say so,
 * leave *ret alone, and give everything back. So they do when jansson's fail, but for the word:
 * where it was reading a string it cannot tell.
 */
#include "tests/test.h"

#include "language.kmsg.h"

#include <kmsg/json.h>

#include <jansson.h>
#include <stdlib.h>

static long allocations; /* since the last reset */
static long fail_at;     /* which of them fails; 0: none */
static bool jansson; /* whose */
static long live;

static void *take(void *old, size_t size, bool by_jansson)
{
    void *p;

    if (fail_at != 0 && by_jansson == jansson && ++allocations >= fail_at)
        return NULL;
    p = realloc(old, size);
    live += old == NULL && p != NULL;
    return p;
}

static void give(void *old)
{
    live -= old != NULL;
    free(old);
}

static void *resize(void *ctx, void *old, size_t size)
{
    (void)ctx;
    if (size != 0)
        return take(old, size, false);
    give(old);
    return NULL;
}

static void *take_new(size_t size)
{
    return take(NULL, size, true);
}

static const kmsg_layout *const known[] = {&lang_Node_layout};
static const kmsg_json_options  options = {.types = known, .type_count = 1};

static const char json[] =
    "{\"name\":\"\",\"root\":{\"$id\":1,\"id\":1,\"name\":\"n\",\"next\":{\"$ref\":1},\"peers\":[],"
    "\"by\":{},\"leaf\":{\"value\":\"7\",\"up\":{\"$ref\":1}}},\"nodes\":[{\"$ref\":1}],\"shape\":{"
    "\"any\":{\"type\":\"lang.Node\",\"value\":{\"id\":3,\"name\":\"\",\"peers\":[],"
    "\"by\":{\"a\":null,\"b\":null}}}}}";

/* The arena is made before: it is not part of what fails. */
static kmsg_err go(long fail, const lang_Graph *graph, kmsg_string *text, lang_Graph *back)
{
    kmsg_arena *mem;
    kmsg_err    err;
    long        before = live;

    mem = kmsg_arena_new();
    allocations = 0;
    fail_at = fail;
    err = graph != NULL ? kmsg_json_encode(&lang_Graph_layout, graph, &options, mem, text)
                        : kmsg_json_decode(&lang_Graph_layout, kmsg_str(json), &options, mem, back);
    fail_at = 0;
    if (err == KMSG_OK && graph != NULL)
        EQ_STR(text->data, json);
    kmsg_arena_free(mem);
    EQ_INT(live, before);
    return err;
}

/* How many allocations it took. */
static long read_until_it_works(bool malformed)
{
    lang_Graph back = {.root = NULL};
    kmsg_err   err = KMSG_ENOMEM;
    long       fail = 0;

    while (err != KMSG_OK) {
        err = go(++fail, NULL, NULL, &back);
        CHECK(err == KMSG_OK || err == KMSG_ENOMEM || (malformed && err == KMSG_EDECODE));
        CHECK(err == KMSG_OK || (back.root == NULL && kmsg_last_error()[0] != '\0'));
        CHECK(fail < 1000);
    }
    return fail;
}

TEST(reading_without_memory_says_so)
{
    jansson = false;
    CHECK(read_until_it_works(false) > 5);
}

TEST(reading_without_memory_for_the_tree_fails)
{
    jansson = true;
    CHECK(read_until_it_works(true) > 50);
    jansson = false;
}

TEST(writing_without_memory_says_so)
{
    kmsg_arena *mem = kmsg_arena_new();
    kmsg_string text = KMSG_STR("as it was");
    lang_Graph  graph;
    kmsg_err    err = KMSG_ENOMEM;
    long        fail = 0;

    OK(kmsg_json_decode(&lang_Graph_layout, kmsg_str(json), &options, mem, &graph));
    while (err != KMSG_OK) {
        err = go(++fail, &graph, &text, NULL);
        CHECK(err == KMSG_OK || err == KMSG_ENOMEM);
        if (err != KMSG_OK)
            EQ_STR(text.data, "as it was");
        CHECK(fail < 1000);
    }
    CHECK(fail > 3);
    kmsg_arena_free(mem);
}

__attribute__((constructor(101))) static void count_allocations(void)
{
    kmsg_set_allocator((kmsg_allocator){resize, NULL});
    json_set_alloc_funcs(take_new, give);
}
