#!/bin/bash
# names_test.sh -- kmsg call, ping, network and directory, with real processes: a program that
# publishes names (tests/net/library.c), which these commands know nothing of.
. tests/tap.sh

kmsg=$(realpath "$B/bin/kmsg")
library=$(realpath "$B/test/net/library")
cd "$tmp" || exit 1
mkdir -m 700 run home
export KMSG_RUNTIME=$tmp/run HOME=$tmp/home KMSG_MULTICAST=off
unset KMSG_HOME XDG_CONFIG_HOME KMSG_GROUP KMSG_SEEDS

# offer NAME URL [SCOPE]: such a program, the process $offered, until the test ends. Returns when it
# is ready.
offers=0
offer()
{
    local word
    offers=$((offers + 1))
    mkfifo in.$offers out.$offers
    "$library" "$@" < in.$offers > out.$offers 2> err.$offers &
    offered=$!
    exec {held}> in.$offers
    read -r word < out.$offers && [ "$word" = ready ]
}

# says STATUS TEXT COMMAND...: exits so, with this text on stderr.
says()
{
    local wanted=$1 text=$2 status=0
    shift 2
    "$@" > says.out 2> says.err || status=$?
    [ $status = "$wanted" ] && grep -qF -- "$text" says.err && return
    echo "exit $status, wanted $wanted; stderr without: $text"
    cat says.err
    return 1
}

# gives TEXT COMMAND...: succeeds, and prints this and nothing else.
gives()
{
    local wanted=$1
    shift
    "$@" > gives.out 2> gives.err || { cat gives.err; return 1; }
    diff <(printf '%s' "${wanted:+$wanted$'\n'}") gives.out && [ ! -s gives.err ]
}

# of TEXT COMMAND...: the same, of a command that reads this text.
of()
{
    local text=$1
    shift
    printf '%b' "$text" > of.in
    "$@" < of.in
}

# ---- nobody ----

check "there is no directory where no program uses names" \
    says 1 'there is no directory on this host' "$kmsg" network
check "nobody publishes the name" says 1 'nobody: no answer within 300 ms' \
    "$kmsg" call nobody find --timeout 300ms
fails_to_ping()
{
    ! "$kmsg" ping nobody --count 1 --timeout 300ms > says.out
}

check "... nor answers a ping" fails_to_ping
check "... which says so" grep -q '^nobody: seq=1 (timed out)$' says.out
check "... and how many were lost" grep -q '^1 asked, 0 answered, 100% lost$' says.out
check "none of these serves a directory" [ -z "$(ls run)" ]

# ---- call ----

offer books "unix:$tmp/books" || exit 1
books=$offered
ask=("$kmsg" call books)
moby='{"title":"Moby Dick","kind":"NOVEL","pages":635,"tags":["sea","whale"]'
atlas='{"title":"Atlas","kind":"ATLAS","pages":90,"tags":[]}'

check "an answer that is a record" gives "$moby,\"next\":$atlas}" \
    "${ask[@]}" find '{"title":"Moby Dick"}'
check "... a number" gives '"2"' "${ask[@]}" Books.count
check "... a list" gives '["Moby Dick","Atlas"]' "${ask[@]}" titles
check "... text, with a default among the parameters" \
    gives '"abc"' "${ask[@]}" note '{"title":"abcdef"}'
check "... and with all of them" gives '"abcd"' "${ask[@]}" note '{"title":"abcdef","most":4}'
check "... absent" gives null "${ask[@]}" note
check "... nothing" gives '' "${ask[@]}" open
check "parameters from stdin" of '{"title":"abcdef"}' gives '"abc"' "${ask[@]}" note -
check "an error that is thrown" says 1 \
    '{"type":"library.Missing","value":{"title":"X","near":["Moby Dick"]}}' \
    "${ask[@]}" find '{"title":"X"}'
check "... is all there is on stderr" [ "$(wc -l < says.err)" = 1 ]
check "a one-way message has arrived when it ends" gives '' "${ask[@]}" forget '{"title":"Atlas"}'
check "..." gives '"1"' "${ask[@]}" Books.count
check "what is streamed, an item a line" gives "$moby,\"next\":$atlas}
$atlas" "${ask[@]}" shelf
check "... with parameters" gives "$atlas" "${ask[@]}" shelf '{"first":1}'
check "a stream from stdin" of '1 2 3\n4' gives '"10"' "${ask[@]}" total
check "streams in both directions" of '"a" "bc"\n"d"' gives '"A"
"BC"
"D"' "${ask[@]}" upper
check "an item that is none" of '1 "x"' says 1 'stdin:record 2' "${ask[@]}" total
check "a handler that does not answer" says 1 'books: no answer within 200 ms' \
    "${ask[@]}" wait --timeout=200ms
