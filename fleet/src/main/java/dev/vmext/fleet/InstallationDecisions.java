package dev.vmext.fleet;

import dev.vmext.fleet.Installation.Conditions;
import dev.vmext.fleet.Installation.Placement;
import dev.vmext.fleet.Installation.Settings;
import dev.vmext.fleet.Installation.Want;
import dev.vmext.packageformat.manifest.ExtensionReference;
import dev.vmext.packageformat.manifest.GatewayUse;
import dev.vmext.packageformat.manifest.VersionConstraint;
import dev.vmext.protocol.JsonText;
import dev.vmext.protocol.api.InstallationWrite;
import dev.vmext.protocol.goal.GoalStateCodec;
import dev.vmext.protocol.goal.Order;
import dev.vmext.protocol.goal.Presence;
import dev.vmext.protocol.problem.ProblemCode;
import dev.vmext.protocol.problem.ProblemException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Decides what a written or deleted installation means for a machine. Works on a draft; the caller compiles and applies it. */
final class InstallationDecisions {
    static final Pattern NAME = Pattern.compile("[A-Za-z0-9_-]{1,64}");
    private static final int MAX_SETTINGS = 256 * 1024;
    private static final int MAX_GOAL = GoalStateCodec.MAX_CONFIG_BYTES / 4 * 3;

    private final IdSource ids;
    private final SettingsRules rules;
    private final Sealer sealer;
    private final RepositoryKeys keys;

    InstallationDecisions(IdSource ids, SettingsRules rules, Sealer sealer) {
        this.ids = ids;
        this.rules = rules;
        this.sealer = sealer;
        this.keys = new RepositoryKeys(ids, sealer);
    }

    /** Writes all of them, then holds the machine against the rules: they may need each other. */
    void putAll(MachineDraft draft, Map<String, InstallationWrite> writes, Instant now) {
        writes.forEach((name, write) -> put(draft, name, write, now));
        InstallationRules.check(draft, Set.copyOf(writes.keySet()));
        refuseLargeGoal(draft);
    }

    private void put(MachineDraft draft, String name, InstallationWrite write, Instant now) {
        if (!NAME.matcher(name).matches()) {
            throw Problems.invalidName("an installation", name, "use 1 to 64 letters, digits, hyphens and underscores");
        }
        Optional<Installation> before = draft.find(name);
        before.filter(old -> !old.want().extension().equals(write.extension())).ifPresent(old -> {
            throw new ProblemException(
                    ProblemCode.INSTALLATION_EXISTS,
                    "cannot make " + name + " an installation of " + Problems.shown(write.extension())
                            + ": machine " + draft.machine().name() + " has it as an installation of "
                            + old.want().extension() + (old.present() ? "" : ", which is still being removed"),
                    "use another name, or uninstall it first");
        });
        Optional<Unmanaged> adopted = before.isPresent() ? Optional.empty() : draft.findUnmanaged(name);
        adopted.filter(other -> !other.status().extension().equals(write.extension()))
                .ifPresent(other -> {
                    throw new ProblemException(
                            ProblemCode.INSTALLATION_EXISTS,
                            "cannot make " + name + " an installation of " + Problems.shown(write.extension())
                                    + ": machine " + draft.machine().name() + " has an unmanaged one of that name, of "
                                    + other.status().extension(),
                            "use another name, or uninstall that one first");
                });
        String constraint = VersionConstraint.ANY.text();
        if (write.version() != null) {
            constraint = VersionChoice.constraint(write.version()).text();
        }
        List<Installation> siblings = draft.present().stream()
                .filter(other -> other.want().extension().equals(write.extension()))
                .filter(other -> !other.name().equals(name))
                .toList();
        Release release = VersionChoice.choose(
                name,
                write.extension(),
                new VersionConstraint(constraint),
                siblings,
                before.filter(Installation::present).isEmpty(),
                draft.releases());
        siblings.forEach(sibling -> follow(draft, sibling, release, now));

        Installation old = before.orElse(null);
        Settings settings = settings(draft, name, release, write, old == null ? null : old.settings(), now);
        if (old != null && !old.present() && settings.equals(old.settings())) {
            // Its ciphertext left with the absent line, and is made once per settings version.
            settings = new Settings(ids.newId(), settings.publicText(), settings.protectedKeys(), settings.sealed());
        }
        // What is on the machine has numbers of its own, and a handler does nothing for one that it has seen.
        long sequence = old == null
                ? adopted.map(other -> other.status().sequence() + 1).orElse(0L)
                : old.want().sequence();
        boolean again = old != null
                && (!old.present()
                        || Boolean.TRUE.equals(write.rerun())
                        || !old.settings().id().equals(settings.id()));
        Want want = new Want(
                release.extension(),
                constraint,
                release.version().text(),
                release.publication().digest(),
                Presence.PRESENT,
                write.after() == null ? List.of() : List.copyOf(new TreeSet<>(write.after())),
                again ? sequence + 1 : sequence,
                Conditions.NONE);
        want = want.with(ConditionRules.conditions(write, want, old == null ? null : old.want(), now));
        if (old == null) {
            Machine machine = draft.machine();
            draft.put(new Installation(
                    machine.id(),
                    machine.project(),
                    machine.name(),
                    name,
                    want,
                    settings,
                    Placement.outside(now),
                    adopted.map(Unmanaged::status).orElse(null),
                    adopted.map(Unmanaged::at).orElse(null),
                    now,
                    now,
                    0));
            adopted.ifPresent(other -> draft.removeUnmanaged(other.name()));
        } else if (!old.want().equals(want) || !old.settings().equals(settings)) {
            draft.put(old.with(want, settings, now));
        }
    }

