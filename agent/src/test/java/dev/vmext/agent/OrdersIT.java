package dev.vmext.agent;

import static dev.vmext.protocol.status.InstallationState.BLOCKED;
import static dev.vmext.protocol.status.InstallationState.ENABLING;
import static dev.vmext.protocol.status.InstallationState.FAILED;
import static dev.vmext.protocol.status.InstallationState.READY;
import static dev.vmext.protocol.status.InstallationState.REMOVED;
import static dev.vmext.protocol.status.InstallationState.WAITING_LEASE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vmext.agent.host.LockHolder;
import dev.vmext.agent.journal.FileJournal;
import dev.vmext.agent.journal.JournalLock;
import dev.vmext.agent.seal.Secrets;
import dev.vmext.protocol.goal.Order;
import dev.vmext.protocol.goal.PackageOffer;
import dev.vmext.protocol.status.Cause;
import dev.vmext.protocol.status.CauseClass;
import dev.vmext.protocol.status.InstallationStatus;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Orders, leases, restarts and the owner's word, with real processes. */
class OrdersIT {
    @TempDir
    Path temp;

    private Bench bench;
    private Path gate;

    @BeforeEach
    void open() throws IOException {
        bench = new Bench(temp);
        gate = temp.resolve("gate");
    }

    @AfterEach
    void close() {
        bench.close();
    }

    /** A handler that starts a child and waits for a file in this command, unless the folder is gone. */
    private PackageOffer waitingIn(String command) throws IOException {
        return bench.publish(
                bench.sample("acme.Fw", "1.0.0")
                        .file(
                                "bin/handler.sh",
                                bench.script(
                                        "1.0.0",
                                        "if [ $1 = " + command + " ]; then sleep 300 & echo $! > " + temp
                                                + "/child.new; mv " + temp + "/child.new " + temp
                                                + "/child; while [ ! -e " + gate + " -a -e " + bench.calls
                                                + " ]; do sleep 0.05; done; kill $!; fi")),
                "acme.Fw",
                "1.0.0");
    }

    private long child() throws IOException, InterruptedException {
        Path file = temp.resolve("child");
        try (WatchService seen = temp.getFileSystem().newWatchService()) {
            temp.register(seen, StandardWatchEventKinds.ENTRY_CREATE);
            bench.until("fw", status -> status.state() == ENABLING);
            while (!Files.exists(file)) {
                WatchKey key = seen.poll(1, TimeUnit.SECONDS);
                if (key != null) {
                    key.pollEvents();
                    key.reset();
                }
            }
        }
        return Long.parseLong(Files.readString(file).strip());
    }

    /** A process in state Z is dead, only its parent has not looked yet. */
    private static boolean runs(long pid) throws IOException {
        Path stat = Path.of("/proc/" + pid + "/stat");
        if (!Files.exists(stat)) {
            return false;
        }
        try {
            String text = Files.readString(stat);
            return text.charAt(text.lastIndexOf(')') + 2) != 'Z';
        } catch (IOException goneMeanwhile) {
            return false;
        }
    }

    private static Cause cause(InstallationStatus status) {
        return Objects.requireNonNull(status.cause());
    }

    @Test
    void cancelEndsTheCommandAndAllThatItStartedAndRetryBeginsAgain() throws Exception {
        bench.want("fw", waitingIn("enable"), 0, "{}");
        bench.push();
        long child = child();
        assertThat(runs(child)).isTrue();
        bench.order("fw", 1, Order.Kind.CANCEL);
        InstallationStatus status = bench.until("fw", FAILED);
        assertThat(cause(status).kind()).isEqualTo(CauseClass.CANCELLED);
        assertThat(runs(child)).isFalse();
        Files.createFile(gate);
        bench.order("fw", 2, Order.Kind.RETRY);
        bench.until("fw", READY);
        assertThat(bench.calls()).containsExactly("1.0.0 install 0", "1.0.0 enable 0", "1.0.0 enable 0");
    }

    @Test
    void anAgentThatDiesWithAnOrderHalfCarriedOutEndsTheCommandWhenItIsBack() throws Exception {
        bench.want("fw", waitingIn("enable"), 0, "{}");
        bench.push();
        long child = child();
        bench.restartAgent();
        bench.order("fw", 1, Order.Kind.CANCEL);
        bench.restartAgent(); // before it took the goal
        assertThat(runs(child)).isTrue();
        bench.push();
        bench.step();
        bench.restartAgent(); // after it wrote the order down
        assertThat(cause(bench.until("fw", FAILED)).kind()).isEqualTo(CauseClass.CANCELLED);
        assertThat(runs(child)).isFalse();
    }

    @Test
    void resetGoesOnWhateverTheHandlerSays() throws Exception {
        PackageOffer offer = bench.publish(
                bench.sample("acme.Fw", "1.0.0")
                        .file("bin/handler.sh", bench.script("1.0.0", "case $1 in disable|uninstall) exit 7;; esac")),
                "acme.Fw",
                "1.0.0");
        bench.want("fw", offer, 0, "{}");
        bench.push();
        bench.until("fw", READY);
        bench.order("fw", 1, Order.Kind.RESET);
        bench.until("fw", READY);
        assertThat(bench.calls())
                .containsExactly(
                        "1.0.0 install 0",
                        "1.0.0 enable 0",
                        "1.0.0 disable 0",
                        "1.0.0 uninstall 0",
                        "1.0.0 install 0",
                        "1.0.0 enable 0");
    }

