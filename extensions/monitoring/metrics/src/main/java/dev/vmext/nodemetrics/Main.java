package dev.vmext.nodemetrics;

import dev.vmext.extensionkit.HandlerMain;
import dev.vmext.extensionkit.machine.RealPrograms;
import java.nio.file.Path;
import java.time.Duration;

/** Entry point of bin/handler. */
public final class Main {
    private Main() {}

    public static void main(String[] arguments) {
        RealPrograms programs = new RealPrograms();
        HandlerMain.main(
                new NodeMetrics(programs, new Places(Path.of("/")), new UnixReader(Duration.ofSeconds(60))), arguments);
    }
}
