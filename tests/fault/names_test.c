/* names_test.c -- names between real processes, killed at will: who publishes, who looks, who
 * serves the directory. All processes begin before the test has a thread, and wait for their cue.
 */
#define _GNU_SOURCE
#include "fault/names.h"

#include <kmsg/names.kmsg.h>

#define CROWD 8

/* ---- killed ---------------------------------------------------------------------------------- */

TEST(a_session_outlives_the_directory_and_the_next_one_knows_all)
{
    role         keeper = {0}, one = {.name = "one"}, two = {.name = "two"};
    child        directory = begin(&keeper), first = begin(&one), second = begin(&two);
    kmsg_node   *node;
    events       looks = {0};
    const event *e;

    child_tell(&directory, 'g');
    EQ_INT(child_hear(&directory), 'd');
    let_publish(&first);
    node = kmsg_node_new();
    subscribe(node, "*", KMSG_SCOPE_HOST, NULL, &looks);
    e = await(node, node, &looks, KMSG_AVAILABLE);
    EQ_INT(e->distance, KMSG_SCOPE_HOST);
    EQ_INT(pid_of(e->peer), first.pid);
    EQ_INT(child_hear(&first), '+');
    child_end(&directory);
    EQ_INT(pid_of(e->peer), first.pid);
    let_publish(&second);
    e = await(node, node, &looks, KMSG_AVAILABLE);
    EQ_STR(e->name, "two");
    EQ_INT(pid_of(e->peer), second.pid);
    CHECK(!child_has_said(&first)); /* nothing was dropped, and nothing came twice */
    kmsg_node_free(node);
    EQ_INT(child_hear(&first), '-');
    child_end(&first);
    child_end(&second);
}

TEST(who_is_killed_is_dropped_and_the_next_one_is_found)
{
    role         r = {.name = "phoenix"};
    child        first = begin(&r), second = begin(&r);
    kmsg_node   *node;
    events       looks = {0};
    const event *e;

    let_publish(&first);
    node = kmsg_node_new();
    subscribe(node, "phoenix", KMSG_SCOPE_HOST, NULL, &looks);
    e = await(node, node, &looks, KMSG_AVAILABLE);
    EQ_INT(pid_of(e->peer), first.pid);
    child_end(&first);
    EQ_INT(await(node, node, &looks, KMSG_DROPPED)->err, KMSG_ELOST);
    child_tell(&second, 'g');
    e = await(node, node, &looks, KMSG_AVAILABLE);
    EQ_INT(pid_of(e->peer), second.pid);
    kmsg_node_free(node);
    child_end(&second);
}

TEST(a_peer_of_a_name_goes_on_with_the_next_one)
{
    role       r = {.name = "service"};
    child      first = begin(&r), second = begin(&r);
    kmsg_node *node;
    kmsg_peer *peer;

    let_publish(&first);
    node = kmsg_node_new();
    OK(kmsg_find(node, "service", KMSG_SCOPE_HOST, &talk_Other_service, &peer));
    EQ_INT(pid_of(peer), first.pid);
    child_end(&first);
    child_tell(&second, 'g');
    kmsg_peer_set_timeout_ms(peer, PATIENCE_MS);
    while (1) { /* one that was on its way when the first was killed may be lost */
        kmsg_arena *mem = kmsg_arena_new();
        int64_t     pid = 0;
        kmsg_err    err = talk_Other_twice(peer, 0, mem, &pid);
        kmsg_arena_free(mem);
        if (err == KMSG_ELOST)
            continue;
        OK(err);
        EQ_INT(pid, second.pid);
        break;
    }
    kmsg_node_free(node);
    child_end(&second);
}

/* ---- nearer and farther ---------------------------------------------------------------------- */

