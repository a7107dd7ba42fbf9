package dev.vmext.systemtests.vm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmext.systemtests.product.Product;
import dev.vmext.systemtests.product.Repository;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/** The Debian packages that stories install, fetched once for an image and a list of packages ({@code packaging/test-debs}). */
final class DebianRepository {
    private static final Path RECIPE = Repository.ROOT.resolve("packaging/test-debs");

    private DebianRepository() {}

    /** A folder that apt takes as a flat repository for a machine made from this image. Fetches for a minute when it is not there. */
    static Path forImage(Path disk) throws Exception {
        MessageDigest key = MessageDigest.getInstance("SHA-256");
        key.update(Files.readAllBytes(RECIPE.resolve("packages")));
        key.update(Files.readAllBytes(RECIPE.resolve("fetch.sh")));
        key.update(disk.getFileName().toString().getBytes(java.nio.charset.StandardCharsets.UTF_8));
        Path folder = Repository.ROOT
                .resolve("target/vm-debs")
                .resolve(HexFormat.of().formatHex(key.digest()).substring(0, 16));
        Product.Said said = Product.run(
                Repository.ROOT,
                "",
                10 * 60,
                Map.of(),
                List.of(RECIPE.resolve("fetch.sh").toString(), folder.toString(), disk.toString()));
        assertThat(said.exit()).as(said.all()).isZero();
        return folder;
    }
}
