#!/bin/sh
# The main job, on this machine's own data: one service over dpkg's package list, asked from another
# thread, another process and another host. The handlers are the same each time.
#
# "Another host" is a network namespace of its own, joined by a virtual cable; where the system does
# not allow that (it takes root), the question goes over the loopback interface instead, and this is
# said.
set -eu

packages=${B:-build}/examples/packages/packages kmsg=${B:-build}/bin/kmsg
status=${STATUS:-/var/lib/dpkg/status}
times=${TIMES:-5000}
dir=$(mktemp -d)
space=kmsg-demo-$$ here=kmd$$a there=kmd$$b
server=

clean()
{
    [ -z "$server" ] || kill "$server" 2>/dev/null || :
    [ -z "$server" ] || wait "$server" 2>/dev/null || :
    ip netns del "$space" 2>/dev/null || :
    ip link del "$here" 2>/dev/null || :
    rm -rf "$dir"
}
trap clean EXIT
trap 'exit 130' INT TERM

# Start a server; its addresses come out of the named pipe when it listens.
serve()
{
    mkfifo "$dir/ready.$1"
    "$packages" serve --status "$status" "$2" >"$dir/ready.$1" &
    server=$!
    read -r line <"$dir/ready.$1"
    url=${line##* on }
}

stop()
{
    kill "$server"
    wait "$server" || :
    server=
}

# Each host has a key, and trusts the other one's. On real hosts that is two commands on each.
make_keys()
{
    here_key=$("$kmsg" key new --folder "$dir/here" 2>"$dir/words")
    there_key=$("$kmsg" key new --folder "$dir/there" 2>"$dir/words")
    "$kmsg" key trust --folder "$dir/here" "$there_key" there
    "$kmsg" key trust --folder "$dir/there" "$here_key" here
}

say()
{
    printf '\n== %s\n' "$1"
}

say "from another thread (inproc:packages)"
"$packages" thread --status "$status" find dpkg
"$packages" thread --status "$status" time "$times"

serve process "unix:$dir/packages.sock"
say "from another process (unix socket)"
"$packages" ask "$url" search 'package manage'
"$packages" ask "$url" dependents dpkg
"$packages" ask "$url" find dpgk || :
"$packages" ask "$url" time "$times"
stop

if ip netns add "$space" 2>/dev/null &&
    ip link add "$here" type veth peer name "$there" 2>/dev/null &&
    ip link set "$there" netns "$space" && ip addr add 10.213.7.1/30 dev "$here" &&
    ip link set "$here" up &&
    ip netns exec "$space" ip addr add 10.213.7.2/30 dev "$there" &&
    ip netns exec "$space" ip link set "$there" up; then
    make_keys
    export KMSG_HOME="$dir/here"
    serve host "tcp:10.213.7.1:0"
    say "from another host ($url, asked from a network namespace of its own): encrypted"
    export KMSG_HOME="$dir/there"
    ip netns exec "$space" "$packages" ask "$url" sections
    ip netns exec "$space" "$packages" ask "$url" time "$times"
else
    serve host "tcp:127.0.0.1:0"
    say "from another host: namespaces are not permitted here, so over loopback ($url)"
    "$packages" ask "$url" sections
    "$packages" ask "$url" time "$times"
fi
stop
echo