TEST(a_nearer_publisher_takes_over_and_a_farther_one_fills_in)
{
    role              r = {.name = "here"};
    child             far = begin(&r);
    kmsg_node        *node;
    events            looks = {0}, offers = {0};
    kmsg_publication *near;
    const event      *e;

    let_publish(&far);
    node = kmsg_node_new();
    subscribe(node, "here", KMSG_SCOPE_HOST, NULL, &looks);
    EQ_INT(await(node, node, &looks, KMSG_AVAILABLE)->distance, KMSG_SCOPE_HOST);
    near = publish(node, "here", KMSG_SCOPE_PROCESS, false, &offers);
    EQ_INT(await(node, node, &looks, KMSG_DROPPED)->err, KMSG_EEXIST);
    EQ_INT(await(node, node, &looks, KMSG_AVAILABLE)->distance, KMSG_SCOPE_PROCESS);
    kmsg_unpublish(near);
    EQ_INT(await(node, node, &looks, KMSG_DROPPED)->err, KMSG_ECLOSED);
    e = await(node, node, &looks, KMSG_AVAILABLE);
    EQ_INT(e->distance, KMSG_SCOPE_HOST);
    EQ_INT(pid_of(e->peer), far.pid);
    EQ_INT(looks.count, looks.read);
    kmsg_node_free(node);
    child_end(&far);
}

/* ---- in any order ---------------------------------------------------------------------------- */

static void start_in(const char *order)
{
    role       keeper = {0}, one = {.name = "any order"};
    child      directory = begin(&keeper), publisher = begin(&one);
    kmsg_node *node = NULL;
    events     looks = {0};

    for (; *order != '\0'; order++)
        switch (*order) {
        case 'd':
            child_tell(&directory, 'g');
            EQ_INT(child_hear(&directory), 'd');
            break;
        case 'p': let_publish(&publisher); break;
        default:
            node = kmsg_node_new();
            subscribe(node, "any order", KMSG_SCOPE_HOST, &talk_Other_service, &looks);
            await(node, node, &looks, KMSG_SUBSCRIBED);
            looks.read = 0;
        }
    EQ_INT(pid_of(await(node, node, &looks, KMSG_AVAILABLE)->peer), publisher.pid);
    kmsg_node_free(node);
    child_end(&publisher);
    child_end(&directory);
}

TEST(directory_publisher_and_subscriber_start_in_any_order)
{
    static const char *const orders[] = {"dps", "dsp", "pds", "psd", "sdp", "spd"};

    for (size_t i = 0; i < sizeof orders / sizeof *orders; i++)
        start_in(orders[i]);
}

static size_t count_names(kmsg_node *node, const char *begin_with)
{
    kmsg_arena       *mem = kmsg_arena_new();
    kmsg_names_Survey survey;
    kmsg_peer        *peer;
    size_t            count = 0;

    OK(kmsg_dial_directory(node, KMSG_SCOPE_HOST, &peer));
    OK(kmsg_names_Directory_survey(peer, mem, &survey));
    for (size_t i = 0; i < survey.listings.count; i++)
        count += strncmp(survey.listings.items[i].listing.name.data, begin_with,
                         strlen(begin_with)) == 0;
    kmsg_peer_close(peer);
    kmsg_arena_free(mem);
    return count;
}

TEST(of_many_that_begin_at_once_one_serves_and_after_its_death_another_one)
{
    static char names[CROWD][16];
    role        roles[CROWD];
    child       crowd[CROWD];
    kmsg_node  *node;
    events      looks = {0};

    for (int i = 0; i < CROWD; i++) {
        snprintf(names[i], sizeof names[i], "crowd/%d", i);
        roles[i] = (role){.name = names[i]};
        crowd[i] = begin(&roles[i]);
    }
    for (int i = 0; i < CROWD; i++)
        child_tell(&crowd[i], 'g');
    for (int i = 0; i < CROWD; i++)
        EQ_INT(child_hear(&crowd[i]), 'p');
    node = kmsg_node_new();
    subscribe(node, "crowd/*", KMSG_SCOPE_HOST, NULL, &looks);
    for (int i = 0; i < CROWD; i++)
        await(node, node, &looks, KMSG_AVAILABLE);
    EQ_UINT(count_names(node, "crowd/"), CROWD);
    for (int i = 0; i < CROWD / 2; i++) { /* one of them, or a later one, has served */
        child_end(&crowd[i]);
        await(node, node, &looks, KMSG_DROPPED);
    }
    DRIVE(node, node, count_names(node, "crowd/") == CROWD / 2);
    EQ_INT(looks.count, looks.read);
    kmsg_node_free(node);
    for (int i = CROWD / 2; i < CROWD; i++)
        child_end(&crowd[i]);
}

