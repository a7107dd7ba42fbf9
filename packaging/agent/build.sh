#!/bin/sh
# Builds the guest agent: a trimmed Java runtime, the jars, a start-up cache, as tarball and Debian package.
#   packaging/agent/build.sh OUT_DIR
# Needs JAVA_HOME (a JDK 25) and the jars built by Maven. Unchanged input is not built again. All but the start-up cache, which the
# JVM writes, has the same bytes for the same input.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
out=$1
# Debian 12, the oldest guest that is tested.
guest_glibc=2.36
modules=java.base,java.net.http,java.logging
: "${JAVA_HOME:?}"

fail() { printf 'vmext: cannot build the guest agent: %s\n  %s\n' "$1" "$2" >&2; exit 1; }

jar_of() {
    for jar in "$top/$1/target/$1"-*.jar; do
        [ -f "$jar" ] && { printf '%s' "$jar"; return; }
    done
    fail "$1 has no jar in $top/$1/target" "Build it first: ./mvnw package"
}

jackson=
for jar in "$top"/agent/target/lib/jackson-core-*.jar; do jackson=$jar; done
[ -f "$jackson" ] || fail "there is no jackson-core in agent/target/lib" "Build it first: ./mvnw package"
agent=$(jar_of agent) format=$(jar_of package-format) protocol=$(jar_of protocol)
version=$(basename "$agent" .jar)
version=${version#agent-}
run_handler=$top/agent/src/main/sh/run-handler
freeze_machine=$top/agent/src/main/sh/freeze-machine

stamp=$(cat "$JAVA_HOME/release" "$jackson" "$agent" "$format" "$protocol" "$run_handler" "$freeze_machine" "$here"/* | sha256sum | cut -d' ' -f1)
if [ -f "$out/stamp" ] && [ "$(cat "$out/stamp")" = "$stamp" ] && [ -f "$out/linux-amd64.tar.gz" ] && [ -f "$out/linux-amd64.deb" ]; then
    echo "The guest agent is built already."
    exit 0
fi

# The newest symbol version the runtime asks of the C library decides on which guests it starts.
needs=$(find "$JAVA_HOME/bin/java" "$JAVA_HOME/lib" -name java -type f -o -name '*.so' -type f | while read -r file; do
    objdump -T "$file" 2>/dev/null | grep -o 'GLIBC_[0-9.]*' || true
done | sed 's/GLIBC_//' | sort -Vu | tail -n 1)
[ -n "$needs" ] || fail "objdump shows no C library that $JAVA_HOME needs" "Is binutils installed, and is that a Linux JDK?"
[ "$(printf '%s\n%s\n' "$needs" "$guest_glibc" | sort -V | tail -n 1)" = "$guest_glibc" ] ||
    fail "$JAVA_HOME needs glibc $needs, and guests have $guest_glibc" "Set JAVA_HOME to a JDK built for older systems, such as Eclipse Temurin."

mkdir -p "$out"
work=$(mktemp -d "$out/build.XXXXXX")
trap 'rm -rf "$work"' EXIT
name=vmext-agent-$version
image=$work/$name
mkdir -p "$image/bin" "$image/lib"
"$JAVA_HOME/bin/jlink" --add-modules "$modules" --strip-debug --no-man-pages --no-header-files --compress zip-6 --output "$image/runtime"
# What jlink leaves in libjvm.so is a table of names for debuggers, 5 MB; what programs look up stays.
find "$image/runtime" -name '*.so' -exec strip --strip-unneeded {} +
cp "$here/vmext-agent" "$image/bin/vmext-agent"
cp "$here/jvm.options" "$image/lib/jvm.options"
cp "$agent" "$image/lib/agent.jar"
cp "$format" "$image/lib/package-format.jar"
cp "$protocol" "$image/lib/protocol.jar"
cp "$jackson" "$image/lib/jackson-core.jar"
cp "$run_handler" "$image/run-handler"
cp "$freeze_machine" "$image/freeze-machine"
cp "$here/install.sh" "$here/uninstall.sh" "$here/vmext-agent.service" "$here/README" "$image/"
printf '%s\n' "$version" >"$image/VERSION"
printf '%s\n' "$needs" >"$image/GLIBC"
chmod 0755 "$image/bin/vmext-agent" "$image/run-handler" "$image/freeze-machine" "$image/install.sh" "$image/uninstall.sh"
find "$image" -exec touch -h -d @1767225600 {} +

# The start-up cache remembers the jars by name, size and time, so all times are fixed before. It holds classes only: with machine
# code in it (jvm.options switches that off) an agent built on a newer processor died with SIGILL on an older one. Classes in it are not
# linked ahead, so that each is read when it is first used and not all at start: 12 MB less right after start. Profiles of methods are of
# no use to the one compiler the agent runs with.
MALLOC_ARENA_MAX=1 "$image/runtime/bin/java" @"$image/lib/jvm.options" -XX:-AOTClassLinking -XX:-AOTRecordTraining -XX:AOTCacheOutput="$work/agent.aot" -Xlog:aot=off -Xlog:cds=off \
    -Dvmext.home="$image" -cp "$image/lib/agent.jar:$image/lib/jackson-core.jar:$image/lib/package-format.jar:$image/lib/protocol.jar" \
    dev.vmext.agent.Main train >"$work/train.log" 2>&1 || {
    cat "$work/train.log" >&2
    fail "its training run failed" "See the lines above."
}
[ -s "$work/agent.aot" ] || fail "the training run wrote no start-up cache" "$(tail -n 3 "$work/train.log")"
mv "$work/agent.aot" "$image/lib/agent.aot"
touch -d @1767225600 "$image/lib/agent.aot" "$image/lib"
"$image/bin/vmext-agent" version >/dev/null || fail "the agent does not start" "Run it by hand: $image/bin/vmext-agent version"

archive() { tar --sort=name --mtime=@1767225600 --owner=0 --group=0 --numeric-owner -cf - -C "$1" "$2"; }
archive "$work" "$name" | gzip -n -6 >"$out/linux-amd64.tar.gz.new"

deb=$work/deb
mkdir -p "$deb/opt/vmext/agent" "$deb/lib/systemd/system" "$deb/DEBIAN"
cp -pR "$image" "$deb/opt/vmext/agent/$version"
ln -s "$version" "$deb/opt/vmext/agent/current"
cp "$here/vmext-agent.service" "$deb/lib/systemd/system/"
cat >"$deb/DEBIAN/control" <<END
Package: vmext-agent
Version: $version
Architecture: amd64
Maintainer: vmext <maintainers@vmext.dev>
Section: admin
Priority: optional
Depends: libc6 (>= $needs), zlib1g
Installed-Size: $(du -sk "$image" | cut -f1)
Description: vmext guest agent
 Installs, runs and watches VM extensions for a vmext control plane.
END
cat >"$deb/DEBIAN/postinst" <<'END'
#!/bin/sh
set -e
if [ -d /run/systemd/system ]; then
    systemctl daemon-reload
    systemctl --quiet enable vmext-agent.service
    # Without a configuration there is nothing to run yet: enrol first.
    [ ! -f /etc/vmext/agent.json ] || systemctl --no-block restart vmext-agent.service
fi
END
cat >"$deb/DEBIAN/prerm" <<'END'
#!/bin/sh
set -e
if [ "$1" = remove ] && [ -d /run/systemd/system ]; then systemctl --quiet disable --now vmext-agent.service; fi
END
# The files of the package are gone when this runs, so what uninstall.sh does is in it word for word.
forget=$(sed -n '/^# The certificate pair/,/^fi$/p' "$here/uninstall.sh")
[ -n "$forget" ] || fail "uninstall.sh has lost its lines about the certificate pair" "Look at packaging/agent/uninstall.sh."
cat >"$deb/DEBIAN/postrm" <<END
#!/bin/sh
set -e
[ "\$1" = purge ] || exit 0
$forget
rm -rf /etc/vmext /var/lib/vmext /run/vmext /var/log/vmext
END
chmod 0755 "$deb/DEBIAN/postinst" "$deb/DEBIAN/prerm" "$deb/DEBIAN/postrm"
find "$deb" -exec touch -h -d @1767225600 {} +
SOURCE_DATE_EPOCH=1767225600 dpkg-deb --root-owner-group -Zgzip --build "$deb" "$out/linux-amd64.deb.new" >/dev/null

mv "$out/linux-amd64.tar.gz.new" "$out/linux-amd64.tar.gz"
mv "$out/linux-amd64.deb.new" "$out/linux-amd64.deb"
printf '%s\n' "$stamp" >"$out/stamp"
echo "Built $(du -h "$out/linux-amd64.tar.gz" | cut -f1) linux-amd64.tar.gz and $(du -h "$out/linux-amd64.deb" | cut -f1) linux-amd64.deb; the runtime needs glibc $needs."
