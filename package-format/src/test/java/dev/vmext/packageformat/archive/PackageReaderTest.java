package dev.vmext.packageformat.archive;

import static dev.vmext.packageformat.Refusal.refused;
import static org.assertj.core.api.Assertions.assertThat;

import dev.vmext.packageformat.PackageProblem;
import dev.vmext.packageformat.manifest.PackageIdentity;
import dev.vmext.packageformat.testing.SamplePackage;
import dev.vmext.packageformat.testing.ZipForge;
import dev.vmext.packageformat.testing.ZipForge.Entry;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PackageReaderTest {
    private static final String HANDLER = new SamplePackage("sample.Hello", "1.0.0").handlerJson();

    private final PackageReader reader = new PackageReader(ArchiveLimits.standard());

    @TempDir
    Path folder;

    private Path zip(ZipForge forge) throws IOException {
        return Files.write(folder.resolve("test.zip"), forge.toBytes());
    }

    private static ZipForge handlerOnly() {
        return new ZipForge().add(Entry.stored("HandlerManifest.json", HANDLER));
    }

    @Test
    void takesTheIdentityFromTheExtensionManifest() {
        Path zip = new SamplePackage("sample.Hello", "1.0.0")
                .imageManifest("sample", "Hello", "1.0.0.0")
                .write(folder.resolve("a.zip"));
        assertThat(reader.describe(zip, PackageIdentity.of("other.Name", "2")).identity())
                .isEqualTo(PackageIdentity.of("sample.Hello", "1.0.0"));
    }

    @Test
    void takesTheIdentityFromTheImageManifestOtherwise() {
        Path zip = new SamplePackage("ignored.Name", "1.0.0")
                .withoutExtensionManifest()
                .imageManifest("Microsoft.Azure.Extensions", "CustomScript", "2.1.10")
                .write(folder.resolve("a.zip"));
        var description = reader.describe(zip);
        assertThat(description.identity())
                .isEqualTo(PackageIdentity.of("Microsoft.Azure.Extensions.CustomScript", "2.1.10"));
        assertThat(description.scripts()).isTrue();
    }

    @Test
    void takesTheIdentityFromTheCallerAtLast() throws IOException {
        Path zip = zip(handlerOnly());
        refused(PackageProblem.UNKNOWN_IDENTITY, () -> reader.describe(zip));
        assertThat(reader.describe(zip, PackageIdentity.of("a.B", "1"))
                        .identity()
                        .name()
                        .text())
                .isEqualTo("a.B");
    }

    @Test
    void refusesTwoManifestsThatNameDifferentThings() {
        refused(
                PackageProblem.IDENTITY_MISMATCH,
                () -> new SamplePackage("sample.Hello", "1.0.0")
                        .imageManifest("sample", "Hello", "1.0.1")
                        .write(folder.resolve("a.zip")));
        refused(
                PackageProblem.IDENTITY_MISMATCH,
                () -> new SamplePackage("sample.Hello", "1.0.0")
                        .imageManifest("other", "Hello", "1.0.0")
                        .write(folder.resolve("b.zip")));
    }

    @Test
    void findsAHandlerManifestDeeperInTheTree() throws IOException {
        Path zip = zip(new ZipForge()
                .add(Entry.stored("a/b/HandlerManifest.json", "broken"))
                .add(Entry.stored("pack/HandlerManifest.json", HANDLER)));
        assertThat(reader.describe(zip, PackageIdentity.of("a.B", "1"))
                        .handler()
                        .missingCommands())
                .isEmpty();
    }

    @Test
    void readsZipsWrittenByOthersWithDescriptorsAndFolders() throws IOException {
        Path zip = folder.resolve("jdk.zip");
        try (OutputStream file = Files.newOutputStream(zip);
                ZipOutputStream out = new ZipOutputStream(file)) {
            out.putNextEntry(new ZipEntry("bin/"));
            out.closeEntry();
            out.putNextEntry(new ZipEntry("bin/run.sh"));
            out.write("#!/bin/sh\n".getBytes(StandardCharsets.UTF_8));
            out.closeEntry();
            out.putNextEntry(new ZipEntry("HandlerManifest.json"));
            out.write(HANDLER.getBytes(StandardCharsets.UTF_8));
            out.closeEntry();
        }
        assertThat(reader.describe(zip, PackageIdentity.of("a.B", "1"))
                        .handler()
                        .missingCommands())
                .isEmpty();
        assertThat(reader.names(zip)).containsExactly("bin/", "bin/run.sh", "HandlerManifest.json");
    }

    @Test
    void findsAFileOfThePackageWithinALimit() throws IOException {
        Path zip = zip(handlerOnly().add(Entry.stored("README.md", "# Hello")));
        assertThat(reader.findFile(zip, "README.md", 100))
                .hasValueSatisfying(bytes -> assertThat(bytes).asString().isEqualTo("# Hello"));
        assertThat(reader.findFile(zip, "LICENSE", 100)).isEmpty();
        refused(PackageProblem.LIMIT_EXCEEDED, () -> reader.findFile(zip, "README.md", 3));
    }

    @Test
    void refusesWhatIsNoZip() throws IOException {
        Path file = folder.resolve("no.zip");
        Files.writeString(file, "");
        refused(PackageProblem.NOT_A_ZIP, () -> reader.describe(file));
        Files.writeString(file, "PK is not enough to be a zip, however long the text may be");
        refused(PackageProblem.NOT_A_ZIP, () -> reader.describe(file));
    }

    @Test
    void refusesAZipThatWasCutOff() throws IOException {
        byte[] whole = handlerOnly().toBytes();
        for (int length = 0; length < whole.length; length++) {
            Path file = Files.write(folder.resolve("cut.zip"), java.util.Arrays.copyOf(whole, length));
            refused(PackageProblem.NOT_A_ZIP, () -> reader.describe(file));
        }
    }

    @Test
    void refusesAFileThatIsNotThere() {
        var problem = refused(PackageProblem.FILE_FAILED, () -> reader.describe(folder.resolve("missing.zip")));
        assertThat(problem).hasMessageContaining("missing.zip");
    }

    @Test
    void refusesBytesBeforeBetweenAndAfterTheEntries() throws IOException {
        Path before = zip(new ZipForge().junk("#!/bin/sh").add(Entry.stored("a", "b")));
        refused(PackageProblem.UNSAFE_ENTRY, () -> reader.names(before));
        Path between = zip(handlerOnly().junk("junk").add(Entry.stored("a", "b")));
        refused(PackageProblem.UNSAFE_ENTRY, () -> reader.names(between));
        Path after = zip(handlerOnly().junk("junk"));
        refused(PackageProblem.NOT_A_ZIP, () -> reader.names(after));
    }

    @Test
    void refusesMoreThanTheLimitsAllow() throws IOException {
        Path zip = zip(handlerOnly().add(Entry.stored("a", "12345")).add(Entry.stored("b", "12345")));
        long total = HANDLER.length() + 10L;
        var enough = new ArchiveLimits(3, total, HANDLER.length(), 10, 20);
        assertThat(new PackageReader(enough).names(zip)).hasSize(3);
        for (var tooSmall : new ArchiveLimits[] {
            new ArchiveLimits(2, total, HANDLER.length(), 10, 20),
            new ArchiveLimits(3, total - 1, HANDLER.length(), 10, 20),
            new ArchiveLimits(3, total, HANDLER.length() - 1L, 10, 20),
            new ArchiveLimits(3, total, HANDLER.length(), 10, 19),
        }) {
            refused(PackageProblem.LIMIT_EXCEEDED, () -> new PackageReader(tooSmall).names(zip));
        }
    }
}
