package dev.vmext.server.gateway;

import dev.vmext.protocol.opamp.Bytes;
import dev.vmext.protocol.opamp.RetryInfo;
import dev.vmext.protocol.opamp.ServerErrorResponse;
import dev.vmext.protocol.opamp.ServerErrorType;
import dev.vmext.protocol.opamp.ServerToAgent;
import dev.vmext.protocol.problem.ProblemCode;
import dev.vmext.protocol.problem.ProblemException;
import java.time.Duration;

/** Error responses, which exclude everything else in their envelope. Pure. */
final class Errors {
    static final Duration RETRY = Duration.ofSeconds(5);

    private Errors() {}

    /** The code leads, so that an agent can tell refusals apart. */
    static ServerToAgent refused(Bytes to, ProblemException problem) {
        return ServerToAgent.builder(to)
                .errorResponse(new ServerErrorResponse(
                        ServerErrorType.BAD_REQUEST,
                        problem.code().wire() + ": " + problem.detail() + "; " + problem.hint(),
                        null))
                .build();
    }

    static ServerToAgent unavailable(Bytes to) {
        return ServerToAgent.builder(to)
                .errorResponse(new ServerErrorResponse(
                        ServerErrorType.UNAVAILABLE,
                        ProblemCode.INTERNAL.wire() + ": the control plane could not store the message; send it again",
                        new RetryInfo(RETRY.toNanos())))
                .build();
    }
}
