package dev.vmext.protocol.api;

import org.jspecify.annotations.Nullable;

/**
 * Makes a new virtual machine of what is known of a lost one: its labels, its installations with all settings, and its data.
 *
 * @param as name of another machine that is to be it; null when it comes back under its own name
 * @param from {@code snapshot}, {@code backup} or {@code nothing}; null for the newest snapshot if there is a good one, else a backup if
 *     there is one, else nothing
 * @param snapshot id of one; null for the newest good one
 */
public record MachineRecover(
        @Nullable String as,
        @Nullable String from,
        @Nullable String snapshot) {}
