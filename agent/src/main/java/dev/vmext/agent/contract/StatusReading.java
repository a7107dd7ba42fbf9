package dev.vmext.agent.contract;

import dev.vmext.protocol.status.HandlerStatus;

/** What a look at a handler's status file gave. */
public sealed interface StatusReading {
    /**
     * There is none yet.
     *
     * @param placeholder what is reported in its place
     */
    record Missing(HandlerStatus placeholder) implements StatusReading {}

    /** It is there and says nothing at all. */
    record Nothing() implements StatusReading {}

    /**
     * It cannot be understood: perhaps only because it is being written just now.
     *
     * @param code of the contract: 1012 for a bad text, -1 for a file that cannot be read
     * @param text the beginning of the file
     */
    record Malformed(String why, String code, String text) implements StatusReading {}

    record Said(HandlerStatus status) implements StatusReading {}
}
