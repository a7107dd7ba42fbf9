package dev.vmext.restore;

import dev.vmext.extensionkit.Fields;
import dev.vmext.extensionkit.Settings;
import dev.vmext.extensionkit.repository.Repository;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * What is restored, checked.
 *
 * @param host only snapshots of this host; empty for all
 * @param snapshot {@code latest}, an id or a time
 * @param include patterns of restic; empty for everything
 * @param target {@code /}, or the folder that paths are below
 */
record RestoreSettings(
        Repository repository,
        Optional<String> host,
        String snapshot,
        List<String> include,
        List<String> exclude,
        String target,
        boolean dryRun,
        String overwrite,
        boolean verify,
        boolean sparse,
        int lockWaitMinutes,
        int downloadKiBps) {
    private static final Pattern MACHINE = Pattern.compile("[0-9A-Za-z-]{1,64}");
    private static final Pattern INSTALLATION = Pattern.compile("[A-Za-z0-9_-]{1,64}");
    private static final Pattern HOST = Pattern.compile("[A-Za-z0-9][A-Za-z0-9.-]{0,252}");
    private static final Pattern SNAPSHOT = Pattern.compile("latest|[0-9a-f]{8,64}"
            + "|[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2})?(Z|[+-][0-9]{2}:[0-9]{2})");
    /** Control characters would be lines of their own in files that the programs read. */
    private static final Pattern PATTERN = Pattern.compile("[^\\x00-\\x1f\\x7f]{1,1024}");

    private static final Pattern PATH = Pattern.compile("/[^\\x00-\\x1f\\x7f]{0,1023}");

    RestoreSettings {
        include = List.copyOf(include);
        exclude = List.copyOf(exclude);
    }

    static RestoreSettings from(Settings settings) {
        Fields fields = settings.publicFields();
        Optional<String> machine = Optional.empty();
        Optional<String> installation = Optional.empty();
        if (fields.has("from")) {
            Fields from = fields.getObject("from");
            machine = Optional.of(matching(from, "machine", MACHINE, "the id of a machine"));
            installation = Optional.of(matching(from, "installation", INSTALLATION, "the name of an installation"));
            from.refuseUnknown();
        }
        Repository repository =
                Repository.from(settings, fields, new Repository.Place.ControlPlane(machine, installation));
        boolean own = repository.place() instanceof Repository.Place.Own;
        if (own && installation.isPresent()) {
            throw fields.problem("from", "there is a repository of your own too; keep one of the two");
        }
        if (!own && installation.isEmpty()) {
            throw fields.problem(
                    "from", "it is missing, and there is no repository of your own: say whose backup it is");
        }
        RestoreSettings read = new RestoreSettings(
                repository,
                fields.has("host")
                        ? Optional.of(matching(fields, "host", HOST, "the name of a host"))
                        : Optional.empty(),
                fields.has("snapshot")
                        ? matching(
                                fields,
                                "snapshot",
                                SNAPSHOT,
                                "latest, at least 8 digits of an id, or a time like 2026-11-30T12:00:00Z")
                        : "latest",
                patterns(fields, "include"),
                patterns(fields, "exclude"),
                target(fields),
                fields.getBoolean("dryRun", false),
                fields.getWord("overwrite", "always", List.of("always", "if-newer", "never")),
                fields.getBoolean("verify", true),
                fields.getBoolean("sparse", true),
                fields.getInt("lockWaitMinutes", 30, 0, 1440),
                fields.getInt("downloadKiBps", 0, 0, 10_485_760));
        fields.refuseUnknown();
        return read;
    }

    private static String matching(Fields fields, String key, Pattern pattern, String what) {
        String text = fields.getString(key);
        if (!pattern.matcher(text).matches()) {
            throw fields.problem(key, "it is not " + what);
        }
        return text;
    }

    private static List<String> patterns(Fields fields, String key) {
        List<String> texts = fields.getStrings(key);
        if (texts.size() > 256) {
            throw fields.problem(key, "there are more than 256");
        }
        for (int i = 0; i < texts.size(); i++) {
            if (!PATTERN.matcher(texts.get(i)).matches()) {
                throw fields.problem(key + "[" + i + "]", "it is not a path or pattern of at most 1024 characters");
            }
        }
        return texts;
    }

    private static String target(Fields fields) {
        if (!fields.has("target")) {
            return "/";
        }
        String tidy = matching(fields, "target", PATH, "an absolute path").replaceAll("/+", "/");
        if (List.of(tidy.split("/", -1)).contains("..")) {
            throw fields.problem("target", "it has .. in it; write the path that is meant");
        }
        return tidy.length() > 1 && tidy.endsWith("/") ? tidy.substring(0, tidy.length() - 1) : tidy;
    }

    /** Every file that the programs read, by name below the folder of the configuration. */
    Map<String, String> files(Map<String, String> repositoryFiles, String installation) {
        Map<String, String> files = new TreeMap<>(repositoryFiles);
        StringBuilder values = new StringBuilder();
        line(values, "extension", "vmext.Restore");
        line(values, "installation", installation);
        host.ifPresent(name -> line(values, "host", name));
        line(values, "snapshot", snapshot);
        line(values, "target", target);
        line(values, "dryRun", dryRun);
        line(values, "overwrite", overwrite);
        line(values, "verify", verify);
        line(values, "sparse", sparse);
        line(values, "lockWaitSec", lockWaitMinutes * 60);
        line(values, "limits.downloadKiBps", downloadKiBps);
        files.put("values", values.toString());
        files.put("include", lines(include));
        files.put("exclude", lines(exclude));
        return files;
    }

    private static void line(StringBuilder lines, String key, Object value) {
        lines.append(key).append(' ').append(value).append('\n');
    }

    private static String lines(List<String> texts) {
        return texts.isEmpty() ? "" : String.join("\n", texts) + "\n";
    }
}
