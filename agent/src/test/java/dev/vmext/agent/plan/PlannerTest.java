package dev.vmext.agent.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmext.agent.journal.Deployed;
import dev.vmext.agent.journal.Entry;
import dev.vmext.agent.journal.Slot;
import dev.vmext.agent.journal.Step;
import dev.vmext.agent.journal.Traits;
import dev.vmext.agent.run.HealthReading;
import dev.vmext.agent.run.InstallationMachine;
import dev.vmext.agent.run.StepResult;
import dev.vmext.packageformat.manifest.HandlerCommand;
import dev.vmext.packageformat.trust.TrustMode;
import dev.vmext.protocol.Digest;
import dev.vmext.protocol.goal.GoalState;
import dev.vmext.protocol.goal.InstallationGoal;
import dev.vmext.protocol.goal.PackageOffer;
import dev.vmext.protocol.goal.Presence;
import dev.vmext.protocol.status.Cause;
import dev.vmext.protocol.status.CauseClass;
import dev.vmext.protocol.status.HandlerStatus;
import dev.vmext.protocol.status.InstallationState;
import dev.vmext.protocol.status.StatusWord;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Planner and state machine together, without I/O: steps are noted instead of done, and fail when the test says so. */
class PlannerTest {
    private static final Digest V1 = digest("1");
    private static final Digest V2 = digest("2");
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

    private final Planner planner = new Planner();
    private final Map<String, Entry> entries = new LinkedHashMap<>();
    private final Set<Digest> packages = new HashSet<>();
    private final List<String> steps = new ArrayList<>();
    private final List<InstallationGoal> wanted = new ArrayList<>();
    private final Map<String, PackageOffer> offers = new HashMap<>();
    private Traits traits = new Traits(false, true, false, 1, Duration.ofSeconds(10), Duration.ofMinutes(5));
    private Predicate<String> fails = step -> false;
    private String boot = "boot-1";
    private Instant now = START;
    private long generation;

    private static Digest digest(String content) {
        return Digest.of(content.getBytes(StandardCharsets.UTF_8));
    }

    private void want(String name, String version, Digest digest, long sequence, Presence presence, String... after) {
        wanted.removeIf(goal -> goal.name().equals(name));
        wanted.add(new InstallationGoal(
                name, "acme." + name, version, digest, presence, sequence, List.of(after), "{}", null));
        offers.put(
                "acme." + name,
                new PackageOffer("acme." + name, version, digest, 1, "/v1/packages/sha256/" + digest.hex(), "{}"));
    }

    private GoalState goal() {
        return new GoalState(generation, wanted, offers);
    }

    private void push() {
        generation++;
        for (InstallationGoal goal : wanted) {
            Entry known = entries.get(goal.name());
            entries.put(
                    goal.name(),
                    known == null
                            ? InstallationMachine.wanted(goal, generation, now)
                            : InstallationMachine.goal(known, goal, generation, now));
        }
    }

    private List<Decision> decide() {
        return planner.plan(goal(), entries, new Observed(now, boot, TrustMode.FULL, packages, Duration.ofMinutes(90)));
    }

    /** Carries out decisions until all installations rest or wait. */
    private void converge() {
        for (int round = 0; round < 200; round++) {
            boolean acted = false;
            for (Decision decision : decide()) {
                acted |= apply(decision);
            }
            for (Entry entry : List.copyOf(entries.values())) {
                if (entry.intent() == null
                        && entry.active().filter(Deployed::enabled).isPresent()) {
                    Entry seen = InstallationMachine.observe(entry, health(), now);
                    acted |= !seen.equals(entry);
                    entries.put(entry.name(), seen);
                }
            }
            if (!acted) {
                return;
            }
        }
        throw new AssertionError("does not come to rest: " + steps);
    }

    private static HealthReading health() {
        return new HealthReading(
                new HandlerStatus("Enable", StatusWord.SUCCESS, "0", "fine", List.of()), null, null, true);
    }

