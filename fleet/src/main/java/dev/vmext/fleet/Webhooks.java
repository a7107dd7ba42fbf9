package dev.vmext.fleet;

import dev.vmext.fleet.Decision.Note;
import dev.vmext.protocol.api.WebhookCreate;
import dev.vmext.protocol.api.WebhookView;
import dev.vmext.protocol.finding.FindingReport;
import dev.vmext.protocol.finding.FindingSeverity;
import dev.vmext.protocol.problem.ProblemCode;
import dev.vmext.protocol.problem.ProblemException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Who is sent events, and what waits to be sent. A message is given up when it could not be delivered for a day, and that is told as a
 * finding. Behind {@link Fleet}; as thread-safe as the store.
 */
final class Webhooks {
    /** Of one project. */
    static final int MOST = 32;
    /** Waiting for one webhook; beyond them the oldest is given up. */
    static final int MOST_WAITING = 5000;
    /** From its making on. */
    static final Duration LIFE = Duration.ofDays(1);

    static final String FAILING = "webhook-failing";

    private static final String PREFIX = "whsec_";
    private static final int MAX_URL = 2000;
    private static final int MOST_TYPES = 64;
    private static final Pattern NAME = Pattern.compile("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?");

    /** What stands in a path or query unescaped, and escapes. */
    private static final String PART = "(?:[A-Za-z0-9._~!$&'()*+,;=:@/-]|%[0-9A-Fa-f]{2})*";

    private static final Pattern URL =
            Pattern.compile("https?://(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\\[[0-9A-Fa-f:.]+\\])"
                    + "(?::(?<port>[0-9]{1,5}))?(?:/" + PART + ")?(?:\\?" + PART + ")?");

    private final FleetParts parts;

    Webhooks(FleetParts parts) {
        this.parts = parts;
    }

    WebhookView create(Actor actor, String project, WebhookCreate request) {
        if (!NAME.matcher(request.name()).matches()) {
            throw Problems.invalidName(
                    "a webhook", request.name(), "use lower-case letters, digits and inner hyphens, at most 63");
        }
        checkUrl(request.url());
        checkSecret(request.secret());
        Webhook.Filter filter = filter(request);
        return parts.store().transact(actor, view -> {
            Problems.getProject(view, project);
            List<Webhook> others = view.webhooks(project);
            if (others.stream().anyMatch(other -> other.name().equals(request.name()))) {
                throw new ProblemException(
                        ProblemCode.WEBHOOK_EXISTS,
                        "cannot make webhook " + request.name() + ": there is one of that name",
                        "take another name, or delete it first: vmext webhook delete " + request.name());
            }
            if (others.size() >= MOST) {
                throw new ProblemException(
                        ProblemCode.TOO_MANY_WEBHOOKS,
                        "cannot make webhook " + request.name() + ": project " + project + " has " + MOST + " already",
                        "delete one that nobody needs: vmext webhook list");
            }
            String id = parts.ids().newId();
            Webhook made = new Webhook(
                    id,
                    project,
                    request.name(),
                    request.url(),
                    filter,
                    parts.sealer()
                            .seal(Webhook.SEALED_FOR, id, request.secret())
                            .text(),
                    actor.name(),
                    parts.now(),
                    Webhook.Health.NEW,
                    0);
            return Decision.noted(
                    List.of(new FleetChange.WebhookPut(made)),
                    view(made, 0),
                    new Note(parts.now(), "webhook.create", project + "/" + made.name(), made.url()));
        });
    }

    private static void checkUrl(String url) {
        String why = url.length() > MAX_URL ? "it is longer than " + MAX_URL + " characters" : whyNoUrl(url);
        if (!why.isEmpty()) {
            throw Problems.invalidValue(
                    "cannot send events to " + Problems.shown(url) + ": " + why,
                    "give an address such as https://alerts.example.org/vmext");
        }
    }

    private static String whyNoUrl(String url) {
        if (!url.startsWith("https://") && !url.startsWith("http://")) {
            return "it does not begin with https:// or http://";
        }
        if (url.indexOf('#') >= 0) {
            return "the part behind # is never sent";
        }
        Matcher parts = URL.matcher(url);
        if (!parts.matches()) {
            return "it is no address of host, port, path and query; a name and password have no place in it";
        }
        String port = parts.group("port");
        boolean valid = port == null || (Integer.parseInt(port) > 0 && Integer.parseInt(port) <= 65535);
        return valid ? "" : "there is no port " + port;
    }

