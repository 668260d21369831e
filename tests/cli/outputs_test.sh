#!/bin/bash
# outputs_test.sh -- `kmsgc --print-outputs` tells which files the same command line without it
# writes: no more, no less, and before there is anything to read.
. tests/tap.sh

kmsgc=$(realpath "$KMSGC")
mkdir -p "$tmp/in/a"
cd "$tmp/in" || exit 1
echo 'module b; record B { x: i32 }' > a/b.kmsg
echo 'import "a/b.kmsg"; record C { b: b.B }' > c.kmsg

# tells OPTIONS FILE...: what is told is what is then written, and nothing is written before.
tells()
{
    rm -rf out my.d
    "$kmsgc" --print-outputs "$@" > told && [ ! -e out ] && [ ! -e my.d ] || return 1
    "$kmsgc" "$@" || return 1
    find out my.d -type f 2> find.err | sort | diff - <(sort told)
}

# prints LINES OPTIONS FILE...
prints()
{
    diff <(echo "$1") <("$kmsgc" --print-outputs "${@:2}")
}

check "header and source" tells -o out c.kmsg
check "... of several schemas" tells -o out a/b.kmsg c.kmsg
check "with their folders below the base" tells -o out --base . ./a/b.kmsg ./c.kmsg
check "a depfile" tells -o out -MD c.kmsg
check "... of several schemas" tells -o out -MD a/b.kmsg c.kmsg
check "... with a name of its own" tells -o out -MF my.d c.kmsg
# Whatever else --help offers that writes beside the schemas.
for option in $("$kmsgc" --help | sed -n 's/^  \(-[^ ]*\)   *.*/\1/p' |
    grep -v '^-MD$\|^--check\|^--print\|^--compare\|^--dump\|^--format\|^--version'); do
    check "with $option" tells -o out "$option" c.kmsg
done
check "the order is header, source, depfile" \
    prints $'./c.kmsg.h\n./c.kmsg.c\n./c.kmsg.d' -MD c.kmsg
check "a schema that is not there yet" prints $'o/n.kmsg.h\no/n.kmsg.c' -o o nowhere/n.kmsg
echo 'record {' > broken.kmsg
check "a schema that is broken" prints $'./broken.kmsg.h\n./broken.kmsg.c' broken.kmsg

check "the base and files may be written differently" \
    prints $'o/a/b.kmsg.h\no/a/b.kmsg.c' -o o --base "$PWD/x/.." a/../a//b.kmsg

# refused TEXT OPTIONS FILE...: nothing is written, and the reason told
refused()
{
    "$kmsgc" "${@:2}" 2>&1 | grep -F "$1" && [ "${PIPESTATUS[0]}" = 2 ] && [ ! -e refused ]
}

mkdir -p elsewhere
cp c.kmsg elsewhere
check "a file that is not below the base" refused 'c.kmsg is not below the base, a' \
    --base a -o refused c.kmsg
check "two files of one name" \
    refused 'c.kmsg and elsewhere/c.kmsg would both be written as refused/c.kmsg' \
    -o refused c.kmsg elsewhere/c.kmsg

no_room()
{
    "$kmsgc" --print-outputs c.kmsg > /dev/full
    [ $? = 1 ]
}

check "what cannot be told is an error" no_room
finish
