# tap.sh -- what shell tests share; they begin with: . tests/tap.sh
#
#   check NAME COMMAND [ARGUMENT...]   ok when the command succeeds; else its output is shown
#   skip NAME REASON                   counted as skipped
#   finish                             the plan; the last line of every test
#
# $tmp is a folder of the test's own that is removed at the end. The working directory is the top of
# the source tree. B, KMSGC, CC, CXX and SAN come from tests/run, or are what `make` takes for them.

B=${B:-build}
KMSGC=${KMSGC:-$B/bin/kmsgc}
CC=${CC:-gcc}
CXX=${CXX:-g++}
SAN=${SAN:-}

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
tap_count=0
tap_failed=0

check()
{
    tap_name=$1
    shift
    tap_count=$((tap_count + 1))
    if "$@" > "$tmp/.output" 2>&1; then
        echo "ok $tap_count - $tap_name"
    else
        echo "# $* gave status $?"
        sed -n '1,40s/^/# /p' "$tmp/.output"
        echo "not ok $tap_count - $tap_name"
        tap_failed=1
    fi
}

skip()
{
    tap_count=$((tap_count + 1))
    echo "ok $tap_count - $1 # SKIP $2"
}

finish()
{
    echo "1..$tap_count"
    exit $tap_failed
}
