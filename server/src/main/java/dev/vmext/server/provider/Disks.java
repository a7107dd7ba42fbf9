package dev.vmext.server.provider;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Makes machines' disks with qemu-img. */
record Disks(HostPrograms programs) {
    /** A thin disk over the image, which it names relative to itself so that the data folder can be moved. */
    void createOverlay(Path folder, String name, MachineImage image, int diskGiB) throws IOException {
        List<String> command =
                new ArrayList<>(List.of(programs.get("qemu-img").toString(), "create", "-q", "-f", "qcow2"));
        if (image.disk().isPresent()) {
            Path base = folder.toRealPath().relativize(image.disk().get().toRealPath());
            command.addAll(List.of("-b", base.toString(), "-F", "raw"));
        }
        command.addAll(List.of(name, diskGiB + "G"));
        programs.check(command, Optional.of(folder));
    }
}