    private boolean apply(Decision decision) {
        Entry entry = Objects.requireNonNull(entries.get(decision.name()));
        return switch (decision) {
            case Decision.Act(String name, Step step) -> {
                Entry begun = InstallationMachine.begin(entry, step, "run", Duration.ofMinutes(1), boot, now);
                String word = word(begun, step);
                steps.add(word);
                StepResult result = fails.test(word)
                        ? new StepResult.Failed(
                                new Cause(CauseClass.HANDLER_EXIT, step.word(), "it failed", "", Map.of()))
                        : done(step);
                entries.put(name, InstallationMachine.ended(begun, result, boot, Duration.ofMinutes(90), now));
                yield true;
            }
            case Decision.Await(String name, InstallationState state, Cause cause) -> {
                entries.put(name, InstallationMachine.await(entry, state, cause, now));
                yield false;
            }
            case Decision.GiveUp(String name, InstallationState state, Cause cause) -> {
                entries.put(name, InstallationMachine.giveUp(entry, state, cause, now));
                yield true;
            }
            case Decision.Rest _ -> false;
            case Decision.Drop(String name) -> {
                entries.remove(name);
                yield true;
            }
        };
    }

    private StepResult done(Step step) {
        return switch (step) {
            case Step.Fetch(Digest digest) -> {
                packages.add(digest);
                yield StepResult.Done.PLAIN;
            }
            case Step.Unpack _ -> new StepResult.Done(traits, null, "");
            case Step.Run _ -> new StepResult.Done(null, 0, "");
            case Step.WriteSettings _,
                    Step.KeepOld _,
                    Step.CopyState _,
                    Step.RestoreOld _,
                    Step.Remove _,
                    Step.Forget _ -> StepResult.Done.PLAIN;
        };
    }

    private static String word(Entry entry, Step step) {
        return switch (step) {
            case Step.Run(Slot slot, HandlerCommand command, Slot _) ->
                entry.get(slot).version() + " " + command.text();
            case Step.Unpack(Digest _, String version) -> "unpack " + version;
            case Step.Remove(Slot slot) -> "remove " + entry.get(slot).version();
            case Step.WriteSettings(Slot _, long sequence) -> "settings " + sequence;
            case Step.Fetch _, Step.KeepOld _, Step.CopyState _, Step.RestoreOld _, Step.Forget _ -> step.word();
        };
    }

    private InstallationState state(String name) {
        return Objects.requireNonNull(entries.get(name)).status().state();
    }

    private void install(String name) {
        want(name, "1.0", V1, 0, Presence.PRESENT);
        push();
        converge();
        steps.clear();
    }

    @Test
    void aFreshInstallation() {
        want("fw", "1.0", V1, 0, Presence.PRESENT);
        push();
        converge();
        assertThat(steps).containsExactly("fetch", "unpack 1.0", "settings 0", "1.0 install", "1.0 enable");
        assertThat(state("fw")).isEqualTo(InstallationState.READY);
    }

    @Test
    void anUpdateInTheOrderOfTheContract() {
        install("fw");
        want("fw", "2.0", V2, 1, Presence.PRESENT);
        push();
        converge();
        assertThat(steps)
                .containsExactly(
                        "fetch",
                        "unpack 2.0",
                        "settings 1",
                        "keep",
                        "1.0 disable",
                        "copy-state",
                        "2.0 update",
                        "1.0 uninstall",
                        "remove 1.0",
                        "2.0 install",
                        "2.0 enable");
        assertThat(state("fw")).isEqualTo(InstallationState.READY);
    }

    @Test
    void anUpdateWithoutInstall() {
        install("fw");
        traits = new Traits(false, false, false, 1, Duration.ofSeconds(10), Duration.ofMinutes(5));
        want("fw", "2.0", V2, 0, Presence.PRESENT);
        push();
        converge();
        assertThat(steps).contains("2.0 update", "2.0 enable").doesNotContain("2.0 install");
    }

