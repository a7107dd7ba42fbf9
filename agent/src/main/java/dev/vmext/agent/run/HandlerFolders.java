package dev.vmext.agent.run;

import dev.vmext.agent.config.Places;
import dev.vmext.agent.contract.HandlerFolder;
import dev.vmext.agent.journal.Deployed;
import dev.vmext.agent.journal.Entry;
import dev.vmext.agent.journal.Slot;
import dev.vmext.packageformat.manifest.ExtensionManifest;
import dev.vmext.packageformat.manifest.HandlerManifest;
import dev.vmext.packageformat.manifest.Instances;
import dev.vmext.packageformat.manifest.PackageDescription;
import dev.vmext.packageformat.manifest.PackageIdentity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Where the versions of installations lie unpacked and what their manifests say. Any thread. */
final class HandlerFolders {
    private final Places places;

    HandlerFolders(Places places) {
        this.places = places;
    }

    Path base(Entry entry, String version) {
        return places.handler(entry.name(), entry.extension(), version);
    }

    HandlerFolder of(Entry entry, Slot slot, PackageDescription description) {
        return of(entry, entry.get(slot).version(), description);
    }

    HandlerFolder of(Entry entry, String version, PackageDescription description) {
        return new HandlerFolder(
                base(entry, version),
                places.handlerLogs(entry.extension()),
                entry.name(),
                entry.extension(),
                version,
                description.instances() == Instances.MANY,
                description.handler().supportsMultipleExtensions());
    }

    /** What the unpacked package says. */
    PackageDescription description(Entry entry, Slot slot) throws IOException {
        Deployed deployed = entry.get(slot);
        Path base = base(entry, deployed.version());
        Path extension = base.resolve(ExtensionManifest.FILE_NAME);
        return new PackageDescription(
                PackageIdentity.of(entry.extension(), deployed.version()),
                HandlerManifest.parse(Files.readAllBytes(base.resolve(HandlerManifest.FILE_NAME))),
                Files.exists(extension)
                        ? Optional.of(ExtensionManifest.parse(Files.readAllBytes(extension)))
                        : Optional.empty());
    }
}
