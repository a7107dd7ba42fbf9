package dev.vmext.agent.host;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmext.packageformat.manifest.Lease;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What every implementation of {@link ForeignLocks} keeps; one subclass per implementation. */
@SuppressWarnings("try") // close waits for a process, which a test may interrupt
abstract class ForeignLocksContract {
    /** Somebody who holds the package managers. */
    interface Taken extends AutoCloseable {
        long pid();

        long session();

        /** A word that an operator would recognise the holder by. */
        String known();

        @Override
        void close() throws Exception;
    }

    abstract ForeignLocks locks() throws Exception;

    abstract Taken take() throws Exception;

    private static List<LockHolder> holders(ForeignLocks locks, Long... ours) throws Exception {
        return locks.holders(Lease.PACKAGE_MANAGER, Set.of(ours));
    }

    @Test
    void nobodyHoldsWhatIsFree() throws Exception {
        assertThat(holders(locks())).isEmpty();
    }

    @Test
    void namesTheHolderUntilItLetsGo() throws Exception {
        ForeignLocks locks = locks();
        try (Taken taken = take()) {
            assertThat(holders(locks)).singleElement().satisfies(holder -> {
                assertThat(holder.pid()).isEqualTo(taken.pid());
                assertThat(holder.command()).contains(taken.known()).hasSizeLessThanOrEqualTo(200);
                assertThat(holder.what()).contains("lock");
            });
        }
        assertThat(holders(locks)).isEmpty();
    }

    @Test
    void whatOurOwnCommandsHoldIsNotForeign() throws Exception {
        ForeignLocks locks = locks();
        try (Taken taken = take()) {
            assertThat(holders(locks, taken.session(), 1L)).isEmpty();
            assertThat(holders(locks, Long.MAX_VALUE)).hasSize(1);
        }
    }
}
