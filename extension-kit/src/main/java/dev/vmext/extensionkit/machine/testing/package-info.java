/**
 * Stand-ins for the machine in tests of handlers.
 * Tests call it.
 * It must not know any particular handler.
 */
@NullMarked
package dev.vmext.extensionkit.machine.testing;

import org.jspecify.annotations.NullMarked;
