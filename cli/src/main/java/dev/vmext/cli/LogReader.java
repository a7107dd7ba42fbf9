package dev.vmext.cli;

import com.fasterxml.jackson.core.JacksonException;
import dev.vmext.protocol.api.LogText;
import dev.vmext.protocol.problem.Problem;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;

/** Shows a log of a machine: its end, and with {@code -f} what comes after it until Ctrl-C. One thread. */
final class LogReader {
    private static final Duration PAUSE = Duration.ofSeconds(2);
    /** So much of what was shown is remembered, to find the place again after a broken connection. */
    private static final int REMEMBERED = 2048;

    private final Surroundings world;
    private final ApiClient client;
    private final GlobalOptions global;
    private final StringBuilder shown = new StringBuilder();
    private boolean connectedOnce;
    private boolean broken;
    private boolean resumed;

    LogReader(Surroundings world, ApiClient client, GlobalOptions global) {
        this.world = world;
        this.client = client;
        this.global = global;
    }

    /** The end.
     *
     * @param path with its query */
    void show(String path) throws InterruptedException {
        LogText log = client.get(path, LogText.class);
        global.output().print(log, () -> {
            if (log.truncated()) {
                world.err().println("(the end only; --tail shows more)");
            }
            String text = Table.cleanBlock(log.text()).stripTrailing();
            if (text.isEmpty()) {
                world.err().println("(nothing is logged yet)");
            } else {
                world.out().println(text);
            }
        });
    }

    /** Until somebody ends it. A connection that breaks is made anew, and the log goes on where it was. */
    void follow(String path) throws InterruptedException {
        while (true) {
            try (EventStream events = client.stream(path)) {
                if (broken) {
                    world.err().println("(connected again)");
                }
                resumed = broken;
                broken = false;
                connectedOnce = true;
                for (Optional<EventStream.Event> event = events.next(); event.isPresent(); event = events.next()) {
                    show(event.get());
                }
                lost("it ended the connection");
            } catch (IOException e) {
                if (!connectedOnce) {
                    throw client.unreachable(e);
                }
                lost(String.valueOf(e.getMessage()));
            }
            world.pause().forDuration(PAUSE);
        }
    }

    private void lost(String why) {
        if (!broken) {
            world.err().println("(the connection to the control plane broke: " + why + "; trying again, Ctrl-C ends)");
        }
        broken = true;
    }

    private void show(EventStream.Event event) throws IOException {
        try {
            if (event.name().equals("log")) {
                LogText log = Json.MAPPER.readValue(event.data(), LogText.class);
                if (global.output().forPeople()) {
                    String text = unseen(Table.cleanBlock(log.text()));
                    world.out().print(text);
                    world.out().flush();
                    Output.mustBeRead(world.out());
                    shown.append(text);
                    shown.delete(0, Math.max(0, shown.length() - REMEMBERED));
                } else {
                    global.output().print(log, () -> {});
                }
            } else if (event.name().equals("problem")) {
                Problem problem = Json.MAPPER.readValue(event.data(), Problem.class);
                world.err()
                        .println("(" + Table.clean(problem.detail()) + "; " + Table.clean(problem.hint())
                                + "; waiting, Ctrl-C ends)");
            }
        } catch (JacksonException e) {
            throw new IOException("an event that cannot be read", e);
        }
    }

    /** After a new connection the log begins with its end again, most of which was shown before. */
    private String unseen(String text) {
        int before = resumed && !shown.isEmpty() ? text.lastIndexOf(shown.toString()) : -1;
        resumed = false;
        return before < 0 ? text : text.substring(before + shown.length());
    }
}
