#!/bin/sh
# The main job, on this machine's own data: one service over dpkg's package list, asked from another
# thread, another process and another host. The handlers are the same each time, and nobody is told
# an address: who serves publishes a name, and who asks finds it.
#
# "Hosts" are two network namespaces, joined by a virtual cable; where the system does not allow that
# (it takes root), that part is left out, and this is said.
set -eu

packages=${B:-build}/examples/packages/packages kmsg=${B:-build}/bin/kmsg
status=${STATUS:-/var/lib/dpkg/status}
times=${TIMES:-5000}
dir=$(mktemp -d)
ada=kmsg-ada-$$ bob=kmsg-bob-$$
server=
export KMSG_RUNTIME="$dir/run"

clean()
{
    [ -z "$server" ] || kill "$server" 2>/dev/null || :
    [ -z "$server" ] || wait "$server" 2>/dev/null || :
    ip netns del "$ada" 2>/dev/null || :
    ip netns del "$bob" 2>/dev/null || :
    rm -rf "$dir"
}
trap clean EXIT
trap 'exit 130' INT TERM

say()
{
    printf '\n== %s\n' "$1"
}

stop()
{
    kill "$server"
    wait "$server" || :
    server=
}

# Goes on as a command on a host, which has keys and a directory of its own: in ( ) or with &.
on()
{
    host=$1
    shift
    exec env KMSG_HOME="$dir/$host" KMSG_RUNTIME="$dir/$host.run" KMSG_MULTICAST=on \
        ip netns exec "$host" "$@"
}

# Two hosts and a cable. On real ones the keys are two commands on each.
make_hosts()
{
    ip netns add "$ada" 2>/dev/null && ip netns add "$bob" 2>/dev/null &&
        ip -n "$ada" link add cable type veth peer name cable netns "$bob" 2>/dev/null &&
        ip -n "$ada" addr add 10.213.7.1/30 dev cable && ip -n "$ada" link set cable up &&
        ip -n "$bob" addr add 10.213.7.2/30 dev cable && ip -n "$bob" link set cable up || return
    ada_key=$(on "$ada" "$kmsg" key new 2>"$dir/words")
    bob_key=$(on "$bob" "$kmsg" key new 2>"$dir/words")
    (on "$ada" "$kmsg" key trust "$bob_key" bob)
    (on "$bob" "$kmsg" key trust "$ada_key" ada)
}

say "from another thread"
"$packages" thread --status "$status" find dpkg
"$packages" thread --status "$status" time "$times"

say "from another process: it is asked before it is there"
"$packages" ask search 'package manage' >"$dir/asked" &
asker=$!
"$packages" serve --status "$status" &
server=$!
wait "$asker"
cat "$dir/asked"
"$packages" ask dependents dpkg
"$packages" ask find dpgk || :
"$packages" ask time "$times"
stop

if make_hosts; then
    say "from another host (a network namespace of its own): found by multicast, encrypted"
    on "$ada" "$packages" serve --lan --status "$status" &
    server=$!
    (on "$bob" "$packages" ask --lan sections)
    (on "$bob" "$packages" ask --lan time "$times")
    stop
else
    say "from another host: namespaces are not permitted here, so it is left out"
fi
echo
