@NullMarked
package dev.vmext.fleet.alert;

import org.jspecify.annotations.NullMarked;
