package dev.vmext.server.http;

import dev.vmext.fleet.Fleet;
import dev.vmext.fleet.MachineRecord;
import dev.vmext.protocol.api.Items;
import dev.vmext.protocol.api.LogText;
import dev.vmext.protocol.api.MachineCreate;
import dev.vmext.protocol.api.MachineView;
import dev.vmext.protocol.link.LogAnswer;
import dev.vmext.protocol.problem.ProblemCode;
import dev.vmext.protocol.problem.ProblemException;
import dev.vmext.server.provisioning.Provisioner;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletionException;

/** {@code .../machines}: declares machines and hands them to their provider; never waits for one. */
final class MachineResource {
    private static final List<String> LOG_SOURCES = List.of("console", "agent");
    private static final int TAIL = 64 * 1024;
    private static final int MAX_TAIL = 1024 * 1024;

    private final Fleet fleet;
    private final Provisioner provisioner;
    private final AgentLogs agentLogs;
    private final LogStreams logStreams;

    MachineResource(Fleet fleet, Provisioner provisioner, AgentLogs agentLogs, LogStreams logStreams) {
        this.fleet = fleet;
        this.provisioner = provisioner;
        this.agentLogs = agentLogs;
        this.logStreams = logStreams;
    }

    Answer list(Call call) {
        return Answer.ok(new Items<>(fleet.listMachines(call.path("project"))));
    }

    Answer create(Call call) throws IOException {
        String project = call.path("project");
        MachineCreate request = call.body(MachineCreate.class);
        MachineView machine = provisioner.create(call.principal().actor(), project, request);
        return Answer.created(machine, "/v1/projects/" + project + "/machines/" + machine.name());
    }

    Answer show(Call call) {
        return Answer.ok(fleet.getMachine(call.path("project"), call.path("machine")));
    }

    Answer delete(Call call) {
        provisioner.delete(fleet.deleteMachine(call.principal().actor(), call.path("project"), call.path("machine")));
        return Answer.nothing();
    }

    /** Drops the record at once; neither the machine nor its provider is asked. */
    Answer forget(Call call) {
        return Answer.ok(fleet.forgetMachine(call.principal().actor(), call.path("project"), call.path("machine")));
    }

    /** What it had. */
    Answer removals(Call call) {
        return Answer.ok(new Items<>(fleet.removals(call.path("project"), call.path("machine"))));
    }

    Answer start(Call call) {
        provisioner.start(call.principal().actor(), record(call));
        return show(call);
    }

    Answer stop(Call call) {
        provisioner.stop(call.principal().actor(), record(call), call.query("resume", false));
        return show(call);
    }

    Answer logs(Call call) {
        MachineRecord machine = record(call);
        String source = call.query("source").orElse("console");
        int tail = call.query("tail", TAIL, 1, MAX_TAIL);
        if (!LOG_SOURCES.contains(source)) {
            throw new ProblemException(
                    ProblemCode.INVALID_VALUE,
                    "cannot read query parameter source: there is no log \"" + Shown.text(source) + "\"",
                    "Allowed are: console, agent.");
        }
        if (call.query("follow", false)) {
            if (!source.equals("agent")) {
                throw new ProblemException(
                        ProblemCode.INVALID_VALUE,
                        "cannot follow the " + source + ": only the agent's log can be followed",
                        "Leave follow away, or say source=agent.");
            }
            return logStreams.follow(machine.id(), machine.name(), "", tail);
        }
        if (source.equals("agent")) {
            // Only the agent knows: what it sends begins with a whole line, and is shorter than what was asked for.
            LogAnswer log = agentLog(machine, tail);
            return Answer.ok(new LogText(machine.name(), source, log.text(), log.truncated()));
        }
        // One byte more than asked for tells whether there is more.
        String text = provisioner.console(machine, tail + 1);
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        boolean truncated = bytes.length > tail;
        String shown = truncated ? new String(bytes, bytes.length - tail, tail, StandardCharsets.UTF_8) : text;
        return Answer.ok(new LogText(machine.name(), source, shown, truncated));
    }

    private LogAnswer agentLog(MachineRecord machine, int tail) {
        try {
            return agentLogs.request(machine.id(), tail).join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof ProblemException expected) {
                throw expected;
            }
            throw e;
        }
    }

    private MachineRecord record(Call call) {
        return fleet.machineRecord(call.path("project"), call.path("machine"));
    }
}
