package dev.vmext.systemtests.kill;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmext.agent.journal.Deployed;
import dev.vmext.agent.journal.Entry;
import dev.vmext.agent.journal.FileJournal;
import dev.vmext.agent.journal.Slot;
import dev.vmext.agent.journal.Step;
import dev.vmext.packageformat.testing.SamplePackage;
import dev.vmext.packageformat.testing.SamplePublisher;
import dev.vmext.packageformat.trust.TrustMode;
import dev.vmext.protocol.goal.InstallationGoal;
import dev.vmext.protocol.goal.PackageOffer;
import dev.vmext.protocol.goal.Presence;
import dev.vmext.protocol.goal.Terms;
import dev.vmext.protocol.status.Cause;
import dev.vmext.protocol.status.InstallationState;
import dev.vmext.protocol.status.InstallationStatus;
import dev.vmext.systemtests.product.Eventually;
import dev.vmext.systemtests.trust.HostileGateway;
import dev.vmext.systemtests.trust.Victim;
import dev.vmext.systemtests.trust.Wares;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** An agent that is killed, its control plane, and one extension whose handler notes every call and can be held in the midst of one. One thread. */
@SuppressWarnings("try") // close waits for a process, which a test may interrupt
final class KilledMachine implements AutoCloseable {
    static final String NAME = "fw";
    static final Duration SOON = Duration.ofSeconds(90);

    private static final String EXTENSION = "acme.Fw";
    /** Only what is written before and after a call says how often it ran. The pipe is there when a test wants to hold the call. */
    private static final String HANDLER = """
            #!/bin/sh
            trace=%s
            call="$1 $AZURE_GUEST_AGENT_EXTENSION_VERSION"
            cd "$AZURE_GUEST_AGENT_EXTENSION_PATH" || exit 51
            echo "$call seq=$ConfigSequenceNumber" >>"$trace/calls"
            if [ "$(cat "$trace/held" 2>/dev/null)" = "$call" ]; then
                echo $$ >>"$trace/pids"
                rm "$trace/held"
                read -r _ <"$trace/gate"
            fi
            if [ "$call" = "$(cat "$trace/fails" 2>/dev/null)" ]; then echo "no, not that"; exit 7; fi
            if [ "$1" = enable ]; then
                echo "$ConfigSequenceNumber" >mrseq
                printf '[{"version": 1.0, "timestampUTC": "2026-01-01T00:00:00Z", "status": {"operation": "Enable", "status": "success", "code": 0, "formattedMessage": {"lang": "en-US", "message": "fine"}}}]' >status/x
                mv status/x "status/$ConfigSequenceNumber.status"
            fi
            echo "$call" >>"$trace/ends"
            """;

    final HostileGateway gateway;
    final Victim victim;
    final Wares wares;
    private final Path folder;
    private final Path trace;
    private final SamplePublisher acme = new SamplePublisher("acme");
    private final Map<String, PackageOffer> offers = new LinkedHashMap<>();
    private int copies;

    KilledMachine(Path folder) throws Exception {
        this.folder = folder;
        this.trace = Files.createDirectories(folder.resolve("trace"));
        this.gateway = new HostileGateway();
        this.wares = new Wares(folder.resolve("wares"), gateway);
        this.victim = new Victim(folder.resolve("root")).enrolledWith(gateway, acme.trusted(TrustMode.FULL), 1);
        run("mkfifo", trace.resolve("gate").toString());
    }

    private static void run(String... command) throws Exception {
        assertThat(new ProcessBuilder(command).inheritIO().start().waitFor()).isZero();
    }

    /** The extension in this version, the same bytes each time. */
    PackageOffer offer(String version, UnaryOperator<SamplePackage> changes) throws IOException {
        PackageOffer known = offers.get(version);
        if (known == null) {
            known = wares.honest(
                    changes.apply(new SamplePackage(EXTENSION, version)
                            .extension("healthTimeSec", "0")
                            .file("bin/handler.sh", HANDLER.formatted(trace))),
                    EXTENSION,
                    version,
                    acme);
            offers.put(version, known);
        }
        return known;
    }

