/**
 * Holds settings against the JSON Schema of an extension. Fleet calls it through its port, publishing checks schemas with it. It knows
 * nothing of machines, and never repeats a value, because it may be a secret.
 */
@NullMarked
package dev.vmext.server.settings;

import org.jspecify.annotations.NullMarked;
