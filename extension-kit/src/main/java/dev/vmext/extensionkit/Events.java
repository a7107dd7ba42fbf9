package dev.vmext.extensionkit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;

/**
 * Writes events for the agent to collect: one file of digits per event in the events folder, complete before it appears under
 * its name. What an extension detected is told through {@link Findings}, of which none is lost.
 * Without an events folder, or with an agent that does not collect events, calls do nothing. Not for several threads.
 */
public final class Events {
    private static final int MESSAGE_LIMIT = 3072;

    private final Optional<Path> folder;
    private final String version;
    private final String operation;
    private final long pid;
    private final InstantSource clock;
    private Redactor redactor = Redactor.none();
    private long number;

    Events(HandlerEnvironment environment, Map<String, String> variables, long pid, InstantSource clock) {
        boolean collected = variables
                .getOrDefault("AZURE_GUEST_AGENT_EXTENSION_SUPPORTED_FEATURES", "")
                .contains("ExtensionTelemetryPipeline");
        this.folder = environment.eventsFolder().filter(f -> collected && Files.isDirectory(f));
        this.version = variables.getOrDefault("AZURE_GUEST_AGENT_EXTENSION_VERSION", "");
        this.operation = variables.getOrDefault("ConfigSequenceNumber", "0");
        this.pid = pid;
        this.clock = clock;
    }

    /** How grave an event is, in the words of the contract. */
    public enum Severity {
        CRITICAL("Critical"),
        ERROR("Error"),
        WARNING("Warning"),
        INFORMATIONAL("Informational"),
        VERBOSE("Verbose");

        private final String word;

        Severity(String word) {
            this.word = word;
        }
    }

    void hide(Redactor secrets) {
        this.redactor = secrets;
    }

    /** Returns whether an event was written. */
    public boolean event(Severity severity, String task, String message) {
        if (folder.isEmpty()) {
            return false;
        }
        Instant now = clock.instant();
        String shown = redactor.redact(message);
        Json event = Json.object()
                .with("Version", version)
                .with("Timestamp", now.toString())
                .with("TaskName", task)
                .with("EventLevel", severity.word)
                .with("Message", shown.length() > MESSAGE_LIMIT ? shown.substring(0, MESSAGE_LIMIT) : shown)
                .with("EventPid", Long.toString(pid))
                .with("EventTid", "1")
                .with("OperationId", operation);
        // Digits only, and unique on this machine: time, process, and a counter within the process.
        Path file = folder.get()
                .resolve("%d%07d%03d.json".formatted(now.toEpochMilli(), pid % 10_000_000, number++ % 1000));
        try {
            SmallFiles.replace(file, event.text(), "rw-------");
            return true;
        } catch (IOException e) {
            // An agent may empty the folder at any moment, and no work of a handler should fail for want of an event.
            return false;
        }
    }
}
