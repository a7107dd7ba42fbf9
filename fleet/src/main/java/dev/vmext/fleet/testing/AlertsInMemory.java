package dev.vmext.fleet.testing;

import dev.vmext.fleet.FleetChange.AlertChange;
import dev.vmext.fleet.alert.Alert;
import dev.vmext.fleet.alert.AlertKey;
import dev.vmext.fleet.alert.Silence;
import dev.vmext.fleet.alert.StoredRule;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Rules, alerts and silences of a store in memory; only used while its lock is held. */
final class AlertsInMemory {
    private record InProject<K>(String project, K key) {}

    private final Map<InProject<String>, StoredRule> rules = new HashMap<>();
    private final Map<InProject<AlertKey>, Alert> alerts = new HashMap<>();
    private final Map<String, Silence> silences = new TreeMap<>();

    /** The revision that a change expects, and the one that is there. */
    record Revisions(String what, long expected, long found) {}

    /** Empty for a change that no revision can refuse. */
    Optional<Revisions> stored(AlertChange change) {
        return switch (change) {
            case AlertChange.RulePut(var put) -> {
                StoredRule there =
                        rules.get(new InProject<>(put.project(), put.rule().name()));
                yield Optional.of(new Revisions(
                        "alert rule " + put.rule().name(), put.revision(), there == null ? 0 : there.revision()));
            }
            case AlertChange.AlertPut(var put) -> {
                Alert there = alerts.get(new InProject<>(put.project(), put.key()));
                yield Optional.of(new Revisions(
                        "alert " + put.key().rule(), put.revision(), there == null ? 0 : there.revision()));
            }
            case AlertChange.RuleGone _, AlertChange.AlertGone _, AlertChange.SilencePut _, AlertChange.SilenceGone _ ->
                Optional.empty();
        };
    }

    void apply(AlertChange change) {
        switch (change) {
            case AlertChange.RulePut(var put) ->
                rules.put(
                        new InProject<>(put.project(), put.rule().name()),
                        new StoredRule(
                                put.project(), put.rule(), put.changedAt(), put.changedBy(), put.revision() + 1));
            case AlertChange.RuleGone(var project, var name) -> rules.remove(new InProject<>(project, name));
            case AlertChange.AlertPut(var put) -> alerts.put(new InProject<>(put.project(), put.key()), put.stored());
            case AlertChange.AlertGone(var project, var key) -> alerts.remove(new InProject<>(project, key));
            case AlertChange.SilencePut(var put) -> silences.put(put.id(), put);
            case AlertChange.SilenceGone gone -> silences.remove(gone.id());
        }
    }

    List<StoredRule> rules(String project) {
        return rules.values().stream()
                .filter(stored -> stored.project().equals(project))
                .sorted(Comparator.comparing(stored -> stored.rule().name()))
                .toList();
    }

    List<Alert> alerts(String project) {
        return alerts.values().stream()
                .filter(alert -> alert.project().equals(project))
                .toList();
    }

    List<Silence> silences(String project) {
        return silences.values().stream()
                .filter(silence -> silence.project().equals(project))
                .sorted(Comparator.comparing(Silence::createdAt).reversed())
                .toList();
    }
}