    private static void checkSecret(String secret) {
        boolean right = false;
        if (secret.startsWith(PREFIX)) {
            try {
                int bytes = Base64.getDecoder().decode(secret.substring(PREFIX.length())).length;
                right = bytes >= 24 && bytes <= 64;
            } catch (IllegalArgumentException e) {
                // Says the same below, without the secret.
            }
        }
        if (!right) {
            throw Problems.invalidValue(
                    "cannot use the webhook's secret: it is not whsec_ and base64 of 24 to 64 bytes",
                    "leave --secret-file out and vmext makes one");
        }
    }

    private static Webhook.Filter filter(WebhookCreate request) {
        Set<FindingEvent> events = EnumSet.noneOf(FindingEvent.class);
        for (String word : request.events() == null ? List.<String>of() : request.events()) {
            events.add(FindingEvent.find(word)
                    .orElseThrow(() -> Problems.invalidValue(
                            "cannot send events " + Problems.shown(word) + ": there are none of that name",
                            "there are "
                                    + String.join(
                                            ", ",
                                            Arrays.stream(FindingEvent.values())
                                                    .map(FindingEvent::wire)
                                                    .toList()))));
        }
        Set<String> types = new TreeSet<>(request.types() == null ? List.of() : request.types());
        for (String type : types) {
            if (!FindingReport.validType(type)) {
                throw Problems.invalidValue(
                        "cannot send findings of the type " + Problems.shown(type) + ": it is no name of one",
                        "types are lower-case letters, digits and hyphens, such as malware-found");
            }
        }
        if (types.size() > MOST_TYPES) {
            throw Problems.invalidValue(
                    "cannot send findings of " + types.size() + " types", "name at most " + MOST_TYPES + ", or none");
        }
        String severity = request.severity();
        return new Webhook.Filter(
                events,
                types,
                severity == null
                        ? FindingSeverity.INFO
                        : FindingSeverity.find(severity)
                                .orElseThrow(() -> Problems.invalidValue(
                                        "cannot send findings of the severity " + Problems.shown(severity)
                                                + ": there is none of that name",
                                        "there are info, low, medium, high and critical")));
    }

    List<WebhookView> list(String project) {
        return parts.store().read(view -> {
            Problems.getProject(view, project);
            return view.webhooks(project).stream()
                    .map(one -> view(one, view.countDeliveries(one.id())))
                    .toList();
        });
    }

    WebhookView get(String project, String name) {
        return parts.store().read(view -> {
            Webhook found = find(view, project, name);
            return view(found, view.countDeliveries(found.id()));
        });
    }

    Webhook find(String project, String name) {
        return parts.store().read(view -> find(view, project, name));
    }

    private static Webhook find(FleetView view, String project, String name) {
        Problems.getProject(view, project);
        return view.webhooks(project).stream()
                .filter(one -> one.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new ProblemException(
                        ProblemCode.WEBHOOK_NOT_FOUND,
                        "cannot find webhook " + Problems.shown(name) + ": project " + project
                                + " has none of that name",
                        "vmext webhook list shows those there are"));
    }

    /** With everything that waits for it. */
    void delete(Actor actor, String project, String name) {
        parts.store().transact(actor, view -> {
            Webhook gone = find(view, project, name);
            FindingDraft draft = new FindingDraft(view, parts.ids(), parts.now());
            draft.controlPlaneSays(over(gone), "");
            List<FleetChange> changes = new ArrayList<>(draft.changes());
            changes.add(new FleetChange.WebhookGone(gone.id(), project, name));
            return Decision.noted(
                    changes, true, new Note(parts.now(), "webhook.delete", project + "/" + name, gone.url()));
        });
    }

    List<Webhook> all() {
        return parts.store().read(FleetView::webhooks);
    }

    /** What may be sent now, the oldest. */
    Optional<Delivery> next(String webhookId) {
        Instant now = parts.now();
        return parts.store()
                .read(view -> view.findWebhook(webhookId)
                        .filter(webhook -> {
                            Instant retry = webhook.health().retryAt();
                            return retry == null || !retry.isAfter(now);
                        })
                        .flatMap(webhook -> view.nextDelivery(webhookId, now)));
    }

