package dev.vmext.agent.doctor;

import dev.vmext.agent.link.Topic;
import dev.vmext.protocol.CustomCapability;
import dev.vmext.protocol.link.DiagnosisPart;
import dev.vmext.protocol.link.DiagnosisRequest;
import dev.vmext.protocol.opamp.Bytes;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;

/**
 * Answers the control plane's request to examine this machine. One examination at a time and one waiting answer: who asks more often is
 * told to wait. An answer to a connection that is gone is dropped, since nobody waits for it. Thread-safe.
 */
public final class DiagnosisTopic implements Topic {
    private static final System.Logger LOG = System.getLogger(DiagnosisTopic.class.getName());

    /** Makes what is asked for. */
    public interface Examination {
        byte[] make(DiagnosisRequest.Kind kind) throws IOException;
    }

    private final Examination examination;
    private final Executor workers;
    private final Runnable wake;
    private final Semaphore working = new Semaphore(1);
    private final Deque<DiagnosisPart> parts = new ArrayDeque<>();
    private long connection;

    /**
     * @param workers an examination takes up to half a minute
     * @param wake tells the link that there is something to send
     */
    public DiagnosisTopic(Examination examination, Executor workers, Runnable wake) {
        this.examination = examination;
        this.workers = workers;
        this.wake = wake;
    }

    @Override
    public String capability() {
        return CustomCapability.DIAGNOSE;
    }

    @Override
    public synchronized void connected() {
        parts.clear();
        connection++;
    }

    @Override
    public void heard(String type, byte[] data) {
        if (!type.equals(CustomCapability.DIAGNOSE_REQUEST)) {
            return;
        }
        DiagnosisRequest request = DiagnosisRequest.decode(data);
        long asked = connection();
        if (!working.tryAcquire()) {
            answer(asked, request.id(), text("this machine is being examined already; ask again in a minute\n"));
            return;
        }
        workers.execute(() -> {
            try {
                answer(asked, request.id(), made(request));
            } finally {
                working.release();
            }
        });
    }

    private synchronized long connection() {
        return connection;
    }

    private byte[] made(DiagnosisRequest request) {
        try {
            return examination.make(request.kind());
        } catch (IOException | RuntimeException failed) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "Cannot make a " + request.kind().wire() + ": " + failed);
            return text("cannot make it: " + Doctor.text(failed) + "\n");
        }
    }

    private static byte[] text(String words) {
        return words.getBytes(StandardCharsets.UTF_8);
    }

    private void answer(long asked, String id, byte[] whole) {
        synchronized (this) {
            if (asked != connection) {
                return;
            }
            int number = 0;
            int at = 0;
            do {
                int length = Math.min(DiagnosisPart.MAX_DATA, whole.length - at);
                byte[] piece = new byte[length];
                System.arraycopy(whole, at, piece, 0, length);
                at += length;
                parts.add(new DiagnosisPart(id, number++, at == whole.length, Bytes.of(piece)));
            } while (at < whole.length);
        }
        wake.run();
    }

    @Override
    public synchronized Optional<Said> next() {
        DiagnosisPart part = parts.poll();
        return part == null
                ? Optional.empty()
                : Optional.of(new Said(CustomCapability.DIAGNOSE_PART, Bytes.of(part.encode())));
    }

    @Override
    public boolean busy() {
        return working.availablePermits() == 0 || !isEmpty();
    }

    private synchronized boolean isEmpty() {
        return parts.isEmpty();
    }
}
