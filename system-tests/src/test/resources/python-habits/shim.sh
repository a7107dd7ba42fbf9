#!/usr/bin/env bash
# Takes the log folder out of HandlerEnvironment.json as text, as shims do that have no JSON reader: one space after the colon, a
# comma after the value.
logs=$(sed 's/.*logFolder": "//; s/",.*//' HandlerEnvironment.json)
echo "shim $*" >>"$logs/shim.log"
[ "$1" = -c ] && [ "$3" = -e ] || exit 1
exec python3 "$2" -enable
