package dev.vmext.nodemetrics;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.BooleanSupplier;

/** Reads an endpoint once, as the agent will, to see that it answers. */
interface Reader {
    /**
     * What it offers.
     *
     * @param atWork whether the exporter still runs; asked now and then while it does not answer. A socket that systemd holds takes
     *     questions that nobody will answer
     * @throws IOException when nobody answers in time, or not with metrics; the message says why
     */
    Reading read(Path socket, BooleanSupplier atWork) throws IOException, InterruptedException;

    /**
     * What an exporter offered.
     *
     * @param series how many
     * @param silent collectors that found nothing to measure, as the exporter calls them
     */
    record Reading(int series, List<String> silent) {
        public Reading {
            silent = List.copyOf(silent);
        }
    }
}
