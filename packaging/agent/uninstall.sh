#!/bin/sh
# Takes the agent off this machine. Extensions stay as they are: uninstall them from the control plane first.
set -eu
[ "$(id -u)" = 0 ] || { echo "vmext-agent: cannot uninstall: this must run as root" >&2; exit 1; }
if [ -d /run/systemd/system ] && [ -f /etc/systemd/system/vmext-agent.service ]; then
    systemctl --quiet disable --now vmext-agent.service || true
    rm -f /etc/systemd/system/vmext-agent.service
    systemctl daemon-reload
fi
# The Debian package does the same from here to the end of the "if" when it is purged.
# The certificate pair that public handlers read lies in another agent's folder: exactly ours are removed.
if [ -d /var/lib/vmext/identity ]; then
    for pair in /var/lib/vmext/handlers/*.crt; do
        [ -f "$pair" ] || continue
        name=$(basename "$pair" .crt)
        rm -f "/var/lib/waagent/$name.crt" "/var/lib/waagent/$name.prv"
    done
    rmdir /var/lib/waagent 2>/dev/null || true
fi
rm -rf /opt/vmext /etc/vmext /var/lib/vmext /run/vmext /var/log/vmext
echo "vmext-agent: removed. Logs of extensions stay in /var/log/azure."
