package dev.vmext.testkit.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vmext.testkit.ManualClock;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MemoryDiskTest {
    private final Fuse fuse = new Fuse();
    private final MemoryDisk disk = new MemoryDisk(fuse, ManualClock.atNewYear());

    @TempDir
    Path real;

    /** What both disks must do alike. */
    @ParameterizedTest(name = "in memory: {0}")
    @ValueSource(booleans = {true, false})
    void doesWhatARealDiskDoes(boolean inMemory) throws IOException {
        Path root = inMemory ? disk.root() : real;
        Path folder = Files.createDirectories(root.resolve("a/b"));
        Files.createDirectory(root.resolve("a-b"));
        Path file = Files.writeString(folder.resolve("one"), "text");

        assertThat(Files.readString(file)).isEqualTo("text");
        assertThatThrownBy(() -> Files.createDirectory(folder)).isInstanceOf(FileAlreadyExistsException.class);
        assertThatThrownBy(() -> Files.delete(folder)).isInstanceOf(DirectoryNotEmptyException.class);
        assertThatThrownBy(() -> Files.readString(folder.resolve("two"))).isInstanceOf(NoSuchFileException.class);
        assertThatThrownBy(() -> Files.writeString(root.resolve("no/where"), "x"))
                .isInstanceOf(NoSuchFileException.class);

        Files.writeString(file, " and more", StandardOpenOption.APPEND);
        Files.copy(file, folder.resolve("copy"));
        Files.move(file, folder.resolve("copy"), StandardCopyOption.REPLACE_EXISTING);
        assertThat(Files.readString(folder.resolve("copy"))).isEqualTo("text and more");
        assertThat(Files.exists(file)).isFalse();

        Files.setPosixFilePermissions(folder.resolve("copy"), PosixFilePermissions.fromString("rwx------"));
        assertThat(Files.getPosixFilePermissions(folder.resolve("copy")))
                .isEqualTo(PosixFilePermissions.fromString("rwx------"));
        Files.move(folder, root.resolve("moved"));
        List<String> names = new ArrayList<>();
        try (var found = Files.newDirectoryStream(root, "[am]*")) {
            found.forEach(path -> names.add(String.valueOf(path.getFileName())));
        }
        assertThat(names).containsExactlyInAnyOrder("a", "a-b", "moved");
        assertThat(Files.readString(root.resolve("moved/copy"))).isEqualTo("text and more");
    }

    @Test
    void aPowerCutTakesWhatWasNotForced() throws IOException {
        Path file = disk.root().resolve("file");
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.wrap("kept".getBytes(StandardCharsets.UTF_8)));
            channel.force(true);
            channel.write(ByteBuffer.wrap(" lost".getBytes(StandardCharsets.UTF_8)));
        }
        Files.writeString(disk.root().resolve("new"), "lost");
        disk.losePower();

        assertThat(Files.readString(file)).isEqualTo("kept");
        assertThat(Files.readString(disk.root().resolve("new"))).isEmpty();
    }

    @Test
    void aBlownFuseLetsTheFirstBytesThroughAndNothingAfterThem() throws IOException {
        Path file = disk.root().resolve("file");
        Files.createFile(file);
        fuse.arm(0, 0.5);

        assertThatThrownBy(() -> Files.writeString(file, "abcd", StandardOpenOption.APPEND))
                .isInstanceOf(Fuse.Blown.class);
        assertThatThrownBy(() -> Files.delete(file)).isInstanceOf(Fuse.Blown.class);
        fuse.replace();
        assertThat(Files.readString(file)).isEqualTo("ab");
        Files.delete(file);
    }

    @Test
    void aCopyGoesItsOwnWay() throws IOException {
        Path file = Files.writeString(disk.root().resolve("file"), "before");
        MemoryDisk copy = disk.copy(new Fuse(), ManualClock.atNewYear());
        Files.writeString(file, "after");

        assertThat(copy.tree(copy.root())).containsEntry("file", "before");
    }
}
