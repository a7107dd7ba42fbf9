# Installs the vmext agent on this machine: downloads its archive from the control plane, checks it, runs its installer.
# Goes before: url=, sha256=, and on machines that were not made by vmext the function configure.
# The download needs no trusted certificate, because nothing is used that has another SHA-256 than the one given here.
set -eu
umask 077

say() {
    echo "vmext: $*" >&2
}

fail() {
    say "$*"
    exit 1
}

[ "$(id -u)" = 0 ] || fail "cannot install the agent: this must run as root (try: sudo sh)"
command -v tar >/dev/null 2>&1 || fail "cannot install the agent: tar is not installed"
command -v sha256sum >/dev/null 2>&1 || fail "cannot install the agent: sha256sum is not installed"

work=$(mktemp -d "${TMPDIR:-/tmp}/vmext-agent.XXXXXX")
trap 'rm -rf "$work"' EXIT
archive=$work/agent.tar.gz

download() {
    if command -v curl >/dev/null 2>&1; then
        curl --fail --silent --show-error --insecure --connect-timeout 10 --output "$archive" "$url"
    elif command -v wget >/dev/null 2>&1; then
        wget -q --no-check-certificate -T 30 -O "$archive" "$url"
    elif command -v python3 >/dev/null 2>&1; then
        python3 -c '
import shutil, ssl, sys, urllib.request
with urllib.request.urlopen(sys.argv[1], timeout=30, context=ssl._create_unverified_context()) as answer:
    with open(sys.argv[2], "wb") as file:
        shutil.copyfileobj(answer, file)
' "$url" "$archive"
    else
        fail "cannot download the agent: none of curl, wget and python3 is installed"
    fi
}

verified() {
    actual=$(sha256sum "$archive")
    actual=${actual%% *}
    [ "$actual" = "$sha256" ] && return 0
    say "the agent's archive has SHA-256 $actual instead of $sha256"
    return 1
}

try=1
until download && verified; do
    [ "$try" -lt "${VMEXT_TRIES:-30}" ] || fail "cannot get the agent from $url after $try tries"
    say "try $try did not get the agent from $url, trying again"
    try=$((try + 1))
    sleep 5
done

mkdir "$work/agent"
tar -xzf "$archive" -C "$work/agent"
if command -v configure >/dev/null 2>&1; then
    configure
fi
for installer in "$work/agent/install.sh" "$work"/agent/*/install.sh; do
    if [ -f "$installer" ]; then
        sh "$installer"
        say "the agent is installed"
        exit 0
    fi
done
fail "cannot install the agent: its archive has no install.sh"
