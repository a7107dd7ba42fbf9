package dev.vmext.configuration;

import java.time.Duration;
import java.util.List;

/**
 * A word to vmext-configuration that runs Ansible, and how long it may take: it waits for a run that is under way, and ends its own
 * after their limits, so that this one ends only what nobody thought of.
 */
record LongRun(List<String> words, Duration limit) {
    /** One look and one apply of the longest limit; vmext-configuration waits as long. */
    static final int WAIT_SECONDS = 15_000;
    /** Its exit code when it waited in vain. */
    static final int BUSY = 75;

    LongRun {
        words = List.copyOf(words);
    }

    static LongRun use(String folder, int timeoutSeconds) {
        return of(2 * timeoutSeconds, "use", folder);
    }

    static LongRun cleanUp() {
        return of(ConfigurationSettings.LONGEST_TIMEOUT_SECONDS, "clean-up");
    }

    private static LongRun of(int seconds, String... words) {
        return new LongRun(List.of(words), Duration.ofSeconds(WAIT_SECONDS + seconds + 900L));
    }
}
