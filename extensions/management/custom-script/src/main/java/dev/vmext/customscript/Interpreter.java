package dev.vmext.customscript;

import dev.vmext.extensionkit.HandlerException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;

/**
 * The program that a script's first line names, and /bin/sh when it names none. The script is handed to it as a file, so it
 * also runs where files must not be executed (a noexec file system), where running the file itself would fail with 126.
 */
final class Interpreter {
    private static final int LONGEST_LINE = 256;

    private Interpreter() {}

    /** For a script in a file: a program of the machine's own kind is run as it is, for which it is made executable. */
    static List<String> of(Path file) throws IOException {
        byte[] head;
        try (InputStream in = Files.newInputStream(file)) {
            head = in.readNBytes(LONGEST_LINE);
        }
        if (head.length > 3 && head[0] == 0x7f && head[1] == 'E' && head[2] == 'L' && head[3] == 'F') {
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
            return List.of();
        }
        return of(new String(head, StandardCharsets.ISO_8859_1));
    }

    static List<String> of(String script) {
        String first = script.lines().findFirst().orElse("");
        if (!first.startsWith("#!")) {
            return List.of("/bin/sh");
        }
        // As the kernel does: the program, and all that follows as one argument.
        String[] words = first.substring(2).strip().split("[ \t]+", 2);
        Path program = Path.of(words[0]);
        if (!program.isAbsolute() || Files.isDirectory(program) || !Files.isExecutable(program)) {
            throw HandlerException.badSettings(
                    "cannot run the script: its first line names " + (words[0].isEmpty() ? "no program" : words[0])
                            + (words[0].isEmpty() ? "" : ", which is not a program on this machine"),
                    "Write the absolute path of an installed interpreter, such as #!/bin/sh or #!/usr/bin/env"
                            + " python3.");
        }
        return List.of(words);
    }
}
