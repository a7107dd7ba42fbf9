package dev.vmext.fleet;

/** Where ids and secrets come from. Implemented with a secure random in the server, with a counter or a seed in tests. */
public interface IdSource {
    /** A UUID in lower case, never given before. */
    String newId();

    /** This many bytes that nobody can guess. */
    byte[] newSecret(int bytes);
}
