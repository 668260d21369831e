# lab.sh -- hosts with a network between them, on this machine: each is a network namespace, and all
# are plugged into one switch, a bridge in a namespace of its own, so that nothing of this machine's
# own network is touched. A test begins with: . tests/tap.sh; . tests/net/lab.sh
#
#   lab_start               or ends the test, skipped, where it is not permitted
#   lab_host NAME N         a host with the addresses 10.77.0.N and fd77::N
#   lab_run HOST WHO COMMAND...   start COMMAND there; it is called WHO from now on
#   lab_say WHO LINE        to its stdin
#   lab_hear WHO REGEX [COUNT]    wait until it has said so many lines that match
#   lab_stop WHO            end its input, and wait for its end
#   lab_kill WHO            kill -9
#   lab_cut HOST in|out     from now on nothing arrives there, nothing leaves it
#   lab_lose HOST PERCENT   of what arrives there
#   lab_reset HOST PORT     what arrives there for that port is answered with a reset
#   lab_heal HOST           no more of that
#   lab_unplug HOST, lab_plug HOST
#   lab_vanish HOST         all at once: no goodbye reaches anybody
#
# What WHO has said is in $tmp/WHO.said. Everything is removed at the end.

lab=kmsg-$$
lab_patience_s=30
declare -A lab_pids lab_hosts lab_stdin lab_ear
trap 'lab_end; rm -rf "$tmp"' EXIT

lab_start()
{
    local why=
    if [ "$(id -u)" != 0 ]; then
        why='network namespaces need root'
    elif ! command -v ip > /dev/null || ! command -v nft > /dev/null; then
        why='there is no ip, or no nft (make deps installs them)'
    elif ! ip netns add "$lab-lan" 2> /dev/null; then
        why='no network namespace is to be had here'
    elif ! ip -n "$lab-lan" link add lan type bridge 2> /dev/null; then
        why='no bridge is to be had here'
    elif ! ip netns exec "$lab-lan" nft add table inet fault 2> /dev/null; then
        why='nft is not permitted here'
    fi
    if [ -n "$why" ]; then
        echo "1..0 # SKIP $why"
        exit 0
    fi
    ip -n "$lab-lan" link set lan up
}

# Every name begins with this process' own, so tests may run side by side.
lab_end()
{
    local who
    for who in "${!lab_pids[@]}"; do
        lab_kill "$who"
    done
    ip netns list 2> /dev/null | sed -n "s/^\($lab-[a-z0-9]*\).*/\1/p" | while read -r who; do
        ip netns del "$who"
    done
}

# Who comes back has the same card: others find it without asking anew. An interface that is down
# keeps its addresses.
lab_host()
{
    ip netns add "$lab-$1" || return
    ip -n "$lab-lan" link add "to-$1" type veth peer name eth0 netns "$lab-$1" \
        address "02:00:00:00:00:$(printf %02x "$2")" || return
    ip -n "$lab-lan" link set "to-$1" master lan up
    ip netns exec "$lab-$1" sh -c 'echo 1 > /proc/sys/net/ipv6/conf/eth0/keep_addr_on_down'
    ip -n "$lab-$1" address add "10.77.0.$2/24" dev eth0
    ip -n "$lab-$1" address add "fd77::$2/64" dev eth0 nodad
    ip -n "$lab-$1" link set eth0 up
    ip -n "$lab-$1" link set lo up
}

# ---- who runs there ----

lab_run()
{
    local host=$1 who=$2
    shift 2
    rm -f "$tmp/$who.stdin" "$tmp/$who.said"
    mkfifo "$tmp/$who.stdin"
    : > "$tmp/$who.said"
    ip netns exec "$lab-$host" "$@" < "$tmp/$who.stdin" >> "$tmp/$who.said" 2>&1 &
    lab_pids[$who]=$!
    lab_hosts[$who]=$host
    exec {lab_fd}> "$tmp/$who.stdin"
    lab_stdin[$who]=$lab_fd
    exec {lab_fd}< <(exec tail -f -n +1 "--pid=${lab_pids[$who]}" "$tmp/$who.said")
    lab_ear[$who]=$lab_fd
}

lab_say()
{
    echo "$2" >&"${lab_stdin[$1]}"
}

lab_hear()
{
    local line count=0 until_s=$((SECONDS + lab_patience_s))
    while [ $SECONDS -lt $until_s ] && read -r -t $lab_patience_s -u "${lab_ear[$1]}" line; do
        [[ $line =~ $2 ]] && count=$((count + 1))
        [ $count -lt "${3:-1}" ] || return 0
    done
    echo "$1 has said $count times $2, in $lab_patience_s s; its last words:"
    tail -n 5 "$tmp/$1.said"
    return 1
}

lab_forget()
{
    local fd=${lab_stdin[$1]}
    exec {fd}>&-
    fd=${lab_ear[$1]}
    exec {fd}<&-
    unset "lab_pids[$1]" "lab_stdin[$1]" "lab_ear[$1]"
}

lab_stop()
{
    lab_say "$1" stop
    lab_hear "$1" '^done$' || return
    wait "${lab_pids[$1]}" || return
    lab_forget "$1"
}

lab_kill()
{
    kill -9 "${lab_pids[$1]}" 2> /dev/null
    wait "${lab_pids[$1]}" 2> /dev/null
    lab_forget "$1"
}

# ---- what lies between them ----

# Packets of TCP alone: who has which address stays known, as behind a switch.
lab_rule()
{
    local host=$1 hook=$2
    shift 2
    ip netns exec "$lab-$host" nft -f - << END
table inet fault {
    chain fault {
        type filter hook $hook priority 0
        meta l4proto tcp $*
    }
}
END
}

lab_cut()
{
    case $2 in
    in) lab_rule "$1" input drop ;;
    out) lab_rule "$1" output drop ;;
    esac
}

lab_lose()
{
    lab_rule "$1" input numgen random mod 100 "<" "$2" drop
}

lab_reset()
{
    lab_rule "$1" input tcp dport "$2" reject with tcp reset
}

lab_heal()
{
    ip netns exec "$lab-$1" nft delete table inet fault
}

lab_unplug()
{
    ip -n "$lab-lan" link set "to-$1" down
}

lab_plug()
{
    ip -n "$lab-lan" link set "to-$1" up
}

lab_vanish()
{
    local who
    ip -n "$lab-lan" link del "to-$1"
    for who in "${!lab_pids[@]}"; do
        [ "${lab_hosts[$who]}" != "$1" ] || lab_kill "$who"
    done
    ip netns del "$lab-$1"
}
