package dev.vmext.systemtests.kill;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmext.packageformat.testing.SamplePackage;
import dev.vmext.protocol.CustomCapability;
import dev.vmext.protocol.exec.CommandExit;
import dev.vmext.protocol.exec.CommandOutput;
import dev.vmext.protocol.exec.CommandPosition;
import dev.vmext.protocol.exec.CommandStart;
import dev.vmext.protocol.exec.CommandState;
import dev.vmext.protocol.goal.PackageOffer;
import dev.vmext.protocol.opamp.AgentToServer;
import dev.vmext.protocol.opamp.Bytes;
import dev.vmext.protocol.opamp.CustomCapabilities;
import dev.vmext.protocol.opamp.CustomMessage;
import dev.vmext.protocol.opamp.ServerToAgent;
import dev.vmext.protocol.status.Cause;
import dev.vmext.protocol.status.InstallationState;
import dev.vmext.protocol.status.InstallationStatus;
import dev.vmext.systemtests.product.Eventually;
import dev.vmext.systemtests.trust.HostileGateway;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The agent is killed while it waits for somebody: the gateway's bytes, a run-once command, the holder of a lease. */
class KillWhileWaitingIT {
    private static final String HOLDER =
            "import fcntl,sys\nf=open(sys.argv[1],'w')\nfcntl.lockf(f,fcntl.LOCK_EX)\nprint('held',flush=True)\nsys.stdin.read()";

    @TempDir
    Path temp;

    private KilledMachine machine;

    @BeforeEach
    void enrol() throws Exception {
        machine = new KilledMachine(temp);
        machine.enrol();
    }

    @AfterEach
    void end() throws Exception {
        machine.close();
    }

    /** Starts the next agent and waits until it has introduced itself. */
    private void again() throws Exception {
        long before = introductions();
        machine.victim.start();
        Eventually.until("the next agent is connected", KilledMachine.SOON, this::introductions, now -> now > before);
    }

    private long introductions() {
        return machine.gateway.heard().stream()
                .filter(message -> message.agentDescription() != null && message.connectionSettingsRequest() == null)
                .count();
    }

