package dev.vmext.fleet.alert;

import java.util.List;
import java.util.Map;

/**
 * What one series of one machine said in a stretch of time.
 *
 * @param labels without the metric's name and without the machine
 * @param points oldest first
 */
public record SeriesWindow(String machineId, Map<String, String> labels, List<Point> points) {
    public SeriesWindow {
        labels = Map.copyOf(labels);
        points = List.copyOf(points);
    }
}
