package dev.vmext.systemtests.trust;

import com.fasterxml.jackson.core.JsonFactory;
import dev.vmext.packageformat.PackageException;
import dev.vmext.packageformat.trust.TrustFile;
import dev.vmext.packageformat.trust.TrustPolicy;
import dev.vmext.protocol.Digest;
import dev.vmext.protocol.goal.GoalState;
import dev.vmext.systemtests.product.Eventually;
import dev.vmext.systemtests.product.Product;
import dev.vmext.systemtests.product.Repository;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A real agent process from the classes of this build, with the limits it ships with, in a private root. */
@SuppressWarnings("try") // close waits for a process, which a test may interrupt
public final class Victim implements AutoCloseable {
    private static final Duration SOON = Duration.ofSeconds(40);

    public final Path root;
    private final List<String> before = new ArrayList<>();
    private List<String> options = List.of();
    private @Nullable Process process;

    public Victim(Path root) throws IOException {
        this.root = root;
        Files.createDirectories(root.resolve("etc/vmext"));
    }

    /** Runs it through another program, such as {@code unshare}. */
    public Victim through(String... words) {
        before.addAll(List.of(words));
        return this;
    }

    /** Gives the next agents' Java these options instead of those before. */
    public Victim options(String... words) {
        options = List.of(words);
        return this;
    }

    /** Writes what enrolment would write. */
    public Victim enrolledWith(HostileGateway gateway, TrustPolicy trust, double stretch)
            throws IOException, GeneralSecurityException {
        return enrolledWith(
                gateway.address(),
                Digest.of(gateway.authority.certificate().getEncoded()).text(),
                trust,
                stretch);
    }

    public Victim enrolledWith(String gateway, String caDigest, TrustPolicy trust, double stretch) throws IOException {
        Files.writeString(
                root.resolve("etc/vmext/agent.json"),
                "{\"version\": 1, \"gateways\": [\"" + gateway + "\"], \"caDigest\": \"" + caDigest
                        + "\", \"deadlineStretch\": " + stretch + ", \"parallel\": 32}");
        Files.writeString(
                root.resolve("etc/vmext/enrolment.json"), "{\"version\": 1, \"token\": \"hostile-token-0815\"}");
        TrustFile.write(root.resolve("etc/vmext/trust.json"), trust);
        return this;
    }

    public Victim start() throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command("run"));
        builder.redirectErrorStream(true);
        builder.redirectOutput(ProcessBuilder.Redirect.appendTo(console().toFile()));
        process = builder.start();
        return this;
    }

    /** Runs one command of the agent's command line beside the running agent. */
    public Product.Said ask(String... words) throws Exception {
        return Product.run(root, "", 60, java.util.Map.of(), command(words));
    }

    private List<String> command(String... words) {
        List<String> command = new ArrayList<>(before);
        command.add(Product.java());
        command.addAll(options);
        command.addAll(List.of(
                "-XX:+UseSerialGC",
                "-Xmx32m",
                "-Xmn4m",
                "-Xss256k",
                "-XX:TieredStopAtLevel=1",
                "-XX:+ExitOnOutOfMemoryError",
                "-Xshare:auto",
                "-Dvmext.home=" + Repository.ROOT.resolve("agent/src/main/sh"),
                "-cp",
                classPath(),
                "dev.vmext.agent.Main",
                "--root",
                root.toString()));
        command.addAll(List.of(words));
        return command;
    }

    /** What the agent needs and nothing of the tests. */
    private static String classPath() {
        Set<String> places = new LinkedHashSet<>();
        for (Class<?> one :
                List.of(dev.vmext.agent.Main.class, GoalState.class, PackageException.class, JsonFactory.class)) {
            places.add(Path.of(java.net.URI.create(one.getProtectionDomain()
                            .getCodeSource()
                            .getLocation()
                            .toString()))
                    .toString());
        }
        return String.join(File.pathSeparator, places);
    }

    public Path console() {
        return root.resolve("agent.out");
    }

    public String log() throws IOException {
        return Files.readString(console());
    }

    public Path handlers() {
        return root.resolve("var/lib/vmext/handlers");
    }

    public long pid() {
        Process running = process;
        return running == null ? 0 : running.pid();
    }

    public Victim awaitConnected(HostileGateway gateway) throws Exception {
        Eventually.until("the agent is connected, see " + console(), SOON, gateway::connected, there -> there);
        return this;
    }

    public void killNine() throws InterruptedException {
        Process running = process;
        if (running != null) {
            running.descendants().forEach(ProcessHandle::destroyForcibly);
            running.destroyForcibly().waitFor();
            process = null;
        }
    }

    /** Kills the agent alone: its handlers go on. Not for one that runs through another program. */
    public void killAgent() throws InterruptedException {
        Process running = process;
        if (running != null) {
            running.destroyForcibly().waitFor();
            process = null;
        }
    }

    @Override
    public void close() throws InterruptedException {
        Process running = process;
        if (running != null) {
            running.descendants().forEach(ProcessHandle::destroy);
            running.destroy();
            if (!running.waitFor(10, TimeUnit.SECONDS)) {
                killNine();
            }
            process = null;
        }
    }
}
