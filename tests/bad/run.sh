#!/bin/sh
# Schemas that must not pass. What must be said stands in the file itself, at the line that it is
# about:
#
#     record A { p: Persn }     // error: no type 'Persn'; did you mean 'Person'?
#
# Exactly these messages must come, each naming its line and containing the text (a [check-name] at
# its end too), in any order; and kmsgc must exit 1 (0 where there are only warnings). Notes are
# free.
set -u

kmsgc=$(cd "$(dirname "${B:-build}/bin/kmsgc")" && pwd)/kmsgc
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$(dirname "$0")" || exit 1
n=0

# Lines "LINE KIND TEXT" that a schema asks for, and that kmsgc said, are matched in awk.
match='
function trim(s) { sub(/[ \t]+$/, "", s); return s }
NR == FNR {
    if (match($0, /\/\/ (error|warning): /)) {
        rest = substr($0, RSTART + 3)
        kind = rest; sub(/:.*/, "", kind)
        text = rest; sub(/^[a-z]+: /, "", text)
        name = ""
        if (match(text, / \[[a-z-]+\]$/)) {
            name = substr(text, RSTART + 1)
            text = substr(text, 1, RSTART - 1)
        }
        wanted[++wants] = FNR SUBSEP kind; texts[wants] = trim(text); names[wants] = name
    }
    next
}
match($0, /^[^ :]+:[0-9]+:[0-9]+: (error|warning): /) {
    split($0, part, ":")
    kind = part[4]; gsub(/ /, "", kind)
    for (i = 1; i <= wants; i++)
        if (!met[i] && wanted[i] == part[2] SUBSEP kind && index($0, texts[i]) &&
            index($0, names[i]))
            break
    if (i > wants) { print "not wanted: " $0; bad = 1 } else met[i] = 1
}
END {
    for (i = 1; i <= wants; i++)
        if (!met[i]) {
            split(wanted[i], w, SUBSEP)
            print "missing: line " w[1] ": " w[2] ": " texts[i] " " names[i]
            bad = 1
        }
    exit bad
}'

for schema in *.kmsg; do
    n=$((n + 1))
    "$kmsgc" --check "$schema" >"$dir/said" 2>&1
    status=$?
    awk "$match" "$schema" "$dir/said" >"$dir/why"
    matched=$?
    grep -q '// error' "$schema"
    wanted=$((1 - $?))
    if [ $matched = 0 ] && [ $status = $wanted ]; then
        echo "ok $n - ${schema%.kmsg}"
    else
        echo "not ok $n - ${schema%.kmsg}"
        echo "# exit $status, wanted $wanted"
        sed 's/^/# /' "$dir/why"
    fi
done

# Every check that the front end names is wanted by some schema here.
grep -ohE '"([a-z]+-[a-z-]+|pattern|mark|stream|depth)"' ../../idl/*.c ../../idl/*.l |
    tr -d '"' | sort -u >"$dir/checks"
n=$((n + 1))
untested=$(while read -r check; do
    grep -q "\[$check\]" ./*.kmsg || echo "$check"
done <"$dir/checks")
if [ -z "$untested" ] && [ "$(wc -l <"$dir/checks")" -gt 40 ]; then
    echo "ok $n - every check has a test"
else
    echo "not ok $n - every check has a test: $untested"
fi
echo "1..$n"
