package dev.vmext.server.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vmext.fleet.provider.Progress;
import dev.vmext.fleet.provider.ProviderProblem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The builder with small recipes in place of Debian: what is kept, what is built again, what a failure leaves. */
final class ImageBuilderTest {
    private static final String GOOD = """
            #!/bin/sh
            echo "I: downloading packages with apt..."
            echo "I: making the disk"
            echo built >> "$(dirname "$0")/../../builds"
            for part in disk.raw vmlinuz initrd; do echo "$part $2" > "$1/$part"; done
            """;

    @TempDir
    Path home;

    private ImageBuilder builder(String script, int imageMiB) {
        QemuSettings defaults = QemuSettings.defaults(home, "/usr/local/bin");
        return new ImageBuilder(defaults, new ImageRecipe(Map.of("build-image", script, "packages", "x\n"), imageMiB));
    }

    @Test
    void buildsOnceAndKeepsWhatItBuilt() throws IOException {
        MachineImage first = builder(GOOD, 10).build(Progress.none());
        MachineImage second = builder(GOOD, 10).build(Progress.none());

        assertThat(second).isEqualTo(first);
        assertThat(Files.readAllLines(home.resolve("builds"))).hasSize(1);
        assertThat(first.kernel()).hasContent("vmlinuz 10\n");
        assertThat(first.initrd()).hasContent("initrd 10\n");
        assertThat(first.disk().orElseThrow()).hasContent("disk.raw 10\n");
    }

    @Test
    void theImageThatTestsBuildAheadIsTheOneThatIsLookedFor() throws Exception {
        Process ahead = new ProcessBuilder("../packaging/image-ahead.sh", "unused", "--id")
                .redirectErrorStream(true)
                .start();

        assertThat(ahead.inputReader().readLine())
                .isEqualTo(new ImageBuilder(QemuSettings.defaults(home, "/usr/local/bin")).imageId());
        assertThat(ahead.waitFor()).isZero();
    }

    @Test
    void aChangedRecipeOrSizeGivesAnotherImageBesideTheOld() {
        MachineImage old = builder(GOOD, 10).build(Progress.none());

        assertThat(builder(GOOD, 11).build(Progress.none()).id()).isNotEqualTo(old.id());
        assertThat(builder(GOOD + "# changed\n", 10).find()).isEmpty();
        assertThat(old.disk().orElseThrow()).exists();
    }

    @Test
    void aFailedBuildLeavesNoImageAndSaysWhy() throws IOException {
        ImageBuilder failing = builder("#!/bin/sh\necho 'E: no such mirror' >&2\necho bye\nexit 3\n", 10);

        assertThatThrownBy(() -> failing.build(Progress.none())).isInstanceOfSatisfying(ProviderProblem.class, p -> {
            assertThat(p.kind()).isEqualTo(ProviderProblem.Kind.IMAGE_BUILD_FAILED);
            assertThat(p.detail()).isEqualTo("cannot build the machine image: E: no such mirror");
        });
        assertThat(failing.find()).isEmpty();
        try (var files = Files.list(home.resolve("images"))) {
            assertThat(files.map(f -> f.getFileName().toString())).containsExactlyInAnyOrder(".lock", "last-build.log");
        }
    }

    @Test
    void leftoversOfABuildThatDiedAreRemoved() throws IOException {
        Path left = Files.createDirectories(home.resolve("images/.building-123/out"));
        Files.writeString(left.resolve("disk.raw"), "half");

        builder(GOOD, 10).build(Progress.none());

        assertThat(left).doesNotExist();
    }

    @Test
    void kernelAndInitrdWithoutDiskAreNoImage() throws IOException {
        ImageBuilder builder = builder(GOOD, 10);
        Files.createDirectories(home.resolve("images"));
        Files.writeString(home.resolve("images").resolve(builder.imageId() + ".vmlinuz"), "half");

        assertThat(builder.find()).isEmpty();
        assertThat(builder.build(Progress.none()).kernel()).hasContent("vmlinuz 10\n");
    }

    @Test
    void reportsHowFarItIs() {
        List<String> lines = new ArrayList<>();
        builder(GOOD, 10).build((phase, text, percent) -> lines.add(text + " " + percent.orElse(-1)));

        assertThat(lines).containsSubsequence("Downloading base packages 8", "Making the disk image 93");
    }

    @Test
    void theBundledRecipeIsComplete() {
        ImageRecipe recipe = ImageRecipe.bundled(2048);

        assertThat(recipe.files()).containsOnlyKeys("build-image", "customize", "packages");
        assertThat(recipe.digest()).matches("[0-9a-f]{64}");
        assertThat(recipe.files().get("packages")).contains("cloud-init", "nftables", "linux-image-cloud-amd64");
    }
}
