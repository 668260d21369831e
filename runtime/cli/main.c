/* main.c -- the kmsg command: what is asked for, options, help. Exit codes: 0 done, 1 something is
 * wrong with a schema, the input or the output, 2 with the command line.
 */
#define _POSIX_C_SOURCE 200809L

#include "cli/cli.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define SIZE_USUAL ((size_t)64 << 20)

typedef struct command {
    const char *name;
    const char *what; /* in one line */
    bool (*run)(const cli_options *options);
    bool        needs_schema;
    bool        has_keys; /* options about keys, and no files */
    const char *help;
} command;

#define SCHEMA_OPTIONS                                                                             \
    "  -s, --schema FILE  a .kmsg file whose types are known; may be given several times\n"        \
    "  -I DIR             look for what schemas import in DIR too\n"
#define SIZE_OPTION "      --max BYTES    the largest message or JSON value (usual: 64 MiB)\n"

static const command commands[] = {
    {"encode", "JSON to messages", cli_encode, true, false,
     "usage: kmsg encode -s SCHEMA [-t TYPE] [FILE...]\n"
     "\n"
     "Reads JSON values, one behind the other, and writes each as a message that tells its type.\n"
     "Without -t each value does: {\"type\":\"acme.Point\",\"value\":{\"x\":1}}.\n"
     "\n" SCHEMA_OPTIONS "  -t, --type TYPE    what the values are: a record\n"
     "      --raw          one bare message without its type; TYPE can be any, as list<u32>\n"
     "      --strict       refuse members that the schema does not have\n" SIZE_OPTION "\n"
     "  echo '{\"name\":\"Ada\"}' | kmsg encode -s people.kmsg -t Person > people.bin\n"},
    {"decode", "messages to JSON", cli_decode, false, false,
     "usage: kmsg decode [-s SCHEMA] [-t TYPE] [FILE...]\n"
     "\n"
     "Reads what kmsg encode writes, and writes one line of JSON for each message:\n"
     "{\"type\":\"acme.Point\",\"value\":{\"x\":1}}, or \"bytes\" in base64 for a type that no\n"
     "schema has.\n"
     "\n" SCHEMA_OPTIONS
     "  -t, --type TYPE    all messages are of this record: write the values alone\n"
     "      --raw          FILE is one bare message; TYPE can be any, as list<u32>\n" SIZE_OPTION
     "\n"
     "  kmsg decode -s people.kmsg people.bin | jq .value.name\n"},
    {"cat", "messages, for people to read", cli_cat, false, false,
     "usage: kmsg cat [-s SCHEMA] [-t TYPE] [FILE...]\n"
     "\n"
     "Shows messages one a line, as kmsg_print() does: acme.Point { x: 1, y: 2 }.\n"
     "\n" SCHEMA_OPTIONS "  -t, --type TYPE    all messages are of this record\n"
     "      --raw          FILE is one bare message; TYPE can be any, as list<u32>\n" SIZE_OPTION},
    {"types", "the records of schemas", cli_types, true, false,
     "usage: kmsg types -s SCHEMA\n"
     "\n"
     "Names all records that a schema and its imports have, one a line.\n"
     "\n" SCHEMA_OPTIONS},
    {"key", "this host's key, and whom it trusts", cli_key, false, true,
     "usage: kmsg key new\n"
     "       kmsg key show\n"
     "       kmsg key trust KEY [NAME] [--role ROLE]... [--at HOST:PORT]...\n"
     "       kmsg key revoke KEY|NAME\n"
     "       kmsg key list\n"
     "       kmsg key cluster NAME\n"
     "\n"
     "Hosts know one another by keys: who is not trusted is not let in, and what goes between\n"
     "hosts is encrypted. `new` makes this host's key and prints its public part; `trust`, on\n"
     "the others, lets that in. Running programs notice both `trust` and `revoke`.\n"
     "\n"
     "  new       make a key and print its public part, which is no secret; never twice\n"
     "  show      print it again\n"
     "  trust     let a key in; or give one that is there another name, more roles, addresses\n"
     "  revoke    shut it out\n"
     "  list      those that are trusted\n"
     "  cluster   make the secret of a cluster. Who does not have it is not answered:\n"
     "            copy the file to all of its hosts\n"
     "\n"
     "      --role ROLE    what the key's owner may be: services ask for roles\n"
     "      --at ADDRESS   HOST:PORT, where this key and no other is expected\n"
     "      --folder DIR   where the files are (usual: $KMSG_HOME, or ~/.config/kmsg)\n"
     "\n"
     "  kmsg key trust b5mq... london --role ops --at 10.0.0.2:7000\n"},
};

