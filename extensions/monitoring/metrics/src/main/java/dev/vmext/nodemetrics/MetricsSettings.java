package dev.vmext.nodemetrics;

import dev.vmext.extensionkit.Fields;
import dev.vmext.extensionkit.HandlerException;
import dev.vmext.extensionkit.Json;
import dev.vmext.extensionkit.Settings;
import dev.vmext.extensionkit.monitoring.Endpoint;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * The settings, checked. Values that are left away have the defaults that the schema names.
 *
 * @param groups parts of the machine to look at
 * @param more further collectors, as the exporter calls them
 * @param services names of units, in which {@code *} stands for anything
 * @param ignore what of disks, file systems and network cards is left away: regular expressions, empty for the exporter's default
 * @param node how the machine's own metrics are read
 * @param applications further endpoints, in the order of the settings
 */
record MetricsSettings(
        Set<Group> groups,
        List<String> more,
        List<String> services,
        Ignored ignore,
        Endpoint node,
        List<Endpoint> applications) {
    /** Collectors of the exporter that are off unless asked for. All only read, as an ordinary user. */
    static final List<String> MORE = List.of(
            "arp",
            "bonding",
            "conntrack",
            "cpufreq",
            "edac",
            "entropy",
            "hwmon",
            "interrupts",
            "mdadm",
            "netclass",
            "nfs",
            "nfsd",
            "processes",
            "schedstat",
            "softnet",
            "tcpstat",
            "textfile",
            "thermal_zone",
            "timex",
            "xfs",
            "zfs");

    private static final Pattern UNIT = Pattern.compile("[A-Za-z0-9*][A-Za-z0-9:_.@*\\\\-]{0,127}");
    private static final int MOST_APPLICATIONS = 50;
    private static final String NODE = "node";

    /** Regular expressions; empty means what the exporter leaves away by itself. */
    record Ignored(String disks, String mountPoints, String fileSystemTypes, String networkDevices) {}

    static MetricsSettings from(Settings settings) {
        Fields fields = settings.publicFields();
        Set<Group> groups = groups(fields);
        List<String> more = more(fields);
        List<String> services = services(fields);
        Ignored ignored = ignored(fields);
        Fields nothing = Fields.of("settings.machine", Json.object());
        Fields machine = fields.has("machine") ? fields.getObject("machine") : nothing;
        Endpoint node = endpoint(machine, NODE, new Endpoint.Address.Socket(Places.SOCKET_FILE, "/metrics"), 2000);
        machine.refuseUnknown();
        List<Endpoint> applications = applications(fields);
        fields.refuseUnknown();
        settings.protectedFields().refuseUnknown();
        if (groups.isEmpty() && more.isEmpty() && applications.isEmpty()) {
            throw fields.problem(
                    "collect", "nothing is left to measure: everything is false, and there are no applications");
        }
        return new MetricsSettings(groups, more, services, ignored, node, applications);
    }

    /** Whether the exporter is needed at all. */
    boolean looksAtMachine() {
        return !groups.isEmpty() || !more.isEmpty();
    }

    private static Set<Group> groups(Fields fields) {
        Set<Group> groups = EnumSet.allOf(Group.class);
        if (fields.has("collect")) {
            Fields collect = fields.getObject("collect");
            for (Group group : Group.values()) {
                if (!collect.getBoolean(group.setting(), true)) {
                    groups.remove(group);
                }
            }
            collect.refuseUnknown();
        }
        return groups;
    }

    private static List<String> more(Fields fields) {
        Set<String> more = new TreeSet<>(fields.getStrings("moreCollectors"));
        for (String name : more) {
            if (!MORE.contains(name)) {
                throw fields.problem(
                        "moreCollectors", "there is no \"" + shown(name) + "\"; known are " + String.join(", ", MORE));
            }
        }
        return List.copyOf(more);
    }

    private static List<String> services(Fields fields) {
        if (!fields.has("services")) {
            return List.of("*.service");
        }
        List<String> services = fields.getStrings("services");
        if (services.isEmpty() || services.size() > 200) {
            throw fields.problem(
                    "services", "it must have 1 to 200 names; to leave services away, set collect.services to false");
        }
        for (int i = 0; i < services.size(); i++) {
            if (!UNIT.matcher(services.get(i)).matches()) {
                throw fields.problem(
                        "services[" + i + "]", "it is no name of a unit, like nginx.service or app@*.service");
            }
        }
        return services;
    }

    private static Ignored ignored(Fields fields) {
        if (!fields.has("ignore")) {
            return new Ignored("", "", "", "");
        }
        Fields ignore = fields.getObject("ignore");
        Ignored ignored = new Ignored(
                expression(ignore, "disks"),
                expression(ignore, "mountPoints"),
                expression(ignore, "fileSystemTypes"),
                expression(ignore, "networkDevices"));
        ignore.refuseUnknown();
        return ignored;
    }

    private static String expression(Fields fields, String key) {
        String text = fields.findString(key).orElse("");
        if (text.length() > 1000 || text.chars().anyMatch(c -> c < ' ' || c == 127)) {
            throw fields.problem(key, "it is longer than 1000 letters or has control characters");
        }
        try {
            Pattern.compile(text);
            return text;
        } catch (PatternSyntaxException e) {
            throw fields.problem(key, "it is no regular expression: " + e.getDescription());
        }
    }

    private static List<Endpoint> applications(Fields fields) {
        List<Json> items = fields.getList("applications");
        if (items.size() > MOST_APPLICATIONS) {
            throw fields.problem("applications", "there are more than " + MOST_APPLICATIONS);
        }
        List<Endpoint> applications = new ArrayList<>();
        Set<String> names = new TreeSet<>(Set.of(NODE));
        for (Json item : items) {
            Fields one = Fields.of("settings.applications[" + applications.size() + "]", item);
            String name = one.getString("name");
            if (!names.add(name)) {
                throw one.problem(
                        "name",
                        name.equals(NODE)
                                ? "this name is taken by the machine's own metrics"
                                : "two applications have this name");
            }
            applications.add(endpoint(one, name, address(one), 1000));
            one.refuseUnknown();
        }
        return applications;
    }

    private static Endpoint.Address address(Fields one) {
        boolean url = one.has("url");
        if (url == one.has("socket")) {
            throw one.problem("url", "an application needs either url or socket" + (url ? ", not both" : ""));
        }
        if (url && one.has("path")) {
            throw one.problem("path", "it belongs to socket; a url has its path in itself");
        }
        try {
            return url
                    ? new Endpoint.Address.Url(one.getString("url"))
                    : new Endpoint.Address.Socket(
                            one.getString("socket"), one.findString("path").orElse("/metrics"));
        } catch (IllegalArgumentException e) {
            throw one.problem(url ? "url" : "socket", String.valueOf(e.getMessage()));
        }
    }

    private static Endpoint endpoint(Fields fields, String name, Endpoint.Address address, int maxSeries) {
        int interval = fields.getInt("intervalSec", 60, 5, 86_400);
        try {
            return new Endpoint(
                    name,
                    address,
                    interval,
                    fields.getInt("timeoutSec", Math.min(10, interval), 1, interval),
                    fields.getInt("maxSeries", maxSeries, 1, Endpoint.MOST_SERIES),
                    fields.getStrings("keep"),
                    fields.getStrings("drop"),
                    Map.copyOf(fields.getStringMap("labels")));
        } catch (IllegalArgumentException e) {
            throw HandlerException.badSettings("cannot use " + fields.path() + ": " + e.getMessage(), "");
        }
    }

    private static String shown(String text) {
        return text.length() > 60 ? text.substring(0, 60) + "..." : text;
    }
}
