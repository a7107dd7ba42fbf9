package dev.vmext.fleet;

import dev.vmext.fleet.testing.InMemoryFleetStore;

class InMemoryFleetStoreTest extends FleetStoreContract {
    @Override
    protected FleetStore open() {
        return new InMemoryFleetStore();
    }
}
