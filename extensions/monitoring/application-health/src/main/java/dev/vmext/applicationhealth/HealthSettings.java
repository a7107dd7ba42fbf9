package dev.vmext.applicationhealth;

import dev.vmext.extensionkit.Fields;
import dev.vmext.extensionkit.HandlerException;
import dev.vmext.extensionkit.Json;
import dev.vmext.extensionkit.Settings;
import dev.vmext.extensionkit.monitoring.Check;
import dev.vmext.extensionkit.monitoring.WatchedProbe;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Reads the settings into probes, checked. Commands have a list of their own, because a machine's owner may forbid scripts: whoever may
 * set that list may run programs as root. Pure.
 */
final class HealthSettings {
    static final String FINDING = "application-unhealthy";
    /** As many as the agent watches for one installation. */
    static final int MOST = 64;

    private static final List<String> KINDS = List.of("http", "tcp", "process", "unit");

    private final Map<String, Map<String, String>> secretHeaders;
    private final Set<String> names = new HashSet<>();

    private HealthSettings(Map<String, Map<String, String>> secretHeaders) {
        this.secretHeaders = secretHeaders;
    }

    static List<WatchedProbe> probes(Settings settings) {
        Fields fields = settings.publicFields();
        HealthSettings reader = new HealthSettings(secretHeaders(settings.protectedFields()));
        List<WatchedProbe> probes = new ArrayList<>();
        for (Json item : fields.getList("applications")) {
            probes.add(reader.application(Fields.of("settings.applications[" + probes.size() + "]", item)));
        }
        int commands = 0;
        for (Json item : fields.getList("commands")) {
            probes.add(reader.command(Fields.of("settings.commands[" + commands++ + "]", item)));
        }
        fields.refuseUnknown();
        if (probes.isEmpty()) {
            throw fields.problem("applications", "there is nothing to ask: neither applications nor commands");
        }
        if (probes.size() > MOST) {
            throw fields.problem("applications", "there are more than " + MOST + " applications and commands together");
        }
        reader.secretHeaders.keySet().removeAll(httpNames(probes));
        for (String stranger : reader.secretHeaders.keySet()) {
            throw HandlerException.badSettings(
                    "cannot use protectedSettings.headers: no application with http has the name \"" + shown(stranger)
                            + "\"",
                    "The keys of headers are names of applications that are asked over http.");
        }
        return List.copyOf(probes);
    }

    private static Set<String> httpNames(List<WatchedProbe> probes) {
        Set<String> found = new HashSet<>();
        for (WatchedProbe probe : probes) {
            if (probe.check() instanceof Check.Http) {
                found.add(probe.name());
            }
        }
        return found;
    }

    private static Map<String, Map<String, String>> secretHeaders(Fields fields) {
        Map<String, Map<String, String>> all = new TreeMap<>();
        if (fields.has("headers")) {
            Fields headers = fields.getObject("headers");
            for (String name : headers.keys()) {
                all.put(name, headers.getStringMap(name));
            }
        }
        fields.refuseUnknown();
        return all;
    }

    private WatchedProbe application(Fields fields) {
        String name = name(fields);
        List<String> given = KINDS.stream().filter(fields::has).toList();
        if (given.size() != 1) {
            throw HandlerException.badSettings(
                    "cannot use " + fields.path() + ": it needs exactly one of " + String.join(", ", KINDS),
                    given.isEmpty() ? "Add one of them." : "Make it two applications.");
        }
        Fields how = fields.getObject(given.getFirst());
        Check check = checked(how, () -> switch (given.getFirst()) {
            case "http" -> http(how, name);
            case "tcp" -> new Check.Tcp(how.findString("host").orElse("127.0.0.1"), port(how));
            case "process" -> new Check.RunningProcess(how.getString("name"));
            default -> new Check.Unit(how.getString("name"));
        });
        how.refuseUnknown();
        return probe(fields, name, check);
    }

    private WatchedProbe command(Fields fields) {
        String name = name(fields);
        List<String> words = fields.getStrings("command");
        if (words.isEmpty() || !words.getFirst().startsWith("/")) {
            throw fields.problem(
                    "command",
                    "it must be a program with its whole path, and its arguments, like [\"/usr/bin/pg_isready\", \"-q\"]");
        }
        return probe(fields, name, checked(fields, () -> new Check.Command(words)));
    }

    private String name(Fields fields) {
        String name = fields.getString("name");
        if (!names.add(name)) {
            throw fields.problem("name", "two applications or commands have this name");
        }
        return name;
    }

    private Check http(Fields how, String name) {
        Map<String, String> headers = new LinkedHashMap<>(how.getStringMap("headers"));
        headers.putAll(secretHeaders.getOrDefault(name, Map.of()));
        List<String> statuses = how.has("statuses") ? how.getStrings("statuses") : List.of("200-299");
        return new Check.Http(
                how.getString("url"),
                how.getWord("method", "GET", List.of("GET", "HEAD")),
                statuses,
                headers,
                how.findString("body").orElse(""));
    }

    private static int port(Fields how) {
        if (!how.has("port")) {
            throw how.problem("port", "it is missing");
        }
        return how.getInt("port", 0, 1, 65_535);
    }

    private static WatchedProbe probe(Fields fields, String name, Check check) {
        int interval = fields.getInt("intervalSec", 30, 1, 86_400);
        WatchedProbe probe;
        try {
            probe = new WatchedProbe(
                    name,
                    check,
                    interval,
                    fields.getInt("timeoutSec", Math.min(5, interval), 1, interval),
                    fields.getInt("graceSec", 60, 0, 86_400),
                    fields.getInt("failuresUntilUnhealthy", 3, 1, 100),
                    fields.getInt("passesUntilHealthy", 1, 1, 100),
                    false,
                    Optional.of(FINDING));
        } catch (IllegalArgumentException e) {
            throw HandlerException.badSettings("cannot use " + fields.path() + ": " + e.getMessage(), "");
        }
        fields.refuseUnknown();
        return probe;
    }

    /** A check that makes itself. */
    private interface Making {
        Check make();
    }

    private static Check checked(Fields fields, Making making) {
        try {
            return making.make();
        } catch (IllegalArgumentException e) {
            throw HandlerException.badSettings("cannot use " + fields.path() + ": " + e.getMessage(), "");
        }
    }

    private static String shown(String text) {
        return text.length() > 60 ? text.substring(0, 60) + "..." : text;
    }
}
