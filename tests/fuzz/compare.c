/* compare.c -- any two schemas, a zero byte between them, compared both ways. Nothing is unsafe
 * between a schema and itself.
 */
#include "compiler/compare.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef struct side {
    idl_sources      sources;
    const idl_model *model;
} side;

static void load(side *s, FILE *nowhere, const uint8_t *text, size_t size)
{
    idl_sources_init(&s->sources, NULL, 0, nowhere);
    s->model = idl_load_text(&s->sources, "fuzz.kmsg", (const char *)text, size);
}

/* Each has a rule, a text, and a place in a file. */
static void look_at(void *ctx, const compare_change *change)
{
    const side       *sides = ctx;
    const idl_source *file;

    if (change->where.file >= sides[change->in_old ? 0 : 1].sources.count)
        abort();
    file = &sides[change->in_old ? 0 : 1].sources.files[change->where.file];
    if (change->rule < compare_rules || change->rule >= compare_rules + COMPARE_RULE_COUNT ||
        change->text[0] == '\0' || change->where.begin > file->size)
        abort();
}

static void never(void *ctx, const compare_change *change)
{
    (void)ctx;
    fprintf(stderr, "unsafe with itself: %s\n", change->text);
    abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static FILE   *nowhere;
    const uint8_t *end = size == 0 ? NULL : memchr(data, 0, size);
    size_t         first = end == NULL ? size : (size_t)(end - data);
    side           sides[2], back[2];

    if (nowhere == NULL)
        nowhere = fopen("/dev/null", "w");
    load(&sides[0], nowhere, data, first);
    load(&sides[1], nowhere, end == NULL ? data : end + 1, end == NULL ? size : size - first - 1);
    back[0] = sides[1];
    back[1] = sides[0];
    if (sides[0].model != NULL)
        compare_models(sides[0].model, sides[0].model, &sides[0].sources, NULL, never);
    if (sides[0].model != NULL && sides[1].model != NULL) {
        compare_models(sides[0].model, sides[1].model, &sides[1].sources, sides, look_at);
        compare_models(sides[1].model, sides[0].model, &sides[0].sources, back, look_at);
    }
    idl_sources_done(&sides[0].sources);
    idl_sources_done(&sides[1].sources);
    return 0;
}
