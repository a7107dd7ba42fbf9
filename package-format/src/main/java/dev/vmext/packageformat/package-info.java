/**
 * What every part of reading, writing and checking a package can go wrong with: one exception and its kinds. Everybody who
 * handles packages catches it here. It knows nothing of servers, agents, HTTP or exit codes; callers translate the kind.
 */
@NullMarked
package dev.vmext.packageformat;

import org.jspecify.annotations.NullMarked;
