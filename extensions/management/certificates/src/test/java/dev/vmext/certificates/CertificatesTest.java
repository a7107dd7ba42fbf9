package dev.vmext.certificates;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmext.extensionkit.HandlerRun;
import dev.vmext.extensionkit.machine.Programs;
import dev.vmext.extensionkit.machine.testing.FakePrograms;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands of the contract on a machine in a folder, whose programs answer as Debian's do. */
final class CertificatesTest {
    @TempDir
    private Path folder;

    private final FakePrograms programs = new FakePrograms();
    private final Map<String, String> variables = new HashMap<>();
    private final ByteArrayOutputStream standardError = new ByteArrayOutputStream();
    private Places places;
    private Path base;
    private final Set<String> packages = new TreeSet<>(Set.of("apt", "libc6", "openssl"));
    private String report = "@status success 0\n1 certificate\n";

    @BeforeEach
    void layOutMachineAndPackage() throws Exception {
        places = new Places(folder.resolve("machine"));
        Files.createDirectories(places.root().resolve("run/systemd/system"));
        base = folder.resolve("handlers/certs/vmext.Certificates-1.0.0");
        for (String name : List.of("config", "status", "programs")) {
            Files.createDirectories(base.resolve(name));
        }
        Files.writeString(base.resolve("programs/renew"), "one");
        Files.writeString(base.resolve("HandlerEnvironment.json"), """
                [{"name": "vmext.Certificates", "version": 1.0, "handlerEnvironment": {"logFolder": "%s/log", "eventsFolder": "%s/events", \
                "configFolder": "%s/config", "statusFolder": "%s/status", "heartbeatFile": "%s/heartbeat.log"}}]""".formatted(folder, folder, base, base, base));
        variables.put("ConfigSequenceNumber", "0");
        variables.put("AZURE_GUEST_AGENT_EXTENSION_VERSION", "1.0.0");
        programs.answer("systemctl", "")
                .answer("systemd-analyze calendar", "")
                .answer("getent", "root:x:0:0:root:/root:/bin/sh")
                .answer("dpkg-query", _ -> new Programs.Result(0, String.join(" ii \n", packages) + " ii \n"))
                .answer("apt-get", this::apt)
                .answer("sh", call -> new Programs.Result(0, call.text().endsWith("/report") ? report : ""));
    }

    private Programs.Result apt(FakePrograms.Call call) {
        Set<String> named = new TreeSet<>(call.words());
        if (named.contains("install")) {
            named.retainAll(Set.of("curl", "lego", "openssl"));
            packages.addAll(named);
            return new Programs.Result(0, "");
        }
        named.retainAll(packages);
        if (!call.words().contains("-s")) {
            packages.removeAll(named);
        }
        return new Programs.Result(
                0, named.stream().map(p -> "Purg " + p + " [1.0]\n").reduce("", String::concat));
    }

    private int run(String command) {
        PrintStream err = new PrintStream(standardError, true, StandardCharsets.UTF_8);
        InstantSource clock = InstantSource.fixed(Instant.parse("2026-01-01T00:00:00Z"));
        return new HandlerRun(
                        new Certificates(programs, places),
                        new HandlerRun.Surroundings(variables, base, 42, clock, err))
                .run(List.of(command));
    }

    private int enable(String settings) throws Exception {
        Files.writeString(
                base.resolve("config/0.settings"),
                "{\"runtimeSettings\": [{\"handlerSettings\": {\"publicSettings\": {" + settings + "}}}]}");
        return run("enable");
    }

    private String status() throws Exception {
        return Files.readString(base.resolve("status/0.status"));
    }

    private List<String> units() throws Exception {
        try (Stream<Path> files = Files.list(places.units())) {
            return files.map(f -> String.valueOf(f.getFileName())).sorted().toList();
        }
    }

    private static final String WEB = "\"certificates\": [{\"name\": \"web\", \"names\": [\"www.example.org\"]}]";

