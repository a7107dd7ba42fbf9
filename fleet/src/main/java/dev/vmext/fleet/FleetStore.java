package dev.vmext.fleet;

/** Where the control plane remembers. */
public interface FleetStore {}
