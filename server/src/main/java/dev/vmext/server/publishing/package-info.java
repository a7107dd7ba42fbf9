/**
 * How a signed package comes into the catalog, and whose signatures this control plane accepts for it. The API calls it. It knows nothing
 * of machines: those decide about trust again, by their own trust file.
 */
@NullMarked
package dev.vmext.server.publishing;

import org.jspecify.annotations.NullMarked;
