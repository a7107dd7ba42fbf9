package dev.vmext.protocol.api;

import java.util.List;

/**
 * What was forgotten, and what that leaves.
 *
 * @param name the installation, empty when the whole machine was forgotten
 * @param remains what may still run on the machine, unmanaged
 * @param message in a sentence or two, for a person
 */
public record Forgotten(String machine, String name, List<UnmanagedView> remains, String message) {}
