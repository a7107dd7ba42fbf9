package dev.vmext.certificates;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** The shell programs of the package in a folder that stands for the machine, run as their units run them. */
final class Workshop {
    final Path root;
    final Path state;
    final Path conf;
    final Path events;

    record Said(int exit, String out, String err) {}

    Workshop(Path folder) throws IOException {
        root = Files.createDirectories(folder.resolve("machine")).toRealPath();
        state = Files.createDirectories(root.resolve("var/lib/vmext-certificates"));
        conf = Files.createDirectories(root.resolve("etc/vmext-certificates"));
        events = Files.createDirectories(root.resolve("events"));
        Files.createDirectories(state.resolve("bin"));
        Files.createDirectories(root.resolve("status"));
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
        Files.writeString(state.resolve("gateway-file"), root.resolve("gateway.json") + "\n");
        Files.writeString(state.resolve("status-file"), root.resolve("status/0.status") + "\n");
    }

    /** Writes the configuration as the handler does, with the user that runs the test as owner. */
    void configure(String settings) throws IOException {
        for (Map.Entry<String, String> file : Configuration.files(CertificateSettingsTest.settings(settings), List.of())
                .entrySet()) {
            Path path = conf.resolve(file.getKey());
            Files.createDirectories(path.getParent());
            Files.writeString(path, file.getValue());
        }
    }

    Said run(String program, String... arguments) throws Exception {
        return ask("", program, arguments);
    }

    Said ask(String input, String program, String... arguments) throws Exception {
        List<String> command = new ArrayList<>(
                List.of("/bin/sh", state.resolve("bin").resolve(program).toString()));
        command.addAll(List.of(arguments));
        return process(command, input, Map.of("VMEXT_CERTIFICATES_ROOT", root.toString()));
    }

    /** Runs any program; its output must be small. */
    Said process(List<String> command, String input, Map<String, String> environment) throws Exception {
        Path out = Files.createTempFile(root, "out", "");
        Path err = Files.createTempFile(root, "err", "");
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectOutput(out.toFile()).redirectError(err.toFile());
        builder.environment().putAll(environment);
        Process process = builder.start();
        try (var stdin = process.getOutputStream()) {
            stdin.write(input.getBytes(StandardCharsets.UTF_8));
        }
        if (!process.waitFor(10, TimeUnit.MINUTES)) {
            process.destroyForcibly();
            throw new AssertionError(command + " does not end");
        }
        return new Said(process.exitValue(), Files.readString(out), Files.readString(err));
    }

    String openssl(String... words) throws Exception {
        List<String> command = new ArrayList<>(List.of("openssl"));
        command.addAll(List.of(words));
        Said said = process(command, "", Map.of());
        if (said.exit() != 0) {
            throw new AssertionError(command + " " + said);
        }
        return said.out();
    }

    Path live(String certificate, String file) {
        return conf.resolve("live").resolve(certificate).resolve(file);
    }

    String serial(String certificate) throws Exception {
        return openssl("x509", "-in", live(certificate, "cert.pem").toString(), "-noout", "-serial")
                .strip();
    }

    /** What was told since the last question, oldest first. */
    String told() throws IOException {
        StringBuilder text = new StringBuilder();
        try (Stream<Path> files = Files.list(events)) {
            for (Path file : files.sorted().toList()) {
                text.append(Files.readString(file).replace("\\\"", "\"")).append('\n');
                Files.delete(file);
            }
        }
        return text.toString();
    }

    String status() throws IOException {
        return Files.readString(root.resolve("status/0.status"));
    }
}
