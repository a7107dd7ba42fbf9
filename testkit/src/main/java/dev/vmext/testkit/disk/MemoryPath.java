package dev.vmext.testkit.disk;

import java.net.URI;
import java.nio.file.FileSystem;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.ProviderMismatchException;
import java.nio.file.WatchEvent;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import org.jspecify.annotations.Nullable;

/** A path of a {@link MemoryDisk}; how paths are put together is asked of a path of the host that is never touched. Immutable. */
final class MemoryPath implements Path {
    private final MemoryDisk disk;
    private final Path text;

    MemoryPath(MemoryDisk disk, Path text) {
        this.disk = disk;
        this.text = text;
    }

    static Path text(Path path) {
        if (path instanceof MemoryPath memory) {
            return memory.text;
        }
        throw new ProviderMismatchException(path + " is no path of a disk in memory");
    }

    /** Where it is on its disk. */
    Path key() {
        return (text.isAbsolute() ? text : Path.of("/").resolve(text)).normalize();
    }

    MemoryDisk disk() {
        return disk;
    }

    private Path with(Path other) {
        return new MemoryPath(disk, other);
    }

    private @Nullable Path withNullable(@Nullable Path other) {
        return other == null ? null : with(other);
    }

    @Override
    public FileSystem getFileSystem() {
        return disk;
    }

    @Override
    public boolean isAbsolute() {
        return text.isAbsolute();
    }

    @Override
    public @Nullable Path getRoot() {
        return withNullable(text.getRoot());
    }

    @Override
    public @Nullable Path getFileName() {
        return withNullable(text.getFileName());
    }

    @Override
    public @Nullable Path getParent() {
        return withNullable(text.getParent());
    }

    @Override
    public int getNameCount() {
        return text.getNameCount();
    }

    @Override
    public Path getName(int index) {
        return with(text.getName(index));
    }

    @Override
    public Path subpath(int from, int to) {
        return with(text.subpath(from, to));
    }

    @Override
    public boolean startsWith(Path other) {
        return text.startsWith(text(other));
    }

    @Override
    public boolean endsWith(Path other) {
        return text.endsWith(text(other));
    }

    @Override
    public Path normalize() {
        return with(text.normalize());
    }

    @Override
    public Path resolve(Path other) {
        return with(text.resolve(text(other)));
    }

    @Override
    public Path relativize(Path other) {
        return with(text.relativize(text(other)));
    }

    @Override
    public URI toUri() {
        return URI.create("memory:" + key());
    }

    @Override
    public Path toAbsolutePath() {
        return with(key());
    }

    @Override
    public Path toRealPath(LinkOption... options) {
        return with(key());
    }

    @Override
    public WatchKey register(WatchService watcher, WatchEvent.Kind<?>[] events, WatchEvent.Modifier... modifiers) {
        throw new UnsupportedOperationException("a disk in memory cannot be watched");
    }

    @Override
    public int compareTo(Path other) {
        return text.compareTo(text(other));
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof MemoryPath path && path.disk == disk && path.text.equals(text);
    }

    @Override
    public int hashCode() {
        return text.hashCode();
    }

    @Override
    public String toString() {
        return text.toString();
    }
}
