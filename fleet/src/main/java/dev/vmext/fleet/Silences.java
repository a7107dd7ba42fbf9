package dev.vmext.fleet;

import dev.vmext.fleet.Decision.Note;
import dev.vmext.fleet.FleetChange.AlertChange;
import dev.vmext.fleet.alert.Alert;
import dev.vmext.fleet.alert.AlertRule;
import dev.vmext.fleet.alert.RuleForm;
import dev.vmext.fleet.alert.Silence;
import dev.vmext.protocol.api.SilenceCreate;
import dev.vmext.protocol.api.SilenceView;
import dev.vmext.protocol.metrics.LabelMatcher;
import dev.vmext.protocol.problem.ProblemCode;
import dev.vmext.protocol.problem.ProblemException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Times in which nobody is told of some alerts. Behind {@link Fleet}. */
final class Silences {
    private static final int MOST = 1000;
    private static final int MOST_MATCHERS = 16;
    private static final int LONGEST_COMMENT = 500;
    private static final Duration LONGEST = Duration.ofDays(90);
    /** One that is over is shown so long. */
    private static final Duration REMEMBERED = Duration.ofDays(7);

    private final FleetParts parts;

    Silences(FleetParts parts) {
        this.parts = parts;
    }

    SilenceView create(Actor actor, String project, SilenceCreate asked) {
        List<LabelMatcher> matchers = matchers(asked);
        if (asked.comment().isBlank() || asked.comment().length() > LONGEST_COMMENT) {
            throw refused("its comment must say why, in at most " + LONGEST_COMMENT + " characters");
        }
        if (asked.seconds() < 1 || asked.seconds() > LONGEST.toSeconds()) {
            throw refused("it must last from 1 second to " + LONGEST.toDays() + " days");
        }
        return parts.store().transact(actor, view -> {
            Problems.getProject(view, project);
            Instant now = parts.now();
            List<Silence> all = view.silences(project);
            List<FleetChange> changes = new ArrayList<>();
            all.stream()
                    .filter(old -> old.until().plus(REMEMBERED).isBefore(now))
                    .forEach(old -> changes.add(new AlertChange.SilenceGone(project, old.id())));
            if (all.size() - changes.size() >= MOST) {
                throw refused("the project has " + MOST + " of them");
            }
            Instant from = asked.from() == null ? now : asked.from();
            Silence made = new Silence(
                    parts.ids().newId(),
                    project,
                    matchers,
                    from,
                    from.plusSeconds(asked.seconds()),
                    asked.comment(),
                    actor.name(),
                    now);
            if (!made.until().isAfter(now)) {
                throw refused("it would be over already");
            }
            changes.add(new AlertChange.SilencePut(made));
            return Decision.noted(
                    changes,
                    shown(made, view, now),
                    new Note(now, "silence.create", project + "/" + made.id(), asked.matchers() + " " + made.until()));
        });
    }

    private static List<LabelMatcher> matchers(SilenceCreate asked) {
        if (asked.matchers().isEmpty() || asked.matchers().size() > MOST_MATCHERS) {
            throw refused("it needs at least one condition and takes " + MOST_MATCHERS + ", such as rule=disk-full");
        }
        try {
            return RuleForm.matchers(asked.matchers());
        } catch (IllegalArgumentException e) {
            throw refused(String.valueOf(e.getMessage()));
        }
    }

    private static ProblemException refused(String why) {
        return Problems.invalidValue(
                "cannot silence alerts: " + why,
                "vmext silence create --help shows how; vmext alert list shows labels");
    }

    List<SilenceView> list(String project) {
        return parts.store().read(view -> {
            Problems.getProject(view, project);
            Instant now = parts.now();
            return view.silences(project).stream()
                    .filter(silence -> silence.until().plus(REMEMBERED).isAfter(now))
                    .map(silence -> shown(silence, view, now))
                    .toList();
        });
    }

    /** Ends it now; one that is over stays as it is. */
    SilenceView end(Actor actor, String project, String id) {
        return parts.store().transact(actor, view -> {
            Silence silence = view.silences(Problems.getProject(view, project)).stream()
                    .filter(one -> one.id().equals(id))
                    .findFirst()
                    .orElseThrow(() -> new ProblemException(
                            ProblemCode.SILENCE_NOT_FOUND,
                            "cannot find silence " + Problems.shown(id) + ": the project has none of that id",
                            "vmext silence list shows all of them"));
            Instant now = parts.now();
            if (!silence.until().isAfter(now)) {
                return Decision.nothing(shown(silence, view, now));
            }
            Silence over = new Silence(
                    silence.id(),
                    project,
                    silence.matchers(),
                    silence.from().isAfter(now) ? now : silence.from(),
                    now,
                    silence.comment(),
                    silence.createdBy(),
                    silence.createdAt());
            return Decision.noted(
                    List.of(new AlertChange.SilencePut(over)),
                    shown(over, view, now),
                    new Note(now, "silence.end", project + "/" + id, ""));
        });
    }

    private static SilenceView shown(Silence silence, FleetView view, Instant now) {
        Map<String, AlertRule> rules = AlertRules.inForce(AlertRules.stored(view, silence.project()));
        AlertLabels labels = new AlertLabels(view, silence.project());
        long covers = !silence.active(now)
                ? 0
                : view.alerts(silence.project()).stream()
                        .filter(alert -> alert.phase() == Alert.Phase.FIRING)
                        .filter(alert -> Optional.ofNullable(
                                        rules.get(alert.key().rule()))
                                .filter(rule -> silence.covers(labels.of(alert, rule)))
                                .isPresent())
                        .count();
        String state = silence.active(now) ? "active" : silence.until().isAfter(now) ? "waiting" : "over";
        return new SilenceView(
                silence.id(),
                silence.matchers().stream().map(LabelMatcher::toString).toList(),
                silence.comment(),
                silence.from(),
                silence.until(),
                silence.createdBy(),
                silence.createdAt(),
                state,
                (int) covers);
    }
}
