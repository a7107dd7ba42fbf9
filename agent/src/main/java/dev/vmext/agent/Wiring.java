package dev.vmext.agent;

import dev.vmext.agent.config.AgentConfig;
import dev.vmext.agent.config.MachineFactsReader;
import dev.vmext.agent.config.Places;
import dev.vmext.agent.control.ControlSocket;
import dev.vmext.agent.doctor.Bundle;
import dev.vmext.agent.doctor.DiagnosisTopic;
import dev.vmext.agent.doctor.Doctor;
import dev.vmext.agent.exec.CommandRunner;
import dev.vmext.agent.exec.Commands;
import dev.vmext.agent.fetch.PackageStore;
import dev.vmext.agent.finding.FindingPickup;
import dev.vmext.agent.finding.Findings;
import dev.vmext.agent.freeze.FreezeTopic;
import dev.vmext.agent.freeze.FrozenFileSystems;
import dev.vmext.agent.freeze.Stillness;
import dev.vmext.agent.host.HostState;
import dev.vmext.agent.host.Janitor;
import dev.vmext.agent.host.KnownTime;
import dev.vmext.agent.host.LinuxForeignLocks;
import dev.vmext.agent.host.LinuxHostCare;
import dev.vmext.agent.host.LinuxHostState;
import dev.vmext.agent.host.LinuxRestarter;
import dev.vmext.agent.journal.FileJournal;
import dev.vmext.agent.journal.Journal;
import dev.vmext.agent.journal.JournalLock;
import dev.vmext.agent.link.LinkListener;
import dev.vmext.agent.link.ServerLink;
import dev.vmext.agent.log.AgentLog;
import dev.vmext.agent.log.LogTopic;
import dev.vmext.agent.metrics.Monitors;
import dev.vmext.agent.run.Limits;
import dev.vmext.agent.run.LinuxProbes;
import dev.vmext.agent.seal.Secrets;
import dev.vmext.agent.seal.SettingsKeyStore;
import dev.vmext.protocol.goal.GoalOffer;
import dev.vmext.protocol.opamp.ApplyState;
import dev.vmext.protocol.status.InstallationStatus;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Puts the agent together, read from top to bottom; the only place besides Main that starts threads. Threads:
 * this one runs the loop, one the link, one the control socket, and one virtual thread each step and each look. {@link Monitors} starts
 * virtual threads of its own for what installations declare.
 */
final class Wiring {
    private static final System.Logger LOG = System.getLogger(Wiring.class.getName());
    private static final Duration GOODBYE = Duration.ofSeconds(2);
    private static final Duration FULL_DISK = Duration.ofSeconds(5);

    private final Places places;
    private final Secrets secrets;
    private final OwnSettingsKey settingsKey;
    private final ServerLink link;
    private final Commands commands;
    private final AgentLoop loop;
    private final JournalLock journalLock;
    private final Journal journal;
    private final Executor workers;
    private final Tidying tidying;
    private final Janitor janitor;
    private final FindingPickup pickup;
    private final Monitors monitors;

