package dev.vmext.agent.fetch;

import dev.vmext.agent.config.Durable;
import dev.vmext.agent.config.Folders;
import dev.vmext.packageformat.PackageException;
import dev.vmext.packageformat.PackageProblem;
import dev.vmext.packageformat.archive.ArchiveLimits;
import dev.vmext.packageformat.archive.PackageDigest;
import dev.vmext.packageformat.archive.PackageUnpacker;
import dev.vmext.packageformat.manifest.ExtensionVersion;
import dev.vmext.packageformat.manifest.PackageIdentity;
import dev.vmext.packageformat.signing.PackageSignature;
import dev.vmext.packageformat.signing.PackageStatement;
import dev.vmext.packageformat.signing.PackageVerifier;
import dev.vmext.packageformat.signing.VerifiedPackage;
import dev.vmext.packageformat.trust.TrustFile;
import dev.vmext.packageformat.trust.TrustPolicy;
import dev.vmext.protocol.Digest;
import dev.vmext.protocol.goal.PackageOffer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Collection;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The packages on this machine, each {@code <hex>.zip} with its signature {@code <hex>.sig.json} beside it. A zip has its final name
 * only when digest and signature were found good; both are checked again before it is unpacked, against the trust file as it then
 * is. Any thread; two threads may want the same package.
 */
public final class PackageStore {
    private static final String ZIP = ".zip";
    private static final String SIGNATURE = PackageSignature.FILE_SUFFIX;

    private final Path folder;
    private final Path trustFile;
    private final Download download;
    private final Map<Digest, Object> fetching = new ConcurrentHashMap<>();
    private final PackageVerifier verifier = new PackageVerifier(ArchiveLimits.standard());
    private final PackageUnpacker unpacker = new PackageUnpacker(ArchiveLimits.standard());

    public PackageStore(Path folder, Path trustFile, Download download) {
        this.folder = folder;
        this.trustFile = trustFile;
        this.download = download;
    }

