package dev.vmext.fleet;

import dev.vmext.fleet.Decision.Note;
import dev.vmext.fleet.FleetChange.AlertChange;
import dev.vmext.fleet.alert.Alert;
import dev.vmext.fleet.alert.AlertRule;
import dev.vmext.fleet.alert.DefaultRules;
import dev.vmext.fleet.alert.RuleForm;
import dev.vmext.fleet.alert.StoredRule;
import dev.vmext.protocol.api.AlertRuleView;
import dev.vmext.protocol.api.AlertRuleWrite;
import dev.vmext.protocol.problem.ProblemCode;
import dev.vmext.protocol.problem.ProblemException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The rules of a project: those that come with vmext, and what operators wrote in their place or beside them. Behind {@link Fleet}. */
final class AlertRules {
    private static final int MOST = 500;

    private final FleetParts parts;

    AlertRules(FleetParts parts) {
        this.parts = parts;
    }

    List<AlertRuleView> rules(String project) {
        return parts.store().read(view -> {
            Problems.getProject(view, project);
            List<Alert> alerts = view.alerts(project);
            Map<String, StoredRule> stored = stored(view, project);
            return inForce(stored).values().stream()
                    .map(rule -> view(rule, stored, alerts))
                    .toList();
        });
    }

    AlertRuleView rule(String project, String name) {
        return parts.store().read(view -> {
            Map<String, StoredRule> stored = stored(view, Problems.getProject(view, project));
            return view(find(stored, name), stored, view.alerts(project, name));
        });
    }

    private static AlertRule find(Map<String, StoredRule> stored, String name) {
        return Optional.ofNullable(inForce(stored).get(name))
                .orElseThrow(() -> new ProblemException(
                        ProblemCode.ALERT_RULE_NOT_FOUND,
                        "cannot find the alert rule " + Problems.shown(name) + ": there is none of that name",
                        "vmext alert rule list shows all of them"));
    }

    static Map<String, StoredRule> stored(FleetView view, String project) {
        Map<String, StoredRule> stored = new TreeMap<>();
        view.alertRules(project).forEach(one -> stored.put(one.rule().name(), one));
        return stored;
    }

    /** Default ones where nothing of the same name was written. */
    static Map<String, AlertRule> inForce(Map<String, StoredRule> stored) {
        Map<String, AlertRule> rules = new TreeMap<>();
        DefaultRules.all().forEach(rule -> rules.put(rule.name(), rule));
        stored.forEach((name, one) -> rules.put(name, one.rule()));
        return rules;
    }

    private static boolean isDefault(String name) {
        return DefaultRules.all().stream().anyMatch(rule -> rule.name().equals(name));
    }

    private static AlertRuleView view(AlertRule rule, Map<String, StoredRule> stored, List<Alert> alerts) {
        String origin = !stored.containsKey(rule.name()) ? "default" : isDefault(rule.name()) ? "changed" : "own";
        long firing = alerts.stream()
                .filter(alert -> alert.key().rule().equals(rule.name()) && alert.phase() == Alert.Phase.FIRING)
                .count();
        return new AlertRuleView(rule.name(), origin, RuleForm.form(rule), (int) firing);
    }

    AlertRuleView putRule(Actor actor, String project, String name, AlertRuleWrite form) {
        AlertRule rule;
        try {
            rule = RuleForm.rule(name, form);
        } catch (IllegalArgumentException e) {
            throw Problems.invalidValue(
                    "cannot use the alert rule " + Problems.shown(name) + ": " + e.getMessage(),
                    "vmext alert rule show disk-full -o json shows one to begin from");
        }
        return store(actor, project, rule);
    }

    /** Switches it on or off and leaves it otherwise as it is. */
    AlertRuleView enableRule(Actor actor, String project, String name, boolean on) {
        AlertRule rule = parts.store().read(view -> find(stored(view, Problems.getProject(view, project)), name));
        return store(actor, project, rule.enabled(on));
    }

    private AlertRuleView store(Actor actor, String project, AlertRule rule) {
        return parts.store().transact(actor, view -> {
            Map<String, StoredRule> stored = stored(view, Problems.getProject(view, project));
            StoredRule old = stored.get(rule.name());
            if (old == null && stored.size() >= MOST) {
                throw Problems.invalidValue(
                        "cannot add the alert rule " + rule.name() + ": the project has " + MOST + " of its own",
                        "delete one that is not needed: vmext alert rule list");
            }
            Instant now = parts.now();
            StoredRule put = new StoredRule(project, rule, now, actor.name(), old == null ? 0 : old.revision());
            stored.put(rule.name(), put);
            AlertRuleView answer = view(rule, stored, view.alerts(project, rule.name()));
            return old != null && old.rule().equals(rule)
                    ? Decision.nothing(answer)
                    : Decision.noted(
                            List.of(new AlertChange.RulePut(put)),
                            answer,
                            new Note(now, "alert-rule.put", project + "/" + rule.name(), RuleForm.text(rule)));
        });
    }

    /** One's own is gone, with its alerts; one that comes with vmext is again as it came, and that is answered. */
    Optional<AlertRuleView> deleteRule(Actor actor, String project, String name) {
        return parts.store().transact(actor, view -> {
            Map<String, StoredRule> stored = stored(view, Problems.getProject(view, project));
            find(stored, name);
            List<Alert> alerts = view.alerts(project, name);
            if (!stored.containsKey(name)) {
                throw new ProblemException(
                        ProblemCode.UNSUPPORTED_ACTION,
                        "cannot delete the alert rule " + name + ": it comes with vmext",
                        "switch it off: vmext alert rule disable " + name);
            }
            stored.remove(name);
            List<FleetChange> changes = new ArrayList<>();
            changes.add(new AlertChange.RuleGone(project, name));
            boolean stays = isDefault(name);
            if (!stays) {
                FindingDraft findings = new FindingDraft(view, parts.ids(), parts.now());
                for (Alert alert : alerts) {
                    changes.add(new AlertChange.AlertGone(project, alert.key()));
                    findings.controlPlaneSays(AlertFindings.over(alert), "");
                }
                changes.addAll(findings.changes());
            }
            Optional<AlertRuleView> answer =
                    stays ? Optional.of(view(find(stored, name), stored, alerts)) : Optional.empty();
            return Decision.noted(
                    changes,
                    answer,
                    new Note(
                            parts.now(),
                            "alert-rule.delete",
                            project + "/" + name,
                            stays ? "back to the default" : ""));
        });
    }
}
