/* check.c -- the promises of kmsg.h, each as a condition on a letter. Read check_ended() first. */
#include "check.h"

#include <stdlib.h>
#include <string.h>

#include "sim.kmsg.h"

#define LETTERS_MAX 4096
#define SLACK_NS    (20 * WORLD_MS)   /* turns take time, too */
#define LOSS_NS     (1000 * WORLD_MS) /* what is on its way may arrive */
#define NOTE_SIZE   200               /* beside the blob, at most */
#define PATTERN     251

check_rules check_law;

static letter   letters[LETTERS_MAX];
static unsigned count;
static size_t   all_count;
static unsigned places[LINES_MAX][2]; /* of the last letter that was handled, for each service */
static int64_t  free_ns[PLAYERS_MAX];
static char     finding[512];
static uint8_t  pattern[PATTERN + (128 << 10)];

/* ---- findings -------------------------------------------------------------------------------- */

void check_begin(void)
{
    count = 0;
    memset(places, 0, sizeof places);
    memset(free_ns, 0, sizeof free_ns);
    finding[0] = '\0';
    if (pattern[1] == 0)
        for (size_t i = 0; i < sizeof pattern; i++)
            pattern[i] = (uint8_t)(i % PATTERN + 1);
}

const char *check_finding(void)
{
    return finding[0] == '\0' ? NULL : finding;
}

void check_bark(const char *format, ...)
{
    va_list args;

    if (finding[0] != '\0')
        return;
    va_start(args, format);
    vsnprintf(finding, sizeof finding, format, args);
    va_end(args);
    world_note(finding, 0, 0);
    world_stop();
}

const char *deed_name(deed d)
{
    static const char *const names[DEEDS] = {
        "answer", "answer early", "answer later", "never answer", "fail",
        "throw",  "compute",      "ask and wait", "ask on",       "ask back"};

    return names[d];
}

static void bark_at(const letter *m, const char *what)
{
    check_bark("letter %llu of player %u to %u (%s%s, %zu bytes, asked at %.6f): %s (%s, handled "
               "%u times)",
               (unsigned long long)m->token, m->from, m->to,
               !m->oneway ? ""
               : m->acked ? "acknowledged, "
                          : "one-way, ",
               deed_name(m->deed), m->blob_size, (double)m->asked_ns / 1e9, what,
               m->ended == 0 ? "not ended" : kmsg_err_name(m->err), m->handled);
}

static void must(bool condition, const letter *m, const char *what)
{
    if (!condition)
        bark_at(m, what);
}

/* Two nodes of the same make have nothing to complain of but what the world does to them. */
void check_log(void *ctx, kmsg_log_level level, const char *text)
{
    static const char *const may[] = {"one-way", "giving the link up", "closed with",
                                      "accepting:", "out of memory", "not encrypted",
                                      "need not encrypt"};

    (void)ctx;
    world_note(text, level, 0);
    for (size_t i = 0; i < sizeof may / sizeof *may; i++)
        if (strstr(text, may[i]) != NULL)
            return;
    if (level >= KMSG_WARNING)
        check_bark("the log says: %s", text);
}

/* ---- letters --------------------------------------------------------------------------------- */

letter *check_new(unsigned from, unsigned to)
{
    letter *m;

    if (count == LETTERS_MAX)
        return NULL;
    m = &letters[count];
    *m = (letter){.token = ++count, .from = from, .to = to, .said = KMSG_LATER};
    all_count++;
    return m;
}

size_t check_letters(void)
{
    return all_count;
}

kmsg_bytes check_blob(uint64_t token, size_t size)
{
    return (kmsg_bytes){pattern + token % PATTERN, size};
}

bool check_is_blob(kmsg_bytes blob, uint64_t token, size_t size)
{
    return blob.size == size &&
           (size == 0 || memcmp(blob.data, pattern + token % PATTERN, size) == 0);
}

/* What is to an object may go by any of them. */
static unsigned losses_of(const letter *m)
{
    return m->actor != 0 ? player_all_losses() : player_losses(m->from, m->line);
}

void check_asked(letter *m, uint32_t timeout_ms)
{
    m->asked_ns = world_now();
    m->losses = losses_of(m);
    m->deadline_ns = m->latest_ns = m->asked_ns + (int64_t)timeout_ms * WORLD_MS;
    world_note("ask", m->token, m->to);
    world_note("by line, place", m->line, m->place);
}

void check_sent(letter *m, uint32_t timeout_ms)
{
    check_asked(m, 0);
    m->latest_ns = m->asked_ns + (int64_t)timeout_ms * WORLD_MS;
    world_note("to actor", m->token, m->actor);
}

