/* main.c -- the kmsg command: what is asked for, and help. Exit codes: 0 done, 1 something is
 * wrong with a schema, the input or the output, 2 with the command line.
 */
#define _POSIX_C_SOURCE 200809L

#include "cli/cli.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

typedef struct command {
    const char *name;
    const char *what; /* in one line */
    bool (*run)(const cli_options *options);
    unsigned    uses; /* cli_option */
    bool        needs_schema;
    bool        reads_files;
    const char *help;
} command;

#define SCHEMA_OPTIONS                                                                             \
    "  -s, --schema FILE  a .kmsg file whose types are known; may be given several times\n"        \
    "  -I DIR             look for what schemas import in DIR too\n"
#define SCOPE_OPTION   "      --scope SCOPE    how far to look: group, host (usual) or lan\n"
#define TIMEOUT_OPTION "      --timeout TIME   to wait at most (usual: 5s)\n"
#define NAME_OPTIONS                                                                               \
    SCOPE_OPTION "      --url URL        who listens there, in place of NAME\n" TIMEOUT_OPTION
#define SIZE_OPTION "      --max BYTES    the largest message or JSON value (usual: 64 MiB)\n"

#define ALL_SCHEMAS (CLI_SCHEMA | CLI_DIR)
#define ALL_FILES   (ALL_SCHEMAS | CLI_TYPE | CLI_RAW | CLI_MAX)
#define ALL_NAMES   (CLI_SCOPE | CLI_URL | CLI_TIMEOUT)

