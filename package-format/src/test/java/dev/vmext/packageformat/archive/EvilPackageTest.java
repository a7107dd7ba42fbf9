package dev.vmext.packageformat.archive;

import static dev.vmext.packageformat.Refusal.refused;
import static org.assertj.core.api.Assertions.assertThat;

import dev.vmext.packageformat.testing.EvilPackage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class EvilPackageTest {
    @TempDir
    Path folder;

    @ParameterizedTest
    @EnumSource
    void isRefusedForItsOwnReasonAndLeavesNothingBehind(EvilPackage evil) throws IOException {
        Path zip = evil.write(folder.resolve("evil.zip"));
        Path target = folder.resolve("packages").resolve("target");

        refused(evil.expected(), () -> {
            new PackageReader(ArchiveLimits.standard()).describe(zip);
            new PackageUnpacker(ArchiveLimits.standard()).unpack(zip, target);
        });

        try (Stream<Path> left = Files.walk(folder)) {
            assertThat(left.filter(Files::isRegularFile)).containsExactly(zip);
        }
        assertThat(target).doesNotExist();
    }
}
