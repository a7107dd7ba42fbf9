package dev.vmext.agent.contract;

import dev.vmext.agent.config.Folders;
import dev.vmext.agent.json.JsonTree;
import dev.vmext.agent.json.SpacedJson;
import dev.vmext.agent.process.CommandLine;
import dev.vmext.packageformat.manifest.PackageDescription;
import dev.vmext.protocol.goal.ProtectedSettings;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The Azure handler contract, which is vmext's native one too (azure-contract section 1). Paragraphs below are its. */
public final class AzureContract implements HandlerContract {
    private static final long MAX_CALL_LOG = 10L << 20;
    private static final String STATUS = "status";

    private final Map<String, String> environment;
    private final Path certificates;
    private final @Nullable Path java;
    private final InstantSource clock;

    /**
     * @param environment what of the agent's own environment handlers may see
     * @param certificates holds {@code <THUMBPRINT>.crt} and {@code .prv}
     * @param java the agent's runtime, for handlers that declare they need one
     */
    public AzureContract(Map<String, String> environment, Path certificates, @Nullable Path java, InstantSource clock) {
        this.environment = Map.copyOf(environment);
        this.certificates = certificates;
        this.java = java;
        this.clock = clock;
    }

    @Override
    public void prepare(HandlerFolder folder) throws IOException {
        makeFolder(folder.base().resolve("config"), "rwx------");
        makeFolder(folder.base().resolve(STATUS), "rwx------");
        makeFolder(folder.logs(), "rwxr-xr-x");
        makeFolder(events(folder), "rwx------");
        Map<String, Object> paths = new LinkedHashMap<>();
        paths.put("logFolder", folder.logs().toString()); // 1.6: never the last key, some handlers read it as text
        paths.put("configFolder", folder.base().resolve("config").toString());
        paths.put("statusFolder", folder.base().resolve(STATUS).toString());
        paths.put("heartbeatFile", folder.base().resolve("heartbeat.log").toString());
        paths.put("eventsFolder", events(folder).toString());
        paths.put("eventsFolder_preview", events(folder).toString());
        Map<String, Object> element = new LinkedHashMap<>();
        element.put("name", folder.extension());
        element.put("version", 1.0);
        element.put("handlerEnvironment", paths);
        replace(folder.base().resolve("HandlerEnvironment.json"), SpacedJson.write(List.of(element)), "rw-r--r--");
    }

    private static Path events(HandlerFolder folder) {
        return folder.logs().resolve("events");
    }

    @Override
    public void writeSettings(HandlerFolder folder, Settings settings) throws IOException {
        Object parsed = JsonTree.parse(settings.publicJson().getBytes(StandardCharsets.UTF_8));
        if (!(parsed instanceof Map)) {
            throw new IOException("the public settings are no JSON object");
        }
        Map<String, @Nullable Object> handlerSettings = new LinkedHashMap<>();
        handlerSettings.put("publicSettings", parsed);
        ProtectedSettings secret = settings.protectedSettings();
        handlerSettings.put("protectedSettings", secret == null ? null : secret.cms());
        handlerSettings.put("protectedSettingsCertThumbprint", secret == null ? null : secret.thumbprint());
        if (secret != null) {
            placeCertificate(folder, secret.thumbprint());
        }
        Path config = folder.base().resolve("config");
        Path file = config.resolve(settings.sequence() + ".settings");
        // 1.7: some handlers take the newest file, others the highest number, so the highest must be the newest.
        Instant newest = newestSettings(config);
        replace(
                file,
                SpacedJson.write(Map.of("runtimeSettings", List.of(Map.of("handlerSettings", handlerSettings)))),
                "rw-------");
        Instant now = clock.instant();
        Instant stamp = newest.isBefore(now) ? now : newest.plusSeconds(1);
        Files.setLastModifiedTime(file, FileTime.from(stamp));
    }

    private static Instant newestSettings(Path config) throws IOException {
        Instant newest = Instant.EPOCH;
        try (DirectoryStream<Path> files = Files.newDirectoryStream(config, "*.settings")) {
            for (Path file : files) {
                Instant modified = Files.getLastModifiedTime(file).toInstant();
                newest = modified.isAfter(newest) ? modified : newest;
            }
        }
        return newest;
    }

    /** Go handlers look two levels above the config folder. */
    private void placeCertificate(HandlerFolder folder, String thumbprint) throws IOException {
        for (String suffix : List.of(".crt", ".prv")) {
            Path from = certificates.resolve(thumbprint + suffix);
            Path to = folder.base().resolveSibling(thumbprint + suffix);
            if (!Files.exists(from)) {
                throw new IOException("the protected settings were sealed for key " + thumbprint
                        + ", which this machine does not have");
            }
            if (!Files.exists(to)) {
                replace(to, Files.readString(from, StandardCharsets.US_ASCII), "rw-------");
            }
        }
    }