    @Test
    void inTheMidstOfADownload() throws Exception {
        PackageOffer offer = machine.offer("1.0.0", sample -> sample.file("bulk", "not compressible\n".repeat(10)));
        byte[] content = Files.readAllBytes(temp.resolve("wares/acme.Fw-1.0.0.zip"));
        CountDownLatch killed = new CountDownLatch(1);
        machine.gateway.serve(offer.digest().hex(), out -> {
            out.write(("HTTP/1.1 200 OK\r\nContent-Length: " + content.length + "\r\nConnection: close\r\n\r\n")
                    .getBytes(StandardCharsets.US_ASCII));
            out.write(content, 0, content.length / 2);
            out.flush();
            try {
                killed.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        machine.want(offer, 0);
        Eventually.until("half of the package is there", KilledMachine.SOON, this::held, bytes -> bytes > 0);
        machine.victim.killAgent();
        killed.countDown();
        machine.gateway.serve(offer.digest().hex(), content);
        again();
        machine.until(InstallationState.READY);
        assertThat(machine.lines("calls")).containsExactly("install 1.0.0 seq=0", "enable 1.0.0 seq=0");
    }

    private long held() throws IOException {
        Path packages = machine.victim.root.resolve("var/lib/vmext/packages");
        if (!Files.isDirectory(packages)) {
            return 0;
        }
        long sum = 0;
        try (Stream<Path> files = Files.list(packages)) {
            for (Path file :
                    files.filter(one -> !one.toString().endsWith(".json")).toList()) {
                sum += Files.size(file);
            }
        }
        return sum;
    }

    /** At most once, whoever dies: the next agent finds it, sends what it printed meanwhile, and knows its number for ever. */
    @Test
    void whileACommandRunsOnce() throws Exception {
        String id = "once-1";
        String script = "echo ran >>" + machine.trace("once") + "\necho before\nread -r _ <" + machine.trace("gate")
                + "\necho after\nexit 3\n";
        CustomMessage start = exec(
                CustomCapability.EXEC_START,
                new CommandStart(
                                id,
                                script,
                                CommandStart.SHELL,
                                null,
                                "/",
                                Duration.ofMinutes(10),
                                Duration.ofMinutes(10),
                                1 << 20)
                        .encode());
        say(start);
        try (OutputStream _ = machine.awaitHeld(id)) {
            machine.victim.killAgent();
            again();
            say(start);
        }
        String expected = "before\nafter\n";
        Eventually.until("all output", KilledMachine.SOON, this::output, text -> text.length() >= expected.length());
        assertThat(output()).isEqualTo(expected);
        say(exec(CustomCapability.EXEC_ACK, new CommandPosition(id, expected.length(), 0, false).encode()));
        List<CommandExit> ends =
                Eventually.until("the end", KilledMachine.SOON, this::exits, found -> !found.isEmpty());
        assertThat(ends.getFirst().state()).isEqualTo(CommandState.EXITED);
        assertThat(ends.getFirst().code()).isEqualTo(3);
        say(exec(CustomCapability.EXEC_ACK, new CommandPosition(id, expected.length(), 0, true).encode()));

        // A control plane that was put back from a backup asks again. Perhaps the kill came before the last
        // acknowledgement.
        int told = exits().size();
        machine.victim.killAgent();
        again();
        say(start);
        say(exec(CustomCapability.EXEC_ACK, new CommandPosition(id, expected.length(), 0, false).encode()));
        Eventually.until("the end once more", KilledMachine.SOON, this::exits, found -> found.size() > told);
        assertThat(exits().getLast().code()).isEqualTo(3);
        assertThat(machine.lines("once")).containsExactly("ran");
    }

    private void say(CustomMessage message) throws IOException {
        machine.gateway.say(ServerToAgent.builder(Bytes.ofUuid(HostileGateway.MACHINE))
                .customCapabilities(new CustomCapabilities(List.of(CustomCapability.EXEC)))
                .customMessage(message)
                .build());
    }

    private static CustomMessage exec(String type, byte[] payload) {
        return new CustomMessage(CustomCapability.EXEC, type, Bytes.of(payload));
    }

    private List<byte[]> heard(String type) {
        return machine.gateway.heard().stream()
                .map(AgentToServer::customMessage)
                .filter(custom -> custom != null
                        && custom.capability().equals(CustomCapability.EXEC)
                        && custom.type().equals(type))
                .map(custom -> Objects.requireNonNull(custom).data().toArray())
                .toList();
    }

    /** Pieces may come twice; the offset says where they belong. */
    private String output() {
        byte[] whole = new byte[1024];
        int end = 0;
        for (byte[] payload : heard(CustomCapability.EXEC_OUTPUT)) {
            CommandOutput piece = CommandOutput.decode(payload);
            byte[] data = piece.data().toArray();
            System.arraycopy(data, 0, whole, Math.toIntExact(piece.offset()), data.length);
            end = Math.max(end, Math.toIntExact(piece.offset()) + data.length);
        }
        return new String(Arrays.copyOf(whole, end), StandardCharsets.UTF_8);
    }

    private List<CommandExit> exits() {
        return heard(CustomCapability.EXEC_EXIT).stream()
                .map(CommandExit::decode)
                .toList();
    }

    private static SamplePackage leasing(SamplePackage sample) {
        return sample.extension("leases", "[\"packageManager\"]");
    }

    @Test
    void whileAStrangerHoldsTheLease() throws Exception {
        Path lock = machine.victim.root.resolve("var/lib/dpkg/lock-frontend");
        Files.createDirectories(lock.resolveSibling(""));
        Process holder = new ProcessBuilder("python3", "-c", HOLDER, lock.toString()).start();
        try {
            assertThat(holder.inputReader().readLine()).isEqualTo("held");
            machine.want(machine.offer("1.0.0", KillWhileWaitingIT::leasing), 0);
            machine.until(KilledMachine.NAME, status -> waitsFor(status, holder.pid()));
            machine.victim.killAgent();
            int told = machine.gateway.statuses(KilledMachine.NAME).size();
            again();
            Eventually.until(
                    "the next agent says whom it waits for",
                    KilledMachine.SOON,
                    () -> machine.gateway.statuses(KilledMachine.NAME),
                    all -> all.size() > told && waitsFor(all.getLast(), holder.pid()));
            assertThat(machine.lines("calls")).isEmpty();
        } finally {
            holder.destroy();
            holder.waitFor();
        }
        machine.until(InstallationState.READY);
        assertThat(machine.lines("calls")).containsExactly("install 1.0.0 seq=0", "enable 1.0.0 seq=0");
    }

    private static boolean waitsFor(InstallationStatus status, long pid) {
        Cause cause = status.cause();
        return status.state() == InstallationState.WAITING_LEASE
                && cause != null
                && Map.copyOf(cause.evidence()).containsValue(String.valueOf(pid));
    }

    /** Both lived through the kill: the one that has the lease and the one that waits for it. */
    @Test
    void whileAnotherInstallationHoldsTheLease() throws Exception {
        machine.hold("install 1.0.0");
        machine.want(machine.offer("1.0.0", KillWhileWaitingIT::leasing), 0);
        try (OutputStream _ = machine.awaitHeld("install 1.0.0")) {
            machine.wares.want("av", machine.other("acme.Av", KillWhileWaitingIT::leasing), "{}");
            machine.wares.push();
            machine.until("av", KillWhileWaitingIT::waitsForTheOther);
            machine.victim.killAgent();
            int told = machine.gateway.statuses("av").size();
            again();
            Eventually.until(
                    "the next agent says whom the second waits for",
                    KilledMachine.SOON,
                    () -> machine.gateway.statuses("av"),
                    all -> all.size() > told && waitsForTheOther(all.getLast()));
            assertThat(machine.lines("calls")).containsExactly("install 1.0.0 seq=0");
        }
        machine.until("av", status -> status.state() == InstallationState.READY);
        machine.until(InstallationState.READY);
        assertThat(machine.lines("calls")).hasSize(4);
    }

    private static boolean waitsForTheOther(@Nullable InstallationStatus status) {
        return status != null
                && status.state() == InstallationState.WAITING_LEASE
                && Objects.requireNonNull(status.cause()).message().contains(KilledMachine.NAME);
    }
}
