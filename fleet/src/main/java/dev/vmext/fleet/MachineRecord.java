package dev.vmext.fleet;

import java.util.Optional;

/**
 * What server parts that make or connect a machine need to know of it; people see {@code MachineView}.
 *
 * @param trust text of the owner's trust file, empty for the control plane's default
 * @param powerWanted see {@link Fleet#powerWanted}
 */
public record MachineRecord(
        String id,
        String project,
        String name,
        String provider,
        Hardware hardware,
        Optional<String> trust,
        boolean enrolled,
        boolean powerWanted,
        boolean deleting) {}
