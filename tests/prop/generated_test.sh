#!/bin/bash
# generated_test.sh -- random schemas through kmsgc and the C compiler: no warning, headers that are
# C++ too, and straight-line code that agrees with the descriptors on every value and message
# (generated.c).
#
#     SEED=N     begin with this seed; made7.kmsg is the schema of seed 7
#     SCHEMAS=N  so many schemas, 6 records each
. tests/tap.sh

seed=${SEED:-1}
schemas=${SCHEMAS:-8}
made=$tmp/made
warn='-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes -Werror'
includes="-Iruntime/include -Iruntime -Itests -I$made"
mkdir "$made"

compile()
{
    $CC -std=c11 -O1 $warn $SAN $includes -c -o "$made/$(basename "$1").o" "$1"
}

compile_made()
{
    for file in "$made"/*.kmsg.c; do
        compile "$file" || return 1
    done
}

# All headers in one file, as C++17.
compile_cpp()
{
    for file in "$made"/*.kmsg.h; do
        echo "#include \"$(basename "$file")\""
    done > "$made/all.cc"
    $CXX -std=c++17 -Wall -Wextra -Wpedantic -Werror $includes -fsyntax-only "$made/all.cc"
}

# made.h: the headers, and MADE(X), which is an X(name) for each record.
list_made()
{
    for file in "$made"/*.kmsg.h; do
        echo "#include \"$(basename "$file")\""
    done
    echo '#define MADE(X) \'
    sed -n 's/^KMSG_CHECK kmsg_err \(made[0-9]*_[A-Za-z0-9]*\)_encoded_size(.*/    X(\1) \\/p' \
        "$made"/*.kmsg.h
    echo
}

link()
{
    list_made > "$made/made.h"
    compile tests/prop/generated.c &&
        $CC $SAN -o "$made/generated" "$made"/*.o \
            "$B"/obj/tests/{test,random,maker,judge,version}.o "$B"/lib/libkmsg-schema.a \
            "$B"/lib/libkmsg.a $(pkg-config --libs cmocka libuv libsodium) -pthread
}

# Of what fails its own tests tell more, as comments.
run()
{
    MADE=$made "$made/generated"
}

check "random schemas are written" "$B/test/prop/write_schemas" "$made" "$seed" "$schemas"
check "kmsgc takes them" "$KMSGC" -o "$made" "$made"/*.kmsg
check "their C has no warnings" compile_made
check "their headers are C++ too" compile_cpp
check "a program is made of them" link
check "straight-line code and descriptors agree" run
finish
