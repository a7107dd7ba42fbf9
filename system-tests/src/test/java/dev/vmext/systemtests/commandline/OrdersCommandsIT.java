package dev.vmext.systemtests.commandline;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.vmext.systemtests.product.Eventually;
import dev.vmext.systemtests.product.Guest;
import dev.vmext.systemtests.product.Product;
import dev.vmext.testkit.FakeExtension;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The ways out of every state: orders, forgetting, deadlines, version states, and what is left behind. */
class OrdersCommandsIT extends Desk {
    private Product.Said install(String machine, String name, String... more) throws Exception {
        String[] all = new String[5 + more.length];
        System.arraycopy(new String[] {"install", machine, "vmext.Fake", "--name", name}, 0, all, 0, 5);
        System.arraycopy(more, 0, all, 5, more.length);
        return vmext(all);
    }

    private JsonNode shown(String machine, String name) throws Exception {
        return json("installation", "show", machine, name);
    }

    private void awaitState(String machine, String name, String state) throws Exception {
        Eventually.until(
                name + " is " + state,
                SOON,
                () -> plane.installation(machine, name),
                view -> view.path("state").asText().equals(state));
    }

    @Test
    void whatHangsIsCancelledAndTriedAgain() throws Exception {
        Path trace = trace("hangs");
        Path steer = Files.createDirectories(trace.resolve("steer"));
        Files.writeString(steer.resolve("enableHang"), "true");
        assertThat(install("m1", "hangs", "--set", "traceDir=" + trace).exit()).isZero();
        awaitState("m1", "hangs", "enabling");
        Product.Said cancelled = good("installation", "cancel", "m1", "hangs", "--wait");
        assertThat(cancelled.out()).contains("failed").contains("cancelled").contains("ask for a retry");
        Files.delete(steer.resolve("enableHang"));
        Product.Said retried = good("installation", "retry", "m1", "hangs", "--wait");
        assertThat(retried.out()).contains("ready, healthy").contains("order      retry");
    }

    @Test
    void aFailureSaysCauseOutputAndHintAndAResetBeginsAnew() throws Exception {
        Path trace = trace("fails");
        Path steer = Files.createDirectories(trace.resolve("steer"));
        Files.writeString(steer.resolve("enableExit"), "7");
        Product.Said failed = install("m1", "fails", "--set", "traceDir=" + trace, "--set", "outputBytes=10", "--wait");
        refused(failed, 1, "operation-failed", "fails (vmext.Fake) on m1: failed", "exit code 7", "xxxxxxxxxx");
        Product.Said sheet = good("installation", "show", "m1", "fails");
        assertThat(sheet.out())
                .contains("runs       1.0.0")
                .contains("cause      handler-exit during enable")
                .contains("exitCode: 7")
                .contains("what to do")
                .contains("usage")
                .contains("last exit  7");
        refused(vmext("installation", "retry", "m1", "fails", "--wait"), 1, "operation-failed", "exit code 7");
        Files.delete(steer.resolve("enableExit"));
        assertThat(good("installation", "reset", "m1", "fails", "--wait").out()).contains("ready, healthy");
        assertThat(Files.readString(trace.resolve("calls.log")))
                .contains("begin uninstall")
                .containsSubsequence("begin install", "begin uninstall", "begin install");
    }

    @Test
    void aVersionThatFailedIsHeldUntilItIsReleased() throws Exception {
        // All installations of one extension on a machine run one version, so this one has its own machine.
        another("careful", "full");
        Path trace = trace("held");
        Path steer = Files.createDirectories(trace.resolve("steer"));
        assertThat(install("careful", "held", "--version", "1.0.0", "--set", "traceDir=" + trace, "--wait")
                        .exit())
                .isZero();
        plane.publish(FakeExtension.writeTo(folder.resolve("fake-2"), "2.0.0"), "2.0.0");
        Files.writeString(steer.resolve("updateExit"), "9");
        Product.Said returned = install("careful", "held", "--version", "2", "--wait");
        refused(returned, 1, "operation-failed", "returned");
        Product.Said sheet = good("installation", "show", "careful", "held");
        assertThat(sheet.out())
                .contains("runs       1.0.0")
                .contains("attempted  2.0.0")
                .contains("vmext installation release careful held");
        Files.delete(steer.resolve("updateExit"));
        good("installation", "release", "careful", "held", "--wait");
        assertThat(plane.awaitHealthy("careful", "held", SOON)
                        .path("runningVersion")
                        .asText())
                .isEqualTo("2.0.0");
        good("extension", "withdraw", "vmext.Fake", "2.0.0");
    }

    @Test
    void ordersForWhatIsNotThereAreRefused() throws Exception {
        for (String order : new String[] {"cancel", "retry", "reset", "release", "forget"}) {
            refused(vmext("installation", order, "m1", "nosuch"), 3, "installation-not-found", "nosuch");
            refused(vmext("installation", order, "nosuch", "x"), 3, "machine-not-found", "nosuch");
            assertThat(vmext("installation", order, "m1").exit()).isEqualTo(2);
        }
    }

    @Test
    void whatIsForgottenStaysInSightAndIsTakenOver() throws Exception {
        assertThat(install("m1", "lost", "--wait").exit()).isZero();
        assertThat(good("installation", "forget", "m1", "lost").out()).contains("forgotten here");
        Product.Said machine = good("machine", "show", "m1");
        assertThat(machine.out()).contains("UNMANAGED").contains("lost").contains("trust mode full");
        assertThat(good("machine", "removals", "m1").out()).contains("lost: vmext.Fake 1.0.0, forgotten");
        assertThat(install("m1", "lost", "--wait").out()).contains("ready, healthy");
        assertThat(good("machine", "show", "m1").out()).doesNotContain("UNMANAGED");
    }

