package dev.vmext.fleet;

import dev.vmext.fleet.Installation.Conditions;
import dev.vmext.fleet.Installation.Hold;
import dev.vmext.fleet.Installation.Placement;
import dev.vmext.fleet.Machine.GoalPosition;
import dev.vmext.fleet.Machine.SettingsKey;
import dev.vmext.protocol.Digest;
import dev.vmext.protocol.goal.GoalState;
import dev.vmext.protocol.goal.InstallationGoal;
import dev.vmext.protocol.goal.Order;
import dev.vmext.protocol.goal.PackageOffer;
import dev.vmext.protocol.goal.Presence;
import dev.vmext.protocol.goal.ProtectedSettings;
import dev.vmext.protocol.goal.Terms;
import dev.vmext.protocol.status.Cause;
import dev.vmext.protocol.status.CauseClass;
import dev.vmext.protocol.status.InstallationState;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Compiles what is wanted on one machine into its goal: resolved, ordered, with ciphertext for the machine's settings key. It runs in
 * every decision that touches what a goal is made of, so that reading a goal is only reading.
 *
 * <p>What cannot be run yet is held back with a cause, and so is what waits for it; the rest goes. Held back or not, an installation
 * that may have reached the machine never leaves the goal before the agent reported it removed: it keeps the line it had.
 *
 * <p>The generation rises when, and only when, the digest of the content changes. That digest names settings by the id of their
 * version and never by ciphertext, which is made once per (settings version, settings key) and then reused. Pure; any thread.
 */
final class GoalCompiler {
    private final Sealer sealer;

    GoalCompiler(Sealer sealer) {
        this.sealer = sealer;
    }

    /** The machine and its installations with their new places, by name. */
    record Compiled(Machine machine, Map<String, Installation> installations) {}

    Compiled compile(Machine machine, Collection<Installation> installations, Releases releases, Instant now) {
        Map<String, Installation> byName = new HashMap<>();
        installations.forEach(installation -> byName.put(installation.name(), installation));
        Map<String, List<String>> after = Dependencies.after(installations, releases);
        List<String> order = new Graph(after).order();
        Map<String, Hold> holds = allHolds(machine, byName, after, order, releases, now);
        Conflicts conflicts = new Conflicts(installations, releases);

        List<Line> lines = new ArrayList<>();
        for (String name : runOrder(byName, order)) {
            Installation installation = Objects.requireNonNull(byName.get(name));
            Placement old = installation.placement();
            InstallationGoal kept = old.line();
            if (holds.get(name) == null) {
                List<String> first = Objects.requireNonNull(after.get(name));
                InstallationGoal fresh = line(machine, installation, first, conflicts.of(installation));
                lines.add(new Line(installation, fresh, installation.settings().id()));
            } else if (kept != null && installation.offered(machine)) {
                // An order is about what the machine has, and that is what it keeps.
                Terms terms = terms(installation, conflicts.of(installation));
                lines.add(new Line(installation, with(kept, terms), old.settingsId()));
            }
        }

        String digest = digest(lines, releases);
        GoalPosition goal = machine.goal();
        boolean same = digest.equals(goal.digest()) || (lines.isEmpty() && goal.generation() == 0);
        long generation = same ? goal.generation() : goal.generation() + 1;
        Map<String, Installation> placed = new HashMap<>();
        byName.forEach((name, installation) ->
                placed.put(name, outside(installation, installation.placement().changedAt(), holds.get(name))));
        for (int position = 0; position < lines.size(); position++) {
            Line line = lines.get(position);
            String name = line.installation.name();
            placed.put(name, line.installation.with(place(line, position, generation, holds.get(name), now)));
        }
        Machine compiled = same
                ? machine
                : machine.with(new GoalPosition(generation, digest, goal.offered(), goal.applied(), goal.appliedAt()));
        return new Compiled(compiled, placed);
    }

    /** The goal as compiled last. */
    static GoalState render(Machine machine, Collection<Installation> installations, Releases releases) {
        List<InstallationGoal> lines = new ArrayList<>();
        Map<String, PackageOffer> packages = new HashMap<>();
        installations.stream()
                .sorted(Comparator.comparingInt(
                        installation -> installation.placement().position()))
                .map(installation -> installation.placement().line())
                .filter(Objects::nonNull)
                .forEach(lines::add);
        for (InstallationGoal line : lines) {
            Release release = releases.get(line.extension(), line.packageDigest());
            // A machine that has it already goes on; but nobody fetches it again.
            if (line.presence() == Presence.PRESENT && release.state().offered()) {
                packages.put(line.extension(), offer(release));
            }
        }
        return new GoalState(machine.goal().generation(), lines, packages);
    }

    private static PackageOffer offer(Release release) {
        Publication publication = release.publication();
        return new PackageOffer(
                publication.name(),
                publication.version(),
                publication.digest(),
                publication.size(),
                "/v1/packages/sha256/" + publication.digest().hex(),
                publication.signature());
    }

