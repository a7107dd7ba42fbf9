package dev.vmext.agent.exec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.vmext.agent.config.Folders;
import dev.vmext.agent.link.Topic;
import dev.vmext.agent.process.LinuxProcesses;
import dev.vmext.agent.seal.Secrets;
import dev.vmext.protocol.CustomCapability;
import dev.vmext.protocol.exec.CommandExit;
import dev.vmext.protocol.exec.CommandMark;
import dev.vmext.protocol.exec.CommandOutput;
import dev.vmext.protocol.exec.CommandPosition;
import dev.vmext.protocol.exec.CommandStart;
import dev.vmext.protocol.exec.CommandState;
import dev.vmext.protocol.exec.CommandStream;
import dev.vmext.protocol.status.Cause;
import dev.vmext.protocol.status.CauseClass;
import dev.vmext.testkit.ManualClock;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Real processes, a real disk; the control plane's part is played by the test. */
class CommandsTest {
    private static final long LOTS = 4 << 20;

    private final ManualClock clock = ManualClock.atNewYear();
    private final AtomicLong nanos = new AtomicLong();
    private final Secrets secrets = new Secrets();
    private final Semaphore news = new Semaphore(0);
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private final List<String> heard = new ArrayList<>();
    private boolean acknowledge = true;
    private Optional<Cause> refusal = Optional.empty();
    private @Nullable CommandExit exit;
    private Path temp;
    private ExecutorService workers;
    private Commands commands;

