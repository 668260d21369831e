# The values of tests/bench/plain.h.
@0xd6c1a3b5f2e94817;

using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("bench::cp");

struct Tick {
    time @0 :UInt64;
    sequence @1 :Int64;
    price @2 :Float64;
    volume @3 :Float64;
    symbol @4 :UInt32;
    venue @5 :UInt8;
    buy @6 :Bool;
}

enum PhoneKind {
    mobile @0;
    home @1;
    work @2;
}

struct Phone {
    kind @0 :PhoneKind;
    number @1 :Text;
}

struct Address {
    street @0 :Text;
    city @1 :Text;
    zip @2 :UInt32;
}

# It has no maps.
struct Score {
    key @0 :Text;
    value @1 :Int32;
}

struct Person {
    id @0 :UInt64;
    name @1 :Text;
    email @2 :Text;
    uuid @3 :Data;
    tags @4 :List(Text);
    scores @5 :List(Score);
    address @6 :Address;
    phones @7 :List(Phone);
}

struct Frame {
    time @0 :UInt64;
    width @1 :UInt32;
    height @2 :UInt32;
    rate @3 :Float64;
    offset @4 :Int64;
    samples @5 :List(Float64);
    pixels @6 :Data;
}

struct Batch {
    ticks @0 :List(Tick);
    names @1 :List(Text);
}
