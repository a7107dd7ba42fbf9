package dev.vmext.testkit;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/**
 * An empty repository of restic that opens at once. restic makes the way from a password to a key so dear that most of the time of a
 * test would go into it, at each run of the program. The key of this one was wrapped again with the cheapest parameters of the same
 * procedure (scrypt with N = 2); for restic it is a key like any other. Any thread.
 */
public final class ResticRepository {
    public static final String PASSWORD = "correct horse";

    private ResticRepository() {}

    /** Makes the repository in this folder, which is not there yet. */
    public static void writeTo(Path folder) throws IOException {
        for (String name : List.of("data", "index", "keys", "locks", "snapshots")) {
            Files.createDirectories(folder.resolve(name));
        }
        Files.write(folder.resolve("config"), resource("config"));
        byte[] key = resource("key");
        Files.write(folder.resolve("keys").resolve(digest(key)), key);
    }

    private static byte[] resource(String name) throws IOException {
        try (InputStream in = ResticRepository.class.getResourceAsStream("/restic-repository/" + name)) {
            if (in == null) {
                throw new IOException("testkit has no resource restic-repository/" + name);
            }
            return in.readAllBytes();
        }
    }

    /** restic names each file by its contents. */
    private static String digest(byte[] contents) throws IOException {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(contents));
        } catch (NoSuchAlgorithmException e) {
            throw new IOException("this Java has no SHA-256", e);
        }
    }
}
