package dev.vmext.agent.crash;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmext.agent.crash.Rig.Death;
import dev.vmext.agent.process.testing.FakeHandlers.Call;
import dev.vmext.protocol.status.CauseClass;
import dev.vmext.protocol.status.InstallationState;
import dev.vmext.protocol.status.InstallationStatus;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every operation, killed at every point: each change of a file, each command, each download. The agent is built anew from what is on the
 * disk; then the machine must come to rest where it would have without the crash, and no command may have run that should not.
 */
class CrashTest {
    private static final List<Death> DEATHS = List.of(Death.values());
    private static final int SHOWN = 5;
    private static final int PAIRS = 15;
    private static final long SEED = Long.getLong("vmext.seed", 20261123);
    private static final Logger NOISY = Logger.getLogger("dev.vmext.agent");

    @TempDir
    static Path work;

    private static final Map<String, Course> COURSES = new HashMap<>();

    private static Shelf shelf;
    private static int points;
    private static int runs;

    @BeforeAll
    static void make() {
        shelf = new Shelf(work);
        // Thousands of crashes have thousands of warnings to tell.
        NOISY.setLevel(Level.OFF);
    }

    @AfterAll
    static void tell() {
        NOISY.setLevel(null);
        COURSES.clear();
        System.out.println("crash test: " + runs + " crashes at " + points + " points of "
                + Scenario.all().size() + " operations, second crashes drawn with seed " + SEED);
    }

    static List<Scenario> scenarios() {
        return Scenario.all();
    }

    /** A run without a crash, and the machine at each point of it. */
    private record Course(Rig end, List<Point> points) {
        /** Once for all tests of an operation. */
        static Course of(Scenario scenario) {
            return COURSES.computeIfAbsent(scenario.name(), name -> run(scenario));
        }

        private static Course run(Scenario scenario) {
            Rig rig = new Rig(shelf);
            scenario.before().accept(rig);
            rig.toRest();
            rig.disk.sync();
            List<Point> points = new ArrayList<>();
            rig.fuse.watch(what -> points.add(new Point(points.size(), what, rig.withoutAgent())));
            scenario.operation().accept(rig);
            rig.toRest();
            rig.fuse.watch(null);
            return new Course(rig, points);
        }
    }

    private record Point(int number, String what, Rig machine) {
        @Override
        public String toString() {
            return number + " before " + what;
        }

