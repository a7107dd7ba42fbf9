package dev.vmext.systemtests.product;

import java.nio.file.Files;
import java.nio.file.Path;

/** The checkout these tests run in. */
public final class Repository {
    /** Its top folder. */
    public static final Path ROOT = root();

    private Repository() {}

    private static Path root() {
        Path folder = Path.of("").toAbsolutePath();
        while (!Files.exists(folder.resolve("mvnw"))) {
            Path parent = folder.getParent();
            if (parent == null) {
                throw new IllegalStateException(
                        "not inside a checkout: " + Path.of("").toAbsolutePath());
            }
            folder = parent;
        }
        return folder;
    }
}
