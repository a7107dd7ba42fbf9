package dev.vmext.server.repository;

import java.util.regex.Pattern;

/**
 * One file of a repository.
 *
 * @param name 64 hexadecimal digits; empty for the configuration
 */
public record FileName(RepositoryPlace place, FileKind kind, String name) {
    private static final Pattern HASH = Pattern.compile("[0-9a-f]{64}");

    public FileName {
        if (kind == FileKind.CONFIG ? !name.isEmpty() : !isName(name)) {
            throw new IllegalArgumentException("no name of a file in a repository");
        }
    }

    /** Whether restic would give such a name to anything but the configuration. */
    public static boolean isName(String name) {
        return HASH.matcher(name).matches();
    }

    /** Where it lies in its repository, with slashes. */
    public String path() {
        return switch (kind) {
            case CONFIG -> "config";
            case DATA -> "data/" + name.substring(0, 2) + "/" + name;
            case KEYS, LOCKS, INDEX, SNAPSHOTS -> kind.folder() + "/" + name;
        };
    }

    @Override
    public String toString() {
        return kind == FileKind.CONFIG ? "config" : kind.folder() + "/" + name;
    }
}
