package dev.vmext.fleet;

/**
 * Up to where a machine's book of findings is stored: its epoch, the number of the last entry and that entry's mark.
 */
public record FindingPosition(String machineId, String epoch, long number, String mark) {}
