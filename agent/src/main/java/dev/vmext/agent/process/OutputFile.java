package dev.vmext.agent.process;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** The output of a command: written by others with append, so that it may be cut at any time. */
public final class OutputFile {
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

    private static byte[] read(FileChannel channel, long maxBytes) throws IOException {
        long size = channel.size();
        int length = Math.toIntExact(Math.min(size, maxBytes));
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
