#!/bin/sh
# Every example does what its expect.txt says; `packages` from a thread, a process and a host,
# by its name.
set -u

B=${B:-build}
packages=$B/examples/packages/packages
sample=examples/packages/sample-status
dir=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server"; rm -rf "$dir"' EXIT
n=0

# same NAME EXPECTED ACTUAL: two files with the same content
same()
{
    n=$((n + 1))
    if diff "$2" "$3" >"$dir/diff"; then
        echo "ok $n - $1"
    else
        echo "not ok $n - $1"
        sed 's/^/# /' "$dir/diff"
    fi
}

# The questions of expect.txt, asked by "$@", in its form.
questions()
{
    grep '^\$ ' examples/packages/expect.txt | while read -r _ words; do
        echo "\$ $words"
        # shellcheck disable=SC2086
        "$@" $words
    done
}

for expected in examples/*/expect.txt; do
    example=$(basename "$(dirname "$expected")")
    case $example in
    packages) continue ;;
    relay) file=$dir/bag ;;
    *) file= ;;
    esac
    "$B/examples/$example/$example" ${file:+"$file"} >"$dir/$example" 2>&1
    same "$example" "$expected" "$dir/$example"
done

questions "$packages" thread --status $sample >"$dir/thread" 2>&1
same packages_from_another_thread examples/packages/expect.txt "$dir/thread"

# Asked before anybody serves; killed, and started again while somebody asks.
export KMSG_RUNTIME="$dir/run"
"$packages" ask find bash >"$dir/early" 2>&1 &
early=$!
"$packages" serve --status $sample >"$dir/serving" 2>&1 &
server=$!
wait "$early"
sed -n '2,4p' examples/packages/expect.txt >"$dir/bash"
same packages_asked_before_they_are_served "$dir/bash" "$dir/early"
questions "$packages" ask >"$dir/asked" 2>&1
same packages_from_another_process examples/packages/expect.txt "$dir/asked"
kill -9 "$server"
wait "$server" 2>/dev/null
"$packages" ask find bash >"$dir/again" 2>&1 &
early=$!
"$packages" serve --status $sample >"$dir/serving" 2>&1 &
server=$!
wait "$early"
same packages_served_again_after_a_kill "$dir/bash" "$dir/again"
kill "$server"
wait "$server"
server=

n=$((n + 1))
STATUS=$sample TIMES=10 B=$B examples/packages/demo.sh >"$dir/demo" 2>&1
status=$? ways=3
grep -q 'namespaces are not permitted' "$dir/demo" && ways=2
if [ $status = 0 ] && [ "$(grep -c 'median' "$dir/demo")" = $ways ]; then
    echo "ok $n - the_demo_asks_three_ways"
else
    echo "not ok $n - the_demo_asks_three_ways"
    sed 's/^/# /' "$dir/demo"
fi
echo "1..$n"
