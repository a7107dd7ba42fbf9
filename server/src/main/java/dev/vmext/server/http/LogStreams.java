package dev.vmext.server.http;

import dev.vmext.protocol.api.LogText;
import dev.vmext.protocol.link.LogPiece;
import dev.vmext.protocol.link.LogRead;
import dev.vmext.protocol.problem.ProblemCode;
import dev.vmext.protocol.problem.ProblemException;
import dev.vmext.server.json.StrictJson;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Logs of machines as they grow, as server-sent events. The machine is asked again and again while a client listens and forgets about
 * it when no client does; a machine that goes away is waited for. One virtual thread per client.
 */
final class LogStreams implements AutoCloseable {
    private static final int MAX_CLIENTS = 128;
    private static final long LOOK_SECONDS = 1;
    /** Every so many looks without news a comment shows whether the client is still there. */
    private static final int SIGN_OF_LIFE = 5;

    private final LogReads reads;
    private final Semaphore places = new Semaphore(MAX_CLIENTS);
    private final CountDownLatch stopping = new CountDownLatch(1);

    LogStreams(LogReads reads) {
        this.reads = reads;
    }

    /** The end of a log. */
    LogText tail(String machineId, String machine, String installation, int max) {
        LogPiece piece = read(machineId, installation, "", Math.min(max, LogRead.MOST));
        return text(machine, installation, piece);
    }

    private static LogText text(String machine, String installation, LogPiece piece) {
        return new LogText(machine, installation.isEmpty() ? "agent" : installation, piece.text(), piece.skipped());
    }

    private LogPiece read(String machineId, String installation, String cursor, int max) {
        try {
            return reads.read(machineId, installation, cursor, max).join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof ProblemException expected) {
                throw expected;
            }
            throw e;
        }
    }

    /** The end of a log, and what comes after it. */
    Answer follow(String machineId, String machine, String installation, int max) {
        if (!places.tryAcquire()) {
            throw new ProblemException(
                    ProblemCode.SERVER_OVERLOADED,
                    "cannot follow the log: " + MAX_CLIENTS + " clients follow logs already",
                    "Close some of them and try again.");
        }
        return new Answer.Stream("text/event-stream", Map.of("X-Accel-Buffering", "no"), out -> {
            try {
                write(out, machineId, machine, installation, Math.min(max, LogRead.MOST));
            } finally {
                places.release();
            }
        });
    }

    private void write(OutputStream out, String machineId, String machine, String installation, int max)
            throws IOException {
        String cursor = "";
        String said = "";
        int quiet = 0;
        while (true) {
            boolean more = false;
            quiet++;
            try {
                LogPiece piece = read(machineId, installation, cursor, max);
                cursor = piece.cursor();
                more = piece.more();
                said = "";
                if (!piece.text().isEmpty()) {
                    send(out, "event: log\ndata: " + json(text(machine, installation, piece)) + "\n\n");
                    quiet = 0;
                }
            } catch (ProblemException away) {
                if (!away.detail().equals(said)) {
                    said = away.detail();
                    send(out, "event: problem\ndata: " + json(away.problem()) + "\n\n");
                    quiet = 0;
                }
            }
            if (quiet >= SIGN_OF_LIFE) {
                send(out, ": still here\n\n");
                quiet = 0;
            }
            if (pause(more)) {
                return;
            }
        }
    }

    /** True when the server stops. */
    private boolean pause(boolean more) throws InterruptedIOException {
        try {
            return stopping.await(more ? 0 : LOOK_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("the server stops");
        }
    }

    private static String json(Record body) {
        return new String(StrictJson.write(body), StandardCharsets.UTF_8);
    }

    private static void send(OutputStream out, String text) throws IOException {
        out.write(text.getBytes(StandardCharsets.UTF_8));
        out.flush();
    }

    /** Ends all streams. */
    @Override
    public void close() {
        stopping.countDown();
    }
}
