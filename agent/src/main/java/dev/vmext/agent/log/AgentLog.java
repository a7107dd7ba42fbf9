package dev.vmext.agent.log;

import dev.vmext.agent.process.OutputFile;
import java.io.IOException;
import java.io.PrintStream;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.function.UnaryOperator;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogManager;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Where every line of the agent ends: a file that is rotated at a size, and standard error. Secrets are taken out of each line by
 * value, whoever wrote it. Thread-safe.
 */
public final class AgentLog extends Handler {
    private static final long ROTATE_AT = 2L << 20;
    private static final int KEPT = 3;

    private final Path file;
    private final PrintStream console;
    private final UnaryOperator<String> redact;
    private boolean complained;

    /**
     * Logs to both places.
     *
     * @param redact takes the secrets out of a text
     */
    public AgentLog(Path file, PrintStream console, UnaryOperator<String> redact) {
        this.file = file;
        this.console = console;
        this.redact = redact;
    }

    /** From now on all loggers write here and nowhere else. */
    public void takeOver() {
        try {
            mend();
        } catch (IOException e) {
            complain(e);
        }
        LogManager.getLogManager().reset();
        Logger root = Logger.getLogger("");
        root.setLevel(Level.INFO);
        root.addHandler(this);
    }

    @Override
    public synchronized void publish(LogRecord line) {
        String text = redact.apply(format(line));
        console.print(text);
        try {
            rotate();
            if (!Files.exists(file)) {
                Files.createDirectories(file.resolveSibling(""));
                Files.createFile(
                        file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-r-----")));
            }
            Files.writeString(file, text, StandardOpenOption.APPEND);
        } catch (IOException e) {
            complain(e);
        }
    }

    private void complain(IOException e) {
        if (!complained) {
            complained = true;
            console.println("cannot write the log " + file + ": " + e.getMessage());
        }
    }

    /**
     * After a power cut a file may be as long as it was, with zeros where the last lines were not yet on the disk. Tools take it for
     * a binary file then, so the zeros go; what is left of a line is ended.
     */
    private void mend() throws IOException {
        if (!Files.exists(file)) {
            return;
        }
        try (RandomAccessFile log = new RandomAccessFile(file.toFile(), "rw")) {
            long size = log.length();
            long end = size;
            while (end > 0 && byteAt(log, end - 1) == 0) {
                end--;
            }
            if (end < size) {
                log.setLength(end);
                if (end > 0 && byteAt(log, end - 1) != '\n') {
                    log.seek(end);
                    log.write('\n');
                }
            }
        }
    }

    private static int byteAt(RandomAccessFile file, long place) throws IOException {
        file.seek(place);
        return file.read();
    }

    private void rotate() throws IOException {
        if (!Files.exists(file) || Files.size(file) < ROTATE_AT) {
            return;
        }
        for (int i = KEPT - 1; i >= 1; i--) {
            Path older = file.resolveSibling(file.getFileName() + "." + i);
            if (Files.exists(older)) {
                Files.move(
                        older,
                        file.resolveSibling(file.getFileName() + "." + (i + 1)),
                        StandardCopyOption.REPLACE_EXISTING);
            }
        }
        Files.move(file, file.resolveSibling(file.getFileName() + ".1"), StandardCopyOption.REPLACE_EXISTING);
    }

    static String format(LogRecord line) {
        StringBuilder out = new StringBuilder(160);
        out.append(line.getInstant()).append(' ').append(line.getLevel()).append(' ');
        String logger = line.getLoggerName();
        if (logger != null) {
            out.append(logger, logger.lastIndexOf('.') + 1, logger.length()).append(": ");
        }
        // Not java.text: it would print process 12345 as 12,345, and costs memory.
        String message = String.valueOf(line.getMessage());
        @Nullable Object[] parameters = line.getParameters();
        if (parameters != null) {
            for (int i = 0; i < parameters.length; i++) {
                message = message.replace("{" + i + "}", String.valueOf(parameters[i]));
            }
        }
        out.append(message.replace('\n', ' ')).append('\n');
        Throwable thrown = line.getThrown();
        for (int depth = 0; thrown != null && depth < 4; depth++) {
            out.append("    ").append(thrown).append('\n');
            for (StackTraceElement frame : thrown.getStackTrace()) {
                out.append("        at ").append(frame).append('\n');
            }
            thrown = thrown.getCause();
        }
        return out.toString();
    }

    /** The end of the log, without what was rotated away. */
    public String tail(int bytes) throws IOException {
        return redact.apply(OutputFile.tail(file, bytes));
    }

    /** Whether the file holds more than this. */
    public boolean hasMoreThan(int bytes) throws IOException {
        return Files.exists(file) && Files.size(file) > bytes;
    }

    @Override
    public void flush() {
        console.flush();
    }

    @Override
    public void close() {
        // every line is written when it is published
    }
}
