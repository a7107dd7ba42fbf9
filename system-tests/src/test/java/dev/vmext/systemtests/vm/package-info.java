/**
 * The whole house on one real virtual machine, booted once: what {@code vmext up} gives a user, and what only a machine of its own can
 * show (systemd, cgroups, package managers, restarts, power cuts). One class per story, all on the same machine and without a network:
 * what they need from Debian comes from the host. It takes the longest of all tests and waits most of its time for a
 * simulated processor, so the build starts it first and runs the other integration tests beside it.
 */
@NullMarked
package dev.vmext.systemtests.vm;

import org.jspecify.annotations.NullMarked;
