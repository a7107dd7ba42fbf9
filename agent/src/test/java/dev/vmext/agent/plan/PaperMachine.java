package dev.vmext.agent.plan;

import dev.vmext.agent.host.LockHolder;
import dev.vmext.agent.journal.Deployed;
import dev.vmext.agent.journal.Entry;
import dev.vmext.agent.journal.Intent;
import dev.vmext.agent.journal.Slot;
import dev.vmext.agent.journal.Step;
import dev.vmext.agent.journal.Traits;
import dev.vmext.agent.run.HealthReading;
import dev.vmext.agent.run.InstallationMachine;
import dev.vmext.agent.run.StepResult;
import dev.vmext.packageformat.manifest.HandlerCommand;
import dev.vmext.packageformat.manifest.Lease;
import dev.vmext.packageformat.trust.TrustMode;
import dev.vmext.protocol.Digest;
import dev.vmext.protocol.goal.GoalState;
import dev.vmext.protocol.goal.InstallationGoal;
import dev.vmext.protocol.goal.Order;
import dev.vmext.protocol.goal.PackageOffer;
import dev.vmext.protocol.goal.Presence;
import dev.vmext.protocol.goal.Terms;
import dev.vmext.protocol.status.Cause;
import dev.vmext.protocol.status.CauseClass;
import dev.vmext.protocol.status.HandlerStatus;
import dev.vmext.protocol.status.InstallationState;
import dev.vmext.protocol.status.InstallationStatus;
import dev.vmext.protocol.status.StatusWord;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A machine on paper: planner and state machine together, without I/O. Steps are noted instead of done, and fail when the test says so;
 * handlers say success, or what the test says.
 */
abstract class PaperMachine {
    static final Digest V1 = digest("1");
    static final Digest V2 = digest("2");
    static final Digest V3 = digest("3");
    static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
    static final Traits PLAIN = new Traits(false, true, false, 1, Duration.ofSeconds(10), Duration.ofMinutes(5));
    static final Duration SETTLE = Duration.ofMinutes(90);

    final Planner planner = new Planner();
    final Map<String, Entry> entries = new LinkedHashMap<>();
    final Set<Digest> packages = new HashSet<>();
    final List<String> steps = new ArrayList<>();
    final List<InstallationGoal> wanted = new ArrayList<>();
    final Map<String, PackageOffer> offers = new HashMap<>();
    final Map<String, Terms> terms = new HashMap<>();
    final Map<Lease, List<LockHolder>> held = new EnumMap<>(Lease.class);
    final Map<Lease, LockView> views = new EnumMap<>(Lease.class);
    final List<String> restarts = new ArrayList<>();
    final Map<String, Traits> traitsOf = new HashMap<>();
    final Map<String, String> asksForRestart = new HashMap<>();
    Traits traits = PLAIN;
    Predicate<String> fails = step -> false;
    Predicate<String> hangs = step -> false;
    Function<Entry, HealthReading> health = entry -> says(StatusWord.SUCCESS);
    TrustMode mode = TrustMode.FULL;
    String boot = "boot-1";
    Instant now = START;
    long generation;
    int parallel = Observed.USUAL_PARALLEL;
    boolean mayRestart = true;

    static Digest digest(String content) {
        return Digest.of(content.getBytes(StandardCharsets.UTF_8));
    }

    static HealthReading says(StatusWord word) {
        return new HealthReading(new HandlerStatus("Enable", word, "0", "fine", List.of()), null, null, true);
    }

    void want(String name, String version, Digest digest, long sequence, Presence presence, String... after) {
        int at = wanted.size();
        for (int i = 0; i < wanted.size(); i++) {
            at = wanted.get(i).name().equals(name) ? i : at;
        }
        wanted.removeIf(goal -> goal.name().equals(name));
        wanted.add(
                at,
                new InstallationGoal(
                        name,
                        "acme." + name,
                        version,
                        digest,
                        presence,
                        sequence,
                        List.of(after),
                        "{}",
                        null,
                        terms.getOrDefault(name, Terms.NONE)));
        offers.put(
                "acme." + name,
                new PackageOffer("acme." + name, version, digest, 1, "/v1/packages/sha256/" + digest.hex(), "{}"));
    }

