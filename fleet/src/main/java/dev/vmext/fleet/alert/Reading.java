package dev.vmext.fleet.alert;

import java.util.Map;

/**
 * What one look says of one series, or of one group of series.
 *
 * @param value what was compared: the newest value, the rate, the forecast, or for an absence the seconds of silence
 * @param holds whether the rule is true of it
 */
record Reading(AlertKey key, double value, boolean holds) {
    static Reading of(String rule, String machineId, Map<String, String> labels, double value, boolean holds) {
        return new Reading(new AlertKey(rule, machineId, labels), value, holds);
    }
}