    @Override
    public CommandLine command(HandlerFolder folder, PackageDescription description, Call call, Path runFolder)
            throws IOException {
        clearEvents(folder);
        String text = description.handler().getCommand(call.command());
        int start = 0;
        while (start < text.length() && text.charAt(start) == '/') {
            start++;
        }
        Map<String, String> variables = new TreeMap<>(environment);
        variables.put("AZURE_GUEST_AGENT_EXTENSION_PATH", folder.base().toString());
        variables.put("AZURE_GUEST_AGENT_EXTENSION_VERSION", folder.version());
        // There is no wire server here. The variable is always there, so that handlers that insist on it start.
        variables.put("AZURE_GUEST_AGENT_WIRE_PROTOCOL_ADDRESS", "127.0.0.1");
        variables.put("ConfigSequenceNumber", String.valueOf(Math.max(0, call.sequence())));
        // No ConfigExtensionName: it tells a handler that its files are called <name>.<number>.settings. Here each
        // installation has folders of its own instead, also of an extension that may be there several times.
        switch (call.command()) {
            case INSTALL, ENABLE -> variables.put("AZURE_GUEST_AGENT_UNINSTALL_CMD_EXIT_CODE", call.oldUninstallExit());
            case UPDATE -> {
                boolean downgrade = !folder.version().equals(call.targetVersion());
                variables.put("VERSION", call.targetVersion());
                // 1.11 no. 4: on a downgrade both variables carry the target version.
                variables.put(
                        "AZURE_GUEST_AGENT_UPDATING_FROM_VERSION",
                        downgrade ? call.targetVersion() : call.fromVersion());
                variables.put("AZURE_GUEST_AGENT_DISABLE_CMD_EXIT_CODE", call.oldDisableExit());
            }
            case DISABLE, UNINSTALL -> {
                // only what every command gets
            }
        }
        if (java != null && description.execution().runtime().isPresent()) {
            variables.put("VMEXT_JAVA", java.toString());
        }
        return new CommandLine(runFolder, folder.base(), folder.base() + "/" + text.substring(start), variables);
    }

    /** Nobody collects these yet; they must not fill the disk. */
    private static void clearEvents(HandlerFolder folder) throws IOException {
        if (Files.isDirectory(events(folder))) {
            try (DirectoryStream<Path> files = Files.newDirectoryStream(events(folder))) {
                for (Path file : files) {
                    Files.deleteIfExists(file);
                }
            }
        }
    }

    @Override
    public void logCall(HandlerFolder folder, CommandLine command, String outcome, String output) throws IOException {
        Path log = folder.logs()
                .resolve(
                        folder.shared()
                                ? "CommandExecution_" + folder.installation() + ".log"
                                : "CommandExecution.log");
        makeFolder(folder.logs(), "rwxr-xr-x");
        if (Files.exists(log) && Files.size(log) > MAX_CALL_LOG) {
            Files.move(log, log.resolveSibling(log.getFileName() + ".1"), StandardCopyOption.REPLACE_EXISTING);
        }
        String entry = clock.instant() + " " + command.text() + "\n" + output + (output.endsWith("\n") ? "" : "\n")
                + clock.instant() + " " + outcome + "\n";
        if (!Files.exists(log)) {
            Files.createFile(log, mode("rw-------"));
        }
        Files.writeString(log, entry, StandardOpenOption.APPEND);
    }

    @Override
    public StatusReading readStatus(HandlerFolder folder, long sequence) {
        return AzureStatusFile.read(folder.base().resolve(STATUS).resolve(sequence + ".status"));
    }

    @Override
    public void copyState(HandlerFolder from, HandlerFolder to) throws IOException {
        copyMemory(from.base(), to.base());
    }

    private static void copyMemory(Path from, Path to) throws IOException {
        copyIfThere(from.resolve("mrseq"), to.resolve("mrseq"));
        makeFolder(to.resolve(STATUS), "rwx------");
        copyFiles(from.resolve(STATUS), to.resolve(STATUS));
    }

    @Override
    public void keep(HandlerFolder from, Path into) throws IOException {
        Folders.delete(into);
        makeFolder(into, "rwx------");
        makeFolder(into.resolve("config"), "rwx------");
        copyMemory(from.base(), into);
        copyFiles(from.base().resolve("config"), into.resolve("config"));
    }

    @Override
    public void restore(Path kept, HandlerFolder to) throws IOException {
        copyMemory(kept, to.base());
        copyFiles(kept.resolve("config"), to.base().resolve("config"));
    }

    private static void copyFiles(Path from, Path to) throws IOException {
        if (!Files.isDirectory(from)) {
            return;
        }
        List<Path> files = new ArrayList<>();
        try (DirectoryStream<Path> found = Files.newDirectoryStream(from, Files::isRegularFile)) {
            found.forEach(files::add);
        }
        for (Path file : files) {
            copyIfThere(file, to.resolve(file.getFileName()));
        }
    }

    private static void copyIfThere(Path from, Path to) throws IOException {
        if (Files.isRegularFile(from)) {
            Files.copy(from, to, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.COPY_ATTRIBUTES);
        }
    }

    private static FileAttribute<?> mode(String permissions) {
        return PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions));
    }

    private static void makeFolder(Path folder, String permissions) throws IOException {
        if (!Files.isDirectory(folder)) {
            Path parent = folder.getParent();
            if (parent != null) {
                Files.createDirectories(parent);
            }
            Files.createDirectory(folder, mode(permissions));
        }
    }

    /** Writes beside and renames: a reader sees the old or the new text, and a secret is never readable for a moment. */
    private static void replace(Path file, String text, String permissions) throws IOException {
        Path next = file.resolveSibling(file.getFileName() + ".new");
        Files.deleteIfExists(next);
        try (var out = Files.newByteChannel(
                next, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), mode(permissions))) {
            out.write(StandardCharsets.UTF_8.encode(text));
        }
        Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
}
