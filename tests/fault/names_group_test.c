/* names_group_test.c -- names that one group of processes sees, and another does not. */
#define _GNU_SOURCE
#include "fault/names.h"

__attribute__((constructor)) static void choose_group(void)
{
    setenv("KMSG_GROUP", "ours", 1);
}

TEST(a_name_of_a_group_is_seen_in_its_group_alone)
{
    role other = {.name = "grouped", .group = "others", .scope = KMSG_SCOPE_GROUP},
         own = {.name = "grouped", .group = "ours", .scope = KMSG_SCOPE_GROUP};
    child        a = begin(&other), b = begin(&own);
    kmsg_node   *node;
    events       looks = {0};
    const event *e;

    let_publish(&a);
    let_publish(&b); /* the same name in two groups is fine */
    node = kmsg_node_new();
    subscribe(node, "grouped", KMSG_SCOPE_HOST, NULL, &looks);
    e = await(node, node, &looks, KMSG_AVAILABLE);
    EQ_INT(e->distance, KMSG_SCOPE_GROUP);
    EQ_INT(pid_of(e->peer), b.pid);
    child_end(&b);
    await(node, node, &looks, KMSG_DROPPED);
    EQ_INT(looks.count, looks.read);
    kmsg_node_free(node);
    child_end(&a);
}

TEST(groups_are_named_before_they_are_used)
{
    kmsg_node *node = kmsg_node_new();
    events     offers = {0};

    FAILS(kmsg_set_group(""), KMSG_EINVAL);
    FAILS(kmsg_set_group("#1"), KMSG_EINVAL);
    publish(node, "first", KMSG_SCOPE_GROUP, false, &offers);
    FAILS(kmsg_set_group("late"), KMSG_EEXIST);
    kmsg_node_free(node);
}
