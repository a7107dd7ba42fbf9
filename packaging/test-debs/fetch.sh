#!/bin/sh
# Makes a small Debian repository for a machine made from our image: fetch.sh OUT_FOLDER DISK_IMAGE
# OUT_FOLDER gets the packages named in the file "packages" beside this script, everything they depend on that the image does not
# have, and the indexes apt wants (Packages, Release). Nothing of the host's own apt is changed; it only says which mirror to use.
# Needs no root. Works on copies: a folder that is there is complete.
set -eu
out=$1
disk=$2
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
[ ! -e "$out" ] || exit 0
fail() { printf 'cannot fetch the packages for the test machine: %s\n  %s\n' "$1" "$2" >&2; exit 1; }

work=$(mktemp -d "${TMPDIR:-/var/tmp}/vmext-debs.XXXXXX")
trap 'rm -rf -- "$work"' EXIT
trap 'exit 1' HUP INT TERM
mkdir -p "$work/state/lists/partial" "$work/cache/archives/partial" "$work/repository"

# What the image has installed, out of its file system.
PATH="$PATH:/usr/sbin:/sbin" debugfs -R 'cat /var/lib/dpkg/status' "$disk" >"$work/status" 2>"$work/debugfs.log" || true
grep -q '^Package: libc6$' "$work/status" || fail "there is no list of packages in $disk" "$(tail -n 1 "$work/debugfs.log")"

# The mirrors that the host uses where it is the same release, as for the image; else the public ones.
apt-get indextargets --format 'deb $(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' 2>/dev/null \
    | grep -E ' bookworm(-updates|-security)? main$' | sort -u >"$work/sources.list" || true
if ! grep -q ' bookworm main$' "$work/sources.list"; then
    keyring=/usr/share/keyrings/debian-archive-keyring.gpg
    [ ! -r "$keyring" ] || signed="[signed-by=$keyring] "
    cat >"$work/sources.list" <<E
deb ${signed:-}http://deb.debian.org/debian bookworm main
deb ${signed:-}http://deb.debian.org/debian bookworm-updates main
deb ${signed:-}http://deb.debian.org/debian-security bookworm-security main
E
fi

apt() {
    apt-get -q -y -o Dir::State="$work/state" -o Dir::State::status="$work/status" -o Dir::State::extended_states="$work/extended" \
        -o Dir::Cache="$work/cache" -o Dir::Etc::sourcelist="$work/sources.list" -o Dir::Etc::sourceparts=/dev/null \
        -o Dir::Etc::preferences=/dev/null -o Dir::Etc::preferencesparts=/dev/null -o Debug::NoLocking=1 \
        -o APT::Sandbox::User=root -o APT::Architecture=amd64 -o APT::Architectures=amd64 "$@"
}
apt update >"$work/apt.log" 2>&1 || fail "apt-get update failed" "$(tail -n 5 "$work/apt.log")"
# shellcheck disable=SC2046
apt install --download-only --no-install-recommends $(grep -v '^#' "$here/packages") >>"$work/apt.log" 2>&1 ||
    fail "apt-get install --download-only failed" "$(tail -n 5 "$work/apt.log")"

for deb in "$work"/cache/archives/*.deb; do
    name=$(basename "$deb" | sed 's/%3a/-/')
    mv "$deb" "$work/repository/$name"
    dpkg-deb --field "$work/repository/$name"
    printf 'Filename: ./%s\nSize: %s\nSHA256: %s\n\n' "$name" "$(stat -c %s "$work/repository/$name")" \
        "$(sha256sum "$work/repository/$name" | cut -d' ' -f1)"
done >"$work/Packages"
mv "$work/Packages" "$work/repository/Packages"
printf 'Origin: vmext tests\nSuite: stories\nArchitectures: amd64\nDate: %s\nSHA256:\n %s %s Packages\n' "$(LC_ALL=C date -u '+%a, %d %b %Y %H:%M:%S UTC')" \
    "$(sha256sum "$work/repository/Packages" | cut -d' ' -f1)" "$(stat -c %s "$work/repository/Packages")" >"$work/repository/Release"

mkdir -p "$(dirname "$out")"
rm -rf "$out.new"
cp -r "$work/repository" "$out.new"
mv -T "$out.new" "$out" 2>/dev/null || [ -d "$out" ] || fail "$out cannot be made" "Is the folder writable, and is there room?"
