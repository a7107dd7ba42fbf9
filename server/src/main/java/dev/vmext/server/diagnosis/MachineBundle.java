package dev.vmext.server.diagnosis;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.vmext.fleet.Fleet;
import dev.vmext.protocol.api.AuditEntry;
import dev.vmext.protocol.api.InstallationView;
import dev.vmext.protocol.api.Items;
import dev.vmext.protocol.api.MachineView;
import dev.vmext.protocol.api.ServerStatus;
import dev.vmext.protocol.redaction.SecretPatterns;
import dev.vmext.server.json.StrictJson;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * The diagnostic bundle of a machine, from both ends in one zip: {@code control-plane/} has what is known here, {@code machine/} what
 * its agent packed. Never settings, scripts, tokens or keys; every text of this end is redacted by pattern, the agent has redacted its
 * own by value too. At most some megabytes. No state; any thread.
 */
public final class MachineBundle {
    private static final int LOG = 512 << 10;
    private static final int OLDER_LOG = 128 << 10;
    private static final int AUDIT_LINES = 1000;

    private final Fleet fleet;
    private final Path logs;
    private final Supplier<ServerStatus> status;

    /**
     * Reads nothing yet.
     *
     * @param logs the folder of the server's own log
     */
    public MachineBundle(Fleet fleet, Path logs, Supplier<ServerStatus> status) {
        this.fleet = fleet;
        this.logs = logs;
        this.status = status;
    }

    /**
     * The whole zip.
     *
     * @param doctor what was found here, for people
     * @param agent the agent's zip, or null when it could not be asked
     * @param agentProblem why not
     * @param all whether the caller may see what others did: the audit log and the server's log, which is about other machines too
     */
    public byte[] pack(
            MachineView machine, String doctor, byte @Nullable [] agent, @Nullable String agentProblem, boolean all)
            throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        List<String> leftOut = new ArrayList<>();
        try (ZipOutputStream zip = new ZipOutputStream(out, StandardCharsets.UTF_8)) {
            put(zip, "doctor.txt", doctor);
            put(zip, "status.json", json(status.get()));
            put(zip, "host.txt", host());
            put(zip, "machine.json", json(machine));
            put(zip, "installations.json", installations(machine));
            put(zip, "removals.json", json(new Items<>(fleet.removals(machine.project(), machine.name()))));
            put(zip, "commands.json", json(new Items<>(fleet.listCommands(machine.project(), machine.name()))));
            if (all) {
                put(zip, "audit.txt", audit(machine));
                log(zip, "server.log", LOG);
                log(zip, "server.log.1", OLDER_LOG);
            } else {
                leftOut.add("the audit log and the server's log: the permission audit-read is missing");
            }
            if (agent != null) {
                leftOut.addAll(AgentEntries.copy(agent, "machine/", zip));
            } else {
                leftOut.add("the machine's end: " + agentProblem);
            }
            if (!leftOut.isEmpty()) {
                put(zip, "left-out.txt", String.join("\n", leftOut) + "\n");
            }
        }
        return out.toByteArray();
    }

    private static void put(ZipOutputStream zip, String name, String text) throws IOException {
        zip.putNextEntry(new ZipEntry("control-plane/" + name));
        zip.write(SecretPatterns.redact(text).getBytes(StandardCharsets.UTF_8));
        zip.closeEntry();
    }

    private static String json(Object value) {
        return new String(StrictJson.writePretty(value), StandardCharsets.UTF_8) + "\n";
    }

    /** Names of settings, never their values: people write secrets into public settings too. */
    private String installations(MachineView machine) {
        List<JsonNode> shown = new ArrayList<>();
        for (InstallationView one : fleet.listInstallations(machine.project(), machine.name())) {
            ObjectNode node = (ObjectNode) StrictJson.tree(one);
            node.remove("settings");
            node.set("settingNames", StrictJson.tree(one.settings().keySet()));
            shown.add(node);
        }
        return json(Map.of("items", shown));
    }

    private String audit(MachineView machine) {
        String subject = machine.project() + "/" + machine.name();
        StringBuilder text = new StringBuilder();
        for (AuditEntry entry : fleet.audit(AUDIT_LINES)) {
            if (entry.subject().equals(subject)
                    || entry.subject().startsWith(subject + "/")
                    || entry.actor().contains(machine.id())) {
                text.append(entry.number())
                        .append("  ")
                        .append(entry.at())
                        .append("  ")
                        .append(entry.actor())
                        .append("  ")
                        .append(entry.action())
                        .append("  ")
                        .append(entry.subject())
                        .append("  ")
                        .append(entry.detail())
                        .append('\n');
            }
        }
        return text.toString();
    }

    private String host() {
        Runtime runtime = Runtime.getRuntime();
        String space;
        try {
            space = Files.getFileStore(logs).getUsableSpace() / 1024 / 1024 + " MiB";
        } catch (IOException unknown) {
            space = "unknown";
        }
        return """
                java        %s
                system      %s %s %s
                processors  %d
                memory      %d MiB used of at most %d MiB
                disk        %s free
                """.formatted(
                        Runtime.version(),
                        System.getProperty("os.name"),
                        System.getProperty("os.version"),
                        System.getProperty("os.arch"),
                        runtime.availableProcessors(),
                        (runtime.totalMemory() - runtime.freeMemory()) / 1024 / 1024,
                        runtime.maxMemory() / 1024 / 1024,
                        space);
    }

    /** The end, from the beginning of a line: half a line could hold half a secret, which no pattern knows. */
    private void log(ZipOutputStream zip, String name, int most) throws IOException {
        Path file = logs.resolve(name);
        if (!Files.isRegularFile(file)) {
            return;
        }
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            long size = channel.size();
            ByteBuffer buffer = ByteBuffer.allocate(Math.toIntExact(Math.min(size, most)));
            channel.position(size - buffer.capacity());
            while (buffer.hasRemaining() && channel.read(buffer) >= 0) {
                // until full, or the file was rotated and is shorter now
            }
            String text = StandardCharsets.UTF_8.decode(buffer.flip()).toString();
            put(zip, name, size > most ? text.substring(text.indexOf('\n') + 1) : text);
        }
    }
}
