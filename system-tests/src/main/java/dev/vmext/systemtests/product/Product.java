package dev.vmext.systemtests.product;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** What was built, as a user has it: {@code target/dist}, put together by the same script that {@code ./vmext} uses. */
public final class Product {
    public static final Path DIST = Repository.ROOT.resolve("target/dist");

    /** Seconds; more than any command is told to wait: {@code up} with a new image waits 25 minutes. */
    private static final int LONGEST_COMMAND = 30 * 60;

    private Product() {}

    /** What a command said and how it ended. */
    public record Said(int exit, String out, String err) {
        /** For messages of failed assertions. */
        public String all() {
            return "exit " + exit + "\n" + out + err;
        }
    }

    public static String java() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }

    /** Runs the command line as the vmext script does, with its own configuration folder and data folder. */
    public static Said vmext(Path home, String input, String... arguments) throws Exception {
        return run(home, input, LONGEST_COMMAND, environment(home), command(arguments));
    }

    /** How the vmext script begins the command line. */
    public static List<String> command(String... arguments) {
        List<String> command = new ArrayList<>(List.of(java(), "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"));
        command.addAll(sharedClasses("cli"));
        command.addAll(List.of("-Dvmext.dist=" + DIST, "-cp", DIST.resolve("cli/lib") + "/*", "dev.vmext.cli.Main"));
        command.addAll(List.of(arguments));
        return command;
    }

    /**
     * Lets the processes of a part share what the first of them made of its classes, as the vmext script does for the command line: tests
     * start it hundreds of times.
     */
    static List<String> sharedClasses(String part) {
        return List.of(
                "-Xshare:auto",
                "-XX:+AutoCreateSharedArchive",
                "-XX:SharedArchiveFile=" + DIST.resolve(part).resolve("classes.jsa"),
                "-Xlog:cds=off",
                "-Xlog:cds+dynamic=off");
    }

    /** Where it finds this control plane. */
    public static Map<String, String> environment(Path home) {
        return Map.of(
                "VMEXT_HOME",
                home.toString(),
                "VMEXT_CONFIG",
                home.resolve("config").toString());
    }

    public static Said run(
            Path folder, String input, int seconds, Map<String, String> environment, List<String> command)
            throws Exception {
        Path out = Files.createTempFile("vmext-out", ".txt");
        Path err = Files.createTempFile("vmext-err", ".txt");
        try {
            ProcessBuilder builder = new ProcessBuilder(command);
            builder.directory(folder.toFile());
            builder.environment().putAll(environment);
            builder.redirectOutput(out.toFile());
            builder.redirectError(err.toFile());
            Process process = builder.start();
            try (var in = process.getOutputStream()) {
                in.write(input.getBytes(StandardCharsets.UTF_8));
            } catch (IOException e) {
                // A command that does not read its input may have ended before it was written.
                if (process.isAlive()) {
                    throw e;
                }
            }
            if (!process.waitFor(seconds, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new AssertionError("did not end within " + seconds + " s: " + command + "\n"
                        + Files.readString(out) + Files.readString(err));
            }
            return new Said(process.exitValue(), Files.readString(out), Files.readString(err));
        } finally {
            Files.deleteIfExists(out);
            Files.deleteIfExists(err);
        }
    }
}
