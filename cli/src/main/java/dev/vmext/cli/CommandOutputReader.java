package dev.vmext.cli;

import com.fasterxml.jackson.core.JacksonException;
import dev.vmext.protocol.api.CommandPiece;
import dev.vmext.protocol.api.CommandView;
import dev.vmext.protocol.exec.CommandState;
import dev.vmext.protocol.problem.ProblemCode;
import dev.vmext.protocol.problem.ProblemException;
import java.io.IOException;
import java.io.PrintStream;
import java.time.Duration;
import java.util.Base64;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Follows a run-once command: what it writes goes to the two streams as it is, byte by byte. A connection that breaks is made anew where
 * it broke. One thread.
 */
final class CommandOutputReader {
    private static final Duration PAUSE = Duration.ofSeconds(1);
    private static final int TRIES = 30;

    private final Surroundings world;
    private final ApiClient client;
    private final String path;
    private final PrintStream out;
    private final PrintStream err;
    private final String later;
    private long outBytes;
    private long errBytes;

    /**
     * Reads nothing yet.
     *
     * @param path of the command
     * @param later how to look at it again
     */
    CommandOutputReader(
            Surroundings world, ApiClient client, String path, PrintStream out, PrintStream err, String later) {
        this.world = world;
        this.client = client;
        this.path = path;
        this.out = out;
        this.err = err;
        this.later = later;
    }

    /** Until the command is over, or with {@code follow} false what there is now. Answers how the command is then. */
    CommandView read(boolean follow, Consumer<CommandView> changed) throws InterruptedException {
        int failures = 0;
        @Nullable CommandView last = null;
        while (true) {
            boolean heard = false;
            @Nullable IOException why = null;
            try (EventStream events =
                    client.stream(path + "/output?follow=" + follow + "&out=" + outBytes + "&err=" + errBytes)) {
                for (Optional<EventStream.Event> event = events.next(); event.isPresent(); event = events.next()) {
                    if (failures > 0 && !heard) {
                        world.err().println("vmext: connected again");
                    }
                    heard = true;
                    switch (event.get().name()) {
                        case "output" -> write(read(event.get(), CommandPiece.class));
                        case "command" -> {
                            last = read(event.get(), CommandView.class);
                            changed.accept(last);
                        }
                        default -> {
                            // of a newer control plane
                        }
                    }
                }
            } catch (IOException broken) {
                why = broken;
            }
            if (last != null && (!follow || over(last))) {
                return last;
            }
            if (!follow && why != null) {
                throw client.unreachable(why);
            }
            failures = heard ? 1 : failures + 1;
            lost(failures);
            world.pause().forDuration(PAUSE);
        }
    }

    private void lost(int failures) {
        if (failures == 1) {
            world.err()
                    .println("vmext: the connection to the control plane broke; trying again. The command goes on"
                            + " meanwhile.");
        }
        if (failures > TRIES) {
            throw new ProblemException(
                    ProblemCode.SERVER_UNREACHABLE,
                    "cannot follow the command: the control plane has not answered for " + TRIES * PAUSE.toSeconds()
                            + " s",
                    "It goes on without you: " + later);
        }
    }

    static boolean over(CommandView view) {
        return CommandState.find(view.state()).map(CommandState::terminal).orElse(true);
    }

    private static <T> T read(EventStream.Event event, Class<T> type) throws IOException {
        try {
            return Json.MAPPER.readValue(event.data(), type);
        } catch (JacksonException e) {
            throw new IOException("an event that cannot be read", e);
        }
    }

    private void write(CommandPiece piece) {
        byte[] data = Base64.getDecoder().decode(piece.data());
        PrintStream to = piece.stream().equals("err") ? err : out;
        to.write(data, 0, data.length);
        to.flush();
        Output.mustBeRead(to);
        if (piece.stream().equals("err")) {
            errBytes += data.length;
        } else {
            outBytes += data.length;
        }
    }
}
