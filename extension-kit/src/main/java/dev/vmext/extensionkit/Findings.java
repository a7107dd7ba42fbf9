package dev.vmext.extensionkit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/**
 * Tells the agent what an extension detected, and what is over: an event in the events folder with the task {@code vmext.finding}. The
 * agent picks it up within seconds and forwards it, also after days offline. Secrets of the settings are masked, texts that are too long
 * are cut. Any thread, and any number of processes at once.
 */
public final class Findings {
    private static final String TASK = "vmext.finding";
    private static final int MOST_SUBJECT = 512;
    private static final int MOST_TITLE = 200;
    private static final int MOST_EVIDENCE = 16;
    private static final int MOST_NAME = 64;
    private static final int MOST_TEXT = 512;
    private static final int MOST_MESSAGE = 3072;
    private static final Pattern CONTROL = Pattern.compile("\\p{Cntrl}");
    /** Shared, because names must differ within the process. */
    private static final AtomicLong NUMBER = new AtomicLong();

    private final Optional<Path> folder;
    private final String installation;
    private final String version;
    private final long pid;
    private final InstantSource clock;
    private final Consumer<String> warning;
    private volatile Redactor redactor = Redactor.none();

    Findings(
            Optional<Path> folder,
            String installation,
            String version,
            long pid,
            InstantSource clock,
            Consumer<String> warning) {
        this.folder = folder;
        this.installation = installation;
        this.version = version;
        this.pid = pid;
        this.clock = clock;
        this.warning = warning;
    }

    /**
     * For programs that no agent started, such as those of a timer; a handler has {@link HandlerContext#findings}.
     *
     * @param eventsFolder {@code eventsFolder} of HandlerEnvironment.json
     * @param installation for which one it works, see {@link HandlerEnvironment#installation}
     */
    public static Findings in(Path eventsFolder, String installation, InstantSource clock) {
        return new Findings(
                Optional.of(eventsFolder),
                installation,
                "0",
                ProcessHandle.current().pid(),
                clock,
                problem -> {});
    }

    void hide(Redactor secrets) {
        this.redactor = secrets;
    }

    /** It is there. Returns whether it was written: false without an events folder, or when the disk refuses. */
    public boolean open(Finding finding) {
        return write(finding, "open");
    }

    /** It is there no more. Returns whether that was written. */
    public boolean resolved(String type, String subject) {
        return write(Finding.of(type, subject), "resolved");
    }

    private boolean write(Finding finding, String state) {
        if (folder.isEmpty() || !Files.isDirectory(folder.get())) {
            warning.accept("nobody collects findings here; not told: " + finding.type() + " " + finding.subject());
            return false;
        }
        Instant now = clock.instant();
        Json event = Json.object()
                .with("Version", version)
                .with("Timestamp", now.toString())
                .with("TaskName", TASK)
                .with("EventLevel", state.equals("open") ? "Warning" : "Informational")
                .with("Message", message(finding, state, now))
                .with("EventPid", Long.toString(pid))
                .with("EventTid", "1")
                .with("OperationId", "0");
        // Digits that sort by time; unique on this machine: time, process, and a counter within the process.
        String name =
                "%d%07d%03d.json".formatted(now.toEpochMilli(), pid % 10_000_000, NUMBER.getAndIncrement() % 1000);
        try {
            SmallFiles.replace(folder.get().resolve(name), event.text(), "rw-------");
            return true;
        } catch (IOException e) {
            warning.accept(
                    "cannot tell the finding " + finding.type() + " " + finding.subject() + ": " + SmallFiles.why(e));
            return false;
        }
    }

    /** Evidence that has no room is left out whole: half a JSON text would be nothing. */
    private String message(Finding finding, String state, Instant now) {
        Json.Obj head = Json.object()
                .with("v", 1)
                .with("type", finding.type())
                .with("subject", oneLine(finding.subject(), MOST_SUBJECT))
                .with("state", state);
        if (finding.severity().isPresent()) {
            head = head.with("severity", finding.severity().get().word());
        }
        head = head.with("installation", installation).with("at", now.toString());
        if (!finding.title().isEmpty()) {
            head = head.with("title", oneLine(finding.title(), MOST_TITLE));
        }
        Json.Obj evidence = Json.object();
        for (Map.Entry<String, String> one : finding.evidence().entrySet()) {
            Json.Obj more = evidence.with(shown(one.getKey(), MOST_NAME), shown(one.getValue(), MOST_TEXT));
            if (more.fields().size() <= MOST_EVIDENCE
                    && head.with("evidence", more).text().length() <= MOST_MESSAGE) {
                evidence = more;
            }
        }
        return evidence.fields().isEmpty()
                ? head.text()
                : head.with("evidence", evidence).text();
    }

    /** As the agent cleans it: escapes would take six characters each of what there is room for. */
    private String oneLine(String text, int most) {
        return shown(CONTROL.matcher(redactor.redact(text)).replaceAll("\uFFFD"), most);
    }

    private String shown(String text, int most) {
        String clean = redactor.redact(text);
        if (clean.length() <= most) {
            return clean;
        }
        boolean between = Character.isHighSurrogate(clean.charAt(most - 1));
        return clean.substring(0, between ? most - 1 : most);
    }
}
