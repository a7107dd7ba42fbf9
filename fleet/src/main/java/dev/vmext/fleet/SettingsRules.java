package dev.vmext.fleet;

import dev.vmext.fleet.SettingsValidator.Fault;
import dev.vmext.packageformat.manifest.SettingsSchemas;
import dev.vmext.protocol.problem.ProblemCode;
import dev.vmext.protocol.problem.ProblemException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** Holds settings against the schemas of a version, and says what does not fit without repeating a value. */
final class SettingsRules {
    private final SettingsValidator validator;

    SettingsRules(SettingsValidator validator) {
        this.validator = validator;
    }

    void checkPublic(String name, Release release, Map<String, Object> settings) {
        check("settings", name, release, release.description().schemas().settings(), settings);
    }

    void checkProtected(String name, Release release, Map<String, Object> settings) {
        SettingsSchemas schemas = release.description().schemas();
        check("protected settings", name, release, schemas.protectedSettings(), settings);
    }

    private void check(
            String what, String name, Release release, Optional<String> schema, Map<String, Object> settings) {
        if (schema.isEmpty()) {
            return;
        }
        List<Fault> faults = validator.validate(schema.get(), settings);
        if (faults.isEmpty()) {
            return;
        }
        String of = "the " + what + " of " + name + " (" + release.extension() + " " + release.version() + ")";
        String show = "vmext extension show " + release.extension() + " shows what can be set";
        Optional<Fault> unknown = faults.stream().filter(Fault::unknownKey).findFirst();
        if (unknown.isPresent()) {
            Fault fault = unknown.get();
            throw new ProblemException(
                    ProblemCode.UNKNOWN_SETTING,
                    "cannot use " + of + ": there is no setting " + Problems.shown(fault.path()),
                    fault.suggestion().isEmpty() ? show : "did you mean " + fault.suggestion() + "? " + show);
        }
        String list = faults.stream()
                .limit(5)
                .map(fault -> (fault.path().isEmpty() ? "" : fault.path() + " ") + fault.message())
                .collect(Collectors.joining("; "));
        throw new ProblemException(ProblemCode.SETTINGS_INVALID, "cannot use " + of + ": " + list, show);
    }
}
