#!/bin/bash
# kmsg_test.sh -- the kmsg command from outside: what goes in comes out, and what is wrong is said.
. tests/tap.sh

kmsg=$(realpath "$B/bin/kmsg")
source=$PWD
cd "$tmp" || exit 1

cat > people.kmsg <<'END'
module acme;
import "shapes.kmsg";
enum Level { LOW, HIGH = 5 }
record Person {
  name: string(1..20); age: u8(..150)?; level: Level = HIGH; tags: set<string>;
  scores: map<string, i32>; friends: list<Person>; shape: shapes.Shape; extra: any; big: u64
}
error NotFound { name: string }
END
mkdir lib
cat > lib/shapes.kmsg <<'END'
module shapes;
record Point { x: i32; y: i32 }
union Shape { point: Point; name: string }
END
echo '{"name":"Ada","age":36,"level":"LOW","tags":["a","b"],"scores":{"go":-3},"friends":[],"shape":{"point":{"x":1,"y":2}},"extra":{},"big":"18446744073709551615"}' > ada.json
use='-s people.kmsg -I lib'

# says STATUS TEXT COMMAND...: exits so, with this text on stderr.
says()
{
    local wanted=$1 text=$2 status=0
    shift 2
    "$@" > said.out 2> said.err || status=$?
    [ $status = "$wanted" ] && grep -qF -- "$text" said.err && return
    echo "exit $status, wanted $wanted; stderr without: $text"
    cat said.err
    return 1
}

# sh_says STATUS TEXT SCRIPT: the same of a script, for pipes.
sh_says()
{
    says "$1" "$2" bash -o pipefail -c "kmsg=$kmsg use='$use'; $3"
}

run()
{
    bash -o pipefail -c "kmsg=$kmsg use='$use'; $1"
}

# ---- there and back ----

check "a value through a pipe comes back as it was" \
    run '$kmsg encode $use -t Person ada.json | $kmsg decode $use -t acme.Person | diff ada.json -'
$kmsg encode $use -t Person ada.json > ada.bin
check "a message tells its type" run '[ "$($kmsg decode $use ada.bin)" = \
    "{\"type\":\"acme.Person\",\"value\":$(cat ada.json)}" ]'
check "what decode writes encode takes, to the byte" \
    run '$kmsg decode $use ada.bin | $kmsg encode $use | cmp - ada.bin'
check "without a schema there are the bytes" run '$kmsg decode ada.bin | grep -q "^{\"type\":\"acme.Person\",\"bytes\":\""'
check "... which are taken back too" run '$kmsg decode ada.bin | $kmsg encode $use | cmp - ada.bin'
check "... also by who does not know the type" \
    run 'echo "record Other { a: u8 }" > other.kmsg
    $kmsg decode ada.bin | $kmsg encode -s other.kmsg | cmp - ada.bin'
