package dev.vmext.systemtests.simulation;

import dev.vmext.agent.SteppedAgent;
import dev.vmext.agent.config.Places;
import dev.vmext.agent.journal.FileJournal;
import dev.vmext.agent.process.testing.FakeHandlers;
import dev.vmext.agent.process.testing.FakeHandlers.Call;
import dev.vmext.protocol.goal.GoalOffer;
import dev.vmext.protocol.goal.GoalStateCodec;
import dev.vmext.protocol.status.InstallationStatus;
import dev.vmext.testkit.disk.Fuse;
import dev.vmext.testkit.disk.MemoryDisk;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * One machine: a disk and processes that outlive its agents, a clock of its own that may be wrong, and the real agent with everything but
 * its link. What the link remembers while it runs, the newest report of each installation until it was acknowledged, is kept here and
 * lost with the agent.
 */
final class Guest {
    final String id;
    final String name;
    final FakeHandlers handlers;
    final Places places;
    private final Shop shop;
    private final InstantSource world;
    private final Random random;
    private final Fuse fuse = new Fuse();
    private final MemoryDisk disk;
    private final Set<InstallationStatus> everReported = new HashSet<>();
    private final Map<String, InstallationStatus> unacknowledged = new TreeMap<>();
    private final Map<Call, Integer> once = new HashMap<>();
    private final List<String> faults = new ArrayList<>();
    private Duration skew = Duration.ZERO;
    private @Nullable SteppedAgent agent;
    private @Nullable FileJournal journal;
    private long accepted;
    private boolean restarting;
    private int looked;

    Guest(String id, String name, Shop shop, InstantSource world, long seed) {
        this.id = id;
        this.name = name;
        this.shop = shop;
        this.world = world;
        this.random = new Random(seed);
        this.disk = new MemoryDisk(fuse, this::now);
        this.places = new Places(disk.root());
        this.handlers = new FakeHandlers(new Around());
        handlers.script(Shop::behaviour);
        try {
            Files.createDirectories(places.trustFile().resolveSibling(""));
            Files.copy(shop.trust(), places.trustFile());
            disk.sync();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Instant now() {
        return world.instant().plus(skew);
    }

    boolean alive() {
        return agent != null;
    }

    void start() {
        try {
            begin();
        } catch (Fuse.Blown blown) {
            fuse.replace();
            kill();
        }
    }

    private void begin() {
        journal = new FileJournal(places.journal());
        SteppedAgent started = new SteppedAgent(
                new SteppedAgent.World(
                        places,
                        journal,
                        handlers,
                        this::download,
                        (probe, base) -> Optional.empty(),
                        (lease, ours) -> List.of(),
                        reason -> restarting = true,
                        this::now,
                        () -> Duration.between(Instant.EPOCH, world.instant()).toNanos(),
                        random),
                new Heard());
        agent = started;
        started.recover();
    }

    /** Kill -9: what it had in memory is gone, commands go on. */
    void kill() {
        agent = null;
        FileJournal open = journal;
        if (open != null) {
            open.close();
        }
        journal = null;
        unacknowledged.clear();
    }

    /** Dies at one of its next changes to the world. */
    void dieSoon() {
        fuse.arm(random.nextInt(40), random.nextDouble());
    }

    void reboot(boolean powerCut) {
        kill();
        restarting = false;
        fuse.replace();
        if (powerCut) {
            disk.losePower();
        }
        handlers.reboot(random.nextBoolean());
    }

    /** Somebody corrects the machine's clock, or breaks it. */
    void setClock(Duration wrong) {
        skew = wrong;
    }

    /** Lets one thing happen on the machine; answers whether there was one. */
    boolean step() {
        if (restarting) {
            reboot(false);
            return true;
        }
        SteppedAgent running = agent;
        if (running == null) {
            return false;
        }
        try {
            boolean something = running.step();
            count();
            return something;
        } catch (Fuse.Blown blown) {
            fuse.replace();
            kill();
            return true;
        }
    }

    /** How long nothing is going to happen by itself. */
    Duration untilNextLook() {
        SteppedAgent running = agent;
        return running == null ? Duration.ofDays(1) : running.untilNextLook();
    }

    void goalArrived(GoalOffer offer) {
        SteppedAgent running = agent;
        if (running != null) {
            running.goalArrived(offer);
        }
    }

    /** The newest goal that an agent on this machine took. */
    long accepted() {
        return accepted;
    }

    List<InstallationStatus> unacknowledged() {
        return List.copyOf(unacknowledged.values());
    }

    void acknowledged(InstallationStatus status) {
        unacknowledged.remove(status.name(), status);
    }

    boolean everReported(InstallationStatus status) {
        return everReported.contains(status);
    }

    /** What went wrong on this machine that may never go wrong. */
    List<String> faults() {
        List<String> all = new ArrayList<>(faults);
        all.addAll(handlers.faults());
        return all;
    }

    /** What lies on the disk of installations, packages and runs. */
    Set<String> left() {
        Set<String> left = new HashSet<>();
        disk.tree(places.handlers()).keySet().forEach(file -> left.add("handlers/" + file));
        disk.tree(places.packages()).keySet().forEach(file -> left.add("packages/" + file));
        disk.tree(places.run("x").resolveSibling("")).keySet().forEach(file -> left.add("runs/" + file));
        return left;
    }

    /** One-shots are enabled once for each sequence number; an installation that was uninstalled begins anew. */
    private void count() {
        List<Call> calls = handlers.calls();
        for (Call call : calls.subList(looked, calls.size())) {
            if (call.word().equals("uninstall")) {
                once.keySet().removeIf(old -> old.installation().equals(call.installation()));
            } else if (call.word().equals("enable")) {
                once.merge(call, 1, Integer::sum);
            }
        }
        looked = calls.size();
    }

    /** Whether it is a command of a one-shot; its package tells. */
    boolean isOnce(Call call) {
        return disk.tree(places.installation(call.installation())).keySet().stream()
                .anyMatch(file -> file.startsWith(Shop.ONCE + "-" + call.version()));
    }

    /** How often this command ran since the installation began. */
    Map<Call, Integer> enabled() {
        return Map.copyOf(once);
    }

    private void download(String path, Path into, long size, Duration atMost) throws IOException {
        Files.write(into, shop.bytes(path));
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
            throw new IllegalStateException("no command hangs in a simulation");
        }
    }

    private final class Heard implements SteppedAgent.Listener {
        @Override
        public void report(InstallationStatus status) {
            everReported.add(status);
            unacknowledged.put(status.name(), status);
        }

        @Override
        public void forget(String installation) {
            unacknowledged.remove(installation);
        }

        @Override
        public void answer(GoalOffer offer, @Nullable String refusal) {
            long generation = GoalStateCodec.decode(offer.remoteConfig(), offer.packagesAvailable())
                    .generation();
            if (refusal == null) {
                if (generation < accepted) {
                    faults.add(name + " goes back from goal " + accepted + " to " + generation);
                }
                accepted = generation;
            } else if (generation >= accepted) {
                faults.add(name + " refuses goal " + generation + ": " + refusal);
            }
        }

        @Override
        public void applied(GoalOffer offer) {
            // the statuses say more
        }
    }
}
