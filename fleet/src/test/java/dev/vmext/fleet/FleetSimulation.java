package dev.vmext.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmext.protocol.api.InstallationView;
import dev.vmext.protocol.api.InstallationWrite;
import dev.vmext.protocol.api.MachineCreate;
import dev.vmext.protocol.api.MachineView;
import dev.vmext.protocol.goal.GoalState;
import dev.vmext.protocol.goal.InstallationGoal;
import dev.vmext.protocol.goal.Presence;
import dev.vmext.protocol.problem.ProblemCode;
import dev.vmext.protocol.problem.ProblemException;
import dev.vmext.protocol.status.InstallationState;
import dev.vmext.protocol.status.InstallationStatus;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;

/**
 * Operators and machines that do anything at any time, in one thread and from one seed, over a link that loses, repeats and reorders.
 * After every event the promises of the control plane are checked; at the end everything is let through, and all must converge.
 */
public final class FleetSimulation {
    private static final List<String> EXTENSIONS = List.of("acme.One", "acme.Many", "acme.Fedora", "acme.Needs");
    private static final List<String> NAMES = List.of("a", "b", "c", "d");

    /** What a machine really has, whatever the control plane believes. */
    private static final class Agent {
        final String id;
        final String name;
        final Map<String, InstallationGoal> onDisk = new TreeMap<>();
        GoalState goal = GoalState.EMPTY;

        Agent(String id, String name) {
            this.id = id;
            this.name = name;
        }
    }

    private final Random random;
    private final Plane plane;
    private final Map<String, Agent> agents = new TreeMap<>();
    private final List<MachineStatus> link = new ArrayList<>();
    private final Map<String, GoalState> goals = new HashMap<>();
    private final Map<String, String> ciphertexts = new HashMap<>();
    private Set<String> known = new HashSet<>();
    /** Installations that this event may end: never offered and deleted, or reported removed. */
    private final Set<String> mayEnd = new HashSet<>();

    private int machines;
    private int certificates;
    private int versions = 1;

    public FleetSimulation(FleetStore store, long seed) {
        this.random = new Random(seed);
        this.plane = new Plane(store);
    }

    public void run(int events) {
        publish("1.0");
        for (int i = 0; i < 3; i++) {
            createMachine();
        }
        for (int event = 0; event < events; event++) {
            plane.clock.advance(Duration.ofMillis(random.nextInt(5000)));
            mayEnd.clear();
            long before = plane.fleet.lastChange();
            try {
                event();
            } catch (ProblemException refused) {
                assertThat(refused.code()).as(refused.detail()).isNotEqualTo(ProblemCode.REVISION_CONFLICT);
                assertThat(plane.fleet.lastChange())
                        .as("a refusal changes nothing: " + refused.detail())
                        .isEqualTo(before);
            }
            checkPromises();
        }
        assertThat(plane.fleet.verifyAuditChain()).isEmpty();
        converge();
    }

    private void event() {
        switch (random.nextInt(20)) {
            case 0 -> publish("1." + versions++);
            case 1 -> createMachine();
            case 2 -> deleteMachine();
            case 3 -> plane.fleet.settingsKeyPublished(agent().id, "certificate " + certificates++);
            case 4 ->
                plane.fleet.factsReported(
                        agent().id,
                        Map.of(
                                "os",
                                "linux",
                                "distro",
                                random.nextBoolean() ? "debian" : "fedora",
                                "osVersion",
                                "12",
                                "arch",
                                "amd64"));
            case 5, 6, 7, 8 -> put();
            case 9, 10, 11 -> delete();
            case 12, 13, 14 -> sync(agent(), random.nextInt(4) > 0, random.nextInt(4) > 0);
            case 15, 16 -> work(agent());
            default -> deliver();
        }
    }

    private Agent agent() {
        List<Agent> all = List.copyOf(agents.values());
        return all.get(random.nextInt(all.size()));
    }

