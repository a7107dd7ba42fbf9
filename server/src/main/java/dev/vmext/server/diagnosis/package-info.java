/**
 * What somebody far away needs to understand why a machine is not well, as the control plane sees it. The API calls it for the
 * diagnostic bundle of a machine. It must not know how an agent is asked, nor open protected settings.
 */
@NullMarked
package dev.vmext.server.diagnosis;

import org.jspecify.annotations.NullMarked;
