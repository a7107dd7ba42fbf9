@NullMarked
package dev.vmext.applicationhealth;

import org.jspecify.annotations.NullMarked;
