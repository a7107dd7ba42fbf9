package dev.vmext.fleet.alert;

import java.util.Map;
import java.util.TreeMap;

/** What an alert is about: within one project there is one alert for each. */
public record AlertKey(String rule, String machineId, Map<String, String> labels) {
    public AlertKey {
        labels = Map.copyOf(labels);
    }

    /** The labels as people read them, such as {@code device=vda1, mountpoint=/}; empty without labels. */
    public String shownLabels() {
        StringBuilder text = new StringBuilder();
        new TreeMap<>(labels)
                .forEach((label, value) -> text.append(text.isEmpty() ? "" : ", ")
                        .append(label)
                        .append('=')
                        .append(value));
        return text.toString();
    }
}
