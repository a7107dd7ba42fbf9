/**
 * Machines on this host: QEMU with the accelerator that works, the image they boot from, and their seeds. The server's wiring
 * makes the provider and hands it out as the fleet's {@code MachineProvider}. It knows nothing of agents, enrolment or
 * extensions: what is in a seed is somebody else's text.
 */
@NullMarked
package dev.vmext.server.provider;

import org.jspecify.annotations.NullMarked;
