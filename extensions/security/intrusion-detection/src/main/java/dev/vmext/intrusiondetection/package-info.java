/**
 * The extension vmext.IntrusionDetection: AIDE for changed files and fail2ban for attacks in the logs, set up from settings.
 * An agent runs it through bin/handler, one process per command of the extension contract; what stays at work are units of systemd.
 * It must not know the agent or the control plane: only what the extension contract and the agent's public configuration tell it.
 */
@NullMarked
package dev.vmext.intrusiondetection;

import org.jspecify.annotations.NullMarked;
