package dev.vmext.agent.host;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** The mounted file systems, from {@code /proc/self/mountinfo}. Immutable. */
record MountTable(List<Mount> mounts) {
    /**
     * One mount.
     *
     * @param options of the mount itself and of its file system: {@code ro}, {@code noexec} ...
     */
    record Mount(Path point, String type, Set<String> options, Set<String> fileSystemOptions) {
        boolean readOnly() {
            return options.contains("ro") || fileSystemOptions.contains("ro");
        }
    }

    MountTable {
        mounts = List.copyOf(mounts);
    }

    static MountTable read(Path proc) throws IOException {
        return parse(Files.readString(proc.resolve("self/mountinfo"), StandardCharsets.UTF_8));
    }

    /** {@code 36 35 98:0 /inside /point rw,noatime master:1 - ext4 /dev/root rw}: optional fields end at the dash. */
    static MountTable parse(String text) {
        List<Mount> mounts = new ArrayList<>();
        for (String line : text.split("\n", -1)) {
            String[] words = line.split(" ", -1);
            int dash = 6;
            while (dash < words.length && !words[dash].equals("-")) {
                dash++;
            }
            if (dash + 3 < words.length) {
                mounts.add(new Mount(
                        Path.of(unescape(words[4])), words[dash + 1], options(words[5]), options(words[dash + 3])));
            }
        }
        return new MountTable(mounts);
    }

    private static Set<String> options(String text) {
        return Set.copyOf(List.of(text.split(",", -1)).stream().distinct().toList());
    }

    /** Blanks and backslashes are written as {@code \040}. */
    private static String unescape(String text) {
        StringBuilder plain = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) == '\\' && i + 3 < text.length()) {
                plain.append((char) Integer.parseInt(text.substring(i + 1, i + 4), 8));
                i += 3;
            } else {
                plain.append(text.charAt(i));
            }
        }
        return plain.toString();
    }

    /** The mount that a path lies on: of those at the same point the last one hides the others. */
    Mount of(Path path) {
        Mount found = null;
        for (Mount mount : mounts) {
            if (path.startsWith(mount.point())
                    && (found == null
                            || mount.point().getNameCount() >= found.point().getNameCount())) {
                found = mount;
            }
        }
        return found == null ? new Mount(Path.of("/"), "", Set.of(), Set.of()) : found;
    }
}
