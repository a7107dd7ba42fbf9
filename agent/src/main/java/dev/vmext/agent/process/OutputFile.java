package dev.vmext.agent.process;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;

/** The output of a command: written by others with append, so that it may be cut at any time. */
public final class OutputFile {
    /** Bytes; a longer value is a document, of which the rest says little. */
    private static final int LONGEST_SECRET = 4096;

    private OutputFile() {}

    /** Cuts from the front what exceeds the limit, keeping the newer half. The writer appends, so it goes on at the new end. */
    public static void cap(Path file, long limit) throws IOException {
        if (!Files.exists(file) || Files.size(file) <= limit) {
            return;
        }
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            byte[] tail = read(channel, limit / 2);
            channel.truncate(0);
            ByteBuffer buffer = ByteBuffer.wrap(tail);
            while (buffer.hasRemaining()) {
                channel.write(buffer);
            }
        }
    }

    /** The end of the output as text; bytes that are no UTF-8 become replacement characters. */
    public static String tail(Path file, int maxBytes) throws IOException {
        if (!Files.exists(file)) {
            return "";
        }
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            return new String(read(channel, maxBytes), StandardCharsets.UTF_8);
        }
    }

    /**
     * The last so many bytes, less what a cut left of a line: it may be half a secret, which nobody would recognise. Of a line without an
     * end as much goes as a secret may be long.
     */
    private static byte[] read(FileChannel channel, long maxBytes) throws IOException {
        long size = channel.size();
        byte[] bytes = last(channel, size, Math.toIntExact(Math.min(size, maxBytes)));
        if (bytes.length == size) {
            return bytes;
        }
        int longest = Math.min(bytes.length, LONGEST_SECRET);
        int from = 0;
        while (from < longest && bytes[from] != '\n') {
            from++;
        }
        return Arrays.copyOfRange(bytes, Math.min(bytes.length, from < longest ? from + 1 : longest), bytes.length);
    }

    private static byte[] last(FileChannel channel, long size, int length) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(length);
        channel.position(size - length);
        while (buffer.hasRemaining() && channel.read(buffer) >= 0) {
            // until full or the file got shorter
        }
        byte[] bytes = new byte[buffer.position()];
        buffer.flip().get(bytes);
        return bytes;
    }
}
