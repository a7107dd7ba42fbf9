package dev.vmext.agent.journal;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** That nobody else writes the journal: one agent runs on a machine, or one command works without it. Held until closed or killed. */
public final class JournalLock implements AutoCloseable {
    private final FileChannel channel;

    private JournalLock(FileChannel channel) {
        this.channel = channel;
    }

    /** Takes it at once, or says that somebody has it. */
    public static JournalLock take(Path folder) throws IOException {
        Path file = folder.resolve("journal.lock");
        FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        try {
            FileLock lock = channel.tryLock();
            if (lock != null) {
                return new JournalLock(channel);
            }
        } catch (OverlappingFileLockException sameProcess) {
            // the refusal below is the right word for it too
        }
        channel.close();
        throw new IOException("the journal in " + folder + " is used by another agent, or by a command of it; look at "
                + "systemctl status vmext-agent");
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
