package dev.vmext.agent;

import static dev.vmext.protocol.status.InstallationState.BLOCKED;
import static dev.vmext.protocol.status.InstallationState.ENABLING;
import static dev.vmext.protocol.status.InstallationState.FAILED;
import static dev.vmext.protocol.status.InstallationState.READY;
import static dev.vmext.protocol.status.InstallationState.REMOVED;
import static dev.vmext.protocol.status.InstallationState.RETURNED;
import static dev.vmext.protocol.status.InstallationState.TIMED_OUT;
import static org.assertj.core.api.Assertions.assertThat;

import dev.vmext.packageformat.manifest.HandlerCommand;
import dev.vmext.packageformat.testing.SamplePublisher;
import dev.vmext.packageformat.trust.TrustFile;
import dev.vmext.packageformat.trust.TrustMode;
import dev.vmext.protocol.goal.PackageOffer;
import dev.vmext.protocol.status.CauseClass;
import dev.vmext.protocol.status.InstallationStatus;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole agent but its link, with real processes in a private root. */
class LifecycleIT {
    @TempDir
    Path temp;

    private Bench bench;

    @BeforeEach
    void open() throws IOException {
        bench = new Bench(temp);
    }

    @AfterEach
    void close() {
        bench.close();
    }

    private PackageOffer fw(String version) throws IOException {
        return bench.publish(bench.sample("acme.Fw", version), "acme.Fw", version);
    }

    private PackageOffer fw(String version, String more) throws IOException {
        return bench.publish(
                bench.sample("acme.Fw", version).file("bin/handler.sh", bench.script(version, more)),
                "acme.Fw",
                version);
    }

    private InstallationStatus ready(String name) throws InterruptedException {
        InstallationStatus status = bench.until(name, READY);
        assertThat(status.healthy()).isTrue();
        return status;
    }

    @Test
    void installsAndSaysWhatTheHandlerSaid() throws Exception {
        bench.want("fw", fw("1.0.0"), 0, "{\"a\":1}");
        bench.push();
        InstallationStatus status = ready("fw");
        assertThat(status.version()).isEqualTo("1.0.0");
        assertThat(Objects.requireNonNull(status.status()).message()).isEqualTo("said by 1.0.0");
        assertThat(bench.calls()).containsExactly("1.0.0 install 0", "1.0.0 enable 0");
        assertThat(bench.places.handler("fw", "acme.Fw", "1.0.0").resolve("config/0.settings"))
                .hasContent("{\"runtimeSettings\": [{\"handlerSettings\": {\"publicSettings\": {\"a\": 1}, "
                        + "\"protectedSettings\": null, \"protectedSettingsCertThumbprint\": null}}]}");
    }

    @Test
    void appliesChangedSettingsByEnablingAgain() throws Exception {
        PackageOffer offer = fw("1.0.0");
        bench.want("fw", offer, 0, "{}");
        bench.push();
        ready("fw");
        bench.want("fw", offer, 1, "{\"b\":2}");
        bench.push();
        assertThat(ready("fw").sequence()).isEqualTo(1);
        assertThat(bench.calls()).containsExactly("1.0.0 install 0", "1.0.0 enable 0", "1.0.0 enable 1");
    }

    @Test
    void aGoalThatChangesNothingRunsNothing() throws Exception {
        bench.want("fw", fw("1.0.0"), 0, "{}");
        bench.push();
        ready("fw");
        bench.push();
        ready("fw");
        bench.restartAgent();
        bench.step();
        ready("fw");
        assertThat(bench.calls()).containsExactly("1.0.0 install 0", "1.0.0 enable 0");
    }

    @Test
    void updatesInTheOrderOfTheContract() throws Exception {
        bench.want("fw", fw("1.0.0"), 0, "{}");
        bench.push();
        ready("fw");
        bench.want("fw", fw("1.1.0"), 0, "{}");
        bench.push();
        assertThat(ready("fw").version()).isEqualTo("1.1.0");
        assertThat(bench.calls())
                .containsExactly(
                        "1.0.0 install 0",
                        "1.0.0 enable 0",
                        "1.0.0 disable 0",
                        "1.1.0 update 0",
                        "1.0.0 uninstall 0",
                        "1.1.0 install 0",
                        "1.1.0 enable 0");
        assertThat(bench.places.handler("fw", "acme.Fw", "1.0.0")).doesNotExist();
        assertThat(bench.places.packages()).isDirectoryContaining("glob:**.zip");
        try (var zips = Files.newDirectoryStream(bench.places.packages(), "*.zip")) {
            assertThat(zips).hasSize(1);
        }
    }

