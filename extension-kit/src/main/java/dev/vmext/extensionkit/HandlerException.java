package dev.vmext.extensionkit;

/**
 * A command that cannot do its work: what failed and why, what to do about it, and the exit code that says so to the
 * agent. The message has the form "cannot <verb> <thing>: <why>".
 */
public final class HandlerException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int exitCode;
    private final String hint;

    public HandlerException(int exitCode, String message, String hint) {
        super(message);
        this.exitCode = exitCode;
        this.hint = hint;
    }

    public HandlerException(int exitCode, String message, String hint, Throwable cause) {
        super(message, cause);
        this.exitCode = exitCode;
        this.hint = hint;
    }

    /** A fault of the settings: the one who wrote them must act. */
    public static HandlerException badSettings(String message, String hint) {
        return new HandlerException(ExitCode.CONFIGURATION, message, hint);
    }

    public int exitCode() {
        return exitCode;
    }

    public String hint() {
        return hint;
    }

    /** Message and hint as one text, for status and standard error. */
    public String fullText() {
        return hint.isBlank() ? String.valueOf(getMessage()) : getMessage() + ". " + hint;
    }
}
