/**
 * Package bytes, kept by their digest and never changed. Publishing writes them, the API and the agent gateway read them. It knows
 * nothing of what a package means, who signed it or who may have it.
 */
@NullMarked
package dev.vmext.server.blob;

import org.jspecify.annotations.NullMarked;
