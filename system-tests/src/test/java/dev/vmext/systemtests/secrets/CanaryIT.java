package dev.vmext.systemtests.secrets;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmext.packageformat.testing.SamplePublisher;
import dev.vmext.packageformat.trust.TrustMode;
import dev.vmext.protocol.goal.PackageOffer;
import dev.vmext.protocol.goal.ProtectedSettings;
import dev.vmext.protocol.opamp.AgentToServer;
import dev.vmext.protocol.opamp.MessageLimits;
import dev.vmext.protocol.opamp.OpampCodec;
import dev.vmext.protocol.status.InstallationStatus;
import dev.vmext.systemtests.product.Eventually;
import dev.vmext.systemtests.product.Product;
import dev.vmext.systemtests.trust.HostileGateway;
import dev.vmext.systemtests.trust.Sealing;
import dev.vmext.systemtests.trust.Victim;
import dev.vmext.systemtests.trust.Wares;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Handlers open the canary as public handlers do, with openssl and the machine's key, and then print it, put it into their status, name it in
 * errors, crash with it, in plain text and in other forms. Afterwards every file below the agent's root, every message to the control plane, what
 * was seen of arguments and of the agent's environment, the bundle and the doctor are searched.
 */
@SuppressWarnings("try") // close waits for a process, which a test may interrupt
class CanaryIT {
    private static final String CANARY = "canary-\"7'<&>-" + Long.toHexString(System.nanoTime()) + "-fledgling";
    private static final Duration SOON = Duration.ofSeconds(90);

    /** Opens the sealed settings; the canary is then in $secret, as it was typed. */
    private static final String OPEN = """
            settings=config/$ConfigSequenceNumber.settings
            thumb=$(sed 's/.*Thumbprint": "\\([0-9A-F]*\\)".*/\\1/' $settings)
            sed 's/.*"protectedSettings": "\\([^"]*\\)".*/\\1/' $settings | base64 -d \\
              | openssl cms -inform DER -decrypt -recip ../$thumb.crt -inkey ../$thumb.prv > opened.json || exit 61
            secret=$(python3 -c 'import json; print(json.load(open("opened.json"))["password"])')
            rm opened.json
            """;

    @TempDir
    Path temp;

    private final Map<String, String> handlers = new LinkedHashMap<>();

    private void handlers(Path own) {
        handlers.put("prints", "echo \"the password is $secret\"; echo \"$secret\" >&2");
        handlers.put("prints-forms", """
                printf '%s' "$secret" | base64
                printf 'user:%s' "$secret" | base64 -w0; echo
                python3 - "$secret" <<'EOF'
                import sys, json, urllib.parse, shlex, html
                s = sys.argv[1]
                print(json.dumps({"p": s})); print(urllib.parse.quote(s)); print(urllib.parse.quote_plus(s, safe=""))
                print(shlex.quote(s)); print(html.escape(s))
                EOF
                """);
        handlers.put("fails-with-it", "echo \"cannot log in with $secret\"; exit 9");
        handlers.put(
                "names-it-in-an-error", "echo \"touch: cannot touch '/nowhere/$secret': Permission denied\"; exit 1");
        handlers.put("floods", "i=0; while [ $i -lt 4000 ]; do echo \"$i $secret\"; i=$((i+1)); done; exit 8");
        handlers.put("crashes", "echo \"$secret\"; kill -SEGV $$");
        handlers.put("hangs", "echo \"waiting with $secret\"; sleep 600");
        handlers.put("says-it", """
                python3 - "$secret" <<'EOF'
                import sys, json
                s = sys.argv[1]
                json.dump([{"version": 1.0, "timestampUTC": "2026-01-01T00:00:00Z", "status": {"operation": "Enable", "status": "error", "code": 5,
                  "formattedMessage": {"lang": "en-US", "message": "bad password " + s},
                  "substatus": [{"name": "sub " + s, "status": "error", "code": 1, "formattedMessage": {"lang": "en-US", "message": s}}]}}],
                  open("status/0.status", "w"))
                EOF
                exit 0""");
        handlers.put("breaks-its-status", "printf '[{\"status\": \"%s\"' \"$secret\" > status/0.status; exit 0");
        handlers.put("keeps-it-itself", "printf '%s' \"$secret\" > " + own);
    }

