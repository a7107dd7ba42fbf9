package dev.vmext.cli;

import dev.vmext.protocol.api.ExtensionView;
import dev.vmext.protocol.problem.ProblemCode;
import dev.vmext.protocol.problem.ProblemException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The four ways to give settings. A protected value is never taken from the command's arguments, where every process can read it. */
final class SettingsOptions {
    @Option(
            names = "--settings",
            paramLabel = "FILE",
            description = "A JSON object with the settings; - reads standard input.")
    @Nullable String settingsFile;

    @Option(
            names = "--set",
            paramLabel = "KEY=VALUE",
            description =
                    "One setting, typed by the extension's schema; a.b=VALUE goes into an object. May be repeated.")
    List<String> assignments = List.of();

    @Option(
            names = "--protected-settings",
            paramLabel = "FILE",
            description = "A JSON object with the protected settings; - reads standard input.")
    @Nullable String protectedFile;

    @Option(
            names = "--protected",
            paramLabel = "KEY",
            description = "A protected setting whose value is asked for without echo. May be repeated.")
    List<String> protectedKeys = List.of();

    private final Surroundings world;

    SettingsOptions(Surroundings world) {
        this.world = world;
    }

    boolean anyProtected() {
        return protectedFile != null || !protectedKeys.isEmpty();
    }

    /** The settings asked for, on top of {@code before}. A settings file replaces all of them, {@code --set} changes single ones. */
    Map<String, Object> publicSettings(Map<String, Object> before, ExtensionView extension) {
        if ("-".equals(settingsFile) && "-".equals(protectedFile)) {
            throw new ProblemException(
                    ProblemCode.INVALID_VALUE,
                    "cannot read both --settings and --protected-settings from standard input",
                    "Put one of them into a file.");
        }
        Map<String, Object> settings = settingsFile == null
                ? new LinkedHashMap<>(before)
                : new LinkedHashMap<>(
                        Json.object(TextFile.readOrInput(settingsFile, world), "the settings of " + settingsFile));
        Map<String, Object> schema = extension.settingsSchema();
        for (String assignment : assignments) {
            Assignment.parse(assignment, Optional.ofNullable(schema)).applyTo(settings);
        }
        return settings;
    }

    /** The protected settings asked for; null when none were given, which keeps the stored ones. */
    @Nullable Map<String, Object> protectedSettings() {
        if (!anyProtected()) {
            return null;
        }
        Map<String, Object> settings = protectedFile == null
                ? new LinkedHashMap<>()
                : new LinkedHashMap<>(Json.object(
                        TextFile.readOrInput(protectedFile, world), "the protected settings of " + protectedFile));
        for (String key : protectedKeys) {
            if (key.indexOf('=') >= 0) {
                throw new ProblemException(
                        ProblemCode.INVALID_VALUE,
                        "cannot take a protected value from the command line: other users can read it there",
                        "Give the name only, --protected " + key.substring(0, key.indexOf('='))
                                + ", and type the value when asked, or use --protected-settings FILE.");
            }
            char[] value = world.passwords()
                    .ask(key + ": ")
                    .orElseThrow(() -> new ProblemException(
                            ProblemCode.INVALID_VALUE,
                            "cannot ask for the protected setting '" + key + "': there is no terminal",
                            "Use --protected-settings FILE, or - for standard input."));
            Assignment.ofText(key, new String(value)).applyTo(settings);
        }
        return settings;
    }
}
