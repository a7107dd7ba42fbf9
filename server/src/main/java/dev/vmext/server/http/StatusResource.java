package dev.vmext.server.http;

import dev.vmext.protocol.api.ServerStatus;
import java.util.function.Supplier;

/** {@code /v1/status}: how the control plane is. */
final class StatusResource {
    private final Supplier<ServerStatus> status;

    StatusResource(Supplier<ServerStatus> status) {
        this.status = status;
    }

    Answer show(Call call) {
        return Answer.ok(status.get());
    }
}
