package dev.vmext.protocol.api;

/** The password of a backup repository: whoever has it and the repository's files can read everything in it. */
public record RepositoryKey(String password) {
    @Override
    public String toString() {
        return "RepositoryKey[hidden]";
    }
}
