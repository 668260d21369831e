/* options.c -- the options of the command line, of whichever command.
 *
 *     --name=value, --name value, -nvalue, -n value; -- ends them
 *
 * A name may be cut short as long as only one option of the command begins so. What is unknown, is
 * said twice or could be several options is told, and ends the program.
 */
#define _POSIX_C_SOURCE 200809L

#include "cli/cli.h"

#include "idl/diag.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define SIZE_USUAL       ((size_t)64 << 20)
#define TIMEOUT_USUAL_MS 5000u
#define TIMEOUT_MAX_MS   86400000u

typedef struct option {
    cli_option  id;
    char        brief; /* 0: it has none */
    const char *full;  /* NULL: it has none */
    bool        has_value;
    bool        many; /* may be said several times */
} option;

static const option all[] = {
    {CLI_SCHEMA, 's', "schema", true, true}, {CLI_DIR, 'I', NULL, true, true},
    {CLI_TYPE, 't', "type", true, false},    {CLI_RAW, 0, "raw", false, false},
    {CLI_STRICT, 0, "strict", false, false}, {CLI_MAX, 0, "max", true, false},
    {CLI_FOLDER, 0, "folder", true, false},  {CLI_ROLE, 0, "role", true, true},
    {CLI_AT, 0, "at", true, true},           {CLI_SCOPE, 0, "scope", true, false},
    {CLI_URL, 0, "url", true, false},        {CLI_TIMEOUT, 0, "timeout", true, false},
    {CLI_COUNT, 'n', "count", true, false},  {CLI_JSON, 0, "json", false, false},
    {CLI_FILTER, 0, "filter", true, true}};

#define OPTIONS (sizeof all / sizeof *all)

/* ---- values ---------------------------------------------------------------------------------- */

static uint64_t read_number(const char *text, uint64_t low, uint64_t high, const char *why)
{
    char              *end;
    unsigned long long number;

    errno = 0;
    number = strtoull(text, &end, 10);
    if (end == text || *end != '\0' || text[0] < '0' || text[0] > '9' || errno != 0 ||
        number < low || number > high)
        cli_usage(why, text);
    return number;
}

/* "2s", "250ms", "1.5" seconds. */
static uint32_t read_timeout(const char *text)
{
    static const char why[] = "not a time from 1ms to 24h, such as 250ms, 2s, 5min: ";
    static const struct {
        const char *word;
        double      ms;
    } units[] = {{"ms", 1}, {"s", 1000}, {"", 1000}, {"min", 60000}, {"h", 3600000}};
    char  *end;
    double number = strtod(text, &end);

    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (end != text && text[0] >= '0' && text[0] <= '9' && strcmp(end, units[i].word) == 0 &&
            number * units[i].ms >= 1 && number * units[i].ms <= TIMEOUT_MAX_MS)
            return (uint32_t)(number * units[i].ms);
    cli_usage(why, text);
}

static kmsg_scope read_scope(const char *text)
{
    static const struct {
        const char *word;
        kmsg_scope  scope;
    } scopes[] = {{"group", KMSG_SCOPE_GROUP}, {"host", KMSG_SCOPE_HOST}, {"lan", KMSG_SCOPE_LAN}};

    for (size_t i = 0; i < sizeof scopes / sizeof *scopes; i++)
        if (strcmp(text, scopes[i].word) == 0)
            return scopes[i].scope;
    cli_usage("not a scope, which is group, host or lan: ", text);
}

static void add_word(const char **list, size_t *count, size_t max, const char *word)
{
    if (*count == max)
        cli_usage("too many of these: ", word);
    list[(*count)++] = word;
}

static void set(cli_options *o, cli_option id, const char *value)
{
    switch (id) {
    case CLI_SCHEMA: add_word(o->schemas, &o->schema_count, CLI_SCHEMAS_MAX, value); break;
    case CLI_DIR: add_word(o->dirs, &o->dir_count, CLI_DIRS_MAX, value); break;
    case CLI_TYPE: o->type = value; break;
    case CLI_RAW: o->raw = true; break;
    case CLI_STRICT: o->strict = true; break;
    case CLI_MAX:
        o->size_max =
            (size_t)read_number(value, 1, KMSG_MESSAGE_MAX, "not a size from 1 byte to 1 GiB: ");
        break;
    case CLI_FOLDER: o->folder = value; break;
    case CLI_ROLE: add_word(o->roles, &o->role_count, CLI_ROLES_MAX, value); break;
    case CLI_AT: add_word(o->places, &o->place_count, CLI_PLACES_MAX, value); break;
    case CLI_SCOPE: o->scope = read_scope(value); break;
    case CLI_URL: o->url = value; break;
    case CLI_TIMEOUT: o->timeout_ms = read_timeout(value); break;
    case CLI_COUNT: o->count = read_number(value, 1, UINT32_MAX, "not a number from 1: "); break;
    case CLI_JSON: o->json = true; break;
    case CLI_FILTER: add_word(o->filters, &o->filter_count, CLI_FILTERS_MAX, value); break;
    }
}