    /** Moves a sibling to the version that all installations of the extension have now. */
    private void follow(MachineDraft draft, Installation sibling, Release release, Instant now) {
        if (sibling.want().digest().equals(release.publication().digest())) {
            return;
        }
        rules.checkPublic(
                sibling.name(), release, JsonText.readObject(sibling.settings().publicText()));
        draft.put(sibling.with(
                sibling.want()
                        .at(release.version().text(), release.publication().digest()),
                now));
    }

    private Settings settings(
            MachineDraft draft,
            String name,
            Release release,
            InstallationWrite write,
            @Nullable Settings before,
            Instant now) {
        Map<String, Object> open = write.settings() == null ? Map.of() : write.settings();
        rules.checkPublic(name, release, open);
        String openText = JsonText.write(open);
        SealedSettings sealed = before == null ? null : before.sealed();
        List<String> names = before == null ? List.of() : before.protectedKeys();
        Map<String, Object> secret = write.protectedSettings();
        if (secret != null) {
            rules.checkProtected(name, release, secret);
            names = List.copyOf(new TreeSet<>(secret.keySet()));
        } else if (sealed == null) {
            rules.checkProtected(name, release, Map.of());
        }
        Optional<String> password = keys.password(draft, name, release, open, now);
        if (password.isPresent()) {
            RepositoryKeys.refuseOwn(name, secret);
        }
        String machineId = draft.machine().id();
        if (secret != null || password.isPresent() || managedBefore(release, sealed, names)) {
            Map<String, Object> whole = secret != null
                    ? secret
                    : sealed == null
                            ? Map.of()
                            : given(JsonText.readObject(sealer.open(machineId, name, sealed.text())), names);
            sealed = resealed(
                    machineId,
                    name,
                    password.map(made -> RepositoryKeys.with(whole, made)).orElse(whole),
                    sealed);
        }
        refuseLarge(name, openText);
        if (before != null && before.publicText().equals(openText) && Objects.equals(before.sealed(), sealed)) {
            return before;
        }
        return new Settings(ids.newId(), openText, names, sealed);
    }

    /** Whether there may be more in it than an operator gave: a password from here, which goes when it is not needed any more. */
    private static boolean managedBefore(Release release, @Nullable SealedSettings sealed, List<String> names) {
        return sealed != null
                && release.description().execution().gateway().contains(GatewayUse.REPOSITORY)
                && !names.contains(RepositoryUse.PASSWORD);
    }

    /** Only what an operator gave. */
    private static Map<String, Object> given(Map<String, Object> all, List<String> names) {
        Map<String, Object> given = new LinkedHashMap<>(all);
        given.keySet().retainAll(names);
        return given;
    }

