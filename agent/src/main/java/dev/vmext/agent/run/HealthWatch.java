package dev.vmext.agent.run;

import dev.vmext.agent.config.Places;
import dev.vmext.agent.contract.HandlerContract;
import dev.vmext.agent.contract.HandlerFolder;
import dev.vmext.agent.contract.StatusReading;
import dev.vmext.agent.journal.Deployed;
import dev.vmext.agent.journal.Entry;
import dev.vmext.agent.journal.Slot;
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
import java.util.List;
import java.util.Map;
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
    private final List<Watched> probes = new ArrayList<>();
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
            InstantSource clock) {
        this.folders = new HandlerFolders(places);
        this.contract = contract;
        this.prober = prober;
        this.guard = guard;
        this.limits = limits;
        this.clock = clock;
        this.since = clock.instant();
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
            HealthReading reading = read(folder, active.enabledSequence(), now);
            schedule(now);
            return reading;
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
            for (Probe probe : known.observation().probes()) {
                probes.add(new Watched(probe, since));
            }
        }
        return known;
    }

    private HealthReading read(HandlerFolder folder, long sequence, Instant now) throws InterruptedException {
        HandlerStatus status = null;
        Cause malformed = null;
        boolean resting = false;
        switch (contract.readStatus(folder, sequence)) {
            case StatusReading.Said(HandlerStatus said) -> {
                malformedSince = null;
                status = redacted(said);
                resting = said.status() != StatusWord.TRANSITIONING;
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
            for (Watched probe : probes) {
                probe.askIfDue(folder, now);
                decided &= probe.decided;
                failed = failed == null ? probe.failure(folder.extension()) : failed;
            }
        }
        return new HealthReading(status, malformed, failed, decided);
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
        for (Watched probe : probes) {
            if (probe.due.isAfter(now) && probe.due.isBefore(next)) {
                next = probe.due;
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

    /** One probe and what was counted so far. */
    private final class Watched {
        private final Probe probe;
        private final Instant graceOver;
        private Instant due;
        private int passes;
        private int failures;
        private boolean decided;
        private boolean healthy;
        private String why = "";

        private Watched(Probe probe, Instant since) {
            this.probe = probe;
            this.graceOver = since.plus(limits.stretched(probe.grace()));
            this.due = since;
        }

        private void askIfDue(HandlerFolder folder, Instant now) throws InterruptedException {
            if (now.isBefore(due)) {
                return;
            }
            var failure = prober.ask(probe, folder.base());
            due = now.plus(decided ? probe.interval() : shorter(probe.interval()));
            if (failure.isEmpty()) {
                failures = 0;
                passes++;
                if (passes >= probe.successThreshold()) {
                    decided = true;
                    healthy = true;
                }
                return;
            }
            passes = 0;
            why = failure.get();
            if (!now.isBefore(graceOver)) {
                failures++;
            }
            if (failures >= probe.failureThreshold()) {
                decided = true;
                healthy = false;
            }
        }

        /** Until a probe decided, an installation waits for it. */
        private static Duration shorter(Duration interval) {
            return interval.compareTo(SLOWEST) < 0 ? interval : SLOWEST;
        }

        private static String target(ProbeCheck check) {
            return switch (check) {
                // Only the program: arguments may hold what nobody should see.
                case ProbeCheck.Exec(List<String> command) -> command.getFirst();
                case ProbeCheck.Http(var url, int _) -> url.toString();
                case ProbeCheck.Tcp(String host, int port) -> host + ":" + port;
                case ProbeCheck.RunningProcess(String name) -> name;
                case ProbeCheck.ActiveUnit(String name) -> name;
            };
        }

        private @Nullable Cause failure(String extension) {
            if (!decided || healthy) {
                return null;
            }
            return new Cause(
                    CauseClass.PROBE,
                    "probe",
                    extension + " is not healthy: probe " + probe.name() + " failed " + failures + " times, last: "
                            + why,
                    "look at the handler's log and at the service it runs",
                    Map.of(
                            "probe",
                            probe.name(),
                            "failures",
                            String.valueOf(failures),
                            "target",
                            target(probe.check())));
        }
    }

    /** Makes watches; held by the agent's loop. */
    public static final class Maker {
        private final Places places;
        private final HandlerContract contract;
        private final Probes prober;
        private final SettingsGuard guard;
        private final Limits limits;
        private final InstantSource clock;

        public Maker(
                Places places,
                HandlerContract contract,
                Probes prober,
                SettingsGuard guard,
                Limits limits,
                InstantSource clock) {
            this.places = places;
            this.contract = contract;
            this.prober = prober;
            this.guard = guard;
            this.limits = limits;
            this.clock = clock;
        }

        public HealthWatch make() {
            return new HealthWatch(places, contract, prober, guard, limits, clock);
        }
    }
}
