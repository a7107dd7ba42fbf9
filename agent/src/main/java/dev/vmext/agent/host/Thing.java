package dev.vmext.agent.host;

import dev.vmext.protocol.status.RemovalReport;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Something that an installation can add to a machine.
 *
 * @param kind {@code file}, {@code folder}, {@code unit}, {@code cron}, {@code user}, {@code group}, {@code package}
 * @param name as it is reported: a path on the machine, or a name
 * @param path where it lies, null for what is no file of its own
 */
record Thing(String kind, String name, @Nullable Path path) {
    static final String PACKAGE = "package";
    static final String USER = "user";
    static final String GROUP = "group";

    Thing {
        Objects.requireNonNull(kind);
        Objects.requireNonNull(name);
    }

    RemovalReport.Item item(boolean shared) {
        return new RemovalReport.Item(kind, shared ? name + " (shared)" : name);
    }

    /** Stands for it in {@link Inventory}: FNV-1a over kind and place, 64 bits. */
    long hash() {
        String text = kind + '\0' + (path == null ? name : path.toString());
        long hash = 0xcbf29ce484222325L;
        for (int i = 0; i < text.length(); i++) {
            hash = (hash ^ text.charAt(i)) * 0x100000001b3L;
        }
        return hash;
    }
}