    @Test
    void waitsForTheStrangerWhoHasThePackageManager() throws Exception {
        bench.locks.hold(new LockHolder(4242, "apt-get dist-upgrade", "/var/lib/dpkg/lock-frontend"), 4242);
        bench.want(
                "fw",
                bench.publish(
                        bench.sample("acme.Fw", "1.0.0").extension("leases", "[\"packageManager\"]"),
                        "acme.Fw",
                        "1.0.0"),
                0,
                "{}");
        bench.push();
        Cause cause = cause(bench.until("fw", WAITING_LEASE));
        assertThat(cause.message()).contains("process 4242 (apt-get dist-upgrade)");
        assertThat(bench.calls()).isEmpty();
        bench.locks.release(4242);
        bench.until("fw", READY);
        assertThat(bench.calls()).containsExactly("1.0.0 install 0", "1.0.0 enable 0");
    }

    @Test
    void restartsTheMachineOnceAndGoesOnAtTheNextStep() throws Exception {
        PackageOffer offer = bench.publish(
                bench.sample("acme.Fw", "1.0.0")
                        .extension("reboot", "\"possible\"")
                        .file(
                                "bin/handler.sh",
                                bench.script(
                                        "1.0.0", "[ $1 = install ] && echo a new kernel > config/reboot-required")),
                "acme.Fw",
                "1.0.0");
        bench.want("fw", offer, 0, "{}");
        bench.push();
        Cause cause = cause(bench.until("fw", BLOCKED));
        assertThat(cause.kind()).isEqualTo(CauseClass.REBOOT_PENDING);
        bench.stepUntil(() -> !bench.restarter.reasons().isEmpty());
        assertThat(bench.restarter.reasons()).containsExactly("fw: a new kernel");
        assertThat(bench.calls()).containsExactly("1.0.0 install 0");
        bench.restartAgent();
        bench.push();
        bench.step();
        bench.reboot();
        bench.until("fw", READY);
        assertThat(bench.calls()).containsExactly("1.0.0 install 0", "1.0.0 enable 0");
        assertThat(bench.restarter.reasons()).hasSize(1);
    }

    @Test
    void aRestartCutsOffNeitherAStrangersPackageManagerNorACommand() throws Exception {
        PackageOffer offer =
                bench.publish(bench.sample("acme.Fw", "1.0.0").extension("reboot", "\"required\""), "acme.Fw", "1.0.0");
        bench.locks.hold(new LockHolder(4711, "apt-get upgrade", "/var/lib/dpkg/lock-frontend"), 4711);
        bench.commandRuns.set(true);
        bench.want("fw", offer, 0, "{}");
        bench.push();
        InstallationStatus waiting = bench.until(
                "fw",
                status -> status.state() == BLOCKED && cause(status).evidence().containsKey("pid"));
        assertThat(cause(waiting).message()).contains("process 4711 (apt-get upgrade)");
        bench.locks.release(4711);
        bench.until("fw", status -> !cause(status).evidence().containsKey("pid"));
        assertThat(bench.restarter.reasons()).as("a command still runs").isEmpty();
        bench.commandRuns.set(false);
        bench.push();
        bench.stepUntil(() -> !bench.restarter.reasons().isEmpty());
        assertThat(bench.calls()).containsExactly("1.0.0 install 0");
    }

    @Test
    void theOwnerTakesItAwayInTheMiddleOfACommandAndItStaysAway() throws Exception {
        bench.want("fw", waitingIn("enable"), 0, "{}");
        bench.push();
        long child = child();
        var answer = bench.forceRemove("fw");
        InstallationStatus status = bench.until("fw", REMOVED);
        assertThat(answer.join()).startsWith("under way");
        assertThat(cause(status).message()).contains("removed by the machine's owner");
        assertThat(runs(child)).isFalse();
        bench.assertNothingLeftOf("fw");
        bench.push();
        bench.until("fw", REMOVED);
        bench.restartAgent();
        var again = bench.forceRemove("fw");
        bench.step();
        assertThat(again.join()).startsWith("removed");
        assertThat(bench.calls()).containsExactly("1.0.0 install 0", "1.0.0 enable 0", "1.0.0 uninstall 0");
    }

    @Test
    void theOwnerTakesItAwayWhileNoAgentRuns() throws Exception {
        bench.want("fw", waitingIn("enable"), 0, "{}");
        bench.push();
        long child = child();
        bench.stopAgent();
        try (JournalLock _ = JournalLock.take(bench.places.journal());
                FileJournal journal = new FileJournal(bench.places.journal())) {
            assertThatThrownBy(() -> JournalLock.take(bench.places.journal()))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("is used by another agent");
            OfflineRemoval removal = HandlerWiring.offline(
                    bench.places, Path.of("src/main/sh").toAbsolutePath(), new Secrets(), journal, 1);
            assertThat(removal.remove("nobody")).contains("there is no installation nobody");
            assertThat(removal.remove("fw")).contains("fw was removed by the machine's owner");
        }
        assertThat(runs(child)).isFalse();
        bench.assertNothingLeftOf("fw");
        bench.restartAgent();
        bench.push();
        assertThat(cause(bench.until("fw", REMOVED)).kind()).isEqualTo(CauseClass.CANCELLED);
    }
}
