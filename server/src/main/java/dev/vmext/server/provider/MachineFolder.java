package dev.vmext.server.provider;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.vmext.fleet.provider.MachineSpec;
import dev.vmext.fleet.provider.ProviderProblem;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/**
 * One machine's folder: {@code machine.json} (what it is), {@code overlay.qcow2} (its disk), {@code seed.iso},
 * {@code qemu.pid} and {@code qmp.sock} (while it runs), {@code serial.log}. The folder appears complete, by rename.
 */
record MachineFolder(String id, Path path) {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int FORMAT = 1;

    /** What a machine is, as kept on disk. */
    record Hardware(String name, int cpus, int memoryMiB, int diskGiB, String imageId) {
        /** A machine that asked for no certain image keeps the one it was made from, also when the default became another. */
        boolean sameAs(MachineSpec spec) {
            return cpus == spec.cpus()
                    && memoryMiB == spec.memoryMiB()
                    && diskGiB == spec.diskGiB()
                    && spec.imageId().map(imageId::equals).orElse(true);
        }
    }

    boolean exists() {
        return Files.isRegularFile(machineFile());
    }

    Path machineFile() {
        return path.resolve("machine.json");
    }

    Path pidFile() {
        return path.resolve("qemu.pid");
    }

    Path socket() {
        return path.resolve("qmp.sock");
    }

    Path serialLog() {
        return path.resolve("serial.log");
    }

    /** QEMU makes the log when it starts: whoever has none never had power, and its seed was read by nobody. */
    boolean everBooted() {
        return Files.exists(serialLog()) || Files.exists(previousLog());
    }

    void write(Hardware hardware) throws IOException {
        ObjectNode json = JSON.createObjectNode()
                .put("format", FORMAT)
                .put("id", id)
                .put("name", hardware.name())
                .put("cpus", hardware.cpus())
                .put("memoryMiB", hardware.memoryMiB())
                .put("diskGiB", hardware.diskGiB())
                .put("image", hardware.imageId());
        Files.writeString(machineFile(), JSON.writerWithDefaultPrettyPrinter().writeValueAsString(json) + "\n");
    }

    Hardware read() {
        try {
            JsonNode json = JSON.readTree(Files.readString(machineFile()));
            if (json.path("format").asInt() != FORMAT) {
                throw new IOException(
                        "it has format " + json.path("format").asText("unknown") + ", this program reads " + FORMAT);
            }
            return new Hardware(
                    json.path("name").asText(),
                    json.path("cpus").asInt(),
                    json.path("memoryMiB").asInt(),
                    json.path("diskGiB").asInt(),
                    json.path("image").asText());
        } catch (IOException e) {
            throw new ProviderProblem(
                    ProviderProblem.Kind.HOST_FAILURE,
                    "cannot read " + machineFile() + ": " + e.getMessage(),
                    "delete the machine and create it again",
                    e);
        }
    }

    Optional<Long> pid() {
        try {
            return Optional.of(Long.valueOf(Files.readString(pidFile()).strip()));
        } catch (IOException | NumberFormatException e) {
            return Optional.empty();
        }
    }

    /** The end of the console, from the current log and the one before it. */
    String console(int maxBytes) throws IOException {
        String now = tail(serialLog(), maxBytes);
        int left = maxBytes - now.getBytes(StandardCharsets.UTF_8).length;
        return left > 0 ? tail(previousLog(), left) + now : now;
    }

    private Path previousLog() {
        return path.resolve("serial.log.1");
    }

    /** Makes room for a new log when this one has reached the size; true when it did. */
    boolean rotateLog(long size) throws IOException {
        if (!Files.exists(serialLog()) || Files.size(serialLog()) < size) {
            return false;
        }
        Files.move(serialLog(), previousLog(), StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
        return true;
    }

    private static String tail(Path file, int maxBytes) throws IOException {
        if (!Files.exists(file)) {
            return "";
        }
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            channel.position(Math.max(0, channel.size() - maxBytes));
            ByteBuffer bytes = ByteBuffer.allocate((int) Math.min(maxBytes, channel.size() - channel.position()));
            while (bytes.hasRemaining() && channel.read(bytes) >= 0) {
                // Until the wanted part is read or the file ends early.
            }
            return new String(bytes.array(), 0, bytes.position(), StandardCharsets.UTF_8);
        }
    }
}
