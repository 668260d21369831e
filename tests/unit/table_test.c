/* table_test.c -- what a directory knows: who stands, who is told, who sees it; and a model of the
 * rules, as plain as can be, against which thousands of random changes are held.
 */
#include "test.h"

#include "directory/table.h"

#include <stdlib.h>
#include <string.h>

#define PROCESS kmsg_names_Scope_PROCESS
#define GROUP   kmsg_names_Scope_GROUP
#define HOST    kmsg_names_Scope_HOST
#define LAN     kmsg_names_Scope_LAN

static const kmi_far elsewhere = {"10.0.0.2", "ada"};

static kmsg_names_Listing listing(const char *name, uint64_t node, kmsg_timestamp since)
{
    kmsg_names_Listing l = kmsg_names_Listing_initial;

    l.name = kmsg_str(name);
    l.node = node;
    l.number = 1;
    l.since = since;
    l.scope = HOST;
    l.process = node;
    l.group = kmsg_str("g");
    return l;
}

static kmi_entry *add(kmi_table *table, const kmsg_names_Listing *l)
{
    kmi_entry *entry = NULL;

    OK(kmi_table_add(table, l, NULL, NULL, false, NULL, NULL, &entry));
    return entry;
}

/* ---- what was told --------------------------------------------------------------------------- */

typedef struct record {
    char text[512];
} record;

static void note(record *r, const char *word, uint64_t node)
{
    size_t size = strlen(r->text);

    snprintf(r->text + size, sizeof r->text - size, "%s%s%llu", size == 0 ? "" : " ", word,
             (unsigned long long)node);
}

static void on_change(void *ctx, const kmi_entry *entry, bool here, kmsg_names_Scope distance)
{
    (void)distance;
    note(ctx, here ? "+" : "-", entry->listing.node);
}

static void on_distance(void *ctx, const kmi_entry *entry, bool here, kmsg_names_Scope distance)
{
    (void)entry;
    (void)here;
    note(ctx, "", (uint64_t)distance);
}

static void on_stands(void *ctx, kmi_entry *entry, bool stands, const kmi_entry *by)
{
    note(ctx, stands ? "stands:" : "falls:", entry->listing.node);
    if (by != NULL)
        note(ctx, "by:", by->listing.node);
}

static kmi_watching *watch(kmi_table *table, const char *pattern, record *r)
{
    kmsg_names_Viewer viewer = kmsg_names_Viewer_initial;
    kmi_watching     *w = NULL;

    viewer.process = 99;
    viewer.group = kmsg_str("g");
    OK(kmi_table_watch(table, &viewer, kmsg_str(pattern), LAN, on_change, r, &w));
    return w;
}

static const char *said(record *r)
{
    static char text[sizeof r->text];

    memcpy(text, r->text, sizeof text);
    r->text[0] = '\0';
    return text;
}

/* ---- who stands ------------------------------------------------------------------------------ */

TEST(of_two_with_one_name_the_earlier_stands)
{
    kmi_table         *table = kmi_table_new();
    kmsg_names_Listing a = listing("x", 1, 20), b = listing("x", 2, 10);
    record             told = {""}, seen = {""};
    kmi_entry         *first = NULL, *second;

    OK(kmi_table_add(table, &a, NULL, NULL, true, on_stands, &told, &first));
    watch(table, "x", &seen);
    EQ_STR(said(&seen), "+1");
    CHECK(first->stands && told.text[0] == '\0');
    second = add(table, &b);
    CHECK(second->stands && !first->stands);
    EQ_STR(said(&told), "falls:1 by:2");
    EQ_STR(said(&seen), "-1 +2");
    EQ_PTR(kmi_table_winner(table, first), second);
    EQ_PTR(kmi_table_winner(table, second), NULL);
    kmi_table_remove(table, second);
    EQ_STR(said(&told), "stands:1");
    EQ_STR(said(&seen), "-2 +1");
    kmi_table_free(table);
    EQ_STR(said(&seen), "");
}

TEST(ties_are_decided_by_node_and_number)
{
    kmi_table         *table = kmi_table_new();
    kmsg_names_Listing a = listing("x", 5, 7), b = listing("x", 4, 7), c = listing("x", 4, 7);
    kmi_entry         *five = add(table, &a), *four = add(table, &b), *less;

    CHECK(four->stands && !five->stands);
    c.number = 0;
    less = add(table, &c);
    CHECK(less->stands && !four->stands && !five->stands);
    kmi_table_free(table);
}

