/* lan_world.h -- a world for one state machine of the LAN: what it does is noted, as words; what
 * others tell it is made of words.
 *
 *     said     "all", "seeds", "10.0.0.2": to whom it has spoken; "?" asks, "!" says goodbye;
 *              "fetch:ADDRESS:PORT,EPOCH,VERSION"; "forget:2"
 *     answers  "x y": listings; "-x": one that is gone; "(7,1,2)": neighbor 7, epoch 1, version 2
 *
 * Host n has the key n and the address 10.0.0.n; this one is number 1, its epoch 9. A listing's
 * number is that of its name's first letter, unless this host publishes it.
 */
#ifndef LAN_WORLD_H
#define LAN_WORLD_H

#include "test.h"

#include "directory/lan.h"

#include <stdlib.h>
#include <string.h>

#define WORDS_MAX 8192u
#define MS_NS     ((int64_t)1000000)

typedef struct asked {
    kmi_lan_host *host; /* NULL: a free place */
    unsigned      number;
} asked;

static struct {
    kmi_table       *table;
    kmi_lan         *lan;
    int64_t          now_ns;
    int64_t          due_ns;
    kmi_beacon       last; /* that was spoken */
    bool             last_ip6;
    bool             quiet;        /* what is for all is not noted */
    bool             hold;         /* nothing is done before lan_go_on() */
    unsigned         untrusted;    /* a host's number */
    unsigned         as;           /* whose numbers the listings have; 0: those of who tells */
    kmsg_timestamp   since;        /* of listings */
    kmsg_names_Scope scope;        /* of those that others tell */
    const char      *told_address; /* of neighbors; NULL: as it should be */
    asked            asked[KMI_LAN_FETCHES_MAX + 1];
    char             said[WORDS_MAX];
    char             seen[WORDS_MAX];
    char             told[WORDS_MAX];
    char             out[WORDS_MAX]; /* of what is asked for last */
    size_t           bytes;          /* that are allocated */
    unsigned         left;           /* allocations until one fails, and one; 0: none does */
    bool             failed;
} lan;

/* ---- words ----------------------------------------------------------------------------------- */

KMSG_PRINTF(2, 3) static void note(char *words, const char *format, ...)
{
    size_t  size = strlen(words);
    va_list arguments;

    if (size > 0 && size + 1 < WORDS_MAX)
        words[size++] = ' ';
    va_start(arguments, format);
    vsnprintf(words + size, WORDS_MAX - size, format, arguments);
    va_end(arguments);
}

static const char *take(char *words)
{
    memcpy(lan.out, words, WORDS_MAX);
    words[0] = '\0';
    return lan.out;
}

static const char *lan_said(void)
{
    return take(lan.said);
}

static const char *lan_seen(void)
{
    return take(lan.seen);
}

static const char *lan_told(void)
{
    return take(lan.told);
}

/* ---- memory ---------------------------------------------------------------------------------- */

static void *resize(void *ctx, void *old, size_t size)
{
    size_t *block = old == NULL ? NULL : (size_t *)old - 2, kept = block == NULL ? 0 : *block;

    (void)ctx;
    if (size > 0 && lan.left > 0 && --lan.left == 0) {
        lan.failed = true;
        return NULL;
    }
    lan.bytes += size - kept;
    if (size == 0) {
        free(block);
        return NULL;
    }
    block = realloc(block, size + 2 * sizeof *block);
    CHECK(block != NULL);
    *block = size;
    return block + 2;
}

/* The one behind so many fails. */
static void lan_starve(unsigned count)
{
    lan.failed = false;
    lan.left = count + 1;
}

/* True: it has not come to that. */
static bool lan_feed(void)
{
    lan.left = 0;
    return !lan.failed;
}

/* ---- what it does ---------------------------------------------------------------------------- */

static kmsg_key key_of(unsigned number)
{
    return (kmsg_key){.bytes = {(uint8_t)(number >> 8), (uint8_t)number}};
}

static unsigned number_of(const kmsg_key *key)
{
    return (unsigned)key->bytes[0] << 8 | key->bytes[1];
}

static void note_beacon(const kmi_beacon *beacon, const char *to)
{
    lan.last = *beacon;
    lan.last_ip6 = lan.lan != NULL && kmi_lan_needs_ip6(lan.lan);
    note(lan.said, "%s%s%s", to, beacon->asks ? "?" : "", beacon->port == 0 ? "!" : "");
}

static void speak(void *ctx, const kmi_beacon *beacon, const kmi_lan_from *to)
{
    (void)ctx;
    if (to != NULL || !lan.quiet)
        note_beacon(beacon, to == NULL ? "all" : to->address);
}

static void speak_to_seeds(void *ctx, const kmi_beacon *beacon)
{
    (void)ctx;
    CHECK(beacon->seed);
    note_beacon(beacon, "seeds");
}

