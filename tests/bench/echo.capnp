# What the transport suite asks.
@0xb1f7c05ea4d2936b;

using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("bench::rpc");

interface Echo {
    echo @0 (payload :Data) -> (payload :Data);
    push @1 (payload :Data) -> stream;
    count @2 () -> (count :UInt64);
}
