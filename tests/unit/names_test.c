/* names_test.c -- who publishes, who looks, in one process; what each side is told. */
#define _DEFAULT_SOURCE
#include "named.h"

/* ---- meeting ------------------------------------------------------------------------------- */

static void they_meet(kmsg_scope scope, bool subscriber_first)
{
    server             s;
    kmsg_node         *node = kmsg_node_new();
    events             offers = {0}, looks = {0};
    kmsg_subscription *sub = NULL;
    kmsg_arena        *mem = kmsg_arena_new();
    int64_t            number;
    const event       *e;

    server_init(&s, NULL);
    if (subscriber_first) {
        sub = subscribe(node, "the/talk", scope, &talk_Other_service, &looks);
        await(s.node, node, &looks, KMSG_SUBSCRIBED);
    }
    publish(s.node, "the/talk", scope, false, &offers);
    await(s.node, node, &offers, KMSG_PUBLISHED);
    if (!subscriber_first)
        sub = subscribe(node, "the/talk", scope, &talk_Other_service, &looks);
    e = await(s.node, node, &looks, KMSG_AVAILABLE);
    EQ_STR(e->name, "the/talk");
    EQ_INT(e->distance, KMSG_SCOPE_PROCESS);
    await(s.node, node, &offers, KMSG_DELIVERED);
    OK(kmsg_start(s.node));
    OK(talk_Other_twice(e->peer, 21, mem, &number));
    EQ_INT(number, 42);
    kmsg_unsubscribe(sub);
    EQ_INT(await(node, node, &looks, KMSG_DROPPED)->err, KMSG_OK);
    await(node, node, &looks, KMSG_UNSUBSCRIBED);
    kmsg_node_free(node);
    server_done(&s);
    EQ_INT(offers.list[offers.count - 1].kind, KMSG_DROPPED);
    kmsg_arena_free(mem);
}

TEST(who_looks_first_finds_who_comes_in_the_process)
{
    they_meet(KMSG_SCOPE_PROCESS, true);
}

TEST(who_comes_first_is_found_in_the_process)
{
    they_meet(KMSG_SCOPE_PROCESS, false);
}

TEST(who_looks_first_finds_who_comes_on_the_host)
{
    they_meet(KMSG_SCOPE_HOST, true);
}

TEST(who_comes_first_is_found_on_the_host)
{
    they_meet(KMSG_SCOPE_HOST, false);
}

/* ---- a peer that follows a name ------------------------------------------------------------ */

TEST(a_call_to_a_name_waits_for_it)
{
    server      s;
    kmsg_node  *node = kmsg_node_new();
    kmsg_peer  *peer;
    outcome     got = {0};
    kmsg_arena *mem = kmsg_arena_new();
    int64_t     number;

    OK(kmsg_find(node, "later", KMSG_SCOPE_HOST, &talk_Other_service, &peer));
    talk_Talk_sum_async(peer, &got, sum_done);
    server_init(&s, NULL);
    OK(kmsg_publish(s.node, "later", KMSG_SCOPE_HOST, NULL, NULL));
    DRIVE(s.node, node, got.count == 1);
    EQ_INT(got.err, KMSG_OK);
    OK(kmsg_start(s.node));
    OK(talk_Other_twice(peer, 4, mem, &number));
    EQ_INT(number, 8);
    kmsg_peer_close(peer);
    server_done(&s);
    kmsg_node_free(node);
    kmsg_arena_free(mem);
}

TEST(a_call_to_a_name_that_nobody_has_ends_at_its_deadline)
{
    kmsg_node *node = kmsg_node_new();
    kmsg_peer *peer;
    int64_t    number;

    OK(kmsg_find(node, "nobody", KMSG_SCOPE_HOST, NULL, &peer));
    kmsg_peer_set_timeout_ms(peer, 30);
    FAILS(talk_Other_twice(peer, 4, NULL, &number), KMSG_ETIMEDOUT);
    HAS(kmsg_last_error(), "name:nobody: nobody was found who publishes it");
    kmsg_node_free(node);
}

