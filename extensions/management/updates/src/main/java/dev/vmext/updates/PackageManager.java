package dev.vmext.updates;

import dev.vmext.extensionkit.ExitCode;
import dev.vmext.extensionkit.HandlerException;

/** Package managers by the file {@code programs/manager-<word>} that speaks to them. Only what was tested is used. */
enum PackageManager {
    APT("apt", "apt-get", true),
    DNF("dnf", "dnf", false);

    private final String word;
    private final String program;
    private final boolean tested;

    PackageManager(String word, String program, boolean tested) {
        this.word = word;
        this.program = program;
        this.tested = tested;
    }

    String word() {
        return word;
    }

    /** The one of this machine; a {@link HandlerException} says why there is none that can be used. */
    static PackageManager of(Places places) {
        for (PackageManager manager : values()) {
            if (places.hasProgram(manager.program)) {
                if (!manager.tested) {
                    throw unsupported("its package manager " + manager.program + " is refused until it can be tested");
                }
                return manager;
            }
        }
        throw unsupported("it has no apt-get, and no other package manager is known");
    }

    private static HandlerException unsupported(String why) {
        return new HandlerException(
                ExitCode.UNSUPPORTED_SYSTEM,
                "cannot look after updates of this machine: " + why,
                "Machines with apt (Debian, Ubuntu) are supported. Remove this installation.");
    }
}
