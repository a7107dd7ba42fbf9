/**
 * The extension vmext.Firewall: one nftables table from declarative settings, loaded now and at every boot.
 * An agent runs it through bin/handler, one process per command of the extension contract.
 * It must not know the agent or the control plane: only what the extension contract tells it.
 */
@NullMarked
package dev.vmext.firewall;

import org.jspecify.annotations.NullMarked;
