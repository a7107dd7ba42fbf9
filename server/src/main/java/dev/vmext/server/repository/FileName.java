package dev.vmext.server.repository;

import java.nio.file.Path;
import java.util.regex.Pattern;

/**
 * One file of a repository.
 *
 * @param name 64 hexadecimal digits; empty for the configuration
 */
public record FileName(RepositoryPlace place, FileKind kind, String name) {
    private static final Pattern HASH = Pattern.compile("[0-9a-f]{64}");

    public FileName {
        if (kind == FileKind.CONFIG ? !name.isEmpty() : !HASH.matcher(name).matches()) {
            throw new IllegalArgumentException("no name of a file in a repository");
        }
    }

    Path under(Path repository) {
        return switch (kind) {
            case CONFIG -> repository.resolve("config");
            case DATA ->
                repository.resolve("data").resolve(name.substring(0, 2)).resolve(name);
            case KEYS, LOCKS, INDEX, SNAPSHOTS ->
                repository.resolve(kind.folder()).resolve(name);
        };
    }

    @Override
    public String toString() {
        return kind == FileKind.CONFIG ? "config" : kind.folder() + "/" + name;
    }
}
