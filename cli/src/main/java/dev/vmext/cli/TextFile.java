package dev.vmext.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Text that a person names on the command line: a file, or {@code -} for standard input. */
final class TextFile {
    private static final String STANDARD_INPUT = "-";

    private TextFile() {}

    /** @throws dev.vmext.protocol.problem.ProblemException {@code FILE_UNREADABLE} */
    static String read(String file) {
        try {
            return Files.readString(Path.of(file));
        } catch (IOException e) {
            throw Json.unreadable(Path.of(file), e);
        }
    }

    /** The same; {@code -} reads standard input to its end. */
    static String readOrInput(String file, Surroundings world) {
        if (!file.equals(STANDARD_INPUT)) {
            return read(file);
        }
        try {
            return new String(world.in().readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw Json.unreadable(Path.of(STANDARD_INPUT), e);
        }
    }
}
