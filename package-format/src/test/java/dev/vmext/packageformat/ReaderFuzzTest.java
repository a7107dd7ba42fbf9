package dev.vmext.packageformat;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.vmext.packageformat.archive.ArchiveLimits;
import dev.vmext.packageformat.archive.PackageReader;
import dev.vmext.packageformat.manifest.ExtensionManifest;
import dev.vmext.packageformat.manifest.HandlerManifest;
import dev.vmext.packageformat.manifest.ImageManifest;
import dev.vmext.packageformat.manifest.MonitoringFile;
import dev.vmext.packageformat.manifest.PackageIdentity;
import dev.vmext.packageformat.signing.PackageSignature;
import dev.vmext.packageformat.testing.EvilPackage;
import dev.vmext.packageformat.testing.SamplePackage;
import dev.vmext.packageformat.trust.TrustPolicy;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every reader answers or refuses with its own exception. A normal run replays the seeds; {@code JAZZER_FUZZ=1 ./mvnw verify -pl
 * package-format -am -Dtest=ReaderFuzzTest#readsAnyZip} searches for new inputs guided by coverage, one method at a time.
 */
class ReaderFuzzTest {
    private static final ArchiveLimits SMALL = new ArchiveLimits(100, 1 << 20, 1 << 20, 100, 200);

    @TempDir
    private static Path folder;

    static Stream<byte[]> zips() {
        return Stream.of(EvilPackage.values()).map(EvilPackage::toBytes);
    }

    static Stream<byte[]> manifests() {
        SamplePackage sample = new SamplePackage("sample.Hello", "1.0.0")
                .extension("probes", "[{\"name\":\"a\",\"tcp\":{\"port\":1}}]");
        return Stream.of(
                        sample.extensionJson(),
                        sample.handlerJson(),
                        "<E><Type>a</Type></E>",
                        "{\"v\":1,\"metrics\":[{\"name\":\"a\",\"socket\":\"/s\",\"labels\":{\"a\":\"b\"}}],"
                                + "\"probes\":[{\"name\":\"a\",\"unit\":{\"name\":\"u\"},\"health\":false}]}")
                .map(text -> text.getBytes(StandardCharsets.UTF_8));
    }

    static Stream<byte[]> examples() throws IOException {
        return Stream.concat(SchemaFile.examples("trust.").stream(), SchemaFile.examples("package-signature").stream())
                .map(ReaderFuzzTest::bytes);
    }

    private static byte[] bytes(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException failed) {
            throw new java.io.UncheckedIOException(failed);
        }
    }

    private static void answersOrRefuses(Runnable read) {
        try {
            read.run();
        } catch (PackageException refused) {
            assertThat(refused.detail()).startsWith("cannot ");
        }
    }

    @MethodSource("zips")
    @FuzzTest(maxDuration = "1m")
    void readsAnyZip(byte[] data) throws IOException {
        Path zip = Files.write(folder.resolve("fuzz.zip"), data);
        answersOrRefuses(() -> new PackageReader(SMALL).describe(zip, PackageIdentity.of("a.B", "1")));
    }

    @MethodSource("manifests")
    @FuzzTest(maxDuration = "1m")
    void readsAnyManifest(byte[] data) {
        answersOrRefuses(() -> ExtensionManifest.parse(data));
        answersOrRefuses(() -> MonitoringFile.parse(data));
        answersOrRefuses(() -> HandlerManifest.parse(data));
        answersOrRefuses(() -> ImageManifest.findIdentity(data));
    }

    @MethodSource("examples")
    @FuzzTest(maxDuration = "1m")
    void readsAnyTrustFileAndSignature(byte[] data) {
        answersOrRefuses(() -> TrustPolicy.parse(data));
        answersOrRefuses(() -> PackageSignature.parse(data).unverifiedStatement());
    }
}
