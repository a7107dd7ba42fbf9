/**
 * The clockwork of alerts: lets the fleet look at its rules, hands it the stored series, and keeps series of what the control plane knows
 * by itself, from which availability is worked out. Started by the wiring and asked by routes; it must not decide what an alert is.
 */
@NullMarked
package dev.vmext.server.alert;

import org.jspecify.annotations.NullMarked;
