package dev.vmext.agent.config;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Forces files to the disk. What the journal says is done must still be done after a power cut: the journal is forced with every line,
 * so everything that a line is about has to be on the disk before it.
 */
public final class Durable {
    private Durable() {}

    /** Returns when the content of this file would survive a power cut. */
    public static void force(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.force(true);
        }
    }
}
