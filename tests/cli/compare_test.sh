#!/bin/bash
# kmsgc --compare from outside: files, folders, git revisions, levels, exit codes. What it says about
# each change is in tests/compare.
set -u

. tests/tap.sh
kmsgc=$(cd "$(dirname "$KMSGC")" && pwd)/kmsgc
export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_SYSTEM=/dev/null TMPDIR="$tmp/scratch"
mkdir "$tmp/scratch" "$tmp/work"
cd "$tmp/work" || exit 1

# says STATUS TEXT ARGUMENT...: kmsgc --compare exits so, and says so; TEXT may be empty
says()
{
    wanted=$1 text=$2
    shift 2
    "$kmsgc" --compare "$@" > "$tmp/said" 2>&1
    status=$?
    cat "$tmp/said"
    [ $status = "$wanted" ] && grep -qF -- "$text" "$tmp/said"
}

# silent_about TEXT: the run before did not say it
silent_about()
{
    ! grep -F -- "$1" "$tmp/said"
}

mkdir -p old/sub new/sub inc
echo 'record A { x: u8; y: u8 }' > old/a.kmsg
echo 'record A { x: u8; z: u8 }' > new/a.kmsg
echo 'import "c.kmsg"; record B { c: C }' | tee old/sub/b.kmsg > new/sub/b.kmsg
echo 'record C { x: u8 }' > inc/c.kmsg
echo 'record D {}' > old/sub/d.kmsg
echo 'record E {}' > new/e.kmsg
echo 'record {' > bad.kmsg

check two_files says 1 "new/a.kmsg:1:19: unsafe: record A: field 2 'z': it was 'y' before" \
    old/a.kmsg new/a.kmsg
check hints_say_what_to_do says 1 '    hint: keep the name' old/a.kmsg new/a.kmsg
check the_number_is_told_at_the_end says 1 '1 unsafe change in 1 schema' old/a.kmsg new/a.kmsg
check nothing_unsafe says 0 'no unsafe change in 1 schema' old/a.kmsg old/a.kmsg
check folders_are_paired_by_path says 1 '2 unsafe changes in 2 schemas' old new -I inc
check a_file_that_is_gone says 1 'old/sub/d.kmsg:1:1: unsafe: schema sub/d.kmsg: it is gone' \
    old new -I inc
check a_new_file_is_fine silent_about e.kmsg
check a_folder_with_a_slash_behind says 1 'new/a.kmsg:1:19: unsafe' old/ new/ -I inc
check a_level_that_it_does_not_break says 0 'no unsafe change' --compare-level=wire \
    old/a.kmsg new/a.kmsg
check several_levels says 1 '[json:field-name]' --compare-level wire,json old/a.kmsg new/a.kmsg
check no_such_level says 2 '--compare-level takes wire, json and source' --compare-level=json,C \
    old/a.kmsg new/a.kmsg
check one_side_only says 2 '--compare takes two' old/a.kmsg
check three_sides says 2 '--compare takes two' old/a.kmsg old/a.kmsg old/a.kmsg
check a_file_and_a_folder says 1 'one is a folder, the other a file' old new/a.kmsg
check a_folder_without_schemas says 1 'no schemas (*.kmsg) are below this folder' ../scratch new
check a_new_side_that_is_not_there says 1 'nothing.kmsg: No such file' old/a.kmsg nothing.kmsg
check a_schema_with_errors says 1 'kmsgc: 1 schema could not be compared' old/a.kmsg bad.kmsg
check its_errors_are_told says 1 'bad.kmsg:1:8: error' bad.kmsg old/a.kmsg
check rules_can_be_listed sh -c "'$kmsgc' --compare-rules |
    grep '^wire:field-removed  *wire,source: a field is gone and its place too$'"
check nothing_is_written sh -c 'test "$(find . -newer bad.kmsg -type f)" = ""'

# ---- git ----

if ! command -v git > /dev/null || ! command -v tar > /dev/null; then
    skip revisions 'no git, or no tar'
    finish
fi

commit()
{
    git add -A && git -c user.name=t -c user.email=t@example.org commit -qm "$1"
}

mkdir -p repo/schemas/deep repo/inc
cd repo || exit 1
git init -q .
echo 'record A { x: u8 }' > schemas/a.kmsg
echo 'import "a.kmsg"; import "i.kmsg"; record B { a: A; i: I }' > schemas/deep/b.kmsg
cp schemas/a.kmsg schemas/deep/
echo 'record I { x: u8 }' > inc/i.kmsg
commit first
echo 'record A { x: u16 }' > schemas/a.kmsg
commit second
echo 'record I { x: u32 }' > inc/i.kmsg

check a_revision says 1 'schemas/a.kmsg:1:12: unsafe' HEAD~1 schemas -I inc
check imports_are_of_that_revision_too says 1 'inc/i.kmsg:1:12: unsafe: record I' HEAD schemas -I inc
check a_revision_and_a_file says 1 '1 unsafe change in 1 schema' HEAD~1 schemas/a.kmsg
check a_revision_and_a_path says 1 '1 unsafe change in 1 schema' HEAD~1:schemas/a.kmsg schemas/a.kmsg
check what_is_gone_is_named_by_revision says 1 'HEAD~1:schemas/a.kmsg:1:8: unsafe: record A' \
    HEAD~1:schemas/a.kmsg inc/i.kmsg
echo 'record A { x: u8 }' > HEAD
check a_path_that_exists_comes_first says 1 '1 unsafe change' HEAD schemas/a.kmsg
check git_can_be_forced says 0 'no unsafe change' git:HEAD schemas/a.kmsg
rm HEAD
check from_a_folder_within sh -c "cd schemas && '$kmsgc' --compare HEAD~1:./a.kmsg a.kmsg |
    grep 'a.kmsg:1:12: unsafe'"
check a_revision_alone_from_there sh -c "cd schemas && '$kmsgc' --compare HEAD . -I ../inc |
    grep '../inc/i.kmsg:1:12: unsafe'"
check no_such_revision says 1 "git knows no revision 'nowhere'" nowhere schemas
check no_option_for_git says 1 "git knows no revision '--all'" git:--all schemas
check no_such_path says 1 'HEAD~1:schemas/z.kmsg: no schema has this name in that revision' \
    HEAD~1:schemas/z.kmsg schemas/a.kmsg
check no_repository says 1 'not a git repository' HEAD~1 ../old
check no_git env PATH=/nowhere "$BASH" -c "! '$kmsgc' --compare HEAD~1 schemas 2> '$tmp/said' &&
    IFS= read -r line < '$tmp/said' && [[ \$line == *'cannot run git: is it installed?' ]]"
check nothing_is_left_behind rmdir "$tmp/scratch"
finish
