/**
 * Brings a package onto the machine: download with resume, digest, signature against the machine's own trust file, unpacking. The step
 * runner calls it. It must not know what happens to the package afterwards.
 */
@NullMarked
package dev.vmext.agent.fetch;

import org.jspecify.annotations.NullMarked;
