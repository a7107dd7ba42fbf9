package dev.vmext.antivirus;

import dev.vmext.extensionkit.ExitCode;
import dev.vmext.extensionkit.HandlerException;
import dev.vmext.extensionkit.SmallFiles;
import java.io.IOException;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How much memory ClamAV may have on this machine, in MiB, and whether that is enough for what the settings ask. The public
 * signatures take about 1300 MiB once loaded, whatever is scanned; signatures of one's own take next to nothing.
 */
record MemoryBudget(int machineMiB, int limitMiB, int neededMiB) {
    static final int PUBLIC_SIGNATURES = 1300;
    static final int OWN_SIGNATURES = 128;
    private static final int USUAL_LIMIT = 1536;
    private static final int FOR_OTHERS = 512;
    private static final Pattern TOTAL = Pattern.compile("(?m)^MemTotal:\\s+([0-9]+) kB$");

    static MemoryBudget of(Places places, AntivirusSettings settings) {
        return of(machine(places), settings);
    }

    static MemoryBudget of(int machineMiB, AntivirusSettings settings) {
        int wanted = settings.resources().memoryMiB();
        int limit = wanted > 0 ? wanted : Math.min(USUAL_LIMIT, machineMiB * 3 / 4);
        return new MemoryBudget(machineMiB, limit, settings.signatures().large() ? PUBLIC_SIGNATURES : OWN_SIGNATURES);
    }

    /** A daemon that the kernel kills and systemd starts again, for ever, protects nobody: better none, and saying so. */
    void refuseDaemonThatDoesNotFit() {
        if (limitMiB < neededMiB || machineMiB < neededMiB + FOR_OTHERS) {
            throw new HandlerException(
                    ExitCode.CONFIGURATION,
                    ("cannot use settings.mode: daemon needs %d MiB for these signatures and %d MiB for everything else; "
                                    + "the machine has %d MiB, of which resources.memoryMiB allows %d")
                            .formatted(neededMiB, FOR_OTHERS, machineMiB, limitMiB),
                    "Use mode on-demand, which needs the memory only while it scans, or give the machine more.");
        }
    }

    /** What an operator should know when scans on demand will not fit either. They are tried: it may have swap. */
    Optional<String> warning() {
        return limitMiB >= neededMiB
                ? Optional.empty()
                : Optional.of(
                        ("Scans may use %d MiB of this machine's %d MiB, and these signatures need about %d MiB: scans will "
                                        + "probably be ended by the kernel, and be findings. Give the machine more memory, raise "
                                        + "resources.memoryMiB if it has swap, or use source package with fewer signatures.")
                                .formatted(limitMiB, machineMiB, neededMiB));
    }

    private static int machine(Places places) {
        try {
            Matcher total = TOTAL.matcher(SmallFiles.readText(places.root().resolve("proc/meminfo"), 64 * 1024));
            if (total.find()) {
                return (int) (Long.parseLong(total.group(1)) / 1024);
            }
            throw new IOException("it has no line MemTotal");
        } catch (IOException e) {
            throw new HandlerException(
                    ExitCode.ENVIRONMENT, "cannot read /proc/meminfo: " + SmallFiles.why(e), "Is /proc mounted?", e);
        }
    }
}