TEST(a_handler_may_wait_for_a_name)
{
    server     s, other;
    kmsg_node *node = kmsg_node_new();
    outcome    got = {0};
    kmsg_peer *peer;

    server_init(&s, new_name());
    OK(kmsg_find(s.node, "asked by a handler", KMSG_SCOPE_HOST, &talk_Other_service, &s.ask));
    server_init(&other, NULL);
    OK(kmsg_publish(other.node, "asked by a handler", KMSG_SCOPE_HOST, NULL, NULL));
    OK(kmsg_start(other.node));
    peer = dial(node, &s);
    talk_Talk_echo_async(peer, &(talk_Note){.text = kmsg_str("ask the named"), .number = 3}, &got,
                         echo_done);
    DRIVE(s.node, node, got.count == 1);
    EQ_INT(got.err, KMSG_OK);
    EQ_INT(got.number, 6);
    server_done(&other);
    server_done(&s);
    kmsg_node_free(node);
}

/* ---- who has a name ------------------------------------------------------------------------ */

TEST(a_second_publisher_of_a_name_is_told_who_has_it)
{
    kmsg_node        *one = kmsg_node_new(), *two = kmsg_node_new();
    events            first = {0}, second = {0};
    kmsg_publication *pub;

    publish(one, "mine", KMSG_SCOPE_HOST, false, &first);
    await(one, two, &first, KMSG_PUBLISHED);
    pub = publish(two, "mine", KMSG_SCOPE_HOST, false, &second);
    EQ_INT(await(one, two, &second, KMSG_NOT_PUBLISHED)->err, KMSG_EEXIST);
    HAS(second.list[0].words, "names_test (process ");
    HAS(second.list[0].words, ") has the name");
    FAILS(kmsg_published(pub, 10), KMSG_EEXIST);
    kmsg_unpublish(pub);
    await(one, two, &second, KMSG_UNPUBLISHED);
    publish(two, "mine", KMSG_SCOPE_PROCESS, false, &second);
    await(one, two, &second, KMSG_PUBLISHED);
    kmsg_node_free(two);
    kmsg_node_free(one);
}

TEST(a_name_is_free_when_its_publisher_has_let_go_of_it)
{
    kmsg_node        *one = kmsg_node_new(), *two = kmsg_node_new();
    events            first = {0}, second = {0};
    kmsg_publication *pub = publish(one, "free", KMSG_SCOPE_HOST, false, &first);

    await(one, two, &first, KMSG_PUBLISHED);
    kmsg_unpublish(pub);
    await(one, two, &first, KMSG_UNPUBLISHED);
    publish(two, "free", KMSG_SCOPE_HOST, false, &second);
    await(one, two, &second, KMSG_PUBLISHED);
    kmsg_node_free(one);
    kmsg_node_free(two);
}

TEST(the_nearest_publisher_is_chosen_and_changes_are_dropped_then_available)
{
    kmsg_node         *near = kmsg_node_new(), *far = kmsg_node_new();
    events             offers = {0}, looks = {0};
    kmsg_publication  *host;
    kmsg_subscription *sub = subscribe(near, "who", KMSG_SCOPE_HOST, NULL, &looks);
    uint64_t           first;

    host = publish(far, "who", KMSG_SCOPE_HOST, false, &offers);
    first = await(near, far, &looks, KMSG_AVAILABLE)->session;
    kmsg_unpublish(host);
    EQ_INT(await(near, far, &looks, KMSG_DROPPED)->err, KMSG_ECLOSED);
    CHECK(looks.list[looks.read - 1].session == first);
    EQ_INT(await(near, far, &offers, KMSG_DROPPED)->err, KMSG_OK);
    await(near, far, &offers, KMSG_UNPUBLISHED);
    kmsg_unsubscribe(sub);
    await(near, far, &looks, KMSG_UNSUBSCRIBED);
    kmsg_node_free(near);
    kmsg_node_free(far);
}

TEST(of_a_pool_each_one_is_available)
{
    kmsg_node *a = kmsg_node_new(), *b = kmsg_node_new();
    events     offers = {0}, looks = {0};
    uint64_t   session;

    publish(a, "workers/1", KMSG_SCOPE_HOST, true, &offers);
    publish(b, "workers/1", KMSG_SCOPE_HOST, true, &offers);
    subscribe(a, "workers/*", KMSG_SCOPE_HOST, NULL, &looks);
    session = await(a, b, &looks, KMSG_AVAILABLE)->session;
    CHECK(await(a, b, &looks, KMSG_AVAILABLE)->session != session);
    kmsg_node_free(b);
    EQ_INT(await(a, a, &looks, KMSG_DROPPED)->err, KMSG_ECLOSED);
    kmsg_node_free(a);
}

