package dev.vmext.extensionkit;

import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.OptionalInt;

/**
 * The file {@code mrseq}: the most recent sequence number a one-shot handler has acted on. The agent carries it over to a
 * new version, so that an update does not do old work again.
 */
public final class SequenceFile {
    private final Path file;

    SequenceFile(Path baseFolder) {
        this.file = baseFolder.resolve("mrseq");
    }

    public OptionalInt find() {
        try {
            return OptionalInt.of(Integer.parseInt(SmallFiles.readText(file, 64).strip()));
        } catch (NoSuchFileException e) {
            return OptionalInt.empty();
        } catch (IOException | NumberFormatException e) {
            // Guessing "never ran" could run a one-shot twice, so this stops instead.
            throw new HandlerException(
                    ExitCode.FILES,
                    "cannot read " + file + ": " + SmallFiles.why(e),
                    "The file holds one whole number. Remove it to run again.",
                    e);
        }
    }

    /** Whether this sequence number, or a later one, was already begun. */
    public boolean alreadyBegun(int sequenceNumber) {
        OptionalInt last = find();
        return last.isPresent() && sequenceNumber <= last.getAsInt();
    }

    /** To be called before the work is begun: after a crash the work counts as begun, and is not begun twice. */
    public void begin(int sequenceNumber) {
        try {
            SmallFiles.replace(file, Integer.toString(sequenceNumber), "rw-------");
        } catch (IOException e) {
            throw new HandlerException(
                    ExitCode.FILES,
                    "cannot write " + file + ": " + SmallFiles.why(e),
                    "Nothing was started. Check that the disk is not full.",
                    e);
        }
    }
}
