package dev.vmext.server.repository;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.vmext.protocol.problem.ProblemCode;
import dev.vmext.protocol.problem.ProblemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StorageMarkTest {
    private static final String STORE = "s3:https://s3.example.org/backups/vmext";

    @TempDir
    Path folder;

    private StorageMark mark() {
        return new StorageMark(folder.resolve("repositories"));
    }

    private ProblemException refused(Optional<String> store) {
        return Objects.requireNonNull(catchThrowableOfType(ProblemException.class, () -> mark().check(store)));
    }

    @Test
    void aFreshServerMayLieWhereItWants() {
        mark().check(Optional.empty());
        mark().check(Optional.of(STORE));
    }

    @Test
    void repositoriesInAStoreAreNotHiddenByAnotherOrByTheFolder() throws Exception {
        mark().remember(STORE);

        mark().check(Optional.of(STORE));
        assertThat(refused(Optional.empty()).detail())
                .contains("repositories lie in " + STORE, "server.json says nothing of a store");
        ProblemException other = refused(Optional.of(STORE + "2"));
        assertThat(other.code()).isEqualTo(ProblemCode.INVALID_VALUE);
        assertThat(other.hint()).contains("Put repositoryStore back", "delete " + folder);

        Files.delete(folder.resolve("repositories/.store"));
        mark().check(Optional.empty());
    }

    @Test
    void repositoriesInTheFolderAreNotHiddenByAStore() throws Exception {
        Files.createDirectories(folder.resolve("repositories/.incoming/upload"));
        Files.createDirectories(folder.resolve("repositories/11111111-2222-3333-4444-555555555555"));
        mark().check(Optional.of(STORE));

        Files.createDirectories(folder.resolve("repositories/11111111-2222-3333-4444-555555555555/backup"));
        mark().check(Optional.empty());
        assertThat(refused(Optional.of(STORE)).detail())
                .contains("repositories lie in " + folder.resolve("repositories"), "server.json says " + STORE);
    }
}
