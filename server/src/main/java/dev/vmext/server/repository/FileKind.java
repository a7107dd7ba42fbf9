package dev.vmext.server.repository;

import java.util.Locale;
import java.util.Optional;

/** Kinds of files in a repository, as restic lays them out. All but the one configuration are named by the SHA-256 of their content. */
public enum FileKind {
    CONFIG(1 << 16),
    KEYS(1 << 16),
    LOCKS(1 << 16),
    DATA(1L << 30),
    INDEX(1L << 30),
    SNAPSHOTS(1L << 26);

    private final long limit;

    FileKind(long limit) {
        this.limit = limit;
    }

    /** Bytes of the largest file of this kind; restic makes none that is nearly so large. */
    public long limit() {
        return limit;
    }

    /** The name of its folder; of the file itself for the configuration. */
    public String folder() {
        return name().toLowerCase(Locale.ROOT);
    }

    public static Optional<FileKind> find(String folder) {
        for (FileKind kind : values()) {
            if (kind.folder().equals(folder)) {
                return Optional.of(kind);
            }
        }
        return Optional.empty();
    }
}
