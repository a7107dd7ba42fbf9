@NullMarked
package dev.vmext.extensionkit.machine;

import org.jspecify.annotations.NullMarked;
