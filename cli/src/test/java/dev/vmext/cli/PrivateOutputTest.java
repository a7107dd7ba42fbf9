package dev.vmext.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PrivateOutputTest {
    private static final byte[] CONTENT = {1, 2, 3};

    @TempDir
    Path folder;

    private void holdsNothingBut(String... names) throws IOException {
        try (DirectoryStream<Path> found = Files.newDirectoryStream(folder)) {
            assertThat(found).extracting(file -> file.getFileName().toString()).containsExactlyInAnyOrder(names);
        }
    }

    @Test
    void isForItsOwnerAloneAlsoWhereAnOpenFileWas() throws Exception {
        Path file = folder.resolve("b.zip");
        PrivateOutput.write(file, new byte[9]);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-rw-rw-"));
        // Who has the open file in hand does not see what is written now.
        try (var reader = Files.newInputStream(file)) {
            PrivateOutput.write(file, CONTENT);
            assertThat(reader.readAllBytes()).containsExactly(new byte[9]);
        }
        assertThat(file).hasBinaryContent(CONTENT);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        holdsNothingBut("b.zip");
    }

    @Test
    void followsNoLinkNotEvenADanglingOne() throws Exception {
        Path other = Files.writeString(folder.resolve("other"), "mine");
        Path link = Files.createSymbolicLink(folder.resolve("link"), other);
        Path dangling = Files.createSymbolicLink(folder.resolve("dangling"), folder.resolve("nothing"));
        for (Path file : new Path[] {link, dangling}) {
            assertThatThrownBy(() -> PrivateOutput.write(file, CONTENT))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("symbolic link");
            assertThat(file).isSymbolicLink();
        }
        assertThat(other).hasContent("mine");
        holdsNothingBut("other", "link", "dangling");
    }

    @Test
    void replacesNoFolderAndWritesToNoDevice() throws Exception {
        Path empty = Files.createDirectory(folder.resolve("empty"));
        assertThatThrownBy(() -> PrivateOutput.write(empty, CONTENT)).hasMessageContaining("a folder");
        assertThat(empty).isEmptyDirectory();
        assertThatThrownBy(() -> PrivateOutput.write(Path.of("/dev/null"), CONTENT))
                .hasMessageContaining("device");
    }

    @Test
    void namesAFolderThatIsNotThere() {
        assertThatThrownBy(() -> PrivateOutput.write(folder.resolve("no/b.zip"), CONTENT))
                .hasMessageContaining("there is no folder " + folder.resolve("no"));
    }
}