    PackageOffer offer(String version) throws IOException {
        return offer(version, same -> same);
    }

    /** Another extension with a handler of these lines, in version 1.0.0. */
    PackageOffer other(String extension, UnaryOperator<SamplePackage> changes) throws IOException {
        return wares.honest(
                changes.apply(new SamplePackage(extension, "1.0.0").file("bin/handler.sh", HANDLER.formatted(trace))),
                extension,
                "1.0.0",
                acme);
    }

    /** Asks for this version with these settings, whether or not an agent is there to hear it. */
    void want(PackageOffer offer, long sequence) throws IOException {
        want(offer, Presence.PRESENT, sequence, Terms.NONE);
    }

    void want(PackageOffer offer, Presence presence, long sequence, Terms terms) throws IOException {
        wares.want(NAME, offer, "{}");
        wares.put(new InstallationGoal(
                NAME,
                offer.extension(),
                offer.version(),
                offer.digest(),
                presence,
                sequence,
                List.of(),
                "{}",
                null,
                terms));
        wares.push();
    }

    /** From now on this call fails. */
    void failing(String call) throws IOException {
        Files.writeString(trace.resolve("fails"), call + "\n");
    }

    /** Enrols, so that whatever is killed later has an identity. */
    void enrol() throws Exception {
        victim.start().awaitConnected(gateway);
    }

    InstallationStatus until(InstallationState state) throws Exception {
        return until(NAME, status -> status.state() == state);
    }

    /** The newest status of the newest goal. */
    InstallationStatus until(String name, Predicate<InstallationStatus> wanted) throws Exception {
        @Nullable InstallationStatus found = Eventually.until(
                name + " gets there, see " + victim.console(),
                SOON,
                () -> gateway.last(name),
                status -> status != null && status.generation() == wares.generation() && wanted.test(status));
        if (found == null) {
            throw new AssertionError("nothing was told of " + name);
        }
        return found;
    }

    /** Starts an agent, holds it where it enters this method while such a step is written down as begun, and kills it there. */
    void killAt(StepTrap.Place place, Predicate<Step> step) throws Exception {
        try (StepTrap trap = new StepTrap(place, () -> underWay(step))) {
            victim.options(trap.option()).start();
            trap.awaitCaught();
            victim.killAgent();
        } finally {
            victim.options();
        }
    }

    /** Kills an agent in the midst of this call, and the next one after the call ended but before that is written down. */
    void killInTheMidst(String call, StepTrap.Place written, Predicate<Step> step) throws Exception {
        hold(call);
        victim.start();
        try (OutputStream gate = awaitHeld(call)) {
            victim.killAgent();
            String found = "Found " + call.substring(0, call.indexOf(' ')) + " of " + NAME + " again";
            int before = count(found);
            try (StepTrap trap = new StepTrap(written, () -> underWay(step))) {
                victim.options(trap.option()).start();
                Eventually.until(found, SOON, () -> count(found), now -> now > before);
                gate.close();
                trap.awaitCaught();
                victim.killAgent();
            } finally {
                victim.options();
            }
        }
    }

    /** Kills an agent in the midst of this call, which then ends while there is none. */
    void killAndLetItEndAlone(String call) throws Exception {
        hold(call);
        victim.start();
        try (OutputStream _ = awaitHeld(call)) {
            victim.killAgent();
        }
        Eventually.until("the end of " + call, SOON, () -> lines("ends"), ends -> ends.contains(call));
    }

    /** The next call of this kind, such as {@code enable 1.0.0}, waits in the pipe. */
    void hold(String call) throws IOException {
        Files.writeString(trace.resolve("held"), call + "\n");
    }

    /** Where a program reads that is to be held, and where programs note what they do. */
    Path trace(String file) {
        return trace.resolve(file);
    }

