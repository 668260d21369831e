#!/bin/bash
# Fifty hosts with twenty names each: all know all soon, and it takes no more messages than
# runtime/DIRECTORY.md says.

. tests/tap.sh
. tests/net/lab.sh
. tests/net/names.sh

hosts=50
each=20

all_hosts()
{
    local i
    for i in $(seq $hosts); do
        echo "h$i"
    done
}

# Linux keeps a thousand addresses of neighbors for all namespaces together, and fifty hosts need
# more: so they are told, once and for ever, which do not count.
neighbors()
{
    local i
    for i in $(seq $hosts); do
        [ "$i" != "$1" ] || continue
        printf 'neighbor add %s lladdr 02:00:00:00:00:%02x dev eth0 nud permanent\n' \
            "10.77.0.$i" "$i" "$(printf fe80::ff:fe00:%x "$i")" "$i"
    done
}

make_hosts()
{
    local i
    for i in $(seq $hosts); do
        lab_host "h$i" "$i" && neighbors "$i" > "$tmp/neighbors" &&
            ip -n "$lab-h$i" -batch "$tmp/neighbors" || return
    done
    # shellcheck disable=SC2046
    names_keys $(all_hosts)
}

# The names of host $1, as commands.
offers()
{
    local i
    for i in $(seq $each); do
        echo "publish of-$1-$i"
    done
}

start_all()
{
    local host
    for host in $(all_hosts); do
        # shellcheck disable=SC2046
        names_run "$host" "$host" $(offers "$host") || return
    done
}

# All of them know of all hosts, and of so many names.
all_know()
{
    local host
    for host in $(all_hosts); do
        lab_say "$host" "await $((hosts - 1))/$1"
    done
    for host in $(all_hosts); do
        lab_hear "$host" '^survey hosts' || return
    done
}

# What all have sent, been answered, and fetched since they began: sums over all hosts.
sums()
{
    local host
    for host in $(all_hosts); do
        lab_say "$host" survey
    done
    for host in $(all_hosts); do
        lab_hear "$host" '^survey hosts' || return
    done
    for host in $(all_hosts); do
        grep '^survey hosts' "$tmp/$host.said" | tail -n 1
    done | awk '{ sent += $7; refused += $11; fetched += $13 } END { print sent, refused, fetched }'
}

converge()
{
    start_all && all_know $((hosts * each))
}

# As each begins, those that are there already answer it: half of N (N - 1) answers at most. Then 2
# beacons at first, 3 for what it offers, and one each second, as they are fast, a fifth more or less.
costs()
{
    local before_s=$1 sent refused fetched seconds
    read -r sent refused fetched < <(sums)
    seconds=$((SECONDS - before_s + 1))
    echo "sent $sent, refused $refused, fetched $fetched, in $seconds s"
    [ "$refused" = 0 ] &&
        [ "$sent" -le $((hosts * (2 + 3 + seconds * 5 / 4) + hosts * (hosts - 1) / 2)) ] &&
        [ "$fetched" -ge $((hosts * (hosts - 1))) ] && [ "$fetched" -le $((2 * hosts * (hosts - 1))) ]
}

one_change()
{
    local sent refused fetched sent2 refused2 fetched2
    read -r sent refused fetched < <(sums)
    lab_say h7 'publish one-more' && all_know $((hosts * each + 1)) || return
    read -r sent2 refused2 fetched2 < <(sums)
    echo "fetched $((fetched2 - fetched)) times"
    [ $((fetched2 - fetched)) = $((hosts - 1)) ]
}

one_is_found()
{
    names_run h3 finder subscribe 'of-h44-1?' && lab_hear finder '^answer of-h44-1[0-9] h44' 10
}

lab_start
check 'there are fifty hosts' make_hosts
began_s=$SECONDS
check 'all know all names of all' converge
check 'for the messages that the formula says' costs $began_s
check 'names of another host are found' one_is_found
check 'a change is fetched once by each other host' one_change
finish
