package dev.vmext.fleet;

import dev.vmext.fleet.testing.CountingIds;
import dev.vmext.fleet.testing.FakeLiveness;
import dev.vmext.fleet.testing.FakeSealer;
import dev.vmext.fleet.testing.FakeSettingsValidator;
import dev.vmext.fleet.testing.InMemoryFleetStore;
import dev.vmext.protocol.Digest;
import dev.vmext.protocol.api.EnrolmentCreate;
import dev.vmext.protocol.api.InstallationView;
import dev.vmext.protocol.api.InstallationWrite;
import dev.vmext.protocol.api.MachineCreate;
import dev.vmext.protocol.goal.GoalState;
import dev.vmext.protocol.goal.InstallationGoal;
import dev.vmext.protocol.status.InstallationState;
import dev.vmext.protocol.status.InstallationStatus;
import dev.vmext.testkit.ManualClock;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A control plane made of the real decisions and stand-ins for its ports, and short ways to say what tests often say. */
public final class Plane {
    public static final Actor ADMIN = Actor.user("admin");
    public static final String PROJECT = "default";

    private static final String HANDLER = """
            [{"name": "x", "version": 1.0, "handlerManifest": {"installCommand": "i", "enableCommand": "e",
              "disableCommand": "d", "updateCommand": "u", "uninstallCommand": "n"}}]""";

    public final ManualClock clock = ManualClock.atNewYear();
    public final FakeLiveness liveness = new FakeLiveness();
    public final FleetStore store;
    public final Fleet fleet;
    private long serial;

    public Plane() {
        this(new InMemoryFleetStore());
    }

    public Plane(FleetStore store) {
        this.store = store;
        this.fleet =
                new Fleet(store, clock, new CountingIds(), new FakeSettingsValidator(), new FakeSealer(), liveness);
    }

    /** Publishes a native extension; more fields as {@code "name": value} pairs with a comma before each. */
    public Digest publish(String name, String version, String moreFields) {
        String manifest = """
                {"schemaVersion": 1, "name": "%s", "version": "%s", "displayName": "%s", "category": "management",
                 "kind": "continuous", "scripts": false%s}""".formatted(name, version, name, moreFields);
        return publish(name, version, Optional.of(manifest));
    }

    public Digest publish(String name, String version) {
        return publish(name, version, "");
    }

    public Digest publish(String name, String version, Optional<String> extensionManifest) {
        Publication publication = publication(name, version, extensionManifest);
        fleet.publish(ADMIN, publication);
        return publication.digest();
    }

    public static Publication publication(String name, String version, Optional<String> extensionManifest) {
        Digest digest = Digest.of((name + version + extensionManifest).getBytes(StandardCharsets.UTF_8));
        return new Publication(
                name, version, HANDLER, extensionManifest, digest, 100, "{\"signed\":\"" + digest + "\"}", "key-1");
    }

    public static InstallationWrite newest(String extension) {
        return new InstallationWrite(extension, null, null, null, null, null);
    }

    public static InstallationWrite version(String extension, String version) {
        return new InstallationWrite(extension, version, null, null, null, null);
    }

    public static InstallationWrite settings(String extension, Map<String, Object> settings) {
        return new InstallationWrite(extension, null, settings, null, null, null);
    }

    public static InstallationWrite secret(String extension, Map<String, Object> protectedSettings) {
        return new InstallationWrite(extension, null, null, protectedSettings, null, null);
    }

    public static InstallationWrite after(String extension, String... names) {
        return new InstallationWrite(extension, null, null, null, List.of(names), null);
    }

    /** A machine of the embedded provider. */
    public String machine(String name, Map<String, InstallationWrite> installations) {
        return fleet.createMachine(
                        ADMIN, PROJECT, new MachineCreate(name, null, null, null, null, null, null, installations))
                .id();
    }

    public String machine(String name) {
        return machine(name, Map.of());
    }

    public InstallationView put(String machine, String name, InstallationWrite write) {
        clock.advance(Duration.ofSeconds(1));
        return fleet.putInstallation(ADMIN, PROJECT, machine, name, write);
    }

    public Optional<InstallationView> delete(String machine, String name) {
        return fleet.deleteInstallation(ADMIN, PROJECT, machine, name);
    }

    public InstallationView show(String machine, String name) {
        return fleet.getInstallation(PROJECT, machine, name);
    }

    public Enrolment enrolment(String machine) {
        return fleet.createEnrolment(ADMIN, PROJECT, new EnrolmentCreate(machine, null, null, null, null, null, null));
    }

    /** Enrols the machine and connects it; returns the certificate. */
    public MachineCertificate connect(String machineId) {
        Secret token = fleet.issueToken(ADMIN, machineId, Duration.ofHours(1)).token();
        String key = "sha256:key-of-" + machineId + "-" + serial;
        fleet.bindKey(token.reveal(), key);
        MachineCertificate certificate = certificate(machineId, key);
        fleet.certificateIssued(certificate);
        fleet.certificateUsed(machineId, certificate.serial());
        liveness.connect(machineId, clock.instant());
        return certificate;
    }

    public MachineCertificate certificate(String machineId, String keyDigest) {
        Instant now = clock.instant();
        return new MachineCertificate(
                Long.toHexString(++serial), machineId, keyDigest, now, now.plus(Duration.ofDays(30)), false);
    }

    /** The machine gets its goal and says that it has it. */
    public GoalState converge(String machineId) {
        GoalState goal = fleet.offerGoal(machineId);
        fleet.goalAcknowledged(machineId, goal.generation());
        return goal;
    }

    /** The machine reports what its goal says about this installation as being in this state. */
    public void report(String machineId, String name, InstallationState state) {
        GoalState goal = fleet.goal(machineId);
        InstallationGoal line = goal.installations().stream()
                .filter(candidate -> candidate.name().equals(name))
                .findFirst()
                .orElseThrow();
        report(machineId, status(line, goal.generation(), state));
    }

    public void report(String machineId, InstallationStatus status) {
        fleet.reportStatuses(List.of(new MachineStatus(machineId, status)));
    }

    public InstallationStatus status(InstallationGoal line, long generation, InstallationState state) {
        boolean runs = state == InstallationState.READY;
        @Nullable String version = state == InstallationState.REMOVED ? null : line.version();
        return new InstallationStatus(
                line.name(),
                line.extension(),
                version,
                state,
                generation,
                line.sequence(),
                runs,
                null,
                null,
                "",
                null,
                1,
                clock.instant(),
                clock.instant());
    }
}
