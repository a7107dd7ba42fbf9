package dev.vmext.agent.contract;

import java.time.Duration;

/** What a look at a handler's heartbeat gave (azure-contract 1.9). */
public sealed interface HeartbeatReading {
    /**
     * The file is fresh.
     *
     * @param word as the handler wrote it: {@code ready}, {@code notready} or anything else
     * @param code empty where there is none
     */
    record Beating(String word, String code, String message) implements HeartbeatReading {
        public boolean ready() {
            return word.equalsIgnoreCase("ready");
        }
    }

    /** The file was not touched for longer than the contract allows. */
    record Unresponsive(Duration silence) implements HeartbeatReading {}

    /** There is no file, or it cannot be understood. */
    record Unreadable(String why) implements HeartbeatReading {}
}
