package dev.vmext.agent.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmext.agent.host.LockHolder;
import dev.vmext.agent.journal.Deployed;
import dev.vmext.agent.journal.Entry;
import dev.vmext.agent.journal.Failure;
import dev.vmext.agent.journal.Intent;
import dev.vmext.agent.journal.Slot;
import dev.vmext.agent.journal.Step;
import dev.vmext.agent.journal.Traits;
import dev.vmext.agent.run.HealthReading;
import dev.vmext.agent.run.InstallationMachine;
import dev.vmext.agent.run.StepResult;
import dev.vmext.packageformat.manifest.Lease;
import dev.vmext.packageformat.manifest.Reboot;
import dev.vmext.packageformat.trust.TrustMode;
import dev.vmext.protocol.goal.InstallationGoal;
import dev.vmext.protocol.goal.Order;
import dev.vmext.protocol.goal.Presence;
import dev.vmext.protocol.status.Cause;
import dev.vmext.protocol.status.CauseClass;
import dev.vmext.protocol.status.InstallationState;
import dev.vmext.protocol.status.StatusWord;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every state has an answer for every input: random walks through all that can happen reach entries, and after each step every input is
 * tried on what was reached. Nothing throws, each order may be given twice, and whatever is not at rest has something that ends it.
 */
class TotalityTest extends PaperMachine {
    private final Set<InstallationState> seen = EnumSet.noneOf(InstallationState.class);
    private final List<String> walk = new ArrayList<>();
    private RandomGenerator random =
            RandomGeneratorFactory.of("L64X128MixRandom").create(0);

    static LongStream seeds() {
        return LongStream.range(0, 300);
    }

