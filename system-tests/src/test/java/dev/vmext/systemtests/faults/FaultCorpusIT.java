package dev.vmext.systemtests.faults;

import static dev.vmext.protocol.status.CauseClass.AGENT;
import static dev.vmext.protocol.status.CauseClass.CLOCK;
import static dev.vmext.protocol.status.CauseClass.CONFLICT;
import static dev.vmext.protocol.status.CauseClass.DEPENDENCY;
import static dev.vmext.protocol.status.CauseClass.DISK;
import static dev.vmext.protocol.status.CauseClass.DNS;
import static dev.vmext.protocol.status.CauseClass.HANDLER_CRASH;
import static dev.vmext.protocol.status.CauseClass.HANDLER_EXIT;
import static dev.vmext.protocol.status.CauseClass.HANDLER_STATUS;
import static dev.vmext.protocol.status.CauseClass.LOCK;
import static dev.vmext.protocol.status.CauseClass.MEMORY;
import static dev.vmext.protocol.status.CauseClass.NETWORK;
import static dev.vmext.protocol.status.CauseClass.PACKAGE;
import static dev.vmext.protocol.status.CauseClass.PERMISSION;
import static dev.vmext.protocol.status.CauseClass.PLATFORM;
import static dev.vmext.protocol.status.CauseClass.PROBE;
import static dev.vmext.protocol.status.CauseClass.SETTINGS;
import static dev.vmext.protocol.status.CauseClass.SIGNATURE;
import static dev.vmext.protocol.status.CauseClass.STATUS_MALFORMED;
import static dev.vmext.protocol.status.CauseClass.TIMEOUT;
import static dev.vmext.protocol.status.CauseClass.TRUST;
import static org.assertj.core.api.Assertions.assertThat;

import dev.vmext.agent.train.LoopbackAuthority;
import dev.vmext.packageformat.manifest.HandlerCommand;
import dev.vmext.packageformat.testing.EvilPackage;
import dev.vmext.packageformat.testing.SamplePackage;
import dev.vmext.packageformat.testing.SamplePublisher;
import dev.vmext.packageformat.trust.TrustMode;
import dev.vmext.protocol.Digest;
import dev.vmext.protocol.goal.InstallationGoal;
import dev.vmext.protocol.goal.PackageOffer;
import dev.vmext.protocol.goal.Presence;
import dev.vmext.protocol.goal.ProtectedSettings;
import dev.vmext.protocol.goal.Terms;
import dev.vmext.protocol.status.InstallationStatus;
import dev.vmext.systemtests.product.Eventually;
import dev.vmext.systemtests.product.Repository;
import dev.vmext.systemtests.trust.HostileGateway;
import dev.vmext.systemtests.trust.Sealing;
import dev.vmext.systemtests.trust.Victim;
import dev.vmext.systemtests.trust.Wares;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Faults with the class and culprit that somebody who knows the machine would name, written down before it was seen what the agent says.
 * The ones that it gets wrong stay in.
 */
@SuppressWarnings("try") // close waits for a process, which a test may interrupt
class FaultCorpusIT {
    /** Fewer is a regression. What was reached is printed, and stands in SPECIFICATION.md. */
    private static final int RIGHT_AT_LEAST = 86;

    @TempDir
    Path temp;

    @Test
    void namesClassAndCulpritOfInjectedFaults() throws Exception {
        Score score = new Score();
        Path apt = makeAptFolder(temp.resolve("apt"));
        Process holder = new ProcessBuilder(
                        "python3",
                        "-c",
                        "import fcntl,os,sys\nf=[open(p,'w') for p in sys.argv[1:]]\n[fcntl.lockf(x,fcntl.LOCK_EX) for x in f]\n"
                                + "print('held',flush=True)\nsys.stdin.read()",
                        apt.resolve("lock-frontend").toString(),
                        apt.resolve("lock").toString())
                .start();
        try (FaultMachine machine = new FaultMachine(temp)) {
            assertThat(holder.inputReader().readLine()).isEqualTo("held");
            fetching(machine);
            unpacking(machine);
            starting(machine);
            ending(machine);
            talking(machine, apt, holder.pid());
            reporting(machine);
            needingOthers(machine);
            untellable(machine);
            machine.victim.start().awaitConnected(machine.gateway);
            settings(machine);
            machine.wares.push();
            // They are worked on meanwhile.
            linking(score, machine);
            Eventually.until(
                    "all faults are decided, see " + machine.victim.console(),
                    Duration.ofSeconds(170),
                    machine::undecided,
                    List::isEmpty);
            machine.expected().forEach((fault, expected) -> {
                InstallationStatus status = Objects.requireNonNull(machine.last(fault));
                score.judge(fault, expected.kind(), expected.culprit(), status.cause());
            });
        } finally {
            holder.destroyForcibly().waitFor();
        }
        Files.createDirectories(Repository.ROOT.resolve("target"));
        Files.writeString(Repository.ROOT.resolve("target/faults.txt"), score.report());
        System.out.println(score.report());
        assertThat(score.all()).isGreaterThanOrEqualTo(40);
        assertThat(score.right()).as(score.report()).isGreaterThanOrEqualTo(RIGHT_AT_LEAST);
    }

