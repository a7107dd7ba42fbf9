package dev.vmext.agent.process;

import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;

/**
 * One command to run.
 *
 * @param runFolder exists, is empty, and belongs to this run alone
 * @param workingFolder the command's current folder
 * @param text for {@code /bin/sh -c}; from a verified package, never from settings
 * @param environment all of it: nothing is inherited
 */
public record CommandLine(Path runFolder, Path workingFolder, String text, Map<String, String> environment) {
    public CommandLine {
        Objects.requireNonNull(runFolder);
        Objects.requireNonNull(workingFolder);
        Objects.requireNonNull(text);
        environment = Map.copyOf(environment);
    }
}