    @Test
    void aDowngradeIsDoneByTheHigherPackage() throws Exception {
        bench.want("fw", fw("1.1.0"), 0, "{}");
        bench.push();
        ready("fw");
        bench.want("fw", fw("1.0.0"), 0, "{}");
        bench.push();
        assertThat(ready("fw").version()).isEqualTo("1.0.0");
        assertThat(bench.calls()).contains("1.1.0 update 0").doesNotContain("1.0.0 update 0");
    }

    @Test
    void returnsToTheOldVersionWhenTheNewOneFails() throws Exception {
        bench.want("fw", fw("1.0.0"), 0, "{}");
        bench.push();
        ready("fw");
        bench.want("fw", fw("1.1.0", "[ $1 = install ] && exit 7"), 0, "{}");
        bench.push();
        InstallationStatus status = bench.until("fw", RETURNED);
        assertThat(status.version()).isEqualTo("1.0.0");
        assertThat(Objects.requireNonNull(status.cause()).kind()).isEqualTo(CauseClass.HANDLER_EXIT);
        assertThat(status.cause().evidence()).containsEntry("exitCode", "7");
        assertThat(bench.calls()).endsWith("1.1.0 install 0", "1.1.0 uninstall 0", "1.0.0 install 0", "1.0.0 enable 0");
        assertThat(bench.places.handler("fw", "acme.Fw", "1.1.0")).doesNotExist();
        assertThat(bench.places.handler("fw", "acme.Fw", "1.0.0").resolve("mrseq"))
                .hasContent("0");
    }

    @Test
    void removesEverythingAndForgetsWhatWasWithdrawn() throws Exception {
        bench.want("fw", fw("1.0.0"), 0, "{}");
        bench.push();
        ready("fw");
        bench.wantGone("fw");
        bench.push();
        InstallationStatus status = bench.until("fw", REMOVED);
        assertThat(status.version()).isNull();
        assertThat(bench.calls()).endsWith("1.0.0 disable 0", "1.0.0 uninstall 0");
        bench.assertNothingLeftOf("fw");
        try (var packages = Files.newDirectoryStream(bench.places.packages())) {
            assertThat(packages).isEmpty();
        }
        assertThat(bench.places.handlerLogs("acme.Fw")).isDirectory();
    }

    @Test
    void namesTheExitCodeOfAFailedCommand() throws Exception {
        bench.want("fw", fw("1.0.0", "[ $1 = install ] && { echo no space here; exit 52; }"), 0, "{}");
        bench.push();
        InstallationStatus status = bench.until("fw", FAILED);
        assertThat(status.exitCode()).isEqualTo(52);
        assertThat(status.output()).isEqualTo("no space here\n");
        assertThat(Objects.requireNonNull(status.cause()).step()).isEqualTo("install");
        bench.push();
        bench.until("fw", FAILED);
        assertThat(bench.calls()).as("a failure stands until something changes").containsExactly("1.0.0 install 0");
    }

    @Test
    void namesTheWordOfAHandlerThatFailed() throws Exception {
        bench.want("fw", fw("1.0.0", "word=error"), 0, "{}");
        bench.push();
        InstallationStatus status = bench.until("fw", FAILED);
        assertThat(Objects.requireNonNull(status.cause()).kind()).isEqualTo(CauseClass.HANDLER_STATUS);
        assertThat(status.cause().message()).contains("said by 1.0.0");
    }

