#!/bin/bash
# memory_test.sh -- one allocation after the other is refused to kmsgc and kmsg, and then all from
# one on: each time they say so and end with status 1, or do all the same what they do. No file is
# left half written.
. tests/tap.sh

if [ -n "$SAN" ]; then
    echo "1..0 # SKIP a sanitizer has an allocator of its own"
    exit 0
fi
if ! $CC -std=c11 -D_POSIX_C_SOURCE=200809L -shared -fPIC -o "$tmp/refuse.so" tests/cli/refuse.c \
    > "$tmp/said" 2>&1; then
    echo "1..0 # SKIP this C library's allocator has other names: $(head -n 1 "$tmp/said")"
    exit 0
fi

cat > "$tmp/part.kmsg" << 'EOF'
module part;
enum Color { RED, GREEN }
const SIDE: u32 = 3;
EOF
cat > "$tmp/whole.kmsg" << 'EOF'
/// Some of everything.
module whole;
import "part.kmsg";
alias Names = map<string(1..9, "[a-z]+"), list<list<u8>>>;
record Leaf { value: i64 = 7; color: part.Color = GREEN; at: u8[SIDE] }
record Tree { leaf: Leaf; left: Tree?; names: Names; all: set<string>; to: ref<Leaf>; any: Shape }
union Shape { leaf: Leaf; name: string }
error Lost { why: string = "gone" }
service Find { find(name: string, maybe: u32?) -> Tree throws Lost }
EOF
sed 's/value: i64/other: u32/' "$tmp/whole.kmsg" > "$tmp/old.kmsg"
sed 's/record Leaf { /record Leaf { 5 a: nothing; b u8; /' "$tmp/whole.kmsg" > "$tmp/bad.kmsg"
printf '{"why":"lost"}' > "$tmp/lost.json"
"$B"/bin/kmsg encode -I "$tmp" -s "$tmp/whole.kmsg" -t Lost \
    < "$tmp/lost.json" > "$tmp/lost.bin"

# What COMMAND writes into $tmp/out is either not there or as without refusals ($tmp/good).
is_whole()
{
    for file in "$tmp"/out/*; do
        [ ! -e "$file" ] || cmp "$file" "$tmp/good/${file##*/}" || return 1
    done
}

# run_at N COMMAND...: status 1 with words, or what it is otherwise. It reads $input.
input=/dev/null
run_at()
{
    local at=$1 status
    shift
    rm -rf "$tmp/out" "$tmp/refused"
    mkdir "$tmp/out"
    REFUSE=$at REFUSED=$tmp/refused LD_PRELOAD=$tmp/refuse.so "$@" \
        < "$input" > "$tmp/stdout" 2> "$tmp/stderr"
    status=$?
    if [ $status != "$usual" ] && { [ $status != 1 ] || [ ! -s "$tmp/stderr" ]; }; then
        echo "allocation $at refused: status $status"
        cat "$tmp/stderr"
        return 1
    fi
    is_whole || { echo "allocation $at refused: half a file"; return 1; }
}

# For every N up to 50, and some of those that follow, until there are no more.
every_n()
{
    local n=0
    rm -rf "$tmp/out" "$tmp/good"
    mkdir "$tmp/out"
    "$@" < "$input" > "$tmp/stdout" 2> "$tmp/stderr"
    usual=$?
    mv "$tmp/out" "$tmp/good"
    while :; do
        n=$((n + 1 + n / 50))
        run_at "$n" "$@" || return 1
        [ -e "$tmp/refused" ] || break
    done
    echo "$n allocations"
    [ "$n" -gt 5 ]
}

both()
{
    every_n "$@" && REFUSE_ALL=1 every_n "$@"
}

check "kmsgc writes C, or says that there is no memory" \
    both "$KMSGC" -I "$tmp" -MD -MF "$tmp/out/d" -o "$tmp/out" "$tmp/whole.kmsg"
check "so for documentation and JSON Schema" \
    both "$KMSGC" --docs --json-schema -I "$tmp" -o "$tmp/out" "$tmp/whole.kmsg"
check "and for mistakes" both "$KMSGC" -I "$tmp" -o "$tmp/out" "$tmp/bad.kmsg"
check "kmsgc --compare" both "$KMSGC" --compare "$tmp/old.kmsg" "$tmp/whole.kmsg"
input=$tmp/whole.kmsg
check "kmsgc --format" both "$KMSGC" --format -
input=$tmp/lost.json
check "kmsg encode" both "$B/bin/kmsg" encode -I "$tmp" -s "$tmp/whole.kmsg" -t Lost
input=$tmp/lost.bin
check "kmsg decode" both "$B/bin/kmsg" decode -I "$tmp" -s "$tmp/whole.kmsg"
finish
