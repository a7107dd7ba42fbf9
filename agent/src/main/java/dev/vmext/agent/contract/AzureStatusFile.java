package dev.vmext.agent.contract;

import dev.vmext.agent.json.JsonNumberText;
import dev.vmext.agent.json.JsonTree;
import dev.vmext.protocol.status.HandlerStatus;
import dev.vmext.protocol.status.HandlerStatus.Substatus;
import dev.vmext.protocol.status.StatusWord;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads {@code status/N.status} with the tolerance of azure-contract 1.8. Pure but for the file. */
final class AzureStatusFile {
    /** A larger file is refused unread: it would take the agent's own memory. The contract's limit is 128 KiB. */
    private static final int MAX_FILE = 1 << 20;

    private static final int MAX_TEXT = 128 * 1024;
    private static final int MAX_MESSAGE = 1024;
    private static final int MAX_SUBSTATUS_TEXT = 10 * 1024;
    /** Of a file that cannot be understood, for people. */
    private static final int SHOWN = 2000;

    private static final String BAD_TEXT = "1012";
    private static final String UNREADABLE = "-1";
    private static final String TRUNCATED = " ... [TRUNCATED]";

    private AzureStatusFile() {}

    static StatusReading read(Path file, String extension) {
        byte[] bytes;
        try (InputStream in = Files.newInputStream(file)) {
            bytes = in.readNBytes(MAX_FILE + 1);
        } catch (NoSuchFileException missing) {
            return new StatusReading.Missing(placeholder(file, extension));
        } catch (IOException unreadable) {
            String why = unreadable.getMessage();
            return new StatusReading.Malformed(file + " cannot be read: " + why, UNREADABLE, "");
        }
        if (bytes.length > MAX_FILE) {
            return new StatusReading.Malformed(
                    file + " is larger than " + MAX_FILE + " bytes", BAD_TEXT, beginning(bytes));
        }
        try {
            return parse(bytes);
        } catch (IOException malformed) {
            return new StatusReading.Malformed(
                    file + " is not as the contract says: " + malformed.getMessage(), BAD_TEXT, beginning(bytes));
        }
    }

    private static String beginning(byte[] bytes) {
        return new String(bytes, 0, Math.min(bytes.length, SHOWN), StandardCharsets.UTF_8);
    }

    /** What the contract's agent says as long as a handler says nothing. */
    private static HandlerStatus placeholder(Path file, String extension) {
        return new HandlerStatus(
                "Enable",
                StatusWord.TRANSITIONING,
                "0",
                "This status is being reported by the Guest Agent since no status file was reported by extension "
                        + extension + ": " + file,
                List.of());
    }

    static StatusReading parse(byte[] bytes) throws IOException {
        if (!(JsonTree.parse(bytes) instanceof List<?> array)) {
            throw new IOException("it is no JSON array");
        }
        if (array.isEmpty()) {
            return new StatusReading.Nothing();
        }
        Map<?, ?> status = object(object(array.getFirst(), "its first element").get("status"), "status");
        if (!(status.get("status") instanceof String word)) {
            throw new IOException("status.status is missing");
        }
        boolean large = bytes.length > MAX_TEXT;
        // An unknown word at the top is an error of the handler, not of the file.
        StatusWord top = StatusWord.find(word).orElse(StatusWord.ERROR);
        String message = message(status.get("formattedMessage"), "status");
        List<Substatus> parts = substatus(status.get("substatus"), large);
        return new StatusReading.Said(new HandlerStatus(
                text(status.get("operation")),
                top,
                code(status.get("code")),
                large ? cut(message, MAX_MESSAGE) : message,
                parts));
    }

    private static List<Substatus> substatus(@Nullable Object value, boolean large) throws IOException {
        if (value == null) {
            return List.of();
        }
        if (!(value instanceof List<?> items)) {
            throw new IOException("substatus is no array");
        }
        List<Substatus> parts = new ArrayList<>();
        int total = 0;
        for (Object item : items) {
            if (item == null) {
                continue;
            }
            Map<?, ?> part = object(item, "a substatus");
            StatusWord word = part.get("status") instanceof String text
                    ? StatusWord.find(text).orElse(null)
                    : null;
            if (word == null) {
                throw new IOException("a substatus has the unknown status " + part.get("status"));
            }
            String name = text(part.get("name"));
            String message = message(part.get("formattedMessage"), "a substatus");
            Substatus read = large
                    ? new Substatus(
                            cut(name, MAX_SUBSTATUS_TEXT),
                            word,
                            code(part.get("code")),
                            cut(message, MAX_SUBSTATUS_TEXT))
                    : new Substatus(name, word, code(part.get("code")), message);
            total += read.name().length() + read.message().length();
            if (large && total > MAX_TEXT) {
                break;
            }
            parts.add(read);
        }
        return parts;
    }

    private static Map<?, ?> object(@Nullable Object value, String what) throws IOException {
        if (value instanceof Map<?, ?> object) {
            return object;
        }
        throw new IOException(what + " is no object");
    }

    private static String message(@Nullable Object formatted, String where) throws IOException {
        if (formatted == null) {
            return "";
        }
        Map<?, ?> object = object(formatted, "formattedMessage of " + where);
        if (!object.containsKey("lang") || !object.containsKey("message")) {
            throw new IOException("formattedMessage of " + where + " lacks lang or message");
        }
        return text(object.get("message"));
    }

    private static String text(@Nullable Object value) {
        return switch (value) {
            case null -> "";
            case JsonNumberText number -> number.text();
            default -> String.valueOf(value);
        };
    }

    /** Real handlers write numbers and texts. */
    private static String code(@Nullable Object value) {
        return value == null ? "0" : text(value);
    }

    private static String cut(String text, int limit) {
        return text.length() <= limit ? text : text.substring(0, limit) + TRUNCATED;
    }
}
