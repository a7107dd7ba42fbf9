package dev.vmext.server.repository;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.vmext.server.repository.Restic.Place;
import dev.vmext.testkit.ResticRepository;
import dev.vmext.testkit.SftpServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A second place behind a real sshd, reached as an operator's own ssh is set up to. */
final class SecondPlaceOverSftpIT {
    @TempDir
    private Path folder;

    private SftpServer server;
    private Place first;
    private Place second;

    @BeforeEach
    void aRepositoryAndAServer() throws Exception {
        server = new SftpServer(folder.resolve("sshd"));
        Path repository = folder.resolve("first");
        ResticRepository.writeTo(repository);
        first = new Place(repository.toString(), ResticRepository.PASSWORD, Map.of());
        second = new Place(server.url("web1"), ResticRepository.PASSWORD, Map.of());
    }

    @AfterEach
    void end() {
        server.close();
    }

    private void backUp(String content) throws Exception {
        Path file = Files.createDirectories(folder.resolve("data")).resolve("letter");
        Files.writeString(file, content);
        ProcessBuilder builder = new ProcessBuilder(
                "restic", "--no-cache", "--quiet", "-r", first.location(), "backup", file.toString());
        builder.environment().put("RESTIC_PASSWORD", first.password());
        assertThat(builder.inheritIO().start().waitFor()).isZero();
    }

    private ResticProgram restic(String hostKey) throws Exception {
        return new ResticProgram(server.sshOnPath(hostKey) + ":/usr/bin:/bin", folder.toString());
    }

    @Test
    void hasWhatTheFirstHasAndGivesItBack() throws Exception {
        ResticProgram restic = restic(server.hostKey());
        backUp("dear");
        restic.copy(first, second);
        assertThat(restic.snapshots(second)).hasSize(1);
        backUp("dear all");
        restic.copy(first, second);
        assertThat(restic.snapshots(second)).hasSize(2);
        restic.check(second, 100);
        String newest = restic.snapshots(second).getLast().view().id();
        Path back = Files.createDirectory(folder.resolve("back"));
        restic.restore(second, newest, List.of(), back);
        assertThat(back.resolve(folder.resolve("data/letter").toString().substring(1)))
                .hasContent("dear all");
    }

    @Test
    void refusesAServerWithAnotherHostKey() throws Exception {
        backUp("dear");
        ResticProgram restic = restic(server.wrongHostKey());
        ResticException refused = catchThrowableOfType(ResticException.class, () -> restic.copy(first, second));
        assertThat(refused.kind()).isEqualTo(ResticException.Kind.FAILED);
        assertThat(refused.message()).contains("sftp session", "host key known");
        assertThat(server.store()).isEmptyDirectory();
        // One that it never saw: nobody is there to say yes.
        ResticProgram stranger = restic("");
        refused = catchThrowableOfType(ResticException.class, () -> stranger.copy(first, second));
        assertThat(refused.message()).contains("sftp session", "host key known");
        assertThat(server.store()).isEmptyDirectory();
    }
}
