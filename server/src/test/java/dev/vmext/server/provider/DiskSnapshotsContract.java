package dev.vmext.server.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vmext.fleet.provider.DiskSnapshot;
import dev.vmext.fleet.provider.DiskSnapshots;
import dev.vmext.fleet.provider.DiskSnapshots.Moment;
import dev.vmext.fleet.provider.DiskSnapshots.Wish;
import dev.vmext.fleet.provider.ProviderProblem.Kind;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What everything that keeps snapshots of disks promises; one subclass per provider. */
abstract class DiskSnapshotsContract {
    static final String ID = MachineProviderContract.ID;
    static final String OTHER = MachineProviderContract.OTHER;
    static final Moment NOW = Runnable::run;

    abstract DiskSnapshots snapshots();

    /** There is a machine with this id, and it runs. */
    abstract void machine(String id) throws Exception;

    /** The guest writes one letter, always to the same place. */
    abstract void write(String id, char letter) throws Exception;

    /** What is there, whether the machine runs or not. */
    abstract char read(String id) throws Exception;

    /** Somebody damages what is kept. */
    abstract void damage(String id, String snapshot) throws Exception;

    DiskSnapshot take(String snapshot) {
        return snapshots().take(ID, new Wish(snapshot, false, 10), NOW);
    }

    @Test
    void theFirstIsFullAndTheNextOnesAreIncrements() throws Exception {
        machine(ID);
        write(ID, 'a');
        DiskSnapshot first = take("s1");
        write(ID, 'b');
        DiskSnapshot second = take("s2");

        assertThat(first.parent()).isEmpty();
        assertThat(first.whyFull()).isEqualTo("it is the first of this machine");
        assertThat(first.running()).isTrue();
        assertThat(second.parent()).contains("s1");
        assertThat(second.depth()).isEqualTo(1);
        assertThat(second.whyFull()).isEmpty();
        assertThat(snapshots().snapshots(ID)).containsExactly(first, second);
        assertThat(snapshots().snapshots(OTHER)).isEmpty();
    }

    @Test
    void aFullOneIsTakenWhenAskedForAndWhenTheChainIsLong() throws Exception {
        machine(ID);
        take("s1");

        assertThat(snapshots().take(ID, new Wish("s2", true, 10), NOW).whyFull())
                .isEqualTo("a full one was asked for");
        assertThat(snapshots().take(ID, new Wish("s3", false, 1), NOW).parent()).contains("s2");
        assertThat(snapshots().take(ID, new Wish("s4", false, 1), NOW).whyFull())
                .isEqualTo("its chain has 1 increments already");
    }

    @Test
    void restoresEveryLinkOfAChainAndLeavesTheMachineOff() throws Exception {
        machine(ID);
        write(ID, 'a');
        take("s1");
        write(ID, 'b');
        take("s2");
        write(ID, 'c');

        snapshots().restore(ID, "s1", Optional.empty());
        assertThat(read(ID)).isEqualTo('a');
        snapshots().restore(ID, "s2", Optional.empty());
        assertThat(read(ID)).isEqualTo('b');
        assertThat(take("s3"))
                .satisfies(after -> assertThat(after.running()).isFalse())
                .satisfies(after -> assertThat(after.whyFull()).contains("no record of what was written"));
    }

    @Test
    void aMomentThatDoesNotComeLeavesNothing() throws Exception {
        machine(ID);
        write(ID, 'a');
        take("s1");
        write(ID, 'b');

        assertThatThrownBy(() -> snapshots().take(ID, new Wish("s2", false, 10), take -> {
                    throw new IllegalStateException("the guest does not hold still");
                }))
                .hasStackTraceContaining("the guest does not hold still");

        assertThat(snapshots().snapshots(ID)).hasSize(1);
        assertThat(take("s2").parent()).contains("s1");
        snapshots().restore(ID, "s2", Optional.empty());
        assertThat(read(ID)).isEqualTo('b');
    }

    @Test
    void theMomentComesOnce() throws Exception {
        machine(ID);
        AtomicInteger moments = new AtomicInteger();
        snapshots().take(ID, new Wish("s1", false, 10), take -> {
            moments.incrementAndGet();
            take.run();
        });

        assertThat(moments).hasValue(1);
    }

    @Test
    void whatIsBuiltOnIsNotDeleted() throws Exception {
        machine(ID);
        take("s1");
        take("s2");

        MachineProviderContract.assertProblem(Kind.CONFLICT, () -> snapshots().drop(ID, "s1"));
        snapshots().drop(ID, "s2");
        snapshots().drop(ID, "s2");
        assertThat(take("s3").whyFull()).contains("no record of what was written since snapshot s1");
        snapshots().drop(ID, "s1");
        assertThat(snapshots().snapshots(ID)).extracting(DiskSnapshot::id).containsExactly("s3");
        snapshots().dropAll(ID);
        snapshots().dropAll(ID);
        assertThat(snapshots().snapshots(ID)).isEmpty();
    }

    @Test
    void aDamagedChainIsSeenAndNotRestored() throws Exception {
        machine(ID);
        write(ID, 'a');
        take("s1");
        take("s2");
        write(ID, 'z');
        assertThat(snapshots().verify(ID, "s2").good()).isTrue();
        damage(ID, "s1");

        assertThat(snapshots().verify(ID, "s2").faults())
                .anySatisfy(fault -> assertThat(fault).contains("s1").contains("digest"));
        MachineProviderContract.assertProblem(
                Kind.BROKEN_SNAPSHOT, () -> snapshots().restore(ID, "s2", Optional.empty()));
        MachineProviderContract.assertProblem(
                Kind.BROKEN_SNAPSHOT,
                () -> snapshots()
                        .createFrom(
                                MachineProviderContract.spec(OTHER),
                                ID,
                                "s2",
                                dev.vmext.fleet.provider.Progress.none()));
        assertThat(read(ID)).isEqualTo('z');
    }

    @Test
    void whatIsNotThereIsNamed() throws Exception {
        machine(ID);

        MachineProviderContract.assertProblem(
                Kind.UNKNOWN_SNAPSHOT, () -> snapshots().restore(ID, "s9", Optional.empty()));
        MachineProviderContract.assertProblem(
                Kind.UNKNOWN_SNAPSHOT, () -> snapshots().verify(ID, "s9"));
        MachineProviderContract.assertProblem(
                Kind.UNKNOWN_MACHINE, () -> snapshots().take(OTHER, new Wish("s1", false, 3), NOW));
        snapshots().settle(ID);
        snapshots().settle(OTHER);
        assertThatThrownBy(() -> snapshots().drop(ID, "../x")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Wish(".taking-x", false, 1)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aMachineIsMadeFromTheSnapshotOfAnother() throws Exception {
        machine(ID);
        write(ID, 'a');
        take("s1");
        write(ID, 'b');
        take("s2");
        write(ID, 'c');

        snapshots().createFrom(MachineProviderContract.spec(OTHER), ID, "s2", dev.vmext.fleet.provider.Progress.none());

        assertThat(read(OTHER)).isEqualTo('b');
        assertThat(read(ID)).isEqualTo('c');
        assertThat(snapshots().snapshots(OTHER)).isEmpty();
    }
}
