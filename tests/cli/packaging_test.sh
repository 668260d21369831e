#!/bin/bash
# packaging_test.sh -- an installed kmsg in builds of others: examples/build with make, Meson and
# CMake, each made from nothing, again when an imported schema has changed, and stopped by one that
# is wrong; and what kmsg_generate promises besides.
. tests/tap.sh

if [ -n "$SAN" ]; then
    echo "1..0 # SKIP a program outside would have to be built with the sanitizer too"
    exit 0
fi

has()
{
    command -v "$1" > /dev/null
}

# With what the make that runs this test was told, or it would build all anew.
install_it()
{
    make -s install B="$B" CC="$CC" DESTDIR= "$@"
}

installed=$tmp/installed
check "make install" install_it PREFIX="$tmp/first"
mv "$tmp/first" "$installed"
export PKG_CONFIG_PATH=$installed/lib/pkgconfig LD_LIBRARY_PATH=$installed/lib
export CMAKE_PREFIX_PATH=$installed
# The builds below are none of the make's that runs this test.
unset MAKEFLAGS MFLAGS MAKELEVEL B

helps_are_there()
{
    cmp compiler/kmsgc.1 "$installed/share/man/man1/kmsgc.1" &&
        cmp compiler/kmsgc.bash "$installed/share/bash-completion/completions/kmsgc" &&
        cmp idl/kmsg.tmLanguage.json "$installed/share/kmsg/kmsg.tmLanguage.json" &&
        cmp idl/schemas/kmsg.kmsg "$installed/share/kmsg/kmsg.kmsg"
}

check "man page, completion, grammar and schemas are installed" helps_are_there

# ---- pkg-config ----

# What it says is there, of the prefix it was installed for or, with the variable, of another.
pkg_config_is_whole()
{
    [ -x "$(pkg-config --define-variable=prefix="$installed" --variable=kmsgc "$1")" ] &&
        [ -e "$(pkg-config --define-variable=prefix="$installed" --variable=libdir "$1")/lib$1.so" ]
}