static void fetch(void *ctx, kmi_lan_host *host, const char *url, const kmsg_key *key,
                  uint64_t epoch, uint64_t version)
{
    size_t at = 0;

    (void)ctx;
    while (lan.asked[at].host != NULL)
        at++;
    CHECK(at < KMI_LAN_FETCHES_MAX);
    lan.asked[at] = (asked){host, number_of(key)};
    kmi_lan_host_set_ctx(host, &lan.asked[at]);
    note(lan.said, "fetch:%s,%llu,%llu", url + strlen("tcp:"), (unsigned long long)epoch,
         (unsigned long long)version);
}

static void forget(void *ctx, kmi_lan_host *host)
{
    asked *a = kmi_lan_host_ctx(host);

    (void)ctx;
    if (a == NULL)
        return;
    if (a->host != NULL || !lan.quiet)
        note(lan.said, "forget:%u", a->number);
    a->host = NULL;
}

static const char *trusted(void *ctx, const kmsg_key *key)
{
    (void)ctx;
    return number_of(key) == lan.untrusted ? NULL : "somebody";
}

static uint32_t no_chance(void *ctx)
{
    (void)ctx;
    return 0;
}

static void go_on(void)
{
    if (!lan.hold)
        lan.due_ns = kmi_lan_tick(lan.lan, lan.now_ns);
}

static void lan_go_on(void)
{
    lan.hold = false;
    go_on();
}

static void lan_pass(int64_t ms)
{
    int64_t until_ns = lan.now_ns + ms * MS_NS;

    for (unsigned ticks = 0; lan.due_ns <= until_ns; ticks++) {
        CHECK(ticks < 100000);
        lan.now_ns = lan.due_ns > lan.now_ns ? lan.due_ns : lan.now_ns;
        go_on();
    }
    lan.now_ns = until_ns;
}

/* ---- beginning and end ----------------------------------------------------------------------- */

static void begin(const kmi_lan_options *options, bool seeds, const char *name)
{
    kmi_lan_ops     ops = {speak, seeds ? speak_to_seeds : NULL, fetch, forget, trusted, no_chance};
    kmi_lan_options mine = *options;
    kmsg_names_Listing listing = kmsg_names_Listing_initial;
    kmi_entry         *entry = NULL;

    memset(&lan, 0, sizeof lan);
    kmsg_set_allocator((kmsg_allocator){resize, NULL});
    lan.now_ns = 1000000 * MS_NS;
    lan.scope = kmsg_names_Scope_LAN;
    mine.key = key_of(1);
    mine.port = 7577;
    lan.table = kmi_table_new();
    CHECK(lan.table != NULL);
    if (name != NULL) {
        listing.name = kmsg_str(name);
        listing.scope = kmsg_names_Scope_LAN;
        OK(kmi_table_add(lan.table, &listing, NULL, NULL, true, NULL, NULL, &entry));
    }
    lan.lan = kmi_lan_new(lan.table, &mine, &ops, NULL, lan.now_ns);
    CHECK(lan.lan != NULL);
    go_on();
}

static void lan_begin(const kmi_lan_options *options)
{
    begin(options, false, NULL);
}

static void lan_begin_with(const char *name)
{
    begin(&(kmi_lan_options){.epoch = 9}, false, name);
}

static void lan_begin_seeded(void)
{
    begin(&(kmi_lan_options){.epoch = 9}, true, NULL);
}

/* Its first beacons are over, and the next one will come in four seconds. */
static void lan_begin_quietly(void)
{
    begin(&(kmi_lan_options){.epoch = 9}, false, NULL);
    lan_pass(1000 + 4000);
    lan.said[0] = '\0';
}

/* That are under way. */
static unsigned lan_fetches(void)
{
    unsigned count = 0;

    for (size_t i = 0; i < KMI_LAN_FETCHES_MAX; i++)
        count += lan.asked[i].host != NULL;
    return count;
}

static bool is_own(void *ctx, kmi_entry *entry)
{
    (void)ctx;
    CHECK(entry->far == NULL);
    return true;
}

static void lan_end(void)
{
    kmi_lan_free(lan.lan);
    kmi_table_each(lan.table, is_own, NULL);
    EQ_UINT(lan_fetches(), 0);
    kmi_table_free(lan.table);
    kmsg_set_allocator((kmsg_allocator){NULL, NULL});
}

/* ---- beacons --------------------------------------------------------------------------------- */

static bool hear(unsigned host, kmi_beacon beacon, const char *address, bool multicast)
{
    char         usual[32];
    kmi_lan_from from = {address == NULL ? usual : address, 7577};
    bool         heard;

    snprintf(usual, sizeof usual, "10.0.%u.%u", host >> 8, host & 255);
    beacon.key = key_of(host);
    heard = kmi_lan_heard(lan.lan, &beacon, &from, multicast, lan.now_ns);
    go_on();
    return heard;
}