check "by URL" gives 1 "$kmsg" call --url "unix:$tmp/books" Desk.count
check "the whole name of a method" gives 1 "${ask[@]}" library.Desk.count

# ---- the schema ----

schema_is_good()
{
    "${ask[@]}" > tail.kmsg && grep -q '^// library.kmsg$' tail.kmsg &&
        "$KMSGC_PATH" -o . tail.kmsg &&
        echo '{"title":"t"}' | "$kmsg" encode -s tail.kmsg -t Missing | "$kmsg" decode -s tail.kmsg
}
KMSGC_PATH=$(cd "$OLDPWD" && realpath "$KMSGC")

check "without a method it prints the schema, which is one" schema_is_good

# ---- what is wrong with what was asked ----

check "a method that two services have" says 1 \
    "'count' is library.Desk.count or library.Books.count: say which" "${ask[@]}" count
check "a method that is misspelt" says 1 "no method 'fnd' there; did you mean 'library.Books.find'?" \
    "${ask[@]}" fnd
check "a method that nobody has" says 1 "no method 'publish' there" "${ask[@]}" publish
check "a method of another service" says 1 "no method 'Desk.find' there" "${ask[@]}" Desk.find
check "a parameter that is misspelt" says 1 'has no field "titel"' \
    "${ask[@]}" find '{"titel":"Moby Dick"}'
check "a parameter of another type" says 1 'Books.find.args.title: not a string' \
    "${ask[@]}" find '{"title":1}'
check "what is no JSON" says 1 'kmsg: 1:9: ' "${ask[@]}" find '{"title"}'
check "two JSON values" says 2 'one JSON value is enough: {}' "${ask[@]}" find '{}' '{}'
check "no name" says 2 'which name?' "$kmsg" call
check "a name of kmsg's own form that nobody may have" says 1 'control' "$kmsg" call $'a\tb' find
check "a scope that is none" says 2 'not a scope, which is group, host or lan: process' \
    "${ask[@]}" --scope=process find
check "a scope beside a URL" says 2 '--scope is about names' \
    "$kmsg" call --url "unix:$tmp/books" --scope host Desk.count
check "a URL that is none" says 1 'nonsense' "$kmsg" call --url nonsense find
check "a URL where nobody listens" says 1 "unix:$tmp/none: connection refused" \
    "$kmsg" call --url "unix:$tmp/none" find
check "a time that is none" says 2 'not a time from 1ms to 24h' "${ask[@]}" --timeout=soon find
check "... or too long" says 2 'not a time from 1ms to 24h' "${ask[@]}" --timeout=25h find
check "an option that is misspelt" says 2 'no such option: --timout=1s; did you mean --timeout' \
    "${ask[@]}" --timout=1s find
check "... cut short" gives '["Moby Dick","Atlas"]' "${ask[@]}" --ti 2s titles
check "... too short" says 2 '--s may be --schema or --strict' "$kmsg" encode --s
check "... said twice" says 2 'said twice: --scope=lan' "${ask[@]}" --scope host --scope=lan find
check "... with a value that it does not take" says 2 'it takes no value: --json=yes' \
    "$kmsg" network --json=yes
check "... of another command" says 2 'no such option: --json' "${ask[@]}" --json find

# ---- topics ----

# Who subscribes gets what comes after that, so something comes until he has what he wants.
gets_what_is_published()
{
    "$kmsg" sub library.Forgotten --filter 'title=M*' --count 2 > sub.out &
    sub=$!
    while kill -0 $sub 2> kill.err; do
        "${ask[@]}" forget '{"title":"Atlas"}' && "${ask[@]}" forget '{"title":"Moby"}' || return 1
    done
    wait $sub && cat sub.out && [ "$(wc -l < sub.out)" = 2 ] &&
        grep -qx '{"key":{"title":"Moby","kind":"NOVEL"},"value":"0"}' sub.out && ! grep Atlas sub.out
}