    @BeforeEach
    void begin() throws Exception {
        // Not JUnit's folder: other users may not enter that one.
        temp = Files.createTempDirectory(
                "vmext-exec", PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
        startAgent();
    }

    @AfterEach
    void end() throws Exception {
        workers.shutdownNow();
        Folders.delete(temp);
    }

    private void startAgent() throws IOException {
        workers = Executors.newVirtualThreadPerTaskExecutor();
        commands = new Commands(
                temp.resolve("exec"),
                new CommandRunner(
                        new LinuxProcesses(Path.of("src/main/sh/run-handler").toAbsolutePath(), 4096, Thread::sleep),
                        Map.of("PATH", "/usr/sbin:/usr/bin:/sbin:/bin"),
                        clock,
                        nanos::get,
                        workers),
                () -> refusal,
                secrets,
                news::release);
        commands.recover();
        commands.connected();
    }

    /** As a kill -9 of the agent: its threads are gone, processes go on. */
    private void restartAgent() throws Exception {
        workers.shutdownNow();
        assertThat(workers.awaitTermination(20, TimeUnit.SECONDS)).isTrue();
        startAgent();
    }

    private void start(String script, long maxOutput, @Nullable String user) {
        commands.heard(
                CustomCapability.EXEC_START,
                new CommandStart(
                                "c1",
                                script,
                                "/bin/sh",
                                user,
                                "/",
                                Duration.ofMinutes(10),
                                Duration.ofMinutes(5),
                                maxOutput)
                        .encode());
    }

    private void start(String script) {
        start(script, LOTS, null);
    }

    private void cancel() {
        commands.heard(CustomCapability.EXEC_CANCEL, new CommandMark("c1").encode());
    }

    private ByteArrayOutputStream of(CommandStream stream) {
        return stream == CommandStream.OUT ? out : err;
    }

    private void acknowledge(boolean ended) {
        commands.heard(CustomCapability.EXEC_ACK, new CommandPosition("c1", out.size(), err.size(), ended).encode());
    }

    /** Takes all messages there are now. */
    private void take() {
        for (Optional<Topic.Said> next = commands.next(); next.isPresent(); next = commands.next()) {
            byte[] data = next.get().data().toArray();
            heard.add(next.get().type());
            switch (next.get().type()) {
                case CustomCapability.EXEC_OUTPUT -> {
                    CommandOutput piece = CommandOutput.decode(data);
                    ByteArrayOutputStream to = of(piece.stream());
                    if (piece.offset() <= to.size()) {
                        byte[] all = piece.data().toArray();
                        int fresh = (int) (to.size() - piece.offset());
                        if (fresh < all.length) {
                            to.write(all, fresh, all.length - fresh);
                        }
                    }
                    if (acknowledge) {
                        acknowledge(false);
                    }
                }
                case CustomCapability.EXEC_EXIT -> exit = CommandExit.decode(data);
                default -> assertThat(next.get().type()).isEqualTo(CustomCapability.EXEC_ACCEPTED);
            }
        }
    }

    private void until(BooleanSupplier reached) throws InterruptedException {
        take();
        while (!reached.getAsBoolean()) {
            assertThat(news.tryAcquire(30, TimeUnit.SECONDS))
                    .as("heard %s", heard)
                    .isTrue();
            take();
        }
    }

    private CommandExit untilEnd() throws InterruptedException {
        until(() -> exit != null);
        return Objects.requireNonNull(exit);
    }

    private Path script(String name) {
        return temp.resolve("exec/c1").resolve(name);
    }

    @Test
    void tellsItIsAcceptedThenWhatItWritesThenHowItEnded() throws Exception {
        start("echo one; echo two >&2; exit 3");
        assertThat(script("record.json")).exists();
        CommandExit end = untilEnd();
        assertThat(heard.getFirst()).isEqualTo(CustomCapability.EXEC_ACCEPTED);
        assertThat(heard.getLast()).isEqualTo(CustomCapability.EXEC_EXIT);
        assertThat(out).hasToString("one\n");
        assertThat(err).hasToString("two\n");
        assertThat(end.state()).isEqualTo(CommandState.EXITED);
        assertThat(end.code()).isEqualTo(3);
    }

    @Test
    void runsOnceHoweverOftenItIsSent() throws Exception {
        String script = "echo x >> " + temp.resolve("traces");
        start(script);
        start(script);
        untilEnd();
        start(script);
        take();
        acknowledge(true);
        assertThat(script("out")).doesNotExist();
        assertThat(commands.busy()).isFalse();
        exit = null;
        start(script);
        assertThat(untilEnd().state()).isEqualTo(CommandState.EXITED);
        restartAgent();
        exit = null;
        start(script);
        assertThat(untilEnd().code()).isZero();
        assertThat(Files.readString(temp.resolve("traces"))).isEqualTo("x\n");
    }

    @Test
    void sendsNoMoreThanTheWindowUntilItIsAcknowledged() throws Exception {
        acknowledge = false;
        start("head -c 700000 /dev/zero");
        until(() -> out.size() >= CommandOutput.WINDOW);
        take();
        assertThat(out.size()).isEqualTo(CommandOutput.WINDOW);
        acknowledge = true;
        acknowledge(false);
        assertThat(untilEnd().out()).isEqualTo(700_000);
        assertThat(out.size()).isEqualTo(700_000);
        assertThat(untilEnd().truncated()).isFalse();
    }

    @Test
    void keepsTheBeginningOfTooMuchOutputAndSaysSo() throws Exception {
        start("echo begin; head -c 5000000 /dev/zero; echo end", 100_000, null);
        CommandExit end = untilEnd();
        assertThat(end.truncated()).isTrue();
        assertThat(end.out()).isEqualTo(100_000);
        assertThat(out.toString(StandardCharsets.UTF_8)).startsWith("begin");
        assertThat(end.code()).isZero();
    }

    @Test
    void cancelEndsEverythingItStarted() throws Exception {
        start("sleep 1000 & echo $! > " + temp.resolve("child") + "; echo ready; wait");
        until(() -> out.size() > 0);
        long child = Long.parseLong(Files.readString(temp.resolve("child")).strip());
        cancel();
        assertThat(untilEnd().state()).isEqualTo(CommandState.CANCELLED);
        assertThat(runs(child)).isFalse();
    }

    /** One that nobody has waited for yet is still listed, as Z. */
    private static boolean runs(long pid) throws IOException {
        Path stat = Path.of("/proc/" + pid + "/stat");
        return Files.exists(stat) && !Files.readString(stat).contains(") Z ");
    }

    @Test
    void isStoppedAtItsDeadline() throws Exception {
        start("echo ready; sleep 1000");
        until(() -> out.size() > 0);
        pass(Duration.ofMinutes(11));
        CommandExit end = untilEnd();
        assertThat(end.state()).isEqualTo(CommandState.TIMED_OUT);
        assertThat(Objects.requireNonNull(end.cause()).kind()).isEqualTo(CauseClass.TIMEOUT);
    }

    /** The clock that nobody can set goes first: for a moment that looks like a clock set back, by less than what matters. */
    private void pass(Duration time) {
        for (long seconds = 0; seconds < time.toSeconds(); seconds += 20) {
            nanos.addAndGet(Duration.ofSeconds(20).toNanos());
            clock.advance(Duration.ofSeconds(20));
        }
    }

    private CommandRecord record() {
        try {
            return new CommandFolder(temp.resolve("exec/c1")).record();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A script that writes for ever, so that each look at it is news. */
    private void startTalking() throws Exception {
        // It ends by itself where nobody stops it, so that a fault fails the test and does not hold it up.
        start("n=0; while [ $n -lt 400 ]; do echo tick; n=$((n + 1)); sleep 0.05; done");
        until(() -> out.size() > 0);
    }

    @Test
    void aClockSetForwardEndsNothingEarly() throws Exception {
        startTalking();
        Instant deadline = record().deadline();
        clock.advance(Duration.ofDays(1));
        until(() -> exit != null || record().deadline().isAfter(deadline));
        assertThat(exit).isNull();
        assertThat(record().deadline()).isEqualTo(deadline.plus(Duration.ofDays(1)));
        pass(Duration.ofMinutes(11));
        assertThat(untilEnd().state()).isEqualTo(CommandState.TIMED_OUT);
    }

    @Test
    void aClockSetBackEndsNothingLate() throws Exception {
        startTalking();
        Instant deadline = record().deadline();
        clock.set(clock.instant().minus(Duration.ofDays(1)));
        until(() -> exit != null || record().deadline().isBefore(deadline));
        assertThat(exit).isNull();
        pass(Duration.ofMinutes(11));
        assertThat(untilEnd().state()).isEqualTo(CommandState.TIMED_OUT);
    }

    @Test
    void survivesARestartOfTheAgentAndGoesOnWhereTheControlPlaneIs() throws Exception {
        start("echo first; while [ ! -e " + temp.resolve("go") + " ]; do sleep 0.05; done; echo second; exit 5");
        until(() -> out.size() > 0);
        restartAgent();
        commands.heard(CustomCapability.EXEC_RESUME, new CommandPosition("c1", out.size(), 0, false).encode());
        Files.createFile(temp.resolve("go"));
        assertThat(untilEnd().code()).isEqualTo(5);
        assertThat(out).hasToString("first\nsecond\n");
    }

    @Test
    void endsWhileNoAgentIsThereAndIsToldAfterwards() throws Exception {
        start("echo first; while [ ! -e " + temp.resolve("go") + " ]; do sleep 0.05; done; echo second");
        until(() -> out.size() > 0);
        workers.shutdownNow();
        assertThat(workers.awaitTermination(20, TimeUnit.SECONDS)).isTrue();
        Files.createFile(temp.resolve("go"));
        startAgent();
        assertThat(untilEnd().code()).isZero();
        assertThat(out).hasToString("first\nsecond\n");
    }

    @Test
    void aCommandKilledFromOutsideIsInterruptedAndNotRunAgain() throws Exception {
        start("echo $$ >> " + temp.resolve("traces") + "; echo ready; sleep 1000");
        until(() -> out.size() > 0);
        workers.shutdownNow();
        assertThat(workers.awaitTermination(20, TimeUnit.SECONDS)).isTrue();
        String[] pid = Files.readString(script("run/pid")).split(" ", -1);
        killSession(Long.parseLong(pid[0]));
        startAgent();
        CommandExit end = untilEnd();
        assertThat(end.state()).isEqualTo(CommandState.INTERRUPTED);
        start("echo again >> " + temp.resolve("traces"));
        take();
        assertThat(Files.readAllLines(temp.resolve("traces"))).hasSize(1);
    }

    /** Also what the leader started: its parent is gone then, so by session. */
    private static void killSession(long session) throws IOException, InterruptedException {
        new ProcessBuilder("pkill", "-9", "-s", Long.toString(session)).start().waitFor();
    }

    @Test
    void oneThatWasWrittenDownAndNotBegunIsNeverBegun() throws Exception {
        CommandRecord record = new CommandRecord(
                "c1",
                "/bin/sh",
                null,
                "/",
                clock.instant().plusSeconds(60),
                clock.instant().plusSeconds(60),
                LOTS,
                null);
        CommandFolder.accept(temp.resolve("exec"), record, "echo x > " + temp.resolve("traces"));
        restartAgent();
        assertThat(untilEnd().state()).isEqualTo(CommandState.INTERRUPTED);
        assertThat(temp.resolve("traces")).doesNotExist();
    }

    @Test
    void aHalfWrittenAcceptanceIsNone() throws Exception {
        Files.createDirectory(temp.resolve("exec/.new-c1"));
        restartAgent();
        start("echo fine");
        assertThat(untilEnd().code()).isZero();
    }

    @Test
    void asksTheOwnerAndLeavesNothingBehindWhenItMayNot() throws Exception {
        refusal = Optional.of(new Cause(CauseClass.TRUST, "run", "no", "", Map.of()));
        start("echo x > " + temp.resolve("traces"));
        CommandExit end = untilEnd();
        assertThat(end.state()).isEqualTo(CommandState.REFUSED);
        assertThat(Objects.requireNonNull(end.cause()).kind()).isEqualTo(CauseClass.TRUST);
        assertThat(temp.resolve("exec/c1")).doesNotExist();
        assertThat(temp.resolve("traces")).doesNotExist();
    }

    @Test
    void saysWhatIsMissing() throws Exception {
        start("true", LOTS, "nobody-of-that-name");
        assertThat(Objects.requireNonNull(untilEnd().cause()).message()).contains("nobody-of-that-name");
        assertThat(temp.resolve("exec/.new-c1")).doesNotExist();
        exit = null;
        commands.heard(
                CustomCapability.EXEC_START,
                new CommandStart("c2", "x", "/no/such", null, "/", Duration.ofMinutes(1), Duration.ofMinutes(1), LOTS)
                        .encode());
        assertThat(Objects.requireNonNull(untilEnd().cause()).message()).contains("/no/such");
    }

    @Test
    void whatTheControlPlaneKnowsAndThisMachineDoesNotIsInterrupted() throws Exception {
        commands.heard(CustomCapability.EXEC_RESUME, new CommandPosition("c1", 0, 0, false).encode());
        assertThat(untilEnd().state()).isEqualTo(CommandState.INTERRUPTED);
    }

    @Test
    void theScriptIsInNobodysListOfProcesses() throws Exception {
        start("echo ready; : hidden-in-a-file; sleep 1000");
        until(() -> out.size() > 0);
        boolean seen = false;
        try (DirectoryStream<Path> processes = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
            for (Path process : processes) {
                try {
                    String line =
                            new String(Files.readAllBytes(process.resolve("cmdline")), StandardCharsets.ISO_8859_1);
                    assertThat(line).doesNotContain("hidden-in-a-file");
                    seen |= line.contains(script("script").toString());
                } catch (IOException gone) {
                    // It ended while we looked.
                }
            }
        }
        assertThat(seen).as("the command itself is there").isTrue();
        cancel();
        untilEnd();
    }

    @Test
    void runsWithTheRightsOfAUser() throws Exception {
        assumeTrue("root".equals(System.getProperty("user.name")), "only root can become somebody else");
        start("id -un; cat " + script("record.json") + " 2>/dev/null || echo closed", LOTS, "nobody");
        assertThat(untilEnd().code()).isZero();
        assertThat(out).hasToString("nobody\nclosed\n");
    }

    @Test
    void aSecretThatIsWrittenInTwoPiecesIsMaskedToo() throws Exception {
        secrets.learnValue("hunter22");
        start("printf 'a hunt'; while [ ! -e " + temp.resolve("go") + " ]; do sleep 0.05; done; printf 'er22 b hunt'");
        until(() -> out.size() > 0);
        assertThat(out).hasToString("a ");
        Files.createFile(temp.resolve("go"));
        untilEnd();
        assertThat(out).hasToString("a ******** b hunt");
    }

    @Test
    void masksSecretsWithoutMovingAnything() throws Exception {
        secrets.learnValue("hunter22");
        start("printf 'a hunter22 b'");
        untilEnd();
        assertThat(out).hasToString("a ******** b");
    }

    @Test
    void theEndDoesNotWaitForOutputThatIsGone() throws Exception {
        acknowledge = false;
        start("head -c 700000 /dev/zero; echo kept >&2");
        until(() -> out.size() >= CommandOutput.WINDOW);
        workers.shutdown();
        assertThat(workers.awaitTermination(60, TimeUnit.SECONDS)).isTrue();
        Files.delete(script("out"));
        acknowledge = true;
        acknowledge(false);
        CommandExit end = untilEnd();
        assertThat(end.out()).isEqualTo(CommandOutput.WINDOW);
        assertThat(end.truncated()).isTrue();
        assertThat(err).hasToString("kept\n");
    }

    @Test
    void oneThatCannotBeFollowedIsEnded() throws Exception {
        // A folder in place of its output: neither read nor capped.
        start(
                "echo $$ > " + temp.resolve("leader") + "; rm " + script("out") + "; mkdir " + script("out")
                        + "; exec sleep 1000",
                10,
                null);
        CommandExit end = untilEnd();
        assertThat(end.state()).isEqualTo(CommandState.INTERRUPTED);
        assertThat(Objects.requireNonNull(end.cause()).message()).contains("it was ended");
        assertThat(runs(Long.parseLong(Files.readString(temp.resolve("leader")).strip())))
                .isFalse();
    }
}