/* ---- names ----------------------------------------------------------------------------------- */

noreturn static void say_unknown(unsigned uses, const char *word, const char *name)
{
    const char *near = NULL;
    size_t      best = 3;
    char        text[256];

    for (size_t i = 0; i < OPTIONS; i++) {
        size_t d = (uses & (unsigned)all[i].id) == 0 || all[i].full == NULL
                       ? best
                       : idl_distance(name, all[i].full, 3);
        near = d < best ? all[i].full : near;
        best = d < best ? d : best;
    }
    if (near == NULL)
        cli_usage("no such option: ", word);
    snprintf(text, sizeof text, "no such option: %.100s; did you mean --", word);
    cli_usage(text, near);
}

/* `size` bytes of a name, which may be its begin only. */
static const option *find_full(unsigned uses, const char *word, const char *name, size_t size)
{
    const option *found = NULL;
    char          text[256], cut[128];

    for (size_t i = 0; i < OPTIONS; i++) {
        const option *o = &all[i];
        if ((uses & (unsigned)o->id) == 0 || o->full == NULL || strncmp(o->full, name, size) != 0)
            continue;
        if (o->full[size] == '\0')
            return o;
        if (found != NULL) {
            snprintf(text, sizeof text, "%.100s may be --%s or --", word, found->full);
            cli_usage(text, o->full);
        }
        found = o;
    }
    snprintf(cut, sizeof cut, "%.*s", (int)(size < sizeof cut ? size : sizeof cut - 1), name);
    if (found == NULL || size == 0)
        say_unknown(uses, word, cut);
    return found;
}

static const option *find_brief(unsigned uses, const char *word)
{
    for (size_t i = 0; i < OPTIONS; i++)
        if ((uses & (unsigned)all[i].id) != 0 && all[i].brief != 0 && all[i].brief == word[1])
            return &all[i];
    cli_usage("no such option: ", word);
}

/* ---- words ----------------------------------------------------------------------------------- */

typedef struct reader {
    cli_options *options;
    unsigned     uses, said;
    char       **words;
    size_t       at, count;
} reader;

/* `value` NULL: it is the next word, if there has to be one. */
static void take(reader *r, const option *o, const char *value)
{
    const char *word = r->words[r->at];

    if (value != NULL && !o->has_value)
        cli_usage("it takes no value: ", word);
    if ((r->said & (unsigned)o->id) != 0 && !o->many)
        cli_usage("said twice: ", word);
    r->said |= (unsigned)o->id;
    if (o->has_value && value == NULL) {
        if (r->at + 1 >= r->count)
            cli_usage("a value is missing behind ", word);
        value = r->words[++r->at];
    }
    set(r->options, o->id, value);
}

static void read_option(reader *r)
{
    const char   *word = r->words[r->at];
    const char   *equals = strchr(word, '=');
    const option *o;

    if (word[1] == '-') {
        o = find_full(r->uses, word, word + 2,
                      equals == NULL ? strlen(word + 2) : (size_t)(equals - word - 2));
        take(r, o, equals == NULL ? NULL : equals + 1);
        return;
    }
    o = find_brief(r->uses, word);
    take(r, o, word[2] == '\0' ? NULL : word + 2);
}

bool cli_read_options(cli_options *options, unsigned uses, char **words, size_t count)
{
    reader r = {.options = options, .uses = uses, .words = words, .count = count};
    bool   only_files = false;

    *options = (cli_options){.size_max = SIZE_USUAL, .timeout_ms = TIMEOUT_USUAL_MS};
    options->files = cli_resize(NULL, (count + 1) * sizeof *options->files);
    for (; r.at < count; r.at++) {
        const char *a = words[r.at];
        if (!only_files && strcmp(a, "--") == 0)
            only_files = true;
        else if (!only_files && (strcmp(a, "-h") == 0 || strcmp(a, "--help") == 0))
            return true;
        else if (!only_files && a[0] == '-' && a[1] != '\0')
            read_option(&r);
        else
            options->files[options->file_count++] = a;
    }
    return false;
}