    /** What leaves goes first, dependents before what they need; then what stays, in order. */
    private static List<String> runOrder(Map<String, Installation> byName, List<String> order) {
        List<String> run = new ArrayList<>();
        for (String name : order.reversed()) {
            if (!Objects.requireNonNull(byName.get(name)).present()) {
                run.add(name);
            }
        }
        for (String name : order) {
            if (Objects.requireNonNull(byName.get(name)).present()) {
                run.add(name);
            }
        }
        return run;
    }

    /** Holding one back can hold its siblings back, and those again what comes after them. */
    private static Map<String, Hold> allHolds(
            Machine machine,
            Map<String, Installation> byName,
            Map<String, List<String>> after,
            List<String> order,
            Releases releases,
            Instant now) {
        Map<String, Hold> siblings = new HashMap<>();
        while (true) {
            Map<String, Hold> holds = holds(machine, byName, after, order, releases, siblings, now);
            if (!holdSiblings(machine, byName, holds, siblings)) {
                return holds;
            }
        }
    }

    /**
     * One that is held back but runs already keeps its old version, and so must all others of its extension: they run one version.
     * Returns whether there is somebody new to hold.
     */
    private static boolean holdSiblings(
            Machine machine, Map<String, Installation> byName, Map<String, Hold> holds, Map<String, Hold> siblings) {
        Map<String, Installation> keepers = new HashMap<>();
        for (Installation installation : byName.values()) {
            InstallationGoal kept = installation.placement().line();
            if (kept != null && holds.containsKey(installation.name()) && installation.offered(machine)) {
                keepers.put(kept.extension(), installation);
            }
        }
        boolean found = false;
        for (Installation installation : byName.values()) {
            Installation keeper = keepers.get(installation.want().extension());
            InstallationGoal kept = keeper == null ? null : keeper.placement().line();
            if (keeper != null
                    && kept != null
                    && installation.present()
                    && !holds.containsKey(installation.name())
                    && !kept.packageDigest().equals(installation.want().digest())) {
                Hold first = Objects.requireNonNull(holds.get(keeper.name()));
                String message = "it waits with its update until " + keeper.name() + " can be updated, too";
                siblings.put(
                        installation.name(),
                        new Hold(
                                InstallationState.PENDING,
                                new Cause(
                                        CauseClass.DEPENDENCY,
                                        "plan",
                                        message,
                                        first.cause().message(),
                                        Map.of("installation", keeper.name()))));
                found = true;
            }
        }
        return found;
    }

    private static Map<String, Hold> holds(
            Machine machine,
            Map<String, Installation> byName,
            Map<String, List<String>> after,
            List<String> order,
            Releases releases,
            Map<String, Hold> siblings,
            Instant now) {
        Map<String, Hold> holds = new HashMap<>();
        Set<String> missing = new HashSet<>();
        for (String name : order) {
            Installation installation = Objects.requireNonNull(byName.get(name));
            if (!installation.present()) {
                continue;
            }
            ownHold(machine, installation, releases, now)
                    .or(() -> Optional.ofNullable(siblings.get(name)))
                    .or(() -> dependencyHold(installation, Objects.requireNonNull(after.get(name)), missing, holds))
                    .ifPresent(hold -> {
                        holds.put(name, hold);
                        if (!installation.offered(machine)) {
                            missing.add(name);
                        }
                    });
        }
        return holds;
    }

    private static Optional<Hold> ownHold(Machine machine, Installation installation, Releases releases, Instant now) {
        if (Expiry.expired(machine, installation, now) && !installation.offered(machine)) {
            return Optional.of(Expiry.hold(machine, installation));
        }
        Release release = releases.get(installation);
        if (!release.state().offered() && !installation.offered(machine)) {
            return Optional.of(new Hold(
                    InstallationState.FAILED,
                    new Cause(
                            CauseClass.PACKAGE,
                            "plan",
                            "cannot install " + installation.want().extension() + " " + release.version()
                                    + ": it is marked " + release.state().wire(),
                            "ask for another version: vmext install --version",
                            Map.of("state", release.state().wire()))));
        }
        Optional<String> misfit = Platforms.knownFacts(machine)
                .flatMap(facts ->
                        releases.get(installation).description().applicability().misfit(facts));
        if (misfit.isPresent() && !installation.offered(machine)) {
            return Optional.of(new Hold(
                    InstallationState.FAILED,
                    new Cause(
                            CauseClass.PLATFORM,
                            "plan",
                            "cannot install " + installation.want().extension() + ": " + misfit.get(),
                            "uninstall it, or publish a version for this platform",
                            Map.of())));
        }
        if (installation.settings().sealed() != null && machine.settingsKey() == null) {
            return Optional.of(new Hold(
                    InstallationState.PENDING,
                    new Cause(
                            CauseClass.SETTINGS,
                            "plan",
                            "its protected settings wait until the machine has published its settings key",
                            "the agent makes the key in the background after its first connection",
                            Map.of())));
        }
        return Optional.empty();
    }

