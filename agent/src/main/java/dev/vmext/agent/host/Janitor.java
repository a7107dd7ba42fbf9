package dev.vmext.agent.host;

import dev.vmext.agent.config.Folders;
import dev.vmext.agent.config.Places;
import dev.vmext.agent.process.OutputFile;
import dev.vmext.packageformat.PackageException;
import dev.vmext.packageformat.manifest.ExtensionManifest;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Keeps small what grows by itself on a machine: logs of handlers, folders of commands and of versions that nobody names any more, core
 * files, settings long replaced. What a package declares to keep is never touched. Limits are in {@link JanitorPlan}. No state; one
 * thread at a time.
 */
public final class Janitor {
    private static final System.Logger LOG = System.getLogger(Janitor.class.getName());
    private static final Pattern CORE = Pattern.compile("core(\\.[0-9]+)?|.*\\.core");
    private static final Pattern NUMBERED = Pattern.compile("(?:(.*)\\.)?([0-9]{1,18})\\.(settings|status)");

    private final Places places;
    private final InstantSource clock;

    /**
     * What the agent works with now.
     *
     * @param runs names of run folders
     * @param versions base folders of versions
     * @param extensions names of extensions with an installation
     */
    public record InUse(Set<String> runs, Set<Path> versions, Set<String> extensions) {
        public InUse {
            runs = Set.copyOf(runs);
            versions = Set.copyOf(versions);
            extensions = Set.copyOf(extensions);
        }
    }

    public Janitor(Places places, InstantSource clock) {
        this.places = places;
        this.clock = clock;
    }

    /** Clears away; how many things. What cannot be deleted is logged and left for the next time. */
    public int tidy(InUse used) throws IOException {
        List<Leftover> found = new ArrayList<>();
        Set<Path> kept = new HashSet<>();
        for (Path run : children(places.run("x").resolveSibling(""))) {
            String name = run.getFileName().toString();
            add(found, Leftover.Kind.RUN, run, run, used.runs().contains(name), 0);
        }
        for (Path installation : children(places.handlers())) {
            for (Path version : children(installation)) {
                if (Files.isDirectory(version)
                        && !version.getFileName().toString().startsWith(".")) {
                    add(
                            found,
                            Leftover.Kind.VERSION,
                            version,
                            version,
                            used.versions().contains(version),
                            0);
                    cores(found, version);
                    numbered(found, version.resolve("config"));
                    numbered(found, version.resolve("status"));
                    kept.addAll(kept(version));
                }
            }
        }
        for (Path logs : children(places.handlerLogs("x").resolveSibling(""))) {
            logs(found, logs, used.extensions().contains(logs.getFileName().toString()));
        }
        int done = 0;
        for (JanitorPlan.Deed deed : JanitorPlan.decide(found, kept, clock.instant())) {
            done += carryOut(deed) ? 1 : 0;
        }
        return done;
    }

    private static boolean carryOut(JanitorPlan.Deed deed) {
        try {
            switch (deed) {
                case JanitorPlan.Deed.Delete(Path path, String why) -> {
                    LOG.log(System.Logger.Level.INFO, "Deleting {0}: {1}", path, why);
                    Folders.delete(path);
                }
                case JanitorPlan.Deed.Cut(Path path, long limit) -> {
                    LOG.log(System.Logger.Level.INFO, "Cutting {0}: it is larger than {1} MiB", path, limit >> 20);
                    OutputFile.cap(path, limit);
                }
            }
            return true;
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "Cannot clear away {0}, trying again later: {1}", deed.path(), e);
            return false;
        }
    }

    private static List<Path> children(Path folder) throws IOException {
        List<Path> found = new ArrayList<>();
        if (Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
            try (DirectoryStream<Path> all = Files.newDirectoryStream(folder)) {
                all.forEach(found::add);
            }
        }
        return found;
    }

    private static void add(List<Leftover> found, Leftover.Kind kind, Path path, Path group, boolean inUse, long number)
            throws IOException {
        BasicFileAttributes attributes =
                Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        Instant modified = attributes.lastModifiedTime().toInstant();
        if (attributes.isDirectory()) {
            for (Path child : children(path)) {
                Instant inside = Files.getLastModifiedTime(child, LinkOption.NOFOLLOW_LINKS)
                        .toInstant();
                modified = inside.isAfter(modified) ? inside : modified;
            }
        }
        found.add(new Leftover(kind, path, group, inUse, attributes.size(), modified, number));
    }

    private static void cores(List<Leftover> found, Path version) throws IOException {
        walk(version, file -> {
            if (CORE.matcher(file.getFileName().toString()).matches() && isCore(file)) {
                add(found, Leftover.Kind.CORE, file, version, false, 0);
            }
        });
    }

    /** ELF, of type core: a handler may call any file "core". */
    private static boolean isCore(Path file) throws IOException {
        try (var in = Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS)) {
            byte[] head = in.readNBytes(18);
            return head.length == 18
                    && head[0] == 0x7f
                    && head[1] == 'E'
                    && head[2] == 'L'
                    && head[3] == 'F'
                    && (head[16] == 4 || head[17] == 4);
        }
    }

    private static void numbered(List<Leftover> found, Path folder) throws IOException {
        for (Path file : children(folder)) {
            Matcher name = NUMBERED.matcher(file.getFileName().toString());
            if (name.matches() && Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
                String group = (name.group(1) == null ? "" : name.group(1)) + "." + name.group(3);
                add(found, Leftover.Kind.SETTINGS, file, folder.resolve(group), false, Long.parseLong(name.group(2)));
            }
        }
    }

    private static void logs(List<Leftover> found, Path folder, boolean inUse) throws IOException {
        walk(folder, file -> add(found, Leftover.Kind.LOG, file, folder, inUse, 0));
    }

    private interface Visit {
        void file(Path file) throws IOException;
    }

    private static void walk(Path folder, Visit visit) throws IOException {
        Files.walkFileTree(folder, new SimpleFileVisitor<Path>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                if (attributes.isRegularFile()) {
                    visit.file(file);
                }
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException deletedMeanwhile) {
                return FileVisitResult.CONTINUE;
            }
        });
    }

    private Set<Path> kept(Path version) throws IOException {
        Path manifest = version.resolve(ExtensionManifest.FILE_NAME);
        Set<Path> kept = new HashSet<>();
        if (Files.exists(manifest)) {
            try {
                for (String path : ExtensionManifest.parse(Files.readAllBytes(manifest))
                        .execution()
                        .keepsOnUninstall()) {
                    Path keep =
                            places.root().resolve(path.replaceFirst("^/+", "")).normalize();
                    if (!keep.equals(places.root())) {
                        kept.add(keep);
                    }
                }
            } catch (PackageException unreadable) {
                return kept; // it was never installed like this
            }
        }
        return kept;
    }
}
