/** Tests of vmext.CustomScript, alone and through its package. The build calls them. They know the extension contract and no agent. */
@NullMarked
package dev.vmext.customscript;

import org.jspecify.annotations.NullMarked;