TEST(all_of_a_pool_stand_and_beside_others_the_earliest_decides)
{
    kmi_table         *table = kmi_table_new();
    kmsg_names_Listing a = listing("x", 1, 10), b = listing("x", 2, 20), c = listing("x", 3, 5);
    record             seen = {""};
    kmi_entry         *unique;

    a.pool = b.pool = true;
    watch(table, "*", &seen);
    add(table, &b);
    add(table, &a);
    EQ_STR(said(&seen), "+2 +1");
    unique = add(table, &c);
    CHECK(unique->stands);
    CHECK(!kmi_table_find(table, 1, 1)->stands && !kmi_table_find(table, 2, 1)->stands);
    EQ_STR(said(&seen), "-1 -2 +3");
    kmi_table_remove(table, unique);
    EQ_STR(said(&seen), "-3 +1 +2");
    c.since = 15; /* later than the first of the pool */
    unique = add(table, &c);
    CHECK(!unique->stands);
    kmi_table_remove(table, kmi_table_find(table, 1, 1));
    EQ_STR(said(&seen), "-1 -2 +3");
    kmi_table_free(table);
}

TEST(who_comes_anew_is_refused_if_another_one_stands)
{
    kmi_table         *table = kmi_table_new();
    kmsg_names_Listing a = listing("x", 1, 20), b = listing("x", 2, 10);
    kmi_entry         *first = add(table, &a), *who = NULL;

    FAILS(kmi_table_add(table, &b, NULL, NULL, true, NULL, NULL, &who), KMSG_EEXIST);
    EQ_PTR(who, first);
    EQ_UINT(kmi_table_count(table), 1);
    b.pool = true;
    FAILS(kmi_table_add(table, &b, NULL, NULL, true, NULL, NULL, &who), KMSG_EEXIST);
    b.scope = LAN; /* another key */
    OK(kmi_table_add(table, &b, NULL, NULL, true, NULL, NULL, &who));
    CHECK(first->stands && who->stands);
    kmi_table_free(table);
}

TEST(who_comes_anew_joins_a_pool_if_he_is_of_one)
{
    kmi_table         *table = kmi_table_new();
    kmsg_names_Listing a = listing("x", 1, 20), b = listing("x", 2, 10);
    kmi_entry         *who = NULL;

    a.pool = b.pool = true;
    add(table, &a);
    OK(kmi_table_add(table, &b, NULL, NULL, true, NULL, NULL, &who));
    CHECK(who->stands && kmi_table_find(table, 1, 1)->stands);
    b.node = 3;
    b.pool = false;
    FAILS(kmi_table_add(table, &b, NULL, NULL, true, NULL, NULL, &who), KMSG_EEXIST);
    kmi_table_free(table);
}

TEST(names_in_other_regions_are_other_names)
{
    kmi_table         *table = kmi_table_new();
    kmsg_names_Listing l = listing("x", 1, 1);
    size_t             stand = 0;

    for (uint64_t node = 1; node <= 8; node++) {
        l.node = node;
        l.process = node % 2;
        l.group = kmsg_str(node % 4 < 2 ? "a" : "b");
        l.scope = node <= 4 ? PROCESS : GROUP;
        add(table, &l);
    }
    for (uint64_t node = 1; node <= 8; node++)
        stand += kmi_table_find(table, node, 1)->stands;
    EQ_UINT(stand, 4); /* two processes, two groups */
    kmi_table_free(table);
}

/* ---- replacing ------------------------------------------------------------------------------- */

TEST(an_equal_listing_replaces_the_other_silently)
{
    kmi_table         *table = kmi_table_new();
    kmsg_names_Listing a = listing("x", 1, 20);
    record             seen = {""};
    kmi_entry         *first = add(table, &a), *again = NULL;

    watch(table, "**", &seen);
    EQ_STR(said(&seen), "+1");
    OK(kmi_table_add(table, &a, NULL, &seen, true, NULL, NULL, &again));
    EQ_PTR(again, first);
    EQ_PTR(again->owner, &seen);
    EQ_STR(said(&seen), "");
    kmi_table_free(table);
}

