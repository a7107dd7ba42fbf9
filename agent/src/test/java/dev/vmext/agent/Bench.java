package dev.vmext.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmext.agent.config.Folders;
import dev.vmext.agent.config.Places;
import dev.vmext.agent.contract.AzureContract;
import dev.vmext.agent.contract.KeptEvents;
import dev.vmext.agent.fetch.PackageStore;
import dev.vmext.agent.host.testing.FakeForeignLocks;
import dev.vmext.agent.host.testing.FakeRestarter;
import dev.vmext.agent.journal.FileJournal;
import dev.vmext.agent.journal.Journal;
import dev.vmext.agent.process.LinuxProcesses;
import dev.vmext.agent.process.Processes;
import dev.vmext.agent.run.HealthWatch;
import dev.vmext.agent.run.Limits;
import dev.vmext.agent.run.LinuxProbes;
import dev.vmext.agent.run.StepRunner;
import dev.vmext.agent.seal.Secrets;
import dev.vmext.packageformat.manifest.HandlerCommand;
import dev.vmext.packageformat.testing.SamplePackage;
import dev.vmext.packageformat.testing.SamplePublisher;
import dev.vmext.packageformat.trust.TrustFile;
import dev.vmext.packageformat.trust.TrustMode;
import dev.vmext.protocol.Digest;
import dev.vmext.protocol.goal.GoalOffer;
import dev.vmext.protocol.goal.GoalState;
import dev.vmext.protocol.goal.GoalStateCodec;
import dev.vmext.protocol.goal.InstallationGoal;
import dev.vmext.protocol.goal.Order;
import dev.vmext.protocol.goal.PackageOffer;
import dev.vmext.protocol.goal.Presence;
import dev.vmext.protocol.goal.Terms;
import dev.vmext.protocol.status.InstallationState;
import dev.vmext.protocol.status.InstallationStatus;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A machine in a private root: the agent's loop stepped by the test, real processes, real packages, no server. Handlers note every call
 * in one file.
 */
final class Bench implements AutoCloseable {
    private static final Path RUN_HANDLER = Path.of("src/main/sh/run-handler").toAbsolutePath();
    /** Far more steps than any scenario needs; each waits for an event for a moment. */
    private static final int MAX_STEPS = 5_000;

    final Places places;
    final SamplePublisher publisher = new SamplePublisher("acme");
    final Path calls;
    final Map<String, List<InstallationStatus>> reported = new LinkedHashMap<>();
    final Map<Digest, Path> served = new LinkedHashMap<>();
    final FakeForeignLocks locks = new FakeForeignLocks();
    final FakeRestarter restarter = new FakeRestarter();
    final AtomicBoolean commandRuns = new AtomicBoolean();
    final List<GoalOffer> applied = new ArrayList<>();
    /** What looks told about metrics and probes, in order: {@code only}, {@code declared}, {@code probed}. */
    final NotedMonitoring monitoring = new NotedMonitoring();

    final List<@Nullable String> answers = new ArrayList<>();
    private final Path work;
    private final Map<String, PackageOffer> offers = new LinkedHashMap<>();
    private final List<InstallationGoal> wanted = new ArrayList<>();
    private ExecutorService workers = Executors.newVirtualThreadPerTaskExecutor();
    private long generation;
    private String boot;
    private AgentLoop loop;
    private Journal journal;

    Bench(Path temp) throws IOException {
        this.work = Files.createDirectories(temp.resolve("work"));
        this.calls = work.resolve("calls");
        Files.createFile(calls);
        this.places = new Places(temp.resolve("root"));
        Files.createDirectories(places.trustFile().resolveSibling(""));
        trust(TrustMode.FULL);
        this.boot = new LinuxProcesses(RUN_HANDLER, 1 << 20, Thread::sleep).bootId();
        this.journal = new FileJournal(places.journal());
        this.loop = wire();
        loop.recover();
    }

    void trust(TrustMode mode) {
        TrustFile.write(places.trustFile(), publisher.trusted(mode));
    }

