@NullMarked
package dev.vmext.nodemetrics;

import org.jspecify.annotations.NullMarked;
