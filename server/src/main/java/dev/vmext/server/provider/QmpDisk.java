package dev.vmext.server.provider;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The disk of one QEMU, asked over its control socket: records of what was written (dirty bitmaps, kept in the disk's file over a
 * restart) and copies that run beside the guest. Every question is a conversation of its own, since QEMU talks to one client at a time
 * and others want to switch the machine. Holds no state.
 *
 * <pre>
 *   bitmap of the newest snapshot: all that was written since
 *   one transaction: new bitmap begins + copy begins       the point in time
 *   copy ends well  -> the new snapshot is published -> the old bitmap goes
 *   anything else   -> the new bitmap goes; the old one still holds everything
 * </pre>
 */
record QmpDisk(Path socket) {
    /** As the drive is called on the command line. */
    static final String DEVICE = "disk";

    private static final String OURS = "vmext-";
    private static final String TARGET = "vmext-target";
    private static final Duration ANSWER = Duration.ofSeconds(30);
    /** A cluster of the files that are written: an increment copies whole ones. */
    private static final int GRANULARITY = 64 * 1024;

    /**
     * A record of what was written.
     *
     * @param snapshot since when
     * @param usable false when QEMU ended while it was in use, so that something may be missing
     * @param bytes how much was written
     */
    record Bitmap(String snapshot, boolean usable, long bytes) {}

    /**
     * The disk as it is now.
     *
     * @param length of the disk
     * @param stored what its files take, its image included
     */
    record State(long length, long stored, List<Bitmap> bitmaps) {
        Optional<Bitmap> since(String snapshot) {
            return bitmaps.stream()
                    .filter(one -> one.snapshot().equals(snapshot))
                    .findFirst();
        }
    }

    /** How far a copy is. */
    record Copy(boolean over, Optional<String> error, long done, long length) {}

    State state() throws IOException {
        try (QmpClient qmp = QmpClient.connect(socket)) {
            JsonNode inserted = inserted(qmp);
            JsonNode image = inserted.path("image");
            long stored = 0;
            for (JsonNode file = image; file.isObject(); file = file.path("backing-image")) {
                stored += file.path("actual-size").asLong();
            }
            List<Bitmap> bitmaps = new ArrayList<>();
            for (JsonNode bitmap : inserted.path("dirty-bitmaps")) {
                String name = bitmap.path("name").asText();
                if (name.startsWith(OURS)) {
                    bitmaps.add(new Bitmap(
                            name.substring(OURS.length()),
                            !bitmap.path("inconsistent").asBoolean(false)
                                    && bitmap.path("recording").asBoolean(false),
                            bitmap.path("count").asLong()));
                }
            }
            return new State(image.path("virtual-size").asLong(), stored, List.copyOf(bitmaps));
        }
    }

    private static JsonNode inserted(QmpClient qmp) throws IOException {
        for (JsonNode block : qmp.execute("query-block", Map.of(), ANSWER)) {
            if (block.path("device").asText().equals(DEVICE)) {
                return block.path("inserted");
            }
        }
        throw new IOException("QEMU has no drive " + DEVICE);
    }

    void removeBitmap(String snapshot) throws IOException {
        try (QmpClient qmp = QmpClient.connect(socket)) {
            qmp.execute("block-dirty-bitmap-remove", Map.of("node", DEVICE, "name", OURS + snapshot), ANSWER);
        }
    }

    /** Opens the file that a copy goes to, with what it builds on. */
    void openTarget(Path file) throws IOException {
        try (QmpClient qmp = QmpClient.connect(socket)) {
            qmp.execute(
                    "blockdev-add",
                    Map.of(
                            "driver",
                            "qcow2",
                            "node-name",
                            TARGET,
                            "discard",
                            "unmap",
                            "file",
                            Map.of("driver", "file", "filename", file.toString(), "discard", "unmap")),
                    ANSWER);
        }
    }

    /** Does nothing when none is open. */
    void closeTarget() throws IOException {
        try (QmpClient qmp = QmpClient.connect(socket)) {
            for (JsonNode node : qmp.execute("query-named-block-nodes", Map.of("flat", true), ANSWER)) {
                if (node.path("node-name").asText().equals(TARGET)) {
                    qmp.execute("blockdev-del", Map.of("node-name", TARGET), ANSWER);
                    return;
                }
            }
        }
    }

    /** The point in time: a new record and the copy begin in one moment, in which the guest writes nothing. */
    void begin(String snapshot, Optional<String> since) throws IOException {
        Map<String, Object> copy = new LinkedHashMap<>();
        copy.put("device", DEVICE);
        copy.put("target", TARGET);
        copy.put("job-id", OURS + snapshot);
        copy.put("sync", since.isPresent() ? "bitmap" : "full");
        if (since.isPresent()) {
            copy.put("bitmap", OURS + since.get());
            copy.put("bitmap-mode", "never");
        }
        copy.put("auto-dismiss", false);
        copy.put("on-target-error", "report");
        Map<String, Object> record =
                Map.of("node", DEVICE, "name", OURS + snapshot, "persistent", true, "granularity", GRANULARITY);
        try (QmpClient qmp = QmpClient.connect(socket)) {
            qmp.execute(
                    "transaction",
                    Map.of(
                            "actions",
                            List.of(
                                    Map.of("type", "block-dirty-bitmap-add", "data", record),
                                    Map.of("type", "blockdev-backup", "data", copy))),
                    ANSWER);
        }
    }

    Copy copy(String snapshot) throws IOException {
        try (QmpClient qmp = QmpClient.connect(socket)) {
            return jobs(qmp, OURS + snapshot).stream()
                    .findFirst()
                    .map(job -> new Copy(
                            job.path("status").asText().equals("concluded"),
                            Optional.ofNullable(job.path("error").textValue()),
                            job.path("current-progress").asLong(),
                            job.path("total-progress").asLong()))
                    .orElseThrow(() -> new IOException("QEMU knows nothing of the copy any more"));
        }
    }

    private static List<JsonNode> jobs(QmpClient qmp, String prefix) throws IOException {
        List<JsonNode> found = new ArrayList<>();
        for (JsonNode job : qmp.execute("query-jobs", Map.of(), ANSWER)) {
            if (job.path("id").asText().startsWith(prefix)) {
                found.add(job);
            }
        }
        return found;
    }

    /** Ends all copies of ours, as far as QEMU lets them end now; true when there is none any more. */
    boolean endCopies() throws IOException {
        try (QmpClient qmp = QmpClient.connect(socket)) {
            for (JsonNode job : jobs(qmp, OURS)) {
                String id = job.path("id").asText();
                switch (job.path("status").asText()) {
                    case "concluded" -> qmp.execute("job-dismiss", Map.of("id", id), ANSWER);
                    case "aborting", "null" -> {}
                    default -> qmp.execute("block-job-cancel", Map.of("device", id, "force", true), ANSWER);
                }
            }
            return jobs(qmp, OURS).isEmpty();
        }
    }

    /** A guest that QEMU stopped because a copy could not be written goes on once the copy is gone; true when it was stopped. */
    boolean resumeAfterError() throws IOException {
        try (QmpClient qmp = QmpClient.connect(socket)) {
            if (!qmp.execute("query-status", Map.of(), ANSWER)
                    .path("status")
                    .asText()
                    .equals("io-error")) {
                return false;
            }
            qmp.execute("cont", Map.of(), ANSWER);
            return true;
        }
    }

    /** Forgets all records, because what they were made from is no more what the disk holds. */
    void removeBitmaps() throws IOException {
        for (Bitmap bitmap : state().bitmaps()) {
            removeBitmap(bitmap.snapshot());
        }
    }
}
