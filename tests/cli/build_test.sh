#!/bin/bash
# build_test.sh -- what a user of the Makefile relies on: nothing is made twice, what depends on a
# change is made again, and what is installed can be built against and taken away again.
#
# All of it happens in a copy of the sources, so that the tree it stands in is left alone.
. tests/tap.sh

if [ -n "$SAN" ]; then
    echo "1..0 # SKIP the build rules are the same under sanitizers"
    exit 0
fi

copy=$tmp/copy
mkdir -p "$copy/tests/unit" "$copy/examples"
cp -r examples/hello "$copy/examples"
cp -r Makefile kmsg.pc.in README.md idl compiler runtime "$copy"
cp tests/run tests/*.[ch] tests/tap.sh "$copy/tests"
echo 'record Pair { a: i32; b: i32 }' > "$copy/tests/unit/pair.kmsg"
cat > "$copy/tests/unit/pair_test.c" << 'EOF'
#include "pair.kmsg.h"
#include "test.h"

TEST(a_pair_has_an_a)
{
    Pair pair = {.a = 7};
    EQ_INT(pair.a, 7);
}
EOF

# Not what the make that runs this test was told.
make_it()
{
    env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL -u B make -s -C "$copy" CC="$CC" "$@"
}

build()
{
    make_it -j2 all test-programs
}

quiet_build()
{
    build > "$tmp/said" 2>&1 && ! grep -q . "$tmp/said" || { cat "$tmp/said"; return 1; }
}

up_to_date()
{
    make_it -q all test-programs "$@"
}

is_stale()
{
    ! up_to_date "$@"
}

# touched FILE MADE: after FILE is touched and all built, MADE is newer than FILE.
touched()
{
    touch "$copy/$1" && is_stale && build && [ ! "$copy/$1" -nt "$copy/build/$2" ] && up_to_date
}

make_it V=1 -j2 all test-programs > "$tmp/log" 2>&1

built_in_silence()
{
    ! grep 'warning' "$tmp/log" && [ -x "$copy/build/bin/kmsgc" ] || { cat "$tmp/log"; return 1; }
}

check "everything builds without a warning" built_in_silence
check "nothing is made twice" up_to_date
check "a build with nothing to do says nothing" quiet_build
check "a header that changed makes what includes it" \
    touched runtime/include/kmsg/base.h obj/runtime/base/arena.o
check "a source that changed makes the libraries and kmsgc" touched runtime/base/arena.c bin/kmsgc
check "a grammar that changed makes kmsgc" touched idl/parse.y bin/kmsgc
check "a schema that changed makes the program that uses it" \
    touched tests/unit/pair.kmsg test/unit/pair_test
check "other flags make everything" is_stale CFLAGS=-O0

extra=$copy/runtime/base/extra.c

source_comes_and_goes()
{
    echo 'int kmi_extra(void); int kmi_extra(void) { return 1; }' > "$extra"
    make_it all && nm "$copy/build/lib/libkmsg.a" | grep kmi_extra || return 1
    rm "$extra"
    make_it all && ! nm "$copy/build/lib/libkmsg.a" | grep kmi_extra
}

check "a source that comes and goes is in the libraries, and is not" source_comes_and_goes

# ---- the runner ----

programs=$tmp/programs
mkdir "$programs"
printf 'echo 1..2; echo ok 1 - a; echo "# why"; echo not ok 2 - b\n' > "$programs/fails.sh"
printf 'echo 1..3; echo ok 1 - a; kill -9 $$\n' > "$programs/dies.sh"
printf 'echo 1..2; echo ok 1 - a; echo "ok 2 - b # SKIP no"\n' > "$programs/skips.sh"
printf 'exec tail -f /dev/null\n' > "$programs/hangs.sh"
printf 'echo 1..1; tail -f /dev/null & echo ok 1 - a\n' > "$programs/leaves.sh"

runs()
{
    wanted=$1
    shift
    said=$(TEST_LIMIT_S=1 tests/run "$@")
    [ "$(tail -n 1 <<< "$said")" = "$wanted" ] || { echo "$said"; return 1; }
}

check "a failed test is counted" runs "1 passed, 1 failed" "$programs/fails.sh"
check "what a killed program still owed is counted" runs "1 passed, 2 failed" "$programs/dies.sh"
check "what is skipped did not pass" runs "1 passed, 0 failed" "$programs/skips.sh"
check "a program that hangs is ended and counted" runs "0 passed, 1 failed" "$programs/hangs.sh"
check "what a program left running is ended" runs "1 passed, 0 failed" "$programs/leaves.sh"
check "the pair's own test passes" runs "2 passed, 0 failed" "$copy/build/test/unit/pair_test"

# ---- install ----

installed=$tmp/installed
check "make install" make_it install PREFIX="$installed"
export PKG_CONFIG_PATH=$installed/lib/pkgconfig
strict="-std=c11 -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes -Werror"

# The README's first ```kmsg and ```c blocks are its hello.
block()
{
    awk -v begin="\`\`\`$1" '
        $0 == begin && !seen { on = seen = 1; next }
        /^```/ { on = 0 }
        on' README.md
}

# In backquotes, with a slash inside and nothing that is not part of a path.
readme_names_what_exists()
{
    named=$(grep -o '`[A-Za-z.]*/[A-Za-z._/-]*`' README.md | tr -d '`')
    [ "$(wc -l <<< "$named")" -gt 10 ] || return 1
    for path in $named; do
        [ -e "$path" ] || [ -e "runtime/include/$path" ] || { echo "no $path"; return 1; }
    done
}

