package dev.vmext.systemtests.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmext.agent.process.testing.FakeHandlers.Call;
import dev.vmext.fleet.Actor;
import dev.vmext.fleet.Fleet;
import dev.vmext.fleet.FleetStore;
import dev.vmext.fleet.Installation;
import dev.vmext.fleet.Machine;
import dev.vmext.fleet.testing.CountingIds;
import dev.vmext.fleet.testing.FakeLiveness;
import dev.vmext.fleet.testing.FakeSealer;
import dev.vmext.fleet.testing.FakeSettingsValidator;
import dev.vmext.fleet.testing.InMemoryFleetStore;
import dev.vmext.protocol.api.EnrolmentCreate;
import dev.vmext.protocol.api.InstallationWrite;
import dev.vmext.protocol.goal.Order;
import dev.vmext.protocol.goal.Presence;
import dev.vmext.protocol.problem.ProblemCode;
import dev.vmext.protocol.problem.ProblemException;
import dev.vmext.protocol.status.Cause;
import dev.vmext.protocol.status.InstallationState;
import dev.vmext.protocol.status.InstallationStatus;
import dev.vmext.testkit.ManualClock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * Operators, machines, agents and a network that do anything at any time, in one thread and from one seed. After every event the promises
 * are checked; then there is calm, and everything must come to rest as the operators left it. One use.
 */
final class Simulation {
    private static final Actor ADMIN = Actor.user("admin");
    private static final String PROJECT = "default";
    private static final List<Order.Kind> ORDERS = List.of(Order.Kind.values());
    private static final List<String> NAMES = List.of("a", "b", "c", "d");
    /** One operation may wait that long for others, and is tried for some minutes then; S8 adds a minute. */
    private static final Duration CALM = Duration.ofMinutes(90 + 30 + 1);

    private final Random random;
    private final Shop shop;
    private final ManualClock clock = ManualClock.atNewYear();
    private final FleetStore store = new InMemoryFleetStore();
    private final FakeLiveness liveness = new FakeLiveness();
    private final Fleet fleet =
            new Fleet(store, clock, new CountingIds(), new FakeSettingsValidator(), new FakeSealer(), liveness);
    private final List<Guest> guests = new ArrayList<>();
    private final Map<Guest, Connection> connections = new HashMap<>();
    private final List<Runnable> stragglers = new ArrayList<>();
    private final Map<String, Long> generations = new HashMap<>();
    private final List<String> story = new ArrayList<>();
    private int published;

    Simulation(Shop shop, long seed, int machines) {
        this.shop = shop;
        this.random = new Random(seed);
        for (String extension : Shop.EXTENSIONS) {
            fleet.publish(ADMIN, shop.publication(extension, Shop.VERSIONS.getFirst()));
        }
        published = 1;
        for (int i = 0; i < machines; i++) {
            String name = "m" + i;
            String id = fleet.createEnrolment(
                            ADMIN, PROJECT, new EnrolmentCreate(name, null, null, null, null, null, null))
                    .machine()
                    .id();
            fleet.factsReported(id, Map.of("os", "linux", "distro", "debian", "osVersion", "12", "arch", "amd64"));
            Guest guest = new Guest(id, name, shop, clock, random.nextLong());
            guests.add(guest);
            guest.start();
        }
    }

    /** What happened, in order; for whoever must understand a failure. */
    List<String> story() {
        return List.copyOf(story);
    }

    void run(int events) {
        for (int event = 0; event < events; event++) {
            clock.advance(Duration.ofMillis(random.nextInt(20_000)));
            try {
                event();
            } catch (ProblemException refused) {
                story.add("  refused: " + refused.detail());
                assertThat(refused.code()).as(refused.detail()).isNotEqualTo(ProblemCode.REVISION_CONFLICT);
            }
            for (int i = random.nextInt(12); i > 0; i--) {
                anything();
            }
            check();
        }
        calm();
    }

    private Guest guest() {
        return guests.get(random.nextInt(guests.size()));
    }

    private String pick(List<String> from) {
        return from.get(random.nextInt(from.size()));
    }