#define COMMANDS (sizeof commands / sizeof *commands)

/* ---- cli.h ----------------------------------------------------------------------------------- */

bool cli_fail(const char *format, ...)
{
    va_list args;

    fputs("kmsg: ", stderr);
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    putc('\n', stderr);
    return false;
}

static void no_memory(void)
{
    cli_fail("out of memory");
    exit(1);
}

void *cli_resize(void *old, size_t size)
{
    void *p;

    if (size == 0) {
        free(old);
        return NULL;
    }
    p = realloc(old, size);
    if (p == NULL)
        no_memory();
    return p;
}

kmsg_arena *cli_arena(void)
{
    kmsg_arena *mem = kmsg_arena_new();

    if (mem == NULL)
        no_memory();
    return mem;
}

bool cli_flush(void)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return true;
    return cli_fail("cannot write: %s", errno != 0 ? strerror(errno) : "the output is broken");
}

/* ---- help ------------------------------------------------------------------------------------ */

static const command *asked; /* for, if that is known */

noreturn void cli_usage(const char *why, const char *what)
{
    cli_fail("%s%s (see kmsg %s%s)", why, what, asked == NULL ? "--help" : "help ",
             asked == NULL ? "" : asked->name);
    exit(2);
}

static const command *find_command(const char *name)
{
    for (size_t i = 0; i < COMMANDS; i++)
        if (strcmp(commands[i].name, name) == 0)
            return &commands[i];
    return NULL;
}

static void print_help(const command *c)
{
    if (c != NULL) {
        fputs(c->help, stdout);
        return;
    }
    fputs("usage: kmsg COMMAND [options] [FILE...]\n"
          "\n"
          "Messages of kmsg schemas, and keys of hosts, at the shell.\n"
          "\n",
          stdout);
    for (size_t i = 0; i < COMMANDS; i++)
        fprintf(stdout, "  %-8s %s\n", commands[i].name, commands[i].what);
    fputs("  help     what a command does: kmsg help encode\n"
          "\n"
          "      --version  the version\n"
          "\n"
          "Without FILE, or where it is '-', stdin is read. Exit: 0 done, 1 errors, 2 usage.\n",
          stdout);
}

/* ---- options --------------------------------------------------------------------------------- */

typedef struct words {
    char **argv;
    int    count, at;
} words;

/* Is it this option? Then *ret is its value: behind it (-sFILE, --schema=FILE), or the next word.
 */
static bool valued(words *w, const char *brief, const char *full, const char **ret)
{
    const char *a = w->argv[w->at];
    size_t      size = strlen(full);
    bool        is_brief = brief != NULL && strncmp(a, brief, 2) == 0 && a[1] != '-';

    if (!is_brief && (strncmp(a, full, size) != 0 || (a[size] != '\0' && a[size] != '=')))
        return false;
    a += is_brief ? 2 : size;
    if (*a != '\0') {
        *ret = a + (!is_brief && *a == '=');
        return true;
    }
    if (w->at + 1 >= w->count)
        cli_usage("a value is missing behind ", w->argv[w->at]);
    *ret = w->argv[++w->at];
    return true;
}

static size_t read_size(const char *text)
{
    char              *end;
    unsigned long long size;

    errno = 0;
    size = strtoull(text, &end, 10);
    if (end == text || *end != '\0' || text[0] == '-' || errno != 0 || size < 1 ||
        size > KMSG_MESSAGE_MAX)
        cli_usage("not a size from 1 byte to 1 GiB: ", text);
    return (size_t)size;
}