static bool lan_hear(unsigned host, uint64_t epoch, uint64_t sequence, uint64_t version)
{
    kmi_beacon b = {.epoch = epoch, .sequence = sequence, .version = version, .port = 7577};

    return hear(host, b, NULL, true);
}

static bool lan_hear_at(unsigned host, uint64_t epoch, uint64_t sequence, uint64_t version,
                        const char *address)
{
    kmi_beacon b = {.epoch = epoch, .sequence = sequence, .version = version, .port = 7577};

    return hear(host, b, address, true);
}

static void lan_hear_asking(unsigned host, uint64_t epoch, uint64_t sequence)
{
    hear(host, (kmi_beacon){.epoch = epoch, .sequence = sequence, .port = 7577, .asks = true}, NULL,
         true);
}

static void lan_hear_fast(unsigned host, uint64_t epoch, uint64_t sequence, uint64_t version)
{
    kmi_beacon b = {
        .epoch = epoch, .sequence = sequence, .version = version, .port = 7577, .fast = true};

    hear(host, b, NULL, true);
}

static void lan_hear_client(unsigned host, uint64_t epoch, uint64_t sequence, uint64_t version)
{
    kmi_beacon b = {.epoch = epoch,
                    .sequence = sequence,
                    .version = version,
                    .port = 7577,
                    .asks = true,
                    .seed = true};

    hear(host, b, NULL, false);
}

static void lan_hear_goodbye(unsigned host, uint64_t epoch, uint64_t sequence)
{
    hear(host, (kmi_beacon){.epoch = epoch, .sequence = sequence}, NULL, true);
}

/* ---- contents -------------------------------------------------------------------------------- */

static asked *asked_of(unsigned number)
{
    for (size_t i = 0; i < KMI_LAN_FETCHES_MAX; i++)
        if (lan.asked[i].host != NULL && lan.asked[i].number == number)
            return &lan.asked[i];
    return NULL;
}

typedef struct made {
    kmsg_names_Listing  listings[16];
    kmsg_names_Gone     gone[16];
    kmsg_names_Neighbor neighbors[16];
    kmsg_key            keys[16];
    char                names[16][16];
    char                addresses[16][32];
    kmsg_names_Contents contents;
} made;

static void make_listing(made *m, unsigned host, const char *word)
{
    size_t              at = m->contents.listings.count++;
    kmsg_names_Listing *l = &m->listings[at];

    snprintf(m->names[at], sizeof m->names[at], "%s", word);
    *l = kmsg_names_Listing_initial;
    l->name = kmsg_str(m->names[at]);
    l->node = lan.as != 0 ? lan.as : host;
    l->number = (uint64_t)word[0];
    l->since = lan.since;
    l->scope = lan.scope;
}

static void make_neighbor(made *m, const char *word)
{
    size_t             at = m->contents.neighbors.count++;
    unsigned           number;
    unsigned long long epoch, version;

    CHECK(sscanf(word, "(%u,%llu,%llu)", &number, &epoch, &version) == 3);
    m->keys[at] = key_of(number);
    snprintf(m->addresses[at], sizeof m->addresses[at], "tcp:10.0.0.%u:7577", number);
    m->neighbors[at] = (kmsg_names_Neighbor){
        .key = {m->keys[at].bytes, sizeof m->keys[at].bytes},
        .epoch = epoch,
        .version = version,
        .address = kmsg_str(lan.told_address == NULL ? m->addresses[at] : lan.told_address)};
}

static void make(made *m, unsigned host, const char *words)
{
    char copy[256], *rest = copy;

    snprintf(copy, sizeof copy, "%s", words);
    for (char *word = strtok_r(rest, " ", &rest); word != NULL; word = strtok_r(rest, " ", &rest)) {
        if (word[0] == '(')
            make_neighbor(m, word);
        else if (word[0] == '-')
            m->gone[m->contents.gone.count++] =
                (kmsg_names_Gone){lan.as != 0 ? lan.as : host, (uint64_t)word[1]};
        else
            make_listing(m, host, word);
    }
    m->contents.listings.items = m->listings;
    m->contents.gone.items = m->gone;
    m->contents.neighbors.items = m->neighbors;
}

/* What was asked of that host is answered; nothing, if nothing was. */
static void lan_answer(unsigned number, uint64_t epoch, uint64_t version, uint64_t since,
                       const char *words)
{
    asked        *a = asked_of(number);
    kmi_lan_host *host;
    made          m = {.contents = {.epoch = epoch, .version = version, .since = since}};

    if (a == NULL)
        return;
    make(&m, number, words);
    host = a->host;
    a->host = NULL;
    kmi_lan_fetched(lan.lan, host, &m.contents, lan.now_ns);
    go_on();
}

