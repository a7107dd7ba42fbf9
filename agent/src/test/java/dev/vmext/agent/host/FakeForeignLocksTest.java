package dev.vmext.agent.host;

import dev.vmext.agent.host.testing.FakeForeignLocks;

@SuppressWarnings("try") // close waits for a process, which a test may interrupt
class FakeForeignLocksTest extends ForeignLocksContract {
    private final FakeForeignLocks locks = new FakeForeignLocks();

    @Override
    ForeignLocks locks() {
        return locks;
    }

    @Override
    Taken take() {
        locks.hold(new LockHolder(42, "apt-get update", "/var/lib/apt/lists/lock"), 40);
        return new Taken() {
            @Override
            public long pid() {
                return 42;
            }

            @Override
            public long session() {
                return 40;
            }

            @Override
            public String known() {
                return "apt-get";
            }

            @Override
            public void close() {
                locks.release(42);
            }
        };
    }
}
