package dev.vmext.server.repository;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.vmext.server.repository.Restic.Place;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The restic of Debian keeps the contract. */
class ResticProgramIT extends ResticContract {
    private void run(Place place, String... arguments) throws Exception {
        ProcessBuilder builder = new ProcessBuilder(Stream.concat(
                        Stream.of("restic", "--no-cache", "--quiet", "-r", place.location()), Stream.of(arguments))
                .toList());
        builder.environment().put("RESTIC_PASSWORD", place.password());
        assertThat(builder.inheritIO().start().waitFor()).isZero();
    }

    @Override
    Restic restic() {
        return new ResticProgram("/usr/bin:/bin", folder.toString());
    }

    @Override
    void initialise(Place place) throws Exception {
        run(place, "init");
    }

    @Override
    void backUp(Place place, Path file, String content) throws Exception {
        Files.createDirectories(file.resolveSibling(""));
        Files.writeString(file, content);
        run(place, "backup", file.toString());
    }

    @Override
    void damage(Place place) throws Exception {
        try (Stream<Path> data = Files.walk(Path.of(place.location(), "data"))) {
            for (Path pack : data.filter(Files::isRegularFile).toList()) {
                Path other = pack.resolveSibling("other");
                byte[] bytes = Files.readAllBytes(pack);
                bytes[3] ^= 1;
                Files.write(other, bytes);
                Files.move(other, pack, StandardCopyOption.REPLACE_EXISTING);
            }
        }
    }

    @Test
    void saysThatTheProgramIsMissing() {
        Restic nowhere = new ResticProgram(folder.toString(), folder.toString());
        ResticException missing =
                catchThrowableOfType(ResticException.class, () -> nowhere.check(new Place("/x", "word", Map.of()), 0));
        assertThat(missing.kind()).isEqualTo(ResticException.Kind.NO_PROGRAM);
        assertThat(missing.message()).contains("install the package restic");
    }
}
