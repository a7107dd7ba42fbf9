/**
 * Backup repositories on the control plane's side: their files, and the work on them that machines are not trusted with. Called by the
 * gateway, the API and the timer. Does not know HTTP, and knows of machines only what the fleet tells.
 */
@NullMarked
package dev.vmext.server.repository;

import org.jspecify.annotations.NullMarked;
