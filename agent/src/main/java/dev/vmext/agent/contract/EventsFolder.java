package dev.vmext.agent.contract;

import dev.vmext.agent.json.JsonNumberText;
import dev.vmext.agent.json.JsonTree;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;

/**
 * Collects what handlers leave in their events folders and empties them (azure-contract 1.18): so many events per folder and
 * period, what is too large is dropped, and every file is deleted in every pass. Findings are no part of that quota: they are handed
 * over a few files at a time, oldest first, and files whose findings cannot be taken stay. Remembers only how much of the period is used
 * up. Any thread; two passes over one folder wait for each other.
 */
final class EventsFolder {
    static final Duration PERIOD = Duration.ofMinutes(5);
    static final int MAX_EVENTS = 300;
    static final int MAX_MESSAGE = 3072;
    static final int MAX_EVENT = 6144;
    static final long MAX_FILE = 4L << 20;
    /** What is read and taken before it is deleted. */
    static final int CHUNK = 32;
    /** Findings of one chunk that are held at once; a file with more is taken in parts. */
    private static final int MAX_HELD = 256;
    /** A file under another name may still be written. */
    static final Duration UNFINISHED = Duration.ofMinutes(1);

    private static final System.Logger LOG = System.getLogger(EventsFolder.class.getName());
    private static final Pattern NAME = Pattern.compile("[0-9]+\\.json");
    private static final List<String> FIELDS =
            List.of("version", "timestamp", "taskname", "eventlevel", "message", "eventpid", "eventtid", "operationid");

    private final InstantSource clock;
    private final EventSink sink;
    private final FindingEvents findings;
    private final Map<Path, Period> periods = new ConcurrentHashMap<>();

    EventsFolder(InstantSource clock, EventSink sink) {
        this(clock, sink, FindingEvents.NONE);
    }

    EventsFolder(InstantSource clock, EventSink sink, FindingEvents findings) {
        this.clock = clock;
        this.sink = sink;
        this.findings = findings;
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
        List<Path> files = files(folder);
        int room = period.room(clock.instant());
        Newest newest = new Newest(room);
        boolean all = findings.wanted(extension);
        for (int from = 0; from < files.size(); from += CHUNK) {
            List<Path> chunk = files.subList(from, Math.min(from + CHUNK, files.size()));
            takeChunk(extension, chunk, all || room > 0, newest);
        }
        period.used += newest.size();
        return newest.newestFirst();
    }

    /** Oldest first. The names are times: the longer number is the later one. */
    private static List<Path> files(Path folder) throws IOException {
        List<Path> files = new ArrayList<>();
        try (DirectoryStream<Path> found = Files.newDirectoryStream(folder)) {
            for (Path file : found) {
                if (!Files.isDirectory(file, LinkOption.NOFOLLOW_LINKS)) {
                    files.add(file);
                }
            }
        }
        files.sort(Comparator.<Path>comparingInt(
                        file -> file.getFileName().toString().length())
                .thenComparing(file -> file.getFileName().toString()));
        return files;
    }

    private void takeChunk(String extension, List<Path> chunk, boolean read, Newest newest) throws IOException {
        List<Path> done = new ArrayList<>();
        List<String> names = new ArrayList<>();
        List<HandlerEvent> found = new ArrayList<>();
        for (Path file : chunk) {
            String name = file.getFileName().toString();
            if (!NAME.matcher(name).matches() || !Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
                if (!mayBeUnfinished(file, name)) {
                    Files.deleteIfExists(file);
                }
                continue;
            }
            if (read && !findings.taken(extension, name)) {
                try {
                    newest.add(read(extension, file, newest.most, found));
                } catch (UncheckedIOException e) {
                    LOG.log(System.Logger.Level.WARNING, "Cannot take findings of {0} yet: {1}", extension, e);
                    return; // this chunk's files stay, and are read again
                }
                names.add(name);
            }
            done.add(file);
        }
        finish(extension, done, names, found);
    }

    private void finish(String extension, List<Path> files, List<String> names, List<HandlerEvent> found)
            throws IOException {
        try {
            if (!found.isEmpty()) {
                findings.take(extension, List.copyOf(names), List.copyOf(found));
            }
        } catch (IOException e) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "Cannot take {0} findings of {1} yet, they stay in their folder: {2}",
                    found.size(),
                    extension,
                    e.getMessage());
            files.clear();
        }
        for (Path file : files) {
            Files.deleteIfExists(file);
        }
        files.clear();
        names.clear();
        found.clear();
    }

    /** A handler writes beside the name and renames then. */
    private boolean mayBeUnfinished(Path file, String name) throws IOException {
        if (!name.startsWith(".") || !Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
            return false;
        }
        try {
            Instant written =
                    Files.getLastModifiedTime(file, LinkOption.NOFOLLOW_LINKS).toInstant();
            Instant now = clock.instant();
            return written.isAfter(now.minus(UNFINISHED)) && !written.isAfter(now.plus(UNFINISHED));
        } catch (NoSuchFileException renamed) {
            return true;
        }
    }

    /** So that one file with very many is never held as a whole. */
    private void takePart(String extension, List<HandlerEvent> found) {
        if (found.size() < MAX_HELD) {
            return;
        }
        try {
            findings.take(extension, List.of(), List.copyOf(found));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        found.clear();
    }

    /** The events of one file; findings go to the others. */
    private List<HandlerEvent> read(String extension, Path file, int room, List<HandlerEvent> found)
            throws IOException {
        List<HandlerEvent> events = new ArrayList<>();
        if (Files.size(file) > MAX_FILE) {
            LOG.log(System.Logger.Level.WARNING, "Dropping an events file of {0}, it is too large", extension);
            return events;
        }
        int[] dropped = {0};
        try (InputStream in = new BufferedInputStream(Files.newInputStream(file))) {
            JsonTree.eachOf(in, item -> {
                event(item)
                        .ifPresentOrElse(
                                event -> {
                                    if (findings.takes(event)) {
                                        found.add(event);
                                        takePart(extension, found);
                                    } else if (events.size() < room) {
                                        events.add(event);
                                    }
                                },
                                () -> dropped[0]++);
                return true;
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

    /** What there is room for, of the newest files first. */
    private static final class Newest {
        private final int most;
        private final Deque<List<HandlerEvent>> files = new ArrayDeque<>();
        private int size;

        private Newest(int most) {
            this.most = Math.max(0, most);
        }

        private void add(List<HandlerEvent> events) {
            if (events.isEmpty()) {
                return;
            }
            files.addFirst(events);
            size += events.size();
            while (size > most) {
                List<HandlerEvent> oldest = files.getLast();
                if (oldest.isEmpty()) {
                    files.removeLast();
                } else {
                    oldest.removeLast();
                    size--;
                }
            }
        }

        private int size() {
            return size;
        }

        private List<HandlerEvent> newestFirst() {
            List<HandlerEvent> all = new ArrayList<>();
            files.forEach(all::addAll);
            return all;
        }
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
