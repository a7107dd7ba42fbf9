package dev.vmext.agent.contract;

import static dev.vmext.agent.contract.ContractFiles.OPEN_FILE;

import dev.vmext.agent.json.SpacedJson;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The files in which the contract's agent remembers its handlers, for handlers and tools that look there (azure-contract 1.10):
 * {@code HandlerState}, {@code HandlerStatus}, and {@code <name>.HandlerState} of multi-config handlers. This agent never reads them
 * again; its own memory is the journal. Stateless.
 */
final class HandlerRecords {
    private static final String STATE = "HandlerState";
    private static final String STATUS = "HandlerStatus";

    private HandlerRecords() {}

    /** A version was unpacked; one that was known already stays what it is. */
    static void unpacked(HandlerFolder folder) throws IOException {
        if (!Files.exists(folder.config().resolve(STATE))) {
            state(folder, "NotInstalled");
        }
    }

    /** A version was unpacked again and got back what was kept of it, these files among it. */
    static void restored(HandlerFolder folder) throws IOException {
        state(folder, "NotInstalled");
    }

    /** A command ended. {@code installs} says whether an update is followed by an install. */
    static void ended(HandlerFolder folder, CallEnd end, boolean installs, Instant now) throws IOException {
        if (!Files.isDirectory(folder.config())) {
            return; // its handler deleted it, or it is gone already
        }
        if (end.succeeded()) {
            succeeded(folder, end, installs);
        } else {
            failed(folder, end, now);
        }
    }

    private static void succeeded(HandlerFolder folder, CallEnd end, boolean installs) throws IOException {
        switch (end.command()) {
            case INSTALL -> {
                state(folder, "Installed");
                status(folder, "NotReady", 0, "Plugin installed but not enabled");
            }
            case ENABLE -> {
                state(folder, "Enabled");
                own(folder, "enabled");
                status(folder, "Ready", 0, "Plugin enabled");
            }
            case UPDATE -> {
                if (!installs) {
                    state(folder, "Installed");
                }
            }
            case DISABLE -> {
                state(folder, "Installed");
                own(folder, "disabled");
                status(folder, "NotReady", 0, "Plugin disabled");
            }
            case UNINSTALL -> state(folder, "NotInstalled");
        }
    }

    private static void failed(HandlerFolder folder, CallEnd end, Instant now) throws IOException {
        switch (end.command()) {
            case UPDATE -> state(folder, "FailedUpgrade");
            case ENABLE -> {
                if (folder.multiConfig()) {
                    // 1.14: a failure of one of several configurations is told in its status file, not for the handler
                    placeholder(folder, end, now);
                    return;
                }
            }
            case INSTALL, DISABLE -> {
                // the state stays what it was
            }
            case UNINSTALL -> {
                return; // 1.11: swallowed
            }
        }
        status(folder, "NotReady", end.errorCode(), end.message());
    }

    /** Only if the handler wrote none itself. */
    private static void placeholder(HandlerFolder folder, CallEnd end, Instant now) throws IOException {
        Path file = folder.status().resolve(folder.fileName(end.sequence(), ".status"));
        if (Files.exists(file)) {
            return;
        }
        Map<String, Object> message = new LinkedHashMap<>();
        message.put("lang", "en-US");
        message.put("message", end.message());
        Map<String, Object> status = new LinkedHashMap<>();
        status.put("name", folder.extension());
        status.put("operation", end.command().text());
        status.put("status", "error");
        status.put("code", end.errorCode());
        status.put("formattedMessage", message);
        Map<String, Object> element = new LinkedHashMap<>();
        element.put("version", 1.0);
        element.put("timestampUTC", now.toString());
        element.put("status", status);
        ContractFiles.replace(file, SpacedJson.write(List.of(element)), ContractFiles.OWNER_FILE);
    }

    /** What a look at the heartbeat says about the handler. */
    static void unreadableHeartbeat(HandlerFolder folder, String message) throws IOException {
        status(folder, "NotReady", -1, message);
    }

    private static void state(HandlerFolder folder, String word) throws IOException {
        write(folder.config().resolve(STATE), word);
    }

    private static void own(HandlerFolder folder, String word) throws IOException {
        if (folder.multiConfig()) {
            write(folder.config().resolve(folder.configName() + "." + STATE), word);
        }
    }

    private static void status(HandlerFolder folder, String word, int code, String message) throws IOException {
        Map<String, @Nullable Object> record = new LinkedHashMap<>();
        record.put("name", folder.extension());
        record.put("version", folder.version());
        record.put("status", word);
        record.put("code", code);
        record.put("message", message);
        record.put("supports_multi_config", folder.multiConfig());
        record.put("extension_status", null);
        write(folder.config().resolve(STATUS), SpacedJson.write(record));
    }

    private static void write(Path file, String text) throws IOException {
        if (!Files.exists(file)
                || !Files.readString(file, StandardCharsets.UTF_8).equals(text)) {
            ContractFiles.replace(file, text, OPEN_FILE);
        }
    }
}
