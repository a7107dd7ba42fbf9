package dev.vmext.agent;

import dev.vmext.agent.config.AgentConfig;
import dev.vmext.agent.config.MachineFactsReader;
import dev.vmext.agent.config.Places;
import dev.vmext.agent.contract.AzureContract;
import dev.vmext.agent.contract.KeptEvents;
import dev.vmext.agent.control.ControlSocket;
import dev.vmext.agent.doctor.Bundle;
import dev.vmext.agent.doctor.DiagnosisTopic;
import dev.vmext.agent.doctor.Doctor;
import dev.vmext.agent.exec.CommandRunner;
import dev.vmext.agent.exec.Commands;
import dev.vmext.agent.fetch.PackageStore;
import dev.vmext.agent.host.HostCare;
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
import dev.vmext.agent.link.LinkSources;
import dev.vmext.agent.link.ServerLink;
import dev.vmext.agent.log.AgentLog;
import dev.vmext.agent.log.LogTopic;
import dev.vmext.agent.process.LinuxProcesses;
import dev.vmext.agent.run.HealthWatch;
import dev.vmext.agent.run.Limits;
import dev.vmext.agent.run.LinuxProbes;
import dev.vmext.agent.run.StepRunner;
import dev.vmext.agent.seal.Pem;
import dev.vmext.agent.seal.Secrets;
import dev.vmext.agent.seal.SettingsKey;
import dev.vmext.agent.seal.SettingsKeyStore;
import dev.vmext.packageformat.PackageException;
import dev.vmext.protocol.goal.GoalOffer;
import dev.vmext.protocol.opamp.ApplyState;
import dev.vmext.protocol.status.InstallationStatus;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Puts the agent together, read from top to bottom; the only place besides Main that starts threads or looks at the environment. Threads:
 * this one runs the loop, one the link, one the control socket, and one virtual thread each step and each look.
 */
final class Wiring {
    private static final System.Logger LOG = System.getLogger(Wiring.class.getName());
    /** Of one command, while it runs. */
    private static final long MAX_OUTPUT = 1L << 20;

    /** What handlers and probes may see of the agent's own environment. */
    private static final List<String> ENVIRONMENT = List.of(
            "PATH",
            "HOME",
            "LANG",
            "LC_ALL",
            "TZ",
            "http_proxy",
            "https_proxy",
            "no_proxy",
            "HTTP_PROXY",
            "HTTPS_PROXY",
            "NO_PROXY");

    /** What the control socket is asked besides {@code status}, before the name of an installation. */
    static final String FORCE_REMOVE = "force-remove ";

    private static final Duration FIRST_TIDYING = Duration.ofMinutes(10);
    private static final Duration TIDYING = Duration.ofDays(1);
    private static final Duration GOODBYE = Duration.ofSeconds(2);
    private static final String DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    private final Places places;
    private final Secrets secrets;
    private final AgentLog log;
    private final SettingsKeyStore keys;
    private final PackageStore packages;
    private final ServerLink link;
    private final Commands commands;
    private final AgentLoop loop;
    private final JournalLock journalLock;
    private final Journal journal;
    private final Executor workers;
    private final AtomicBoolean keyAsked = new AtomicBoolean();
    private final Janitor janitor;
    /** A permit for each removal since the janitor was here. */
    private final Semaphore untidy = new Semaphore(0);