    /** Only tries the way: it is not stored, and nobody tries it again. */
    Delivery test(Webhook webhook) {
        Instant now = parts.now();
        String id = "msg_" + parts.ids().newId();
        return new Delivery(id, webhook.id(), FindingEvent.test(id, webhook, now), now, 0, now, 0);
    }

    void delivered(Delivery delivery) {
        parts.store().transact(Actor.SYSTEM, view -> {
            List<FleetChange> changes = new ArrayList<>(List.of(new FleetChange.DeliveryGone(delivery.id())));
            view.findWebhook(delivery.webhookId()).ifPresent(webhook -> {
                changes.add(
                        new FleetChange.WebhookPut(webhook.with(webhook.health().delivered(parts.now()))));
                if (webhook.health().failingSince() != null) {
                    changes.add(new FleetChange.WebhookTouched(webhook.project(), webhook.name()));
                }
                FindingDraft draft = new FindingDraft(view, parts.ids(), parts.now());
                draft.controlPlaneSays(over(webhook), "");
                changes.addAll(draft.changes());
            });
            return Decision.silent(changes, true);
        });
    }

    /**
     * It was not taken.
     *
     * @param receiver whether the receiver as a whole is at fault, so that others would fare no better
     */
    void failed(Delivery delivery, String why, boolean receiver) {
        parts.store().transact(Actor.SYSTEM, view -> {
            Optional<Webhook> found = view.findWebhook(delivery.webhookId());
            if (found.isEmpty()) {
                return Decision.nothing(true);
            }
            Instant now = parts.now();
            Webhook webhook = found.get();
            Instant born = now.minus(LIFE);
            List<Delivery> dead = view.deliveriesBefore(webhook.id(), born, MOST_WAITING);
            List<FleetChange> changes = new ArrayList<>();
            dead.forEach(one -> changes.add(new FleetChange.DeliveryGone(one.id())));
            view.findDelivery(delivery.id())
                    .filter(stored -> stored.createdAt().isAfter(born))
                    .ifPresent(stored -> changes.add(new FleetChange.DeliveryPut(stored.retried(
                            now.plus(receiver ? Duration.ZERO : Webhook.pause(stored.attempts() + 1))))));
            Instant retry = receiver ? now.plus(Webhook.pause(webhook.health().failures() + 1)) : null;
            Webhook.Health health = webhook.health().failed(why, retry, now).losing(dead.size());
            changes.add(new FleetChange.WebhookPut(webhook.with(health)));
            if (webhook.health().failingSince() == null || !dead.isEmpty()) {
                changes.add(new FleetChange.WebhookTouched(webhook.project(), webhook.name()));
            }
            if (!dead.isEmpty()) {
                FindingDraft draft = new FindingDraft(view, parts.ids(), now);
                draft.controlPlaneSays(failing(webhook, health), "");
                changes.addAll(draft.changes());
            }
            return Decision.silent(changes, true);
        });
    }

    private static OwnFinding over(Webhook webhook) {
        return OwnFinding.over(webhook.project(), null, Finding.Source.CONTROL_PLANE, FAILING, webhook.name());
    }

    static OwnFinding failing(Webhook webhook, Webhook.Health health) {
        return new OwnFinding(
                webhook.project(),
                null,
                Finding.Source.CONTROL_PLANE,
                FAILING,
                webhook.name(),
                FindingSeverity.HIGH,
                false,
                health.lost() + " messages to webhook " + webhook.name() + " were given up",
                Map.of(
                        "lost",
                        String.valueOf(health.lost()),
                        "lastError",
                        String.valueOf(health.lastError()),
                        "failingSince",
                        String.valueOf(health.failingSince())));
    }

    private static WebhookView view(Webhook webhook, long waiting) {
        Webhook.Health health = webhook.health();
        return new WebhookView(
                webhook.name(),
                webhook.project(),
                webhook.url(),
                webhook.filter().events().stream()
                        .sorted()
                        .map(FindingEvent::wire)
                        .toList(),
                webhook.filter().types().stream().sorted().toList(),
                webhook.filter().severity().wire(),
                webhook.createdBy(),
                webhook.createdAt(),
                waiting,
                health.lost(),
                health.lastDelivered(),
                health.failingSince(),
                health.retryAt(),
                health.lastError());
    }
}
