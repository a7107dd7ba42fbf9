package dev.vmext.agent.crash;

import dev.vmext.agent.SteppedAgent;
import dev.vmext.agent.config.Places;
import dev.vmext.agent.journal.FileJournal;
import dev.vmext.agent.process.testing.FakeHandlers;
import dev.vmext.protocol.goal.GoalOffer;
import dev.vmext.protocol.goal.GoalState;
import dev.vmext.protocol.goal.GoalStateCodec;
import dev.vmext.protocol.goal.InstallationGoal;
import dev.vmext.protocol.goal.PackageOffer;
import dev.vmext.protocol.goal.Presence;
import dev.vmext.protocol.status.InstallationStatus;
import dev.vmext.testkit.ManualClock;
import dev.vmext.testkit.disk.Fuse;
import dev.vmext.testkit.disk.MemoryDisk;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A machine whose agent can die at any point: its disk and processes are in memory and outlive every agent. The control plane is played
 * by {@link #push}: as the real one, it sends a goal again to an agent that comes back without having taken it. One thread.
 */
final class Rig {
    /** Far longer than any deadline of any operation here, in the machine's time. */
    private static final Duration STUCK = Duration.ofHours(12);

    private static final int MAX_STEPS = 20_000;
    /** Looks at the time without anything new, after which nothing is going to happen. */
    private static final int QUIET = 3;

    /** How an agent dies. */
    enum Death {
        /** The process alone. */
        KILLED,
        /** The machine: what was not forced to the disk is gone, commands under way had done nothing yet. */
        POWER_CUT,
        /** The same, but commands under way had done all their work and could not tell. */
        POWER_CUT_AFTER_WORK
    }

    final Fuse fuse = new Fuse();
    final ManualClock clock;
    final MemoryDisk disk;
    final Places places;
    final FakeHandlers handlers;
    final Shelf shelf;
    private final Map<String, InstallationGoal> wanted = new LinkedHashMap<>();
    private final Map<String, PackageOffer> offers = new LinkedHashMap<>();
    private final Map<String, InstallationStatus> reported = new TreeMap<>();
    private final List<String> faults = new ArrayList<>();
    private Death death = Death.KILLED;
    private @Nullable SteppedAgent agent;
    private @Nullable FileJournal journal;
    private long generation;
    private long acknowledged;
    private boolean restarting;

    Rig(Shelf shelf) {
        this.shelf = shelf;
        this.clock = ManualClock.atNewYear();
        this.disk = new MemoryDisk(fuse, clock);
        this.places = new Places(disk.root());
        this.handlers = new FakeHandlers(new Around());
        try {
            Files.createDirectories(places.trustFile().resolveSibling(""));
            Files.copy(shelf.trust(), places.trustFile());
            disk.sync();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private Rig(Rig other) {
        this.shelf = other.shelf;
        this.clock = new ManualClock(other.clock.instant());
        this.disk = other.disk.copy(fuse, clock);
        this.places = new Places(disk.root());
        this.handlers = other.handlers.copy(new Around(), path -> disk.getPath(path.toString()));
        wanted.putAll(other.wanted);
        offers.putAll(other.offers);
        reported.putAll(other.reported);
        faults.addAll(other.faults);
        generation = other.generation;
        acknowledged = other.acknowledged;
    }

    /** The machine and what the control plane knows of it, without the agent: as it is when that dies now. */
    Rig withoutAgent() {
        return new Rig(this);
    }

    void want(String name, PackageOffer offer, long sequence, String... after) {
        offers.put(offer.extension(), offer);
        wanted.put(
                name,
                new InstallationGoal(
                        name,
                        offer.extension(),
                        offer.version(),
                        offer.digest(),
                        Presence.PRESENT,
                        sequence,
                        List.of(after),
                        "{\"n\":" + sequence + "}",
                        null));
    }

    void wantGone(String name) {
        wanted.computeIfPresent(
                name,
                (key, goal) -> new InstallationGoal(
                        name,
                        goal.extension(),
                        goal.version(),
                        goal.packageDigest(),
                        Presence.ABSENT,
                        goal.sequence(),
                        goal.after(),
                        goal.publicSettings(),
                        null));
    }

    /** The control plane no longer names it: it was reported removed. */
    void forget(String name) {
        wanted.remove(name);
    }

    void push() {
        generation++;
        if (agent != null) {
            agent.goalArrived(offer());
        }
    }

    private GoalOffer offer() {
        return GoalStateCodec.encode(new GoalState(generation, List.copyOf(wanted.values()), offers));
    }

    /** The machine's owner restarts it. */
    void reboot() {
        restarting = false;
        drop();
        handlers.reboot(false);
    }

    private void drop() {
        agent = null;
        FileJournal open = journal;
        if (open != null) {
            open.close();
        }
        journal = null;
    }

    private void restart(String reason) {
        fuse.effect("restart the machine");
        restarting = true;
    }

    /** Lets everything happen that is going to, whoever dies meanwhile. */
    void toRest() {
        Instant until = clock.instant().plus(STUCK);
        int steps = 0;
        int quiet = 0;
        while (quiet < QUIET) {
            try {
                if (restarting) {
                    reboot();
                }
                SteppedAgent running = agent == null ? start() : agent;
                while (running.step()) {
                    if (++steps > MAX_STEPS) {
                        throw new AssertionError("never comes to rest: " + describe());
                    }
                }
                quiet = settled() ? quiet + 1 : 0;
                Duration sleep = running.untilNextLook();
                clock.advance(sleep.isPositive() ? sleep : Duration.ofMillis(1));
            } catch (Fuse.Blown blown) {
                die();
                quiet = 0;
            }
            if (clock.instant().isAfter(until)) {
                throw new AssertionError("stuck: " + describe());
            }
        }
    }

    private SteppedAgent start() {
        journal = new FileJournal(places.journal());
        SteppedAgent started = new SteppedAgent(
                new SteppedAgent.World(
                        places,
                        journal,
                        handlers,
                        this::download,
                        (probe, base) -> Optional.empty(),
                        (lease, ours) -> List.of(),
                        this::restart,
                        clock,
                        () -> Duration.between(Instant.EPOCH, clock.instant()).toNanos(),
                        new Random(1)),
                new Heard());
        agent = started;
        started.recover();
        if (acknowledged < generation) {
            started.goalArrived(offer());
        }
        return started;
    }

    /** The agent, or the machine, goes down; another one comes up with the next {@link #toRest}. */
    void die(Death how) {
        death = how;
        die();
    }

    /** The next agent goes down as well, at that point. */
    void dieAt(Death how, int point) {
        death = how;
        fuse.arm(point, 0.5);
    }

    private void die() {
        fuse.replace();
        drop();
        restarting = false; // an order that the machine heard is carried out by whoever comes back
        if (death != Death.KILLED) {
            disk.losePower();
            handlers.reboot(death == Death.POWER_CUT_AFTER_WORK);
        }
        clock.advance(Duration.ofSeconds(1));
    }

    private void download(String path, Path into, long size, Duration atMost) throws IOException {
        fuse.effect("download");
        byte[] bytes = shelf.bytes(path);
        int have = Files.exists(into) ? (int) Math.min(size, Files.size(into)) : 0;
        Files.write(
                into,
                Arrays.copyOfRange(bytes, have, bytes.length),
                StandardOpenOption.CREATE,
                StandardOpenOption.APPEND);
    }

    private boolean settled() {
        if (acknowledged < generation) {
            return false;
        }
        for (InstallationGoal goal : wanted.values()) {
            InstallationStatus status = reported.get(goal.name());
            if (status == null
                    || status.generation() != generation
                    || !status.state().terminal()) {
                return false;
            }
        }
        return handlers.alive() == 0;
    }

    String describe() {
        return reported + "\ncalls " + handlers.calls() + "\npoints " + fuse.points();
    }

    /** Two machines of the same key come to the same end: what is on the disk, what runs, what is known to the control plane. */
    String key() {
        return disk.tree(disk.root()) + " " + handlers.alive() + " " + handlers.services() + " " + handlers.bootId()
                + " " + acknowledged + " " + handlers.calls().size();
    }

    /** What was last reported of each installation. */
    Map<String, InstallationStatus> statuses() {
        return Map.copyOf(reported);
    }

    List<String> faults() {
        List<String> all = new ArrayList<>(faults);
        all.addAll(handlers.faults());
        return all;
    }

    /** What counts of the machine once it is at rest; times, tries and logs do not. */
    Map<String, String> end() {
        Map<String, String> end = new TreeMap<>();
        reported.keySet().retainAll(wanted.keySet()); // of others nobody wants to know any more
        reported.forEach((name, status) -> end.put(
                "status " + name,
                status.state() + " " + status.version() + " seq " + status.sequence() + " gen " + status.generation()
                        + (status.healthy() ? " healthy" : "")
                        + (status.cause() == null ? "" : " " + status.cause().kind())));
        disk.tree(places.handlers())
                .forEach((file, content) -> end.put(
                        "handlers/" + file,
                        // What is written there for other tools names the command, which a new agent no longer knows.
                        file.endsWith("/HandlerStatus") ? "" : content));
        disk.tree(places.packages()).forEach((file, content) -> end.put("packages/" + file, ""));
        disk.tree(places.run("x").resolveSibling("")).forEach((file, content) -> end.put("runs/" + file, content));
        handlers.services().forEach((name, version) -> end.put("service " + name, version));
        return end;
    }

    private final class Around implements FakeHandlers.Surroundings {
        @Override
        public void effect(String what) {
            fuse.effect(what);
        }

        @Override
        public void byOthers(Runnable work) {
            fuse.byOthers(work);
        }

        @Override
        public void passes(Duration time) {
            clock.advance(time);
        }
    }

    private final class Heard implements SteppedAgent.Listener {
        @Override
        public void report(InstallationStatus status) {
            InstallationStatus before = reported.put(status.name(), status);
            if (before != null && status.at().isBefore(before.at())) {
                faults.add("a report older than the one before: " + status + " after " + before);
            }
            if (before != null && status.at().equals(before.at()) && !status.equals(before)) {
                faults.add("two different reports of one time: " + status + " and " + before);
            }
            if (before != null && status.generation() < before.generation()) {
                faults.add("a generation goes back: " + status + " after " + before);
            }
        }

        @Override
        public void forget(String installation) {
            reported.remove(installation);
        }

        @Override
        public void answer(GoalOffer offer, @Nullable String refusal) {
            if (refusal == null) {
                acknowledged = GoalStateCodec.decode(offer.remoteConfig(), offer.packagesAvailable())
                        .generation();
            } else {
                faults.add("a goal was refused: " + refusal);
            }
        }

        @Override
        public void applied(GoalOffer offer) {
            // the statuses say more
        }
    }
}
