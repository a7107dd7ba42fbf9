package dev.vmext.testkit;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A real S3 store, S3Proxy on a folder, in a process of its own on a free port of loopback; it ends when this process does, however that
 * ends. One key opens it. Any thread.
 */
public final class S3Server implements AutoCloseable {
    public static final String ACCESS_KEY = "an-access-key";
    public static final String SECRET_KEY = "a-secret-that-nobody-may-see";

    private static final Path PROGRAM = Path.of("testkit/target/s3/s3proxy-jar-with-dependencies.jar");
    private static final Pattern STARTED = Pattern.compile("Started ServerConnector.*\\{127\\.0\\.0\\.1:(\\d+)}");
    /** Ends the program as soon as nobody holds the other end of the input. */
    private static final String WHILE_INPUT_IS_OPEN =
            "exec 3<&0; \"$@\" </dev/null & it=$!; { cat <&3; kill $it; } >/dev/null 2>&1 & wait $it";

    private final Process process;
    private final Path data;
    private final URI endpoint;

    private S3Server(Process process, Path data, URI endpoint) {
        this.process = process;
        this.data = data;
        this.endpoint = endpoint;
    }

    /**
     * Starts it, with all its files in this folder, and waits until it listens.
     *
     * @param buckets that it has
     */
    public static S3Server start(Path folder, String... buckets) throws IOException {
        Path data = folder.resolve("data");
        for (String bucket : buckets) {
            Files.createDirectories(data.resolve(bucket));
        }
        Path settings = folder.resolve("s3proxy.conf");
        Files.createFile(settings, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(settings, """
                s3proxy.endpoint=http://127.0.0.1:0
                s3proxy.authorization=aws-v2-or-v4
                s3proxy.identity=%s
                s3proxy.credential=%s
                jclouds.provider=filesystem-nio2
                jclouds.filesystem.basedir=%s
                """.formatted(ACCESS_KEY, SECRET_KEY, data));
        Process process = new ProcessBuilder(
                        "sh",
                        "-c",
                        WHILE_INPUT_IS_OPEN,
                        "sh",
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx192m",
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-jar",
                        program().toString(),
                        "--properties",
                        settings.toString())
                .redirectErrorStream(true)
                .start();
        BufferedReader output = process.inputReader();
        List<String> said = new ArrayList<>();
        for (String line = output.readLine(); line != null; line = output.readLine()) {
            said.add(line);
            Matcher started = STARTED.matcher(line);
            if (started.find()) {
                Thread.ofVirtual().start(() -> output.lines().forEach(more -> {}));
                return new S3Server(process, data, URI.create("http://127.0.0.1:" + started.group(1)));
            }
        }
        throw new IOException("S3Proxy did not start; it said " + said);
    }

    private static Path program() throws IOException {
        for (Path folder = Path.of("").toAbsolutePath(); folder != null; folder = folder.getParent()) {
            if (Files.exists(folder.resolve(PROGRAM))) {
                return folder.resolve(PROGRAM);
            }
        }
        throw new IOException("there is no " + PROGRAM + "; the build of testkit brings it");
    }

    public URI endpoint() {
        return endpoint;
    }

    /** Where the objects of a bucket lie, each a file. */
    public Path files(String bucket) {
        return data.resolve(bucket);
    }

    @Override
    public void close() {
        try {
            process.getOutputStream().close();
            process.waitFor();
        } catch (IOException e) {
            process.destroy();
        } catch (InterruptedException e) {
            process.destroy();
            Thread.currentThread().interrupt();
        }
    }
}
