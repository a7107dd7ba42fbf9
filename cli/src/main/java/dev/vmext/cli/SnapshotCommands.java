package dev.vmext.cli;

import dev.vmext.protocol.api.DiskSnapshotView;
import dev.vmext.protocol.api.MachineView;
import dev.vmext.protocol.api.SnapshotCreate;
import dev.vmext.protocol.problem.Problem;
import dev.vmext.protocol.problem.ProblemCode;
import dev.vmext.protocol.problem.ProblemException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Snapshots of the disks of machines that were made here. */
@Command(
        name = "snapshot",
        description = "Snapshots of machines' disks, taken while they run.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            SnapshotCommands.Create.class,
            SnapshotCommands.ListAll.class,
            SnapshotCommands.Show.class,
            SnapshotCommands.Verify.class,
            SnapshotCommands.Restore.class,
            SnapshotCommands.Delete.class,
        })
final class SnapshotCommands implements Runnable {
    private static final Duration LOOK_EVERY = Duration.ofMillis(400);

    private final Surroundings world;

    SnapshotCommands(Surroundings world) {
        this.world = world;
    }

    @Override
    public void run() {
        CommandLine.usage(new CommandLine(this, new Commands(world)), world.out());
    }

    /** What they share. */
    abstract static class OfMachine extends MachineCommand {
        @Parameters(index = "0", paramLabel = "MACHINE")
        String machine = "";

        OfMachine(Surroundings world) {
            super(world);
        }

        String all() {
            return global.machinePath(machine) + "/snapshots";
        }

        String one(String id) {
            return all() + "/" + ApiClient.segment(id);
        }

        interface Until {
            boolean holds(DiskSnapshotView view);
        }

        DiskSnapshotView await(ApiClient client, String id, Duration atMost, Until until) throws InterruptedException {
            Instant end = world.clock().instant().plus(atMost);
            while (true) {
                DiskSnapshotView view = client.get(one(id), DiskSnapshotView.class);
                if (until.holds(view)) {
                    return view;
                }
                if (!world.clock().instant().isBefore(end)) {
                    throw new ProblemException(
                            ProblemCode.WAIT_TIMED_OUT,
                            "cannot see snapshot " + id + " of machine " + machine + " done within "
                                    + Ages.length(atMost) + "; it is " + view.state(),
                            "It goes on by itself. Look again with 'vmext snapshot show " + machine + " " + id + "'.");
                }
                world.pause().forDuration(LOOK_EVERY);
            }
        }

        void print(DiskSnapshotView view) {
            var out = world.out();
            out.println(view.id() + " of " + view.machine() + ": " + view.state());
            if (view.kind() != null) {
                String parent = view.parent();
                String note = view.note();
                out.println("  kind        " + view.kind()
                        + (parent == null
                                ? ", because " + Table.clean(Objects.requireNonNullElse(view.whyFull(), ""))
                                : " after " + parent + ", " + view.chain() + " in its chain before it"));
                out.println(
                        "  consistency " + view.consistency() + (note == null ? "" : " (" + Table.clean(note) + ")"));
                out.println("  holds       " + view.at());
                out.println("  size        " + size(view.bytes()) + " of a disk of " + size(view.diskBytes()));
                out.println("  digest      " + view.digest());
                out.println("  verified    "
                        + (view.verifiedAt() == null
                                ? "never"
                                : view.verifiedAt() + (view.faults().isEmpty() ? ", whole" : ", BROKEN")));
                view.faults().forEach(fault -> out.println("    " + Table.clean(fault)));
            }
            Problem problem = view.problem();
            if (problem != null) {
                out.println("  problem     " + Table.clean(problem.detail()) + " (" + problem.code() + ")");
                out.println("  what to do  " + Table.clean(problem.hint()));
            }
            out.println("  asked for   " + view.createdAt() + " by " + Table.clean(view.createdBy()));
        }
    }

    private static String size(long bytes) {
        return bytes < 10L << 20 ? (bytes >> 10) + " KiB" : (bytes >> 20) + " MiB";
    }

    /** Takes one. */
    @Command(
            name = "create",
            description = {
                "Take a snapshot of a machine's disk, while it runs.",
                "What was written since the newest snapshot is copied, or everything, and then it says why.",
                "Example: vmext snapshot create web1 --keep 14 --wait"
            },
            mixinStandardHelpOptions = true)
    static final class Create extends OfMachine {
        @Option(
                names = "--consistency",
                paramLabel = "HOW",
                description =
                        "application: file systems are frozen for the moment, or there is no snapshot; crash: as after"
                                + " a power cut; auto (default): frozen if the machine lets that be done.")
        @Nullable String consistency;

        @Option(names = "--full", description = "Copy everything.")
        boolean full;

        @Option(
                names = "--longest-chain",
                paramLabel = "N",
                description = "Take a full one after so many increments (default: 14).")
        @Nullable Integer longestChain;

        @Option(
                names = "--keep",
                paramLabel = "N",
                description = "Afterwards delete chains older than those of the newest N snapshots.")
        @Nullable Integer keep;

        @Mixin
        InstallCommand.WaitOptions wait = new InstallCommand.WaitOptions();

        Create(Surroundings world) {
            super(world);
        }