/* ---- connections ----------------------------------------------------------------------------- */

static uint32_t accepted(const kmsg_node *node)
{
    kmsg_node_facts facts;

    kmsg_node_info(node, &facts);
    return facts.accepted;
}

/* Runs the node until the test says something. */
static void work_until_told(kmsg_node *node)
{
    struct pollfd fds[] = {{.fd = kmsg_node_fd(node), .events = POLLIN},
                           {.fd = child_line, .events = POLLIN}};

    for (fds[1].revents = 0; fds[1].revents == 0;) {
        poll(fds, 2, kmsg_node_wait_ms(node));
        kmsg_must(kmsg_node_step(node));
    }
    child_wait();
}

/* Looks for all names of the test, and publishes one itself. */
static void look_at_all(void *ctx)
{
    static events                looks;
    const kmsg_subscribe_options options = {.heard = hear_event, .ctx = &looks};
    kmsg_subscription           *sub;
    kmsg_node                   *node;
    int                          available = 0;

    (void)ctx;
    child_wait();
    node = kmsg_node_new();
    kmsg_must(kmsg_publish(node, "back", KMSG_SCOPE_HOST, NULL, NULL));
    kmsg_must(kmsg_subscribe(node, "shared/*", KMSG_SCOPE_HOST, &options, &sub));
    while (available < CROWD) {
        available = 0;
        for (int i = 0; i < looks.count; i++)
            available += looks.list[i].kind == KMSG_AVAILABLE;
        kmsg_must(kmsg_node_step(node));
    }
    child_say('a');
    work_until_told(node);
    kmsg_unsubscribe(sub);
    kmsg_must(kmsg_run(node));
}

TEST(two_nodes_have_one_connection_for_all_sessions_and_it_ends_after_the_last)
{
    child              other = child_start(look_at_all, NULL);
    kmsg_node         *node = kmsg_node_new();
    events             offers = {0}, looks = {0};
    kmsg_subscription *sub;
    char               name[16];

    for (int i = 0; i < CROWD; i++) {
        snprintf(name, sizeof name, "shared/%d", i);
        publish(node, name, KMSG_SCOPE_HOST, false, &offers);
    }
    child_tell(&other, 'g');
    DRIVE(node, node, child_has_said(&other));
    EQ_INT(child_hear(&other), 'a');
    sub = subscribe(node, "back", KMSG_SCOPE_HOST, NULL, &looks);
    await(node, node, &looks, KMSG_AVAILABLE); /* over the connection that is there */
    EQ_UINT(accepted(node), 1);
    kmsg_unsubscribe(sub);
    await(node, node, &looks, KMSG_UNSUBSCRIBED);
    child_tell(&other, 'u');
    DRIVE(node, node, accepted(node) == 0); /* 8 s later, and long before the 30 s of others */
    child_end(&other);
    kmsg_node_free(node);
}

