package dev.vmext.fleet;

import dev.vmext.protocol.problem.ProblemCode;
import dev.vmext.protocol.problem.ProblemException;

/** Things that are not there, said the same way everywhere; and the look-ups that say it. */
final class Problems {
    private Problems() {}

    static String getProject(FleetView view, String project) {
        if (!view.projectExists(project)) {
            throw new ProblemException(
                    ProblemCode.PROJECT_NOT_FOUND,
                    "cannot find project " + shown(project) + ": there is none of that name",
                    "the project of a new control plane is called default");
        }
        return project;
    }

    static Machine getMachine(FleetView view, String project, String name) {
        getProject(view, project);
        return view.findMachine(project, name)
                .orElseThrow(() -> new ProblemException(
                        ProblemCode.MACHINE_NOT_FOUND,
                        "cannot find machine " + shown(name) + ": project " + project + " has none of that name",
                        "vmext machine list shows the machines there are"));
    }

    static Machine getMachine(FleetView view, String machineId) {
        return view.findMachine(machineId)
                .orElseThrow(() -> new ProblemException(
                        ProblemCode.MACHINE_NOT_FOUND,
                        "cannot find the machine with id " + shown(machineId) + ": there is none",
                        "it was probably deleted; enrol it anew"));
    }

    static Installation getInstallation(FleetView view, Machine machine, String name) {
        return view.installations(machine.id()).stream()
                .filter(installation -> installation.name().equals(name))
                .findFirst()
                .orElseThrow(() -> installationNotFound(machine, name));
    }

    static ProblemException installationNotFound(Machine machine, String name) {
        return new ProblemException(
                ProblemCode.INSTALLATION_NOT_FOUND,
                "cannot find installation " + shown(name) + ": machine " + machine.name() + " has none of that name",
                "vmext installation list " + machine.name() + " shows what it has");
    }

    static ProblemException extensionNotFound(String verb, String extension) {
        return new ProblemException(
                ProblemCode.EXTENSION_NOT_FOUND,
                "cannot " + verb + " " + shown(extension) + ": the catalog has no extension of that name",
                "vmext extension list shows what there is; names are publisher.Type and case counts");
    }

    static ProblemException invalidName(String what, String name, String rule) {
        return new ProblemException(
                ProblemCode.INVALID_NAME,
                "cannot use " + shown(name) + " as the name of " + what + ": it is not allowed",
                rule);
    }

    static ProblemException invalidValue(String detail, String hint) {
        return new ProblemException(ProblemCode.INVALID_VALUE, detail, hint);
    }

    static void refuseDeleting(String verb, Machine machine) {
        if (machine.deleting()) {
            throw new ProblemException(
                    ProblemCode.MACHINE_DELETING,
                    "cannot " + verb + " machine " + machine.name() + ": it is being deleted",
                    "wait until it is gone");
        }
    }

    /** Text from outside, made short enough for a message and without line breaks. */
    static String shown(String text) {
        String plain = text.replaceAll("\\p{Cntrl}", "?");
        return plain.length() <= 80 ? plain : plain.substring(0, 80) + "...";
    }
}
