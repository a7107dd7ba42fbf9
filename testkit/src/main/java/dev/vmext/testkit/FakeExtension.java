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
 * {@code calls.log}. Its settings are described in its extension.json; a file {@code steer/<setting>} in the trace folder counts
 * more than the setting. Any thread.
 */
public final class FakeExtension {
    public static final String NAME = "vmext.Fake";
    private static final String VERSION = "1.0.0";
    private static final String EXTENSION = "extension.json";
    private static final String HANDLER = "HandlerManifest.json";

    private FakeExtension() {}

    /** Writes the folder that is packed into a package, for a version of your choice, and answers with it. */
    public static Path writeTo(Path folder, String version) throws IOException {
        for (String name : List.of(HANDLER, EXTENSION, "bin/handler", "bin/vmext-finding")) {
            Path file = folder.resolve(name);
            Files.createDirectories(file.resolveSibling(""));
            try (InputStream in = FakeExtension.class.getResourceAsStream("/fake-extension/" + name)) {
                if (in == null) {
                    throw new IOException("testkit has no resource fake-extension/" + name);
                }
                String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
                Files.writeString(
                        file,
                        name.equals(EXTENSION)
                                ? text.replace("\"version\": \"" + VERSION + '"', "\"version\": \"" + version + '"')
                                : text);
            }
        }
        for (String program : List.of("bin/handler", "bin/vmext-finding")) {
            Files.setPosixFilePermissions(folder.resolve(program), PosixFilePermissions.fromString("rwxr-xr-x"));
        }
        return folder;
    }

    /** Sets a flag or text of the written folder's HandlerManifest.json to a JSON value. */
    public static void manifest(Path folder, String field, String json) throws IOException {
        replace(folder.resolve(HANDLER), field, json);
    }

    /** Sets a flag, number or text of the written folder's extension.json to a JSON value. */
    public static void extension(Path folder, String field, String json) throws IOException {
        replace(folder.resolve(EXTENSION), field, json);
    }

    private static void replace(Path file, String field, String json) throws IOException {
        String text = Files.readString(file);
        String changed = text.replaceFirst(
                "\"" + field + "\": (?:\"[^\"]*\"|[a-z0-9.]+|\\{[^{}]*\\})",
                java.util.regex.Matcher.quoteReplacement("\"" + field + "\": " + json));
        if (changed.equals(text)) {
            throw new IOException(file.getFileName() + " has no plain field " + field + " that could be changed");
        }
        Files.writeString(file, changed);
    }

    /** Makes the written folder a package of the bare handler contract, which says what it is in manifest.xml. */
    public static void withoutExtensionJson(Path folder, String version) throws IOException {
        Files.delete(folder.resolve(EXTENSION));
        int dot = NAME.lastIndexOf('.');
        Files.writeString(folder.resolve("manifest.xml"), """
                <?xml version="1.0" encoding="utf-8"?>
                <ExtensionImage xmlns="http://schemas.microsoft.com/windowsazure">
                  <ProviderNameSpace>%s</ProviderNameSpace>
                  <Type>%s</Type>
                  <Version>%s</Version>
                </ExtensionImage>
                """.formatted(
                        NAME.substring(0, dot), NAME.substring(dot + 1), version));
    }

    /** From now on this setting has this value, whatever the settings say. */
    public static void steer(Path traceFolder, String setting, String value) throws IOException {
        Files.writeString(Files.createDirectories(traceFolder.resolve("steer")).resolve(setting), value);
    }

    /** From now on the settings count again. */
    public static void release(Path traceFolder, String setting) throws IOException {
        Files.deleteIfExists(traceFolder.resolve("steer").resolve(setting));
    }

    /** The calls so far, as lines like {@code begin enable seq=1 version=1.0.0 installation=a pid=42}. */
    public static List<String> calls(Path traceFolder) throws IOException {
        Path file = traceFolder.resolve("calls.log");
        return Files.exists(file) ? Files.readAllLines(file) : List.of();
    }

    /** The calls that ended, as {@code enable seq=1 version=1.0.0}. */
    public static List<String> ended(Path traceFolder) throws IOException {
        return calls(traceFolder).stream()
                .filter(line -> line.startsWith("end "))
                .map(line -> line.substring(4, line.indexOf(" installation=")))
                .toList();
    }
}
