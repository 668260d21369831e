#!/bin/bash
# textmate_test.sh -- idl/kmsg.tmLanguage.json says what a schema is made of.
exec tests/textmate/scopes
