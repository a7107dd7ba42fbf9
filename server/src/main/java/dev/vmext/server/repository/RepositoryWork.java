package dev.vmext.server.repository;

import java.util.Locale;

/** What the control plane does with a repository. */
public enum RepositoryWork {
    PRUNE,
    CHECK,
    PROVE,
    REPLICATE;

    public String wire() {
        return name().toLowerCase(Locale.ROOT);
    }
}
