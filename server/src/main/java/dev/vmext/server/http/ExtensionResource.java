package dev.vmext.server.http;

import dev.vmext.fleet.ExtensionFilter;
import dev.vmext.fleet.Fleet;
import dev.vmext.fleet.VersionState;
import dev.vmext.packageformat.manifest.Category;
import dev.vmext.protocol.Digest;
import dev.vmext.protocol.api.ExtensionView;
import dev.vmext.protocol.api.Items;
import dev.vmext.protocol.api.VersionStateWrite;
import dev.vmext.protocol.problem.ProblemCode;
import dev.vmext.protocol.problem.ProblemException;
import dev.vmext.server.blob.BlobStore;
import dev.vmext.server.json.Suggestion;
import dev.vmext.server.publishing.Publishing;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** {@code /v1/extensions}: the catalog, and the door through which packages come into it. */
final class ExtensionResource {
    private final Fleet fleet;
    private final Publishing publishing;
    private final BlobStore blobs;

    ExtensionResource(Fleet fleet, Publishing publishing, BlobStore blobs) {
        this.fleet = fleet;
        this.publishing = publishing;
        this.blobs = blobs;
    }

    Answer list(Call call) {
        call.query("category").ifPresent(ExtensionResource::checkCategory);
        return Answer.ok(new Items<>(fleet.listExtensions(
                new ExtensionFilter(call.query("category"), call.query("provider"), call.query("platform")))));
    }

    private static void checkCategory(String category) {
        List<String> known =
                Arrays.stream(Category.values()).map(Category::text).toList();
        if (!known.contains(category)) {
            throw new ProblemException(
                    ProblemCode.INVALID_VALUE,
                    "cannot list extensions: there is no category \"" + Shown.text(category) + "\"",
                    Suggestion.sentence(category, known));
        }
    }

    Answer show(Call call) {
        return Answer.ok(fleet.getExtension(call.path("extension")));
    }

    /** Whether a version may be installed from now on; the goals of machines that want it change with it. */
    Answer state(Call call) throws IOException {
        String word = call.body(VersionStateWrite.class).state();
        List<String> known =
                Arrays.stream(VersionState.values()).map(VersionState::wire).toList();
        VersionState state = VersionState.find(word)
                .orElseThrow(() -> new ProblemException(
                        ProblemCode.INVALID_VALUE,
                        "cannot set the state \"" + Shown.text(word) + "\": there is none of that name",
                        Suggestion.sentence(word, known)));
        return Answer.ok(
                fleet.setVersionState(call.principal().actor(), call.path("extension"), call.path("version"), state));
    }

    Answer publish(Call call) throws IOException {
        String signature = call.header(Publishing.SIGNATURE_HEADER)
                .orElseThrow(
                        () -> new ProblemException(
                                ProblemCode.SIGNATURE_INVALID,
                                "cannot publish the package: the header " + Publishing.SIGNATURE_HEADER + " is missing",
                                "Sign the package with vmext extension sign, and send the signature file's content in base64."));
        ExtensionView view;
        try (InputStream body = call.body()) {
            view = publishing.publish(call.principal().actor(), body, signature);
        }
        return Answer.created(view, "/v1/extensions/" + view.name());
    }

    Answer download(Call call) throws IOException {
        ExtensionView extension = fleet.getExtension(call.path("extension"));
        String version = call.path("version");
        ExtensionView.VersionView published = extension.versions().stream()
                .filter(one -> one.version().equals(version))
                .findFirst()
                .orElseThrow(() -> new ProblemException(
                        ProblemCode.VERSION_NOT_FOUND,
                        "cannot find version " + Shown.text(version) + " of extension " + extension.name()
                                + ": it was not published here",
                        "vmext extension show " + extension.name() + " lists the versions."));
        Digest digest = new Digest(published.digest());
        long size = blobs.size(digest)
                .orElseThrow(() -> new ProblemException(
                        ProblemCode.PACKAGE_NOT_FOUND,
                        "cannot find the package of " + extension.name() + " " + version + ": its bytes " + digest
                                + " are not in the data folder",
                        "Publish the same package again, or put the blobs folder back from a backup."));
        return new Answer.Stream(
                "application/zip",
                Map.of(
                        "Content-Length",
                        Long.toString(size),
                        "Content-Disposition",
                        "attachment; filename=\"" + extension.name() + "-" + version + ".zip\""),
                out -> {
                    try (InputStream in = blobs.open(digest, 0)) {
                        in.transferTo(out);
                    }
                });
    }
}
