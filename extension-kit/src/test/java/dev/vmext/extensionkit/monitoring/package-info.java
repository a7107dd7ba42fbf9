@NullMarked
package dev.vmext.extensionkit.monitoring;

import org.jspecify.annotations.NullMarked;
