/**
 * Whose packages a machine runs and what they may do: publisher keys, their name spaces, and the mode, as the machine's owner
 * wrote them into trust.json. The verifier, the agent and enrolment call it. It knows nothing of packages or of how a
 * signature looks.
 */
@NullMarked
package dev.vmext.packageformat.trust;

import org.jspecify.annotations.NullMarked;
