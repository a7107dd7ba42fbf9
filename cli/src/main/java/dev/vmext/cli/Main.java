package dev.vmext.cli;

import java.io.Console;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.Optional;

/** Starts the command line in the real world. The only class here that touches clock, environment and sleep. */
public final class Main {
    private Main() {}

    @SuppressWarnings("SystemConsoleNull") // true of JDK 22 to 24 only; 25 answers null again when there is no terminal
    public static void main(String[] args) {
        Console console = System.console();
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        PrintStream err = new PrintStream(System.err, true, StandardCharsets.UTF_8);
        boolean terminal = console != null && console.isTerminal() && !"dumb".equals(System.getenv("TERM"));
        String dist = System.getProperty("vmext.dist");
        Surroundings surroundings = new Surroundings(
                System.in,
                out,
                err,
                terminal,
                InstantSource.system(),
                Thread::sleep,
                new SecureRandom(),
                prompt -> console == null ? Optional.empty() : Optional.ofNullable(console.readPassword("%s", prompt)),
                System.getenv(),
                Path.of(System.getProperty("user.home")),
                dist == null ? Optional.empty() : Optional.of(Path.of(dist)));
        System.exit(CommandLines.run(surroundings, args));
    }
}
