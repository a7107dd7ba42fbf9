package dev.vmext.fleet;

import dev.vmext.fleet.testing.InMemoryFleetStore;

class InMemoryFleetRecordsTest extends FleetRecordsContract {
    @Override
    protected FleetStore open() {
        return new InMemoryFleetStore();
    }
}
