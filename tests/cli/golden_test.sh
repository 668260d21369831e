#!/bin/bash
# golden_test.sh -- generated code is a product: what kmsgc makes of tests/golden/*.kmsg is kept
# there, so that a change of it is seen in the diff, and every compiler at hand takes it without a
# warning.
# `make golden` writes it anew.
. tests/tap.sh

strict="-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror -Iruntime/include -Itests/golden"
strict="$strict -I$B/gen/include"
c="-std=c11 $strict -Wstrict-prototypes -Wmissing-prototypes"
cxx="-std=c++17 $strict"

made=$tmp/made
check "kmsgc takes them all" "$KMSGC" -I tests/golden -o "$made" tests/golden/*.kmsg

# can NAME: the compiler is there and takes an empty file (clang++ may lack the C++ headers).
can()
{
    command -v "$1" > /dev/null &&
        echo '#include <stdint.h>' | "$1" -x "$2" -fsyntax-only - 2> /dev/null
}

for schema in tests/golden/*.kmsg; do
    name=$(basename "$schema")
    for form in h c; do
        check "$name.$form is as it was" diff -u "$schema.$form" "$made/$name.$form"
    done
    for compiler in gcc clang; do
        if can $compiler c; then
            check "$name.c compiles: $compiler, C11" \
                $compiler $c -O2 -c -o "$tmp/$name.o" "$made/$name.c"
        else
            skip "$name.c compiles: $compiler, C11" "no $compiler here"
        fi
    done
    echo "#include \"$name.h\"" > "$tmp/$name.cc"
    for compiler in g++ clang++; do
        if can $compiler c++; then
            check "$name.h compiles: $compiler, C++17" \
                $compiler $cxx -fsyntax-only "$tmp/$name.cc"
        else
            skip "$name.h compiles: $compiler, C++17" "no $compiler here"
        fi
    done
done

# -Os asks for small code, and gets half of it or less, without a warning either.
code_of()
{
    gcc $c "$1" -c -o "$tmp/sized.o" "$made/directory.kmsg.c" && size "$tmp/sized.o" |
        awk 'NR == 2 { print $1 }'
}

half_the_size()
{
    fast=$(code_of -O2) && small=$(code_of -Os) && echo "$fast bytes, $small with -Os" &&
        [ "$((small * 2))" -lt "$fast" ]
}

check "-Os makes small code" half_the_size

kmsgc=$(realpath "$KMSGC")

same_from_elsewhere()
{
    (cd tests/golden && "$kmsgc" -o "$tmp/again" ./*.kmsg) && diff -r "$made" "$tmp/again"
}

check "the same from another folder" same_from_elsewhere
finish