    @Test
    void aFailedDisableOfTheOldVersionEnablesItAgain() {
        install("fw");
        fails = step -> step.equals("1.0 disable");
        want("fw", "2.0", V2, 0, Presence.PRESENT);
        push();
        converge();
        assertThat(steps).endsWith("1.0 disable", "remove 2.0", "1.0 enable");
        assertThat(state("fw")).isEqualTo(InstallationState.RETURNED);
    }

    @Test
    void aFailedDisableIsPassedOnWhereTheNewVersionSaysSo() {
        install("fw");
        traits = new Traits(false, true, true, 1, Duration.ofSeconds(10), Duration.ofMinutes(5));
        fails = step -> step.equals("1.0 disable") || step.equals("1.0 uninstall");
        want("fw", "2.0", V2, 0, Presence.PRESENT);
        push();
        converge();
        assertThat(steps).endsWith("2.0 install", "2.0 enable");
        assertThat(state("fw")).isEqualTo(InstallationState.READY);
    }

    @Test
    void aFailedUpdateBeforeTheOldVersionWasTouchedLeavesItAlone() {
        install("fw");
        fails = step -> step.equals("unpack 2.0");
        want("fw", "2.0", V2, 0, Presence.PRESENT);
        push();
        converge();
        assertThat(steps).containsExactly("fetch", "unpack 2.0");
        assertThat(state("fw")).isEqualTo(InstallationState.FAILED);
        assertThat(Objects.requireNonNull(entries.get("fw")).get(Slot.CURRENT).enabled())
                .isTrue();
    }

    @Test
    void aReturnThatFailsTooNamesBothCauses() {
        install("fw");
        fails = step -> step.equals("2.0 enable") || step.equals("1.0 install");
        want("fw", "2.0", V2, 0, Presence.PRESENT);
        push();
        converge();
        assertThat(state("fw")).isEqualTo(InstallationState.FAILED);
        assertThat(Objects.requireNonNull(Objects.requireNonNull(entries.get("fw"))
                                .status()
                                .cause())
                        .message())
                .contains("this was tried because");
    }

    @Test
    void goingBackToTheOldVersionAfterAFailedUpdateRunsNothing() {
        install("fw");
        fails = step -> step.equals("fetch");
        want("fw", "2.0", V2, 0, Presence.PRESENT);
        push();
        converge();
        steps.clear();
        want("fw", "1.0", V1, 0, Presence.PRESENT);
        push();
        converge();
        assertThat(steps).isEmpty();
        assertThat(state("fw")).isEqualTo(InstallationState.READY);
    }

    @Test
    void aFailedCommandIsTriedAsOftenAsThePackageSays() {
        traits = new Traits(false, true, false, 3, Duration.ofSeconds(10), Duration.ofMinutes(5));
        fails = step -> step.equals("1.0 install");
        want("fw", "1.0", V1, 0, Presence.PRESENT);
        push();
        for (int i = 0; i < 5; i++) {
            converge();
            now = now.plusSeconds(60);
        }
        assertThat(steps).filteredOn(step -> step.equals("1.0 install")).hasSize(3);
        assertThat(state("fw")).isEqualTo(InstallationState.FAILED);
    }

    @Test
    void aRemovalGoesBeforeWhatItNeeds() {
        install("fw");
        want("av", "2.0", V2, 0, Presence.PRESENT, "fw");
        push();
        converge();
        steps.clear();
        want("fw", "1.0", V1, 0, Presence.ABSENT);
        want("av", "2.0", V2, 0, Presence.ABSENT, "fw");
        push();
        converge();
        assertThat(steps)
                .containsExactly(
                        "2.0 disable",
                        "2.0 uninstall",
                        "remove 2.0",
                        "remove",
                        "1.0 disable",
                        "1.0 uninstall",
                        "remove 1.0",
                        "remove");
        assertThat(state("av")).isEqualTo(InstallationState.REMOVED);
        assertThat(state("fw")).isEqualTo(InstallationState.REMOVED);
    }

