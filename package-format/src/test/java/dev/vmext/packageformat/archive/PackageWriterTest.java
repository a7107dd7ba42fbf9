package dev.vmext.packageformat.archive;

import static dev.vmext.packageformat.Refusal.refused;
import static org.assertj.core.api.Assertions.assertThat;

import dev.vmext.packageformat.PackageProblem;
import dev.vmext.packageformat.manifest.HandlerCommand;
import dev.vmext.packageformat.testing.SamplePackage;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PackageWriterTest {
    private final PackageWriter writer = new PackageWriter(ArchiveLimits.standard());

    @TempDir
    Path folder;

    private static SamplePackage sample() {
        return new SamplePackage("sample.Hello", "1.0.0")
                .file("docs/\u00fcber.md", "# Hello\n")
                .file("empty.txt", "");
    }

    @Test
    void equalFoldersGiveEqualBytes() throws IOException {
        Path one = sample().writeFolder(folder.resolve("one"));
        Path two = sample().writeFolder(folder.resolve("two"));
        Files.setLastModifiedTime(two.resolve("bin/handler.sh"), FileTime.fromMillis(0));
        PackedFile first = writer.pack(one, folder.resolve("one.zip"));
        PackedFile second = writer.pack(two, folder.resolve("two.zip"));
        assertThat(first.digest()).isEqualTo(second.digest());
        assertThat(first.file()).hasSameBinaryContentAs(second.file());
        assertThat(first.size()).isEqualTo(Files.size(first.file()));
    }

    @Test
    void otherReadersSeeTheSameFilesInOrder() throws IOException {
        Path zip = writer.pack(sample().writeFolder(folder.resolve("in")), folder.resolve("a.zip"))
                .file();
        List<String> streamed = new ArrayList<>();
        try (ZipInputStream in = new ZipInputStream(Files.newInputStream(zip))) {
            for (ZipEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
                streamed.add(entry.getName());
                assertThat(in.readAllBytes())
                        .isEqualTo(Files.readAllBytes(folder.resolve("in").resolve(entry.getName())));
            }
        }
        assertThat(streamed)
                .containsExactly(
                        "HandlerManifest.json", "bin/handler.sh", "docs/\u00fcber.md", "empty.txt", "extension.json");
        try (ZipFile file = new ZipFile(zip.toFile());
                InputStream content = file.getInputStream(file.getEntry("docs/\u00fcber.md"))) {
            assertThat(content).hasContent("# Hello\n");
        }
    }

    @Test
    void keepsTheRightToRunAndEmptyFolders() throws IOException {
        Path in = sample().writeFolder(folder.resolve("in"));
        Files.createDirectory(in.resolve("data"));
        Path zip = writer.pack(in, folder.resolve("a.zip")).file();
        try (ZipArchive archive = ZipArchive.open(zip, ArchiveLimits.standard())) {
            assertThat(archive.entries())
                    .filteredOn(entry -> !entry.directory())
                    .allSatisfy(entry ->
                            assertThat(entry.mode()).isEqualTo(entry.name().startsWith("bin/") ? 0755 : 0644));
            assertThat(archive.entries())
                    .filteredOn(ZipEntryInfo::directory)
                    .extracting(ZipEntryInfo::name)
                    .containsExactly("data/");
        }
    }

    @Test
    void doesNotPackItself() {
        Path in = sample().writeFolder(folder.resolve("in"));
        PackageDigest first = writer.pack(in, in.resolve("out.zip")).digest();
        assertThat(writer.pack(in, in.resolve("out.zip")).digest()).isEqualTo(first);
    }

    @Test
    void refusesLinks() throws IOException {
        Path in = sample().writeFolder(folder.resolve("in"));
        Files.createSymbolicLink(in.resolve("link"), in.resolve("bin/handler.sh"));
        var problem = refused(PackageProblem.UNSAFE_ENTRY, () -> writer.pack(in, folder.resolve("a.zip")));
        assertThat(problem).hasMessageContaining("link");
        assertThat(folder.resolve("a.zip")).doesNotExist();
        assertThat(folder.resolve(".a.zip.packing")).doesNotExist();
    }

    @Test
    void refusesNamesThatClashElsewhere() throws IOException {
        Path in = sample().writeFolder(folder.resolve("in"));
        Files.writeString(in.resolve("README"), "a");
        Files.writeString(in.resolve("readme"), "b");
        refused(PackageProblem.UNSAFE_ENTRY, () -> writer.pack(in, folder.resolve("a.zip")));
    }

    @Test
    void aFailureLeavesTheOldPackage() throws IOException {
        Path zip = sample().write(folder.resolve("a.zip"));
        PackageDigest before = PackageDigest.ofFile(zip);
        Path broken = sample().extension("kind", "\"wrong\"").writeFolder(folder.resolve("broken"));
        refused(PackageProblem.MALFORMED_MANIFEST, () -> writer.pack(broken, zip));
        assertThat(PackageDigest.ofFile(zip)).isEqualTo(before);
    }

    @Test
    void refusesAPackageWithoutManifest() throws IOException {
        Path in = Files.createDirectory(folder.resolve("in"));
        refused(PackageProblem.MISSING_MANIFEST, () -> writer.pack(in, folder.resolve("a.zip")));
    }

    @Test
    void refusesAHandlerThatDoesNotAnswerAllCommands() {
        Path in = sample().withoutCommand(HandlerCommand.UPDATE).writeFolder(folder.resolve("in"));
        var problem = refused(PackageProblem.MALFORMED_MANIFEST, () -> writer.pack(in, folder.resolve("a.zip")));
        assertThat(problem).hasMessageContaining("updateCommand");
    }

    @Test
    void refusesAFolderThatIsNotThere() {
        refused(PackageProblem.FILE_FAILED, () -> writer.pack(folder.resolve("missing"), folder.resolve("a.zip")));
    }
}
