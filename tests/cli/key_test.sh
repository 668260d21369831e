#!/bin/bash
# key_test.sh -- `kmsg key` from outside: a key, whom it is told to trust, and what it refuses.
. tests/tap.sh

kmsg=$(realpath "$B/bin/kmsg")
cd "$tmp" || exit 1
export HOME=$tmp/home
unset KMSG_HOME XDG_CONFIG_HOME
mkdir -m 700 home

# Keys of others: 32 times the byte 1, 2, 3.
one=aeaqcaibaeaqcaibaeaqcaibaeaqcaibaeaqcaibaeaqcaibaeauuwqp
two=aibaeaqcaibaeaqcaibaeaqcaibaeaqcaibaeaqcaibaeaqcaibnlhby
three=ambqgaydambqgaydambqgaydambqgaydambqgaydambqgaydamb2crxq

key()
{
    "$kmsg" key "$@"
}

# says STATUS TEXT ARGUMENT...: kmsg key exits so, with this text on stderr and nothing on stdout.
# Without a text there is nothing on stderr either.
says()
{
    local wanted=$1 text=$2 status=0
    shift 2
    key "$@" > said.out 2> said.err || status=$?
    if [ -z "$text" ]; then
        [ ! -s said.err ]
    else
        grep -qF -- "$text" said.err
    fi && [ $status = "$wanted" ] && [ ! -s said.out ] && return
    echo "exit $status, wanted $wanted; stderr without: $text"
    cat said.err said.out
    return 1
}

# mode WANTED FILE
mode()
{
    [ "$(stat -c %a "$2")" = "$1" ]
}

# ---- a key ----

new_prints_the_key_alone()
{
    key new > new.out 2> new.err && [ "$(wc -c < new.out)" = 57 ] && grep -qx '[a-z2-7]\{56\}' new.out
}

next_step_is_said()
{
    [ "$(wc -l < new.err)" = 1 ] && grep -qF "kmsg key trust $(cat new.out) " new.err
}

only_the_owner_can_read_it()
{
    mode 700 home/.config && mode 700 home/.config/kmsg && mode 600 home/.config/kmsg/key
}

is_never_overwritten()
{
    cp home/.config/kmsg/key before && says 1 'there is a key already' new &&
        cmp before home/.config/kmsg/key && [ "$(ls home/.config/kmsg)" = key ]
}