    /** Waits until somebody reads from the pipe, which goes on when this is closed: opening a pipe for writing waits for its reader. */
    OutputStream awaitHeld(String call) throws Exception {
        CompletableFuture<OutputStream> open = new CompletableFuture<>();
        Thread.ofPlatform().daemon().start(() -> {
            try {
                open.complete(new FileOutputStream(trace.resolve("gate").toFile()));
            } catch (IOException e) {
                open.completeExceptionally(e);
            }
        });
        try {
            return open.get(SOON.toSeconds(), TimeUnit.SECONDS);
        } catch (java.util.concurrent.TimeoutException e) {
            throw new AssertionError(call + " was never called, see " + victim.console(), e);
        }
    }

    /** How often the agents said this on their console. */
    int count(String text) throws IOException {
        return victim.log().split(text, -1).length - 1;
    }

    /** What the agent has written down, read from a copy. */
    List<Entry> journal() throws IOException {
        Path from = victim.root.resolve("var/lib/vmext/journal");
        Path copy = Files.createDirectories(folder.resolve("journal-" + copies++));
        try (Stream<Path> files = Files.list(from)) {
            for (Path file : files.toList()) {
                Files.copy(file, copy.resolve(file.getFileName()));
            }
        }
        try (FileJournal journal = new FileJournal(copy)) {
            return List.copyOf(journal.entries().values());
        }
    }

    private boolean underWay(Predicate<Step> step) throws IOException {
        return journal().stream().map(Entry::intent).anyMatch(intent -> intent != null && step.test(intent.step()));
    }

    List<String> lines(String file) throws IOException {
        try {
            return Files.readAllLines(trace.resolve(file));
        } catch (NoSuchFileException none) {
            return List.of();
        }
    }

    /** All that must be the same with and without kills: calls, the last status without its times, versions and files on the machine. */
    List<String> end() throws Exception {
        List<String> end = new ArrayList<>();
        lines("calls").forEach(call -> end.add("called " + call));
        InstallationStatus last = gateway.last(NAME);
        if (last != null) {
            Cause cause = last.cause();
            end.add("status " + last.state() + " " + last.version() + " seq=" + last.sequence() + " healthy="
                    + last.healthy() + " attempt=" + last.attempt() + " exit=" + last.exitCode() + " cause="
                    + (cause == null ? "none" : cause.kind() + " " + cause.step() + " " + cause.message()));
        }
        for (Entry entry : journal()) {
            end.add("intent " + entry.intent());
            for (Slot slot : Slot.values()) {
                entry.find(slot).ifPresent(deployed -> end.add(slot + " " + facts(deployed)));
            }
        }
        Path state = victim.root.resolve("var/lib/vmext");
        Set<String> files = new TreeSet<>();
        for (String part : List.of("handlers", "packages", "runs")) {
            if (Files.exists(state.resolve(part))) {
                try (Stream<Path> all = Files.walk(state.resolve(part))) {
                    files.addAll(
                            all.map(path -> state.relativize(path).toString()).collect(Collectors.toSet()));
                }
            }
        }
        files.stream().map(this::named).sorted().forEach(file -> end.add("file " + file));
        return end.stream().map(this::named).toList();
    }

    /** Without what differs between two machines: their folders, and packages, whose handlers know the folder. */
    private String named(String line) {
        String named = line.replace(folder.toString(), "FOLDER");
        for (PackageOffer offer : offers.values()) {
            named = named.replace(offer.digest().hex(), "package-" + offer.version());
        }
        return named;
    }

    private static String facts(Deployed deployed) {
        return deployed.version() + " installed=" + deployed.installed() + " enabled=" + deployed.enabled()
                + " settings=" + deployed.settingsSequence() + " enabledWith=" + deployed.enabledSequence();
    }

    @Override
    public void close() throws Exception {
        victim.close();
        gateway.close();
        for (String pid : lines("pids")) {
            // After a failure a handler may still wait in the pipe.
            ProcessHandle.of(Long.parseLong(pid))
                    .filter(handler -> handler.info().commandLine().orElse("").contains(folder.toString()))
                    .ifPresent(ProcessHandle::destroyForcibly);
        }
    }
}