TEST(a_pattern_finds_each_name_that_matches_as_a_whole)
{
    kmsg_node *node = kmsg_node_new();
    events     offers = {0}, looks = {0};

    publish(node, "shop/a", KMSG_SCOPE_PROCESS, false, &offers);
    publish(node, "shop/b/c", KMSG_SCOPE_PROCESS, false, &offers);
    publish(node, "shop", KMSG_SCOPE_PROCESS, false, &offers);
    subscribe(node, "shop/*", KMSG_SCOPE_PROCESS, NULL, &looks);
    DRIVE(node, node, looks.count == 2); /* SUBSCRIBED, and that one */
    EQ_STR(await(node, node, &looks, KMSG_AVAILABLE)->name, "shop/a");
    kmsg_node_free(node);
    EQ_INT(looks.count, 3);
}

/* ---- services that do not fit -------------------------------------------------------------- */

TEST(a_service_that_is_not_offered_is_said)
{
    kmsg_node *node = kmsg_node_new(), *other = kmsg_node_new();
    kmsg_peer *peer;
    outcome    got = {0};

    OK(kmsg_publish(other, "empty", KMSG_SCOPE_HOST, NULL, NULL));
    OK(kmsg_find(node, "empty", KMSG_SCOPE_HOST, &talk_Talk_service, &peer));
    talk_Talk_echo_async(peer, &(talk_Note){.text = kmsg_str("")}, &got, echo_done);
    DRIVE(node, other, got.count == 1);
    EQ_INT(got.err, KMSG_EMISMATCH);
    HAS(got.words, "empty does not offer talk.Talk");
    kmsg_node_free(node);
    kmsg_node_free(other);
}

/* ---- what cannot be ------------------------------------------------------------------------ */

TEST(names_and_patterns_are_checked)
{
    kmsg_node                   *node = kmsg_node_new();
    const kmsg_subscribe_options options = {.heard = hear_event};
    char                         name[KMSG_NAME_MAX + 2];

    memset(name, 'x', sizeof name);
    name[KMSG_NAME_MAX + 1] = '\0';
    FAILS(kmsg_publish(node, name, KMSG_SCOPE_HOST, NULL, NULL), KMSG_EINVAL);
    FAILS(kmsg_publish(node, "", KMSG_SCOPE_HOST, NULL, NULL), KMSG_EINVAL);
    FAILS(kmsg_publish(node, "a\nb", KMSG_SCOPE_HOST, NULL, NULL), KMSG_EINVAL);
    FAILS(kmsg_publish(node, "$mine", KMSG_SCOPE_HOST, NULL, NULL), KMSG_EINVAL);
    FAILS(kmsg_publish(node, "a", (kmsg_scope)9, NULL, NULL), KMSG_EINVAL);
    FAILS(kmsg_subscribe(node, "[a", KMSG_SCOPE_HOST, &options, NULL), KMSG_EINVAL);
    kmsg_node_free(node);
}

static void unpublish_now(void *ctx)
{
    kmsg_unpublish(ctx);
}

TEST(a_callback_may_unpublish_what_is_waited_for)
{
    kmsg_node        *node = kmsg_node_new();
    kmsg_publication *pub = NULL;

    OK(kmsg_publish(node, "short", KMSG_SCOPE_PROCESS, NULL, &pub));
    OK(kmsg_defer_ts(node, pub, unpublish_now));
    FAILS(kmsg_published(pub, PATIENCE_MS), KMSG_ECLOSED);
    kmsg_node_free(node);
}

TEST(who_looks_in_the_process_sees_what_is_published_wider_in_it)
{
    kmsg_node *a = kmsg_node_new(), *b = kmsg_node_new();
    events     offers = {0}, looks = {0};

    subscribe(a, "wide", KMSG_SCOPE_PROCESS, NULL, &looks);
    await(a, b, &looks, KMSG_SUBSCRIBED);
    publish(b, "wide", KMSG_SCOPE_HOST, false, &offers);
    EQ_INT(await(a, b, &looks, KMSG_AVAILABLE)->distance, KMSG_SCOPE_PROCESS);
    kmsg_node_free(b);
    kmsg_node_free(a);
}
