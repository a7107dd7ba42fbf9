package dev.vmext.server.publishing;

import dev.vmext.fleet.Actor;
import dev.vmext.fleet.Fleet;
import dev.vmext.fleet.Publication;
import dev.vmext.packageformat.archive.ArchiveLimits;
import dev.vmext.packageformat.archive.PackageReader;
import dev.vmext.packageformat.manifest.ExtensionManifest;
import dev.vmext.packageformat.manifest.HandlerManifest;
import dev.vmext.packageformat.signing.PackageSignature;
import dev.vmext.packageformat.signing.PackageStatement;
import dev.vmext.packageformat.signing.PackageVerifier;
import dev.vmext.packageformat.signing.VerifiedPackage;
import dev.vmext.packageformat.trust.TrustPolicy;
import dev.vmext.protocol.Digest;
import dev.vmext.protocol.api.ExtensionView;
import dev.vmext.protocol.problem.ProblemCode;
import dev.vmext.protocol.problem.ProblemException;
import dev.vmext.server.blob.BlobStore;
import dev.vmext.server.settings.SchemaSettingsValidator;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Comparator;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Takes an upload, verifies it against {@link Publishers}, stores it by digest and enters it into the catalog. A package that is refused
 * anywhere on the way leaves nothing behind. Uploads run side by side on their requests' threads; the last step is one at a time, so
 * that a refusal can take back the bytes it stored.
 */
public final class Publishing {
    /** Carries the signature file's content in base64. */
    public static final String SIGNATURE_HEADER = "Vmext-Signature";

    private static final int MANIFEST_BYTES = 4 * 1024 * 1024;

    private final Path uploads;
    private final Publishers publishers;
    private final BlobStore blobs;
    private final Fleet fleet;
    private final SchemaSettingsValidator schemas;
    private final PackageVerifier verifier = new PackageVerifier(ArchiveLimits.standard());
    private final PackageReader reader = new PackageReader(ArchiveLimits.standard());
    private final ReentrantLock entering = new ReentrantLock();

    public Publishing(
            Path uploads, Publishers publishers, BlobStore blobs, Fleet fleet, SchemaSettingsValidator schemas) {
        this.uploads = uploads;
        this.publishers = publishers;
        this.blobs = blobs;
        this.fleet = fleet;
        this.schemas = schemas;
    }

    /** Removes what uploads left behind that a crash cut short. */
    public void start() throws IOException {
        try (var leftovers = Files.newDirectoryStream(uploads)) {
            for (Path leftover : leftovers) {
                remove(leftover);
            }
        }
    }

    public ExtensionView publish(Actor actor, InputStream upload, String signatureBase64) throws IOException {
        PackageSignature signature = PackageSignature.parse(decoded(signatureBase64));
        TrustPolicy trust = publishers.accepted();
        // Nobody fills our disk with half a gigabyte that we can know to refuse.
        PackageStatement statement =
                verifier.verifySignatureOnly(signature, trust).statement();
        Path folder = Files.createTempDirectory(uploads, "upload");
        try {
            Path zip = folder.resolve(
                    statement.identity().name() + "-" + statement.identity().version() + ".zip");
            Files.copy(upload, zip);
            return enter(actor, verifier.verify(zip, signature, trust), signature);
        } finally {
            remove(folder);
        }
    }

    private ExtensionView enter(Actor actor, VerifiedPackage verified, PackageSignature signature) throws IOException {
        Publication publication = publication(verified, signature);
        entering.lock();
        try {
            boolean known = blobs.size(publication.digest()).isPresent();
            try (InputStream in = Files.newInputStream(verified.file())) {
                blobs.put(publication.digest(), in);
            }
            boolean entered = false;
            try {
                ExtensionView view = fleet.publish(actor, publication);
                entered = true;
                return view;
            } finally {
                if (!entered && !known) {
                    blobs.delete(publication.digest());
                }
            }
        } finally {
            entering.unlock();
        }
    }

    private Publication publication(VerifiedPackage verified, PackageSignature signature) {
        verified.description().schemas().settings().ifPresent(schemas::check);
        verified.description().schemas().protectedSettings().ifPresent(schemas::check);
        PackageStatement statement = verified.signed().statement();
        Path zip = verified.file();
        String handlerManifest = reader.names(zip).stream()
                .filter(name ->
                        name.equals(HandlerManifest.FILE_NAME) || name.endsWith("/" + HandlerManifest.FILE_NAME))
                .min(Comparator.comparingInt((String name) -> name.split("/", -1).length)
                        .thenComparing(Comparator.naturalOrder()))
                .flatMap(name -> reader.findFile(zip, name, MANIFEST_BYTES))
                .map(Publishing::text)
                .orElseThrow(() -> new IllegalStateException("a verified package has no manifest"));
        return new Publication(
                statement.identity().name().text(),
                statement.identity().version().text(),
                handlerManifest,
                reader.findFile(zip, ExtensionManifest.FILE_NAME, MANIFEST_BYTES)
                        .map(Publishing::text),
                new Digest(statement.digest().text()),
                statement.size(),
                signature.toJson(),
                verified.signed().key().id());
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private static byte[] decoded(String base64) {
        try {
            return Base64.getDecoder().decode(base64.strip());
        } catch (IllegalArgumentException e) {
            throw new ProblemException(
                    ProblemCode.SIGNATURE_INVALID,
                    "cannot publish the package: the header " + SIGNATURE_HEADER + " is not base64",
                    "Send the signature file's content in base64, on one line.",
                    e);
        }
    }

    private static void remove(Path path) throws IOException {
        if (Files.isDirectory(path)) {
            try (var children = Files.newDirectoryStream(path)) {
                for (Path child : children) {
                    Files.delete(child);
                }
            }
        }
        Files.deleteIfExists(path);
    }
}
