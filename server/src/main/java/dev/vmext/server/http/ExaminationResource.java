package dev.vmext.server.http;

import dev.vmext.fleet.Fleet;
import dev.vmext.fleet.Permission;
import dev.vmext.protocol.api.BundleFile;
import dev.vmext.protocol.api.Examination;
import dev.vmext.protocol.api.Examination.Line;
import dev.vmext.protocol.api.InstallationView;
import dev.vmext.protocol.api.InstallationView.CauseView;
import dev.vmext.protocol.api.MachineView;
import dev.vmext.protocol.link.DiagnosisRequest;
import dev.vmext.protocol.problem.ProblemException;
import dev.vmext.server.diagnosis.MachineBundle;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/** {@code .../doctor} and {@code .../bundle} of a machine: what is known here, and what its agent says when it is asked. */
final class ExaminationResource {
    private static final String OK = "ok";
    private static final String WARN = "warn";
    private static final String FAIL = "fail";
    private static final Set<String> GIVEN_UP = Set.of("failed", "timed-out", "returned");

    private final Fleet fleet;
    private final Examiner examiner;
    private final MachineBundle bundles;

    ExaminationResource(Fleet fleet, Examiner examiner, MachineBundle bundles) {
        this.fleet = fleet;
        this.examiner = examiner;
        this.bundles = bundles;
    }

    Answer doctor(Call call) {
        MachineView machine = fleet.getMachine(call.path("project"), call.path("machine"));
        List<Line> lines = known(machine);
        try {
            byte[] text = asked(machine, DiagnosisRequest.Kind.DOCTOR);
            return Answer.ok(new Examination(machine.name(), lines, new String(text, StandardCharsets.UTF_8), null));
        } catch (ProblemException noWord) {
            return Answer.ok(new Examination(machine.name(), lines, null, noWord.detail() + "; " + noWord.hint()));
        }
    }

    private List<Line> known(MachineView machine) {
        List<Line> lines = new ArrayList<>();
        lines.add(state(machine));
        lines.add(goal(machine));
        lines.add(agent(machine));
        for (InstallationView installation : fleet.listInstallations(machine.project(), machine.name())) {
            lines.add(installation(installation));
        }
        return lines;
    }

    /** Both ends in one file. A machine that cannot be asked is no reason to keep this end back. */
    Answer bundle(Call call) throws IOException {
        MachineView machine = fleet.getMachine(call.path("project"), call.path("machine"));
        byte @Nullable [] agent = null;
        String problem = null;
        try {
            agent = asked(machine, DiagnosisRequest.Kind.BUNDLE);
        } catch (ProblemException noWord) {
            problem = noWord.detail() + "; " + noWord.hint();
        }
        StringBuilder doctor = new StringBuilder();
        known(machine)
                .forEach(
                        line -> doctor.append("%-7s%-14s%s%n".formatted(line.verdict(), line.check(), line.message())));
        boolean all = call.principal().may(Permission.AUDIT_READ);
        return Answer.ok(new BundleFile(
                machine.name(),
                "vmext-bundle-" + machine.name() + ".zip",
                Base64.getEncoder().encodeToString(bundles.pack(machine, doctor.toString(), agent, problem, all)),
                problem));
    }

    private byte[] asked(MachineView machine, DiagnosisRequest.Kind kind) {
        try {
            return examiner.examine(machine.id(), kind).join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof ProblemException expected) {
                throw expected;
            }
            throw e;
        }
    }

    private static Line state(MachineView machine) {
        String seen = machine.lastSeen() == null ? "never seen" : "last seen " + second(machine.lastSeen());
        if (machine.problem() != null) {
            return new Line(
                    "machine",
                    FAIL,
                    machine.problem().detail(),
                    String.valueOf(machine.problem().hint()));
        }
        return machine.state().equals("online")
                ? new Line("machine", OK, "online, " + seen, "")
                : new Line(
                        "machine",
                        FAIL,
                        machine.state() + ", " + seen + (machine.message() == null ? "" : ": " + machine.message()),
                        machine.enrolledAt() == null
                                ? "enrol it: vmext machine enroll-command " + machine.name()
                                : "on the machine: systemctl status vmext-agent; vmext-agent doctor");
    }

    private static Instant second(Instant time) {
        return time.truncatedTo(ChronoUnit.SECONDS);
    }

    private static Line goal(MachineView machine) {
        String words = "goal " + machine.goalGeneration() + ", acknowledged " + machine.appliedGeneration();
        return machine.appliedGeneration() >= machine.goalGeneration()
                ? new Line("goal", OK, words, "")
                : new Line(
                        "goal",
                        machine.state().equals("online") ? FAIL : WARN,
                        words + ": the machine does not know yet what is wanted",
                        machine.state().equals("online")
                                ? "look at the agent's log: vmext machine logs " + machine.name()
                                : "it will be told when it is online");
    }

    private static Line agent(MachineView machine) {
        Map<String, String> facts = machine.facts();
        String mode = facts.getOrDefault("trustMode", "unknown");
        String words = "agent " + facts.getOrDefault("agentVersion", "unknown") + " on "
                + facts.getOrDefault("osName", "an unknown system") + ", trust mode " + mode;
        return mode.equals("observe")
                ? new Line(
                        "agent",
                        WARN,
                        words + ": nothing is changed on it",
                        "its owner decides, in /etc/vmext/trust.json")
                : new Line("agent", OK, words, "");
    }

    private static Line installation(InstallationView one) {
        CauseView cause = one.cause();
        String words = one.name() + ": " + one.state() + " since " + second(one.stateSince())
                + (cause == null ? "" : ": [" + cause.kind() + "] " + cause.message());
        if (one.healthy()) {
            return new Line("installation", OK, words, "");
        }
        return new Line(
                "installation",
                GIVEN_UP.contains(one.state()) ? FAIL : WARN,
                words,
                cause == null
                        ? "wait, or look: vmext installation show " + one.machine() + " " + one.name()
                        : cause.hint());
    }
}
