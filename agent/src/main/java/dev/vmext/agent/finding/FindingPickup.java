package dev.vmext.agent.finding;

import dev.vmext.agent.process.Pause;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.TreeSet;

/**
 * Looks at the events folders of those extensions that declare findings, every few seconds. Runs on a thread of its own until it is
 * interrupted.
 */
public final class FindingPickup implements Runnable {
    /** How often a folder is looked at. */
    static final Duration PAUSE = Duration.ofSeconds(7);

    private static final System.Logger LOG = System.getLogger(FindingPickup.class.getName());

    private final DeclaredFindings declared;
    private final Collector collector;
    private final Path logs;
    private final Pause pause;
    private final Runnable passed;
    private final TreeSet<String> failing = new TreeSet<>();

    /** One pass over an extension's events folder. */
    public interface Collector {
        /**
         * Takes what is in the folder.
         *
         * @param logs the extension's folder of logs, which holds the events folder
         */
        void collect(String extension, Path logs) throws IOException;
    }

    FindingPickup(DeclaredFindings declared, Collector collector, Path logs, Pause pause, Runnable passed) {
        this.declared = declared;
        this.collector = collector;
        this.logs = logs;
        this.pause = pause;
        this.passed = passed;
    }

    @Override
    public void run() {
        try {
            while (true) {
                pass();
                passed.run();
                pause.forTime(PAUSE);
            }
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
        }
    }

    /** Looks once. */
    void pass() {
        Map<String, DeclaredFindings.Extension> extensions;
        try {
            extensions = declared.look();
        } catch (IOException | RuntimeException e) {
            LOG.log(System.Logger.Level.WARNING, "Cannot look at the packages unpacked here: {0}", e.toString());
            return;
        }
        for (DeclaredFindings.Extension extension : extensions.values()) {
            if (extension.types().isEmpty()) {
                continue;
            }
            try {
                collector.collect(extension.name(), logs.resolve(extension.name()));
                failing.remove(extension.name());
            } catch (IOException | RuntimeException e) {
                if (failing.add(extension.name())) {
                    LOG.log(
                            System.Logger.Level.WARNING,
                            "Cannot collect the findings of {0}, trying again every few seconds: {1}",
                            extension.name(),
                            e.toString());
                }
            }
        }
    }
}
