#!/bin/sh
# Every example does what its expect.txt says; `packages` from a thread, a process and a host.
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

for url in "unix:$dir/sock" tcp:127.0.0.1:0 'tcp:[::1]:0'; do
    rm -f "$dir/ready"
    mkfifo "$dir/ready"
    "$packages" serve --status $sample "$url" >"$dir/ready" 2>"$dir/log" &
    server=$!
    read -r line <"$dir/ready"
    if [ -z "$line" ] && [ "$url" = 'tcp:[::1]:0' ]; then
        n=$((n + 1))
        echo "ok $n - packages_over_ipv6 # SKIP no IPv6 here"
        server=
        continue
    fi
    questions "$packages" ask "${line##* on }" >"$dir/asked" 2>&1
    same "packages_over_${url%%:*}" examples/packages/expect.txt "$dir/asked"
    kill "$server"
    wait "$server"
    server=
done

n=$((n + 1))
if STATUS=$sample TIMES=10 B=$B examples/packages/demo.sh >"$dir/demo" 2>&1 &&
    [ "$(grep -c 'median' "$dir/demo")" = 3 ]; then
    echo "ok $n - the_demo_asks_three_ways"
else
    echo "not ok $n - the_demo_asks_three_ways"
    sed 's/^/# /' "$dir/demo"
fi
echo "1..$n"
