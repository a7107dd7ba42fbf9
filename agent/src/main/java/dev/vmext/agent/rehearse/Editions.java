package dev.vmext.agent.rehearse;

import dev.vmext.agent.config.Folders;
import dev.vmext.packageformat.archive.ArchiveLimits;
import dev.vmext.packageformat.archive.PackageReader;
import dev.vmext.packageformat.archive.PackageUnpacker;
import dev.vmext.packageformat.archive.PackageWriter;
import dev.vmext.packageformat.manifest.ExtensionManifest;
import dev.vmext.packageformat.manifest.ExtensionVersion;
import dev.vmext.packageformat.manifest.ImageManifest;
import dev.vmext.packageformat.manifest.PackageDescription;
import dev.vmext.packageformat.manifest.PackageIdentity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The package that is rehearsed, and the same once more with a higher version number, for updates. Immutable.
 *
 * @param description of the package itself
 * @param later its identity with the higher number
 */
record Editions(Path zip, PackageDescription description, Path laterZip, PackageIdentity later) {
    static Editions of(Path zip, Path work) throws IOException {
        PackageDescription description = new PackageReader(ArchiveLimits.standard()).describe(zip);
        PackageIdentity now = description.identity();
        PackageIdentity later = new PackageIdentity(now.name(), raised(now.version()));
        Path folder = work.resolve("later");
        Folders.delete(folder);
        new PackageUnpacker(ArchiveLimits.standard()).unpack(zip, folder);
        replace(
                folder.resolve(ExtensionManifest.FILE_NAME),
                "(\"version\"\\s*:\\s*)\"" + quoted(now.version()) + "\"",
                "$1\"" + later.version().text() + "\"");
        replace(
                folder.resolve(ImageManifest.FILE_NAME),
                "(<Version>\\s*)" + quoted(now.version()) + "(\\s*</Version>)",
                "$1" + later.version().text() + "$2");
        Path laterZip = work.resolve("later.zip");
        new PackageWriter(ArchiveLimits.standard()).pack(folder, laterZip);
        Folders.delete(folder);
        return new Editions(zip, description, laterZip, later);
    }

    private static String quoted(ExtensionVersion version) {
        return java.util.regex.Pattern.quote(version.text());
    }

    private static void replace(Path file, String what, String with) throws IOException {
        if (Files.exists(file)) {
            Files.writeString(file, Files.readString(file).replaceFirst(what, with));
        }
    }

    private static ExtensionVersion raised(ExtensionVersion version) {
        List<Integer> parts = new ArrayList<>(version.parts());
        parts.set(parts.size() - 1, parts.getLast() + 1);
        return ExtensionVersion.of(parts.stream().map(String::valueOf).collect(Collectors.joining(".")));
    }

    PackageIdentity now() {
        return description.identity();
    }
}
