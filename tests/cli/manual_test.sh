#!/bin/bash
# manual_test.sh -- `kmsgc --help`, the man page and the completion of bash know the same options,
# and the last two do their work.
. tests/tap.sh

page=compiler/kmsgc.1
kmsgc=$(realpath "$KMSGC")

# ---- the options ----

# The first column of --help; a value is no part of an option, but one of a few is (--dump=ast).
in_help()
{
    "$kmsgc" --help | sed -n 's/^  \(-[^ ].*\)/\1/p' | sed 's/  .*//' | tr ', ' '\n\n' |
        sed -n 's/=[A-Z]*$//; /^-/p' | sort
}

# The line behind each .TP of OPTIONS.
in_page()
{
    awk '/^\.SH/ { on = /OPTIONS/ } on && tag { print } { tag = $0 == ".TP" }' "$page" |
        sed 's/\\//g' | tr ', "' '\n\n\n' | sed -n 's/=[A-Z]*$//; /^-/p' | sort
}

same_options()
{
    in_help > "$tmp/help" && [ "$(wc -l < "$tmp/help")" -gt 10 ] && diff "$tmp/help" <("$@")
}

# ---- the completion ----

. compiler/kmsgc.bash

# completed WORD...: what is proposed for the last word, as bash would ask for it.
completed()
{
    COMP_WORDS=(kmsgc "$@")
    COMP_CWORD=$#
    _kmsgc "$kmsgc" "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
    [ ${#COMPREPLY[@]} = 0 ] || printf '%s\n' "${COMPREPLY[@]}" | sort
}

in_completion()
{
    completed -
}

# proposes WANTED WORD...
proposes()
{
    (cd "$tmp/in" && diff <(printf '%s' "${1:+$1$'\n'}") <(completed "${@:2}"))
}

mkdir -p "$tmp/in/sub dir"
touch "$tmp/in/a.kmsg" "$tmp/in/b.kmsg" "$tmp/in/b.txt"

check "the man page has the options of --help" same_options in_page
check "... and bash proposes them" same_options in_completion
check "an option that was begun" proposes $'--check' --ch
check "one of a few values" proposes $'ast\nmodel' --dump =
check "... that was begun" proposes model --dump = mo
check "schemas, and folders" proposes $'a.kmsg\nb.kmsg\nsub dir' ''
check "... also behind a schema" proposes b.kmsg a.kmsg b
check "... and behind an option without a value" proposes b.kmsg -MD b
check "a folder behind -o" proposes 'sub dir' -o ''
check "... and behind --base=" proposes 'sub dir' --base = s
check "any file behind -MF" proposes $'b.kmsg\nb.txt' -MF b
check "nothing for what is no option" proposes '' --nonsense = ''
check "... even one that sed would stumble on" proposes '' a/b = ''

without_kmsgc()
{
    kmsgc=$tmp/none proposes $'a.kmsg\nb.kmsg\nsub dir' ''
}

knows_the_command()
{
    [ "$(complete -p kmsgc)" = 'complete -F _kmsgc kmsgc' ]
}

# An option that takes two schemas, of a kmsgc that has one.
printf '#!/bin/sh\necho "  -p, --pair OLD NEW  two"\n' > "$tmp/two"
chmod +x "$tmp/two"

takes_two()
{
    kmsgc=$tmp/two
    proposes $'a.kmsg' --pair a && proposes b.kmsg --pair a.kmsg b && proposes '' --pair x x x -q &&
        proposes $'--pair\n-p' -
}

check "an option with two values" takes_two
check "without kmsgc there are still files" without_kmsgc
check "bash is told whose completion it is" knows_the_command

# ---- the page ----

lint()
{
    "$@" > "$tmp/lint" 2>&1 && [ ! -s "$tmp/lint" ] || { cat "$tmp/lint"; return 1; }
}

found=
if command -v mandoc > /dev/null; then
    found=1
    check "mandoc has nothing to say about the page" lint mandoc -T lint -W warning "$page"
fi
if command -v groff > /dev/null; then
    found=1
    check "... nor has groff" lint groff -man -ww -z "$page"
fi
[ -n "$found" ] || skip "mandoc and groff about the page" "neither is here"
finish
