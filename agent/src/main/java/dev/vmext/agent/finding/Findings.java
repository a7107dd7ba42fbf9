package dev.vmext.agent.finding;

import dev.vmext.agent.contract.FindingEvents;
import dev.vmext.agent.contract.HandlerEvent;
import dev.vmext.agent.process.Pause;
import dev.vmext.packageformat.manifest.FindingType;
import dev.vmext.protocol.finding.FindingReport;
import dev.vmext.protocol.finding.FindingSeverity;
import dev.vmext.protocol.problem.ProblemException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * All findings of this machine on their way into the book: those of handlers, checked against what their packages declare, and those of
 * other parts of the agent. Secrets are taken out before anything reaches the disk. What is refused is logged and told as a finding of
 * its own, at most once an hour for the same reason. Any thread.
 */
public final class Findings implements FindingSink, FindingEvents {
    private static final System.Logger LOG = System.getLogger(Findings.class.getName());
    private static final String REFUSED = "findings-refused";
    private static final Duration REFUSED_AGE = Duration.ofDays(7);
    private static final Duration TOLD = Duration.ofHours(1);
    private static final int MOST_TOLD = 256;

    private final Path folder;
    private final Supplier<String> marks;
    private final DeclaredFindings declared;
    private final UnaryOperator<String> redact;
    private final InstantSource clock;
    private final Runnable news;
    /** When what was refused was told last. Guarded by itself. */
    private final Map<String, Instant> told = new LinkedHashMap<>();

    /** Losses because the disk refused, by installation, not in the book yet. Guarded by itself. */
    private final Map<String, Long> lost = new HashMap<>();

    private volatile @Nullable FindingBook opened;

    /**
     * Opens the book; where the disk does not let it, that is tried again whenever there is something to write.
     *
     * @param folder of the book
     * @param handlers where packages are unpacked
     * @param redact takes secrets out of a text
     * @param marks chance texts
     * @param news called when there is something to forward
     */
    public Findings(
            Path folder,
            Path handlers,
            UnaryOperator<String> redact,
            InstantSource clock,
            Supplier<String> marks,
            Runnable news) {
        this.folder = folder;
        this.marks = marks;
        this.declared = new DeclaredFindings(handlers);
        this.redact = redact;
        this.clock = clock;
        this.news = news;
        try {
            book();
        } catch (IOException e) {
            LOG.log(
                    System.Logger.Level.ERROR,
                    "Cannot open the book of findings, trying again later: {0}",
                    e.toString());
        }
    }

    private synchronized FindingBook book() throws IOException {
        FindingBook known = opened;
        if (known == null) {
            known = new FindingBook(folder, FindingBook.Bounds.STANDARD, marks);
            opened = known;
        }
        return known;
    }

    /** Forwards what is in the book. */
    public FindingTopic topic() {
        return new FindingTopic(this::book, redact, clock);
    }

    /**
     * Looks at the folders of those that declare findings.
     *
     * @param logs holds a folder for each extension
     */
    public FindingPickup pickup(FindingPickup.Collector collector, Path logs, Pause pause) {
        return new FindingPickup(declared, collector, logs, pause, this::remind);
    }

    /** What the control plane did not answer is sent again. */
    private void remind() {
        FindingBook known = opened;
        if (known != null && known.size() > 0) {
            news.run();
        }
    }

    @Override
    public void accept(FindingReport finding) {
        try {
            enter(List.of(clean(finding)), null, List.of());
        } catch (IOException e) {
            synchronized (lost) {
                lost.merge(finding.installation(), 1L, Long::sum);
            }
            LOG.log(
                    System.Logger.Level.ERROR,
                    "Cannot write down the finding {0} of {1}, it is lost: {2}",
                    finding.type(),
                    finding.installation(),
                    e.getMessage());
        }
    }

    private void enter(List<FindingReport> reports, @Nullable String extension, List<String> files) throws IOException {
        List<FindingReport> all = new ArrayList<>(reports);
        Map<String, Long> losses;
        synchronized (lost) {
            losses = Map.copyOf(lost);
        }
        losses.forEach((installation, count) -> all.add(FindingReport.fitting(
                installation,
                "",
                FindingBook.LOST,
                (installation.isEmpty() ? "agent" : installation) + ": disk",
                FindingSeverity.HIGH,
                false,
                count + " findings were lost: the machine's disk did not take them",
                Map.of("lost", String.valueOf(count)),
                clock.instant(),
                FindingBook.LOST_AGE)));
        book().append(all, extension, files);
        synchronized (lost) {
            losses.forEach((installation, count) ->
                    lost.computeIfPresent(installation, (same, now) -> now.equals(count) ? null : now - count));
        }
        for (FindingReport report : reports) {
            LOG.log(
                    System.Logger.Level.INFO,
                    "Finding of {0}: {1} {2} {3}",
                    report.installation(),
                    report.type(),
                    report.resolved() ? "resolved" : report.severity().wire(),
                    shortened(report.subject()));
        }
        news.run();
    }

