package dev.vmext.antivirus;

import dev.vmext.extensionkit.Fields;
import dev.vmext.extensionkit.HandlerException;
import dev.vmext.extensionkit.Json;
import dev.vmext.extensionkit.Settings;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** What the antivirus should do, checked. */
record AntivirusSettings(
        SignatureSource signatures,
        List<ScheduledScan> scans,
        Optional<ScanNow> scanNow,
        Exclusions exclusions,
        Limits limits,
        boolean quarantines,
        Quarantine quarantine,
        boolean daemon,
        Optional<OnAccess> onAccess,
        Resources resources) {
    /** What clamd's configuration can name without quoting, which it does not have. */
    static final String PLAIN_PATH = "/[A-Za-z0-9/._+@:,=-]*";

    private static final int MOST_SCANS = 16;
    private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9-]{0,31}");
    private static final Pattern SCAN_ID = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}");
    private static final Pattern ITEM_ID = Pattern.compile("[0-9]{8}-[0-9]{6}-[0-9a-f]{8}");
    private static final Pattern GLOB = Pattern.compile("[^\\x00-\\x1f\\x7f]{1,1024}");
    private static final Pattern SIGNATURE = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,199}");

    AntivirusSettings {
        scans = List.copyOf(scans);
    }

    record ScheduledScan(String name, String calendar, int jitterMinutes, List<String> paths) {
        ScheduledScan {
            paths = List.copyOf(paths);
        }
    }

    /** A scan that is done once for each id. */
    record ScanNow(String id, List<String> paths) {
        ScanNow {
            paths = List.copyOf(paths);
        }
    }

    /** Paths exclude what is below them; patterns are those of {@code find -path}. */
    record Exclusions(List<String> paths, List<String> patterns, List<String> signatures) {
        Exclusions {
            paths = List.copyOf(paths);
            patterns = List.copyOf(patterns);
            signatures = List.copyOf(signatures);
        }
    }

    record Limits(
            int maxFileMiB,
            int maxScanMiB,
            int maxFiles,
            int maxRecursion,
            int maxSecondsPerFile,
            boolean archives,
            boolean unwanted,
            boolean networkFileSystems) {}

    /** Zero days keep for ever. */
    record Quarantine(int keepDays, int maxMiB, List<String> restore, List<String> delete) {
        Quarantine {
            restore = List.copyOf(restore);
            delete = List.copyOf(delete);
        }
    }

    record OnAccess(List<String> paths, boolean prevention) {
        OnAccess {
            paths = List.copyOf(paths);
        }
    }

    /** Zero memory leaves the choice to {@link MemoryBudget}. */
    record Resources(int memoryMiB, int cpuPercent) {}

    static AntivirusSettings from(Settings settings) {
        Fields fields = settings.publicFields();
        Fields secrets = settings.protectedFields();
        AntivirusSettings read = new AntivirusSettings(
                SignatureSource.from(part(fields, "signatures"), secrets),
                scans(fields),
                fields.has("scanNow") ? Optional.of(scanNow(fields.getObject("scanNow"))) : Optional.empty(),
                exclusions(part(fields, "exclusions")),
                limits(part(fields, "limits")),
                fields.getWord("action", "quarantine", List.of("quarantine", "report"))
                        .equals("quarantine"),
                quarantine(part(fields, "quarantine")),
                fields.getWord("mode", "on-demand", List.of("on-demand", "daemon"))
                        .equals("daemon"),
                fields.has("onAccess") ? Optional.of(onAccess(fields.getObject("onAccess"))) : Optional.empty(),
                resources(part(fields, "resources")));
        fields.refuseUnknown();
        secrets.refuseUnknown();
        if (read.onAccess.isPresent() && !read.daemon) {
            throw fields.problem("onAccess", "it needs mode daemon, because every opened file is scanned at once");
        }
        return read;
    }

    private static Fields part(Fields fields, String key) {
        return fields.has(key) ? fields.getObject(key) : Fields.of(fields.path() + "." + key, Json.object());
    }

    private static List<ScheduledScan> scans(Fields fields) {
        if (!fields.has("scans")) {
            return List.of(new ScheduledScan("daily", "*-*-* 03:00:00", 60, List.of("/")));
        }
        List<Json> items = fields.getList("scans");
        if (items.size() > MOST_SCANS) {
            throw fields.problem("scans", "there are more than " + MOST_SCANS);
        }
        List<ScheduledScan> scans = new ArrayList<>();
        Set<String> names = new HashSet<>(Set.of("on-demand", "on-access"));
        for (Json item : items) {
            Fields one = Fields.of("settings.scans[" + scans.size() + "]", item);
            String name = Checks.matching(one, "name", NAME, "a name of at most 32 small letters, digits and hyphens");
            if (!names.add(name)) {
                throw HandlerException.badSettings(
                        "cannot use settings.scans[%d].name: %s is taken".formatted(scans.size(), name),
                        "Give each scan a name of its own; on-demand and on-access are names of the extension.");
            }
            if (!one.has("calendar")) {
                throw one.problem("calendar", "it is missing");
            }
            String calendar = Checks.calendar(one, "calendar", "");
            int jitter = one.getInt("jitterMinutes", 60, 0, 1440);
            scans.add(new ScheduledScan(name, calendar, jitter, Checks.scanned(one, "paths")));
            one.refuseUnknown();
        }
        return scans;
    }

    private static ScanNow scanNow(Fields fields) {
        ScanNow scan = new ScanNow(
                Checks.matching(
                        fields, "id", SCAN_ID, "an id of at most 64 letters, digits, dots, hyphens and underscores"),
                Checks.scanned(fields, "paths"));
        fields.refuseUnknown();
        return scan;
    }

    private static Exclusions exclusions(Fields fields) {
        Exclusions exclusions = new Exclusions(
                Checks.paths(fields, "paths", 256),
                Checks.matchingAll(
                        fields,
                        "patterns",
                        256,
                        GLOB,
                        "a pattern of at most 1024 characters without control characters"),
                Checks.matchingAll(fields, "signatures", 256, SIGNATURE, "the name of a signature"));
        fields.refuseUnknown();
        if (exclusions.paths().contains("/")) {
            throw fields.problem("paths", "it names /, so nothing would be scanned");
        }
        return exclusions;
    }

    private static Limits limits(Fields fields) {
        Limits limits = new Limits(
                fields.getInt("maxFileMiB", 100, 1, 2047),
                fields.getInt("maxScanMiB", 400, 1, 4095),
                fields.getInt("maxFiles", 10_000, 1, 1_000_000),
                fields.getInt("maxRecursion", 17, 1, 100),
                fields.getInt("maxSecondsPerFile", 120, 1, 3600),
                fields.getBoolean("archives", true),
                fields.getBoolean("unwanted", false),
                fields.getBoolean("networkFileSystems", false));
        fields.refuseUnknown();
        return limits;
    }

    private static Quarantine quarantine(Fields fields) {
        String what = "an id as the substatus quarantine shows it";
        Quarantine quarantine = new Quarantine(
                fields.getInt("keepDays", 90, 0, 3650),
                fields.getInt("maxMiB", 1024, 1, 1_048_576),
                Checks.matchingAll(fields, "restore", 256, ITEM_ID, what),
                Checks.matchingAll(fields, "delete", 256, ITEM_ID, what));
        fields.refuseUnknown();
        for (String id : quarantine.restore()) {
            if (quarantine.delete().contains(id)) {
                throw fields.problem("delete", id + " is to be restored too; choose one");
            }
        }
        return quarantine;
    }

    private static OnAccess onAccess(Fields fields) {
        if (!fields.has("paths")) {
            throw fields.problem("paths", "it is missing");
        }
        OnAccess onAccess = new OnAccess(Checks.scanned(fields, "paths"), fields.getBoolean("prevention", false));
        fields.refuseUnknown();
        for (String path : onAccess.paths()) {
            if (!path.matches(PLAIN_PATH)) {
                throw fields.problem(
                        "paths[" + onAccess.paths().indexOf(path) + "]",
                        "clamd can watch only paths of ASCII letters, digits and / . _ + @ : , = -");
            }
        }
        if (onAccess.prevention() && onAccess.paths().contains("/")) {
            throw fields.problem("paths", "prevention for / can stop the whole machine; name folders");
        }
        return onAccess;
    }

    private static Resources resources(Fields fields) {
        Resources resources = new Resources(
                fields.getInt("memoryMiB", 0, 0, 1_048_576), fields.getInt("cpuPercent", 100, 1, 100_000));
        fields.refuseUnknown();
        return resources;
    }
}
