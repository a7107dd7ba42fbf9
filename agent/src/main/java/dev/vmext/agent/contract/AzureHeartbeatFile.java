package dev.vmext.agent.contract;

import dev.vmext.agent.json.JsonNumberText;
import dev.vmext.agent.json.JsonTree;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads {@code heartbeat.log} (azure-contract 1.9). Stateless. */
final class AzureHeartbeatFile {
    static final Duration LONGEST_SILENCE = Duration.ofMinutes(10);
    static final String MISSING = "Failed to get heart beat file";
    static final String MALFORMED = "Malformed heartbeat file";

    private static final int MAX_FILE = 64 << 10;

    private AzureHeartbeatFile() {}

    static HeartbeatReading read(Path file, Instant now) {
        byte[] bytes;
        Duration silence;
        try (InputStream in = Files.newInputStream(file)) {
            silence = Duration.between(Files.getLastModifiedTime(file).toInstant(), now);
            bytes = in.readNBytes(MAX_FILE);
        } catch (NoSuchFileException missing) {
            return new HeartbeatReading.Unreadable(MISSING);
        } catch (IOException unreadable) {
            return new HeartbeatReading.Unreadable(MISSING + ": " + unreadable.getMessage());
        }
        if (silence.compareTo(LONGEST_SILENCE) > 0) {
            return new HeartbeatReading.Unresponsive(silence);
        }
        try {
            if (JsonTree.parse(bytes) instanceof List<?> array
                    && !array.isEmpty()
                    && array.getFirst() instanceof Map<?, ?> element
                    && element.get("heartbeat") instanceof Map<?, ?> heartbeat
                    && heartbeat.get("status") instanceof String word) {
                return new HeartbeatReading.Beating(word, text(heartbeat.get("code")), message(heartbeat));
            }
            return new HeartbeatReading.Unreadable(MALFORMED);
        } catch (IOException malformed) {
            return new HeartbeatReading.Unreadable(MALFORMED + ": " + malformed.getMessage());
        }
    }

    /** The contract's own example writes it with a capital; handlers write it as a text or as an object with a text. */
    private static String message(Map<?, ?> heartbeat) {
        Object found = heartbeat.containsKey("Message") ? heartbeat.get("Message") : heartbeat.get("message");
        if (found == null && heartbeat.get("formattedMessage") instanceof Map<?, ?> formatted) {
            found = formatted.get("message");
        }
        return text(found);
    }

    private static String text(@Nullable Object value) {
        return switch (value) {
            case null -> "";
            case JsonNumberText number -> number.text();
            default -> String.valueOf(value);
        };
    }
}
