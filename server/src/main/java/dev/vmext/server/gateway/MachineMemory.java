package dev.vmext.server.gateway;

import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What the gateway remembers of one machine while it runs, across links. Thread-safe. */
final class MachineMemory {
    /** The fact that differs when a disk was copied into another machine. */
    private static final String MACHINE_ID = "machineId";

    private @Nullable Instant lastSeen;
    private long sequence;
    private boolean sequenceKnown;
    private Map<String, String> facts = Map.of();
    private String usedSerial = "";
    private int level;

    synchronized void seen(Instant time) {
        lastSeen = time;
    }

    synchronized Optional<Instant> lastSeen() {
        return Optional.ofNullable(lastSeen);
    }

    /** Whether this message follows the last one seen; if not, something was lost and must be told again. */
    synchronized boolean follows(long next) {
        boolean follows = sequenceKnown && next == sequence + 1;
        sequence = next;
        sequenceKnown = true;
        return follows;
    }

    /** Whether these facts are news that must be stored. */
    synchronized boolean isNews(Map<String, String> told) {
        return !facts.equals(told);
    }

    synchronized void stored(Map<String, String> told) {
        facts = Map.copyOf(told);
    }

    /** Whether these facts come from another computer than the last ones: two have the same certificate. */
    synchronized boolean fromAnotherMachine(Map<String, String> told) {
        String before = facts.get(MACHINE_ID);
        String now = told.get(MACHINE_ID);
        return before != null && now != null && !before.equals(now);
    }

    /** The agent's capability level, 0 for one that told none. */
    synchronized int level() {
        return level;
    }

    synchronized void level(int told) {
        level = told;
    }

    /** Whether the store already knows that this certificate was used. */
    synchronized boolean used(String serial) {
        return usedSerial.equals(serial);
    }

    synchronized void rememberUsed(String serial) {
        usedSerial = serial;
    }
}
