package dev.vmext.packageformat.archive;

import static dev.vmext.packageformat.Refusal.refused;
import static org.assertj.core.api.Assertions.assertThat;

import dev.vmext.packageformat.PackageProblem;
import dev.vmext.packageformat.testing.SamplePackage;
import dev.vmext.packageformat.testing.ZipForge;
import dev.vmext.packageformat.testing.ZipForge.Entry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PackageUnpackerTest {
    private static final String HANDLER = new SamplePackage("sample.Hello", "1.0.0").handlerJson();

    private final PackageUnpacker unpacker = new PackageUnpacker(ArchiveLimits.standard());

    @TempDir
    Path folder;

    private Path unpacked(ZipForge forge) throws IOException {
        Path zip = Files.write(folder.resolve("test.zip"), forge.toBytes());
        Path target = folder.resolve("target");
        unpacker.unpack(zip, target);
        return target;
    }

    private static String permissions(Path file) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
    }

    @Test
    void givesTheOwnerTheRightToRunEveryFile() throws IOException {
        Path target = unpacked(new ZipForge()
                .add(Entry.stored("HandlerManifest.json", HANDLER))
                .add(Entry.stored("no-modes", "x").madeOnDos())
                .add(Entry.stored("read-only", "x").mode(0100444))
                .add(Entry.stored("private", "x").mode(0100600))
                .add(Entry.stored("bin/tool", "x").mode(0100755)));
        assertThat(permissions(target.resolve("no-modes"))).isEqualTo("rwxr--r--");
        assertThat(permissions(target.resolve("read-only"))).isEqualTo("rwxr--r--");
        assertThat(permissions(target.resolve("private"))).isEqualTo("rwx------");
        assertThat(permissions(target.resolve("bin/tool"))).isEqualTo("rwxr-xr-x");
        assertThat(permissions(target.resolve("bin"))).isEqualTo("rwxr-xr-x");
    }

    @Test
    void dropsWriteAccessOfOthersAndSetUserId() throws IOException {
        Path target = unpacked(new ZipForge()
                .add(Entry.stored("HandlerManifest.json", HANDLER))
                .add(Entry.stored("su", "x").mode(0106777)));
        assertThat(permissions(target.resolve("su"))).isEqualTo("rwxr-xr-x");
        assertThat((int) Files.getAttribute(target.resolve("su"), "unix:mode") & 07000)
                .isZero();
    }

    @Test
    void keepsContentsAndEmptyFolders() throws IOException {
        Path target = unpacked(new ZipForge()
                .add(Entry.stored("HandlerManifest.json", HANDLER))
                .add(Entry.stored("empty/", "").mode(0040755))
                .add(Entry.stored("bin/a", "1"))
                .add(Entry.stored("bin/", "").mode(0040755))
                .add(Entry.zeros("zeros", 100_000)));
        assertThat(target.resolve("empty")).isEmptyDirectory();
        assertThat(target.resolve("bin/a")).hasContent("1");
        assertThat(target.resolve("zeros")).hasBinaryContent(new byte[100_000]);
    }

    @Test
    void putsADeeperManifestIntoTheTopFolder() throws IOException {
        Path target = unpacked(new ZipForge().add(Entry.stored("pack/HandlerManifest.json", HANDLER)));
        assertThat(target.resolve("HandlerManifest.json")).hasContent(HANDLER);
    }

    @Test
    void refusesAFolderThatExists() throws IOException {
        Path zip = new SamplePackage("sample.Hello", "1.0.0").write(folder.resolve("a.zip"));
        Path target = Files.createDirectory(folder.resolve("target"));
        Files.writeString(target.resolve("mine"), "x");
        refused(PackageProblem.FILE_FAILED, () -> unpacker.unpack(zip, target));
        assertThat(target.resolve("mine")).hasContent("x");
    }

    @Test
    void clearsWhatACrashLeft() throws IOException {
        Path zip = new SamplePackage("sample.Hello", "1.0.0").write(folder.resolve("a.zip"));
        Path left = Files.createDirectories(folder.resolve(".target.unpacking/bin"));
        Files.writeString(left.resolve("half"), "x");
        Files.createSymbolicLink(left.resolve("link"), folder.resolve("a.zip"));
        unpacker.unpack(zip, folder.resolve("target"));
        assertThat(folder.resolve("target/bin/half")).doesNotExist();
        assertThat(folder.resolve(".target.unpacking")).doesNotExist();
        assertThat(zip).exists();
    }
}
