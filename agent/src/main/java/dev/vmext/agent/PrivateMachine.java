package dev.vmext.agent;

import dev.vmext.agent.config.Folders;
import dev.vmext.agent.config.Places;
import dev.vmext.agent.contract.AzureContract;
import dev.vmext.agent.contract.KeptEvents;
import dev.vmext.agent.fetch.PackageStore;
import dev.vmext.agent.journal.Entry;
import dev.vmext.agent.journal.FileJournal;
import dev.vmext.agent.journal.Journal;
import dev.vmext.agent.journal.Step;
import dev.vmext.agent.process.LinuxProcesses;
import dev.vmext.agent.process.Pause;
import dev.vmext.agent.process.Processes;
import dev.vmext.agent.run.HealthWatch;
import dev.vmext.agent.run.Limits;
import dev.vmext.agent.run.LinuxProbes;
import dev.vmext.agent.run.Monitoring;
import dev.vmext.agent.run.StepRunner;
import dev.vmext.agent.seal.EnvelopeWriter;
import dev.vmext.agent.seal.Secrets;
import dev.vmext.agent.seal.SettingsKey;
import dev.vmext.agent.seal.SettingsKeyStore;
import dev.vmext.packageformat.archive.ArchiveLimits;
import dev.vmext.packageformat.manifest.HandlerCommand;
import dev.vmext.packageformat.manifest.PackageIdentity;
import dev.vmext.packageformat.signing.PackageSigner;
import dev.vmext.packageformat.signing.SigningKey;
import dev.vmext.packageformat.trust.TrustFile;
import dev.vmext.packageformat.trust.TrustMode;
import dev.vmext.packageformat.trust.TrustPolicy;
import dev.vmext.protocol.Digest;
import dev.vmext.protocol.goal.GoalOffer;
import dev.vmext.protocol.goal.GoalState;
import dev.vmext.protocol.goal.GoalStateCodec;
import dev.vmext.protocol.goal.InstallationGoal;
import dev.vmext.protocol.goal.PackageOffer;
import dev.vmext.protocol.goal.Presence;
import dev.vmext.protocol.goal.ProtectedSettings;
import dev.vmext.protocol.goal.Terms;
import dev.vmext.protocol.status.InstallationStatus;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A machine in a private folder without a control plane: the agent's own loop, steps, journal and handler processes, with goals from
 * here. For rehearsals of extensions and for tests of the contract. Trusts one key that nobody else knows. Used by one thread, which
 * also runs the loop.
 */
public final class PrivateMachine implements AutoCloseable {
    private static final long MAX_OUTPUT = 1L << 20;

    private final Parts parts;
    private final Places places;
    private final SigningKey publisher;
    private ExecutorService workers = Executors.newVirtualThreadPerTaskExecutor();
    private final Map<Digest, Path> served = new LinkedHashMap<>();
    private final Map<String, PackageOffer> offers = new LinkedHashMap<>();
    private final Map<String, InstallationGoal> wanted = new LinkedHashMap<>();
    private final Map<String, List<InstallationStatus>> reported = new LinkedHashMap<>();
    private @Nullable SettingsKey settingsKey;
    private long generation;
    private String boot;
    private Journal journal;
    private AgentLoop loop;

    /**
     * What a private machine needs of the world.
     *
     * @param runHandler the shipped script
     * @param environment what handlers see besides the contract's variables
     * @param java for handlers that declare they need a runtime
     */
    public record Parts(
            Path runHandler,
            Map<String, String> environment,
            @Nullable Path java,
            Limits limits,
            InstantSource clock,
            SecureRandom random,
            Pause pause) {}

    /** Sets the machine up in a folder that exists. The publisher of {@code namespace} is trusted. */
    public PrivateMachine(Path root, String namespace, Parts parts) throws IOException {
        this.parts = parts;
        this.places = new Places(root);
        this.publisher = SigningKey.generate(parts.random());
        Files.createDirectories(places.trustFile().resolveSibling(""));
        TrustFile.write(places.trustFile(), TrustPolicy.of(TrustMode.FULL, namespace, publisher.publicKey()));
        Places.makePrivate(places.identity());
        this.boot = processes().bootId();
        this.journal = new FileJournal(places.journal());
        this.loop = wire();
        loop.recover();
    }