    /**
     * @param home the agent's own folder, with run-handler and runtime in it
     */
    Wiring(Places places, Path home, Secrets secrets, AgentLog log) throws IOException {
        this.places = places;
        this.secrets = secrets;
        this.log = log;
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
                new Heard(),
                new Machine(),
                new ServerLink.World(clock, Thread::sleep, random, Math.max(1, config.deadlineStretch())));
        this.packages = new PackageStore(places.packages(), places.trustFile(), link.download());
        this.keys = new SettingsKeyStore(places.identity(), places.certificates());
        keys.find().ifPresent(this::useKey);
        OwnersWord guard = new OwnersWord(packages, secrets);
        Map<String, String> environment = environment();
        Path java = home.resolve("runtime/bin/java");
        AzureContract contract = new AzureContract(
                environment,
                places.certificates(),
                Files.exists(java) ? java : null,
                clock,
                new KeptEvents(places.events(), secrets::redact));
        LinuxProcesses processes = new LinuxProcesses(home.resolve("run-handler"), MAX_OUTPUT, Thread::sleep);
        Limits limits = Limits.stretched(config.deadlineStretch());
        this.commands = new Commands(
                places.commands(),
                new CommandRunner(processes, environment, clock, workers),
                guard,
                secrets::mask,
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
        HostCare care = new LinuxHostCare(places, host, config.hosts());
        StepRunner runner = new StepRunner(places, packages, contract, processes, guard, limits, clock, care);
        HealthWatch.Maker watches =
                new HealthWatch.Maker(places, contract, new LinuxProbes(environment), guard, limits, clock);
        this.janitor = new Janitor(places, clock);
        this.journalLock = JournalLock.take(places.journal());
        this.journal = new FileJournal(places.journal());
        this.loop = new AgentLoop(
                journal,
                runner,
                watches,
                packages,
                new ToLink(),
                new AgentLoop.Ports(
                        clock,
                        processes.bootId(),
                        limits,
                        workers,
                        new AgentLoop.Host(
                                locks,
                                new LinuxRestarter(places.root(), environment),
                                config.parallel(),
                                config.mayRestart(),
                                System::nanoTime)));
    }

    /** What takes an installation away while no agent runs. The caller holds the journal's lock and closes the journal. */
    static OfflineRemoval offline(Places places, Path home, Secrets secrets, Journal journal, double stretch)
            throws IOException {
        InstantSource clock = InstantSource.system();
        PackageStore packages = new PackageStore(places.packages(), places.trustFile(), (path, into, size, atMost) -> {
            throw new IOException("nothing is fetched while no agent runs");
        });
        Path java = home.resolve("runtime/bin/java");
        AzureContract contract = new AzureContract(
                environment(),
                places.certificates(),
                Files.exists(java) ? java : null,
                clock,
                new KeptEvents(places.events(), secrets::redact));
        LinuxProcesses processes = new LinuxProcesses(home.resolve("run-handler"), MAX_OUTPUT, Thread::sleep);
        StepRunner runner = new StepRunner(
                places,
                packages,
                contract,
                processes,
                new OwnersWord(packages, secrets),
                Limits.stretched(stretch),
                clock);
        return new OfflineRemoval(journal, runner, clock, processes.bootId());
    }

    static Map<String, String> environment() {
        Map<String, String> seen = new HashMap<>();
        for (String name : ENVIRONMENT) {
            String value = System.getenv(name);
            if (value != null) {
                seen.put(name, value);
            }
        }
        seen.putIfAbsent("PATH", DEFAULT_PATH);
        seen.putIfAbsent("HOME", "/root");
        seen.putIfAbsent("LANG", "C.UTF-8");
        return seen;
    }

    /** Clears away what grows by itself: some time after the start, once a day, and after each removal. */
    private void tidy() {
        try {
            Duration pause = FIRST_TIDYING;
            while (true) {
                var _ = untidy.tryAcquire(pause.toSeconds(), TimeUnit.SECONDS);
                untidy.drainPermits();
                pause = TIDYING;
                CompletableFuture<Janitor.InUse> used = new CompletableFuture<>();
                loop.post(new AgentEvent.Tidying(used));
                try {
                    int cleared = janitor.tidy(used.get());
                    LOG.log(System.Logger.Level.DEBUG, "Cleared away {0} files and folders", cleared);
                } catch (IOException | RuntimeException e) {
                    LOG.log(System.Logger.Level.WARNING, "Cannot clear away, trying again later: " + e);
                }
            }
        } catch (InterruptedException | ExecutionException stopping) {
            Thread.currentThread().interrupt();
        }
    }