    private AgentLoop wire() throws IOException {
        Map<String, String> environment = Map.of("PATH", "/usr/bin:/bin");
        InstantSource clock = InstantSource.system();
        PackageStore packages = new PackageStore(
                places.packages(),
                places.trustFile(),
                (path, into, size, atMost) ->
                        Files.copy(served.get(Digest.ofHex(path.substring(path.lastIndexOf('/') + 1))), into));
        Secrets secrets = new Secrets();
        OwnersWord guard = new OwnersWord(packages, secrets);
        AzureContract contract = new AzureContract(
                environment, places.certificates(), null, clock, new KeptEvents(places.events(), secrets::redact));
        Processes processes = new LinuxProcesses(RUN_HANDLER, 1 << 20, Thread::sleep);
        Limits limits = Limits.stretched(1);
        StepRunner runner = new StepRunner(places, packages, contract, processes, guard, limits, clock);
        HealthWatch.Maker watches =
                new HealthWatch.Maker(places, contract, new LinuxProbes(environment), guard, limits, clock, monitoring);
        return new AgentLoop(
                journal,
                runner,
                watches,
                packages,
                new Noted(),
                new AgentLoop.Ports(
                        clock,
                        boot,
                        limits,
                        workers,
                        new AgentLoop.Host(locks, restarter, 4, true, commandRuns::get, System::nanoTime)));
    }

    /** As after kill -9 of the agent: what it had in memory is gone, and its workers do nothing more; commands go on. */
    void restartAgent() throws IOException {
        // Two agents would write the same files at the same time.
        workers.shutdownNow();
        workers.close();
        workers = Executors.newVirtualThreadPerTaskExecutor();
        journal.close();
        journal = new FileJournal(places.journal());
        loop = wire();
        loop.recover();
    }

    /** As after a power cut between two commands. */
    void reboot() throws IOException {
        boot = boot + "x";
        restartAgent();
    }

    /** What a power cut takes that was never forced to the disk. */
    void loseRuns() throws IOException {
        Folders.delete(places.run("x").resolveSibling(""));
    }

    /** A handler that notes its calls and says success. */
    SamplePackage sample(String name, String version) {
        return new SamplePackage(name, version).file("bin/handler.sh", script(version, ""));
    }

    /** The same with more lines, which see $1 and may exit. */
    String script(String version, String more) {
        return """
                #!/bin/sh
                echo "%s $1 $ConfigSequenceNumber" >> %s
                cd "$AZURE_GUEST_AGENT_EXTENSION_PATH" || exit 51
                word=success
                %s
                if [ "$1" = enable ]; then
                  echo "$ConfigSequenceNumber" > mrseq
                  printf '[{"version": 1.0, "status": {"operation": "Enable", "status": "%%s", "code": 0, "formattedMessage": {"lang": "en-US", "message": "said by %s"}}}]' $word > status/x
                  mv status/x status/$ConfigSequenceNumber.status
                fi
                exit 0
                """.formatted(version, calls, more, version);
    }

    /** Puts a package into the goal's offers. */
    PackageOffer publish(SamplePackage sample, String name, String version) throws IOException {
        Path zip = sample.write(work.resolve(name + "-" + version + ".zip"));
        return offer(zip, name, version);
    }

    PackageOffer offer(Path zip, String name, String version) throws IOException {
        Digest digest = Digest.of(Files.readAllBytes(zip));
        served.put(digest, zip);
        PackageOffer offer = new PackageOffer(
                name,
                version,
                digest,
                Files.size(zip),
                "/v1/packages/sha256/" + digest.hex(),
                publisher.sign(zip).toJson());
        offers.put(name, offer);
        return offer;
    }

    void want(String name, PackageOffer offer, long sequence, String settings, String... after) {
        wanted.removeIf(goal -> goal.name().equals(name));
        wanted.add(new InstallationGoal(
                name,
                offer.extension(),
                offer.version(),
                offer.digest(),
                Presence.PRESENT,
                sequence,
                List.of(after),
                settings,
                null));
    }

