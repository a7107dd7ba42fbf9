/**
 * What handlers do to the machine they run on: programs, packages of the distribution, units of systemd.
 * Handlers written in Java call it, one thread per command; every operation may be repeated.
 * It must not know any particular program, package or unit: those are what a handler brings.
 */
@NullMarked
package dev.vmext.extensionkit.machine;

import org.jspecify.annotations.NullMarked;
