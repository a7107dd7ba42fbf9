package dev.vmext.bench.metrics;

import dev.vmext.protocol.metrics.Sample;
import java.nio.file.Path;
import java.util.List;

/** Something that keeps samples. Several threads send, each for machines of its own. */
@SuppressWarnings("try") // close waits for a process, which may be interrupted
interface Target extends AutoCloseable {
    String name();

    /** Returns when the samples were taken. */
    void send(String machine, List<Sample> samples) throws Exception;

    /** Lets it do what it does in the background. */
    void settle() throws Exception;

    /**
     * One series over a time, the mean of each step.
     *
     * @return how many steps have a value
     */
    int mean(String machine, int series, long from, long to, long step) throws Exception;

    /** Resident memory in MiB. */
    long resident() throws Exception;

    Path data();

    @Override
    void close() throws Exception;
}
