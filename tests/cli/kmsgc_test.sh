#!/bin/sh
# kmsgc from outside: options, exit codes, files, and input of every bad kind.
set -u

kmsgc=$(cd "${B:-build}/bin" && pwd)/kmsgc
schemas=$PWD/idl/schemas
dir=$(mktemp -d)
trap 'chmod -R u+w "$dir"; rm -rf "$dir"' EXIT
cd "$dir" || exit 1
n=0

# ok NAME COMMAND...: the command succeeds
ok()
{
    n=$((n + 1))
    name=$1
    shift
    if "$@" >why 2>&1; then
        echo "ok $n - $name"
    else
        echo "not ok $n - $name"
        sed 's/^/# /' why | cut -c1-200 | head -20
    fi
}

# says STATUS TEXT COMMAND...: exits so, and says so on stderr
says()
{
    wanted=$1 text=$2
    shift 2
    "$@" >said.out 2>said.err
    status=$?
    [ $status = "$wanted" ] && grep -qF -- "$text" said.err && return 0
    echo "exit $status, wanted $wanted; stderr without: $text"
    cat said.err
    return 1
}

cat >good.kmsg <<'END'
/// A point.
record Point { x: i32; y: i32 }
service Plane { far(p: Point) -> f64 }
END

# ---- options ----
ok help_is_on_stdout sh -c "'$kmsgc' --help | grep -q 'usage: kmsgc'"
ok version sh -c "'$kmsgc' --version | grep -q '^kmsgc [0-9]'"
ok no_file_is_a_usage_error says 2 'no schema to read' "$kmsgc"
ok unknown_option says 2 'no such option: --nonsense' "$kmsgc" --nonsense good.kmsg
ok option_without_value says 2 'a value is missing behind -o' "$kmsgc" good.kmsg -o
ok one_depfile_for_one_schema says 2 '-MF names one depfile' "$kmsgc" -MF x.d good.kmsg good.kmsg

# ---- files ----
ok writes_header_and_source sh -c "'$kmsgc' -o out/deep good.kmsg && test -s out/deep/good.kmsg.h &&
    test -s out/deep/good.kmsg.c"
ok check_writes_nothing sh -c "mkdir empty && cd empty && '$kmsgc' --check ../good.kmsg &&
    test -z \"\$(ls)\""
touch -d '2001-01-01' out/deep/good.kmsg.h
ok what_would_not_change_is_not_touched sh -c "'$kmsgc' -o out/deep good.kmsg &&
    test out/deep/good.kmsg.h -ot good.kmsg"
mkdir -p elsewhere && cp good.kmsg elsewhere/
ok the_same_from_another_folder sh -c "cd elsewhere && '$kmsgc' -o o good.kmsg &&
    cmp o/good.kmsg.h ../out/deep/good.kmsg.h && cmp o/good.kmsg.c ../out/deep/good.kmsg.c"

mkdir -p schemas/a lib
echo 'module a.b; record Item { x: i32 }' >schemas/a/b.kmsg
echo 'module lib; record Far { x: i32 }' >lib/far.kmsg
echo 'import "a/b.kmsg"; import "far.kmsg"; record Main { item: a.b.Item; far: list<Far> }' \
    >schemas/main.kmsg
ok base_keeps_folders \
    sh -c "'$kmsgc' --base schemas -I lib -o o2 schemas/a/b.kmsg schemas/main.kmsg &&
    test -s o2/a/b.kmsg.h && grep -q 'a/b.kmsg.h' o2/main.kmsg.h"
ok an_import_needs_its_folder says 1 "cannot read 'far.kmsg'" "$kmsgc" --check schemas/main.kmsg
ok depfile sh -c "'$kmsgc' --base schemas -I lib -o o2 -MD -MP schemas/main.kmsg &&
    grep -q '^o2/main.kmsg.h o2/main.kmsg.c: schemas/main.kmsg' o2/main.kmsg.d &&
    grep -q '^lib/far.kmsg:' o2/main.kmsg.d"
ok a_depfile_of_its_own_name sh -c "'$kmsgc' -I lib -o o2 -MF my.d schemas/main.kmsg &&
    test -s my.d"
ok dump_ast sh -c "'$kmsgc' --dump=ast good.kmsg | grep -q 'field x: i32'"
ok dump_model sh -c \
    "'$kmsgc' --dump=model good.kmsg | grep -q 'record Point block 8 align 4 slots 0'"

# ---- lists of names ----
cat >names.kmsg <<'END'
error A {} error B {} error C {} error D {}
service T { a() } service U { b() } service V { c() }
service S : T, U, V { m() throws A, B, C, D }
machine M { s: A, B, C, D }
END
"$kmsgc" --dump=model names.kmsg >names.model
ok all_bases_are_kept grep 'service S : T, U, V$' names.model
ok all_errors_are_kept grep 'throws A, B, C, D$' names.model
ok all_handled_records_are_kept grep 'state s: A, B, C, D$' names.model