    /** Equal plain text keeps the ciphertext it has, so that writing the same again changes nothing. */
    private @Nullable SealedSettings resealed(
            String machineId, String name, Map<String, Object> secret, @Nullable SealedSettings before) {
        if (secret.isEmpty()) {
            return null;
        }
        String text = JsonText.write(secret);
        refuseLarge(name, text);
        SealedSettings fresh = sealer.seal(machineId, name, text);
        return before != null && fresh.fingerprint().equals(before.fingerprint()) ? before : fresh;
    }

    /** A goal travels as one message, so a machine cannot have any number of installations. */
    private static void refuseLargeGoal(MachineDraft draft) {
        long size = 0;
        for (Installation installation : draft.installations()) {
            SealedSettings sealed = installation.settings().sealed();
            // Encrypted for the machine it is about as long as at rest.
            size += installation.settings().publicText().length()
                    + (sealed == null ? 0 : sealed.text().length());
        }
        int count = draft.installations().size();
        if (count > GoalStateCodec.MAX_INSTALLATIONS || size > MAX_GOAL) {
            throw new ProblemException(
                    ProblemCode.REQUEST_TOO_LARGE,
                    "cannot install more on machine " + draft.machine().name() + ": it would have " + count
                            + " installations with " + size / 1024 + " KiB of settings",
                    "the most are " + GoalStateCodec.MAX_INSTALLATIONS + " installations and " + MAX_GOAL / 1024
                            + " KiB");
        }
    }

    private static void refuseLarge(String name, String text) {
        if (text.length() > MAX_SETTINGS) {
            throw new ProblemException(
                    ProblemCode.REQUEST_TOO_LARGE,
                    "cannot use the settings of " + name + ": they are larger than " + MAX_SETTINGS / 1024 + " KiB",
                    "put large files where the handler can download them");
        }
    }

    /**
     * What was never offered to the machine is gone at once. Anything else stays in the goal as absent, whether the machine is on or
     * off, until its agent reports it removed. Repeating it changes nothing.
     */
    void delete(MachineDraft draft, String name, Instant now) {
        Optional<Installation> known = draft.find(name);
        if (known.isEmpty()) {
            Leftovers.declareAbsent(draft, name, ids, now);
            return;
        }
        Installation installation = known.get();
        if (!installation.present()) {
            return;
        }
        refuseWhileNeeded(draft, installation);
        if (installation.mayBeOn(draft.machine())) {
            draft.put(installation.with(installation.want().absent(), now));
        } else {
            draft.remove(name);
        }
    }

    /** Every order is taken in every state, also for a machine that is off: it is an operator's way out. */
    void order(MachineDraft draft, String name, Order.Kind kind, Instant now) {
        Installation installation =
                draft.find(name).orElseThrow(() -> Problems.installationNotFound(draft.machine(), name));
        Want want = installation.want();
        Conditions conditions = want.conditions();
        if (kind == Order.Kind.RETRY || kind == Order.Kind.RESET) {
            // Whoever asks for it again means it, also when the first asking has expired.
            conditions = conditions.expiring(null);
        }
        draft.put(installation.with(want.with(conditions.ordered(kind, now)), installation.changedAt()));
    }

    private static void refuseWhileNeeded(MachineDraft draft, Installation leaving) {
        List<Installation> staying = draft.present().stream()
                .filter(other -> !other.name().equals(leaving.name()))
                .toList();
        for (Installation other : staying) {
            boolean needed = other.want().after().contains(leaving.name());
            for (ExtensionReference reference :
                    draft.releases().get(other).description().applicability().dependencies()) {
                needed |= Dependencies.providers(reference, staying, draft.releases())
                        .isEmpty();
            }
            if (needed) {
                throw new ProblemException(
                        ProblemCode.DEPENDENCY_MISSING,
                        "cannot uninstall " + leaving.name() + " from machine "
                                + draft.machine().name() + ": " + other.name() + " needs it",
                        "uninstall " + other.name() + " first, or change what it comes after");
            }
        }
    }
}
