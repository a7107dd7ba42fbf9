package dev.vmext.testkit;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;

/**
 * The extension vmext.Fake, whose handler is a shell script that misbehaves as its settings say and notes each call in
 * {@code calls.log}. Its settings are described in its extension.json. Any thread.
 */
public final class FakeExtension {
    public static final String NAME = "vmext.Fake";
    private static final String VERSION = "1.0.0";

    private FakeExtension() {}

    /** Writes the folder that is packed into a package, for a version of your choice, and answers with it. */
    public static Path writeTo(Path folder, String version) throws IOException {
        for (String name : List.of("HandlerManifest.json", "extension.json", "bin/handler")) {
            Path file = folder.resolve(name);
            Files.createDirectories(file.resolveSibling(""));
            try (InputStream in = FakeExtension.class.getResourceAsStream("/fake-extension/" + name)) {
                if (in == null) {
                    throw new IOException("testkit has no resource fake-extension/" + name);
                }
                String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
                Files.writeString(
                        file,
                        name.equals("extension.json")
                                ? text.replace("\"version\": \"" + VERSION + '"', "\"version\": \"" + version + '"')
                                : text);
            }
        }
        Files.setPosixFilePermissions(folder.resolve("bin/handler"), PosixFilePermissions.fromString("rwxr-xr-x"));
        return folder;
    }

    /** The calls so far, as lines like {@code begin enable seq=1 version=1.0.0 installation=a pid=42}. */
    public static List<String> calls(Path traceFolder) throws IOException {
        Path file = traceFolder.resolve("calls.log");
        return Files.exists(file) ? Files.readAllLines(file) : List.of();
    }
}