    @Test
    void killsACommandAtItsDeadline() throws Exception {
        bench.want(
                "fw",
                bench.publish(
                        Bench.deadline(
                                bench.sample("acme.Fw", "1.0.0")
                                        .file("bin/handler.sh", bench.script("1.0.0", "[ $1 = enable ] && sleep 1000")),
                                HandlerCommand.ENABLE,
                                1),
                        "acme.Fw",
                        "1.0.0"),
                0,
                "{}");
        bench.push();
        InstallationStatus status = bench.until("fw", TIMED_OUT);
        assertThat(Objects.requireNonNull(status.cause()).evidence()).containsEntry("seconds", "1");
    }

    @Test
    void refusesAPackageThatWasTamperedWith() throws Exception {
        PackageOffer good = fw("1.0.0");
        Path zip = Objects.requireNonNull(bench.served.get(good.digest()));
        Files.write(zip, new byte[] {0}, StandardOpenOption.APPEND);
        bench.want("fw", good, 0, "{}");
        bench.push();
        InstallationStatus status = bench.until("fw", FAILED);
        assertThat(Objects.requireNonNull(status.cause()).kind()).isEqualTo(CauseClass.PACKAGE);
        assertThat(status.cause().message()).contains("acme.Fw 1.0.0");
        assertThat(bench.calls()).isEmpty();
        bench.assertNothingLeftOf("fw");
    }

    @Test
    void refusesAPackageOfAnUnknownPublisher() throws Exception {
        PackageOffer offer = fw("1.0.0");
        TrustFile.write(bench.places.trustFile(), new SamplePublisher("acme").trusted(TrustMode.FULL));
        bench.want("fw", offer, 0, "{}");
        bench.push();
        InstallationStatus status = bench.until("fw", FAILED);
        assertThat(Objects.requireNonNull(status.cause()).kind()).isEqualTo(CauseClass.TRUST);
        assertThat(status.cause().message()).contains("acme.Fw 1.0.0").contains("key");
    }

    @Test
    void refusesScriptsWhereTheOwnerAllowsNone() throws Exception {
        bench.trust(TrustMode.NO_SCRIPTS);
        bench.want(
                "fw",
                bench.publish(bench.sample("acme.Fw", "1.0.0").extension("scripts", "true"), "acme.Fw", "1.0.0"),
                0,
                "{}");
        bench.push();
        assertThat(Objects.requireNonNull(bench.until("fw", FAILED).cause()).kind())
                .isEqualTo(CauseClass.TRUST);
        assertThat(bench.calls()).isEmpty();
    }

    @Test
    void changesNothingInModeObserve() throws Exception {
        bench.trust(TrustMode.OBSERVE);
        bench.want("fw", fw("1.0.0"), 0, "{}");
        bench.push();
        assertThat(Objects.requireNonNull(bench.until("fw", FAILED).cause()).kind())
                .isEqualTo(CauseClass.TRUST);
        assertThat(bench.places.packages()).doesNotExist();
    }

    @Test
    void startsInTheOrderOfDependencies() throws Exception {
        PackageOffer fw = fw("1.0.0");
        PackageOffer av = bench.publish(bench.sample("acme.Av", "2.0.0"), "acme.Av", "2.0.0");
        bench.want("av", av, 0, "{}", "fw");
        bench.want("fw", fw, 0, "{}");
        bench.push();
        ready("av");
        assertThat(bench.states("av")).contains(BLOCKED);
        assertThat(bench.calls()).startsWith("1.0.0 install 0", "1.0.0 enable 0", "2.0.0 install 0");
    }

    @Test
    void saysWhatABlockedInstallationWaitsFor() throws Exception {
        PackageOffer fw = fw("1.0.0", "[ $1 = install ] && exit 1");
        PackageOffer av = bench.publish(bench.sample("acme.Av", "2.0.0"), "acme.Av", "2.0.0");
        bench.want("av", av, 0, "{}", "fw");
        bench.want("fw", fw, 0, "{}");
        bench.push();
        bench.until("fw", FAILED);
        InstallationStatus status = bench.until(
                "av",
                one -> one.state() == BLOCKED
                        && Objects.requireNonNull(one.cause()).message().contains("failed"));
        assertThat(Objects.requireNonNull(status.cause()).message()).contains("waits for fw");
    }

