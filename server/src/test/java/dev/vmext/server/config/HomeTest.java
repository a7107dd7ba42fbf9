package dev.vmext.server.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.vmext.protocol.problem.ProblemCode;
import dev.vmext.protocol.problem.ProblemException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HomeTest {
    @TempDir
    Path folder;

    @Test
    void makesItsFoldersForTheOwnerOnly() throws IOException {
        Path data = folder.resolve("data");
        try (Home home = new Home(data)) {
            home.claim();

            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(data)))
                    .isEqualTo("rwx------");
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(home.keys())))
                    .isEqualTo("rwx------");
        }
    }

    @Test
    void isOneServersAtATime() {
        try (Home first = new Home(folder);
                Home second = new Home(folder)) {
            first.claim();

            ProblemException problem = catchThrowableOfType(ProblemException.class, second::claim);

            assertThat(problem.code()).isEqualTo(ProblemCode.DATA_FOLDER_IN_USE);
            assertThat(problem.detail()).contains(folder.toString());
        }
    }

    @Test
    void canBeClaimedAgainAfterItWasGivenBack() {
        try (Home first = new Home(folder)) {
            first.claim();
        }
        try (Home second = new Home(folder)) {
            second.claim();
        }
    }

    @Test
    void writesWhereTheServerListens() throws IOException {
        Path file = folder.resolve("server.json");

        new RunFile(42, "http://127.0.0.1:7440", 4320, Instant.EPOCH).write(file);

        assertThat(Files.readString(file))
                .contains("\"pid\" : 42", "\"api\" : \"http://127.0.0.1:7440\"", "\"gatewayPort\" : 4320");
        assertThat(folder.resolve("server.json.new")).doesNotExist();
    }
}