    /**
     * @param home the agent's own folder, with run-handler and runtime in it
     */
    Wiring(Places places, Path home, Secrets secrets, AgentLog log) throws IOException {
        this.places = places;
        this.secrets = secrets;
        AgentConfig config = AgentConfig.read(places.agentFile());
        LOG.log(
                System.Logger.Level.INFO,
                "Agent {0}, gateways {1}, authority {2}, deadlines times {3}, root {4}",
                Main.version(),
                String.join(" ", config.gateways()),
                config.caDigest(),
                config.deadlineStretch(),
                places.root());
        InstantSource clock = InstantSource.system();
        SecureRandom random = new SecureRandom();
        Places.makePrivate(places.identity());
        Places.makePrivate(places.journal());
        this.workers = Executors.newVirtualThreadPerTaskExecutor();
        this.link = new ServerLink(
                config.gateways(),
                config.caDigest(),
                places.identity(),
                places.handlers(),
                new Heard(),
                new ThisMachine(places, secrets, log, config.deadlineStretch()),
                new ServerLink.World(clock, Thread::sleep, random, Math.max(1, config.deadlineStretch())));
        PackageStore packages = new PackageStore(places.packages(), places.trustFile(), link.download());
        this.settingsKey = new OwnSettingsKey(
                new SettingsKeyStore(places.identity(), places.certificates()),
                secrets,
                link::settingsKey,
                workers,
                random,
                clock);
        settingsKey.useIfMade();
        OwnersWord guard = new OwnersWord(packages, secrets);
        Map<String, String> environment = HandlerWiring.environment();
        this.journalLock = JournalLock.take(places.journal());
        Findings findings = new Findings(
                places.findings(), places.handlers(), secrets::redact, clock, () -> mark(random), link::wake);
        link.add(findings.topic());
        HandlerWiring handlers = new HandlerWiring(places, home, secrets, clock, findings);
        this.pickup =
                findings.pickup(handlers::collectEvents, places.handlerLogs("x").resolveSibling(""), Thread::sleep);
        Limits limits = Limits.stretched(config.deadlineStretch());
        this.commands = new Commands(
                places.commands(),
                new CommandRunner(handlers.processes(), environment, clock, System::nanoTime, workers),
                guard,
                secrets,
                link::wake);
        link.add(commands);
        link.add(new LogTopic(places, secrets::redact, clock));
        LinuxForeignLocks locks = new LinuxForeignLocks(places.root(), Path.of("/proc"), secrets::redact);
        HostState host = new LinuxHostState(
                places.root(),
                locks,
                clock,
                new KnownTime(places.identity().resolve("current.pem")),
                System.getProperty("os.arch", ""));
        Doctor doctor =
                new Doctor(places, clock, host, locks, "root".equals(System.getProperty("user.name")), secrets::redact);
        link.add(new DiagnosisTopic(
                kind -> switch (kind) {
                    case DOCTOR -> Doctor.text(doctor.examine()).getBytes(StandardCharsets.UTF_8);
                    case BUNDLE ->
                        new Bundle(
                                        places,
                                        doctor,
                                        Main.version(),
                                        secrets::redact,
                                        clock.instant(),
                                        Bundle.MAX_BYTES_OVER_LINK)
                                .toBytes();
                },
                workers,
                link::wake));
        Stillness stillness = new FrozenFileSystems(
                home.resolve("freeze-machine"),
                places.socket().resolveSibling("freeze"),
                places.agentFile().resolveSibling("freeze.d"),
                Path.of("/proc/self/mountinfo"),
                Thread::sleep);
        workers.execute(() -> letGo(stillness));
        link.add(new FreezeTopic(
                stillness,
                () -> ModeInForce.of(packages::trust).mode().allowsChanges()
                        ? ""
                        : "the owner of this machine lets nothing be changed on it (trust mode observe)",
                workers,
                link::wake));
        this.janitor = new Janitor(places, clock);
        this.journal = new FileJournal(places.journal(), this::makeRoom);
        this.monitors = new Monitors(
                places.metrics(),
                new Monitors.World(
                        link.uplink(),
                        new LinuxProbes(environment),
                        findings,
                        clock,
                        Thread::sleep,
                        random,
                        MachineFactsReader.read(Main.version(), "", "").getOrDefault("machineId", ""),
                        config.deadlineStretch()));
        this.loop = new AgentLoop(
                journal,
                handlers.runner(
                        packages, guard, limits, new LinuxHostCare(places, host, config.hosts()), link.access()),
                handlers.watches(guard, limits, monitors),
                packages,
                new ToLink(),
                new AgentLoop.Ports(
                        clock,
                        handlers.processes().bootId(),
                        limits,
                        workers,
                        new AgentLoop.Host(
                                locks,
                                new LinuxRestarter(places.root(), environment),
                                config.parallel(),
                                config.mayRestart(),
                                commands::anyRuns,
                                System::nanoTime)));
        this.tidying = new Tidying(janitor, loop::post);
    }