check "what the README names is there" readme_names_what_exists
mkdir "$tmp/hello"
block kmsg > "$tmp/hello/hello.kmsg"
block c > "$tmp/hello/hello.c"

hello()
{
    "$(pkg-config --variable=kmsgc kmsg)" -o "$tmp/hello" "$tmp/hello/hello.kmsg" &&
        "$CC" $strict -o "$tmp/hello/hello" "$tmp/hello/hello.c" "$tmp/hello/hello.kmsg.c" \
            $(pkg-config --cflags --libs "$@" kmsg)
}

says_hello()
{
    [ "$(LD_LIBRARY_PATH=$installed/lib "$tmp/hello/hello")" = "Hello, world!" ]
}

check "the README's hello builds against what was installed" hello
check "... and says hello" says_hello
mkdir "$tmp/makes"
cp "$tmp/hello/hello.kmsg" "$tmp/hello/hello.c" "$tmp/makes"
block make > "$tmp/makes/Makefile"

users_make()
{
    env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL PATH="$installed/bin:$PATH" make -C "$tmp/makes" "$@"
}

# On the second time there is nothing to do; once the schema has changed, there is.
readme_makes()
{
    users_make hello && users_make -q hello || return 1
    echo "record More { a: u8 }" >> "$tmp/makes/hello.kmsg"
    ! users_make -q hello && users_make hello && users_make -q hello
}

check "the README's lines for a Makefile do" readme_makes
mv "$installed/lib/libkmsg.so" "$installed/lib/hidden.so"
check "it also links statically" hello --static
check "... and says hello again" says_hello
mv "$installed/lib/hidden.so" "$installed/lib/libkmsg.so"

cat > "$tmp/pair.c" << 'EOF'
#include "pair.kmsg.h"

int main(void)
{
    kmsg_arena *mem = kmsg_arena_new();
    kmsg_bytes  bytes;
    Pair        pair = {.a = 1, .b = 2};
    Pair        back = {0};

    kmsg_must(Pair_encode(&pair, mem, &bytes));
    kmsg_must(Pair_decode(bytes, mem, &back));
    kmsg_arena_free(mem);
    return Pair_equal(&pair, &back) ? 0 : 1;
}
EOF

codec_alone()
{
    "$installed/bin/kmsgc" -o "$tmp" "$copy/tests/unit/pair.kmsg" &&
        "$CC" $strict -o "$tmp/pair" "$tmp/pair.c" "$tmp/pair.kmsg.c" \
            $(pkg-config --cflags --libs kmsg-codec) &&
        LD_LIBRARY_PATH=$installed/lib "$tmp/pair"
}

needs_only_libc()
{
    ! readelf -d "$installed/lib/libkmsg-codec.so" | grep NEEDED | grep -v 'libc\.so\|ld-linux'
}

check "the codec alone encodes and decodes" codec_alone
check "... and needs nothing but libc" needs_only_libc

cat > "$tmp/json.c" << 'EOF'
#include "pair.kmsg.h"

#include <kmsg/json.h>

#include <string.h>

int main(void)
{
    kmsg_arena *mem = kmsg_arena_new();
    kmsg_string text;
    Pair        pair = {.a = 1, .b = 2};
    Pair        back = {0};

    kmsg_must(kmsg_json_encode(&Pair_layout, &pair, NULL, mem, &text));
    puts(text.data);
    kmsg_must(kmsg_json_decode(&Pair_layout, text, NULL, mem, &back));
    return Pair_equal(&pair, &back) ? 0 : 1;
}
EOF

# json_beside LIBRARY OPTION...: pkg-config is given the options.
json_beside()
{
    library=$1
    shift
    "$CC" $strict -o "$tmp/json" "$tmp/json.c" "$tmp/pair.kmsg.c" \
        $(pkg-config --cflags --libs "$@" kmsg-json "$library") &&
        [ "$(LD_LIBRARY_PATH=$installed/lib "$tmp/json")" = '{"a":1,"b":2}' ]
}

