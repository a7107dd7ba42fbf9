package dev.vmext.antivirus;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** The shell programs of the package in a folder that stands for the machine, run as their units run them. */
final class Workshop {
    /** The test file that every scanner knows, put together only here: as a plain file it would trip them. */
    static final String EICAR = "X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-" + "STANDARD-ANTIVIRUS-TEST-FILE!$H+H*";

    final Path root;
    final Path state;
    final Path conf;
    final Path events;
    final Path home;

    record Said(int exit, String out, String err) {}

    Workshop(Path folder) throws IOException {
        // Programs compare a folder's name with where it really is.
        root = Files.createDirectories(folder.resolve("machine")).toRealPath();
        state = Files.createDirectories(root.resolve("var/lib/vmext-antivirus"));
        conf = Files.createDirectories(root.resolve("etc/vmext-antivirus"));
        events = Files.createDirectories(root.resolve("events"));
        home = Files.createDirectories(root.resolve("home"));
        for (String name : List.of("bin", "own", "db", "scans")) {
            Files.createDirectories(state.resolve(name));
        }
        Files.createDirectories(conf.resolve("scans/daily"));
        for (Path sources :
                List.of(Path.of("src/main/package/programs"), Path.of("../../../extension-kit/src/main/sh"))) {
            try (Stream<Path> files = Files.list(sources)) {
                for (Path file : files.toList()) {
                    Files.copy(
                            file,
                            state.resolve("bin").resolve(String.valueOf(file.getFileName())),
                            StandardCopyOption.REPLACE_EXISTING);
                }
            }
        }
        Files.writeString(state.resolve("events-folder"), events + "\n");
        values();
    }

    void values(String... lines) throws IOException {
        Files.writeString(conf.resolve("values"), String.join("\n", lines) + "\n");
    }

    Said run(String program, String... arguments) throws Exception {
        return ask("", program, arguments);
    }

    /** Writes the status file as the programs do when no handler runs. */
    Said publish() throws Exception {
        Path caller = state.resolve("bin/caller");
        Files.writeString(caller, ". \"${0%/*}/lib.sh\"\npublish\n");
        return run("caller");
    }

    Said ask(String input, String program, String... arguments) throws Exception {
        List<String> command = new ArrayList<>(
                List.of("/bin/sh", state.resolve("bin").resolve(program).toString()));
        command.addAll(List.of(arguments));
        Path out = root.resolve("out");
        Path err = root.resolve("err");
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectOutput(out.toFile()).redirectError(err.toFile());
        builder.environment().put("VMEXT_ANTIVIRUS_ROOT", root.toString());
        builder.environment().put("LC_ALL", "C.UTF-8");
        Process process = builder.start();
        try (var stdin = process.getOutputStream()) {
            stdin.write(input.getBytes(StandardCharsets.UTF_8));
        }
        if (!process.waitFor(2, TimeUnit.MINUTES)) {
            process.destroyForcibly();
            throw new AssertionError(program + " does not end");
        }
        return new Said(
                process.exitValue(),
                Files.readString(out, StandardCharsets.UTF_8),
                Files.readString(err, StandardCharsets.UTF_8));
    }

    /** All events that were written, oldest first, as text. */
    String told() throws IOException {
        StringBuilder text = new StringBuilder();
        try (Stream<Path> files = Files.list(events)) {
            for (Path file : files.sorted().toList()) {
                text.append(Files.readString(file).replace("\\\"", "\"")).append('\n');
            }
        }
        return text.toString();
    }

    /** Takes a file into quarantine as a scan does and returns its id. */
    String take(Path file) throws Exception {
        Said said = run("quarantine", "take", file.toString(), "Test.Eicar", "daily");
        if (said.exit() != 0) {
            throw new AssertionError(said);
        }
        return said.out().split(" ", -1)[0];
    }

    Path item(String id) {
        return state.resolve("quarantine").resolve(id);
    }
}
