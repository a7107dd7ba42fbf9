package dev.vmext.protocol.link;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmext.protocol.Digest;
import dev.vmext.protocol.goal.GoalState;
import dev.vmext.protocol.goal.GoalStateCodec;
import dev.vmext.protocol.goal.PackageOffer;
import dev.vmext.protocol.opamp.AgentToServer;
import dev.vmext.protocol.opamp.Bytes;
import dev.vmext.protocol.opamp.MessageLimits;
import dev.vmext.protocol.opamp.OpampCodec;
import dev.vmext.protocol.opamp.PackageAvailable;
import dev.vmext.protocol.opamp.PackageState;
import dev.vmext.protocol.opamp.PackageStatus;
import dev.vmext.protocol.opamp.PackageStatuses;
import dev.vmext.protocol.opamp.PackagesAvailable;
import dev.vmext.protocol.status.Cause;
import dev.vmext.protocol.status.CauseClass;
import dev.vmext.protocol.status.InstallationState;
import dev.vmext.protocol.status.InstallationStatus;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class PackageTableTest {
    private static final Instant NOW = Instant.parse("2026-11-23T15:00:00Z");
    private static final PackagesAvailable OFFERED = offer("2.0.0");

    private static PackagesAvailable offer(String version) {
        Digest digest = Digest.of(version.getBytes(java.nio.charset.StandardCharsets.UTF_8));
        return GoalStateCodec.encode(new GoalState(
                        1,
                        List.of(),
                        Map.of(
                                "acme.Fw",
                                new PackageOffer(
                                        "acme.Fw", version, digest, 1, "/v1/packages/sha256/" + digest.hex(), "{}"))))
                .packagesAvailable();
    }

    private static InstallationStatus status(
            String name, @Nullable String version, InstallationState state, @Nullable CauseClass kind) {
        Cause cause = kind == null ? null : new Cause(kind, "step", "it failed", "", Map.of());
        return new InstallationStatus(name, "acme.Fw", version, state, 1, 0, false, cause, null, "", null, 1, NOW, NOW);
    }

    private static PackageStatus line(InstallationStatus... installations) {
        return Objects.requireNonNull(
                PackageTable.of(List.of(installations), OFFERED).packages().get("acme.Fw"));
    }

    private static PackageAvailable offered() {
        return Objects.requireNonNull(OFFERED.packages().get("acme.Fw"));
    }

    @Test
    void nothingIsToldOfAMachineWithoutInstallations() {
        assertThat(PackageTable.of(List.of(), OFFERED))
                .isEqualTo(new PackageStatuses(Map.of(), OFFERED.allPackagesHash(), ""));
    }

    @Test
    void isInstalledOnceItIsUnpackedWhateverItsHandlerDoes() {
        for (InstallationState state :
                List.of(InstallationState.ENABLING, InstallationState.READY, InstallationState.BLOCKED)) {
            assertThat(line(status("fw", "2.0.0", state, null)))
                    .isEqualTo(new PackageStatus(
                            "acme.Fw",
                            "2.0.0",
                            offered().hash(),
                            "2.0.0",
                            offered().hash(),
                            PackageState.INSTALLED,
                            "",
                            null));
        }
        assertThat(line(status("fw", "2.0.0", InstallationState.FAILED, CauseClass.HANDLER_EXIT))
                        .status())
                .isEqualTo(PackageState.INSTALLED);
    }

    @Test
    void isOnItsWayBeforeThat() {
        assertThat(line(status("fw", null, InstallationState.WAITING_PACKAGE, null))
                        .status())
                .isEqualTo(PackageState.INSTALL_PENDING);
        assertThat(line(status("fw", null, InstallationState.INSTALLING, null)).status())
                .isEqualTo(PackageState.INSTALLING);
        PackageStatus update = line(status("fw", "1.0.0", InstallationState.UPDATING, null));
        assertThat(update.status()).isEqualTo(PackageState.INSTALLING);
        assertThat(update.agentHasVersion()).isEqualTo("1.0.0");
        assertThat(update.agentHasHash()).isEqualTo(Bytes.EMPTY);
        assertThat(update.serverOfferedVersion()).isEqualTo("2.0.0");
    }

    @Test
    void anUpdateThatFailedKeepsWhatItHadAndSaysWhy() {
        PackageStatus line = line(status("fw", "1.0.0", InstallationState.RETURNED, CauseClass.HANDLER_EXIT));
        assertThat(line.status()).isEqualTo(PackageState.INSTALL_FAILED);
        assertThat(line.errorMessage()).isEqualTo("it failed");
        assertThat(line.agentHasVersion()).isEqualTo("1.0.0");
        assertThat(line.serverOfferedVersion()).isEqualTo("2.0.0");
    }

    /** The version on the machine is not the one that was published later under the same number. */
    @Test
    void aPackageThatIsRefusedIsNotInstalledThoughAVersionOfThatNameIs() {
        PackageStatus line = line(status("fw", "2.0.0", InstallationState.FAILED, CauseClass.PACKAGE));
        assertThat(line.status()).isEqualTo(PackageState.INSTALL_FAILED);
        assertThat(line.agentHasHash()).isEqualTo(Bytes.EMPTY);
    }

    @Test
    void whatIsRemovedIsNotTold() {
        assertThat(PackageTable.of(List.of(status("fw", null, InstallationState.REMOVED, null)), OFFERED)
                        .packages())
                .isEmpty();
        assertThat(line(status("fw", "2.0.0", InstallationState.REMOVING, null)).status())
                .isEqualTo(PackageState.INSTALLED);
    }

    @Test
    void oneLineForSeveralInstallationsOfAnExtension() {
        InstallationStatus there = status("a", "2.0.0", InstallationState.READY, null);
        InstallationStatus coming = status("b", null, InstallationState.INSTALLING, null);
        InstallationStatus failed = status("c", null, InstallationState.FAILED, CauseClass.DISK);
        assertThat(line(there, coming).status()).isEqualTo(PackageState.INSTALLED);
        assertThat(line(coming, there).status()).isEqualTo(PackageState.INSTALLED);
        assertThat(line(there, failed).errorMessage()).isEqualTo("it failed");
    }

    /** Whatever state there is, a line can be sent: an unknown number never is. */
    @ParameterizedTest
    @EnumSource(InstallationState.class)
    void everyStateTravels(InstallationState state) {
        OpampCodec codec = new OpampCodec(MessageLimits.STANDARD);
        AgentToServer message = AgentToServer.builder(Bytes.EMPTY)
                .packageStatuses(PackageTable.of(
                        List.of(status("fw", null, state, null), status("av", "1.0.0", state, null)), OFFERED))
                .build();
        assertThat(codec.decodeAgentToServer(codec.encode(message))).isEqualTo(message);
        assertThat(Objects.requireNonNull(message.packageStatuses()).packages().values())
                .allSatisfy(line -> assertThat(line.status()).isNotEqualTo(PackageState.UNRECOGNIZED));
    }
}