TEST(another_listing_of_the_same_number_replaces_it_and_who_watches_hears)
{
    kmi_table         *table = kmi_table_new();
    kmsg_names_Listing a = listing("x", 1, 20);
    record             seen = {""};
    kmi_entry         *entry = NULL;

    add(table, &a);
    watch(table, "*", &seen);
    EQ_STR(said(&seen), "+1");
    a.object = 5;
    OK(kmi_table_add(table, &a, NULL, NULL, true, NULL, NULL, &entry));
    EQ_STR(said(&seen), "-1 +1");
    a.name = kmsg_str("y/z");
    add(table, &a);
    EQ_STR(said(&seen), "-1");
    EQ_UINT(kmi_table_count(table), 1);
    EQ_STR(kmi_table_find(table, 1, 1)->listing.name.data, "y/z");
    kmi_table_free(table);
}

TEST(what_cannot_replace_leaves_what_was_there)
{
    kmi_table         *table = kmi_table_new();
    kmsg_names_Listing a = listing("x", 1, 20), b = listing("y", 2, 10);
    record             seen = {""};
    kmi_entry         *who = NULL;

    add(table, &a);
    add(table, &b);
    watch(table, "*", &seen);
    said(&seen);
    a.name = kmsg_str("y");
    FAILS(kmi_table_add(table, &a, NULL, NULL, true, NULL, NULL, &who), KMSG_EEXIST);
    EQ_UINT(who->listing.node, 2);
    a.name = kmsg_str("\n");
    FAILS(kmi_table_add(table, &a, NULL, NULL, false, NULL, NULL, &who), KMSG_EINVAL);
    EQ_STR(said(&seen), "");
    EQ_STR(kmi_table_find(table, 1, 1)->listing.name.data, "x");
    kmi_table_free(table);
}

TEST(a_copy_is_kept)
{
    kmi_table         *table = kmi_table_new();
    char               name[] = "x", url[] = "tcp::7000";
    kmsg_string        urls[] = {{url, strlen(url)}};
    uint64_t           services[] = {1, 2};
    kmsg_names_Listing a = listing(name, 1, 20);
    kmi_entry         *entry;

    a.urls.items = urls;
    a.urls.count = 1;
    a.services.items = services;
    a.services.count = 2;
    entry = add(table, &a);
    name[0] = url[0] = '?';
    services[1] = 3;
    EQ_STR(entry->listing.name.data, "x");
    EQ_STR(entry->listing.urls.items[0].data, "tcp::7000");
    EQ_UINT(entry->listing.services.items[1], 2);
    kmi_table_free(table);
}

/* ---- who sees it ----------------------------------------------------------------------------- */

static const char *distances(const kmsg_names_Viewer *viewer, kmsg_names_Scope scope,
                             const kmsg_names_Listing *l, const kmi_far *far)
{
    static record r;
    kmi_table    *table = kmi_table_new();
    kmi_watching *w = NULL;
    kmi_entry    *entry = NULL;

    r.text[0] = '\0';
    OK(kmi_table_add(table, l, far, NULL, false, NULL, NULL, &entry));
    OK(kmi_table_watch(table, viewer, l->name, scope, on_distance, &r, &w));
    kmi_table_free(table);
    return r.text;
}

TEST(a_name_is_seen_where_both_scopes_reach)
{
    kmsg_names_Listing l = listing("x", 1, 1);
    kmsg_names_Viewer  v = kmsg_names_Viewer_initial;

    v.process = 1;
    v.group = kmsg_str("other");
    EQ_STR(distances(&v, PROCESS, &l, NULL), "1");
    v.process = 2;
    EQ_STR(distances(&v, GROUP, &l, NULL), "");
    EQ_STR(distances(&v, HOST, &l, NULL), "3");
    l.scope = GROUP;
    EQ_STR(distances(&v, LAN, &l, NULL), "");
    v.group = kmsg_str("g");
    EQ_STR(distances(&v, LAN, &l, NULL), "2");
    EQ_STR(distances(&v, PROCESS, &l, NULL), "");
    l.scope = PROCESS;
    EQ_STR(distances(&v, LAN, &l, NULL), "");
    l.scope = LAN;
    EQ_STR(distances(&v, HOST, &l, &elsewhere), "");
    EQ_STR(distances(&v, LAN, &l, &elsewhere), "4");
}

TEST(what_comes_later_is_seen_by_those_whose_pattern_matches)
{
    kmi_table         *table = kmi_table_new();
    kmsg_names_Listing a = listing("a/b", 1, 1), b = listing("a.b", 2, 1);
    record             literal = {""}, pattern = {""}, all = {""}, none = {""};
    kmi_watching      *w;

    watch(table, "a/b", &literal);
    watch(table, "*", &pattern);
    w = watch(table, "**", &all);
    watch(table, "b*", &none);
    add(table, &a);
    add(table, &b);
    kmi_table_unwatch(table, w);
    kmi_table_remove(table, kmi_table_find(table, 1, 1));
    EQ_STR(said(&literal), "+1 -1");
    EQ_STR(said(&pattern), "+2");
    EQ_STR(said(&all), "+1 +2");
    EQ_STR(said(&none), "");
    kmi_table_free(table);
}

