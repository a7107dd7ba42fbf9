/**
 * The machine's settings key: makes it, writes its certificate, and opens what was sealed for it to learn the values to redact. The
 * loop and the log call it. It must not know where settings come from.
 */
@NullMarked
package dev.vmext.agent.seal;

import org.jspecify.annotations.NullMarked;
