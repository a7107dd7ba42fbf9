package dev.vmext.agent.contract;

import static dev.vmext.agent.contract.ContractFiles.OPEN_FILE;
import static dev.vmext.agent.contract.ContractFiles.OPEN_FOLDER;
import static dev.vmext.agent.contract.ContractFiles.OWNER_FILE;
import static dev.vmext.agent.contract.ContractFiles.OWNER_FOLDER;

import dev.vmext.agent.config.Folders;
import dev.vmext.agent.json.JsonTree;
import dev.vmext.agent.json.SpacedJson;
import dev.vmext.agent.process.CommandLine;
import dev.vmext.packageformat.manifest.PackageDescription;
import dev.vmext.protocol.goal.ProtectedSettings;
import dev.vmext.protocol.status.HandlerStatus;
import dev.vmext.protocol.status.StatusWord;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The Azure handler contract, which is vmext's native one too (azure-contract section 1). Paragraphs below are its. */
public final class AzureContract implements HandlerContract {
    private final Map<String, String> environment;
    private final Path certificates;
    private final @Nullable Path java;
    private final InstantSource clock;
    private final EventsFolder events;

    /**
     * @param environment what of the agent's own environment handlers may see
     * @param certificates holds {@code <THUMBPRINT>.crt} and {@code .prv}
     * @param java the agent's runtime, for handlers that declare they need one
     * @param events takes what handlers leave in their events folders
     */
    public AzureContract(
            Map<String, String> environment,
            Path certificates,
            @Nullable Path java,
            InstantSource clock,
            EventSink events) {
        this(environment, certificates, java, clock, events, FindingEvents.NONE);
    }

    /**
     * The same, with findings that are taken by themselves.
     *
     * @param findings takes the findings among the events
     */
    public AzureContract(
            Map<String, String> environment,
            Path certificates,
            @Nullable Path java,
            InstantSource clock,
            EventSink events,
            FindingEvents findings) {
        this.environment = Map.copyOf(environment);
        this.certificates = certificates;
        this.java = java;
        this.clock = clock;
        this.events = new EventsFolder(clock, events, findings);
    }

    @Override
    public void prepare(HandlerFolder folder) throws IOException {
        ContractFiles.makeFolder(folder.config(), OWNER_FOLDER);
        ContractFiles.makeFolder(folder.status(), OWNER_FOLDER);
        ContractFiles.makeFolder(folder.logs(), OPEN_FOLDER);
        ContractFiles.makeFolder(folder.events(), OWNER_FOLDER);
        Map<String, Object> paths = new LinkedHashMap<>();
        paths.put("logFolder", folder.logs().toString()); // 1.6: never the last key, some handlers read it as text
        paths.put("configFolder", folder.config().toString());
        paths.put("statusFolder", folder.status().toString());
        paths.put("heartbeatFile", folder.heartbeat().toString());
        paths.put("eventsFolder", folder.events().toString());
        paths.put("eventsFolder_preview", folder.events().toString());
        Map<String, Object> element = new LinkedHashMap<>();
        element.put("name", folder.extension());
        element.put("version", 1.0);
        element.put("handlerEnvironment", paths);
        ContractFiles.replace(
                folder.base().resolve("HandlerEnvironment.json"), SpacedJson.write(List.of(element)), OPEN_FILE);
        HandlerRecords.unpacked(folder);
    }

    @Override
    public void writeSettings(HandlerFolder folder, Settings settings) throws IOException {
        String text = settings.none() ? "" : settingsText(folder, settings);
        Path file = settingsFile(folder, settings.sequence());
        // 1.7: some handlers take the newest file, others the highest number, so the highest must be the newest.
        Instant newest = newestSettings(folder.config());
        ContractFiles.replace(file, text, OWNER_FILE);
        Instant now = clock.instant();
        Instant stamp = newest.isBefore(now) ? now : newest.plusSeconds(1);
        Files.setLastModifiedTime(file, FileTime.from(stamp));
    }

