package dev.vmext.fleet;

import dev.vmext.fleet.Machine.Condition;
import dev.vmext.fleet.Machine.GoalPosition;
import dev.vmext.fleet.Machine.Phase;
import dev.vmext.protocol.problem.ProblemCode;
import dev.vmext.protocol.problem.ProblemException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Decides what becomes of machines themselves: declared, made, seen, deleted. Pure. */
final class MachineDecisions {
    private static final Pattern NAME = Pattern.compile("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?");
    private static final Pattern LABEL = Pattern.compile("[A-Za-z0-9]([A-Za-z0-9._/-]{0,61}[A-Za-z0-9])?");
    private static final int MAX_LABELS = 64;
    private static final int MAX_LABEL_VALUE = 256;

    private MachineDecisions() {}

    /**
     * What a new machine is to be.
     *
     * @param provisioned whether a provider makes it
     */
    record Plan(
            String name,
            String provider,
            boolean provisioned,
            Hardware hardware,
            @Nullable Map<String, String> labels,
            @Nullable String trust) {}

    static Machine declare(FleetView view, String project, String id, Plan plan, Instant now) {
        Problems.getProject(view, project);
        if (!NAME.matcher(plan.name()).matches()) {
            throw Problems.invalidName(
                    "a machine",
                    plan.name(),
                    "use 1 to 63 lower-case letters, digits and hyphens, with a letter or digit at both ends");
        }
        Map<String, String> labels = plan.labels() == null ? Map.of() : plan.labels();
        checkLabels(labels);
        view.findMachine(project, plan.name()).ifPresent(other -> {
            throw new ProblemException(
                    ProblemCode.MACHINE_EXISTS,
                    "cannot create machine " + plan.name() + ": project " + project + " has one of that name"
                            + (other.deleting() ? ", which is being deleted" : ""),
                    other.deleting()
                            ? "wait until it is gone"
                            : "use another name, or delete it first: vmext machine delete " + plan.name());
        });
        Condition condition = new Condition(
                plan.provisioned() ? Phase.PROVISIONING : Phase.SETTLED,
                plan.provisioned() ? "waiting for its provider" : "waiting for its agent",
                null,
                null,
                null,
                true);
        return new Machine(
                id,
                project,
                plan.name(),
                plan.provider(),
                plan.hardware(),
                labels,
                plan.trust(),
                condition,
                Map.of(),
                null,
                GoalPosition.NONE,
                now,
                null,
                null,
                0);
    }

    private static void checkLabels(Map<String, String> labels) {
        if (labels.size() > MAX_LABELS) {
            throw Problems.invalidValue(
                    "cannot put " + labels.size() + " labels on a machine: the most is " + MAX_LABELS, "use fewer");
        }
        labels.forEach((name, value) -> {
            if (!LABEL.matcher(name).matches()) {
                throw Problems.invalidName("a label", name, "use up to 63 letters, digits, dots, slashes and hyphens");
            }
            if (value.length() > MAX_LABEL_VALUE) {
                throw Problems.invalidValue(
                        "cannot use the value of label " + name + ": it is longer than " + MAX_LABEL_VALUE
                                + " characters",
                        "shorten it");
            }
        });
    }

    /** From here on nothing is accepted for it and its agent is not let in. */
    static List<FleetChange> delete(FleetView view, Machine machine) {
        if (machine.deleting()) {
            return List.of();
        }
        List<FleetChange> changes = new ArrayList<>();
        changes.add(new FleetChange.MachinePut(deleting(machine)));
        changes.add(new FleetChange.TokensVoid(machine.id()));
        changes.addAll(revoke(view, machine.id(), ""));
        return changes;
    }

    static Machine deleting(Machine machine) {
        return machine.deleting() ? machine : machine.with(machine.condition().now(Phase.DELETING, "being deleted"));
    }

    /** Revokes the machine's certificates, except those of this key. */
    static List<FleetChange> revoke(FleetView view, String machineId, String exceptKey) {
        List<FleetChange> changes = new ArrayList<>();
        for (MachineCertificate certificate : view.certificates(machineId)) {
            if (!certificate.revoked() && !certificate.keyDigest().equals(exceptKey)) {
                changes.add(new FleetChange.CertificatePut(new MachineCertificate(
                        certificate.serial(),
                        certificate.machineId(),
                        certificate.keyDigest(),
                        certificate.notBefore(),
                        certificate.notAfter(),
                        true)));
            }
        }
        return changes;
    }

    static List<FleetChange> gone(FleetView view, Machine machine) {
        if (!machine.deleting()) {
            throw new ProblemException(
                    ProblemCode.INVALID_VALUE,
                    "cannot forget machine " + machine.name() + ": nobody asked for its deletion",
                    "delete it first");
        }
        List<FleetChange> changes = new ArrayList<>();
        view.installations(machine.id())
                .forEach(installation -> changes.add(new FleetChange.InstallationGone(
                        machine.id(), machine.project(), machine.name(), installation.name())));
        changes.add(new FleetChange.MachineGone(machine.id(), machine.project(), machine.name()));
        return changes;
    }

    static Machine progressed(Machine machine, Provisioning progress) {
        if (machine.deleting()) {
            return machine;
        }
        Condition before = machine.condition();
        String waiting = machine.enrolledAt() == null ? "booted, waiting for its agent" : null;
        return machine.with(
                switch (progress) {
                    case Provisioning.Running running -> before.at(running.message(), running.percent());
                    case Provisioning.Done() -> before.now(Phase.SETTLED, waiting);
                    case Provisioning.Failed failed -> before.failed(failed.problem());
                });
    }
}
