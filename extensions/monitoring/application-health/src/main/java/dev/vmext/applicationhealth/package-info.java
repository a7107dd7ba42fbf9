/**
 * The extension vmext.ApplicationHealth: asks applications on the machine whether they are healthy.
 * The agent runs its handler as a short-lived process for each command of the extension contract, and asks the probes itself.
 * It must not know vmext: nothing but the extension contract, through extension-kit.
 */
@NullMarked
package dev.vmext.applicationhealth;

import org.jspecify.annotations.NullMarked;
