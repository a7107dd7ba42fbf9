/**
 * The extension vmext.CustomScript: runs a script once per change of its settings and reports what came of it.
 * An agent runs it through bin/handler, one process per command of the extension contract.
 * It must not know the agent or the control plane: only what the extension contract tells it.
 */
@NullMarked
package dev.vmext.customscript;

import org.jspecify.annotations.NullMarked;
