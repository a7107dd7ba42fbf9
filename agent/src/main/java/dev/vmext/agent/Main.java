package dev.vmext.agent;

import dev.vmext.agent.config.AgentConfig;
import dev.vmext.agent.config.Places;
import dev.vmext.agent.config.PrivateFile;
import dev.vmext.agent.control.ControlSocket;
import dev.vmext.agent.doctor.Bundle;
import dev.vmext.agent.doctor.Doctor;
import dev.vmext.agent.doctor.Finding;
import dev.vmext.agent.doctor.KnownSecrets;
import dev.vmext.agent.host.ForeignLocks;
import dev.vmext.agent.host.HostState;
import dev.vmext.agent.host.LinuxForeignLocks;
import dev.vmext.agent.host.LinuxHostState;
import dev.vmext.agent.link.ServerLink;
import dev.vmext.agent.log.AgentLog;
import dev.vmext.agent.run.Limits;
import dev.vmext.agent.seal.Secrets;
import dev.vmext.packageformat.PackageException;
import dev.vmext.packageformat.trust.TrustFile;
import dev.vmext.packageformat.trust.TrustPolicy;
import dev.vmext.protocol.Digest;
import dev.vmext.protocol.problem.ExitCode;
import dev.vmext.protocol.problem.ProblemCode;
import dev.vmext.protocol.problem.ProblemException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The agent's command line. Turns every expected failure into one line, a hint and an exit code. */
public final class Main {
    private static final String USAGE = """
            vmext-agent: the guest agent of vmext

              vmext-agent run                 runs the agent
              vmext-agent status              what the running agent is doing
              vmext-agent doctor              looks at everything an agent needs; exit code 1 when something fails
              vmext-agent bundle [FILE]       packs logs and findings, without secrets, for somebody else to look at
              vmext-agent force-remove NAME   takes an installation away, whatever its commands say, and keeps it away
              vmext-agent enroll --gateway HOST:PORT --ca sha256:HEX --trust FILE
                                              writes the configuration and enrols; the one-time token comes from
                                              VMEXT_TOKEN. Says what is wrong when the gateway does not let it in
              vmext-agent rehearse --package FILE --root DIR [--settings FILE] ...
                                              plays an extension's scenarios; see vmext extension test
              vmext-agent version

            --root DIR     use this folder as the root of all files, for tests
            --stretch N    enroll: multiply all deadlines, for slow machines
            """;

    private static final Duration FIRST_CONTACT = Duration.ofSeconds(30);

    private Main() {}

    /** The version of this build. */
    static String version() {
        String version = Main.class.getPackage().getImplementationVersion();
        return version == null ? "0" : version;
    }

    public static void main(String[] arguments) {
        int code = run(List.of(arguments));
        // Virtual threads and the link's threads are daemons; this names the code.
        System.exit(code);
    }

    private static int run(List<String> arguments) {
        try {
            if (!arguments.isEmpty() && arguments.getFirst().equals("rehearse")) {
                return rehearse(arguments.subList(1, arguments.size()));
            }
            return new Arguments(arguments).carryOut();
        } catch (ProblemException e) {
            return failed(e.detail(), e.hint(), e.code().exitCode());
        } catch (PackageException e) {
            return failed(e.detail(), e.hint(), ExitCode.USAGE);
        } catch (UncheckedIOException e) {
            return failed("cannot go on: " + Doctor.text(Objects.requireNonNull(e.getCause())), "", ExitCode.FAILED);
        } catch (AccessDeniedException e) {
            return failed("cannot go on: " + Doctor.text(e), "run it as root", ExitCode.REFUSED);
        } catch (IOException e) {
            return failed("cannot go on: " + Doctor.text(e), "", ExitCode.FAILED);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return ExitCode.FAILED.number();
        }
    }

    private static int rehearse(List<String> arguments) throws IOException, InterruptedException {
        Path home = Arguments.home();
        Path java = home.resolve("runtime/bin/java");
        PrivateMachine.Parts parts = new PrivateMachine.Parts(
                home.resolve("run-handler"),
                HandlerWiring.environment(),
                Files.exists(java) ? java : null,
                Limits.stretched(1),
                InstantSource.system(),
                new SecureRandom(),
                Thread::sleep);
        boolean good = new RehearseCommand(arguments).carryOut(parts, System.out);
        return good ? ExitCode.OK.number() : ExitCode.FAILED.number();
    }

