package dev.vmext.agent.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PrivateFileTest {
    @TempDir
    Path folder;

    @Test
    void aChosenPlaceIsThatOfAPlainFileOrOfNone() throws Exception {
        PrivateFile.refuseOther(folder.resolve("none"));
        PrivateFile.refuseOther(Files.createFile(folder.resolve("plain")));
        Path link = Files.createSymbolicLink(folder.resolve("link"), folder.resolve("plain"));
        assertThatThrownBy(() -> PrivateFile.refuseOther(link)).hasMessageContaining(link + ": it is a symbolic link");
        Path dangling = Files.createSymbolicLink(folder.resolve("dangling"), folder.resolve("none"));
        assertThatThrownBy(() -> PrivateFile.refuseOther(dangling)).hasMessageContaining("a symbolic link");
        assertThatThrownBy(() -> PrivateFile.refuseOther(folder)).hasMessageContaining("a folder");
        assertThatThrownBy(() -> PrivateFile.refuseOther(Path.of("/dev/null"))).hasMessageContaining("a device");
    }

    @Test
    void anOpenFileBecomesAPrivateOne() throws Exception {
        Path file = Files.createFile(
                folder.resolve("f"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-r--r--")));
        PrivateFile.write(file, new byte[] {1});
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        assertThat(file).hasBinaryContent(new byte[] {1});
    }
}