    private Processes processes() throws IOException {
        return new LinuxProcesses(parts.runHandler(), MAX_OUTPUT, parts.pause());
    }

    private AgentLoop wire() throws IOException {
        PackageStore packages = new PackageStore(
                places.packages(),
                places.trustFile(),
                (path, into, size, atMost) ->
                        Files.copy(served.get(Digest.ofHex(path.substring(path.lastIndexOf('/') + 1))), into));
        Secrets secrets = new Secrets();
        if (settingsKey != null) {
            secrets.opensWith(settingsKey);
        }
        OwnersWord guard = new OwnersWord(packages, secrets);
        AzureContract contract = new AzureContract(
                parts.environment(),
                places.certificates(),
                parts.java(),
                parts.clock(),
                new KeptEvents(places.events(), secrets::redact));
        StepRunner runner =
                new StepRunner(places, packages, contract, processes(), guard, parts.limits(), parts.clock());
        HealthWatch.Maker watches = new HealthWatch.Maker(
                places,
                contract,
                new LinuxProbes(parts.environment()),
                guard,
                parts.limits(),
                parts.clock(),
                Monitoring.NONE);
        return new AgentLoop(
                journal,
                runner,
                watches,
                packages,
                new Noted(),
                new AgentLoop.Ports(parts.clock(), boot, parts.limits(), workers));
    }

    public Places places() {
        return places;
    }

    /** Signs a package with the trusted key; from now on it is the one of its extension. */
    public PackageOffer offer(Path zip, PackageIdentity identity) throws IOException {
        Digest digest = Digest.of(Files.readAllBytes(zip));
        served.put(digest, zip);
        PackageOffer offer = new PackageOffer(
                identity.name().text(),
                identity.version().text(),
                digest,
                Files.size(zip),
                "/v1/packages/sha256/" + digest.hex(),
                new PackageSigner(ArchiveLimits.standard())
                        .sign(zip, identity, publisher)
                        .toJson());
        offers.put(offer.extension(), offer);
        return offer;
    }

    /** Seals settings for this machine, whose key is made when it is first needed. */
    public ProtectedSettings seal(String json) throws IOException {
        SettingsKey key = settingsKey;
        if (key == null) {
            key = SettingsKey.generate(parts.random(), parts.clock().instant());
            new SettingsKeyStore(places.identity(), places.certificates()).keep(key);
            settingsKey = key;
            restartAgent();
        }
        return EnvelopeWriter.seal(json, key, parts.random());
    }

    /** What the next goal has of this installation. */
    public void want(
            String name, PackageOffer offer, long sequence, String settings, @Nullable ProtectedSettings secret) {
        want(name, offer, sequence, settings, secret, List.of(), Terms.NONE);
    }

    public void want(
            String name,
            PackageOffer offer,
            long sequence,
            String settings,
            @Nullable ProtectedSettings secret,
            List<String> after,
            Terms terms) {
        wanted.put(
                name,
                new InstallationGoal(
                        name,
                        offer.extension(),
                        offer.version(),
                        offer.digest(),
                        Presence.PRESENT,
                        sequence,
                        after,
                        settings,
                        secret,
                        terms));
    }

    /** The next goal asks for the removal of this installation. */
    public void wantGone(String name) {
        wanted.computeIfPresent(
                name,
                (same, goal) -> new InstallationGoal(
                        name,
                        goal.extension(),
                        goal.version(),
                        goal.packageDigest(),
                        Presence.ABSENT,
                        goal.sequence(),
                        goal.after(),
                        goal.publicSettings(),
                        null,
                        goal.terms()));
    }

    /** The next goal does not name this installation any more. */
    public void leaveOut(String name) {
        wanted.remove(name);
    }

    /** The agent is given what is wanted now; answers with the goal's generation. */
    public long push() {
        generation++;
        loop.post(new AgentEvent.GoalArrived(
                GoalStateCodec.encode(new GoalState(generation, List.copyOf(wanted.values()), offers))));
        return generation;
    }

