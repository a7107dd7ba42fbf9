package dev.vmext.agent.host;

import dev.vmext.protocol.status.RemovalReport;
import dev.vmext.protocol.status.RemovalReport.Item;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What an installation added to the machine until now, in a file of its own: one thing a line, {@code own|shared TAB kind TAB name TAB
 * path}. Shared means that another installation worked at the same time, so it may be its. One thread per installation.
 */
final class AddedThings {
    /** Things remembered of one installation. */
    static final int MAX = 5000;

    private final Map<Thing, Boolean> shared = new LinkedHashMap<>();

    private AddedThings() {}

    static AddedThings read(Path file) throws IOException {
        AddedThings things = new AddedThings();
        if (!Files.exists(file)) {
            return things;
        }
        for (String line : Files.readAllLines(file, StandardCharsets.UTF_8)) {
            String[] words = line.split("\t", -1);
            if (words.length == 4) {
                @Nullable Path path = words[3].isEmpty() ? null : Path.of(unescape(words[3]));
                things.shared.put(new Thing(words[1], unescape(words[2]), path), words[0].equals("shared"));
            }
        }
        return things;
    }

    void add(List<Thing> added, boolean ambiguous) {
        for (Thing thing : added) {
            if (shared.size() < MAX) {
                shared.putIfAbsent(thing, ambiguous);
            }
        }
    }

    void write(Path file) throws IOException {
        StringBuilder text = new StringBuilder();
        shared.forEach((thing, ambiguous) -> text.append(ambiguous ? "shared" : "own")
                .append('\t')
                .append(thing.kind())
                .append('\t')
                .append(escape(thing.name()))
                .append('\t')
                .append(thing.path() == null ? "" : escape(thing.path().toString()))
                .append('\n'));
        Path next = file.resolveSibling(file.getFileName() + ".new");
        Files.writeString(next, text);
        Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    private static String escape(String text) {
        return text.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n");
    }

    private static String unescape(String text) {
        StringBuilder plain = new StringBuilder();
        boolean escaped = false;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (escaped) {
                plain.append(c == 't' ? '\t' : c == 'n' ? '\n' : c);
                escaped = false;
            } else if (c == '\\') {
                escaped = true;
            } else {
                plain.append(c);
            }
        }
        return plain.toString();
    }

    boolean has(Thing thing) {
        return shared.containsKey(thing);
    }

    /**
     * What became of it all.
     *
     * @param others what installations that are still there added: what may be theirs they tell when they go
     * @param keeps paths that stay because the package says so: themselves, what is in them, and the folders they are in
     */
    RemovalReport report(MachineScan scan, List<AddedThings> others, List<Path> keeps) throws IOException {
        Set<String> users = scan.users();
        Set<String> groups = scan.groups();
        Set<String> packages = scan.packages();
        List<Item> gone = new ArrayList<>();
        List<Item> kept = new ArrayList<>();
        List<Item> left = new ArrayList<>();
        for (Map.Entry<Thing, Boolean> one : shared.entrySet()) {
            Thing thing = one.getKey();
            if (one.getValue() && others.stream().anyMatch(other -> other.has(thing))) {
                continue;
            }
            Path path = thing.path();
            Item item = thing.item(one.getValue());
            if (path != null) {
                if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
                    gone.add(item);
                } else if (keeps.stream().anyMatch(keep -> path.startsWith(keep) || keep.startsWith(path))) {
                    kept.add(item);
                } else {
                    left.add(item);
                }
                continue;
            }
            boolean there = switch (thing.kind()) {
                case Thing.USER -> users.contains(thing.name());
                case Thing.GROUP -> groups.contains(thing.name());
                default -> packages.contains(thing.name());
            };
            if (there) {
                left.add(item);
            } else if (packages.contains(thing.name() + MachineScan.CONFIGURATION)) {
                left.add(new Item(item.kind(), item.name() + MachineScan.CONFIGURATION));
            } else {
                gone.add(item);
            }
        }
        return new RemovalReport(gone, kept, left, 0);
    }
}
