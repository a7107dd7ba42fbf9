package dev.vmext.agent.run;

import dev.vmext.agent.config.Places;
import dev.vmext.agent.contract.HandlerContract;
import dev.vmext.agent.contract.HandlerFolder;
import dev.vmext.agent.contract.StatusReading;
import dev.vmext.agent.journal.Deployed;
import dev.vmext.agent.journal.Entry;
import dev.vmext.agent.journal.Slot;
import dev.vmext.packageformat.manifest.MonitoringFile;
import dev.vmext.packageformat.manifest.MonitoringProbe;
import dev.vmext.packageformat.manifest.PackageDescription;
import dev.vmext.packageformat.manifest.Probe;
import dev.vmext.packageformat.manifest.ProbeCheck;
import dev.vmext.protocol.status.Cause;
import dev.vmext.protocol.status.CauseClass;
import dev.vmext.protocol.status.HandlerStatus;
import dev.vmext.protocol.status.HandlerStatus.Substatus;
import dev.vmext.protocol.status.StatusWord;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Watches one enabled version: its status file, often while it works and rarely when it rests, and its probes, each at its own pace.
 * Made anew for each successful enable. One look at a time; {@link #due} may be asked from the agent's loop meanwhile.
 */
public final class HealthWatch {
    private static final Duration FIRST = Duration.ofMillis(100);
    private static final Duration SLOWEST = Duration.ofSeconds(2);
    private static final Duration STEADY = Duration.ofSeconds(30);
    /** azure-contract 1.18 */
    private static final Duration EVENTS = Duration.ofMinutes(5);

    private static final System.Logger LOG = System.getLogger(HealthWatch.class.getName());

    private final HandlerFolders folders;
    private final HandlerContract contract;
    private final Probes prober;
    private final SettingsGuard guard;
    private final Limits limits;
    private final InstantSource clock;
    private final Instant since;
    private final EnableWord word;
    private final Monitoring monitoring;
    private final Map<MonitoringProbe, WatchedProbe> probes = new LinkedHashMap<>();
    private @Nullable MonitoringReader declared;
    private @Nullable PackageDescription description;
    private @Nullable HeartbeatWatch heartbeat;
    private @Nullable Instant malformedSince;
    private Duration pause = FIRST;
    private Instant statusDue;
    private Instant eventsDue;
    private volatile Instant due;

    HealthWatch(
            Places places,
            HandlerContract contract,
            Probes prober,
            SettingsGuard guard,
            Limits limits,
            InstantSource clock,
            Monitoring monitoring,
            @Nullable Instant enableBegan) {
        this.monitoring = monitoring;
        this.folders = new HandlerFolders(places);
        this.contract = contract;
        this.prober = prober;
        this.guard = guard;
        this.limits = limits;
        this.clock = clock;
        this.since = clock.instant();
        this.word = new EnableWord(enableBegan, since);
        this.statusDue = since;
        this.eventsDue = since;
        this.due = since;
    }

    /** When to look next. */
    public Instant due() {
        return due;
    }

    /** Reads the status file and asks the probes that are due. */
    public HealthReading look(Entry entry) throws InterruptedException {
        Instant now = clock.instant();
        try {
            PackageDescription known = describe(entry);
            Deployed active = entry.active().orElseThrow();
            HandlerFolder folder = folders.of(entry, active.version(), known);
            collectEvents(folder, now);
            declare(folder, known, now);
            HealthReading seen = read(folder, active.enabledSequence(), now);
            String wish = RestartWish.read(folder.base());
            schedule(now);
            return new HealthReading(
                    seen.status(),
                    seen.malformed(),
                    seen.probe(),
                    seen.probesDecided(),
                    wish == null ? null : guard.redact(wish));
        } catch (IOException | RuntimeException e) {
            due = now.plus(STEADY);
            return new HealthReading(
                    null,
                    Causes.of("probe", entry.extension() + " (installation " + entry.name() + ")", e),
                    null,
                    true);
        }
    }

    private PackageDescription describe(Entry entry) throws IOException {
        PackageDescription known = description;
        if (known == null) {
            Slot slot = entry.activeSlot();
            known = folders.description(entry, slot);
            description = known;
            if (known.handler().reportHeartbeat()) {
                heartbeat = new HeartbeatWatch(contract, guard, limits, since);
            }
        }
        return known;
    }

    /** Tells what is declared, at first and whenever it changes. Probes that stay keep what was counted. */
    private void declare(HandlerFolder folder, PackageDescription known, Instant now) {
        MonitoringReader reader = declared;
        boolean first = reader == null;
        if (reader == null) {
            reader = new MonitoringReader(folder.base(), folder.installation(), known.observation());
            declared = reader;
        }
        if (!reader.look() && !first) {
            return;
        }
        List<MonitoringProbe> all = reader.probes();
        probes.keySet().retainAll(all);
        Instant from = first ? since : now;
        for (MonitoringProbe probe : all) {
            if (probe.health()) {
                probes.computeIfAbsent(
                        probe,
                        fresh -> new WatchedProbe(
                                fresh.probe(),
                                from,
                                limits.stretched(fresh.probe().grace())));
            }
        }
        monitoring.declared(new Monitoring.Declared(
                folder.installation(),
                folder.extension(),
                folder.base(),
                reader.endpoints(),
                all,
                known.observation().findings()));
    }

    private HealthReading read(HandlerFolder folder, long sequence, Instant now) throws InterruptedException {
        HandlerStatus status = null;
        Cause malformed = null;
        boolean resting = false;
        switch (contract.readStatus(folder, sequence)) {
            case StatusReading.Said(HandlerStatus said) -> {
                malformedSince = null;
                Instant written = contract.findStatusTime(folder, sequence).orElse(null);
                status = word.before(written, now) ? waiting(said) : redacted(said);
                resting = status.status() != StatusWord.TRANSITIONING;
            }
            case StatusReading.Nothing _ -> {
                malformedSince = null;
                malformed = silent(folder, sequence, now);
            }
            case StatusReading.Missing(HandlerStatus placeholder) -> {
                malformedSince = null;
                status = placeholder;
                malformed = silent(folder, sequence, now);
            }
            case StatusReading.Malformed(String why, String code, String text) -> {
                Instant began = malformedSince == null ? now : malformedSince;
                malformedSince = began;
                if (!now.isBefore(began.plus(limits.malformed()))) {
                    status = new HandlerStatus(
                            "", StatusWord.ERROR, code, guard.redact(text.isEmpty() ? why : text), List.of());
                    malformed = new Cause(
                            CauseClass.STATUS_MALFORMED,
                            "enable",
                            "cannot read the status of " + folder.extension() + ": " + guard.redact(why),
                            "the publisher must write status files as the contract says",
                            Map.of("code", code, "path", folder.base() + "/status/" + sequence + ".status"));
                }
            }
        }
        pause = resting || malformed != null
                ? STEADY
                : pause.multipliedBy(2).compareTo(SLOWEST) < 0 ? pause.multipliedBy(2) : SLOWEST;
        statusDue = now.plus(pause);
        Cause failed = null;
        boolean decided = true;
        if (status != null && status.status() == StatusWord.SUCCESS) {
            if (heartbeat != null) {
                heartbeat.look(folder, now);
                decided = heartbeat.decided();
                failed = heartbeat.failure();
                if (!decided) {
                    statusDue = now.plus(SLOWEST);
                }
            }
            for (Map.Entry<MonitoringProbe, WatchedProbe> probe : probes.entrySet()) {
                askIfDue(probe.getKey(), probe.getValue(), folder, now);
                decided &= probe.getValue().decided();
                failed = failed == null ? failure(probe.getValue(), folder.extension()) : failed;
            }
        }
        return new HealthReading(warned(status), malformed, failed, decided);
    }

    private static HandlerStatus waiting(HandlerStatus old) {
        return new HandlerStatus(
                old.operation(),
                StatusWord.TRANSITIONING,
                "0",
                "enabled; the handler has not said anything about it yet",
                List.of());
    }

    /** What is wrong with a file that the handler wrote stands beside what the handler says. */
    private @Nullable HandlerStatus warned(@Nullable HandlerStatus status) {
        MonitoringReader reader = declared;
        if (status == null || reader == null || reader.fault().isEmpty()) {
            return status;
        }
        List<Substatus> parts = new ArrayList<>(status.substatus());
        parts.add(new Substatus(MonitoringFile.FILE_NAME, StatusWord.WARNING, "1", guard.redact(reader.fault())));
        return new HandlerStatus(status.operation(), status.status(), status.code(), status.message(), parts);
    }

    private void askIfDue(MonitoringProbe probe, WatchedProbe watched, HandlerFolder folder, Instant now)
            throws InterruptedException {
        if (now.isBefore(watched.due())) {
            return;
        }
        Instant asked = clock.instant();
        Optional<String> failure = prober.ask(probe.probe(), folder.base());
        Duration took = Duration.between(asked, clock.instant());
        watched.answered(failure, now, SLOWEST);
        monitoring.probed(new Monitoring.Probed(
                folder.installation(),
                folder.extension(),
                probe,
                asked,
                took.isNegative() ? Duration.ZERO : took,
                guard.redact(failure.orElse("")),
                watched.healthy()));
    }

    private @Nullable Cause silent(HandlerFolder folder, long sequence, Instant now) {
        if (now.isBefore(since.plus(limits.firstStatus()))) {
            return null;
        }
        return new Cause(
                CauseClass.HANDLER_STATUS,
                "enable",
                "cannot tell whether " + folder.extension() + " works: its handler has written no status file within "
                        + limits.firstStatus().toSeconds() + " s after enable",
                "look at the handler's log in " + folder.logs(),
                Map.of("path", folder.base() + "/status/" + sequence + ".status"));
    }

    /** A handler that tells something must not fill the disk with it. */
    private void collectEvents(HandlerFolder folder, Instant now) {
        if (now.isBefore(eventsDue)) {
            return;
        }
        eventsDue = now.plus(EVENTS);
        try {
            contract.collectEvents(folder);
        } catch (IOException failed) {
            LOG.log(System.Logger.Level.WARNING, "Cannot collect the events of " + folder.extension() + ": " + failed);
        }
    }

    private void schedule(Instant now) {
        Instant next = statusDue;
        for (WatchedProbe probe : probes.values()) {
            if (probe.due().isAfter(now) && probe.due().isBefore(next)) {
                next = probe.due();
            }
        }
        due = next;
    }

    private HandlerStatus redacted(HandlerStatus said) {
        List<Substatus> parts = new ArrayList<>();
        for (Substatus part : said.substatus()) {
            parts.add(
                    new Substatus(guard.redact(part.name()), part.status(), part.code(), guard.redact(part.message())));
        }
        return new HandlerStatus(said.operation(), said.status(), said.code(), guard.redact(said.message()), parts);
    }

    private static String target(ProbeCheck check) {
        return switch (check) {
            // Only the program: arguments may hold what nobody should see.
            case ProbeCheck.Exec(List<String> command) -> command.getFirst();
            case ProbeCheck.Http http -> http.url().toString();
            case ProbeCheck.Tcp(String host, int port) -> host + ":" + port;
            case ProbeCheck.RunningProcess(String name) -> name;
            case ProbeCheck.ActiveUnit(String name) -> name;
        };
    }

    private static @Nullable Cause failure(WatchedProbe watched, String extension) {
        if (!Boolean.FALSE.equals(watched.healthy())) {
            return null;
        }
        Probe probe = watched.probe();
        return new Cause(
                CauseClass.PROBE,
                "probe",
                extension + " is not healthy: probe " + probe.name() + " failed " + watched.failures()
                        + " times, last: " + watched.why(),
                "look at the handler's log and at the service it runs",
                Map.of(
                        "probe",
                        probe.name(),
                        "failures",
                        String.valueOf(watched.failures()),
                        "target",
                        target(probe.check())));
    }

    /** Makes watches; held by the agent's loop. */
    public static final class Maker {
        private final Places places;
        private final HandlerContract contract;
        private final Probes prober;
        private final SettingsGuard guard;
        private final Limits limits;
        private final InstantSource clock;
        private final Monitoring monitoring;

        public Maker(
                Places places,
                HandlerContract contract,
                Probes prober,
                SettingsGuard guard,
                Limits limits,
                InstantSource clock,
                Monitoring monitoring) {
            this.monitoring = monitoring;
            this.places = places;
            this.contract = contract;
            this.prober = prober;
            this.guard = guard;
            this.limits = limits;
            this.clock = clock;
        }

        /** Where what is declared goes to. */
        public Monitoring monitoring() {
            return monitoring;
        }

        /**
         * For a version whose enable has just ended.
         *
         * @param enableBegan when it began, null when the agent was not there to see it
         */
        public HealthWatch make(@Nullable Instant enableBegan) {
            return new HealthWatch(places, contract, prober, guard, limits, clock, monitoring, enableBegan);
        }
    }
}
