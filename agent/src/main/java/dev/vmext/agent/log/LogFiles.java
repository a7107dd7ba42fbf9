package dev.vmext.agent.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Reads on in log files that others write and rotate: whole lines, from where a cursor left off. Keeps nothing between two reads; a
 * cursor is a line for each file with its identity, the place in it and its name. Names come from looking into the folder, never
 * from the cursor. Any thread.
 */
final class LogFiles {
    private static final int MOST_FILES = 64;
    /** Files that are shown at all when nobody followed before: the newest. */
    private static final int FIRST_FILES = 8;

    private static final int LONGEST_LINE = 64 * 1024;

    private LogFiles() {}

    /**
     * What was read.
     *
     * @param skipped whether there is something before it that is left out
     * @param more whether there is more already
     */
    record Reading(String text, String cursor, boolean skipped, boolean more) {}

    /** The files of a folder and of the folders in it, links left out; empty when it is not there. */
    static List<Path> in(Path folder) throws IOException {
        List<Path> files = new ArrayList<>();
        collect(folder, 2, files);
        files.sort(Comparator.naturalOrder());
        return files;
    }

    private static void collect(Path folder, int depth, List<Path> into) throws IOException {
        if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
            for (Path entry : entries) {
                if (into.size() >= MOST_FILES) {
                    return;
                }
                if (Files.isRegularFile(entry, LinkOption.NOFOLLOW_LINKS)) {
                    into.add(entry);
                } else if (depth > 1) {
                    collect(entry, depth - 1, into);
                }
            }
        }
    }

    private record Place(String identity, long offset) {}

    /** Reads on in these files, at most this many bytes together. Names are shown only when there are several. */
    static Reading read(List<Path> files, String cursor, int max) throws IOException {
        Map<String, Place> before = places(cursor);
        boolean first = cursor.isEmpty();
        Set<Path> shown = first ? Set.copyOf(newest(files)) : Set.copyOf(files);
        StringBuilder text = new StringBuilder();
        StringBuilder next = new StringBuilder("v1\n");
        boolean skipped = false;
        boolean more = false;
        int left = max;
        int toShow = Math.max(1, shown.size());
        for (Path file : files) {
            BasicFileAttributes attributes;
            try {
                attributes = Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            } catch (IOException rotatedAway) {
                continue;
            }
            String identity = String.valueOf(attributes.fileKey());
            long size = attributes.size();
            long from = first
                    ? shown.contains(file) ? Math.max(0, size - max / toShow) : size
                    : start(before, identity, size);
            skipped |= first && from > 0 && shown.contains(file);
            int length = (int) Math.min(left, size - from);
            more |= shown.contains(file) && from + length < size;
            if (length > 0) {
                byte[] bytes = bytes(file, from, length);
                int begin = first && from > 0 ? afterLineEnd(bytes) : 0;
                int end = lastLineEnd(bytes);
                if (end <= begin && bytes.length >= Math.min(LONGEST_LINE, max)) {
                    end = bytes.length; // a line without end must not stop everything behind it
                }
                if (end > begin) {
                    if (files.size() > 1) {
                        text.append("==> ").append(file.getFileName()).append(" <==\n");
                    }
                    text.append(new String(bytes, begin, end - begin, StandardCharsets.UTF_8));
                    left -= end;
                }
                from += Math.max(begin, end);
            }
            next.append(identity).append('\t').append(from).append('\n');
        }
        return new Reading(text.toString(), next.toString(), skipped, more);
    }

    /** The same file goes on where it was; a new one, or one that was cut, begins at its beginning. */
    private static long start(Map<String, Place> before, String identity, long size) {
        Place place = before.get(identity);
        return place == null || place.offset() > size ? 0 : place.offset();
    }

    private static List<Path> newest(List<Path> files) throws IOException {
        Map<Path, Long> times = new HashMap<>();
        for (Path file : files) {
            times.put(
                    file,
                    Files.getLastModifiedTime(file, LinkOption.NOFOLLOW_LINKS).toMillis());
        }
        return files.stream()
                .sorted(Comparator.comparing((Path file) -> times.getOrDefault(file, 0L))
                        .reversed())
                .limit(FIRST_FILES)
                .toList();
    }

    private static Map<String, Place> places(String cursor) {
        Map<String, Place> places = new HashMap<>();
        for (String line : cursor.split("\n", -1)) {
            int tab = line.indexOf('\t');
            if (tab > 0) {
                try {
                    long offset = Long.parseLong(line.substring(tab + 1));
                    places.put(line.substring(0, tab), new Place(line.substring(0, tab), Math.max(0, offset)));
                } catch (NumberFormatException notOurs) {
                    // Then the file is one that was never read.
                }
            }
        }
        return places;
    }

    private static int afterLineEnd(byte[] bytes) {
        for (int i = 0; i < bytes.length; i++) {
            if (bytes[i] == '\n') {
                return i + 1;
            }
        }
        return 0;
    }

    private static int lastLineEnd(byte[] bytes) {
        for (int i = bytes.length - 1; i >= 0; i--) {
            if (bytes[i] == '\n') {
                return i + 1;
            }
        }
        return 0;
    }

    private static byte[] bytes(Path file, long from, int length) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(length);
        try (FileChannel channel = FileChannel.open(file, Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS))) {
            while (buffer.hasRemaining() && channel.read(buffer, from + buffer.position()) >= 0) {
                // until full, or the file was cut meanwhile
            }
        }
        byte[] bytes = new byte[buffer.position()];
        buffer.flip().get(bytes);
        return bytes;
    }
}
