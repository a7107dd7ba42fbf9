package dev.vmext.testkit.disk;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileStore;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.nio.file.WatchService;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipalLookupService;
import java.nio.file.spi.FileSystemProvider;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A disk that lasts as long as this object, behind {@link Path}. Each change goes through a {@link Fuse}: blown, the change does not
 * happen, or for a write only its first bytes, and no later one. What a power cut takes is the content that was not forced to the disk;
 * names are kept, as a file system does that journals its metadata. No links, locks, mapped files or watches. One thread.
 */
public final class MemoryDisk extends FileSystem {
    private static final Set<PosixFilePermission> FOLDER = PosixFilePermissions.fromString("rwxr-xr-x");

    private final Fuse fuse;
    private final InstantSource clock;
    private final MemoryProvider provider = new MemoryProvider(this);
    private final NavigableMap<Path, Node> nodes = new TreeMap<>();

    public MemoryDisk(Fuse fuse, InstantSource clock) {
        this.fuse = fuse;
        this.clock = clock;
        nodes.put(Path.of("/"), new Node(true, FOLDER, now()));
    }

    /** A disk of the same content that goes its own way from here on. */
    public MemoryDisk copy(Fuse itsFuse, InstantSource itsClock) {
        MemoryDisk copy = new MemoryDisk(itsFuse, itsClock);
        nodes.forEach((path, node) -> copy.nodes.put(path, node.copy()));
        return copy;
    }

    /** The root folder. */
    public Path root() {
        return getPath("/");
    }

    /** What was not forced to the disk is gone: files are as long as they were when they last were, new ones empty. */
    public void losePower() {
        nodes.values().forEach(Node::losePower);
    }

    /** Everything is forced to the disk, as after a quiet while. */
    public void sync() {
        nodes.values().forEach(Node::force);
    }

    /** All that lies below a folder: files with their contents, folders with a slash at the end; names relative to it. */
    public Map<String, String> tree(Path folder) {
        Path key = key(folder);
        Map<String, String> tree = new TreeMap<>();
        nodes.forEach((path, node) -> {
            if (path.startsWith(key) && !path.equals(key)) {
                String name = key.relativize(path).toString();
                tree.put(
                        node.folder ? name + "/" : name,
                        node.folder ? "" : new String(node.content(), StandardCharsets.UTF_8));
            }
        });
        return tree;
    }

    static Path key(Path path) {
        return ((MemoryPath) path).key();
    }

    FileTime now() {
        return FileTime.from(clock.instant());
    }

    Node get(Path path) throws NoSuchFileException {
        Node node = nodes.get(key(path));
        if (node == null) {
            throw new NoSuchFileException(path.toString());
        }
        return node;
    }

    @Nullable Node find(Path path) {
        return nodes.get(key(path));
    }

    Node create(Path path, boolean folder, Set<PosixFilePermission> permissions) throws IOException {
        Path key = key(path);
        if (nodes.containsKey(key)) {
            throw new FileAlreadyExistsException(path.toString());
        }
        Node parent = nodes.get(key.getParent());
        if (parent == null) {
            throw new NoSuchFileException(path.toString());
        }
        if (!parent.folder) {
            throw new NotDirectoryException(path.toString());
        }
        Node node = new Node(folder, permissions, now());
        change((folder ? "make folder " : "create ") + path, () -> nodes.put(key, node));
        return node;
    }

    void delete(Path path) throws IOException {
        Node node = get(path);
        if (node.folder && !children(path).isEmpty()) {
            throw new DirectoryNotEmptyException(path.toString());
        }
        change("delete " + path, () -> nodes.remove(key(path)));
    }

    void move(Path from, Path to, boolean replace) throws IOException {
        get(from);
        Node target = find(to);
        if (target != null && !replace) {
            throw new FileAlreadyExistsException(to.toString());
        }
        if (target != null && target.folder && !children(to).isEmpty()) {
            throw new DirectoryNotEmptyException(to.toString());
        }
        Path source = key(from);
        Path destination = key(to);
        if (!nodes.containsKey(destination.getParent())) {
            throw new NoSuchFileException(to.toString());
        }
        change("move " + from + " to " + to, () -> {
            List<Path> moved = new ArrayList<>();
            for (Path key : nodes.tailMap(source, true).keySet()) {
                if (key.startsWith(source)) {
                    moved.add(key);
                }
            }
            for (Path key : moved) {
                Node node = nodes.remove(key);
                if (node != null) {
                    nodes.put(key.equals(source) ? destination : destination.resolve(source.relativize(key)), node);
                }
            }
        });
    }

    List<Path> children(Path folder) {
        Path key = key(folder);
        List<Path> children = new ArrayList<>();
        for (Path child : nodes.tailMap(key, false).keySet()) {
            if (key.equals(child.getParent())) {
                children.add(folder.resolve(child.getFileName().toString()));
            }
        }
        return children;
    }

    void write(String name, Node node, int at, byte[] bytes) {
        if (fuse.watched() && bytes.length > 1) {
            byte[] before = node.content();
            node.write(at, bytes, bytes.length / 2);
            fuse.look("half of write " + name);
            node.restore(before);
        }
        int allowed = bytes.length == 0 ? 0 : fuse.allow("write " + name, bytes.length);
        node.write(at, bytes, allowed);
        node.modified = now();
        if (allowed < bytes.length) {
            throw fuse.blow("write " + name);
        }
    }

    void change(String what, Runnable change) {
        fuse.effect(what);
        change.run();
    }

    @Override
    public FileSystemProvider provider() {
        return provider;
    }

    @Override
    public void close() {
        // there is nothing to give back
    }

    @Override
    public boolean isOpen() {
        return true;
    }

    @Override
    public boolean isReadOnly() {
        return false;
    }

    @Override
    public String getSeparator() {
        return "/";
    }

    @Override
    public Iterable<Path> getRootDirectories() {
        return List.of(root());
    }

    @Override
    public Iterable<FileStore> getFileStores() {
        return List.of();
    }

    @Override
    public Set<String> supportedFileAttributeViews() {
        return Set.of("basic", "posix");
    }

    @Override
    public Path getPath(String first, String... more) {
        return new MemoryPath(this, Path.of(first, more));
    }

    @Override
    public PathMatcher getPathMatcher(String pattern) {
        PathMatcher matcher = FileSystems.getDefault().getPathMatcher(pattern);
        return path -> matcher.matches(MemoryPath.text(path));
    }

    @Override
    public UserPrincipalLookupService getUserPrincipalLookupService() {
        throw new UnsupportedOperationException("a disk in memory has one user");
    }

    @Override
    public WatchService newWatchService() {
        throw new UnsupportedOperationException("a disk in memory cannot be watched");
    }
}
