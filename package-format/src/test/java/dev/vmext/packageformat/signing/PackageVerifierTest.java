package dev.vmext.packageformat.signing;

import static dev.vmext.packageformat.Refusal.refused;
import static org.assertj.core.api.Assertions.assertThat;

import dev.vmext.packageformat.PackageProblem;
import dev.vmext.packageformat.archive.ArchiveLimits;
import dev.vmext.packageformat.archive.PackageDigest;
import dev.vmext.packageformat.archive.PackageUnpacker;
import dev.vmext.packageformat.manifest.ExtensionVersion;
import dev.vmext.packageformat.manifest.PackageIdentity;
import dev.vmext.packageformat.testing.EvilPackage;
import dev.vmext.packageformat.testing.SamplePackage;
import dev.vmext.packageformat.testing.SamplePublisher;
import dev.vmext.packageformat.trust.TrustMode;
import dev.vmext.packageformat.trust.TrustPolicy;
import dev.vmext.packageformat.trust.TrustedPublisher;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PackageVerifierTest {
    private final PackageVerifier verifier = new PackageVerifier(ArchiveLimits.standard());
    private final SamplePublisher publisher = new SamplePublisher("sample");
    private final SamplePublisher stranger = new SamplePublisher("sample");
    private final TrustPolicy trust = publisher.trusted(TrustMode.FULL);

    @TempDir
    Path folder;

    private Path zip = Path.of("");

    @BeforeEach
    void packAPackage() {
        zip = new SamplePackage("sample.Hello", "1.0.0").write(folder.resolve("hello.zip"));
    }

    @Test
    void acceptsWhatATrustedPublisherSigned() {
        PackageSignature signature = PackageSignature.parse(publisher.sign(zip).toBytes());

        VerifiedPackage verified = verifier.verify(zip, signature, trust);

        assertThat(verified.identity()).isEqualTo(PackageIdentity.of("sample.Hello", "1.0.0"));
        assertThat(verified.signed().key()).isEqualTo(publisher.publicKey());
        assertThat(verified.signed().namespace()).isEqualTo("sample");
        assertThat(verified.signed().statement().digest()).isEqualTo(PackageDigest.ofFile(zip));
        assertThat(verified.description().scripts()).isFalse();
        new PackageUnpacker(ArchiveLimits.standard()).unpack(zip, folder.resolve("out"));
        assertThat(folder.resolve("out/bin/handler.sh")).isExecutable();
    }

    @Test
    void acceptsAReleaseWithAFourthNumber() {
        PackageSignature signature = publisher.sign(zip, "sample.Hello", "1.0.0.7");
        assertThat(verifier.verify(zip, signature, trust).identity().version())
                .isEqualTo(ExtensionVersion.of("1.0.0.7"));
    }

    @Test
    void acceptsAPackageThatOnlyTheSignatureNames() {
        Path bare = new SamplePackage("x.Y", "1")
                .withoutExtensionManifest()
                .imageManifest("sample", "Bare", "2.0.0")
                .write(folder.resolve("bare.zip"));
        assertThat(verifier.verify(bare, publisher.sign(bare), trust).identity())
                .isEqualTo(PackageIdentity.of("sample.Bare", "2.0.0"));
    }

    @Test
    void refusesAPackageThatWasChangedAfterSigning() throws IOException {
        PackageSignature signature = publisher.sign(zip);
        byte[] bytes = Files.readAllBytes(zip);
        bytes[bytes.length / 2] ^= 1;
        Files.write(zip, bytes);
        var problem = refused(PackageProblem.DIGEST_MISMATCH, () -> verifier.verify(zip, signature, trust));
        assertThat(problem).hasMessageContaining("sample.Hello 1.0.0").hasMessageContaining("sha256:");
    }

    @Test
    void refusesAPackageOfAnotherSize() throws IOException {
        PackageSignature signature = publisher.sign(zip);
        Files.write(zip, new byte[] {0}, java.nio.file.StandardOpenOption.APPEND);
        var problem = refused(PackageProblem.DIGEST_MISMATCH, () -> verifier.verify(zip, signature, trust));
        assertThat(problem).hasMessageContaining("bytes");
    }

    @Test
    void refusesAStranger() {
        PackageSignature signature = stranger.sign(zip);
        refused(PackageProblem.UNTRUSTED_PUBLISHER, () -> verifier.verify(zip, signature, trust));
        refused(PackageProblem.UNTRUSTED_PUBLISHER, () -> verifier.verifySignatureOnly(signature, trust));
    }

    @Test
    void refusesEverybodyWhenNobodyIsTrusted() {
        TrustPolicy nobody = new TrustPolicy(TrustMode.FULL, List.of());
        refused(PackageProblem.UNTRUSTED_PUBLISHER, () -> verifier.verify(zip, publisher.sign(zip), nobody));
    }

    @Test
    void refusesASignatureThatNamesATrustedKeyButWasMadeByAnother() {
        DsseSignature forged = stranger.sign(zip).signatures().getFirst();
        PackageSignature signature = new PackageSignature(
                stranger.sign(zip).payloadBase64(),
                List.of(new DsseSignature(publisher.publicKey().id(), forged.base64())));
        refused(PackageProblem.BAD_SIGNATURE, () -> verifier.verifySignatureOnly(signature, trust));
    }

    @Test
    void refusesAPayloadThatWasChangedAfterSigning() {
        PackageSignature good = publisher.sign(zip);
        PackageStatement other =
                new PackageStatement(PackageIdentity.of("sample.Hello", "9.0.0"), PackageDigest.ofFile(zip), 1);
        PackageSignature changed =
                new PackageSignature(Base64.getEncoder().encodeToString(other.toBytes()), good.signatures());
        refused(PackageProblem.BAD_SIGNATURE, () -> verifier.verifySignatureOnly(changed, trust));
    }

    @Test
    void doesNotParseAPayloadThatNobodyTrustedSigned() {
        String garbage = Base64.getEncoder().encodeToString("{ garbage".getBytes(StandardCharsets.UTF_8));
        PackageSignature signature =
                new PackageSignature(garbage, publisher.sign(zip).signatures());
        refused(PackageProblem.BAD_SIGNATURE, () -> verifier.verifySignatureOnly(signature, trust));
    }

    @Test
    void refusesASignatureOfSomethingElseWithTheSamePayload() {
        byte[] payload = publisher.sign(zip).payload();
        byte[] overOtherType = publisher.key().sign(PackageSignature.preAuthenticationEncoding("text/plain", payload));
        PackageSignature signature = new PackageSignature(
                Base64.getEncoder().encodeToString(payload),
                List.of(new DsseSignature(
                        publisher.publicKey().id(), Base64.getEncoder().encodeToString(overOtherType))));
        refused(PackageProblem.BAD_SIGNATURE, () -> verifier.verifySignatureOnly(signature, trust));
    }

    @Test
    void oneGoodSignatureAmongSeveralIsEnough() {
        PackageSignature both = new PackageSignature(
                publisher.sign(zip).payloadBase64(),
                List.of(
                        stranger.sign(zip).signatures().getFirst(),
                        publisher.sign(zip).signatures().getFirst()));
        assertThat(verifier.verify(zip, both, trust).signed().key()).isEqualTo(publisher.publicKey());
    }

    @Test
    void findsTheKeyOfASignatureThatNamesNone() {
        PackageSignature good = publisher.sign(zip);
        PackageSignature unnamed = new PackageSignature(
                good.payloadBase64(),
                List.of(new DsseSignature("", good.signatures().getFirst().base64())));
        assertThat(verifier.verifySignatureOnly(PackageSignature.parse(unnamed.toBytes()), trust)
                        .key())
                .isEqualTo(publisher.publicKey());
    }

    @Test
    void refusesAPublisherOutsideItsNameSpace() {
        Path foreign = new SamplePackage("sampleevil.Hello", "1.0.0").write(folder.resolve("foreign.zip"));
        var problem = refused(
                PackageProblem.NAMESPACE_MISMATCH, () -> verifier.verify(foreign, publisher.sign(foreign), trust));
        assertThat(problem).hasMessageContaining("sampleevil.Hello").hasMessageContaining("sample only");
    }

    @Test
    void aKeyOfAnotherNameSpaceDoesNotHelp() {
        SamplePublisher other = new SamplePublisher("other");
        TrustPolicy two = new TrustPolicy(
                TrustMode.FULL,
                List.of(
                        new TrustedPublisher("sample", List.of(publisher.publicKey())),
                        new TrustedPublisher("other", List.of(other.publicKey()))));
        refused(PackageProblem.NAMESPACE_MISMATCH, () -> verifier.verify(zip, other.sign(zip), two));
    }

    @Test
    void refusesAPackageUnderANameThatIsNotItsOwn() {
        PackageSignature signature = PackageSigner.sign(statement("sample.Other", "1.0.0"), publisher.key());
        refused(PackageProblem.IDENTITY_MISMATCH, () -> verifier.verify(zip, signature, trust));
        refused(PackageProblem.IDENTITY_MISMATCH, () -> publisher.sign(zip, "sample.Other", "1.0.0"));
    }

    @Test
    void refusesAPackageUnderAVersionThatIsNotItsOwn() {
        for (String version : new String[] {"1.0.1", "2.0.0", "1.0.1.1"}) {
            PackageSignature signature = PackageSigner.sign(statement("sample.Hello", version), publisher.key());
            refused(PackageProblem.IDENTITY_MISMATCH, () -> verifier.verify(zip, signature, trust));
            refused(PackageProblem.IDENTITY_MISMATCH, () -> publisher.sign(zip, "sample.Hello", version));
        }
    }

    private PackageStatement statement(String name, String version) {
        try {
            return new PackageStatement(PackageIdentity.of(name, version), PackageDigest.ofFile(zip), Files.size(zip));
        } catch (IOException failed) {
            throw new java.io.UncheckedIOException(failed);
        }
    }

    @Test
    void anEvilPackageIsRefusedEvenWhenATrustedPublisherSignedIt() throws IOException {
        Path evil = EvilPackage.PATH_ESCAPE.write(folder.resolve("evil.zip"));
        PackageSignature signature = PackageSigner.sign(
                new PackageStatement(
                        PackageIdentity.of("sample.Evil", "1.0.0"), PackageDigest.ofFile(evil), Files.size(evil)),
                publisher.key());
        refused(PackageProblem.UNSAFE_ENTRY, () -> verifier.verify(evil, signature, trust));
    }
}
