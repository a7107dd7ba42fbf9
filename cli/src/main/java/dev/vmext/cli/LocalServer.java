package dev.vmext.cli;

import com.fasterxml.jackson.core.JacksonException;
import dev.vmext.protocol.api.ServerStatus;
import dev.vmext.protocol.problem.ProblemCode;
import dev.vmext.protocol.problem.ProblemException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The control plane's process on this machine: started in the background in a session of its own, found again through {@code
 * VMEXT_HOME/run/server.json}, stopped with SIGTERM. One command at a time uses it.
 */
final class LocalServer {
    private static final Duration LOOK_EVERY = Duration.ofMillis(100);
    /** On a machine with much else to do a start takes its time; one that has ended is noticed at once. */
    private static final Duration START = Duration.ofMinutes(5);

    private static final Duration STOP = Duration.ofSeconds(30);
    private static final Pattern CODE = Pattern.compile("\\(([a-z-]+)\\)\\s*$");

    /** What the server writes about itself when both its ports answer. */
    record Running(long pid, String api, int gatewayPort, Instant started) {}

    private final Surroundings world;
    private final Path home;

    LocalServer(Surroundings world) {
        this.world = world;
        this.home = world.vmextHome();
    }

    Path tokenFile() {
        return home.resolve("admin.token");
    }

    /** The running server, empty when none runs; a run file that a killed server left behind does not count. */
    Optional<Running> find() {
        Path file = home.resolve("run/server.json");
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        try {
            Running running = Json.MAPPER.readValue(Files.readString(file), Running.class);
            boolean alive = ProcessHandle.of(running.pid())
                    .filter(ProcessHandle::isAlive)
                    .filter(LocalServer::isOurs)
                    .isPresent();
            return alive ? Optional.of(running) : Optional.empty();
        } catch (JacksonException e) {
            return Optional.empty(); // Half written by a server that died: as good as none.
        } catch (IOException e) {
            throw Json.unreadable(file, e);
        }
    }

    /** A pid that was given to another program since the server died must not be taken for it, still less be killed. */
    private static boolean isOurs(ProcessHandle process) {
        return process.info()
                .commandLine()
                .map(line -> line.contains("dev.vmext.server.Main"))
                .orElse(true);
    }

    ApiClient client(Running running) {
        try {
            return new ApiClient(running.api(), Files.readString(tokenFile()).strip());
        } catch (IOException e) {
            throw Json.unreadable(tokenFile(), e);
        }
    }

    /** Starts it and waits until its API answers. */
    Running start(Path dist, List<String> arguments) throws InterruptedException {
        Path log = home.resolve("log/server.out");
        Process process;
        long before;
        try {
            Files.createDirectories(log.getParent());
            before = Files.exists(log) ? Files.size(log) : 0;
            ProcessBuilder builder = new ProcessBuilder(commandLine(dist, arguments));
            builder.directory(home.toFile());
            builder.redirectErrorStream(true);
            builder.redirectInput(
                    ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()));
            builder.redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
            process = builder.start();
        } catch (IOException e) {
            throw new ProblemException(
                    ProblemCode.FILE_UNREADABLE,
                    "cannot start the control plane in " + home + ": " + e.getMessage(),
                    "Check the rights and free space of the folder, or choose another one with VMEXT_HOME.",
                    e);
        }
        Instant end = world.clock().instant().plus(START);
        while (world.clock().instant().isBefore(end)) {
            if (!process.isAlive()) {
                throw diedAtStart(log, before);
            }
            Optional<Running> running = find().filter(r -> r.pid() == process.pid());
            if (running.isPresent() && answers(running.get())) {
                return running.get();
            }
            world.pause().forDuration(LOOK_EVERY);
        }
        throw new ProblemException(
                ProblemCode.WAIT_TIMED_OUT,
                "cannot see the control plane answer within " + Ages.length(START),
                "Its log: " + log);
    }

    private boolean answers(Running running) throws InterruptedException {
        try (ApiClient client = client(running)) {
            client.get("/v1/status", ServerStatus.class);
            return true;
        } catch (ProblemException e) {
            if (e.code() == ProblemCode.SERVER_UNREACHABLE) {
                return false;
            }
            throw e;
        }
    }

    private List<String> commandLine(Path dist, List<String> arguments) {
        List<String> command = new ArrayList<>();
        command.add("setsid"); // A session of its own, so that closing this terminal does not end it.
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("-Xmx768m");
        command.add("-XX:+UseSerialGC");
        command.add("-XX:+UseCompactObjectHeaders");
        command.add("-XX:+ExitOnOutOfMemoryError");
        command.add("--enable-native-access=ALL-UNNAMED");
        command.add("-cp");
        command.add(dist.resolve("server/lib") + "/*");
        command.add("dev.vmext.server.Main");
        command.add("--home");
        command.add(home.toAbsolutePath().toString());
        command.add("--portal");
        command.add(dist.resolve("portal").toString());
        command.add("--agent");
        command.add(dist.resolve("agent").toString());
        command.addAll(arguments);
        return command;
    }

    /** What the server said before it gave up, as the failure of this command. */
    private ProblemException diedAtStart(Path log, long from) {
        String said = tail(log, from);
        Matcher code = CODE.matcher(said);
        ProblemCode known = code.find()
                ? ProblemCode.find(code.group(1)).orElse(ProblemCode.OPERATION_FAILED)
                : ProblemCode.OPERATION_FAILED;
        return new ProblemException(
                known, "cannot start the control plane; it said:\n" + said.strip(), "Its log: " + log);
    }

    private static String tail(Path log, long from) {
        try (RandomAccessFile file = new RandomAccessFile(log.toFile(), "r")) {
            long start = Math.max(from, file.length() - 4096);
            file.seek(start);
            byte[] bytes = new byte[(int) (file.length() - start)];
            file.readFully(bytes);
            return Table.cleanBlock(new String(bytes, StandardCharsets.UTF_8));
        } catch (IOException e) {
            return "(its output cannot be read: " + e.getMessage() + ")";
        }
    }

    /** Ends it in order; one that does not end is killed, which loses nothing that it had answered. */
    void stop(Running running) throws InterruptedException {
        Optional<ProcessHandle> process = ProcessHandle.of(running.pid());
        process.ifPresent(ProcessHandle::destroy);
        Instant end = world.clock().instant().plus(STOP);
        while (process.isPresent() && find().isPresent()) {
            if (!world.clock().instant().isBefore(end)) {
                process.get().destroyForcibly();
            }
            world.pause().forDuration(LOOK_EVERY);
        }
    }
}