secret_stays_in_its_file()
{
    local secret
    secret=$(sed -n 's/^secret //p' home/.config/kmsg/key)
    [ ${#secret} = 56 ] || return 1
    for file in new.out new.err shown; do
        ! grep -q "$secret" "$file" || return 1
    done
}

check "without a key it says how to make one" says 1 'make one with `kmsg key new`' show
check "new prints the public key, and nothing else" new_prints_the_key_alone
check "... and on stderr what to do with it" next_step_is_said
check "... into a folder and a file that only their owner can read" only_the_owner_can_read_it
check "show prints it again" eval 'key show > shown && cmp new.out shown'
check "the secret stays where it is" secret_stays_in_its_file
check "a key is never overwritten" is_never_overwritten
check "KMSG_HOME is another folder" eval 'KMSG_HOME=$tmp/a key new > a.out && [ -s a/key ] &&
    [ "$(KMSG_HOME=$tmp/a key show)" = "$(cat a.out)" ] && ! cmp -s a.out new.out'
check "... and --folder goes before it" eval '[ "$(KMSG_HOME=$tmp/a key show --folder \
    home/.config/kmsg)" = "$(cat new.out)" ]'
check "XDG_CONFIG_HOME is a third" eval 'XDG_CONFIG_HOME=$tmp/b key new > /dev/null && [ -s b/kmsg/key ]'
check "without any it says what to set" eval '(unset HOME; says 1 "Set KMSG_HOME" show)'

# refused MODE WORDS: `show` of a key with this mode.
refused()
{
    chmod "$1" a/key && says 1 "$2" show --folder a && chmod 600 a/key
}

check "a key that its group can read is refused" refused 640 'chmod 600 a/key'
check "... that all can" refused 604 'chmod 600 a/key'
check "... that others can write" refused 602 'chmod 600 a/key'
check "... which is mended by what it says" eval 'chmod 644 a/key; ! key show --folder a 2> mend;
    bash -c "$(sed "s/.*: chmod/chmod/" mend)" && key show --folder a | cmp - a.out'
check "a fifo in its place keeps nobody waiting" eval 'mkfifo f && mkdir d && mv f d/key &&
    says 1 "not a regular file" show --folder d'
check "a folder that cannot be made" says 1 'new.out/key: it cannot be written' new --folder new.out

# A disk that is full.
full_disk()
{
    unshare -rm bash -ec 'mkdir full; mount -t tmpfs -o size=4k none full
        head -c 4096 /dev/zero > full/rest || :; ! "$0" key new --folder full 2> full.err
        grep -q "No space left" full.err; [ "$(ls full)" = rest ]' "$kmsg"
}

if unshare -rm true 2> /dev/null; then
    check "a full disk leaves nothing behind" full_disk
else
    skip "a full disk leaves nothing behind" "no namespaces for us here"
fi

# ---- whom it trusts ----

lists()
{
    key list > list.out && diff <(printf '%b' "$1") list.out
}

check "at first nobody is trusted" lists ''
check "trust" says 0 '' trust $one london --role ops --at 10.0.0.2:7000
check "... without a name" says 0 '' trust $two
check "... with all there is" says 0 '' trust "${three^^}" 'new-york' --role=ops --role=a.reader --at \
    '[FE80::0:1]:7000' --at=NY.example:80
check "the list is aligned" lists "$one london   role=ops               at=10.0.0.2:7000
$two aibaeaqc
$three new-york role=ops role=a.reader at=[fe80::1]:7000 at=ny.example:80\n"
check "... and is what the file says" eval 'diff <(key list | tr -s " ") home/.config/kmsg/trusted'
check "a key that is there is changed" eval 'says 0 "" trust $two paris --role x &&
    key list | grep -qx "$two paris  *role=x" && [ "$(key list | wc -l)" = 3 ]'
check "a key with hyphens" says 0 '' trust "${one:0:8}-${one:8:20}-${one:28}"
check "one's own key: a warning" says 0 "warning: this is this host's own key" trust "$(cat new.out)" me
check "revoke by name" eval 'says 0 "" revoke paris && ! key list | grep -q paris'
check "... and it is said in the file, so that he is not taken for a new one" \
    grep -q ' paris revoked$' "$HOME/.config/kmsg/trusted"
check "... by key" eval 'says 0 "" revoke $three && ! key list | grep -q new-york'
check "... of a name that nobody has" says 1 'nobody who is trusted has this name' revoke paris
check "... of a key that is not there" says 1 'this key is not in it' revoke $three
check "... of a name that two have" eval 'key trust $two london && says 1 "2 keys have this name" revoke london'
check "... of which one is said by its key" eval 'key revoke $two && key revoke london && lists \
    "$(cat new.out) me\n"'

check "a mistyped key" says 1 'mistyped: the checksum is wrong' trust "${one%p}q"
check "no key" says 1 '56 letters and digits' trust london
check "the secret" eval 'says 1 "this is a secret" trust "$(sed -n "s/^secret //p" home/.config/kmsg/key)"'
check "a name with a blank" says 1 'not a name' trust $one 'a b'
check "... that would be a line of its own" says 1 'not a name' trust $one "a
$two b"
check "a role that is none" says 1 'not a role' trust $one a --role 'x=y'
check "an address that is none" says 1 'HOST:PORT is expected' trust $one a --at 10.0.0.2
check "an address where another key is expected" eval 'key trust $one a --at h:1 &&
    says 1 "another key, a, is expected at h:1" trust $two b --at H:01'
check "nothing of that was written" lists "$one a  at=h:1\n$(cat new.out) me\n"

# unfit TEXT WORDS: a list with this text in it can neither be shown nor changed.
unfit()
{
    mkdir -p u && printf '%b' "$1" > u/trusted && says 1 "$2" list --folder u &&
        says 1 "$2" trust $three --folder u && says 1 "$2" revoke x --folder u &&
        [ "$(cat u/trusted)" = "$(printf '%b' "$1")" ]
}

check "a mistake in the list is named with its line" unfit "$one a\n$two b admin\n" 'u/trusted:2: '
check "a key that is there twice" unfit "$one a\n$one b\n" 'u/trusted:2: this key is in line 1 already'
check "a list that others can write" eval 'mkdir w && key trust $one a --folder w &&
    chmod 620 w/trusted && says 1 "chmod go-w w/trusted" list --folder w'

# Twenty at once, and a reader who must never see less than before.
twenty_at_once()
{
    local i pids=() count=0 now
    mkdir many
    for i in {1..20}; do
        key new --folder "many/$i" > "many/$i.key" 2> /dev/null || return 1
    done
    for i in {1..20}; do
        key trust --folder many "$(cat "many/$i.key")" "n$i" & pids+=($!)
    done
    while [ -n "$(jobs -pr)" ]; do
        now=$(key list --folder many | wc -l) && [ "$now" -ge "$count" ] || return 1
        count=$now
    done
    for i in "${pids[@]}"; do
        wait "$i" || return 1
    done
    diff <(printf 'n%s\n' {1..20} | sort) <(key list --folder many | cut -d ' ' -f 2 | sort)
}

check "twenty who trust at once lose nothing" twenty_at_once
check "... and leave nothing behind" eval '[ "$(ls many | grep -v "^[0-9]")" = "trusted
trusted.lock" ]'

# ---- a cluster ----

check "a cluster's secret is for its owner alone" eval 'says 0 "copy it, as it is, to all hosts of" \
    cluster east && mode 600 home/.config/kmsg/cluster && grep -qx "cluster east" home/.config/kmsg/cluster'
check "... and is never overwritten" eval 'cp home/.config/kmsg/cluster before &&
    says 1 "and it stays" cluster west && cmp before home/.config/kmsg/cluster'
check "a name that is none" says 1 'printable letters' cluster 'a b' --folder c

# ---- the command line ----

check "nothing to do" says 2 'what is to be done with keys?'
check "no such thing" says 2 'can be done with keys, not drop' drop
check "a word is missing" says 2 'it is used so: kmsg key trust KEY' trust
check "... or too many" says 2 'it is used so: kmsg key revoke KEY|NAME' revoke a b
check "an option of others" says 2 '--role and --at belong to kmsg key trust' list --role x
check "an option that there is not" says 2 'no such option: --strict (see kmsg help key)' list --strict
check "33 roles" says 2 'too many' trust $one $(printf -- '--role r%s ' {1..33})
check "help" eval 'key --help | grep -q "^usage: kmsg key new" && "$kmsg" help key | cmp - <(key -h)'
check "stdout that cannot be written" eval '! key show > /dev/full 2> full.err && grep -q "cannot write" full.err'
finish