/* Both publish, and both look, at the same moment. */
static void be_one_of_two(void *ctx)
{
    static events                looks;
    const kmsg_subscribe_options options = {.heard = hear_event, .ctx = &looks};
    kmsg_node                   *node;

    (void)ctx;
    node = kmsg_node_new();
    kmsg_must(kmsg_keep_directory(node));
    child_say('r');
    work_until_told(node);
    kmsg_must(kmsg_publish(node, "two/child", KMSG_SCOPE_HOST, NULL, NULL));
    kmsg_must(kmsg_subscribe(node, "two/*", KMSG_SCOPE_HOST, &options, NULL));
    while (looks.count < 3) /* SUBSCRIBED, itself and the other one */
        kmsg_must(kmsg_node_step(node));
    child_say('a');
    for (;;) { /* how many have dialled it; 'd': something was dropped */
        work_until_told(node);
        child_say(looks.count > 3 ? 'd' : (uint8_t)('0' + accepted(node)));
    }
}

/* As the other one counts them, and this one. */
static int connections(kmsg_node *node, const child *other)
{
    int said;

    child_tell(other, '?');
    DRIVE(node, node, child_has_said(other));
    said = child_hear(other);
    CHECK(said != 'd');
    return said - '0' + (int)accepted(node);
}

TEST(two_nodes_that_dial_each_other_at_once_keep_one_connection_and_all_sessions)
{
    child      other = child_start(be_one_of_two, NULL);
    kmsg_node *node;
    events     offers = {0}, looks = {0};

    EQ_INT(child_hear(&other), 'r');
    node = kmsg_node_new();
    child_tell(&other, 'g');
    publish(node, "two/test", KMSG_SCOPE_HOST, false, &offers);
    subscribe(node, "two/*", KMSG_SCOPE_HOST, NULL, &looks);
    await(node, node, &looks, KMSG_AVAILABLE);
    await(node, node, &looks, KMSG_AVAILABLE);
    DRIVE(node, node, child_has_said(&other));
    EQ_INT(child_hear(&other), 'a');
    CHECK(connections(node, &other) <= 2);
    DRIVE(node, node, connections(node, &other) == 1); /* one that has yielded ends 8 s later */
    EQ_INT(looks.count, looks.read);
    kmsg_node_free(node);
    child_end(&other);
}

/* ---- what is left behind --------------------------------------------------------------------- */

/* Publishes, and so serves the directory; a child of its own lives on, and uses no names. */
static void serve_and_fork(void *ctx)
{
    kmsg_publication *pub;
    kmsg_node        *node;

    (void)ctx;
    child_wait();
    node = kmsg_node_new();
    kmsg_must(kmsg_publish(node, "parent", KMSG_SCOPE_HOST, NULL, &pub));
    kmsg_must(kmsg_published(pub, PATIENCE_MS));
    if (fork() == 0) {
        prctl(PR_SET_PDEATHSIG, 0);
        child_say('f');
        child_wait();
        _exit(0);
    }
    kmsg_must(kmsg_run(node));
}

TEST(a_forked_child_does_not_keep_the_directory_of_its_parent)
{
    role  r = {.name = "afterwards"};
    child parent = child_start(serve_and_fork, NULL), next = begin(&r);

    child_tell(&parent, 'g');
    EQ_INT(child_hear(&parent), 'f');
    kill(parent.pid, SIGKILL);
    CHECK(waitpid(parent.pid, NULL, 0) == parent.pid);
    let_publish(&next);
    child_tell(&parent, 'e'); /* the child of its own ends, too */
    parent.dead = true;
    child_end(&parent);
    child_end(&next);
}

TEST(a_directory_whose_socket_was_removed_is_served_anew)
{
    kmsg_node *first = kmsg_node_new(), *second;
    events     offers = {0};
    char       path[128];

    publish(first, "first", KMSG_SCOPE_HOST, false, &offers);
    await(first, first, &offers, KMSG_PUBLISHED);
    snprintf(path, sizeof path, "%s/directory", named_folder);
    CHECK(unlink(path) == 0);
    second = kmsg_node_new();
    publish(second, "second", KMSG_SCOPE_HOST, false, &offers);
    await(first, second, &offers, KMSG_PUBLISHED);
    DRIVE(first, second, count_names(second, "") == 2);
    kmsg_node_free(second);
    kmsg_node_free(first);
}
