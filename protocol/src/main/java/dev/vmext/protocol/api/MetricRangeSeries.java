package dev.vmext.protocol.api;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One line of a chart.
 *
 * @param values one per step, null where there is none
 */
public record MetricRangeSeries(String name, Map<String, String> labels, String kind, List<@Nullable Double> values) {}
