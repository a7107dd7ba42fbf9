package dev.vmext.server.gateway;

import dev.vmext.fleet.testing.InMemoryFleetStore;
import dev.vmext.protocol.api.InstallationWrite;
import dev.vmext.server.repository.RepositoryPlace;
import dev.vmext.server.seal.SettingsCertificates;
import dev.vmext.testkit.ManualClock;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A machine with a backup installation, and the real restic with its certificate. One test's thread. */
final class BackingUp {
    final String machine;
    final String machineId;
    final String installation;
    final String password;
    private final Path pems;
    private final int port;
    private final Map<Process, List<Path>> outputs = new ConcurrentHashMap<>();
    private @Nullable ScriptedAgent agent;

    private BackingUp(String machine, String machineId, String installation, String password, Path pems, int port) {
        this.machine = machine;
        this.machineId = machineId;
        this.installation = installation;
        this.password = password;
        this.pems = pems;
        this.port = port;
    }

    /** A gateway whose certificates are good now: restic goes by the real time. */
    static GatewayFixture gateway(Path home) {
        return new GatewayFixture(home, new InMemoryFleetStore(), GatewayLimits.DEFAULTS, now(), 0);
    }

    static ManualClock now() {
        ManualClock clock = ManualClock.atNewYear();
        clock.set(InstantSource.system().instant());
        return clock;
    }

    /** Enrols a machine and installs what the settings say; the machine has its settings key and so its goal. */
    static BackingUp enrol(
            GatewayFixture plane, String machine, String installation, Map<String, Object> settings, Path pems)
            throws Exception {
        ScriptedAgent agent = plane.enrolled(machine);
        String id = plane.fleet.machineRecord(GatewayFixture.PROJECT, machine).id();
        plane.fleet.certificateUsed(id, agent.certificate().getSerialNumber().toString(16));
        plane.fleet.settingsKeyPublished(id, SettingsCertificates.make().pem());
        install(plane, machine, installation, settings);
        Files.createDirectories(pems);
        Files.writeString(
                pems.resolve("client.pem"),
                pem("CERTIFICATE", agent.certificate().getEncoded())
                        + pem("PRIVATE KEY", agent.keys().getPrivate().getEncoded()));
        Files.writeString(
                pems.resolve("ca.pem"),
                pem("CERTIFICATE", plane.authority.certificate().getEncoded()));
        boolean reads = settings.containsKey("from");
        String password = reads
                ? ""
                : plane.fleet
                        .repositoryKey(GatewayFixture.ADMIN, GatewayFixture.PROJECT, machine, installation)
                        .password();
        BackingUp made = new BackingUp(machine, id, installation, password, pems, plane.gateway.port());
        made.agent = agent;
        return made;
    }

    static void install(GatewayFixture plane, String machine, String installation, Map<String, Object> settings) {
        plane.fleet.putInstallation(
                GatewayFixture.ADMIN,
                GatewayFixture.PROJECT,
                machine,
                installation,
                new InstallationWrite(GatewayFixture.BACKUP, null, settings, null, null, null));
    }

    /** As another process wrote it down with {@link #save}. */
    static BackingUp saved(Path pems, int port) throws IOException {
        String[] words = Files.readString(pems.resolve("machine")).split(" ", -1);
        return new BackingUp(words[0], words[1], words[2], words[3], pems, port);
    }

    void save() throws IOException {
        Files.writeString(pems.resolve("machine"), String.join(" ", machine, machineId, installation, password));
    }

    private static String pem(String label, byte[] der) {
        return "-----BEGIN " + label + "-----\n"
                + Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII))
                        .encodeToString(der)
                + "\n-----END " + label + "-----\n";
    }

    RepositoryPlace place() {
        return new RepositoryPlace(machineId, installation);
    }

    /** The address of a file or a list. */
    String path(String rest) {
        return "/v1/repositories/" + place() + "/" + rest;
    }

    String url(String ofPlace) {
        return "rest:https://localhost:" + port + "/v1/repositories/" + ofPlace + "/";
    }

    /** What a program said and how it ended. */
    record Said(int exit, String out, String err) {
        String all() {
            return "exit " + exit + "\n" + out + err;
        }
    }

    Said restic(String... arguments) throws Exception {
        return resticOf(url(place().toString()), password, arguments);
    }

    /** With another repository or password. */
    Said resticOf(String location, String word, String... arguments) throws Exception {
        return ended(start(location, word, arguments));
    }

    Process start(String location, String word, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of("restic", "--no-cache", "-r", location));
        if (location.startsWith("rest:")) {
            command.addAll(List.of(
                    "--cacert",
                    pems.resolve("ca.pem").toString(),
                    "--tls-client-cert",
                    pems.resolve("client.pem").toString()));
        }
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put("RESTIC_PASSWORD", word);
        builder.redirectOutput(Files.createTempFile(pems, "out", "").toFile());
        builder.redirectError(Files.createTempFile(pems, "err", "").toFile());
        Process process = builder.start();
        outputs.put(
                process,
                List.of(
                        builder.redirectOutput().file().toPath(),
                        builder.redirectError().file().toPath()));
        return process;
    }

    Said ended(Process process) throws Exception {
        if (!process.waitFor(5, TimeUnit.MINUTES)) {
            process.destroyForcibly();
            throw new AssertionError("restic did not end; it said " + said(process));
        }
        return new Said(process.exitValue(), said(process, 0), said(process, 1));
    }

    String said(Process process) {
        return said(process, 0) + said(process, 1);
    }

    private String said(Process process, int which) {
        try {
            return Files.readString(outputs.getOrDefault(process, List.of()).get(which));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A request as root on the machine can make it, with its certificate. */
    HttpResponse<byte[]> send(String method, String path, byte @Nullable [] body, String... headers) throws Exception {
        return Objects.requireNonNull(agent).send(method, path, body, headers);
    }
}
