package dev.vmext.extensionkit;

import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** All that one run of a command has at hand. Settings are read, and secrets hidden from the log, at the first use. */
public final class HandlerContext {
    private final Command command;
    private final HandlerEnvironment environment;
    private final Map<String, String> variables;
    private final InstantSource clock;
    private final HandlerLog log;
    private final Events events;
    private final Findings findings;
    private final SettingsFiles settingsFiles;
    private Redactor redactor = Redactor.none();
    private @Nullable Settings settings;
    private @Nullable Status existing;
    private @Nullable Status reported;

    HandlerContext(
            Command command,
            HandlerEnvironment environment,
            Map<String, String> variables,
            InstantSource clock,
            HandlerLog log,
            Events events,
            Findings findings) {
        this.command = command;
        this.environment = environment;
        this.variables = Map.copyOf(variables);
        this.clock = clock;
        this.log = log;
        this.events = events;
        this.findings = findings;
        this.settingsFiles = new SettingsFiles(environment, this.variables);
    }

    public Command command() {
        return command;
    }

    public HandlerEnvironment environment() {
        return environment;
    }

    public HandlerLog log() {
        return log;
    }

    public Events events() {
        return events;
    }

    /** For what the extension detected. */
    public Findings findings() {
        return findings;
    }

    public InstantSource clock() {
        return clock;
    }

    public Optional<String> variable(String name) {
        return Optional.ofNullable(variables.get(name));
    }

    public Settings settings() {
        Settings known = settings;
        if (known == null) {
            known = settingsFiles.read();
            redactor = Redactor.forSettings(known.protectedSettings());
            log.hide(redactor);
            events.hide(redactor);
            findings.hide(redactor);
            settings = known;
        }
        return known;
    }

    public Redactor redactor() {
        return redactor;
    }

    public int sequenceNumber() {
        return settingsFiles.findSequenceNumber().orElse(0);
    }

    public SequenceFile sequenceFile() {
        return new SequenceFile(environment.baseFolder());
    }

    public Heartbeat heartbeat() {
        return new Heartbeat(environment.heartbeatFile());
    }

    /** Writes a status that is not final yet; long work should do so at least every two minutes. */
    public void report(Status status) {
        write(status);
        reported = status;
    }

    /** The status file of this sequence number: for a unit of the handler's that goes on when the command has ended. */
    public Path statusPath() {
        return environment.statusFolder().resolve(settingsFiles.stem(sequenceNumber()) + ".status");
    }

    /**
     * The final status of this sequence number that is already on disk. An enable that asked for it and answers with it has
     * nothing new to say, and the file with its times stays as it is.
     */
    public Optional<Status> findFinalStatus() {
        if (existing == null) {
            existing = status().find().filter(Status::isFinal).orElse(null);
        }
        return Optional.ofNullable(existing);
    }

    void finish(Status status) {
        boolean handedOver = !status.isFinal() && status.equals(reported);
        if (!status.equals(existing) && !handedOver) {
            write(status);
        }
    }

    void write(Status status) {
        status().write(command, clock.instant(), status, redactor);
    }

    /**
     * A status as the text of a status file, redacted, without writing it: for what works on when this command has ended, and may
     * have to say that things went wrong after all.
     */
    public String rendered(Status status) {
        return status().render(command, clock.instant(), status, redactor);
    }

    private StatusFile status() {
        return new StatusFile(statusPath(), environment.name());
    }
}
