package dev.vmext.agent.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class FoldersTest {
    @TempDir
    private Path temp;

    @Test
    void threadsThatWantTheSameFolderAtTheSameTimeAllHaveIt() throws Exception {
        int threads = 4;
        CyclicBarrier together = new CyclicBarrier(threads);
        try (ExecutorService all = Executors.newFixedThreadPool(threads)) {
            List<Future<?>> ends = new ArrayList<>();
            for (int t = 0; t < threads; t++) {
                ends.add(all.submit(() -> {
                    for (int i = 0; i < 500; i++) {
                        together.await();
                        Folders.make(temp.resolve("parent" + i + "/shared"), "rwxr-x---");
                    }
                    return "";
                }));
            }
            for (Future<?> end : ends) {
                end.get();
            }
        }
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(temp.resolve("parent7/shared"))))
                .isEqualTo("rwxr-x---");
    }

    @Test
    void aFileInItsPlaceIsNoFolder() throws Exception {
        Path file = Files.createFile(temp.resolve("file"));
        assertThatThrownBy(() -> Folders.make(file, "rwx------")).isInstanceOf(FileAlreadyExistsException.class);
    }
}
