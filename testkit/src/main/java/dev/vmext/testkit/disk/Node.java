package dev.vmext.testkit.disk;

import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.GroupPrincipal;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.UserPrincipal;
import java.util.Arrays;
import java.util.Set;

/** A file or folder of a disk in memory: what is in it, and what of that would survive a power cut. One thread. */
final class Node {
    private static final byte[] EMPTY = {};

    private static final GroupPrincipal ROOT = new GroupPrincipal() {
        @Override
        public String getName() {
            return "root";
        }
    };

    final boolean folder;
    Set<PosixFilePermission> permissions;
    FileTime modified;
    private byte[] content = EMPTY;
    private byte[] forced = EMPTY;

    Node(boolean folder, Set<PosixFilePermission> permissions, FileTime modified) {
        this.folder = folder;
        this.permissions = permissions;
        this.modified = modified;
    }

    /** The same file on another disk; contents are never changed in place. */
    Node copy() {
        Node copy = new Node(folder, permissions, modified);
        copy.content = content;
        copy.forced = forced;
        return copy;
    }

    /** Takes back a write. */
    void restore(byte[] before) {
        content = before;
    }

    byte[] content() {
        return content;
    }

    void write(int at, byte[] bytes, int length) {
        byte[] next = Arrays.copyOf(content, Math.max(content.length, at + length));
        System.arraycopy(bytes, 0, next, at, length);
        content = next;
    }

    void truncate(int size) {
        if (size < content.length) {
            content = Arrays.copyOf(content, size);
        }
    }

    void force() {
        forced = content;
    }

    void losePower() {
        content = forced;
    }

    Attributes attributes() {
        return new Attributes(this);
    }

    /** As they are now; a snapshot is what callers get from a real disk, too. */
    static final class Attributes implements PosixFileAttributes {
        private final boolean folder;
        private final long size;
        private final Set<PosixFilePermission> permissions;
        private final FileTime modified;
        private final int key;

        private Attributes(Node node) {
            this.folder = node.folder;
            this.size = node.content.length;
            this.permissions = Set.copyOf(node.permissions);
            this.modified = node.modified;
            this.key = System.identityHashCode(node);
        }

        @Override
        public UserPrincipal owner() {
            return ROOT;
        }

        @Override
        public GroupPrincipal group() {
            return ROOT;
        }

        @Override
        public Set<PosixFilePermission> permissions() {
            return permissions;
        }

        @Override
        public FileTime lastModifiedTime() {
            return modified;
        }

        @Override
        public FileTime lastAccessTime() {
            return modified;
        }

        @Override
        public FileTime creationTime() {
            return modified;
        }

        @Override
        public boolean isRegularFile() {
            return !folder;
        }

        @Override
        public boolean isDirectory() {
            return folder;
        }

        @Override
        public boolean isSymbolicLink() {
            return false;
        }

        @Override
        public boolean isOther() {
            return false;
        }

        @Override
        public long size() {
            return size;
        }

        @Override
        public Object fileKey() {
            return key;
        }
    }
}
