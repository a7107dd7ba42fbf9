package dev.vmext.server.provider;

import com.fasterxml.jackson.databind.JsonNode;
import dev.vmext.fleet.provider.PowerState;
import dev.vmext.fleet.provider.ProviderProblem;
import dev.vmext.fleet.provider.ProviderProblem.Kind;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The switches of one machine: on, off, pause, snapshots, through its process and its control socket. Holds no state; the caller
 * sees to it that only one thread switches a machine.
 */
record QemuControl(MachineFolder folder) {
    private static final Duration ANSWER = Duration.ofSeconds(15);
    private static final Duration LAUNCH = Duration.ofMinutes(2);
    /** Memory and disk of a large guest go to disk, on a busy host. */
    private static final Duration SNAPSHOT = Duration.ofMinutes(5);

    private static final Duration LAST_WORDS = Duration.ofSeconds(10);
    /** A guest that is still booting does not hear the button, so it is pressed again. */
    private static final Duration PRESS_AGAIN = Duration.ofSeconds(5);

    private static final long LOG_SIZE = 4 << 20;

    Optional<QemuProcess> process() {
        return QemuProcess.find(folder);
    }

    PowerState power() {
        Optional<QemuProcess> process = process();
        if (process.isEmpty()) {
            return PowerState.STOPPED;
        }
        try (QmpClient qmp = QmpClient.connect(folder.socket())) {
            if (folder.rotateLog(LOG_SIZE)) {
                qmp.execute(
                        "chardev-change",
                        Map.of(
                                "id",
                                "serial",
                                "backend",
                                Map.of(
                                        "type",
                                        "file",
                                        "data",
                                        Map.of("out", folder.serialLog().toString(), "append", true))),
                        ANSWER);
            }
            JsonNode status = qmp.execute("query-status", Map.of(), ANSWER);
            return switch (status.path("status").asText()) {
                case "running", "inmigrate", "save-vm", "restore-vm", "prelaunch" -> PowerState.RUNNING;
                case "shutdown" -> PowerState.STOPPED;
                default -> PowerState.PAUSED;
            };
        } catch (IOException e) {
            // Busy with somebody else's long command, or just ending: the process knows.
            return process.get().lives() ? PowerState.RUNNING : PowerState.STOPPED;
        }
    }

    /** QEMU goes into the background by itself when the guest is about to run, and says on its way what it does not like. */
    void launch(HostPrograms programs, List<String> arguments) throws IOException {
        Files.deleteIfExists(folder.socket());
        Files.deleteIfExists(folder.pidFile());
        folder.rotateLog(LOG_SIZE);
        HostPrograms.Outcome outcome =
                programs.run(arguments, Optional.of(folder.path()), Map.of(), LAUNCH, line -> {});
        if (outcome.exitCode() != 0 || process().isEmpty()) {
            throw new ProviderProblem(
                    Kind.BOOT_FAILED,
                    "cannot start machine " + folder.read().name() + ": QEMU says: "
                            + outcome.output().strip(),
                    "see " + folder.path() + " for its console; if another program uses its disk, end that first");
        }
    }

    void resume() throws IOException {
        if (power() == PowerState.PAUSED) {
            try (QmpClient qmp = QmpClient.connect(folder.socket())) {
                qmp.execute("cont", Map.of(), ANSWER);
            } catch (QmpClient.Refused e) {
                throw new ProviderProblem(
                        Kind.BOOT_FAILED,
                        "cannot resume machine " + folder.read().name() + ": " + e.getMessage(),
                        "stop it and start it again",
                        e);
            }
        }
    }

    void powerDown(Duration deadline) {
        Optional<QemuProcess> process = process();
        if (process.isEmpty()) {
            return;
        }
        long presses = Math.max(1, deadline.dividedBy(PRESS_AGAIN));
        for (long i = 0; i < presses; i++) {
            tell("system_powerdown");
            if (process.get().awaitEnd(deadline.compareTo(PRESS_AGAIN) < 0 ? deadline : PRESS_AGAIN)) {
                return;
            }
        }
        tell("quit");
        if (!process.get().awaitEnd(LAST_WORDS)) {
            cutPower();
        }
    }

    void cutPower() {
        process().ifPresent(process -> {
            process.kill();
            if (!process.awaitEnd(LAST_WORDS)) {
                throw new ProviderProblem(
                        Kind.HOST_FAILURE,
                        "cannot switch off machine " + folder.id() + ": process " + process.pid() + " does not end",
                        "look at that process; it may hang in a disk operation");
            }
        });
    }

    /** A word to QEMU that may end before it has answered. */
    private void tell(String command) {
        try (QmpClient qmp = QmpClient.connect(folder.socket())) {
            qmp.execute(command, Map.of(), ANSWER);
        } catch (EOFException e) {
            // It ended: that is an answer too.
        } catch (IOException e) {
            System.getLogger(QemuControl.class.getName())
                    .log(
                            System.Logger.Level.WARNING,
                            "QEMU of machine {0} did not take {1} ({2}); it is switched off at the deadline",
                            folder.id(),
                            command,
                            e.getMessage());
        }
    }

    void saveSnapshot(String tag) throws IOException {
        try (QmpClient qmp = running("save")) {
            refuseIfItSpeaks("save", qmp.human("savevm " + tag, SNAPSHOT));
        }
    }

    void loadSnapshot(String tag) throws IOException {
        if (process().isPresent()) {
            // They would not know what the disk goes back to.
            new QmpDisk(folder.socket()).removeBitmaps();
        }
        try (QmpClient qmp = running("restore")) {
            if (!hasSnapshot(qmp, tag)) {
                throw new ProviderProblem(
                        Kind.UNKNOWN_SNAPSHOT,
                        "cannot restore machine " + folder.id() + ": it has no snapshot " + tag,
                        "save one first");
            }
            refuseIfItSpeaks("restore", qmp.human("loadvm " + tag, SNAPSHOT));
            qmp.execute("cont", Map.of(), ANSWER);
        }
    }

    private static boolean hasSnapshot(QmpClient qmp, String tag) throws IOException {
        JsonNode blocks = qmp.execute("query-block", Map.of(), ANSWER);
        for (JsonNode block : blocks) {
            for (JsonNode snapshot : block.path("inserted").path("image").path("snapshots")) {
                if (snapshot.path("name").asText().equals(tag)) {
                    return true;
                }
            }
        }
        return false;
    }

    void forward(int hostPort, int guestPort) throws IOException {
        try (QmpClient qmp = running("forward a port to")) {
            refuseIfItSpeaks(
                    "forward a port to",
                    qmp.human("hostfwd_add net tcp:127.0.0.1:" + hostPort + "-:" + guestPort, ANSWER));
        }
    }

    private QmpClient running(String verb) throws IOException {
        if (process().isEmpty()) {
            throw new ProviderProblem(
                    Kind.NOT_RUNNING,
                    "cannot " + verb + " machine " + folder.id() + ": it is not running",
                    "start it first");
        }
        return QmpClient.connect(folder.socket());
    }

    private void refuseIfItSpeaks(String verb, String words) {
        if (!words.isEmpty()) {
            throw new ProviderProblem(
                    Kind.HOST_FAILURE, "cannot " + verb + " machine " + folder.id() + ": QEMU says: " + words, "");
        }
    }
}
