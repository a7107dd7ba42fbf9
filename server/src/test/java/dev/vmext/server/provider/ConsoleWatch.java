package dev.vmext.server.provider;

import dev.vmext.fleet.provider.MachineProvider;
import java.io.IOException;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchService;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** Waits for words on a guest's console, woken by the log file growing. */
final class ConsoleWatch {
    private ConsoleWatch() {}

    static void await(MachineFolder folder, MachineProvider provider, String words, Duration deadline)
            throws IOException, InterruptedException {
        long until = System.nanoTime() + deadline.toNanos();
        try (WatchService watch = folder.path().getFileSystem().newWatchService()) {
            folder.path().register(watch, StandardWatchEventKinds.ENTRY_MODIFY, StandardWatchEventKinds.ENTRY_CREATE);
            while (!provider.console(folder.id(), 4 << 20).replace("\r", "").contains(words)) {
                var key = watch.poll(until - System.nanoTime(), TimeUnit.NANOSECONDS);
                if (key == null) {
                    throw new AssertionError("not on the console in " + deadline + ": " + words + "\n"
                            + provider.console(folder.id(), 4000));
                }
                key.pollEvents();
                key.reset();
            }
        }
    }
}
