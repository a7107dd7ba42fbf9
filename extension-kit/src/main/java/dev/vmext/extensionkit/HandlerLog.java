package dev.vmext.extensionkit;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Set;

/**
 * The log of a handler: {@code handler.log} in the log folder, one line per message, every secret masked by value, moved to
 * {@code handler.log.1} at one mebibyte. When the file cannot be written, lines go to standard error: a full disk must not
 * stop an uninstall. Any thread.
 */
public final class HandlerLog {
    private static final long LIMIT = 1024 * 1024;

    private final Path file;
    private final String about;
    private final InstantSource clock;
    private final PrintStream standardError;
    private volatile Redactor redactor = Redactor.none();

    /**
     * The log of one run.
     *
     * @param about what each line says it is about, such as the command
     * @param standardError where errors, and lines that cannot be written, also go
     */
    public HandlerLog(Path logFolder, String about, InstantSource clock, PrintStream standardError) {
        this.file = logFolder.resolve("handler.log");
        this.about = about;
        this.clock = clock;
        this.standardError = standardError;
    }

    /** From now on these secrets are masked. Set as soon as protected settings were decrypted. */
    void hide(Redactor secrets) {
        this.redactor = secrets;
    }

    public void info(String message) {
        write("INFO ", message);
    }

    public void warning(String message) {
        write("WARN ", message);
    }

    /** To the log and to standard error, which the agent quotes. */
    public void error(String message) {
        String line = redactor.redact(message);
        standardError.println(line);
        write("ERROR", line);
    }

    private synchronized void write(String level, String message) {
        // One message is one line: text from outside cannot forge a second one.
        String oneLine = redactor.redact(message).replace("\r", "").replace("\n", "\\n");
        String line =
                "%s %s [%s] %s%n".formatted(clock.instant().truncatedTo(ChronoUnit.MILLIS), level, about, oneLine);
        try {
            Files.createDirectories(file.toAbsolutePath().getParent());
            if (Files.exists(file) && Files.size(file) > LIMIT) {
                Files.move(file, file.resolveSibling("handler.log.1"), StandardCopyOption.REPLACE_EXISTING);
            }
            try (var channel = Files.newByteChannel(
                    file,
                    Set.of(StandardOpenOption.CREATE, StandardOpenOption.APPEND),
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-r-----")))) {
                channel.write(java.nio.ByteBuffer.wrap(line.getBytes(StandardCharsets.UTF_8)));
            }
        } catch (IOException e) {
            standardError.print(line);
        }
    }
}
