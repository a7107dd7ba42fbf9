#!/bin/sh
# Builds everything a user runs into target/dist: Maven, then assemble.sh.
# Called by ./vmext (which has found JAVA_HOME and Node) and ./check.
set -eu
here=$(cd "$(dirname "$0")/.." && pwd)
. "$here/packaging/host-tools.sh"
dist=$here/target/dist
log=$here/target/build.log
mkdir -p "$dist" "$here/target"
: >"$log"
# What is built is at least as new as what was there when the build began, not when it ended.
date -u +%Y-%m-%dT%H:%M:%SZ >"$here/target/building"

failed() {
    printf 'vmext: cannot build %s; the end of %s:\n' "$1" "$log" >&2
    grep -E '^\[ERROR\]|rror' "$log" | tail -n 25 >&2 || tail -n 25 "$log" >&2
    exit 1
}

# One line for each Maven module, so that a person sees it move.
show_modules() {
    while IFS= read -r line; do
        printf '%s\n' "$line" >>"$log"
        case $line in
            *"Building "*" ["*"/"*"]"*) printf '  %s\n' "$(printf '%s' "$line" | sed 's/^\[INFO\] Building //; s/  */ /g')" ;;
        esac
    done
}

say "Building vmext (the first time downloads its libraries; details in target/build.log)"
cd "$here"
# The checkers and tests belong to ./check; what they check is the same code.
{ ./mvnw -B -Pquick -DskipTests -pl '!system-tests,!bench' package && echo 0 >"$here/target/build.rc" || echo 1 >"$here/target/build.rc"; } 2>&1 | show_modules
[ "$(cat "$here/target/build.rc")" = 0 ] || failed "the Java parts"

rm -f "$here/target/build.rc"
packaging/assemble.sh
say "Built."