static void add_word(const char **list, size_t *count, size_t max, const char *word)
{
    if (*count == max)
        cli_usage("too many of these: ", word);
    list[(*count)++] = word;
}

static void read_key_option(cli_options *o, words *w)
{
    const char *a = w->argv[w->at], *value;

    if (valued(w, NULL, "--folder", &value))
        o->folder = value;
    else if (valued(w, NULL, "--role", &value))
        add_word(o->roles, &o->role_count, CLI_ROLES_MAX, value);
    else if (valued(w, NULL, "--at", &value))
        add_word(o->places, &o->place_count, CLI_PLACES_MAX, value);
    else
        cli_usage("no such option: ", a);
}

static void read_file_option(cli_options *o, words *w)
{
    const char *a = w->argv[w->at], *value;

    if (valued(w, "-s", "--schema", &value)) {
        add_word(o->schemas, &o->schema_count, CLI_SCHEMAS_MAX, value);
    } else if (strncmp(a, "-I", 2) == 0 && valued(w, "-I", "-I", &value)) {
        add_word(o->dirs, &o->dir_count, CLI_DIRS_MAX, value);
    } else if (valued(w, "-t", "--type", &value)) {
        o->type = value;
    } else if (valued(w, NULL, "--max", &value)) {
        o->size_max = read_size(value);
    } else if (strcmp(a, "--raw") == 0) {
        o->raw = true;
    } else if (strcmp(a, "--strict") == 0) {
        o->strict = true;
    } else {
        cli_usage("no such option: ", a);
    }
}

static void read_option(cli_options *o, const command *c, words *w)
{
    const char *a = w->argv[w->at];

    if (strcmp(a, "-h") == 0 || strcmp(a, "--help") == 0) {
        print_help(c);
        exit(cli_flush() ? 0 : 1);
    }
    if (c->has_keys)
        read_key_option(o, w);
    else
        read_file_option(o, w);
}

static void check_options(cli_options *o, const command *c)
{
    if (c->needs_schema && o->schema_count == 0)
        cli_usage("no schema: say which with -s", "");
    if (o->raw && o->type == NULL)
        cli_usage("--raw needs a type: say which with -t", "");
    if (o->type != NULL && o->schema_count == 0)
        cli_usage("-t needs the schema of the type: say which with -s", "");
    if (o->file_count == 0 && !c->has_keys)
        o->files[o->file_count++] = "-";
}

static void read_options(cli_options *o, const command *c, words *w)
{
    bool only_files = false;

    *o = (cli_options){.size_max = SIZE_USUAL};
    o->files = cli_resize(NULL, ((size_t)w->count + 1) * sizeof *o->files);
    for (; w->at < w->count; w->at++) {
        const char *a = w->argv[w->at];
        if (!only_files && strcmp(a, "--") == 0)
            only_files = true;
        else if (!only_files && a[0] == '-' && a[1] != '\0')
            read_option(o, c, w);
        else
            o->files[o->file_count++] = a;
    }
    check_options(o, c);
}

int main(int argc, char **argv)
{
    words          w = {.argv = argv, .count = argc, .at = 2};
    const char    *word = argc > 1 ? argv[1] : "";
    const command *c = find_command(word);
    cli_options    o;
    bool           good;

    if (strcmp(word, "help") == 0 || strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0) {
        if (argc > 2 && find_command(argv[2]) == NULL)
            cli_usage("no such command: ", argv[2]);
        print_help(argc > 2 ? find_command(argv[2]) : NULL);
        return cli_flush() ? 0 : 1;
    }
    if (strcmp(word, "--version") == 0) {
        puts("kmsg " KMSG_VERSION);
        return cli_flush() ? 0 : 1;
    }
    if (c == NULL)
        cli_usage(argc > 1 ? "no such command: " : "what is to be done?", word);
    asked = c;
    read_options(&o, c, &w);
    good = c->run(&o);
    cli_resize(o.files, 0);
    return good ? 0 : 1;
}
