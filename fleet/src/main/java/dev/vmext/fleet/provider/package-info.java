/**
 * The port to where machines come from: what a provider of virtual machines can be asked to do. The server's machine service
 * calls it, and each kind of provider (the embedded QEMU, later libvirt and clouds) implements it. It knows nothing of
 * extensions, installations or the agent: a machine here is processors, memory, a disk and a seed.
 */
@NullMarked
package dev.vmext.fleet.provider;

import org.jspecify.annotations.NullMarked;
