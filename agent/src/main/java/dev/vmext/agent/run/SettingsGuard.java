package dev.vmext.agent.run;

import dev.vmext.packageformat.manifest.PackageDescription;
import dev.vmext.protocol.goal.InstallationGoal;
import dev.vmext.protocol.status.Cause;
import java.util.Optional;

/** The machine owner's last word on packages and settings, and the keeper of what must not be shown. Any thread. */
public interface SettingsGuard {
    /** Why this package may not run here at all. */
    Optional<Cause> refusesPackage(PackageDescription description);

    /** Why these settings may not reach the handler. Learns the secrets among them. */
    Optional<Cause> refusesSettings(PackageDescription description, InstallationGoal goal);

    /** Learns the secrets in the settings of a goal, before anything of it can be shown. */
    void learn(InstallationGoal goal);

    /** The text without any secret that was learnt. */
    String redact(String text);
}
