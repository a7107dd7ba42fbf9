package dev.vmext.server.provider;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.vmext.fleet.provider.DiskSnapshot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What {@code snapshot.json} says of one snapshot, beside its {@code disk.qcow2}. Pure data with its file form.
 *
 * @param number grows with every snapshot of the machine
 * @param image the image that the machine boots with
 */
record SnapshotManifest(long number, String image, DiskSnapshot snapshot) {
    static final String FILE = "snapshot.json";
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int FORMAT = 1;

    void write(Path folder) throws IOException {
        ObjectNode json = JSON.createObjectNode()
                .put("format", FORMAT)
                .put("id", snapshot.id())
                .put("number", number)
                .put("parent", snapshot.parent().orElse(null))
                .put("depth", snapshot.depth())
                .put("whyFull", snapshot.whyFull())
                .put("running", snapshot.running())
                .put("image", image)
                .put("diskBytes", snapshot.diskBytes())
                .put("bytes", snapshot.bytes())
                .put("digest", snapshot.digest());
        Files.writeString(
                folder.resolve(FILE), JSON.writerWithDefaultPrettyPrinter().writeValueAsString(json) + "\n");
    }

    static SnapshotManifest read(Path folder) throws IOException {
        Path file = folder.resolve(FILE);
        JsonNode json = JSON.readTree(Files.readString(file));
        if (json.path("format").asInt() != FORMAT) {
            throw new IOException("cannot read " + file + ": it has format "
                    + json.path("format").asText("unknown") + ", this program reads " + FORMAT);
        }
        try {
            return new SnapshotManifest(
                    json.path("number").asLong(),
                    json.path("image").asText(),
                    new DiskSnapshot(
                            json.path("id").asText(),
                            Optional.ofNullable(json.path("parent").textValue()),
                            json.path("depth").asInt(),
                            json.path("whyFull").asText(),
                            json.path("running").asBoolean(),
                            json.path("diskBytes").asLong(),
                            json.path("bytes").asLong(),
                            json.path("digest").asText()));
        } catch (IllegalArgumentException e) {
            throw new IOException("cannot read " + file + ": " + e.getMessage(), e);
        }
    }
}
