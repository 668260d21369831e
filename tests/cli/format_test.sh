#!/bin/bash
# format_test.sh -- kmsgc --format from outside: layout, files, --check, stdin, and what it refuses.
# tests/format/X.kmsg becomes tests/format/X.expected.
. tests/tap.sh

root=$PWD
kmsgc=$(realpath "$KMSGC")
cd "$tmp" || exit 1

# says STATUS TEXT COMMAND...: exits so, and says so on stderr
says()
{
    wanted=$1 text=$2
    shift 2
    "$@" 2> said
    status=$?
    [ $status = "$wanted" ] && grep -qF -- "$text" said && return 0
    echo "exit $status, wanted $wanted; stderr without: $text"
    cat said
    return 1
}

# becomes TEXT LAYOUT: both for printf
becomes()
{
    printf "$1" > in.kmsg
    printf "$2" > wanted
    "$kmsgc" --format - < in.kmsg > got && diff wanted got
}

# unchanged FILE COMMAND...: the command fails and leaves the file, and its folder, alone
unchanged()
{
    file=$1
    shift
    cp "$file" before
    ls -A "$(dirname "$file")" > list
    "$@"
    [ $? = 1 ] && cmp before "$file" && ls -A "$(dirname "$file")" | diff list -
}

# ---- layout ----
same_as_expected()
{
    "$kmsgc" --format - < "$1" > got && diff -u "${1%.kmsg}.expected" got
}

for schema in "$root"/tests/format/*.kmsg; do
    check "layout: $(basename "$schema" .kmsg)" same_as_expected "$schema"
done

# Twice is once, for all schemas that the grammar takes.
all_stable()
{
    stable=0
    for schema in $(find "$root/tests" "$root/examples" "$root/idl" -name '*.kmsg'); do
        "$kmsgc" --dump=ast "$schema" > /dev/null 2>&1 || continue
        "$kmsgc" --format - < "$schema" > once.kmsg 2> said || { cat said; return 1; }
        "$kmsgc" --format --check once.kmsg || { echo "$schema"; return 1; }
        stable=$((stable + 1))
    done
    [ $stable -ge 20 ]
}
check "every schema: what is laid out stays so" all_stable

means_the_same()
{
    sed 's,//.*,,' "$root/tests/golden/values.kmsg" > values.kmsg && "$kmsgc" -o was values.kmsg &&
        tr '\n' ' ' < values.kmsg > flat.kmsg && mv flat.kmsg values.kmsg &&
        "$kmsgc" --format values.kmsg && "$kmsgc" -o is values.kmsg && diff -r was is &&
        [ "$(wc -l < values.kmsg)" -gt 30 ]
}
check "the same C comes of it" means_the_same

check "examples are laid out so (if not: kmsgc --format examples/*/*.kmsg)" \
    "$kmsgc" --format --check "$root"/examples/*/*.kmsg

check "an empty file stays empty" becomes '' ''
check "nothing but blanks is nothing" becomes ' \n\n\t' ''
check "a comment alone" becomes '// c' '// c\n'
check "the last line gets its end" becomes 'alias A = u8;' 'alias A = u8;\n'
check "blanks at the ends of lines go" becomes 'alias A = u8; \t\n// c \t\n' 'alias A = u8;\n// c\n'
check "CR LF becomes LF" becomes 'record A {\r\n  x: u8 // c\r\n}\r\n/* a\r\n b */\r\n' \
    'record A {\n    x: u8; // c\n}\n/* a\n b */\n'
check "one blank line of many" becomes 'alias A = u8;\n\n\n\nalias B = u8;\n\n\n' \
    'alias A = u8;\n\nalias B = u8;\n'
check "declarations of one line get lines" becomes 'record A {} record B {};;alias C = A' \
    'record A {}\nrecord B {}\nalias C = A;\n'
check "a blank line ends the header" becomes 'module a; record A {}' 'module a;\n\nrecord A {}\n'
check "what is in a string stays" becomes 'const S: string = "a ;{  // \\"";' \
    'const S: string = "a ;{  // \\"";\n'
check "names that are words of the language" \
    becomes 'service S{enum(record:u8)->list<u8>;oneway throws()}' \
    'service S { enum(record: u8) -> list<u8>; oneway throws() }\n'

# ---- files ----
printf 'record A{x:u8}' > a.kmsg
printf 'record B { x: u8 }\n' > b.kmsg
chmod 640 a.kmsg
touch -d 2001-01-01 b.kmsg
touch mark
check "--check names what would change" \
    sh -c "'$kmsgc' --format --check a.kmsg b.kmsg > said; [ \$? = 1 ] && echo a.kmsg | diff - said"
check "... and writes nothing" sh -c "printf 'record A{x:u8}' | cmp - a.kmsg"
check "--check is content with what is laid out" "$kmsgc" --check --format b.kmsg
check "--check of stdin" \
    sh -c "'$kmsgc' --format --check - < a.kmsg > said; [ \$? = 1 ] && echo '<stdin>' | diff - said"
check "in place" sh -c "'$kmsgc' --format a.kmsg b.kmsg > said && ! test -s said &&
    echo 'record A { x: u8 }' | diff - a.kmsg"
