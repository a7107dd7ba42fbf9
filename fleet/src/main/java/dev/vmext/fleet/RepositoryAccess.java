package dev.vmext.fleet;

/** What a machine may do with a backup repository now. */
public enum RepositoryAccess {
    /** Not even know that it is there. */
    NONE,
    /** An installation of the machine restores from it. */
    READ,
    /** It belongs to an installation of the machine. */
    APPEND
}
