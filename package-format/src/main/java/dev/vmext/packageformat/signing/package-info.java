/**
 * Publishers' signatures: made from a private key file, carried as DSSE envelopes, checked against a machine's trust policy.
 * The CLI signs with it; the server and, as the last word, the agent verify with it. It does not know how packages and
 * signatures travel, nor who asks.
 */
@NullMarked
package dev.vmext.packageformat.signing;

import org.jspecify.annotations.NullMarked;
