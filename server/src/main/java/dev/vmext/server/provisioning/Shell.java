package dev.vmext.server.provisioning;

/** Text for a POSIX shell. */
final class Shell {
    private Shell() {}

    /** One word that the shell takes literally, whatever is in it. */
    static String quoted(String text) {
        if (text.indexOf('\0') >= 0) {
            throw new IllegalArgumentException("no shell word can hold a zero byte");
        }
        return "'" + text.replace("'", "'\\''") + "'";
    }
}
