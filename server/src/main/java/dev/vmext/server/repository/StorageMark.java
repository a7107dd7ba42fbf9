package dev.vmext.server.repository;

import dev.vmext.protocol.problem.ProblemCode;
import dev.vmext.protocol.problem.ProblemException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Remembers in which store the repositories lie, so that a changed setting does not hide them: nothing moves them from one to another.
 * The mark is a file in the folder that holds them when there is no store.
 */
public final class StorageMark {
    private final Path folder;
    private final Path mark;

    public StorageMark(Path folder) {
        this.folder = folder;
        this.mark = folder.resolve(".store");
    }

    /**
     * Refuses settings under which repositories that there are would not be found.
     *
     * @param store where repositories are to lie; empty for the folder
     */
    public void check(Optional<String> store) {
        try {
            Optional<String> before = read();
            if (before.isPresent() && !before.equals(store)) {
                throw refused(
                        "repositories lie in " + before.get() + ", and server.json says "
                                + store.orElse("nothing of a store"),
                        "Put repositoryStore back; or, when nothing there is needed any more or you moved all of it"
                                + " yourself, delete " + mark + ".");
            }
            if (before.isEmpty() && store.isPresent() && hasRepositories()) {
                throw refused(
                        "repositories lie in " + folder + ", and server.json says " + store.get(),
                        "Take repositoryStore out of server.json; or, when nothing there is needed any more or you copied"
                                + " all of it yourself, move the folders in it elsewhere.");
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot look where the repositories lie", e);
        }
    }

    private static ProblemException refused(String what, String hint) {
        return new ProblemException(
                ProblemCode.INVALID_VALUE, "cannot start without the repositories that there are: " + what, hint);
    }

    private Optional<String> read() throws IOException {
        try {
            return Optional.of(Files.readString(mark).strip());
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    private boolean hasRepositories() throws IOException {
        if (!Files.isDirectory(folder)) {
            return false;
        }
        try (DirectoryStream<Path> machines = Files.newDirectoryStream(folder, "[!.]*")) {
            for (Path machine : machines) {
                try (DirectoryStream<Path> installations = Files.newDirectoryStream(machine)) {
                    if (installations.iterator().hasNext()) {
                        return true;
                    }
                }
            }
        }
        return false;
    }

    /** From now on repositories lie in that store. */
    public void remember(String store) {
        try {
            OwnFolders.make(folder);
            Files.writeString(mark, store + "\n");
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write down where the repositories lie", e);
        }
    }
}
