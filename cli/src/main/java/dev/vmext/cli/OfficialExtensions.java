package dev.vmext.cli;

import dev.vmext.packageformat.archive.ArchiveLimits;
import dev.vmext.packageformat.archive.PackageDigest;
import dev.vmext.packageformat.archive.PackageReader;
import dev.vmext.packageformat.manifest.ExtensionVersion;
import dev.vmext.packageformat.manifest.PackageDescription;
import dev.vmext.packageformat.signing.PackageSignature;
import dev.vmext.packageformat.signing.PackageSigner;
import dev.vmext.packageformat.signing.SigningKey;
import dev.vmext.packageformat.signing.SigningKeyFile;
import dev.vmext.protocol.api.ExtensionView;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Signs and publishes the packages that were built here, with the official publisher's development key of this control plane. A version
 * never changes its digest, so changed content of the same version is published with the next fourth version part.
 */
final class OfficialExtensions {
    private final ApiClient client;
    private final Path folder;
    private final Path keyFile;

    OfficialExtensions(ApiClient client, Path folder, Path keyFile) {
        this.client = client;
        this.folder = folder;
        this.keyFile = keyFile;
    }

    /** Returns what was published now, in words; empty when all of it was there. */
    List<String> publish() throws InterruptedException {
        List<String> published = new ArrayList<>();
        SigningKey key = SigningKeyFile.read(keyFile);
        for (Path zip : packages()) {
            PackageDescription description = new PackageReader(ArchiveLimits.standard()).describe(zip);
            String name = description.identity().name().text();
            Optional<ExtensionView> known =
                    client.find("/v1/extensions/" + ApiClient.segment(name), ExtensionView.class);
            List<ExtensionView.VersionView> versions =
                    known.map(ExtensionView::versions).orElse(List.of());
            String digest = PackageDigest.ofFile(zip).text();
            if (versions.stream().anyMatch(version -> version.digest().equals(digest))) {
                continue;
            }
            ExtensionVersion version = next(description.identity().version(), versions);
            PackageSignature signature = new PackageSigner(ArchiveLimits.standard()).sign(zip, version, key);
            client.upload("/v1/extensions", zip, signature.toJson(), ExtensionView.class);
            published.add(name + " " + version);
        }
        return published;
    }

    private List<Path> packages() {
        List<Path> found = new ArrayList<>();
        try (DirectoryStream<Path> zips = Files.newDirectoryStream(folder, "*.zip")) {
            zips.forEach(found::add);
        } catch (IOException e) {
            throw Json.unreadable(folder, e);
        }
        found.sort(null);
        return found;
    }

    /** The version itself when it is new, else with the next fourth part. */
    static ExtensionVersion next(ExtensionVersion built, List<ExtensionView.VersionView> published) {
        int fourth = -1;
        for (ExtensionView.VersionView view : published) {
            ExtensionVersion version = ExtensionVersion.of(view.version());
            if (version.compareTo(built) == 0) {
                fourth = Math.max(fourth, 0);
            } else if (version.isReleaseOf(built)) {
                fourth = Math.max(fourth, version.parts().getLast());
            }
        }
        if (fourth < 0) {
            return built;
        }
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 3; i++) {
            text.append(i < built.parts().size() ? built.parts().get(i) : 0).append('.');
        }
        return ExtensionVersion.of(text.append(fourth + 1).toString());
    }
}
