package dev.vmext.server.http;

import dev.vmext.fleet.Fleet;
import dev.vmext.protocol.api.Items;

/** {@code /v1/audit}: who changed what, newest first. */
final class AuditResource {
    private static final int LIMIT = 100;
    private static final int MAX_LIMIT = 1000;

    private final Fleet fleet;

    AuditResource(Fleet fleet) {
        this.fleet = fleet;
    }

    Answer list(Call call) {
        return Answer.ok(new Items<>(fleet.audit(call.query("limit", LIMIT, 1, MAX_LIMIT))));
    }
}
