#!/bin/bash
# Two hosts ask each other while the network between them misbehaves (lab.sh). Whatever it does,
# each call ends exactly once and what its caller is told is what has happened; both sides notice a
# link that is dead by keep-alive; and when the network is well again, the same peers go on.

. tests/tap.sh
. tests/net/lab.sh

host=$B/test/net/host
idle_ms=300
dead_ms=900
timeout_ms=4000

# judge CALLER SERVER...: line by line, the hosts' words. Every call that was asked has ended once;
# one that ended OK was handled once, one that was never sent not at all, and no other one twice.
judge()
{
    local caller=$1
    shift
    {
        grep -E '^(asked|ended) ' "$tmp/$caller.said"
        for server; do
            grep '^handled ' "$tmp/$server.said"
        done
    } | awk '
        /^asked/   { asked[$2]++ }
        /^ended/   { ended[$2]++; code[$2] = $3 }
        /^handled/ { handled[$2]++ }
        END {
            for (n in asked) {
                if (ended[n] != 1) { print "call " n " ended " ended[n] + 0 " times"; bad = 1 }
                if (code[n] == "OK" && handled[n] != 1 || handled[n] > 1 ||
                    code[n] ~ /^(EREFUSED|EUNREACHABLE|EUNSENT)$/ && handled[n] > 0) {
                    print "call " n " ended " code[n] " and was handled " handled[n] + 0 " times"
                    bad = 1
                }
                if (code[n] !~ /^(OK|ELOST|ETIMEDOUT|EREFUSED|EUNREACHABLE|EUNSENT)$/) {
                    print "call " n " ended " code[n]
                    bad = 1
                }
                count++
            }
            print count + 0 " calls"
            exit bad || count < 50
        }'
}

# begin URL: a server at the host b, a caller at the host a, and some calls that went well.
begin()
{
    rm -f "$tmp"/*.said
    lab_run b server "$host" serve "$1" $idle_ms $dead_ms || return
    lab_hear server '^listening' || return
    lab_run a caller "$host" call "$1" $idle_ms $dead_ms $timeout_ms || return
    lab_hear caller '^ended .* OK$' 20
}

end()
{
    lab_stop caller && lab_kill server && judge caller server "$@"
}

v4=tcp:10.77.0.2:7000?insecure
v6=tcp:[fd77::2]:7000?insecure

calls_pass()
{
    begin "$1" && lab_hear caller '^ended .* OK$' 50 && end && ! grep '^ended' "$tmp/caller.said" |
        grep -v 'OK$'
}

# both_notice HARM...: a call of each side is under way when it begins; after lab_heal all goes on.
both_notice()
{
    lab_say caller back && lab_hear caller '^ended .* OK$' 3 && "$@" || return
    lab_hear caller '^ended .* ELOST$' && lab_hear server '^back ELOST$'
}

goes_on()
{
    lab_hear caller '^ended .* OK$' 50 && lab_say caller back &&
        lab_hear caller '^ended .* OK$' 10 && end "$@"
}

partition()
{
    begin "$1" && both_notice lab_cut b "$2" && lab_heal b && goes_on
}

unplugged()
{
    begin "$1" && both_notice lab_unplug b && lab_plug b && goes_on
}

interface_down()
{
    begin $v4 && both_notice ip -n "$lab-b" link set eth0 down && ip -n "$lab-b" link set eth0 up &&
        goes_on
}

# The server does not see it, and finds out by keep-alive.
reset_connection()
{
    begin "$1" && both_notice lab_reset b 7000 && lab_hear caller '^ended .* EREFUSED$' 3 &&
        lab_heal b && goes_on
}

loss()
{
    begin "$1" && lab_lose b "$2" && lab_hear caller '^ended' 300 && lab_heal b && goes_on
}

vanish()
{
    begin $v4 && lab_vanish b && lab_hear caller '^ended .* ELOST$' &&
        lab_hear caller '^ended .* (EUNREACHABLE|ETIMEDOUT)$' || return
    mv "$tmp/server.said" "$tmp/server1.said"
    lab_host b 2 && lab_run b server "$host" serve $v4 $idle_ms $dead_ms && goes_on server1
}

# Each asks the other: what HARM... does to one of the links, or to both, neither waits for.
both_ask()
{
    local who
    lab_run a left "$host" both $v4 $idle_ms $dead_ms $timeout_ms 'tcp:10.77.0.1:7000?insecure' &&
        lab_run b right "$host" both 'tcp:10.77.0.1:7000?insecure' $idle_ms $dead_ms $timeout_ms \
            $v4 || return
    for who in left right; do
        lab_hear $who '^ended .* OK$' 30 || return
    done
    "$@" || return
    for who in left right; do
        lab_hear $who '^ended .* (ELOST|ETIMEDOUT)$' || return
    done
    lab_heal b
    for who in left right; do
        lab_hear $who '^ended .* OK$' 50 || return
    done
    stop_both && judge left right && judge right left
}

# Nobody is asked any more when the first one goes.
stop_both()
{
    lab_say left quiet && lab_say right quiet && lab_hear left '^quiet$' &&
        lab_hear right '^quiet$' && lab_stop left && lab_stop right
}

lab_start
lab_host a 1
lab_host b 2
check 'calls pass between two hosts' calls_pass $v4
check 'calls pass between two hosts over IPv6' calls_pass $v6
check 'what goes to the server is dropped: both notice and go on later' partition $v4 in
check 'what comes from the server is dropped: both notice and go on later' partition $v4 out
check 'what goes to the server is dropped, over IPv6' partition $v6 in
check 'the cable is pulled: both notice and go on later' unplugged $v4
check 'the interface goes down and up: both notice and go on later' interface_down
check 'a connection is reset: both notice and go on later' reset_connection $v4
check 'a connection is reset, over IPv6' reset_connection $v6
check 'a tenth of all packets is lost: calls end once' loss $v4 10
check 'three of ten packets are lost: calls end once' loss $v4 30
check 'two that ask each other: what goes to one is dropped' both_ask lab_cut b in
check 'two that ask each other: what comes from one is dropped' both_ask lab_cut b out
check 'two that ask each other: three of ten packets are lost' both_ask lab_lose b 30
check 'a host vanishes, and another one comes in its place' vanish
finish
