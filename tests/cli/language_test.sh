#!/bin/sh
# Every ```kmsg block of idl/language.md is a schema that kmsgc takes, and whose C compiles.
set -u

root=$(pwd)
kmsgc=$(cd "${B:-build}/bin" && pwd)/kmsgc
shipped=$(cd "${B:-build}/gen/include" && pwd)
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir" || exit 1

awk '/^```kmsg$/ { n++; file = sprintf("block%02d.kmsg", n); next }
     /^```/      { file = ""; next }
     file != ""  { print > file }' "$root/idl/language.md"

n=0
for schema in block*.kmsg; do
    n=$((n + 1))
    if "$kmsgc" "$schema" >why 2>&1 &&
        "${CC:-cc}" -std=c11 -Wall -Wextra -Wpedantic -Werror -I"$root/runtime/include" -I"$shipped" \
            -c "$schema.c" -o block.o >>why 2>&1; then
        echo "ok $n - ${schema%.kmsg}: $(grep -m1 . "$schema")"
    else
        echo "not ok $n - ${schema%.kmsg}"
        sed 's/^/# /' why
    fi
done
[ $n -ge 10 ] || echo "not ok $((n += 1)) - the page has its examples"
echo "1..$n"
