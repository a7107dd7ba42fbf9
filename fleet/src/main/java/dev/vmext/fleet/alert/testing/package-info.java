/** Series in memory for tests of alerts. Tests fill it and hand it to rules; it must not know where real series are kept. */
@NullMarked
package dev.vmext.fleet.alert.testing;

import org.jspecify.annotations.NullMarked;