    private String settingsText(HandlerFolder folder, Settings settings) throws IOException {
        Object parsed = settings.noPublic()
                ? null
                : JsonTree.parse(settings.publicJson().getBytes(StandardCharsets.UTF_8));
        if (parsed != null && !(parsed instanceof Map)) {
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
        return SpacedJson.write(Map.of("runtimeSettings", List.of(Map.of("handlerSettings", handlerSettings))));
    }

    private static Path settingsFile(HandlerFolder folder, long sequence) {
        return folder.config().resolve(folder.fileName(sequence, ".settings"));
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
                ContractFiles.replace(to, Files.readString(from, StandardCharsets.US_ASCII), OWNER_FILE);
            }
        }
    }

    @Override
    public CommandLine command(HandlerFolder folder, PackageDescription description, Call call, Path runFolder) {
        String text = description.handler().getCommand(call.command());
        int start = 0;
        while (start < text.length() && text.charAt(start) == '/') {
            start++;
        }
        Map<String, String> variables = new TreeMap<>(environment);
        variables.putAll(AzureVariables.of(folder, call));
        if (java != null && description.execution().runtime().isPresent()) {
            variables.put("VMEXT_JAVA", java.toString());
        }
        return new CommandLine(runFolder, folder.base(), folder.base() + "/" + text.substring(start), variables);
    }

    @Override
    public void begins(HandlerFolder folder, CommandLine command) throws IOException {
        CallLog.begins(folder, command, clock.instant());
    }

    @Override
    public void ended(HandlerFolder code, HandlerFolder owner, PackageDescription description, CallEnd end)
            throws IOException {
        Instant now = clock.instant();
        HandlerRecords.ended(owner, end, description.handler().installsOnUpdate(), now);
        CallLog.ended(code, end, now);
        // Handlers do not force what they write, and a one-shot is not asked again after a power cut.
        ContractFiles.forceIfThere(owner.base().resolve("mrseq"));
        ContractFiles.forceFiles(owner.status());
    }

    @Override
    public StatusReading readStatus(HandlerFolder folder, long sequence) {
        if (withoutSettings(folder, sequence)) {
            // 1.8: then the file is never read; that enable succeeded is all there is to know.
            return new StatusReading.Said(
                    new HandlerStatus("Enable", StatusWord.SUCCESS, "0", "Plugin enabled", List.of()));
        }
        return AzureStatusFile.read(statusFile(folder, sequence), folder.extension());
    }

    private static Path statusFile(HandlerFolder folder, long sequence) {
        return folder.status().resolve(folder.fileName(sequence, ".status"));
    }

    @Override
    public Optional<Instant> findStatusTime(HandlerFolder folder, long sequence) {
        if (withoutSettings(folder, sequence)) {
            return Optional.empty();
        }
        try {
            return Optional.of(
                    Files.getLastModifiedTime(statusFile(folder, sequence)).toInstant());
        } catch (IOException gone) {
            return Optional.empty();
        }
    }

    private static boolean withoutSettings(HandlerFolder folder, long sequence) {
        try {
            return Files.size(settingsFile(folder, sequence)) == 0;
        } catch (IOException unknown) {
            return false;
        }
    }

    @Override
    public HeartbeatReading readHeartbeat(HandlerFolder folder) {
        HeartbeatReading reading = AzureHeartbeatFile.read(folder.heartbeat(), clock.instant());
        if (reading instanceof HeartbeatReading.Unreadable) {
            boolean there = Files.exists(folder.heartbeat());
            try {
                HandlerRecords.unreadableHeartbeat(
                        folder, there ? AzureHeartbeatFile.MALFORMED : AzureHeartbeatFile.MISSING);
            } catch (IOException failed) {
                return new HeartbeatReading.Unreadable(failed.getMessage() == null ? "" : failed.getMessage());
            }
        }
        return reading;
    }

    @Override
    public void collectEvents(HandlerFolder folder) throws IOException {
        events.collect(folder.extension(), folder.events());
    }

    /** The same for an extension by its folder of logs, whatever versions of it there are. */
    public void collectEvents(String extension, Path logs) throws IOException {
        events.collect(extension, logs.resolve("events"));
    }

    @Override
    public void copyState(HandlerFolder from, HandlerFolder to) throws IOException {
        copyMemory(from.base(), to.base());
    }

    private static void copyMemory(Path from, Path to) throws IOException {
        ContractFiles.copyIfThere(from.resolve("mrseq"), to.resolve("mrseq"));
        ContractFiles.makeFolder(to.resolve("status"), OWNER_FOLDER);
        ContractFiles.copyFiles(from.resolve("status"), to.resolve("status"));
    }

    @Override
    public void keep(HandlerFolder from, Path into) throws IOException {
        Folders.delete(into);
        ContractFiles.makeFolder(into, OWNER_FOLDER);
        ContractFiles.makeFolder(into.resolve("config"), OWNER_FOLDER);
        copyMemory(from.base(), into);
        ContractFiles.copyFiles(from.config(), into.resolve("config"));
    }

    @Override
    public void restore(Path kept, HandlerFolder to) throws IOException {
        copyMemory(kept, to.base());
        ContractFiles.copyFiles(kept.resolve("config"), to.config());
        // What was put aside was enabled; what was unpacked again is not even installed yet.
        HandlerRecords.restored(to);
    }
}
