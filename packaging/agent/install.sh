#!/bin/sh
# Installs the agent from the folder this file is in. May be repeated; installing a version that is there changes nothing.
# VMEXT_ROOT installs below another root folder, without starting anything.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=${VMEXT_ROOT:-}
version=$(cat "$here/VERSION")
target=$root/opt/vmext/agent/$version

[ -n "$root" ] || [ "$(id -u)" = 0 ] || { echo "vmext-agent: cannot install: this must run as root" >&2; exit 1; }
if ! "$here/runtime/bin/java" -version >/dev/null 2>&1; then
    echo "vmext-agent: cannot install: the runtime does not start on this machine ($(uname -m), $("$here/runtime/bin/java" -version 2>&1 | head -n 1))" >&2
    echo "  It needs Linux on amd64 with glibc $(cat "$here/GLIBC") or newer." >&2
    exit 1
fi

umask 022
mkdir -p "$root/opt/vmext/agent" "$root/etc/vmext"
# The folder appears under its name only when it is whole.
if [ ! -f "$target/VERSION" ]; then
    rm -rf "$target.new" "$target"
    # -p: the start-up cache is only used for files with the times it was made from.
    cp -pR "$here" "$target.new"
    mv "$target.new" "$target"
fi
ln -sfn "$version" "$root/opt/vmext/agent/current.new"
mv -T "$root/opt/vmext/agent/current.new" "$root/opt/vmext/agent/current"

if [ -n "$root" ]; then
    echo "vmext-agent: $version is in $target; start it with $target/bin/vmext-agent --root $root run"
    exit 0
fi
if [ -d /run/systemd/system ]; then
    cp "$target/vmext-agent.service" /etc/systemd/system/vmext-agent.service
    systemctl daemon-reload
    # --no-block: at first boot this runs inside cloud-init, which systemd waits for before it would start us.
    systemctl --quiet enable vmext-agent.service
    systemctl --no-block restart vmext-agent.service
    echo "vmext-agent: $version is installed and starting"
else
    echo "vmext-agent: $version is installed. This machine has no systemd: have its init run /opt/vmext/agent/current/bin/vmext-agent run" >&2
fi
