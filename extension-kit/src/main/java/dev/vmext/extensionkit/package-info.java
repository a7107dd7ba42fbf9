/**
 * What a handler written in Java needs to speak the extension contract: settings in, status, log, events and exit codes out.
 * Handlers of official and third-party extensions call it, one short-lived process per command.
 * It must not know any particular extension, nor the agent, the control plane or their wire formats.
 */
@NullMarked
package dev.vmext.extensionkit;

import org.jspecify.annotations.NullMarked;
