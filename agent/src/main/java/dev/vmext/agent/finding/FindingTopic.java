package dev.vmext.agent.finding;

import dev.vmext.agent.link.Topic;
import dev.vmext.protocol.CustomCapability;
import dev.vmext.protocol.finding.FindingAck;
import dev.vmext.protocol.finding.FindingBatch;
import dev.vmext.protocol.finding.FindingItem;
import dev.vmext.protocol.opamp.Bytes;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Forwards the book, one batch at a time ({@code vmext.findings/v1}): the next one goes when the control plane has the one before, and
 * the same one again on a new connection or when no answer comes. Used by the link's thread.
 */
public final class FindingTopic implements Topic {
    private static final System.Logger LOG = System.getLogger(FindingTopic.class.getName());
    /** A control plane that could not store it says nothing. */
    private static final Duration AGAIN = Duration.ofSeconds(30);

    private final Book book;
    private final UnaryOperator<String> redact;
    private final InstantSource clock;
    private @Nullable Instant sent;

    /** The book, which may have to be opened first. */
    interface Book {
        FindingBook get() throws IOException;
    }

    FindingTopic(Book book, UnaryOperator<String> redact, InstantSource clock) {
        this.book = book;
        this.redact = redact;
        this.clock = clock;
    }

    @Override
    public String capability() {
        return CustomCapability.FINDINGS;
    }

    @Override
    public void connected() {
        sent = null;
    }

    @Override
    public void heard(String type, byte[] data) {
        if (!type.equals(CustomCapability.FINDINGS_ACK)) {
            return;
        }
        try {
            book.get().acknowledged(FindingAck.decode(data));
            sent = null;
        } catch (IOException e) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "Cannot note that findings have arrived; they are sent again: {0}",
                    e.getMessage());
        }
    }

    @Override
    public Optional<Said> next() {
        Instant now = clock.instant();
        Instant before = sent;
        if (before != null && now.isBefore(before.plus(AGAIN)) && !now.isBefore(before)) {
            return Optional.empty();
        }
        try {
            Optional<FindingBatch> batch = book.get().oldest();
            sent = batch.isPresent() ? now : null;
            return batch.map(one -> new Said(
                    CustomCapability.FINDINGS_BATCH,
                    Bytes.of(new FindingBatch(
                                    one.epoch(),
                                    one.items().stream().map(this::clean).toList())
                            .encode())));
        } catch (IOException | RuntimeException e) {
            LOG.log(System.Logger.Level.WARNING, "Cannot read the book of findings: {0}", e.toString());
            return Optional.empty();
        }
    }

    /** Secrets that were not known yet when it was written down. */
    private FindingItem clean(FindingItem item) {
        return new FindingItem(
                item.number(), item.mark(), Findings.redacted(item.report(), redact), item.times(), item.first());
    }

    @Override
    public boolean busy() {
        try {
            return book.get().size() > 0;
        } catch (IOException e) {
            return false;
        }
    }
}