    /** An operator's order, with the next goal. */
    void order(String name, long number, Order.Kind kind) {
        wanted.replaceAll(goal -> !goal.name().equals(name)
                ? goal
                : new InstallationGoal(
                        name,
                        goal.extension(),
                        goal.version(),
                        goal.packageDigest(),
                        goal.presence(),
                        goal.sequence(),
                        goal.after(),
                        goal.publicSettings(),
                        null,
                        new Terms(new Order(number, kind), Map.of(), List.of())));
        push();
    }

    /** What the machine's owner asks over the control socket. */
    CompletableFuture<String> forceRemove(String name) {
        CompletableFuture<String> answer = new CompletableFuture<>();
        loop.post(new AgentEvent.RemovalForced(name, answer));
        return answer;
    }

    /** As when the agent was stopped: nobody uses the journal. */
    void stopAgent() {
        journal.close();
    }

    void wantGone(String name) {
        InstallationGoal goal = wanted.stream()
                .filter(one -> one.name().equals(name))
                .findFirst()
                .orElseThrow();
        int at = wanted.indexOf(goal);
        wanted.set(
                at,
                new InstallationGoal(
                        name,
                        goal.extension(),
                        goal.version(),
                        goal.packageDigest(),
                        Presence.ABSENT,
                        goal.sequence(),
                        goal.after(),
                        goal.publicSettings(),
                        null));
    }

    /** The control plane pushes what is wanted now. */
    void push() {
        push(++generation);
    }

    void push(long number) {
        loop.post(new AgentEvent.GoalArrived(GoalStateCodec.encode(new GoalState(number, wanted, offers))));
    }

    InstallationStatus until(String name, InstallationState state) throws InterruptedException {
        return until(name, status -> status.state() == state && status.generation() == generation);
    }

    InstallationStatus until(String name, Predicate<InstallationStatus> expected) throws InterruptedException {
        for (int i = 0; i < MAX_STEPS; i++) {
            InstallationStatus last = last(name);
            if (last != null && expected.test(last)) {
                return last;
            }
            loop.step();
        }
        throw new AssertionError("never as expected: " + reported.get(name));
    }

    @Nullable InstallationStatus last(String name) {
        List<InstallationStatus> all = reported.getOrDefault(name, List.of());
        return all.isEmpty() ? null : all.getLast();
    }

    /** Until something has happened that no status tells. */
    void stepUntil(BooleanSupplier happened) {
        while (!happened.getAsBoolean()) {
            loop.stepNow();
            Thread.onSpinWait();
        }
    }

    void step() throws InterruptedException {
        loop.step();
    }

    List<String> calls() throws IOException {
        return Files.readAllLines(calls);
    }

    List<InstallationState> states(String name) {
        List<InstallationState> states = new ArrayList<>();
        for (InstallationStatus status : reported.getOrDefault(name, List.of())) {
            if (states.isEmpty() || states.getLast() != status.state()) {
                states.add(status.state());
            }
        }
        return states;
    }

    void assertNothingLeftOf(String name) {
        assertThat(places.installation(name)).doesNotExist();
    }

    static SamplePackage deadline(SamplePackage sample, HandlerCommand command, int seconds) {
        return sample.extension("deadlines", "{\"" + command.text() + "\": " + seconds + "}");
    }

    @Override
    public void close() {
        workers.shutdownNow();
        try {
            // What workers of an agent that was killed still write would be in the way of whoever deletes the folder.
            workers.awaitTermination(1, TimeUnit.MINUTES);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        journal.close();
    }

    private final class Noted implements Outbox {
        @Override
        public void report(InstallationStatus status) {
            reported.computeIfAbsent(status.name(), name -> new ArrayList<>()).add(status);
        }

        @Override
        public void forget(String installation) {
            reported.remove(installation);
        }

        @Override
        public void answer(GoalOffer offer, @Nullable String refusal) {
            answers.add(refusal);
        }

        @Override
        public void applied(GoalOffer offer) {
            applied.add(offer);
        }

        @Override
        public String describe() {
            return "bench";
        }
    }
}