    @Test
    void aRemovalStopsAtAFailedDisable() {
        install("fw");
        fails = step -> step.equals("1.0 disable");
        want("fw", "1.0", V1, 0, Presence.ABSENT);
        push();
        converge();
        assertThat(steps).containsExactly("1.0 disable");
        assertThat(state("fw")).isEqualTo(InstallationState.FAILED);
    }

    @Test
    void aRemovalGoesOnAfterAFailedUninstall() {
        install("fw");
        fails = step -> step.equals("1.0 uninstall");
        want("fw", "1.0", V1, 0, Presence.ABSENT);
        push();
        converge();
        assertThat(state("fw")).isEqualTo(InstallationState.REMOVED);
    }

    @Test
    void waitingHasALimitAndEndsByItselfWhenTheOtherOneComes() {
        fails = step -> step.equals("1.0 enable");
        want("fw", "1.0", V1, 0, Presence.PRESENT);
        want("av", "2.0", V2, 0, Presence.PRESENT, "fw");
        push();
        converge();
        assertThat(state("av")).isEqualTo(InstallationState.BLOCKED);
        now = now.plus(Duration.ofMinutes(91));
        converge();
        assertThat(state("av")).isEqualTo(InstallationState.TIMED_OUT);
        fails = step -> false;
        want("fw", "1.0", V1, 1, Presence.PRESENT);
        push();
        converge();
        assertThat(state("av")).isEqualTo(InstallationState.READY);
    }

    @Test
    void anInstallationThatIsMerelyNotNamedIsLeftAlone() {
        install("fw");
        wanted.clear();
        push();
        converge();
        assertThat(steps).isEmpty();
        assertThat(entries).containsKey("fw");
    }

    @Test
    void whatWasRemovedIsForgottenWhenNobodyNamesItAnyMore() {
        install("fw");
        want("fw", "1.0", V1, 0, Presence.ABSENT);
        push();
        converge();
        wanted.clear();
        push();
        converge();
        assertThat(entries).isEmpty();
    }

    @Test
    void waitsForAPackageThatIsNotOfferedYet() {
        want("fw", "1.0", V1, 0, Presence.PRESENT);
        offers.clear();
        push();
        converge();
        assertThat(state("fw")).isEqualTo(InstallationState.WAITING_PACKAGE);
        assertThat(steps).isEmpty();
    }

    static LongStream seeds() {
        return LongStream.range(0, 300);
    }

    /** Whatever fails and whatever is wanted in between: it comes to rest, and with nothing failing any more it gets there. */
    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void alwaysComesToRestAndGetsThereOnceNothingFails(long seed) {
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
        traits = new Traits(
                random.nextBoolean(),
                random.nextBoolean(),
                random.nextBoolean(),
                1 + random.nextInt(2),
                Duration.ofSeconds(10),
                Duration.ofMinutes(5));
        for (int i = 0; i < 12; i++) {
            fails = step -> random.nextInt(4) == 0;
            boolean second = random.nextBoolean();
            want(
                    "fw",
                    second ? "2.0" : "1.0",
                    second ? V2 : V1,
                    i,
                    random.nextInt(4) == 0 ? Presence.ABSENT : Presence.PRESENT);
            if (random.nextInt(5) == 0) {
                boot = "boot-" + i;
            }
            push();
            converge();
            assertThat(Objects.requireNonNull(entries.get("fw")).intent()).isNull();
            now = now.plusSeconds(random.nextInt(7200));
        }
        fails = step -> false;
        want("fw", "2.0", V2, 100, Presence.PRESENT);
        push();
        converge();
        assertThat(state("fw")).as("after %s", steps).isEqualTo(InstallationState.READY);
        want("fw", "2.0", V2, 101, Presence.ABSENT);
        push();
        converge();
        assertThat(state("fw")).as("after %s", steps).isEqualTo(InstallationState.REMOVED);
    }
}
