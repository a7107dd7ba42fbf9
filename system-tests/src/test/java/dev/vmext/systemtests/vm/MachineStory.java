package dev.vmext.systemtests.vm;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.vmext.systemtests.product.Api;
import dev.vmext.systemtests.product.ControlPlane;
import dev.vmext.systemtests.product.Eventually;
import dev.vmext.systemtests.product.Product;
import dev.vmext.systemtests.product.Repository;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A story on the one machine that all stories share: what they do with it. The tests of a story are steps in the order of their
 * {@code @Order}. A story finds the machine {@code demo} online with the installations that {@code vmext up} gives it, and leaves it so:
 * what it installs it takes off again, also Debian packages. The folder {@code target/vm-test} keeps console and agent log.
 */
@ExtendWith(SharedMachine.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
abstract class MachineStory {
    /** Simulated processors are slow; a wait this long ends only what would never end. */
    static final Duration GUEST = Duration.ofMinutes(10);

    static final Path WORK = Repository.ROOT.resolve("target/vm-test");
    static final Path HOME = WORK.resolve("home");

    private final Map<String, ObjectNode> without = new LinkedHashMap<>();
    private @Nullable HostFiles files;

    Api api;
    String machineId = "";

    @BeforeAll
    void connect() throws Exception {
        api = connection();
        machineId = machine().path("id").asText();
    }

    /** Whether the story installs Debian packages that the image has not, which takes a minute to get ready. */
    boolean installsPackages() {
        return true;
    }

    void take(HostFiles shared) {
        files = shared;
    }

    /** What the machine can read from the host. */
    HostFiles files() {
        return Objects.requireNonNull(files, "the machine is not up");
    }

    static Product.Said vmext(String... arguments) throws Exception {
        return Product.vmext(HOME, "", arguments);
    }

    /** To the control plane as it runs now: after a restart of it this is another one. */
    static Api connection() throws Exception {
        JsonNode running = Api.JSON.readTree(Files.readString(HOME.resolve("run/server.json")));
        return new Api(
                running.path("api").asText(),
                Files.readString(HOME.resolve("admin.token")).strip());
    }

    /** Arguments that start the control plane where it was: the machine looks for it there. */
    static List<String> samePorts() throws Exception {
        JsonNode running = Api.JSON.readTree(Files.readString(HOME.resolve("run/server.json")));
        String address = running.path("api").asText();
        return List.of(
                "--api",
                address.substring(address.indexOf("//") + 2),
                "--gateway",
                "0.0.0.0:" + running.path("gatewayPort").asInt());
    }

    /** Kills the control plane as a power cut would, and starts it again. */
    void restartControlPlane() throws Exception {
        long pid = Api.JSON
                .readTree(Files.readString(HOME.resolve("run/server.json")))
                .path("pid")
                .asLong();
        ProcessHandle server = ProcessHandle.of(pid).orElseThrow();
        server.destroyForcibly();
        server.onExit().get();
        List<String> up = new ArrayList<>(List.of("up"));
        up.addAll(samePorts());
        Product.Said again = vmext(up.toArray(String[]::new));
        assertThat(again.exit()).as(again.all()).isZero();
        api = connection();
    }

    /** Restarts the machine in order and waits until its agent is connected again. */
    void reboot() throws Exception {
        String before = inside("cat /proc/sys/kernel/random/boot_id");
        // Later, so that the command itself can still end and be told of.
        inside("systemd-run --quiet --on-active=1 --timer-property=AccuracySec=100ms systemctl reboot");
        awaitAnotherBoot(before);
    }

    /** Waits until the machine has been started since it told this identifier of a boot. */
    static void awaitAnotherBoot(String before) throws Exception {
        Eventually.until(
                "demo has booted again",
                GUEST,
                MachineStory::bootId,
                after -> !after.isEmpty() && !after.equals(before));
    }

    /** Destroys the machine as if its host were lost, and waits until that is seen. Nobody told the control plane. */
    void lose() throws Exception {
        Path folder = HOME.resolve("machines").resolve(machineId);
        long pid = Long.parseLong(Files.readString(folder.resolve("qemu.pid")).strip());
        ProcessHandle qemu = ProcessHandle.of(pid).orElseThrow();
        qemu.destroyForcibly();
        qemu.onExit().get();
        Files.delete(folder.resolve("overlay.qcow2"));
        Eventually.until(
                "it is seen to be gone",
                GUEST,
                () -> machine().path("state").asText(),
                state -> !state.equals("online"));
    }

    private static String bootId() throws Exception {
        Product.Said said = Product.vmext(
                HOME, "cat /proc/sys/kernel/random/boot_id", "run", "demo", "--timeout", "1m", "--script", "-");
        return said.exit() == 0 ? said.out() : "";
    }

    JsonNode machine() throws Exception {
        return api.get("/v1/projects/default/machines/demo").ok();
    }

    JsonNode installation(String name) throws Exception {
        return api.get(ControlPlane.path("demo", name)).body();
    }

    JsonNode healthy(String name) throws Exception {
        return Eventually.until(
                name + " is healthy",
                GUEST,
                () -> installation(name),
                view -> view.path("healthy").asBoolean()
                        && view.path("appliedSequence").asLong()
                                >= view.path("sequence").asLong());
    }

    /** Waits until the newest settings of an installation have failed, and returns it. */
    JsonNode failed(String name) throws Exception {
        return Eventually.until(
                name + " failed",
                GUEST,
                () -> installation(name),
                view -> view.path("state").asText().equals("failed")
                        && view.path("appliedSequence").asLong()
                                >= view.path("sequence").asLong()
                        && view.path("cause").isObject());
    }

    /** Wants an installation with these settings, in JSON; returns at once. */
    void want(String name, String extension, String version, String settings) throws Exception {
        ObjectNode body = Api.JSON.createObjectNode().put("extension", extension);
        if (!version.isEmpty()) {
            body.put("version", version);
        }
        body.set("settings", Api.JSON.readTree(settings));
        api.put(ControlPlane.path("demo", name), body.toString()).ok();
    }

    /** Waits until the newest finding of this type on the machine is in this state, and returns it. */
    JsonNode finding(String type, String state) throws Exception {
        return Eventually.until(
                "finding " + type + " is " + state,
                GUEST,
                () -> api.get("/v1/projects/default/findings?machine=demo&type=" + type)
                        .ok()
                        .path("items")
                        .path(0),
                finding -> finding.path("state").asText().equals(state));
    }

    /** Takes an installation off and waits until it is gone. */
    static void uninstall(String name) throws Exception {
        Product.Said removed = vmext("uninstall", "demo", name, "--wait");
        assertThat(removed.exit()).as(removed.all()).isZero();
    }

    /** Under which version the official extension that was built here is offered: on a machine that was kept it need not be the newest. */
    String built(String extension) throws Exception {
        byte[] digest = MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(zip(extension)));
        String wanted = "sha256:" + HexFormat.of().formatHex(digest);
        for (JsonNode version : api.get("/v1/extensions/" + extension).ok().path("versions")) {
            if (version.path("digest").asText().equals(wanted)) {
                return version.path("version").asText();
            }
        }
        throw new AssertionError(extension + " as it was built here is not offered");
    }

    private static Path zip(String extension) throws Exception {
        try (Stream<Path> all = Files.list(Product.DIST.resolve("extensions"))) {
            return all.filter(file -> file.getFileName().toString().startsWith(extension + "-"))
                    .findFirst()
                    .orElseThrow(() -> new AssertionError("no package of " + extension + " was built"));
        }
    }

    /** A version above all others, which nobody published yet: a version never changes what it is. */
    static String newerVersion() {
        long seconds = System.currentTimeMillis() / 1000;
        // A number of a version has sixteen bits.
        return "9." + (seconds >> 16) + "." + (seconds & 0xffff);
    }

    /** Takes an installation off that {@code vmext up} gave, for a story that installs the same extension. After the story it is there again. */
    void without(String name) throws Exception {
        JsonNode there = installation(name);
        if (there.path("extension").isTextual()) {
            ObjectNode body = Api.JSON
                    .createObjectNode()
                    .put("extension", there.path("extension").asText());
            body.set("settings", there.path("settings"));
            without.put(name, body);
            uninstall(name);
        }
    }

    @AfterAll
    void giveBackWhatWasTakenOff() throws Exception {
        for (Map.Entry<String, ObjectNode> one : without.entrySet()) {
            api.put(ControlPlane.path("demo", one.getKey()), one.getValue().toString())
                    .ok();
            healthy(one.getKey());
        }
    }

    /** Takes those of these installations off that are there: for the end of a story that did not come to its own. */
    void takeOff(String... names) throws Exception {
        for (String name : names) {
            if (api.get(ControlPlane.path("demo", name)).status() != 404) {
                uninstall(name);
            }
        }
    }

    /**
     * Publishes the official extension that was built here once more, under another version: the way to a version that can be updated
     * to, and back from. Nothing else in the package changes.
     */
    static void publishAs(String extension, String version) throws Exception {
        Path zip = zip(extension);
        Path folder = WORK.resolve("packages").resolve(extension + "-" + version);
        Product.run(WORK, "", 30, Map.of(), List.of("rm", "-rf", folder.toString()));
        Files.createDirectories(folder);
        try (ZipFile archive = new ZipFile(zip.toFile())) {
            for (ZipEntry entry : Collections.list(archive.entries())) {
                Path file = folder.resolve(entry.getName());
                if (!entry.isDirectory()) {
                    Files.createDirectories(file.getParent());
                    Files.copy(archive.getInputStream(entry), file);
                }
            }
        }
        Path declared = folder.resolve("extension.json");
        String before =
                Api.JSON.readTree(Files.readString(declared)).path("version").asText();
        replace(declared, "\"version\": \"" + before + "\"", "\"version\": \"" + version + "\"");
        replace(folder.resolve("manifest.xml"), "<Version>" + before, "<Version>" + version);
        try (Stream<Path> programs = Files.list(folder.resolve("bin"))) {
            for (Path program : programs.toList()) {
                Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
            }
        }
        publish(folder, folder + ".zip");
    }

    private static void replace(Path file, String old, String now) throws Exception {
        String text = Files.readString(file);
        assertThat(text).as(file.toString()).containsOnlyOnce(old);
        Files.writeString(file, text.replace(old, now));
    }

    /** As {@link #healthy(String)}, and this version is the one that runs. */
    JsonNode healthy(String name, String version) throws Exception {
        return Eventually.until(
                name + " " + version + " is healthy",
                GUEST,
                () -> installation(name),
                view -> view.path("healthy").asBoolean()
                        && view.path("runningVersion").asText().equals(version)
                        && view.path("appliedSequence").asLong()
                                >= view.path("sequence").asLong());
    }

    /** Signs a package folder with the key of this control plane and offers it. */
    static void publish(Path folder, String zip) throws Exception {
        Product.Said packed = vmext("extension", "pack", folder.toString(), "--to", zip);
        assertThat(packed.exit()).as(packed.all()).isZero();
        Product.Said signed = vmext(
                "extension",
                "sign",
                zip,
                "--key",
                HOME.resolve("keys/publisher.key").toString());
        assertThat(signed.exit()).as(signed.all()).isZero();
        Product.Said published = vmext("extension", "publish", zip);
        assertThat(published.exit()).as(published.all()).isZero();
    }

    /** Where the control plane keeps the backups of an installation of the machine. */
    Path repository(String installation) {
        return HOME.resolve("repositories").resolve(machineId).resolve(installation);
    }

    /**
     * Runs the restic of the host, which knows nothing of vmext but the password, and returns what it printed. It has to succeed.
     *
     * @param installation whose password it gets
     * @param where a repository of that installation, or a copy of one
     */
    static String restic(String installation, Path where, String... arguments) throws Exception {
        Product.Said told = vmext("repository", "key", "demo", installation);
        assertThat(told.exit()).as(told.all()).isZero();
        Path key = WORK.resolve("repository.key");
        Files.writeString(key, told.out());
        List<String> command = new ArrayList<>(List.of(
                "restic", "-r", where.toString(), "--no-cache", "--no-lock", "--password-file", key.toString()));
        command.addAll(List.of(arguments));
        Product.Said said = Product.run(WORK, "", 300, Map.of(), command);
        Files.delete(key);
        assertThat(said.exit()).as(said.all()).isZero();
        return said.out();
    }

    /** Runs a script on the machine, as a user would, and returns what it printed. It has to succeed. */
    static String inside(String script) throws Exception {
        Product.Said said = Product.vmext(HOME, script, "run", "demo", "--timeout", "10m", "--script", "-");
        assertThat(said.exit()).as(script + "\n" + said.all()).isZero();
        return said.out();
    }
}
