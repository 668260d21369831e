#!/bin/bash
# kmsgc --compare, a case a rule. A file of cases has a sentence, the old schema, the new one, and
# what is said about them, without the hints; nothing if all is safe:
#
#     What lies behind it moves.
#     --- old
#     record R { a: u32; b: u32 }
#     --- new
#     record R { a: u32 }
#     --- says
#     old.kmsg:1:20: unsafe: record R: field 2 'b': it is gone, ... [wire:field-removed]
#
# tests/compare/run.sh --write puts there what is said now; review the difference.
set -u

. tests/tap.sh
kmsgc=$(cd "$(dirname "$KMSGC")" && pwd)/kmsgc
cases=$PWD/tests/compare

# part NAME FILE: the lines of a part
part()
{
    awk -v name="--- $1" '/^--- / { inside = $0 == name; next } inside' "$2"
}

# What is said about a case goes to said, hints to hints.
compare()
{
    part old "$1" > "$tmp/old.kmsg"
    part new "$1" > "$tmp/new.kmsg"
    (cd "$tmp" && "$kmsgc" --compare old.kmsg new.kmsg > out 2> err)
    status=$?
    grep 'unsafe: ' "$tmp/out" > "$tmp/said"
    grep '^    hint: ' "$tmp/out" > "$tmp/hints"
}

says_so()
{
    compare "$1"
    cat "$tmp/err"
    part says "$1" > "$tmp/wanted"
    diff "$tmp/wanted" "$tmp/said" || return 1
    [ ! -s "$tmp/err" ] || return 1
    [ "$(wc -l < "$tmp/said")" = "$(wc -l < "$tmp/hints")" ] || return 1
    if [ -s "$tmp/wanted" ]; then
        [ $status = 1 ]
    else
        [ $status = 0 ] && grep -q '^no unsafe change in 1 schema$' "$tmp/out"
    fi
}

# Nothing that is unsafe one way only is told of a schema and itself.
says_nothing_of_itself()
{
    part old "$1" > "$tmp/old.kmsg"
    (cd "$tmp" && "$kmsgc" --compare old.kmsg old.kmsg)
}

# Every rule is told by the case that has its name.
has_its_case()
{
    grep -q "\[$1\]\$" "$cases/$(echo "$1" | tr : -).case"
}

# FieldType for wire:field-type
camel()
{
    echo "${1#*:}" | sed -E 's/(^|-)([a-z])/\U\2/g'
}

# tests/evolution shows what goes wrong with each of its records: all of them are told, by the rule
# that begins their names, and nothing else is.
says_what_goes_wrong()
{
    for side in old new; do
        grep -v '^module ' "tests/evolution/$side.kmsg" > "$tmp/$side.kmsg"
    done
    (cd "$tmp" && "$kmsgc" --compare --compare-level=wire old.kmsg new.kmsg) > "$tmp/out"
    grep ': unsafe: ' "$tmp/out" > "$tmp/said"
    told=''
    while read -r line; do
        rule=$(sed 's/.*\[\(.*\)\]$/\1/' <<< "$line")
        [[ $line =~ \ ($(camel "$rule")[A-Za-z]*): ]] || { echo "not by its name: $line"; return 1; }
        told="$told ${BASH_REMATCH[1]} $(camel "$rule")"
    done < "$tmp/said"
    for record in $(grep -o 'ROW([A-Z][A-Za-z]*,' tests/evolution/evolution_test.c | grep -v Safe |
        tr -d '(,' | sed 's/^ROW//'); do
        matched=''
        for name in $told; do [[ $record == "$name"* ]] && matched=yes; done
        [ -n "$matched" ] || { echo "not told: $record"; return 1; }
    done
}

if [ "${1:-}" = --write ]; then
    for file in "$cases"/*.case; do
        compare "$file"
        cat "$tmp/err"
        { sed '/^--- says$/q' "$file"; cat "$tmp/said"; } > "$tmp/written"
        cp "$tmp/written" "$file"
    done
    exit
fi

for file in "$cases"/*.case; do
    name=$(basename "$file" .case)
    check "$name" says_so "$file"
    check "${name}_and_itself" says_nothing_of_itself "$file"
done
for rule in $(grep -o '"[a-z]*:[a-z-]*"' compiler/compare_rules.c | tr -d '"'); do
    [ "$rule" = wire:file-removed ] || check "rule_$rule" has_its_case "$rule"
done
check what_goes_wrong_is_told says_what_goes_wrong
finish