    @Test
    void enableWritesWhatIsWantedRenewsOnceAndTells() throws Exception {
        assertThat(run("install")).isZero();
        assertThat(packages).contains("curl").doesNotContain("lego");
        assertThat(enable(WEB))
                .as(standardError.toString(StandardCharsets.UTF_8))
                .isZero();
        assertThat(units())
                .containsExactly(
                        "vmext-certificates-metrics.socket",
                        "vmext-certificates-metrics@.service",
                        "vmext-certificates-renew.service",
                        "vmext-certificates-renew.timer");
        assertThat(programs.texts()).contains("systemctl start vmext-certificates-renew.service");
        assertThat(status()).contains("\"status\":\"success\"", "1 certificate");
        assertThat(Files.readString(places.state().resolve("gateway-file"))).isEqualTo(base + "/config/gateway.json\n");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(places.wanted())))
                .isEqualTo("rwx------");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(places.configuration())))
                .isEqualTo("rwxr-xr-x");
    }

    @Test
    void whatCannotBeHadIsAnError() throws Exception {
        report = "@status error 6\ncannot get certificates: web: the control plane refuses\n";
        enable(WEB);
        assertThat(status()).contains("\"status\":\"error\",\"code\":6", "the control plane refuses");
        assertThat(units()).contains("vmext-certificates-renew.timer");
    }

    @Test
    void legoComesOnlyForAcme() throws Exception {
        assertThat(enable("\"certificates\": [{\"name\": \"web\", \"names\": [\"a.b\"], \"issuer\": \"acme\"}], "
                        + "\"acme\": {\"email\": \"a@b.c\", \"termsAgreed\": true}"))
                .isZero();
        assertThat(packages).contains("lego", "curl");
        assertThat(run("disable")).isZero();
        assertThat(run("uninstall")).isZero();
        assertThat(packages).containsExactlyInAnyOrder("apt", "libc6", "openssl");
        assertThat(places.configuration()).doesNotExist();
        assertThat(places.state()).doesNotExist();
        assertThat(units()).isEmpty();
    }

    @Test
    void oneThatIsNotWantedAnyMoreGoesWithItsKey() throws Exception {
        enable(WEB);
        Path store = Files.createDirectories(places.configuration().resolve("store/web/1"));
        Files.writeString(store.resolve("key.pem"), "key");
        Files.createDirectories(places.configuration().resolve("live"));
        Files.createSymbolicLink(places.configuration().resolve("live/web"), Path.of("../store/web/1"));
        enable("\"certificates\": [{\"name\": \"other\", \"names\": [\"a.b\"]}]");
        assertThat(places.configuration().resolve("live/web")).doesNotExist();
        assertThat(places.configuration().resolve("store/web")).doesNotExist();
        assertThat(places.wanted().resolve("web")).doesNotExist();
        assertThat(places.wanted().resolve("other/names")).exists();
    }

    @Test
    void anOwnerThatTheMachineDoesNotKnowIsRefusedBeforeAnythingChanges() throws Exception {
        programs.answer("getent group nobodys", 2, "");
        assertThat(enable("\"certificates\": [{\"name\": \"web\", \"names\": [\"a.b\"], \"group\": \"nobodys\"}]"))
                .isEqualTo(53);
        assertThat(status()).contains("settings.certificates[0].group", "no nobodys in group");
        assertThat(places.configuration()).doesNotExist();
    }

    @Test
    void anUpdateTakesNothingAway() throws Exception {
        enable(WEB);
        variables.put("AZURE_GUEST_AGENT_UPDATING_FROM_VERSION", "1.0.0");
        assertThat(run("update")).isZero();
        assertThat(run("disable")).isZero();
        assertThat(run("uninstall")).isZero();
        assertThat(places.wanted().resolve("web/names")).exists();
        enable(WEB);
        assertThat(places.state().resolve("updating")).doesNotExist();
    }
}