    private static Path makeAptFolder(Path folder) throws IOException {
        Files.createDirectories(folder.resolve("updates"));
        Files.createDirectories(folder.resolve("info"));
        for (String file : List.of("status", "available", "lock", "lock-frontend")) {
            Files.createFile(folder.resolve(file));
        }
        Path broken = Files.createDirectories(folder.resolveSibling("apt-interrupted"));
        Files.createDirectories(broken.resolve("updates"));
        Files.createFile(broken.resolve("status"));
        Files.writeString(broken.resolve("updates/0001"), "x");
        return folder;
    }

    private static String word(String fault) {
        return FaultMachine.extension(fault);
    }

    private static void fetching(FaultMachine machine) throws Exception {
        answered(machine, "fetch-not-found", PACKAGE, "404", out -> HostileGateway.status(out, 404));
        answered(machine, "fetch-forbidden", PERMISSION, "403", out -> HostileGateway.status(out, 403));
        answered(machine, "fetch-server-error", NETWORK, "503", out -> HostileGateway.status(out, 503));
        answered(machine, "fetch-cut-short", NETWORK, machine.gateway.address(), out -> {
            out.write("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\nPK".getBytes(StandardCharsets.US_ASCII));
            out.flush();
        });
        answered(
                machine,
                "fetch-no-http",
                NETWORK,
                machine.gateway.address(),
                out -> out.write("SSH-2.0-OpenSSH_9.2\r\n".getBytes(StandardCharsets.US_ASCII)));

        String changed = "verify-changed-on-the-way";
        PackageOffer offer =
                machine.wares.honest(new SamplePackage(word(changed), "1.0.0"), word(changed), "1.0.0", machine.acme);
        byte[] other = new byte[Math.toIntExact(offer.size())];
        machine.gateway.serve(offer.digest().hex(), other);
        machine.wares.want(changed, offer, "{}");
        machine.expect(changed, PACKAGE, "digest");

        SamplePublisher stranger = new SamplePublisher("acme");
        signed(machine, "verify-foreign-key", word("verify-foreign-key"), TRUST, "trust.json", stranger);
        signed(machine, "verify-other-namespace", "globex.Tool", TRUST, "globex", machine.acme);
        String garbled = "verify-garbled-signature";
        PackageOffer good =
                machine.wares.honest(new SamplePackage(word(garbled), "1.0.0"), word(garbled), "1.0.0", machine.acme);
        machine.wares.want(
                garbled,
                new PackageOffer(
                        good.extension(), good.version(), good.digest(), good.size(), good.path(), "no envelope"),
                "{}");
        machine.expect(garbled, SIGNATURE, word(garbled));
        String renamed = "verify-other-version-signed";
        PackageOffer one =
                machine.wares.honest(new SamplePackage(word(renamed), "1.0.0"), word(renamed), "1.0.0", machine.acme);
        machine.wares.want(
                renamed,
                new PackageOffer(one.extension(), "2.0.0", one.digest(), one.size(), one.path(), one.signature()),
                "{}");
        machine.expect(renamed, SIGNATURE, "2.0.0");

        machine.bytes("verify-no-zip", PACKAGE, "zip", "this is no zip".getBytes(StandardCharsets.UTF_8));
        evil(machine, "verify-path-traversal", EvilPackage.PATH_ESCAPE, "..");
        evil(machine, "verify-zip-bomb", EvilPackage.BOMB, "zeros");
        evil(machine, "verify-no-manifest", EvilPackage.NO_MANIFEST, "HandlerManifest.json");
        evil(machine, "verify-manifest-no-json", EvilPackage.MANIFEST_IS_NO_JSON, "HandlerManifest.json");
        String lacking = "verify-manifest-lacks-enable";
        Path zip = folder(
                machine, lacking, new SamplePackage(word(lacking), "1.0.0").withoutCommand(HandlerCommand.ENABLE));
        machine.bytes(lacking, PACKAGE, "enable", Files.readAllBytes(zip));
    }

