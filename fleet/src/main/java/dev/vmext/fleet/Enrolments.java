package dev.vmext.fleet;

import dev.vmext.fleet.Decision.Note;
import dev.vmext.protocol.api.EnrolmentCreate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Lets machines in: tokens, keys, certificates, and what an agent tells about its machine. Behind {@link Fleet}; as thread-safe as the store. */
final class Enrolments {
    private static final Duration DEFAULT_TOKEN_LIFE = Duration.ofHours(1);

    private final FleetParts parts;

    Enrolments(FleetParts parts) {
        this.parts = parts;
    }

    Enrolment createEnrolment(Actor actor, String project, EnrolmentCreate request) {
        Duration life = EnrolmentDecisions.checkLife(
                request.ttlSeconds() == null ? DEFAULT_TOKEN_LIFE : Duration.ofSeconds(request.ttlSeconds()));
        Secret token = parts.secrets().next("vme_");
        MachineDecisions.Plan plan = new MachineDecisions.Plan(
                request.machine(),
                Platforms.SELF_ENROLLED,
                false,
                new Hardware(null, null, null),
                request.labels(),
                request.trust());
        return parts.store().transact(actor, view -> {
            Instant now = parts.now();
            MachineDraft draft = parts.declare(view, project, plan, request.installations(), now);
            List<FleetChange> changes = new ArrayList<>(draft.changes());
            changes.add(put(draft.machine(), token, now.plus(life)));
            return Decision.noted(
                    changes,
                    new Enrolment(draft.machine().asRecord(), token, now.plus(life)),
                    new Note(now, "enrolment.create", FleetParts.subject(draft.machine()), "until " + now.plus(life)));
        });
    }

    Enrolment issueToken(Actor actor, String machineId, Duration life) {
        EnrolmentDecisions.checkLife(life);
        Secret token = parts.secrets().next("vme_");
        return parts.store().transact(actor, view -> {
            Instant now = parts.now();
            Machine machine = Problems.getMachine(view, machineId);
            Problems.refuseDeleting("enrol", machine);
            return Decision.noted(
                    List.of(new FleetChange.TokensVoid(machineId), put(machine, token, now.plus(life))),
                    new Enrolment(machine.asRecord(), token, now.plus(life)),
                    new Note(now, "enrolment.token", FleetParts.subject(machine), "until " + now.plus(life)));
        });
    }

    private static FleetChange put(Machine machine, Secret token, Instant expiresAt) {
        return new FleetChange.TokenPut(
                new EnrolmentToken(Secrets.hash(token.reveal()), machine.id(), expiresAt, null, null));
    }

    MachineRecord tokenFor(String token) {
        return parts.store().read(view -> {
            EnrolmentToken found = EnrolmentDecisions.getToken(view, token, parts.now());
            return Problems.getMachine(view, found.machineId()).asRecord();
        });
    }

    MachineRecord bindKey(String token, String keyDigest) {
        return parts.store().transact(Actor.SYSTEM, view -> {
            EnrolmentToken found = EnrolmentDecisions.getToken(view, token, parts.now());
            Machine machine = Problems.getMachine(view, found.machineId());
            List<FleetChange> changes = EnrolmentDecisions.bind(found, keyDigest);
            return changes.isEmpty()
                    ? Decision.nothing(machine.asRecord())
                    : Decision.noted(
                            changes,
                            machine.asRecord(),
                            new Note(parts.now(), "enrolment.bind", FleetParts.subject(machine), "key " + keyDigest));
        });
    }

    void certificateIssued(MachineCertificate certificate) {
        parts.store().transact(Actor.machine(certificate.machineId()), view -> {
            Machine machine = Problems.getMachine(view, certificate.machineId());
            Problems.refuseDeleting("certify", machine);
            return Decision.noted(
                    List.of(new FleetChange.CertificatePut(certificate)),
                    true,
                    new Note(
                            parts.now(),
                            "certificate.issue",
                            FleetParts.subject(machine),
                            "serial " + certificate.serial()));
        });
    }

    void certificateUsed(String machineId, String serial) {
        // Every connection comes by here, and all but the first have nothing to store: look before taking the one
        // writer.
        if (parts.store()
                .read(view -> EnrolmentDecisions.used(view, machineId, serial, parts.now())
                        .isEmpty())) {
            return;
        }
        parts.store().transact(Actor.machine(machineId), view -> {
            List<FleetChange> changes = EnrolmentDecisions.used(view, machineId, serial, parts.now());
            return changes.isEmpty()
                    ? Decision.nothing(false)
                    : Decision.noted(
                            changes,
                            true,
                            new Note(
                                    parts.now(),
                                    "certificate.use",
                                    FleetParts.subject(Problems.getMachine(view, machineId)),
                                    "serial " + serial));
        });
    }

    MachineRecord admit(String serial) {
        return parts.store().read(view -> EnrolmentDecisions.admit(view, serial).asRecord());
    }

    void settingsKeyPublished(String machineId, String certificatePem) {
        Machine.SettingsKey key = new Machine.SettingsKey(parts.sealer().thumbprint(certificatePem), certificatePem);
        parts.recompile(machineId, machine -> machine.withSettingsKey(key));
    }

    void factsReported(String machineId, Map<String, String> facts) {
        Map<String, String> told = Map.copyOf(facts);
        parts.recompile(machineId, machine -> machine.withFacts(told));
    }

    void lastSeen(Map<String, Instant> seen) {
        parts.store().transact(Actor.SYSTEM, view -> Decision.silent(List.of(new FleetChange.Seen(seen)), true));
    }
}
