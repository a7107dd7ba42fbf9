package dev.vmext.agent.run;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * How a command of a handler asks for a restart of the machine: it creates {@code config/reboot-required} in its folder, with the reason
 * as text. Linux has no exit code for it: they end at 255 and each means something else to each handler. Pure file access; any thread.
 */
final class RestartWish {
    private static final String FILE = "config/reboot-required";
    private static final int MAX_REASON = 200;

    private RestartWish() {}

    /** Before a command: a wish of an earlier one was heard. */
    static void clear(Path base) throws IOException {
        Files.deleteIfExists(base.resolve(FILE));
    }

    /** After a command: why it asks for a restart, null when it does not. */
    static @Nullable String read(Path base) throws IOException {
        Path file = base.resolve(FILE);
        if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
            return null;
        }
        try (var in = Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS)) {
            String text = new String(in.readNBytes(4 * MAX_REASON), StandardCharsets.UTF_8).strip();
            String line = text.lines().findFirst().orElse("");
            return line.isEmpty()
                    ? "its handler asks for it"
                    : line.length() > MAX_REASON ? line.substring(0, MAX_REASON) : line;
        }
    }
}