needs_jansson()
{
    readelf -d "$installed/lib/$1.so" | grep NEEDED | grep jansson
}

core_needs_none()
{
    ! needs_jansson libkmsg && ! needs_jansson libkmsg-codec && needs_jansson libkmsg-json
}

check "JSON beside the codec" json_beside kmsg-codec
check "JSON beside libkmsg" json_beside kmsg
check "only JSON needs jansson" core_needs_none

cat > "$tmp/late.c" << 'EOF'
#include <kmsg/schema.h>
#include <kmsg/value.h>

int main(int argc, char **argv)
{
    const kmsg_schema_options options = {.diagnostics = stderr};
    kmsg_schema *schema;
    const kmsg_type *type;
    int64_t pair[2] = {3, 4}, b = 0;

    if (argc < 2)
        return 2;
    kmsg_must(kmsg_schema_load(argv[1], &options, &schema));
    kmsg_must(kmsg_schema_type(schema, "i64[2]", &type));
    kmsg_must(kmsg_value_int(kmsg_value_at(kmsg_value_of(type, pair), 1), &b));
    b += kmsg_schema_record(schema, "Pair") == NULL;
    kmsg_schema_free(schema);
    return b == 4 ? 0 : 1;
}
EOF

# schema_late OPTION...: a program that reads a schema when it runs; with --static from archives.
schema_late()
{
    "$CC" $strict -o "$tmp/late" "$tmp/late.c" "$@" \
        $(pkg-config --cflags --libs kmsg-schema kmsg-codec) &&
        LD_LIBRARY_PATH=$installed/lib "$tmp/late" "$copy/tests/unit/pair.kmsg"
}

check "a schema is read at run time, with the codec alone" schema_late
check "... also linked statically" schema_late -static
echo 'import "kmsg.kmsg"; record Alarm { text: string; timer: kmsg.Timer }' > "$tmp/alarm.kmsg"
cat > "$tmp/alarm.c" << 'EOF'
#include "alarm.kmsg.h"

#include <string.h>

int main(void)
{
    const Alarm alarm = {.timer = {.id = 7}};
    kmsg_arena *mem = kmsg_arena_new();
    kmsg_bytes  bytes;
    Alarm       back = {0};

    kmsg_must(Alarm_encode(&alarm, mem, &bytes));
    kmsg_must(Alarm_decode(bytes, mem, &back));
    kmsg_arena_free(mem);
    return back.timer.id == 7 && strcmp(kmsg_Timer_layout.name, "kmsg.Timer") == 0 ? 0 : 1;
}
EOF

# What is made of them is in the library.
own_schemas()
{
    "$installed/bin/kmsgc" -o "$tmp" "$tmp/alarm.kmsg" &&
        "$CC" $strict -o "$tmp/alarm" "$tmp/alarm.c" "$tmp/alarm.kmsg.c" \
            $(pkg-config --cflags --libs kmsg) &&
        LD_LIBRARY_PATH=$installed/lib "$tmp/alarm"
}

check "the schemas of kmsg itself can be imported" own_schemas
check "the kmsg command is installed" [ -n "$("$installed/bin/kmsg" --version)" -a \
    -s "$installed/share/man/man1/kmsg.1" ]

for header in base gen codec kmsg json schema value; do
    printf '#include <kmsg/%s.h>\nint main() {}\n' "$header" > "$tmp/$header.cc"
    check "<kmsg/$header.h> compiles as C++17" "$CXX" -std=c++17 -Wall -Wextra -Wpedantic -Wshadow \
        -Wconversion -Werror $(pkg-config --cflags kmsg) -fsyntax-only "$tmp/$header.cc"
done

installed_below()
{
    make_it install DESTDIR="$tmp/root" PREFIX=/usr && [ -x "$tmp/root/usr/bin/kmsgc" ] &&
        grep '^prefix=/usr$' "$tmp/root/usr/lib/pkgconfig/kmsg.pc"
}

nothing_below()
{
    ! find "$1" -type f -o -type l | grep .
}

# Those with a description are listed, each once.
help_is_whole()
{
    [ "$(make_it help | grep -c '^  make ')" = "$(grep -c '^[a-z-]*:.*## ' Makefile)" ]
}

clean_is_clean()
{
    make_it clean && [ ! -e "$copy/build" ]
}

check "DESTDIR goes before PREFIX" installed_below
check "make uninstall" make_it uninstall PREFIX="$installed"
check "... leaves no file behind" nothing_below "$installed"
check "make help tells every target" help_is_whole
check "make clean leaves nothing" clean_is_clean
check "an example builds from nothing" make_it -j2 build/examples/hello/hello
finish