TEST(who_watches_hears_of_one_that_has_moved)
{
    kmi_table         *table = kmi_table_new();
    kmsg_names_Listing a = listing("x", 1, 1);
    record             seen = {""};
    kmi_entry         *entry = NULL;

    a.scope = LAN;
    OK(kmi_table_add(table, &a, &elsewhere, NULL, false, NULL, NULL, &entry));
    watch(table, "x", &seen);
    kmi_table_moved(table, entry);
    EQ_STR(said(&seen), "+1 +1");
    kmi_table_free(table);
}

/* ---- what is refused ------------------------------------------------------------------------- */

TEST(what_makes_no_sense_is_refused_with_words)
{
    kmi_table         *table = kmi_table_new();
    kmsg_names_Listing a = listing("", 1, 1);
    kmsg_names_Viewer  v = kmsg_names_Viewer_initial;
    kmi_entry         *entry = NULL;
    kmi_watching      *w = NULL;
    record             r = {""};

    FAILS(kmi_table_add(table, &a, NULL, NULL, false, NULL, NULL, &entry), KMSG_EINVAL);
    HAS(kmsg_last_error(), "a name is not empty");
    a.name = kmsg_str("x");
    a.scope = kmsg_names_Scope_NONE;
    FAILS(kmi_table_add(table, &a, NULL, NULL, false, NULL, NULL, &entry), KMSG_EINVAL);
    HAS(kmsg_last_error(), "there is no scope 0");
    a.scope = (kmsg_names_Scope)5;
    FAILS(kmi_table_add(table, &a, NULL, NULL, false, NULL, NULL, &entry), KMSG_EINVAL);
    a.scope = HOST;
    FAILS(kmi_table_add(table, &a, &elsewhere, NULL, false, NULL, NULL, &entry), KMSG_EINVAL);
    HAS(kmsg_last_error(), "its scope is not the LAN");
    FAILS(kmi_table_watch(table, &v, kmsg_str("["), LAN, on_change, &r, &w), KMSG_EINVAL);
    FAILS(kmi_table_watch(table, &v, kmsg_str("x"), (kmsg_names_Scope)9, on_change, &r, &w),
          KMSG_EINVAL);
    EQ_UINT(kmi_table_count(table), 0);
    EQ_PTR(w, NULL);
    kmi_table_free(table);
}

TEST(a_table_has_so_many_entries_and_other_hosts_cannot_take_all_of_them)
{
    kmi_table         *table = kmi_table_new();
    kmsg_names_Listing l = listing("x", 1, 1);
    kmi_entry         *entry = NULL;
    uint64_t           number = 0;

    l.scope = LAN;
    l.pool = true;
    for (; number < KMI_ENTRIES_MAX - KMI_ENTRIES_OWN; number++) {
        l.number = number;
        OK(kmi_table_add(table, &l, &elsewhere, NULL, false, NULL, NULL, &entry));
    }
    l.number = number;
    FAILS(kmi_table_add(table, &l, &elsewhere, NULL, false, NULL, NULL, &entry), KMSG_EFULL);
    HAS(kmsg_last_error(), "the directory is full");
    l.scope = HOST;
    for (; number < KMI_ENTRIES_MAX; number++) {
        l.number = number;
        add(table, &l);
    }
    l.object = 7;
    add(table, &l); /* in place of one that is there */
    l.number = number;
    FAILS(kmi_table_add(table, &l, NULL, NULL, false, NULL, NULL, &entry), KMSG_EFULL);
    EQ_UINT(kmi_table_count(table), KMI_ENTRIES_MAX);
    kmi_table_free(table);
}

