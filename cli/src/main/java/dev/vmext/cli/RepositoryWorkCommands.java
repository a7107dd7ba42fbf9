package dev.vmext.cli;

import dev.vmext.protocol.api.RepositoryStatus;
import dev.vmext.protocol.api.RepositoryView;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Work on a repository, begun at once and waited for. */
final class RepositoryWorkCommands {
    private static final Duration LOOK = Duration.ofSeconds(1);

    private RepositoryWorkCommands() {}

    /** How a piece of work ended, whichever it was. */
    record End(Instant at, boolean good, String message) {}

    /** What they share: the verb is the last part of the address. */
    abstract static class Work extends RepositoryCommands.OfOne {
        @Option(names = "--no-wait", description = "Only begin it; vmext repository show says how it ended.")
        boolean noWait;

        private final String verb;

        Work(Surroundings world, String verb) {
            super(world);
            this.verb = verb;
        }

        abstract @Nullable End end(RepositoryStatus status);

        @Override
        int run(ApiClient client, String path) throws InterruptedException {
            End before = end(client.get(path, RepositoryView.class).status());
            RepositoryView begun = client.post(path + "/" + verb, null, RepositoryView.class);
            if (noWait) {
                global.output().print(begun, () -> world.out().println("The " + verb + " has begun."));
                return 0;
            }
            boolean over = false;
            while (true) {
                RepositoryView view = client.get(path, RepositoryView.class);
                End now = end(view.status());
                if (now != null && !now.equals(before)) {
                    return said(view, now);
                }
                if (over) {
                    world.err().println("The " + verb + " ended without a word; look at the control plane's log.");
                    return 1;
                }
                // The outcome is stored before the work is over: looking once more finds it.
                over = view.running() == null;
                world.pause().forDuration(LOOK);
            }
        }

        private int said(RepositoryView view, End end) {
            global.output()
                    .print(
                            view,
                            () -> world.out()
                                    .println((end.good() ? "Good: " : "Failed: ") + Table.clean(end.message())));
            return end.good() ? 0 : 1;
        }

        static @Nullable End of(RepositoryStatus.@Nullable Outcome outcome) {
            return outcome == null ? null : new End(outcome.at(), outcome.good(), outcome.message());
        }
    }

    /** Looks whether it is sound. */
    @Command(
            name = "check",
            description = "Check the structure of a repository and a part of its data.",
            mixinStandardHelpOptions = true)
    static final class Check extends Work {
        Check(Surroundings world) {
            super(world, "check");
        }

        @Override
        @Nullable End end(RepositoryStatus status) {
            return of(status.lastCheck());
        }
    }

    /** Restores into a throw-away folder. */
    @Command(
            name = "prove",
            description = "Restore the newest snapshot into a throw-away folder and have it looked at.",
            mixinStandardHelpOptions = true)
    static final class Prove extends Work {
        Prove(Surroundings world) {
            super(world, "prove");
        }

        @Override
        @Nullable End end(RepositoryStatus status) {
            RepositoryStatus.Proof proof = status.lastProof();
            return proof == null ? null : new End(proof.at(), proof.good(), proof.message());
        }
    }

    /** Copies to the second place. */
    @Command(
            name = "replicate",
            description = "Copy new snapshots to the second place.",
            mixinStandardHelpOptions = true)
    static final class Replicate extends Work {
        Replicate(Surroundings world) {
            super(world, "replicate");
        }

        @Override
        @Nullable End end(RepositoryStatus status) {
            RepositoryStatus.Replication copy = status.lastReplication();
            return copy == null ? null : new End(copy.at(), copy.good(), copy.message());
        }
    }

    /** Forgets old snapshots. */
    @Command(
            name = "prune",
            description = "Forget the snapshots that are not kept, and free their space.",
            mixinStandardHelpOptions = true)
    static final class Prune extends Work {
        Prune(Surroundings world) {
            super(world, "prune");
        }

        @Override
        @Nullable End end(RepositoryStatus status) {
            return of(status.lastPrune());
        }
    }
}
