#!/bin/bash
# same_test.sh -- what another machine writes is what this one writes, byte for byte: the vectors of
# tests/wire, which both have made from the same seeds, and the C that kmsgc makes.
# `make test-foreign` runs it for each machine, with B (its output), HOST_B (ours) and UNDER.
. tests/tap.sh

for vectors in "$HOST_B"/test/wire/*.vectors; do
    name=$(basename "$vectors")
    check "$name is the same" cmp "$vectors" "$B/test/wire/$name"
done

# shellcheck disable=SC2086 # UNDER is a command and its arguments, or nothing
check "kmsgc runs there" $UNDER "$B/bin/kmsgc" -I tests/golden -o "$tmp" tests/golden/*.kmsg
for file in tests/golden/*.kmsg.[ch]; do
    check "$(basename "$file") is the same" cmp "$file" "$tmp/$(basename "$file")"
done
finish