    @Test
    void aRemovalIsReportedWithWhatItLeftBehind() throws Exception {
        Path file = Path.of("/etc/vmext-left-" + ProcessHandle.current().pid());
        Path rooted = guest.root.resolve("etc").resolve(file.getFileName());
        assertThat(install("m1", "leaves", "--set", "addFile=" + rooted, "--set", "leaveBehind=true", "--wait")
                        .exit())
                .isZero();
        Product.Said gone = good("uninstall", "m1", "leaves", "--wait");
        assertThat(gone.out()).contains("leaves on m1: removed").contains("removal");
        Product.Said removals = good("machine", "removals", "m1");
        assertThat(removals.out())
                .contains("leaves: vmext.Fake 1.0.0, uninstalled")
                .contains("removal");
        JsonNode report = json("machine", "removals", "m1").path(0);
        assertThat(report.path("name").asText()).isEqualTo("leaves");
        assertThat(report.path("how").asText()).isEqualTo("uninstalled");
        refused(vmext("machine", "removals", "nosuch"), 3, "machine-not-found", "nosuch");
    }

    @Test
    void aMachineThatNeverComesBackIsForgotten() throws Exception {
        Guest strict = another("strict", "observe");
        assertThat(install("strict", "fake", "--wait").exit()).isEqualTo(1);
        Product.Said stuck = vmext("uninstall", "strict", "fake", "--wait", "--timeout", "30s");
        refused(stuck, 1, "operation-failed", "observe", "vmext installation forget");
        assertThat(good("machine", "forget", "strict").out()).contains("strict");
        refused(vmext("machine", "show", "strict"), 3, "machine-not-found", "strict");
        refused(vmext("machine", "forget", "strict"), 3, "machine-not-found", "strict");
        strict.killNine();
    }

    @Test
    void deadlinesOfTheInstallationCountAndWrongOnesAreExplained() throws Exception {
        Product.Said late = install("m1", "late", "--deadline", "enable=1s", "--set", "enableSeconds=600", "--wait");
        refused(late, 1, "operation-failed", "timed-out", "did not end within 1 s");
        assertThat(good("installation", "show", "m1", "late").out()).contains("deadlines  enable 1s");
        assertThat(install("m1", "late", "--set", "enableSeconds=0", "--package-deadlines", "--wait")
                        .out())
                .doesNotContain("deadlines");
        refused(install("m1", "late", "--deadline", "dance=1s"), 2, "invalid-value", "dance");
        Product.Said shape = install("m1", "late", "--deadline", "enable");
        assertThat(shape.exit()).isEqualTo(2);
        assertThat(shape.err()).contains("'--deadline'").contains("KEY=VALUE").doesNotContain("option option");
    }

    @Test
    void whatNobodyTakesExpires() throws Exception {
        absent("never");
        assertThat(install("never", "waits", "--expire", "1s").exit()).isZero();
        awaitState("never", "waits", "failed");
        Product.Said sheet = good("installation", "show", "never", "waits");
        assertThat(sheet.out())
                .contains("given up: machine never had not acknowledged it")
                .contains("not applied yet")
                .contains("runs       nothing");
        assertThat(shown("never", "waits").path("cause").path("step").asText()).isEqualTo("expire");
    }

    @Test
    void versionsAreHeldBackAndGivenFreeAgain() throws Exception {
        plane.publish(FakeExtension.writeTo(folder.resolve("fake-0"), "0.9.0"), "0.9.0");
        assertThat(good("extension", "deprecate", "vmext.Fake", "0.9.0").out()).contains("deprecated");
        assertThat(good("extension", "show", "vmext.Fake").out()).contains("deprecated");
        absent("shelf");
        for (String word : new String[] {"insecure", "withdraw"}) {
            good("extension", word, "vmext.Fake", "0.9.0");
            refused(install("shelf", "old", "--version", "0.9.0"), 4, "version-withdrawn", "0.9.0");
        }
        assertThat(good("extension", "activate", "vmext.Fake", "0.9.0").out()).contains("active");
        assertThat(install("shelf", "old", "--version", "0.9.0", "--new").exit())
                .isZero();
        refused(vmext("extension", "withdraw", "vmext.Fake", "9.9.9"), 3, "version-not-found", "9.9.9");
        refused(vmext("extension", "withdraw", "vmext.Nosuch", "1.0.0"), 3, "extension-not-found", "vmext.Nosuch");
        assertThat(vmext("extension", "withdraw", "vmext.Fake").exit()).isEqualTo(2);
    }

    @Test
    void theOwnerOfAMachineRemovesByForceAndThePersonHereIsTold() throws Exception {
        assertThat(install("m1", "forced", "--set", "uninstallHang=true", "--wait")
                        .exit())
                .isZero();
        Product.Said force = agent(guest, Map.of(), "force-remove", "forced");
        assertThat(force.exit()).as(force.all()).isZero();
        assertThat(force.out()).contains("removed");
        awaitState("m1", "forced", "removed");
        assertThat(good("installation", "show", "m1", "forced").out())
                .contains("removed by the machine's owner")
                .contains("runs       nothing");
        assertThat(agent(guest, Map.of(), "force-remove", "nosuch").exit()).isEqualTo(3);
        assertThat(agent(guest, Map.of(), "force-remove").exit()).isEqualTo(2);
        assertThat(agent(guest, Map.of(), "force-remove", "../up").exit()).isEqualTo(2);
        good("installation", "forget", "m1", "forced");
    }
}
