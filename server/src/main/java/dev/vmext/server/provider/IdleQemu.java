package dev.vmext.server.provider;

import dev.vmext.fleet.provider.ProviderProblem;
import dev.vmext.fleet.provider.ProviderProblem.Kind;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A QEMU without a machine around the disk of one that is off, so that its disk is asked and copied in the same way as that of one that
 * runs. It lives in the folder of an unfinished snapshot, and one that was left behind is found there.
 */
final class IdleQemu implements AutoCloseable {
    private static final Duration ANSWER = Duration.ofSeconds(30);
    /** Records of what was written go to disk when it ends. */
    private static final Duration GOODBYE = Duration.ofSeconds(30);

    private final MachineFolder place;

    private IdleQemu(MachineFolder place) {
        this.place = place;
    }

    /**
     * @param draft a folder of its own
     * @param disk in a place whose path relative to the draft has no comma
     */
    static IdleQemu start(HostPrograms programs, String machineId, Path draft, Path disk) throws IOException {
        MachineFolder place = new MachineFolder(machineId, draft);
        HostPrograms.Outcome outcome = programs.run(
                List.of(
                        programs.get("qemu-system-x86_64").toString(),
                        "-uuid",
                        machineId,
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
                        "if=none,id=" + QmpDisk.DEVICE + ",file="
                                + draft.toRealPath().relativize(disk.toRealPath())
                                + ",format=qcow2,cache=writeback,discard=unmap"),
                Optional.of(draft),
                Map.of(),
                Duration.ofMinutes(1),
                line -> {});
        if (outcome.exitCode() != 0 || QemuProcess.find(place).isEmpty()) {
            throw new ProviderProblem(
                    Kind.HOST_FAILURE,
                    "cannot open the disk of machine " + machineId + ": QEMU says: "
                            + outcome.output().strip(),
                    "if another program uses the disk, end that first");
        }
        return new IdleQemu(place);
    }

    /** Ends one that was left behind in this folder. */
    static void endLeft(String machineId, Path draft) {
        new IdleQemu(new MachineFolder(machineId, draft)).close();
    }

    Path socket() {
        return place.socket();
    }

    @Override
    public void close() {
        Optional<QemuProcess> process = QemuProcess.find(place);
        if (process.isEmpty()) {
            return;
        }
        try (QmpClient qmp = QmpClient.connect(place.socket())) {
            qmp.execute("quit", Map.of(), ANSWER);
        } catch (EOFException e) {
            // It ended: that is an answer too.
        } catch (IOException e) {
            System.getLogger(IdleQemu.class.getName())
                    .log(
                            System.Logger.Level.WARNING,
                            "QEMU around the disk of machine {0} did not hear that it is to end ({1}); it is killed",
                            place.id(),
                            e.getMessage());
            process.get().kill();
        }
        if (!process.get().awaitEnd(GOODBYE)) {
            process.get().kill();
        }
    }
}
