/**
 * The rules of the house, as tests: which module may know which, what main code must not do, and that tables and documents agree. The
 * build runs it. It knows every module and none of their insides.
 */
@NullMarked
package dev.vmext.systemtests.architecture;

import org.jspecify.annotations.NullMarked;
