package dev.vmext.systemtests.trust;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmext.packageformat.testing.EvilPackage;
import dev.vmext.packageformat.testing.SamplePackage;
import dev.vmext.packageformat.testing.SamplePublisher;
import dev.vmext.packageformat.trust.TrustFile;
import dev.vmext.packageformat.trust.TrustMode;
import dev.vmext.protocol.CustomCapability;
import dev.vmext.protocol.Digest;
import dev.vmext.protocol.exec.CommandExit;
import dev.vmext.protocol.exec.CommandStart;
import dev.vmext.protocol.exec.CommandState;
import dev.vmext.protocol.goal.GoalState;
import dev.vmext.protocol.goal.InstallationGoal;
import dev.vmext.protocol.goal.PackageOffer;
import dev.vmext.protocol.goal.Presence;
import dev.vmext.protocol.goal.ProtectedSettings;
import dev.vmext.protocol.opamp.AgentToServer;
import dev.vmext.protocol.opamp.ApplyState;
import dev.vmext.protocol.opamp.Bytes;
import dev.vmext.protocol.opamp.ConnectionSettingsOffers;
import dev.vmext.protocol.opamp.CustomMessage;
import dev.vmext.protocol.opamp.OpampConnectionSettings;
import dev.vmext.protocol.opamp.ServerToAgent;
import dev.vmext.protocol.opamp.TlsCertificate;
import dev.vmext.protocol.status.Cause;
import dev.vmext.protocol.status.CauseClass;
import dev.vmext.protocol.status.InstallationState;
import dev.vmext.protocol.status.InstallationStatus;
import dev.vmext.systemtests.product.Eventually;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * The control plane is the attacker and says whatever the protocol has words for; the machine's owner wrote trust.json. One promise of
 * THREAT-MODEL.md per test: nothing of the attacker runs, and the cause says why.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TrustModesIT {
    private static final Duration SOON = Duration.ofSeconds(40);

    private Path temp;
    private final SamplePublisher acme = new SamplePublisher("acme");
    private HostileGateway gateway;
    private Wares wares;
    private Victim victim;
    private Path ran;
    private String trusted;

    @BeforeAll
    void enrol(@TempDir Path folder) throws Exception {
        temp = folder;
        ran = Files.createDirectories(temp.resolve("ran"));
        gateway = new HostileGateway();
        wares = new Wares(temp.resolve("wares"), gateway);
        victim = new Victim(temp.resolve("root"))
                .enrolledWith(gateway, acme.trusted(TrustMode.FULL), 1)
                .start()
                .awaitConnected(gateway);
        Eventually.until(
                "the settings key is published",
                SOON,
                () -> Objects.requireNonNullElse(gateway.settingsKey(), ""),
                pem -> !pem.isEmpty());
    }

    @AfterAll
    void stop() throws Exception {
        // Whatever the attacker tried, the owner's word is as it was.
        assertThat(Files.readString(trustFile())).isEqualTo(trusted);
        victim.close();
        gateway.close();
    }

    private Path trustFile() {
        return victim.root.resolve("etc/vmext/trust.json");
    }

    private void mode(TrustMode mode) throws Exception {
        TrustFile.write(trustFile(), acme.trusted(mode));
        trusted = Files.readString(trustFile());
    }

    @BeforeEach
    void full() throws Exception {
        mode(TrustMode.FULL);
    }

    /** A package whose every command leaves a trace. */
    private SamplePackage tracing(String name, String version) {
        return Wares.handler(name, version, "touch " + ran.resolve(name + "-" + version))
                .extension("scriptKeys", "[\"hook\"]");
    }

    private InstallationStatus settled(String installation) throws Exception {
        return Eventually.until(
                installation + " is decided, see " + victim.console(),
                SOON,
                () -> Objects.requireNonNullElseGet(gateway.last(installation), () -> pending(installation)),
                status -> status.state().terminal() && status.generation() == wares.generation());
    }

    private static InstallationStatus pending(String name) {
        return new InstallationStatus(
                name,
                "",
                null,
                InstallationState.PENDING,
                0,
                0,
                false,
                null,
                null,
                "",
                null,
                1,
                java.time.Instant.EPOCH,
                java.time.Instant.EPOCH);
    }

    private Cause refused(String installation, String trace) throws Exception {
        InstallationStatus status = settled(installation);
        assertThat(status.state()).isEqualTo(InstallationState.FAILED);
        assertThat(ran.resolve(trace)).doesNotExist();
        Cause cause = Objects.requireNonNull(status.cause());
        assertThat(cause.hint()).isNotBlank();
        return cause;
    }

    @Test
    void inModeFullWhatAListedPublisherSignedRuns() throws Exception {
        wares.want("honest", wares.honest(tracing("acme.Honest", "1.0.0"), "acme.Honest", "1.0.0", acme), "{}");
        wares.push();
        assertThat(settled("honest").state()).isEqualTo(InstallationState.READY);
        assertThat(ran.resolve("acme.Honest-1.0.0")).exists();
    }

    @Test
    void inModeObserveNothingIsInstalledChangedOrRemoved() throws Exception {
        PackageOffer offer = wares.honest(tracing("acme.Kept", "1.0.0"), "acme.Kept", "1.0.0", acme);
        wares.want("kept", offer, "{}");
        wares.push();
        assertThat(settled("kept").state()).isEqualTo(InstallationState.READY);
        mode(TrustMode.OBSERVE);
        wares.want("kept", offer, 1, "{\"changed\": true}", null);
        wares.want("new", wares.honest(tracing("acme.New", "1.0.0"), "acme.New", "1.0.0", acme), "{}");
        wares.push();
        assertThat(refused("new", "acme.New-1.0.0").kind()).isEqualTo(CauseClass.TRUST);
        assertThat(refused("kept", "never").message()).contains("observe");
        assertThat(gateway.requested().toString())
                .doesNotContain(Objects.requireNonNull(wares.goal(0).packages().get("acme.New"))
                        .digest()
                        .hex());
        wares.put(new InstallationGoal(
                "kept", "acme.Kept", "1.0.0", offer.digest(), Presence.ABSENT, 1, List.of(), "{}", null));
        wares.push();
        assertThat(refused("kept", "never").kind()).isEqualTo(CauseClass.TRUST);
        assertThat(victim.handlers().resolve("kept/acme.Kept-1.0.0/bin/handler.sh"))
                .exists();
        assertThat(victim.handlers().resolve("kept/acme.Kept-1.0.0/config/1.settings"))
                .doesNotExist();
    }

    @Test
    void aPackageWithoutSignatureIsNotEvenDownloaded() throws Exception {
        PackageOffer good = wares.honest(tracing("acme.Unsigned", "1.0.0"), "acme.Unsigned", "1.0.0", acme);
        PackageOffer bare =
                new PackageOffer(good.extension(), good.version(), good.digest(), good.size(), good.path(), "");
        wares.want("unsigned", bare, "{}");
        wares.push();
        assertThat(refused("unsigned", "acme.Unsigned-1.0.0").kind()).isEqualTo(CauseClass.SIGNATURE);
        assertThat(gateway.requested())
                .noneMatch(path -> path.contains(good.digest().hex()));
    }

    @Test
    void aKeyThatTheOwnerDoesNotListSignsInVain() throws Exception {
        PackageOffer offer =
                wares.honest(tracing("acme.Foreign", "1.0.0"), "acme.Foreign", "1.0.0", new SamplePublisher("acme"));
        wares.want("foreign", offer, "{}");
        wares.push();
        assertThat(refused("foreign", "acme.Foreign-1.0.0").kind()).isEqualTo(CauseClass.TRUST);
        assertThat(gateway.requested())
                .noneMatch(path -> path.contains(offer.digest().hex()));
    }

    @Test
    void aListedKeySignsOnlyInItsNameSpace() throws Exception {
        wares.want("globex", wares.honest(tracing("globex.Tool", "1.0.0"), "globex.Tool", "1.0.0", acme), "{}");
        wares.push();
        Cause cause = refused("globex", "globex.Tool-1.0.0");
        assertThat(cause.kind()).isEqualTo(CauseClass.TRUST);
        assertThat(cause.message()).contains("globex.Tool");
    }

    @Test
    void anOldVersionIsNotPassedOffAsANewOne() throws Exception {
        PackageOffer old = wares.honest(tracing("acme.Old", "1.0.0"), "acme.Old", "1.0.0", acme);
        wares.want(
                "old",
                new PackageOffer("acme.Old", "2.0.0", old.digest(), old.size(), old.path(), old.signature()),
                "{}");
        wares.push();
        assertThat(refused("old", "acme.Old-1.0.0").message()).contains("1.0.0").contains("2.0.0");
    }

    @Test
    void aPackageIsNotPassedOffAsAnother() throws Exception {
        PackageOffer scripts =
                wares.honest(tracing("acme.Shell", "1.0.0").extension("scripts", "true"), "acme.Shell", "1.0.0", acme);
        mode(TrustMode.NO_SCRIPTS);
        wares.want(
                "masked",
                new PackageOffer(
                        "acme.Harmless",
                        "1.0.0",
                        scripts.digest(),
                        scripts.size(),
                        scripts.path(),
                        scripts.signature()),
                "{}");
        wares.push();
        assertThat(refused("masked", "acme.Shell-1.0.0").message()).contains("acme.Shell");
    }

    @Test
    void aVersionThatRunsDoesNotChangeItsDigest() throws Exception {
        PackageOffer first = wares.honest(tracing("acme.Fixed", "1.0.0"), "acme.Fixed", "1.0.0", acme);
        wares.want("fixed", first, "{}");
        wares.push();
        assertThat(settled("fixed").state()).isEqualTo(InstallationState.READY);
        PackageOffer second = wares.honest(
                Wares.handler("acme.Fixed", "1.0.0", "touch " + ran.resolve("changed-release")),
                "acme.Fixed",
                "1.0.0",
                acme);
        assertThat(second.digest()).isNotEqualTo(first.digest());
        wares.want("fixed", second, "{}");
        wares.push();
        Eventually.until(
                "the change is refused",
                SOON,
                () -> victim.log(),
                log -> log.contains("never changes")
                        || gateway.statuses("fixed").stream()
                                .anyMatch(one -> one.cause() != null
                                        && one.cause().message().contains("never changes")));
        assertThat(ran.resolve("changed-release")).doesNotExist();
        assertThat(victim.handlers().resolve("fixed/acme.Fixed-1.0.0/bin/handler.sh"))
                .content(StandardCharsets.UTF_8)
                .doesNotContain("changed-release");
        wares.want("fixed", first, "{}");
        wares.push();
    }

    @Test
    void bytesThatWereNotSignedAreNotUnpackedAndNoMoreThanTheSignedSizeIsTaken() throws Exception {
        PackageOffer good = wares.honest(tracing("acme.Swapped", "1.0.0"), "acme.Swapped", "1.0.0", acme);
        byte[] other = new byte[Math.toIntExact(good.size())];
        gateway.serve(good.digest().hex(), other);
        wares.want("swapped", good, "{}");
        PackageOffer huge = wares.honest(tracing("acme.Huge", "1.0.0"), "acme.Huge", "1.0.0", acme);
        wares.want(
                "huge",
                new PackageOffer("acme.Huge", "1.0.0", huge.digest(), 1L << 40, huge.path(), huge.signature()),
                "{}");
        wares.push();
        assertThat(refused("swapped", "acme.Swapped-1.0.0").kind()).isEqualTo(CauseClass.PACKAGE);
        assertThat(refused("huge", "acme.Huge-1.0.0").message()).contains(String.valueOf(1L << 40));
        assertThat(gateway.requested())
                .noneMatch(path -> path.contains(huge.digest().hex()));
    }

    @Test
    void noPackageWritesOutsideOfItsFolderNotEvenASignedOne() throws Exception {
        byte[] evil = Files.readAllBytes(EvilPackage.PATH_ESCAPE.write(temp.resolve("evil.zip")));
        PackageOffer offer =
                wares.offer("acme.Evil", "1.0.0", evil, wares.signAnything(acme, "acme.Evil", "1.0.0", evil));
        gateway.serve(offer.digest().hex(), evil);
        wares.want("evil", offer, "{}");
        wares.push();
        assertThat(refused("evil", "never").kind()).isEqualTo(CauseClass.PACKAGE);
        assertThat(victim.handlers().resolve("evil")).doesNotExist();
    }

    @Test
    void inModeNoScriptsAnExtensionThatRunsCommandsIsRefused() throws Exception {
        mode(TrustMode.NO_SCRIPTS);
        wares.want(
                "scripting",
                wares.honest(
                        tracing("acme.Scripting", "1.0.0").extension("scripts", "true"),
                        "acme.Scripting",
                        "1.0.0",
                        acme),
                "{}");
        SamplePackage bare = Wares.handler("acme.Bare", "1.0.0", "touch " + ran.resolve("acme.Bare-1.0.0"))
                .withoutExtensionManifest()
                .imageManifest("acme", "Bare", "1.0.0");
        wares.want("bare", wares.honest(bare, "acme.Bare", "1.0.0", acme), "{}");
        wares.want("tame", wares.honest(tracing("acme.Tame", "1.0.0"), "acme.Tame", "1.0.0", acme), "{\"level\": 1}");
        wares.push();
        assertThat(refused("scripting", "acme.Scripting-1.0.0").evidence()).containsEntry("mode", "no-scripts");
        assertThat(refused("bare", "acme.Bare-1.0.0").kind()).isEqualTo(CauseClass.TRUST);
        assertThat(settled("tame").state()).isEqualTo(InstallationState.READY);
    }

    @Test
    void inModeNoScriptsASettingThatCarriesCommandsIsRefusedPublicOrProtected() throws Exception {
        mode(TrustMode.NO_SCRIPTS);
        PackageOffer offer = wares.honest(tracing("acme.Hooked", "1.0.0"), "acme.Hooked", "1.0.0", acme);
        ProtectedSettings secret = Sealing.seal(
                temp.resolve("seal"), Objects.requireNonNull(gateway.settingsKey()), "{\"hook\": \"touch /tmp/x\"}");
        wares.want("hook-public", offer, "{\"hook\": \"touch /tmp/x\"}");
        wares.want("hook-case", offer, "{\"HOOK\": \"touch /tmp/x\"}");
        wares.want("hook-protected", offer, 0, "{}", secret);
        wares.push();
        for (String one : List.of("hook-public", "hook-case", "hook-protected")) {
            Cause cause = refused(one, "acme.Hooked-1.0.0");
            assertThat(cause.kind()).isEqualTo(CauseClass.TRUST);
            assertThat(cause.evidence()).containsEntry("key", "hook");
            assertThat(victim.handlers().resolve(one + "/acme.Hooked-1.0.0/config/0.settings"))
                    .doesNotExist();
        }
    }

    @Test
    void aScriptExtensionFromTheTimeOfFullTakesNoNewSettingsInModeNoScripts() throws Exception {
        PackageOffer offer = wares.honest(
                tracing("acme.Earlier", "1.0.0").extension("scripts", "true"), "acme.Earlier", "1.0.0", acme);
        wares.want("earlier", offer, "{}");
        wares.push();
        assertThat(settled("earlier").state()).isEqualTo(InstallationState.READY);
        mode(TrustMode.NO_SCRIPTS);
        Files.delete(ran.resolve("acme.Earlier-1.0.0"));
        wares.want("earlier", offer, 1, "{\"script\": \"evil\"}", null);
        wares.push();
        assertThat(refused("earlier", "acme.Earlier-1.0.0").kind()).isEqualTo(CauseClass.TRUST);
        assertThat(victim.handlers().resolve("earlier/acme.Earlier-1.0.0/config/1.settings"))
                .doesNotExist();
    }

    @Test
    void aCommandOfTheOperatorRunsInModeFullOnly() throws Exception {
        mode(TrustMode.NO_SCRIPTS);
        Cause refused = Objects.requireNonNull(run("no-scripts").cause());
        assertThat(refused.kind()).isEqualTo(CauseClass.TRUST);
        assertThat(refused.evidence()).containsEntry("mode", "no-scripts");
        assertThat(refused.hint()).contains("trust.json");
        mode(TrustMode.OBSERVE);
        assertThat(run("observe").state()).isEqualTo(CommandState.REFUSED);
        // What cannot be read allows nothing, not everything.
        Files.writeString(trustFile(), "{\"version\": 1, \"mode\": \"full\"");
        assertThat(run("unreadable").state()).isEqualTo(CommandState.REFUSED);
        mode(TrustMode.FULL);
        // The very same message does run where the owner allows it: it is the mode that held it back.
        CommandExit allowed = run("full");
        assertThat(allowed.state()).isEqualTo(CommandState.EXITED);
        assertThat(allowed.code()).isZero();
        assertThat(ran.resolve("run-once-full")).exists();
        for (String held : List.of("no-scripts", "observe", "unreadable")) {
            assertThat(ran.resolve("run-once-" + held)).doesNotExist();
        }
    }

    /** Asks for a run-once command that leaves a trace, and waits for what the machine says of its end. */
    private CommandExit run(String name) throws Exception {
        int before = gateway.heard().size();
        gateway.say(ServerToAgent.builder(Bytes.ofUuid(HostileGateway.MACHINE))
                .customMessage(new CustomMessage(
                        CustomCapability.EXEC,
                        CustomCapability.EXEC_START,
                        Bytes.of(new CommandStart(
                                        name,
                                        "touch " + ran.resolve("run-once-" + name),
                                        CommandStart.SHELL,
                                        null,
                                        "/",
                                        Duration.ofSeconds(30),
                                        Duration.ofSeconds(30),
                                        4096)
                                .encode())))
                .build());
        return Eventually.until(
                        "the command " + name + " ended, see " + victim.console(),
                        SOON,
                        () -> gateway.heard().subList(before, gateway.heard().size()).stream()
                                .map(AgentToServer::customMessage)
                                .filter(said -> said != null && said.type().equals(CustomCapability.EXEC_EXIT))
                                .map(said -> CommandExit.decode(
                                        Objects.requireNonNull(said).data().toArray()))
                                .filter(exit -> exit.id().equals(name))
                                .findFirst(),
                        Optional::isPresent)
                .orElseThrow();
    }

    /** Every message before it was taken, or thrown away. */
    private void answersAfterwards() throws Exception {
        int before = gateway.heard().size();
        gateway.say(ServerToAgent.builder(Bytes.ofUuid(HostileGateway.MACHINE))
                .flags(ServerToAgent.FLAG_REPORT_FULL_STATE)
                .build());
        Eventually.until(
                "the agent answers",
                SOON,
                () -> gateway.heard().subList(before, gateway.heard().size()),
                heard -> heard.stream().anyMatch(message -> message.agentDescription() != null));
    }

    @Test
    void anOlderGoalIsNotPlayedAgain() throws Exception {
        wares.want("replay", wares.honest(tracing("acme.Replay", "1.0.0"), "acme.Replay", "1.0.0", acme), "{}");
        GoalState before = wares.goal(1);
        wares.push();
        assertThat(settled("replay").state()).isEqualTo(InstallationState.READY);
        gateway.push(before);
        Eventually.until(
                "the old goal is refused",
                SOON,
                gateway::heard,
                heard -> heard.stream()
                        .map(AgentToServer::remoteConfigStatus)
                        .anyMatch(status -> status != null
                                && status.status() == ApplyState.FAILED
                                && status.errorMessage().contains("cannot go back to goal 1")));
        wares.push();
    }

    @Test
    void namesThatWouldLeaveTheirFolderAreRefusedWithTheWholeGoal() throws Exception {
        PackageOffer offer = wares.honest(tracing("acme.Names", "1.0.0"), "acme.Names", "1.0.0", acme);
        for (String name : List.of("../../../etc/vmext", "a/b", "..", "")) {
            GoalState goal = new GoalState(
                    100_000,
                    List.of(new InstallationGoal(
                            name, "acme.Names", "1.0.0", offer.digest(), Presence.PRESENT, 0, List.of(), "{}", null)),
                    Map.of("acme.Names", offer));
            refusedWhole(goal);
        }
        refusedWhole(new GoalState(
                100_000,
                List.of(new InstallationGoal(
                        "names",
                        "acme.Names",
                        "1.0.0/../../x",
                        offer.digest(),
                        Presence.PRESENT,
                        0,
                        List.of(),
                        "{}",
                        null)),
                Map.of("acme.Names", offer)));
        PackageOffer elsewhere = new PackageOffer(
                "acme.Names", "1.0.0", offer.digest(), offer.size(), "@evil.example/x", offer.signature());
        refusedWhole(new GoalState(
                100_000,
                List.of(new InstallationGoal(
                        "names", "acme.Names", "1.0.0", offer.digest(), Presence.PRESENT, 0, List.of(), "{}", null)),
                Map.of("acme.Names", elsewhere)));
        assertThat(ran.resolve("acme.Names-1.0.0")).doesNotExist();
        wares.push();
    }

    private void refusedWhole(GoalState goal) throws Exception {
        int before = gateway.heard().size();
        gateway.push(goal);
        Eventually.until(
                "the goal is refused",
                SOON,
                () -> gateway.heard().subList(before, gateway.heard().size()),
                heard -> heard.stream()
                        .map(AgentToServer::remoteConfigStatus)
                        .anyMatch(status -> status != null && status.status() == ApplyState.FAILED));
    }

    @Test
    void aThumbprintIsNoPath() throws Exception {
        PackageOffer offer = wares.honest(tracing("acme.Thumb", "1.0.0"), "acme.Thumb", "1.0.0", acme);
        wares.want("thumb", offer, 0, "{}", new ProtectedSettings("../../../../etc/passwd", "AAAA"));
        try {
            wares.push();
            Eventually.until(
                    "goal or settings are refused",
                    SOON,
                    () -> Objects.requireNonNullElseGet(gateway.last("thumb"), () -> pending("thumb"))
                                            .state()
                                    == InstallationState.FAILED
                            || gateway.heard().stream()
                                    .map(AgentToServer::remoteConfigStatus)
                                    .anyMatch(status -> status != null
                                            && status.status() == ApplyState.FAILED
                                            && status.errorMessage().contains("thumb")),
                    refused -> refused);
            assertThat(ran.resolve("acme.Thumb-1.0.0")).doesNotExist();
        } finally {
            wares.want("thumb", offer, "{}");
            wares.push();
        }
    }

    @Test
    void anOfferOfAnotherAgentOrAnotherIdentityIsNotTaken() throws Exception {
        byte[] agent = "a new agent".getBytes(StandardCharsets.UTF_8);
        PackageOffer offer = wares.honest(tracing("acme.Agent", "9.9.9"), "acme.Agent", "9.9.9", acme);
        gateway.serve(Digest.of(agent).hex(), agent);
        String identity = identity();
        GoalState now = wares.goal(wares.generation());
        GoalState withMore = new GoalState(
                now.generation(),
                now.installations(),
                Map.of(
                        "vmext-agent",
                        new PackageOffer(
                                "vmext-agent",
                                "9.9.9",
                                Digest.of(agent),
                                agent.length,
                                "/v1/packages/sha256/" + Digest.of(agent).hex(),
                                offer.signature())));
        gateway.push(withMore);
        gateway.say(ServerToAgent.builder(Bytes.ofUuid(HostileGateway.MACHINE))
                .connectionSettings(new ConnectionSettingsOffers(
                        Bytes.ofUtf8("evil"),
                        new OpampConnectionSettings(
                                "wss://evil.example/v1/opamp",
                                null,
                                new TlsCertificate(
                                        Bytes.ofUtf8(gateway.authorityPem()),
                                        Bytes.EMPTY,
                                        Bytes.ofUtf8(gateway.authorityPem())),
                                30,
                                null,
                                null),
                        null,
                        null,
                        null,
                        Map.of()))
                .build());
        answersAfterwards();
        assertThat(gateway.heard())
                .as("it says that it did not take the settings")
                .anyMatch(message -> message.connectionSettingsStatus() != null
                        && message.connectionSettingsStatus().status() == ApplyState.FAILED
                        && message.connectionSettingsStatus()
                                .lastConnectionSettingsHash()
                                .equals(Bytes.ofUtf8("evil")));
        assertThat(gateway.requested())
                .noneMatch(path -> path.contains(Digest.of(agent).hex()));
        assertThat(identity()).isEqualTo(identity);
        assertThat(Files.readString(victim.root.resolve("etc/vmext/agent.json")))
                .doesNotContain("evil.example");
        wares.push();
    }

    private String identity() throws Exception {
        return Files.readString(victim.root.resolve("var/lib/vmext/identity/current.pem"));
    }

    @Test
    void aMessageThatIsTooLargeEndsTheConnectionAndTheAgentComesBack() throws Exception {
        try {
            gateway.sayRaw(new byte[40 << 20]);
        } catch (IOException cutByTheAgent) {
            assertThat(cutByTheAgent).hasMessageNotContaining("refused");
        }
        Eventually.until("the agent complains", SOON, victim::log, log -> log.contains("larger than"));
        victim.awaitConnected(gateway);
    }
}
