#!/bin/bash
# machine_test.sh -- the C compiler checks a machine for completeness: a table of handlers does not
# compile while one is missing, in C and in C++.
. tests/tap.sh

strict="-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror -Iruntime/include -I$B/gen/include"
strict="$strict -I$tmp -fsyntax-only"

cat > "$tmp/door.kmsg" << 'END'
import "kmsg.kmsg";
import "other.kmsg";

record Open {}
record Lock { code: string }

machine Door {
    Closed: Open, Lock, class;
    Opened: kmsg.Stop, other.Stop;
    start: Open;
    NULL: Lock;
    Broken
}
record class { x: i32 }
END
cat > "$tmp/other.kmsg" << 'END'
module other;

record Stop { why: string }
END

check "kmsgc takes the machine" "$KMSGC" -o "$tmp" "$tmp/door.kmsg" "$tmp/other.kmsg"

# handler NAME TYPE: a function that is one.
handler()
{
    echo "static Door_state $1(void *ctx, kmsg_object *self, kmsg_message *message, const $2 *value)"
    echo "{ (void)ctx; (void)self; (void)message; (void)value; return Door_Closed; }"
}

# A whole table: with the tail $1.
program()
{
    echo '#include "door.kmsg.h"'
    handler my_Closed_Open Open
    handler my_Closed_Lock Lock
    handler my_Closed_class class_
    handler my_Opened_kmsg_Stop kmsg_Stop
    handler my_Opened_other_Stop other_Stop
    handler my_start_Open Open
    handler my_NULL_Lock Lock
    echo "extern const Door_impl impl;"
    echo "const Door_impl impl = {Door_HANDLERS(my)$1};"
}

program > "$tmp/whole.c"
program ', NULL, NULL' > "$tmp/whole.cc"
grep -v 'my_Closed_Lock(' "$tmp/whole.c" > "$tmp/missing.c"
grep -v 'my_Closed_Lock(' "$tmp/whole.cc" > "$tmp/missing.cc"
sed '/my_Closed_Lock(/s/const Lock/const Open/' "$tmp/whole.c" > "$tmp/wrong.c"
sed '/my_Closed_Lock(/s/const Lock/const Open/' "$tmp/whole.cc" > "$tmp/wrong.cc"

refuses()
{
    said=$("$@" 2>&1) && return 1
    grep 'my_Closed_Lock\|incompatible\|conversion' <<< "$said" || { echo "$said"; return 1; }
}

check "a whole table compiles as C" "$CC" -std=c11 $strict "$tmp/whole.c"
check "... while a handler is missing it does not" refuses "$CC" -std=c11 $strict "$tmp/missing.c"
check "... or has the wrong type" refuses "$CC" -std=c11 $strict "$tmp/wrong.c"
check "a whole table compiles as C++17" "$CXX" -std=c++17 $strict "$tmp/whole.cc"
check "... while a handler is missing it does not" refuses "$CXX" -std=c++17 $strict "$tmp/missing.cc"
check "... or has the wrong type" refuses "$CXX" -std=c++17 $strict "$tmp/wrong.cc"

made_compiles()
{
    "$CC" -std=c11 $strict -Wstrict-prototypes -Wmissing-prototypes "$tmp/door.kmsg.c" &&
        "$CC" -std=c11 $strict -DKMSG_CODEC_ONLY "$tmp/door.kmsg.c"
}

check "what is made of it compiles, also for the codec alone" made_compiles
finish
