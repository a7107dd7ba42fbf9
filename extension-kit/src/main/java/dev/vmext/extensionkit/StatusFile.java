package dev.vmext.extensionkit;

import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The file {@code <sequence number>.status} that an agent reads: written to a temporary file and renamed, redacted, and
 * never larger than the 128 KiB above which agents cut it themselves. Owned by one command's process.
 */
final class StatusFile {
    static final int LIMIT = 128 * 1024;
    private static final int MESSAGE_LIMIT = 8 * 1024;
    private static final int PART_LIMIT = 10 * 1024;
    private static final String CUT = " ... [TRUNCATED]";

    private final Path file;
    private final String handlerName;

    StatusFile(Path file, String handlerName) {
        this.file = file;
        this.handlerName = handlerName;
    }

    void write(Command command, Instant now, Status status, Redactor redactor) {
        String text = render(command, now, status, redactor);
        try {
            SmallFiles.replace(file, text, "rw-------");
        } catch (IOException e) {
            throw new HandlerException(
                    ExitCode.FILES,
                    "cannot write the status file " + file + ": " + SmallFiles.why(e),
                    "Check that the disk is not full and that the folder exists.",
                    e);
        }
    }

    /** What the file says, or empty when there is no file or it cannot be understood. */
    Optional<Status> find() {
        try {
            Json json = Json.parse(SmallFiles.readText(file, 2 * LIMIT));
            if (!(json instanceof Json.Arr(List<Json> items)) || items.isEmpty()) {
                return Optional.empty();
            }
            Fields status = Fields.of("status file", items.getFirst()).getObject("status");
            List<Status.Part> parts = new ArrayList<>();
            for (Json part : status.getList("substatus")) {
                Fields fields = Fields.of("substatus", part);
                parts.add(new Status.Part(fields.getString("name"), level(fields), code(fields), message(fields)));
            }
            return Optional.of(new Status(level(status), code(status), message(status), parts));
        } catch (IOException | JsonException | HandlerException | IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static Status.Level level(Fields fields) {
        return Status.Level.valueOf(fields.getString("status").toUpperCase(Locale.ROOT));
    }

    private static int code(Fields fields) {
        return fields.getInt("code", 0, Integer.MIN_VALUE, Integer.MAX_VALUE);
    }

    private static String message(Fields fields) {
        return fields.has("formattedMessage")
                ? fields.getObject("formattedMessage").getString("message")
                : "";
    }

    /** The text that {@link #write} would write. */
    String render(Command command, Instant now, Status status, Redactor redactor) {
        String time = now.truncatedTo(ChronoUnit.SECONDS).toString();
        String message = cut(redactor.redact(status.message()), MESSAGE_LIMIT);
        List<Json> parts = new ArrayList<>();
        for (Status.Part part : status.parts()) {
            parts.add(Json.object()
                    .with("name", cut(part.name(), 256))
                    .with("status", part.level().word())
                    .with("code", part.code())
                    .with("formattedMessage", message(cut(redactor.redact(part.message()), PART_LIMIT))));
        }
        // Escaping can make text six times longer, so what counts is the size of the finished file.
        while (true) {
            Json.Obj inner = Json.object()
                    .with("name", handlerName)
                    .with("operation", command.title())
                    .with("configurationAppliedTime", time)
                    .with("status", status.level().word())
                    .with("code", status.code())
                    .with("formattedMessage", message(message))
                    .with("substatus", new Json.Arr(parts));
            String text = Json.array(Json.object()
                            .with("version", new Json.Num(new BigDecimal("1.0")))
                            .with("timestampUTC", time)
                            .with("status", inner))
                    .text();
            if (text.getBytes(StandardCharsets.UTF_8).length <= LIMIT || parts.isEmpty()) {
                return text;
            }
            parts.removeLast();
        }
    }

    private static Json message(String text) {
        return Json.object().with("lang", "en-US").with("message", text);
    }

    private static String cut(String text, int limit) {
        return text.length() <= limit ? text : text.substring(0, limit - CUT.length()) + CUT;
    }
}
