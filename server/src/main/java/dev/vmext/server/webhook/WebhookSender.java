package dev.vmext.server.webhook;

import dev.vmext.fleet.Delivery;
import dev.vmext.fleet.Fleet;
import dev.vmext.fleet.Webhook;
import dev.vmext.protocol.api.WebhookTest;
import dev.vmext.protocol.problem.ProblemCode;
import dev.vmext.protocol.problem.ProblemException;
import dev.vmext.server.seal.MasterKeySealer;
import java.net.URI;
import java.time.InstantSource;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.LongSupplier;
import javax.net.ssl.SSLSocketFactory;

/**
 * Sends what waits: one message after the other to each webhook, all webhooks beside each other. A message that was sent and could not
 * be noted as sent, because the server went down, is sent again under the same id. Made by the wiring, which has {@link #look} called
 * every few seconds; any thread.
 */
public final class WebhookSender {
    private static final System.Logger LOG = System.getLogger(WebhookSender.class.getName());

    private final Fleet fleet;
    private final MasterKeySealer sealer;
    private final WebhookPost post;
    private final InstantSource clock;
    private final Executor workers;
    /** Webhooks that are being sent to. */
    private final Set<String> busy = ConcurrentHashMap.newKeySet();

    private volatile boolean stopped;

    /**
     * @param nanoTime counts on whatever the clock does
     * @param workers one task for each webhook that has something to be sent
     */
    public WebhookSender(
            Fleet fleet, MasterKeySealer sealer, InstantSource clock, LongSupplier nanoTime, Executor workers) {
        this.fleet = fleet;
        this.sealer = sealer;
        this.post = new WebhookPost(nanoTime, (SSLSocketFactory) SSLSocketFactory.getDefault());
        this.clock = clock;
        this.workers = workers;
    }

    /** From now on what is new is sent at once. */
    public void start() {
        fleet.onCommit((machines, events) -> {
            if (!stopped && events.stream().anyMatch(event -> event.kind().equals("finding"))) {
                begin(this::look);
            }
        });
    }

    /** What is under way ends by itself. */
    public void stop() {
        stopped = true;
    }

    /** Begins to send what may be sent now. */
    public void look() {
        try {
            for (Webhook webhook : fleet.webhooks()) {
                if (!stopped && busy.add(webhook.id())) {
                    begin(() -> drain(webhook));
                }
            }
        } catch (RuntimeException e) {
            LOG.log(System.Logger.Level.WARNING, "Cannot look what webhooks wait for; trying again soon", e);
        }
    }

    private void begin(Runnable task) {
        try {
            workers.execute(task);
        } catch (RejectedExecutionException e) {
            LOG.log(System.Logger.Level.DEBUG, "Nothing more is sent, the server stops", e);
        }
    }

    private void drain(Webhook webhook) {
        try {
            Optional<Delivery> next = fleet.nextDelivery(webhook.id());
            while (next.isPresent() && !stopped) {
                switch (send(webhook, next.get())) {
                    case WebhookPost.Outcome.Taken _ -> fleet.delivered(next.get());
                    case WebhookPost.Outcome.Refused(String why, boolean receiver) -> {
                        LOG.log(
                                System.Logger.Level.WARNING,
                                "Webhook {0}: {1}; trying again later",
                                webhook.name(),
                                why);
                        fleet.deliveryFailed(next.get(), why, receiver);
                    }
                }
                next = fleet.nextDelivery(webhook.id());
            }
        } catch (RuntimeException e) {
            LOG.log(System.Logger.Level.WARNING, "Webhook " + webhook.name() + ": cannot send; trying again soon", e);
        } finally {
            busy.remove(webhook.id());
        }
    }

    private WebhookPost.Outcome send(Webhook webhook, Delivery delivery) {
        String secret = sealer.open(Webhook.SEALED_FOR, webhook.id(), webhook.sealedSecret());
        return post.send(URI.create(webhook.url()), secret, delivery.id(), delivery.body(), clock.instant());
    }

    /** Sends a message that only tries the way, now; webhook-failed when it is not taken. */
    public WebhookTest test(String project, String name) {
        Webhook webhook = fleet.webhook(project, name);
        Delivery delivery = fleet.testDelivery(webhook);
        return switch (send(webhook, delivery)) {
            case WebhookPost.Outcome.Taken(int status) -> new WebhookTest(delivery.id(), status);
            case WebhookPost.Outcome.Refused(String why, boolean _) ->
                throw new ProblemException(
                        ProblemCode.WEBHOOK_FAILED,
                        "cannot send a test to webhook " + webhook.name() + ": " + why,
                        "correct the receiver or the address, then test again");
        };
    }
}
