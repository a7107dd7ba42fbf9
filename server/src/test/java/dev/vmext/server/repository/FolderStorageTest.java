package dev.vmext.server.repository;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class FolderStorageTest extends RepositoryStorageContract {
    @Override
    protected RepositoryStorage storage(Path folder, Path incoming) throws Exception {
        return FolderStorage.open(folder.resolve("repositories"), incoming, RepositoryStorageContract::fresh);
    }

    @Override
    protected void putByHand(Path folder, RepositoryPlace place, String path, String content) throws Exception {
        Files.writeString(folder.resolve("repositories/" + place).resolve(path), content);
    }

    @Test
    void uploadsThatAStopCutOffAreClearedAtStart() throws Exception {
        Path root = folder.resolve("cleared");
        Files.createDirectories(root.resolve(".incoming/a-repository-half-deleted/data"));
        Files.writeString(root.resolve(".incoming/an-upload"), "half");

        RepositoryFiles.inFolder(root, 0, RepositoryStorageContract::fresh);

        assertThat(root.resolve(".incoming")).isEmptyDirectory();
    }
}
