#!/bin/sh
# bebop.sh -- bebop's C code for tests/bench/codec.bop, by its compiler from npm.
#
#     tests/bench/bebop.sh FOLDER     writes codec_bop.h, codec_bop.c, bebop.h and bebop.c there
#
# The package is fetched once, by version and checksum, into FOLDER; nothing of it runs but bebopc
# itself. bebopc brings the runtime along. If there is no npm, no network or no compiler for this
# machine, codec_bop.h only says why (BEBOP_MISSING), and the next run tries again.
set -eu

version=3.2.3
sha512=6ba152537bb67f7861a1c93b312e0347c7648b036ff7acf15791f60215e9575ea051664d46f2523c3e18ef655bd24a560c229e16973699bbf6e419f5e3715aa3

source=$PWD/tests/bench/codec.bop
mkdir -p "$1"
cd "$1"

# Older than everything, so that make does not take it for the real thing.
missing()
{
    printf '#define BEBOP_MISSING "%s"\n' "$1" > codec_bop.h
    : > codec_bop.c
    : > bebop.c
    touch -d @0 codec_bop.h codec_bop.c bebop.c
    exit 0
}

case $(uname -sm) in
'Linux x86_64') tool=package/tools/linux/x64/bebopc ;;
'Linux aarch64') tool=package/tools/linux/arm64/bebopc ;;
*) missing "bebop-tools has no compiler for $(uname -sm)" ;;
esac

if ! [ -x "$tool" ]; then
    command -v npm > /dev/null || missing "npm is not installed, which has bebop's compiler"
    npm pack --silent "bebop-tools@$version" > npm.log 2>&1 ||
        missing "npm cannot fetch bebop-tools $version"
    echo "$sha512  bebop-tools-$version.tgz" | sha512sum --check --status ||
        missing "bebop-tools $version from npm is not what it was"
    tar -xzf "bebop-tools-$version.tgz" "$tool"
    rm "bebop-tools-$version.tgz"
    chmod +x "$tool"
fi

cp "$source" codec.bop
"./$tool" -i codec.bop build --no-warn 200 -g c:codec_bop.c > bebopc.log 2>&1 ||
    missing "bebopc fails: see $1/bebopc.log"
# bebop.h has this declaration already.
sed -i '/^BEBOP_DECLARE_ARRAY_ALLOC(string_view,/d' codec_bop.h
touch codec_bop.h codec_bop.c bebop.c