void check_told(letter *m, kmsg_err err)
{
    m->ended = 1;
    m->err = err;
    m->unsent = err != KMSG_OK;
    world_note("tell", m->token, (uint64_t)(int64_t)err);
}

static size_t encoded(size_t blob_size)
{
    sim_Answer value = {.blob = check_blob(0, blob_size)};
    size_t     size = 0;

    return kmsg_encoded_size(&sim_Answer_layout, &value, &size) == KMSG_OK ? size : SIZE_MAX;
}

static size_t smallest(void)
{
    size_t size = SIZE_MAX;

    for (unsigned i = 0; i < PLAYERS_MAX; i++)
        if (check_law.message_max[i] != 0 && check_law.message_max[i] < size)
            size = check_law.message_max[i];
    return size;
}

/* Is one of the two larger than one of the two takes? */
static bool asks_too_much(const letter *m)
{
    size_t size = encoded(m->blob_size);

    if (m->actor != 0) /* it may pass through any of them, and carries an address */
        return m->blob_size + NOTE_SIZE > smallest();
    return size > check_law.message_max[m->from] || size > check_law.message_max[m->to];
}

static bool gets_too_much(const letter *m)
{
    size_t size = encoded(m->answer_size);

    return size > check_law.message_max[m->from] || size > check_law.message_max[m->to];
}

/* ---- handling -------------------------------------------------------------------------------- */

static void check_place(const letter *m)
{
    unsigned *last = &places[m->line][m->window];

    if (m->line == NO_LINE || m->losses != losses_of(m))
        return; /* what a lost link has left unread may be overtaken */
    if (m->astray)
        return; /* so may what was under way when a connection was closed or lost */
    must(m->place > *last, m, "handled out of order");
    *last = m->place;
}

letter *check_handled(unsigned player, uint64_t token, kmsg_bytes blob, bool oneway, bool window)
{
    letter *m = token == 0 || token > count ? NULL : &letters[token - 1];

    world_note("handle", token, player);
    if (m == NULL) {
        check_bark("player %u handles letter %llu, which nobody wrote", player,
                   (unsigned long long)token);
        return NULL;
    }
    m->handled++;
    must(m->handled == 1, m, "handled once more");
    must(m->to == player, m, "handled by somebody else");
    must(m->oneway == oneway && m->window == window, m, "handled as something else");
    must(check_is_blob(blob, token, m->blob_size), m, "came with another blob");
    must(!m->unsent, m, "handled after it was said to be unsent");
    must(m->actor != 0 || !asks_too_much(m), m, "handled though it is too large");
    check_place(m);
    return m;
}

void check_actor(const letter *m, unsigned actor)
{
    must(m->actor == actor, m, "came to another object");
}

/* ---- ending ---------------------------------------------------------------------------------- */

static void must_not_be_calm(const letter *m)
{
    must(!check_law.calm, m, "nothing went wrong in the world");
}

/* Promises that it was not and will not be handled. */
static void must_be_unsent(letter *m)
{
    must(m->handled == 0, m, "it is said to be unsent");
    m->unsent = true;
}

static void check_time(const letter *m)
{
    int64_t latest_ns = free_ns[m->from] > m->latest_ns ? free_ns[m->from] : m->latest_ns;

    must(world_now() <= latest_ns + SLACK_NS, m, "ended too late");
    if (m->err == KMSG_ETIMEDOUT)
        must(world_now() >= m->deadline_ns, m, "timed out too early");
}

static bool takes_long(const letter *m)
{
    return m->deed == NEVER_ANSWER || m->deed == ANSWER_LATER || m->deed >= COMPUTE || m->level > 0;
}

static void check_answer(const letter *m, uint64_t token, kmsg_bytes blob)
{
    if (m->oneway) {
        must(m->handled == 1 && m->said == KMSG_OK, m, "acknowledged by nobody");
        must(!m->held || m->released, m, "acknowledged before it was released");
        return;
    }
    must(m->handled == 1 && m->said == KMSG_OK, m, "an answer that nobody gave");
    must(token == m->token, m, "the answer to another letter");
    must(check_is_blob(blob, m->token, m->answer_size), m, "an answer with another blob");
    must(!gets_too_much(m), m, "an answer that is too large");
}