        @Override
        void run(ApiClient client) throws InterruptedException {
            DiskSnapshotView view = client.post(
                    all(),
                    new SnapshotCreate(consistency, full ? true : null, longestChain, keep),
                    DiskSnapshotView.class);
            if (wait.wait) {
                view = await(
                        client, view.id(), wait.timeout, now -> !now.state().equals("taking"));
                Problem problem = view.problem();
                if (problem != null) {
                    throw new ProblemException(
                            ProblemCode.find(problem.code()).orElse(ProblemCode.OPERATION_FAILED),
                            problem.detail(),
                            problem.hint());
                }
            }
            DiskSnapshotView last = view;
            global.output().print(last, () -> {
                print(last);
                if (last.state().equals("taking")) {
                    world.out().println("  Follow it: vmext snapshot show " + machine + " " + last.id());
                }
            });
        }
    }

    /** All of a machine. */
    @Command(name = "list", description = "The snapshots of a machine, newest first.", mixinStandardHelpOptions = true)
    static final class ListAll extends OfMachine {
        ListAll(Surroundings world) {
            super(world);
        }

        @Override
        void run(ApiClient client) throws InterruptedException {
            List<DiskSnapshotView> all = client.list(all(), DiskSnapshotView.class);
            global.output().print(all, () -> {
                if (all.isEmpty()) {
                    world.out()
                            .println("Machine " + machine + " has no snapshots. Take one: vmext snapshot create "
                                    + machine);
                    return;
                }
                Table table = new Table("SNAPSHOT", "STATE", "KIND", "CONSISTENCY", "SIZE", "AGE", "VERIFIED");
                Instant now = world.clock().instant();
                for (DiskSnapshotView view : all) {
                    Instant at = view.at();
                    Instant verified = view.verifiedAt();
                    table.row(
                            view.id(),
                            view.state(),
                            view.kind() == null ? "-" : view.kind(),
                            view.consistency() == null ? "-" : view.consistency(),
                            view.kind() == null ? "-" : size(view.bytes()),
                            Ages.ago(at == null ? view.createdAt() : at, now),
                            verified == null
                                    ? "never"
                                    : view.faults().isEmpty() ? Ages.ago(verified, now) + " ago" : "BROKEN");
                }
                table.print(world.out());
            });
        }
    }

    /** Commands about one. */
    abstract static class OfSnapshot extends OfMachine {
        @Parameters(index = "1", paramLabel = "SNAPSHOT", description = "Its id, see 'vmext snapshot list MACHINE'.")
        String id = "";

        OfSnapshot(Surroundings world) {
            super(world);
        }
    }

    /** One. */
    @Command(name = "show", description = "One snapshot.", mixinStandardHelpOptions = true)
    static final class Show extends OfSnapshot {
        Show(Surroundings world) {
            super(world);
        }

        @Override
        void run(ApiClient client) throws InterruptedException {
            DiskSnapshotView view = client.get(one(id), DiskSnapshotView.class);
            global.output().print(view, () -> print(view));
        }
    }

    /** Reads one. */
    @Command(
            name = "verify",
            description =
                    "Read a snapshot with all it builds on, compare digests, have QEMU check it; waits for the result.",
            mixinStandardHelpOptions = true)
    static final class Verify extends OfSnapshot {
        @Option(
                names = "--timeout",
                paramLabel = "TIME",
                defaultValue = "1h",
                converter = AgeConverter.class,
                description = "How long to wait at most (default: ${DEFAULT-VALUE}).")
        Duration timeout = Duration.ofHours(1);

        Verify(Surroundings world) {
            super(world);
        }

        @Override
        void run(ApiClient client) throws InterruptedException {
            Instant before = client.post(one(id) + "/verify", null, DiskSnapshotView.class)
                    .verifiedAt();
            DiskSnapshotView view = await(
                    client, id, timeout, now -> now.verifiedAt() != null && !Objects.equals(now.verifiedAt(), before));
            global.output().print(view, () -> print(view));
            if (!view.faults().isEmpty()) {
                throw new ProblemException(
                        ProblemCode.SNAPSHOT_BROKEN,
                        "snapshot " + id + " of machine " + machine + " is broken: " + String.join("; ", view.faults()),
                        "Take a full one: vmext snapshot create " + machine + " --full");
            }
        }
    }

    /** Puts a machine back. */
    @Command(
            name = "restore",
            description = {
                "Put a machine's disk back to a snapshot and boot it. What was written since is lost.",
                "To another machine: vmext machine recover MACHINE --as NEW --snapshot SNAPSHOT"
            },
            mixinStandardHelpOptions = true)
    static final class Restore extends OfSnapshot {
        Restore(Surroundings world) {
            super(world);
        }

        @Override
        void run(ApiClient client) throws InterruptedException {
            MachineView view = client.post(one(id) + "/restore", null, MachineView.class);
            global.output().print(view, () -> MachineSheet.print(world, view));
        }
    }

    /** Deletes one. */
    @Command(
            name = "delete",
            description = "Delete a snapshot on which no other builds.",
            mixinStandardHelpOptions = true)
    static final class Delete extends OfSnapshot {
        @Option(names = "--chain", description = "Delete all that build on it too.")
        boolean chain;

        Delete(Surroundings world) {
            super(world);
        }

        @Override
        void run(ApiClient client) throws InterruptedException {
            client.delete(one(id) + (chain ? "?chain=true" : ""));
            Optional<DiskSnapshotView> left = client.find(one(id), DiskSnapshotView.class);
            String state = left.map(DiskSnapshotView::state).orElse("deleted");
            global.output()
                    .print(Map.of("id", id, "state", state), () -> world.out().println(id + ": " + state));
        }
    }
}