    @Test
    void anAgentKilledInTheMiddleOfAHandlerGoesOnWithoutRunningItTwice() throws Exception {
        Path gate = temp.resolve("gate");
        PackageOffer offer = bench.publish(
                bench.sample("acme.Fw", "1.0.0")
                        .extension("kind", "\"one-shot\"")
                        .file(
                                "bin/handler.sh",
                                bench.script(
                                        "1.0.0",
                                        "[ $1 = enable ] && while [ ! -e " + gate + " -a -e " + bench.calls
                                                + " ]; do sleep 0.05; done")),
                "acme.Fw",
                "1.0.0");
        bench.want("fw", offer, 0, "{}");
        bench.push();
        bench.until("fw", ENABLING);
        while (!bench.calls().contains("1.0.0 enable 0")) {
            Thread.onSpinWait();
        }
        bench.restartAgent();
        Files.createFile(gate);
        ready("fw");
        assertThat(bench.calls()).containsExactly("1.0.0 install 0", "1.0.0 enable 0");
    }

    @Test
    void aOneShotThatWasCutOffByAPowerCutIsNotRunAgain() throws Exception {
        Path gate = temp.resolve("gate");
        PackageOffer offer = bench.publish(
                bench.sample("acme.Once", "1.0.0")
                        .extension("kind", "\"one-shot\"")
                        .file(
                                "bin/handler.sh",
                                bench.script(
                                        "1.0.0",
                                        "[ $1 = enable ] && while [ ! -e " + gate + " -a -e " + bench.calls
                                                + " ]; do sleep 0.05; done")),
                "acme.Once",
                "1.0.0");
        bench.want("once", offer, 0, "{}");
        bench.push();
        bench.until("once", ENABLING);
        while (!bench.calls().contains("1.0.0 enable 0")) {
            Thread.onSpinWait();
        }
        bench.loseRuns();
        bench.reboot();
        InstallationStatus status = bench.until("once", FAILED);
        Files.createFile(gate);
        assertThat(Objects.requireNonNull(status.cause()).kind()).isEqualTo(CauseClass.HANDLER_CRASH);
        assertThat(bench.calls()).containsExactly("1.0.0 install 0", "1.0.0 enable 0");
    }

    @Test
    void aRebootEnablesContinuousExtensionsAgainAndOneShotsNever() throws Exception {
        PackageOffer fw = fw("1.0.0");
        PackageOffer once = bench.publish(
                bench.sample("acme.Once", "3.0.0").extension("kind", "\"one-shot\""), "acme.Once", "3.0.0");
        bench.want("fw", fw, 0, "{}");
        bench.want("once", once, 0, "{}");
        bench.push();
        ready("fw");
        ready("once");
        bench.reboot();
        bench.until("fw", ENABLING);
        ready("fw");
        ready("once");
        assertThat(bench.calls())
                .filteredOn(call -> call.equals("1.0.0 enable 0"))
                .hasSize(2);
        assertThat(bench.calls())
                .filteredOn(call -> call.equals("3.0.0 enable 0"))
                .hasSize(1);
    }

    @Test
    void ignoresALowerGoal() throws Exception {
        bench.want("fw", fw("1.0.0"), 0, "{}");
        bench.push();
        bench.push();
        ready("fw");
        bench.wantGone("fw");
        bench.push(1);
        while (bench.answers.size() < 3) {
            bench.step();
        }
        assertThat(bench.answers.getLast()).contains("goal 2 is in force");
        assertThat(Objects.requireNonNull(bench.last("fw")).state()).isEqualTo(READY);
    }

    @Test
    void aFailingProbeMakesAReadyInstallationUnhealthy() throws Exception {
        PackageOffer offer = bench.publish(
                bench.sample("acme.Fw", "1.0.0")
                        .extension(
                                "probes",
                                "[{\"name\": \"alive\", \"exec\": {\"command\": [\"/bin/false\"]}, \"intervalSec\": 1, "
                                        + "\"graceSec\": 0, \"failureThreshold\": 2}]"),
                "acme.Fw",
                "1.0.0");
        bench.want("fw", offer, 0, "{}");
        bench.push();
        InstallationStatus status = bench.until("fw", READY);
        assertThat(status.healthy()).isFalse();
        assertThat(Objects.requireNonNull(status.cause()).kind()).isEqualTo(CauseClass.PROBE);
    }
}
