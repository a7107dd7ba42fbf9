/**
 * Alerts: rules over what machines measure and over how they are, what each rule said of each series, and who is told. {@code Alerts}
 * of the fleet asks it at every look; each answer is worked out from the rule, the series and what was known before. It must not know
 * where series are kept, who delivers a message, threads or the wall clock.
 */
@NullMarked
package dev.vmext.fleet.alert;

import org.jspecify.annotations.NullMarked;
