package dev.vmext.systemtests.product;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A machine without a VM: the real agent, as it ships, in a private root folder. Enrolled with exactly the files that cloud-init would
 * write. Only the fake extension and harmless scripts are ever installed here.
 */
@SuppressWarnings("try") // close waits for a process, which a test may interrupt
public final class Guest implements AutoCloseable {
    private static final ObjectMapper YAML = new YAMLMapper();

    public final Path root;
    public final String name;
    private final ControlPlane plane;
    private Process process;

    private Guest(ControlPlane plane, String name, Path root, Process process) {
        this.plane = plane;
        this.name = name;
        this.root = root;
        this.process = process;
    }

    /** Asks for an enrolment, writes its files and starts the agent. */
    public static Guest enrol(ControlPlane plane, String name, Path root, String mode) throws Exception {
        JsonNode enrolment = ask(plane, name, mode);
        write(enrolment, root);
        Guest guest = new Guest(plane, name, root, launch(root));
        guest.awaitOnline();
        return guest;
    }

    public static JsonNode ask(ControlPlane plane, String name, String mode) throws Exception {
        return plane.api()
                .post(
                        "/v1/projects/default/enrolments",
                        "{\"machine\": \"" + name + "\", \"mode\": \"" + mode + "\", \"gateway\": \"127.0.0.1:"
                                + plane.gatewayPort() + "\"}")
                .ok();
    }

    public static void write(JsonNode enrolment, Path root) throws IOException {
        JsonNode cloudConfig = YAML.readTree(enrolment.path("cloudInit").asText());
        for (JsonNode file : cloudConfig.path("write_files")) {
            Path path = root.resolve(file.path("path").asText().substring(1));
            Files.createDirectories(path.getParent());
            Files.writeString(path, file.path("content").asText());
            String mode = file.path("permissions").asText();
            Files.setPosixFilePermissions(
                    path,
                    PosixFilePermissions.fromString(
                            mode.endsWith("600") || mode.endsWith("700") ? "rw-------" : "rw-r--r--"));
        }
    }

    public static Process launch(Path root) throws IOException {
        Path log = root.resolve("agent.out");
        ProcessBuilder builder =
                new ProcessBuilder(agentHome().resolve("bin/vmext-agent").toString(), "--root", root.toString(), "run");
        builder.redirectErrorStream(true);
        builder.redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        builder.environment().put("FAKE_TRACE", "");
        return builder.start();
    }

    /** The agent's archive, unpacked once for all tests. */
    public static synchronized Path agentHome() throws IOException {
        Path unpacked = Product.DIST.resolveSibling("agent-for-tests");
        Path archive = Product.DIST.resolve("agent/linux-amd64.tar.gz");
        Path stamp = unpacked.resolve("unpacked-from");
        String from = Files.getLastModifiedTime(archive).toString();
        if (!Files.exists(stamp) || !Files.readString(stamp).equals(from)) {
            try {
                Product.run(Product.DIST, "", 60, Map.of(), List.of("rm", "-rf", unpacked.toString()));
                Files.createDirectories(unpacked);
                Product.Said said = Product.run(
                        Product.DIST,
                        "",
                        120,
                        Map.of(),
                        List.of("tar", "-xzf", archive.toString(), "-C", unpacked.toString()));
                if (said.exit() != 0) {
                    throw new AssertionError(said.all());
                }
            } catch (IOException e) {
                throw e;
            } catch (Exception e) {
                throw new IOException("cannot unpack the agent", e);
            }
            Files.writeString(stamp, from);
        }
        try (Stream<Path> inside = Files.list(unpacked)) {
            return inside.filter(Files::isDirectory).findFirst().orElseThrow();
        }
    }

    public long pid() {
        return process.pid();
    }

    public void awaitOnline() throws Exception {
        Eventually.until(
                name + " is online; agent log:\n" + log(),
                Duration.ofMinutes(5),
                () -> plane.api().get("/v1/projects/default/machines/" + name).body(),
                view -> view.path("state").asText().equals("online"));
    }

    public String log() {
        Path log = root.resolve("agent.out");
        try {
            return Files.exists(log) ? Files.readString(log) : "";
        } catch (IOException e) {
            return e.toString();
        }
    }

    public void killNine() throws Exception {
        process.destroyForcibly();
        process.waitFor();
    }

    public void startAgain() throws Exception {
        process = launch(root);
    }

    public Path handlers() {
        return root.resolve("var/lib/vmext/handlers");
    }

    @Override
    public void close() throws Exception {
        process.destroy();
        if (!process.waitFor(2, TimeUnit.MINUTES)) {
            process.destroyForcibly();
            process.waitFor();
            throw new AssertionError("the agent does not stop in order:\n" + log());
        }
    }
}