    private static void answered(
            FaultMachine machine,
            String fault,
            dev.vmext.protocol.status.CauseClass kind,
            String culprit,
            HostileGateway.Served how)
            throws Exception {
        PackageOffer offer =
                machine.wares.honest(new SamplePackage(word(fault), "1.0.0"), word(fault), "1.0.0", machine.acme);
        machine.gateway.serve(offer.digest().hex(), how);
        machine.wares.want(fault, offer, "{}");
        machine.expect(fault, kind, culprit);
    }

    private static void signed(
            FaultMachine machine,
            String fault,
            String name,
            dev.vmext.protocol.status.CauseClass kind,
            String culprit,
            SamplePublisher publisher)
            throws Exception {
        PackageOffer offer = machine.wares.honest(new SamplePackage(name, "1.0.0"), name, "1.0.0", publisher);
        machine.wares.want(fault, offer, "{}");
        machine.expect(fault, kind, culprit);
    }

    private static void evil(FaultMachine machine, String fault, EvilPackage evil, String culprit) throws Exception {
        machine.bytes(fault, PACKAGE, culprit, Files.readAllBytes(evil.write(machine.work.resolve(fault + ".zip"))));
    }

    /** A zip of a folder that the packer would refuse. */
    private static Path folder(FaultMachine machine, String fault, SamplePackage sample) throws Exception {
        Path folder = sample.writeFolder(machine.work.resolve(fault + ".d"));
        Path zip = machine.work.resolve(fault + ".zip");
        Process zipping = new ProcessBuilder(
                        "python3",
                        "-c",
                        "import sys,os,zipfile\nz=zipfile.ZipFile(sys.argv[1],'w')\nfor d,_,fs in os.walk(sys.argv[2]):\n"
                                + " for f in sorted(fs):\n  p=os.path.join(d,f); z.write(p,os.path.relpath(p,sys.argv[2]))\nz.close()",
                        zip.toString(),
                        folder.toString())
                .inheritIO()
                .start();
        assertThat(zipping.waitFor()).isZero();
        return zip;
    }

    private static void unpacking(FaultMachine machine) throws Exception {
        byte[] noise = new byte[150_000];
        new Random(1).nextBytes(noise);
        machine.sample(
                "unpack-disk-full",
                DISK,
                "handlers/unpack-disk-full",
                new SamplePackage(word("unpack-disk-full"), "1.0.0")
                        .file("data", Base64.getEncoder().encodeToString(noise)));
        machine.sample(
                "unpack-read-only",
                DISK,
                "handlers/unpack-read-only",
                new SamplePackage(word("unpack-read-only"), "1.0.0"));
        machine.sample(
                "unpack-permission",
                PERMISSION,
                "handlers/unpack-permission",
                new SamplePackage(word("unpack-permission"), "1.0.0"));
        machine.sample(
                "unpack-not-a-folder",
                DISK,
                "handlers/unpack-not-a-folder",
                new SamplePackage(word("unpack-not-a-folder"), "1.0.0"));
    }

    private static void settings(FaultMachine machine) throws Exception {
        String key = Eventually.until(
                "the settings key is published",
                Duration.ofSeconds(60),
                () -> Objects.requireNonNullElse(machine.gateway.settingsKey(), ""),
                pem -> !pem.isEmpty());
        ProtectedSettings sealed = Sealing.seal(machine.work.resolve("seal"), key, "{\"password\": \"correct horse\"}");
        sealed(
                machine,
                "settings-other-key",
                "0123456789ABCDEF0123456789ABCDEF01234567",
                new ProtectedSettings("0123456789ABCDEF0123456789ABCDEF01234567", sealed.cms()));
        String cms = sealed.cms();
        sealed(
                machine,
                "settings-garbled",
                "settings-garbled",
                new ProtectedSettings(sealed.thumbprint(), cms.substring(0, cms.length() / 2)));
    }

