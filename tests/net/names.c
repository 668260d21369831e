/* names.c -- a program on a host of a lab (lab.sh) that publishes and looks for names, and says on
 * stdout what happens, one fact a line.
 *
 *     names WHO [COMMAND ARGUMENT]...     and further commands on stdin, one a line
 *
 *     publish NAME, pool NAME, unpublish NAME, subscribe PATTERN, stop
 *     survey              what the host's directory knows
 *     await HOSTS/LISTINGS    the same, as soon as it knows of so many of both ("*": any number)
 *
 *     EVENT NAME [CODE]   PUBLISHED, NOT_PUBLISHED, AVAILABLE, DELIVERED, DROPPED ..
 *     answer NAME WHO     whoever was AVAILABLE was asked who he is
 *     silent NAME CODE    and has not answered
 *     failed NAME CODE TEXT   it cannot even be tried
 *     survey hosts N listings N sent N heard N refused N fetched N served N
 *     log TEXT            what kmsg logs
 *     done                after "stop"
 */
#define _POSIX_C_SOURCE 200809L

#include <kmsg/names.h>
#include <kmsg/names.kmsg.h>

#include "talk.kmsg.h"

#include <inttypes.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NAMES_MAX 64
#define IDLE_MS   300u  /* who says nothing for so long is asked whether he is there, */
#define DEAD_MS   1500u /* and given up after this */
#define TICK_MS   50

typedef struct published {
    char              name[KMSG_NAME_MAX + 1];
    kmsg_publication *publication; /* NULL: a free place */
} published;

static struct {
    const char *who;
    kmsg_node  *node;
    kmsg_peer  *directory;
    published   all[NAMES_MAX];
    char        awaited[32]; /* HOSTS/LISTINGS; "": nothing */
    bool        asked;       /* the directory, and it has not answered yet */
    bool        stopping;
} me;

static void say_log(void *ctx, kmsg_log_level level, const char *text)
{
    (void)ctx;
    (void)level;
    printf("log %s\n", text);
}

/* ---- who is asked ---------------------------------------------------------------------------- */

static kmsg_err echo(void *ctx, kmsg_call *call, const talk_Note *note, talk_Note *ret)
{
    (void)ctx;
    (void)call;
    *ret = *note;
    ret->text = kmsg_str(me.who);
    return KMSG_OK;
}

static void on_answer(void *ctx, kmsg_err err, const talk_Note *note)
{
    char *name = ctx;

    if (err == KMSG_OK)
        printf("answer %s %s\n", name, note->text.data);
    else
        printf("silent %s %s\n", name, kmsg_err_name(err));
    free(name);
}

/* ---- what happens ---------------------------------------------------------------------------- */

static const char *const kinds[] = {
    [KMSG_PUBLISHED] = "PUBLISHED",       [KMSG_NOT_PUBLISHED] = "NOT_PUBLISHED",
    [KMSG_UNPUBLISHED] = "UNPUBLISHED",   [KMSG_DELIVERED] = "DELIVERED",
    [KMSG_SUBSCRIBED] = "SUBSCRIBED",     [KMSG_NOT_SUBSCRIBED] = "NOT_SUBSCRIBED",
    [KMSG_UNSUBSCRIBED] = "UNSUBSCRIBED", [KMSG_AVAILABLE] = "AVAILABLE",
    [KMSG_MISMATCHED] = "MISMATCHED",     [KMSG_DROPPED] = "DROPPED",
};

static void on_event(void *ctx, const kmsg_name_event *e)
{
    const talk_Note note = {.text = KMSG_STR("who?")};

    (void)ctx;
    printf("%s %s %s %s\n", kinds[e->kind], e->name, kmsg_err_name(e->err), e->words);
    if (e->kind == KMSG_AVAILABLE)
        talk_Talk_echo_async(e->peer, &note, strdup(e->name), on_answer);
}

/* ---- commands -------------------------------------------------------------------------------- */

static published *find(const char *name)
{
    for (size_t i = 0; i < NAMES_MAX; i++)
        if (me.all[i].publication != NULL ? strcmp(me.all[i].name, name) == 0 : *name == '\0')
            return &me.all[i];
    return NULL;
}

static void say_failed(const char *name, kmsg_err err)
{
    if (err != KMSG_OK)
        printf("failed %s %s %s\n", name, kmsg_err_name(err), kmsg_last_error());
}

static void publish(const char *name, bool pool)
{
    published                 *p = find("");
    const kmsg_publish_options how = {.pool = pool, .heard = on_event};

    if (p == NULL)
        abort();
    snprintf(p->name, sizeof p->name, "%s", name);
    say_failed(name, kmsg_publish(me.node, name, KMSG_SCOPE_LAN, &how, &p->publication));
}

