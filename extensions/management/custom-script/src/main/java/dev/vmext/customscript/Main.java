package dev.vmext.customscript;

import dev.vmext.extensionkit.HandlerMain;
import java.nio.file.Path;
import java.time.Duration;

/** Entry point of bin/handler. */
public final class Main {
    private Main() {}

    public static void main(String[] arguments) {
        ProcessTable processes = new ProcessTable(Path.of("/proc"), new RealTime());
        CustomScript handler = new CustomScript(processes, new RealTime(), System.getenv());
        // An agent that ends the handler ends the script with it.
        Runtime.getRuntime().addShutdownHook(new Thread(handler::stop));
        HandlerMain.main(handler, arguments);
    }

    private record RealTime() implements Stopwatch {
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
