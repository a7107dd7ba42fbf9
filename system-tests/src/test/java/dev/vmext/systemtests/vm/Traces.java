package dev.vmext.systemtests.vm;

import java.util.List;

/**
 * What an extension leaves behind on the machine, looked at by somebody who knows nothing of the extension: files, packages, accounts,
 * units and tables of nftables, before it came and after it went.
 */
final class Traces {
    private static final String LOOK = """
            look() {
                mkdir -p /root/traces
                {
                    find / -xdev \\( -path /root/traces -o -path /tmp -o -path /var/tmp -o -path /var/lib/vmext -o -path /var/log/vmext \\
                        -o -path /var/log/journal -o -path /var/log/apt -o -path /var/lib/apt -o -path /var/cache \\) -prune -o -print
                    find /run -name '*vmext*' ! -path '/run/vmext*' ! -path '/run/systemd/generator*' ! -name '*.mount' 2>/dev/null
                    dpkg-query -W -f 'package ${Package} ${db:Status-Abbrev}\\n'
                    getent passwd | sed 's/:.*//; s/^/user /'
                    getent group | sed 's/:.*//; s/^/group /'
                    systemctl list-unit-files --no-legend | sed 's/  */ /g; s/^/unit file /'
                    systemctl list-units --all --plain --no-legend 'vmext-*' | sed 's/ .*//; s/^/unit /'
                    systemctl list-units --all --plain --no-legend --state=failed | sed 's/ .*//; s/^/failed unit /'
                    nft list tables | sed 's/^/nftables /'
                } | LC_ALL=C sort > /root/traces/$1
            }
            """;

    /** Kept by the system and by packages of Debian under names that come and go, and by the agent: its logs, and empty slices until the next boot. */
    private static final List<String> OTHERS = List.of(
            "/etc/[a-z.]+-",
            "/var/lib/dpkg/.*-old",
            "/var/lib/dpkg/(lock|triggers/Lock)",
            "/var/lib/systemd/(random-seed|timesync.*|timers|timers/stamp-logrotate.timer)",
            "/var/log/(dpkg|alternatives)\\.log",
            "/var/log/azure/[^/]+(/(CommandExecution(_[^/]+)?\\.log|handler\\.log|events).*)?",
            "unit vmext-[^.]*\\.slice",
            // One connection to a socket, which is over in a moment.
            "unit vmext-[a-z.-]+@[0-9]+-[0-9]+-[0-9]+\\.service",
            // While the machine's own firewall waits to be confirmed, and until its timer is collected.
            "unit vmext-firewall-guard\\.(service|timer)",
            "/var/lib/vmext-firewall/(previous.*|unconfirmed)",
            // A command of the machine's own handlers, while it runs.
            "(/run/systemd/transient/|unit |unit file )vmext-(backup|firewall|hello|metrics)\\\\x2d[0-9]+\\\\x2d[0-9]+\\.scope( transient -)?",
            // What systemd notes of units that run; those are looked at themselves.
            "/run/systemd/(propagate|units)/.*",
            // Shared by all extensions that bring packages; gone with the next boot.
            "/run/lock/vmext-packages");

    private Traces() {}

    /** Remembers how the machine is now. */
    static void remember() throws Exception {
        MachineStory.inside(LOOK + "look before");
    }

    /** What is on the machine now and was not there then, one thing a line; without what these expressions name as declared to stay. */
    static String left(String... declared) throws Exception {
        List<String> allowed = List.of(declared);
        return String.join(
                "\n",
                MachineStory.inside(LOOK + "look after; LC_ALL=C comm -13 /root/traces/before /root/traces/after")
                        .lines()
                        .filter(line -> OTHERS.stream().noneMatch(line::matches))
                        .filter(line -> allowed.stream().noneMatch(line::matches))
                        .toList());
    }

    /** What was there then and is gone now. */
    static String gone() throws Exception {
        return String.join(
                "\n",
                MachineStory.inside("LC_ALL=C comm -23 /root/traces/before /root/traces/after")
                        .lines()
                        .filter(line -> OTHERS.stream().noneMatch(line::matches))
                        .toList());
    }
}
