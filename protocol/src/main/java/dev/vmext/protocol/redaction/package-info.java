/**
 * What looks like a secret in any text, for both ends of a diagnostic bundle. Agent and control plane use it as the second net below
 * what they know by value. It must not know where a text comes from or goes to.
 */
@NullMarked
package dev.vmext.protocol.redaction;

import org.jspecify.annotations.NullMarked;