    private static final Cause CAUSE = new Cause(CauseClass.HANDLER_EXIT, "test", "it failed", "", Map.of());

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void everyReachableStateAnswersEveryInputAndEnds(long seed) {
        walk(seed);
        for (InstallationGoal goal : List.copyOf(wanted)) {
            for (Entry entry : entries.values()) {
                if (entry.name().equals(goal.name())) {
                    assertThat(entry.status().state().terminal() || entry.intent() != null || isBounded(entry))
                            .as("%s after %s", entry, walk)
                            .isTrue();
                }
            }
        }
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void whateverHappenedItGetsWhereItIsWantedOnceNothingFails(long seed) {
        walk(seed);
        hangs = step -> false;
        fails = step -> false;
        health = entry -> says(StatusWord.SUCCESS);
        mode = TrustMode.FULL;
        held.clear();
        for (Entry entry : List.copyOf(entries.values())) {
            if (entry.intent() != null) {
                finish(entry.name(), new StepResult.NotBegun());
            }
        }
        want("fw", "3.0", V3, 1000, Presence.PRESENT);
        order("fw", 1000, Order.Kind.RELEASE);
        settleDown();
        assertThat(state("fw")).as("after %s", walk).isEqualTo(InstallationState.READY);
        assertThat(entry("fw").get(Slot.CURRENT).version()).isEqualTo("3.0");
        want("fw", "3.0", V3, 1001, Presence.ABSENT);
        push();
        settleDown();
        assertThat(state("fw")).as("after %s", walk).isEqualTo(InstallationState.REMOVED);
    }

    /** Lets time pass and the machine restart as often as it is asked for. */
    private void settleDown() {
        for (int i = 0; i < 6; i++) {
            lookAtLocks();
            converge();
            pass(Duration.ofMinutes(1));
            reboot("settled-" + i + "-" + walk.size() + "-" + now);
        }
        converge();
    }

    private void walk(long seed) {
        random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
        traits = randomTraits();
        hangs = step -> true;
        long orders = 0;
        for (int i = 0; i < 150; i++) {
            switch (i == 0 ? 0 : random.nextInt(40)) {
                case 0 -> goalComes(i);
                case 1 -> {
                    if (!wanted.isEmpty() && entries.containsKey("fw")) {
                        Order.Kind kind = List.of(Order.Kind.values()).get(random.nextInt(4));
                        note(kind.wire());
                        terms.remove("fw");
                        order("fw", ++orders, kind);
                    }
                }
                case 2 -> pass(Duration.ofMinutes(random.nextInt(120)));
                case 3 -> {
                    if (random.nextInt(4) == 0) {
                        note("boot");
                        reboot("boot-" + i);
                    }
                }
                case 4 -> {
                    held.put(
                            Lease.PACKAGE_MANAGER,
                            random.nextBoolean() ? List.of() : List.of(new LockHolder(1, "apt", "lock")));
                    lookAtLocks();
                }
                case 5 -> {
                    Entry entry = entries.get("fw");
                    if (entry != null && random.nextInt(5) == 0) {
                        note("force-remove");
                        entries.put("fw", InstallationMachine.forceRemove(entry, now));
                    }
                }
                case 6 -> {
                    Entry entry = entries.get("fw");
                    if (entry != null && entry.intent() != null && random.nextInt(4) == 0) {
                        note("overdue");
                        entries.put("fw", InstallationMachine.overdue(entry, now));
                    }
                }
                default -> oneThingHappens();
            }
            for (Entry entry : List.copyOf(entries.values())) {
                seen.add(entry.status().state());
                everyInput(entry);
            }
        }
    }

    private void note(String what) {
        walk.add(what);
    }

    private Traits randomTraits() {
        return new Traits(
                random.nextBoolean(),
                random.nextBoolean(),
                random.nextBoolean(),
                1 + random.nextInt(2),
                Duration.ofSeconds(10),
                Duration.ofMinutes(5),
                random.nextBoolean(),
                Duration.ofSeconds(random.nextInt(2) * 30L),
                List.of(Reboot.values()).get(random.nextInt(3)),
                random.nextBoolean() ? List.of() : List.of(Lease.PACKAGE_MANAGER),
                List.of(),
                List.of());
    }

    private void goalComes(int i) {
        boolean second = random.nextBoolean();
        traits = randomTraits();
        note("want " + (second ? "2.0" : "1.0"));
        want(
                "fw",
                second ? "2.0" : "1.0",
                second ? V2 : V1,
                i,
                random.nextInt(4) == 0 ? Presence.ABSENT : Presence.PRESENT);
        push();
    }

    private void oneThingHappens() {
        Entry entry = entries.get("fw");
        Intent intent = entry == null ? null : entry.intent();
        if (entry == null) {
            return;
        }
        if (intent != null) {
            StepResult result = result(entry, intent.step());
            note(word(entry, intent.step()) + " " + result.getClass().getSimpleName());
            finish("fw", result);
            return;
        }
        if (random.nextInt(3) == 0 && entry.active().filter(Deployed::enabled).isPresent()) {
            HealthReading reading = reading();
            note("look "
                    + (reading.status() == null ? "nothing" : reading.status().status()));
            entries.put("fw", InstallationMachine.observe(entry, reading, now));
            return;
        }
        for (Decision decision : decide()) {
            note(decision.getClass().getSimpleName());
            apply(decision);
        }
    }

    private HealthReading reading() {
        return switch (random.nextInt(12)) {
            case 0 -> says(StatusWord.ERROR);
            case 1 -> says(StatusWord.TRANSITIONING);
            case 2 -> new HealthReading(null, random.nextBoolean() ? null : CAUSE, null, true);
            case 3 -> new HealthReading(says(StatusWord.SUCCESS).status(), null, CAUSE, true);
            default -> says(StatusWord.SUCCESS);
        };
    }

    private StepResult result(Entry entry, Step step) {
        return switch (random.nextInt(20)) {
            case 0 -> new StepResult.Failed(CAUSE, 3, "no");
            case 1 -> new StepResult.TimedOut(CAUSE, "slow");
            case 2 -> new StepResult.Interrupted(CAUSE, "");
            case 3 -> random.nextBoolean() ? new StepResult.Stopped("killed") : new StepResult.NotBegun();
            default -> done(entry, step);
        };
    }

    /** Tries every input on it, without consequences; none throws, and the same order again changes nothing. */
    private void everyInput(Entry entry) {
        InstallationGoal goal = wanted.isEmpty() ? Planner.gone(entry) : wanted.getFirst();
        for (Order.Kind kind : Order.Kind.values()) {
            Order order = new Order(entry.memory().order() + 1, kind);
            Entry once = InstallationMachine.order(entry, order, now);
            assertThat(InstallationMachine.order(once, order, now)).isEqualTo(once);
        }
        assertStable(InstallationMachine.forceRemove(entry, now), InstallationMachine::forceRemove);
        assertStable(InstallationMachine.reset(entry, now), InstallationMachine::reset);
        assertStable(InstallationMachine.release(entry, now), InstallationMachine::release);
        assertStable(InstallationMachine.overdue(entry, now), InstallationMachine::overdue);
        assertStable(InstallationMachine.restarting(entry, now), InstallationMachine::restarting);
        assertStable(
                InstallationMachine.goal(entry, goal, generation, now),
                (one, at) -> InstallationMachine.goal(one, goal, generation, at));
        var _ = InstallationMachine.rebooted(entry, "another", now);
        var _ = InstallationMachine.await(entry, InstallationState.BLOCKED, CAUSE, now);
        for (StatusWord word : StatusWord.values()) {
            var _ = InstallationMachine.observe(entry, says(word), now);
        }
        if (entry.intent() == null) {
            var _ = InstallationMachine.giveUp(entry, InstallationState.FAILED, CAUSE, now);
        } else {
            Step step = entry.intent().step();
            for (StepResult result : List.of(
                    done(entry, step),
                    new StepResult.Failed(CAUSE),
                    new StepResult.TimedOut(CAUSE, ""),
                    new StepResult.Interrupted(CAUSE, ""),
                    new StepResult.Stopped(""),
                    new StepResult.NotBegun())) {
                Entry after = InstallationMachine.ended(entry, result, boot, SETTLE, now);
                assertThat(after.intent()).isNull();
            }
        }
    }

    private interface Input {
        Entry apply(Entry entry, Instant now);
    }

    private void assertStable(Entry once, Input again) {
        assertThat(again.apply(once, now)).as("%s after %s", once, walk).isEqualTo(once);
    }

    /** Without a step: the planner has one, a time is set, or it says what it waits for, which has a limit. */
    private boolean isBounded(Entry entry) {
        Failure failure = entry.failure();
        if (entry.settleBy() != null || (failure != null && failure.retryAt() != null)) {
            return true;
        }
        return decide().stream()
                .filter(decision -> decision.name().equals(entry.name()))
                .anyMatch(decision -> !(decision instanceof Decision.Rest));
    }

    @Test
    void theWalksReachEveryStateThatAMachineCanShow() {
        for (long seed = 0; seed < 60; seed++) {
            entries.clear();
            wanted.clear();
            terms.clear();
            walk(seed);
        }
        Set<InstallationState> reachable = EnumSet.allOf(InstallationState.class);
        reachable.remove(InstallationState.WAITING_MACHINE); // the server's word
        assertThat(seen).containsAll(reachable);
    }
}
