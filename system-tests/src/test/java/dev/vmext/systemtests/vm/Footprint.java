package dev.vmext.systemtests.vm;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * What an extension takes of the machine while nothing happens, as kernel and package manager count it: the figures in the docs pages.
 * All that was read is added to {@code target/vm-test/footprint.txt}, with units that ran and ended among it.
 *
 * @param processes those of its units that are there all the time
 * @param residentKiB resident memory of these processes together
 * @param packagesKiB Debian packages that came with it, as they say themselves ({@code Installed-Size})
 * @param filesKiB its package, programs, configuration and state on the disk
 */
record Footprint(int processes, int residentKiB, int packagesKiB, int filesKiB) {
    private static final String INSTALLED =
            "LC_ALL=C; export LC_ALL; dpkg-query -W -f '${Package} ${Installed-Size} ${db:Status-Abbrev}\\n' | grep ' ii' | sort";

    private static final String MEASURE = """
            # A look or an answer that is just at work is not what stays.
            sleep 5
            processes=0 resident=0
            for unit in $(systemctl list-units --plain --no-legend --all --type=service 'PREFIX*' | sed 's/ .*//'); do
                group=/sys/fs/cgroup$(systemctl show -P ControlGroup "$unit")/cgroup.procs
                began=$(systemctl show -P ExecMainStartTimestampMonotonic "$unit") ended=$(systemctl show -P ExecMainExitTimestampMonotonic "$unit")
                [ "$ended" -lt "$began" ] || echo "$unit ended after $(((ended - began) / 1000)) ms, of the processor $(systemctl show -P CPUUsageNSec "$unit") ns"
                [ "$(systemctl show -P Type "$unit")" != oneshot ] && [ -f "$group" ] || continue
                case $unit in *metrics@*) continue ;; esac
                for process in $(cat "$group"); do
                    kib=$(awk '/^VmRSS/ { print $2 }' /proc/$process/status)
                    echo "  process $(cat /proc/$process/comm): resident $kib KiB, proportional $(awk '/^Pss:/ { print $2 }' /proc/$process/smaps_rollup) KiB"
                    processes=$((processes + 1)) resident=$((resident + kib))
                done
            done
            PACKAGES | comm -13 /run/footprint-packages - > /run/footprint-new
            sed 's/^/package /' /run/footprint-new
            du -sk /var/lib/vmext/handlers/INSTALLATION /var/lib/PREFIX /etc/PREFIX 2>/dev/null | tee /run/footprint-files
            echo "figures $processes $resident $(awk '{ n += $2 } END { print n + 0 }' /run/footprint-new) $(awk '{ n += $1 } END { print n + 0 }' /run/footprint-files)"
            """;

    /** Remembers which packages the machine has, before an extension comes. */
    static void before() throws Exception {
        MachineStory.inside(INSTALLED + " > /run/footprint-packages");
    }

    /**
     * Measures an installation.
     *
     * @param prefix of its units, and its folders in /etc and /var/lib
     */
    static Footprint of(String installation, String prefix) throws Exception {
        String said = MachineStory.inside(MEASURE.replace("PREFIX", prefix)
                .replace("INSTALLATION", installation)
                .replace("PACKAGES", INSTALLED));
        Path file = MachineStory.WORK.resolve("footprint.txt");
        Files.writeString(file, "== " + prefix + "\n" + said, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        String[] figures = said.lines()
                .filter(line -> line.startsWith("figures "))
                .findFirst()
                .orElseThrow()
                .split(" ", -1);
        return new Footprint(
                Integer.parseInt(figures[1]),
                Integer.parseInt(figures[2]),
                Integer.parseInt(figures[3]),
                Integer.parseInt(figures[4]));
    }
}
