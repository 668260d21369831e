#!/bin/bash
# kmsg does not get slower unnoticed: an operation costs as many instructions, within 10 %, as
# tests/insn/baseline says. Fewer are as worth a look as more: the baseline should say so. Elsewhere
# than where the baseline comes from there is nothing to compare with.
set -u

. tests/tap.sh
baseline=tests/insn/baseline

# what_it_depends_on FILE
what_it_depends_on()
{
    grep -E '^(compiler|library|machine|flags) ' "$1"
}

# why_not: the reason why this build cannot be compared; nothing if it can
why_not()
{
    if [ -n "$SAN" ]; then
        echo "sanitizers count for themselves"
    elif ! command -v valgrind > /dev/null; then
        echo "no valgrind to count with"
    elif ! tests/insn/count here > "$tmp/here"; then
        echo "tests/insn/count fails"
    else
        diff <(what_it_depends_on $baseline) <(what_it_depends_on "$tmp/here") |
            sed -n 's/^> /the baseline is not for /p' | head -n 1
    fi
}

# within BASELINE COUNTS CASE OPERATION: at most a tenth between the two
within()
{
    was=$(sed -n "s/^$3 $4 //p" "$1")
    is=$(sed -n "s/^$3 $4 //p" "$2")
    echo "$3 $4 takes ${is:-no} instructions, in $baseline ${was:-none}"
    echo "if that is meant: make insn-baseline, and say why in the commit"
    [ "$((is * 10))" -le "$((was * 11))" ] && [ "$((is * 10))" -ge "$((was * 9))" ]
}

# notices CASE OPERATION PERCENT: counts that are so much of the baseline are told
notices()
{
    awk -v c="$1" -v o="$2" -v p="$3" '$1 == c && $2 == o { $3 = int($3 * p / 100) } { print }' \
        $baseline > "$tmp/changed"
    ! within $baseline "$tmp/changed" "$1" "$2"
}

reason=$(why_not)
[ -n "$reason" ] || check counting_works eval 'tests/insn/count > "$tmp/counts"'
for case in 'tick encode' 'tick decode' 'person encode' 'person decode' 'message oneway' \
    'message call'; do
    name=${case/ /_}_costs_what_it_did
    if [ -n "$reason" ]; then
        skip "$name" "$reason"
    else
        # shellcheck disable=SC2086
        check "$name" within $baseline "$tmp/counts" $case
    fi
done
check more_is_noticed notices tick encode 125
check less_is_noticed notices person decode 80
finish
