package dev.vmext.agent.finding;

import dev.vmext.packageformat.PackageException;
import dev.vmext.packageformat.manifest.ExtensionManifest;
import dev.vmext.packageformat.manifest.FindingType;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Which findings the packages that are unpacked on this machine declare. Looks at the folders of the versions, so that it is right after
 * a restart and while a version is replaced; reads a manifest again only when its file has changed. Any thread.
 */
final class DeclaredFindings {
    private static final System.Logger LOG = System.getLogger(DeclaredFindings.class.getName());

    private final Path handlers;
    private Map<Path, Known> known = new HashMap<>();
    private Map<String, Extension> extensions = Map.of();

    private record Known(long modified, long size, List<FindingType> types) {}

    /**
     * One extension.
     *
     * @param types by name; those of all its versions here
     * @param installations of it on this machine
     */
    record Extension(String name, Map<String, FindingType> types, TreeSet<String> installations) {}

    /**
     * @param handlers holds {@code <installation>/<Publisher.Type>-<Version>/}
     */
    DeclaredFindings(Path handlers) {
        this.handlers = handlers;
    }

    /** Looks again; extensions whose packages declare nothing are among them too. */
    synchronized Map<String, Extension> look() throws IOException {
        Map<String, Extension> found = new TreeMap<>();
        Map<Path, Known> seen = new HashMap<>();
        for (Path installation : folders(handlers)) {
            for (Path version : folders(installation)) {
                String name = version.getFileName().toString();
                int dash = name.lastIndexOf('-');
                if (dash <= 0) {
                    continue;
                }
                Extension extension = found.computeIfAbsent(
                        name.substring(0, dash), text -> new Extension(text, new LinkedHashMap<>(), new TreeSet<>()));
                extension.installations().add(installation.getFileName().toString());
                Path file = version.resolve(ExtensionManifest.FILE_NAME);
                Known manifest = read(file);
                seen.put(file, manifest);
                manifest.types().forEach(type -> extension.types().put(type.type(), type));
            }
        }
        known = seen;
        extensions = found;
        return found;
    }

    /** As of the last look. */
    synchronized Map<String, Extension> last() {
        return extensions;
    }

    private Known read(Path file) throws IOException {
        BasicFileAttributes attributes;
        try {
            attributes = Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        } catch (NoSuchFileException none) {
            return new Known(0, 0, List.of());
        }
        long modified = attributes.lastModifiedTime().toMillis();
        Known before = known.get(file);
        if (before != null && before.modified() == modified && before.size() == attributes.size()) {
            return before;
        }
        try {
            return new Known(
                    modified,
                    attributes.size(),
                    ExtensionManifest.parse(Files.readAllBytes(file))
                            .observation()
                            .findings());
        } catch (PackageException broken) {
            LOG.log(System.Logger.Level.WARNING, "Cannot read {0}: {1}", file, broken.getMessage());
            return new Known(modified, attributes.size(), List.of());
        }
    }

    private static List<Path> folders(Path parent) throws IOException {
        List<Path> folders = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(parent)) {
            for (Path entry : entries) {
                if (!entry.getFileName().toString().startsWith(".")
                        && Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS)) {
                    folders.add(entry);
                }
            }
        } catch (NoSuchFileException | NotDirectoryException gone) {
            return List.of();
        }
        return folders;
    }
}
