package dev.vmext.systemtests.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmext.agent.PrivateMachine;
import dev.vmext.agent.run.Limits;
import dev.vmext.packageformat.archive.ArchiveLimits;
import dev.vmext.packageformat.archive.PackageWriter;
import dev.vmext.packageformat.manifest.HandlerCommand;
import dev.vmext.packageformat.manifest.PackageIdentity;
import dev.vmext.protocol.goal.PackageOffer;
import dev.vmext.protocol.goal.ProtectedSettings;
import dev.vmext.protocol.goal.Terms;
import dev.vmext.protocol.status.Cause;
import dev.vmext.protocol.status.HandlerStatus;
import dev.vmext.protocol.status.InstallationState;
import dev.vmext.protocol.status.InstallationStatus;
import dev.vmext.systemtests.product.Repository;
import dev.vmext.testkit.FakeExtension;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.jspecify.annotations.Nullable;

/** A private machine on which one installation, {@code fake-1}, of the fake extension plays its part. */
final class Stage implements AutoCloseable {
    static final String NAME = "fake-1";
    static final Duration LONG = Duration.ofSeconds(60);

    /** Deadlines as the contract has them, but nobody waits minutes for a handler's first word. */
    private static final Limits LIMITS = new Limits(
            Duration.ofMinutes(1),
            Duration.ofMinutes(1),
            Duration.ofMinutes(1),
            Duration.ofSeconds(2),
            Duration.ofSeconds(1),
            Duration.ofMinutes(1),
            1);

    final PrivateMachine machine;
    final Path trace;
    final Path root;
    private final Path work;
    private long sequence;
    private int packages;

    Stage(Path temp) throws IOException {
        root = Files.createDirectories(temp.resolve("root"));
        work = Files.createDirectories(temp.resolve("work"));
        trace = Files.createDirectories(temp.resolve("trace"));
        Files.createDirectories(trace.resolve("environments"));
        machine = new PrivateMachine(
                root,
                "vmext",
                new PrivateMachine.Parts(
                        Repository.ROOT.resolve("agent/src/main/sh/run-handler"),
                        Map.of("PATH", "/usr/sbin:/usr/bin:/sbin:/bin", "http_proxy", "http://user:hunter2@proxy"),
                        null,
                        LIMITS,
                        InstantSource.system(),
                        new SecureRandom(),
                        Thread::sleep));
    }

    /** The folder of the fake extension in this version, to be changed before it is packed. */
    Path folder(String version) throws IOException {
        return FakeExtension.writeTo(work.resolve("package-" + packages++), version);
    }

    /** The same as an Azure package, which has no extension.json. */
    Path azureFolder(String version) throws IOException {
        Path folder = folder(version);
        FakeExtension.withoutExtensionJson(folder, version);
        return folder;
    }

    PackageOffer offer(Path folder, String version) throws IOException {
        Path zip = work.resolve(folder.getFileName() + ".zip");
        new PackageWriter(ArchiveLimits.standard()).pack(folder, zip);
        return machine.offer(zip, PackageIdentity.of(FakeExtension.NAME, version));
    }

    /** A package made with another program: a zip without Unix modes, unchecked. */
    PackageOffer foreign(Path folder, String version) throws IOException {
        Path zip = work.resolve(folder.getFileName() + "-foreign.zip");
        try (OutputStream file = Files.newOutputStream(zip);
                ZipOutputStream out = new ZipOutputStream(file);
                Stream<Path> files = Files.walk(folder)) {
            for (Path path : (Iterable<Path>) files.filter(Files::isRegularFile).sorted()::iterator) {
                out.putNextEntry(new ZipEntry(folder.relativize(path).toString()));
                out.write(Files.readAllBytes(path));
            }
        }
        return machine.offer(zip, PackageIdentity.of(FakeExtension.NAME, version));
    }

    PackageOffer fake(String version) throws IOException {
        return offer(folder(version), version);
    }

    /** Adds a script to a package's folder. */
    static void script(Path folder, String name, String text) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.resolveSibling(""));
        Files.writeString(file, "#!/bin/sh\n" + text);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private String settings(String more) {
        return "{\"traceDir\": \"" + trace + "\"" + (more.isEmpty() ? "" : ", " + more) + "}";
    }

    void want(PackageOffer offer, String more) {
        machine.want(NAME, offer, sequence, settings(more), null);
        machine.push();
    }

    void want(PackageOffer offer, String more, ProtectedSettings secret) {
        machine.want(NAME, offer, sequence, settings(more), secret);
        machine.push();
    }

    void want(PackageOffer offer, String more, Terms terms) {
        machine.want(NAME, offer, sequence, settings(more), null, List.of(), terms);
        machine.push();
    }

    void wantExactly(PackageOffer offer, String settings) {
        machine.want(NAME, offer, sequence, settings, null);
        machine.push();
    }

    /** The next settings are new ones. */
    void raise() {
        sequence++;
    }

    long sequence() {
        return sequence;
    }

    void wantGone() {
        machine.wantGone(NAME);
        machine.push();
    }

    InstallationStatus until(InstallationState state) throws InterruptedException {
        return machine.until(NAME, status -> status.state() == state, LONG);
    }

    InstallationStatus ready() throws InterruptedException {
        return machine.until(NAME, status -> status.state() == InstallationState.READY && status.healthy(), LONG);
    }

    /** Installs it and waits until it is well. */
    InstallationStatus install(PackageOffer offer, String more) throws InterruptedException {
        want(offer, more);
        return ready();
    }

    Cause failure() throws InterruptedException {
        return Objects.requireNonNull(until(InstallationState.FAILED).cause());
    }

    static HandlerStatus said(InstallationStatus status) {
        return Objects.requireNonNull(status.status(), "the handler has said nothing");
    }

    Path base(String version) {
        return machine.places().handler(NAME, FakeExtension.NAME, version);
    }

    Path logs() {
        return machine.places().handlerLogs(FakeExtension.NAME);
    }

    String callLog() throws IOException {
        return Files.readString(logs().resolve("CommandExecution_fake_1.log"));
    }

    /** The calls that ended, as {@code enable seq=0 version=1.0.0}. */
    List<String> calls() throws IOException {
        return FakeExtension.ended(trace);
    }

    /** The environment that this command of this version saw. */
    Map<String, String> environment(HandlerCommand command, String version) throws IOException {
        Map<String, String> found = new LinkedHashMap<>();
        for (String line : Files.readAllLines(trace.resolve("environments/" + command.text() + "-" + version))) {
            int equals = line.indexOf('=');
            if (equals > 0) {
                found.put(line.substring(0, equals), line.substring(equals + 1));
            }
        }
        return found;
    }

    void steer(String setting, String value) throws IOException {
        FakeExtension.steer(trace, setting, value);
    }

    void release(String setting) throws IOException {
        FakeExtension.release(trace, setting);
    }

    /** A process that ended and was not yet taken leave of does not run. */
    static boolean runs(long pid) throws IOException {
        Path stat = Path.of("/proc/" + pid + "/stat");
        if (!Files.exists(stat)) {
            return false;
        }
        String text = Files.readString(stat);
        return text.charAt(text.lastIndexOf(')') + 2) != 'Z';
    }

    static void assertMode(Path path, String mode) throws IOException {
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
                .as(path.toString())
                .isEqualTo(mode);
    }

    @Nullable InstallationStatus last() {
        return machine.last(NAME);
    }

    @Override
    public void close() throws IOException {
        machine.close();
    }
}
