package dev.vmext.cli;

import dev.vmext.protocol.problem.ProblemCode;
import dev.vmext.protocol.problem.ProblemException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The guest agent as a program of this computer.
 *
 * @param file its launcher
 */
record AgentProgram(Path file) {
    private static final String LAUNCHER = "bin/vmext-agent";

    /** The one that was asked for, or the one that was built; a tarball is unpacked into the working folder. */
    static AgentProgram find(Surroundings world, @Nullable Path asked, Path work)
            throws IOException, InterruptedException {
        if (asked != null && Files.isRegularFile(asked.resolve(LAUNCHER))) {
            return new AgentProgram(asked.resolve(LAUNCHER).toAbsolutePath());
        }
        Path tarball = asked != null
                ? asked
                : world.dist()
                        .map(dist -> dist.resolve("agent/linux-amd64.tar.gz"))
                        .orElse(Path.of(""));
        if (!Files.isRegularFile(tarball)) {
            throw new ProblemException(
                    ProblemCode.AGENT_BUILD_MISSING,
                    "cannot find the guest agent" + (tarball.toString().isEmpty() ? "" : " at " + tarball),
                    "Start the command line with ./vmext, which builds it, or name it with --agent.");
        }
        Path into = Files.createDirectory(work.resolve("agent"));
        // tar keeps the times of the files, without which the agent's start-up cache is of no use.
        int code = new ProcessBuilder("tar", "-xzpf", tarball.toString(), "-C", into.toString())
                .inheritIO()
                .start()
                .waitFor();
        if (code != 0) {
            throw new IOException("tar cannot unpack " + tarball + ", it ended with code " + code);
        }
        try (DirectoryStream<Path> found = Files.newDirectoryStream(into)) {
            for (Path folder : found) {
                if (Files.isRegularFile(folder.resolve(LAUNCHER))) {
                    return new AgentProgram(folder.resolve(LAUNCHER));
                }
            }
        }
        throw new IOException(tarball + " holds no " + LAUNCHER);
    }

    /** Runs it to its end and hands over each line it prints. */
    int run(List<String> command, Path errors, Consumer<String> lines) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command)
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                .redirectError(errors.toFile())
                .start();
        Thread end = new Thread(process::destroyForcibly);
        Runtime.getRuntime().addShutdownHook(end);
        try (BufferedReader in =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                lines.accept(line);
            }
        }
        int code = process.waitFor();
        var _ = Runtime.getRuntime().removeShutdownHook(end);
        return code;
    }
}
