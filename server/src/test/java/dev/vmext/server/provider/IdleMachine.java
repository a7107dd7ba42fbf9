package dev.vmext.server.provider;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A machine of the QEMU provider whose QEMU is a real one without a processor: its disk is written through QEMU's own block layer, as a
 * guest would, and nothing has to boot. Beside it lies, in memory, what its disk must hold.
 */
final class IdleMachine {
    static final int MIB = 8;
    static final int BLOCK = 64 * 1024;

    private final HostPrograms programs = new HostPrograms(HostPrograms.foldersOf(""));
    private final MachineFolder folder;
    private final byte[] content = new byte[MIB << 20];

    IdleMachine(QemuSettings settings, String id) throws IOException {
        this.folder = new MachineFolder(id, settings.machines().resolve(id));
        Files.createDirectories(folder.path());
        programs.check(
                List.of(
                        programs.get("qemu-img").toString(),
                        "create",
                        "-q",
                        "-f",
                        "qcow2",
                        folder.path().resolve("overlay.qcow2").toString(),
                        MIB + "M"),
                Optional.empty());
        folder.write(new MachineFolder.Hardware("idle", 1, 64, 1, "tiny"));
        start();
    }

    MachineFolder folder() {
        return folder;
    }

    void start() throws IOException {
        Files.deleteIfExists(folder.pidFile());
        HostPrograms.Outcome outcome = programs.run(
                List.of(
                        programs.get("qemu-system-x86_64").toString(),
                        "-uuid",
                        folder.id(),
                        "-nodefaults",
                        "-no-user-config",
                        "-machine",
                        "none",
                        "-S",
                        "-display",
                        "none",
                        "-daemonize",
                        "-pidfile",
                        "qemu.pid",
                        "-qmp",
                        "unix:qmp.sock,server=on,wait=off",
                        "-drive",
                        "if=none,id=disk,file=overlay.qcow2,format=qcow2,cache=writeback,discard=unmap"),
                Optional.of(folder.path()),
                Map.of(),
                Duration.ofMinutes(1),
                line -> {});
        if (outcome.exitCode() != 0) {
            throw new IOException(outcome.output());
        }
    }

    /** As a machine that is shut down: QEMU ends by itself. */
    void quit() throws IOException {
        QemuProcess process = QemuProcess.find(folder).orElseThrow();
        try (QmpClient qmp = QmpClient.connect(folder.socket())) {
            qmp.execute("quit", Map.of(), Duration.ofSeconds(30));
        }
        if (!process.awaitEnd(Duration.ofMinutes(1))) {
            throw new IOException("QEMU does not end");
        }
    }

    void kill() {
        QemuProcess.find(folder).ifPresent(process -> {
            process.kill();
            if (!process.awaitEnd(Duration.ofMinutes(1))) {
                throw new IllegalStateException("QEMU does not die");
            }
        });
    }

    /** Fills one block with one letter, on the disk and in memory. */
    synchronized void write(int block, char letter) throws IOException {
        try (QmpClient qmp = QmpClient.connect(folder.socket())) {
            String words = qmp.human(
                    "qemu-io disk \"write -P " + (int) letter + " " + (long) block * BLOCK + " " + BLOCK + "\"",
                    Duration.ofSeconds(30));
            if (words.contains("error") || words.contains("failed")) {
                throw new IOException("the write failed: " + words);
            }
        }
        Arrays.fill(content, block * BLOCK, (block + 1) * BLOCK, (byte) letter);
    }

    synchronized byte[] content() {
        return content.clone();
    }

    /** What a disk in a file holds, whoever has it open. */
    byte[] read(Path disk) throws IOException {
        if (QemuProcess.find(folder).isPresent()) {
            try (QmpClient qmp = QmpClient.connect(folder.socket())) {
                // What QEMU has not written out yet is not in the file.
                qmp.human("qemu-io disk flush", Duration.ofSeconds(30));
            }
        }
        Path raw = Files.createTempFile("vmext-disk", ".raw");
        try {
            List<String> command =
                    new ArrayList<>(List.of(programs.get("qemu-img").toString()));
            command.addAll(List.of("convert", "-U", "-f", "qcow2", "-O", "raw", disk.toString(), raw.toString()));
            programs.check(command, Optional.empty());
            return Files.readAllBytes(raw);
        } finally {
            Files.deleteIfExists(raw);
        }
    }
}
