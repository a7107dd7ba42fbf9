#!/bin/sh
# Fetches the OpAMP programs of other people that the system tests talk to. Needs Node's npm.
set -eu
cd "$(dirname "$(readlink -f "$0")")"
. ../../../../packaging/host-tools.sh
find_node
# npm ci deletes what is there; done only when the lock file changed. None of them needs its install script.
if [ ! -f node_modules/.vmext-lock ] || ! cmp -s package-lock.json node_modules/.vmext-lock; then
    npm ci --no-audit --no-fund --ignore-scripts
    cp package-lock.json node_modules/.vmext-lock
fi