    private void event() {
        switch (random.nextInt(24)) {
            case 0, 1, 2, 3, 4, 5 -> put();
            case 6, 7, 8 -> delete();
            case 9 -> order();
            case 10 -> publish();
            case 11, 12, 13 -> connect(guest());
            case 14, 15 -> cut(guest());
            case 16 -> {
                Guest guest = guest();
                tell(guest, "is killed");
                cut(guest);
                guest.kill();
            }
            case 17 -> {
                Guest guest = guest();
                tell(guest, "is about to die");
                guest.dieSoon();
            }
            case 18 -> {
                Guest guest = guest();
                boolean powerCut = random.nextBoolean();
                tell(guest, powerCut ? "loses power" : "is rebooted");
                cut(guest);
                guest.reboot(powerCut);
            }
            case 19 -> {
                Guest guest = guest();
                Duration wrong = Duration.ofMinutes(random.nextInt(20_000) - 10_000);
                tell(guest, "has its clock wrong by " + wrong);
                guest.setClock(wrong);
            }
            case 20 -> {
                story.add("the control plane restarts");
                guests.forEach(this::cut);
            }
            case 21 -> clock.advance(Duration.ofMinutes(random.nextInt(120)));
            default -> {
                Connection connection = connections.get(guest());
                if (connection != null) {
                    connection.repeat();
                }
            }
        }
    }

    private void tell(Guest guest, String what) {
        story.add(guest.name + " " + what);
    }

    private void put() {
        Guest guest = guest();
        String name = pick(NAMES);
        String extension = pick(Shop.EXTENSIONS);
        String version = random.nextInt(3) == 0 ? pick(Shop.VERSIONS.subList(0, published)) : null;
        List<String> after = random.nextInt(4) == 0 ? List.of(pick(NAMES)) : List.of();
        story.add("put " + guest.name + "/" + name + " " + extension + " " + version + " after " + after);
        fleet.putInstallation(
                ADMIN,
                PROJECT,
                guest.name,
                name,
                new InstallationWrite(
                        extension, version, Map.of("n", random.nextInt(3)), null, after, random.nextInt(5) == 0));
    }

    private void delete() {
        Guest guest = guest();
        String name = pick(NAMES);
        story.add("delete " + guest.name + "/" + name);
        var _ = fleet.deleteInstallation(ADMIN, PROJECT, guest.name, name);
    }

    private void order() {
        Guest guest = guest();
        List<Installation> all = store.read(view -> view.installations(guest.id));
        if (all.isEmpty()) {
            return;
        }
        Installation one = all.get(random.nextInt(all.size()));
        if (one.want().extension().equals(Shop.ONCE)) {
            return; // who orders a one-shot to be tried again gets it tried again
        }
        Order.Kind kind = ORDERS.get(random.nextInt(ORDERS.size()));
        story.add(kind + " " + guest.name + "/" + one.name());
        var _ = fleet.orderInstallation(ADMIN, PROJECT, guest.name, one.name(), kind);
    }

    private void publish() {
        if (published < Shop.VERSIONS.size()) {
            String version = Shop.VERSIONS.get(published++);
            story.add("publish " + version);
            // The last two are broken, and nobody publishes a one-shot that he knows to be.
            for (String extension : published <= 2 ? Shop.EXTENSIONS : List.of(Shop.STEADY, Shop.MANY)) {
                fleet.publish(ADMIN, shop.publication(extension, version));
            }
        }
    }

    private void connect(Guest guest) {
        cut(guest);
        if (!guest.alive()) {
            guest.start();
        }
        tell(guest, "connects");
        connections.put(guest, new Connection(fleet, guest));
        liveness.connect(guest.id, clock.instant());
    }

    private void cut(Guest guest) {
        Connection broken = connections.remove(guest);
        if (broken == null) {
            return;
        }
        tell(guest, "is cut off");
        liveness.disconnect(guest.id);
        for (Connection.Message late : broken.cut()) {
            if (random.nextInt(3) == 0) {
                stragglers.add(() -> broken.straggle(late));
            }
        }
    }

    /** One thing that happens by itself, somewhere; answers whether anything did. */
    private boolean anything() {
        if (!stragglers.isEmpty() && random.nextInt(4) == 0) {
            stragglers.remove(random.nextInt(stragglers.size())).run();
            return true;
        }
        Guest guest = guest();
        Connection connection = connections.get(guest);
        if (connection == null) {
            return guest.step();
        }
        if (!guest.alive()) {
            cut(guest);
            return true;
        }
        return switch (random.nextInt(4)) {
            case 0 -> connection.deliver(true);
            case 1 -> connection.deliver(false);
            case 2 -> {
                connection.agentSpeaks();
                connection.serverSpeaks();
                yield false;
            }
            default -> guest.step();
        };
    }

