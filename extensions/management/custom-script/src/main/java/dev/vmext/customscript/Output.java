package dev.vmext.customscript;

import dev.vmext.extensionkit.Redactor;
import dev.vmext.extensionkit.SmallFiles;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A file that a script writes its output to. A file and no pipe, so that a process the script leaves behind cannot keep the
 * handler waiting; opened for append, so that it can be shortened while it is written. Only the end of it is kept. One
 * thread.
 */
final class Output {
    private static final int LARGEST = 4 * 1024 * 1024;
    private static final int KEPT = 512 * 1024;

    private final Path file;
    private boolean cut;

    Output(Path file) throws IOException {
        this.file = file;
        SmallFiles.create(file, "rw-------").close();
    }

    ProcessBuilder.Redirect redirect() {
        return ProcessBuilder.Redirect.appendTo(file.toFile());
    }

    long size() throws IOException {
        return Files.size(file);
    }

    /** Shortens the file to its end when it became too large. */
    void bound() throws IOException {
        if (size() <= LARGEST) {
            return;
        }
        byte[] end = end(KEPT);
        cut = true;
        // What the script writes between these two steps may come before the old end: better than a full disk.
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.truncate(0);
        }
        Files.write(file, end, StandardOpenOption.APPEND);
    }

    /** The last part of the output, secrets masked, also one that the cut went through. */
    String tail(int limit, Redactor redactor, boolean stillRunning) throws IOException {
        // More than the limit is read, so that a secret at the edge is seen whole.
        byte[] end = end(Math.min(KEPT, limit * 4));
        boolean cutBefore = cut || size() > end.length;
        String text = redactor.redactPiece(new String(end, StandardCharsets.UTF_8), cutBefore, stillRunning);
        return text.length() <= limit ? text : "[...]" + text.substring(text.length() - limit);
    }

    /** All that was kept, secrets masked. */
    String all(Redactor redactor) throws IOException {
        byte[] end = end(KEPT);
        boolean shortened = cut || size() > end.length;
        String text = redactor.redactPiece(new String(end, StandardCharsets.UTF_8), shortened, false);
        return shortened ? "[the beginning was not kept]\n" + text : text;
    }

    /** Emptied first: a process the script left behind may hold the file open and keep its space taken. */
    void discard() throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.truncate(0);
        }
        Files.delete(file);
    }

    private byte[] end(int limit) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            channel.position(Math.max(0, channel.size() - limit));
            return Channels.newInputStream(channel).readNBytes(limit);
        }
    }
}