    private static void sealed(FaultMachine machine, String fault, String culprit, ProtectedSettings secret)
            throws Exception {
        PackageOffer offer =
                machine.wares.honest(Wares.handler(word(fault), "1.0.0", ""), word(fault), "1.0.0", machine.acme);
        machine.wares.want(fault, offer, 0, "{}", secret);
        machine.expect(fault, SETTINGS, culprit);
    }

    private static void starting(FaultMachine machine) throws Exception {
        // A command that the manifest names is made executable when it is unpacked; what it calls is the publisher's.
        machine.handler(
                "run-no-execute-bit",
                PERMISSION,
                "tools/work.sh",
                "mkdir tools; echo 'exit 0' > tools/work.sh; \"$PWD/tools/work.sh\" || exit 5");
        machine.sample(
                "run-missing-file",
                PACKAGE,
                "bin/forgotten.sh",
                new SamplePackage(word("run-missing-file"), "1.0.0")
                        .command(HandlerCommand.INSTALL, "bin/forgotten.sh"));
        machine.sample(
                "run-carriage-return",
                PACKAGE,
                "/bin/sh\\r",
                new SamplePackage(word("run-carriage-return"), "1.0.0")
                        .file("bin/handler.sh", "#!/bin/sh\r\nexit 0\r\n"));
        machine.sample(
                "run-missing-interpreter",
                DEPENDENCY,
                "/usr/bin/python2.4",
                new SamplePackage(word("run-missing-interpreter"), "1.0.0")
                        .file("bin/handler.sh", "#!/usr/bin/python2.4\nprint 1\n"));
        machine.sample("run-noexec", PERMISSION, "noexec", new SamplePackage(word("run-noexec"), "1.0.0"));
        machine.handler(
                "run-env-interpreter",
                DEPENDENCY,
                "perl4",
                "printf '#!/usr/bin/env perl4\\nprint 1;' > s; chmod +x s; ./s || exit $?");
        machine.handler("run-missing-program", DEPENDENCY, "frobnicate", "frobnicate --now || exit 4");
        machine.handler(
                "run-other-processor",
                PLATFORM,
                "ENOEXEC",
                "printf '\\177ELF\\002garbage' > x; chmod +x x; \"$PWD/x\" || exit 9");
    }

    private static void ending(FaultMachine machine) throws Exception {
        machine.handler("run-exit", HANDLER_EXIT, "exit code 7", "echo trying; exit 7");
        machine.handler(
                "run-last-words", HANDLER_EXIT, "cannot parse licence", "echo 'fatal: cannot parse licence'; exit 2");
        machine.handler("run-segfault", HANDLER_CRASH, "SIGSEGV", "sh -c 'kill -SEGV $$'; exit $?");
        machine.handler("run-killed", HANDLER_CRASH, "SIGKILL", "kill -KILL $$");
        machine.handler("run-terminated", HANDLER_CRASH, "SIGTERM", "kill -TERM $$");
        machine.handler("run-abort", HANDLER_CRASH, "SIGABRT", "sh -c 'kill -ABRT $$'; exit $?");
        machine.handler(
                "run-session-killed",
                HANDLER_CRASH,
                "process",
                "kill -9 $(sed 's/.*) //' /proc/$$/stat | cut -d' ' -f4); sleep 9");
        machine.sample(
                "run-hang",
                TIMEOUT,
                "sleep",
                Wares.handler(word("run-hang"), "1.0.0", "sleep 10000").extension("deadlines", "{\"enable\": 500}"));
        machine.handler(
                "run-memory-limit",
                MEMORY,
                "kernel killed",
                "sh -c \"echo \\$\\$ > " + machine.limitedMemory()
                        + "/cgroup.procs; exec python3 -c 'x = bytearray(300 << 20)'\" || exit $?");
        machine.handler(
                "run-address-space", MEMORY, "ENOMEM", "ulimit -v 400000; exec python3 -c 'x = bytearray(800 << 20)'");
        machine.handler(
                "run-too-many-processes",
                MEMORY,
                "fork",
                "sh -c \"echo \\$\\$ > " + machine.limitedTasks()
                        + "/cgroup.procs; for i in 1 2 3 4 5; do sleep 2 & done; wait\" || exit $?; exit 2");
        machine.handler(
                "run-too-many-files",
                MEMORY,
                "EMFILE",
                "ulimit -n 20; exec python3 -c 'f = [open(\"/dev/null\") for i in range(99)]'");
    }