    @Test
    void theCanaryIsNowhereButWhereTheContractPutsIt() throws Exception {
        SamplePublisher acme = new SamplePublisher("acme");
        Path own = temp.resolve("the-handlers-own-file");
        handlers(own);
        Set<String> arguments = new ConcurrentSkipListSet<>();
        AtomicBoolean sampling = new AtomicBoolean(true);
        try (HostileGateway gateway = new HostileGateway();
                Victim victim =
                        new Victim(temp.resolve("root")).enrolledWith(gateway, acme.trusted(TrustMode.FULL), 1)) {
            victim.start().awaitConnected(gateway);
            String key = Eventually.until(
                    "the settings key is published",
                    SOON,
                    () -> Objects.requireNonNullElse(gateway.settingsKey(), ""),
                    pem -> !pem.isEmpty());
            Wares wares = new Wares(temp.resolve("wares"), gateway);
            ProtectedSettings sealed = Sealing.seal(
                    temp.resolve("seal"),
                    key,
                    "{\"password\": " + json(CANARY) + ", \"other\": [\"" + "hatchling-4711\"]}");
            for (Map.Entry<String, String> one : handlers.entrySet()) {
                String name = "acme." + one.getKey().replace("-", "");
                PackageOffer offer = wares.honest(
                        Wares.handler(name, "1.0.0", OPEN + one.getValue()).extension("deadlines", "{\"enable\": 30}"),
                        name,
                        "1.0.0",
                        acme);
                wares.want(one.getKey(), offer, 0, "{}", sealed);
            }
            Thread sampler = Thread.ofPlatform().daemon().start(() -> sample(victim, arguments, sampling));
            wares.push();
            for (String name : handlers.keySet()) {
                Eventually.until(
                        name + " ended, see " + victim.console(),
                        SOON,
                        () -> terminal(gateway.last(name)),
                        done -> done);
            }
            sampling.set(false);
            sampler.join();
            assertThat(Files.readString(own))
                    .as("the handlers really opened it")
                    .isEqualTo(CANARY);
            assertThat(Objects.requireNonNull(gateway.last("fails-with-it")).output())
                    .contains("[redacted]");

            Product.Said doctor = victim.ask("doctor");
            Path bundle = temp.resolve("bundle.zip");
            Product.Said made = victim.ask("bundle", bundle.toString());
            assertThat(made.exit()).as(made.all()).isZero();
            List<String> leaks = new ArrayList<>();
            search("doctor", doctor.all(), leaks);
            searchZip(bundle, leaks);
            searchMessages(gateway, leaks);
            searchFiles(victim.root, leaks);
            search("arguments of the agent's processes", String.join("\n", arguments), leaks);
            assertThat(leaks).isEmpty();
        }
    }

    private static boolean terminal(@Nullable InstallationStatus status) {
        return status != null && status.state().terminal();
    }

    private static String json(String text) {
        return "\"" + text.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
    }

    /** Forms that somebody could read the canary from. */
    private static Set<String> needles() {
        Set<String> needles = new TreeSet<>(List.of(CANARY, json(CANARY), "hatchling-4711", "-fledgling"));
        byte[] bytes = CANARY.getBytes(StandardCharsets.UTF_8);
        needles.add(Base64.getEncoder().withoutPadding().encodeToString(bytes));
        for (String before : List.of("", "user:", "xx")) {
            String whole = Base64.getEncoder().encodeToString((before + CANARY).getBytes(StandardCharsets.UTF_8));
            needles.add(whole.substring(10, 26));
        }
        return needles;
    }

    private static void search(String where, String text, List<String> leaks) {
        for (String needle : needles()) {
            int at = text.indexOf(needle);
            if (at >= 0) {
                leaks.add(where + " has " + needle + ": ..."
                        + text.substring(Math.max(0, at - 80), Math.min(text.length(), at + 80)));
            }
        }
    }

    private static void searchZip(Path bundle, List<String> leaks) throws IOException {
        Set<String> entries = new TreeSet<>();
        try (ZipInputStream zip = new ZipInputStream(Files.newInputStream(bundle))) {
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                entries.add(entry.getName());
                search(
                        "bundle " + entry.getName(),
                        entry.getName() + new String(zip.readAllBytes(), StandardCharsets.UTF_8),
                        leaks);
            }
        }
        assertThat(entries)
                .contains(
                        "doctor.txt",
                        "facts.txt",
                        "journal.txt",
                        "log/agent.log",
                        "handlers/acme.prints/CommandExecution.log")
                .noneMatch(name -> name.endsWith(".settings") || name.endsWith(".prv") || name.endsWith(".pem"));
    }

    private static void searchMessages(HostileGateway gateway, List<String> leaks) {
        OpampCodec codec = new OpampCodec(MessageLimits.STANDARD);
        for (AgentToServer message : gateway.heard()) {
            search(
                    "a message to the control plane",
                    new String(codec.encodeFrame(message), StandardCharsets.UTF_8),
                    leaks);
        }
    }

    /** Plain only in what a handler itself wrote into its own status; the agent's own files hold none of it. */
    private static void searchFiles(Path root, List<String> leaks) throws IOException {
        try (Stream<Path> files = Files.walk(root)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                String relative = root.relativize(file).toString();
                boolean handlersOwn = relative.startsWith("var/lib/vmext/handlers/")
                        && (relative.contains("/status/") || relative.endsWith("/opened.json"));
                if (!handlersOwn) {
                    search(relative, Files.readString(file, StandardCharsets.ISO_8859_1), leaks);
                }
            }
        }
    }

    /** What a user of the machine could see with ps, of the agent and of what the agent starts; handlers' own children are theirs. */
    private static void sample(Victim victim, Set<String> seen, AtomicBoolean going) {
        while (going.get()) {
            try (DirectoryStream<Path> processes = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
                for (Path process : processes) {
                    note(process, victim, seen);
                }
            } catch (IOException gone) {
                // processes come and go
            }
        }
    }

    private static void note(Path process, Victim victim, Set<String> seen) {
        try {
            String line = Files.readString(process.resolve("cmdline"), StandardCharsets.UTF_8)
                    .replace('\0', ' ');
            if (line.contains("run-handler") || process.endsWith(String.valueOf(victim.pid()))) {
                seen.add(line);
                seen.add(Files.readString(process.resolve("environ"), StandardCharsets.UTF_8)
                        .replace('\0', '\n'));
            }
        } catch (IOException ended) {
            // it ended while this looked
        }
    }
}
