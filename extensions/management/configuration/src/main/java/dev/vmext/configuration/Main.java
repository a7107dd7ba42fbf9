package dev.vmext.configuration;

import dev.vmext.extensionkit.HandlerMain;
import dev.vmext.extensionkit.machine.Downloads;
import dev.vmext.extensionkit.machine.RealPrograms;
import java.nio.file.Path;
import java.time.Duration;

/** Entry point of bin/handler. */
public final class Main {
    private Main() {}

    public static void main(String[] arguments) {
        HandlerMain.main(new Configuration(new RealPrograms(), new RealTime(), new Places(Path.of("/"))), arguments);
    }

    private record RealTime() implements Downloads.Time {
        @Override
        public long nanos() {
            return System.nanoTime();
        }

        @Override
        public void pause(Duration time) throws InterruptedException {
            Thread.sleep(time);
        }
    }
}