    private void publish(String version) {
        for (String extension : EXTENSIONS) {
            plane.publish(
                    extension,
                    version,
                    switch (extension) {
                        case "acme.Many" -> ", \"instances\": \"many\"";
                        case "acme.Fedora" -> ", \"platforms\": [{\"os\": \"linux\", \"distro\": \"fedora\"}]";
                        case "acme.Needs" -> ", \"dependencies\": [{\"name\": \"acme.One\"}]";
                        default -> "";
                    });
        }
    }

    private void createMachine() {
        String name = "m" + machines++;
        boolean declares = random.nextBoolean();
        MachineCreate request = new MachineCreate(
                name,
                random.nextBoolean() ? "qemu" : "self-enrolled",
                null,
                null,
                null,
                null,
                null,
                declares ? Map.of("a", Plane.settings("acme.Many", Map.of("x", random.nextInt(3)))) : null);
        Agent agent = new Agent(
                plane.fleet.createMachine(Plane.ADMIN, Plane.PROJECT, request).id(), name);
        agents.put(name, agent);
        plane.connect(agent.id);
    }

    private void deleteMachine() {
        if (agents.size() < 3) {
            return;
        }
        Agent agent = agent();
        plane.fleet.deleteMachine(Plane.ADMIN, Plane.PROJECT, agent.name);
        plane.fleet.machineDeleted(Plane.ADMIN, agent.id);
        agents.remove(agent.name);
        known.removeIf(installation -> installation.startsWith(agent.id));
    }

    private InstallationWrite write(String extension) {
        return new InstallationWrite(
                extension,
                random.nextInt(4) == 0 ? "1.0" : null,
                Map.of("x", random.nextInt(3)),
                random.nextInt(3) == 0 ? Map.of("password", "p" + random.nextInt(2)) : null,
                random.nextInt(4) == 0 ? List.of(name()) : null,
                random.nextInt(6) == 0);
    }

    private String name() {
        return NAMES.get(random.nextInt(NAMES.size()));
    }

    private void put() {
        String extension = EXTENSIONS.get(random.nextInt(EXTENSIONS.size()));
        plane.put(agent().name, name(), write(extension));
    }

    private void delete() {
        Agent agent = agent();
        String name = name();
        Optional<InstallationView> left = plane.delete(agent.name, name);
        if (left.isEmpty()) {
            mayEnd.add(agent.id + " " + name);
        }
    }

    /** The goal leaves for the machine; it, or the acknowledgement, may be lost. */
    private void sync(Agent agent, boolean arrives, boolean acknowledged) {
        GoalState goal = plane.fleet.offerGoal(agent.id);
        if (!arrives || goal.generation() < agent.goal.generation()) {
            return;
        }
        agent.goal = goal;
        assertThat(goal.installations())
                .extracting(InstallationGoal::name)
                .as("a goal never forgets what the machine has")
                .containsAll(agent.onDisk.keySet());
        if (acknowledged) {
            plane.fleet.goalAcknowledged(agent.id, goal.generation());
        }
    }

    /** Does some of what the goal says, and says so. */
    private void work(Agent agent) {
        for (InstallationGoal line : agent.goal.installations()) {
            if (random.nextInt(3) > 0) {
                carryOut(agent, line);
            }
        }
    }

    private void carryOut(Agent agent, InstallationGoal line) {
        InstallationState state = InstallationState.READY;
        if (line.presence() == Presence.ABSENT) {
            agent.onDisk.remove(line.name());
            state = InstallationState.REMOVED;
        } else {
            agent.onDisk.put(line.name(), line);
        }
        InstallationStatus status = plane.status(line, agent.goal.generation(), state);
        link.add(new MachineStatus(agent.id, status));
    }

