/**
 * Packages as zip files: written reproducibly, described without unpacking, unpacked within limits. The CLI, the catalog, the
 * agent and the builds of official extensions call it. It knows nothing of signatures and trust.
 */
@NullMarked
package dev.vmext.packageformat.archive;

import org.jspecify.annotations.NullMarked;
