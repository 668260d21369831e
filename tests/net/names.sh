# names.sh -- programs that use names on the hosts of a lab (lab.sh). Each host has a key, which all
# trust, and a directory, which the first program there serves.
#
#   names_keys HOST...              a key for each, trusted by all
#   names_run HOST WHO [COMMAND ARGUMENT]...    tests/net/names.c: it is called WHO
#   names_directory HOST            kmsg directory, called dir-HOST
#   names_end                       all of them end
#   names_check NAME FUNCTION       as check; what one before it has left behind goes first
#   names_mute HOST                 no multicast leaves it, until lab_heal
#   names_second HOST N             a second network, 10.78.0.N
#
# KMSG_RUNTIME, KMSG_HOME and KMSG_SEEDS are as the caller sets them for one command, or the host's.

names=$B/test/net/names

# Who runs tests has none of these; hosts have their own, and may speak to all.
unset KMSG_HOME KMSG_RUNTIME KMSG_SEEDS
export KMSG_MULTICAST=on

key()
{
    KMSG_HOME=$tmp/$1 "$B/bin/kmsg" key "${@:2}"
}

names_keys()
{
    local host
    for host in "$@"; do
        key "$host" new > "$tmp/$host.key" 2>&1 || return
        echo "$(key "$host" show) $host" >> "$tmp/all"
    done
    for host in "$@"; do
        cp "$tmp/all" "$tmp/$host/trusted" && chmod 600 "$tmp/$host/trusted" || return
    done
}

names_env()
{
    echo env "KMSG_HOME=${KMSG_HOME:-$tmp/$1}" "KMSG_RUNTIME=${KMSG_RUNTIME:-$tmp/run-$1}" \
        "KMSG_SEEDS=$KMSG_SEEDS" KMSG_FAST=1
}

names_run()
{
    local host=$1 who=$2
    shift 2
    # shellcheck disable=SC2046
    lab_run "$host" "$who" $(names_env "$host") "$names" "$who" "$@"
}

names_directory()
{
    # shellcheck disable=SC2046
    lab_run "$1" "dir-$1" $(names_env "$1") "$B/bin/kmsg" directory
}

names_end()
{
    local who
    for who in "${!lab_pids[@]}"; do
        lab_kill "$who"
    done
}

names_check()
{
    local host
    names_end
    rm -rf "$tmp"/run-*
    for host in a b; do
        ip netns exec "$lab-$host" true 2> /dev/null || continue
        lab_heal "$host" 2> /dev/null
        lab_plug "$host"
    done
    check "$@"
}

has_said()
{
    grep -qF -- "$2" "$tmp/$1.said"
}

names_mute()
{
    ip netns exec "$lab-$1" nft -f - << END
table inet fault {
    chain fault {
        type filter hook output priority 0
        ip daddr 224.0.0.0/4 udp dport 7577 drop
        ip6 daddr ff00::/8 udp dport 7577 drop
    }
}
END
}

names_second()
{
    ip -n "$lab-lan" link show second > /dev/null 2>&1 ||
        ip -n "$lab-lan" link add second type bridge && ip -n "$lab-lan" link set second up &&
        ip -n "$lab-lan" link add "two-$1" type veth peer name eth1 netns "$lab-$1" &&
        ip -n "$lab-lan" link set "two-$1" master second up &&
        ip -n "$lab-$1" address add "10.78.0.$2/24" dev eth1 && ip -n "$lab-$1" link set eth1 up
}
