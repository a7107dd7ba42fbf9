package dev.vmext.server.provider;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmext.fleet.provider.MachineProvider;
import dev.vmext.fleet.provider.PowerState;
import dev.vmext.fleet.provider.ProviderProblem;
import dev.vmext.fleet.provider.testing.InMemoryMachineProvider;
import org.junit.jupiter.api.Test;

final class InMemoryMachineProviderTest extends MachineProviderContract {
    private final InMemoryMachineProvider provider = new InMemoryMachineProvider();

    @Override
    MachineProvider provider() {
        return provider;
    }

    @Test
    void failsOnceWhenItIsToldTo() {
        provider.failNext(
                new ProviderProblem(ProviderProblem.Kind.NOT_ENOUGH_DISK, "cannot create: full", "make room"));

        assertProblem(ProviderProblem.Kind.NOT_ENOUGH_DISK, () -> create(ID));
        create(ID);
        assertThat(provider.power(ID)).isEqualTo(PowerState.RUNNING);
    }

    @Test
    void countsBoots() {
        create(ID);
        provider.kill(ID);
        provider.start(ID);

        assertThat(provider.boots(ID)).isEqualTo(2);
    }
}
