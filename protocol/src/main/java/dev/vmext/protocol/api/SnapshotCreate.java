package dev.vmext.protocol.api;

import org.jspecify.annotations.Nullable;

/**
 * Takes a snapshot of a machine's disk.
 *
 * @param consistency {@code application}: the machine's file systems are frozen for the moment, or there is no snapshot; {@code crash}:
 *     as after a power cut; {@code auto}, the default: frozen if the machine lets that be done, and it says why when not
 * @param full copy everything, also where an increment would do; false when null
 * @param longestChain after that many increments a full one is taken, from 0 to 100; 14 when null
 * @param keep afterwards, chains are deleted that are older than those of the newest so many snapshots, from 1 to 1000; all are kept
 *     when null
 */
public record SnapshotCreate(
        @Nullable String consistency,
        @Nullable Boolean full,
        @Nullable Integer longestChain,
        @Nullable Integer keep) {}
