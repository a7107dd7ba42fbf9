package dev.vmext.server.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vmext.fleet.provider.MachineProvider;
import dev.vmext.fleet.provider.MachineSnapshots;
import dev.vmext.fleet.provider.MachineSpec;
import dev.vmext.fleet.provider.PowerState;
import dev.vmext.fleet.provider.Progress;
import dev.vmext.fleet.provider.ProviderProblem;
import dev.vmext.fleet.provider.SeedFiles;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What every machine provider promises; one subclass per provider. */
abstract class MachineProviderContract {
    static final String ID = "3f0e4c1a-9d5b-4f57-8a3e-0123456789ab";
    static final String OTHER = "7c0e4c1a-9d5b-4f57-8a3e-0123456789ab";

    abstract MachineProvider provider();

    static MachineSpec spec(String id) {
        return new MachineSpec(
                id,
                "contract",
                1,
                64,
                1,
                Optional.empty(),
                new SeedFiles("#cloud-config\n", "instance-id: i-1\nlocal-hostname: contract\n"));
    }

    void create(String id) {
        provider().create(spec(id), Progress.none());
    }

    @Test
    void aMachineRunsAfterItWasCreated() {
        List<Progress.Phase> phases = new ArrayList<>();
        provider().create(spec(ID), (phase, text, percent) -> phases.add(phase));

        assertThat(provider().power(ID)).isEqualTo(PowerState.RUNNING);
        assertThat(provider().machines()).containsExactly(ID);
        assertThat(phases)
                .startsWith(Progress.Phase.PREFLIGHT)
                .endsWith(Progress.Phase.RUNNING)
                .isSorted();
    }

    @Test
    void creatingAgainChangesNothing() {
        create(ID);
        create(ID);

        assertThat(provider().power(ID)).isEqualTo(PowerState.RUNNING);
        assertThat(provider().machines()).containsExactly(ID);
    }

    @Test
    void creatingAMachineThatIsOffBootsIt() {
        create(ID);
        provider().kill(ID);
        create(ID);

        assertThat(provider().power(ID)).isEqualTo(PowerState.RUNNING);
    }

    @Test
    void refusesToCreateAMachineThatExistsWithOtherHardware() {
        create(ID);
        MachineSpec larger = new MachineSpec(ID, "contract", 2, 64, 1, Optional.empty(), spec(ID).seed());

        assertProblem(ProviderProblem.Kind.CONFLICT, () -> provider().create(larger, Progress.none()));
    }

    @Test
    void refusesAnImageThatDoesNotExist() {
        MachineSpec strange = new MachineSpec(ID, "contract", 1, 64, 1, Optional.of("no-such-image"), spec(ID).seed());

        assertProblem(ProviderProblem.Kind.UNKNOWN_IMAGE, () -> provider().preflight(strange));
        assertProblem(ProviderProblem.Kind.UNKNOWN_IMAGE, () -> provider().create(strange, Progress.none()));
        assertThat(provider().machines()).isEmpty();
    }

    @Test
    void powerCutAndStartAndStopAreObserved() {
        create(ID);

        provider().kill(ID);
        assertThat(provider().power(ID)).isEqualTo(PowerState.STOPPED);
        provider().start(ID);
        assertThat(provider().power(ID)).isEqualTo(PowerState.RUNNING);
        provider().stop(ID);
        assertThat(provider().power(ID)).isEqualTo(PowerState.STOPPED);
    }

    @Test
    void everySwitchCanBePressedTwice() {
        create(ID);

        provider().start(ID);
        provider().stop(ID);
        provider().stop(ID);
        provider().kill(ID);
        assertThat(provider().power(ID)).isEqualTo(PowerState.STOPPED);
    }

    @Test
    void aDeletedMachineIsGoneAndItsIdIsFree() {
        create(ID);
        create(OTHER);

        provider().delete(ID);
        provider().delete(ID);

        assertThat(provider().power(ID)).isEqualTo(PowerState.ABSENT);
        assertThat(provider().machines()).containsExactly(OTHER);
        create(ID);
        assertThat(provider().power(ID)).isEqualTo(PowerState.RUNNING);
    }

    @Test
    void anUnknownMachineIsAbsentAndCannotBeSwitched() {
        assertThat(provider().power(ID)).isEqualTo(PowerState.ABSENT);
        assertProblem(ProviderProblem.Kind.UNKNOWN_MACHINE, () -> provider().start(ID));
        assertProblem(ProviderProblem.Kind.UNKNOWN_MACHINE, () -> provider().stop(ID));
        assertProblem(ProviderProblem.Kind.UNKNOWN_MACHINE, () -> provider().kill(ID));
        assertProblem(ProviderProblem.Kind.UNKNOWN_MACHINE, () -> provider().console(ID, 10));
    }

    @Test
    void aNameFromOutsideNeverBecomesAPath() {
        assertThatThrownBy(() -> provider().delete("../../etc")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> provider().power("")).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void snapshotsAreKeptAndAnUnknownOneIsNamed() {
        create(ID);
        MachineSnapshots snapshots = (MachineSnapshots) provider();

        snapshots.snapshotSave(ID, "clean");
        snapshots.snapshotSave(ID, "clean");
        snapshots.snapshotLoad(ID, "clean");

        assertThat(provider().power(ID)).isEqualTo(PowerState.RUNNING);
        assertProblem(ProviderProblem.Kind.UNKNOWN_SNAPSHOT, () -> snapshots.snapshotLoad(ID, "other"));
        provider().kill(ID);
        assertProblem(ProviderProblem.Kind.NOT_RUNNING, () -> snapshots.snapshotSave(ID, "clean"));
    }

    @Test
    void theConsoleIsReadFromItsEnd() {
        create(ID);

        assertThat(provider().console(ID, 5)).hasSizeLessThanOrEqualTo(5);
    }

    static void assertProblem(ProviderProblem.Kind kind, Runnable action) {
        assertThatThrownBy(action::run).isInstanceOfSatisfying(ProviderProblem.class, p -> {
            assertThat(p.kind()).isEqualTo(kind);
            assertThat(p.detail()).startsWith("cannot ").contains(": ");
        });
    }
}
