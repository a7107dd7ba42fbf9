package dev.vmext.server.metrics;

/**
 * What became of the samples of one batch.
 *
 * @param stored are on the disk
 * @param known were not newer than the newest of their series: had been stored before, or came too late
 * @param overSeriesLimit belong to series that the machine may not have, because it has as many as it may
 * @param outOfTime lie in the future or are older than samples are kept
 */
public record Appended(int stored, int known, int overSeriesLimit, int outOfTime) {
    public int refused() {
        return overSeriesLimit + outOfTime;
    }
}
