package dev.vmext.server.http;

import dev.vmext.fleet.Fleet;
import dev.vmext.protocol.api.InstallationView;
import dev.vmext.protocol.api.InstallationWrite;
import dev.vmext.protocol.api.Items;
import dev.vmext.protocol.goal.Order;
import dev.vmext.protocol.link.LogRead;
import dev.vmext.protocol.problem.ProblemCode;
import dev.vmext.protocol.problem.ProblemException;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/** {@code .../machines/{machine}/installations}: what a machine should have. */
final class InstallationResource {
    private static final int TAIL = 64 * 1024;

    private final Fleet fleet;
    private final LogStreams logs;
    /** Two callers who both want to be the one that creates must not both be told so. */
    private final ReentrantLock creating = new ReentrantLock();

    InstallationResource(Fleet fleet, LogStreams logs) {
        this.fleet = fleet;
        this.logs = logs;
    }

    Answer list(Call call) {
        return Answer.ok(new Items<>(fleet.listInstallations(call.path("project"), call.path("machine"))));
    }

    Answer show(Call call) {
        return Answer.ok(fleet.getInstallation(call.path("project"), call.path("machine"), call.path("installation")));
    }

    Answer put(Call call) throws IOException {
        boolean mustBeNew = mustBeNew(call);
        InstallationWrite request = call.body(InstallationWrite.class);
        String project = call.path("project");
        String machine = call.path("machine");
        String name = call.path("installation");
        creating.lock();
        try {
            boolean exists = fleet.listInstallations(project, machine).stream()
                    .anyMatch(installation -> installation.name().equals(name) && !installation.removing());
            if (exists && mustBeNew) {
                throw new ProblemException(
                        ProblemCode.INSTALLATION_EXISTS,
                        "cannot create installation " + name + " on machine " + machine + ": it exists",
                        "Choose another name, or change the existing one by leaving If-None-Match away.");
            }
            InstallationView view = fleet.putInstallation(call.principal().actor(), project, machine, name, request);
            return exists
                    ? Answer.ok(view)
                    : Answer.created(
                            view, "/v1/projects/" + project + "/machines/" + machine + "/installations/" + name);
        } finally {
            creating.unlock();
        }
    }

    Answer logs(Call call) {
        String machine = call.path("machine");
        String name = call.path("installation");
        fleet.getInstallation(call.path("project"), machine, name);
        String machineId = fleet.machineRecord(call.path("project"), machine).id();
        int tail = call.query("tail", TAIL, 1, LogRead.MOST);
        return call.query("follow", false)
                ? logs.follow(machineId, machine, name, tail)
                : Answer.ok(logs.tail(machineId, machine, name, tail));
    }

    private static boolean mustBeNew(Call call) {
        Optional<String> condition = call.header("If-None-Match");
        if (condition.isPresent() && !condition.get().strip().equals("*")) {
            throw new ProblemException(
                    ProblemCode.INVALID_VALUE,
                    "cannot read the request: If-None-Match takes only *",
                    "Send If-None-Match: * to create and never replace, or leave it away.");
        }
        return condition.isPresent();
    }

    /** Taken in every state; the machine carries it out when it hears of it. */
    Answer order(Call call, Order.Kind kind) {
        return Answer.ok(fleet.orderInstallation(
                call.principal().actor(), call.path("project"), call.path("machine"), call.path("installation"), kind));
    }

    /** Drops the record without asking the machine. */
    Answer forget(Call call) {
        return Answer.ok(fleet.forgetInstallation(
                call.principal().actor(), call.path("project"), call.path("machine"), call.path("installation")));
    }

    Answer delete(Call call) {
        return fleet.deleteInstallation(
                        call.principal().actor(), call.path("project"), call.path("machine"), call.path("installation"))
                .map(Answer::ok)
                .orElseGet(Answer::nothing);
    }
}