    /** The packages that lie here whole. */
    public Set<Digest> held() {
        Set<Digest> digests = new HashSet<>();
        if (!Files.isDirectory(folder)) {
            return digests;
        }
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "*" + ZIP)) {
            for (Path file : files) {
                String name = file.getFileName().toString();
                String hex = name.substring(0, name.length() - ZIP.length());
                if (hex.length() == 64) {
                    digests.add(Digest.ofHex(hex));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return digests;
    }

    /** Downloads what is missing of it and verifies it. */
    public VerifiedPackage fetch(PackageOffer offer, Duration atMost) throws IOException, InterruptedException {
        PackageSignature signature = PackageSignature.parse(offer.signature().getBytes(StandardCharsets.UTF_8));
        // Before a byte is downloaded: who signed this at all?
        checkOffer(verifier.verifySignatureOnly(signature, trust()).statement(), offer);
        Files.createDirectories(folder);
        // Two installations of one extension may fetch at the same time; the second finds it done. Other packages do
        // not wait.
        synchronized (fetching.computeIfAbsent(offer.digest(), digest -> new Object())) {
            Path whole = zip(offer.digest());
            if (!Files.exists(whole)) {
                Path part = folder.resolve(offer.digest().hex() + ZIP + ".part");
                download.fetch(offer.path(), part, offer.size(), atMost);
                try {
                    checkDigest(part, offer);
                    verifier.verify(part, signature, trust());
                } catch (PackageException refused) {
                    Files.deleteIfExists(part); // the next try must not resume what is bad already
                    throw refused;
                }
                Path signatureFile = signatureOf(offer.digest());
                Files.writeString(signatureFile, offer.signature());
                Durable.force(signatureFile);
                Durable.force(part);
                Files.move(part, whole, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            }
            return verify(offer.digest());
        }
    }

    /**
     * What was signed under one name and version is never taken for another: who decides what is offered could hand out an old version
     * as a new one, or a tool that runs scripts as one that does not.
     */
    private static void checkIdentity(PackageIdentity signed, String extension, String version) {
        boolean same =
                signed.name().text().equals(extension) && signed.version().compareTo(ExtensionVersion.of(version)) == 0;
        if (!same) {
            throw new PackageException(
                    PackageProblem.IDENTITY_MISMATCH,
                    "cannot accept package " + extension + " " + version + ": what was signed is " + signed,
                    "publish the version again; if that is no mistake of the publisher, somebody changed what the control plane offers");
        }
    }

    /** Only what was signed is worth a download: neither other bytes nor more of them. */
    private static void checkOffer(PackageStatement signed, PackageOffer offer) {
        checkIdentity(signed.identity(), offer.extension(), offer.version());
        if (!signed.digest().toString().equals(offer.digest().text()) || signed.size() != offer.size()) {
            throw new PackageException(
                    PackageProblem.DIGEST_MISMATCH,
                    "cannot accept package " + offer.extension() + " " + offer.version() + ": " + offer.size()
                            + " bytes with digest " + offer.digest() + " are offered, and " + signed.size()
                            + " bytes with digest " + signed.digest() + " were signed",
                    "publish the version again; if that is no mistake, somebody changed what the control plane offers");
        }
    }

    private static void checkDigest(Path file, PackageOffer offer) {
        String found = PackageDigest.ofFile(file).toString();
        if (!found.equals(offer.digest().text())) {
            throw new PackageException(
                    PackageProblem.DIGEST_MISMATCH,
                    "cannot accept package " + offer.extension() + " " + offer.version() + ": its digest is " + found
                            + ", and " + offer.digest() + " was announced",
                    "the file was damaged or changed on its way; if it happens again, publish the version again");
        }
    }

    /** Checks digest and signature of a package that lies here. */
    public VerifiedPackage verify(Digest digest) throws IOException {
        Path zip = zip(digest);
        try {
            PackageSignature signature = PackageSignature.parse(Files.readAllBytes(signatureOf(digest)));
            VerifiedPackage verified = verifier.verify(zip, signature, trust());
            if (!verified.signed().statement().digest().toString().equals(digest.text())) {
                throw new PackageException(
                        PackageProblem.DIGEST_MISMATCH,
                        "cannot accept package " + verified.identity() + ": it was signed with another digest than "
                                + digest,
                        "publish the version again");
            }
            return verified;
        } catch (PackageException refused) {
            Files.deleteIfExists(zip);
            throw refused;
        }
    }

    /** Checks digest and signature of a package that lies here, and that it was signed as this very release. */
    public VerifiedPackage verify(Digest digest, String extension, String version) throws IOException {
        VerifiedPackage verified = verify(digest);
        checkIdentity(verified.identity(), extension, version);
        return verified;
    }

    /** Unpacks a package that was just checked. What is in the target folder from an earlier try is replaced. */
    public void unpack(VerifiedPackage verified, Path target) throws IOException {
        Folders.delete(target);
        unpacker.unpack(verified.file(), target);
    }

    /** Deletes all packages but these, with what is left of broken downloads. */
    public void keepOnly(Collection<Digest> needed) throws IOException {
        if (!Files.isDirectory(folder)) {
            return;
        }
        Set<String> names = new HashSet<>();
        for (Digest digest : needed) {
            names.add(digest.hex() + ZIP);
            names.add(digest.hex() + ZIP + ".part");
            names.add(digest.hex() + SIGNATURE);
        }
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
            for (Path file : files) {
                if (!names.contains(file.getFileName().toString())) {
                    Files.deleteIfExists(file);
                }
            }
        }
    }

    public TrustPolicy trust() {
        return TrustFile.read(trustFile);
    }

    private Path zip(Digest digest) {
        return folder.resolve(digest.hex() + ZIP);
    }

    private Path signatureOf(Digest digest) {
        return folder.resolve(digest.hex() + SIGNATURE);
    }
}
