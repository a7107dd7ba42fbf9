package dev.vmext.testkit.disk;

import java.io.IOException;
import java.net.URI;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.AccessMode;
import java.nio.file.CopyOption;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileStore;
import java.nio.file.FileSystem;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.FileAttributeView;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.GroupPrincipal;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.nio.file.spi.FileSystemProvider;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What {@link java.nio.file.Files} asks of a {@link MemoryDisk}. */
final class MemoryProvider extends FileSystemProvider {
    private static final Set<PosixFilePermission> FILE = PosixFilePermissions.fromString("rw-r--r--");
    private static final Set<PosixFilePermission> FOLDER = PosixFilePermissions.fromString("rwxr-xr-x");

    private final MemoryDisk disk;

    MemoryProvider(MemoryDisk disk) {
        this.disk = disk;
    }

    @Override
    public String getScheme() {
        return "memory";
    }

    @Override
    public FileSystem newFileSystem(URI uri, Map<String, ?> environment) {
        throw new UnsupportedOperationException("make a MemoryDisk instead");
    }

    @Override
    public FileSystem getFileSystem(URI uri) {
        return disk;
    }

    @Override
    public Path getPath(URI uri) {
        return disk.getPath(uri.getPath());
    }

    @Override
    public SeekableByteChannel newByteChannel(
            Path path, Set<? extends OpenOption> options, FileAttribute<?>... attributes) throws IOException {
        return newFileChannel(path, options, attributes);
    }

    @Override
    public FileChannel newFileChannel(Path path, Set<? extends OpenOption> options, FileAttribute<?>... attributes)
            throws IOException {
        boolean appends = options.contains(StandardOpenOption.APPEND);
        boolean writes = appends || options.contains(StandardOpenOption.WRITE);
        boolean reads = options.contains(StandardOpenOption.READ) || !writes;
        Node node = disk.find(path);
        if (node != null && options.contains(StandardOpenOption.CREATE_NEW)) {
            throw new FileAlreadyExistsException(path.toString());
        }
        if (node == null) {
            boolean creates = writes
                    && (options.contains(StandardOpenOption.CREATE) || options.contains(StandardOpenOption.CREATE_NEW));
            if (!creates) {
                throw new NoSuchFileException(path.toString());
            }
            node = disk.create(path, false, permissions(attributes, FILE));
        }
        if (node.folder && writes) {
            throw new IOException(path + " is a folder");
        }
        if (writes && options.contains(StandardOpenOption.TRUNCATE_EXISTING) && node.content().length > 0) {
            Node open = node;
            disk.change("truncate " + path, () -> open.truncate(0));
        }
        return new MemoryChannel(disk, path.toString(), node, reads, writes, appends);
    }

    private static Set<PosixFilePermission> permissions(
            FileAttribute<?>[] attributes, Set<PosixFilePermission> otherwise) {
        for (FileAttribute<?> attribute : attributes) {
            if (attribute.name().equals("posix:permissions") && attribute.value() instanceof Set<?> given) {
                Set<PosixFilePermission> permissions = new HashSet<>();
                given.forEach(one -> permissions.add((PosixFilePermission) one));
                return permissions;
            }
        }
        return otherwise;
    }

    @Override
    public DirectoryStream<Path> newDirectoryStream(Path folder, DirectoryStream.Filter<? super Path> filter)
            throws IOException {
        if (!disk.get(folder).folder) {
            throw new NotDirectoryException(folder.toString());
        }
        List<Path> found = new ArrayList<>();
        for (Path child : disk.children(folder)) {
            if (filter.accept(child)) {
                found.add(child);
            }
        }
        return new DirectoryStream<>() {
            @Override
            public Iterator<Path> iterator() {
                return found.iterator();
            }

            @Override
            public void close() {
                // nothing is held
            }
        };
    }

    @Override
    public void createDirectory(Path folder, FileAttribute<?>... attributes) throws IOException {
        disk.create(folder, true, permissions(attributes, FOLDER));
    }

    @Override
    public void delete(Path path) throws IOException {
        disk.delete(path);
    }

    @Override
    public void copy(Path from, Path to, CopyOption... options) throws IOException {
        List<CopyOption> how = List.of(options);
        Node source = disk.get(from);
        if (disk.find(to) != null) {
            if (!how.contains(StandardCopyOption.REPLACE_EXISTING)) {
                throw new FileAlreadyExistsException(to.toString());
            }
            disk.delete(to);
        }
        Node copy = disk.create(to, source.folder, source.permissions);
        if (!source.folder) {
            disk.write(to.toString(), copy, 0, source.content());
        }
        if (how.contains(StandardCopyOption.COPY_ATTRIBUTES)) {
            copy.modified = source.modified;
        }
    }

    @Override
    public void move(Path from, Path to, CopyOption... options) throws IOException {
        List<CopyOption> how = List.of(options);
        disk.move(
                from,
                to,
                how.contains(StandardCopyOption.REPLACE_EXISTING) || how.contains(StandardCopyOption.ATOMIC_MOVE));
    }

    @Override
    public boolean isSameFile(Path one, Path other) {
        return MemoryDisk.key(one).equals(MemoryDisk.key(other));
    }

    @Override
    public boolean isHidden(Path path) {
        return false;
    }

    @Override
    public FileStore getFileStore(Path path) {
        throw new UnsupportedOperationException("a disk in memory has no store");
    }

    @Override
    public void checkAccess(Path path, AccessMode... modes) throws IOException {
        disk.get(path);
    }

    @Override
    public <V extends FileAttributeView> @Nullable V getFileAttributeView(
            Path path, Class<V> type, LinkOption... options) {
        return type.isAssignableFrom(View.class) ? type.cast(new View(path)) : null;
    }

    @Override
    public <A extends BasicFileAttributes> A readAttributes(Path path, Class<A> type, LinkOption... options)
            throws IOException {
        if (!type.isAssignableFrom(Node.Attributes.class)) {
            throw new UnsupportedOperationException("no attributes of " + type);
        }
        return type.cast(disk.get(path).attributes());
    }

    @Override
    public Map<String, Object> readAttributes(Path path, String names, LinkOption... options) throws IOException {
        throw new UnsupportedOperationException("no attributes by name: " + names);
    }

    @Override
    public void setAttribute(Path path, String name, Object value, LinkOption... options) {
        throw new UnsupportedOperationException("no attribute by name: " + name);
    }

    /** Permissions and times of one path. */
    private final class View implements PosixFileAttributeView {
        private final Path path;

        private View(Path path) {
            this.path = path;
        }

        @Override
        public String name() {
            return "posix";
        }

        @Override
        public PosixFileAttributes readAttributes() throws IOException {
            return disk.get(path).attributes();
        }

        @Override
        public void setTimes(@Nullable FileTime modified, @Nullable FileTime accessed, @Nullable FileTime created)
                throws IOException {
            Node node = disk.get(path);
            if (modified != null) {
                disk.change("set the time of " + path, () -> node.modified = modified);
            }
        }

        @Override
        public void setPermissions(Set<PosixFilePermission> permissions) throws IOException {
            Node node = disk.get(path);
            disk.change("set the mode of " + path, () -> node.permissions = Set.copyOf(permissions));
        }

        @Override
        public UserPrincipal getOwner() throws IOException {
            return disk.get(path).attributes().owner();
        }

        @Override
        public void setOwner(UserPrincipal owner) {
            throw new UnsupportedOperationException("a disk in memory has one user");
        }

        @Override
        public void setGroup(GroupPrincipal group) {
            throw new UnsupportedOperationException("a disk in memory has one user");
        }
    }
}
