package dev.vmext.agent.run;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.jspecify.annotations.Nullable;

/**
 * How a command of a handler, or what it left running, asks for a restart of the machine: it creates {@code config/reboot-required} in its
 * folder, with the reason as text. What a command asked is kept aside, so that what is there later is what a unit asked. Linux has no exit code for it: they end at 255 and each means something else to each handler. Pure file access; any thread.
 */
final class RestartWish {
    private static final String FILE = "config/reboot-required";
    private static final String HEARD = "config/.reboot-heard";
    private static final int MAX_REASON = 200;

    private RestartWish() {}

    /** Before a command: a wish of an earlier one was heard. */
    static void clear(Path base) throws IOException {
        Files.deleteIfExists(base.resolve(FILE));
        Files.deleteIfExists(base.resolve(HEARD));
    }

    /** After a command: why it asks for a restart, null when it does not. Asked again, also after a crash, it says the same. */
    static @Nullable String hear(Path base) throws IOException {
        Path file = base.resolve(FILE);
        if (Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
            Files.move(file, base.resolve(HEARD), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        }
        return text(base.resolve(HEARD));
    }

    /** While it is enabled: why something it left running asks for a restart, null when nothing does. */
    static @Nullable String read(Path base) throws IOException {
        return text(base.resolve(FILE));
    }

    private static @Nullable String text(Path file) throws IOException {
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