    private static int failed(String detail, String hint, ExitCode code) {
        System.err.println("vmext-agent: " + detail);
        if (!hint.isEmpty()) {
            System.err.println("  " + hint);
        }
        return code.number();
    }

    private static final class Arguments {
        private final Deque<String> left;
        private final List<String> gateways = new ArrayList<>();
        private @Nullable String command;
        private @Nullable String name;
        private @Nullable String authority;
        private @Nullable String trust;
        private @Nullable String file;
        private String root = "/";
        private double stretch = 1;

        private Arguments(List<String> arguments) {
            this.left = new ArrayDeque<>(arguments);
        }

        private int carryOut() throws IOException, InterruptedException {
            while (!left.isEmpty()) {
                String word = left.removeFirst();
                switch (word) {
                    case "--root" -> root = value(word);
                    case "--gateway" -> gateways.add(value(word));
                    case "--ca" -> authority = value(word);
                    case "--trust" -> trust = value(word);
                    case "--stretch" -> stretch = number(word, value(word));
                    case "--help", "-h", "help" -> command = "help";
                    default -> {
                        if ("bundle".equals(command) && file == null && !word.startsWith("-")) {
                            file = word;
                            continue;
                        }
                        boolean takesName = "force-remove".equals(command) && name == null && !word.startsWith("-");
                        if (takesName) {
                            name = word;
                            continue;
                        }
                        if (command != null || word.startsWith("-")) {
                            throw usage("\"" + word + "\" is not understood");
                        }
                        command = word;
                    }
                }
            }
            Places places = new Places(Path.of(root));
            String chosen = command;
            switch (chosen) {
                case null -> {
                    System.err.print(USAGE);
                    return ExitCode.USAGE.number();
                }
                case "run" -> runAgent(places);
                case "status" -> status(places);
                case "doctor" -> {
                    return doctor(places);
                }
                case "bundle" -> bundle(places);
                case "enroll" -> enroll(places);
                case "force-remove" -> {
                    return forceRemove(places).number();
                }
                case "version" -> System.out.println(version());
                case "train" -> Training.run(home(), InstantSource.system(), Thread::sleep, new SecureRandom());
                case "help" -> System.out.print(USAGE);
                default -> throw usage("there is no command " + chosen);
            }
            return ExitCode.OK.number();
        }

        private String value(String option) {
            if (left.isEmpty()) {
                throw usage(option + " needs a value");
            }
            return left.removeFirst();
        }

        private static double number(String option, String value) {
            try {
                return Double.parseDouble(value);
            } catch (NumberFormatException e) {
                throw usage(option + " needs a number, not \"" + value + "\"");
            }
        }

        private static ProblemException usage(String why) {
            return new ProblemException(
                    ProblemCode.MALFORMED_REQUEST,
                    "cannot understand the command line: " + why,
                    "see vmext-agent --help");
        }

        private void runAgent(Places places) throws IOException, InterruptedException {
            Secrets secrets = new Secrets();
            AgentLog log = new AgentLog(places.log(), System.err, secrets::redact);
            log.takeOver();
            new Wiring(places, home(), secrets, log).run();
        }

        /** The folder of this build, as the launcher says; in a source tree the folder with the script. */
        private static Path home() {
            String home = System.getProperty("vmext.home");
            if (home == null) {
                throw usage("the property vmext.home is missing; start the agent with bin/vmext-agent");
            }
            return Path.of(home);
        }

        private void status(Places places) {
            try {
                System.out.print(ControlSocket.ask(places.socket(), "status"));
            } catch (IOException e) {
                throw new ProblemException(
                        ProblemCode.SERVER_UNREACHABLE,
                        "cannot ask the agent: nothing answers at " + places.socket() + " (" + e.getMessage() + ")",
                        "run it as root; look at systemctl status vmext-agent",
                        e);
            }
        }

        private static int doctor(Places places) {
            Secrets secrets = new Secrets();
            KnownSecrets.learn(places, secrets);
            List<Finding> findings = doctor(places, secrets).examine();
            System.out.print(Doctor.text(findings));
            return (Doctor.well(findings) ? ExitCode.OK : ExitCode.FAILED).number();
        }