    /** Runs until the process is told to end. */
    void run() throws InterruptedException {
        Thread.ofVirtual().name("janitor").start(this::tidy);
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
            unlock();
            control.ifPresent(Wiring::close);
            ended.countDown();
        }
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
            return Optional.of(new ControlSocket(places.socket(), this::answer));
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

    private String answer(String question) {
        if (question.startsWith(FORCE_REMOVE)) {
            String name = question.substring(FORCE_REMOVE.length()).strip();
            return answered(answer -> new AgentEvent.RemovalForced(name, answer), "force-remove " + name);
        }
        if (!question.equals("status")) {
            return "cannot answer \"" + question + "\": the only question is status\n";
        }
        return answered(AgentEvent.Asked::new, "tell the status");
    }

    private String answered(Function<CompletableFuture<String>, AgentEvent> event, String what) {
        CompletableFuture<String> answer = new CompletableFuture<>();
        loop.post(event.apply(answer));
        try {
            return secrets.redact(answer.get(5, TimeUnit.SECONDS));
        } catch (TimeoutException e) {
            return "cannot " + what + ": the agent is busy; ask again\n";
        } catch (ExecutionException | InterruptedException e) {
            return "cannot " + what + ": the agent ends\n";
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

    private void useKey(SettingsKey key) {
        try {
            keys.place(key);
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "Cannot write the settings key for handlers: {0}", e.getMessage());
        }
        secrets.opensWith(key);
        link.settingsKey(Pem.write("CERTIFICATE", key.certificate()));
    }

    /** After the first connect, because it takes seconds on a slow machine and nobody needs it earlier. */
    private void makeKeyOnce() {
        if (keyAsked.getAndSet(true)) {
            return;
        }
        workers.execute(() -> {
            try {
                if (keys.find().isEmpty()) {
                    SettingsKey made = SettingsKey.generate(
                            new SecureRandom(), InstantSource.system().instant());
                    keys.keep(made);
                    LOG.log(System.Logger.Level.INFO, "Made the settings key {0}", made.thumbprint());
                    useKey(made);
                }
            } catch (IOException e) {
                keyAsked.set(false); // the next connection tries again
                LOG.log(System.Logger.Level.ERROR, "Cannot make the settings key: {0}", e.getMessage());
            }
        });
    }

    /** From link to loop. */
    private final class Heard implements LinkListener {
        @Override
        public void connected() {
            makeKeyOnce();
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
            untidy.release();
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

    /** What the link asks this machine. */
    private final class Machine implements LinkSources {
        @Override
        public Map<String, String> facts() {
            String mode;
            try {
                mode = packages.trust().mode().text();
            } catch (PackageException unreadable) {
                mode = "observe";
            }
            return MachineFactsReader.read(Main.version(), mode, System.getProperty("os.arch", ""));
        }

        @Override
        public Optional<String> token() {
            if (!Files.exists(places.enrolmentFile())) {
                return Optional.empty();
            }
            try {
                String token = AgentConfig.readToken(places.enrolmentFile());
                secrets.learnValue(token);
                return Optional.of(token);
            } catch (IOException | RuntimeException e) {
                LOG.log(System.Logger.Level.WARNING, "Cannot use the enrolment file: {0}", e.getMessage());
                return Optional.empty();
            }
        }

        @Override
        public void enrolled() {
            try {
                if (Files.deleteIfExists(places.enrolmentFile())) {
                    LOG.log(System.Logger.Level.INFO, "Enrolled; the token is deleted");
                }
            } catch (IOException e) {
                LOG.log(System.Logger.Level.WARNING, "Cannot delete the used enrolment token: {0}", e.getMessage());
            }
        }

        @Override
        public LogTail log(int bytes) {
            try {
                return new LogTail(log.tail(bytes), log.hasMoreThan(bytes));
            } catch (IOException e) {
                return new LogTail("cannot read the agent's log: " + e.getMessage(), false);
            }
        }
    }
}