    /** The operator orders something; it travels in the goal. */
    void order(String name, long number, Order.Kind kind) {
        Terms old = terms.getOrDefault(name, Terms.NONE);
        terms.put(name, new Terms(new Order(number, kind), old.deadlines(), old.conflicts()));
        InstallationGoal goal = wanted.stream()
                .filter(one -> one.name().equals(name))
                .findFirst()
                .orElseThrow();
        want(
                name,
                goal.version(),
                goal.packageDigest(),
                goal.sequence(),
                goal.presence(),
                goal.after().toArray(String[]::new));
        push();
    }

    GoalState goal() {
        return new GoalState(generation, wanted, offers);
    }

    void push() {
        generation++;
        for (InstallationGoal goal : wanted) {
            Entry known = entries.get(goal.name());
            Entry taken = known == null
                    ? InstallationMachine.wanted(goal, generation, now)
                    : InstallationMachine.goal(known, goal, generation, now);
            Order order = goal.terms().order();
            entries.put(goal.name(), order == null ? taken : InstallationMachine.order(taken, order, now));
        }
        endStoppedSteps();
    }

    /** What workers do when they are told to stop. */
    void endStoppedSteps() {
        for (Entry entry : List.copyOf(entries.values())) {
            Intent intent = entry.intent();
            if (intent != null && intent.stop() != null) {
                finish(entry.name(), new StepResult.Stopped("killed"));
            }
        }
    }

    Observed observed() {
        return new Observed(now, boot, mode, packages, Duration.ofMinutes(90), views, parallel, mayRestart);
    }

    List<Decision> decide() {
        return planner.plan(goal(), entries, observed());
    }

    /** Carries out decisions until all installations rest or wait. */
    void converge() {
        for (int round = 0; round < 300; round++) {
            boolean acted = false;
            List<Decision> decisions = decide();
            for (Decision decision : decisions) {
                acted |= apply(decision);
            }
            acted |= look();
            if (!acted) {
                Restart restart = planner.restart(entries, observed(), decisions);
                if (restart instanceof Restart.Look && !freshlySeen()) {
                    lookAtLocks();
                    continue;
                }
                if (!(restart instanceof Restart.Now(String reason))) {
                    return;
                }
                restarts.add(reason);
                entries.replaceAll((name, entry) -> InstallationMachine.restarting(entry, now));
            }
        }
        throw new AssertionError("does not come to rest: " + steps + " " + entries);
    }

    /** Looks at all that is enabled. */
    boolean look() {
        boolean changed = false;
        for (Entry entry : List.copyOf(entries.values())) {
            if (entry.intent() == null
                    && entry.active().filter(Deployed::enabled).isPresent()) {
                Entry seen = InstallationMachine.observe(entry, health.apply(entry), now);
                changed |= !seen.equals(entry);
                entries.put(entry.name(), seen);
            }
        }
        return changed;
    }

    /** The machine comes up again. */
    void reboot(String name) {
        boot = name;
        for (Entry entry : List.copyOf(entries.values())) {
            entries.put(entry.name(), InstallationMachine.rebooted(entry, boot, now));
            if (entry.intent() != null) {
                finish(
                        entry.name(),
                        new StepResult.Interrupted(
                                new Cause(CauseClass.HANDLER_CRASH, "run", "cut off", "", Map.of()), ""));
            }
        }
    }