        private static Doctor doctor(Places places, Secrets secrets) {
            ForeignLocks locks = new LinuxForeignLocks(places.root(), Path.of("/proc"), secrets::redact);
            HostState host = new LinuxHostState(
                    places.root(),
                    locks,
                    InstantSource.system(),
                    () -> Instant.EPOCH,
                    System.getProperty("os.arch", ""));
            boolean root = "root".equals(System.getProperty("user.name"));
            return new Doctor(places, InstantSource.system(), host, locks, root, secrets::redact);
        }

        private void bundle(Places places) throws IOException {
            Secrets secrets = new Secrets();
            KnownSecrets.learn(places, secrets);
            Instant now = InstantSource.system().instant();
            String chosen = file;
            Path target = chosen != null
                    ? Path.of(chosen)
                    : Path.of("vmext-bundle-"
                            + now.truncatedTo(ChronoUnit.SECONDS).toString().replace(":", "") + ".zip");
            Path folder = target.toAbsolutePath().getParent();
            if (folder == null || !Files.isDirectory(folder)) {
                throw usage("there is no folder " + folder + " to write the bundle into");
            }
            PrivateFile.refuseOther(target);
            Bundle made =
                    new Bundle(places, doctor(places, secrets), version(), secrets::redact, now, Bundle.MAX_BYTES);
            // For its owner only: what is in it is redacted, and still nobody's business.
            PrivateFile.write(target.toAbsolutePath(), made.toBytes());
            System.out.println("Wrote " + target + ", " + Files.size(target) / 1024 + " KiB."
                    + (Files.isReadable(places.journal())
                            ? ""
                            : " What only root can read is not in it: identity, journal, handlers."));
        }

        private ExitCode forceRemove(Places places) throws IOException, InterruptedException {
            String wanted = name;
            if (wanted == null || !wanted.matches("[A-Za-z0-9_-]{1,64}")) {
                throw usage("force-remove takes the name of one installation; vmext-agent status lists them");
            }
            if (Files.isDirectory(places.journal()) && !Files.isWritable(places.journal())) {
                throw new AccessDeniedException(places.journal().toString());
            }
            return new ForceRemove(places, home(), Thread::sleep, System.out).run(wanted);
        }

        private void enroll(Places places) throws IOException, InterruptedException {
            String token = System.getenv("VMEXT_TOKEN");
            if (token == null || token.isBlank()) {
                throw usage("enroll takes the token from the environment variable VMEXT_TOKEN, which is empty");
            }
            if (authority == null || trust == null) {
                throw usage("enroll needs --ca and --trust");
            }
            AgentConfig config = new AgentConfig(gateways, digest(Objects.requireNonNull(authority)), stretch);
            TrustPolicy policy = TrustFile.read(Path.of(Objects.requireNonNull(trust)));
            Files.createDirectories(places.agentFile().resolveSibling(""));
            TrustFile.write(places.trustFile(), policy);
            Files.write(places.agentFile(), config.toJson());
            PrivateFile.write(places.enrolmentFile(), AgentConfig.tokenFile(token));
            if (Files.exists(places.socket())) {
                System.out.println(
                        "Written. An agent runs already, it enrols when it is restarted: systemctl restart vmext-agent");
                return;
            }
            SecureRandom random = new SecureRandom();
            FirstContact first = new FirstContact(
                    places, config, new ServerLink.World(InstantSource.system(), Thread::sleep, random, stretch));
            Duration patience = Duration.ofMillis(Math.round(FIRST_CONTACT.toMillis() * stretch));
            switch (first.make(version(), policy.mode().text(), patience)) {
                case FirstContact.Result.Enrolled() ->
                    System.out.println("Enrolled with " + String.join(" ", gateways)
                            + ". Start the agent: systemctl restart vmext-agent, or vmext-agent run");
                case FirstContact.Result.Failed(String why, boolean lasting) -> {
                    if (lasting) {
                        throw new ProblemException(
                                ProblemCode.TOKEN_INVALID,
                                "cannot enrol: " + why,
                                "ask the control plane for a new enrolment line: vmext machine enroll-command");
                    }
                    System.out.println(
                            "Written, but not enrolled yet: " + why
                                    + "\nThe agent goes on trying when it runs: systemctl restart vmext-agent, or vmext-agent run");
                }
            }
        }

        private static Digest digest(String text) {
            try {
                return new Digest(text);
            } catch (IllegalArgumentException e) {
                throw usage("--ca: " + e.getMessage());
            }
        }
    }
}
