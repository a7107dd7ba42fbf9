package dev.vmext.server.http;

import dev.vmext.protocol.api.EnrolmentCreate;
import dev.vmext.server.provisioning.Enrolments;
import java.io.IOException;

/** {@code .../enrolments}: the line that brings in a machine vmext did not make. */
final class EnrolmentResource {
    private final Enrolments enrolments;

    EnrolmentResource(Enrolments enrolments) {
        this.enrolments = enrolments;
    }

    Answer create(Call call) throws IOException {
        String project = call.path("project");
        var view = enrolments.create(call.principal().actor(), project, call.body(EnrolmentCreate.class));
        return Answer.created(view, "/v1/projects/" + project + "/machines/" + view.machine());
    }
}
