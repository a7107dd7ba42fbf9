package dev.vmext.packageformat.signing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmext.packageformat.archive.ArchiveLimits;
import dev.vmext.packageformat.archive.PackageUnpacker;
import dev.vmext.packageformat.manifest.PackageIdentity;
import dev.vmext.packageformat.testing.SamplePackage;
import dev.vmext.packageformat.testing.SamplePublisher;
import dev.vmext.packageformat.trust.TrustMode;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PackageVerifierTest {
    private final PackageVerifier verifier = new PackageVerifier(ArchiveLimits.standard());
    private final SamplePublisher publisher = new SamplePublisher("sample");

    @TempDir
    Path folder;

    @Test
    void acceptsWhatATrustedPublisherSigned() {
        Path zip = new SamplePackage("sample.Hello", "1.0.0").write(folder.resolve("hello.zip"));
        PackageSignature signature = PackageSignature.parse(publisher.sign(zip).toBytes());

        VerifiedPackage verified = verifier.verify(zip, signature, publisher.trusted(TrustMode.FULL));

        assertThat(verified.identity()).isEqualTo(PackageIdentity.of("sample.Hello", "1.0.0"));
        assertThat(verified.description().scripts()).isFalse();
        new PackageUnpacker(ArchiveLimits.standard()).unpack(zip, folder.resolve("out"));
        assertThat(folder.resolve("out/bin/handler.sh")).isExecutable();
    }
}
