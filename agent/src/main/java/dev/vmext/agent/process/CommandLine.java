package dev.vmext.agent.process;

import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One command to run.
 *
 * @param runFolder exists, is empty, and belongs to this run alone
 * @param workingFolder the command's current folder
 * @param text for {@code /bin/sh -c}; from a verified package, never from settings
 * @param environment all of it: nothing is inherited
 * @param confinement limits and the control group that has them, null for none
 */
public record CommandLine(
        Path runFolder,
        Path workingFolder,
        String text,
        Map<String, String> environment,
        @Nullable Confinement confinement) {
    public CommandLine {
        Objects.requireNonNull(runFolder);
        Objects.requireNonNull(workingFolder);
        Objects.requireNonNull(text);
        environment = Map.copyOf(environment);
    }

    /** A command without limits. */
    public CommandLine(Path runFolder, Path workingFolder, String text, Map<String, String> environment) {
        this(runFolder, workingFolder, text, environment, null);
    }

    public CommandLine within(Confinement limits) {
        return new CommandLine(runFolder, workingFolder, text, environment, limits);
    }
}