    /** Nothing is broken any more: all that was asked for must come about, or end with a cause. */
    private void calm() {
        story.add("calm");
        stragglers.forEach(Runnable::run);
        stragglers.clear();
        for (Guest guest : guests) {
            guest.setClock(Duration.ZERO);
            connect(guest);
        }
        Instant until = clock.instant().plus(CALM);
        int steps = 0;
        while (!atRest()) {
            boolean any;
            do {
                any = false;
                for (Guest guest : guests) {
                    any |= settle(guest);
                    assertThat(++steps).as("comes to rest").isLessThan(400_000);
                }
            } while (any);
            check();
            Duration sleep = guests.stream()
                    .map(Guest::untilNextLook)
                    .min(Duration::compareTo)
                    .orElseThrow();
            clock.advance(sleep.isPositive() ? sleep : Duration.ofMillis(1));
            assertThat(clock.instant()).as("stuck: " + unsettled()).isBefore(until);
        }
        for (Guest guest : guests) {
            leftovers(guest);
        }
        assertThat(fleet.verifyAuditChain()).isEmpty();
    }

    private boolean settle(Guest guest) {
        if (!guest.alive()) {
            connect(guest);
        }
        Connection connection = connections.get(guest);
        if (connection == null) {
            return false;
        }
        boolean any = guest.step();
        connection.agentSpeaks();
        connection.serverSpeaks();
        while (connection.deliver(true) || connection.deliver(false)) {
            any = true;
        }
        return any;
    }

    private boolean atRest() {
        return unsettled().isEmpty();
    }

    private List<String> unsettled() {
        List<String> open = new ArrayList<>();
        for (Guest guest : guests) {
            Machine machine = store.read(view -> view.findMachine(guest.id).orElseThrow());
            if (machine.goal().applied() < machine.goal().generation()) {
                open.add(guest.name + " has goal " + machine.goal().applied() + " of "
                        + machine.goal().generation());
            }
            for (Installation installation : store.read(view -> view.installations(guest.id))) {
                InstallationStatus observed = installation.observed();
                long changed = installation.placement().changed();
                boolean gone = installation.want().presence() == Presence.ABSENT;
                boolean settled = observed != null
                        && observed.generation() >= changed
                        && observed.state().terminal()
                        && !(gone && observed.state() == InstallationState.REMOVED);
                if (changed > 0 && !settled) {
                    open.add(guest.name + "/" + installation.name() + " " + installation.want() + " is " + observed);
                }
            }
        }
        return open;
    }

    /** What a removed installation leaves: nothing. */
    private void leftovers(Guest guest) {
        List<String> there = store.read(view -> view.installations(guest.id)).stream()
                .map(Installation::name)
                .toList();
        assertThat(guest.left())
                .as(guest.name + " keeps nothing of what is gone; the fleet has " + there)
                .allSatisfy(file -> assertThat((file.startsWith("handlers/")
                                        && there.contains(file.substring(9).split("/", 2)[0]))
                                || (file.startsWith("packages/") && !there.isEmpty()))
                        .isTrue());
        assertThat(guest.handlers.alive()).isZero();
    }

    private void check() {
        for (Guest guest : guests) {
            assertThat(guest.faults()).isEmpty();
            Machine machine = store.read(view -> view.findMachine(guest.id).orElseThrow());
            Long before = generations.put(guest.id, machine.goal().generation());
            assertThat(machine.goal().generation())
                    .as("goals only grow")
                    .isGreaterThanOrEqualTo(before == null ? 0 : before);
            assertThat(guest.accepted())
                    .as("no agent is ahead of its goal")
                    .isLessThanOrEqualTo(machine.goal().offered());
            assertThat(machine.goal().applied()).isLessThanOrEqualTo(guest.accepted());
            for (Installation installation : store.read(view -> view.installations(guest.id))) {
                observed(guest, installation.observed());
            }
            for (Map.Entry<Call, Integer> call : guest.enabled().entrySet()) {
                if (guest.isOnce(call.getKey())) {
                    assertThat(call.getValue())
                            .as(guest.name + " ran " + call.getKey())
                            .isEqualTo(1);
                }
            }
        }
    }

    private static void observed(Guest guest, @Nullable InstallationStatus observed) {
        if (observed == null) {
            return;
        }
        assertThat(guest.everReported(observed))
                .as(guest.name + " never said " + observed)
                .isTrue();
        boolean failed = observed.state() == InstallationState.FAILED
                || observed.state() == InstallationState.TIMED_OUT
                || observed.state() == InstallationState.RETURNED;
        Cause cause = observed.cause();
        if (failed) {
            assertThat(cause).as("why " + observed).isNotNull();
            assertThat(cause == null ? "" : cause.message()).isNotBlank();
            assertThat(cause == null ? "" : cause.hint()).isNotBlank();
        }
    }
}
