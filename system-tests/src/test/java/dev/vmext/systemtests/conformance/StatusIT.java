package dev.vmext.systemtests.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmext.protocol.goal.PackageOffer;
import dev.vmext.protocol.status.Cause;
import dev.vmext.protocol.status.CauseClass;
import dev.vmext.protocol.status.HandlerStatus;
import dev.vmext.protocol.status.HandlerStatus.Substatus;
import dev.vmext.protocol.status.InstallationState;
import dev.vmext.protocol.status.InstallationStatus;
import dev.vmext.protocol.status.StatusWord;
import dev.vmext.testkit.FakeExtension;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** azure-contract 1.8 status files, 1.9 heartbeats. */
class StatusIT extends StagedTest {
    private void want(String word) throws Exception {
        stage.want(stage.fake("1.0.0"), "\"writeStatus\": \"" + word + "\", \"message\": \"as it is\"");
    }

    @Test
    @Row({"1.8-words", "1.8-terminal"})
    void successIsTheEnd() throws Exception {
        want("success");
        assertThat(Stage.said(stage.ready()))
                .returns(StatusWord.SUCCESS, HandlerStatus::status)
                .returns("Enable", HandlerStatus::operation)
                .returns("as it is", HandlerStatus::message);
    }

    @ParameterizedTest
    @ValueSource(strings = {"error", "unknown"})
    @Row({"1.8-error", "1.8-unknown-word"})
    void errorAndUnknownWordsAreFailures(String word) throws Exception {
        want(word);
        Cause cause = stage.failure();
        assertThat(cause.kind()).isEqualTo(CauseClass.HANDLER_STATUS);
        assertThat(Stage.said(Objects.requireNonNull(stage.last())).status()).isEqualTo(StatusWord.ERROR);
    }

    @Test
    @Row("1.8-transitioning")
    void transitioningWaitsForWhatComesLaterFromTheBackground() throws Exception {
        stage.want(stage.fake("1.0.0"), "\"background\": true, \"message\": \"well\"");
        assertThat(Stage.said(stage.ready())).returns("well later", HandlerStatus::message);
        assertThat(stage.machine.history(Stage.NAME))
                .anySatisfy(status -> assertThat(status.status())
                        .extracting(said -> said == null ? null : said.status())
                        .isEqualTo(StatusWord.TRANSITIONING));
    }

    @Test
    @Row({"1.8-code", "1.8-bom", "1.8-optional"})
    void codesMayBeTextsAndAByteOrderMarkAndNullPartsAreAllowed() throws Exception {
        want("bom");
        assertThat(Stage.said(stage.ready()))
                .returns("5", HandlerStatus::code)
                .returns(java.util.List.of(), HandlerStatus::substatus);
    }

