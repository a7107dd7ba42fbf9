package dev.vmext.protocol.api;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A rule for alerts, as it is written; its name stands in the address. All times are in whole seconds.
 *
 * @param summary one line for whoever is told; {@code {machine}}, {@code {value}}, {@code {value:percent}} and {@code {label}} are filled in
 * @param hint what to do; may be missing
 * @param severity info, low, medium, high or critical
 * @param machines labels that a machine must have; missing for all machines
 * @param metric the name of the metric that is looked at
 * @param where conditions on labels, such as {@code mode=idle} or {@code fstype!~tmpfs|overlay}
 * @param dividedBy a metric with the same labels by which each value is divided
 * @param combine each, sum, avg, min or max: how the series of one machine become one number; missing for each
 * @param by labels that tell groups apart when combined
 * @param kind threshold, rate, forecast or absence
 * @param comparison one of {@code > < >= <= == !=}; not for absence
 * @param limit what is compared with; not for absence
 * @param windowSeconds how far back is looked; missing for 300
 * @param aheadSeconds for forecast: how far ahead
 * @param memorySeconds for absence: how long a series is remembered; missing for a day
 * @param lastsSeconds how long it must be true before it is an alert; missing for 0
 * @param clearsSeconds how long it must be untrue before the alert is over; missing for 60
 * @param enabled missing for true
 */
public record AlertRuleWrite(
        String summary,
        @Nullable String hint,
        String severity,
        @Nullable Map<String, String> machines,
        String metric,
        @Nullable List<String> where,
        @Nullable String dividedBy,
        @Nullable String combine,
        @Nullable List<String> by,
        String kind,
        @Nullable String comparison,
        @Nullable Double limit,
        @Nullable Integer windowSeconds,
        @Nullable Integer aheadSeconds,
        @Nullable Integer memorySeconds,
        @Nullable Integer lastsSeconds,
        @Nullable Integer clearsSeconds,
        @Nullable Boolean enabled) {}