check "kmsg.pc may be told another prefix" pkg_config_is_whole kmsg
check "... and kmsg-codec.pc" pkg_config_is_whole kmsg-codec
sed -i "s|^prefix=.*|prefix=$installed|" "$installed"/lib/pkgconfig/*.pc
for name in kmsg kmsg-codec kmsg-json; do
    check "$name.pc names kmsgc" [ "$(pkg-config --variable=kmsgc $name)" = "$installed/bin/kmsgc" ]
done

# ---- examples/build ----

same_program()
{
    for file in main.c orders.kmsg money.kmsg; do
        cmp "examples/build/cmake/$file" "examples/build/$1/$file" || return 1
    done
}

check "the example is the same with Meson" same_program meson
check "... and with make" same_program make

# fresh FOLDER: a copy of the example below $tmp/FOLDER, in $project.
fresh()
{
    project=$tmp/$1
    cp -r "examples/build/${1%%-*}" "$project"
}

tells_the_order()
{
    printf '%s\n' 'order 7' '2 tea, 450 cents GBP' '1 cup, 800 cents EUR' | diff - <("$1")
}

# from_nothing PROGRAM BUILD...
from_nothing()
{
    "${@:2}" && tells_the_order "$1"
}

# The import was touched: who imports it is looked at again, and then there is nothing to do.
after_a_touch()
{
    touch "$project/money.kmsg"
    "$@" | tee "$tmp/log"
    grep -q '\(kmsgc\|Generating\) .*orders\.kmsg' "$tmp/log" || return 1
    "$@" | tee "$tmp/log"
    ! grep -q '\(kmsgc\|Generating\) ' "$tmp/log"
}

# after_a_change PROGRAM BUILD...: what is made anew has the new field.
after_a_change()
{
    sed -i 's/cents: i64;/cents: i64; checked_by: string?;/; s/fixed record/record/' \
        "$project/money.kmsg"
    "${@:2}" && grep -rq --include=money.kmsg.h checked_by "$project" &&
        [ "$1" -nt "$project/money.kmsg" ] && tells_the_order "$1"
}

stops_at_a_mistake()
{
    sed -i 's/i64/i65/' "$project/money.kmsg"
    ! "$@" > "$tmp/log" 2>&1 && grep -q 'money.kmsg:.*error.*i65' "$tmp/log" || {
        cat "$tmp/log"
        return 1
    }
}

# builds NAME PROGRAM BUILD...
builds()
{
    check "$1: it builds from nothing, and runs" from_nothing "${@:2}"
    check "$1: an imported schema that was touched is looked at" after_a_touch "${@:3}"
    check "$1: one that has changed is in the program" after_a_change "${@:2}"
    check "$1: one that is wrong stops the build" stops_at_a_mistake "${@:3}"
}

fresh make
builds "make" "$project/orders" make -C "$project" CC="$CC"

if has meson; then
    fresh meson
    check "Meson: setup" env CC="$CC" meson setup "$project/out" "$project"
    builds "Meson" "$project/out/orders" ninja -C "$project/out"
else
    skip "Meson" "no meson here"
fi

# configure FOLDER GENERATOR...
configure()
{
    cmake -S "$1" -B "$1/out" -DCMAKE_C_COMPILER="$CC" -DCMAKE_CXX_COMPILER="$CXX" -G "${@:2}"
}

if ! has cmake; then
    skip "CMake" "no cmake here"
    finish
fi
for generator in "Unix Makefiles" Ninja; do
    if [ "$generator" = Ninja ] && ! has ninja; then
        skip "Ninja" "no ninja here"
        continue
    fi
    fresh "cmake-${generator%% *}"
    check "CMake, $generator: it is configured" configure "$project" "$generator"
    builds "CMake, $generator" "$project/out/orders" cmake --build "$project/out"
done

# ---- the README ----

# The README's first block of a KIND.
block()
{
    awk -v begin="\`\`\`$1" '
        $0 == begin && !seen { on = seen = 1; next }
        /^```/ { on = 0 }
        on' README.md
}

# readme_hello KIND FILE FIRST...: its hello, and in FILE its lines for such a build below FIRST.
readme_hello()
{
    project=$tmp/readme-$1
    mkdir "$project"
    block kmsg > "$project/hello.kmsg"
    block c > "$project/hello.c"
    { printf '%s\n' "${@:3}" && block "$1"; } > "$project/$2"
}

# says_hello BUILD...
says_hello()
{
    "$@" && [ "$("$project/out/hello")" = 'Hello, world!' ]
}

generator="Unix Makefiles"
! has ninja || generator=Ninja
readme_hello cmake CMakeLists.txt 'cmake_minimum_required(VERSION 3.21)' 'project(hello C)'
check "the README's lines for CMake are configured" configure "$project" "$generator"
check "... and say hello" says_hello cmake --build "$project/out"
if has meson; then
    readme_hello meson meson.build "project('hello', 'c')"
    check "the README's lines for Meson are configured" meson setup "$project/out" "$project"
    check "... and say hello" says_hello ninja -C "$project/out"
else
    skip "the README's lines for Meson" "no meson here"
fi

# ---- CMake: more than one target ----

# A library in C with schemas in folders, and programs in C and C++ whose schemas import its own.
project=$tmp/many
mkdir -p "$project"/{lib/schemas/base,app/shared}
cat > "$project/CMakeLists.txt" << 'EOF'
cmake_minimum_required(VERSION 3.21)
project(many LANGUAGES C CXX)
find_package(kmsg REQUIRED)
find_package(kmsg REQUIRED)
add_subdirectory(lib)
add_subdirectory(app)
EOF
cat > "$project/lib/CMakeLists.txt" << 'EOF'
add_library(shapes STATIC)
target_link_libraries(shapes PUBLIC kmsg::kmsg)
kmsg_generate(TARGET shapes SCHEMAS schemas/main.kmsg schemas/base/point.kmsg BASE schemas)
EOF
cat > "$project/app/CMakeLists.txt" << 'EOF'
add_executable(in_c in_c.c)
target_link_libraries(in_c PRIVATE shapes)
kmsg_generate(TARGET in_c SCHEMAS own.kmsg IMPORT_DIRS ../lib/schemas shared)
kmsg_generate(TARGET in_c SCHEMAS shared/more.kmsg)
add_executable(in_cxx in_cxx.cc)
target_link_libraries(in_cxx PRIVATE shapes)
kmsg_generate(TARGET in_cxx SCHEMAS own.kmsg shared/more.kmsg IMPORT_DIRS ../lib/schemas shared)
EOF
echo 'module point; fixed record Point { x: i32; y: i32 }' > "$project/lib/schemas/base/point.kmsg"
echo 'module shapes; import "base/point.kmsg"; record Line { from: point.Point; to: point.Point }' \
    > "$project/lib/schemas/main.kmsg"
echo 'record More { text: string }' > "$project/app/shared/more.kmsg"
cat > "$project/app/own.kmsg" << 'EOF'
import "main.kmsg";
import "more.kmsg";
record Own { line: shapes.Line; more: More }
service Drawing { draw(own: Own) -> u32 }
EOF
cat > "$project/app/in_c.c" << 'EOF'
#include "base/point.kmsg.h"
#include "own.kmsg.h"

int main(void)
{
    Own        own = {.line = {.to = {.x = 3}}, .more = {KMSG_STR("more")}};
    kmsg_node *node = kmsg_node_new();

    Own_print(&own, stdout);
    kmsg_node_free(node);
    return 0;
}
EOF
cat > "$project/app/in_cxx.cc" << 'EOF'
#include "base/point.kmsg.h"
#include "own.kmsg.h"

int main()
{
    Own own{};
    own.line.to.x = 3;
    own.more.text = kmsg_str("more");
    Own_print(&own, stdout);
}
EOF

# The number of the library's schema reaches both programs.
both_print()
{
    "$project/out/app/in_c" | tee "$tmp/c" && "$project/out/app/in_cxx" | tee "$tmp/cxx" &&
        cmp "$tmp/c" "$tmp/cxx" && grep -q 'more' "$tmp/c" && grep -q "$1" "$tmp/c"
}

many()
{
    configure "$project" "$@" && cmake --build "$project/out" -j2 && both_print 'x'
}

far_import()
{
    sed -i 's/x: i32/further: i32/' "$project/lib/schemas/base/point.kmsg"
    sed -i 's/\.x = 3/.further = 3/; s/to\.x/to.further/' "$project"/app/in_c*
    cmake --build "$project/out" -j2 && both_print 'further'
}

check "CMake: libraries and programs, in C and C++" many "$generator"
check "... where a change far below reaches all" far_import

statically()
{
    sed -i 's/find_package.*/find_package(kmsg REQUIRED COMPONENTS static)/' "$project/CMakeLists.txt"
    sed -i 's/kmsg::kmsg/kmsg::kmsg_static/' "$project/lib/CMakeLists.txt"
    configure "$project" "$generator" && cmake --build "$project/out" -j2 &&
        both_print 'further' && ! readelf -d "$project/out/app/in_c" | grep 'NEEDED.*libkmsg'
}

