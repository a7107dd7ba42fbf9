package dev.vmext.customscript;

import dev.vmext.extensionkit.machine.Downloads;

/** Time as the run of a script needs it: elapsed, not of day, because a machine's clock may be set while a script runs. */
interface Stopwatch extends Downloads.Time {}
