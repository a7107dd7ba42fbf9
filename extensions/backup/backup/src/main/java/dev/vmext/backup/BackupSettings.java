package dev.vmext.backup;

import dev.vmext.extensionkit.Fields;
import dev.vmext.extensionkit.Json;
import dev.vmext.extensionkit.Settings;
import dev.vmext.extensionkit.repository.Repository;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * What is backed up, when, where to and how, checked.
 *
 * @param largestMiB files above this are left out; 0 for none
 * @param maxAgeHours after which the newest backup is too old; 0 for never
 * @param now any word: another one is another run at once
 */
record BackupSettings(
        Repository repository,
        List<String> sources,
        List<String> exclude,
        boolean oneFileSystem,
        int largestMiB,
        Schedule schedule,
        Limits limits,
        Optional<Hooks> hooks,
        List<Dump> dumps,
        Snapshot snapshot,
        int maxAgeHours,
        int lockWaitMinutes,
        String compression,
        Optional<String> now) {
    private static final Pattern EXCLUDE = Pattern.compile("[^\\x00-\\x1f\\x7f]{1,1024}");
    private static final Pattern WORD = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._:-]{0,63}");
    /** What is no data of a machine, when all of it is backed up. */
    private static final List<String> NEVER = List.of("/proc", "/sys", "/dev", "/run", "/tmp", "/var/tmp");

    private static final int LONGEST_HOOK = 64 * 1024;

    BackupSettings {
        sources = List.copyOf(sources);
        exclude = List.copyOf(exclude);
        dumps = List.copyOf(dumps);
    }

    /** Zero means no limit. */
    record Limits(int uploadKiBps, int downloadKiBps, int memoryMiB, int cpuPercent, int nice, String io) {}

    /** Shell scripts of whoever writes the settings. */
    record Hooks(Optional<String> pre, Optional<String> post, int timeoutSec) {}

    /** Snapshots of the file systems below. */
    record Snapshot(String mode, int sizePercent) {}

    static BackupSettings from(Settings settings) {
        Fields fields = settings.publicFields();
        Repository repository = Repository.from(
                settings, fields, new Repository.Place.ControlPlane(Optional.empty(), Optional.empty()));
        List<Dump> dumps = dumps(fields);
        List<String> sources = Checks.paths(fields, "sources", 128);
        if (sources.isEmpty() && dumps.isEmpty()) {
            throw fields.problem("sources", "it is missing, and there are no dumps: nothing would be backed up");
        }
        BackupSettings read = new BackupSettings(
                repository,
                sources,
                Checks.matchingAll(fields, "exclude", 256, EXCLUDE, "a pattern of at most 1024 visible characters"),
                fields.getBoolean("oneFileSystem", false),
                fields.getInt("largestMiB", 0, 0, 1_048_576),
                Schedule.from(part(fields, "schedule")),
                limits(part(fields, "limits")),
                fields.has("hooks") ? Optional.of(hooks(fields.getObject("hooks"))) : Optional.empty(),
                dumps,
                snapshot(part(fields, "snapshot")),
                fields.getInt("maxAgeHours", 26, 0, 87_600),
                fields.getInt("lockWaitMinutes", 30, 0, 1440),
                fields.getWord("compression", "auto", List.of("auto", "off", "max")),
                fields.has("now")
                        ? Optional.of(Checks.matching(
                                fields, "now", "", WORD, "a word of letters, digits, dots, colons and hyphens"))
                        : Optional.empty());
        fields.refuseUnknown();
        settings.protectedFields();
        return read;
    }

    private static Fields part(Fields fields, String key) {
        return fields.has(key) ? fields.getObject(key) : Fields.of(fields.path() + "." + key, Json.object());
    }

    private static Limits limits(Fields fields) {
        Limits limits = new Limits(
                fields.getInt("uploadKiBps", 0, 0, 10_485_760),
                fields.getInt("downloadKiBps", 0, 0, 10_485_760),
                fields.getInt("memoryMiB", 0, 0, 1_048_576),
                fields.getInt("cpuPercent", 0, 0, 100_000),
                fields.getInt("nice", 10, 0, 19),
                fields.getWord("io", "best-effort", List.of("best-effort", "idle")));
        fields.refuseUnknown();
        if (limits.memoryMiB() > 0 && limits.memoryMiB() < 128) {
            throw fields.problem("memoryMiB", "restic needs at least 128; 0 means no limit");
        }
        return limits;
    }

    private static Hooks hooks(Fields fields) {
        Hooks hooks = new Hooks(
                fields.findString("pre"), fields.findString("post"), fields.getInt("timeoutSec", 600, 1, 86_400));
        fields.refuseUnknown();
        for (String key : List.of("pre", "post")) {
            Optional<String> text = key.equals("pre") ? hooks.pre() : hooks.post();
            if (text.isPresent()
                    && (text.get().isBlank()
                            || text.get().length() > LONGEST_HOOK
                            || text.get().indexOf('\0') >= 0)) {
                throw fields.problem(key, "it is empty, or longer than " + LONGEST_HOOK + " characters");
            }
        }
        return hooks;
    }

    private static Snapshot snapshot(Fields fields) {
        Snapshot snapshot = new Snapshot(
                fields.getWord("mode", "none", List.of("none", "auto", "required")),
                fields.getInt("sizePercent", 10, 1, 100));
        fields.refuseUnknown();
        return snapshot;
    }

    private static List<Dump> dumps(Fields fields) {
        List<Dump> dumps = new ArrayList<>();
        for (Json item : fields.getList("dumps")) {
            Dump dump = Dump.from(Fields.of(fields.path() + ".dumps[" + dumps.size() + "]", item));
            if (dumps.stream().anyMatch(d -> d.name().equals(dump.name()))) {
                throw fields.problem("dumps[" + dumps.size() + "].name", dump.name() + " is taken");
            }
            dumps.add(dump);
        }
        if (dumps.size() > 16) {
            throw fields.problem("dumps", "there are more than 16");
        }
        return dumps;
    }

    /** Every file that the programs read, by name below the folder of the configuration. */
    Map<String, String> files(String folder, Map<String, String> repositoryFiles, String installation, long enabledAt) {
        Map<String, String> files = new TreeMap<>(repositoryFiles);
        StringBuilder values = new StringBuilder();
        line(values, "extension", "vmext.Backup");
        line(values, "installation", installation);
        line(values, "enabledAt", enabledAt);
        line(values, "repository.shown", repository.shown());
        line(values, "schedule.shown", schedule.shown());
        schedule.window().ifPresent(w -> {
            line(values, "window.from", w.from());
            line(values, "window.to", w.to());
        });
        line(values, "limits.uploadKiBps", limits.uploadKiBps());
        line(values, "limits.downloadKiBps", limits.downloadKiBps());
        line(values, "snapshot.mode", snapshot.mode());
        line(values, "snapshot.sizePercent", snapshot.sizePercent());
        line(values, "oneFileSystem", oneFileSystem);
        line(values, "largestMiB", largestMiB);
        line(values, "compression", compression);
        line(values, "maxAgeHours", maxAgeHours);
        line(values, "lockWaitSec", lockWaitMinutes * 60);
        now.ifPresent(word -> line(values, "now", word));
        hooks.ifPresent(h -> {
            line(values, "hooks.timeoutSec", h.timeoutSec());
            h.pre().ifPresent(text -> files.put("hooks/pre", text));
            h.post().ifPresent(text -> files.put("hooks/post", text));
        });
        dumps.forEach(dump -> files.put("dumps/" + dump.name(), dump.plan()));
        List<String> left = new ArrayList<>(exclude);
        if (sources.contains("/")) {
            left.addAll(NEVER);
        }
        files.put("values", values.toString());
        files.put("sources", lines(sources));
        files.put("exclude", lines(left));
        files.put("units", lines(UnitFiles.expected(installation, this)));
        return files;
    }

    private static void line(StringBuilder lines, String key, Object value) {
        lines.append(key).append(' ').append(value).append('\n');
    }

    private static String lines(List<String> texts) {
        return texts.isEmpty() ? "" : String.join("\n", texts) + "\n";
    }
}