    /** Runs the agent until the newest status of this generation is as expected. */
    public InstallationStatus until(String name, Predicate<InstallationStatus> expected, Duration atMost)
            throws InterruptedException {
        InstallationStatus found = runUntil(
                () -> Optional.ofNullable(last(name))
                        .filter(status -> status.generation() == generation)
                        .filter(expected)
                        .orElse(null),
                atMost);
        if (found == null) {
            throw new IllegalStateException("installation " + name + " did not get there within " + atMost.toSeconds()
                    + " s; its last status: " + last(name));
        }
        return found;
    }

    /** Runs the agent until it has begun this command; the handler may not have started yet. */
    public void untilBegun(String name, HandlerCommand command, Duration atMost) throws InterruptedException {
        Boolean begun = runUntil(() -> underWay(name) == command ? Boolean.TRUE : null, atMost);
        if (begun == null) {
            throw new IllegalStateException("installation " + name + " did not begin " + command.text() + " within "
                    + atMost.toSeconds() + " s; its last status: " + last(name));
        }
    }

    /** Runs the agent for one event, or until something is due. */
    public void step() throws InterruptedException {
        loop.step();
    }

    private interface Question<T> {
        @Nullable T ask();
    }

    private <T> @Nullable T runUntil(Question<T> question, Duration atMost) throws InterruptedException {
        Instant late = parts.clock().instant().plus(atMost);
        while (true) {
            T answer = question.ask();
            if (answer != null || !parts.clock().instant().isBefore(late)) {
                return answer;
            }
            loop.step();
        }
    }

    /** The command that was begun and has not ended, for this installation. */
    public @Nullable HandlerCommand underWay(String name) {
        Entry entry = journal.entries().get(name);
        return entry != null && entry.intent() != null && entry.intent().step() instanceof Step.Run run
                ? run.command()
                : null;
    }

    /** The newest status that was reported. */
    public @Nullable InstallationStatus last(String name) {
        List<InstallationStatus> all = reported.getOrDefault(name, List.of());
        return all.isEmpty() ? null : all.getLast();
    }

    /** Everything that was reported of this installation, oldest first. */
    public List<InstallationStatus> history(String name) {
        return List.copyOf(reported.getOrDefault(name, List.of()));
    }

    /** As after kill -9 of the agent: what it had in memory is gone, and its handlers run on. */
    public void restartAgent() throws IOException {
        // Killed, it would do nothing more. Two agents would write the same files at the same time.
        workers.shutdownNow();
        workers.close();
        workers = Executors.newVirtualThreadPerTaskExecutor();
        journal.close();
        journal = new FileJournal(places.journal());
        loop = wire();
        loop.recover();
    }

    /** As after a restart of the machine between two commands. */
    public void reboot() throws IOException {
        boot = boot + "x";
        restartAgent();
    }

    /** As after a power cut: nothing runs any more, and what commands wrote about themselves never reached the disk. */
    public void powerCut() throws IOException, InterruptedException {
        killHandlers();
        Folders.delete(places.run("x").resolveSibling(""));
        reboot();
    }

    /** Whether nothing of this installation is on the machine. */
    public boolean isGone(String name) {
        return !Files.exists(places.installation(name));
    }

    /** Ends everything that runs, handlers included. The folder stays. */
    @Override
    public void close() throws IOException {
        workers.shutdownNow();
        journal.close();
        try {
            killHandlers();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void killHandlers() throws IOException, InterruptedException {
        Path runs = places.run("x").resolveSibling("");
        if (Files.isDirectory(runs)) {
            try (DirectoryStream<Path> left = Files.newDirectoryStream(runs)) {
                for (Path run : left) {
                    processes().attach(run).kill();
                }
            }
        }
    }

    private final class Noted implements Outbox {
        @Override
        public void report(InstallationStatus status) {
            reported.computeIfAbsent(status.name(), name -> new ArrayList<>()).add(status);
        }

        @Override
        public void forget(String installation) {
            // The history stays, for whoever asks how it came to that.
        }

        @Override
        public void answer(GoalOffer offer, @Nullable String refusal) {
            if (refusal != null) {
                throw new IllegalStateException("the agent refused a goal: " + refusal);
            }
        }

        @Override
        public void applied(GoalOffer offer) {
            // statuses say it
        }

        @Override
        public String describe() {
            return "no control plane: a private machine";
        }
    }
}