# ---- the schemas of kmsg itself ----
echo 'import "kmsg.kmsg"; record Alarm { at: timestamp; timer: kmsg.Timer }' >alarm.kmsg
ok kmsg_has_schemas_of_its_own sh -c "'$kmsgc' -MD -o own alarm.kmsg &&
    grep -q '#include <kmsg/kmsg.kmsg.h>' own/alarm.kmsg.h &&
    grep -q 'kmsg_Timer timer;' own/alarm.kmsg.h && ! grep kmsg/kmsg.kmsg own/alarm.kmsg.d"
mkdir -p theirs && echo 'module other; record Timer { x: i32 }' >theirs/kmsg.kmsg
ok a_file_of_that_name_comes_first says 1 "no type 'kmsg.Timer'" "$kmsgc" -I theirs --check alarm.kmsg
mkdir -p copied && cp "$schemas/kmsg.kmsg" copied
ok a_copy_of_it_is_the_same sh -c "'$kmsgc' -I copied -o own alarm.kmsg &&
    grep -q '#include <kmsg/kmsg.kmsg.h>' own/alarm.kmsg.h"

# ---- what cannot be ----
ok missing_file says 1 'nowhere.kmsg: error: cannot read it: No such file' "$kmsgc" nowhere.kmsg
ok a_folder_is_no_schema says 1 'Is a directory' "$kmsgc" schemas
touch out/file
ok the_output_is_no_folder says 1 'cannot' "$kmsgc" -o out/file good.kmsg
if [ "$(id -u)" != 0 ]; then
    mkdir locked && chmod 500 locked
    ok an_unwritable_folder says 1 'cannot write locked/good.kmsg.h: Permission denied' "$kmsgc" \
    -o locked good.kmsg
fi
mkdir -p taken/good.kmsg.h
ok an_output_that_is_a_folder says 1 'cannot write taken/good.kmsg.h' "$kmsgc" -o taken good.kmsg
ok no_temporary_file_is_left sh -c "! ls -A taken out | grep -q 'kmsg\..\.'"
cp out/deep/good.kmsg.h before.h
echo 'record Broken {' >broken.kmsg
ok a_bad_schema_leaves_the_old_output \
    sh -c "cp broken.kmsg good2.kmsg; ! '$kmsgc' -o out/deep good2.kmsg &&
    test ! -e out/deep/good2.kmsg.h && cmp before.h out/deep/good.kmsg.h"
ok the_good_ones_of_many_are_written sh -c "! '$kmsgc' -o some broken.kmsg good.kmsg &&
    test -s some/good.kmsg.h"

# ---- bad input of every kind: a message and exit 1 ----
head -c 100000 /dev/urandom >noise.kmsg
ok random_bytes says 1 'this is no text' "$kmsgc" --check noise.kmsg
printf 'record A { x: i32 }\0' >nul.kmsg
ok a_nul_byte says 1 'nul.kmsg:1:20: error: a NUL byte' "$kmsgc" --check nul.kmsg
printf 'record A { x: i32 } // \377\n' >latin.kmsg
ok not_utf8 says 1 'latin.kmsg:1:24: error: not UTF-8' "$kmsgc" --check latin.kmsg
: >empty.kmsg
ok an_empty_file_is_a_schema "$kmsgc" --check empty.kmsg
awk 'BEGIN { for (i = 0; i < 1000000; i++) printf "record A%d{x:i32}", i; print "" }' >long.kmsg
ok a_line_of_18_mb says 1 'larger than a schema may be' "$kmsgc" --check long.kmsg
awk 'BEGIN { printf "record A { x: Foo "; for (i = 0; i < 10000000; i++) printf " "; print "}" }' \
    >wide.kmsg
ok a_line_of_10_mb sh -c "'$kmsgc' --check wide.kmsg 2>&1 | awk 'length > 300 { exit 1 }'"
head -c 104857600 /dev/zero | tr '\0' 'x' >huge.kmsg
ok a_file_of_100_mb says 1 'larger than a schema may be' "$kmsgc" --check huge.kmsg
awk 'BEGIN { printf "record A { x: "; for (i = 0; i < 10000; i++) printf "list<"; print "i32 }" }' \
    >deep.kmsg
ok a_type_10000_deep says 1 'nested too deeply' "$kmsgc" --check deep.kmsg

# chain FORM LAST: 10,000 lines, each leading to the next
chain()
{
    awk -v form="$1\n" 'BEGIN { for (i = 0; i < 10000; i++) printf form, i, i + 1 }'
    echo "$2"
}

chain 'alias A%d = A%d;' 'alias A10000 = u8;' >aliases.kmsg
ok aliases_10000_deep says 1 'nested more than 64 deep' "$kmsgc" --check aliases.kmsg
chain 'record A%d { x: A%d }' 'record A10000 { x: u8 }' >records.kmsg
ok records_10000_deep says 1 'nested more than 64 deep' "$kmsgc" --check records.kmsg
chain 'record A%d { x: A%d? }' 'record A10000 { x: u8 }' >chain.kmsg
ok a_chain_of_10000_pointers "$kmsgc" --check chain.kmsg
for i in $(seq 1 70); do echo "import \"i$((i + 1)).kmsg\"; record R$i { x: R$((i + 1))? }" \
    >"i$i.kmsg"; done