    private static void talking(FaultMachine machine, Path apt, long holder) throws Exception {
        String tiny = machine.root.resolve("tiny").toString();
        String readOnly = machine.root.resolve("read-only").toString();
        machine.handler("run-disk-full", DISK, tiny, "dd if=/dev/zero of=" + tiny + "/file bs=64k count=9 || exit 1");
        machine.handler(
                "run-quiet-disk-full",
                DISK,
                "handlers/run-quiet-disk-full",
                "cat /dev/zero > filler 2>/dev/null; exit 3");
        machine.handler("run-read-only", DISK, readOnly, "touch " + readOnly + "/file || exit 1");
        machine.handler(
                "run-permission",
                PERMISSION,
                "/etc/shadow",
                "setpriv --reuid 65534 --regid 65534 --clear-groups cat /etc/shadow || exit 1");
        machine.handler(
                "run-dns",
                DNS,
                "no-such-host.invalid",
                "curl -sS --noproxy '*' http://no-such-host.invalid/ || exit 6");
        machine.handler(
                "run-python-dns",
                DNS,
                "Name or service not known",
                "python3 -c 'import socket; socket.getaddrinfo(\"no-such-host.invalid\", 80)' || exit 6");
        machine.handler("run-refused", NETWORK, "127.0.0.1", "curl -sS --noproxy '*' http://127.0.0.1:1/ || exit 7");
        machine.handler(
                "run-tls",
                NETWORK,
                "certificate",
                "curl -sS --noproxy '*' https://" + machine.gateway.address() + "/ || exit 60");
        machine.handler(
                "run-missing-module", DEPENDENCY, "no_such_module", "python3 -c 'import no_such_module' || exit 1");
        machine.handler("run-port-in-use", CONFLICT, "EADDRINUSE", """
                python3 -c '
                import socket
                a = socket.socket(); a.bind(("127.0.0.1", 0)); a.listen()
                b = socket.socket(); b.bind(a.getsockname())' || exit 1""");
        machine.handler(
                "run-settings-no-json",
                SETTINGS,
                "Expecting value",
                "python3 -c 'import json; json.loads(\"nonsense\")' || exit 1");
        machine.handler(
                "run-text-busy", LOCK, "ETXTBSY", "cp /bin/sleep s; ./s 3 & sleep 0.3; echo x > \"$PWD/s\" || exit 1");
        String state = "-o Dir::State::status=" + apt.resolve("status");
        machine.handler(
                "run-apt-lock",
                LOCK,
                String.valueOf(holder),
                "apt-get " + state + " -o DPkg::Lock::Timeout=0 install -y hello || exit 100");
        machine.handler(
                "run-dpkg-lock", LOCK, String.valueOf(holder), "dpkg --admindir=" + apt + " --configure -a || exit 2");
        machine.sample(
                "run-waits-for-lock",
                LOCK,
                String.valueOf(holder),
                Wares.handler(
                                word("run-waits-for-lock"),
                                "1.0.0",
                                "apt-get " + state + " -o DPkg::Lock::Timeout=900 install -y hello || exit 100")
                        .extension("deadlines", "{\"enable\": 400}"));
        machine.handler(
                "run-unknown-package",
                DEPENDENCY,
                "no-such-package-xyz",
                "apt-get " + state + " -s install no-such-package-xyz || exit 100");
        machine.handler(
                "run-dpkg-interrupted",
                PLATFORM,
                "dpkg --configure -a",
                "apt-get -o Dir::State::status=" + apt.resolveSibling("apt-interrupted/status")
                        + " install -y hello || exit 100");
        machine.handler("run-no-systemd", PLATFORM, "systemd", "systemctl restart no-such-thing.service || exit 1");
    }

    private static void reporting(FaultMachine machine) throws Exception {
        machine.sample(
                "status-missing", HANDLER_STATUS, "0.status", new SamplePackage(word("status-missing"), "1.0.0"));
        machine.handler(
                "status-error", HANDLER_STATUS, "licence has expired", "word=error; message='licence has expired'");
        machine.sample(
                "status-malformed",
                STATUS_MALFORMED,
                "0.status",
                Wares.handler(word("status-malformed"), "1.0.0", "echo '[{broken' > status/0.status; exit 0"));
        machine.handler(
                "status-huge",
                STATUS_MALFORMED,
                "0.status",
                "head -c 5000000 /dev/zero | tr '\\0' x > status/0.status; exit 0");
        machine.handler("status-never-done", TIMEOUT, "status-never-done", "word=transitioning");
        machine.sample("probe-tcp", PROBE, "127.0.0.1:1", probing("probe-tcp", "\"tcp\": {\"port\": 1}"));
        machine.sample(
                "probe-http",
                PROBE,
                "127.0.0.1:1",
                probing("probe-http", "\"http\": {\"url\": \"http://127.0.0.1:1/health\"}"));
        machine.sample(
                "probe-exec",
                PROBE,
                "exit code 3",
                probing("probe-exec", "\"exec\": {\"command\": [\"/bin/sh\", \"-c\", \"exit 3\"]}"));
        machine.sample(
                "probe-process",
                PROBE,
                "no-such-daemon",
                probing("probe-process", "\"process\": {\"name\": \"no-such-daemon\"}"));
    }