TEST(what_a_host_has_for_others_fits_into_a_message)
{
    kmi_table         *table = kmi_table_new();
    static uint64_t    services[1024];
    kmsg_names_Listing l = listing("x", 1, 1);
    kmi_entry         *entry = NULL;
    kmsg_err           err = KMSG_OK;
    size_t             size, count = 0;

    l.scope = LAN;
    l.pool = true;
    l.services.items = services;
    l.services.count = 1024;
    OK(kmsg_names_Listing_encoded_size(&l, &size));
    while (err == KMSG_OK && count < 4096) {
        l.number = count;
        err = kmi_table_add(table, &l, NULL, NULL, false, NULL, NULL, &entry);
        count += err == KMSG_OK;
    }
    FAILS(err, KMSG_EFULL);
    EQ_UINT(count, KMI_LAN_SIZE_MAX / size);
    l.scope = HOST;
    add(table, &l);
    l.scope = LAN;
    l.number = count + 1;
    OK(kmi_table_add(table, &l, &elsewhere, NULL, false, NULL, NULL, &entry));
    kmi_table_free(table);
}

TEST(a_table_has_so_many_watches)
{
    kmi_table    *table = kmi_table_new();
    record        r = {""};
    kmi_watching *w = NULL;

    for (size_t i = 0; i < KMI_WATCHES_MAX; i++)
        w = watch(table, i % 2 == 0 ? "x" : "*", &r);
    FAILS(kmi_table_watch(table, &kmsg_names_Viewer_initial, kmsg_str("x"), LAN, on_change, &r, &w),
          KMSG_EFULL);
    kmi_table_unwatch(table, w);
    watch(table, "y", &r);
    kmi_table_free(table);
}

TEST(all_of_an_owner_with_another_mark_are_swept)
{
    kmi_table         *table = kmi_table_new();
    int                owner = 0, other = 0;
    kmsg_names_Listing l = listing("x", 1, 1);
    kmi_entry         *entry = NULL;

    l.pool = true;
    for (uint64_t number = 1; number <= 9; number++) {
        l.number = number;
        OK(kmi_table_add(table, &l, NULL, number % 3 == 0 ? &other : &owner, false, NULL, NULL,
                         &entry));
        entry->mark = number % 2;
    }
    kmi_table_sweep(table, &owner, 1);
    EQ_UINT(kmi_table_count(table), 6); /* 1 5 7 and 3 6 9 */
    EQ_PTR(kmi_table_find(table, 1, 2), NULL);
    CHECK(kmi_table_find(table, 1, 6) != NULL);
    kmi_table_free(table);
}

/* ---- against a model ------------------------------------------------------------------------- */

#define IDS     40u
#define LOOKERS 8u

typedef struct model {
    kmi_table         *table;
    kmsg_names_Listing listings[IDS]; /* node: the place + 1; scope NONE: it is not there */
    bool               far[IDS];
    bool               told[IDS]; /* what the entry was told last */
    kmsg_names_Viewer  viewers[LOOKERS];
    kmsg_names_Scope   scopes[LOOKERS];
    bool               seen[LOOKERS][IDS];
    kmi_watching      *watching[LOOKERS];
    unsigned           wrong;
} model;

typedef struct looker {
    model   *m;
    unsigned number;
} looker;

static const char *const names[] = {"a", "b", "a/b"};
static const char *const patterns[] = {"a", "*", "**", "b"};
static const char *const groups[] = {"", "g"};

static bool same_key(const kmsg_names_Listing *a, const kmsg_names_Listing *b)
{
    return a->scope == b->scope && kmsg_string_equal(a->name, b->name) &&
           (a->scope != PROCESS || a->process == b->process) &&
           (a->scope != GROUP || kmsg_string_equal(a->group, b->group));
}

static bool earlier(const kmsg_names_Listing *a, const kmsg_names_Listing *b)
{
    return a->since != b->since ? a->since < b->since : a->node < b->node;
}

static const kmsg_names_Listing *front(const model *m, const kmsg_names_Listing *l)
{
    const kmsg_names_Listing *first = NULL;

    for (unsigned i = 0; i < IDS; i++) {
        const kmsg_names_Listing *x = &m->listings[i];
        if (x->scope != kmsg_names_Scope_NONE && same_key(x, l) &&
            (first == NULL || earlier(x, first)))
            first = x;
    }
    return first;
}

static bool stands(const model *m, unsigned i)
{
    const kmsg_names_Listing *l = &m->listings[i], *first = front(m, l);

    return l->scope != kmsg_names_Scope_NONE && (first == l || (first->pool && l->pool));
}

static void changed(void *ctx, const kmi_entry *entry, bool here, kmsg_names_Scope distance)
{
    looker *who = ctx;
    bool   *seen = &who->m->seen[who->number][entry->listing.node - 1];

    (void)distance;
    who->m->wrong += *seen == here;
    *seen = here;
}