static void check_code(letter *m, uint64_t token, kmsg_bytes blob)
{
    switch (m->err) {
    case KMSG_OK: check_answer(m, token, blob); break;
    case KMSG_ENOENT:
        if (m->actor != 0) {
            must_not_be_calm(m);
            must_be_unsent(m);
            break;
        } /* fall through */
    case KMSG_ETHROWN:
    case KMSG_EUNAVAILABLE:
        must(m->handled == 1 && m->said == m->err, m, "a failure that nobody told");
        break;
    case KMSG_ETIMEDOUT:
        must(!check_law.calm || check_law.slow || takes_long(m), m,
             "timed out, though nothing went wrong");
        break;
    case KMSG_ECANCELED: must(m->canceled || m->idle, m, "nobody has cancelled it"); break;
    case KMSG_ECLOSED:
        must(m->closed || (m->actor != 0 && !check_law.calm), m, "nobody has closed it");
        break;
    case KMSG_ELOST: must_not_be_calm(m); break;
    case KMSG_EUNSENT:
    case KMSG_EREFUSED:
    case KMSG_EUNREACHABLE:
    case KMSG_ESYSTEM:
    case KMSG_EDESCRIPTORS:
        must(!check_law.calm || m->actor != 0, m, "nothing went wrong in the world");
        must_be_unsent(m);
        break;
    case KMSG_EDEADLOCK:
        must(m->from == m->to, m, "a deadlock with somebody else");
        must_be_unsent(m);
        break;
    case KMSG_ETOOBIG:
        must(asks_too_much(m) || gets_too_much(m), m, "it is not too large");
        must(!asks_too_much(m) || m->actor != 0 || m->handled == 0, m, "too large, and handled");
        break;
    case KMSG_EOVERLOADED:
        must(check_law.narrow || check_law.crowded, m, "there is room for it");
        must_be_unsent(m);
        break;
    case KMSG_ENOMEM: must(check_law.starving, m, "there is memory"); break;
    default: bark_at(m, "an end that there is no reason for");
    }
}

void check_ended(letter *m, kmsg_err err, uint64_t token, kmsg_bytes blob)
{
    world_note("end", m->token, (uint64_t)(int64_t)err);
    m->ended++;
    m->err = err;
    must(m->ended == 1, m, "ended once more");
    must(!m->gone, m, "the dead are told of it");
    must(!m->canceled || err == KMSG_ECANCELED, m, "was cancelled, and ended otherwise");
    check_time(m);
    check_code(m, token, blob);
}

void check_free(unsigned player, int64_t now_ns)
{
    if (now_ns > free_ns[player])
        free_ns[player] = now_ns;
}

/* Who waits for its answer finds out that the link is dead, unless cut lines keep news of it. */
static void must_be_lost(letter *m)
{
    int64_t latest_ns = world_now() + check_law.dead_ns + LOSS_NS;

    if (m->handled > 0 && m->ended == 0 && !world_is_cut() && latest_ns < m->latest_ns)
        m->latest_ns = latest_ns;
}

void check_gone(unsigned player)
{
    for (unsigned i = 0; i < count; i++) {
        letter *m = &letters[i];
        m->gone |= m->from == player && m->ended == 0;
        if (m->to == player)
            must_be_lost(m);
    }
}

/* What is to an object may wait on any connection, or pass through any node. */
void check_astray(void)
{
    for (unsigned i = 0; i < count; i++)
        letters[i].astray |= letters[i].actor != 0 && letters[i].handled == 0;
}

void check_closed(unsigned player, unsigned line)
{
    for (unsigned i = 0; i < count; i++) {
        letter *m = &letters[i];
        m->closed |= m->from == player && m->ended == 0 && (line == NO_LINE || m->line == line);
    }
    check_astray();
}

letter *check_pick(unsigned player)
{
    for (unsigned i = 0; i < 8 && count > 0; i++) {
        letter *m = &letters[world_below(count)];
        if (m->from == player && m->ended == 0 && !m->gone)
            return m;
    }
    return NULL;
}

bool check_all_ended(void)
{
    for (unsigned i = 0; i < count; i++)
        if (letters[i].ended == 0 && !letters[i].gone)
            return false;
    return true;
}

void check_end(void)
{
    for (unsigned i = 0; i < count; i++) {
        const letter *m = &letters[i];
        must(m->ended == 1 || m->gone, m, "it has never ended");
        if (m->oneway && check_law.calm && !check_law.slow && m->err == KMSG_OK &&
            !asks_too_much(m))
            must(m->handled == 1, m, "a one-way message was lost, though nothing went wrong");
    }
}

void check_process(const world_process *process, bool done)
{
    if (world_peak(process) > check_law.bytes_max)
        check_bark("a process had %zu bytes", world_peak(process));
    if (done && world_bytes(process) > 0)
        check_bark("%zu bytes were not given back", world_bytes(process));
    if (done && world_open(process) > 0)
        check_bark("%u sockets, loops and look-ups are still open", world_open(process));
}
