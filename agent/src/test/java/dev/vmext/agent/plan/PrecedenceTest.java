package dev.vmext.agent.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmext.agent.journal.Traits;
import dev.vmext.packageformat.manifest.ExtensionName;
import dev.vmext.packageformat.manifest.ExtensionReference;
import dev.vmext.packageformat.manifest.Reboot;
import dev.vmext.packageformat.manifest.VersionConstraint;
import dev.vmext.protocol.goal.GoalState;
import dev.vmext.protocol.goal.InstallationGoal;
import dev.vmext.protocol.goal.Presence;
import dev.vmext.protocol.goal.Terms;
import dev.vmext.protocol.status.CauseClass;
import dev.vmext.protocol.status.InstallationState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Who goes before whom: random graphs against a slow oracle, and what the installations are told. */
class PrecedenceTest extends PaperMachine {
    private static InstallationGoal node(int i, List<String> after, List<String> conflicts) {
        return new InstallationGoal(
                "n" + i,
                "acme.N" + i,
                "1.0",
                V1,
                Presence.PRESENT,
                0,
                after,
                "{}",
                null,
                new Terms(null, Map.of(), conflicts));
    }

    static LongStream seeds() {
        return LongStream.range(0, 500);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void cyclesAndRivalsAreThoseOfTheOracle(long seed) {
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
        int size = 1 + random.nextInt(12);
        boolean[][] needs = new boolean[size][size];
        boolean[][] excludes = new boolean[size][size];
        List<InstallationGoal> nodes = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            for (int j = 0; j < size; j++) {
                needs[i][j] = random.nextInt(size + 2) == 0;
                excludes[i][j] = i != j && random.nextInt(2 * size) == 0;
            }
            int me = i;
            nodes.add(node(
                    i,
                    IntStream.range(0, size)
                            .filter(j -> needs[me][j])
                            .mapToObj(j -> "n" + j)
                            .toList(),
                    IntStream.range(0, size)
                            .filter(j -> excludes[me][j])
                            .mapToObj(j -> "n" + j)
                            .toList()));
        }
        Precedence precedence = Precedence.of(new GoalState(1, nodes, Map.of()), Map.of());

        boolean[][] reaches = closure(needs);
        List<Integer> stay = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            List<String> cycle = precedence.cycle("n" + i);
            assertThat(!cycle.isEmpty()).as("n%s in a circle", i).isEqualTo(reaches[i][i]);
            if (!cycle.isEmpty()) {
                assertThat(cycle).startsWith("n" + i).endsWith("n" + i);
                for (int k = 0; k + 1 < cycle.size(); k++) {
                    assertThat(needs[number(cycle.get(k))][number(cycle.get(k + 1))])
                            .as("%s needs %s", cycle.get(k), cycle.get(k + 1))
                            .isTrue();
                }
            }
            int me = i;
            boolean excluded = stay.stream().anyMatch(j -> excludes[me][j] || excludes[j][me]);
            assertThat(precedence.rival("n" + i).isPresent())
                    .as("n%s excluded", i)
                    .isEqualTo(excluded);
            if (!excluded) {
                stay.add(i);
            }
        }
    }

    private static int number(String name) {
        return Integer.parseInt(name.substring(1));
    }

    private static boolean[][] closure(boolean[][] edges) {
        int size = edges.length;
        boolean[][] reaches = new boolean[size][];
        for (int i = 0; i < size; i++) {
            reaches[i] = edges[i].clone();
        }
        for (int k = 0; k < size; k++) {
            for (int i = 0; i < size; i++) {
                for (int j = 0; j < size; j++) {
                    reaches[i][j] |= reaches[i][k] && reaches[k][j];
                }
            }
        }
        return reaches;
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void nothingIsInstalledBeforeWhatItNeedsAndRemovalGoesTheOtherWayRound(long seed) {
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
        int size = 2 + random.nextInt(8);
        parallel = 1 + random.nextInt(5);
        List<List<String>> after = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            List<String> mine = new ArrayList<>();
            for (int j = 0; j < i; j++) {
                if (random.nextInt(3) == 0) {
                    mine.add("n" + j);
                }
            }
            after.add(mine);
        }
        int[] order = random.ints(0, size).distinct().limit(size).toArray();
        for (int i : order) {
            want(
                    "n" + i,
                    i + ".0",
                    digest("n" + i),
                    0,
                    Presence.PRESENT,
                    after.get(i).toArray(String[]::new));
        }
        push();
        converge();
        for (int i = 0; i < size; i++) {
            assertThat(state("n" + i)).isEqualTo(InstallationState.READY);
            for (String other : after.get(i)) {
                assertThat(steps.indexOf(i + ".0 install"))
                        .as("n%s after %s in %s", i, other, steps)
                        .isGreaterThan(steps.indexOf(number(other) + ".0 enable"));
            }
        }
        steps.clear();
        for (int i : order) {
            want(
                    "n" + i,
                    i + ".0",
                    digest("n" + i),
                    0,
                    Presence.ABSENT,
                    after.get(i).toArray(String[]::new));
        }
        push();
        converge();
        for (int i = 0; i < size; i++) {
            for (String other : after.get(i)) {
                assertThat(steps.indexOf(i + ".0 uninstall")).isLessThan(steps.indexOf(number(other) + ".0 disable"));
            }
        }
    }

    @Test
    void aCircleIsRefusedByNameAndGoesOnWhenItIsOpened() {
        want("a", "1.0", V1, 0, Presence.PRESENT, "b");
        want("b", "2.0", V2, 0, Presence.PRESENT, "a");
        want("c", "3.0", V3, 0, Presence.PRESENT);
        want("d", "4.0", digest("4"), 0, Presence.PRESENT, "a");
        push();
        converge();
        assertThat(state("a")).isEqualTo(InstallationState.FAILED);
        assertThat(cause("a").kind()).isEqualTo(CauseClass.DEPENDENCY);
        assertThat(cause("a").message()).contains("a needs b needs a");
        assertThat(cause("b").message()).contains("b needs a needs b");
        assertThat(state("c")).isEqualTo(InstallationState.READY);
        assertThat(state("d")).isEqualTo(InstallationState.BLOCKED);
        assertThat(steps).allMatch(step -> step.contains("3") || step.equals("fetch") || step.equals("settings 0"));
        want("b", "2.0", V2, 0, Presence.PRESENT);
        push();
        converge();
        assertThat(List.of(state("a"), state("b"), state("d"))).containsOnly(InstallationState.READY);
    }

    @Test
    void aCircleHowLongEverIsRemovedWithoutWaitingForItself() {
        for (int length : new int[] {2, 3, 5}) {
            entries.clear();
            wanted.clear();
            for (Presence presence : List.of(Presence.PRESENT, Presence.ABSENT)) {
                for (int i = 0; i < length; i++) {
                    String other = "n" + (i + 1) % length;
                    want("n" + i, i + ".0", digest("n" + i), 0, presence, other);
                }
                // One that leaves beside the circle still goes before what it needs.
                want("last", "9.0", digest("last"), 0, presence, "n0");
                push();
                converge();
            }
            for (int i = 0; i < length; i++) {
                assertThat(state("n" + i)).as("n%s of %s", i, length).isEqualTo(InstallationState.REMOVED);
            }
            assertThat(state("last")).isEqualTo(InstallationState.REMOVED);
        }
    }

    @Test
    void ofTwoThatExcludeEachOtherTheFirstNamedStays() {
        terms.put("b", new Terms(null, Map.of(), List.of("a")));
        want("a", "1.0", V1, 0, Presence.PRESENT);
        want("b", "2.0", V2, 0, Presence.PRESENT);
        push();
        converge();
        assertThat(state("a")).isEqualTo(InstallationState.READY);
        assertThat(state("b")).isEqualTo(InstallationState.FAILED);
        assertThat(cause("b").kind()).isEqualTo(CauseClass.CONFLICT);
        assertThat(cause("b").message())
                .contains("b and a exclude each other")
                .contains("a stays because it is on the machine already");
    }

    @Test
    void whatIsOnTheMachineStaysEvenWhenTheOtherOneIsNamedFirst() {
        install("a");
        terms.put("b", new Terms(null, Map.of(), List.of("a")));
        want("b", "2.0", V2, 0, Presence.PRESENT);
        wanted.addFirst(wanted.removeLast());
        push();
        converge();
        assertThat(state("b")).isEqualTo(InstallationState.FAILED);
        want("a", "1.0", V1, 0, Presence.ABSENT);
        push();
        converge();
        assertThat(state("a")).isEqualTo(InstallationState.REMOVED);
        assertThat(state("b")).isEqualTo(InstallationState.READY);
        assertThat(steps.indexOf("2.0 install")).isGreaterThan(steps.indexOf("1.0 uninstall"));
    }

    private static Traits around(List<ExtensionReference> needs, List<ExtensionReference> excludes) {
        return new Traits(
                false,
                true,
                false,
                1,
                Duration.ofSeconds(10),
                Duration.ofMinutes(5),
                false,
                Duration.ZERO,
                Reboot.NEVER,
                List.of(),
                needs,
                excludes);
    }

    private static ExtensionReference reference(String name, String version) {
        return new ExtensionReference(ExtensionName.of(name), VersionConstraint.of(version));
    }

    @Test
    void whatPackagesSayIsKnownBeforeTheirFirstCommand() {
        traitsOf.put("b", around(List.of(), List.of(reference("acme.a", "1"))));
        traitsOf.put("c", around(List.of(reference("acme.a", "*")), List.of()));
        traitsOf.put("d", around(List.of(reference("acme.a", "2")), List.of()));
        want("c", "3.0", V3, 0, Presence.PRESENT);
        want("d", "4.0", digest("4"), 0, Presence.PRESENT);
        want("a", "1.0", V1, 0, Presence.PRESENT);
        want("b", "2.0", V2, 0, Presence.PRESENT);
        push();
        converge();
        assertThat(state("a")).isEqualTo(InstallationState.READY);
        assertThat(state("c")).isEqualTo(InstallationState.READY);
        assertThat(steps.indexOf("3.0 install")).isGreaterThan(steps.indexOf("1.0 enable"));
        assertThat(cause("b").kind()).isEqualTo(CauseClass.CONFLICT);
        assertThat(state("d")).isEqualTo(InstallationState.BLOCKED);
        assertThat(cause("d").message()).contains("acme.a 2").contains("not wanted on this machine");
        assertThat(steps).doesNotContain("2.0 install", "4.0 install");
    }

    @Test
    void aFailedOneBlocksOnlyWhatNeedsItAndSaysSoByNameToTheEndOfTheLine() {
        fails = step -> step.equals("1.0 install");
        want("a", "1.0", V1, 0, Presence.PRESENT);
        want("b", "2.0", V2, 0, Presence.PRESENT, "a");
        want("c", "3.0", V3, 0, Presence.PRESENT, "b");
        want("d", "4.0", digest("4"), 0, Presence.PRESENT);
        push();
        converge();
        assertThat(state("d")).isEqualTo(InstallationState.READY);
        assertThat(cause("b").message()).contains("it waits for a, which is failed");
        assertThat(cause("c").message()).contains("it waits for b, which is blocked because of a");
        assertThat(cause("c").evidence()).containsEntry("root", "a");
    }

    @Test
    void onlySoManyAreWorkedOnAndWhoBeganGoesFirst() {
        parallel = 2;
        hangs = step -> step.endsWith("install");
        for (int i = 0; i < 5; i++) {
            want("n" + i, i + ".0", digest("n" + i), 0, Presence.PRESENT);
        }
        push();
        converge();
        assertThat(steps).filteredOn(step -> step.endsWith("install")).containsExactly("0.0 install", "1.0 install");
        assertThat(state("n4")).isEqualTo(InstallationState.PENDING);
        assertThat(cause("n4").message()).contains("waits for its turn");
        finish("n0");
        converge();
        assertThat(steps).endsWith("2.0 install").contains("0.0 enable");
        pass(Duration.ofMinutes(91));
        converge();
        assertThat(state("n4")).isEqualTo(InstallationState.TIMED_OUT);
        hangs = step -> false;
        finish("n1");
        finish("n2");
        converge();
        assertThat(state("n4")).isEqualTo(InstallationState.READY);
    }
}
