/**
 * The control plane as the attacker: a gateway that says and serves whatever a test wants, a real agent process in a private root, and one
 * test per promise of the trust modes. Faults and secrets are tested with the same two. It must not use the server's own code.
 */
@NullMarked
package dev.vmext.systemtests.trust;

import org.jspecify.annotations.NullMarked;