    private static SamplePackage probing(String fault, String check) {
        return Wares.handler(word(fault), "1.0.0", "")
                .extension(
                        "probes",
                        "[{\"name\": \"alive\", " + check
                                + ", \"intervalSec\": 1, \"graceSec\": 0, \"failureThreshold\": 2}]");
    }

    private static void needingOthers(FaultMachine machine) throws Exception {
        machine.sample(
                "wait-for-failed",
                DEPENDENCY,
                "run-exit",
                Wares.handler(word("wait-for-failed"), "1.0.0", ""),
                "run-exit");
        machine.sample(
                "wait-for-nobody",
                DEPENDENCY,
                "not-there",
                Wares.handler(word("wait-for-nobody"), "1.0.0", ""),
                "not-there");
        machine.sample(
                "wait-in-circle-one",
                DEPENDENCY,
                "wait-in-circle-two",
                Wares.handler(word("wait-in-circle-one"), "1.0.0", ""),
                "wait-in-circle-two");
        machine.sample(
                "wait-in-circle-two",
                DEPENDENCY,
                "wait-in-circle-one",
                Wares.handler(word("wait-in-circle-two"), "1.0.0", ""),
                "wait-in-circle-one");
        machine.sample("conflict-one", CONFLICT, "status-error", Wares.handler(word("conflict-one"), "1.0.0", ""));
        PackageOffer offer = machine.wares.honest(
                Wares.handler(word("conflict-one"), "1.0.0", ""), word("conflict-one"), "1.0.0", machine.acme);
        machine.wares.put(new InstallationGoal(
                "conflict-one",
                offer.extension(),
                offer.version(),
                offer.digest(),
                Presence.PRESENT,
                0,
                List.of(),
                "{}",
                null,
                new Terms(null, Map.of(), List.of("run-last-words"))));
        machine.expect("conflict-one", CONFLICT, "run-last-words");
    }