echo 'record R71 { x: u8 }' >i71.kmsg
ok imports_70_deep says 1 'nested more than 64 deep' "$kmsgc" --check i1.kmsg
echo 'import "two.kmsg"; record One { x: i32 }' >one.kmsg
echo 'import "one.kmsg"; record Two { x: i32 }' >two.kmsg
ok an_import_cycle says 1 'imports itself by way of others [import-cycle]' "$kmsgc" --check one.kmsg
cat >mistakes.kmsg <<'END'
record A { x i32; y: i32 }
record B { x: }
record C { x: i32; y: i32 z }
record D { x: i32 }
END
ok three_mistakes_three_messages sh -c "test \"\$('$kmsgc' --check mistakes.kmsg 2>&1 | grep -c \
    error:)\" = 3"
awk 'BEGIN { for (i = 0; i < 100; i++) printf "record A%d { x: Nope%d }\n", i, i }' >many.kmsg
ok twenty_errors_are_enough \
    sh -c "test \"\$('$kmsgc' --check many.kmsg 2>&1 | grep -c error:)\" = 20 &&
    '$kmsgc' --check many.kmsg 2>&1 | grep -q 'too many errors'"
ok the_caret_is_under_the_word sh -c \
    "printf 'record B { /* \303\244 */ x:\tNope }\n' >c.kmsg
    '$kmsgc' --check c.kmsg 2>&1 | grep -q '^                          ^~~~\$'"

printf 'record A { repeated x: u8 }\n' >repeated.kmsg
ok who_comes_from_protobuf_is_told_what_to_write \
    says 1 'note: a list is written `name: list<type>`' "$kmsgc" --check repeated.kmsg

# room KIB: the command that leaves so much memory; sanitizers reserve more than that.
room()
{
    [ -n "${SAN:-}" ] && echo true || echo "ulimit -v $1"
}

# ---- what must not grow with the square of the input, or faster ----
awk 'BEGIN { for (i = 0; i < 200000; i++) print "/// x"; print "record A { x: i32 }" }' >doc.kmsg
ok a_doc_comment_of_200000_lines sh -c "($(room 400000); '$kmsgc' --check doc.kmsg)"
awk 'BEGIN { for (i = 0; i < 50000; i++) printf "record A%d { x: Nope%d }\n", i, i }' >nope.kmsg
ok fifty_thousand_unknown_names says 1 'too many errors' timeout 20 "$kmsgc" --check nope.kmsg
awk 'BEGIN { print "alias A0 = list<i32>;"
    for (i = 1; i < 31; i++) printf "alias A%d = map<u8, map<u8, A%d>>;\n", i, i - 1
    print "record R { x: A30 }" }' >maps.kmsg
ok maps_of_maps_sixty_deep sh -c "($(room 400000); '$kmsgc' -o maps maps.kmsg)"
# Four times the records, four times the memory.
records()
{
    awk -v n="$1" 'BEGIN { for (i = 0; i < n; i++) printf "/// Number %d.\nrecord R%d { id: u32(1..);" \
        "name: string(1..64); tags: set<string>; by: map<string, i32>; at: timestamp?; mac: u8[6];" \
        "up: ref<R%d> }\n", i, i, i }'
}
records 5000 >five.kmsg
ok five_thousand_records sh -c "($(room 320000); '$kmsgc' -o five five.kmsg)"
records 20000 >twenty.kmsg
ok twenty_thousand_records sh -c "($(room 1280000); '$kmsgc' -o twenty twenty.kmsg)"

# ---- names that C has already ----
cat >hostile.kmsg <<'END'
record int { class: i32; errno: string; linux: u8?; NULL: list<int>; EOF: map<string, i32> }
enum class { EOF, NULL, default }
record kmsg_err { KMSG_OK: i32; kmsg_ask: bool }
record errno { int: int?; default: class }
error FILE { stdin: string }
service switch { case(for: i32, while: kmsg_err) -> int throws FILE; new(this: string) -> u8?;
    delete() }
END
cat >hostile.c <<'END'
#include "hostile.kmsg.h"
END
include=$OLDPWD/runtime/include
ok hostile_names_compile_as_c sh -c "'$kmsgc' -o . hostile.kmsg &&
    ${CC:-cc} -std=c11 -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror -I'$include' \
        -c hostile.kmsg.c -o h.o"
if command -v "${CXX:-c++}" >/dev/null; then
    cp hostile.c hostile.cc
    ok hostile_names_compile_as_cxx sh -c \
    "${CXX:-c++} -std=c++17 -Wall -Wextra -Wpedantic -Werror -I'$include' -c hostile.cc -o h2.o"
fi
echo "1..$n"
