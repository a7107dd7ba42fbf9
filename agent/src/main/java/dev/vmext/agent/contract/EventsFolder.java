package dev.vmext.agent.contract;

import dev.vmext.agent.json.JsonNumberText;
import dev.vmext.agent.json.JsonTree;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;

/**
 * Collects what handlers leave in their events folders and empties them (azure-contract 1.18): so many events per folder and
 * period, what is too large is dropped, and every file is deleted in every pass. Remembers only how much of the period is used up.
 * Any thread; two passes over one folder wait for each other.
 */
final class EventsFolder {
    static final Duration PERIOD = Duration.ofMinutes(5);
    static final int MAX_EVENTS = 300;
    static final int MAX_MESSAGE = 3072;
    static final int MAX_EVENT = 6144;
    static final long MAX_FILE = 4L << 20;

    private static final System.Logger LOG = System.getLogger(EventsFolder.class.getName());
    private static final Pattern NAME = Pattern.compile("[0-9]+\\.json");
    private static final List<String> FIELDS =
            List.of("version", "timestamp", "taskname", "eventlevel", "message", "eventpid", "eventtid", "operationid");

    private final InstantSource clock;
    private final EventSink sink;
    private final Map<Path, Period> periods = new ConcurrentHashMap<>();

    EventsFolder(InstantSource clock, EventSink sink) {
        this.clock = clock;
        this.sink = sink;
    }

    /** One pass over the folder. */
    void collect(String extension, Path folder) throws IOException {
        if (Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
            Period period = periods.computeIfAbsent(folder, path -> new Period());
            List<HandlerEvent> events;
            synchronized (period) {
                events = pass(extension, folder, period);
            }
            if (!events.isEmpty()) {
                sink.accept(extension, events);
            }
        }
    }

    private List<HandlerEvent> pass(String extension, Path folder, Period period) throws IOException {
        List<Path> files = new ArrayList<>();
        try (DirectoryStream<Path> found = Files.newDirectoryStream(folder)) {
            for (Path file : found) {
                if (!Files.isDirectory(file, LinkOption.NOFOLLOW_LINKS)) {
                    files.add(file);
                }
            }
        }
        // The names are times: the longer number is the later one.
        files.sort(Comparator.<Path>comparingInt(
                        file -> file.getFileName().toString().length())
                .thenComparing(file -> file.getFileName().toString())
                .reversed());
        List<HandlerEvent> events = new ArrayList<>();
        for (Path file : files) {
            int room = period.room(clock.instant());
            if (room > 0
                    && NAME.matcher(file.getFileName().toString()).matches()
                    && Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
                List<HandlerEvent> read = read(extension, file, room);
                period.used += read.size();
                events.addAll(read);
            }
            Files.deleteIfExists(file);
        }
        return events;
    }

    private static List<HandlerEvent> read(String extension, Path file, int room) throws IOException {
        List<HandlerEvent> events = new ArrayList<>();
        if (Files.size(file) > MAX_FILE) {
            LOG.log(System.Logger.Level.WARNING, "Dropping an events file of {0}, it is too large", extension);
            return events;
        }
        int[] dropped = {0};
        try (InputStream in = new BufferedInputStream(Files.newInputStream(file))) {
            JsonTree.eachOf(in, item -> {
                event(item).ifPresentOrElse(events::add, () -> dropped[0]++);
                return events.size() < room;
            });
        } catch (IOException broken) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "An events file of {0} is broken: {1}",
                    extension,
                    broken.getMessage());
        }
        if (dropped[0] > 0) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "Dropped {0} events of {1}, they are not as the contract says",
                    dropped[0],
                    extension);
        }
        return events;
    }

    /** All fields are needed, their names in any case; the message is cut first, then the whole is measured. */
    private static Optional<HandlerEvent> event(Object item) {
        if (!(item instanceof Map<?, ?> object)) {
            return Optional.empty();
        }
        Map<String, String> texts = new HashMap<>();
        for (Map.Entry<?, ?> field : object.entrySet()) {
            String name = String.valueOf(field.getKey()).toLowerCase(Locale.ROOT);
            switch (field.getValue()) {
                case String text -> texts.put(name, text);
                case JsonNumberText number -> texts.put(name, number.text());
                case null, default -> {
                    // then it counts as missing
                }
            }
        }
        int size = 0;
        texts.computeIfPresent(
                "message", (name, text) -> text.length() > MAX_MESSAGE ? text.substring(0, MAX_MESSAGE) : text);
        for (String name : FIELDS) {
            String text = texts.get(name);
            if (text == null) {
                return Optional.empty();
            }
            size += text.length();
        }
        if (size > MAX_EVENT || texts.getOrDefault("message", "").isBlank()) {
            return Optional.empty();
        }
        return Optional.of(new HandlerEvent(
                texts.getOrDefault("version", ""),
                texts.getOrDefault("timestamp", ""),
                texts.getOrDefault("taskname", ""),
                texts.getOrDefault("eventlevel", ""),
                texts.getOrDefault("message", ""),
                texts.getOrDefault("eventpid", ""),
                texts.getOrDefault("eventtid", ""),
                texts.getOrDefault("operationid", "")));
    }

    private static final class Period {
        private Instant begin = Instant.MIN;
        private int used;

        private int room(Instant now) {
            if (begin.equals(Instant.MIN) || now.isBefore(begin) || !now.isBefore(begin.plus(PERIOD))) {
                begin = now;
                used = 0;
            }
            return MAX_EVENTS - used;
        }
    }
}
