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

    private final Surroundings world;
    private final ApiClient client;
    private final GlobalOptions global;

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
            world.out().println(Table.cleanBlock(log.text()).stripTrailing());
        });
    }

    /** Until somebody ends it. A connection that breaks is made anew; what was logged meanwhile is then shown from the end. */
    void follow(String path) throws InterruptedException {
        while (true) {
            try (EventStream events = client.stream(path)) {
                for (Optional<EventStream.Event> event = events.next(); event.isPresent(); event = events.next()) {
                    show(event.get());
                }
            } catch (IOException broken) {
                world.err().println("(the connection broke: " + broken.getMessage() + ")");
            }
            world.pause().forDuration(PAUSE);
        }
    }

    private void show(EventStream.Event event) throws IOException {
        try {
            if (event.name().equals("log")) {
                LogText log = Json.MAPPER.readValue(event.data(), LogText.class);
                if (global.output().forPeople()) {
                    world.out().print(Table.cleanBlock(log.text()));
                    world.out().flush();
                } else {
                    global.output().print(log, () -> {});
                }
            } else if (event.name().equals("problem")) {
                Problem problem = Json.MAPPER.readValue(event.data(), Problem.class);
                world.err().println("(" + Table.clean(problem.detail()) + ")");
            }
        } catch (JacksonException e) {
            throw new IOException("an event that cannot be read", e);
        }
    }
}
