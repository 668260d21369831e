/* pattern.c -- any pattern against any string: the bytes up to the first zero byte are the pattern,
 * the rest is the string. The table must say what the automaton that it is made from says, which is
 * walked here with all its states side by side.
 */
#include "idl/pattern.h"
#include "idl/pattern_nfa.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool now[PAT_STATES_MAX], then[PAT_STATES_MAX];

/* Mark `state` and all that it leads to without a byte. */
static void reach(const pat_nfa *nfa, bool *marks, uint16_t state)
{
    static uint16_t stack[2 * PAT_STATES_MAX]; /* each state leads to two at most */
    size_t          depth = 0;

    for (stack[depth++] = state; depth > 0;) {
        const pat_state *at = &nfa->states[stack[--depth]];
        if (marks[at - nfa->states])
            continue;
        marks[at - nfa->states] = true;
        if (at->kind == PAT_SPLIT && !marks[at->next])
            stack[depth++] = at->next;
        if (at->kind == PAT_SPLIT && !marks[at->other])
            stack[depth++] = at->other;
    }
}

static bool walk(const pat_nfa *nfa, const uint8_t *text, size_t size)
{
    memset(now, 0, sizeof now);
    reach(nfa, now, nfa->start);
    for (size_t i = 0; i < size; i++) {
        memset(then, 0, sizeof then);
        for (size_t at = 1; at < nfa->count; at++) {
            const pat_state *state = &nfa->states[at];
            if (now[at] && state->kind == PAT_BYTES && state->low <= text[i] &&
                text[i] <= state->high)
                reach(nfa, then, state->next);
        }
        memcpy(now, then, sizeof now);
    }
    for (size_t at = 1; at < nfa->count; at++)
        if (now[at] && nfa->states[at].kind == PAT_END)
            return true;
    return false;
}

static void compare(idl_sources *s, const uint8_t *data, size_t size, const char *text,
                    size_t text_size)
{
    idl_span           where = {.file = 0};
    const idl_pattern *p = idl_pattern_new(s, where, (const char *)data, size);
    pat_tree           tree;
    pat_nfa            nfa;

    if ((p == NULL) != (s->errors > 0))
        abort();
    if (p == NULL)
        return;
    if (!pat_parse(s, where, (const char *)data, size, s, &tree) || !pat_build(&tree, s, &nfa))
        abort();
    if (idl_pattern_matches(p, text, text_size) != walk(&nfa, (const uint8_t *)text, text_size))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static FILE   *nowhere;
    const uint8_t *end = size == 0 ? NULL : memchr(data, 0, size);
    size_t         pattern_size = end == NULL ? size : (size_t)(end - data);
    const char    *text = end == NULL ? "" : (const char *)end + 1;
    idl_sources    sources;

    if (nowhere == NULL)
        nowhere = fopen("/dev/null", "w");
    idl_sources_init(&sources, NULL, 0, nowhere);
    idl_source_add(&sources, "fuzz.kmsg", "", 0);
    compare(&sources, data, pattern_size, text, end == NULL ? 0 : size - pattern_size - 1);
    idl_sources_done(&sources);
    return 0;
}