    /** Faults of the way to the control plane and of the agent's own files: no installation has them, so the doctor must tell. */
    private void linking(Score score, FaultMachine machine) throws Exception {
        HostileGateway gateway = machine.gateway;
        String ca = Digest.of(gateway.authority.certificate().getEncoded()).text();
        doctor(
                score,
                "link-no-such-name",
                DNS,
                "no-such-host.invalid",
                victim -> enrol(victim, "no-such-host.invalid:4320", ca));
        doctor(score, "link-closed-port", NETWORK, "127.0.0.1:1", victim -> enrol(victim, "127.0.0.1:1", ca));
        doctor(score, "link-other-authority", TRUST, ca, victim -> {
            try (HostileGateway other = new HostileGateway()) {
                enrol(victim, other.address(), ca);
                return victim.ask("doctor").out();
            }
        });
        doctor(score, "link-no-tls", NETWORK, "TLS", victim -> {
            try (ServerSocket plain = new ServerSocket(0, 8, InetAddress.getLoopbackAddress())) {
                Thread.ofVirtual().start(() -> answer(plain, "HTTP/1.1 400 Bad Request\r\n\r\n"));
                enrol(victim, "127.0.0.1:" + plain.getLocalPort(), ca);
                return victim.ask("doctor").out();
            }
        });
        doctor(score, "link-silent", NETWORK, "127.0.0.1:", victim -> {
            try (ServerSocket silent = new ServerSocket(0, 8, InetAddress.getLoopbackAddress())) {
                enrol(victim, "127.0.0.1:" + silent.getLocalPort(), ca);
                return victim.ask("doctor").out();
            }
        });
        doctor(score, "link-token-refused", PERMISSION, "token-expired", victim -> {
            gateway.refuse("{\"code\": \"token-expired\", \"detail\": \"the token has expired\", \"hint\": \"\"}");
            try {
                enrol(victim, gateway.address(), ca);
                return victim.ask("doctor").out();
            } finally {
                gateway.refuse(null);
            }
        });
        doctor(score, "link-clock-behind", CLOCK, "clock", victim -> {
            HostileGateway late = new HostileGateway(
                    new LoopbackAuthority(Instant.now().plus(Duration.ofDays(400)), new SecureRandom()));
            try (late) {
                String itsCa =
                        Digest.of(late.authority.certificate().getEncoded()).text();
                enrol(victim, late.address(), itsCa);
                return victim.ask("doctor").out();
            }
        });
        doctor(score, "own-configuration-missing", SETTINGS, "agent.json", victim -> "");
        doctor(score, "own-configuration-broken", SETTINGS, "gateways", victim -> {
            enrol(victim, gateway.address(), ca);
            Files.writeString(
                    victim.root.resolve("etc/vmext/agent.json"),
                    "{\"version\": 1, \"gateways\": [], \"caDigest\": \"" + ca + "\"}");
            return "";
        });
        doctor(score, "own-trust-broken", TRUST, "trust.json", victim -> {
            enrol(victim, gateway.address(), ca);
            Files.writeString(victim.root.resolve("etc/vmext/trust.json"), "{\"version\": 1, \"mode\": \"yes\"}");
            return "";
        });
        doctor(score, "own-journal-damaged", DISK, "damaged line", victim -> {
            enrol(victim, gateway.address(), ca);
            Path journal = Files.createDirectories(victim.root.resolve("var/lib/vmext/journal"));
            Files.writeString(journal.resolve("journal.log"), "00000000 version 1\nffffffff put {}\n0 x y\n");
            return "";
        });
        doctor(score, "own-agent-down", AGENT, "agent.sock", victim -> enrol(victim, gateway.address(), ca));
    }

    private interface Breaking {
        /** What the doctor said meanwhile, empty when it is to be asked afterwards. */
        String apply(Victim victim) throws Exception;
    }

    private String enrol(Victim victim, String gateway, String ca) throws IOException {
        victim.enrolledWith(gateway, ca, new SamplePublisher("acme").trusted(TrustMode.FULL), 1);
        return "";
    }

    private void doctor(
            Score score, String fault, dev.vmext.protocol.status.CauseClass kind, String culprit, Breaking breaking)
            throws Exception {
        try (Victim victim = new Victim(temp.resolve("doctor").resolve(fault))) {
            String said = breaking.apply(victim);
            String text = said.isEmpty() ? victim.ask("doctor").out() : said;
            // Two lines per finding: what fails, and what to do.
            String failed = text.lines()
                    .filter(line -> line.startsWith("FAIL") || line.strip().startsWith("->"))
                    .reduce("", (all, line) -> all + (line.startsWith("FAIL") ? "\n" : " ") + line.strip());
            String told = failed.lines()
                    .filter(line ->
                            line.contains("[" + kind.wire() + "]") && line.contains(culprit) && line.contains("->"))
                    .findFirst()
                    .orElse(failed);
            score.judgeText(fault, kind, culprit, told);
        }
    }

    private static void answer(ServerSocket server, String text) {
        while (!server.isClosed()) {
            try (Socket caller = server.accept()) {
                caller.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
            } catch (IOException closed) {
                return;
            }
        }
    }

    /** Nobody who sees only what the agent sees could tell these well; they count like all others. */
    private static void untellable(FaultMachine machine) throws Exception {
        machine.handler("hidden-bad-configuration", SETTINGS, "tool.ini", "echo 'level=banana' > tool.ini; exit 3");
        machine.handler(
                "other-language", DISK, "Kein Speicherplatz", "echo 'Kein Speicherplatz mehr verfügbar'; exit 1");
        machine.handler(
                "misleading-line",
                PLATFORM,
                "kernel 9.9",
                "cat /proc/1/mem-no > /dev/null 2>&1; echo 'note: /etc/old: Permission denied, going on'; echo 'needs kernel 9.9'; exit 5");
        machine.handler("dies-after-enable", HANDLER_CRASH, "no-probe", "(sleep 0.2; exit 1) &");
        machine.handler("error-without-words", HANDLER_EXIT, "library", "exec 2>/dev/null; cat no-library || exit 1");
    }
}
