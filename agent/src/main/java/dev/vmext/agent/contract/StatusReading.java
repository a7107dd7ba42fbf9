package dev.vmext.agent.contract;

import dev.vmext.protocol.status.HandlerStatus;

/** What a look at a handler's status file gave. */
public sealed interface StatusReading {
    /** There is none yet. */
    record Missing() implements StatusReading {}

    /** It cannot be understood: perhaps only because it is being written just now. */
    record Malformed(String why) implements StatusReading {}

    record Said(HandlerStatus status) implements StatusReading {}
}
