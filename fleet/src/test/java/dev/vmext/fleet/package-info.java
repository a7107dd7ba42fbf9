/** Tests of the control plane's decisions, and the contract test of its store. Nobody calls them but the build. They know no database. */
@NullMarked
package dev.vmext.fleet;

import org.jspecify.annotations.NullMarked;
