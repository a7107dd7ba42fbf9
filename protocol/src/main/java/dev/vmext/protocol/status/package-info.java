/**
 * What was observed on a machine for one installation: state, cause, handler status, output. The agent writes it, the control plane\n * stores it, the API shows it. It knows nothing about why an installation is wanted.
 */
@NullMarked
package dev.vmext.protocol.status;

import org.jspecify.annotations.NullMarked;