    private static String shortened(String text) {
        return text.length() <= 120 ? text : text.substring(0, 120) + "...";
    }

    private FindingReport clean(FindingReport report) {
        return redacted(report, redact);
    }

    /** Without secrets; what becomes longer by that is cut again. */
    static FindingReport redacted(FindingReport report, UnaryOperator<String> redact) {
        Map<String, String> evidence = new LinkedHashMap<>();
        report.evidence().forEach((name, text) -> evidence.put(redact.apply(name), redact.apply(text)));
        return FindingReport.fitting(
                report.installation(),
                report.extension(),
                report.type(),
                redact.apply(report.subject()),
                report.severity(),
                report.resolved(),
                redact.apply(report.title()),
                evidence,
                report.at(),
                report.age());
    }

    @Override
    public boolean takes(HandlerEvent event) {
        return event.task().equals(FindingMessage.TASK);
    }

    @Override
    public boolean wanted(String extension) {
        DeclaredFindings.Extension known = find(extension);
        return known != null && !known.types().isEmpty();
    }

    private DeclaredFindings.@Nullable Extension find(String extension) {
        try {
            return declared.look().get(extension);
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "Cannot look at the packages unpacked here: {0}", e.getMessage());
            return declared.last().get(extension);
        }
    }

    @Override
    public boolean taken(String extension, String file) {
        try {
            return book().taken(extension, file);
        } catch (IOException e) {
            return false; // it will not be taken either, and stays
        }
    }

    @Override
    public void take(String extension, List<String> files, List<HandlerEvent> events) throws IOException {
        DeclaredFindings.Extension known = find(extension);
        List<FindingReport> reports = new ArrayList<>();
        for (HandlerEvent event : events) {
            try {
                reports.add(clean(report(extension, known, event)));
            } catch (ProblemException e) {
                refuse(extension, "message", e.detail(), reports);
            } catch (IllegalArgumentException e) {
                refuse(extension, "message", String.valueOf(e.getMessage()), reports);
            } catch (Undeclared e) {
                refuse(extension, e.what, String.valueOf(e.getMessage()), reports);
            }
        }
        enter(reports, extension, files);
    }

    private FindingReport report(String extension, DeclaredFindings.@Nullable Extension known, HandlerEvent event)
            throws Undeclared {
        FindingMessage message = FindingMessage.decode(event.message());
        FindingType type = known == null ? null : known.types().get(message.type());
        if (known == null || type == null) {
            throw new Undeclared(
                    "type " + message.type(), "its package does not declare findings of the type " + message.type());
        }
        String installation = message.installation();
        if (installation == null) {
            if (known.installations().size() > 1) {
                throw new Undeclared(
                        "installation",
                        extension + " has several installations here and the finding does not say which one it is of");
            }
            installation = known.installations().first();
        } else if (!known.installations().contains(installation)) {
            throw new Undeclared(
                    "installation", extension + " has no installation " + shortened(installation) + " here");
        }
        FindingSeverity severity = message.severity();
        return new FindingReport(
                installation,
                extension,
                message.type(),
                message.subject(),
                severity == null
                        ? FindingSeverity.find(type.severity().text()).orElse(FindingSeverity.MEDIUM)
                        : severity,
                message.resolved(),
                message.title(),
                message.evidence(),
                at(message, event),
                type.age());
    }

    private Instant at(FindingMessage message, HandlerEvent event) {
        Instant told = message.at();
        if (told != null) {
            return told;
        }
        try {
            return Instant.parse(event.timestamp());
        } catch (DateTimeParseException e) {
            return clock.instant();
        }
    }

    private void refuse(String extension, String what, String why, List<FindingReport> reports) {
        LOG.log(System.Logger.Level.WARNING, "Dropping a finding of {0}: {1}", extension, redact.apply(why));
        Instant now = clock.instant();
        synchronized (told) {
            Instant before = told.get(extension + ' ' + what);
            if (before != null && now.isBefore(before.plus(TOLD)) && !now.isBefore(before)) {
                return;
            }
            if (told.size() >= MOST_TOLD) {
                told.remove(told.keySet().iterator().next());
            }
            told.put(extension + ' ' + what, now);
        }
        reports.add(FindingReport.fitting(
                "",
                extension,
                REFUSED,
                extension + ": " + what,
                FindingSeverity.LOW,
                false,
                redact.apply("a finding was dropped: " + why),
                Map.of(),
                now,
                REFUSED_AGE));
    }

    /** What this machine's packages say nothing of. */
    private static final class Undeclared extends Exception {
        private static final long serialVersionUID = 1;
        private final String what;

        Undeclared(String what, String why) {
            super(why);
            this.what = what;
        }
    }

    /** Closes the book's file. */
    public void close() throws IOException {
        FindingBook known = opened;
        if (known != null) {
            known.close();
        }
    }
}