    private static Optional<Hold> dependencyHold(
            Installation installation, List<String> after, Set<String> missing, Map<String, Hold> holds) {
        return after.stream().filter(missing::contains).findFirst().map(name -> {
            Hold first = Objects.requireNonNull(holds.get(name));
            return new Hold(
                    InstallationState.BLOCKED,
                    new Cause(
                            CauseClass.DEPENDENCY,
                            "plan",
                            "cannot install " + installation.want().extension() + ": it comes after " + name
                                    + ", which is " + first.state().wire(),
                            first.cause().message(),
                            Map.of("installation", name)));
        });
    }

    private static Terms terms(Installation installation, List<String> conflicts) {
        Conditions conditions = installation.want().conditions();
        return new Terms(conditions.asOrder(), conditions.deadlines(), conflicts);
    }

    private static InstallationGoal with(InstallationGoal line, Terms terms) {
        return new InstallationGoal(
                line.name(),
                line.extension(),
                line.version(),
                line.packageDigest(),
                line.presence(),
                line.sequence(),
                line.after(),
                line.publicSettings(),
                line.protectedSettings(),
                terms);
    }

    private InstallationGoal line(
            Machine machine, Installation installation, List<String> after, List<String> conflicts) {
        return new InstallationGoal(
                installation.name(),
                installation.want().extension(),
                installation.want().version(),
                installation.want().digest(),
                installation.want().presence(),
                installation.want().sequence(),
                after,
                installation.settings().publicText(),
                installation.present() ? ciphertext(machine, installation) : null,
                terms(installation, conflicts));
    }

    private @Nullable ProtectedSettings ciphertext(Machine machine, Installation installation) {
        SealedSettings sealed = installation.settings().sealed();
        SettingsKey key = machine.settingsKey();
        if (sealed == null || key == null) {
            return null;
        }
        InstallationGoal old = installation.placement().line();
        ProtectedSettings made = old == null ? null : old.protectedSettings();
        if (made != null
                && made.thumbprint().equals(key.thumbprint())
                && installation
                        .placement()
                        .settingsId()
                        .equals(installation.settings().id())) {
            return made;
        }
        return sealer.reseal(machine.id(), installation.name(), sealed, key.certificatePem());
    }

    private record Line(Installation installation, InstallationGoal goal, String settingsId) {}

    private static Placement place(Line line, int position, long generation, @Nullable Hold hold, Instant now) {
        Placement old = line.installation.placement();
        boolean news = old.line() == null || !sameTask(old.line(), line.goal);
        return new Placement(
                line.goal,
                line.settingsId,
                position,
                old.entered() == 0 ? generation : old.entered(),
                news ? generation : old.changed(),
                news ? now : old.changedAt(),
                ordered(old, line.goal, generation),
                hold);
    }

    private static long ordered(Placement old, InstallationGoal line, long generation) {
        if (line.terms().order() == null) {
            return 0;
        }
        boolean same = old.line() != null
                && Objects.equals(old.line().terms().order(), line.terms().order());
        return same ? old.ordered() : generation;
    }

    private static Installation outside(Installation installation, Instant changedAt, @Nullable Hold hold) {
        return installation.with(new Placement(null, "", 0, 0, 0, changedAt, 0, hold));
    }

    /** Whether the agent has nothing new to do. A changed order gives it nothing to do, and so no new status to wait for. */
    private static boolean sameTask(InstallationGoal a, InstallationGoal b) {
        return a.extension().equals(b.extension())
                && a.packageDigest().equals(b.packageDigest())
                && a.presence() == b.presence()
                && a.sequence() == b.sequence();
    }

    private static String words(Terms terms) {
        Order order = terms.order();
        return " order " + (order == null ? "none" : order.number() + " " + order.kind()) + " deadlines "
                + new TreeMap<>(terms.deadlines()) + " conflicts " + terms.conflicts();
    }

    private static String digest(List<Line> lines, Releases releases) {
        StringBuilder content = new StringBuilder();
        for (Line line : lines) {
            InstallationGoal goal = line.goal;
            ProtectedSettings secret = goal.protectedSettings();
            Release release = releases.get(goal.extension(), goal.packageDigest());
            String signature = release.state().offered() ? release.publication().signature() : "";
            for (String field : List.of(
                    goal.name(),
                    goal.extension(),
                    goal.version(),
                    goal.packageDigest().text(),
                    goal.presence().wire(),
                    Long.toString(goal.sequence()),
                    String.join(",", goal.after()),
                    line.settingsId,
                    secret == null ? "" : secret.thumbprint(),
                    signature)) {
                content.append(field.length()).append(':').append(field);
            }
            // Without terms the digest is that of a goal from before there were any, and is not sent again.
            if (!goal.terms().equals(Terms.NONE)) {
                content.append(words(goal.terms()));
            }
            content.append('\n');
        }
        return Digest.of(content.toString().getBytes(StandardCharsets.UTF_8)).text();
    }
}