static void told(void *ctx, kmi_entry *entry, bool stand, const kmi_entry *by)
{
    model *m = ctx;
    bool  *last = &m->told[entry->listing.node - 1];

    m->wrong += *last == stand || stand != (by == NULL);
    *last = stand;
}

static void random_add(model *m)
{
    unsigned           i = test_random() % IDS;
    kmsg_names_Listing l = listing(names[test_random() % 3], i + 1, test_random() % 6);
    bool               far = test_random() % 4 == 0, fresh = test_random() % 2 == 0, rival = false;
    kmi_entry         *entry = NULL;
    kmsg_err           err;

    l.scope = far ? LAN : (kmsg_names_Scope)(1 + test_random() % 4);
    l.pool = test_random() % 3 == 0;
    l.process = test_random() % 2;
    l.group = kmsg_str(groups[test_random() % 2]);
    for (unsigned k = 0; k < IDS; k++)
        rival = rival || (k != i && stands(m, k) && same_key(&m->listings[k], &l) &&
                          !(l.pool && m->listings[k].pool));
    err = kmi_table_add(m->table, &l, far ? &elsewhere : NULL, m, fresh, told, m, &entry);
    if (fresh && rival) {
        FAILS(err, KMSG_EEXIST);
        return;
    }
    OK(err);
    m->listings[i] = l;
    m->far[i] = far;
    m->told[i] = entry->stands;
}

static void random_remove(model *m)
{
    unsigned   i = test_random() % IDS;
    kmi_entry *entry = kmi_table_find(m->table, i + 1, 1);

    EQ_INT(entry != NULL, m->listings[i].scope != kmsg_names_Scope_NONE);
    if (entry != NULL)
        kmi_table_remove(m->table, entry);
    m->listings[i].scope = kmsg_names_Scope_NONE;
    m->told[i] = false;
}

static bool sees(const model *m, unsigned w, unsigned i)
{
    const kmsg_names_Listing *l = &m->listings[i];
    const kmsg_names_Viewer  *v = &m->viewers[w];
    kmi_glob                  glob;
    kmsg_names_Scope          distance = m->far[i]                               ? LAN
                                         : v->process == l->process              ? PROCESS
                                         : kmsg_string_equal(v->group, l->group) ? GROUP
                                                                                 : HOST;

    OK(kmi_glob_init(&glob, kmsg_str(patterns[w % 4])));
    return stands(m, i) && distance <= l->scope && distance <= m->scopes[w] &&
           kmi_glob_matches(&glob, l->name);
}

static void check_model(const model *m)
{
    EQ_UINT(m->wrong, 0);
    for (unsigned i = 0; i < IDS; i++) {
        kmi_entry *entry = kmi_table_find(m->table, i + 1, 1);
        EQ_INT(entry != NULL && entry->stands, stands(m, i));
        EQ_INT(m->told[i], stands(m, i));
        for (unsigned w = 0; w < LOOKERS; w++)
            if (m->watching[w] != NULL)
                EQ_INT(m->seen[w][i], sees(m, w, i));
    }
}

static void random_watch(model *m, looker *lookers)
{
    unsigned w = test_random() % LOOKERS;

    if (m->watching[w] != NULL) {
        kmi_table_unwatch(m->table, m->watching[w]);
        m->watching[w] = NULL;
        return;
    }
    memset(m->seen[w], 0, sizeof m->seen[w]);
    m->viewers[w].process = test_random() % 3;
    m->viewers[w].group = kmsg_str(groups[test_random() % 2]);
    m->scopes[w] = (kmsg_names_Scope)(1 + test_random() % 4);
    OK(kmi_table_watch(m->table, &m->viewers[w], kmsg_str(patterns[w % 4]), m->scopes[w], changed,
                       &lookers[w], &m->watching[w]));
}

TEST(whatever_comes_and_goes_the_table_is_as_the_rules_say)
{
    static model m;
    looker       lookers[LOOKERS];

    for (unsigned seed = 1; seed <= test_rounds(20); seed++) {
        memset(&m, 0, sizeof m);
        m.table = kmi_table_new();
        for (unsigned w = 0; w < LOOKERS; w++)
            lookers[w] = (looker){&m, w};
        test_seed(seed);
        for (unsigned step = 0; step < 400; step++) {
            unsigned what = test_random() % 8;
            test_at("seed %u, step %u", seed, step);
            if (what < 5)
                random_add(&m);
            else if (what < 7)
                random_remove(&m);
            else
                random_watch(&m, lookers);
            check_model(&m);
        }
        kmi_table_free(m.table);
    }
}