static void lan_fail(unsigned number)
{
    asked        *a = asked_of(number);
    kmi_lan_host *host;

    CHECK(a != NULL);
    host = a->host;
    a->host = NULL;
    kmi_lan_failed(lan.lan, host, KMSG_EUNREACHABLE, lan.now_ns);
    go_on();
}

static const char *lan_contents(uint64_t epoch, uint64_t version)
{
    kmsg_arena         *mem = kmsg_arena_new();
    kmsg_names_Contents contents;

    lan.out[0] = '\0';
    OK(kmi_lan_contents(lan.lan, epoch, version, mem, &contents));
    note(lan.out, "%llu since %llu:", (unsigned long long)contents.version,
         (unsigned long long)contents.since);
    for (size_t i = 0; i < contents.listings.count; i++)
        note(lan.out, "%s", contents.listings.items[i].name.data);
    for (size_t i = 0; i < contents.gone.count; i++)
        note(lan.out, "-%llu", (unsigned long long)contents.gone.items[i].number);
    for (size_t i = 0; i < contents.neighbors.count; i++) {
        const kmsg_names_Neighbor *n = &contents.neighbors.items[i];
        note(lan.out, "(%u,%llu,%llu)%s", (unsigned)n->key.data[0] << 8 | n->key.data[1],
             (unsigned long long)n->epoch, (unsigned long long)n->version, n->client ? "*" : "");
    }
    kmsg_arena_free(mem);
    return lan.out;
}

static size_t lan_there(void)
{
    kmsg_arena              *mem = kmsg_arena_new();
    kmsg_names_Neighbor_list list;

    OK(kmi_lan_neighbors(lan.lan, mem, &list));
    kmsg_arena_free(mem);
    return list.count;
}

/* ---- this host's own ------------------------------------------------------------------------- */

static void on_stands(void *ctx, kmi_entry *entry, bool stands, const kmi_entry *by)
{
    (void)ctx;
    (void)by;
    note(lan.told, "%s:%llu", stands ? "stands" : "falls",
         (unsigned long long)entry->listing.number);
}

static void lan_publish(const char *name, uint64_t number)
{
    kmsg_names_Listing l = kmsg_names_Listing_initial;
    kmi_entry         *entry = NULL;

    l.name = kmsg_str(name);
    l.node = 1;
    l.number = number;
    l.pool = name[0] != 'x';
    l.since = lan.since;
    l.scope = kmsg_names_Scope_LAN;
    if (kmi_table_add(lan.table, &l, NULL, NULL, false, on_stands, NULL, &entry) == KMSG_OK)
        kmi_lan_changed(lan.lan, entry, true, lan.now_ns);
    else
        CHECK(lan.failed); /* there is no memory */
    go_on();
}

static void lan_unpublish(uint64_t number)
{
    kmi_entry *entry = kmi_table_find(lan.table, 1, number);

    kmi_lan_changed(lan.lan, entry, false, lan.now_ns);
    kmi_table_remove(lan.table, entry);
    go_on();
}

static void on_change(void *ctx, const kmi_entry *entry, bool here, kmsg_names_Scope distance)
{
    (void)ctx;
    (void)distance;
    note(lan.seen, "%s%s", here ? "+" : "-", entry->listing.name.data);
}

static void lan_watch(void)
{
    kmi_watching *w;

    OK(kmi_table_watch(lan.table, &kmsg_names_Viewer_initial, kmsg_str("**"), kmsg_names_Scope_LAN,
                       on_change, NULL, &w));
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

typedef struct names {
    const char *list[64];
    size_t      count;
} names;

static bool add_name(void *ctx, kmi_entry *entry)
{
    names *n = ctx;

    if (entry->stands && n->count < 64)
        n->list[n->count++] = entry->listing.name.data;
    return true;
}

/* All that stand, sorted. */
static const char *lan_names(void)
{
    names n = {.count = 0};

    lan.out[0] = '\0';
    kmi_table_each(lan.table, add_name, &n);
    qsort(n.list, n.count, sizeof *n.list, by_text);
    for (size_t i = 0; i < n.count; i++)
        note(lan.out, "%s", n.list[i]);
    return lan.out;
}

typedef struct sought {
    const char *name;
    const char *address;
} sought;

static bool find_address(void *ctx, kmi_entry *entry)
{
    sought *s = ctx;

    if (entry->stands && strcmp(entry->listing.name.data, s->name) == 0)
        s->address = entry->far == NULL ? "here" : entry->far->address;
    return true;
}

static const char *lan_address_of(const char *name)
{
    sought s = {name, "nowhere"};

    kmi_table_each(lan.table, find_address, &s);
    return s.address;
}

#endif
