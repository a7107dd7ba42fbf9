/**
 * A secret that can be recognised is given to extensions that do everything wrong with it, and then looked for everywhere. It must not
 * know how secrets are taken out.
 */
@NullMarked
package dev.vmext.systemtests.secrets;

import org.jspecify.annotations.NullMarked;
