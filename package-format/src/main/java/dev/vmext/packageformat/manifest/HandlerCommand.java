package dev.vmext.packageformat.manifest;

import dev.vmext.packageformat.json.JsonFields;
import java.time.Duration;

/** The five commands of a handler, with the time each has when the package does not say otherwise. */
public enum HandlerCommand {
    INSTALL(900),
    ENABLE(300),
    UPDATE(900),
    DISABLE(900),
    UNINSTALL(300);

    private final int defaultSeconds;

    HandlerCommand(int defaultSeconds) {
        this.defaultSeconds = defaultSeconds;
    }

    /** As written in {@code extension.json} and in messages: "install". */
    public String text() {
        return JsonFields.spelling(this);
    }

    /** The field of {@code HandlerManifest.json}: "installCommand". */
    public String manifestField() {
        return text() + "Command";
    }

    public Duration defaultDeadline() {
        return Duration.ofSeconds(defaultSeconds);
    }
}