static void unpublish(const char *name)
{
    published *p = find(name);

    if (p == NULL)
        return;
    kmsg_unpublish(p->publication);
    p->publication = NULL;
}

static void subscribe(const char *pattern)
{
    const kmsg_subscribe_options how = {.service = &talk_Talk_service, .heard = on_event};

    say_failed(pattern, kmsg_subscribe(me.node, pattern, KMSG_SCOPE_LAN, &how, NULL));
}

static bool fits(const char *wanted, size_t count)
{
    return *wanted == '*' || strtoul(wanted, NULL, 10) == count;
}

static void on_survey(void *ctx, kmsg_err err, const kmsg_names_Survey *s)
{
    const char *wanted = me.awaited;

    (void)ctx;
    me.asked = false;
    if (err == KMSG_OK && (*wanted == '\0' || (fits(wanted, s->hosts.count) &&
                                               fits(strchr(wanted, '/') + 1, s->listings.count)))) {
        me.awaited[0] = '\0';
        printf("survey hosts %zu listings %zu sent %" PRIu64 " heard %" PRIu64 " refused %" PRIu64
               " fetched %" PRIu64 " served %" PRIu64 "\n",
               s->hosts.count, s->listings.count, s->beacons_sent, s->beacons_heard,
               s->beacons_refused, s->fetched, s->served);
    }
}

static void survey(const char *wanted)
{
    if (wanted != me.awaited)
        snprintf(me.awaited, sizeof me.awaited, "%s", wanted);
    me.asked = true;
    if (me.directory == NULL)
        kmsg_must(kmsg_dial_directory(me.node, KMSG_SCOPE_HOST, &me.directory));
    kmsg_names_Directory_survey_async(me.directory, NULL, on_survey);
}

static void obey(const char *command, const char *argument)
{
    if (strcmp(command, "publish") == 0)
        publish(argument, false);
    else if (strcmp(command, "pool") == 0)
        publish(argument, true);
    else if (strcmp(command, "unpublish") == 0)
        unpublish(argument);
    else if (strcmp(command, "subscribe") == 0)
        subscribe(argument);
    else if (strcmp(command, "survey") == 0)
        survey("");
    else if (strcmp(command, "await") == 0 && strchr(argument, '/') != NULL)
        survey(argument);
    else if (strcmp(command, "stop") == 0)
        me.stopping = true;
    else
        abort();
}

static void obey_line(char *line)
{
    char *space = strchr(line, ' ');

    if (space != NULL)
        *space = '\0';
    obey(line, space == NULL ? "" : space + 1);
}

/* Several may have come at once. */
static void read_lines(void)
{
    static char   text[4096];
    static size_t size;
    ssize_t       n = read(STDIN_FILENO, text + size, sizeof text - 1 - size);
    char         *line = text, *end;

    if (n <= 0) {
        me.stopping = true;
        return;
    }
    size += (size_t)n;
    text[size] = '\0';
    while ((end = strchr(line, '\n')) != NULL) {
        *end = '\0';
        obey_line(line);
        line = end + 1;
    }
    size -= (size_t)(line - text);
    memmove(text, line, size);
}

int main(int argc, char **argv)
{
    static const talk_Talk_impl impl = {.echo = echo};

    setvbuf(stdout, NULL, _IOLBF, 0);
    kmsg_set_log(say_log, NULL);
    me.who = argc > 1 ? argv[1] : "nobody";
    me.node = kmsg_node_new();
    kmsg_must(kmsg_node_set_keepalive(me.node, IDLE_MS, DEAD_MS));
    kmsg_must(talk_Talk_serve(me.node, &impl, NULL));
    for (int i = 2; i + 1 < argc; i += 2)
        obey(argv[i], argv[i + 1]);
    while (!me.stopping) {
        struct pollfd fds[] = {{.fd = STDIN_FILENO, .events = POLLIN},
                               {.fd = kmsg_node_fd(me.node), .events = POLLIN}};
        int           wait_ms = kmsg_node_wait_ms(me.node);
        if (me.awaited[0] != '\0' && (wait_ms < 0 || wait_ms > TICK_MS))
            wait_ms = TICK_MS;
        poll(fds, 2, wait_ms);
        if (me.awaited[0] != '\0' && !me.asked)
            survey(me.awaited);
        if (fds[0].revents != 0)
            read_lines();
        kmsg_must(kmsg_node_step(me.node));
    }
    kmsg_node_free(me.node);
    printf("done\n");
    return 0;
}
