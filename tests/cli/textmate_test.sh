#!/bin/bash
# textmate_test.sh -- idl/kmsg.tmLanguage.json says what schemas are made of; see tests/textmate/scopes.
exec tests/textmate/scopes
