package dev.vmext.customscript;

import dev.vmext.extensionkit.HandlerException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The program that a script's first line names, and /bin/sh when it names none. The script is handed to it as a file, so it
 * also runs where files must not be executed (a noexec file system), where running the file itself would fail with 126.
 */
final class Interpreter {
    private Interpreter() {}

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
                    "Write the absolute path of an installed interpreter, such as #!/bin/sh or #!/usr/bin/env python3.");
        }
        return List.of(words);
    }
}
