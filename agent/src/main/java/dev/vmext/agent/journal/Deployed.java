package dev.vmext.agent.journal;

import dev.vmext.protocol.Digest;
import java.util.Objects;

/**
 * One version of an extension that lies unpacked on the machine, and how far its handler was brought. Only facts: what is to be
 * done next follows from them.
 *
 * @param installed its install succeeded and its uninstall did not run since
 * @param updated its update command succeeded
 * @param enabled its enable succeeded at least once and its disable did not run since
 * @param stateCopied it got what the version before it remembered
 * @param settingsSequence of the newest settings written for it, -1 for none
 * @param enabledSequence of the settings its last successful enable saw, -1 for none
 * @param enabledBoot in which boot that was, empty for none
 * @param oldDisableExit exit code of the disable of the version before, or NOT_RUN
 * @param oldUninstallExit exit code of the uninstall of the version before, or NOT_RUN
 */
public record Deployed(
        String version,
        Digest digest,
        Traits traits,
        boolean installed,
        boolean updated,
        boolean enabled,
        boolean stateCopied,
        long settingsSequence,
        long enabledSequence,
        String enabledBoot,
        String oldDisableExit,
        String oldUninstallExit) {
    public static final String NOT_RUN = "NOT_RUN";

    public Deployed {
        Objects.requireNonNull(version);
        Objects.requireNonNull(digest);
        Objects.requireNonNull(traits);
        Objects.requireNonNull(enabledBoot);
        Objects.requireNonNull(oldDisableExit);
        Objects.requireNonNull(oldUninstallExit);
    }

    /** A version that was only unpacked. */
    public static Deployed unpacked(String version, Digest digest, Traits traits) {
        return new Deployed(version, digest, traits, false, false, false, false, -1, -1, "", NOT_RUN, NOT_RUN);
    }

    public Deployed withSettings(long sequence) {
        return new Deployed(
                version,
                digest,
                traits,
                installed,
                updated,
                enabled,
                stateCopied,
                sequence,
                enabledSequence,
                enabledBoot,
                oldDisableExit,
                oldUninstallExit);
    }

    public Deployed withInstalled(boolean value) {
        return new Deployed(
                version,
                digest,
                traits,
                value,
                updated && value,
                enabled,
                stateCopied,
                settingsSequence,
                enabledSequence,
                enabledBoot,
                oldDisableExit,
                oldUninstallExit);
    }

    /** After the update command: install is still to come unless the package says that update replaces it. */
    public Deployed withUpdated() {
        return new Deployed(
                version,
                digest,
                traits,
                installed || !traits.installsOnUpdate(),
                true,
                enabled,
                stateCopied,
                settingsSequence,
                enabledSequence,
                enabledBoot,
                oldDisableExit,
                oldUninstallExit);
    }

    public Deployed withStateCopied() {
        return new Deployed(
                version,
                digest,
                traits,
                installed,
                updated,
                enabled,
                true,
                settingsSequence,
                enabledSequence,
                enabledBoot,
                oldDisableExit,
                oldUninstallExit);
    }

    public Deployed withEnabled(String boot) {
        return new Deployed(
                version,
                digest,
                traits,
                installed,
                updated,
                true,
                stateCopied,
                settingsSequence,
                settingsSequence,
                boot,
                oldDisableExit,
                oldUninstallExit);
    }

    /** It is enabled, but what it did for its settings does not count: enable is to run again. */
    public Deployed withEnableForgotten() {
        return new Deployed(
                version,
                digest,
                traits,
                installed,
                updated,
                enabled,
                stateCopied,
                settingsSequence,
                -1,
                enabledBoot,
                oldDisableExit,
                oldUninstallExit);
    }

    public Deployed withDisabled() {
        return new Deployed(
                version,
                digest,
                traits,
                installed,
                updated,
                false,
                stateCopied,
                settingsSequence,
                enabledSequence,
                "",
                oldDisableExit,
                oldUninstallExit);
    }

    public Deployed withOldExits(String disable, String uninstall) {
        return new Deployed(
                version,
                digest,
                traits,
                installed,
                updated,
                enabled,
                stateCopied,
                settingsSequence,
                enabledSequence,
                enabledBoot,
                disable,
                uninstall);
    }
}