static const command commands[] = {
    {"encode", "JSON to messages", cli_encode, ALL_FILES | CLI_STRICT, true, true,
     "usage: kmsg encode -s SCHEMA [-t TYPE] [FILE...]\n"
     "\n"
     "Reads JSON values, one behind the other, and writes each as a message that tells its type.\n"
     "Without -t each value does: {\"type\":\"acme.Point\",\"value\":{\"x\":1}}.\n"
     "\n" SCHEMA_OPTIONS "  -t, --type TYPE    what the values are: a record\n"
     "      --raw          one bare message without its type; TYPE can be any, as list<u32>\n"
     "      --strict       refuse members that the schema does not have\n" SIZE_OPTION "\n"
     "  echo '{\"name\":\"Ada\"}' | kmsg encode -s people.kmsg -t Person > people.bin\n"},
    {"decode", "messages to JSON", cli_decode, ALL_FILES, false, true,
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
    {"cat", "messages, for people to read", cli_cat, ALL_FILES, false, true,
     "usage: kmsg cat [-s SCHEMA] [-t TYPE] [FILE...]\n"
     "\n"
     "Shows messages one a line, as kmsg_print() does: acme.Point { x: 1, y: 2 }.\n"
     "\n" SCHEMA_OPTIONS "  -t, --type TYPE    all messages are of this record\n"
     "      --raw          FILE is one bare message; TYPE can be any, as list<u32>\n" SIZE_OPTION},
    {"types", "the records of schemas", cli_types, ALL_SCHEMAS, true, false,
     "usage: kmsg types -s SCHEMA\n"
     "\n"
     "Names all records that a schema and its imports have, one a line.\n"
     "\n" SCHEMA_OPTIONS},
    {"key", "this host's key, and whom it trusts", cli_key, CLI_FOLDER | CLI_ROLE | CLI_AT, false,
     false,
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
    {"call", "ask who publishes a name", cli_call, ALL_NAMES, false, false,
     "usage: kmsg call NAME METHOD [JSON]\n"
     "       kmsg call --url URL METHOD [JSON]\n"
     "\n"
     "Finds who publishes NAME, asks it for its schema, calls the method and prints the answer as\n"
     "JSON: no schema file is needed. METHOD is find, Directory.find or acme.Directory.find. JSON\n"
     "are the parameters by name, {\"name\":\"Ada\"}; '-' reads them from stdin. Without METHOD "
     "it\n"
     "prints the schema.\n"
     "\n"
     "What a method streams is printed as it comes, a line each; what it takes as a stream is "
     "read\n"
     "from stdin. An error that is thrown is printed as JSON on stderr, and the exit status is 1.\n"
     "\n" NAME_OPTIONS "\n"
     "  kmsg call packages find '{\"name\":\"bash\"}'\n"},
    {"ping", "time there and back", cli_ping, ALL_NAMES | CLI_COUNT, false, false,
     "usage: kmsg ping NAME [--count NUMBER]\n"
     "       kmsg ping --url URL\n"
     "\n"
     "Asks who publishes NAME for a sign of life, each second, and tells how long that took. The\n"
     "exit status is 1 if none came.\n"
     "\n"
     "  -n, --count NUMBER  so many times (usual: until it is stopped)\n" NAME_OPTIONS},
    {"sub", "what is published under a topic", cli_sub,
     ALL_NAMES | ALL_SCHEMAS | CLI_COUNT | CLI_FILTER, false, false,
     "usage: kmsg sub TOPIC [--filter NAME=VALUE]...\n"
     "\n"
     "Prints what is published from now on, a line each: {\"key\":{..},\"value\":..}. TOPIC is\n"
     "acme.Prices; its schema is asked of who publishes it. What was missed is told on stderr.\n"
     "\n"
     "      --filter NAME=VALUE  only with this in its key; of text a pattern: symbol=AC*\n"
     "  -n, --count NUMBER       so many, then end (usual: until it is stopped)\n"
     "  -s, --schema FILE        the schema, in place of that of who publishes it\n"
     "  -I DIR                   look for what it imports in DIR too\n" NAME_OPTIONS "\n"
     "  kmsg sub acme.Prices --filter symbol=AC* | jq .value.bid\n"},
    {"pub", "publish under a topic", cli_pub,
     CLI_SCOPE | CLI_TIMEOUT | ALL_SCHEMAS | CLI_COUNT | CLI_MAX, false, false,
     "usage: kmsg pub [-s SCHEMA] TOPIC [JSON...]\n"
     "\n"
     "Publishes each JSON value, {\"key\":{..},\"value\":..}, or without any those of stdin, to "
     "all\n"
     "who have subscribed by then. Without a schema it is asked of others who publish the topic.\n"
     "\n"
     "  -n, --count NUMBER  wait for so many subscribers first (usual: 1)\n" SCHEMA_OPTIONS
         SCOPE_OPTION TIMEOUT_OPTION SIZE_OPTION "\n"
     "  kmsg pub -s acme.kmsg acme.Prices "
     "'{\"key\":{\"symbol\":\"ACME\"},\"value\":{\"bid\":1.5}}'\n"},
    {"network", "who publishes, who looks, who is connected", cli_network,
     CLI_SCOPE | CLI_TIMEOUT | CLI_JSON, false, false,
     "usage: kmsg network\n"
     "\n"
     "Shows hosts, their processes, what their nodes publish and look for, and who is connected "
     "to\n"
     "whom under which name, with the time there and back and what goes over in a second.\n"
     "\n"
     "      --json           all of it as JSON, for programs\n" SCOPE_OPTION TIMEOUT_OPTION},
    {"directory", "serve this host's directory", cli_directory, 0, false, false,
     "usage: kmsg directory\n"
     "\n"
     "Serves the directory of this host and user until it is stopped. Where another process does\n"
     "already, it stands by and takes over when that one ends. Programs that use names serve one\n"
     "by themselves; this one is for hosts where none of them stays.\n"
     "\n"
     "What it needs to be part of a LAN is in the environment: KMSG_SEEDS, KMSG_PORT and "
     "others.\n"},
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
          "Messages of kmsg schemas, names and keys, at the shell.\n"
          "\n",
          stdout);
    for (size_t i = 0; i < COMMANDS; i++)
        fprintf(stdout, "  %-10s %s\n", commands[i].name, commands[i].what);
    fputs("  help       what a command does: kmsg help encode\n"
          "\n"
          "      --version  the version\n"
          "\n"
          "Without FILE, or where it is '-', stdin is read. Exit: 0 done, 1 errors, 2 usage.\n",
          stdout);
}

/* ---- what goes together ---------------------------------------------------------------------- */

static void check_options(cli_options *o, const command *c)
{
    if (c->needs_schema && o->schema_count == 0)
        cli_usage("no schema: say which with -s", "");
    if (o->raw && o->type == NULL)
        cli_usage("--raw needs a type: say which with -t", "");
    if (o->type != NULL && o->schema_count == 0)
        cli_usage("-t needs the schema of the type: say which with -s", "");
    if (o->file_count == 0 && c->reads_files)
        o->files[o->file_count++] = "-";
}

int main(int argc, char **argv)
{
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
    if (cli_read_options(&o, c->uses, argv + 2, (size_t)argc - 2)) {
        print_help(c);
        return cli_flush() ? 0 : 1;
    }
    check_options(&o, c);
    good = c->run(&o);
    cli_resize(o.files, 0);
    return good ? 0 : 1;
}
