#!/bin/bash
# Two hosts that were set up as a user would do it, `kmsg key new` on each and one `kmsg key trust` a
# side, ask each other; somebody at the switch reads along, and says things of his own (wire.c).

. tests/tap.sh
. tests/net/lab.sh

host=$B/test/net/host
wire=$B/test/net/wire
word='a word that is known'
url=tcp:10.77.0.2:7000

key()
{
    KMSG_HOME=$tmp/$1 "$B/bin/kmsg" key "${@:2}"
}

# serve and call URL: each with the keys of its host. Who is left of a check that has failed goes.
serve()
{
    local who
    for who in "${!lab_pids[@]}"; do
        [ $who = ear ] || lab_kill $who
    done
    lab_run b server env "KMSG_HOME=$tmp/b" "$host" serve "$1" 300 900 &&
        lab_hear server '^listening'
}

call()
{
    lab_run a caller env "KMSG_HOME=$tmp/a" "$host" call "$1" 300 900 4000
}

eavesdrop()
{
    lab_run lan ear "$wire" watch lan "$word" && lab_hear ear '^watching'
}

end()
{
    lab_stop caller && lab_kill server
}

has_said()
{
    grep -qF -- "$2" "$tmp/$1.said"
}

# ---- before anybody is trusted ----

without_keys()
{
    lab_run b server env "KMSG_HOME=$tmp/b" "$host" serve $url 300 900
    lab_hear server 'kmsg key new' && lab_kill server
}

without_trust()
{
    serve $url && call $url && lab_hear caller '^ended .* EUNTRUSTED$' 3 &&
        has_said caller "kmsg key trust $(key b show)" && ! has_said server handled && end
}

with_trust_of_one()
{
    key a trust "$(key b show)" b && serve $url && call $url &&
        lab_hear caller '^ended .* EREFUSED$' 3 && lab_hear server "kmsg key trust $(key a show)" &&
        ! has_said server handled && end
}

# ---- and then ----

calls_pass()
{
    key b trust "$(key a show)" a && serve $url && call $url &&
        lab_hear caller '^ended .* OK$' 50 && end
}

nothing_is_read()
{
    eavesdrop && serve $url && call $url && lab_hear caller '^ended .* OK$' 100 &&
        lab_hear ear '^passed' && end && lab_stop ear && ! has_said ear seen
}

# So the ear is a good one. It is said on both sides that this is not encrypted.
all_is_read()
{
    eavesdrop && serve "$url?insecure" && call "$url?insecure" && lab_hear ear '^seen' && end &&
        lab_stop ear && has_said caller 'not encrypted' && has_said server 'need not encrypt'
}

clear_is_refused()
{
    serve $url && call "$url?insecure" && lab_hear caller '^ended .* EREFUSED$' 3 &&
        lab_hear server 'it speaks in the clear' && ! has_said server handled && end
}

downgrade_is_refused()
{
    lab_run b server env "KMSG_HOME=$tmp/nobody" \
        "$host" serve "$url?insecure" 300 900 && lab_hear server '^listening' && call $url &&
        lab_hear caller '^ended .* (EREFUSED|EPROTOCOL)$' 3 && ! has_said server handled && end
}

# What he says costs them connections, and nothing else: what was handled had been asked.
forged_is_not_handled()
{
    serve $url && call $url && lab_hear caller '^ended .* OK$' 20 &&
        lab_run lan forger "$wire" forge lan 7000 && lab_hear forger '^forged' 5 &&
        lab_hear caller '^ended .* ELOST$' && lab_stop forger &&
        lab_hear caller '^ended .* OK$' 50 && end &&
        awk '/^asked/ { asked[$2] = 1 } /^handled/ { if (!asked[$2]) exit 1 }' \
            "$tmp/caller.said" "$tmp/server.said"
}

revoked()
{
    serve $url && call $url && lab_hear caller '^ended .* OK$' 20 && key b revoke a &&
        lab_hear server 'the trusted file says nothing of it now' &&
        lab_hear caller '^ended .* EREFUSED$' 3 && end
}

lab_start
lab_host a 1
lab_host b 2
check 'without a key nobody listens, and it is said how to make one' without_keys
check 'one command makes a key' eval 'key a new > /dev/null && key b new > /dev/null'
check 'who is not trusted is not asked, and the command is in the error' without_trust
check 'who is not trusted is not let in, and the command is in the log' with_trust_of_one
check 'one command a side, and calls pass' calls_pass
check 'who reads along at the switch sees no word' nothing_is_read
check 'with ?insecure he sees it, and both hosts say so' all_is_read
check 'a host that speaks in the clear is refused' clear_is_refused
check 'a host that answers in the clear is not asked' downgrade_is_refused
check 'what somebody at the switch makes up costs a connection and is not handled' \
    forged_is_not_handled
check 'who is revoked loses his connection' revoked
finish
