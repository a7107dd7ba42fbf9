package dev.vmext.customscript;

import java.time.Duration;

/** Time as the run of a script needs it: elapsed, not of day, because a machine's clock may be set while a script runs. */
interface Stopwatch {
    long nanos();

    void pause(Duration time) throws InterruptedException;
}
