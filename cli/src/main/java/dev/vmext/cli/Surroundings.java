package dev.vmext.cli;

import java.io.InputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;

/**
 * Everything a command sees of the world, so that tests can give it another one. {@link Main} makes the real one.
 *
 * @param in standard input, for {@code --settings -}
 * @param terminal whether standard output is a terminal that can redraw lines
 * @param pause waits between two looks at the API
 * @param random where keys and secrets come from
 * @param passwords asks a person without echo; empty when there is nobody to ask
 * @param home the user's home folder
 * @param dist the folder of the built parts, empty when the command line was started without the vmext script
 */
record Surroundings(
        InputStream in,
        PrintStream out,
        PrintStream err,
        boolean terminal,
        InstantSource clock,
        Pause pause,
        SecureRandom random,
        Passwords passwords,
        Map<String, String> environment,
        Path home,
        Optional<Path> dist) {

    /** Waits. */
    interface Pause {
        void forDuration(Duration duration) throws InterruptedException;
    }

    /** Asks for a secret without showing it. */
    interface Passwords {
        Optional<char[]> ask(String prompt);
    }

    /** Where the control plane of this machine keeps its data. */
    Path vmextHome() {
        String set = environment.get("VMEXT_HOME");
        return set == null || set.isBlank() ? home.resolve(".local/share/vmext") : Path.of(set);
    }

    /** Where the command line keeps its contexts. */
    Path configFolder() {
        String set = environment.get("VMEXT_CONFIG");
        return set == null || set.isBlank() ? home.resolve(".config/vmext") : Path.of(set);
    }
}
