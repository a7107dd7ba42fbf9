package dev.vmext.agent.host;

import dev.vmext.agent.config.Places;
import dev.vmext.agent.process.CommandLine;
import dev.vmext.agent.process.Confinement;
import dev.vmext.agent.process.Measured;
import dev.vmext.packageformat.manifest.Budget;
import dev.vmext.packageformat.manifest.HandlerCommand;
import dev.vmext.packageformat.manifest.PackageDescription;
import dev.vmext.protocol.status.Cause;
import dev.vmext.protocol.status.CauseClass;
import dev.vmext.protocol.status.RemovalReport;
import dev.vmext.protocol.status.StatusDetail;
import dev.vmext.protocol.status.Usage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The care for a Linux machine. All that it must remember lies on the disk; what it keeps besides is only made anew by a restart of the
 * agent.
 */
public final class LinuxHostCare implements HostCare {
    private static final System.Logger LOG = System.getLogger(LinuxHostCare.class.getName());
    private static final int LOGGED_ITEMS = 20;
    private static final String HINT =
            "the publisher's budget is too small, or the handler leaks: look at its log and ask its publisher";

    private final Places places;
    private final Preflight preflight;
    private final InventoryKeeper inventories;
    /** Bytes in the folders of an installation when its command began, by run: who is over the quota already must be able to clear up. */
    private final Map<String, Long> atStart = new ConcurrentHashMap<>();

    private final List<String> gateways;

    /**
     * Cares for this machine.
     *
     * @param gateways host names of the control plane
     */
    public LinuxHostCare(Places places, HostState state, List<String> gateways) {
        this.places = places;
        this.preflight = new Preflight(state);
        this.inventories = new InventoryKeeper(places.root());
        this.gateways = List.copyOf(gateways);
    }

    @Override
    public Optional<Cause> preflight(
            String subject, PackageDescription description, long packageBytes, Path code, Path logs)
            throws IOException {
        return preflight.check(new Preflight.Request(subject, description, packageBytes, code, logs, gateways));
    }

