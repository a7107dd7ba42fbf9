package dev.vmext.server.http;

import dev.vmext.fleet.Fleet;
import dev.vmext.protocol.api.Items;
import dev.vmext.protocol.api.WebhookCreate;
import dev.vmext.protocol.api.WebhookTest;
import dev.vmext.protocol.api.WebhookView;
import java.io.IOException;

/** {@code .../webhooks}: who is sent what happens to findings. */
final class WebhookResource {
    private final Fleet fleet;
    private final Tester tester;

    /** Sends a test message and answers when it was taken. */
    interface Tester {
        WebhookTest test(String project, String webhook);
    }

    WebhookResource(Fleet fleet, Tester tester) {
        this.fleet = fleet;
        this.tester = tester;
    }

    Answer list(Call call) {
        return Answer.ok(new Items<>(fleet.listWebhooks(call.path("project"))));
    }

    Answer create(Call call) throws IOException {
        String project = call.path("project");
        WebhookView made = fleet.createWebhook(call.principal().actor(), project, call.body(WebhookCreate.class));
        return Answer.created(made, "/v1/projects/" + project + "/webhooks/" + made.name());
    }

    Answer show(Call call) {
        return Answer.ok(fleet.getWebhook(call.path("project"), call.path("webhook")));
    }

    Answer delete(Call call) {
        fleet.deleteWebhook(call.principal().actor(), call.path("project"), call.path("webhook"));
        return Answer.nothing();
    }

    Answer test(Call call) {
        return Answer.ok(tester.test(call.path("project"), call.path("webhook")));
    }
}
