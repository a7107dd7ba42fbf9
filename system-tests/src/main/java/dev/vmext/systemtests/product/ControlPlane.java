package dev.vmext.systemtests.product;

import com.fasterxml.jackson.databind.JsonNode;
import dev.vmext.packageformat.archive.ArchiveLimits;
import dev.vmext.packageformat.archive.PackageWriter;
import dev.vmext.packageformat.manifest.ExtensionVersion;
import dev.vmext.packageformat.signing.PackageSigner;
import dev.vmext.packageformat.signing.SigningKeyFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A real server process on ports of its own, with a data folder of its own. It can be killed and started again. */
@SuppressWarnings("try") // close waits for a process, which a test may interrupt
public final class ControlPlane implements AutoCloseable {
    /** Long enough for a host that does much else; nothing waits for it when all is well. */
    private static final Duration START = Duration.ofMinutes(5);

    public final Path home;
    private Process process;
    private Api api;
    private int gatewayPort;
    private int apiPort;

    private ControlPlane(Path home) throws Exception {
        this.home = home;
        this.process = launch(0, 0);
        this.api = waitUntilUp();
    }

    public static ControlPlane start(Path home) throws Exception {
        Files.createDirectories(home.resolve("log"));
        return new ControlPlane(home);
    }

    public Api api() {
        return api;
    }

    public int gatewayPort() {
        return gatewayPort;
    }

    public int apiPort() {
        return apiPort;
    }

    public Path log() {
        return home.resolve("log/server.out");
    }

    private Process launch(int apiPort, int gatewayPort) throws IOException {
        List<String> command =
                new ArrayList<>(List.of(Product.java(), "-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
        command.addAll(Product.sharedClasses("server"));
        command.addAll(List.of(
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                Product.DIST.resolve("server/lib") + "/*",
                "dev.vmext.server.Main",
                "--home",
                home.toString(),
                "--api",
                "127.0.0.1:" + apiPort,
                "--gateway",
                "127.0.0.1:" + gatewayPort,
                "--portal",
                Product.DIST.resolve("portal").toString(),
                "--agent",
                Product.DIST.resolve("agent").toString()));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.redirectErrorStream(true);
        builder.redirectOutput(ProcessBuilder.Redirect.appendTo(log().toFile()));
        return builder.start();
    }

    private Api waitUntilUp() throws Exception {
        Path run = home.resolve("run/server.json");
        JsonNode running = Eventually.until(
                "the server is up, see " + log(),
                START,
                () -> {
                    if (!process.isAlive()) {
                        throw new AssertionError("the server ended: " + Files.readString(log()));
                    }
                    return Files.exists(run) ? Api.JSON.readTree(Files.readString(run)) : Api.JSON.createObjectNode();
                },
                json -> json.path("pid").asLong() == process.pid());
        gatewayPort = running.path("gatewayPort").asInt();
        String address = running.path("api").asText();
        apiPort = Integer.parseInt(address.substring(address.lastIndexOf(':') + 1));
        return new Api(address, Files.readString(home.resolve("admin.token")).strip());
    }

    /** As if the power went: no handler runs, nothing is flushed that was not. */
    public void killNine() throws Exception {
        process.destroyForcibly();
        process.waitFor();
    }

    /** Starts again on the same ports, where the agents look for it. */
    public void startAgain() throws Exception {
        process = launch(apiPort, gatewayPort);
        api = waitUntilUp();
    }

    /** Packs a folder, signs it with the key of this control plane's official publisher, and publishes it. */
    public Path publish(Path folder, String version) throws Exception {
        Path zip = Files.createTempDirectory("vmext-package").resolve("package.zip");
        new PackageWriter(ArchiveLimits.standard()).pack(folder, zip);
        publishZip(zip, version);
        return zip;
    }

    public void publishZip(Path zip, String version) throws Exception {
        byte[] signature = new PackageSigner(ArchiveLimits.standard())
                .sign(zip, ExtensionVersion.of(version), SigningKeyFile.read(publisherKey()))
                .toBytes();
        api.publish(zip, signature).ok();
    }

    /** Publishes a package that was built here, under the version in its name. */
    public void publishBuilt(Path zip) throws Exception {
        String name = zip.getFileName().toString();
        publishZip(zip, name.substring(name.indexOf('-') + 1, name.lastIndexOf('.')));
    }

    public Path publisherKey() {
        return home.resolve("keys/publisher.key");
    }

    /** The file in which the server keeps a package. */
    public Path blob(String digest) {
        String hex = digest.substring("sha256:".length());
        return home.resolve("blobs/sha256").resolve(hex.substring(0, 2)).resolve(hex);
    }

    public List<JsonNode> installations(String machine) throws Exception {
        JsonNode items = api.get("/v1/projects/default/machines/" + machine + "/installations")
                .ok()
                .path("items");
        return items.valueStream().toList();
    }

    public JsonNode installation(String machine, String name) throws Exception {
        return api.get(path(machine, name)).body();
    }

    public static String path(String machine, String name) {
        return "/v1/projects/default/machines/" + machine + "/installations/" + name;
    }

    /** Waits until the state that belongs to the newest settings is one of these. */
    public JsonNode await(String machine, String name, Duration atMost, String... states) throws Exception {
        List<String> wanted = List.of(states);
        return Eventually.until(
                name + " on " + machine + " is " + wanted,
                atMost,
                () -> installation(machine, name),
                view -> wanted.contains(view.path("state").asText())
                        && view.path("appliedSequence").asLong()
                                >= view.path("sequence").asLong());
    }

    public JsonNode awaitHealthy(String machine, String name, Duration atMost) throws Exception {
        return Eventually.until(
                name + " on " + machine + " is healthy",
                atMost,
                () -> installation(machine, name),
                view -> view.path("healthy").asBoolean()
                        && view.path("appliedSequence").asLong()
                                >= view.path("sequence").asLong()
                        && view.path("version")
                                .asText()
                                .equals(view.path("runningVersion").asText()));
    }

    public void awaitGone(String machine, String name, Duration atMost) throws Exception {
        Eventually.until(
                name + " is gone from " + machine,
                atMost,
                () -> api.get(path(machine, name)).status(),
                status -> status == 404);
    }

    @Override
    public void close() throws Exception {
        process.destroy();
        if (!process.waitFor(2, TimeUnit.MINUTES)) {
            process.destroyForcibly();
            process.waitFor();
            throw new AssertionError("the server does not stop in order; see " + log());
        }
    }
}
