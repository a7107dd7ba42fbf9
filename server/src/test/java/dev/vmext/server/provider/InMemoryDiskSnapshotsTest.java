package dev.vmext.server.provider;

import dev.vmext.fleet.provider.DiskSnapshots;
import dev.vmext.fleet.provider.Progress;
import dev.vmext.fleet.provider.testing.InMemoryMachineProvider;

final class InMemoryDiskSnapshotsTest extends DiskSnapshotsContract {
    private final InMemoryMachineProvider provider = new InMemoryMachineProvider();

    @Override
    DiskSnapshots snapshots() {
        return provider;
    }

    @Override
    void machine(String id) {
        provider.create(MachineProviderContract.spec(id), Progress.none());
    }

    @Override
    void write(String id, char letter) {
        provider.write(id, String.valueOf(letter));
    }

    @Override
    char read(String id) {
        return provider.read(id).charAt(0);
    }

    @Override
    void damage(String id, String snapshot) {
        provider.breakSnapshot(id, snapshot);
    }
}
