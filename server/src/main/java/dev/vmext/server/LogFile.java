package dev.vmext.server;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.logging.ErrorManager;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import org.jspecify.annotations.Nullable;

/**
 * The log as a file that keeps its name: when it is full it becomes {@code <name>.1}, the one before {@code <name>.2}, and the oldest goes.
 * Thread-safe.
 */
final class LogFile extends Handler {
    private final Path file;
    private final long limit;
    private final int kept;
    private long size;
    private @Nullable OutputStream out;

    LogFile(Path file, long limit, int kept) {
        this.file = file;
        this.limit = limit;
        this.kept = kept;
        setFormatter(new LogLines());
        setLevel(Level.ALL);
    }

    @Override
    public synchronized void publish(LogRecord record) {
        if (!isLoggable(record)) {
            return;
        }
        byte[] line = getFormatter().format(record).getBytes(StandardCharsets.UTF_8);
        try {
            OutputStream target = out == null ? open() : out;
            if (size > 0 && size + line.length > limit) {
                target.close();
                rotate();
                target = open();
            }
            target.write(line);
            size += line.length;
        } catch (IOException e) {
            reportError("cannot write " + file, e, ErrorManager.WRITE_FAILURE);
        }
    }

    private OutputStream open() throws IOException {
        OutputStream opened = Files.newOutputStream(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        out = opened;
        size = Files.size(file);
        return opened;
    }

    private void rotate() throws IOException {
        for (int number = kept - 1; number >= 1; number--) {
            Path older = file.resolveSibling(file.getFileName() + "." + number);
            if (Files.exists(older)) {
                Files.move(
                        older,
                        file.resolveSibling(file.getFileName() + "." + (number + 1)),
                        StandardCopyOption.REPLACE_EXISTING);
            }
        }
        Files.move(file, file.resolveSibling(file.getFileName() + ".1"), StandardCopyOption.REPLACE_EXISTING);
    }

    /** Every line was handed to the system when it was written. */
    @Override
    public void flush() {}

    @Override
    public synchronized void close() {
        try {
            if (out != null) {
                out.close();
            }
        } catch (IOException e) {
            reportError("cannot close " + file, e, ErrorManager.CLOSE_FAILURE);
        } finally {
            out = null;
        }
    }
}