    boolean apply(Decision decision) {
        Entry entry = entry(decision.name());
        return switch (decision) {
            case Decision.Act(String name, Step step) -> {
                if (entry.intent() != null) {
                    yield false;
                }
                Entry begun = InstallationMachine.begin(entry, step, "run", Duration.ofMinutes(1), boot, now);
                entries.put(name, begun);
                String word = word(begun, step);
                steps.add(word);
                if (!hangs.test(name + " " + word)) {
                    finish(name, fails.test(word) || fails.test(name + " " + word) ? failed(step) : done(begun, step));
                }
                yield true;
            }
            case Decision.Await(String name, InstallationState state, Cause cause) -> {
                entries.put(name, InstallationMachine.await(entry, state, cause, now));
                if (cause.evidence().containsKey("lease")) {
                    lookAtLocks();
                }
                yield !entry(name).equals(entry);
            }
            case Decision.Look _ -> {
                lookAtLocks();
                yield true;
            }
            case Decision.GiveUp(String name, InstallationState state, Cause cause) -> {
                entries.put(name, InstallationMachine.giveUp(entry, state, cause, now));
                yield true;
            }
            case Decision.Release(String name) -> {
                entries.put(name, InstallationMachine.release(entry, now));
                yield true;
            }
            case Decision.Limit(String name, Instant until) -> {
                entries.put(name, InstallationMachine.limit(entry, until));
                yield true;
            }
            case Decision.Rest _ -> false;
            case Decision.Drop(String name) -> {
                entries.remove(name);
                yield true;
            }
        };
    }

    private boolean freshlySeen() {
        return views.values().stream().anyMatch(view -> view.seenAt().equals(now));
    }

    void lookAtLocks() {
        for (Lease lease : Lease.values()) {
            views.put(lease, new LockView(now, held.getOrDefault(lease, List.of())));
        }
    }

    void finish(String name, StepResult result) {
        entries.put(name, InstallationMachine.ended(entry(name), result, boot, SETTLE, now));
    }

    /** Ends a step that hangs. */
    void finish(String name) {
        Entry entry = entry(name);
        finish(name, done(entry, Objects.requireNonNull(entry.intent()).step()));
    }

    static StepResult failed(Step step) {
        return new StepResult.Failed(new Cause(CauseClass.HANDLER_EXIT, step.word(), "it failed", "", Map.of()));
    }

    StepResult done(Entry entry, Step step) {
        return switch (step) {
            case Step.Fetch(Digest digest) -> {
                packages.add(digest);
                yield StepResult.Done.PLAIN;
            }
            case Step.Unpack(Digest _, String version) ->
                new StepResult.Done(
                        traitsOf.getOrDefault(
                                entry.name() + " " + version, traitsOf.getOrDefault(entry.name(), traits)),
                        null,
                        "");
            case Step.Run(Slot _, HandlerCommand command, Slot _) ->
                new StepResult.Done(null, 0, "", asksForRestart.get(entry.name() + " " + command.text()));
            case Step.WriteSettings _,
                    Step.KeepOld _,
                    Step.CopyState _,
                    Step.RestoreOld _,
                    Step.Adopt _,
                    Step.Remove _,
                    Step.Forget _ -> StepResult.Done.PLAIN;
        };
    }

    static String word(Entry entry, Step step) {
        return switch (step) {
            case Step.Run(Slot slot, HandlerCommand command, Slot _) ->
                entry.get(slot).version() + " " + command.text();
            case Step.Unpack(Digest _, String version) -> "unpack " + version;
            case Step.Remove(Slot slot) -> "remove " + entry.get(slot).version();
            case Step.WriteSettings(Slot _, long sequence) -> "settings " + sequence;
            case Step.Adopt(Slot slot) -> entry.get(slot).version() + " adopt";
            case Step.Fetch _, Step.KeepOld _, Step.CopyState _, Step.RestoreOld _, Step.Forget _ -> step.word();
        };
    }

    Entry entry(String name) {
        return Objects.requireNonNull(entries.get(name), () -> "no entry " + name);
    }

    InstallationStatus status(String name) {
        return entry(name).status();
    }

    InstallationState state(String name) {
        return status(name).state();
    }

    Cause cause(String name) {
        @Nullable Cause cause = status(name).cause();
        return Objects.requireNonNull(cause, () -> name + " has no cause: " + status(name));
    }

    void pass(Duration time) {
        now = now.plus(time);
    }

    void install(String name) {
        want(name, "1.0", V1, 0, Presence.PRESENT);
        push();
        converge();
        steps.clear();
    }

    void update(String name) {
        want(name, "2.0", V2, 0, Presence.PRESENT);
        push();
        converge();
    }
}
