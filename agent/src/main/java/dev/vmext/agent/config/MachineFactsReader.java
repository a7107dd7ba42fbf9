package dev.vmext.agent.config;

import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/** Reads facts about the machine, by the names of the agent protocol. What cannot be read is left out. No state. */
public final class MachineFactsReader {
    private MachineFactsReader() {}

    /**
     * All facts that can be read.
     *
     * @param arch as Java calls it
     */
    public static Map<String, String> read(String agentVersion, String trustMode, String arch) {
        Map<String, String> facts = new TreeMap<>();
        facts.put("agentVersion", agentVersion);
        facts.put("trustMode", trustMode);
        facts.put("os", "linux");
        facts.put("arch", arch.equals("aarch64") ? "arm64" : arch);
        put(facts, "hostname", firstLine("/proc/sys/kernel/hostname"));
        put(facts, "kernel", firstLine("/proc/sys/kernel/osrelease"));
        put(facts, "machineId", firstLine("/etc/machine-id"));
        put(facts, "bootId", firstLine("/proc/sys/kernel/random/boot_id"));
        Map<String, String> release = osRelease(Path.of("/etc/os-release"));
        put(facts, "distro", release.getOrDefault("ID", ""));
        put(facts, "osVersion", release.getOrDefault("VERSION_ID", ""));
        put(facts, "osName", release.getOrDefault("PRETTY_NAME", ""));
        return facts;
    }

    /**
     * As above, and by how much this agent's deadlines are longer, so that the control plane does not miss it too early.
     *
     * @param deadlineStretch as in agent.json; 1 is not told
     */
    public static Map<String, String> read(String agentVersion, String trustMode, String arch, double deadlineStretch) {
        Map<String, String> facts = read(agentVersion, trustMode, arch);
        if (deadlineStretch != 1) {
            facts.put(
                    "deadlineStretch",
                    BigDecimal.valueOf(deadlineStretch).stripTrailingZeros().toPlainString());
        }
        return facts;
    }

    private static void put(Map<String, String> facts, String name, String value) {
        if (!value.isBlank()) {
            facts.put(name, value);
        }
    }

    private static String firstLine(String file) {
        try {
            return Files.readString(Path.of(file), StandardCharsets.UTF_8).strip();
        } catch (IOException unreadable) {
            return "";
        }
    }

    static Map<String, String> osRelease(Path file) {
        Map<String, String> values = new HashMap<>();
        try {
            for (String line : Files.readAllLines(file, StandardCharsets.UTF_8)) {
                int equals = line.indexOf('=');
                if (equals > 0 && line.charAt(0) != '#') {
                    String value = line.substring(equals + 1).strip();
                    boolean quoted = value.length() >= 2
                            && (value.charAt(0) == '"' || value.charAt(0) == '\'')
                            && value.charAt(value.length() - 1) == value.charAt(0);
                    values.put(line.substring(0, equals), quoted ? value.substring(1, value.length() - 1) : value);
                }
            }
        } catch (IOException unreadable) {
            return Map.of();
        }
        return values;
    }
}