check "... which may link statically" statically

# ---- CMake: other places, other versions ----

# somewhere MORE: a project of nothing but find_package, and MORE.
somewhere()
{
    rm -rf "$tmp/some"
    mkdir "$tmp/some"
    : > "$tmp/some/a.kmsg"
    printf '%s\n' 'cmake_minimum_required(VERSION 3.21)' "project(some ${languages:-C})" \
        "$1" 'add_library(some a.c)' "${2:-}" > "$tmp/some/CMakeLists.txt"
    echo 'extern int a;' > "$tmp/some/a.c"
    configure "$tmp/some" "$generator" 2>&1
}

below_destdir()
{
    make -s -f Makefile install B="$build" CC="$CC" DESTDIR="$tmp/root" PREFIX=/usr \
        LIBDIR=/usr/lib/far/away &&
        CMAKE_PREFIX_PATH= somewhere \
            "set(kmsg_DIR $tmp/root/usr/lib/far/away/cmake/kmsg)
             find_package(kmsg REQUIRED)
             get_target_property(place kmsg::kmsgc IMPORTED_LOCATION)
             get_target_property(lib kmsg::codec IMPORTED_LOCATION)
             message(\"place \${place} lib \${lib}\")" |
        grep "place $tmp/root/usr/bin/kmsgc lib $tmp/root/usr/lib/far/away/libkmsg-codec.so"
}

# A program that reads a schema while it runs and writes JSON, beside the codec alone.
at_run_time()
{
    cat > "$tmp/late.c" << 'EOF'
#include <kmsg/json.h>
#include <kmsg/schema.h>

int main(void)
{
    const int32_t point[2] = {1, 2};
    kmsg_arena   *mem = kmsg_arena_new();
    kmsg_schema  *schema;
    kmsg_string   text;

    kmsg_must(kmsg_schema_load_text("p.kmsg", kmsg_str("record P { x: i32; y: i32 }"), NULL,
                                    &schema));
    kmsg_must(kmsg_json_encode(kmsg_schema_record(schema, "P"), point, NULL, mem, &text));
    puts(text.data);
    kmsg_schema_free(schema);
    kmsg_arena_free(mem);
    return 0;
}
EOF
    somewhere 'find_package(kmsg REQUIRED)' "add_executable(late $tmp/late.c)
        target_link_libraries(late PRIVATE kmsg::json kmsg::schema kmsg::codec)" &&
        cmake --build "$tmp/some/out" --target late &&
        [ "$("$tmp/some/out/late")" = '{"x":1,"y":2}' ]
}

# refuses TEXT MORE...: configuring fails, and says so; lines may be broken anywhere.
refuses()
{
    somewhere "${@:2}" > "$tmp/log" && return 1
    tr -s ' \n' ' ' < "$tmp/log" | grep -F "$1" || { cat "$tmp/log"; return 1; }
}

wrong_call()
{
    check "kmsg_generate refuses $1" refuses "$2" "find_package(kmsg)" \
        "kmsg_generate($3)"
}

build=${KMSGC%/bin/kmsgc}
check "CMake finds what was moved below DESTDIR, with another LIBDIR" below_destdir
check "JSON and schemas at run time" at_run_time
check "this version is found" somewhere 'find_package(kmsg 0.1 REQUIRED)'
check "a later one is not" refuses 'version: 0.1.0' 'find_package(kmsg 0.2 REQUIRED)'
check "a later patch is not" refuses 'version: 0.1.0' 'find_package(kmsg 0.1.9 REQUIRED)'
check "one before a break is not" refuses 'version: 0.1.0' 'find_package(kmsg 0.0.3 REQUIRED)'
check "a part that there is not is told" refuses 'no component x' \
    'find_package(kmsg REQUIRED COMPONENTS x)'
check "... if it is needed" somewhere 'find_package(kmsg REQUIRED OPTIONAL_COMPONENTS x static)'
wrong_call "a call without schemas" 'TARGET and SCHEMAS' 'TARGET some'
wrong_call "no target" 'no target none' 'TARGET none SCHEMAS a.kmsg'
wrong_call "a word too much" 'no such argument: a.kmsg' 'a.kmsg TARGET some SCHEMAS a.kmsg'
wrong_call "a word without a value" 'nothing behind BASE' 'TARGET some SCHEMAS a.kmsg BASE'
wrong_call "two schemas for one file" 'is not the first' 'TARGET some SCHEMAS a.kmsg b/a.kmsg'
languages=CXX wrong_call "a project without C" 'add C to the languages' \
    'TARGET some SCHEMAS a.kmsg'
finish
