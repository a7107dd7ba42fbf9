package dev.vmext.systemtests.faults;

import dev.vmext.packageformat.testing.SamplePackage;
import dev.vmext.packageformat.testing.SamplePublisher;
import dev.vmext.packageformat.trust.TrustMode;
import dev.vmext.protocol.goal.PackageOffer;
import dev.vmext.protocol.status.CauseClass;
import dev.vmext.protocol.status.InstallationStatus;
import dev.vmext.systemtests.product.Eventually;
import dev.vmext.systemtests.trust.HostileGateway;
import dev.vmext.systemtests.trust.Victim;
import dev.vmext.systemtests.trust.Wares;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One machine with one faulty installation per fault: what is expected of each, and the means to make it. One thread. */
@SuppressWarnings("try") // close waits for a process, which a test may interrupt
final class FaultMachine implements AutoCloseable {
    /** Deadlines of an hour become half a minute, so that a fault that never ends is one that ends soon. */
    static final double STRETCH = 0.01;

    /** What a good explanation would say. */
    record Expected(CauseClass kind, String culprit) {}

    final SamplePublisher acme = new SamplePublisher("acme");
    final HostileGateway gateway;
    final Wares wares;
    final Victim victim;
    final Path root;
    final Path work;
    private final List<Path> groups = new ArrayList<>();
    private final Map<String, Expected> expected = new LinkedHashMap<>();

    FaultMachine(Path folder) throws Exception {
        this.root = folder.resolve("root");
        this.work = Files.createDirectories(folder.resolve("work"));
        this.gateway = new HostileGateway();
        this.wares = new Wares(work, gateway);
        this.victim = new Victim(root)
                .enrolledWith(gateway, acme.trusted(TrustMode.FULL), STRETCH)
                .through("unshare", "-m", "sh", "-c", script(), "sh");
    }

    /** A view of the file systems of its own, and root without the right to ignore modes. */
    private String script() {
        StringBuilder script = new StringBuilder("set -e\n");
        mount(script, "unpack-disk-full", "size=64k");
        mount(script, "run-noexec", "size=1m,noexec");
        mount(script, "unpack-read-only", "size=1m,ro");
        mount(script, "run-quiet-disk-full", "size=256k");
        Path tiny = root.resolve("tiny");
        script.append("mkdir -p ")
                .append(tiny)
                .append("; mount -t tmpfs -o size=64k tmpfs ")
                .append(tiny)
                .append('\n');
        Path readOnly = root.resolve("read-only");
        script.append("mkdir -p ")
                .append(readOnly)
                .append("; mount -t tmpfs -o ro tmpfs ")
                .append(readOnly)
                .append('\n');
        Path handlers = victim(root);
        script.append("mkdir -p ")
                .append(handlers.resolve("unpack-permission"))
                .append("; chmod 000 ")
                .append(handlers.resolve("unpack-permission"))
                .append('\n');
        script.append("echo file > ")
                .append(handlers.resolve("unpack-not-a-folder"))
                .append('\n');
        script.append("exec setpriv --bounding-set=-dac_override,-dac_read_search \"$@\"\n");
        return script.toString();
    }

    private void mount(StringBuilder script, String installation, String options) {
        Path folder = victim(root).resolve(installation);
        script.append("mkdir -p ")
                .append(folder)
                .append("; mount -t tmpfs -o ")
                .append(options)
                .append(" tmpfs ")
                .append(folder)
                .append('\n');
    }

    private static Path victim(Path root) {
        return root.resolve("var/lib/vmext/handlers");
    }

    static String extension(String fault) {
        StringBuilder name = new StringBuilder("acme.");
        for (String word : fault.split("-", -1)) {
            name.append(Character.toUpperCase(word.charAt(0))).append(word.substring(1));
        }
        return name.toString();
    }

    void expect(String fault, CauseClass kind, String culprit) {
        expected.put(fault, new Expected(kind, culprit));
    }

    Map<String, Expected> expected() {
        return expected;
    }

    /** A handler whose enable does this. */
    void handler(String fault, CauseClass kind, String culprit, String lines) throws IOException {
        sample(fault, kind, culprit, Wares.handler(extension(fault), "1.0.0", lines));
    }

    /** A good offer of whatever package. */
    void sample(String fault, CauseClass kind, String culprit, SamplePackage sample, String... after)
            throws IOException {
        PackageOffer offer = wares.honest(sample, extension(fault), "1.0.0", acme);
        wares.want(fault, offer, "{}", after);
        expect(fault, kind, culprit);
    }

    /** These bytes, signed as if they were good, served as they are. */
    void bytes(String fault, CauseClass kind, String culprit, byte[] bytes) throws Exception {
        PackageOffer offer = wares.offer(
                extension(fault), "1.0.0", bytes, wares.signAnything(acme, extension(fault), "1.0.0", bytes));
        gateway.serve(offer.digest().hex(), bytes);
        wares.want(fault, offer, "{}");
        expect(fault, kind, culprit);
    }

    /** Nothing changes any more, or it never will by itself within the test. */
    boolean decided(String fault) {
        InstallationStatus status = gateway.last(fault);
        return status != null
                && switch (status.state()) {
                    case READY, FAILED, TIMED_OUT, RETURNED, REMOVED -> true;
                    // A failure that is tried again later, or a wait for what will never come, is told already.
                    case PENDING, BLOCKED -> status.cause() != null;
                    default -> false;
                };
    }

    List<String> undecided() {
        return expected.keySet().stream().filter(fault -> !decided(fault)).toList();
    }

    @Nullable InstallationStatus last(String fault) {
        return gateway.last(fault);
    }

    /** A control group with little memory; its folder. */
    Path limitedMemory() throws IOException {
        return limited(Path.of("/sys/fs/cgroup/memory"), "memory.limit_in_bytes", "memory.max", "31457280");
    }

    /** A control group for very few processes; its folder. */
    Path limitedTasks() throws IOException {
        return limited(Path.of("/sys/fs/cgroup/pids"), "pids.max", "pids.max", "3");
    }

    private Path limited(Path versionOne, String fileOfOne, String fileOfTwo, String limit) throws IOException {
        boolean one = Files.isDirectory(versionOne);
        Path parent = one ? versionOne : Path.of("/sys/fs/cgroup");
        Path group = Files.createDirectory(
                parent.resolve("vmext-fault-" + ProcessHandle.current().pid() + "-" + groups.size()));
        groups.add(group);
        Files.writeString(group.resolve(one ? fileOfOne : fileOfTwo), limit);
        return group;
    }

    @Override
    public void close() throws Exception {
        victim.close();
        gateway.close();
        for (Path group : groups) {
            Eventually.until(
                    "nobody is in " + group,
                    Duration.ofSeconds(20),
                    () -> Files.readString(group.resolve("cgroup.procs")),
                    String::isEmpty);
            Files.delete(group);
        }
    }
}
