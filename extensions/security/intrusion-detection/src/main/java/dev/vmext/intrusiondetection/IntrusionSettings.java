package dev.vmext.intrusiondetection;

import dev.vmext.extensionkit.Fields;
import dev.vmext.extensionkit.HandlerException;
import dev.vmext.extensionkit.Json;
import dev.vmext.extensionkit.Settings;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** The settings, checked: no text in them can be anything but what its place in a configuration file allows. */
record IntrusionSettings(Integrity integrity, Attacks attacks, Resources resources) {
    static final List<String> PATHS = List.of(
            "/boot",
            "/etc",
            "/root/.ssh",
            "/usr/bin",
            "/usr/lib/systemd",
            "/usr/local/bin",
            "/usr/local/sbin",
            "/usr/sbin");
    /** What changes by itself, and what vmext's own extensions write and tell of themselves. */
    static final List<String> EXCLUDED = List.of(
            "/boot/grub/grubenv",
            "/etc/adjtime",
            "/etc/mtab",
            "/etc/resolv.conf",
            "/etc/vmext",
            "/etc/vmext-*",
            "/etc/systemd/system/vmext-*",
            "/etc/systemd/system/*.wants/vmext-*");

    private static final Pattern PATH = Pattern.compile("(/[A-Za-z0-9._+-]+)+");
    private static final Pattern EXCLUSION = Pattern.compile("(/[A-Za-z0-9._+*-]+)+");
    private static final Pattern LOG = Pattern.compile("(/[A-Za-z0-9._+-]+)*/[A-Za-z0-9._+*-]+");
    private static final Pattern CALENDAR = Pattern.compile("[A-Za-z0-9*][A-Za-z0-9*/:,.~ +-]{0,99}");
    private static final Pattern ID = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}");
    private static final Pattern PORTS = Pattern.compile("[0-9]{1,5}(-[0-9]{1,5})?");
    private static final List<String> NO_FILES = List.of("/proc", "/sys", "/dev", "/run");
    private static final int MOST_PATHS = 64;
    private static final int MOST_MINUTES = 525_600;

    /** Watching files. Without it neither paths nor times mean anything. */
    record Integrity(
            boolean enabled,
            List<String> paths,
            List<String> exclude,
            int lookSeconds,
            String calendar,
            int jitterMinutes,
            Optional<Accept> accept) {
        Integrity {
            paths = List.copyOf(paths);
            exclude = List.copyOf(exclude);
        }
    }

    /** An order to take changes into the baseline, carried out once for each id. No paths mean all changes. */
    record Accept(String id, List<String> paths) {
        Accept {
            paths = List.copyOf(paths);
        }
    }

    record Attacks(Blocking blocking, List<String> ignore, List<Jail> jails) {
        Attacks {
            ignore = List.copyOf(ignore);
            jails = List.copyOf(jails);
        }
    }

    /** What happens to an address that attacks. */
    enum Blocking {
        OFF,
        /** Only to the ports of what it attacked. */
        SERVICE,
        ALL;

        String word() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }
    }

    record Jail(
            Service service, int maxFailures, int findMinutes, int banMinutes, List<String> ports, List<String> logs) {
        Jail {
            ports = List.copyOf(ports);
            logs = List.copyOf(logs);
        }
    }

    record Resources(int memoryMiB, int cpuPercent) {}

    static IntrusionSettings from(Settings settings) {
        Fields fields = settings.publicFields();
        IntrusionSettings read = new IntrusionSettings(
                integrity(part(fields, "integrity")),
                attacks(part(fields, "attacks")),
                resources(part(fields, "resources")));
        fields.refuseUnknown();
        settings.protectedFields().refuseUnknown();
        if (!read.integrity.enabled && read.attacks.jails.isEmpty()) {
            throw fields.problem("integrity.enabled", "it is false and there are no jails, so nothing would be done");
        }
        return read;
    }

    private static Integrity integrity(Fields fields) {
        Integrity integrity = new Integrity(
                fields.getBoolean("enabled", true),
                fields.has("paths") ? texts(fields, "paths", MOST_PATHS, PATH, PATH_WORDS) : PATHS,
                fields.has("exclude")
                        ? texts(fields, "exclude", 256, EXCLUSION, PATH_WORDS + ", with * for any part of a name")
                        : EXCLUDED,
                fields.getInt("lookSeconds", 30, 10, 3600),
                text(
                        fields,
                        "calendar",
                        "*-*-* 04:00:00",
                        CALENDAR,
                        "a calendar expression of systemd like *-*-* 04:00:00"),
                fields.getInt("jitterMinutes", 60, 0, 1440),
                fields.has("accept") ? Optional.of(accept(fields.getObject("accept"))) : Optional.empty());
        fields.refuseUnknown();
        if (integrity.paths.isEmpty()) {
            throw fields.problem("paths", "it is empty; to watch no files say enabled false");
        }
        for (String path : integrity.paths) {
            if (NO_FILES.stream().anyMatch(no -> path.equals(no) || path.startsWith(no + "/"))) {
                throw fields.problem("paths", path + " holds no files that stay as they are");
            }
        }
        return integrity;
    }

    private static final String PATH_WORDS =
            "an absolute path of ASCII letters, digits and . _ + - without / at its end";

    private static Accept accept(Fields fields) {
        if (!fields.has("id")) {
            throw fields.problem("id", "it is missing");
        }
        Accept accept = new Accept(
                text(fields, "id", "", ID, "an id of at most 64 letters, digits, dots, hyphens and underscores"),
                texts(fields, "paths", MOST_PATHS, Pattern.compile("/[^\\p{Cntrl}]*"), "an absolute path"));
        fields.refuseUnknown();
        return accept;
    }

    private static Attacks attacks(Fields fields) {
        boolean enabled = fields.getBoolean("enabled", true);
        Blocking blocking = Blocking.valueOf(fields.getWord("blocking", "off", List.of("off", "service", "all"))
                .toUpperCase(java.util.Locale.ROOT));
        int failures = fields.getInt("maxFailures", 5, 1, 1000);
        int find = fields.getInt("findMinutes", 10, 1, MOST_MINUTES);
        int ban = fields.getInt("banMinutes", 10, 1, MOST_MINUTES);
        List<String> ignore = new ArrayList<>();
        for (String address : fields.getStrings("ignore")) {
            if (!ControlPlane.isNetwork(address)) {
                throw fields.problem(
                        "ignore[" + ignore.size() + "]", "it is not an address or a network like 10.0.0.0/8");
            }
            ignore.add(address);
        }
        if (ignore.size() > 256) {
            throw fields.problem("ignore", "there are more than 256");
        }
        List<Jail> jails = new ArrayList<>();
        Set<Service> taken = EnumSet.noneOf(Service.class);
        List<Json> items = fields.has("jails") ? fields.getList("jails") : List.of(DEFAULT_JAIL);
        for (Json item : items) {
            Fields one = Fields.of(fields.path() + ".jails[" + jails.size() + "]", item);
            Jail jail = jail(one, failures, find, ban);
            if (!taken.add(jail.service)) {
                throw one.problem("service", jail.service.word() + " is there twice");
            }
            jails.add(jail);
        }
        fields.refuseUnknown();
        return new Attacks(blocking, ignore, enabled ? jails : List.of());
    }

    private static final Json DEFAULT_JAIL = Json.parse("{\"service\":\"sshd\"}");

    private static Jail jail(Fields fields, int failures, int find, int ban) {
        if (!fields.has("service")) {
            throw fields.problem("service", "it is missing");
        }
        Service service =
                Service.find(fields.getWord("service", "", Service.words())).orElseThrow();
        boolean repeated = service == Service.REPEATED;
        List<String> ports = new ArrayList<>();
        for (Json port : fields.getList("ports")) {
            String range = port instanceof Json.Num ? port.text() : port instanceof Json.Str(String text) ? text : "";
            if (!PORTS.matcher(range).matches() || !isRange(range)) {
                throw fields.problem(
                        "ports[" + ports.size() + "]",
                        "it is not a port from 1 to 65535 or a range like \"8000-8100\"");
            }
            ports.add(range.replace('-', ':'));
        }
        if (ports.size() > 16) {
            throw fields.problem("ports", "there are more than 16");
        }
        List<String> logs = texts(fields, "logs", 16, LOG, PATH_WORDS + ", with * for any part of the last name");
        if (!logs.isEmpty() && service.logs().isEmpty()) {
            throw fields.problem("logs", service.word() + " is watched in the journal, not in files");
        }
        Jail jail = new Jail(
                service,
                fields.getInt("maxFailures", repeated ? 3 : failures, 1, 1000),
                fields.getInt("findMinutes", repeated ? 1440 : find, 1, MOST_MINUTES),
                fields.getInt("banMinutes", repeated ? 10_080 : ban, 1, MOST_MINUTES),
                ports.isEmpty() ? List.of(service.ports()) : ports,
                logs.isEmpty() ? service.logs() : logs);
        fields.refuseUnknown();
        return jail;
    }

    private static boolean isRange(String text) {
        int dash = text.indexOf('-');
        int first = Integer.parseInt(dash < 0 ? text : text.substring(0, dash));
        int last = dash < 0 ? first : Integer.parseInt(text.substring(dash + 1));
        return first >= 1 && first <= last && last <= 65_535;
    }

    private static Resources resources(Fields fields) {
        Resources resources = new Resources(
                fields.getInt("memoryMiB", 256, 96, 1_048_576), fields.getInt("cpuPercent", 50, 1, 100_000));
        fields.refuseUnknown();
        return resources;
    }

    private static Fields part(Fields fields, String key) {
        return fields.has(key) ? fields.getObject(key) : Fields.of(fields.path() + "." + key, Json.object());
    }

    private static String text(Fields fields, String key, String otherwise, Pattern pattern, String what) {
        String text = fields.findString(key).orElse(otherwise);
        if (!pattern.matcher(text).matches()) {
            throw fields.problem(key, "it is not " + what);
        }
        return text;
    }

    private static List<String> texts(Fields fields, String key, int most, Pattern pattern, String what) {
        List<String> texts = fields.getStrings(key);
        if (texts.size() > most) {
            throw fields.problem(key, "there are more than " + most);
        }
        for (int i = 0; i < texts.size(); i++) {
            String text = texts.get(i);
            if (!pattern.matcher(text).matches()
                    || text.length() > 512
                    || text.contains("/../")
                    || text.endsWith("/..")) {
                throw HandlerException.badSettings(
                        "cannot use %s.%s[%d]: it is not %s".formatted(fields.path(), key, i, what), "");
            }
        }
        return texts;
    }
}