        /** Empty when the machine was in that state before: it would come to the same end. */
        Optional<Rig> after(Death death, Set<String> seen) {
            Rig rig = machine.withoutAgent();
            rig.die(death);
            return seen.add(rig.key()) ? Optional.of(rig) : Optional.empty();
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("scenarios")
    void aKilledAgentEndsWhereItWouldHaveEnded(Scenario scenario) {
        Course calm = Course.of(scenario);
        assertThat(calm.end().faults()).isEmpty();
        points += calm.points().size();
        Set<String> seen = new HashSet<>();
        List<String> bad = new ArrayList<>();
        for (Point point : calm.points()) {
            point.after(Death.KILLED, seen)
                    .ifPresent(rig -> check(bad, point + " killed", () -> {
                        rig.toRest();
                        List<String> wrong = new ArrayList<>(rig.faults());
                        compare(wrong, calm.end().end(), rig.end());
                        if (!calls(rig).equals(calls(calm.end()))) {
                            wrong.add("commands " + calls(rig) + " instead of " + calls(calm.end()));
                        }
                        return wrong;
                    }));
        }
        assertThat(bad.stream().limit(SHOWN))
                .as(bad.size() + " crashes went wrong")
                .isEmpty();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("scenarios")
    void aPowerCutEndsWhereItWouldHaveEndedOrSaysWhatIsNotKnown(Scenario scenario) {
        Course calm = Course.of(scenario);
        Set<String> seen = new HashSet<>();
        List<String> bad = new ArrayList<>();
        for (Point point : calm.points()) {
            for (Death death : List.of(Death.POWER_CUT, Death.POWER_CUT_AFTER_WORK)) {
                point.after(death, seen)
                        .ifPresent(rig -> check(bad, point + " " + death, () -> {
                            rig.toRest();
                            return afterPowerCut(scenario, calm.end(), rig, 1);
                        }));
            }
        }
        assertThat(bad.stream().limit(SHOWN))
                .as(bad.size() + " crashes went wrong")
                .isEmpty();
    }

    /** The agent that clears up after a crash may crash as well; points are drawn, because all pairs would be too many. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("scenarios")
    void aSecondCrashChangesNothing(Scenario scenario) {
        Course calm = Course.of(scenario);
        Random random = new Random(SEED);
        List<String> bad = new ArrayList<>();
        for (int i = 0; i < PAIRS; i++) {
            Point point = calm.points().get(random.nextInt(calm.points().size()));
            Death first = DEATHS.get(random.nextInt(DEATHS.size()));
            Death second = DEATHS.get(random.nextInt(DEATHS.size()));
            int next = random.nextInt(calm.points().size());
            check(
                    bad,
                    "seed " + SEED + ", pair " + i + ": " + point + " " + first + ", then " + second + " at " + next,
                    () -> {
                        Rig rig = point.machine().withoutAgent();
                        rig.die(first);
                        rig.dieAt(second, next);
                        rig.toRest();
                        return afterPowerCut(scenario, calm.end(), rig, 2);
                    });
        }
        assertThat(bad.stream().limit(SHOWN))
                .as(bad.size() + " crashes went wrong")
                .isEmpty();
    }

    private static List<String> afterPowerCut(Scenario scenario, Rig calm, Rig rig, int cuts) {
        List<String> wrong = new ArrayList<>(rig.faults());
        if (!saysInterrupted(rig)) {
            Map<String, String> expected = calm.end();
            Map<String, String> found = rig.end();
            if (scenario.once()) {
                // What a one-shot started ends with the machine, and nobody starts it again.
                expected.keySet().removeIf(key -> key.startsWith("service "));
                found.keySet().removeIf(key -> key.startsWith("service "));
            }
            compare(wrong, expected, found);
        }
        onceOnly(wrong, scenario, calm, rig, cuts);
        return wrong;
    }

    private interface Look {
        List<String> wrong();
    }

    private static void check(List<String> bad, String where, Look look) {
        runs++;
        try {
            List<String> wrong = look.wrong();
            if (!wrong.isEmpty()) {
                bad.add(where + "\n      " + String.join("\n      ", wrong));
            }
        } catch (AssertionError | RuntimeException stuck) {
            bad.add(where + "\n      " + stuck);
        }
    }

    private static Map<String, List<String>> calls(Rig rig) {
        return rig.handlers.calls().stream()
                .collect(Collectors.groupingBy(
                        Call::installation,
                        TreeMap::new,
                        Collectors.mapping(
                                call -> call.version() + " " + call.word() + " " + call.sequence(),
                                Collectors.toList())));
    }

    private static void compare(List<String> wrong, Map<String, String> expected, Map<String, String> found) {
        expected.forEach((key, value) -> {
            if (!value.equals(found.get(key))) {
                wrong.add(key + ": " + brief(String.valueOf(found.get(key))) + " instead of " + brief(value));
            }
        });
        found.forEach((key, value) -> {
            if (!expected.containsKey(key)) {
                wrong.add(key + ": " + brief(value) + " is too much");
            }
        });
    }

    private static String brief(String text) {
        String line = text.replace("\n", " ");
        return line.length() <= 100 ? line : line.substring(0, 100) + "...";
    }

    /** A machine that went down in the middle of a command can say that it does not know what it did. */
    private static boolean saysInterrupted(Rig rig) {
        InstallationStatus status = rig.statuses().get("fw");
        return status != null
                && (status.state() == InstallationState.FAILED || status.state() == InstallationState.RETURNED)
                && status.cause() != null
                && status.cause().kind() == CauseClass.HANDLER_CRASH;
    }

    private static void onceOnly(List<String> wrong, Scenario scenario, Rig calm, Rig rig, int cuts) {
        Map<Call, Long> expected = count(calm);
        count(rig).forEach((call, times) -> {
            boolean once = scenario.once() && call.word().equals("enable");
            long usual = expected.getOrDefault(call, 0L);
            if (times > usual + (once ? 0 : cuts) && expected.containsKey(call)) {
                wrong.add(call + " ran " + times + " times instead of " + usual);
            }
        });
    }

    private static Map<Call, Long> count(Rig rig) {
        return rig.handlers.calls().stream().collect(Collectors.groupingBy(call -> call, Collectors.counting()));
    }
}
