package dev.vmext.agent.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Space that is kept free for the journal: a file of no use that is given up when the disk is full, so that what is under way can still
 * be written down. Used by the agent's loop.
 */
final class Reserve {
    /** The journal of a machine full of installations, written anew beside the old one. */
    static final int BYTES = 1 << 20;

    private final Path file;

    Reserve(Path folder) {
        this.file = folder.resolve("reserve");
    }

    /** Makes it where it is not; a disk that has no room for it now may have it later. */
    void keep() {
        try {
            if (!Files.exists(file) || Files.size(file) != BYTES) {
                try (FileChannel out = FileChannel.open(
                        file,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.TRUNCATE_EXISTING,
                        StandardOpenOption.WRITE)) {
                    ByteBuffer content = ByteBuffer.wrap(incompressible());
                    while (content.hasRemaining()) {
                        out.write(content);
                    }
                }
            }
        } catch (IOException full) {
            var _ = giveUp();
        }
    }

    /** A file system that compresses would keep no room for zeros. */
    private static byte[] incompressible() {
        byte[] bytes = new byte[BYTES];
        long state = 1;
        for (int i = 0; i < BYTES; i++) {
            state = state * 6364136223846793005L + 1442695040888963407L;
            bytes[i] = (byte) (state >> 56);
        }
        return bytes;
    }

    /** Gives its space back; whether there was any. */
    boolean giveUp() {
        try {
            return Files.deleteIfExists(file);
        } catch (IOException e) {
            return false;
        }
    }
}
