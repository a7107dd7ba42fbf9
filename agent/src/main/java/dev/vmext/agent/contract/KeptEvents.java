package dev.vmext.agent.contract;

import dev.vmext.agent.json.SpacedJson;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * Keeps what handlers tell: a line in the agent's log, and a line of JSON in {@code <folder>/<extension>.jsonl}, of which the
 * newest megabyte and the one before it stay. Any thread.
 */
public final class KeptEvents implements EventSink {
    private static final System.Logger LOG = System.getLogger("dev.vmext.agent.Events");
    private static final int MAX_SHOWN = 300;
    private static final long MAX_FILE = 1L << 20;

    private final Path folder;
    private final UnaryOperator<String> redact;

    /**
     * @param redact takes every secret that is known out of a text; the agent's log does so by itself
     */
    public KeptEvents(Path folder, UnaryOperator<String> redact) {
        this.folder = folder;
        this.redact = redact;
    }

    @Override
    public synchronized void accept(String extension, List<HandlerEvent> events) {
        StringBuilder lines = new StringBuilder();
        for (HandlerEvent event : events.reversed()) { // oldest first, as a log is read
            LOG.log(
                    level(event.level()),
                    "{0} {1} {2}: {3}",
                    extension,
                    event.timestamp(),
                    shown(event.task()),
                    shown(event.message()));
            Map<String, Object> line = new LinkedHashMap<>();
            line.put("extension", extension);
            line.put("version", event.version());
            line.put("timestamp", event.timestamp());
            line.put("task", redact.apply(event.task()));
            line.put("level", event.level());
            line.put("message", redact.apply(event.message()));
            line.put("pid", event.pid());
            line.put("tid", event.tid());
            line.put("operation", event.operation());
            lines.append(SpacedJson.write(line)).append('\n');
        }
        try {
            ContractFiles.makeFolder(folder, ContractFiles.OWNER_FOLDER);
            Path file = folder.resolve(extension + ".jsonl");
            ContractFiles.rotate(file, MAX_FILE);
            ContractFiles.append(file, lines.toString(), ContractFiles.OWNER_FILE);
        } catch (IOException failed) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "Cannot keep {0} events of {1}: {2}",
                    events.size(),
                    extension,
                    failed.getMessage());
        }
    }

    /** The log is for reading; the whole text is in the file. */
    private String shown(String text) {
        String clean = redact.apply(text); // before the cut, which could leave half a secret
        return clean.length() <= MAX_SHOWN ? clean : clean.substring(0, MAX_SHOWN) + "...";
    }

    private static System.Logger.Level level(String word) {
        return switch (word.toLowerCase(Locale.ROOT)) {
            case "critical", "error" -> System.Logger.Level.ERROR;
            case "warning" -> System.Logger.Level.WARNING;
            case "verbose" -> System.Logger.Level.DEBUG;
            default -> System.Logger.Level.INFO;
        };
    }
}
