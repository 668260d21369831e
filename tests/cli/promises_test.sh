#!/bin/bash
# promises_test.sh -- each test that runtime/PROMISES.md names exists, and each promise names one.
. tests/tap.sh

page=runtime/PROMISES.md

# What stands in the last column, and what stands behind all, one a line: "unit/call: name".
named()
{
    sed -n 's/^|.*| \([^|]*\) |$/\1/p' "$page" | grep -o '`[a-z]*/[a-z_]*: [^`]*`' | tr -d '`'
    sed '/^|/d' "$page" | tr '\n' ' ' | grep -o '`\(sim\|fault\)/[a-z_]*: [a-z_]*`' | tr -d '`'
}

# exists DIR/FILE NAME: as a test in C, or as a line of a shell test.
exists()
{
    grep -qsFx "TEST($2)" "tests/$1_test.c" || grep -qsF "$2" "tests/$1_test.sh"
}

all_exist()
{
    named > "$tmp/named"
    while IFS= read -r line; do
        exists "${line%%: *}" "${line#*: }" || echo "there is no $line"
    done < "$tmp/named" | grep . && return 1
    test "$(wc -l < "$tmp/named")" -gt 100
}

# A row of a table, without a test in its last column.
none_without()
{
    ! grep -n '^|' "$page" | grep -v '| --- |' | grep -v 'the test that holds it |$' |
        grep -v '`[a-z]*/[a-z_]*: [^`]*` |$'
}

check 'each test that is named exists' all_exist
check 'each promise names a test' none_without
check 'a test that does not exist is found out' eval '! exists unit/call no_such_test'
finish
