/**
 * Everything that crosses a wire between the parts of vmext, without input or output of its own. Every other module except the
 * package format may call it. It knows no store, no socket and no file.
 */
@NullMarked
package dev.vmext.protocol;

import org.jspecify.annotations.NullMarked;
