package dev.vmext.agent.crash;

import dev.vmext.packageformat.testing.SamplePackage;
import dev.vmext.packageformat.testing.SamplePublisher;
import dev.vmext.packageformat.trust.TrustFile;
import dev.vmext.packageformat.trust.TrustMode;
import dev.vmext.protocol.Digest;
import dev.vmext.protocol.goal.PackageOffer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.function.UnaryOperator;

/** Signed packages, each made once for thousands of runs. One thread. */
final class Shelf {
    final SamplePublisher publisher = new SamplePublisher("acme");
    private final Path work;
    private final Map<String, PackageOffer> offers = new HashMap<>();
    private final Map<Digest, byte[]> bytes = new HashMap<>();

    Shelf(Path work) {
        this.work = work;
    }

    PackageOffer get(String extension, String version) {
        return get(extension, version, sample -> sample);
    }

    PackageOffer get(String extension, String version, UnaryOperator<SamplePackage> more) {
        return offers.computeIfAbsent(extension + "-" + version, name -> {
            try {
                Path zip = more.apply(new SamplePackage(extension, version)).write(work.resolve(name + ".zip"));
                Digest digest = Digest.of(Files.readAllBytes(zip));
                bytes.put(digest, Files.readAllBytes(zip));
                return new PackageOffer(
                        extension,
                        version,
                        digest,
                        Files.size(zip),
                        "/v1/packages/sha256/" + digest.hex(),
                        publisher.sign(zip).toJson());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    /** The trust file of an owner who trusts the publisher. */
    Path trust() {
        Path file = work.resolve("trust.json");
        if (!Files.exists(file)) {
            TrustFile.write(file, publisher.trusted(TrustMode.FULL));
        }
        return file;
    }

    byte[] bytes(String path) {
        byte[] found = bytes.get(Digest.ofHex(path.substring(path.lastIndexOf('/') + 1)));
        if (found == null) {
            throw new IllegalStateException("nobody has " + path);
        }
        return found;
    }
}
