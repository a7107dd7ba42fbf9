package dev.vmext.nodemetrics;

import java.io.IOException;
import java.nio.file.Path;

/** Reads an endpoint once, as the agent will, to see that it answers. */
interface Reader {
    /**
     * How many series it offers.
     *
     * @throws IOException when nobody answers in time, or not with metrics; the message says why
     */
    int countSeries(Path socket) throws IOException, InterruptedException;
}
