package dev.vmext.agent;

import dev.vmext.agent.exec.Commands;
import dev.vmext.agent.fetch.PackageStore;
import dev.vmext.agent.json.JsonTree;
import dev.vmext.agent.run.SettingsGuard;
import dev.vmext.agent.seal.Secrets;
import dev.vmext.packageformat.manifest.PackageDescription;
import dev.vmext.packageformat.trust.TrustMode;
import dev.vmext.protocol.goal.InstallationGoal;
import dev.vmext.protocol.goal.ProtectedSettings;
import dev.vmext.protocol.status.Cause;
import dev.vmext.protocol.status.CauseClass;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What the machine's trust file allows, asked anew each time: the owner may change it while the agent runs. Any thread. */
final class OwnersWord implements SettingsGuard, Commands.OwnersWordOnCommands {
    private final PackageStore packages;
    private final Secrets secrets;

    OwnersWord(PackageStore packages, Secrets secrets) {
        this.packages = packages;
        this.secrets = secrets;
    }

    @Override
    public Optional<Cause> refusesPackage(PackageDescription description) {
        TrustMode mode = packages.trust().mode();
        if (mode.allowsScripts() || !description.scripts()) {
            return Optional.empty();
        }
        return Optional.of(new Cause(
                CauseClass.TRUST,
                "verify",
                "cannot install " + description.identity()
                        + ": it runs commands from its settings, and the owner of this "
                        + "machine allows none (trust mode " + mode.text() + ")",
                "set the mode in trust.json on the machine to full, or remove the installation",
                Map.of("mode", mode.text())));
    }

    @Override
    public Optional<Cause> refusesSettings(PackageDescription description, InstallationGoal goal) {
        Set<String> keys = new HashSet<>();
        try {
            // Nothing and null mean that the installation has no settings at all (azure-contract 1.7).
            Object parsed = goal.publicSettings().isBlank()
                    ? null
                    : JsonTree.parse(goal.publicSettings().getBytes(StandardCharsets.UTF_8));
            if (parsed != null && !(parsed instanceof Map)) {
                return Optional.of(unusable(goal, "the public settings are no JSON object"));
            }
            if (parsed instanceof Map<?, ?> open) {
                open.keySet().forEach(key -> keys.add(String.valueOf(key)));
            }
            ProtectedSettings sealed = goal.protectedSettings();
            if (sealed != null) {
                secrets.open(sealed).keySet().forEach(key -> keys.add(String.valueOf(key)));
            }
        } catch (IOException e) {
            return Optional.of(unusable(goal, "the settings cannot be opened: " + e.getMessage()));
        }
        TrustMode mode = packages.trust().mode();
        if (mode.allowsScripts()) {
            return Optional.empty();
        }
        if (description.scripts()) {
            // It was installed while the owner still allowed it.
            return refusesPackage(description);
        }
        for (String key : description.scriptKeys()) {
            // Many handlers read names of settings without regard to case.
            if (keys.stream().anyMatch(key::equalsIgnoreCase)) {
                return Optional.of(new Cause(
                        CauseClass.TRUST,
                        "settings",
                        "cannot apply the settings of " + goal.name() + ": " + key
                                + " carries commands, and the owner of " + "this machine allows none (trust mode "
                                + mode.text() + ")",
                        "leave " + key + " out, or set the mode in trust.json on the machine to full",
                        Map.of("key", key, "mode", mode.text())));
            }
        }
        return Optional.empty();
    }

    @Override
    public Optional<Cause> refusesCommands() {
        TrustMode mode = ModeInForce.of(packages::trust).mode();
        return mode.allowsScripts()
                ? Optional.empty()
                : Optional.of(new Cause(
                        CauseClass.TRUST,
                        "run",
                        "cannot run the command: the owner of this machine lets nobody run commands (trust mode "
                                + mode.text() + ")",
                        "set the mode in trust.json on the machine to full",
                        Map.of("mode", mode.text())));
    }

    @Override
    public void learn(InstallationGoal goal) {
        ProtectedSettings sealed = goal.protectedSettings();
        if (sealed != null) {
            try {
                secrets.open(sealed);
            } catch (IOException notOurs) {
                // Then no handler will see them either: the step that would hand them over says so.
                return;
            }
        }
    }

    private static Cause unusable(InstallationGoal goal, String why) {
        return new Cause(
                CauseClass.SETTINGS,
                "settings",
                "cannot apply the settings of " + goal.name() + ": " + why,
                "set them again",
                Map.of());
    }

    @Override
    public String redact(String text) {
        return secrets.redact(text);
    }
}
