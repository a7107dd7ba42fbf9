package dev.vmext.fleet;

import dev.vmext.packageformat.manifest.Applicability;
import dev.vmext.packageformat.manifest.ExtensionReference;
import dev.vmext.packageformat.manifest.Instances;
import dev.vmext.protocol.problem.ProblemCode;
import dev.vmext.protocol.problem.ProblemException;
import java.util.List;
import java.util.Set;

/** What must hold for all installations of one machine together. Refuses by throwing; changes nothing. */
final class InstallationRules {
    private InstallationRules() {}

    /** Holds the whole machine against the rules; platform and provider only for those just written. */
    static void check(MachineDraft draft, Set<String> written) {
        for (Installation installation : draft.present()) {
            if (written.contains(installation.name())) {
                single(draft, installation);
                fits(draft, installation);
            }
        }
        for (Installation installation : draft.present()) {
            order(draft, installation);
            dependencies(draft, installation);
            conflicts(draft, installation);
        }
        new Graph(Dependencies.after(draft.present(), draft.releases()))
                .circle()
                .ifPresent(circle -> {
                    throw new ProblemException(
                            ProblemCode.DEPENDENCY_CYCLE,
                            "cannot order the installations of machine "
                                    + draft.machine().name() + ": " + String.join(" comes after ", circle),
                            "take one of them out of the circle");
                });
    }

    private static void single(MachineDraft draft, Installation installation) {
        Release release = draft.releases().get(installation);
        if (release.description().instances() == Instances.MANY) {
            return;
        }
        unmanaged(draft, installation, release);
        for (Installation other : draft.installations()) {
            if (!other.name().equals(installation.name())
                    && other.want().extension().equals(installation.want().extension())) {
                throw new ProblemException(
                        ProblemCode.SINGLE_INSTANCE,
                        "cannot install " + release.extension() + " as " + installation.name() + ": machine "
                                + draft.machine().name() + " has it as " + other.name()
                                + (other.present() ? "" : ", which is still being removed")
                                + ", and it can be installed once",
                        other.present()
                                ? "change " + other.name() + " instead, or uninstall it first"
                                : "use the name " + other.name() + ", or wait until it is removed");
            }
        }
    }

    private static void unmanaged(MachineDraft draft, Installation installation, Release release) {
        for (Unmanaged other : draft.unmanaged()) {
            if (other.status().extension().equals(release.extension())) {
                throw new ProblemException(
                        ProblemCode.SINGLE_INSTANCE,
                        "cannot install " + release.extension() + " as " + installation.name() + ": machine "
                                + draft.machine().name() + " has it, unmanaged, as " + other.name()
                                + ", and it can be installed once",
                        "use the name " + other.name() + " to take it over, or uninstall that one first");
            }
        }
    }

    private static void fits(MachineDraft draft, Installation installation) {
        Release release = draft.releases().get(installation);
        Applicability applicability = release.description().applicability();
        Machine machine = draft.machine();
        machine.foreignAgent().ifPresent(agent -> {
            throw new ProblemException(
                    ProblemCode.AGENT_FOREIGN,
                    "cannot install " + release.extension() + " on machine " + machine.name() + ": it is run by "
                            + Problems.shown(agent) + ", which vmext shows and does not manage",
                    "enrol the machine with the vmext agent, or use another machine");
        });
        if (!applicability.providers().isEmpty() && !applicability.providers().contains(machine.provider())) {
            throw new ProblemException(
                    ProblemCode.PROVIDER_MISMATCH,
                    "cannot install " + release.extension() + " on machine " + machine.name()
                            + ": it is for machines of " + String.join(", ", applicability.providers())
                            + ", and this one comes from " + machine.provider(),
                    "vmext extension list --provider " + machine.provider() + " shows what fits");
        }
        Platforms.knownFacts(machine).flatMap(applicability::misfit).ifPresent(why -> {
            throw new ProblemException(
                    ProblemCode.PLATFORM_MISMATCH,
                    "cannot install " + release.extension() + " on machine " + machine.name() + ": " + why,
                    "vmext extension list --platform shows what fits");
        });
    }

    private static void order(MachineDraft draft, Installation installation) {
        for (String name : installation.want().after()) {
            if (name.equals(installation.name())) {
                throw new ProblemException(
                        ProblemCode.DEPENDENCY_CYCLE,
                        "cannot install " + name + " after itself: it would wait for ever",
                        "take it out of its own list");
            }
            if (draft.find(name).filter(Installation::present).isEmpty()) {
                throw new ProblemException(
                        ProblemCode.DEPENDENCY_MISSING,
                        "cannot install " + installation.name() + " after " + Problems.shown(name) + ": machine "
                                + draft.machine().name() + " has no such installation",
                        "install " + Problems.shown(name) + " first, or take it out of the list");
            }
        }
    }

    private static void dependencies(MachineDraft draft, Installation installation) {
        Release release = draft.releases().get(installation);
        for (ExtensionReference needed : release.description().applicability().dependencies()) {
            if (Dependencies.providers(needed, draft.present(), draft.releases())
                    .isEmpty()) {
                throw new ProblemException(
                        ProblemCode.DEPENDENCY_MISSING,
                        "cannot have " + release.extension() + " on machine "
                                + draft.machine().name() + " as " + installation.name() + ": it needs " + needed
                                + ", which is not installed there",
                        "install " + needed.name() + " first");
            }
        }
    }

    private static void conflicts(MachineDraft draft, Installation installation) {
        Release release = draft.releases().get(installation);
        for (ExtensionReference excluded : release.description().applicability().conflicts()) {
            List<Installation> others = Dependencies.providers(excluded, draft.present(), draft.releases()).stream()
                    .filter(other ->
                            !other.want().extension().equals(installation.want().extension()))
                    .toList();
            if (!others.isEmpty()) {
                Installation other = others.getFirst();
                throw new ProblemException(
                        ProblemCode.EXTENSION_CONFLICT,
                        "cannot have " + release.extension() + " (" + installation.name() + ") and "
                                + other.want().extension() + " (" + other.name() + ") on machine "
                                + draft.machine().name() + ": the former excludes the latter",
                        "uninstall one of them first");
            }
        }
    }
}
