#!/bin/bash
# promises_test.sh -- each test that PROMISES.md, SECURITY.md and DIRECTORY.md of runtime/ name
# exists, and each promise names one.
. tests/tap.sh

# named PAGE KINDS: what stands in the last column, and in the text beside the tables where the test
# is of one of these kinds, one a line: "unit/call: name".
named()
{
    sed -n 's/^|.*| \([^|]*\) |$/\1/p' "$1" | grep -o '`[a-z]*/[a-z_]*: [^`]*`' | tr -d '`'
    sed '/^|/d' "$1" | tr '\n' ' ' | grep -o "\`\\($2\\)/[a-z_]*: [a-z_]*\`" | tr -d '`'
}

# exists DIR/FILE NAME: as a test in C, or as a line of a shell test.
exists()
{
    grep -qsFx "TEST($2)" "tests/$1_test.c" || grep -qsF "$2" "tests/$1_test.sh"
}

# all_exist PAGE KINDS COUNT: and there are more than so many.
all_exist()
{
    named "$1" "$2" > "$tmp/named"
    while IFS= read -r line; do
        exists "${line%%: *}" "${line#*: }" || echo "there is no $line"
    done < "$tmp/named" | grep . && return 1
    test "$(wc -l < "$tmp/named")" -gt "$3"
}

# A row of a table, without a test in its last column.
none_without()
{
    ! grep -n '^|' "$1" | grep -v '| --- |' | grep -v 'the test that holds it |$' |
        grep -v '`[a-z]*/[a-z_]*: [^`]*` |$'
}

check 'each test that PROMISES.md names exists' all_exist runtime/PROMISES.md 'sim\|fault' 100
check 'each promise of PROMISES.md names a test' none_without runtime/PROMISES.md
check 'each test that SECURITY.md names exists' all_exist runtime/SECURITY.md 'unit\|fault' 40
check 'each promise of SECURITY.md names a test' none_without runtime/SECURITY.md
check 'each test that DIRECTORY.md names exists' all_exist runtime/DIRECTORY.md 'unit\|sim' 50
check 'each rule of DIRECTORY.md names a test' none_without runtime/DIRECTORY.md
check 'a test that does not exist is found out' eval '! exists unit/call no_such_test'
finish
