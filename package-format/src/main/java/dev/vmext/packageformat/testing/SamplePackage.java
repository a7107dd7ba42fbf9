package dev.vmext.packageformat.testing;

import dev.vmext.packageformat.archive.ArchiveLimits;
import dev.vmext.packageformat.archive.PackageWriter;
import dev.vmext.packageformat.manifest.ExtensionManifest;
import dev.vmext.packageformat.manifest.HandlerCommand;
import dev.vmext.packageformat.manifest.HandlerManifest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * A package to be: a handler whose five commands are one shell script that notes what it was called with in
 * {@code calls.log} and exits 0. Change what the test is about, then write it. One thread.
 */
public final class SamplePackage {
    private static final String SCRIPT = """
            #!/bin/sh
            # Notes its call beside itself, so that a test can see it.
            cd "$(dirname "$0")/.." || exit 51
            echo "$1 seq=${ConfigSequenceNumber:-none}" >> calls.log
            exit 0
            """;

    private final Map<String, String> extension = new LinkedHashMap<>();
    private final Map<String, String> handler = new LinkedHashMap<>();
    private final Map<HandlerCommand, String> commands = new EnumMap<>(HandlerCommand.class);
    private final Map<String, String> files = new LinkedHashMap<>();

    /** A native package with every required field. */
    public SamplePackage(String name, String version) {
        extension("schemaVersion", "1");
        extension("name", '"' + name + '"');
        extension("version", '"' + version + '"');
        extension("displayName", "\"Sample\"");
        extension("category", "\"management\"");
        extension("kind", "\"continuous\"");
        extension("scripts", "false");
        for (HandlerCommand command : HandlerCommand.values()) {
            commands.put(command, "bin/handler.sh " + command.text());
        }
        files.put("bin/handler.sh", SCRIPT);
    }

    /** Sets a field of {@code extension.json} to a JSON value. */
    public SamplePackage extension(String field, String json) {
        extension.put(field, json);
        return this;
    }

    /** Takes a field of {@code extension.json} away. */
    public SamplePackage withoutExtensionField(String field) {
        extension.remove(field);
        return this;
    }

    /** Takes {@code extension.json} away: only the handler contract is left. */
    public SamplePackage withoutExtensionManifest() {
        extension.clear();
        return this;
    }

    /** Adds {@code manifest.xml}, the publisher's file of older packages. */
    public SamplePackage imageManifest(String namespace, String type, String version) {
        return file("manifest.xml", """
                <?xml version="1.0" encoding="utf-8"?>
                <ExtensionImage xmlns="http://schemas.microsoft.com/windowsazure">
                  <ProviderNameSpace>%s</ProviderNameSpace>
                  <Type>%s</Type>
                  <Version>%s</Version>
                </ExtensionImage>
                """.formatted(namespace, type, version));
    }

    /** Sets a flag or other field of {@code handlerManifest} to a JSON value. */
    public SamplePackage handler(String field, String json) {
        handler.put(field, json);
        return this;
    }

    public SamplePackage command(HandlerCommand command, String text) {
        commands.put(command, text);
        return this;
    }

    public SamplePackage withoutCommand(HandlerCommand command) {
        commands.remove(command);
        return this;
    }

    /** Adds or replaces a file; those below {@code bin/} may be run. */
    public SamplePackage file(String path, String content) {
        files.put(path, content);
        return this;
    }

    public String extensionJson() {
        return object(extension);
    }

    public String handlerJson() {
        Map<String, String> fields = new LinkedHashMap<>();
        commands.forEach((command, text) -> fields.put(
                command.manifestField(), '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"'));
        fields.putAll(handler);
        return "[{\"name\": \"Sample\", \"version\": 1.0, \"handlerManifest\": " + object(fields) + "}]\n";
    }

    private static String object(Map<String, String> fields) {
        return fields.entrySet().stream()
                .map(field -> "  \"" + field.getKey() + "\": " + field.getValue())
                .collect(Collectors.joining(",\n", "{\n", "\n}\n"));
    }

    /** Writes the folder that {@code extension pack} would be given. */
    public Path writeFolder(Path folder) {
        try {
            Files.createDirectories(folder);
            Files.writeString(folder.resolve(HandlerManifest.FILE_NAME), handlerJson());
            if (!extension.isEmpty()) {
                Files.writeString(folder.resolve(ExtensionManifest.FILE_NAME), extensionJson());
            }
            for (Map.Entry<String, String> file : files.entrySet()) {
                Path path = folder.resolve(file.getKey());
                Files.createDirectories(path.resolveSibling(""));
                Files.write(path, file.getValue().getBytes(StandardCharsets.UTF_8));
                if (file.getKey().startsWith("bin/")) {
                    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxr-xr-x"));
                }
            }
            return folder;
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /** Packs the folder {@code <zip>.d} and then {@code zip}; works for packages that say what they are. */
    public Path write(Path zip) {
        Path folder = writeFolder(zip.resolveSibling(zip.getFileName() + ".d"));
        return new PackageWriter(ArchiveLimits.standard()).pack(folder, zip).file();
    }
}