check "several values, on lines or not" run 'printf "%s" "{\"x\":1}{\"x\":2} {\"x\":
    3}" | $kmsg encode $use -t shapes.Point | $kmsg decode $use -t Point |
    [ "$(cat)" = "{\"x\":1,\"y\":0}
{\"x\":2,\"y\":0}
{\"x\":3,\"y\":0}" ]'
check "brackets and quotes in strings are text" run \
    'echo "{\"name\":\"}]\\\"{\\\\\"}{\"name\":\"b\"}" | $kmsg encode $use -t Person |
    $kmsg cat $use | grep -c . | grep -qx 2'
check "values of different types in one stream" run '{ cat ada.bin; echo "{\"x\":7}" |
    $kmsg encode $use -t Point; } | $kmsg decode $use | grep -o "^{\"type\":\"[a-z.A-Z]*\"" |
    tr "\n" " " | grep -qx "{\"type\":\"acme.Person\" {\"type\":\"shapes.Point\" "'
check "an any of a known type is an object" run \
    'echo "{\"name\":\"n\",\"extra\":{\"type\":\"shapes.Point\",\"value\":{\"x\":5}}}" |
    $kmsg encode $use -t Person | $kmsg decode $use |
    grep -qF "\"extra\":{\"type\":\"shapes.Point\",\"value\":{\"x\":5,\"y\":0}}"'
check "several files, and stdin among them" run \
    'cat ada.json | $kmsg encode $use -t Person ada.json - ada.json | $kmsg decode ada.bin - |
    grep -c . | grep -qx 4'
check "no values, no bytes" run '[ -z "$($kmsg encode $use -t Person < /dev/null)" ] &&
    [ -z "$($kmsg decode $use < /dev/null)" ]'
check "cat is for people" run '$kmsg cat $use ada.bin | grep -q "^acme.Person { name: \"Ada\", age: 36"'
check "... also without a schema" run '$kmsg cat ada.bin | grep -q "acme.Person"'
check "the types of a schema" run '[ "$($kmsg types $use | tr "\n" " ")" = \
    "shapes.Point acme.Person acme.NotFound " ]'

# ---- bare messages ----

check "a bare message there and back" run '$kmsg encode $use -t Person --raw ada.json > ada.raw &&
    $kmsg decode $use -t Person --raw ada.raw | diff ada.json -'
check "... is the end of the one in a stream" run 'tail -c $(stat -c %s ada.raw) ada.bin >/dev/null &&
    [ $(($(stat -c %s ada.bin) - (8 + 16) - $(stat -c %s ada.raw))) -lt 8 ]'
check "... of any type" run 'echo "{\"value\":[1,2,3]}" | $kmsg encode $use -t "list<u32>" --raw |
    $kmsg decode $use -t "list<u32>" --raw | grep -qx "{\"value\":\[1,2,3\]}"'
check "... shown" run '$kmsg cat $use -t Person --raw ada.raw | grep -q Ada'
check "only one" sh_says 1 'stdin:record 2 (line 2): --raw takes one value' \
    'cat ada.json ada.json | $kmsg encode $use -t Person --raw'
check "and not none" sh_says 1 'no value to encode' '$kmsg encode $use -t Person --raw < /dev/null'
check "a stream is no bare message" sh_says 1 'ada.bin:record 1: ' \
    '$kmsg decode $use -t Person --raw ada.bin'
check "a bare message is no stream" sh_says 1 'ada.raw:record 1: not a stream of kmsg messages' \
    '$kmsg decode $use ada.raw'

# ---- what is wrong, and where ----

check "a limit, with record and place" sh_says 1 \
    'kmsg: stdin:record 2 (line 3): Person.age: 200 is above 150' \
    'printf "%s\n\n%s\n" "{\"name\":\"a\"}" "{\"name\":\"b\",\"age\":200}" |
    $kmsg encode $use -t Person > out.bin'
check "... and what came before is written" run '$kmsg decode out.bin | grep -c . | grep -qx 1'
check "a mistake in JSON, with its line and column" sh_says 1 \
    'stdin:record 2 (line 3, column 9): ' \
    'printf "%s\n  {\n\"name\": x}\n" "{\"name\":\"a\"}" | $kmsg encode $use -t Person'
check "... also where each value tells its type" sh_says 1 'record 1 (line 1, column 11): ' \
    'echo " {\"type\": x}" | $kmsg encode $use'
check "a value that does not end" sh_says 1 'record 1 (line 1): the input ends inside a value' \
    'echo "{\"name\":\"}\"" | $kmsg encode $use -t Person'
check "a stray bracket" sh_says 1 'record 1' 'echo "}{}" | $kmsg encode $use -t Person'
check "a value without a type" sh_says 1 'a value without a type' 'echo "{}" | $kmsg encode $use'
check "an unknown member is ignored" run 'echo "{\"name\":\"a\",\"nmae\":1}" |
    $kmsg encode $use -t Person > /dev/null'
check "... unless that is not wanted" sh_says 1 'nmae' 'echo "{\"name\":\"a\",\"nmae\":1}" |
    $kmsg encode --strict $use -t Person'
check "a type that is misspelt" sh_says 1 "no type 'Persn'; did you mean 'acme.Person'?" \
    '$kmsg encode $use -t Persn ada.json'
check "a type that is none" sh_says 1 "no type 'Quux' in these schemas" \
    '$kmsg decode $use -t Quux ada.bin'
check "a type that is no record" sh_says 1 "'list<u32>' is no record" \
    '$kmsg encode $use -t "list<u32>" ada.json'
check "a type that is not written like one" sh_says 1 "is not how a type is written" \
    '$kmsg encode $use --raw -t "list<u32" ada.json'
check "another type than was said" sh_says 1 \
    'ada.bin:record 1: of type acme.Person, not shapes.Point' '$kmsg decode $use -t Point ada.bin'
check "a schema that is missing" sh_says 1 'none.kmsg: error: cannot read it' \
    '$kmsg decode -s none.kmsg ada.bin'
check "a schema with a mistake" sh_says 1 "error: no type 'Nothing'" \
    'echo "record A { a: Nothing }" > bad.kmsg; $kmsg decode -s bad.kmsg ada.bin'
check "a file that is missing" sh_says 1 'cannot open none.bin: No such file' \
    '$kmsg decode none.bin'
check "a folder" sh_says 1 'cannot read .: Is a directory' '$kmsg decode .'
check "a disk that is full" sh_says 1 'cannot write: No space left on device' \
    '$kmsg decode ada.bin > /dev/full'
check "a value that is too large" sh_says 1 'a value of more than 20 bytes (see --max)' \
    '$kmsg encode $use -t Person --max 20 ada.json'
check "a message that is too large" sh_says 1 'more than 20 (see --max)' \
    '$kmsg decode --max=20 ada.bin'

# ---- input that was cut or made up ----

every_cut_is_seen()
{
    local size cut
    size=$(stat -c %s ada.bin)
    for ((cut = 1; cut < size; cut++)); do
        head -c $cut ada.bin > cut.bin
        says 1 'cut.bin:record 1: the input ends inside a message' "$kmsg" decode $use cut.bin ||
            return 1
        [ ! -s said.out ] || return 1
    done
}

no_byte_brings_it_down()
{
    local size at status
    size=$(stat -c %s ada.bin)
    for ((at = 0; at < size; at += 3)); do
        cp ada.bin odd.bin
        printf '\377' | dd of=odd.bin bs=1 seek=$at conv=notrunc status=none
        status=0
        "$kmsg" decode $use odd.bin > odd.out 2> odd.err || status=$?
        [ $status -le 1 ] && [ $status = 0 -o -s odd.err ] || return 1
    done
}

check "every cut of a message is seen" every_cut_is_seen
check "no other byte brings it down" no_byte_brings_it_down
check "noise is refused" sh_says 1 'noise:record 1: ' \
    'head -c 100000 /dev/urandom > noise; $kmsg decode $use noise'
[ -n "$SAN" ] || little='ulimit -v 300000;' # a sanitizer takes a lot of it
check "a size that is not there takes no memory" sh_says 1 'the input ends inside a message' \
    "${little-}"' printf "\4\0\0\0\0\0\0\100abc\0\0\0\0\0" | $kmsg decode --max 1073741824'
check "padding that is not zero" sh_says 1 'padding that is not zero behind the name' \
    'printf "\4\0\0\0\0\0\0\0abc\0\0\0\0\1" | $kmsg decode'
check "a name with a NUL in it" sh_says 1 'no name of a type' \
    'printf "\4\0\0\0\0\0\0\0a\0c\0\0\0\0\0" | $kmsg decode'
check "a million brackets" sh_says 1 'record 1' \
    'head -c 1000000 /dev/zero | tr "\0" "[" | $kmsg encode $use -t Person'

# ---- streams ----

many()
{
    local i
    for ((i = 0; i < 10000; i++)); do
        echo "{\"name\":\"n$i\",\"age\":$((i % 150)),\"scores\":{\"a\":$i}}"
    done > many.json
    "$kmsg" encode $use -t Person many.json > many.bin &&
        [ "$("$kmsg" decode $use -t Person many.bin | grep -c '"name":"n')" = 10000 ] &&
        "$kmsg" decode $use many.bin | "$kmsg" encode $use | cmp - many.bin
}

# With less memory than there is to read.
bounded()
{
    for _ in 1 2 3 4 5 6 7 8; do
        cat many.bin many.bin many.bin many.bin
    done | (
        ulimit -v 30000
        "$kmsg" decode $use -t Person
    ) | grep -c . | grep -qx 320000
}

# The answer to a value comes before the next one is asked for.
at_once()
{
    local line
    coproc both { "$kmsg" encode $use -t Point | "$kmsg" decode $use -t Point; }
    for i in 1 2 3; do
        echo "{\"x\":$i,\"y\":1}" >&"${both[1]}"
        read -r -t 20 line <&"${both[0]}" && [ "$line" = "{\"x\":$i,\"y\":1}" ] || return 1
    done
    eval "exec ${both[1]}>&-"
    wait "$both_PID"
}

reader_leaves()
{
    "$kmsg" decode $use many.bin 2> left.err | head -1 | grep -q n0 && [ ! -s left.err ]
}

check "10,000 records" many
if [ -n "$SAN" ]; then
    skip "... in little memory" "a sanitizer takes a lot of it"
else
    check "... in little memory, 32 times over" bounded
fi
check "a stream passes through as it comes" at_once
check "a reader that leaves early" reader_leaves

# ---- the README ----

# What its lines give is what stands below them.
readme_holds()
{
    awk '/^## / { on = /At the shell/ } on' "$source/README.md" > readme &&
        mkdir readme.d && sed -n '/^```sh$/,/^```$/p' readme | grep -v '^```' > readme.sh &&
        sed -n 's/^    //p' readme > readme.wanted && [ "$(wc -l < readme.wanted)" = 2 ] &&
        (cd readme.d && PATH=${kmsg%/*}:$PATH bash -e ../readme.sh) | diff readme.wanted -
}

check "the README's lines do what it says" readme_holds

# ---- the command line ----

check "help" run '$kmsg --help | grep -q "^usage: kmsg COMMAND" && $kmsg help | grep -q decode'
check "help of each command" run 'for c in encode decode cat types key call ping sub pub network \
    directory; do
    $kmsg help $c | grep -q "^usage: kmsg $c" && [ "$($kmsg $c --help)" = "$($kmsg help $c)" ] ||
    exit 1; done'
check "the version" run '$kmsg --version | grep -q "^kmsg [0-9]"'
check "no command" says 2 'what is to be done?' "$kmsg"
check "no such command" says 2 'no such command: encod' "$kmsg" encod
check "no such option" says 2 'no such option: --nonsense' "$kmsg" decode --nonsense
check "an option without a value" says 2 'a value is missing behind -s' "$kmsg" encode -s
check "no schema" says 2 'no schema' "$kmsg" encode -t Person
check "a type without a schema" says 2 '-t needs the schema' "$kmsg" decode -t Person
check "--raw without a type" says 2 '--raw needs a type' "$kmsg" decode --raw
check "a size that is none" says 2 'not a size' "$kmsg" decode --max 1k
check "values of options in every form" run '$kmsg decode -speople.kmsg -Ilib --type=Person ada.bin &&
    $kmsg decode --schema people.kmsg -I lib -t Person -- ada.bin'

# ---- the page, the completion ----

options()
{
    for c in encode decode cat types key call ping sub pub network directory; do
        "$kmsg" help $c
    done | sed -n 's/^  *\(-[^ ].*\)/\1/p' | sed 's/  .*//' | tr ', ' '\n\n' | grep '^-' | sort -u
}

page_has_them()
{
    options > have && [ "$(wc -l < have)" -ge 8 ] || return 1
    while IFS= read -r option; do
        sed 's/\\//g' "$source/runtime/cli/kmsg.1" | grep -qF -- "$option" || return 1
    done < have
}

completed()
{
    . "$source/runtime/cli/kmsg.bash"
    COMP_WORDS=(kmsg "$@")
    COMP_CWORD=$#
    _kmsg "$kmsg"
    [ ${#COMPREPLY[@]} = 0 ] || printf '%s\n' "${COMPREPLY[@]}" | sort
}

check "the man page has all options" page_has_them
check "bash proposes commands" diff <(printf '%s\n' call cat decode directory encode help key \
    network ping pub sub types) <(completed '')
check "... options" diff <(printf -- '--schema\n--strict\n') <(completed encode --s)
check "... schemas" diff <(printf 'people.kmsg\n') <(completed encode -s p)
check "... the types of the schema" diff <(printf 'acme.NotFound\nacme.Person\n') \
    <(completed decode -s people.kmsg -I lib -t acme)
check "... what can be done with keys" diff \
    <(printf 'cluster\nlist\nnew\nrevoke\nshow\ntrust\n') <(completed key '')
check "... options of keys" diff <(printf -- '--at\n--folder\n--role\n') <(completed key trust -)
check "... who can be revoked" diff <(printf 'paris\n') <(
    "$kmsg" key trust --folder keys \
        aeaqcaibaeaqcaibaeaqcaibaeaqcaibaeaqcaibaeaqcaibaeauuwqp paris >&2
    completed key --folder keys revoke p)
check "... files" diff <(printf 'ada.bin\nada.json\nada.raw\n') <(completed decode ada)
if command -v mandoc > /dev/null; then
    check "mandoc has nothing to say about the page" \
        diff /dev/null <(mandoc -T lint -W warning "$source/runtime/cli/kmsg.1")
else
    skip "mandoc about the page" "it is not here"
fi
finish
