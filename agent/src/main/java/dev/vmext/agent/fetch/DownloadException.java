package dev.vmext.agent.fetch;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A download that ended without its file, with what is needed to say why. */
public final class DownloadException extends IOException {
    private static final long serialVersionUID = 1L;

    private final String host;
    private final String path;
    private final int status;
    private final boolean local;

    private DownloadException(
            String host, String path, int status, boolean local, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.host = host;
        this.path = path;
        this.status = status;
        this.local = local;
    }

    /** The other end answered, and the answer was no. */
    public static DownloadException refused(String host, String path, int status, @Nullable Throwable cause) {
        return new DownloadException(host, path, status, false, host + " answers " + status + " for " + path, cause);
    }

    /** The other end could not be reached, or went away. */
    public static DownloadException broken(String host, String path, IOException cause) {
        return new DownloadException(host, path, 0, false, String.valueOf(cause.getMessage()), cause);
    }

    /** What came could not be kept. */
    public static DownloadException notKept(String host, String path, IOException cause) {
        return new DownloadException(host, path, 0, true, String.valueOf(cause.getMessage()), cause);
    }

    /** {@code host:port} of the gateway. */
    public String host() {
        return host;
    }

    /** On the gateway. */
    public String path() {
        return path;
    }

    public String url() {
        return "https://" + host + path;
    }

    /** Of HTTP; 0 when there was no answer. */
    public int status() {
        return status;
    }

    /** Whether this machine is at fault, not the way to the gateway. */
    public boolean local() {
        return local;
    }
}
