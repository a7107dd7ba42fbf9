package dev.vmext.systemtests.compatibility;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmext.systemtests.product.Product;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Tarball and Debian package as they ship, installed, updated and taken off again by their own scripts, in a copy of this computer's root
 * that nothing leaves: an overlay in a mount name space of its own, without systemd. With systemd the tarball runs in the virtual machine.
 */
class AgentPackagesIT {
    /** $1 a folder for the layer, $2 the file, $3 the script to run inside. */
    private static final String APART = """
            set -eu
            mount --make-rprivate /
            mount -t tmpfs -o mode=755 tmpfs "$1"
            mkdir "$1/up" "$1/work" "$1/root"
            mount -t overlay overlay -o "lowerdir=/,upperdir=$1/up,workdir=$1/work" "$1/root"
            mount --rbind /proc "$1/root/proc"
            mount --rbind /dev "$1/root/dev"
            mkdir -p "$1/root/tmp"
            mount -t tmpfs tmpfs "$1/root/tmp"
            cp "$2" "$1/root/tmp/"
            exec chroot "$1/root" /bin/sh -eu -c "$3"
            """;

    /** A machine that enrolled, and on which another agent keeps its certificates in the same folder. */
    private static final String LIVED_IN = """
            mkdir -p /etc/vmext /var/lib/vmext/identity /var/lib/vmext/handlers/firewall /var/log/vmext /var/log/azure /var/lib/waagent
            echo '{}' > /etc/vmext/agent.json
            for file in handlers/0A1B.crt handlers/0A1B.prv; do echo ours > /var/lib/vmext/$file; done
            for file in 0A1B.crt 0A1B.prv FFFF.crt FFFF.prv; do echo pair > /var/lib/waagent/$file; done
            """;

    /** Prints what must be gone and is not, and what must be there and is not. */
    private static final String LOOK_AFTER = """
            for gone in /opt/vmext /etc/vmext /var/lib/vmext /var/log/vmext /var/lib/waagent/0A1B.crt /var/lib/waagent/0A1B.prv; do
                [ ! -e $gone ] || echo "LEFT $gone"
            done
            for kept in /var/lib/waagent/FFFF.crt /var/lib/waagent/FFFF.prv /var/log/azure; do
                [ -e $kept ] || echo "LOST $kept"
            done
            """;

    @TempDir
    Path temp;

    private String inside(String file, String script) throws Exception {
        Product.Said said = Product.run(
                temp,
                "",
                300,
                Map.of("LC_ALL", "C.UTF-8"),
                List.of(
                        "unshare",
                        "--mount",
                        "sh",
                        "-c",
                        APART,
                        "sh",
                        temp.toString(),
                        Product.DIST.resolve("agent").resolve(file).toString(),
                        script));
        assertThat(said.exit()).as(said.all()).isZero();
        return said.out();
    }

    @Test
    void theDebianPackageIsInstalledUpdatedRemovedAndPurged() throws Exception {
        String said = inside("linux-amd64.deb", """
                # One that is older, with another folder.
                dpkg-deb -R /tmp/linux-amd64.deb /tmp/older
                now=$(dpkg-deb -f /tmp/linux-amd64.deb Version)
                sed -i 's/^Version: .*/Version: 0.0.1/' /tmp/older/DEBIAN/control
                mv /tmp/older/opt/vmext/agent/$now /tmp/older/opt/vmext/agent/0.0.1
                ln -sfn 0.0.1 /tmp/older/opt/vmext/agent/current
                dpkg-deb -Znone -b /tmp/older /tmp/older.deb > /dev/null
                rm -rf /tmp/older
                dpkg -i /tmp/older.deb > /dev/null
                echo "AT $(readlink /opt/vmext/agent/current)"
                """ + LIVED_IN + """
                dpkg -i /tmp/linux-amd64.deb > /dev/null
                echo "AT $(readlink /opt/vmext/agent/current) OF $now, $(echo $(ls /opt/vmext/agent))"
                echo "RUNS $(/opt/vmext/agent/current/bin/vmext-agent version)"
                [ -f /etc/vmext/agent.json ] && [ -f /lib/systemd/system/vmext-agent.service ] && echo KEPT
                dpkg -V vmext-agent
                dpkg -r vmext-agent > /dev/null
                [ ! -e /opt/vmext ] && [ -f /etc/vmext/agent.json ] && [ -f /var/lib/waagent/0A1B.prv ] && echo REMOVED
                dpkg -P vmext-agent > /dev/null
                """ + LOOK_AFTER + "echo PURGED");
        String version =
                said.replaceFirst("(?s).*RUNS ", "").lines().findFirst().orElse("");
        assertThat(said.lines())
                .containsExactly(
                        "AT 0.0.1",
                        "AT " + version + " OF " + version + ", " + version + " current",
                        "RUNS " + version,
                        "KEPT",
                        "REMOVED",
                        "PURGED");
    }

    @Test
    void theTarballIsInstalledTwiceAndTakenOffAgain() throws Exception {
        String said = inside("linux-amd64.tar.gz", """
                tar -xzf /tmp/linux-amd64.tar.gz -C /tmp
                """ + LIVED_IN + """
                sh /tmp/vmext-agent-*/install.sh 2>&1 | sed 's/^/SAYS /'
                sh /tmp/vmext-agent-*/install.sh 2>/dev/null
                rm -rf /tmp/vmext-agent-*
                echo "RUNS $(/opt/vmext/agent/current/bin/vmext-agent version) OF $(cat /opt/vmext/agent/current/VERSION)"
                [ -f /etc/vmext/agent.json ] && echo KEPT
                sh /opt/vmext/agent/current/uninstall.sh
                """ + LOOK_AFTER);
        String version = said.replaceFirst("(?s).* OF ", "").lines().findFirst().orElse("");
        assertThat(said.lines())
                .containsExactly(
                        "SAYS vmext-agent: " + version
                                + " is installed. This machine has no systemd: have its init run "
                                + "/opt/vmext/agent/current/bin/vmext-agent run",
                        "RUNS " + version + " OF " + version,
                        "KEPT",
                        "vmext-agent: removed. Logs of extensions stay in /var/log/azure.");
    }
}
