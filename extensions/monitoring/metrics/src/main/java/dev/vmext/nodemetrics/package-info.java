/**
 * The extension vmext.Metrics: metrics of the machine, made by prometheus-node-exporter, and of applications that offer their own.
 * The agent runs its handler as a short-lived process for each command of the extension contract.
 * It must not know vmext: nothing but the extension contract, through extension-kit.
 */
@NullMarked
package dev.vmext.nodemetrics;

import org.jspecify.annotations.NullMarked;