# A publisher waits for who subscribes; what it publishes comes from its arguments, or from stdin.
publishes()
{
    local all='{"key":{"title":"a","kind":"SCORE"},"value":1}
        {"value":2,"key":{"kind":"NOVEL"}}{"key":{"title":"}","kind":"SCORE"},"value":3}'
    "$kmsg" sub library.Forgotten --filter kind=SCORE -n 2 > sub.out &
    sub=$!
    if [ "$1" = - ]; then
        echo "$all" | "$kmsg" pub library.Forgotten || return 1
    else
        "$kmsg" pub library.Forgotten '{"key":{"title":"a","kind":"SCORE"},"value":1}' \
            '{"key":{"title":"}","kind":"SCORE"},"value":3}' || return 1
    fi
    wait $sub && diff sub.out - << 'END'
{"key":{"title":"a","kind":"SCORE"},"value":"1"}
{"key":{"title":"}","kind":"SCORE"},"value":"3"}
END
}

check "sub prints what is published, where its filter matches" gets_what_is_published
check "pub publishes" publishes
check "... what it reads" publishes -
check "a topic that nobody publishes" says 1 'library.Nothing: no answer within 300 ms' \
    "$kmsg" sub library.Nothing --timeout 300ms
check "a filter that has no such part" says 1 "nothing in its key to be chosen by is called 'titel'" \
    "$kmsg" sub library.Forgotten --filter titel=x
check "... or no value" says 1 'a filter is NAME=VALUE: title' \
    "$kmsg" sub library.Forgotten --filter title
check "nobody subscribes" says 1 '0 of 1 subscribers after 300 ms' \
    "$kmsg" pub library.Forgotten --timeout 300ms '{"key":{"title":"a"},"value":1}'
check "two topics" says 2 'one topic is enough: b' "$kmsg" sub a b

# ---- ping ----

pings()
{
    "$kmsg" ping books -n 2 > ping.out && [ "$(wc -l < ping.out)" = 5 ] &&
        grep -qxE 'books: seq=1 time=[0-9]+\.[0-9]{3} ms' ping.out &&
        grep -qxE 'books: seq=2 time=[0-9]+\.[0-9]{3} ms' ping.out &&
        grep -qx '2 asked, 2 answered, 0% lost' ping.out
}

check "ping tells the time there and back" pings
check "... by URL" "$kmsg" ping --url "unix:$tmp/books" -n 1
check "... so many times" says 2 'not a number from 1: 0' "$kmsg" ping books -n 0
check "... of one name" says 2 'one name is enough: b' "$kmsg" ping a b

# ---- network ----

offer '**' - || exit 1 # also a name
stars=$offered

network_shows()
{
    "$kmsg" network > network.out || return 1
    cat network.out
    grep -qx 'this host' network.out && grep -qx "  library $books" network.out &&
        grep -qx '      publishes books (host)' network.out &&
        grep -qx '      publishes \*\* (host)' network.out &&
        grep -qx "directory: library $books" network.out
}

# Who waits for an answer has a session until he is gone.
network_shows_sessions()
{
    "$kmsg" call books wait --timeout 1min 2> waits.err &
    waits=$!
    until "$kmsg" network > network.out && grep -qE "^      from kmsg $waits as books;" network.out; do
        kill -0 $waits || return 1
    done
    kill $waits
    wait $waits
    cat network.out
    grep -qx '      looks for books (host)' network.out
}

network_as_json()
{
    "$kmsg" network --json > network.json &&
        grep -q '^{"hosts":\[{"name":"","address":"","processes":\[' network.json &&
        grep -q '"name":"books","scope":"HOST","pool":false,"stands":true' network.json
}

check "network shows hosts, processes, names" network_shows
check "... who is connected to whom, under which name" network_shows_sessions
check "... as JSON" network_as_json
check "... without arguments" says 2 'it takes no arguments: x' "$kmsg" network x
check "... of the LAN needs a key" says 1 'there is no key' "$kmsg" network --scope lan

# ---- directory ----

kill $stars $books
wait $stars $books

# serves PID: the directory is this process, now or soon.
serves()
{
    until "$kmsg" network > network.out 2> network.err &&
        grep -qx "directory: kmsg $1" network.out; do
        kill -0 "$1" || return 1
    done
}

takes_over()
{
    "$kmsg" directory &
    first=$!
    serves $first || return 1
    "$kmsg" directory &
    directory=$!
    serves $first && kill -KILL $first || return 1
    wait $first
    serves $directory
}

stops()
{
    kill -TERM $directory && wait $directory
}

check "a directory stands by, and takes over" takes_over
check "... and ends when it is told to" stops
check "... it takes no arguments" says 2 'it takes no arguments: x' "$kmsg" directory x
finish