    /** The loop cannot write: what is cleared away once a day anyway is cleared away now. */
    private void makeRoom() throws InterruptedException {
        try {
            janitor.tidy(loop.inUse());
        } catch (IOException | RuntimeException e) {
            LOG.log(System.Logger.Level.WARNING, "Cannot clear away: " + e);
        }
        Thread.sleep(FULL_DISK);
    }

    /** Runs until the process is told to end. */
    void run() throws InterruptedException {
        Thread.ofVirtual().name("janitor").start(tidying);
        Thread.ofVirtual().name("findings").start(pickup);
        Optional<ControlSocket> control = openControl();
        control.ifPresent(socket -> Thread.ofPlatform().daemon().name("control").start(socket::run));
        Thread linkThread = Thread.ofPlatform().daemon().name("link").start(this::runLink);
        CountDownLatch ended = new CountDownLatch(1);
        Thread hook = new Thread(() -> {
            stop();
            try {
                // Commands of handlers go on; only the goodbye takes a moment.
                linkThread.join(GOODBYE);
                var _ = ended.await(GOODBYE.toMillis(), TimeUnit.MILLISECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        Runtime.getRuntime().addShutdownHook(hook);
        try {
            loop.run();
        } finally {
            journal.close();
            monitors.flush();
            unlock();
            control.ifPresent(Wiring::close);
            ended.countDown();
        }
    }

    /** What an agent before this one left frozen. */
    private static void letGo(Stillness stillness) {
        try {
            stillness.releaseAll();
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "Cannot let go of frozen file systems; their watchdog does: " + e);
        }
    }

    private static String mark(SecureRandom random) {
        byte[] bytes = new byte[8];
        random.nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }

    private void unlock() {
        try {
            journalLock.close();
        } catch (IOException e) {
            LOG.log(System.Logger.Level.DEBUG, "Releasing the journal failed, ignoring", e);
        }
    }

    /** Ends {@link #run} soon. */
    void stop() {
        loop.post(new AgentEvent.Stop());
        link.stop();
    }

    private Optional<ControlSocket> openControl() {
        try {
            return Optional.of(new ControlSocket(places.socket(), new ControlAnswers(loop::post, secrets), workers));
        } catch (IOException | RuntimeException e) {
            LOG.log(System.Logger.Level.WARNING, "No control socket, going on without: {0}", e.getMessage());
            return Optional.empty();
        }
    }

    private static void close(ControlSocket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            LOG.log(System.Logger.Level.DEBUG, "Closing the control socket failed, ignoring", e);
        }
    }

    private void runLink() {
        try {
            commands.recover();
        } catch (IOException e) {
            LOG.log(
                    System.Logger.Level.ERROR,
                    "Cannot read the commands in {0}: {1}",
                    places.commands(),
                    e.getMessage());
        }
        try {
            link.run();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** From link to loop. */
    private final class Heard implements LinkListener {
        @Override
        public void connected() {
            settingsKey.makeOnce();
            monitors.connected();
        }

        @Override
        public void metricsOffered(boolean taken) {
            monitors.offered(taken);
        }

        @Override
        public void goal(GoalOffer offer) {
            loop.post(new AgentEvent.GoalArrived(offer));
        }

        @Override
        public void statusesWanted() {
            loop.post(new AgentEvent.StatusesWanted());
        }
    }

    /** From loop to link. */
    private final class ToLink implements Outbox {
        @Override
        public void report(InstallationStatus status) {
            link.report(status);
        }

        @Override
        public void forget(String installation) {
            link.forget(installation);
            tidying.soon();
        }

        @Override
        public void answer(GoalOffer offer, @Nullable String refusal) {
            link.goalStatus(
                    offer, refusal == null ? ApplyState.APPLYING : ApplyState.FAILED, refusal == null ? "" : refusal);
        }

        @Override
        public void applied(GoalOffer offer) {
            link.goalStatus(offer, ApplyState.APPLIED, "");
        }

        @Override
        public String describe() {
            return link.describe();
        }
    }
}
