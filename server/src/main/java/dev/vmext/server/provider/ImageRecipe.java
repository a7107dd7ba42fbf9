package dev.vmext.server.provider;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The text from which the machine image is built ({@code packaging/image} in the sources). Its digest names the image: the
 * same recipe is built once, and a changed one gives a new image beside the old, which machines go on using.
 */
record ImageRecipe(Map<String, String> files, int imageMiB) {
    private static final List<String> NAMES = List.of("build-image", "customize", "packages");

    ImageRecipe {
        files = Map.copyOf(files);
    }

    /** The recipe that comes with this program. */
    static ImageRecipe bundled(int imageMiB) {
        Map<String, String> files = new TreeMap<>();
        for (String name : NAMES) {
            try (InputStream in = ImageRecipe.class.getResourceAsStream("/image-recipe/" + name)) {
                if (in == null) {
                    throw new IllegalStateException("the image recipe is missing in this build: " + name);
                }
                files.put(name, new String(in.readAllBytes(), StandardCharsets.UTF_8));
            } catch (IOException e) {
                throw new UncheckedIOException("cannot read the image recipe " + name, e);
            }
        }
        return new ImageRecipe(files, imageMiB);
    }

    String digest() {
        try {
            MessageDigest sha = MessageDigest.getInstance("SHA-256");
            for (var file : new TreeMap<>(files).entrySet()) {
                byte[] text = file.getValue().getBytes(StandardCharsets.UTF_8);
                sha.update((file.getKey() + '\0' + text.length + '\0').getBytes(StandardCharsets.UTF_8));
                sha.update(text);
            }
            sha.update(("size " + imageMiB).getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(sha.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    /** Writes the recipe's files into this folder, ready to be run. */
    void writeTo(Path folder) throws IOException {
        for (var file : files.entrySet()) {
            Path path = folder.resolve(file.getKey());
            Files.writeString(path, file.getValue());
            Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxr-xr-x"));
        }
    }
}