check "a file's mode stays" sh -c "test \$(stat -c %a a.kmsg) = 640"
check "what would not change is not touched" test b.kmsg -ot mark
check "no temporary file is left" sh -c "! ls -A | grep 'kmsg\..'"
mkdir there
printf 'record A{x:u8}' > there/a.kmsg
ln -s there/a.kmsg link.kmsg
check "a link stays one" sh -c "'$kmsgc' --format link.kmsg && test -L link.kmsg &&
    echo 'record A { x: u8 }' | diff - there/a.kmsg"
check "a name that begins with -" \
    sh -c "printf 'alias A=u8' > ./-a.kmsg && '$kmsgc' --format -- -a.kmsg && grep -q ' = ' ./-a.kmsg"

# ---- what cannot be ----
check "no file is a usage error" says 2 'no schema to read' "$kmsgc" --format
check "an output folder is a usage error" says 2 '--format writes in place' \
    "$kmsgc" --format -o there b.kmsg
check "a file that is not there" says 1 'nowhere.kmsg: error: cannot read it: No such file' \
    "$kmsgc" --format nowhere.kmsg
check "a folder" says 1 'Is a directory' "$kmsgc" --format there
printf 'record A{x u8}' > bad.kmsg
check "a mistake is told" says 1 "bad.kmsg:1:12: error: expected ':' before 'u8'" \
    "$kmsgc" --format bad.kmsg
check "... and the file left" unchanged bad.kmsg "$kmsgc" --format bad.kmsg
check "... also of stdin, and nothing comes out" sh -c "'$kmsgc' --format - < bad.kmsg > said 2> err
    [ \$? = 1 ] && ! test -s said && grep -q '^<stdin>:1:12: error' err"
printf 'alias A=u8' > good.kmsg
check "the good ones of many are laid out" sh -c "! '$kmsgc' --format bad.kmsg good.kmsg &&
    echo 'alias A = u8;' | diff - good.kmsg"
printf '\357\273\277record A {}' > bom.kmsg
check "a byte order mark is refused" unchanged bom.kmsg "$kmsgc" --format bom.kmsg
printf 'record A{} // \377' > latin.kmsg
check "no UTF-8" says 1 'not UTF-8' "$kmsgc" --format latin.kmsg
printf 'record A{} /* ' > open.kmsg
check "an open comment" unchanged open.kmsg "$kmsgc" --format open.kmsg
printf 'alias A=u8' > full.kmsg
check "a disk that takes nothing" unchanged full.kmsg \
    sh -c "trap '' XFSZ; ulimit -f 0; '$kmsgc' --format full.kmsg"
check "a pipe that is closed" sh -c "! '$kmsgc' --format - < b.kmsg > /dev/full"
if [ "$(id -u)" != 0 ]; then
    mkdir locked
    printf 'alias A=u8' > locked/a.kmsg
    chmod 500 locked
    check "a folder that may not be written" unchanged locked/a.kmsg "$kmsgc" --format locked/a.kmsg
    chmod 700 locked
    chmod 400 locked/a.kmsg
    check "a file that may not be written" unchanged locked/a.kmsg "$kmsgc" --format locked/a.kmsg
else
    skip "a folder that may not be written" "root may"
    skip "a file that may not be written" "root may"
fi

# ---- what must not grow with the square of the input, or faster ----
# quick COMMAND...: within the time and memory that is linear in 1 to 4 MB
quick()
{
    ([ -n "${SAN:-}" ] || ulimit -v 1500000; timeout 60 "$@" > /dev/null)
}

awk 'BEGIN { printf "record A {"
    for (i = 0; i < 100000; i++) printf "x%d: u8;", i; print "}" }' > line.kmsg
check "a line of 1 MB" quick "$kmsgc" --format line.kmsg
awk 'BEGIN { printf "service A { m("
    for (i = 0; i < 100000; i++) printf "x%d: u8, ", i; print "y: u8) }" }' > fold.kmsg
check "a line of 1 MB to be folded" quick "$kmsgc" --format fold.kmsg
awk 'BEGIN { for (i = 0; i < 500000; i++) printf "/**/"; print "\nrecord A { x: u8 }" }' > stars.kmsg
check "500,000 comments in a line" quick "$kmsgc" --format stars.kmsg
awk 'BEGIN { printf "record A { x: u8; "
    for (i = 0; i < 500000; i++) printf "/**/"; print "}" }' > inside.kmsg
check "... and in a block" quick "$kmsgc" --format inside.kmsg
awk 'BEGIN { printf "%200000s/* a", "record A { x: u8; }"
    for (i = 0; i < 100000; i++) print " * b"; print "*/" }' > block.kmsg
check "a comment of 100,000 lines far to the right" quick "$kmsgc" --format - < block.kmsg
awk 'BEGIN { for (i = 0; i < 600000; i++) printf "record A{x:B;y:C\n}" }' > tight.kmsg
check "what would become larger than a schema may be" says 1 'laid out, this is larger' \
    "$kmsgc" --format tight.kmsg
check "... is left" test "$(wc -l < tight.kmsg)" = 600000
finish
