package dev.vmext.restore;

import dev.vmext.extensionkit.Handler;
import dev.vmext.extensionkit.HandlerRun;
import dev.vmext.extensionkit.machine.Programs;
import dev.vmext.extensionkit.machine.testing.FakePrograms;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;

/** A machine in a folder, whose programs answer as Debian's do, and an agent that runs commands of the contract. */
final class Machine {
    final Path root;
    final Path base;
    final FakePrograms programs = new FakePrograms();
    final Set<String> packages = new TreeSet<>(Set.of("apt", "libc6"));
    final Map<String, String> variables = new HashMap<>();
    final ByteArrayOutputStream standardError = new ByteArrayOutputStream();
    private final Path folder;
    String report = "@status success 0\nready\n";

    Machine(Path folder, String installation) throws Exception {
        this.folder = folder;
        root = folder.resolve("machine");
        Files.createDirectories(root.resolve("run/systemd/system"));
        Files.createDirectories(root.resolve("etc/systemd/system"));
        base = folder.resolve("handlers/" + installation + "/vmext.Test-1.0.0");
        for (String name : List.of("config", "status", "programs")) {
            Files.createDirectories(base.resolve(name));
        }
        Files.writeString(base.resolve("programs/report"), "one");
        Files.writeString(base.resolve("HandlerEnvironment.json"), """
                [{"name": "vmext.Test", "version": 1.0, "handlerEnvironment": {"logFolder": "%s/log", "eventsFolder": "%s/events", \
                "configFolder": "%s/config", "statusFolder": "%s/status", "heartbeatFile": "%s/heartbeat.log"}}]""".formatted(folder, folder, base, base, base));
        Files.writeString(base.resolve("config/gateway.json"), """
                {"v":1,"url":"https://10.0.2.2:4320","machine":"m-1","installation":"%s","caFile":"/ca.pem","clientCertificateFile":"/client.pem"}""".formatted(installation));
        variables.put("ConfigSequenceNumber", "0");
        variables.put("AZURE_GUEST_AGENT_EXTENSION_VERSION", "1.0.0");
        programs.answer("systemctl", "")
                .answer("systemd-analyze calendar", "")
                .answer("restic version", "restic 0.14.0")
                .answer("dpkg-query", _ -> new Programs.Result(0, String.join(" ii \n", packages) + " ii \n"))
                .answer("apt-get", this::apt)
                .answer(
                        "sh",
                        call -> call.text().endsWith("/report")
                                ? new Programs.Result(0, report)
                                : new Programs.Result(0, ""));
    }

    private Programs.Result apt(FakePrograms.Call call) {
        Set<String> named = new TreeSet<>(call.words());
        if (named.contains("install")) {
            packages.add("restic");
            return new Programs.Result(0, "");
        }
        named.retainAll(packages);
        if (!call.words().contains("-s")) {
            packages.removeAll(named);
        }
        return new Programs.Result(
                0, named.stream().map(p -> "Purg " + p + " [1.0]\n").reduce("", String::concat));
    }

    int run(Handler handler, String command) {
        PrintStream err = new PrintStream(standardError, true, StandardCharsets.UTF_8);
        InstantSource clock = InstantSource.fixed(Instant.parse("2026-01-01T00:00:00Z"));
        return new HandlerRun(handler, new HandlerRun.Surroundings(variables, base, 42, clock, err))
                .run(List.of(command));
    }

    /** Writes settings as an agent does, the password encrypted for this machine. */
    void settings(String open) throws Exception {
        Path keys = Objects.requireNonNull(base.getParent());
        Path key = keys.resolve("key.pem");
        if (!Files.exists(key)) {
            openssl(
                    "",
                    "req",
                    "-x509",
                    "-newkey",
                    "rsa:2048",
                    "-nodes",
                    "-subj",
                    "/CN=settings",
                    "-keyout",
                    key.toString(),
                    "-out",
                    keys.resolve("crt.pem").toString());
        }
        String certificate = Files.readString(keys.resolve("crt.pem"));
        byte[] der = Base64.getMimeDecoder().decode(certificate.replaceAll("-----[A-Z ]+-----", ""));
        String name = HexFormat.of()
                .formatHex(MessageDigest.getInstance("SHA-1").digest(der))
                .toUpperCase(Locale.ROOT);
        Files.writeString(keys.resolve(name + ".crt"), certificate);
        Files.copy(key, keys.resolve(name + ".prv"), java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        openssl(
                "{\"repositoryPassword\": \"sesame\"}",
                "cms",
                "-encrypt",
                "-binary",
                "-aes256",
                "-outform",
                "DER",
                "-out",
                folder.resolve("envelope").toString(),
                keys.resolve("crt.pem").toString());
        Files.writeString(
                base.resolve("config/" + variables.get("ConfigSequenceNumber") + ".settings"),
                "{\"runtimeSettings\": [{\"handlerSettings\": {\"publicSettings\": {%s}, \"protectedSettings\": \"%s\", \"protectedSettingsCertThumbprint\": \"%s\"}}]}"
                        .formatted(
                                open,
                                Base64.getEncoder().encodeToString(Files.readAllBytes(folder.resolve("envelope"))),
                                name));
    }

    private static void openssl(String input, String... words) throws IOException, InterruptedException {
        List<String> command = new java.util.ArrayList<>(List.of("openssl"));
        command.addAll(List.of(words));
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        try (var out = process.getOutputStream()) {
            out.write(input.getBytes(StandardCharsets.UTF_8));
        }
        if (process.waitFor() != 0) {
            throw new AssertionError("openssl failed: " + command);
        }
    }

    String status() throws IOException {
        return Files.readString(base.resolve("status/" + variables.get("ConfigSequenceNumber") + ".status"));
    }
}