    /** Some of what is on the link arrives in some order, some of that twice, and some is lost. */
    private void deliver() {
        List<MachineStatus> batch = new ArrayList<>();
        for (int i = random.nextInt(5); i > 0 && !link.isEmpty(); i--) {
            MachineStatus status = link.remove(random.nextInt(link.size()));
            if (random.nextInt(6) == 0) {
                continue;
            }
            batch.add(status);
            if (random.nextInt(6) == 0) {
                link.add(status);
            }
        }
        report(batch);
    }

    private void report(List<MachineStatus> batch) {
        for (MachineStatus status : batch) {
            if (status.status().state() == InstallationState.REMOVED) {
                mayEnd.add(status.machineId() + " " + status.status().name());
            }
        }
        plane.fleet.reportStatuses(batch);
    }

    private void checkPromises() {
        Set<String> now = new HashSet<>();
        for (Agent agent : agents.values()) {
            List<Installation> installations = plane.store.read(view -> view.installations(agent.id));
            installations.forEach(installation -> now.add(agent.id + " " + installation.name()));
            assertThat(installations)
                    .extracting(Installation::name)
                    .as("what %s has is known", agent.name)
                    .containsAll(agent.onDisk.keySet());
            installations.forEach(this::checkCiphertext);
            checkGoal(agent);
        }
        known.removeAll(now);
        known.removeAll(mayEnd);
        assertThat(known).as("installations that vanished").isEmpty();
        known = now;
    }

    private void checkGoal(Agent agent) {
        GoalState goal = plane.fleet.goal(agent.id);
        GoalState before = goals.put(agent.id, goal);
        if (before != null) {
            assertThat(goal.generation()).as("the generation only grows").isGreaterThanOrEqualTo(before.generation());
            if (goal.generation() == before.generation()) {
                assertThat(goal).as("a generation has one content").isEqualTo(before);
            } else {
                assertThat(goal).as("a new generation has new content").isNotEqualTo(before);
            }
        }
        Map<String, String> versionOf = new HashMap<>();
        for (InstallationGoal line : goal.installations()) {
            if (line.presence() == Presence.PRESENT) {
                String other = versionOf.put(line.extension(), line.version());
                assertThat(other == null || other.equals(line.version()))
                        .as("one version of %s on %s", line.extension(), agent.name)
                        .isTrue();
            }
        }
    }

    private void checkCiphertext(Installation installation) {
        InstallationGoal line = installation.placement().line();
        if (line != null && line.protectedSettings() != null) {
            var secret = line.protectedSettings();
            String key = installation.placement().settingsId() + " " + secret.thumbprint();
            String first = ciphertexts.putIfAbsent(key, secret.cms());
            assertThat(first == null || first.equals(secret.cms()))
                    .as("ciphertext of %s is made once", installation.name())
                    .isTrue();
        }
    }

    /** The link works again and every machine does what it is told. */
    private void converge() {
        for (Agent agent : List.copyOf(agents.values())) {
            plane.fleet.settingsKeyPublished(agent.id, "certificate");
        }
        for (int round = 0; round < 3; round++) {
            for (Agent agent : agents.values()) {
                sync(agent, true, true);
                agent.goal.installations().forEach(line -> carryOut(agent, line));
            }
            report(link);
            link.clear();
        }
        for (Agent agent : agents.values()) {
            List<InstallationView> views = plane.fleet.listInstallations(Plane.PROJECT, agent.name);
            for (InstallationView view : views) {
                assertThat(view.removing()).as(agent.name + " " + view.name()).isFalse();
                boolean runs = agent.onDisk.containsKey(view.name());
                assertThat(view.state())
                        .as(agent.name + " " + view.name())
                        .isIn(runs ? List.of("ready") : List.of("failed", "blocked"));
            }
            MachineView machine = plane.fleet.getMachine(Plane.PROJECT, agent.name);
            assertThat(machine.appliedGeneration()).isEqualTo(machine.goalGeneration());
            assertThat(machine.healthyInstallations()).isEqualTo(agent.onDisk.size());
        }
        assertThat(plane.fleet.verifyAuditChain()).isEmpty();
    }
}
