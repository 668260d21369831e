#!/bin/bash
# Names on several hosts of a lab: a publisher on host a, a subscriber on host b. Whoever begins,
# whoever is killed, and whatever is between them, they meet.

. tests/tap.sh
. tests/net/lab.sh
. tests/net/names.sh

# ---- in any order ----

# One after the other, each as soon as the one before runs.
in_order()
{
    local who
    for who in "$@"; do
        case $who in
        a) names_directory a ;;
        b) names_directory b ;;
        pub) names_run a pub publish thing ;;
        sub) names_run b sub subscribe 'th*' ;;
        esac || return
    done
    lab_hear sub '^answer thing pub$' && lab_hear pub '^DELIVERED thing' &&
        names_end
}

all_orders()
{
    local w x y z
    for w in a b pub sub; do
        for x in a b pub sub; do
            for y in a b pub sub; do
                for z in a b pub sub; do
                    [ "$(printf '%s\n' $w $x $y $z | sort -u | wc -l)" = 4 ] || continue
                    echo "# $w $x $y $z"
                    in_order $w $x $y $z || return
                done
            done
        done
    done
}

# ---- who is killed ----

meet()
{
    names_run a pub publish thing && names_run b sub subscribe thing &&
        lab_hear sub '^answer thing pub$' && lab_hear pub '^DELIVERED thing'
}

publisher_killed()
{
    meet && lab_kill pub && lab_hear sub '^DROPPED thing ELOST' &&
        names_run a next publish thing && lab_hear sub '^answer thing next$' && names_end
}

subscriber_killed()
{
    meet && lab_kill sub && lab_hear pub '^DROPPED thing ELOST' &&
        names_run b next subscribe thing && lab_hear next '^answer thing pub$' && names_end
}

unpublished()
{
    meet && lab_say pub 'unpublish thing' && lab_hear sub '^DROPPED thing ECLOSED' &&
        lab_hear pub '^UNPUBLISHED thing' && lab_say pub 'publish thing' &&
        lab_hear sub '^answer thing pub$' && names_end
}

# What has begun goes on without them; what is new is found by those that take their place.
directories_killed()
{
    names_directory a && names_directory b && meet && lab_kill dir-a && lab_kill dir-b &&
        lab_say pub 'publish other' && names_run b late subscribe 'other' &&
        lab_hear late '^answer other pub$' && names_run b second subscribe thing &&
        lab_hear second '^answer thing pub$' && ! has_said sub DROPPED && names_end
}

# ---- the network ----

# The side that is cut off goes on by itself, and both meet again.
split()
{
    meet && lab_unplug b && lab_say sub 'await 0/0' && lab_hear sub '^survey' &&
        names_run b own publish thing && lab_hear sub '^answer thing own$' &&
        lab_plug b && lab_kill own && lab_hear sub '^answer thing pub$' && names_end
}

# Two have published the same name while they could not hear each other: one of them stands.
split_with_two()
{
    names_run a pub publish thing && lab_hear pub '^PUBLISHED thing' && lab_unplug b &&
        names_run b other publish thing && lab_hear other '^PUBLISHED thing' && lab_plug b &&
        lab_hear other '^NOT_PUBLISHED thing EEXIST' && ! has_said pub NOT_PUBLISHED &&
        names_run b sub subscribe thing && lab_hear sub '^answer thing pub$' && names_end
}

reboot()
{
    meet && lab_vanish a && lab_hear sub '^DROPPED thing ELOST' && lab_host a 1 &&
        rm -rf "$tmp/run-a" && names_run a pub2 publish thing &&
        lab_hear sub '^answer thing pub2$' && names_end
}

# The first one has it, wherever the second one is.
taken()
{
    names_run a pub publish thing && lab_hear pub '^PUBLISHED thing' &&
        names_run b sub subscribe thing && lab_hear sub '^answer thing pub$' &&
        names_run b other publish thing && lab_hear other '^NOT_PUBLISHED thing EEXIST' &&
        names_end
}

# Multicast does not pass: only who is told of another one finds it.
seeds()
{
    names_mute a && names_mute b && names_run a pub publish thing &&
        KMSG_SEEDS=10.77.0.1:7577 names_run b sub subscribe thing &&
        lab_hear sub '^answer thing pub$' && lab_say pub 'publish later' &&
        names_run b late subscribe later && lab_hear late '^answer later pub$' && names_end &&
        lab_heal a && lab_heal b
}

seeds_ip6()
{
    names_mute a && names_mute b && names_run a pub publish thing &&
        KMSG_SEEDS='[fd77::1]:7577' names_run b sub subscribe thing &&
        lab_hear sub '^answer thing pub$' && names_end && lab_heal a && lab_heal b
}

# Other names pass, and what is said at the switch shows none of them.
ip6_alone()
{
    ip -n "$lab-a" -4 address flush dev eth0 && ip -n "$lab-b" -4 address flush dev eth0 &&
        meet && names_end && ip -n "$lab-a" address add 10.77.0.1/24 dev eth0 &&
        ip -n "$lab-b" address add 10.77.0.2/24 dev eth0
}

two_interfaces()
{
    names_second a 1 && names_second b 2 && meet && lab_unplug b && lab_hear sub '^DROPPED' &&
        lab_hear sub '^answer thing pub$' && lab_plug b && names_end
}

loopback_alone()
{
    lab_unplug a && names_run a pub publish thing && names_run a sub subscribe thing &&
        lab_hear sub '^answer thing pub$' && names_end && lab_plug a
}

# Another user of the same host: another directory, with a key of its own.
two_users()
{
    names_run a pub publish thing && KMSG_RUNTIME=$tmp/run-other KMSG_HOME=$tmp/b \
        names_run a sub subscribe thing && lab_hear sub '^answer thing pub$' && names_end
}

without_key()
{
    KMSG_HOME=$tmp/nobody names_run a pub publish thing &&
        lab_hear pub '^failed thing EKEY .*kmsg key new' && names_end
}

untrusted()
{
    key b revoke a && names_run a pub publish thing && names_run b sub subscribe thing &&
        lab_hear sub "^log .*kmsg key trust $(key a show)" && ! has_said sub AVAILABLE &&
        key b trust "$(key a show)" a && lab_hear sub '^answer thing pub$' && names_end
}

lab_start
lab_host a 1
lab_host b 2
names_keys a b
check 'sockets for multicast work on an interface that is not loopback' \
    ip netns exec "$lab-a" env TEST_INTERFACE=eth0 "$B/test/unit/multicast_test"
names_check 'without a key it is said how to make one' without_key
names_check 'they meet in each order of two directories, publisher and subscriber' all_orders
names_check 'the publisher is killed, and another one comes' publisher_killed
names_check 'the subscriber is killed, and another one comes' subscriber_killed
names_check 'what is withdrawn goes, and comes back' unpublished
names_check 'both directories are killed: sessions go on, and new names are found' directories_killed
names_check 'a name has one publisher in the LAN' taken
names_check 'a network splits and heals' split
names_check 'a name that was published on both sides of a split has one publisher after it' split_with_two
names_check 'a host reboots' reboot
names_check 'without multicast, a seed is enough' seeds
names_check 'without multicast, a seed over IPv6 is enough' seeds_ip6
names_check 'IPv6 alone is enough' ip6_alone
names_check 'with a second network between them, the first one may go' two_interfaces
names_check 'a host that is alone is a LAN' loopback_alone
names_check 'two users of a host find each other' two_users
names_check 'who is not trusted is not found until he is' untrusted
finish
