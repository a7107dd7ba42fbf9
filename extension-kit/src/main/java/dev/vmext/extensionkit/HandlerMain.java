package dev.vmext.extensionkit;

import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;

/** Runs a handler with the real surroundings of this process and ends it: the body of an extension's {@code main}. */
public final class HandlerMain {
    private HandlerMain() {}

    public static void main(Handler handler, String... arguments) {
        PrintStream standardError = new PrintStream(System.err, true, StandardCharsets.UTF_8);
        HandlerRun.Surroundings surroundings = new HandlerRun.Surroundings(
                System.getenv(),
                Path.of("").toAbsolutePath(),
                ProcessHandle.current().pid(),
                InstantSource.system(),
                standardError);
        int exitCode = new HandlerRun(handler, surroundings).run(List.of(arguments));
        standardError.flush();
        System.exit(exitCode);
    }
}
