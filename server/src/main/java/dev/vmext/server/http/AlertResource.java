package dev.vmext.server.http;

import dev.vmext.fleet.Fleet;
import dev.vmext.protocol.api.AlertRuleView;
import dev.vmext.protocol.api.AlertRuleWrite;
import dev.vmext.protocol.api.Items;
import dev.vmext.protocol.api.MachineView;
import dev.vmext.protocol.api.SilenceCreate;
import dev.vmext.protocol.api.SilenceView;
import dev.vmext.server.alert.Availability;
import java.io.IOException;
import java.util.Optional;

/** {@code .../alerts}, {@code .../alert-rules} and {@code .../silences} of a project. */
final class AlertResource {
    private final Fleet fleet;
    private final Availability availability;

    AlertResource(Fleet fleet, Availability availability) {
        this.fleet = fleet;
        this.availability = availability;
    }

    /** Of a machine, its installations and their probes. */
    Answer availability(Call call) {
        MachineView machine = fleet.getMachine(call.path("project"), call.path("machine"));
        return Answer.ok(new Items<>(availability.of(machine.id(), machine.createdAt())));
    }

    Answer list(Call call) {
        return Answer.ok(new Items<>(fleet.listAlerts(call.path("project"))));
    }

    Answer rules(Call call) {
        return Answer.ok(new Items<>(fleet.listAlertRules(call.path("project"))));
    }

    Answer rule(Call call) {
        return Answer.ok(fleet.getAlertRule(call.path("project"), call.path("rule")));
    }

    Answer putRule(Call call) throws IOException {
        return Answer.ok(fleet.putAlertRule(
                call.principal().actor(), call.path("project"), call.path("rule"), call.body(AlertRuleWrite.class)));
    }

    Answer enable(Call call) {
        return switched(call, true);
    }

    Answer disable(Call call) {
        return switched(call, false);
    }

    private Answer switched(Call call, boolean on) {
        return Answer.ok(fleet.enableAlertRule(call.principal().actor(), call.path("project"), call.path("rule"), on));
    }

    /** A default rule that was changed is answered as it is again; one's own is gone. */
    Answer deleteRule(Call call) {
        Optional<AlertRuleView> left =
                fleet.deleteAlertRule(call.principal().actor(), call.path("project"), call.path("rule"));
        return left.map(Answer::ok).orElseGet(Answer::nothing);
    }

    Answer silences(Call call) {
        return Answer.ok(new Items<>(fleet.listSilences(call.path("project"))));
    }

    Answer silence(Call call) throws IOException {
        String project = call.path("project");
        SilenceView made = fleet.createSilence(call.principal().actor(), project, call.body(SilenceCreate.class));
        return Answer.created(made, "/v1/projects/" + project + "/silences/" + made.id());
    }

    Answer endSilence(Call call) {
        return Answer.ok(fleet.endSilence(call.principal().actor(), call.path("project"), call.path("silence")));
    }
}