    @Override
    public CommandLine begins(Work work, CommandLine line) {
        try {
            inventories.begins(work.installation(), work.command(), places.installation(work.installation()));
        } catch (IOException e) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "Cannot note what is there before {0} works: {1}",
                    work.installation(),
                    e);
        }
        Budget budget = budget(work);
        if (budget.diskMiB().isPresent()) {
            try {
                atStart.put(work.run(), FolderSizes.of(work.folders()).total());
            } catch (IOException e) {
                LOG.log(System.Logger.Level.WARNING, "Cannot measure the folders of {0}: {1}", work.installation(), e);
            }
        }
        return line.within(Confinement.of(
                work.installation(), work.run(), budget.cpuPercent(), budget.memoryMiB(), budget.tasks()));
    }

    private static Budget budget(Work work) {
        return work.description().execution().budget();
    }

    @Override
    public void resumed(Work work) {
        // Its group and its traces are found through its run folder.
        inventories.resumed(work.installation());
    }

    @Override
    public void dropped(Work work) {
        var _ = inventories.leave(work.installation());
        atStart.remove(work.run());
    }

    @Override
    public Optional<Cause> exceeds(Work work) {
        OptionalInt limit = budget(work).diskMiB();
        if (limit.isEmpty()) {
            return Optional.empty();
        }
        try {
            FolderSizes sizes = FolderSizes.of(work.folders());
            long before = atStart.computeIfAbsent(work.run(), run -> sizes.total());
            boolean exceeds = sizes.total() >> 20 >= limit.getAsInt() && sizes.total() > before;
            return exceeds ? Optional.of(disk(work, sizes)) : Optional.empty();
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "Cannot measure the folders of {0}: {1}", work.installation(), e);
            return Optional.empty();
        }
    }

    private static Cause disk(Work work, FolderSizes sizes) {
        Path largest = sizes.largest();
        int limit = budget(work).diskMiB().orElseThrow();
        long used = sizes.total() >> 20;
        return cause(
                work,
                "its folders hold " + used + " MiB, most of it in " + largest + ", and its budget is " + limit + " MiB",
                Map.of(
                        "limit", "diskMiB",
                        "limitMiB", String.valueOf(limit),
                        "usedMiB", String.valueOf(used),
                        "path", largest.toString()));
    }

    private static Cause cause(Work work, String why, Map<String, String> evidence) {
        return new Cause(
                CauseClass.KILLED_BY_BUDGET,
                work.command().text(),
                "cannot " + work.command().text() + " " + work.extension() + ": " + why,
                HINT,
                evidence);
    }

    @Override
    public Outcome ended(Work work, Measured measured, boolean failed) {
        atStart.remove(work.run());
        Optional<Cause> exceeded = failed ? limitMet(work, measured) : Optional.empty();
        UnaryOperator<StatusDetail> used = usage(work, measured);
        UnaryOperator<StatusDetail> removed = removal(work);
        return new Outcome(exceeded, detail -> removed.apply(used.apply(detail)));
    }

    private static String words(List<RemovalReport.Item> items) {
        String all = items.stream()
                .limit(LOGGED_ITEMS)
                .map(item -> item.kind() + " " + item.name())
                .collect(Collectors.joining(", "));
        return items.isEmpty() ? "nothing" : items.size() > LOGGED_ITEMS ? all + " and more" : all;
    }

    /** The report of an earlier removal ends with the next install. */
    private UnaryOperator<StatusDetail> removal(Work work) {
        Optional<RemovalReport> report = Optional.empty();
        try {
            report = inventories.ended(
                    work.installation(),
                    work.command(),
                    places.installation(work.installation()),
                    work.description().execution().keepsOnUninstall());
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "Cannot tell what {0} added: {1}", work.installation(), e);
        }
        Optional<RemovalReport> found = report;
        found.ifPresent(removal -> LOG.log(
                System.Logger.Level.INFO,
                "Removal of {0}; gone: {1}; kept: {2}; left behind: {3}",
                work.installation(),
                words(removal.gone()),
                words(removal.kept()),
                words(removal.left())));
        if (work.command() == HandlerCommand.INSTALL) {
            return detail -> detail.with((@Nullable RemovalReport) null);
        }
        return detail -> found.map(detail::with).orElse(detail);
    }

    private static Optional<Cause> limitMet(Work work, Measured measured) {
        if (measured.memoryKills() > 0) {
            int limit = budget(work).memoryMiB().orElse(0);
            return Optional.of(cause(
                    work,
                    "the kernel killed " + measured.memoryKills() + " of its processes at its limit of " + limit
                            + " MiB of memory",
                    Map.of(
                            "limit",
                            "memoryMiB",
                            "limitMiB",
                            String.valueOf(limit),
                            "peakKiB",
                            String.valueOf(measured.memoryPeakKiB()),
                            "memory.events",
                            "oom_kill " + measured.memoryKills())));
        }
        if (measured.taskRefusals() > 0) {
            int limit = budget(work).tasks().orElse(0);
            return Optional.of(cause(
                    work,
                    "the kernel refused it " + measured.taskRefusals() + " processes or threads beyond its limit of "
                            + limit,
                    Map.of(
                            "limit",
                            "tasks",
                            "limitTasks",
                            String.valueOf(limit),
                            "pids.events",
                            "max " + measured.taskRefusals())));
        }
        return Optional.empty();
    }

    private UnaryOperator<StatusDetail> usage(Work work, Measured measured) {
        try {
            long disk = FolderSizes.of(work.folders()).total() >> 10;
            Usage usage = UsageBook.add(places.installation(work.installation()), measured, disk);
            return detail -> detail.with(usage);
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "Cannot write down what {0} used: {1}", work.installation(), e);
            return detail -> detail;
        }
    }
}
