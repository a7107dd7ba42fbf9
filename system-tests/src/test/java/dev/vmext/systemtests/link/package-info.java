/**
 * The real agent's link before the real gateway, both in this process, each with a clock in the test's hand: what takes weeks in the
 * field takes seconds here. The build runs these after the unit tests. They use nothing but the two ends' public doors.
 */
@NullMarked
package dev.vmext.systemtests.link;

import org.jspecify.annotations.NullMarked;
