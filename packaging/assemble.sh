#!/bin/sh
# Puts what Maven built, the portal and the guest agent together in target/dist. Called by build.sh, and by the system tests' build
# so that they test exactly what a user runs. Needs JAVA_HOME and Node.
set -eu
here=$(cd "$(dirname "$0")/.." && pwd)
. "$here/packaging/host-tools.sh"
find_jdk
find_node
dist=$here/target/dist
log=$here/target/assemble.log
mkdir -p "$dist"
: >"$log"
# What is built is as new as what was there when the work began, not when it ended.
date -u +%Y-%m-%dT%H:%M:%SZ >"$here/target/assembling"
cd "$here"

failed() {
    printf 'vmext: cannot build %s; the end of %s:\n' "$1" "$log" >&2
    tail -n 25 "$log" >&2
    exit 1
}

for part in server cli; do
    rm -rf "${dist:?}/$part.new"
    mkdir -p "$dist/$part.new/lib"
    cp "$part"/target/lib/*.jar "$dist/$part.new/lib/"
    cp "$part"/target/"$part"-*.jar "$dist/$part.new/lib/"
    rm -rf "${dist:?}/$part"
    mv "$dist/$part.new" "$dist/$part"
done

rm -rf "$dist/extensions"
mkdir -p "$dist/extensions"
cp extensions/*/*/target/package/*.zip "$dist/extensions/"

say "  the portal"
(
    cd portal
    # npm ci deletes what is there; done only when the lock file changed.
    if [ ! -f node_modules/.vmext-lock ] || ! cmp -s package-lock.json node_modules/.vmext-lock; then
        npm ci --no-audit --no-fund
        cp package-lock.json node_modules/.vmext-lock
    fi
    npm run build
) >>"$log" 2>&1 || failed "the portal"
rm -rf "$dist/portal"
cp -r portal/dist "$dist/portal"

say "  the guest agent"
packaging/agent/build.sh "$dist/agent" >>"$log" 2>&1 || failed "the guest agent"

# The build began before this; a source that changed since then is newer than its own jar.
if [ -f "$here/target/building" ]; then mv "$here/target/building" "$dist/built"; rm "$here/target/assembling"; else mv "$here/target/assembling" "$dist/built"; fi