    @Test
    @Row("1.8-substatus")
    void partsArePassedOnAndNullOnesSkipped() throws Exception {
        want("parts");
        assertThat(Stage.said(stage.ready()).substatus())
                .containsExactly(new Substatus("part", StatusWord.WARNING, "7", "odd"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"broken", "object", "badpart", "gigantic"})
    @Row({"1.8-bad-json", "1.8-malformed", "1.8-substatus-word"})
    void whatCannotBeUnderstoodIsMalformedWithItsBeginning(String word) throws Exception {
        want(word);
        Cause cause = stage.failure();
        assertThat(cause.kind()).isEqualTo(CauseClass.STATUS_MALFORMED);
        assertThat(cause.evidence()).containsEntry("code", "1012");
        InstallationStatus last = Objects.requireNonNull(stage.last());
        assertThat(Stage.said(last))
                .returns("1012", HandlerStatus::code)
                .returns(StatusWord.ERROR, HandlerStatus::status);
        assertThat(Stage.said(last).message()).isNotEmpty().hasSizeLessThanOrEqualTo(2000);
    }

    @Test
    @Row("1.8-read")
    void aFileThatIsJustBeingWrittenIsReadAgain() throws Exception {
        stage.want(
                stage.fake("1.0.0"), "\"writeStatus\": \"partial\", \"partialSeconds\": 0.3, \"message\": \"whole\"");
        assertThat(Stage.said(stage.ready()).message()).isEqualTo("whole");
        assertThat(stage.machine.history(Stage.NAME)).noneMatch(status -> status.state() == InstallationState.FAILED);
    }

    @Test
    @Row("1.8-unreadable")
    void aFileThatCannotBeReadHasItsOwnCode() throws Exception {
        Path folder = stage.folder("1.0.0");
        Stage.script(folder, "bin/odd", "mkdir -p status/0.status/x\n");
        FakeExtension.manifest(folder, "enableCommand", "\"bin/odd\"");
        stage.want(stage.offer(folder, "1.0.0"), "");
        assertThat(stage.failure().evidence()).containsEntry("code", "-1");
    }

    @Test
    @Row("1.8-missing")
    void aMissingFileIsShownAsTransitioningAndFailsInTheEnd() throws Exception {
        want("none");
        assertThat(stage.failure().kind()).isEqualTo(CauseClass.HANDLER_STATUS);
        assertThat(stage.machine.history(Stage.NAME))
                .filteredOn(status -> status.status() != null)
                .anySatisfy(status -> assertThat(Stage.said(status).message())
                        .startsWith("This status is being reported by the Guest Agent since no status file was "
                                + "reported by extension vmext.Fake"));
    }

    @Test
    @Row("1.8-empty")
    void anEmptyArrayIsNoStatusAtAll() throws Exception {
        want("empty");
        assertThat(stage.failure().kind()).isEqualTo(CauseClass.HANDLER_STATUS);
        assertThat(Objects.requireNonNull(stage.last()).status()).isNull();
    }

    @Test
    @Row("1.8-size")
    void aStatusOverTheLimitIsCut() throws Exception {
        want("huge");
        assertThat(Stage.said(stage.ready()).message()).hasSize(1024 + 16).endsWith(" ... [TRUNCATED]");
    }

    private PackageOffer beating(String version) throws Exception {
        Path folder = stage.folder(version);
        FakeExtension.manifest(folder, "reportHeartbeat", "true");
        return stage.offer(folder, version);
    }

    @Test
    @Row({"1.9-only-if-promised", "1.3-reportHeartbeat"})
    void aHeartbeatCountsOnlyWhereItWasPromised() throws Exception {
        stage.install(stage.fake("1.0.0"), "\"heartbeat\": \"notready\"");
    }

    @Test
    @Row("1.9-ready")
    void readyIsHealthy() throws Exception {
        stage.install(beating("1.0.0"), "\"heartbeat\": \"ready\"");
    }

    @Test
    @Row("1.9-notready")
    void notreadyIsNot() throws Exception {
        stage.want(beating("1.0.0"), "\"heartbeat\": \"notready\"");
        InstallationStatus status = stage.until(InstallationState.READY);
        assertThat(status.healthy()).isFalse();
        assertThat(Objects.requireNonNull(status.cause()))
                .returns(CauseClass.HANDLER_STATUS, Cause::kind)
                .satisfies(cause -> assertThat(cause.message()).contains("notready: beats"));
    }

    @Test
    @Row("1.9-unresponsive")
    void tenMinutesOfSilenceIsUnresponsive() throws Exception {
        stage.want(beating("1.0.0"), "\"heartbeat\": \"old\"");
        assertThat(Objects.requireNonNull(stage.until(InstallationState.READY).cause()))
                .returns(CauseClass.PROBE, Cause::kind)
                .satisfies(cause -> assertThat(cause.message()).contains("unresponsive"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"none", "broken"})
    @Row({"1.9-missing", "1.9-malformed"})
    void noHeartbeatIsNotReady(String kind) throws Exception {
        stage.want(beating("1.0.0"), "\"heartbeat\": \"" + kind + "\"");
        InstallationStatus status = stage.until(InstallationState.READY);
        assertThat(status.healthy()).isFalse();
        String said = kind.equals("none") ? "Failed to get heart beat file" : "Malformed heartbeat file";
        assertThat(Objects.requireNonNull(status.cause()).message()).contains(said);
        assertThat(stage.base("1.0.0").resolve("config/HandlerStatus"))
                .content()
                .contains("\"status\": \"NotReady\", \"code\": -1, \"message\": \"" + said + "\"");
        assertThat(Files.exists(stage.base("1.0.0").resolve("heartbeat.log"))).isEqualTo(kind.equals("broken"));
    }
}
